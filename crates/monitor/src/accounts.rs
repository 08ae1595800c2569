//! Accounts come and go: a key is tried, put away, and from then on only its place is known.

use secrecy::{ExposeSecret, SecretString};
use tidemark_core::account::{KeyShape, check_base_url};
use tidemark_core::pasted_key::{clean_key, is_variable_name};
use tidemark_core::{Account, AccountId, Credential, Failure, FailureKind, Reading, Region, Source};
use tidemark_kimi::Target;
use tidemark_vault::{Place, Vault, VaultError};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::event::EngineEvent;

/// Where a new account's key comes from.
pub enum KeyInput {
    /// The key itself, and where it is to be kept.
    Key {
        /// The key.
        key: SecretString,
        /// Where it is to be kept.
        place: KeyPlace,
    },
    /// An environment variable of the engine's process.
    Environment {
        /// Its name.
        name: String,
    },
    /// The login of an installed Kimi Code command line, read-only.
    KimiCodeLogin,
}

/// Where a key is kept.
#[derive(Clone)]
pub enum KeyPlace {
    /// The system keyring.
    Keyring,
    /// The encrypted file, and its passphrase where it is not unlocked yet.
    EncryptedFile {
        /// The passphrase.
        passphrase: Option<SecretString>,
    },
    /// Memory, for this run.
    ThisRun,
}

/// What becomes of an account whose key cannot be removed with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyRemoval {
    /// The account stays too, and the error says why.
    #[default]
    Required,
    /// The account is removed anyway: the user knows that the key stays where it is.
    IfPossible,
}

/// What it takes to add an account.
pub struct NewAccount {
    /// The user's name for it; made up where empty.
    pub name: String,
    /// Which product; derived from the key's shape where `None`.
    pub source: Option<Source>,
    /// Which service; both are tried where `None`.
    pub region: Option<Region>,
    /// Another base URL than the service's own.
    pub base_url: Option<String>,
    /// The key.
    pub key: KeyInput,
    /// Add it although its key could not be tried because the service did not answer.
    pub untested: bool,
}

/// What a test of a key found.
pub struct KeyTest {
    /// The product it was tried at.
    pub source: Source,
    /// The service where it works, or that was tried last.
    pub region: Region,
    /// What was read, or why nothing was.
    pub result: Result<Reading, Failure>,
}

impl Engine {
    /// Tries a key without keeping anything.
    pub async fn test_key(&self, new: &NewAccount) -> Result<KeyTest, EngineError> {
        let base_url = new.base_url.as_deref().map(check_base_url).transpose()?;
        check_input(&new.key)?;
        let source = source_of(new)?;
        let regions = match (new.region, &base_url) {
            (Some(region), _) => vec![region],
            // One address is one service; the region then says only which currency and keys to expect.
            (None, Some(_)) => vec![Region::China],
            (None, None) => self.likely_regions(),
        };
        let mut last = None;
        for region in regions {
            let key = self.key_of(new, region).await;
            let result = match key {
                Ok(key) => {
                    let base_url = base_url.as_ref().map_or_else(
                        || self.shared.config.hosts.base_url(source, region),
                        |url| url.as_str().trim_end_matches('/').to_owned(),
                    );
                    let target = Target { source, region, base_url };
                    let clock = self.shared.clock().clone();
                    // The semaphore is never closed.
                    let _permit = self.shared.permits.acquire().await;
                    match self.shared.config.client.quota(&target, &key, &move || clock.now()).await {
                        Ok(look) => {
                            let mut reading = look.reading;
                            if let Ok(profile) = self.shared.config.client.profile(&target, &key).await {
                                profile.fill(&mut reading);
                            }
                            Ok(reading)
                        }
                        Err(failure) => Err(failure),
                    }
                }
                Err(EngineError::Vault(error)) => {
                    Err(Failure::new(FailureKind::KeyUnavailable, error.to_string()))
                }
                Err(other) => return Err(other),
            };
            // A key goes on to the other service only where this one does not know it. Whatever else it
            // answers, and where it does not answer at all, the key may well be its own.
            let unknown_here = result.as_ref().is_err_and(|failure| {
                matches!(failure.kind, FailureKind::Unauthorized | FailureKind::KeyUnavailable)
            });
            let found = KeyTest { source, region, result };
            if !unknown_here {
                return Ok(found);
            }
            let keep = last.as_ref().is_none_or(|before: &KeyTest| {
                before.result.as_ref().is_err_and(|failure| failure.kind == FailureKind::KeyUnavailable)
            });
            if keep {
                last = Some(found);
            }
        }
        last.ok_or(EngineError::Internal)
    }

    /// The services in the order in which a key of unknown region is tried: the likelier first, judged by
    /// the pinned zone, so that a key seldom visits a service that it is not for.
    fn likely_regions(&self) -> Vec<Region> {
        let zone = self.settings().timezone;
        let mainland =
            [chrono_tz::Asia::Shanghai, chrono_tz::Asia::Urumqi, chrono_tz::Asia::Chongqing, chrono_tz::PRC];
        if mainland.contains(&zone) {
            vec![Region::China, Region::Global]
        } else {
            vec![Region::Global, Region::China]
        }
    }

    async fn key_of(&self, new: &NewAccount, region: Region) -> Result<SecretString, EngineError> {
        match &new.key {
            KeyInput::Key { key, .. } => clean(key),
            KeyInput::Environment { name } => {
                let credential = Credential::Environment { name: name.clone() };
                Ok(self.vault().key(&credential, region, self.now()).await?)
            }
            KeyInput::KimiCodeLogin => {
                let credential = Credential::KimiCodeLogin { path: None };
                Ok(self.vault().key(&credential, region, self.now()).await?)
            }
        }
    }

    /// Adds an account: tries its key, stores it, and polls for the first time.
    pub async fn add_account(&self, new: NewAccount) -> Result<Account, EngineError> {
        let base_url = new.base_url.as_deref().map(check_base_url).transpose()?;
        check_input(&new.key)?;
        let name = new.name.trim().to_owned();
        if !name.is_empty() {
            self.check_name(&name, None)?;
        }
        let told = (new.untested, new.source, new.region);
        let (source, region, plan) = if let (true, Some(source), Some(region)) = told {
            (source, region, None)
        } else {
            let test = self.test_key(&new).await?;
            match test.result {
                Ok(reading) => (test.source, test.region, reading.plan),
                Err(failure) if new.untested && !failure.is_refusal() => (test.source, test.region, None),
                Err(failure) => return Err(EngineError::KeyTest(Box::new(failure))),
            }
        };
        let name = if name.is_empty() { self.free_name(source, plan.as_deref()) } else { name };
        self.check_name(&name, None)?;
        let credential = self.store_key(&name, new.key).await?;
        let now = self.now();
        let stored = tidemark_store::NewAccount {
            name: name.clone(),
            source,
            region,
            base_url,
            credential: credential.clone(),
        };
        let added = self.write(move |store| store.add_account(stored, now)).await;
        let account = match added {
            Ok(account) => account,
            Err(error) => {
                // The key must not stay behind without its account.
                if let Err(left) = self.vault().remove(&credential).await {
                    tracing::warn!(%left, "a key could not be taken back");
                }
                return Err(error);
            }
        };
        self.start_account(account.clone(), now);
        self.look_at_logs();
        self.announce(EngineEvent::Overview);
        self.shared.wake.notify_one();
        Ok(account)
    }

    async fn store_key(&self, name: &str, input: KeyInput) -> Result<Credential, EngineError> {
        match input {
            KeyInput::Environment { name } => Ok(Credential::Environment { name }),
            KeyInput::KimiCodeLogin => Ok(Credential::KimiCodeLogin { path: None }),
            KeyInput::Key { key, place } => {
                let place = match place {
                    KeyPlace::Keyring => Place::Keyring,
                    KeyPlace::ThisRun => Place::ThisRun,
                    KeyPlace::EncryptedFile { passphrase } => {
                        if let Some(passphrase) = passphrase {
                            self.vault().unlock_file(passphrase).await?;
                        }
                        Place::EncryptedFile
                    }
                };
                Ok(self.vault().put(place, &Vault::new_handle(), name, key).await?)
            }
        }
    }

    fn check_name(&self, name: &str, except: Option<AccountId>) -> Result<(), EngineError> {
        if name.is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
            return Err(EngineError::Input("a name must have 1 to 60 characters, on one line".to_owned()));
        }
        let taken = self
            .shared
            .accounts()
            .iter()
            .any(|handle| Some(handle.id) != except && handle.see(|view| view.account.name == name));
        if taken {
            return Err(EngineError::NameTaken(name.to_owned()));
        }
        Ok(())
    }

    /// A name that suits an account and is not taken yet: its plan's, or its product's.
    #[must_use]
    pub fn free_name(&self, source: Source, plan: Option<&str>) -> String {
        let base = match (source, plan) {
            (Source::KimiCode, Some(plan)) => format!("Kimi {plan}"),
            (Source::KimiCode, None) => "Kimi Code".to_owned(),
            (Source::Platform, _) => "Platform".to_owned(),
        };
        let base: String = base.chars().filter(|c| !c.is_control()).take(50).collect();
        let accounts = self.shared.accounts();
        let taken = |name: &str| accounts.iter().any(|handle| handle.see(|view| view.account.name == name));
        if !taken(&base) {
            return base;
        }
        // One more than there are accounts is certainly free.
        (2..=accounts.len() + 2).map(|n| format!("{base} {n}")).find(|name| !taken(name)).unwrap_or(base)
    }

    /// Gives an account another name.
    pub async fn rename_account(&self, id: AccountId, name: &str) -> Result<Account, EngineError> {
        let name = name.trim().to_owned();
        self.check_name(&name, Some(id))?;
        let stored = name.clone();
        self.write(move |store| store.rename_account(id, &stored)).await?;
        self.change_account(id, |account| account.name = name)
    }

    /// Gives an account another key, after trying it at the account's own service.
    pub async fn replace_key(
        &self,
        id: AccountId,
        key: KeyInput,
        untested: bool,
    ) -> Result<Account, EngineError> {
        let account = self.account(id)?;
        let new = NewAccount {
            name: account.name.clone(),
            source: Some(account.source),
            region: Some(account.region),
            base_url: account.base_url.as_ref().map(ToString::to_string),
            key,
            untested,
        };
        if let Err(failure) = self.test_key(&new).await?.result
            && (!untested || failure.is_refusal())
        {
            return Err(EngineError::KeyTest(Box::new(failure)));
        }
        let credential = self.store_key(&account.name, new.key).await?;
        let stored = credential.clone();
        let kept = self.write(move |store| store.set_credential(id, &stored)).await;
        // Whichever of the two keys is no longer pointed at goes.
        let (outcome, leftover) = match kept {
            Ok(()) => (self.change_account(id, |a| a.credential = credential), account.credential),
            Err(error) => (Err(error), credential),
        };
        if let Err(left) = self.vault().remove(&leftover).await {
            tracing::warn!(%left, "a key could not be removed");
        }
        if outcome.is_ok() {
            let now = self.now();
            if let Ok(handle) = self.shared.account(id) {
                handle.change(|view| {
                    view.next_at = Some(now);
                    view.poll.retry_after_until = None;
                });
            }
            self.shared.wake.notify_one();
        }
        outcome
    }

    /// Removes an account with its history and its key, and says whether the key is gone.
    pub async fn remove_account(&self, id: AccountId, key: KeyRemoval) -> Result<bool, EngineError> {
        let account = self.account(id)?;
        // The key first: an account without a key can be removed again, a key without an account is lost sight of.
        let key_gone = match self.vault().remove(&account.credential).await {
            Ok(()) => true,
            // Where there has been no keyring since the start there is no key to be had from it, and the account
            // must not be stuck because of that. One of an earlier session may still lie in its keyring.
            Err(VaultError::KeyringAbsent { .. }) => false,
            Err(error) if key == KeyRemoval::IfPossible => {
                tracing::warn!(%error, account = %account.name, "an account goes, its key stays");
                false
            }
            Err(error) => return Err(error.into()),
        };
        self.write(move |store| store.remove_account(id)).await?;
        self.shared.remove(id);
        self.announce(EngineEvent::Overview);
        self.announce(EngineEvent::Findings);
        Ok(key_gone)
    }

    /// Puts the accounts into another order.
    ///
    /// # Errors
    /// `order-incomplete` where the list does not name every account exactly once, and nothing is changed then;
    /// else what the history fails with.
    pub async fn reorder_accounts(&self, ids: Vec<AccountId>) -> Result<(), EngineError> {
        let accounts = self
            .write(move |store| {
                store.reorder_accounts(&ids)?;
                store.accounts()
            })
            .await?;
        for account in accounts {
            if let Ok(handle) = self.shared.account(account.id) {
                handle.change(|view| view.account.position = account.position);
            }
        }
        self.announce(EngineEvent::Overview);
        Ok(())
    }

    /// Asks for the keyring to be unlocked, which may show the system's prompt, and tries again the accounts
    /// whose keys could not be had.
    pub async fn unlock_keyring(&self) -> Result<(), EngineError> {
        self.vault().unlock_keyring().await?;
        self.try_locked_again();
        Ok(())
    }

    /// Unlocks the encrypted file for this run.
    pub async fn unlock_file(&self, passphrase: SecretString) -> Result<(), EngineError> {
        self.vault().unlock_file(passphrase).await?;
        self.try_locked_again();
        Ok(())
    }

    fn try_locked_again(&self) {
        let now = self.now();
        for handle in self.shared.accounts() {
            handle.change(|view| {
                if view.key_trouble.is_some() {
                    view.next_at = Some(now);
                }
            });
        }
        self.shared.wake.notify_one();
    }

    /// An account.
    pub fn account(&self, id: AccountId) -> Result<Account, EngineError> {
        Ok(self.shared.account(id)?.see(|view| view.account.clone()))
    }

    fn change_account(
        &self,
        id: AccountId,
        change: impl FnOnce(&mut Account),
    ) -> Result<Account, EngineError> {
        let account = self.shared.account(id)?.change(|view| {
            change(&mut view.account);
            view.account.clone()
        });
        self.announce(EngineEvent::Overview);
        Ok(account)
    }
}

/// A key without what was pasted along with it.
fn clean(key: &SecretString) -> Result<SecretString, EngineError> {
    let key = clean_key(key.expose_secret()).map_err(VaultError::from)?;
    Ok(SecretString::from(key.to_owned()))
}

/// Refuses what can be neither a key nor the name of a variable, before it is tried or stored anywhere.
fn check_input(input: &KeyInput) -> Result<(), EngineError> {
    match input {
        KeyInput::Key { key, .. } => clean(key).map(drop),
        KeyInput::Environment { name } if !is_variable_name(name) => Err(VaultError::VariableName.into()),
        KeyInput::Environment { .. } | KeyInput::KimiCodeLogin => Ok(()),
    }
}

fn source_of(new: &NewAccount) -> Result<Source, EngineError> {
    if let Some(source) = new.source {
        return Ok(source);
    }
    match &new.key {
        KeyInput::KimiCodeLogin => Ok(Source::KimiCode),
        KeyInput::Environment { name } => Err(EngineError::Input(format!(
            "say whether the key in {name} belongs to Kimi Code or to the open platform"
        ))),
        KeyInput::Key { key, .. } => match KeyShape::of(key.expose_secret()) {
            KeyShape::KimiCode => Ok(Source::KimiCode),
            KeyShape::Platform => Ok(Source::Platform),
            KeyShape::Unknown => Err(EngineError::Input(
                "this does not look like a key: Kimi Code keys begin with sk-kimi-, open-platform keys with sk-"
                    .to_owned(),
            )),
        },
    }
}
