//! What the tests begin with: a store in a folder of its own, accounts, readings, conclusions.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use tempfile::TempDir;
use tidemark_core::change::Movement;
use tidemark_core::step::{Outcome, StoredState};
use tidemark_core::{
    Account, Balance, Credential, Currency, Meter, MeterReading, RateLimits, Reading, Region, Series, Source,
};
use tidemark_store::{AnalysisResult, NewAccount, Store};

pub(crate) fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn now() -> DateTime<Utc> {
    utc("2026-11-22T05:00:00Z")
}

pub(crate) fn minutes(count: i64) -> TimeDelta {
    TimeDelta::minutes(count)
}

pub(crate) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn empty() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), now()).unwrap();
    (folder, store)
}

pub(crate) fn new_account(name: &str) -> NewAccount {
    NewAccount {
        name: name.to_owned(),
        source: Source::KimiCode,
        region: Region::China,
        base_url: None,
        credential: Credential::Keyring { handle: format!("handle-{name}") },
    }
}

pub(crate) fn with_account() -> (TempDir, Store, Account) {
    let (folder, store) = empty();
    let account = store.add_account(new_account("work"), now()).unwrap();
    (folder, store, account)
}

pub(crate) const FIVE_HOUR: Series = Series::Meter(Meter::FiveHour);
pub(crate) const MONEY: Series = Series::Balance(Currency::CNY);

/// A reading with a meter and a balance.
pub(crate) fn reading(at: DateTime<Utc>, used: Decimal, money: Decimal) -> Reading {
    Reading {
        at,
        source: Source::KimiCode,
        region: Region::China,
        plan: Some("Moderato 2".to_owned()),
        meters: vec![MeterReading {
            meter: Meter::FiveHour,
            used_percent: used,
            used: Some(used),
            limit: Some(Decimal::ONE_HUNDRED),
            resets_at: Some(utc("2026-11-22T07:31:44.987654321Z")),
            conflict: false,
        }],
        wallet: None,
        balance: Some(Balance {
            currency: Currency::CNY,
            available: Some(money),
            voucher: None,
            cash: Some(money),
        }),
        limits: RateLimits { concurrency: Some(30), ..RateLimits::default() },
        not_understood: vec!["usage.extra".to_owned()],
        user: tidemark_core::reading::UserIds::default(),
    }
}

/// The evidence of a reading, as text.
pub(crate) fn evidence(reading: &Reading) -> String {
    format!(r#"{{"limits":[{{"used":"{}","limit":"100"}}]}}"#, reading.meters[0].used_percent.normalize())
}

/// A reading of one series that found nothing new.
pub(crate) fn still(
    series: Series,
    from: Option<DateTime<Utc>>,
    at: DateTime<Utc>,
    value: Decimal,
) -> Movement {
    Movement { series, from, at, value, deducted: Decimal::ZERO, returned: Decimal::ZERO, resets: 0 }
}

/// A conclusion of movements and nothing else.
pub(crate) fn conclusion(
    movements: Vec<Movement>,
    covered: Option<(DateTime<Utc>, DateTime<Utc>)>,
) -> AnalysisResult {
    let outcome = Outcome { movements, covered, ..Outcome::default() };
    AnalysisResult::new(outcome, state())
}

/// A state of an analysis, which the store does not look into.
pub(crate) fn state() -> StoredState {
    StoredState {
        version: Some(1),
        tracker: r#"{"n":1}"#.to_owned(),
        audit: Some("{}".to_owned()),
        alerts: "{}".to_owned(),
        usage_cursor: 0,
    }
}

/// Everything that was added up, row by row, read past the store.
pub(crate) fn added_up(folder: &TempDir) -> Vec<String> {
    let db = rusqlite::Connection::open(folder.path().join(tidemark_store::FILE_NAME)).unwrap();
    let mut all = Vec::new();
    for table in ["movement", "coverage", "rollup", "coverage_rollup"] {
        let mut statement = db.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2, 3")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cells = (0..columns).map(|column| row.get::<_, Option<i64>>(column).unwrap());
            all.push(format!("{table} {:?}", cells.collect::<Vec<_>>()));
        }
    }
    all
}
