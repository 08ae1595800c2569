//! The index of local use against the logs themselves: whatever happens to the files between two scans, it says
//! what a scan of all of them says, and what was seen once stays.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

mod databases;
mod log_home;
#[path = "../../../logs/tests/truth/random.rs"]
mod random;
mod recorded;
mod rewritten;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use log_home::{LogHome, Op};
use proptest::prelude::*;
use tidemark_core::Tokens;
use tidemark_logs::{Options, PackedSums, Roots, Tally, model::Party, scan};
use tidemark_monitor::StoreHandleError;
use tidemark_monitor::local_use::index::{Asked, IndexStore, Updated, update};
use tidemark_store::{
    LogSumsState, RecordedFile, RecordedPiece, Recording, Store, UsageBatch, UsageFile, UsageProvider,
    UsageQuery, WhoseUse,
};

/// How many histories each property is tried on. With Wine, each step on a file takes much longer, and the code is the same.
const CASES: u32 = if cfg!(windows) { 6 } else { 48 };

fn now() -> DateTime<Utc> {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn always() -> UsageQuery {
    UsageQuery { from: DateTime::UNIX_EPOCH, to: "2200-01-01T00:00:00Z".parse().unwrap() }
}

/// A store that dies after some writes.
struct Mortal<'s> {
    store: &'s Store,
    left: u32,
}

impl IndexStore for Mortal<'_> {
    fn files(&mut self) -> Result<Vec<UsageFile>, StoreHandleError> {
        IndexStore::files(&mut self.store)
    }
    fn provider(&mut self, provider: UsageProvider) -> Result<(i64, bool), StoreHandleError> {
        IndexStore::provider(&mut self.store, provider)
    }
    fn write(&mut self, batch: UsageBatch, recordings: Vec<Recording>) -> Result<Vec<i64>, StoreHandleError> {
        self.left = self.left.checked_sub(1).ok_or(StoreHandleError::Ended)?;
        IndexStore::write(&mut self.store, batch, recordings)
    }
    fn write_much(&mut self, much: bool) -> Result<(), StoreHandleError> {
        IndexStore::write_much(&mut self.store, much)
    }
    fn recorded(&mut self) -> Result<Vec<RecordedFile>, StoreHandleError> {
        IndexStore::recorded(&mut self.store)
    }
    fn record(&mut self, found: Vec<(i64, String, Vec<RecordedPiece>)>) -> Result<(), StoreHandleError> {
        self.left = self.left.checked_sub(1).ok_or(StoreHandleError::Ended)?;
        IndexStore::record(&mut self.store, found)
    }
    fn found(&mut self, files: Vec<i64>) -> Result<Vec<Vec<u8>>, StoreHandleError> {
        IndexStore::found(&mut self.store, files)
    }
    fn log_sums_state(&mut self) -> Result<LogSumsState, StoreHandleError> {
        IndexStore::log_sums_state(&mut self.store)
    }
    fn write_log_sums(&mut self, made: i64, state: u64, sums: PackedSums) -> Result<(), StoreHandleError> {
        self.left = self.left.checked_sub(1).ok_or(StoreHandleError::Ended)?;
        IndexStore::write_log_sums(&mut self.store, made, state, sums)
    }
}

thread_local! {
    /// How often a test has read the logs.
    static READS: Cell<i64> = const { Cell::new(0) };
}

/// Seven minutes later each time: what is kept of the logs is summed up again every other time.
fn later() -> DateTime<Utc> {
    READS.set(READS.get() + 1);
    now() + TimeDelta::minutes(7 * READS.get())
}

fn look(books: &mut impl IndexStore, home: &LogHome) -> Result<Updated, StoreHandleError> {
    look_at(books, &home.path())
}

fn look_at(books: &mut impl IndexStore, home: &Path) -> Result<Updated, StoreHandleError> {
    update(
        books,
        Asked {
            roots: &Roots::in_home(home, &[]),
            whose: &|_, _| WhoseUse::Nobody,
            cuts: &[],
            now: later(),
            stop: &|| false,
            progress: &mut |_| {},
        },
    )
}

type Key = (i64, String, bool, String, Option<String>);
type Sums = BTreeMap<Key, Tally>;

fn add(sums: &mut Sums, key: Key, tally: Tally) {
    sums.entry(key).or_default().add(tally);
}

/// What the index says, by quarter of an hour, model, session and folder.
fn told(store: &Store) -> Sums {
    let mut sums = Sums::new();
    store
        .for_each_usage(&always(), |row| {
            let key = (
                row.start.timestamp_millis(),
                row.model,
                row.third,
                row.session.unwrap_or_default(),
                row.project,
            );
            add(&mut sums, key, Tally { requests: row.requests, tokens: row.tokens });
        })
        .unwrap();
    sums
}

/// What a scan of the logs as they are says.
fn scanned(home: &LogHome) -> (Sums, u64, u64) {
    scanned_at(&home.path())
}

fn scanned_at(home: &Path) -> (Sums, u64, u64) {
    let ledger = scan(&Roots::in_home(home, &[]), &Options::default());
    let mut sums = Sums::new();
    for row in ledger.rows() {
        let key = (
            row.start.timestamp_millis(),
            row.model.to_owned(),
            row.party == Party::Third,
            row.session.to_owned(),
            row.project.map(ToOwned::to_owned),
        );
        add(&mut sums, key, row.tally);
    }
    (sums, ledger.files(), ledger.lines_skipped())
}

fn without_origins(sums: &Sums) -> BTreeMap<(i64, String, bool), Tally> {
    let mut less = BTreeMap::new();
    for ((start, model, third, ..), tally) in sums {
        less.entry((*start, model.clone(), *third)).or_insert_with(Tally::default).add(*tally);
    }
    less
}

/// The single requests sum up to the sums.
fn requests_and_sums_agree(store: &Store) {
    let until = "2200-01-01T00:00:00Z".parse().unwrap();
    let requests = store.all_requests_between(DateTime::UNIX_EPOCH, until).unwrap();
    let tokens: Tokens = requests.iter().map(|request| request.tokens).sum();
    let mut summed = Tally::default();
    for ((_, _, third, ..), tally) in told(store) {
        if !third {
            summed.add(tally);
        }
    }
    assert_eq!(summed, Tally { requests: requests.len() as u64, tokens });
    assert!(requests.windows(2).all(|pair| pair[0].at <= pair[1].at));
}

/// A home without logs, and an empty index.
fn begun() -> (LogHome, Store) {
    let home = LogHome::new();
    let store = Store::open(&home.data(), now()).unwrap();
    (home, store)
}

/// One scan brings the index up to date, and another finds nothing to do.
fn nothing_is_left(store: &Store, home: &LogHome) {
    look(&mut &*store, home).unwrap();
    assert_eq!(told(store), scanned(home).0);
    let again = look(&mut &*store, home).unwrap();
    assert!(!again.changed, "nothing was written, and something changed");
    let there = store.usage_files().unwrap().iter().filter(|file| !file.gone).count();
    assert_eq!(recorded::known(store), there, "no log is read again for what is in it");
    recorded::scans_agree(store, &home.path());
}

/// Renamed, the program dying before it had read them again, and renamed once more: they are the same logs still.
#[test]
fn logs_that_are_renamed_twice_are_known_again() {
    let (mut home, store) = begun();
    for _ in 0..8 {
        home.apply(&Op::Append { log: 255, lines: 4, tail: log_home::Tail::Ended });
    }
    let rename_all = |home: &mut LogHome| (0..8).for_each(|log| home.apply(&Op::Rename { log }));
    look(&mut &store, &home).unwrap();
    rename_all(&mut home);
    assert!(look(&mut Mortal { store: &store, left: 1 }, &home).is_err());
    rename_all(&mut home);
    nothing_is_left(&store, &home);
}

/// Of two renamed logs with the same beginning one is in another file as well. Each is recognised, whatever
/// their order.
#[test]
fn a_renamed_log_is_not_taken_for_one_that_begins_like_it() {
    let (mut home, store) = begun();
    home.apply(&Op::Append { log: 255, lines: 4, tail: log_home::Tail::Ended });
    home.apply(&Op::Copy { from: 0 });
    home.apply(&Op::Append { log: 0, lines: 3, tail: log_home::Tail::Ended });
    look(&mut &store, &home).unwrap();
    for anew in [0, 1].repeat(10) {
        (0..2).for_each(|log| home.apply(&Op::Rename { log }));
        home.apply(&Op::Rewrite { log: anew });
        nothing_is_left(&store, &home);
    }
}

/// A log is rewritten under its name, and the file it was in takes the place of a copy of it. A file system that
/// gives a freed number to the next file makes that of two logs that are rewritten one after the other.
#[test]
fn a_copy_in_the_file_its_original_was_in_is_read_once() {
    let (mut home, store) = begun();
    home.apply(&Op::Append { log: 255, lines: 3, tail: log_home::Tail::Ended });
    home.apply(&Op::Copy { from: 0 });
    look(&mut &store, &home).unwrap();
    for (from, to) in [(0, 1), (1, 0)] {
        home.pass_on(from, to);
        nothing_is_left(&store, &home);
        assert!(store.usage_files().unwrap().iter().all(|file| !file.gone), "both are there still");
    }
}

/// A log moves to the name of another one that ends there: from then on it is the one of that name.
#[test]
fn a_log_that_takes_the_name_of_another_is_read_once() {
    let (mut home, store) = begun();
    for begun in [0, 1] {
        home.apply(&Op::Append { log: 255, lines: 3, tail: log_home::Tail::Ended });
        home.apply(&Op::Copy { from: 2 * begun });
        home.apply(&Op::Append { log: 2 * begun, lines: 2, tail: log_home::Tail::Ended });
    }
    look(&mut &store, &home).unwrap();
    // Each takes the name of the copy that was made of it before it had all of its lines.
    home.take_name(0, 1);
    nothing_is_left(&store, &home);
    home.take_name(1, 2);
    nothing_is_left(&store, &home);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, max_shrink_iters: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing is taken away: then the index is a scan, to the session.
    #[test]
    fn the_index_is_what_a_scan_gives(ops in proptest::collection::vec(Op::keeping(), 1..70)) {
        let mut home = LogHome::new();
        let mut store = Store::open(&home.data(), now()).unwrap();
        for (place, op) in ops.into_iter().enumerate() {
            match op {
                Op::Look => {
                    look(&mut &store, &home).unwrap();
                }
                Op::Kill(after) => {
                    let _ = look(&mut Mortal { store: &store, left: after }, &home);
                    drop(store);
                    store = Store::open(&home.data(), now()).unwrap();
                    continue;
                }
                other => {
                    home.apply(&other);
                    if place % 4 == 0 {
                        recorded::scans_agree(&store, &home.path());
                    }
                    continue;
                }
            }
            recorded::scans_agree(&store, &home.path());
            let (expected, files, skipped) = scanned(&home);
            prop_assert_eq!(told(&store), expected);
            prop_assert_eq!(store.usage_files_known().unwrap(), (files, skipped));
            requests_and_sums_agree(&store);
        }
        look(&mut &store, &home).unwrap();
        let again = look(&mut &store, &home).unwrap();
        prop_assert!(!again.changed, "nothing was written, and something changed");
        prop_assert_eq!(told(&store), scanned(&home).0);
    }

    /// Logs are cut, replaced and deleted: what was there at any scan is counted, once.
    #[test]
    fn what_was_seen_stays(ops in proptest::collection::vec(Op::anything(), 1..70)) {
        let mut home = LogHome::new();
        let mut store = Store::open(&home.data(), now()).unwrap();
        let mut seen = log_home::LogContents::default();
        for (place, op) in ops.into_iter().enumerate() {
            if let Op::Kill(after) = op {
                let _ = look(&mut Mortal { store: &store, left: after }, &home);
                drop(store);
                store = Store::open(&home.data(), now()).unwrap();
            }
            if let Op::Kill(_) | Op::Look = op {
                look(&mut &store, &home).unwrap();
                seen.look(&home);
                prop_assert_eq!(without_origins(&told(&store)), seen.sums());
                requests_and_sums_agree(&store);
            } else {
                home.apply(&op);
            }
            if place % 4 == 0 {
                recorded::scans_agree(&store, &home.path());
            }
        }
        look(&mut &store, &home).unwrap();
        let again = look(&mut &store, &home).unwrap();
        prop_assert!(!again.changed, "nothing was written, and something changed");
    }

    /// The single requests are pruned now and then: the sums stay, and what was counted is not counted again.
    #[test]
    fn pruning_forgets_no_sum(
        ops in proptest::collection::vec((Op::anything(), proptest::option::of(0i64..200)), 1..60),
    ) {
        let mut home = LogHome::new();
        let store = Store::open(&home.data(), now()).unwrap();
        let mut seen = log_home::LogContents::default();
        for (op, prune) in ops {
            home.apply(&op);
            if let Some(hours) = prune {
                look(&mut &store, &home).unwrap();
                seen.look(&home);
                let before = without_origins(&told(&store));
                store.prune(log_home::first() + chrono::TimeDelta::hours(hours)).unwrap();
                prop_assert_eq!(&without_origins(&told(&store)), &before);
                prop_assert_eq!(before, seen.sums());
            }
        }
    }
}
