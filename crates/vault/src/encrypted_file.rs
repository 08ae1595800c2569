//! The passphrase-encrypted key file, `keys.age` in the data folder.
//!
//! It is an ordinary age file, so that `age --decrypt keys.age` opens it without Tidemark: a small JSON
//! object, `{"version":1,"keys":{"<handle>":"<key>"}}`, encrypted with a passphrase (scrypt).
//!
//! **What opening costs.** scrypt's memory is what an attacker has to pay for each guess, and it is ours
//! too: 128 × 8 × 2^n bytes. age would choose about one second of work, usually 2^18 and so 256 MiB, for
//! which the program that runs all day has no room. [`WORK_FACTOR`] is 15: 32 MiB for some tenths of a
//! second, given back at once, because an allocation of that size is a mapping of its own. An attacker who
//! has the file can so try eight times as many passphrases as with 2^18; a passphrase of four random words
//! or more makes that beside the point. The window says so where it asks for a new one, and none shorter than
//! [`SHORTEST_PASSPHRASE`] is taken.
//!
//! **What is held.** Once opened, passphrase and keys stay in memory until the program ends, so that the
//! cost is paid once and not at every poll. The passphrase alone would give no less away: with the file
//! beside it, it opens all of them.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::iter;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use age::scrypt;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tidemark_core::failure_cause::{FileFault, FileTask};
use tidemark_files::private;
use zeroize::Zeroizing;

use crate::secret::SecretField;
use crate::{FileState, VaultError};

/// The scrypt work factor of new files, as a power of two: 2^15, so 32 MiB while the file is opened.
pub const WORK_FACTOR: u8 = 15;
/// The least characters that the passphrase of a new file must have.
pub const SHORTEST_PASSPHRASE: usize = 8;
/// The largest work factor that is accepted when reading: 2^18, which age itself usually chooses.
const MAX_WORK: u8 = 18;
const NAME: &str = "keys.age";
/// A place for the next version until it is whole. One engine works on a data folder, so one name is enough.
const NEXT: &str = "keys.age.next";
const VERSION: u32 = 1;
/// Far more than any number of accounts needs.
const LARGEST: u64 = 1024 * 1024;

/// Handle → key.
type Keys = BTreeMap<String, SecretString>;

/// The file, and what of it is known in this run.
pub(crate) struct EncryptedFile {
    folder: PathBuf,
    work_factor: u8,
    /// Held while the file is read or written, which takes a while.
    work: Mutex<()>,
    /// Held only for a moment, so that [`EncryptedFile::state`] never waits.
    opened: Mutex<Option<Arc<Opened>>>,
}

struct Opened {
    passphrase: SecretString,
    keys: Keys,
    /// The file as it was then: a later comparison shows whether another process has written it since.
    stamp: Option<Stamp>,
}

type Stamp = (u64, Option<SystemTime>);

impl EncryptedFile {
    pub(crate) fn new(folder: PathBuf, work_factor: u8) -> Self {
        Self { folder, work_factor, work: Mutex::default(), opened: Mutex::default() }
    }

    pub(crate) fn state(&self) -> FileState {
        if self.opened().is_some() {
            FileState::Open
        } else if self.path().exists() {
            FileState::Locked
        } else {
            FileState::NotThere
        }
    }

    /// Opens the file, or makes an empty one, and remembers the passphrase for this run. Takes a while.
    pub(crate) fn unlock(&self, passphrase: SecretString) -> Result<(), VaultError> {
        if passphrase.expose_secret().is_empty() {
            return Err(VaultError::PassphraseEmpty);
        }
        let _working = self.working();
        let stamp = self.stamp();
        let opened = if stamp.is_some() {
            Opened { keys: self.load(&passphrase)?, passphrase, stamp }
        } else if passphrase.expose_secret().chars().count() < SHORTEST_PASSPHRASE {
            return Err(VaultError::PassphraseShort);
        } else {
            self.save(passphrase, Keys::new())?
        };
        self.set(opened);
        Ok(())
    }

    pub(crate) fn key(&self, handle: &str) -> Result<SecretString, VaultError> {
        let _working = self.working();
        self.fresh()?.keys.get(handle).cloned().ok_or(VaultError::KeyMissing)
    }

    pub(crate) fn put(&self, handle: &str, key: SecretString) -> Result<(), VaultError> {
        let _working = self.working();
        let opened = self.fresh()?;
        let mut keys = opened.keys.clone();
        keys.insert(handle.to_owned(), key);
        self.set(self.save(opened.passphrase.clone(), keys)?);
        Ok(())
    }

    /// Forgets a key. One that is not there is forgotten already, also where there is no file.
    pub(crate) fn remove(&self, handle: &str) -> Result<(), VaultError> {
        let _working = self.working();
        if self.opened().is_none() && self.stamp().is_none() {
            return Ok(());
        }
        let opened = self.fresh()?;
        let mut keys = opened.keys.clone();
        if keys.remove(handle).is_some() {
            self.set(self.save(opened.passphrase.clone(), keys)?);
        }
        Ok(())
    }

    /// What is in the file now. Reads it again where it has changed since; a file that has been moved away
    /// holds nothing.
    fn fresh(&self) -> Result<Arc<Opened>, VaultError> {
        let opened = self.opened().clone().ok_or(VaultError::FileLocked)?;
        let stamp = self.stamp();
        if stamp == opened.stamp {
            return Ok(opened);
        }
        let passphrase = opened.passphrase.clone();
        let keys = if stamp.is_some() { self.load(&passphrase) } else { Ok(Keys::new()) };
        match keys {
            Ok(keys) => Ok(self.set(Opened { passphrase, keys, stamp })),
            Err(VaultError::WrongPassphrase) => {
                // Somebody gave the file another passphrase: ours is of no use any more.
                *self.opened() = None;
                Err(VaultError::FileLocked)
            }
            Err(error) => Err(error),
        }
    }

    fn load(&self, passphrase: &SecretString) -> Result<Keys, VaultError> {
        let path = self.path();
        let mut sealed = Vec::new();
        tidemark_files::read::open(&path)
            .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut sealed))
            .map_err(|error| VaultError::io(FileTask::Read, &path, &error))?;
        if sealed.len() as u64 > LARGEST {
            return Err(self.damaged(FileFault::TooLarge));
        }
        unseal(&sealed, passphrase).map_err(|problem| match problem {
            Problem::Passphrase => VaultError::WrongPassphrase,
            Problem::Damage(detail) => self.damaged(detail),
        })
    }

    fn save(&self, passphrase: SecretString, keys: Keys) -> Result<Opened, VaultError> {
        let path = self.path();
        let failed = |error: io::Error| VaultError::io(FileTask::Write, &path, &error);
        let sealed = seal(&keys, &passphrase, self.work_factor).map_err(failed)?;
        replace(&self.folder, &sealed).map_err(failed)?;
        Ok(Opened { passphrase, keys, stamp: self.stamp() })
    }

    fn damaged(&self, detail: FileFault) -> VaultError {
        VaultError::FileDamaged { path: self.path(), detail }
    }

    fn path(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    fn stamp(&self) -> Option<Stamp> {
        let metadata = fs::metadata(self.path()).ok()?;
        Some((metadata.len(), metadata.modified().ok()))
    }

    fn set(&self, opened: Opened) -> Arc<Opened> {
        let opened = Arc::new(opened);
        *self.opened() = Some(Arc::clone(&opened));
        opened
    }

    // Neither lock can guard something half-changed: what is behind them changes in one assignment.
    fn working(&self) -> MutexGuard<'_, ()> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened(&self) -> MutexGuard<'_, Option<Arc<Opened>>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts a new version in the place of the old one: whole or not at all, readable by its owner only.
fn replace(folder: &Path, sealed: &[u8]) -> io::Result<()> {
    let mut folders = fs::DirBuilder::new();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        std::os::unix::fs::DirBuilderExt::mode(&mut folders, 0o700);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    folders.recursive(true).create(folder)?;
    let next = folder.join(NEXT);
    match fs::remove_file(&next) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = options.open(&next)?;
    file.write_all(sealed)?;
    file.sync_all()?;
    drop(file);
    private::take_place(&next, &folder.join(NAME))?;
    // The rename itself is on disk only when the folder is. Windows cannot sync a folder and need not.
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}

fn seal(keys: &Keys, passphrase: &SecretString, work_factor: u8) -> io::Result<Vec<u8>> {
    let mut recipient = scrypt::Recipient::new(passphrase.clone());
    recipient.set_work_factor(work_factor);
    let encryptor = age::Encryptor::with_recipients(iter::once(&recipient as &dyn age::Recipient))
        .map_err(io::Error::other)?;
    let mut sealed = Vec::new();
    let mut writer = encryptor.wrap_output(&mut sealed)?;
    writer.write_all(&plain(keys)?)?;
    writer.finish()?;
    Ok(sealed)
}

/// The plain text of the file, in memory that is wiped and that never has to grow and so to be copied.
fn plain(keys: &Keys) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut text = Zeroizing::new(Vec::with_capacity(room(keys)));
    let keys: BTreeMap<&str, &str> =
        keys.iter().map(|(handle, key)| (handle.as_str(), key.expose_secret())).collect();
    write!(text, "{{\"version\":{VERSION},\"keys\":")?;
    serde_json::to_writer(&mut *text, &keys)?;
    text.write_all(b"}")?;
    Ok(text)
}

/// The most that the plain text can take. Escaping makes six bytes of one at most; two pairs of quotes, a
/// colon and a comma are six more.
fn room(keys: &Keys) -> usize {
    keys.iter().map(|(handle, key)| 6 * (handle.len() + key.expose_secret().len()) + 6).sum::<usize>() + 64
}

#[derive(Debug, PartialEq, Eq)]
enum Problem {
    Passphrase,
    Damage(FileFault),
}

fn unseal(sealed: &[u8], passphrase: &SecretString) -> Result<Keys, Problem> {
    use age::DecryptError;

    let decryptor = age::Decryptor::new(sealed).map_err(|_| Problem::Damage(FileFault::NotEncrypted))?;
    if !decryptor.is_scrypt() {
        return Err(Problem::Damage(FileFault::NoPassphrase));
    }
    let mut identity = scrypt::Identity::new(passphrase.clone());
    identity.set_max_work_factor(MAX_WORK);
    let mut reader =
        decryptor.decrypt(iter::once(&identity as &dyn age::Identity)).map_err(|error| match error {
            DecryptError::DecryptionFailed
            | DecryptError::KeyDecryptionFailed
            | DecryptError::NoMatchingKeys => Problem::Passphrase,
            DecryptError::ExcessiveWork { .. } => Problem::Damage(FileFault::TooCostly),
            _ => Problem::Damage(FileFault::HeadAltered),
        })?;
    // What was sealed is longer than what was in it: the text never has to grow.
    let mut text = Zeroizing::new(Vec::with_capacity(sealed.len() + 64));
    reader.read_to_end(&mut text).map_err(|_| Problem::Damage(FileFault::BodyAltered))?;
    understand(&text)
}

fn understand(text: &[u8]) -> Result<Keys, Problem> {
    #[derive(Deserialize)]
    struct Content {
        version: u32,
        keys: BTreeMap<String, SecretField>,
    }

    // The parser's own message may repeat what it found, so it goes no further.
    let content: Content =
        serde_json::from_slice(text).map_err(|_| Problem::Damage(FileFault::OtherContent))?;
    if content.version != VERSION {
        return Err(Problem::Damage(FileFault::Newer));
    }
    Ok(content.keys.into_iter().map(|(handle, key)| (handle, key.0)).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As little work as scrypt takes, so that tests are quick.
    const QUICK: u8 = 1;

    fn pass(text: &str) -> SecretString {
        SecretString::from(text)
    }

    fn file(folder: &Path) -> EncryptedFile {
        EncryptedFile::new(folder.to_owned(), QUICK)
    }

    fn shown(key: Result<SecretString, VaultError>) -> Result<String, &'static str> {
        key.map(|key| key.expose_secret().to_owned()).map_err(|error| error.code())
    }

    fn code<T>(result: Result<T, VaultError>) -> &'static str {
        result.err().map_or("ok", |error| error.code())
    }

    #[test]
    fn keys_come_back_in_another_run() {
        let folder = tempfile::tempdir().unwrap();
        let first = file(folder.path());
        assert_eq!(first.state(), FileState::NotThere);
        assert_eq!(shown(first.key("a")), Err("file-locked"));
        assert_eq!(code(first.put("a", pass("sk-a"))), "file-locked");
        assert_eq!(code(first.remove("a")), "ok");
        assert_eq!(code(first.unlock(pass(""))), "passphrase-empty");
        assert_eq!(code(first.unlock(pass("seven 7"))), "passphrase-short");

        first.unlock(pass("four random words")).unwrap();
        assert_eq!(first.state(), FileState::Open);
        first.put("a", pass("sk-a")).unwrap();
        first.put("b", pass("sk-b")).unwrap();
        first.put("a", pass("sk-a2")).unwrap();
        assert_eq!(shown(first.key("c")), Err("key-missing"));

        let second = file(folder.path());
        assert_eq!(second.state(), FileState::Locked);
        assert_eq!(code(second.unlock(pass("four random wordS"))), "wrong-passphrase");
        assert_eq!(second.state(), FileState::Locked);
        second.unlock(pass("four random words")).unwrap();
        assert_eq!(shown(second.key("a")), Ok("sk-a2".to_owned()));
        second.remove("a").unwrap();
        second.remove("a").unwrap();
        assert_eq!(shown(second.key("a")), Err("key-missing"));
        assert_eq!(shown(second.key("b")), Ok("sk-b".to_owned()));
    }

    #[test]
    fn the_file_never_holds_a_key_in_plain_text_and_belongs_to_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(&folder.path().join("made/on/the/way"));
        file.unlock(pass("four random words")).unwrap();
        file.put("handle-canary", pass("sk-kimi-canary")).unwrap();
        let bytes = fs::read(file.path()).unwrap();
        assert!(!bytes.windows(6).any(|part| part == b"canary"));
        assert!(!file.folder.join(NEXT).exists());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(fs::metadata(&file.folder).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn a_version_left_half_written_by_a_crash_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path());
        file.unlock(pass("eight or more")).unwrap();
        fs::write(folder.path().join(NEXT), b"half").unwrap();
        file.put("a", pass("sk-a")).unwrap();
        assert_eq!(shown(file.key("a")), Ok("sk-a".to_owned()));
    }

    #[test]
    fn damage_is_told_from_a_wrong_passphrase() {
        let folder = tempfile::tempdir().unwrap();
        let sound = file(folder.path());
        sound.unlock(pass("eight or more")).unwrap();
        sound.put("a", pass("sk-a")).unwrap();
        let bytes = fs::read(sound.path()).unwrap();
        let head = bytes.windows(4).position(|part| part == b"\n---").unwrap();

        let with = |bytes: &[u8]| {
            fs::write(sound.path(), bytes).unwrap();
            code(file(folder.path()).unlock(pass("eight or more")))
        };
        assert_eq!(with(&bytes), "ok");
        for end in [0, 1, 10, head, head + 3, head + 20, bytes.len() - 20, bytes.len() - 1] {
            assert_eq!(with(&bytes[..end]), "file-damaged", "cut at {end} of {}", bytes.len());
        }
        for at in [0, head + 6, bytes.len() - 30, bytes.len() - 1] {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            assert_eq!(with(&altered), "file-damaged", "altered at {at} of {}", bytes.len());
        }
        assert_eq!(with(b"not an age file at all"), "file-damaged");
        assert_eq!(with(&vec![b'x'; 2 * 1024 * 1024]), "file-damaged");
    }

    #[test]
    fn a_file_that_asks_for_too_much_memory_is_not_opened() {
        let sealed = seal(&Keys::new(), &pass("eight or more"), QUICK).unwrap();
        let text = String::from_utf8_lossy(&sealed[..100]).into_owned();
        let line = text.lines().nth(1).unwrap();
        let greedy = format!("{} 30", line.rsplit_once(' ').unwrap().0);
        let mut altered = sealed.clone();
        let at = sealed.windows(line.len()).position(|part| part == line.as_bytes()).unwrap();
        altered.splice(at..at + line.len(), greedy.bytes());
        assert_eq!(
            unseal(&altered, &pass("eight or more")).err(),
            Some(Problem::Damage(FileFault::TooCostly))
        );
    }

    #[test]
    fn what_another_program_writes_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let (here, there) = (file(folder.path()), file(folder.path()));
        here.unlock(pass("eight or more")).unwrap();
        there.unlock(pass("eight or more")).unwrap();
        there.put("longer-than-before", pass("sk-there")).unwrap();
        assert_eq!(shown(here.key("longer-than-before")), Ok("sk-there".to_owned()));

        // Moved away: nothing is in it, and the next key makes a new one.
        fs::remove_file(here.path()).unwrap();
        assert_eq!(shown(here.key("longer-than-before")), Err("key-missing"));
        here.put("b", pass("sk-b")).unwrap();
        assert_eq!(shown(here.key("b")), Ok("sk-b".to_owned()));

        // Another passphrase: ours does not open it any more.
        fs::write(here.path(), seal(&Keys::new(), &pass("another"), QUICK).unwrap()).unwrap();
        assert_eq!(shown(here.key("b")), Err("file-locked"));
        assert_eq!(here.state(), FileState::Locked);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_said() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("in-the-way"), b"").unwrap();
        let file = file(&folder.path().join("in-the-way"));
        let error = file.unlock(pass("eight or more")).unwrap_err();
        assert_eq!(error.code(), "io");
        assert!(error.to_string().contains("in-the-way"), "{error}");
        assert_eq!(file.state(), FileState::NotThere);
    }

    // age measures the machine whenever it makes a recipient or an identity, which a debug build feels:
    // so few cases here, and many of the part that is ours.
    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]
        #[test]
        fn what_is_sealed_is_what_is_unsealed(keys in keys(), passphrase in ".{1,40}") {
            let sealed = seal(&keys, &pass(&passphrase), QUICK).unwrap();
            let back = unseal(&sealed, &pass(&passphrase)).unwrap();
            prop_assert_eq!(plain_of(&back), plain_of(&keys));
            let other = unseal(&sealed, &pass(&format!("{passphrase}x"))).err();
            prop_assert_eq!(other, Some(Problem::Passphrase));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_what_is_understood(keys in keys()) {
            let text = plain(&keys).unwrap();
            prop_assert_eq!(plain_of(&understand(&text).unwrap()), plain_of(&keys));
            prop_assert!(text.len() <= room(&keys), "the text has outgrown its room");
        }
    }

    /// Any handles and keys, those included that need escaping.
    fn keys() -> impl Strategy<Value = Keys> {
        let text = prop_oneof![".{0,80}", "[\\x00-\\x1f\"\\\\a-z]{0,200}"];
        prop::collection::btree_map(".{0,40}", text.prop_map(SecretString::from), 0..12)
    }

    fn plain_of(keys: &Keys) -> Vec<(String, String)> {
        keys.iter().map(|(handle, key)| (handle.clone(), key.expose_secret().to_owned())).collect()
    }
}
