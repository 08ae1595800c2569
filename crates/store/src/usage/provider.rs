//! Providers: whose use goes where, as a program's configuration said at the time.

use rusqlite::{OptionalExtension, params};
use tidemark_core::AccountId;

use super::{UsageProvider, WhoseUse};
use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// The number of a provider, and whether what is known of it changed. Where the account behind it changed, or
    /// its address, it is another from now on.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
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
        if let Some((number, base_url, modified, before)) = known
            && base_url == now.base_url
        {
            let unwritten = modified == now.modified;
            let same = match now.whose {
                // An account that was added later was in use before too, if the configuration was not changed
                // since.
                // And one whose key was missing from the configuration for a while is its own again.
                WhoseUse::Account(AccountId(id)) => {
                    before == Some(id)
                        || (before.is_none() && (unwritten || self.had_account_before(number, now, id)?))
                }
                WhoseUse::Nobody => before.is_none(),
                WhoseUse::NotKnownYet => unwritten || before.is_none(),
            };
            if same {
                let account = account.or(before);
                if !unwritten || account != before {
                    // A key that cannot be compared yet says nothing about the configuration as it is now.
                    let modified = if now.whose == WhoseUse::NotKnownYet { modified } else { now.modified };
                    // A merge of histories has one under way.
                    let tx = if self.db.is_autocommit() { Some(self.begin()?) } else { None };
                    self.db
                        .prepare_cached(
                            "UPDATE usage_provider SET modified = ?2, account = ?3 WHERE id = ?1",
                        )?
                        .execute(params![number, modified, account])?;
                    if let (None, Some(account)) = (before, account) {
                        self.give_again(number, account)?;
                    }
                    tx.map(rusqlite::Transaction::commit).transpose()?;
                }
                return Ok((number, account != before));
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

    /// Whether a provider, at the same address, was an account's before it was no one's.
    fn had_account_before(&self, number: i64, now: &UsageProvider, account: i64) -> Result<bool, StoreError> {
        let before: Option<(Option<String>, Option<i64>)> = self
            .db
            .prepare_cached(
                "SELECT base_url, account FROM usage_provider
                 WHERE home = ?1 AND name = ?2 AND id < ?3 ORDER BY id DESC LIMIT 1",
            )?
            .query_row(params![now.home, now.name, number], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(before == Some((now.base_url.clone(), Some(account))))
    }

    /// Has the analysis of an account be given the requests of a provider that is now known to be its own, though it has
    /// passed their places.
    pub(crate) fn give_again(&self, provider: i64, account: i64) -> Result<(), StoreError> {
        let moved = self
            .db
            .prepare_cached(
                "UPDATE usage_request SET place = later.place FROM (
                   SELECT at, fingerprint, (SELECT last FROM usage_place) + row_number() OVER (ORDER BY place) AS place
                   FROM usage_request WHERE provider = ?1
                     AND place <= (SELECT usage_told FROM progress WHERE account = ?2)
                 ) AS later
                 WHERE usage_request.at = later.at AND usage_request.fingerprint = later.fingerprint",
            )?
            .execute([provider, account])?;
        self.db
            .prepare_cached("UPDATE usage_place SET last = last + ?1")?
            .execute([i64::try_from(moved).unwrap_or(i64::MAX)])?;
        // What they grew by is in them.
        self.db.prepare_cached("DELETE FROM usage_growth WHERE provider = ?1")?.execute([provider])?;
        Ok(())
    }
}
