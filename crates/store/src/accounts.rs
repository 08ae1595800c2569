//! Accounts: adding, naming, ordering, removing.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use tidemark_core::{Account, AccountId, Credential, Region, Source};
use url::Url;

use crate::credential_text;
use crate::error::StoreError;
use crate::instant;
use crate::store::Store;
use crate::text_columns;

/// An account to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// The user's name for it; must be unique, white space around it is taken off.
    pub name: String,
    /// The product: Kimi Code or the open platform.
    pub source: Source,
    /// The region whose service the account belongs to.
    pub region: Region,
    /// Another base URL than the service's own, already checked.
    pub base_url: Option<Url>,
    /// Where its key is. Never the key itself.
    pub credential: Credential,
}

const COLUMNS: &str = "id, name, source, region, base_url, credential, position, created_at";

impl Store {
    /// Adds an account at the end of the list.
    ///
    /// # Errors
    /// [`StoreError::NameEmpty`] if the name is blank, [`StoreError::NameTaken`] if another account has it,
    /// and those of [any write](StoreError#reads-and-writes).
    pub fn add_account(&self, new: NewAccount, now: DateTime<Utc>) -> Result<Account, StoreError> {
        let tx = self.begin()?;
        let account = insert(&tx, new, now)?;
        tx.commit()?;
        Ok(account)
    }

    /// All accounts, in the user's order.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes), and [`StoreError::Unreadable`] if a row has a word
    /// of a later version.
    pub fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let mut statement =
            self.db.prepare_cached(&format!("SELECT {COLUMNS} FROM account ORDER BY position, id"))?;
        let mut rows = statement.query([])?;
        let mut accounts = Vec::new();
        while let Some(row) = rows.next()? {
            accounts.push(account(row)?);
        }
        Ok(accounts)
    }

    /// The account of a name.
    ///
    /// # Errors
    /// As [`Store::accounts`].
    pub fn account_by_name(&self, name: &str) -> Result<Option<Account>, StoreError> {
        let mut statement =
            self.db.prepare_cached(&format!("SELECT {COLUMNS} FROM account WHERE name = ?1"))?;
        let mut rows = statement.query([name.trim()])?;
        if let Some(row) = rows.next()? {
            return account(row).map(Some);
        }
        // One whose name is not shown as it is stored is found by what is shown.
        Ok(self.accounts()?.into_iter().find(|account| account.name == name.trim()))
    }

    /// The account of a number.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`]; else as [`Store::accounts`].
    pub fn account(&self, id: AccountId) -> Result<Account, StoreError> {
        let mut statement =
            self.db.prepare_cached(&format!("SELECT {COLUMNS} FROM account WHERE id = ?1"))?;
        let mut rows = statement.query([id.0])?;
        rows.next()?.map(account).transpose()?.ok_or(StoreError::NoSuchAccount(id))
    }

    /// Gives an account another name.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`]; else as [`Store::add_account`].
    pub fn rename_account(&self, id: AccountId, name: &str) -> Result<(), StoreError> {
        let name = tidy(name)?;
        let changed = self
            .db
            .execute("UPDATE account SET name = ?2 WHERE id = ?1", params![id.0, name])
            .map_err(|error| name_taken(error, name))?;
        one(changed, id)
    }

    /// Says where an account's key is from now on.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`], and those of [any write](StoreError#reads-and-writes).
    pub fn set_credential(&self, id: AccountId, credential: &Credential) -> Result<(), StoreError> {
        let text = credential_text::encode(credential)?;
        one(self.db.execute("UPDATE account SET credential = ?2 WHERE id = ?1", params![id.0, text])?, id)
    }

    /// Removes an account and everything that was remembered of it.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`], and those of [any write](StoreError#reads-and-writes).
    pub fn remove_account(&self, id: AccountId) -> Result<(), StoreError> {
        let tx = self.begin()?;
        one(tx.execute("DELETE FROM account WHERE id = ?1", [id.0])?, id)?;
        tx.commit()?;
        self.give_back_space()?;
        // The log holds pages as they were before. A reader may keep it for now; then the next writer empties it.
        let _: i64 = self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        Ok(())
    }

    /// Puts the accounts in a new order; `order` names every account exactly once.
    ///
    /// # Errors
    /// [`StoreError::OrderIncomplete`] if an account is missing, unknown or named twice, and those of [any
    /// write](StoreError#reads-and-writes). The order is as it was then.
    pub fn reorder_accounts(&self, order: &[AccountId]) -> Result<(), StoreError> {
        let tx = self.begin()?;
        let mut given: Vec<i64> = order.iter().map(|id| id.0).collect();
        given.sort_unstable();
        let known: Vec<i64> = tx
            .prepare_cached("SELECT id FROM account ORDER BY id")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        if given != known {
            return Err(StoreError::OrderIncomplete);
        }
        for (position, id) in (0_i64..).zip(order) {
            tx.prepare_cached("UPDATE account SET position = ?2 WHERE id = ?1")?.execute([id.0, position])?;
        }
        tx.commit()?;
        Ok(())
    }

    /// Fails where an account is not there.
    pub(crate) fn must_know(db: &Connection, id: AccountId) -> Result<(), StoreError> {
        db.prepare_cached("SELECT 1 FROM account WHERE id = ?1")?
            .query_row([id.0], |_| Ok(()))
            .optional()?
            .ok_or(StoreError::NoSuchAccount(id))
    }
}

/// Adds an account inside a transaction.
pub(crate) fn insert(db: &Connection, new: NewAccount, now: DateTime<Utc>) -> Result<Account, StoreError> {
    let name = tidy(&new.name)?;
    let position: i64 =
        db.query_row("SELECT coalesce(max(position) + 1, 0) FROM account", [], |row| row.get(0))?;
    db.execute(
        "INSERT INTO account (name, source, region, base_url, credential, position, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            name,
            new.source.as_str(),
            new.region.as_str(),
            new.base_url.as_ref().map(Url::as_str),
            credential_text::encode(&new.credential)?,
            position,
            instant::encode(now)
        ],
    )
    .map_err(|error| name_taken(error, name))?;
    let id = AccountId(db.last_insert_rowid());
    db.execute("INSERT INTO progress (account) VALUES (?1)", [id.0])?;
    Ok(Account {
        id,
        name: name.to_owned(),
        source: new.source,
        region: new.region,
        base_url: new.base_url,
        credential: new.credential,
        position,
        created_at: now,
    })
}

fn tidy(name: &str) -> Result<&str, StoreError> {
    let name = name.trim();
    if name.is_empty() { Err(StoreError::NameEmpty) } else { Ok(name) }
}

fn one(changed: usize, id: AccountId) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::NoSuchAccount(id)) } else { Ok(()) }
}

/// The only thing that can be violated by a name is that it is unique.
fn name_taken(error: rusqlite::Error, name: &str) -> StoreError {
    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) {
        StoreError::NameTaken(name.to_owned())
    } else {
        error.into()
    }
}

fn account(row: &Row<'_>) -> Result<Account, StoreError> {
    let source: String = row.get(2)?;
    let region: String = row.get(3)?;
    let base_url: Option<String> = row.get(4)?;
    let credential: String = row.get(5)?;
    Ok(Account {
        id: AccountId(row.get(0)?),
        name: text_columns::name(row, 1)?,
        source: source.parse().map_err(|why| StoreError::unreadable("source", &why))?,
        region: region.parse().map_err(|why| StoreError::unreadable("region", &why))?,
        base_url: base_url
            .map(|text| text.parse::<Url>())
            .transpose()
            .map_err(|why| StoreError::unreadable("base URL", &why))?,
        credential: credential_text::decode(&credential)?,
        position: row.get(6)?,
        created_at: instant::decode(row.get(7)?),
    })
}
