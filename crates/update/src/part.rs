//! A part of a file that is being downloaded. It stays when the download breaks off, and the next one goes on from it.

use std::fs::{self, File};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tidemark_files::{folder, private, read};

use crate::document::ReleaseFile;
use crate::error::UpdateError;
use crate::hash;

/// The most bytes of a server's mark of a version of a file.
const MAX_MARK: u64 = 1024;

/// A file that is being downloaded, as far as it is here.
#[derive(Debug)]
pub(crate) struct Part {
    path: PathBuf,
    mark_path: PathBuf,
    whole: PathBuf,
    file: File,
    hash: Sha256,
    /// How many bytes of it are here.
    pub(crate) len: u64,
    /// The server's mark of the version that they are of, if it has given one.
    pub(crate) mark: Option<String>,
}

impl Part {
    /// Opens what there is of a file in a folder, or begins it. What others have downloaded before goes.
    pub(crate) fn open(dir: &Path, wanted: &ReleaseFile) -> Result<Self, UpdateError> {
        let of_folder = |error: folder::FolderError| match error {
            folder::FolderError::Io { path, source } => UpdateError::of_file(&path, &source),
            error => UpdateError::Io { path: dir.to_owned(), said: error.to_string() },
        };
        folder::make_private(dir).map_err(of_folder)?;
        let whole = dir.join(&wanted.name);
        let named = |ending: &str| dir.join(format!("{}{ending}", wanted.name));
        let (path, mark_path) = (named(".part"), named(".part.mark"));
        let failed = |error: io::Error| UpdateError::of_file(&path, &error);
        remove_others(dir, &[&whole, &path, &mark_path]);
        let mut options = private::options();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(failed)?;
        let mut hash = Sha256::new();
        hash::add(&mut hash, &mut file).map_err(failed)?;
        let len = file.stream_position().map_err(failed)?;
        let mark = read::text(&mark_path, MAX_MARK).ok().filter(|mark| !mark.is_empty());
        let mut part = Self { path, mark_path, whole, file, hash, len, mark };
        if len > wanted.size {
            part.clear()?;
        }
        Ok(part)
    }

    /// Notes the server's mark of the version that what follows is of.
    pub(crate) fn set_mark(&mut self, mark: Option<&str>) -> Result<(), UpdateError> {
        self.mark = mark.map(str::to_owned);
        let kept = private::replace(&self.mark_path, |out| {
            out.write_all(mark.unwrap_or_default().as_bytes())?;
            Ok::<_, io::Error>(())
        });
        kept.map_err(|error| self.failed(&error))
    }

    /// Adds bytes at its end. On a full disk all of it goes, so that there is room for the history again.
    pub(crate) fn add(&mut self, bytes: &[u8]) -> Result<(), UpdateError> {
        if let Err(error) = self.file.write_all(bytes) {
            return Err(self.failed(&error));
        }
        self.hash.update(bytes);
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Begins again.
    pub(crate) fn clear(&mut self) -> Result<(), UpdateError> {
        let cleared = self.file.set_len(0).and_then(|()| self.file.seek(SeekFrom::Start(0)));
        cleared.map_err(|error| self.failed(&error))?;
        self.hash = Sha256::new();
        self.len = 0;
        self.mark = None;
        Ok(())
    }

    /// Gives it its name, if it is what was signed; otherwise nothing of it is kept.
    pub(crate) fn finish(mut self, wanted: &ReleaseFile) -> Result<PathBuf, UpdateError> {
        if <[u8; 32]>::from(self.hash.clone().finalize()) != wanted.sha256 {
            self.remove();
            return Err(UpdateError::Checksum);
        }
        let named = self.file.sync_all().and_then(|()| fs::rename(&self.path, &self.whole));
        named.map_err(|error| self.failed(&error))?;
        let _ = fs::remove_file(&self.mark_path);
        Ok(std::mem::take(&mut self.whole))
    }

    /// Removes what there is of it.
    pub(crate) fn remove(&self) {
        for path in [&self.path, &self.mark_path] {
            let _ = fs::remove_file(path);
        }
    }

    fn failed(&self, error: &io::Error) -> UpdateError {
        let error = UpdateError::of_file(&self.path, error);
        if matches!(error, UpdateError::DiskFull(_)) {
            self.remove();
        }
        error
    }
}

/// Removes downloads of other versions. Only what ends like one: the folder holds more than these.
fn remove_others(dir: &Path, but: &[&Path]) {
    const ENDINGS: [&str; 5] = [".AppImage", ".exe", ".app.tar.gz", ".part", ".part.mark"];
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if ENDINGS.iter().any(|ending| name.ends_with(ending)) && !but.contains(&path.as_path()) {
            let _ = fs::remove_file(path);
        }
    }
}
