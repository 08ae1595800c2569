//! What the installer for Windows has installed. It replaces programs that run, ends the older agent and starts the new one
//! (`packaging/windows/installer.nsi`); it removes what it has set aside, so that the former files are kept elsewhere.
//! Written and compiled for Windows; that this has been tried is said in docs/releasing.md, or that it has not.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::files::{copy_and_sync, remove};
use crate::error::UpdateError;

/// What the installer lays into the folder and is needed to run.
const FILES: [&str; 3] = ["tidemark.exe", "tidemark-desktop.exe", "WebView2Loader.dll"];

fn kept_in(data_dir: &Path) -> PathBuf {
    crate::folder(data_dir).join("former")
}

/// Keeps copies of the former files.
pub(super) fn prepare(folder: &Path, data_dir: &Path) -> Result<(), UpdateError> {
    let kept = kept_in(data_dir);
    remove(&kept)?;
    let failed = |error: io::Error| UpdateError::of_file(&kept, &error);
    fs::create_dir_all(&kept).map_err(failed)?;
    for name in FILES {
        let file = folder.join(name);
        if file.is_file() {
            copy_and_sync(&file, &kept.join(name)).map_err(failed)?;
        }
    }
    Ok(())
}

pub(super) fn replace(folder: &Path, downloaded: &Path) -> Result<(), UpdateError> {
    let failed = |error: io::Error| UpdateError::of_place(folder, &error);
    let status = installer(folder, downloaded).status().map_err(failed)?;
    if status.success() {
        return Ok(());
    }
    Err(failed(io::Error::other(format!("the installer ended with {status}"))))
}

/// Silent. The folder comes last and without quotes, as the installer wants it, also where it has spaces.
fn installer(folder: &Path, downloaded: &Path) -> Command {
    let mut installer = Command::new(downloaded);
    installer.arg("/S");
    #[cfg(windows)]
    std::os::windows::process::CommandExt::raw_arg(&mut installer, format!("/D={}", folder.display()));
    #[cfg(not(windows))]
    installer.arg(format!("/D={}", folder.display()));
    installer
}

/// A program that runs cannot be written over, but its file can be given another name.
pub(super) fn put_back(folder: &Path, data_dir: &Path) -> Result<(), UpdateError> {
    let kept = kept_in(data_dir);
    for name in FILES {
        let (former, file) = (kept.join(name), folder.join(name));
        if !former.is_file() {
            continue;
        }
        let failed = |error: io::Error| UpdateError::of_place(&file, &error);
        let aside = folder.join(format!("{name}.failed.old"));
        let _ = fs::remove_file(&aside);
        if file.exists() {
            fs::rename(&file, &aside).map_err(failed)?;
        }
        copy_and_sync(&former, &file).map_err(failed)?;
        // One that runs goes with the next installation.
        let _ = fs::remove_file(&aside);
    }
    confirm(data_dir);
    Ok(())
}

pub(super) fn confirm(data_dir: &Path) {
    if let Err(error) = remove(&kept_in(data_dir)) {
        tracing::warn!(%error, "copies of a former version stay");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn former_files_come_back_whatever_lies_in_their_place() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, data) = (dir.path().join("Tide mark"), dir.path().join("data"));
        fs::create_dir_all(&folder).unwrap();
        fs::create_dir_all(crate::folder(&data)).unwrap();
        for name in &FILES[..2] {
            fs::write(folder.join(name), "old").unwrap();
        }
        prepare(&folder, &data).unwrap();
        fs::write(folder.join(FILES[0]), "new").unwrap();
        fs::remove_file(folder.join(FILES[1])).unwrap();
        put_back(&folder, &data).unwrap();
        for name in &FILES[..2] {
            assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), "old");
        }
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
        assert!(!kept_in(&data).exists());
    }

    #[test]
    fn an_installer_that_cannot_be_started_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let none = dir.path().join("setup.exe");
        assert!(matches!(replace(dir.path(), &none), Err(UpdateError::NotWritable { .. })));
    }
}
