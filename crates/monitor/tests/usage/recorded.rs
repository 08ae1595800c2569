//! What is kept of the logs beside the index, against a scan of them: the same, whatever was asked for and whatever was
//! written, moved or removed since.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_core::project_filter::HiddenProjects;
use tidemark_logs::{By, Options, Report, Roots, UsageDeduper, report, scan, scan_with};
use tidemark_monitor::local_use::RecordedLogs;
use tidemark_store::Store;

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
        let mut recorded = RecordedLogs::of(store).unwrap();
        let found = said(&scan_with(&roots, &options, &mut recorded), &options.cuts);
        assert_eq!(found, said(&scan(&roots, &options), &options.cuts));
    }
}

/// Of the logs that are there and were read, how many need not be read again.
pub(crate) fn known(store: &Store) -> usize {
    store.recorded_files().unwrap().len()
}
