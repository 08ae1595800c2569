//! The passphrase of the encrypted key file: from a variable, or typed into the terminal.

use std::io::{self, IsTerminal as _};

use secrecy::{ExposeSecret as _, SecretString};
use tidemark_api::view;
use tidemark_core::Credential;

use super::context::Context;
use super::read::secret_of_variable;
use super::store_access;
use super::transport::AnyClient;
use crate::arguments::Passphrase;
use crate::exit::{CommandError, Exit};
use crate::output::Output;

/// The passphrase: of the variable that was named, else typed. Without a terminal that is wrong usage.
/// `new` says that it is the first one of a new file, which is typed twice.
pub fn ask(from: &Passphrase, output: &Output, new: bool) -> Result<SecretString, CommandError> {
    if let Some(name) = &from.passphrase_env {
        return secret_of_variable(name, "passphrase");
    }
    // Standard input may hold the key; what is typed comes from the terminal itself.
    if !io::stderr().is_terminal() {
        return Err(CommandError::said(Exit::Usage, "usage", "cli-passphrase-where", &[]));
    }
    let typed = |key: &str| {
        rpassword::prompt_password(format!("{} ", output.words.text(key)))
            .map(SecretString::from)
            .map_err(|error| CommandError::new(Exit::Failed, "io", &error).quoting(error))
    };
    if !new {
        return typed("cli-passphrase-prompt");
    }
    let passphrase = typed("cli-passphrase-new")?;
    let again = typed("cli-passphrase-again")?;
    if passphrase.expose_secret() != again.expose_secret() {
        return Err(CommandError::said(Exit::Usage, "wrong-passphrase", "cli-passphrase-differs", &[]));
    }
    Ok(passphrase)
}

/// The passphrase of a shared folder, typed twice: whether the folder has one already shows only when it is tried.
pub fn ask_for_folder(output: &Output) -> Result<SecretString, CommandError> {
    if !io::stderr().is_terminal() {
        return Err(CommandError::said(Exit::Usage, "usage", "cli-machine-passphrase-where", &[]));
    }
    let typed = |key: &str| {
        rpassword::prompt_password(format!("{} ", output.words.text(key)))
            .map(SecretString::from)
            .map_err(|error| CommandError::new(Exit::Failed, "io", &error).quoting(error))
    };
    let passphrase = typed("cli-machine-passphrase-new")?;
    let again = typed("cli-passphrase-again")?;
    if passphrase.expose_secret() != again.expose_secret() {
        return Err(CommandError::said(Exit::Usage, "wrong-passphrase", "cli-passphrase-differs", &[]));
    }
    Ok(passphrase)
}

/// Whether the passphrase can be had: from a variable that was named, or typed at a terminal.
pub fn can_be_had(from: &Passphrase) -> bool {
    from.passphrase_env.is_some() || io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Unlocks the encrypted key file, where it is locked.
pub async fn unlock(client: &AnyClient, from: &Passphrase, output: &Output) -> Result<(), CommandError> {
    let state: view::VaultState = client.get("/v1/vault").await?;
    if state.encrypted_file == view::FileState::Locked {
        let passphrase = view::Passphrase { passphrase: ask(from, output, false)? };
        let () = client.send_json("POST", "/v1/vault/unlock-file", &passphrase).await?;
    }
    Ok(())
}

/// Unlocks the encrypted key file, or makes one where there is none.
pub async fn open(client: &AnyClient, output: &Output) -> Result<(), CommandError> {
    let state: view::VaultState = client.get("/v1/vault").await?;
    if state.encrypted_file != view::FileState::Unlocked {
        let is_new = state.encrypted_file == view::FileState::None;
        let passphrase = ask(&Passphrase { passphrase_env: None }, output, is_new)?;
        let () = client.send_json("POST", "/v1/vault/unlock-file", &view::Passphrase { passphrase }).await?;
    }
    Ok(())
}

/// Whether an account keeps its key in the file.
pub fn is_needed(context: &Context) -> Result<bool, CommandError> {
    let Some(store) = store_access::open(context)? else { return Ok(false) };
    let accounts = store.accounts()?;
    Ok(accounts.iter().any(|account| matches!(account.credential, Credential::EncryptedFile { .. })))
}
