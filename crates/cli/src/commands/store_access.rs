//! The history as the commands read it: from the store alone, beside a running agent or without one.

use tidemark_core::Account;
use tidemark_monitor::Settings;
use tidemark_monitor::settings::KEY;
use tidemark_store::{Store, StoreError};

use super::context::{Context, runtime};
use super::transport::connect;
use crate::exit::{CommandError, Exit};

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        Self::new(Exit::Failed, error.code(), error)
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

/// The settings, or what they are before the first start.
pub fn settings(store: Option<&Store>) -> Result<Option<Settings>, CommandError> {
    Ok(store.map(|store| store.setting(KEY)).transpose()?.flatten())
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
