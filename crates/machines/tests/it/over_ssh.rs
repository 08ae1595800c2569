//! Pulling from another machine: what `ssh` brings is what a script prints. A real server is in the journeys.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use tidemark_machines::ssh::{Limits, Target};
use tidemark_machines::{ProblemKind, Taken, pull};

use crate::given::*;

/// A program that stands for `ssh`, prints what a machine gives away and does something then.
fn program(of: &Machine, then: &str) -> PathBuf {
    let mut out = Vec::new();
    of.export().write(&of.store, None, &mut out).unwrap();
    let answer = of.folder.path().join("answer");
    std::fs::write(&answer, out).unwrap();
    let program = of.folder.path().join("ssh");
    std::fs::write(&program, format!("#!/bin/sh\ncat '{}'\n{then}\n", answer.display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    program
}

fn pulled(near: &Machine, far: &Machine, then: &str) -> Result<Taken, ProblemKind> {
    let target = Target::new("far", None).unwrap().with_program(program(far, then));
    let limits = Limits { idle: Duration::from_mins(1), whole: Duration::from_mins(2) };
    pull(&near.store, &target, &near.settings(), limits, &|| false).map_err(|problem| problem.kind)
}

#[test]
fn a_machine_is_asked_and_what_it_says_is_known() {
    let (mut far, near) = (Machine::new("far"), Machine::new("near"));
    far.uses(0..50);
    assert_eq!(pulled(&near, &far, "").unwrap().requests, 50);
    assert_eq!(near.sums()["far"], far.sums()[""]);
}

#[test]
fn what_came_before_it_failed_stays() {
    let (mut far, near) = (Machine::new("far"), Machine::new("near"));
    far.uses(0..50);
    assert_eq!(pulled(&near, &far, "echo 'Connection closed' >&2; exit 255"), Err(ProblemKind::Unreachable));
    assert_eq!(near.requests(), 50);
}

#[test]
fn an_answer_without_an_end_is_none() {
    let (mut far, near) = (Machine::new("far"), Machine::new("near"));
    far.uses(0..5);
    let program = program(&far, "");
    let answer = far.folder.path().join("answer");
    let text = std::fs::read_to_string(&answer).unwrap();
    let cut: Vec<&str> = text.lines().take(3).collect();
    std::fs::write(&answer, cut.join("\n")).unwrap();
    let target = Target::new("far", None).unwrap().with_program(program);
    let done = pull(&near.store, &target, &near.settings(), Limits::default(), &|| false);
    assert_eq!(done.unwrap_err().kind, ProblemKind::NotRecords);
}

#[test]
fn this_machine_is_not_another() {
    let mut far = Machine::new("far");
    far.uses(0..5);
    assert_eq!(pulled(&far, &far, ""), Err(ProblemKind::ThisMachine));
    assert!(far.store.machines().unwrap().is_empty());
}

#[test]
fn a_machine_that_is_ignored_says_so_and_comes_back() {
    let (near, mut far) = (Machine::new("near"), Machine::new("far"));
    far.uses(0..10);
    assert_eq!(pulled(&near, &far, "").unwrap().requests, 10);
    let id = near.store.machines().unwrap()[0].id;
    near.store.mute_machine(id).unwrap();
    assert_eq!(pulled(&near, &far, ""), Err(ProblemKind::Ignored));
    near.store.restore_machine(id).unwrap();
    assert_eq!(pulled(&near, &far, "").unwrap().requests, 0, "all were known");
    assert_eq!(near.requests(), 10);
}

#[test]
fn a_machine_that_was_asked_was_seen_and_what_it_says_again_is_not_new() {
    let (mut far, near) = (Machine::new("far"), Machine::new("near"));
    far.uses(0..50);
    far.now += chrono::TimeDelta::minutes(90);
    assert_eq!(pulled(&near, &far, "").unwrap().requests, 50);
    let seen = |near: &Machine| near.store.machines().unwrap()[0].seen_at;
    assert_eq!(seen(&near), Some(far.now));
    far.uses(50..53);
    assert_eq!(pulled(&near, &far, "").unwrap().requests, 3, "the answer has all of them");
    // A clock that was set back does not undo it.
    let before = far.now;
    far.now -= chrono::TimeDelta::minutes(60);
    assert_eq!(pulled(&near, &far, "").unwrap().requests, 0);
    assert_eq!(seen(&near), Some(before));
}
