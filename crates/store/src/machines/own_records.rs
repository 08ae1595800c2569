//! What of this machine's usage other machines are given: the requests that its own logs hold.

use rusqlite::{Row, params};
use tidemark_core::{Account, AccountId, Region, Source};
use url::Url;

use super::records::{MachineRequest, SourceSaid};
use crate::error::StoreError;
use crate::store::Store;
use crate::text_columns;
use crate::usage::{UsageStates, tokens};

/// A request of this machine, at its place in the order in which requests changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRequest {
    /// The place.
    pub place: u64,
    /// The request, or the state of it that is known now.
    pub request: MachineRequest,
}

/// Where requests of this machine went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnSource {
    /// The number by which its requests name it.
    pub number: i64,
    /// What is known of it.
    pub said: SourceSaid,
}

const REQUESTS: &str = "SELECT request.place, request.fingerprint, NULL, 0, 0, request.at, request.begun,
   model.name, request.provider, origin.format, origin.project, request.input, request.cache_read,
   request.cache_write, request.cache_write_1h, request.output
 FROM usage_request AS request
 JOIN usage_model AS model ON model.id = request.model AND model.third = 0
 JOIN usage_origin AS origin ON origin.id = request.origin AND origin.machine IS NULL AND origin.format <> 'import'
 WHERE request.place > ?1 AND request.place <= ?2
   AND NOT EXISTS (SELECT 1 FROM usage_state AS state WHERE state.fingerprint = request.fingerprint)
 ORDER BY request.place LIMIT ?3";

const STATES: &str =
    "SELECT state.revision, state.fingerprint, state.message, state.named, state.merged, state.at,
   state.begun, model.name, state.provider, origin.format, origin.project, state.input, state.cache_read,
   state.cache_write, state.cache_write_1h, state.output
 FROM usage_state AS state
 JOIN usage_model AS model ON model.id = state.model AND model.third = 0
 JOIN usage_origin AS origin ON origin.id = state.origin AND origin.machine IS NULL
 WHERE state.revision > ?1 AND state.revision <= ?2
 ORDER BY state.revision LIMIT ?3";

/// The states of one message, in the columns of [`STATES`].
const STATES_OF: &str =
    "SELECT coalesce(state.revision, 0), state.fingerprint, state.message, state.named, state.merged, state.at,
   state.begun, model.name, state.provider, origin.format, origin.project, state.input, state.cache_read,
   state.cache_write, state.cache_write_1h, state.output
 FROM usage_state AS state
 JOIN usage_model AS model ON model.id = state.model AND model.third = 0
 JOIN usage_origin AS origin ON origin.id = state.origin AND origin.machine IS NULL
 WHERE state.message = ?1 ORDER BY state.fingerprint";

fn own_request(row: &Row<'_>) -> rusqlite::Result<OwnRequest> {
    let source: i64 = row.get(8)?;
    Ok(OwnRequest {
        place: row.get::<_, i64>(0)?.max(0) as u64,
        request: MachineRequest {
            fingerprint: row.get::<_, i64>(1)?.cast_unsigned(),
            message: row.get::<_, Option<i64>>(2)?.map(i64::cast_unsigned),
            named: row.get(3)?,
            states: UsageStates::of(row.get(4)?),
            at: row.get(5)?,
            begun: row.get(6)?,
            model: text_columns::name(row, 7)?,
            source: (source != 0).then_some(source),
            client: text_columns::name(row, 9)?,
            project: text_columns::optional_folder(row, 10)?,
            tokens: tokens(row, 11)?,
        },
    })
}

impl Store {
    /// The last place that was given in the order in which requests became known or changed.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn last_usage_place(&self) -> Result<u64, StoreError> {
        let last: i64 =
            self.db.prepare_cached("SELECT last FROM usage_place")?.query_row([], |row| row.get(0))?;
        Ok(last.max(0) as u64)
    }

    /// Requests of Kimi's models that this machine's logs hold, in the order in which they became known or changed:
    /// those after a place and up to another, about `limit` of them at most, and the place up to which they reach.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn own_requests(
        &self,
        after: u64,
        until: u64,
        limit: u32,
    ) -> Result<(Vec<OwnRequest>, u64), StoreError> {
        let tx = self.begin_reading()?;
        let mut reached = until;
        let mut found: Vec<OwnRequest> = Vec::new();
        for sql in [REQUESTS, STATES] {
            let mut statement = tx.prepare_cached(sql)?;
            let rows = statement.query_map(
                params![
                    i64::try_from(after).unwrap_or(i64::MAX),
                    i64::try_from(until).unwrap_or(i64::MAX),
                    limit
                ],
                own_request,
            )?;
            let rows: Vec<OwnRequest> = rows.collect::<Result<_, _>>()?;
            if rows.len() >= limit as usize {
                reached = reached.min(rows.last().map_or(until, |row| row.place));
            }
            found.extend(rows);
        }
        drop(tx);
        found.retain(|row| row.place <= reached);
        found.sort_by_key(|row| row.place);
        Ok((found, reached))
    }

    /// All states of some messages that this machine's logs hold, message by message.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn own_states(&self, messages: &[u64]) -> Result<Vec<MachineRequest>, StoreError> {
        let tx = self.begin_reading()?;
        let mut found = Vec::new();
        let mut statement = tx.prepare_cached(STATES_OF)?;
        for message in messages {
            let rows = statement.query_map([message.cast_signed()], own_request)?;
            for row in rows {
                found.push(row?.request);
            }
        }
        Ok(found)
    }

    /// How many requests of this machine's logs, or states of them, have a later place.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn own_requests_after(&self, place: u64) -> Result<u64, StoreError> {
        let mut count = 0;
        for sql in [REQUESTS, STATES] {
            let counted: i64 = self
                .db
                .prepare_cached(&format!("SELECT count(*) FROM ({sql})"))?
                .query_row(params![i64::try_from(place).unwrap_or(i64::MAX), i64::MAX, -1], |row| {
                    row.get(0)
                })?;
            count += counted.max(0) as u64;
        }
        Ok(count)
    }

    /// Gives a place to the states of requests that an older program wrote without one.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub(crate) fn number_states(&self) -> Result<(), StoreError> {
        if !self.db.prepare_cached("SELECT 1 FROM usage_state WHERE revision IS NULL LIMIT 1")?.exists([])? {
            return Ok(());
        }
        let tx = self.begin()?;
        tx.execute(
            "UPDATE usage_state SET revision = numbered.place FROM (
               SELECT message, fingerprint,
                 (SELECT last FROM usage_place) + row_number() OVER (ORDER BY at, message, fingerprint) AS place
               FROM usage_state WHERE revision IS NULL) AS numbered
             WHERE usage_state.message = numbered.message AND usage_state.fingerprint = numbered.fingerprint",
            [],
        )?;
        tx.execute("UPDATE usage_place SET last = max(last, (SELECT max(revision) FROM usage_state))", [])?;
        tx.commit()?;
        Ok(())
    }

    /// Where this machine's requests went.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes), and [`StoreError::Unreadable`].
    pub fn own_sources(&self) -> Result<Vec<OwnSource>, StoreError> {
        let accounts = self.accounts()?;
        let readings = self.last_readings()?;
        let mut statement = self.db.prepare_cached(
            "SELECT id, base_url, account FROM usage_provider
             WHERE home <> 'import' AND id NOT IN (SELECT provider FROM machine_source) ORDER BY id",
        )?;
        let rows = statement.query_map([], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, Option<String>>(1)?,
                row.get::<_, Option<i64>>(2)?.map(AccountId),
            ))
        })?;
        let mut sources = Vec::new();
        for row in rows {
            let (number, base_url, account) = row?;
            let known: Option<&Account> = accounts.iter().find(|known| Some(known.id) == account);
            let service = known
                .map(|account| (account.source, account.region))
                .or_else(|| service_of(base_url.as_deref()?));
            let user = readings.iter().find(|(id, ..)| Some(*id) == account);
            sources.push(OwnSource {
                number,
                said: SourceSaid {
                    service: service.map(|(source, _)| source),
                    region: service.map(|(_, region)| region),
                    user: user.map(|(_, _, reading)| reading.user.clone()).unwrap_or_default(),
                },
            });
        }
        Ok(sources)
    }
}

/// The service that is at an address; `None` for a relay.
fn service_of(address: &str) -> Option<(Source, Region)> {
    let address = Url::parse(address).ok()?;
    let is_code = address.path().trim_start_matches('/').starts_with("coding");
    let services = [Source::KimiCode, Source::Platform]
        .into_iter()
        .flat_map(|source| [Region::China, Region::Global].map(|region| (source, region)));
    services.into_iter().find(|(source, region)| {
        let own = Url::parse(source.base_url(*region)).ok();
        own.is_some_and(|own| own.host_str() == address.host_str())
            && (*source == Source::KimiCode) == is_code
    })
}
