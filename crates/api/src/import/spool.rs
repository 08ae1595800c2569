//! The file in which lines to import lie until the engine has taken them: in the data folder, its owner's only.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tidemark_files::private;

/// How its name begins and ends.
const NAME: &str = "import.jsonl";
/// One that is older was left behind by a command that was killed.
const LEFT_BEHIND: Duration = Duration::from_hours(24);

/// Lines to import, while a command writes them and an engine reads them. The file goes with this value.
#[derive(Debug)]
pub struct Spool {
    path: PathBuf,
}

impl Spool {
    /// Makes an empty file for lines in a data folder. Those that were left behind there are removed.
    ///
    /// # Errors
    /// Where the file cannot be made.
    pub fn create(data_dir: &Path) -> io::Result<(Self, File)> {
        for entry in fs::read_dir(data_dir)?.flatten() {
            let age = entry
                .metadata()
                .and_then(|there| there.modified())
                .ok()
                .map(|at| SystemTime::now().duration_since(at));
            let is_old = age.is_some_and(|age| age.is_ok_and(|age| age > LEFT_BEHIND));
            if is_old && entry.file_name().to_str().is_some_and(is_name) {
                let _ = fs::remove_file(entry.path());
            }
        }
        let (path, file) = private::new_beside(&data_dir.join(NAME))?;
        Ok((Self { path }, file))
    }

    /// The name by which an engine of that data folder finds it.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Opens the lines that a command has written. No other file of the folder can be named.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] for another name; as [`tidemark_files::read::open_private`].
pub fn open(data_dir: &Path, name: &str) -> io::Result<File> {
    if !is_name(name) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    tidemark_files::read::open_private(&data_dir.join(name))
}

fn is_name(name: &str) -> bool {
    let number = name.strip_prefix(".import.jsonl.").and_then(|rest| rest.strip_suffix(".part"));
    number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_made_for_an_import_is_opened() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("keys.age"), "keys").unwrap();
        let (spool, file) = Spool::create(dir.path()).unwrap();
        drop(file);
        open(dir.path(), &spool.name()).unwrap();
        for other in ["keys.age", "../x", ".import.jsonl.1/../../x.part", "", "agent.sock"] {
            assert_eq!(open(dir.path(), other).unwrap_err().kind(), io::ErrorKind::InvalidInput, "{other}");
        }
        let name = spool.name();
        drop(spool);
        assert_eq!(open(dir.path(), &name).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
