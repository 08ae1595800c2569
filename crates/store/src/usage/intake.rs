//! Writing what programs say of themselves, each request once: whatever order it comes in and however often, and not if a
//! log has it too.

use rusqlite::{OptionalExtension as _, Row, params};
use tidemark_core::account::{Region, Source};
use tidemark_core::intake::{CACHE_UNKNOWN, InputConvention, RunningTotal, advance, tokens};

use super::intake_record::{IntakeBatch, IntakeCount, IntakeMatch, IntakeOutcome, IntakeRecord};
use super::stored::Stored;
use super::write::{Writing, origin_number};
use super::{UsageBatch, UsageOrigin};
use crate::error::StoreError;
use crate::store::Store;

/// The most running totals that are kept. More are refused.
const MAX_SERIES: i64 = 20_000;
/// The most sessions of programs that are kept.
const MAX_ORIGINS: i64 = 50_000;
/// A running total that was not sent for so long is forgotten, in milliseconds: its program has ended.
const SERIES_KEPT: i64 = 35 * DAY;
/// So long it is known what was sent of a request, so that a log that is read later takes its place.
const RECORDS_KEPT: i64 = 90 * DAY;
const DAY: i64 = 24 * 3600 * 1000;
/// A log and a program note the same request at moments that are no further apart, in milliseconds.
const SLACK: i64 = 2 * 60 * 1000;
/// Formats whose requests one record describes, so that the account of one can be learned from elsewhere.
const CLAIMED: &str = "kimi-code";

impl Store {
    /// How far a source was read, in its reader's own words.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn intake_mark(&self, source: &str) -> Result<Option<String>, StoreError> {
        let found = self
            .db
            .prepare_cached("SELECT mark FROM usage_file WHERE path = ?1 LIMIT 1")?
            .query_row([source], |row| row.get(0))
            .optional()?;
        Ok(found)
    }

    /// Writes a batch in one transaction, together with how far its source was read. Writing it again changes nothing.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes). Nothing of the batch is written then.
    pub fn write_intake(&self, batch: &IntakeBatch) -> Result<IntakeOutcome, StoreError> {
        let tx = self.begin()?;
        let file = source_file(self, batch)?;
        let usage = UsageBatch { known: batch.known, cuts: batch.cuts.clone(), ..UsageBatch::default() };
        let mut writing = Writing::new(self, &usage)?;
        let mut outcome = IntakeOutcome::default();
        make_room(self, batch.known)?;
        let count = |table: &str| -> Result<i64, StoreError> {
            Ok(self.db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?)
        };
        let mut room = Room {
            series: MAX_SERIES - count("intake_series")?,
            origins: MAX_ORIGINS - count("usage_origin WHERE format IN ('otlp', 'litellm')")?,
        };
        for record in &batch.records {
            writing.record(file, record, &mut room, &mut outcome)?;
        }
        writing.finish()?;
        tx.commit()?;
        Ok(outcome)
    }
}

/// How many more can be kept.
struct Room {
    series: i64,
    origins: i64,
}

/// What stands for a log of a source. It is no file that a scan of the logs could find.
fn source_file(store: &Store, batch: &IntakeBatch) -> Result<i64, StoreError> {
    let known: Option<i64> = store
        .db
        .prepare_cached("SELECT id FROM usage_file WHERE path = ?1 LIMIT 1")?
        .query_row([&batch.source], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        if let Some(mark) = &batch.mark {
            store
                .db
                .prepare_cached("UPDATE usage_file SET mark = ?2 WHERE id = ?1")?
                .execute(params![id, mark])?;
        }
        return Ok(id);
    }
    let nowhere = UsageOrigin { format: batch.source.clone(), session: String::new(), project: None };
    let origin = origin_number(store, &nowhere)?;
    store
        .db
        .prepare_cached(
            "INSERT INTO usage_file (path, mark, origin, skipped, gone) VALUES (?1, ?2, ?3, 0, 1)",
        )?
        .execute(params![batch.source, batch.mark.as_deref().unwrap_or_default(), origin])?;
    Ok(store.db.last_insert_rowid())
}

/// Forgets what is not needed any more.
fn make_room(store: &Store, now: i64) -> Result<(), StoreError> {
    store.db.prepare_cached("DELETE FROM intake_series WHERE seen < ?1")?.execute([now - SERIES_KEPT])?;
    store.db.prepare_cached("DELETE FROM intake_request WHERE at < ?1")?.execute([now - RECORDS_KEPT])?;
    Ok(())
}

/// What is known of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    row: Stored,
    name: String,
    convention: InputConvention,
    counts: [Option<u64>; 4],
    seen_in: IntakeMatch,
    /// Whether it counts; if not, a request of a log does in its place.
    is_counted: bool,
}

const SELECT: &str =
    "SELECT fingerprint, at, begun, name, model, origin, provider, whole, input, cache_read, cache_write,
   output, rule, format, log_at FROM intake_request";

fn known(row: &Row<'_>, file: i64) -> rusqlite::Result<Known> {
    let convention = if row.get(7)? { InputConvention::Whole } else { InputConvention::Apart };
    let count = |column: usize| -> rusqlite::Result<Option<u64>> {
        Ok(row.get::<_, Option<i64>>(column)?.map(|count| count.max(0) as u64))
    };
    let counts = [count(8)?, count(9)?, count(10)?, count(11)?];
    let rule: String = row.get(12)?;
    Ok(Known {
        row: Stored {
            fingerprint: row.get(0)?,
            at: row.get(1)?,
            begun: row.get(2)?,
            file,
            copies: 0,
            model: row.get(4)?,
            origin: row.get(5)?,
            provider: row.get(6)?,
            tokens: tokens(counts, convention).0,
        },
        name: row.get(3)?,
        convention,
        counts,
        seen_in: match rule.as_str() {
            "session" => IntakeMatch::Session,
            "format" => IntakeMatch::Format(row.get(13)?),
            "figures" => IntakeMatch::Figures,
            _ => IntakeMatch::Nothing,
        },
        is_counted: row.get::<_, Option<i64>>(14)?.is_none(),
    })
}

impl IntakeMatch {
    fn words(&self) -> (&'static str, &str) {
        match self {
            Self::Nothing => ("nothing", ""),
            Self::Session => ("session", ""),
            Self::Format(format) => ("format", format),
            Self::Figures => ("figures", ""),
        }
    }
}

impl Writing<'_> {
    fn record(
        &mut self,
        file: i64,
        record: &IntakeRecord,
        room: &mut Room,
        outcome: &mut IntakeOutcome,
    ) -> Result<(), StoreError> {
        let fingerprint = record.fingerprint.cast_signed();
        let before: Option<Known> = self
            .store
            .db
            .prepare_cached(&format!("{SELECT} WHERE fingerprint = ?1"))?
            .query_row([fingerprint], |row| known(row, file))
            .optional()?;
        let mut counts = before.as_ref().map_or([None; 4], |before| before.counts);
        let mut begun = before.as_ref().map_or(record.begun, |before| before.row.begun);
        for (sum, sent) in counts.iter_mut().zip(record.counts) {
            match sent {
                None => {}
                Some(IntakeCount::Delta(value)) => *sum = Some(sum.map_or(value, |sum| sum.max(value))),
                Some(IntakeCount::Cumulative { series, start, time, value }) => {
                    let Some((added, since)) =
                        self.advance(series, start, RunningTotal { time, value }, room)?
                    else {
                        outcome.refused += 1;
                        continue;
                    };
                    if before.is_none() {
                        // Not since the program began to count, but since it last said so.
                        begun = begun.max(since.filter(|since| *since <= record.at));
                    }
                    *sum = Some(sum.unwrap_or_default().saturating_add(added));
                }
            }
        }
        let (now, is_cache_known) = tokens(counts, record.convention);
        if before.as_ref().is_some_and(|before| !before.is_counted || before.counts == counts)
            || now.is_zero()
        {
            return Ok(());
        }
        if before.is_none() {
            if self.closed.knows(record.at, fingerprint)? == Some(true)
                || self.request(record.at, fingerprint)?.is_some()
            {
                return Ok(());
            }
            if self.is_new_origin(&record.origin)? {
                if room.origins <= 0 {
                    outcome.refused += 1;
                    return Ok(());
                }
                room.origins -= 1;
            }
        }
        let name =
            if is_cache_known { record.model.clone() } else { format!("{}{CACHE_UNKNOWN}", record.model) };
        let row = Stored {
            at: record.at,
            fingerprint,
            begun,
            file,
            copies: 0,
            model: self.model_number(&name)?,
            origin: origin_number(self.store, &record.origin)?,
            provider: record.provider.unwrap_or_default(),
            tokens: now,
        };
        let after = Known {
            row,
            name: record.model.clone(),
            convention: record.convention,
            counts,
            seen_in: record.seen_in.clone(),
            is_counted: true,
        };
        if before.is_none() && self.is_in_log(&after, &record.origin.session)? {
            outcome.in_logs += 1;
            return Ok(());
        }
        let place = match &before {
            Some(before) => self.take_out_record(&before.row)?,
            None => None,
        };
        if self.closed.knows(row.at, row.fingerprint)?.is_some() {
            self.closed.add(row.at, row.fingerprint);
            self.sums.count(&row, 1);
        } else if self.insert(&row, place.unwrap_or((self.batch.known, self.last + 1)))? {
            if place.is_none() {
                self.last += 1;
            }
            self.sums.count(&row, 1);
        }
        self.keep_record(&after, None)?;
        outcome.counted += 1;
        Ok(())
    }

    /// Counts a running total on: what it adds, and since when, in milliseconds. `None` if there are too many.
    fn advance(
        &self,
        series: u64,
        start: u64,
        seen: RunningTotal,
        room: &mut Room,
    ) -> Result<Option<(u64, Option<i64>)>, StoreError> {
        // Nanoseconds of this century fit.
        let (series, start) = (series.cast_signed(), start.cast_signed());
        let known: Option<RunningTotal> = self
            .store
            .db
            .prepare_cached("SELECT time, value FROM intake_series WHERE series = ?1 AND start = ?2")?
            .query_row([series, start], |row| {
                let number = |column| row.get::<_, i64>(column).map(|number| number.max(0) as u64);
                Ok(RunningTotal { time: number(0)?, value: number(1)? })
            })
            .optional()?;
        if known.is_none() {
            if room.series <= 0 {
                return Ok(None);
            }
            room.series -= 1;
        }
        let (now, added) = advance(known, start > 0, seen);
        self.store
            .db
            .prepare_cached(
                "INSERT OR REPLACE INTO intake_series (series, start, time, value, seen) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![series, start, now.time.cast_signed(), now.value.cast_signed(), self.batch.known])?;
        let since = known.map(|known| (known.time / 1_000_000).cast_signed());
        Ok(Some((added, since)))
    }

    fn model_number(&self, name: &str) -> Result<i64, StoreError> {
        let id = self
            .store
            .db
            .prepare_cached(
                "INSERT INTO usage_model (name, third) VALUES (?1, 0)
                 ON CONFLICT (name, third) DO UPDATE SET name = name RETURNING id",
            )?
            .query_row([name], |row| row.get(0))?;
        Ok(id)
    }

    fn is_new_origin(&self, origin: &UsageOrigin) -> Result<bool, StoreError> {
        let mut statement = self.store.db.prepare_cached(
            "SELECT 1 FROM usage_origin WHERE session = ?1 AND format = ?2 AND project IS ?3",
        )?;
        Ok(!statement.exists(params![origin.session, origin.format, origin.project])?)
    }

    /// Whether a log has the same requests. That of the same figures is noted then: it stands for no other record.
    fn is_in_log(&mut self, record: &Known, session: &str) -> Result<bool, StoreError> {
        let db = &self.store.db;
        match &record.seen_in {
            IntakeMatch::Nothing => Ok(false),
            IntakeMatch::Session => {
                let mut statement = db.prepare_cached(
                    "SELECT 1 FROM usage_origin
                     WHERE session = ?1 AND format NOT IN ('', 'otlp', 'litellm', 'import') LIMIT 1",
                )?;
                Ok(!session.is_empty() && statement.exists([session])?)
            }
            IntakeMatch::Format(format) => {
                let mut statement = db.prepare_cached(
                    "SELECT 1 FROM usage_request AS request
                     JOIN usage_origin AS origin ON origin.id = request.origin AND origin.format = ?3
                     JOIN usage_model AS model ON model.id = request.model AND model.name = ?4
                     WHERE at >= ?1 AND at <= ?2 LIMIT 1",
                )?;
                let (from, to) = span(&record.row);
                Ok(statement.exists(params![from, to, format, record.name])?)
            }
            IntakeMatch::Figures => {
                let Some((log, format)) = self.same_figures(&record.row)? else { return Ok(false) };
                self.learn_account(&log, &format, record.row.provider)?;
                self.keep_record(record, Some(&log))?;
                Ok(true)
            }
        }
    }

    /// A request of a log with the same input, cached or not, and the same output, that stands for no record yet. It did
    /// not go to Kimi's own address: what a proxy passed on was sent to the proxy.
    fn same_figures(&self, row: &Stored) -> Result<Option<(Stored, String)>, StoreError> {
        let (from, to) = span(row);
        let input = row.tokens.total() - row.tokens.output;
        let mut statement = self.store.db.prepare_cached(
            "SELECT request.at, request.fingerprint, origin.format, base_url
             FROM usage_request AS request
             JOIN usage_model AS model ON model.id = request.model AND model.third = 0
             JOIN usage_origin AS origin ON origin.id = request.origin
             LEFT JOIN usage_provider AS provider ON provider.id = request.provider
             WHERE at >= ?1 AND at <= ?2 AND output = ?3 AND input + cache_read + cache_write = ?4
               AND format NOT IN ('', 'otlp', 'litellm', 'import')
               AND NOT EXISTS (SELECT 1 FROM intake_request AS taken
                 WHERE taken.log_at = request.at AND taken.log_request = request.fingerprint)
             ORDER BY abs(request.at - ?5), request.at, request.fingerprint",
        )?;
        let mut rows = statement.query(params![
            from,
            to,
            row.tokens.output.cast_signed(),
            input.cast_signed(),
            row.at
        ])?;
        while let Some(found) = rows.next()? {
            let base_url: Option<String> = found.get(3)?;
            if base_url.is_some_and(|url| is_services_own(&url)) {
                continue;
            }
            let format = found.get(2)?;
            return Ok(self.request(found.get(0)?, found.get(1)?)?.map(|log| (log, format)));
        }
        Ok(None)
    }

    /// A proxy knows to which account it passed a request on; a log that does not learns it.
    fn learn_account(&mut self, log: &Stored, format: &str, provider: i64) -> Result<(), StoreError> {
        let account = |provider: i64| -> Result<Option<i64>, StoreError> {
            let found = self
                .store
                .db
                .prepare_cached("SELECT account FROM usage_provider WHERE id = ?1")?
                .query_row([provider], |row| row.get(0))
                .optional()?;
            Ok(found.flatten())
        };
        if format != CLAIMED || account(log.provider)?.is_some() || account(provider)?.is_none() {
            return Ok(());
        }
        self.store
            .db
            .prepare_cached("UPDATE usage_request SET provider = ?3 WHERE at = ?1 AND fingerprint = ?2")?
            .execute([log.at, log.fingerprint, provider])?;
        self.sums.count(log, -1);
        self.sums.count(&Stored { provider, ..*log }, 1);
        Ok(())
    }

    fn keep_record(&self, record: &Known, log: Option<&Stored>) -> Result<(), StoreError> {
        let Known { row, name, convention, counts, seen_in, .. } = record;
        let count = |count: Option<u64>| count.map(u64::cast_signed);
        let (rule, format) = seen_in.words();
        self.store
            .db
            .prepare_cached(
                "INSERT OR REPLACE INTO intake_request (fingerprint, at, begun, name, model, origin, provider, whole,
                   input, cache_read, cache_write, output, rule, format, log_at, log_request)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            )?
            .execute(params![
                row.fingerprint,
                row.at,
                row.begun,
                name,
                row.model,
                row.origin,
                row.provider,
                *convention == InputConvention::Whole,
                count(counts[0]),
                count(counts[1]),
                count(counts[2]),
                count(counts[3]),
                rule,
                format,
                log.map(|log| log.at),
                log.map(|log| log.fingerprint)
            ])?;
        Ok(())
    }

    /// Takes a record out of the requests and the sums. Since when it was known, and its place in that order.
    fn take_out_record(&mut self, row: &Stored) -> Result<Option<(i64, i64)>, StoreError> {
        let stored = self.request(row.at, row.fingerprint)?;
        let was = self
            .store
            .db
            .prepare_cached(
                "DELETE FROM usage_request WHERE at = ?1 AND fingerprint = ?2 RETURNING known, place",
            )?
            .query_row([row.at, row.fingerprint], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some(stored) = stored {
            self.sums.count(&stored, -1);
        } else if self.closed.knows(row.at, row.fingerprint)? == Some(true) {
            // Pruned: only the sums have it.
            self.sums.count(row, -1);
        }
        Ok(was)
    }

    /// Takes back what programs said of requests that the logs of this batch have: the logs count.
    pub(super) fn take_back(&mut self) -> Result<(), StoreError> {
        let db = &self.store.db;
        if !db.prepare_cached("SELECT 1 FROM intake_request WHERE log_at IS NULL LIMIT 1")?.exists([])? {
            return Ok(());
        }
        let mut found: Vec<(Known, String)> = Vec::new();
        for origin in self.batch.origins.iter().filter(|origin| !origin.session.is_empty()) {
            let mut statement = db.prepare_cached(&format!(
                "{SELECT} WHERE rule = 'session' AND log_at IS NULL
                   AND origin IN (SELECT id FROM usage_origin WHERE session = ?1 AND format IN ('otlp', 'litellm'))"
            ))?;
            let of_session = statement.query_map([&origin.session], |row| known(row, 0))?;
            for known in of_session {
                found.push((known?, origin.session.clone()));
            }
        }
        let claims =
            self.batch.parts.iter().flat_map(|part| part.claims.iter().map(|claim| claim.request.at));
        let named = self.batch.parts.iter().flat_map(|part| part.named.iter().map(|named| named.request.at));
        let times = || claims.clone().chain(named.clone());
        if let (Some(first), Some(last)) = (times().min(), times().max()) {
            let mut statement = db.prepare_cached(&format!(
                "{SELECT} WHERE rule IN ('format', 'figures') AND log_at IS NULL
                   AND at >= ?1 AND coalesce(begun, at) <= ?2 ORDER BY at, fingerprint"
            ))?;
            let in_span =
                statement.query_map([first - SLACK, last.saturating_add(SLACK)], |row| known(row, 0))?;
            for known in in_span {
                found.push((known?, String::new()));
            }
        }
        for (record, session) in found {
            if !self.is_in_log(&record, &session)? {
                continue;
            }
            self.take_out_record(&record.row)?;
            if record.seen_in != IntakeMatch::Figures {
                self.store
                    .db
                    .prepare_cached("DELETE FROM intake_request WHERE fingerprint = ?1")?
                    .execute([record.row.fingerprint])?;
            }
        }
        Ok(())
    }
}

/// From when to when a log can have a request of this.
fn span(row: &Stored) -> (i64, i64) {
    let begun = row.begun.unwrap_or(row.at).min(row.at);
    (begun.saturating_sub(SLACK), row.at.saturating_add(SLACK))
}

/// Whether an address is one of the services' own.
fn is_services_own(address: &str) -> bool {
    let host = |address: &str| -> Option<String> {
        let rest = address.split_once("://")?.1;
        let host = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
        Some(host.split(':').next()?.to_ascii_lowercase())
    };
    let services = [Source::KimiCode, Source::Platform]
        .into_iter()
        .flat_map(|source| [Region::China, Region::Global].map(|region| source.base_url(region)));
    let wanted = host(address);
    wanted.is_some() && services.into_iter().any(|service| host(service) == wanted)
}
