//! The vault: one door to every place where a key can be.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tidemark_core::{Credential, Region};

use crate::encrypted_file::{EncryptedFile, WORK_FACTOR};
use crate::in_memory::InMemory;
use crate::keyring::{self, Backend, BackendError, Call, Lock, NotAnswered, SerializedCalls};
use crate::kimi_code_login::{Folders, Login};
use crate::kimi_code_server::{self, LocalServer};
use crate::secret::clean_secret;
use crate::state::{FileState, KeyringState, LastSeen};
use crate::{VaultError, environment};

/// Where a new key is to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// The system keyring.
    Keyring,
    /// In the passphrase-encrypted file, which must be open.
    EncryptedFile,
    /// In memory, until the program ends.
    ThisRun,
}

/// How a vault is set up.
#[derive(Debug, Clone)]
pub struct VaultConfig {
    /// The data folder, where the encrypted file lies.
    pub data_dir: PathBuf,
    /// The user's home folder, which is searched for Kimi Code's login.
    pub home: PathBuf,
    /// The name under which entries are filed in the keyring.
    pub service: String,
    /// How long a keyring call may take that never asks the user. Such calls take some 50 ms, and a few
    /// seconds where the keyring has to be started first.
    pub timeout: Duration,
    /// How long a keyring call may take that may ask the user. A user who takes longer loses nothing: the
    /// window stays, and once it is answered the next call succeeds.
    pub prompt_timeout: Duration,
    /// The scrypt work factor of the encrypted file, as a power of two; see [`WORK_FACTOR`].
    pub work_factor: u8,
}

impl VaultConfig {
    /// The usual set-up for a data folder and a home folder.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>, home: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            home: home.into(),
            service: "Tidemark".to_owned(),
            timeout: Duration::from_secs(10),
            prompt_timeout: Duration::from_secs(10),
            work_factor: WORK_FACTOR,
        }
    }
}

/// Stores keys and reads them. Clones share everything.
///
/// # Examples
/// A key in memory and one in the encrypted file. Neither touches the system keyring.
///
/// ```
/// use secrecy::{ExposeSecret, SecretString};
/// use tidemark_core::Region;
/// use tidemark_vault::{Place, Vault, VaultConfig};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let folder = tempfile::tempdir()?;
/// let mut config = VaultConfig::new(folder.path().join("data"), folder.path());
/// config.work_factor = 2; // A real one takes some tenths of a second.
/// let vault = Vault::new(config.clone());
/// let now = "2026-06-01T08:00:00Z".parse()?;
///
/// let key = SecretString::from(" sk-kimi-made-up\n");
/// let kept = vault.put(Place::ThisRun, &Vault::new_handle(), "work", key.clone()).await?;
/// assert_eq!(vault.key(&kept, Region::China, now).await?.expose_secret(), "sk-kimi-made-up");
/// assert_eq!(Vault::new(config).key(&kept, Region::China, now).await.unwrap_err().code(), "key-forgotten");
///
/// let refused = vault.put(Place::EncryptedFile, "h", "work", key.clone()).await;
/// assert_eq!(refused.unwrap_err().code(), "file-locked");
/// vault.unlock_file(SecretString::from("four random words")).await?;
/// let kept = vault.put(Place::EncryptedFile, "h", "work", key).await?;
/// assert!(vault.key(&kept, Region::China, now).await.is_ok());
/// vault.remove(&kept).await?;
/// assert_eq!(vault.key(&kept, Region::China, now).await.unwrap_err().code(), "key-missing");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    config: VaultConfig,
    keyring: Arc<dyn Backend>,
    turns: SerializedCalls,
    last_seen: Arc<LastSeen>,
    file: Arc<EncryptedFile>,
    in_memory: InMemory,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("config", &self.0.config).finish_non_exhaustive()
    }
}

impl Vault {
    /// A vault on this system's keyring. Touches neither keyring nor disk yet.
    #[must_use]
    pub fn new(config: VaultConfig) -> Self {
        let keyring = keyring::system(&config.service);
        Self::with_keyring(config, keyring)
    }

    /// A vault on another keyring, for tests.
    #[must_use]
    pub fn with_keyring(config: VaultConfig, keyring: Arc<dyn Backend>) -> Self {
        Self(Arc::new(Inner {
            keyring,
            turns: SerializedCalls::new(),
            last_seen: Arc::new(LastSeen::new()),
            file: Arc::new(EncryptedFile::new(config.data_dir.clone(), config.work_factor)),
            in_memory: InMemory::default(),
            config,
        }))
    }

    /// A new handle for a key: 128 random bits in hexadecimal, which say nothing about the account.
    #[must_use]
    pub fn new_handle() -> String {
        format!("{:032x}", rand::random::<u128>())
    }

    /// Keeps a key under a handle, replacing an earlier one, and says how to find it again.
    ///
    /// White space around the key is dropped. `label` is what people see in their keyring's own window,
    /// after the program's name. The keyring may ask the user for a password. Where that is not answered in
    /// time, the key is not kept, also not when the answer comes later; then only the keyring is open.
    ///
    /// # Errors
    /// - [`VaultError::KeyEmpty`] if nothing but white space was given.
    /// - In the keyring: [`VaultError::KeyringAbsent`], [`VaultError::KeyringGone`],
    ///   [`VaultError::KeyringDenied`] and [`VaultError::KeyringFailed`] as their texts say;
    ///   [`VaultError::KeyringLocked`] if the user did not answer its prompt in time,
    ///   [`VaultError::KeyringNoAnswer`] if it did not answer and shows no prompt.
    /// - In the encrypted file: [`VaultError::FileLocked`] before [`Vault::unlock_file`],
    ///   [`VaultError::FileDamaged`] and [`VaultError::WrongPassphrase`] if the file was replaced since,
    ///   [`VaultError::Io`] if it cannot be written.
    pub async fn put(
        &self,
        place: Place,
        handle: &str,
        label: &str,
        key: SecretString,
    ) -> Result<Credential, VaultError> {
        let key = clean_secret(&key)?;
        let handle = handle.to_owned();
        match place {
            Place::Keyring => {
                let label = format!("{}: {label}", self.0.config.service);
                let credential = Credential::Keyring { handle: handle.clone() };
                self.keyring(self.0.config.prompt_timeout, move |keyring, call| {
                    keyring.unlock(Some(&handle), &|| call.asking())?;
                    let known = keyring.read(&handle).is_ok();
                    if call.is_left() {
                        return Err(BackendError::Locked);
                    }
                    keyring.write(&handle, &label, &key)?;
                    if call.is_left() && !known {
                        // The caller was informed of the failure, and may have stored the key elsewhere
                        // since.
                        keyring.remove(&handle)?;
                    }
                    Ok(())
                })
                .await?;
                Ok(credential)
            }
            Place::EncryptedFile => {
                let credential = Credential::EncryptedFile { handle: handle.clone() };
                self.file(move |file| file.put(&handle, key)).await?;
                Ok(credential)
            }
            Place::ThisRun => {
                self.0.in_memory.put(&handle, key);
                Ok(Credential::ThisRun { handle })
            }
        }
    }

    /// The key of an account in a region, without asking the user anything: for polls in the background.
    ///
    /// # Errors
    /// - Keyring: as [`Vault::put`], with [`VaultError::KeyringLocked`] wherever a prompt would be needed.
    /// - Encrypted file: [`VaultError::FileLocked`], and as [`Vault::put`] if the file was replaced since.
    /// - Keyring and file: [`VaultError::KeyMissing`] if they are open and do not have the key.
    /// - Memory: [`VaultError::KeyForgotten`] if the key was put in another run.
    /// - Environment: [`VaultError::VariableUnset`] if the variable is unset, empty or not text.
    /// - Login of Kimi Code: [`VaultError::LoginMissing`], [`VaultError::LoginStale`],
    ///   [`VaultError::LoginUnreadable`], and [`VaultError::LoginOtherRegion`] if it is another region's.
    /// - Server of Kimi Code: as [`Vault::kimi_code_server`].
    pub async fn key(
        &self,
        credential: &Credential,
        region: Region,
        now: DateTime<Utc>,
    ) -> Result<SecretString, VaultError> {
        match credential {
            Credential::Keyring { handle } => {
                let handle = handle.clone();
                self.keyring(self.0.config.timeout, move |keyring, _| keyring.read(&handle)).await
            }
            Credential::EncryptedFile { handle } => {
                let handle = handle.clone();
                self.file(move |file| file.key(&handle)).await
            }
            Credential::ThisRun { handle } => self.0.in_memory.key(handle),
            Credential::Environment { name } => environment::key(name, variable),
            Credential::KimiCodeLogin { path } => {
                let (folders, path) = (self.folders(), path.clone());
                blocking(move || folders.key(path.as_deref(), region, now)).await
            }
            Credential::KimiCodeServer {} => Ok(self.kimi_code_server().await?.token),
            Credential::None {} => Err(VaultError::NoKey),
        }
    }

    /// The key of an account, asking the user for the keyring's password where it is locked: for what the
    /// user does.
    ///
    /// # Errors
    /// As [`Vault::key`], but [`VaultError::KeyringLocked`] only if the user did not answer the prompt in
    /// time, and [`VaultError::KeyringDenied`] if the user dismissed it.
    pub async fn key_prompting(
        &self,
        credential: &Credential,
        region: Region,
        now: DateTime<Utc>,
    ) -> Result<SecretString, VaultError> {
        let Credential::Keyring { handle } = credential else {
            return self.key(credential, region, now).await;
        };
        let handle = handle.clone();
        self.keyring(self.0.config.prompt_timeout, move |keyring, call| match keyring.read(&handle) {
            Err(BackendError::Locked) => {
                keyring.unlock(Some(&handle), &|| call.asking())?;
                if call.is_left() { Err(BackendError::Locked) } else { keyring.read(&handle) }
            }
            other => other,
        })
        .await
    }

    /// Forgets a key. One that is not there any more is forgotten already. A variable, the login of
    /// Kimi Code and the token of its server are not ours, and stay. The keyring may ask the user for a password.
    ///
    /// # Errors
    /// As [`Vault::put`] in its place, without [`VaultError::KeyEmpty`]. The key stays then.
    pub async fn remove(&self, credential: &Credential) -> Result<(), VaultError> {
        match credential {
            Credential::Keyring { handle } => {
                let handle = handle.clone();
                self.keyring(self.0.config.prompt_timeout, move |keyring, call| {
                    keyring.unlock(Some(&handle), &|| call.asking())?;
                    if call.is_left() {
                        return Err(BackendError::Locked);
                    }
                    match keyring.remove(&handle) {
                        Err(BackendError::Missing) => Ok(()),
                        other => other,
                    }
                })
                .await
            }
            Credential::EncryptedFile { handle } => {
                let handle = handle.clone();
                self.file(move |file| file.remove(&handle)).await
            }
            Credential::ThisRun { handle } => {
                self.0.in_memory.remove(handle);
                Ok(())
            }
            Credential::Environment { .. }
            | Credential::KimiCodeLogin { .. }
            | Credential::KimiCodeServer {}
            | Credential::None {} => Ok(()),
        }
    }

    /// Asks the keyring how it stands, without asking the user anything.
    pub async fn keyring_state(&self) -> KeyringState {
        let look = self.keyring(self.0.config.timeout, |keyring, _| match keyring.look()? {
            Lock::Open => Ok(()),
            Lock::Closed => Err(BackendError::Locked),
        });
        let _ = look.await;
        self.last_keyring_state()
    }

    /// How the keyring stood when it was last heard of. Instant.
    #[must_use]
    pub fn last_keyring_state(&self) -> KeyringState {
        self.0.last_seen.get()
    }

    /// Has the keyring ask the user for its password where it is locked.
    ///
    /// # Errors
    /// [`VaultError::KeyringDenied`] if the user dismissed the prompt, [`VaultError::KeyringLocked`] if the
    /// user did not answer it in time; else as [`Vault::put`] in the keyring.
    pub async fn unlock_keyring(&self) -> Result<(), VaultError> {
        self.keyring(self.0.config.prompt_timeout, |keyring, call| match keyring.look()? {
            Lock::Open => Ok(()),
            Lock::Closed => keyring.unlock(None, &|| call.asking()),
        })
        .await
    }

    /// How the encrypted file stands. Instant.
    #[must_use]
    pub fn file_state(&self) -> FileState {
        self.0.file.state()
    }

    /// Opens the encrypted file for this run, or makes one with this passphrase where there is none: ask
    /// for a new passphrase twice before.
    ///
    /// # Errors
    /// - [`VaultError::PassphraseEmpty`] if it is empty.
    /// - [`VaultError::PassphraseShort`] if a new file would be made with a passphrase that is too short.
    /// - [`VaultError::WrongPassphrase`] if it does not open the file that is there.
    /// - [`VaultError::FileDamaged`] if that file is not an encrypted key file, or its contents cannot be
    ///   read.
    /// - [`VaultError::Io`] if the file cannot be read or written.
    pub async fn unlock_file(&self, passphrase: SecretString) -> Result<(), VaultError> {
        self.file(move |file| file.unlock(passphrase)).await
    }

    /// The logins of the Kimi Code command line on this machine that are signed in, fresh or not. Reads
    /// three small files.
    #[must_use]
    pub fn kimi_code_logins(&self, now: DateTime<Utc>) -> Vec<Login> {
        self.folders().logins(now)
    }

    /// The server that Kimi Code runs on this machine: its address, and the token that it takes. Reads a few small
    /// files each time, since each run of the server may have another port and another token.
    ///
    /// # Errors
    /// - [`VaultError::ServerNotRunning`] if there is no token file, or nothing listens.
    /// - [`VaultError::ServerToken`] if the token file is no file, is open to other users, or holds no token.
    /// - [`VaultError::ServerForeign`] if what listens belongs to another user.
    /// - [`VaultError::Io`] if the token file cannot be read.
    pub async fn kimi_code_server(&self) -> Result<LocalServer, VaultError> {
        let home = self.0.config.home.clone();
        blocking(move || kimi_code_server::find(&home, variable)).await
    }

    fn folders(&self) -> Folders {
        Folders::new(&self.0.config.home, variable)
    }

    /// A keyring call, with its time-out, its turn and what it shows about the keyring.
    async fn keyring<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl FnOnce(&dyn Backend, &Call) -> Result<T, BackendError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let keyring = Arc::clone(&self.0.keyring);
        let last_seen = Arc::clone(&self.0.last_seen);
        let call = move |call: &Call| {
            let result = work(&*keyring, call);
            // Noted here and not by the caller, who may have left: a late answer is news as well.
            let state = last_seen.note(match &result {
                Ok(_) | Err(BackendError::Missing) => KeyringState::Ready,
                Err(BackendError::Absent(_)) => KeyringState::Absent,
                Err(BackendError::Locked) => KeyringState::Locked,
                Err(BackendError::Denied(_)) => KeyringState::Denied,
                Err(BackendError::NoAnswer | BackendError::Failed(_)) => KeyringState::Unknown,
            });
            result.map_err(|error| match error {
                BackendError::Absent(detail) if state == KeyringState::Gone => {
                    VaultError::KeyringGone { detail }
                }
                BackendError::Absent(detail) => VaultError::KeyringAbsent { detail },
                BackendError::Locked => VaultError::KeyringLocked,
                BackendError::Denied(detail) => VaultError::KeyringDenied { detail },
                BackendError::Missing => VaultError::KeyMissing,
                BackendError::NoAnswer => VaultError::KeyringNoAnswer,
                BackendError::Failed(detail) => VaultError::KeyringFailed { detail },
            })
        };
        match self.0.turns.run(limit, call).await {
            Ok(result) => result,
            Err(problem) => {
                let (state, error) = match problem {
                    NotAnswered::Asking => (KeyringState::Locked, VaultError::KeyringLocked),
                    NotAnswered::InTime => (KeyringState::Unknown, VaultError::KeyringNoAnswer),
                    NotAnswered::Broken(detail) => {
                        (KeyringState::Unknown, VaultError::KeyringFailed { detail: detail.into() })
                    }
                };
                self.0.last_seen.note(state);
                Err(error)
            }
        }
    }

    async fn file<T: Send + 'static>(
        &self,
        work: impl FnOnce(&EncryptedFile) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let file = Arc::clone(&self.0.file);
        blocking(move || work(&file)).await
    }
}

/// Disk work and scrypt, off the threads that serve everybody. It ends by itself, so the runtime may wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, VaultError> + Send + 'static,
) -> Result<T, VaultError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(VaultError::WorkEnded { said: error.to_string() }))
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

#[cfg(test)]
mod tests;
