//! The disk refuses: whatever is refused, whenever, nothing is lost and nothing counts twice.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

#[path = "../common/mod.rs"]
mod common;
mod story;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use tidemark_store::Store;

use common::store;
use story::{Refused, Run, Step, TABLES, compare, step};

/// How a disk refuses everything.
const WAYS: [Refused; 3] = [Refused::Full, Refused::ReadOnly, Refused::Busy];

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_disk_refuses_nothing_is_lost_and_nothing_counts_twice(
        story in prop::collection::vec(step(&WAYS), 1..28),
    ) {
        compare(&story);
    }
}

/// Each table in turn refuses while the quota rises and is emptied, a poll fails and the process dies.
#[test]
fn a_conclusion_that_breaks_off_in_any_table_is_drawn_later() {
    for table in 0..TABLES.len() {
        compare(&[
            Step::Used(3),
            Step::Refuse(Refused::Table(table)),
            Step::Used(4),
            Step::Emptied,
            Step::Used(0),
            Step::Fails(true),
            Step::Fails(true),
            Step::Restart,
            Step::Used(2),
            Step::Allow,
            Step::Used(1),
        ]);
    }
}

#[test]
fn readings_on_a_full_disk_are_all_spent_once_there_is_room() {
    let mut story = vec![Step::Used(1), Step::Refuse(Refused::Full)];
    story.extend(std::iter::repeat_n(Step::Used(1), 13));
    story.extend([Step::Allow, Step::Used(1), Step::Restart, Step::Used(1)]);
    compare(&story);
}

#[tokio::test]
async fn the_cause_that_is_shown_is_the_disk_s_own() {
    let mut run = Run::begin(true).await;
    for (refused, code) in [
        (Refused::ReadOnly, "database-read-only"),
        (Refused::ReadOnly, "database-read-only"),
        (Refused::Busy, "database"),
        (Refused::Table(0), "database"),
    ] {
        run.allow().await;
        run.refuse(refused).await;
        for _ in 0..3 {
            let problem = run.poll().await.stored.unwrap_err();
            assert_eq!(problem.code, code);
            assert_eq!(run.engine().snapshot().trouble.unwrap().code, code);
        }
    }
    // A reading that waits is shown anyway.
    let at: DateTime<Utc> = run.engine().snapshot().accounts[0].reading.as_ref().unwrap().at;
    assert_eq!(at, run.house.clock.now());
    run.allow().await;
    assert_eq!(run.engine().snapshot().trouble, None);
    let _: Store = store(&run.house.data());
}
