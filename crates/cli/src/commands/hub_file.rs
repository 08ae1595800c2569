//! What this machine remembers of its hub: a file in the data folder, without any password.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use chrono::Utc;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tidemark_core::Credential;
use tidemark_core::account::Region;
use tidemark_files::{folder, private, read};
use tidemark_hub::{DatabaseUrl, Hub};
use tidemark_vault::{Vault, VaultConfig};

use super::context::Context;
use super::hub_problem::problem;
use super::read::secret_of_variable;
use super::transport;
use crate::exit::{CommandError, Exit};
use crate::file_errors::{Access, file_error};

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
    /// Up to where the hub has this machine's requests, as it last said: which history.
    #[serde(default)]
    pub epoch: String,
    /// And the place in it.
    #[serde(default)]
    pub place: u64,
}

fn path(context: &Context) -> Result<PathBuf, CommandError> {
    Ok(context.data_dir()?.join(FILE_NAME))
}

impl HubFile {
    /// The file; `None` where this machine is in no hub.
    pub fn read(context: &Context) -> Result<Option<Self>, CommandError> {
        let path = path(context)?;
        let text = match read::text(&path, MAX_LEN) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(file_error(Access::Read, &path, &error)),
        };
        let file = path.display().to_string();
        let damaged =
            || CommandError::said(Exit::Failed, "hub-file", "cli-hub-file-damaged", &[("file", &file)]);
        serde_json::from_str(&text).map(Some).map_err(|_| damaged())
    }

    /// The file of a hub that this machine is in.
    pub fn joined(context: &Context) -> Result<Self, CommandError> {
        let found = Self::read(context)?.filter(|file| file.membership != Membership::Joining);
        found.ok_or_else(|| CommandError::said(Exit::Failed, "hub-none", "cli-hub-none", &[]))
    }

    /// Writes it.
    pub fn write(&self, context: &Context) -> Result<(), CommandError> {
        let path = path(context)?;
        folder::make_private(&context.data_dir()?).map_err(|error| CommandError::from(&error))?;
        private::replace(&path, |file| {
            serde_json::to_writer_pretty(&mut *file, self).map_err(io::Error::from)?;
            file.write_all(b"\n")
        })
        .map_err(|error| file_error(Access::Write, &path, &error))
    }

    /// Removes it.
    pub fn remove(context: &Context) -> Result<(), CommandError> {
        let path = path(context)?;
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(file_error(Access::Write, &path, &error))
            }
            _ => Ok(()),
        }
    }

    /// Where the hub is.
    pub fn database(&self) -> Result<DatabaseUrl, CommandError> {
        self.url.parse().map_err(|_| {
            CommandError::said(Exit::Failed, "hub-file", "cli-hub-file-damaged", &[("file", FILE_NAME)])
        })
    }

    /// The password; `None` where there is none.
    pub async fn password(&self, context: &Context) -> Result<Option<SecretString>, CommandError> {
        match &self.credential {
            Credential::None {} => Ok(None),
            // A password may have signs in it that no key has.
            Credential::Environment { name } => secret_of_variable(name, "password").map(Some),
            other => {
                let key = vault(context)?.key_prompting(other, Region::China, Utc::now()).await;
                Ok(Some(key?))
            }
        }
    }

    /// Connects to the hub.
    pub async fn open(&self, context: &Context) -> Result<Hub, CommandError> {
        let password = self.password(context).await?;
        Hub::open(&self.database()?, password.as_ref()).await.map_err(problem)
    }
}

/// Where passwords are kept.
pub fn vault(context: &Context) -> Result<Vault, CommandError> {
    Ok(Vault::new(VaultConfig::new(context.data_dir()?, transport::home()?)))
}
