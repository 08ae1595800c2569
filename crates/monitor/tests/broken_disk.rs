//! The disk is broken: no file can be written for a while. Nothing is lost and nothing counts twice. What limits files
//! limits the whole process, so that this test has a program of its own.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

mod common;
#[path = "refused_writes/story.rs"]
mod story;

use std::sync::{Mutex, MutexGuard, PoisonError};

use proptest::prelude::*;
use tokio::signal::unix::{SignalKind, signal};

use story::{Refused, Run, compare, step};

/// The signal that a process gets for a write beyond its limit, and that would end it.
const SIGXFSZ: i32 = 25;

/// One test at a time, in a process that the signal does not end. The handler stays for the life of the process, whatever
/// becomes of the runtime that set it.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    let guard = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { signal(SignalKind::from_raw(SIGXFSZ)).map(drop).unwrap() });
    guard
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_broken_disk_does_not_take_is_stored_later(
        story in prop::collection::vec(step(&[Refused::Broken]), 1..28),
    ) {
        let _alone = alone();
        compare(&story);
    }
}

#[test]
fn the_cause_is_the_disk_s_own() {
    let _alone = alone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut run = Run::begin(true).await;
        run.refuse(Refused::Broken).await;
        let problem = run.poll().await.stored.unwrap_err();
        assert_eq!(
            (problem.code, problem.detail.contains("disk I/O error")),
            ("database", true),
            "{problem:?}"
        );
        run.allow().await;
        assert_eq!(run.engine().snapshot().trouble, None);
        assert_eq!(run.poll().await.stored, Ok(()));
    });
}
