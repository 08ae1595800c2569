//! Accounts come and go: a key is tried, put away, and from then on only its place is known.

use secrecy::{ExposeSecret, SecretString};
use tidemark_core::account::{BaseUrlError, KeyShape, check_base_url, check_base_url_of, own_service};
use tidemark_core::failure_cause::FailureCause;
use tidemark_core::pasted_key::{clean_key, is_variable_name};
use tidemark_core::text;
use tidemark_core::{Account, AccountId, Credential, Failure, FailureKind, Reading, Region, Source};
use tidemark_kimi::{Interface, Target};
use tidemark_vault::{Place, Vault, VaultError};
use url::Url;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::event::EngineEvent;
use crate::key_digest::key_digest;
use crate::known_keys;

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
    /// The server that an installed Kimi Code runs on this machine.
    KimiCodeServer,
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
    /// The memory of this run.
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
    /// The user says that a variable's key may go to that base URL. A key that is typed for it needs no such word, and
    /// a login or the token of Kimi Code's server never goes there.
    pub base_url_confirmed: bool,
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

/// Kimi Code's server answers, and not with the region of its login.
const REGION_UNKNOWN: &str =
    "Kimi Code's server does not say in which region it is signed in. Choose the region";

/// A new account's own base URL, checked against its product and region as far as they are given.
fn base_url_of(new: &NewAccount, source: Option<Source>) -> Result<Option<Url>, BaseUrlError> {
    new.base_url.as_deref().map(|text| check_base_url_of(text, source, new.region)).transpose()
}

impl Engine {
    /// Tries a key without keeping anything.
    ///
    /// # Errors
    /// [`EngineError::ForeignAddress`] where the key may not go to the base URL, before it is read; what is wrong with
    /// the input; a defect. Whatever the service says is no error.
    pub async fn test_key(&self, new: &NewAccount) -> Result<KeyTest, EngineError> {
        base_url_of(new, new.source)?;
        check_input(&new.key)?;
        let source = source_of(new)?;
        let base_url = base_url_of(new, Some(source))?;
        self.check_destination(new, source)?;
        let regions = match (new.region, &base_url) {
            (Some(region), _) => vec![region],
            // One address is one service; the region then says only which currency and keys to expect.
            (None, Some(url)) => {
                vec![url.host_str().and_then(own_service).map_or(Region::China, |(_, region)| region)]
            }
            (None, None) => self.likely_regions(),
        };
        let mut last = None;
        for region in regions {
            let destination = self.destination(new, source, region, base_url.as_ref()).await;
            let mut region = region;
            let result = match destination {
                Ok((target, key)) => {
                    let clock = self.shared.clock().clone();
                    // The semaphore is never closed.
                    let _permit = self.shared.permits.acquire().await;
                    match self.shared.config.client.quota(&target, &key, &move || clock.now()).await {
                        Ok(look) => {
                            let mut reading = look.reading;
                            let profile = self.shared.config.client.profile(&target, &key).await;
                            let no_profile = profile.as_ref().err().cloned();
                            let profile = profile.unwrap_or_default();
                            profile.fill(&mut reading);
                            let is_server = target.interface == Interface::LocalServer;
                            let signed_in = profile.region.filter(|_| is_server);
                            match (signed_in, new.region) {
                                // A guess would stand in the account for good.
                                (None, None) if is_server => Err(no_profile.unwrap_or_else(|| {
                                    Failure::new(FailureKind::NotUnderstood, REGION_UNKNOWN)
                                        .with_cause(FailureCause::NotSaidWhere)
                                })),
                                (Some(found), Some(expected)) if found != expected => {
                                    Err(Failure::from(&VaultError::LoginOtherRegion { expected, found }))
                                }
                                // The server asks the service of its own login's region.
                                (Some(found), None) => {
                                    region = found;
                                    reading.region = found;
                                    Ok(reading)
                                }
                                _ => Ok(reading),
                            }
                        }
                        Err(failure) => Err(failure),
                    }
                }
                Err(EngineError::Vault(error)) => Err(Failure::from(&error)),
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

    /// Whether the key may go to the base URL: one that was typed for it may. What was not, belongs to the service, and
    /// goes elsewhere only by the user's word for this account; a login never.
    fn check_destination(&self, new: &NewAccount, source: Source) -> Result<(), EngineError> {
        let Some(base_url) = new.base_url.as_deref().map(check_base_url).transpose()? else { return Ok(()) };
        let address = base_url.as_str().trim_end_matches('/');
        let is_service = |region| self.shared.config.hosts.is_service(source, region, address);
        // Each region's service has keys of its own.
        let regions = new.region.map_or_else(|| vec![Region::China, Region::Global], |region| vec![region]);
        let allowed = match &new.key {
            KeyInput::Key { .. } => true,
            KeyInput::Environment { .. } => new.base_url_confirmed || regions.into_iter().all(is_service),
            KeyInput::KimiCodeLogin => regions.into_iter().all(is_service),
            // Where the server listens is in Kimi Code's own folder.
            KeyInput::KimiCodeServer => false,
        };
        if allowed {
            return Ok(());
        }
        Err(EngineError::ForeignAddress { host: base_url.host_str().unwrap_or_default().to_owned() })
    }

    /// Where a new account's calls go, and the key that signs them.
    async fn destination(
        &self,
        new: &NewAccount,
        source: Source,
        region: Region,
        base_url: Option<&Url>,
    ) -> Result<(Target, SecretString), EngineError> {
        let from = |credential| async move { self.vault().key(&credential, region, self.now()).await };
        let key = match &new.key {
            KeyInput::KimiCodeServer => {
                let server = self.vault().kimi_code_server().await?;
                return Ok((Target::local_server(region, server.base_url), server.token));
            }
            KeyInput::Key { key, .. } => clean(key)?,
            KeyInput::Environment { name } => from(Credential::Environment { name: name.clone() }).await?,
            KeyInput::KimiCodeLogin => from(Credential::KimiCodeLogin { path: None }).await?,
        };
        let base_url = base_url.map_or_else(
            || self.shared.config.hosts.base_url(source, region),
            |url| url.as_str().trim_end_matches('/').to_owned(),
        );
        Ok((Target { source, region, base_url, interface: Interface::Service }, key))
    }

    /// Adds an account: tries its key, stores it, and polls for the first time.
    ///
    /// # Errors
    /// - As [`Engine::test_key`]; [`EngineError::KeyTest`] if the key does not work.
    /// - [`EngineError::Input`] if the name is longer than 60 characters or has a line break,
    ///   [`EngineError::NameTaken`] if another account has it.
    /// - [`EngineError::Vault`] if the key cannot be stored.
    /// - [`EngineError::StoreHandle`] if the account cannot be written. The key is removed again then.
    pub async fn add_account(&self, new: NewAccount) -> Result<Account, EngineError> {
        base_url_of(&new, new.source)?;
        check_input(&new.key)?;
        let base_url = base_url_of(&new, source_of(&new).ok())?;
        let mut name = new.name.trim().to_owned();
        if !name.is_empty() {
            name = self.checked_name(&name, None)?;
        }
        self.check_destination(&new, source_of(&new)?)?;
        let told = (new.untested, new.source, new.region);
        let (source, region, plan) = if let (true, Some(source), Some(region)) = told {
            (source, region, None)
        } else {
            let test = self.test_key(&new).await?;
            match test.result {
                Ok(reading) => (test.source, test.region, reading.plan),
                // Only the server itself says in which region it is signed in.
                Err(failure)
                    if new.untested
                        && !failure.is_refusal()
                        && (new.region.is_some() || !matches!(new.key, KeyInput::KimiCodeServer)) =>
                {
                    (test.source, test.region, None)
                }
                Err(failure) => return Err(EngineError::KeyTest(Box::new(failure))),
            }
        };
        let name = if name.is_empty() { self.free_name(source, plan.as_deref()) } else { name };
        let name = self.checked_name(&name, None)?;
        let destination = self.destination(&new, source, region, base_url.as_ref()).await.ok();
        let digest = destination.map(|(_, key)| key_digest(&key));
        let credential = self.store_key(&name, new.key).await?;
        let now = self.now();
        let stored = tidemark_store::NewAccount {
            name: name.clone(),
            source,
            region,
            base_url,
            credential: credential.clone(),
        };
        let _turn = self.shared.accounts_turn.read().await;
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
        self.note_keys(account.id, digest).await;
        self.look_at_logs();
        self.announce(EngineEvent::Overview);
        self.shared.wake.notify_one();
        Ok(account)
    }

    /// Keeps the hash of a new account's key, and has those of the accounts beside it, so that one account under two
    /// names is noticed before either is polled.
    async fn note_keys(&self, new: AccountId, digest: Option<[u8; 32]>) {
        let unknown: Vec<_> = self
            .shared
            .accounts()
            .iter()
            .filter(|handle| handle.see(|view| view.key_digest.is_none()))
            .cloned()
            .collect();
        for handle in unknown {
            let digest = if handle.id == new {
                digest
            } else {
                let account = handle.see(|view| view.account.clone());
                let key = self.vault().key(&account.credential, account.region, self.now()).await;
                key.ok().as_ref().map(key_digest)
            };
            handle.change(|view| view.key_digest = view.key_digest.or(digest));
            if let Some(digest) = digest {
                let credential = handle.see(|view| view.account.credential.clone());
                known_keys::keep(&self.shared, handle.id, &credential, digest).await;
            }
        }
    }

    pub(crate) async fn store_key(&self, name: &str, input: KeyInput) -> Result<Credential, EngineError> {
        match input {
            KeyInput::Environment { name } => Ok(Credential::Environment { name }),
            KeyInput::KimiCodeLogin => Ok(Credential::KimiCodeLogin { path: None }),
            KeyInput::KimiCodeServer => Ok(Credential::KimiCodeServer {}),
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

    /// A name as it is kept, if it is one that another account can have.
    fn checked_name(&self, name: &str, except: Option<AccountId>) -> Result<String, EngineError> {
        let name = text::account_name(name)?;
        // A version that did not compose names may have stored one that looks the same.
        let taken = self.shared.accounts().iter().any(|handle| {
            Some(handle.id) != except && handle.see(|view| text::composed(&view.account.name) == name)
        });
        if taken {
            return Err(EngineError::NameTaken(name));
        }
        Ok(name)
    }

    /// A name that suits an account and is not taken yet: its plan's, or its product's.
    #[must_use]
    pub fn free_name(&self, source: Source, plan: Option<&str>) -> String {
        let base = match (source, plan) {
            (Source::KimiCode, Some(plan)) => format!("Kimi {plan}"),
            (Source::KimiCode, None) => "Kimi Code".to_owned(),
            (Source::Platform, _) => "Platform".to_owned(),
        };
        // The plan's name is the service's own.
        let base: String = text::composed(&base).chars().filter(|c| !text::is_unsafe(*c)).take(50).collect();
        let accounts = self.shared.accounts();
        let taken = |name: &str| accounts.iter().any(|handle| handle.see(|view| view.account.name == name));
        if !taken(&base) {
            return base;
        }
        // One more than there are accounts is certainly free.
        (2..=accounts.len() + 2).map(|n| format!("{base} {n}")).find(|name| !taken(name)).unwrap_or(base)
    }

    /// Gives an account another name.
    ///
    /// # Errors
    /// [`EngineError::Input`] if the name is empty, longer than 60 characters or has a line break,
    /// [`EngineError::NameTaken`] if another account has it, [`EngineError::NoSuchAccount`],
    /// [`EngineError::StoreHandle`] if it cannot be written.
    pub async fn rename_account(&self, id: AccountId, name: &str) -> Result<Account, EngineError> {
        let name = self.checked_name(name, Some(id))?;
        let stored = name.clone();
        self.write(move |store| store.rename_account(id, &stored)).await?;
        self.change_account(id, |account| account.name = name)
    }

    /// Gives an account another key, after trying it at the account's own service. `confirmed` is the account's base
    /// URL where the user has said again that the key may go there.
    ///
    /// # Errors
    /// - [`EngineError::NoSuchAccount`].
    /// - As [`Engine::test_key`]; [`EngineError::KeyTest`] if the key does not work. With `untested` only a
    ///   refusal of the service counts.
    /// - [`EngineError::Vault`] if the new key cannot be stored, [`EngineError::StoreHandle`] if the change
    ///   cannot be written. The old key stays in use then.
    pub async fn replace_key(
        &self,
        id: AccountId,
        key: KeyInput,
        confirmed: Option<&str>,
        untested: bool,
    ) -> Result<Account, EngineError> {
        let account = self.account(id)?;
        let confirmed = confirmed.map(check_base_url).transpose()?;
        let new = NewAccount {
            name: account.name.clone(),
            source: Some(account.source),
            region: Some(account.region),
            base_url: account.base_url.as_ref().map(ToString::to_string),
            // The word was given for the variable that the account has.
            base_url_confirmed: (confirmed.is_some() && confirmed == account.base_url)
                || matches!(
                    (&key, &account.credential),
                    (KeyInput::Environment { name }, Credential::Environment { name: known }) if name == known
                ),
            key,
            untested,
        };
        if let Err(failure) = self.test_key(&new).await?.result
            && (!untested || failure.is_refusal())
        {
            return Err(EngineError::KeyTest(Box::new(failure)));
        }
        let destination = self.destination(&new, account.source, account.region, account.base_url.as_ref());
        let digest = destination.await.ok().map(|(_, key)| key_digest(&key));
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
        if let Ok(changed) = &outcome {
            match digest {
                Some(digest) => known_keys::keep(&self.shared, id, &changed.credential, digest).await,
                None => known_keys::forget(&self.shared, id).await,
            }
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
    ///
    /// # Errors
    /// - [`EngineError::NoSuchAccount`].
    /// - [`EngineError::Vault`] if the key cannot be removed and must be. The account stays then.
    /// - [`EngineError::StoreHandle`] if the history cannot be removed. The key is gone then.
    pub async fn remove_account(&self, id: AccountId, key: KeyRemoval) -> Result<bool, EngineError> {
        let account = self.account(id)?;
        // The key first: an account without a key can be removed again, a key without an account is lost sight of.
        let key_gone = match self.vault().remove(&account.credential).await {
            Ok(()) => true,
            // If there has been no keyring since the start, no key can be read from it, and the account must
            // not be stuck because of that. A key of an earlier session may still be in its keyring.
            Err(VaultError::KeyringAbsent { .. }) => false,
            Err(error) if key == KeyRemoval::IfPossible => {
                tracing::warn!(%error, account = %account.name, "an account goes, its key stays");
                false
            }
            Err(error) => return Err(error.into()),
        };
        let _turn = self.shared.accounts_turn.read().await;
        known_keys::forget(&self.shared, id).await;
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
    ///
    /// # Errors
    /// [`EngineError::Vault`], as [`Vault::unlock_keyring`] gives it.
    pub async fn unlock_keyring(&self) -> Result<(), EngineError> {
        self.vault().unlock_keyring().await?;
        self.try_locked_again();
        Ok(())
    }

    /// Unlocks the encrypted file for this run.
    ///
    /// # Errors
    /// [`EngineError::Vault`], as [`Vault::unlock_file`] gives it.
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

    /// The account with a number.
    ///
    /// # Errors
    /// [`EngineError::NoSuchAccount`].
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
        KeyInput::Environment { .. } | KeyInput::KimiCodeLogin | KeyInput::KimiCodeServer => Ok(()),
    }
}

fn source_of(new: &NewAccount) -> Result<Source, EngineError> {
    if let (KeyInput::KimiCodeServer, Some(Source::Platform)) = (&new.key, new.source) {
        return Err(EngineError::Input(
            "Kimi Code's local server has no figures of the open platform".to_owned(),
        ));
    }
    if let (KeyInput::KimiCodeLogin, Some(Source::Platform)) = (&new.key, new.source) {
        return Err(EngineError::Input("Kimi Code's login is no key of the open platform".to_owned()));
    }
    if let Some(source) = new.source {
        return Ok(source);
    }
    match &new.key {
        KeyInput::KimiCodeLogin | KeyInput::KimiCodeServer => Ok(Source::KimiCode),
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
