//! An application of macOS: a folder, exchanged as a whole. Written from the documentation of macOS; its tests run on Linux,
//! and it has never been run on a Mac.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::files::{named_beside, remove, sync_folder_of};
use crate::error::UpdateError;

fn new_of(bundle: &Path) -> PathBuf {
    named_beside(bundle, ".", ".new")
}

fn old_of(bundle: &Path) -> PathBuf {
    named_beside(bundle, ".", ".old")
}

/// Where the new application is, until it has its place: the archive has the folder in it.
fn unpacked(bundle: &Path) -> PathBuf {
    new_of(bundle).join("Tidemark.app")
}

pub(super) fn program(bundle: &Path) -> PathBuf {
    tidemark_files::bundle::agent_in(bundle)
}

pub(super) fn prepare(bundle: &Path, downloaded: &Path) -> Result<PathBuf, UpdateError> {
    let new = new_of(bundle);
    remove(&new)?;
    let failed = |error: io::Error| UpdateError::of_place(&new, &error);
    fs::create_dir(&new).map_err(failed)?;
    // It comes with the system. What it unpacks is what was signed, and it leads out of no folder.
    let mut tar = Command::new("/usr/bin/tar");
    tar.arg("-xzf").arg(downloaded).arg("-C").arg(&new).stdin(Stdio::null()).stdout(Stdio::null());
    let done = tar.output().map_err(failed)?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        let kind =
            if said.contains("No space left") { io::ErrorKind::StorageFull } else { io::ErrorKind::Other };
        return Err(failed(io::Error::new(kind, tidemark_core::text::sentence(&said))));
    }
    let program = program(&unpacked(bundle));
    if !program.is_file() {
        return Err(failed(io::Error::new(io::ErrorKind::NotFound, "the archive has no Tidemark.app")));
    }
    sync_folder_of(&new)?;
    Ok(program)
}

pub(super) fn replace(bundle: &Path) -> Result<(), UpdateError> {
    let (new, old) = (unpacked(bundle), old_of(bundle));
    let failed = |error: io::Error| UpdateError::of_place(bundle, &error);
    remove(&old)?;
    if exchanged(bundle, &new) {
        fs::rename(&new, &old).map_err(failed)?;
    } else {
        fs::rename(bundle, &old).map_err(failed)?;
        fs::rename(&new, bundle).map_err(failed)?;
    }
    sync_folder_of(bundle)
}

/// Exchanges two folders in one step, where the file system can.
#[cfg(any(target_os = "macos", target_os = "linux"))]
fn exchanged(one: &Path, other: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(any(target_os = "macos", target_os = "linux")))]
fn exchanged(_: &Path, _: &Path) -> bool {
    false
}

pub(super) fn put_back(bundle: &Path) -> Result<(), UpdateError> {
    let old = old_of(bundle);
    let failed = |error: io::Error| UpdateError::of_place(bundle, &error);
    if old.is_dir() {
        let aside = new_of(bundle).join("failed.app");
        if bundle.exists() {
            fs::create_dir_all(new_of(bundle)).map_err(failed)?;
            remove(&aside)?;
            fs::rename(bundle, &aside).map_err(failed)?;
        }
        fs::rename(&old, bundle).map_err(failed)?;
        sync_folder_of(bundle)?;
    }
    discard(bundle);
    Ok(())
}

pub(super) fn confirm(bundle: &Path) {
    for path in [old_of(bundle), new_of(bundle)] {
        if let Err(error) = remove(&path) {
            tracing::warn!(%error, "a former version stays");
        }
    }
}

pub(super) fn discard(bundle: &Path) {
    let _ = remove(&new_of(bundle));
}

/// Folders are exchanged on Linux as well, and `tar` is there.
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    fn app(folder: &Path, text: &str) -> PathBuf {
        let bundle = folder.join("Tidemark.app");
        fs::create_dir_all(program(&bundle).parent().unwrap()).unwrap();
        fs::write(program(&bundle), text).unwrap();
        bundle
    }

    fn archive(folder: &Path) -> PathBuf {
        let made = folder.join("made");
        app(&made, "new");
        let archive = folder.join("Tidemark.app.tar.gz");
        let mut tar = Command::new("tar");
        tar.arg("-czf").arg(&archive).arg("-C").arg(&made).arg("Tidemark.app");
        assert!(tar.status().unwrap().success());
        archive
    }

    #[test]
    fn an_application_is_exchanged_and_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("Applications");
        let bundle = app(&place, "old");
        let archive = archive(dir.path());
        let text = || fs::read_to_string(program(&bundle)).unwrap();
        for keep in [false, true] {
            let tried = prepare(&bundle, &archive).unwrap();
            assert_eq!(fs::read_to_string(tried).unwrap(), "new");
            replace(&bundle).unwrap();
            assert_eq!(text(), "new");
            if keep {
                confirm(&bundle);
                assert_eq!(text(), "new");
            } else {
                put_back(&bundle).unwrap();
                assert_eq!(text(), "old");
            }
            assert_eq!(fs::read_dir(&place).unwrap().count(), 1, "nothing is left beside it");
        }
    }

    #[test]
    fn an_archive_without_the_application_is_refused_and_nothing_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let bundle = app(&dir.path().join("Applications"), "old");
        let empty = dir.path().join("empty.tar.gz");
        let mut tar = Command::new("tar");
        tar.arg("-czf").arg(&empty).arg("-C").arg(dir.path()).arg("--files-from=/dev/null");
        assert!(tar.status().unwrap().success());
        let place = crate::Place::MacApp { bundle: bundle.clone() };
        assert!(place.prepare(&empty, dir.path()).is_err());
        assert_eq!(fs::read_dir(bundle.parent().unwrap()).unwrap().count(), 1);
    }
}
