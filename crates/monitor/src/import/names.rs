//! Whose a line is: accounts are known by name, product and region.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use tidemark_core::text::{self, MAX_ACCOUNT_NAME_CHARS};
use tidemark_core::{Account, AccountId, Credential, Region, Source};
use tidemark_store::{Merge, NewAccount, StoreError};

/// What an import calls an account; `None` where it has only one and does not name it.
pub(super) type Name = Option<String>;

/// A product and region, and the account there, once it was found.
type Place = ((Source, Region), Option<AccountId>);

/// The accounts of one file of an import.
#[derive(Debug, Default)]
pub(super) struct FileAccounts(BTreeMap<Name, Vec<Place>>);

impl FileAccounts {
    /// Notes that a reading is of an account of this name and place.
    pub(super) fn note(&mut self, name: &Name, place: (Source, Region)) {
        let places = self.0.entry(name.clone()).or_default();
        if !places.iter().any(|(known, _)| *known == place) {
            places.push((place, None));
        }
    }

    /// The account of a reading.
    pub(super) fn of_reading(&self, name: &Name, place: (Source, Region)) -> Option<AccountId> {
        self.0.get(name)?.iter().find(|(known, _)| *known == place)?.1
    }

    /// The account of a line that says only its name: the one that this file's readings have under it.
    pub(super) fn of_name(&self, name: &Name) -> Option<AccountId> {
        if let Some(places) = self.0.get(name) {
            return places.first()?.1;
        }
        // One that has no name is of the only account there is.
        let mut all = self.0.values().flatten();
        let only = all.next().filter(|_| name.is_none() && all.next().is_none());
        only?.1
    }
}

/// The accounts of all files, and what became of each.
pub(super) struct Accounts {
    known: Vec<Account>,
    /// Those of the import, in the order in which they came: the account, what the import calls it, and whether it is new.
    pub(super) imported: Vec<(Account, String, bool)>,
    now: DateTime<Utc>,
}

impl Accounts {
    pub(super) fn of(merge: &Merge<'_>, now: DateTime<Utc>) -> Result<Self, StoreError> {
        Ok(Self { known: merge.store().accounts()?, imported: Vec::new(), now })
    }

    /// Finds the accounts of a file, or makes them.
    pub(super) fn resolve(&mut self, merge: &Merge<'_>, file: &mut FileAccounts) -> Result<(), StoreError> {
        for (name, places) in &mut file.0 {
            for (place, account) in places {
                *account = Some(self.find_or_make(merge, name, *place)?);
            }
        }
        Ok(())
    }

    /// The account of a name that no reading of its file has: another file's of that name, or one that is here, if only
    /// one can be meant.
    pub(super) fn of_name(&self, name: &str) -> Option<AccountId> {
        let name = usable(name);
        let mut called = self.imported.iter().filter(|(_, called, _)| *called == name);
        match (called.next(), called.next()) {
            (Some((account, ..)), None) => Some(account.id),
            (Some(_), Some(_)) => None,
            (None, _) => self.known.iter().find(|account| account.name == name).map(|account| account.id),
        }
    }

    /// Whether an account's lines were found by its name alone; it counts as one of the import from then on.
    pub(super) fn note(&mut self, id: AccountId) {
        if !self.imported.iter().any(|(account, ..)| account.id == id)
            && let Some(account) = self.known.iter().find(|account| account.id == id)
        {
            self.imported.push((account.clone(), account.name.clone(), false));
        }
    }

    fn find_or_make(
        &mut self,
        merge: &Merge<'_>,
        name: &Name,
        (source, region): (Source, Region),
    ) -> Result<AccountId, StoreError> {
        let called = name.as_deref().map_or_else(|| nameless(source).to_owned(), usable);
        let mut number = 1;
        loop {
            let candidate = numbered(&called, number);
            match self.known.iter().find(|account| account.name == candidate) {
                Some(account) if (account.source, account.region) == (source, region) => {
                    let account = account.clone();
                    if !self.imported.iter().any(|(known, ..)| known.id == account.id) {
                        self.imported.push((account.clone(), called, false));
                    }
                    return Ok(account.id);
                }
                Some(_) => number += 1,
                None => {
                    let new = NewAccount {
                        name: candidate,
                        source,
                        region,
                        base_url: None,
                        credential: Credential::None {},
                    };
                    let account = merge.add_account(new, self.now)?;
                    self.known.push(account.clone());
                    self.imported.push((account.clone(), called, true));
                    return Ok(account.id);
                }
            }
        }
    }
}

/// What an account is called that an import does not name.
const fn nameless(source: Source) -> &'static str {
    match source {
        Source::KimiCode => "Kimi Code",
        Source::Platform => "Platform",
    }
}

/// A name as an account here can have it.
fn usable(name: &str) -> String {
    text::account_name(name).unwrap_or_else(|_| {
        let plain: String =
            name.chars().filter(|c| !text::is_unsafe(*c)).take(MAX_ACCOUNT_NAME_CHARS).collect();
        text::account_name(&plain).unwrap_or_else(|_| "?".to_owned())
    })
}

/// `work (2)`, no longer than a name may be.
fn numbered(name: &str, number: u32) -> String {
    if number == 1 {
        return name.to_owned();
    }
    let suffix = format!(" ({number})");
    let room = MAX_ACCOUNT_NAME_CHARS - suffix.chars().count();
    let short: String = name.chars().take(room).collect();
    format!("{}{suffix}", short.trim_end())
}
