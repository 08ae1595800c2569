//! The hub that this machine is in, as commands use it: the file in the data folder, the password, the connection.

use std::io::ErrorKind;
use std::path::Path;

use chrono::Utc;
use secrecy::SecretString;
use tidemark_core::Credential;
use tidemark_core::account::Region;
use tidemark_files::folder;
use tidemark_hub::{DatabaseUrl, Hub, HubFile, Membership};
use tidemark_vault::{Vault, VaultConfig};

use super::context::Context;
use super::hub_problem::problem;
use super::read::secret_of_variable;
use super::transport;
use crate::exit::{CommandError, Exit};
use crate::file_errors::{Access, file_error};

fn damaged(path: &Path) -> CommandError {
    let file = path.display().to_string();
    CommandError::said(Exit::Failed, "hub-file", "cli-hub-file-damaged", &[("file", &file)])
}

/// The file; `None` where this machine is in no hub.
pub fn read(context: &Context) -> Result<Option<HubFile>, CommandError> {
    let dir = context.data_dir()?;
    let path = HubFile::path(&dir);
    HubFile::read(&dir).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => damaged(&path),
        _ => file_error(Access::Read, &path, &error),
    })
}

/// The file of a hub that this machine is in.
pub fn joined(context: &Context) -> Result<HubFile, CommandError> {
    let found = read(context)?.filter(|file| file.membership != Membership::Joining);
    found.ok_or_else(|| CommandError::said(Exit::Failed, "hub-none", "cli-hub-none", &[]))
}

/// Writes the file.
pub fn write(context: &Context, file: &HubFile) -> Result<(), CommandError> {
    let dir = context.data_dir()?;
    folder::make_private(&dir).map_err(|error| CommandError::from(&error))?;
    file.write(&dir).map_err(|error| file_error(Access::Write, &HubFile::path(&dir), &error))
}

/// Removes the file, with the password where it is kept.
pub async fn forget(context: &Context, file: &HubFile) -> Result<(), CommandError> {
    let dir = context.data_dir()?;
    HubFile::remove(&dir).map_err(|error| file_error(Access::Write, &HubFile::path(&dir), &error))?;
    Ok(vault(context)?.remove(&file.credential).await?)
}

/// The password; `None` where there is none.
pub async fn password(context: &Context, file: &HubFile) -> Result<Option<SecretString>, CommandError> {
    match &file.credential {
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
pub async fn open(context: &Context, file: &HubFile) -> Result<Hub, CommandError> {
    let url: DatabaseUrl = file.url.parse().map_err(|_| damaged(Path::new("hub.json")))?;
    let password = password(context, file).await?;
    Hub::open(&url, password.as_ref()).await.map_err(problem)
}

/// Where passwords are kept.
pub fn vault(context: &Context) -> Result<Vault, CommandError> {
    Ok(Vault::new(VaultConfig::new(context.data_dir()?, transport::home()?)))
}
