//! Writing batches of local use.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, Row, params};
use tidemark_core::{AccountId, Tokens};

use super::prune::Closed;
use super::{
    UsageBatch, UsageClaim, UsageFile, UsageNamed, UsageOrigin, UsagePart, UsageProvider, UsageRequest,
    WhoseUse,
};
use crate::error::StoreError;
use crate::store::Store;

pub(super) const QUARTER: i64 = 15 * 60 * 1000;

impl Store {
    /// The log files that are known.
    pub fn usage_files(&self) -> Result<Vec<UsageFile>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT file.id, path, mark, gone, format, session, project
             FROM usage_file AS file JOIN usage_origin AS origin ON origin.id = file.origin ORDER BY file.id",
        )?;
        let files = statement.query_map([], |row| {
            let origin = UsageOrigin { format: row.get(4)?, session: row.get(5)?, project: row.get(6)? };
            Ok(UsageFile { id: row.get(0)?, path: row.get(1)?, mark: row.get(2)?, gone: row.get(3)?, origin })
        })?;
        Ok(files.collect::<Result<_, _>>()?)
    }

    /// Writes a batch in one transaction; gives the numbers of its parts' files.
    pub fn write_usage(&self, batch: &UsageBatch) -> Result<Vec<i64>, StoreError> {
        let tx = self.begin()?;
        let mut writing = Writing::new(self, batch)?;
        let mut files = Vec::with_capacity(batch.parts.len());
        for (id, path) in &batch.moved {
            self.db
                .prepare_cached("UPDATE usage_file SET path = ?2, mark = '{}', gone = 0 WHERE id = ?1")?
                .execute(params![id, path])?;
        }
        for id in &batch.gone {
            self.db.prepare_cached("UPDATE usage_file SET gone = 1 WHERE id = ?1")?.execute([id])?;
        }
        for part in &batch.parts {
            files.push(writing.part(part)?);
        }
        writing.finish()?;
        tx.commit()?;
        Ok(files)
    }

    /// The number of a provider, and whether what is known of it changed. Where the account behind it changed, or
    /// its address, it is another from now on.
    pub fn usage_provider(&self, now: &UsageProvider) -> Result<(i64, bool), StoreError> {
        let known: Option<(i64, Option<String>, i64, Option<i64>)> = self
            .db
            .prepare_cached(
                "SELECT id, base_url, modified, account FROM usage_provider
                 WHERE home = ?1 AND name = ?2 ORDER BY id DESC LIMIT 1",
            )?
            .query_row([&now.home, &now.name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .optional()?;
        let account = match now.whose {
            WhoseUse::Account(AccountId(id)) => Some(id),
            WhoseUse::Nobody | WhoseUse::NotKnownYet => None,
        };
        if let Some((id, base_url, modified, before)) = known
            && base_url == now.base_url
        {
            let unwritten = modified == now.modified;
            let same = match now.whose {
                // An account that was added here later was behind it before, if nobody touched the configuration.
                WhoseUse::Account(AccountId(id)) => before == Some(id) || (before.is_none() && unwritten),
                WhoseUse::Nobody => before.is_none(),
                WhoseUse::NotKnownYet => unwritten || before.is_none(),
            };
            if same {
                let account = account.or(before);
                if !unwritten || account != before {
                    // A key that cannot be compared yet says nothing about the configuration as it is now.
                    let modified = if now.whose == WhoseUse::NotKnownYet { modified } else { now.modified };
                    self.db
                        .prepare_cached(
                            "UPDATE usage_provider SET modified = ?2, account = ?3 WHERE id = ?1",
                        )?
                        .execute(params![id, modified, account])?;
                }
                return Ok((id, account != before));
            }
        }
        self.db
            .prepare_cached(
                "INSERT INTO usage_provider (home, name, base_url, modified, account)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![now.home, now.name, now.base_url, now.modified, account])?;
        Ok((self.db.last_insert_rowid(), true))
    }
}

/// What a sum is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct SumKey {
    start: i64,
    model: i64,
    origin: i64,
    provider: i64,
}

/// What is added to a sum; less than nothing where something is taken away.
#[derive(Debug, Clone, Copy, Default)]
struct Delta {
    requests: i64,
    tokens: [i64; 4],
}

fn parts(tokens: &Tokens) -> [i64; 4] {
    // The readers bound a count at 2^40.
    [tokens.input, tokens.cache_read, tokens.cache_write, tokens.output].map(u64::cast_signed)
}

/// A request as it stands in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stored {
    at: i64,
    fingerprint: i64,
    begun: Option<i64>,
    file: i64,
    copies: u32,
    model: i64,
    origin: i64,
    provider: i64,
    tokens: Tokens,
}

/// A state of a named request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    row: Stored,
    named: bool,
    merged: bool,
}

/// A batch being written.
struct Writing<'s> {
    store: &'s Store,
    batch: &'s UsageBatch,
    models: Vec<(i64, i64)>,
    origins: Vec<i64>,
    sums: HashMap<SumKey, Delta>,
    paths: HashMap<i64, String>,
    closed: Closed<'s>,
    /// The last place in the order in which requests became known.
    last: i64,
}

impl<'s> Writing<'s> {
    fn new(store: &'s Store, batch: &'s UsageBatch) -> Result<Self, StoreError> {
        let mut models = Vec::with_capacity(batch.models.len());
        for model in &batch.models {
            let id: i64 = store
                .db
                .prepare_cached(
                    "INSERT INTO usage_model (name, third) VALUES (?1, ?2)
                     ON CONFLICT (name, third) DO UPDATE SET name = name RETURNING id",
                )?
                .query_row(params![model.name, model.third], |row| row.get(0))?;
            models.push((id, model.provider.unwrap_or_default()));
        }
        let origins =
            batch.origins.iter().map(|origin| origin_number(store, origin)).collect::<Result<_, _>>()?;
        Ok(Self {
            store,
            batch,
            models,
            origins,
            sums: HashMap::new(),
            paths: HashMap::new(),
            closed: Closed::of(store)?,
            last: store.db.prepare_cached("SELECT last FROM usage_place")?.query_row([], |row| row.get(0))?,
        })
    }

    fn part(&mut self, part: &UsagePart) -> Result<i64, StoreError> {
        let db = &self.store.db;
        let origin = self.origin(part.origin);
        let skipped = part.skipped.cast_signed();
        let file = if let Some(file) = part.file {
            db.prepare_cached(
                "UPDATE usage_file SET path = ?2, mark = ?3, origin = ?4, skipped = ?5, gone = 0 WHERE id = ?1",
            )?
            .execute(params![file, part.path, part.mark, origin, skipped])?;
            file
        } else {
            db.prepare_cached(
                "INSERT INTO usage_file (path, mark, origin, skipped, gone) VALUES (?1, ?2, ?3, ?4, 0)",
            )?
            .execute(params![part.path, part.mark, origin, skipped])?;
            db.last_insert_rowid()
        };
        self.paths.insert(file, part.path.clone());
        for claim in &part.claims {
            self.claim(file, origin, claim)?;
        }
        for named in &part.named {
            self.named(file, origin, named)?;
        }
        Ok(file)
    }

    fn origin(&self, number: u32) -> i64 {
        self.origins.get(number as usize).copied().unwrap_or_default()
    }

    fn stored(&self, request: &UsageRequest, file: i64, origin: i64, copies: u32) -> Stored {
        let (model, provider) = self.models.get(request.model as usize).copied().unwrap_or_default();
        Stored {
            at: request.at,
            fingerprint: request.fingerprint.cast_signed(),
            begun: request.begun,
            file,
            copies,
            model,
            origin,
            provider,
            tokens: request.tokens,
        }
    }

    /// Counts a request where it was not yet; moves it to this file where its record is the better one.
    fn claim(&mut self, file: i64, origin: i64, claim: &UsageClaim) -> Result<(), StoreError> {
        let new = self.stored(&claim.request, file, origin, claim.copies);
        if let Some(known) = self.closed.knows(new.at, new.fingerprint)? {
            if !known {
                self.closed.add(new.at, new.fingerprint);
                self.count(&new, 1);
            }
            return Ok(());
        }
        if self.insert(&new, (self.batch.known, self.last + 1))? {
            self.last += 1;
            self.count(&new, 1);
            return Ok(());
        }
        let Some(old) = self.request(new.at, new.fingerprint)? else { return Ok(()) };
        if old.file == new.file {
            let mut best = Stored { begun: new.begun.or(old.begun), provider: old.provider, ..new };
            // It turned out to be a copy, or its file was moved: another record may be the better one now.
            for copy in self.copies(&best)? {
                if self.before(&copy, &best)? {
                    self.keep_copy(&best)?;
                    best = copy;
                    self.forget_copy(&best)?;
                }
            }
            return if best == old { Ok(()) } else { self.replace(&old, &best) };
        }
        if self.before(&new, &old)? {
            self.keep_copy(&old)?;
            self.forget_copy(&new)?;
            return self.replace(&old, &new);
        }
        self.keep_copy(&new)
    }

    /// Whether of two records of one request the first is the one that counts.
    fn before(&mut self, one: &Stored, other: &Stored) -> Result<bool, StoreError> {
        if one.copies != other.copies {
            return Ok(one.copies < other.copies);
        }
        let paths = (self.path(one.file)?, self.path(other.file)?);
        Ok((paths.0, one.file) < (paths.1, other.file))
    }

    fn path(&mut self, file: i64) -> Result<String, StoreError> {
        if let Some(path) = self.paths.get(&file) {
            return Ok(path.clone());
        }
        let path: String = self
            .store
            .db
            .prepare_cached("SELECT path FROM usage_file WHERE id = ?1")?
            .query_row([file], |row| row.get(0))?;
        self.paths.insert(file, path.clone());
        Ok(path)
    }

    fn insert(&self, row: &Stored, (known, place): (i64, i64)) -> Result<bool, StoreError> {
        let [input, cache_read, cache_write, output] = parts(&row.tokens);
        let done = self
            .store
            .db
            .prepare_cached(
                "INSERT INTO usage_request (at, fingerprint, begun, known, place, file, copies, model,
                   origin, provider, input, cache_read, cache_write, output)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
                 ON CONFLICT (at, fingerprint) DO NOTHING",
            )?
            .execute(params![
                row.at,
                row.fingerprint,
                row.begun,
                known,
                place,
                row.file,
                row.copies,
                row.model,
                row.origin,
                row.provider,
                input,
                cache_read,
                cache_write,
                output
            ])?;
        Ok(done > 0)
    }

    fn request(&self, at: i64, fingerprint: i64) -> Result<Option<Stored>, StoreError> {
        let found = self
            .store
            .db
            .prepare_cached(
                "SELECT begun, file, copies, model, origin, provider, input, cache_read, cache_write, output
                 FROM usage_request WHERE at = ?1 AND fingerprint = ?2",
            )?
            .query_row([at, fingerprint], |row| {
                Ok(Stored {
                    at,
                    fingerprint,
                    begun: row.get(0)?,
                    file: row.get(1)?,
                    copies: row.get(2)?,
                    model: row.get(3)?,
                    origin: row.get(4)?,
                    provider: row.get(5)?,
                    tokens: tokens(row, 6)?,
                })
            })
            .optional()?;
        Ok(found)
    }

    /// Puts what is known of a request now in the place of what was known; its tokens are the same.
    fn replace(&mut self, old: &Stored, new: &Stored) -> Result<(), StoreError> {
        self.store
            .db
            .prepare_cached(
                "UPDATE usage_request SET begun = ?3, file = ?4, copies = ?5, model = ?6, origin = ?7,
                   provider = ?8 WHERE at = ?1 AND fingerprint = ?2",
            )?
            .execute(params![
                new.at,
                new.fingerprint,
                new.begun,
                new.file,
                new.copies,
                new.model,
                new.origin,
                new.provider
            ])?;
        self.count(old, -1);
        self.count(&Stored { tokens: old.tokens, ..*new }, 1);
        Ok(())
    }

    fn copies(&self, of: &Stored) -> Result<Vec<Stored>, StoreError> {
        let mut statement = self.store.db.prepare_cached(
            "SELECT file, copies, model, origin, provider FROM usage_copy WHERE at = ?1 AND fingerprint = ?2",
        )?;
        let copies = statement.query_map([of.at, of.fingerprint], |row| {
            Ok(Stored {
                file: row.get(0)?,
                copies: row.get(1)?,
                model: row.get(2)?,
                origin: row.get(3)?,
                provider: row.get(4)?,
                ..*of
            })
        })?;
        Ok(copies.collect::<Result<_, _>>()?)
    }

    fn keep_copy(&self, row: &Stored) -> Result<(), StoreError> {
        self.store
            .db
            .prepare_cached(
                "INSERT OR REPLACE INTO usage_copy (at, fingerprint, file, copies, model, origin, provider)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                row.at,
                row.fingerprint,
                row.file,
                row.copies,
                row.model,
                row.origin,
                row.provider
            ])?;
        Ok(())
    }

    fn forget_copy(&self, row: &Stored) -> Result<(), StoreError> {
        self.store
            .db
            .prepare_cached("DELETE FROM usage_copy WHERE at = ?1 AND fingerprint = ?2 AND file = ?3")?
            .execute([row.at, row.fingerprint, row.file])?;
        Ok(())
    }

    /// Takes in a state of a request that has a name, and counts its message anew where that changes anything.
    fn named(&mut self, file: i64, own: i64, named: &UsageNamed) -> Result<(), StoreError> {
        let origin = named.origin.map_or(own, |number| self.origin(number));
        let new = State {
            row: self.stored(&named.request, file, origin, 0),
            named: named.named,
            merged: named.merged,
        };
        let message = named.message.cast_signed();
        let mut states = self.states(message)?;
        let before = self.settled(&states)?;
        let place = states.iter().position(|state| state.row.fingerprint == new.row.fingerprint);
        let state = match place {
            None => {
                states.push(new);
                new
            }
            Some(place) => {
                let merged = self.joined(&states[place], &new)?;
                if merged == states[place] {
                    return Ok(());
                }
                states[place] = merged;
                merged
            }
        };
        self.keep_state(message, &state)?;
        let after = self.settled(&states)?;
        // What is said anew of a request does not make it known again.
        let mut known: HashMap<i64, (i64, i64)> = HashMap::new();
        for row in before.iter().filter(|row| !after.contains(row)) {
            let was = self
                .store
                .db
                .prepare_cached(
                    "DELETE FROM usage_request WHERE at = ?1 AND fingerprint = ?2 RETURNING known, place",
                )?
                .query_row([row.at, row.fingerprint], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            known.extend(was.map(|was| (row.fingerprint, was)));
            self.count(row, -1);
        }
        for row in after.iter().filter(|row| !before.contains(row)) {
            // Its name is its memory: an hour whose requests were pruned only takes the sum.
            if self.closed.knows(row.at, row.fingerprint)?.is_none() {
                let was = known.get(&row.fingerprint).copied();
                if self.insert(row, was.unwrap_or((self.batch.known, self.last + 1)))? && was.is_none() {
                    self.last += 1;
                }
            }
            self.count(row, 1);
        }
        Ok(())
    }

    fn states(&self, message: i64) -> Result<Vec<State>, StoreError> {
        let mut statement = self.store.db.prepare_cached(
            "SELECT fingerprint, named, merged, at, file, model, origin, provider, input, cache_read,
               cache_write, output FROM usage_state WHERE message = ?1",
        )?;
        let states = statement.query_map([message], |row| {
            Ok(State {
                named: row.get(1)?,
                merged: row.get(2)?,
                row: Stored {
                    fingerprint: row.get(0)?,
                    at: row.get(3)?,
                    begun: None,
                    file: row.get(4)?,
                    copies: 0,
                    model: row.get(5)?,
                    origin: row.get(6)?,
                    provider: row.get(7)?,
                    tokens: tokens(row, 8)?,
                },
            })
        })?;
        Ok(states.collect::<Result<_, _>>()?)
    }

    fn keep_state(&self, message: i64, state: &State) -> Result<(), StoreError> {
        let [input, cache_read, cache_write, output] = parts(&state.row.tokens);
        self.store
            .db
            .prepare_cached(
                "INSERT OR REPLACE INTO usage_state (message, fingerprint, named, merged, at, file, model,
                   origin, provider, input, cache_read, cache_write, output)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?
            .execute(params![
                message,
                state.row.fingerprint,
                state.named,
                state.merged,
                state.row.at,
                state.row.file,
                state.row.model,
                state.row.origin,
                state.row.provider,
                input,
                cache_read,
                cache_write,
                output
            ])?;
        Ok(())
    }

    /// Two states of one request. Where states are put together: the one that says more, at the earlier time,
    /// from the file that comes first; in whatever order they come, the end is the same. Otherwise the first
    /// of the file that comes first.
    fn joined(&mut self, one: &State, other: &State) -> Result<State, StoreError> {
        let (a, b) = (&one.row, &other.row);
        let first = if a.file == b.file || self.before(a, b)? { a } else { b };
        // A file that was moved is from elsewhere now, and so is all that it told first.
        let origin = if a.file == b.file { b.origin } else { first.origin };
        if !one.merged {
            return Ok(State { row: Stored { origin, ..*first }, ..*one });
        }
        let weight = |row: &Stored| (row.tokens.output, row.tokens.total(), row.tokens, row.model);
        let more = if weight(a) >= weight(b) { a } else { b };
        Ok(State { row: Stored { at: a.at.min(b.at), file: first.file, origin, ..*more }, ..*one })
    }

    /// The requests of a message. A state that does not name its request belongs to that of its message; of
    /// several, to the one of the lowest number.
    fn settled(&mut self, states: &[State]) -> Result<Vec<Stored>, StoreError> {
        let mut states = states.to_vec();
        states.sort_unstable_by_key(|state| (!state.named, state.row.fingerprint as u64));
        let mut settled: Vec<State> = Vec::with_capacity(states.len());
        for state in states {
            match settled.last().copied() {
                Some(last) if !state.named => {
                    let joined = self.joined(&last, &state)?;
                    let fingerprint = last.row.fingerprint;
                    settled.pop();
                    settled.push(State { row: Stored { fingerprint, ..joined.row }, ..joined });
                }
                _ => settled.push(state),
            }
        }
        Ok(settled.into_iter().map(|state| state.row).collect())
    }

    fn count(&mut self, row: &Stored, sign: i64) {
        let key = SumKey {
            start: self.start(row.at),
            model: row.model,
            origin: row.origin,
            provider: row.provider,
        };
        let delta = self.sums.entry(key).or_default();
        delta.requests += sign;
        for (sum, count) in delta.tokens.iter_mut().zip(parts(&row.tokens)) {
            *sum += sign * count;
        }
    }

    fn start(&self, at: i64) -> i64 {
        let quarter = at - at.rem_euclid(QUARTER);
        let cuts = &self.batch.cuts;
        let cut = cuts[..cuts.partition_point(|cut| *cut <= at)].last();
        cut.map_or(quarter, |cut| quarter.max(*cut))
    }

    fn finish(self) -> Result<(), StoreError> {
        let db = &self.store.db;
        db.prepare_cached("UPDATE usage_place SET last = ?1")?.execute([self.last])?;
        let mut sums: Vec<(SumKey, Delta)> = self.sums.into_iter().collect();
        // In the order of the table.
        sums.sort_unstable_by_key(|(key, _)| (key.start, key.model, key.origin, key.provider));
        for (key, delta) in sums {
            if delta.requests == 0 && delta.tokens == [0; 4] {
                continue;
            }
            let [input, cache_read, cache_write, output] = delta.tokens;
            let requests: i64 = db
                .prepare_cached(
                    "INSERT INTO usage_sum (start, model, origin, provider, requests, input, cache_read,
                       cache_write, output) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                     ON CONFLICT DO UPDATE SET requests = requests + excluded.requests,
                       input = input + excluded.input, cache_read = cache_read + excluded.cache_read,
                       cache_write = cache_write + excluded.cache_write, output = output + excluded.output
                     RETURNING requests",
                )?
                .query_row(
                    params![
                        key.start,
                        key.model,
                        key.origin,
                        key.provider,
                        delta.requests,
                        input,
                        cache_read,
                        cache_write,
                        output
                    ],
                    |row| row.get(0),
                )?;
            if requests == 0 {
                db.prepare_cached(
                    "DELETE FROM usage_sum WHERE start = ?1 AND model = ?2 AND origin = ?3 AND provider = ?4",
                )?
                .execute([key.start, key.model, key.origin, key.provider])?;
            }
        }
        self.closed.finish()
    }
}

pub(super) fn tokens(row: &Row<'_>, first: usize) -> rusqlite::Result<Tokens> {
    let count = |at: usize| row.get::<_, i64>(first + at).map(|count| count.max(0) as u64);
    Ok(Tokens { input: count(0)?, cache_read: count(1)?, cache_write: count(2)?, output: count(3)? })
}

fn origin_number(store: &Store, origin: &UsageOrigin) -> Result<i64, StoreError> {
    let known: Option<i64> = store
        .db
        .prepare_cached(
            "SELECT id FROM usage_origin WHERE session = ?1 AND format = ?2 AND project IS ?3 LIMIT 1",
        )?
        .query_row(params![origin.session, origin.format, origin.project], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    store
        .db
        .prepare_cached("INSERT INTO usage_origin (format, session, project) VALUES (?1, ?2, ?3)")?
        .execute(params![origin.format, origin.session, origin.project])?;
    Ok(store.db.last_insert_rowid())
}
