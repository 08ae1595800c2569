//! Lines that one machine writes and another takes in.

use tidemark_core::project_filter::HiddenProjects;
use tidemark_machines::record::Record;
use tidemark_machines::{Cursor, Export, Intake, ProblemKind, ShareProjects, Taken};

use crate::given::*;

fn lines(of: &Machine, since: Option<&Cursor>) -> Vec<String> {
    let mut out = Vec::new();
    of.export().write(&of.store, since, &mut out).unwrap();
    String::from_utf8(out).unwrap().lines().map(ToOwned::to_owned).collect()
}

fn take<S: AsRef<str>>(into: &Machine, lines: &[S]) -> Taken {
    let settings = into.settings();
    let mut intake = Intake::new(&into.store, &settings);
    for line in lines {
        intake.line(line.as_ref().as_bytes()).unwrap();
    }
    intake.finish(None).unwrap()
}

fn cursor(into: &Machine) -> Option<Cursor> {
    into.store
        .machines()
        .unwrap()
        .first()
        .and_then(|machine| machine.cursor.clone())
        .map(|c| c.parse().unwrap())
}

#[test]
fn what_is_new_comes_and_nothing_twice() {
    let (mut far, near) = (Machine::new("far"), Machine::new("near"));
    far.uses(1..=20);
    let taken = take(&near, &lines(&far, None));
    assert_eq!((taken.requests, taken.skipped, near.sums()["far"].0), (20, 0, 20));
    far.uses(15..=30);
    let new = lines(&far, cursor(&near).as_ref());
    assert_eq!(new.iter().filter(|line| line.contains(r#""request""#)).count(), 10);
    take(&near, &new);
    take(&near, &new);
    take(&near, &lines(&far, None));
    assert_eq!(near.sums()["far"], far.sums()[""]);
}

#[test]
fn an_exchange_that_is_cut_off_anywhere_goes_on_where_it_was() {
    let mut far = Machine::new("far");
    far.uses(1..=3500);
    let all = lines(&far, None);
    assert!(all.iter().filter(|line| line.contains(r#""cursor""#)).count() > 3, "one now and then");
    for cut in [0, 1, 2, 500, 1003, 2200, all.len() - 1] {
        let near = Machine::new("near");
        take(&near, &all[..cut]);
        let rest = lines(&far, cursor(&near).as_ref());
        assert!(
            rest.len() <= all.len() && (cut < 1100 || rest.len() < all.len() - 900),
            "{cut}: {}",
            rest.len()
        );
        take(&near, &rest);
        assert_eq!(near.requests(), 3500, "{cut}");
    }
}

#[test]
fn nothing_but_records_is_given_away() {
    let mut far = Machine::new("far");
    far.uses(1..=3);
    let all = lines(&far, None).join("\n");
    for secret in ["secret boat", "/home/lin", "/work"] {
        assert!(!all.contains(secret), "{secret}");
    }
    let shared = |projects| {
        let mut out = Vec::new();
        Export { projects, ..far.export() }.write(&far.store, None, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert!(shared(ShareProjects::But(HiddenProjects::default())).contains("secret boat"));
}

#[test]
fn lines_of_a_later_version_are_passed_over_and_counted() {
    let (mut far, near) = (Machine::new("far"), Machine::new("near"));
    far.uses(1..=2);
    let mut all = lines(&far, None);
    all.insert(1, r#"{"kind":"weather","sky":"grey"}"#.to_owned());
    all.insert(2, r#"{"kind":"request","id":"what"}"#.to_owned());
    assert_eq!((take(&near, &all).skipped, near.requests()), (2, 2));
    assert_eq!(near.store.machines().unwrap()[0].skipped, 2);
}

#[test]
fn what_begins_with_no_machine_is_no_answer() {
    let near = Machine::new("near");
    let settings = near.settings();
    for line in ["Welcome to Debian!", r#"{"kind":"end","cursor":"1.ab.1"}"#] {
        let mut intake = Intake::new(&near.store, &settings);
        assert_eq!(intake.line(line.as_bytes()).unwrap_err().kind, ProblemKind::NotRecords, "{line}");
    }
}

#[test]
fn this_machine_itself_is_known_and_a_clone_of_it_too() {
    let mut far = Machine::new("far");
    far.uses(1..=2);
    let own = take(&far, &lines(&far, None));
    assert!(own.own && !own.cloned);
    let clone = far.cloned();
    assert_eq!(clone.own.id, far.own.id, "nothing shows it yet");
    let other = take(&far, &lines(&clone, None));
    assert!(other.cloned && !other.own);
    assert_eq!((far.requests(), far.store.machines().unwrap().len()), (2, 0));
}

#[test]
fn a_cursor_of_another_history_begins_from_the_beginning() {
    let mut far = Machine::new("far");
    far.uses(1..=2);
    let other = Cursor { epoch: "0123".to_owned(), place: 1 };
    let requests = |lines: Vec<String>| {
        lines.iter().filter(|line| matches!(Record::read(line.as_bytes()), Ok(Record::Request(_)))).count()
    };
    assert_eq!(requests(lines(&far, Some(&other))), 2);
    let beyond = Cursor { epoch: far.own.epoch.clone(), place: 1000 };
    assert_eq!(requests(lines(&far, Some(&beyond))), 2, "a history that was set back");
}
