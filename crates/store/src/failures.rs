//! Failures: polls that failed, one by one and as stretches.

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use tidemark_core::{AccountId, Failure};

use crate::error::StoreError;
use crate::failure_details::{self, Details};
use crate::instant;
use crate::polls::{self, PollState};
use crate::readings::accounts_of;
use crate::store::Store;

/// Selects failures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FailureQuery {
    /// Of one account, or of all.
    pub account: Option<AccountId>,
    /// At or after; of a stretch, its end.
    pub from: Option<DateTime<Utc>>,
    /// Before; of a stretch, its beginning.
    pub to: Option<DateTime<Utc>>,
    /// At most so many stretches, the newest.
    pub limit: Option<u32>,
}

/// A poll that failed, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFailure {
    /// The account that was polled.
    pub account: AccountId,
    /// When the poll failed.
    pub at: DateTime<Utc>,
    /// Why the poll failed.
    pub failure: Failure,
}

/// The store's number for a failed poll. A later one has a greater number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FailureId(pub i64);

/// A stretch of failed polls of one account with one kind of failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureRun {
    /// The account that was polled.
    pub account: AccountId,
    /// The last failure of the stretch.
    pub failure: Failure,
    /// Time of the first failed poll.
    pub from: DateTime<Utc>,
    /// Time of the last failed poll.
    pub to: DateTime<Utc>,
    /// Number of failed polls.
    pub count: u64,
    /// A reading, or a failure of another kind, has ended it.
    pub over: bool,
}

impl Store {
    /// Records a failed poll. It lengthens the account's run of failures where the kind is the same, and begins a
    /// new one where it is not. One of the same account, time and kind as one that is there is not recorded again;
    /// the number of the one that is there comes back.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`], and those of [any write](StoreError#reads-and-writes).
    pub fn record_failure(
        &self,
        account: AccountId,
        at: DateTime<Utc>,
        failure: &Failure,
    ) -> Result<FailureId, StoreError> {
        let tx = self.begin()?;
        let id = record(&tx, account, at, failure)?;
        tx.commit()?;
        Ok(id)
    }

    /// The same, together with how polling of the account stands after it: a wait that the service asked for is on
    /// disk as soon as its answer is.
    ///
    /// # Errors
    /// As [`Store::record_failure`].
    pub fn record_failed_poll(
        &self,
        account: AccountId,
        at: DateTime<Utc>,
        failure: &Failure,
        poll: &PollState,
    ) -> Result<FailureId, StoreError> {
        let tx = self.begin()?;
        let id = record(&tx, account, at, failure)?;
        polls::put(&tx, account, poll)?;
        tx.commit()?;
        Ok(id)
    }

    /// Stretches of failed polls, newest first.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes), and [`StoreError::Unreadable`] if a failure's
    /// details cannot be parsed.
    pub fn failure_runs(&self, query: &FailureQuery) -> Result<Vec<FailureRun>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT account, details, first_at, last_at, count, over FROM failure_run
             WHERE (?1 IS NULL OR account = ?1) AND last_at >= ?2 AND first_at < ?3
             ORDER BY last_at DESC, id DESC LIMIT ?4",
        )?;
        let (from, to) = query.bounds();
        let mut rows = statement.query(params![
            query.account.map(|id| id.0),
            from,
            to,
            query.limit.map_or(-1, i64::from)
        ])?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next()? {
            runs.push(FailureRun {
                account: AccountId(row.get(0)?),
                failure: failure(row, 1)?,
                from: instant::decode(row.get(2)?),
                to: instant::decode(row.get(3)?),
                count: row.get::<_, i64>(4)?.unsigned_abs(),
                over: row.get(5)?,
            });
        }
        Ok(runs)
    }

    /// Since when the polls of an account have failed without a success in between, of whatever kind: the first failure
    /// of the stretch that lasts, or of the trouble that it belongs to. `None` where the last poll succeeded. What is
    /// shown of a failure that lasts, in any place, begins then.
    ///
    /// # Errors
    /// As [`Store::failure_runs`], and [`StoreError::Unreadable`] if the state of polling cannot be parsed.
    pub fn failing_since(&self, account: AccountId) -> Result<Option<DateTime<Utc>>, StoreError> {
        let first: Option<i64> = self
            .db
            .prepare_cached("SELECT first_at FROM failure_run WHERE account = ?1 AND over = 0")?
            .query_row([account.0], |row| row.get(0))
            .optional()?;
        let Some(first) = first.map(instant::decode) else { return Ok(None) };
        let trouble = self.poll_state(account)?.failing_since;
        Ok(Some(trouble.map_or(first, |since| since.min(first))))
    }

    /// Hands the failed polls to `each`, account by account, each account's in time order, until it breaks
    /// off. `limit` is not used.
    ///
    /// # Errors
    /// As [`Store::failure_runs`]; `each` has the failures before it then.
    pub fn failures(
        &self,
        query: &FailureQuery,
        mut each: impl FnMut(StoredFailure) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let tx = self.begin_reading()?;
        let (from, to) = query.bounds();
        for account in accounts_of(&tx, query.account)? {
            let mut statement = tx.prepare_cached(SELECT_SPAN)?;
            let mut rows = statement.query([account, from, to])?;
            while let Some(row) = rows.next()? {
                if each(stored(row)?).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

fn record(
    db: &Connection,
    account: AccountId,
    at: DateTime<Utc>,
    failure: &Failure,
) -> Result<FailureId, StoreError> {
    let details = failure_details::text_of(failure)?;
    let at = instant::encode(at);
    let kind = failure.kind.as_str();
    Store::must_know(db, account)?;
    let there = db
        .prepare_cached("SELECT id FROM failure WHERE account = ?1 AND at = ?2 AND kind = ?3")?
        .query_row(params![account.0, at, kind], |row| row.get(0))
        .optional()?;
    if let Some(id) = there {
        return Ok(FailureId(id));
    }
    insert(db, account, at, kind, &details)
}

/// Inserts a failed poll behind all others of its account, and lengthens its run or begins one.
pub(crate) fn insert(
    db: &Connection,
    account: AccountId,
    at: i64,
    kind: &str,
    details: &str,
) -> Result<FailureId, StoreError> {
    db.prepare_cached("INSERT INTO failure (account, at, kind, details) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![account.0, at, kind, details])?;
    let id = db.last_insert_rowid();
    let longer = db
        .prepare_cached(
            "UPDATE failure_run SET last_at = max(last_at, ?3), count = count + 1, details = ?4
             WHERE account = ?1 AND over = 0 AND kind = ?2",
        )?
        .execute(params![account.0, kind, at, details])?;
    if longer == 0 {
        db.prepare_cached("UPDATE failure_run SET over = 1 WHERE account = ?1 AND over = 0")?
            .execute([account.0])?;
        db.prepare_cached(
            "INSERT INTO failure_run (account, kind, first_at, last_at, count, details, over)
             VALUES (?1, ?2, ?3, ?3, 1, ?4, 0)",
        )?
        .execute(params![account.0, kind, at, details])?;
    }
    Ok(FailureId(id))
}

/// Cuts an account's runs of failures off at an instant, as if nothing had come since: what comes later is to be entered
/// again. The single failures are still there.
pub(crate) fn cut_runs(db: &Connection, account: AccountId, at: i64) -> Result<(), StoreError> {
    db.execute("DELETE FROM failure_run WHERE account = ?1 AND first_at >= ?2", [account.0, at])?;
    let of_run = "FROM failure WHERE failure.account = ?1 AND failure.kind = failure_run.kind";
    db.execute(
        &format!(
            "UPDATE failure_run SET
               count = max(1, count - (SELECT count(*) {of_run} AND at >= ?2 AND at <= last_at)),
               details = coalesce((SELECT failure.details {of_run} AND at >= first_at AND at < ?2
                                   ORDER BY at DESC LIMIT 1), details),
               last_at = coalesce((SELECT max(at) {of_run} AND at >= first_at AND at < ?2), first_at)
             WHERE account = ?1 AND last_at >= ?2"
        ),
        [account.0, at],
    )?;
    db.execute("UPDATE failure_run SET over = 1 WHERE account = ?1", [account.0])?;
    // The last one goes on where nothing has ended it.
    db.execute(
        "UPDATE failure_run SET over = 0
         WHERE id = (SELECT id FROM failure_run WHERE account = ?1 ORDER BY last_at DESC, id DESC LIMIT 1)
         AND NOT EXISTS (SELECT 1 FROM reading WHERE account = ?1 AND reading.at >= last_at AND reading.at < ?2)",
        [account.0, at],
    )?;
    Ok(())
}

impl FailureQuery {
    fn bounds(&self) -> (i64, i64) {
        (self.from.map_or(i64::MIN, instant::encode), self.to.map_or(i64::MAX, instant::encode))
    }
}

/// Selects the failures of an account in a span; [`stored`] reads its rows.
pub(crate) const SELECT_SPAN: &str =
    "SELECT account, at, details FROM failure WHERE account = ?1 AND at >= ?2 AND at < ?3 ORDER BY at, id";

/// Reads a row of [`SELECT_SPAN`].
pub(crate) fn stored(row: &Row<'_>) -> Result<StoredFailure, StoreError> {
    Ok(StoredFailure {
        account: AccountId(row.get(0)?),
        at: instant::decode(row.get(1)?),
        failure: failure(row, 2)?,
    })
}

fn failure(row: &Row<'_>, column: usize) -> Result<Failure, StoreError> {
    let text: String = row.get(column)?;
    let details: Details =
        serde_json::from_str(&text).map_err(|why| StoreError::unreadable("failure", &why))?;
    Ok(details.into())
}
