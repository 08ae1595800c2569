//! Asking for local use.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use tidemark_core::{AccountId, Tokens};

use super::stored::tokens;
use crate::error::StoreError;
use crate::machines::MachineId;
use crate::store::Store;
use crate::text_columns;

/// Which sums are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageQuery {
    /// The first instant of the selection.
    pub from: DateTime<Utc>,
    /// The first instant after the selection.
    pub to: DateTime<Utc>,
}

/// Use of a model in a folder, by an account, within a quarter of an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageSum {
    /// Where it begins: at a quarter of an hour, or at a change of price within one.
    pub start: DateTime<Utc>,
    /// The model's canonical name.
    pub model: String,
    /// Whether it is another provider's.
    pub third: bool,
    /// The log's format, by its word such as `kimi-code`.
    pub format: String,
    /// The session's name in its program; unknown of another machine's.
    pub session: Option<String>,
    /// The folder that was worked in.
    pub project: Option<String>,
    /// The machine whose logs say so; `None` for this one.
    pub machine: Option<MachineId>,
    /// Account it is assigned to, if known.
    pub account: Option<AccountId>,
    /// Number of requests.
    pub requests: u64,
    /// Tokens of these requests, by kind.
    pub tokens: Tokens,
}

/// What is known of an account's requests that was not asked for before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestsTold {
    /// The requests, in the order in which they became known.
    pub requests: Vec<StoredRequest>,
    /// The position up to which they reach, those that were left out included.
    pub told: u64,
    /// Whether there are more behind it.
    pub more: bool,
}

/// A request that was seen in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRequest {
    /// When the request was logged.
    pub at: DateTime<Utc>,
    /// When its program sent it, if the log says so.
    pub begun: Option<DateTime<Utc>>,
    /// When it became known here.
    pub known_at: DateTime<Utc>,
    /// Account it is assigned to, if known.
    pub account: Option<AccountId>,
    /// The machine whose logs say so; `None` for this one.
    pub machine: Option<MachineId>,
    /// The model's canonical name.
    pub model: String,
    /// The request's tokens, by kind.
    pub tokens: Tokens,
    /// Whether its program keeps sums of sessions: then it can be many calls, from `begun` to `at`, and says nothing of rates.
    pub is_sum: bool,
}

/// Whether a request's program keeps sums of sessions, as [`request`] reads it.
macro_rules! is_sum {
    () => {
        "EXISTS (SELECT 1 FROM usage_origin AS own WHERE own.id = request.origin AND own.format IN ('crush', 'goose', 'zed')) AS is_sum"
    };
}

/// The requests of Kimi's models of an account, or all of them, assigned or not, in the order in which they became
/// known: the columns of [`request`], the project, and the fingerprint.
pub(crate) const SELECT_KNOWN: &str = concat!(
    "SELECT at, begun, known, account, model.name, input, cache_read, cache_write, cache_write_1h, output, origin.machine,
       project, fingerprint, ",
    is_sum!(),
    "
     FROM usage_request AS request
     JOIN usage_model AS model ON model.id = request.model AND model.third = 0
     JOIN usage_origin AS origin ON origin.id = request.origin
     LEFT JOIN usage_provider AS provider ON provider.id = request.provider
     WHERE (?1 IS NULL OR account = ?1) AND known >= ?2 AND known < ?3
     ORDER BY place"
);

fn at(row: &Row<'_>, column: usize) -> rusqlite::Result<DateTime<Utc>> {
    let millis: i64 = row.get(column)?;
    // The readers leave out what a calendar cannot name.
    Ok(DateTime::from_timestamp_millis(millis).unwrap_or_default())
}

/// Reads a request from a row of the columns above.
pub(crate) fn request(row: &Row<'_>) -> rusqlite::Result<StoredRequest> {
    let begun: Option<i64> = row.get(1)?;
    Ok(StoredRequest {
        at: at(row, 0)?,
        begun: begun.and_then(DateTime::from_timestamp_millis),
        known_at: at(row, 2)?,
        account: row.get::<_, Option<i64>>(3)?.map(AccountId),
        model: text_columns::name(row, 4)?,
        tokens: tokens(row, 5)?,
        is_sum: row.get("is_sum")?,
        machine: row.get::<_, Option<i64>>(10)?.map(MachineId),
    })
}

impl Store {
    /// Hands out the sums within a stretch, in time order. Its ends are to be at quarters of an hour.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes); `take` has the sums before it then.
    pub fn for_each_usage(
        &self,
        query: &UsageQuery,
        mut take: impl FnMut(UsageSum),
    ) -> Result<(), StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT start, model.name, model.third, format, session, project, account,
               requests, input, cache_read, cache_write, cache_write_1h, output, origin.machine
             FROM usage_sum AS sum
             JOIN usage_model AS model ON model.id = sum.model
             JOIN usage_origin AS origin ON origin.id = sum.origin
             LEFT JOIN usage_provider AS provider ON provider.id = sum.provider
             WHERE start >= ?1 AND start < ?2 ORDER BY start",
        )?;
        let mut rows =
            statement.query(params![query.from.timestamp_millis(), query.to.timestamp_millis()])?;
        while let Some(row) = rows.next()? {
            let machine = row.get::<_, Option<i64>>(13)?.map(MachineId);
            let session = if machine.is_none() { Some(text_columns::name(row, 4)?) } else { None };
            take(UsageSum {
                start: at(row, 0)?,
                model: text_columns::name(row, 1)?,
                third: row.get(2)?,
                format: row.get(3)?,
                session,
                machine,
                project: text_columns::optional_folder(row, 5)?,
                account: row.get::<_, Option<i64>>(6)?.map(AccountId),
                requests: row.get::<_, i64>(7)?.max(0) as u64,
                tokens: tokens(row, 8)?,
            });
        }
        Ok(())
    }

    /// The requests of Kimi's models after an instant and up to another, in time order: those of one account,
    /// or the unassigned ones. They are kept as long as raw readings.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn requests_between(
        &self,
        account: Option<AccountId>,
        after: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<StoredRequest>, StoreError> {
        let wanted = account.map(|account| account.0);
        self.requests(after, until, |found| found == wanted)
    }

    /// The requests of Kimi's models after an instant and up to another, in time order, of all accounts and
    /// unassigned.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn all_requests_between(
        &self,
        after: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<StoredRequest>, StoreError> {
        self.requests(after, until, |_| true)
    }

    fn requests(
        &self,
        after: DateTime<Utc>,
        until: DateTime<Utc>,
        wanted: impl Fn(Option<i64>) -> bool,
    ) -> Result<Vec<StoredRequest>, StoreError> {
        let mut statement = self.db.prepare_cached(concat!(
            "SELECT at, begun, known, account, model.name, input, cache_read, cache_write, cache_write_1h, output,
               origin.machine, ",
            is_sum!(),
            "
             FROM usage_request AS request
             JOIN usage_model AS model ON model.id = request.model AND model.third = 0
             JOIN usage_origin AS origin ON origin.id = request.origin
             LEFT JOIN usage_provider AS provider ON provider.id = request.provider
             WHERE at > ?1 AND at <= ?2 ORDER BY at",
        ))?;
        let mut rows = statement.query([after.timestamp_millis(), until.timestamp_millis()])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let account: Option<i64> = row.get(3)?;
            if !wanted(account) {
                continue;
            }
            found.push(request(row)?);
        }
        Ok(found)
    }

    /// The requests of one account, of Kimi's models, in the order in which they became known: those after a
    /// position in that order, known before an instant, and no older than another; at most so many. Also the position
    /// up to which they reach, and whether there are more. What a request grew by since it was given is one of its own. The same question has the same answer for as long as requests
    /// are kept.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn requests_told(
        &self,
        account: AccountId,
        after: u64,
        before: DateTime<Utc>,
        since: DateTime<Utc>,
        at_most: usize,
    ) -> Result<RequestsTold, StoreError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let before = before.timestamp_millis();
        // What a clock set far ahead wrote down as known would hold up all that came later.
        let first_unknown: Option<i64> = self
            .db
            .prepare_cached(
                "SELECT min(place) FROM (
                   SELECT min(place) AS place FROM usage_request
                   WHERE place > ?1 AND known >= ?2 AND known < ?2 + 86400000
                   UNION ALL
                   SELECT min(place) FROM usage_growth WHERE place > ?1 AND known >= ?2 AND known < ?2 + 86400000)",
            )?
            .query_row([after, before], |row| row.get(0))?;
        let told: i64 = match first_unknown {
            Some(place) => place - 1,
            None => self
                .db
                .prepare_cached(
                    "SELECT max(?1, coalesce((SELECT max(place) FROM usage_request), 0),
                       coalesce((SELECT max(place) FROM usage_growth), 0))",
                )?
                .query_row([after], |row| row.get(0))?,
        };
        let mut statement = self.db.prepare_cached(concat!(
            "SELECT at, begun, known, account, model.name, input, cache_read, cache_write, cache_write_1h, output,
               origin.machine, place, ",
            is_sum!(),
            "
             FROM (
               SELECT at, begun, known, place, model, origin, provider, input, cache_read, cache_write,
                 cache_write_1h, output
               FROM usage_request WHERE place > ?1 AND place <= ?2 AND at >= ?3
               UNION ALL
               SELECT at, begun, known, place, model, origin, provider, input, cache_read, cache_write,
                 cache_write_1h, output
               FROM usage_growth WHERE place > ?1 AND place <= ?2 AND at >= ?3
             ) AS request
             JOIN usage_model AS model ON model.id = request.model AND model.third = 0
             JOIN usage_origin AS origin ON origin.id = request.origin
             JOIN usage_provider AS provider ON provider.id = request.provider
             WHERE account = ?4 ORDER BY place",
        ))?;
        let mut rows = statement.query([after, told, since.timestamp_millis(), account.0])?;
        let (mut requests, mut last) = (Vec::new(), after);
        while let Some(row) = rows.next()? {
            if requests.len() >= at_most {
                return Ok(RequestsTold { requests, told: last.max(0) as u64, more: true });
            }
            requests.push(request(row)?);
            last = row.get("place")?;
        }
        Ok(RequestsTold { requests, told: told.max(after).max(0) as u64, more: false })
    }

    /// How many log files are there, and how many of their lines could not be read.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn usage_files_known(&self) -> Result<(u64, u64), StoreError> {
        let known: (i64, i64) = self
            .db
            .prepare_cached("SELECT count(*), coalesce(sum(skipped), 0) FROM usage_file WHERE gone = 0")?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((known.0 as u64, known.1 as u64))
    }
}
