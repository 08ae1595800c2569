//! What a tool answers from: the history as it is now, and how the user counts and reads.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use tidemark_core::Account;
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_monitor::Settings;
use tidemark_store::Store;

use crate::commands::context::Context;
use crate::commands::last_known::{Known, last_known};
use crate::commands::store_access;
use crate::exit::{CommandError, CommandOutcome};
use crate::i18n::Catalog;

/// The history at the moment of a question.
pub(super) struct Scene {
    pub(super) context: Context,
    /// `None` where nothing was ever stored.
    pub(super) store: Option<Store>,
    pub(super) settings: Settings,
    pub(super) words: Catalog,
    pub(super) zone: Tz,
    pub(super) now: DateTime<Utc>,
}

impl Scene {
    pub(super) fn of(context: &Context) -> Result<Self, CommandError> {
        let store = store_access::open(context)?;
        let stored = store_access::settings(store.as_ref())?;
        let zone = context.zone(stored.as_ref().map(|settings| settings.timezone));
        let settings = stored.unwrap_or_default();
        let words = context.words(settings.language.as_deref());
        Ok(Self { context: context.clone(), store, settings, words, zone, now: Utc::now() })
    }

    /// The names of all accounts, in the user's order.
    pub(super) fn account_names(&self) -> Result<Vec<String>, CommandOutcome> {
        let accounts = self.store.as_ref().map(Store::accounts).transpose()?.unwrap_or_default();
        Ok(accounts.into_iter().map(|account| account.name).collect())
    }

    /// The account that was asked for.
    pub(super) fn account(&self, name: Option<&str>) -> Result<Option<Account>, CommandOutcome> {
        let account = name.map(|name| store_access::account(self.store.as_ref(), name.trim()));
        Ok(account.transpose()?)
    }

    /// What is last known of an account, or of all.
    pub(super) fn known(&self, name: Option<&str>) -> Result<Vec<Known>, CommandOutcome> {
        let account = self.account(name)?.map(|account| account.id);
        let mut known = self.store.as_ref().map(last_known).transpose()?.unwrap_or_default();
        known.retain(|known| account.is_none_or(|account| account == known.account.id));
        Ok(known)
    }

    /// An answer: when and in which zone, what was asked for, and what is to be known about it.
    pub(super) fn answer(&self, name: &str, rows: &[Value], notes: &[String]) -> Value {
        json!({
            "at": format_rfc3339(self.now),
            "timezone": self.zone.name(),
            name: rows,
            "notes": notes,
        })
    }

    /// That rows were left out, where some were.
    pub(super) fn left_out(&self, count: usize) -> Option<String> {
        (count > 0).then(|| self.words.with("mcp-note-left-out", [("count", count.into())]))
    }
}
