//! The history as the commands read it: from the store alone, beside a running agent or without one.

use tidemark_core::Account;
use tidemark_monitor::Settings;
use tidemark_monitor::settings::{KEY, RESET_KEY};
use tidemark_store::{Store, StoreError};

use super::context::{Context, environment_zone, runtime};
use super::transport::connect;
use crate::exit::{CommandError, Exit};
use crate::file_errors::{Access, file_error};
use crate::output::{Output, say};

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Folder(folder) => folder.into(),
            StoreError::Io { path, source } => file_error(Access::Read, path, source),
            StoreError::NotOurs(path) | StoreError::Gone(path) => {
                let file = path.display().to_string();
                let key = match &error {
                    StoreError::NotOurs(_) => "cli-store-not-ours",
                    _ => "cli-store-gone",
                };
                Self::said(Exit::Failed, error.code(), key, &[("file", &file)])
            }
            _ => Self::new(Exit::Failed, error.code(), &error).quoting(error.said().unwrap_or_default()),
        }
    }
}

/// The store, for reading. `None` where nothing was ever stored. One that an older version wrote is brought up
/// to date first: by the agent that takes an older one's place, or by an engine of this process.
pub fn open(context: &Context) -> Result<Option<Store>, CommandError> {
    let data_dir = context.data_dir()?;
    let opened = match Store::open_read_only(&data_dir) {
        Err(StoreError::Older { .. }) => {
            drop(runtime()?.block_on(connect(context))?);
            Store::open_read_only(&data_dir)
        }
        opened => opened,
    };
    match opened {
        Ok(store) => Ok(Some(store)),
        Err(StoreError::NotThere(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The settings, or what they are before the first start. What of them cannot be used has its default; the engine says
/// so when it starts.
pub fn settings(store: Option<&Store>) -> Result<Option<Settings>, CommandError> {
    let stored = store.map(|store| store.setting_text(KEY)).transpose()?.flatten();
    let defaults = || Settings { timezone: environment_zone().0, ..Settings::default() };
    Ok(stored.map(|stored| Settings::mended(&stored, &defaults()).0))
}

/// Says that stored settings could not be used, now or since the user last set them. It never goes to standard output.
pub fn say_reset_settings(store: Option<&Store>, output: &Output) {
    let Some(store) = store else { return };
    let stored = store.setting_text(KEY).ok().flatten();
    let cannot_be_used =
        stored.is_some_and(|stored| !Settings::mended(&stored, &Settings::default()).1.is_empty());
    let reset_before =
        || store.setting::<Vec<String>>(RESET_KEY).ok().flatten().is_some_and(|reset| !reset.is_empty());
    if cannot_be_used || reset_before() {
        let words = &output.words;
        let (first, second) =
            (words.text("trouble-settings-reset"), words.text("trouble-settings-reset.advice"));
        say(&words.with("sentence-two", [("first", first.into()), ("second", second.into())]));
    }
}

/// The account of a name.
pub fn account(store: Option<&Store>, name: &str) -> Result<Account, CommandError> {
    let found = store.map(|store| store.account_by_name(name)).transpose()?.flatten();
    found.ok_or_else(|| no_such_account(name))
}

/// What is said where there is no account of a name.
pub fn no_such_account(name: &str) -> CommandError {
    CommandError::said(Exit::Failed, "no-such-account", "cli-no-such-account", &[("name", name)])
}
