//! The keys of a shared folder: each machine's own, encrypted with the passphrase that all of them know.
//!
//! Stretching the passphrase takes some tenths of a second and 32 MiB, so it is done once a run for each key. A machine
//! that finds another's key takes it over as its own: mostly there is one key in a folder.

use std::fs;
use std::io::{Read as _, Write as _};
use std::iter;
use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret as _;
use age::{DecryptError, scrypt, x25519};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use tidemark_files::private;

use super::folder_keys::{Digest, Known};
use super::part::RECORDS;
use super::shared_folder::SharedFolder;
use crate::identity;
use crate::problem::{Problem, ProblemKind};

/// The name of a machine's key file in its folder.
pub(super) const KEY_FILE: &str = "key.age";
/// The largest work factor that is accepted when reading.
const MAX_WORK_FACTOR: u8 = 18;
/// The least characters that the passphrase of a new folder must have.
const SHORTEST_PASSPHRASE: usize = 8;
/// The longest key file, in bytes: it holds one key.
const MAX_KEY_FILE_LEN: u64 = 16 * 1024;
/// Machines in one folder, at most.
pub(super) const MAX_MACHINES: usize = 1000;

/// Opens the folder's files for the first time: fails where a machine has written there with another passphrase, and
/// where the passphrase of a new folder is too short.
///
/// # Errors
/// [`ProblemKind::FolderMissing`], [`ProblemKind::WrongPassphrase`], [`ProblemKind::ShortPassphrase`],
/// [`ProblemKind::FolderFailed`].
pub fn open(folder: &SharedFolder<'_>) -> Result<(), Problem> {
    folder.must_exist()?;
    let files = key_files(folder.path)?;
    let mut wrong = false;
    for file in &files {
        match identity_of(folder, file) {
            Ok(_) => return Ok(()),
            Err(problem) if problem.kind == ProblemKind::WrongPassphrase => wrong = true,
            // Half-synced, damaged: another one may be whole.
            Err(_) => {}
        }
    }
    if wrong {
        return Err(Problem::new(ProblemKind::WrongPassphrase));
    }
    if folder.passphrase.expose_secret().chars().count() < SHORTEST_PASSPHRASE {
        return Err(Problem::new(ProblemKind::ShortPassphrase));
    }
    Ok(())
}

/// The key with which this machine encrypts: its own, else one that another machine has, else a new one. It is in the
/// machine's folder then, and it is said whether it was before. Its own file is written again if it is damaged: no one
/// else does.
pub(super) fn own(folder: &SharedFolder<'_>, own_folder: &Path) -> Result<(x25519::Identity, bool), Problem> {
    let file = own_folder.join(KEY_FILE);
    let mut wrong = None;
    if file.is_file() {
        match identity_of(folder, &file) {
            Ok(identity) => return Ok((identity, true)),
            Err(problem) if problem.kind == ProblemKind::Damaged => {}
            // Damage can look like this too; then the passphrase opens another machine's.
            Err(problem) if problem.kind == ProblemKind::WrongPassphrase => wrong = Some(problem),
            Err(problem) => return Err(problem),
        }
    }
    let mut found = None;
    for other in key_files(folder.path)?.into_iter().filter(|other| *other != file) {
        match identity_of(folder, &other) {
            Ok(identity) => {
                found = Some(identity);
                break;
            }
            Err(problem) if problem.kind == ProblemKind::WrongPassphrase => wrong = Some(problem),
            Err(_) => {}
        }
    }
    if let (None, Some(problem)) = (&found, wrong) {
        return Err(problem);
    }
    let identity = found.unwrap_or_else(x25519::Identity::generate);
    let sealed = seal(&identity, folder)?;
    write_whole(&file, &sealed)?;
    remember(folder, &sealed, &identity);
    Ok((identity, false))
}

/// The keys that may open the files of a machine's folder: the one beside the file, then those that are known. A file that
/// a syncer put elsewhere has none beside it: then, all in the shared folder may.
pub(super) fn candidates(folder: &SharedFolder<'_>, beside: &Path) -> Result<Vec<x25519::Identity>, Problem> {
    let passphrase = digest(folder.passphrase.expose_secret().as_bytes());
    let mut found: Vec<x25519::Identity> = Vec::new();
    let mut add = |identity: x25519::Identity| {
        let same = |other: &x25519::Identity| other.to_public() == identity.to_public();
        if !found.iter().any(same) {
            found.push(identity);
        }
    };
    let mut problem = None;
    // A file that was moved may be any machine's.
    let beside = key_files_in(beside);
    let files = if beside.is_empty() { key_files(folder.path)? } else { beside };
    for file in files {
        match identity_of(folder, &file) {
            Ok(identity) => add(identity),
            Err(error) => problem = Some(error),
        }
    }
    for known in folder.keys.known().iter().filter(|known| known.of.1 == passphrase) {
        add(known.identity.clone());
    }
    match problem {
        Some(problem) if found.is_empty() => Err(problem),
        _ => Ok(found),
    }
}

/// The key files of all machines, in the order of their names.
fn key_files(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let entries = fs::read_dir(folder).map_err(|error| failed(&error))?;
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(identity::is_id))
        .take(MAX_MACHINES)
        .collect();
    folders.sort();
    Ok(folders.iter().flat_map(|folder| key_files_in(folder)).collect())
}

/// The key files of a machine, also those that a syncer renamed.
fn key_files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with("key") && !name.contains(RECORDS) && path.is_file()
        })
        .take(16)
        .collect();
    files.sort();
    files
}

fn identity_of(folder: &SharedFolder<'_>, file: &Path) -> Result<x25519::Identity, Problem> {
    let mut sealed = Vec::new();
    tidemark_files::read::open(file)
        .and_then(|file| file.take(MAX_KEY_FILE_LEN + 1).read_to_end(&mut sealed))
        .map_err(|error| failed_at(file, &error))?;
    let damaged = || Problem::saying(ProblemKind::Damaged, file.display().to_string());
    if sealed.len() as u64 > MAX_KEY_FILE_LEN {
        return Err(damaged());
    }
    let of = (digest(&sealed), digest(folder.passphrase.expose_secret().as_bytes()));
    if let Some(known) = folder.keys.known().iter().find(|known| known.of == of) {
        return Ok(known.identity.clone());
    }
    let identity = unseal(&sealed, folder.passphrase).map_err(|problem| match problem.kind {
        ProblemKind::Damaged => damaged(),
        _ => problem,
    })?;
    remember(folder, &sealed, &identity);
    Ok(identity)
}

fn remember(folder: &SharedFolder<'_>, sealed: &[u8], identity: &x25519::Identity) {
    let of = (digest(sealed), digest(folder.passphrase.expose_secret().as_bytes()));
    let mut known = folder.keys.known();
    if known.len() < MAX_MACHINES && !known.iter().any(|other| other.of == of) {
        known.push(Known { of, identity: identity.clone() });
    }
}

fn digest(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

fn seal(identity: &x25519::Identity, folder: &SharedFolder<'_>) -> Result<Vec<u8>, Problem> {
    let failed =
        |error: &dyn std::fmt::Display| Problem::saying(ProblemKind::FolderFailed, error.to_string());
    let mut recipient = scrypt::Recipient::new(folder.passphrase.clone());
    recipient.set_work_factor(folder.keys.work_factor);
    let encryptor = age::Encryptor::with_recipients(iter::once(&recipient as &dyn age::Recipient))
        .map_err(|error| failed(&error))?;
    let mut sealed = Vec::new();
    let written = encryptor.wrap_output(&mut sealed).and_then(|mut writer| {
        writer.write_all(identity.to_string().expose_secret().as_bytes())?;
        writer.finish().map(drop)
    });
    written.map_err(|error| failed(&error))?;
    Ok(sealed)
}

fn unseal(sealed: &[u8], passphrase: &SecretString) -> Result<x25519::Identity, Problem> {
    let damaged = || Problem::new(ProblemKind::Damaged);
    let decryptor = age::Decryptor::new(sealed).map_err(|_| damaged())?;
    if !decryptor.is_scrypt() {
        return Err(damaged());
    }
    let mut identity = scrypt::Identity::new(passphrase.clone());
    identity.set_max_work_factor(MAX_WORK_FACTOR);
    let reader =
        decryptor.decrypt(iter::once(&identity as &dyn age::Identity)).map_err(|error| match error {
            DecryptError::DecryptionFailed
            | DecryptError::KeyDecryptionFailed
            | DecryptError::NoMatchingKeys => Problem::new(ProblemKind::WrongPassphrase),
            _ => damaged(),
        })?;
    let mut text = String::with_capacity(128);
    reader.take(MAX_KEY_FILE_LEN).read_to_string(&mut text).map_err(|_| damaged())?;
    let parsed = text.trim().parse().map_err(|_| damaged());
    // The copy is wiped; the key itself stays for this run.
    drop(SecretString::from(text));
    parsed
}

/// Writes a file whole, or not at all.
fn write_whole(file: &Path, bytes: &[u8]) -> Result<(), Problem> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    }
    private::replace(file, |out| out.write_all(bytes)).map_err(|error| failed(&error))
}

pub(super) fn failed(error: &std::io::Error) -> Problem {
    Problem::saying(ProblemKind::FolderFailed, error.to_string())
}

/// As [`failed`], of one file.
pub(super) fn failed_at(file: &Path, error: &std::io::Error) -> Problem {
    Problem::saying(ProblemKind::FolderFailed, format!("{}: {error}", file.display()))
}
