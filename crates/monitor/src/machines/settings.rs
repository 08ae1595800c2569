//! Adding, naming and removing machines and exchanges.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use tidemark_core::pasted_key::is_variable_name;
use tidemark_core::project_filter::HiddenProjects;
use tidemark_core::{Region, text};
use tidemark_machines::folder::{self, SharedFolder};
use tidemark_machines::identity::{self, Host};
use tidemark_machines::ssh::Target;
use tidemark_machines::{Passphrase, Place, Problem, ProblemKind, ShareProjects};
use tidemark_store::{ExchangeId, MachineId, NewExchange, OwnMachine, StoreError, is_reserved_machine_name};
use tidemark_vault::{Place as VaultPlace, Vault};

use crate::accounts::KeyPlace;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::event::EngineEvent;
use crate::store_handle::StoreHandleError;

/// Under this key is whether names of projects are given away.
const SHARE_PROJECTS: &str = "share_projects";

/// A machine or an exchange, as front ends name it: `m3` or `x2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MachineKey {
    /// A machine.
    Machine(MachineId),
    /// An exchange.
    Exchange(ExchangeId),
}

impl fmt::Display for MachineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Machine(id) => write!(f, "m{}", id.0),
            Self::Exchange(id) => write!(f, "x{}", id.0),
        }
    }
}

impl FromStr for MachineKey {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if let Some(number) = text.strip_prefix('m') {
            return number.parse().map(|id| Self::Machine(MachineId(id))).map_err(|_| ());
        }
        let number = text.strip_prefix('x').ok_or(())?;
        number.parse().map(|id| Self::Exchange(ExchangeId(id))).map_err(|_| ())
    }
}

/// On which way the records of machines come.
#[derive(Debug, Clone)]
pub enum MachineWay {
    /// Another machine is asked over SSH.
    Ssh {
        /// The host as `ssh` takes it.
        host: String,
        /// The path of `tidemark` there; `None` where it is on the path.
        command: Option<String>,
    },
    /// A folder that several machines share.
    Folder {
        /// Its path here.
        folder: PathBuf,
        /// Its passphrase.
        passphrase: NewPassphrase,
    },
}

/// The passphrase of a shared folder.
#[derive(Debug, Clone)]
pub enum NewPassphrase {
    /// This one, and where it is to be kept.
    Typed(SecretString, VaultPlace),
    /// That of an environment variable, read each time.
    Variable(String),
}

impl Engine {
    /// This machine's id and name. They are made where there are none.
    ///
    /// # Errors
    /// [`EngineError::StoreHandle`] if they cannot be written.
    pub(crate) async fn own_machine(&self) -> Result<OwnMachine, EngineError> {
        let now = self.now();
        let host = self.host().await?;
        self.write(move |store| identity::ensure(store, &host, now)).await
    }

    /// What the system says of this machine.
    pub(super) async fn host(&self) -> Result<Host, EngineError> {
        if self.is_demo() {
            return Ok(Host { name: "demo".to_owned(), fingerprint: "demo:".to_owned() });
        }
        tokio::task::spawn_blocking(Host::of_system).await.map_err(|_| EngineError::Internal)
    }

    /// Adds a way on which records of machines come. For a folder the passphrase is tried, and kept.
    ///
    /// # Errors
    /// - [`EngineError::Name`] or [`EngineError::NameTaken`] for the name, [`EngineError::Target`] for the host,
    ///   [`EngineError::Input`] for the folder.
    /// - [`EngineError::Exchange`] if the host or the folder was added before, the folder is not there, or the
    ///   passphrase is not the folder's.
    /// - [`EngineError::Vault`] if the passphrase cannot be kept, [`EngineError::StoreHandle`].
    pub async fn add_machine(&self, name: &str, way: MachineWay) -> Result<ExchangeId, EngineError> {
        let name = text::account_name(name)?;
        self.own_machine().await?;
        let place = match way {
            MachineWay::Ssh { host, command } => {
                Target::new(&host, command.as_deref())?;
                self.must_be_new_host(&host, command.as_deref()).await?;
                Place::Ssh { host, command }
            }
            MachineWay::Folder { folder, passphrase } => self.folder_place(&name, folder, passphrase).await?,
        };
        let text = serde_json::to_string(&place).map_err(|_| EngineError::Internal)?;
        let (now, new) = (self.now(), NewExchange { name, place: text });
        let added = self.write(move |store| store.add_exchange(&new, now)).await.map_err(name_taken);
        if added.is_err()
            && let Place::Folder { passphrase: Passphrase::Vault { credential }, .. } = &place
        {
            self.remove_passphrase(credential).await;
        }
        self.shared.machines_wake.notify_one();
        self.announce(EngineEvent::Usage);
        added
    }

    /// Asking a machine twice, and in the same way, brings nothing new.
    async fn must_be_new_host(&self, host: &str, command: Option<&str>) -> Result<(), EngineError> {
        let is_same = |place: &Place| matches!(place, Place::Ssh { host: other, command: with } if other == host && with.as_deref() == command);
        let known = self.machines().await?.exchanges;
        known
            .iter()
            .find(|one| one.place.as_ref().is_some_and(is_same))
            .map_or(Ok(()), |one| Err(Problem::saying(ProblemKind::AddedBefore, &one.exchange.name).into()))
    }

    /// This machine would write all of its requests into a folder twice, whatever the path by which it is found.
    async fn must_be_new_folder(&self, folder: &Path) -> Result<(), EngineError> {
        let known = self.machines().await?.exchanges;
        let folders = known.into_iter().filter_map(|one| match one.place {
            Some(Place::Folder { folder, .. }) => Some((one.exchange.name, folder)),
            _ => None,
        });
        let (folders, wanted): (Vec<_>, _) = (folders.collect(), folder.to_owned());
        let found = tokio::task::spawn_blocking(move || {
            // One that is not there now is known by its name alone.
            let real = |path: PathBuf| path.canonicalize().unwrap_or(path);
            let wanted = real(wanted);
            folders.into_iter().find(|(_, folder)| real(folder.clone()) == wanted)
        });
        let found = found.await.map_err(|_| EngineError::Internal)?;
        found.map_or(Ok(()), |(name, _)| Err(Problem::saying(ProblemKind::AddedBefore, name).into()))
    }

    async fn folder_place(
        &self,
        name: &str,
        folder: PathBuf,
        passphrase: NewPassphrase,
    ) -> Result<Place, EngineError> {
        if !folder.is_absolute() || folder.to_str().is_none_or(|path| !text::is_clean(path)) {
            return Err(EngineError::Input("a shared folder must be an absolute path".to_owned()));
        }
        let secret = match &passphrase {
            NewPassphrase::Typed(secret, _) => secret.clone(),
            NewPassphrase::Variable(name) => of_variable(name)?,
        };
        self.must_be_new_folder(&folder).await?;
        let (path, keys) = (folder.clone(), Arc::clone(&self.shared.folder_keys));
        let opened = tokio::task::spawn_blocking(move || {
            let folder =
                SharedFolder { exchange: ExchangeId(0), path: &path, passphrase: &secret, keys: &keys };
            folder::open(&folder)
        });
        opened.await.map_err(|_| EngineError::Internal)??;
        let passphrase = match passphrase {
            NewPassphrase::Variable(name) => Passphrase::Variable { name },
            NewPassphrase::Typed(secret, place) => {
                // A key has no spaces; a passphrase may.
                let kept = SecretString::from(hexadecimal(secret.expose_secret().as_bytes()));
                let credential = self.vault().put(place, &Vault::new_handle(), name, kept).await?;
                Passphrase::Vault { credential }
            }
        };
        Ok(Place::Folder { folder, passphrase })
    }

    /// The passphrase of a folder.
    pub(super) async fn folder_passphrase(&self, passphrase: &Passphrase) -> Result<SecretString, Problem> {
        match passphrase {
            Passphrase::Variable { name } => of_variable(name),
            Passphrase::Vault { credential } => {
                let unreadable = |said: String| Problem::saying(ProblemKind::PassphraseUnreadable, said);
                let kept = self.vault().key(credential, Region::China, self.now()).await;
                let kept = kept.map_err(|error| unreadable(error.to_string()))?;
                of_hexadecimal(kept.expose_secret()).ok_or_else(|| unreadable(String::new()))
            }
        }
    }

    async fn remove_passphrase(&self, credential: &tidemark_core::Credential) {
        if let Err(error) = self.vault().remove(credential).await {
            tracing::warn!(%error, "the passphrase of a shared folder stays where it is kept");
        }
    }

    /// Gives a machine or an exchange another name.
    ///
    /// # Errors
    /// [`EngineError::Name`], [`EngineError::NameTaken`], [`EngineError::StoreHandle`].
    pub async fn rename_machine(&self, key: MachineKey, name: &str) -> Result<(), EngineError> {
        let name = text::account_name(name)?;
        let done = self.write(move |store| match key {
            MachineKey::Machine(id) => store.rename_machine(id, &name),
            MachineKey::Exchange(id) => store.rename_exchange(id, &name),
        });
        done.await.map_err(name_taken)?;
        self.announce(EngineEvent::Usage);
        Ok(())
    }

    /// Says what this machine is called, and whether it gives names of projects away; `None` leaves it as it is.
    ///
    /// # Errors
    /// [`EngineError::Name`], [`EngineError::NameTaken`], [`EngineError::StoreHandle`].
    pub async fn change_own_machine(
        &self,
        name: Option<&str>,
        shares_projects: Option<bool>,
    ) -> Result<(), EngineError> {
        let name = name.map(text::account_name).transpose()?;
        let own = self.own_machine().await?;
        self.write(move |store| {
            if let Some(name) = name.filter(|name| *name != own.name) {
                if store.machine_name_taken(&name)? {
                    return Err(StoreError::NameTaken(name));
                }
                store.set_own_machine(&OwnMachine { name, ..own })?;
            }
            shares_projects.map_or(Ok(()), |shares| store.set_setting(SHARE_PROJECTS, &shares))
        })
        .await
        .map_err(name_taken)?;
        self.announce(EngineEvent::Usage);
        Ok(())
    }

    /// Whether names of projects are given away.
    pub(crate) async fn shares_projects(&self) -> Result<bool, EngineError> {
        // One that cannot be read shares nothing.
        self.read(|store| Ok(store.setting(SHARE_PROJECTS).unwrap_or_default().unwrap_or_default())).await
    }

    /// Which names of projects are given away: none, or all but those that are hidden.
    pub(crate) async fn given_projects(&self) -> Result<ShareProjects, EngineError> {
        Ok(if self.shares_projects().await? {
            ShareProjects::But(HiddenProjects::by(&self.settings().hidden_projects))
        } else {
            ShareProjects::No
        })
    }

    /// Removes a machine, or an exchange with its machines. Their usage stays unless `drop_usage`.
    ///
    /// A machine of a shared folder is ignored from then on, whether its usage stays or goes: its files are still there.
    ///
    /// # Errors
    /// [`EngineError::NoSuchMachine`], [`EngineError::StoreHandle`].
    pub async fn remove_machine(&self, key: MachineKey, drop_usage: bool) -> Result<(), EngineError> {
        let snapshot = self.machines().await?;
        let of_machine = |id: MachineId| snapshot.machines.iter().find(|one| one.machine.id == id);
        let exchange = match key {
            MachineKey::Exchange(id) => Some(id),
            MachineKey::Machine(id) => of_machine(id).ok_or(EngineError::NoSuchMachine)?.machine.exchange,
        };
        let exchange = exchange.and_then(|id| snapshot.exchanges.iter().find(|one| one.exchange.id == id));
        let is_folder = exchange.is_some_and(|one| matches!(one.place, Some(Place::Folder { .. })));
        let machines: Vec<MachineId> = match key {
            MachineKey::Machine(id) => vec![id],
            MachineKey::Exchange(id) => {
                exchange.ok_or(EngineError::NoSuchMachine)?;
                let of_exchange = snapshot.machines.iter().filter(|one| one.machine.exchange == Some(id));
                of_exchange.map(|one| one.machine.id).collect()
            }
        };
        // One machine of a folder goes; the folder stays.
        let only_machine = is_folder && matches!(key, MachineKey::Machine(_));
        let ended = exchange.filter(|_| !only_machine).map(|one| one.exchange.id);
        let _turn = self.shared.exchange_turn.lock().await;
        self.write(move |store| {
            if let Some(exchange) = ended {
                store.remove_exchange(exchange)?;
            }
            if only_machine && !drop_usage {
                machines.iter().try_for_each(|machine| store.mute_machine(*machine))?;
            }
            if drop_usage {
                machines.iter().try_for_each(|machine| store.remove_machine(*machine, only_machine))?;
            }
            Ok(())
        })
        .await?;
        if let Some(ExchangePassphrase(credential)) =
            exchange.filter(|_| !only_machine).and_then(|one| ExchangePassphrase::of(one.place.as_ref()?))
        {
            self.remove_passphrase(&credential).await;
        }
        // Of machines that hold the same requests, those are read again.
        self.shared.machines_wake.notify_one();
        self.announce(EngineEvent::Usage);
        Ok(())
    }

    /// Takes in again what a machine says that is ignored: all of it, with the next exchange. What it is called.
    ///
    /// # Errors
    /// [`EngineError::NoSuchMachine`] if no such machine is ignored, [`EngineError::StoreHandle`].
    pub async fn restore_machine(&self, id: MachineId) -> Result<String, EngineError> {
        let _turn = self.shared.exchange_turn.lock().await;
        let restored = self.write(move |store| store.restore_machine(id)).await?;
        self.announce(EngineEvent::Usage);
        restored.ok_or(EngineError::NoSuchMachine)
    }

    /// The place in the vault for a secret that was typed, unlocked where it must be.
    ///
    /// # Errors
    /// [`EngineError::Vault`] if the encrypted file cannot be unlocked.
    pub async fn vault_place(&self, place: KeyPlace) -> Result<VaultPlace, EngineError> {
        Ok(match place {
            KeyPlace::Keyring => VaultPlace::Keyring,
            KeyPlace::ThisRun => VaultPlace::ThisRun,
            KeyPlace::EncryptedFile { passphrase } => {
                if let Some(passphrase) = passphrase {
                    self.vault().unlock_file(passphrase).await?;
                }
                VaultPlace::EncryptedFile
            }
        })
    }
}

/// Where the passphrase of an exchange is kept, if it is.
struct ExchangePassphrase(tidemark_core::Credential);

impl ExchangePassphrase {
    fn of(place: &Place) -> Option<Self> {
        match place {
            Place::Folder { passphrase: Passphrase::Vault { credential }, .. } => {
                Some(Self(credential.clone()))
            }
            Place::Folder { .. } | Place::Ssh { .. } => None,
        }
    }
}

fn name_taken(error: EngineError) -> EngineError {
    match error {
        EngineError::StoreHandle(StoreHandleError::Store(StoreError::NameTaken(name))) => {
            // The store refuses both alike; who chooses a name needs to know which it is.
            if is_reserved_machine_name(&name) {
                EngineError::NameReserved(name)
            } else {
                EngineError::NameTaken(name)
            }
        }
        other => other,
    }
}

fn of_variable(name: &str) -> Result<SecretString, Problem> {
    if !is_variable_name(name) {
        return Err(Problem::new(ProblemKind::NoPassphrase));
    }
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    value.map(SecretString::from).ok_or_else(|| Problem::saying(ProblemKind::NoPassphrase, name))
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(half), 16).unwrap_or_default());
        }
    }
    text
}

fn of_hexadecimal(text: &str) -> Option<SecretString> {
    let digits: Vec<u32> = text.chars().map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let bytes = digits.chunks_exact(2).map(|two| (two[0] << 4 | two[1]) as u8).collect();
    String::from_utf8(bytes).ok().map(SecretString::from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_passphrase_is_kept_as_it_is(passphrase: String) {
            let kept = hexadecimal(passphrase.as_bytes());
            prop_assert!(kept.bytes().all(|byte| byte.is_ascii_hexdigit()));
            let read = of_hexadecimal(&kept).unwrap();
            prop_assert_eq!(read.expose_secret(), passphrase);
        }

        #[test]
        fn a_key_is_read_as_it_is_printed(number: i64, machine: bool) {
            let key = if machine {
                MachineKey::Machine(MachineId(number))
            } else {
                MachineKey::Exchange(ExchangeId(number))
            };
            prop_assert_eq!(key.to_string().parse(), Ok(key));
        }
    }

    #[test]
    fn texts_that_are_no_keys() {
        for text in ["", "m", "x", "3", "mx", "m 1"] {
            assert_eq!(text.parse::<MachineKey>(), Err(()), "{text}");
        }
    }
}
