//! Requests of another history. Each counts once: one with an id is known by it, also when this machine's logs have it;
//! those of older exports have none, and as many of the same time, model and tokens count as one file has at most.

use std::collections::HashMap;
use std::hash::{Hash as _, Hasher as _};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, params};
use tidemark_core::{AccountId, Tokens};

use super::import_files::{WITH_ID, WITHOUT_ID};
use super::new_request::{Merged, NewRequest, SeenRequests};
use super::stored::{Stored, parts};
use super::write::{Writing, origin_number, origin_of};
use super::{UsageBatch, UsageOrigin, UsageProvider, WhoseUse};
use crate::error::StoreError;
use crate::store::Store;

/// More copies over than any log is: a log that has the request too is the one that counts.
pub(super) const COPIES: u32 = 1_000_000;

/// Adds requests, in the transaction that is under way.
pub(crate) fn add(
    store: &Store,
    cuts: &[DateTime<Utc>],
    requests: &[NewRequest],
    seen: &mut SeenRequests,
) -> Result<Vec<Merged>, StoreError> {
    let batch =
        UsageBatch { cuts: cuts.iter().map(DateTime::timestamp_millis).collect(), ..UsageBatch::default() };
    let mut writing = Writing::new(store, &batch)?;
    let mut adding = Adding::of(store)?;
    let merged = requests
        .iter()
        .map(|request| adding.add(&mut writing, request, seen))
        .collect::<Result<Vec<_>, _>>()?;
    writing.finish()?;
    Ok(merged)
}

/// What is looked up once for many requests.
struct Adding<'s> {
    store: &'s Store,
    with_id: i64,
    without_id: i64,
    providers: HashMap<Option<AccountId>, i64>,
    models: HashMap<String, i64>,
    origins: HashMap<(Option<String>, Option<i64>), i64>,
    /// The numbers of machines by their names; `None` is this one.
    machines: HashMap<String, Option<i64>>,
}

impl<'s> Adding<'s> {
    fn of(store: &'s Store) -> Result<Self, StoreError> {
        let file = |path| -> Result<i64, StoreError> {
            let db = &store.db;
            let there = db
                .prepare_cached("SELECT id FROM usage_file WHERE path = ?1 LIMIT 1")?
                .query_row([path], |row| row.get(0))
                .optional()?;
            if let Some(id) = there {
                return Ok(id);
            }
            let origin = origin_number(store, &origin(None))?;
            // It is no file that a scan of the logs could find.
            db.execute(
                "INSERT INTO usage_file (path, mark, origin, skipped, gone) VALUES (?1, '', ?2, 0, 1)",
                params![path, origin],
            )?;
            Ok(db.last_insert_rowid())
        };
        Ok(Self {
            store,
            with_id: file(WITH_ID)?,
            without_id: file(WITHOUT_ID)?,
            providers: HashMap::new(),
            models: HashMap::new(),
            origins: HashMap::new(),
            machines: HashMap::new(),
        })
    }

    fn add(
        &mut self,
        writing: &mut Writing<'_>,
        request: &NewRequest,
        seen: &mut SeenRequests,
    ) -> Result<Merged, StoreError> {
        let at = request.at.timestamp_millis();
        let mut row = Stored {
            at,
            fingerprint: 0,
            begun: None,
            file: self.with_id,
            copies: COPIES,
            model: self.model(&request.model)?,
            origin: self.origin(request)?,
            provider: self.provider(request.account)?,
            tokens: request.tokens,
        };
        let known = request.known_at.timestamp_millis();
        if let Some(id) = request.id {
            row.fingerprint = id.cast_signed();
            if let Some(is_known) = writing.closed.knows(at, row.fingerprint)? {
                if is_known {
                    return Ok(Merged::Known);
                }
                writing.closed.add(at, row.fingerprint);
                writing.sums.count(&row, 1);
                return Ok(Merged::New);
            }
            if is_there(&self.store.db, at, row.fingerprint)? {
                return Ok(Merged::Known);
            }
            if let Some(place) = writing.take_without_id(&row)? {
                writing.insert(&row, place)?;
                writing.sums.count(&row, 1);
                return Ok(Merged::Known);
            }
        } else {
            if writing.closed.knows(at, 0)?.is_some() {
                return Ok(Merged::TooOld);
            }
            let number = seen.number(request);
            if alike(&self.store.db, &row)? >= number {
                return Ok(Merged::Known);
            }
            row.file = self.without_id;
            row.fingerprint = made_up(request, number);
            while is_there(&self.store.db, at, row.fingerprint)? {
                row.fingerprint = row.fingerprint.wrapping_add(1);
            }
        }
        writing.last += 1;
        let place = writing.last;
        writing.insert(&row, (known, place))?;
        writing.sums.count(&row, 1);
        Ok(Merged::New)
    }

    fn model(&mut self, name: &str) -> Result<i64, StoreError> {
        if let Some(id) = self.models.get(name) {
            return Ok(*id);
        }
        let id: i64 = self
            .store
            .db
            .prepare_cached(
                "INSERT INTO usage_model (name, third) VALUES (?1, 0)
                 ON CONFLICT (name, third) DO UPDATE SET name = name RETURNING id",
            )?
            .query_row([name], |row| row.get(0))?;
        self.models.insert(name.to_owned(), id);
        Ok(id)
    }

    fn origin(&mut self, request: &NewRequest) -> Result<i64, StoreError> {
        let machine = request.machine.as_deref().map(|name| self.machine(name)).transpose()?.flatten();
        let key = (request.project.clone(), machine);
        if let Some(id) = self.origins.get(&key) {
            return Ok(*id);
        }
        let id = origin_of(self.store, &origin(request.project.clone()), machine)?;
        self.origins.insert(key, id);
        Ok(id)
    }

    fn machine(&mut self, name: &str) -> Result<Option<i64>, StoreError> {
        if let Some(machine) = self.machines.get(name) {
            return Ok(*machine);
        }
        let machine = self.store.machine_of_import(name)?;
        self.machines.insert(name.to_owned(), machine);
        Ok(machine)
    }

    /// What stands for a program's provider: one for each account, and one for unassigned requests.
    fn provider(&mut self, account: Option<AccountId>) -> Result<i64, StoreError> {
        if let Some(id) = self.providers.get(&account) {
            return Ok(*id);
        }
        let (id, _) = self.store.usage_provider(&UsageProvider {
            home: WITH_ID.to_owned(),
            name: account.map_or_else(|| "unassigned".to_owned(), |account| account.to_string()),
            base_url: None,
            modified: 0,
            whose: account.map_or(WhoseUse::Nobody, WhoseUse::Account),
        })?;
        self.providers.insert(account, id);
        Ok(id)
    }
}

fn origin(project: Option<String>) -> UsageOrigin {
    UsageOrigin { format: WITH_ID.to_owned(), session: String::new(), project }
}

fn is_there(db: &Connection, at: i64, fingerprint: i64) -> Result<bool, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT 1 FROM usage_request WHERE at = ?1 AND fingerprint = ?2")?;
    Ok(statement.exists([at, fingerprint])?)
}

/// How many requests of a time have its model and tokens.
fn alike(db: &Connection, row: &Stored) -> Result<u32, StoreError> {
    let [input, cache_read, cache_write, _, output] = parts(&row.tokens);
    let mut statement = db.prepare_cached(
        "SELECT count(*) FROM usage_request WHERE at = ?1 AND model = ?2 AND input = ?3 AND cache_read = ?4
           AND cache_write = ?5 AND output = ?6",
    )?;
    Ok(statement.query_row([row.at, row.model, input, cache_read, cache_write, output], |row| row.get(0))?)
}

/// A fingerprint for a request that has none. It only has to be another than its neighbours'.
fn made_up(request: &NewRequest, number: u32) -> i64 {
    let Tokens { input, cache_read, cache_write, output, .. } = request.tokens;
    let mut hasher = std::hash::DefaultHasher::new();
    (&request.model, input, cache_read, cache_write, output, number).hash(&mut hasher);
    hasher.finish().cast_signed()
}

impl Writing<'_> {
    /// Takes out the request that stands for a log's until that log is read: an imported one with the same fingerprint,
    /// or one without an id that has its figures. Since when it is known, and its place in that order.
    pub(super) fn take_imported(&mut self, row: &Stored) -> Result<Option<(i64, i64)>, StoreError> {
        if self.imports.with_id.is_some()
            && let Some(old) = self.request(row.at, row.fingerprint)?
            && self.imports.has(old.file)
        {
            return self.take_out(&old).map(Some);
        }
        self.take_without_id(row)
    }

    /// Takes out a request without an id that has the figures of this one.
    fn take_without_id(&mut self, row: &Stored) -> Result<Option<(i64, i64)>, StoreError> {
        let Some(file) = self.imports.without_id else { return Ok(None) };
        let [input, cache_read, cache_write, _, output] = parts(&row.tokens);
        let found: Option<i64> = self
            .store
            .db
            .prepare_cached(
                "SELECT fingerprint FROM usage_request WHERE at = ?1 AND file = ?2 AND model = ?3 AND input = ?4
                   AND cache_read = ?5 AND cache_write = ?6 AND output = ?7 LIMIT 1",
            )?
            .query_row([row.at, file, row.model, input, cache_read, cache_write, output], |row| row.get(0))
            .optional()?;
        let Some(old) = found.map(|fingerprint| self.request(row.at, fingerprint)).transpose()?.flatten()
        else {
            return Ok(None);
        };
        self.take_out(&old).map(Some)
    }

    pub(super) fn take_out(&mut self, old: &Stored) -> Result<(i64, i64), StoreError> {
        let was = self
            .store
            .db
            .prepare_cached(
                "DELETE FROM usage_request WHERE at = ?1 AND fingerprint = ?2 RETURNING known, place",
            )?
            .query_row([old.at, old.fingerprint], |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.sums.count(old, -1);
        Ok(was)
    }
}

/// Puts the requests that became known at an instant or later into the order in which they did, behind all places that
/// were ever given, and moves the accounts' places in that order along.
pub(crate) fn order(db: &Connection, since: i64) -> Result<(), StoreError> {
    db.execute_batch(
        "CREATE TEMP TABLE reordered (
           old INTEGER NOT NULL, place INTEGER NOT NULL, at INTEGER NOT NULL, fingerprint INTEGER NOT NULL) STRICT",
    )?;
    db.execute(
        "INSERT INTO temp.reordered SELECT place,
           (SELECT last FROM usage_place) + row_number() OVER (ORDER BY known, place), at, fingerprint
         FROM usage_request WHERE known >= ?1",
        [since],
    )?;
    db.execute(
        "UPDATE progress SET usage_told =
           max(usage_told, coalesce((SELECT max(place) FROM temp.reordered WHERE old <= usage_told), 0))",
        [],
    )?;
    db.execute(
        "UPDATE usage_request SET place = moved.place FROM temp.reordered AS moved
         WHERE usage_request.at = moved.at AND usage_request.fingerprint = moved.fingerprint",
        [],
    )?;
    db.execute(
        "UPDATE usage_place SET last = max(last, coalesce((SELECT max(place) FROM temp.reordered), 0))",
        [],
    )?;
    db.execute_batch("DROP TABLE temp.reordered")?;
    Ok(())
}
