//! What this machine remembers of its hub: a file in the data folder, without any password.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tidemark_core::Credential;
use tidemark_files::{private, read};

/// Its name in the data folder.
const FILE_NAME: &str = "hub.json";
/// The longest file that is read, in bytes.
const MAX_LEN: u64 = 64 * 1024;

/// How far joining or leaving has come: both can be cut off before the hub's answer is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Membership {
    /// The hub may have taken this machine's owner in.
    Joining,
    /// It has.
    Joined,
    /// It may have let this machine's owner go.
    Leaving,
}

/// What this machine remembers of its hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubFile {
    /// Where it is, and as whom one connects.
    pub url: String,
    /// Where the password is; never the password itself.
    pub credential: Credential,
    /// How far joining or leaving has come.
    pub membership: Membership,
    /// Whether others are given the name of this machine.
    pub shares_name: bool,
    /// Up to where the hub has this machine's requests, as it last said to `hub sync`: which history.
    #[serde(default)]
    pub epoch: String,
    /// And the place in it.
    #[serde(default)]
    pub place: u64,
}

impl HubFile {
    /// Where the file of a data folder is.
    #[must_use]
    pub fn path(data_dir: &Path) -> PathBuf {
        data_dir.join(FILE_NAME)
    }

    /// The file of a data folder; `None` where this machine is in no hub.
    ///
    /// # Errors
    /// What the system said; [`ErrorKind::InvalidData`] if it is damaged.
    pub fn read(data_dir: &Path) -> io::Result<Option<Self>> {
        match read::text(&Self::path(data_dir), MAX_LEN) {
            Ok(text) => serde_json::from_str(&text)
                .map(Some)
                .map_err(|_| io::Error::new(ErrorKind::InvalidData, "the hub's file is damaged")),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes it. The data folder is there.
    ///
    /// # Errors
    /// What the system said.
    pub fn write(&self, data_dir: &Path) -> io::Result<()> {
        private::replace(&Self::path(data_dir), |file| {
            serde_json::to_writer_pretty(&mut *file, self).map_err(io::Error::from)?;
            file.write_all(b"\n")
        })
    }

    /// Removes the file of a data folder, where there is one.
    ///
    /// # Errors
    /// What the system said.
    pub fn remove(data_dir: &Path) -> io::Result<()> {
        match std::fs::remove_file(Self::path(data_dir)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_it_was_written_and_damage_is_said() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(HubFile::read(folder.path()).unwrap(), None);
        let file = HubFile {
            url: "postgres://ann@db.example.org/team".to_owned(),
            credential: Credential::None {},
            membership: Membership::Leaving,
            shares_name: true,
            epoch: "e".to_owned(),
            place: 7,
        };
        file.write(folder.path()).unwrap();
        assert_eq!(HubFile::read(folder.path()).unwrap(), Some(file));
        std::fs::write(HubFile::path(folder.path()), "{").unwrap();
        assert_eq!(HubFile::read(folder.path()).unwrap_err().kind(), ErrorKind::InvalidData);
        HubFile::remove(folder.path()).unwrap();
        HubFile::remove(folder.path()).unwrap();
        assert_eq!(HubFile::read(folder.path()).unwrap(), None);
    }
}
