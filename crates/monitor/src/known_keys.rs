//! By what the accounts' keys are recognised in programs' configurations: noted whenever a key was had, and learned where
//! that asks the user nothing.

use std::time::Duration;

use tidemark_core::{AccountId, Credential};
use tidemark_store::Store;

use crate::key_digest::key_digest;
use crate::key_prints::{KeyPrints, SETTING};
use crate::shared::Shared;
use crate::store_handle::StoreHandleError;

/// So long is waited for keyrings that do not answer, before logs are read.
const LEARN_TIMEOUT: Duration = Duration::from_secs(5);

/// Whether an account has a key that can stand in a configuration, and not a login, whose tokens change.
const fn is_key(credential: &Credential) -> bool {
    match credential {
        Credential::Keyring { .. }
        | Credential::EncryptedFile { .. }
        | Credential::ThisRun { .. }
        | Credential::Environment { .. } => true,
        Credential::KimiCodeLogin { .. } | Credential::KimiCodeServer {} | Credential::None {} => false,
    }
}

/// What is kept of the accounts' keys. What cannot be read is learned again.
pub(crate) fn stored(store: &Store) -> KeyPrints {
    store.setting(SETTING).unwrap_or_default().unwrap_or_default()
}

/// Keeps what an account's key is recognised by.
pub(crate) async fn keep(shared: &Shared, id: AccountId, credential: &Credential, digest: [u8; 32]) {
    if !is_key(credential) || shared.state().key_prints.is_of(id, digest) == Some(true) {
        return;
    }
    change(shared, move |prints| prints.keep(id, digest)).await;
}

/// Forgets what the key of an account was recognised by.
pub(crate) async fn forget(shared: &Shared, id: AccountId) {
    change(shared, move |prints| prints.forget(id)).await;
}

async fn change(shared: &Shared, change: impl FnOnce(&mut KeyPrints) -> bool + Send + 'static) {
    let changed: Result<KeyPrints, StoreHandleError> = shared
        .store
        .ask(move |store| {
            let mut prints = stored(store);
            if change(&mut prints) {
                store.set_setting(SETTING, &prints)?;
            }
            Ok(prints)
        })
        .await;
    match changed {
        Ok(prints) => shared.state().key_prints = prints,
        Err(error) => tracing::warn!(%error, "what keys are recognised by could not be written"),
    }
}

/// Learns by what the accounts' keys are recognised, where nothing is kept of one yet: those that can be had without
/// asking the user anything. Variables are read each time, since they change outside of this program.
pub(crate) async fn learn(shared: &Shared) {
    let learn = async {
        for handle in shared.accounts() {
            let (account, digest) = handle.see(|view| (view.account.clone(), view.key_digest));
            let in_variable = matches!(account.credential, Credential::Environment { .. });
            let is_kept = shared.state().key_prints.has(account.id);
            if !is_key(&account.credential) || digest.is_some() || (is_kept && !in_variable) {
                continue;
            }
            let key = shared.config.vault.key(&account.credential, account.region, shared.now()).await;
            if let Ok(key) = key {
                keep(shared, account.id, &account.credential, key_digest(&key)).await;
            }
        }
    };
    if tokio::time::timeout(LEARN_TIMEOUT, learn).await.is_err() {
        tracing::info!("keys were not had in time; usage that their configurations name may be unassigned");
    }
}
