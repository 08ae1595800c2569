//! What is kept of the logs beside the index, against a scan of them: the same, whatever was asked for and whatever was
//! written, moved or removed since.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_core::project_filter::HiddenProjects;
use tidemark_logs::{
    By, Log, Options, Recorded, RecordedLog, Report, Roots, UsageDeduper, report, scan, scan_with,
};
use tidemark_monitor::local_use::RecordedLogs;
use tidemark_store::Store;

use super::log_home::{LogHome, Op, Tail};

/// What `tidemark logs` says of a scan.
type Said = (Vec<Report>, [u64; 4]);

fn said(found: &UsageDeduper, cuts: &[DateTime<Utc>]) -> Said {
    let now = super::now();
    let zone = chrono_tz::Asia::Kathmandu;
    let by = |by| report(found, by, zone, cuts, &HiddenProjects::default(), now);
    let counts = [found.files(), found.lines_skipped(), found.files_unreadable(), found.links_not_followed()];
    (By::ALL.map(by).into(), counts)
}

/// Everything that can be asked for of the logs below a home, with what is kept of them and without.
pub(crate) fn scans_agree(store: &Store, home: &Path) {
    let roots = Roots::in_home(home, &[]);
    let first = super::log_home::first();
    let some_day = first + TimeDelta::milliseconds(93_700_123);
    for (from, to) in [(None, None), (Some(some_day), None), (None, Some(some_day))] {
        let options = Options { from, to, cuts: vec![some_day], ..Options::default() };
        let mut recorded = RecordedLogs::of(store);
        let found = said(&scan_with(&roots, &options, &mut recorded), &options.cuts);
        assert_eq!(found, said(&scan(&roots, &options), &options.cuts));
    }
}

/// What is kept of the logs, with how many it was asked for.
struct Counting<'s> {
    kept: RecordedLogs<'s>,
    logs: usize,
}

impl Recorded for Counting<'_> {
    fn cursor(&mut self, log: &Log, context: u64) -> Option<RecordedLog> {
        self.kept.cursor(log, context)
    }
    fn found(&mut self, log: i64) -> Option<Vec<u8>> {
        self.logs += 1;
        self.kept.found(log)
    }
    fn sums(&mut self) -> Option<Vec<u8>> {
        self.kept.sums()
    }
    fn prints(&mut self) -> Option<Vec<u8>> {
        self.kept.prints()
    }
}

/// Of how many logs a scan reads single requests, where the index is as it is.
fn read_singly(store: &Store, home: &Path) -> usize {
    scans_agree(store, home);
    let mut recorded = Counting { kept: RecordedLogs::of(store), logs: 0 };
    let _ = scan_with(&Roots::in_home(home, &[]), &Options::default(), &mut recorded);
    recorded.logs
}

#[test]
fn requests_of_logs_that_stay_as_they_are_are_not_read_one_by_one() {
    let (mut home, store) = super::begun();
    let append = |home: &mut LogHome, log| home.apply(&Op::Append { log, lines: 5, tail: Tail::Ended });
    for _ in 0..6 {
        append(&mut home, 255);
    }
    super::look(&mut &store, &home).unwrap();
    assert_eq!(read_singly(&store, &home.path()), 0);
    // One that was read on since is read for itself, and once more by itself after a while.
    append(&mut home, 0);
    assert_eq!(read_singly(&store, &home.path()), 1);
    super::look(&mut &store, &home).unwrap();
    super::look(&mut &store, &home).unwrap();
    assert_eq!(read_singly(&store, &home.path()), 0);
    // A copy has the requests of a log that was summed up without it.
    home.apply(&Op::Copy { from: 1 });
    super::look(&mut &store, &home).unwrap();
    assert_eq!(read_singly(&store, &home.path()), 8, "the copy, then all, since it is of no other requests");
    super::look(&mut &store, &home).unwrap();
    super::look(&mut &store, &home).unwrap();
    assert_eq!(read_singly(&store, &home.path()), 0, "both have their sums together");
    append(&mut home, 6);
    assert_eq!(read_singly(&store, &home.path()), 2, "the two that share requests");
}

/// Of the logs that are there and were read, how many need not be read again.
pub(crate) fn known(store: &Store) -> usize {
    store.recorded_files().unwrap().len()
}
