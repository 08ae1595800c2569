//! Asking for local use.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use tidemark_core::{AccountId, Tokens};

use super::stored::tokens;
use super::usage_query::UsageQuery;
use crate::error::StoreError;
use crate::machines::MachineId;
use crate::store::Store;
use crate::text_columns;

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

/// A part of [`KNOWN_AFTER`]: what is in a table, in the order of places.
macro_rules! known_after {
    ($table:literal) => {
        concat!(
            "SELECT at, begun, known, account, model.name, input, cache_read, cache_write, cache_write_1h, output,
               origin.machine, place, ",
            is_sum!(),
            " FROM ",
            $table,
            " AS request
             CROSS JOIN usage_model AS model ON model.id = request.model AND model.third = 0
             CROSS JOIN usage_origin AS origin ON origin.id = request.origin
             CROSS JOIN usage_provider AS provider ON provider.id = request.provider
             WHERE place > ?1 AND +at >= ?2 AND account = ?3"
        )
    };
}

/// What became known after a place and is no older than an instant, of an account, in that order; at most so many. Each
/// table is read in the order of its places.
const KNOWN_AFTER: &str = concat!(
    known_after!("usage_request"),
    " UNION ALL ",
    known_after!("usage_growth"),
    " ORDER BY place LIMIT ?4"
);

/// The first place behind one, and up to another, of what became known at an instant or later. What a clock set far ahead
/// wrote down as known would hold up all that came later.
const FIRST_UNKNOWN: &str = "SELECT min(place) FROM (
   SELECT min(place) AS place FROM usage_request
   WHERE place > ?1 AND place <= ?3 AND known >= ?2 AND known < ?2 + 86400000
   UNION ALL
   SELECT min(place) FROM usage_growth
   WHERE place > ?1 AND place <= ?3 AND known >= ?2 AND known < ?2 + 86400000)";

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
        let mut shared = self.shared_past(query)?;
        let mut statement = self.db.prepare_cached(
            "SELECT start, model.name, model.third, format, session, project, account,
               requests, input, cache_read, cache_write, cache_write_1h, output, origin.machine,
               sum.model, sum.origin, sum.provider
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
            let mut sum = UsageSum {
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
            };
            let of_sum = shared.remove(&(row.get(0)?, row.get(14)?, row.get(15)?, row.get(16)?));
            for part in of_sum.into_iter().flatten() {
                sum.requests = sum.requests.saturating_sub(part.requests);
                sum.tokens = sum.tokens.without(&part.tokens);
                let (machine, session) = (Some(part.machine), None);
                let (requests, tokens) = (part.requests, part.tokens);
                take(UsageSum { session, machine, requests, tokens, ..sum.clone() });
            }
            if sum.requests > 0 {
                take(sum);
            }
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
        // One more says whether there are more.
        let most = i64::try_from(at_most.saturating_add(1)).unwrap_or(i64::MAX);
        let mut found: Vec<(i64, StoredRequest)> = self
            .db
            .prepare_cached(KNOWN_AFTER)?
            .query_map([after, since.timestamp_millis(), account.0, most], |row| {
                Ok((row.get("place")?, request(row)?))
            })?
            .collect::<Result<_, _>>()?;
        let mut more = found.len() > at_most;
        found.truncate(at_most);
        let mut told: i64 = if more {
            found.last().map_or(after, |(place, _)| *place)
        } else {
            let mut last = self.db.prepare_cached(
                "SELECT max(?1, coalesce((SELECT max(place) FROM usage_request), 0),
                   coalesce((SELECT max(place) FROM usage_growth), 0))",
            )?;
            last.query_row([after], |row| row.get(0))?
        };
        let first_unknown: Option<i64> = self
            .db
            .prepare_cached(FIRST_UNKNOWN)?
            .query_row([after, before.timestamp_millis(), told], |row| row.get(0))?;
        if let Some(unknown) = first_unknown {
            found.retain(|(place, _)| *place < unknown);
            (told, more) = (unknown - 1, false);
        }
        let requests = found.into_iter().map(|(_, request)| request).collect();
        Ok(RequestsTold { requests, told: told.max(after).max(0) as u64, more })
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

    /// How many of the log files that are there have requests without a time, which have that of the file.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn usage_files_dated(&self) -> Result<u64, StoreError> {
        let dated: i64 = self
            .db
            .prepare_cached(
                "SELECT count(*) FROM usage_recorded AS recorded JOIN usage_file AS file ON file.id = recorded.file
                 WHERE recorded.dated_by_file = 1 AND file.gone = 0",
            )?
            .query_row([], |row| row.get(0))?;
        Ok(dated.max(0) as u64)
    }

    /// The log formats of which requests are known, each with the machine in whose logs they are; `None` is this one.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn recorded_formats(&self) -> Result<BTreeSet<(Option<MachineId>, String)>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT DISTINCT machine, format FROM usage_origin WHERE id IN (SELECT DISTINCT origin FROM usage_sum)",
        )?;
        let found = statement.query_map([], |row| {
            Ok((row.get::<_, Option<i64>>(0)?.map(MachineId), text_columns::name(row, 1)?))
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn log_files_without_times_count_while_they_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(store.usage_files_dated().unwrap(), 0);
        store
            .db
            .execute_batch(
                "INSERT INTO usage_file (id, path, mark, origin, skipped, gone)
                 VALUES (1, '/a', '{}', 1, 0, 0), (2, '/b', '{}', 1, 0, 1), (3, '/c', '{}', 1, 0, 0);
                 INSERT INTO usage_recorded (file, context, mark, dated_by_file, skipped)
                 VALUES (1, 0, 0, 1, 0), (2, 0, 0, 1, 0), (3, 0, 0, 0, 0);",
            )
            .unwrap();
        assert_eq!(store.usage_files_dated().unwrap(), 1);
    }

    #[test]
    fn formats_are_recorded_by_machine_once_a_request_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), DateTime::UNIX_EPOCH).unwrap();
        store
            .db
            .execute_batch(
                "INSERT INTO usage_origin (id, format, session, machine)
                 VALUES (1, 'kimi-code', 's', NULL), (2, 'codex', 's', NULL), (3, 'zed', 's', 7);
                 INSERT INTO usage_sum
                   (start, model, origin, provider, requests, input, cache_read, cache_write, output)
                 VALUES (0, 1, 1, 0, 1, 1, 0, 0, 0), (1, 1, 1, 0, 1, 1, 0, 0, 0), (0, 1, 3, 0, 1, 1, 0, 0, 0);",
            )
            .unwrap();
        let found = store.recorded_formats().unwrap();
        let expected = [(None, "kimi-code".to_owned()), (Some(MachineId(7)), "zed".to_owned())];
        assert_eq!(found, BTreeSet::from(expected));
    }

    /// What a page of requests costs, in steps of the database, where so many are known; and what is in it.
    fn page_cost(known: i64) -> (i32, RequestsTold) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), DateTime::UNIX_EPOCH).unwrap();
        store
            .db
            .execute_batch(
                "INSERT INTO account (name, source, region, credential, position, created_at)
                 VALUES ('a', 'kimi-code', 'china', '{}', 0, 0);
                 INSERT INTO usage_model (id, name, third) VALUES (1, 'kimi-k3', 0);
                 INSERT INTO usage_origin (id, format, session) VALUES (1, 'kimi-code', 's');
                 INSERT INTO usage_provider (id, home, name, modified, account) SELECT 1, '/', 'p', 0, id FROM account;",
            )
            .unwrap();
        store
            .db
            .execute(
                "WITH RECURSIVE known (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM known WHERE n < ?1)
                 INSERT INTO usage_request (at, fingerprint, known, place, file, copies, model, origin, provider,
                   input, cache_read, cache_write, output) SELECT n, n, n, n, 1, 0, 1, 1, 1, 1, 0, 0, 0 FROM known",
                [known],
            )
            .unwrap();
        let account: i64 = store.db.query_row("SELECT id FROM account", [], |row| row.get(0)).unwrap();
        let far = DateTime::from_timestamp_millis(known + 1).unwrap();
        let page = store.requests_told(AccountId(account), 2, far, DateTime::UNIX_EPOCH, 10).unwrap();
        let steps = |sql| store.db.prepare_cached(sql).unwrap().get_status(StatementStatus::VmStep);
        (steps(KNOWN_AFTER) + steps(FIRST_UNKNOWN), page)
    }

    #[test]
    fn a_page_of_what_became_known_costs_the_same_whatever_is_behind_it() {
        let ((few, first), (many, same)) = (page_cost(30), page_cost(3000));
        assert_eq!((first.requests.len(), first.told, first.more), (10, 12, true));
        assert_eq!(first, same);
        assert!(few > 100 && many <= few, "{few} steps, {many} with more behind it");
    }
}
