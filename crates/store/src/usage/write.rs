//! Writing batches of local use.

use std::collections::{HashMap, HashSet};

use rusqlite::{CachedStatement, OptionalExtension, params};
use tidemark_core::request::Precedence;

use super::import_files::ImportFiles;
use super::prune::Closed;
use super::recorded;
use super::stored::{Stored, parts, tokens};
use super::sums::Sums;
use super::{Recording, UsageBatch, UsageClaim, UsageFile, UsageOrigin, UsagePart, UsageRequest};
use crate::error::StoreError;
use crate::store::Store;

/// Records that come in one batch only where logs are read for the first time, or after long.
const MANY: usize = 1024;

impl Store {
    /// The log files that are known.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
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
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes). Nothing of the batch is written then.
    pub fn write_usage(&self, batch: &UsageBatch) -> Result<Vec<i64>, StoreError> {
        self.write_usage_recording(batch, &[])
    }

    /// The same, and keeps what a scan finds in the parts' files: a recording for each part, in their order.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes). Nothing of the batch is written then.
    pub fn write_usage_recording(
        &self,
        batch: &UsageBatch,
        recordings: &[Recording],
    ) -> Result<Vec<i64>, StoreError> {
        let records: usize = batch.parts.iter().map(|part| part.claims.len() + part.named.len()).sum();
        if records < MANY {
            return self.write_batch(batch, recordings);
        }
        // What is lost when the power goes is read again from the logs: it need not wait for the disk. Whatever is
        // written later and has to stay waits for this too, since one log holds both.
        self.db.pragma_update(None, "synchronous", "NORMAL")?;
        let done = self.write_batch(batch, recordings);
        self.db.pragma_update(None, "synchronous", "FULL")?;
        done
    }

    fn write_batch(&self, batch: &UsageBatch, recordings: &[Recording]) -> Result<Vec<i64>, StoreError> {
        let tx = self.begin()?;
        let mut writing = Writing::new(self, batch)?;
        let mut files = Vec::with_capacity(batch.parts.len());
        if !batch.moved.is_empty() {
            // Its origin is empty until it is read again. Should that not happen soon, the next scan sees
            // that it is due, and finds the file by its mark, even if it was moved meanwhile.
            let nowhere = UsageOrigin { format: String::new(), session: String::new(), project: None };
            let nowhere = origin_number(self, &nowhere)?;
            for (id, path) in &batch.moved {
                self.db
                    .prepare_cached("UPDATE usage_file SET path = ?2, origin = ?3, gone = 0 WHERE id = ?1")?
                    .execute(params![id, path, nowhere])?;
            }
        }
        for id in &batch.gone {
            self.db.prepare_cached("UPDATE usage_file SET gone = 1 WHERE id = ?1")?.execute([id])?;
            recorded::forget(&self.db, *id)?;
        }
        for (place, part) in batch.parts.iter().enumerate() {
            let file = writing.part(part)?;
            if let Some(recording) = recordings.get(place) {
                recorded::write(&self.db, file, recording)?;
            }
            files.push(file);
        }
        writing.take_back()?;
        writing.finish()?;
        tx.commit()?;
        Ok(files)
    }
}

/// A batch while it is being written, in one transaction.
pub(super) struct Writing<'s> {
    pub(super) store: &'s Store,
    pub(super) batch: &'s UsageBatch,
    models: Vec<(i64, i64)>,
    origins: Vec<i64>,
    pub(super) sums: Sums<'s>,
    pub(super) paths: HashMap<i64, String>,
    /// Models by their ids.
    named_models: HashMap<i64, (String, bool)>,
    pub(super) closed: Closed<'s>,
    /// Held: looking it up for each request would take as long as some of the rest.
    insert: CachedStatement<'s>,
    /// The last place in the order in which requests became known.
    pub(super) last: i64,
    /// What stands for a log in requests that were imported.
    pub(super) imports: ImportFiles,
    /// What stands for the logs of other machines.
    machines: HashSet<i64>,
}

impl<'s> Writing<'s> {
    pub(super) fn new(store: &'s Store, batch: &'s UsageBatch) -> Result<Self, StoreError> {
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
            sums: Sums::cut_at(&batch.cuts),
            paths: HashMap::new(),
            named_models: HashMap::new(),
            closed: Closed::of(store)?,
            insert: store.db.prepare_cached(
                "INSERT INTO usage_request (at, fingerprint, begun, known, place, file, copies, model,
                   origin, provider, input, cache_read, cache_write, cache_write_1h, output)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
                 ON CONFLICT (at, fingerprint) DO NOTHING",
            )?,
            last: store.db.prepare_cached("SELECT last FROM usage_place")?.query_row([], |row| row.get(0))?,
            imports: ImportFiles::of(&store.db)?,
            machines: store
                .db
                .prepare_cached("SELECT file FROM machine")?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?,
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

    /// Whether a file stands for the logs of another machine.
    pub(super) fn is_of_machine(&self, file: i64) -> bool {
        self.machines.contains(&file)
    }

    pub(super) fn origin(&self, number: u32) -> i64 {
        self.origins.get(number as usize).copied().unwrap_or_default()
    }

    pub(super) fn stored(&self, request: &UsageRequest, file: i64, origin: i64, copies: u32) -> Stored {
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
    pub(super) fn claim(&mut self, file: i64, origin: i64, claim: &UsageClaim) -> Result<(), StoreError> {
        let new = self.stored(&claim.request, file, origin, claim.copies);
        if let Some(known) = self.closed.knows(new.at, new.fingerprint)? {
            if !known {
                self.closed.add(new.at, new.fingerprint);
                self.sums.count(&new, 1);
            }
            return Ok(());
        }
        if let Some(was) = self.take_imported(&new)? {
            self.insert(&new, was)?;
            self.sums.count(&new, 1);
            return Ok(());
        }
        if self.insert(&new, (self.batch.known, self.last + 1))? {
            self.last += 1;
            self.sums.count(&new, 1);
            return Ok(());
        }
        let Some(old) = self.request(new.at, new.fingerprint)? else { return Ok(()) };
        if old.file == new.file {
            // It turned out to be a copy, or its file was moved: another record may be the better one now.
            let known = Stored { begun: new.begun.or(old.begun), provider: old.provider, ..new };
            let best = self.best(known)?;
            return if best == old { Ok(()) } else { self.replace(&old, &best) };
        }
        if self.before(&new, &old)? {
            self.keep_copy(&old)?;
            self.forget_copy(&new)?;
            // What was there may have been the better one only because its file had not been moved yet.
            let best = self.best(new)?;
            return self.replace(&old, &best);
        }
        self.keep_copy(&new)
    }

    /// The record that counts, of this one and the copies that are kept; the others are kept as copies.
    fn best(&mut self, mut best: Stored) -> Result<Stored, StoreError> {
        for copy in self.copies(&best)? {
            if self.before(&copy, &best)? {
                self.keep_copy(&best)?;
                best = copy;
                self.forget_copy(&best)?;
            }
        }
        Ok(best)
    }

    /// Has a request count for the best of its copies.
    pub(super) fn pass_on(&mut self, at: i64, fingerprint: i64) -> Result<(), StoreError> {
        let Some(old) = self.request(at, fingerprint)? else { return Ok(()) };
        let mut best: Option<Stored> = None;
        for copy in self.copies(&old)? {
            let is_better = match &best {
                None => true,
                Some(best) => self.before(&copy, best)?,
            };
            if is_better {
                best = Some(copy);
            }
        }
        let Some(best) = best else { return Ok(()) };
        self.forget_copy(&best)?;
        self.replace(&old, &best)
    }

    /// Whether of two records of one request the first is the one that counts.
    pub(super) fn before(&mut self, one: &Stored, other: &Stored) -> Result<bool, StoreError> {
        Ok(self.precedence(one)? < self.precedence(other)?)
    }

    pub(super) fn precedence(&mut self, row: &Stored) -> Result<Precedence<(String, i64)>, StoreError> {
        Ok(Precedence::new(row.copies, (self.path(row.file)?, row.file)))
    }

    /// What a model is called, and whether it is another's.
    pub(super) fn model(&mut self, id: i64) -> Result<(String, bool), StoreError> {
        if let Some(model) = self.named_models.get(&id) {
            return Ok(model.clone());
        }
        let model: (String, bool) = self
            .store
            .db
            .prepare_cached("SELECT name, third FROM usage_model WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.named_models.insert(id, model.clone());
        Ok(model)
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

    pub(super) fn insert(&mut self, row: &Stored, (known, place): (i64, i64)) -> Result<bool, StoreError> {
        let [input, cache_read, cache_write, cache_write_1h, output] = parts(&row.tokens);
        let done = self.insert.execute(params![
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
            cache_write_1h,
            output
        ])?;
        Ok(done > 0)
    }

    pub(super) fn request(&self, at: i64, fingerprint: i64) -> Result<Option<Stored>, StoreError> {
        let found = self
            .store
            .db
            .prepare_cached(
                "SELECT begun, file, copies, model, origin, provider, input, cache_read, cache_write,
                   cache_write_1h, output
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
        self.sums.count(old, -1);
        self.sums.count(&Stored { tokens: old.tokens, ..*new }, 1);
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

    pub(super) fn keep_copy(&self, row: &Stored) -> Result<(), StoreError> {
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

    pub(super) fn finish(self) -> Result<(), StoreError> {
        let db = &self.store.db;
        db.prepare_cached("UPDATE usage_place SET last = ?1")?.execute([self.last])?;
        self.sums.write(db)?;
        self.closed.finish()
    }
}

/// The number of what this machine's requests are from.
pub(super) fn origin_number(store: &Store, origin: &UsageOrigin) -> Result<i64, StoreError> {
    origin_of(store, origin, None)
}

/// The number of what requests of a machine are from; `None` is this one.
pub(super) fn origin_of(
    store: &Store,
    origin: &UsageOrigin,
    machine: Option<i64>,
) -> Result<i64, StoreError> {
    let known: Option<i64> = store
        .db
        .prepare_cached(
            "SELECT id FROM usage_origin
             WHERE session = ?1 AND format = ?2 AND project IS ?3 AND machine IS ?4 LIMIT 1",
        )?
        .query_row(params![origin.session, origin.format, origin.project, machine], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    store
        .db
        .prepare_cached(
            "INSERT INTO usage_origin (format, session, project, machine) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![origin.format, origin.session, origin.project, machine])?;
    Ok(store.db.last_insert_rowid())
}
