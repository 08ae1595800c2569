//! Taking in the records of another machine.

use std::collections::HashMap;

use chrono::DateTime;
use rusqlite::{OptionalExtension as _, params};
use tidemark_core::reading::UserIds;
use tidemark_core::{AccountId, Source};

use super::coverage;
use super::machine_id::MachineId;
use super::records::{MachineBatch, MachineSource, SourceSaid, StoredSource};
use crate::error::StoreError;
use crate::instant;
use crate::store::Store;
use crate::usage::of_machine;

/// Records that come in one batch only at the first exchange, or after long.
const MANY: usize = 512;

impl Store {
    /// Writes a batch in one transaction. Writing it again changes nothing, and several batches give the same in
    /// whatever order they come. Gives how many requests were not known here before.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes). Nothing of the batch is written then.
    pub fn write_machine_batch(&self, batch: &MachineBatch) -> Result<u64, StoreError> {
        if batch.requests.len() < MANY {
            return self.write_records(batch);
        }
        // What is lost when the power goes is lost with the place up to which it was read, and is sent again.
        self.db.pragma_update(None, "synchronous", "NORMAL")?;
        let done = self.write_records(batch);
        self.db.pragma_update(None, "synchronous", "FULL")?;
        done
    }

    fn write_records(&self, batch: &MachineBatch) -> Result<u64, StoreError> {
        let tx = self.begin()?;
        let found: Option<(String, i64)> = tx
            .prepare_cached("SELECT identity, file FROM machine WHERE id = ?1 AND ignored = 0")?
            .query_row([batch.machine.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        // It was removed meanwhile.
        let Some((identity, file)) = found else { return Ok(0) };
        let mut providers = self.source_providers(batch.machine)?;
        for source in &batch.sources {
            self.keep_source(batch, &identity, source, &mut providers)?;
        }
        // A request can come before what is said of where it went.
        for number in batch.requests.iter().filter_map(|request| request.source) {
            if !providers.contains_key(&number) {
                let unknown =
                    MachineSource { number, said: SourceSaid::default(), as_of: DateTime::UNIX_EPOCH };
                self.keep_source(batch, &identity, &unknown, &mut providers)?;
            }
        }
        coverage::add(self, batch.machine.0, &batch.coverage, batch.known)?;
        let new = if batch.requests.is_empty() {
            0
        } else {
            of_machine::add(self, (batch.machine.0, &identity, file), batch, &providers)?
        };
        tx.prepare_cached(
            "UPDATE machine SET cursor = coalesce(?2, cursor),
               seen_at = coalesce(max(seen_at, ?3), seen_at, ?3), skipped = skipped + ?4 WHERE id = ?1",
        )?
        .execute(params![
            batch.machine.0,
            batch.cursor,
            batch.seen_at.map(instant::encode),
            batch.skipped.cast_signed()
        ])?;
        if let Some((exchange, path, mark)) = &batch.file {
            self.set_exchange_file(*exchange, path, Some(mark))?;
        }
        tx.commit()?;
        Ok(new)
    }

    fn source_providers(&self, machine: MachineId) -> Result<HashMap<i64, i64>, StoreError> {
        let mut statement =
            self.db.prepare_cached("SELECT number, provider FROM machine_source WHERE machine = ?1")?;
        let found = statement.query_map([machine.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    fn keep_source(
        &self,
        batch: &MachineBatch,
        identity: &str,
        source: &MachineSource,
        providers: &mut HashMap<i64, i64>,
    ) -> Result<(), StoreError> {
        let said =
            serde_json::to_string(&source.said).map_err(|why| StoreError::unreadable("source", &why))?;
        let provider = if let Some(provider) = providers.get(&source.number) {
            *provider
        } else {
            let provider = of_machine::make_provider(self, identity, source.number)?;
            providers.insert(source.number, provider);
            provider
        };
        let changed = self
            .db
            .prepare_cached(
                "INSERT INTO machine_source (machine, number, said, as_of, provider) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET said = excluded.said, as_of = excluded.as_of
                 WHERE (excluded.as_of, excluded.said) > (as_of, said)",
            )?
            .execute(params![
                batch.machine.0,
                source.number,
                said,
                instant::encode(source.as_of),
                provider
            ])?;
        if changed > 0 {
            self.assign(provider, account_of(&source.said, &batch.accounts))?;
        }
        Ok(())
    }

    fn assign(&self, provider: i64, account: Option<AccountId>) -> Result<bool, StoreError> {
        let account = account.map(|account| account.0);
        let before: Option<i64> = self
            .db
            .prepare_cached("SELECT account FROM usage_provider WHERE id = ?1")?
            .query_row([provider], |row| row.get(0))?;
        if before == account {
            return Ok(false);
        }
        self.db
            .prepare_cached("UPDATE usage_provider SET account = ?2 WHERE id = ?1")?
            .execute(params![provider, account])?;
        if let (None, Some(account)) = (before, account) {
            self.give_again(provider, account)?;
        }
        Ok(true)
    }

    /// The sources of all machines.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes), and [`StoreError::Unreadable`].
    pub fn machine_sources(&self) -> Result<Vec<StoredSource>, StoreError> {
        Ok(self.sources_and_providers()?.into_iter().map(|(_, source)| source).collect())
    }

    fn sources_and_providers(&self) -> Result<Vec<(i64, StoredSource)>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT provider, machine, said, account FROM machine_source AS source
             JOIN usage_provider ON usage_provider.id = source.provider ORDER BY machine, number",
        )?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let said: String = row.get(2)?;
            // One of a later version is unassigned.
            let said = serde_json::from_str(&said).unwrap_or_default();
            let account = row.get::<_, Option<i64>>(3)?.map(AccountId);
            found.push((row.get(0)?, StoredSource { machine: MachineId(row.get(1)?), said, account }));
        }
        Ok(found)
    }

    /// Assigns the usage of all machines to the accounts that are here now. Whether that changed anything.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn assign_machine_usage(
        &self,
        accounts: &[(AccountId, Source, UserIds)],
    ) -> Result<bool, StoreError> {
        let tx = self.begin()?;
        let mut changed = false;
        for (provider, source) in self.sources_and_providers()? {
            changed |= self.assign(provider, account_of(&source.said, accounts))?;
        }
        tx.commit()?;
        Ok(changed)
    }
}

/// The account here that a source of another machine is: the one of the same product with the same user, and of several
/// the first.
fn account_of(said: &SourceSaid, accounts: &[(AccountId, Source, UserIds)]) -> Option<AccountId> {
    accounts
        .iter()
        .filter(|(_, source, user)| said.service == Some(*source) && user.is_same(&said.user) == Some(true))
        .map(|(account, ..)| *account)
        .min()
}
