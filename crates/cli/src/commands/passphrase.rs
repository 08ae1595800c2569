//! The passphrase of the encrypted key file: from a variable, or typed into the terminal.

use std::io::{self, IsTerminal as _};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use tidemark_api::client::Client;
use tidemark_core::Credential;
use tidemark_vault::FileState;

use super::engine::Way;
use super::read::secret_of_variable;
use super::{Asked, ledger};
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
            .map_err(|error| CommandError::new(Exit::Failed, "io", error))
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

/// Unlocks the encrypted key file before a poll, where a passphrase was named, or where one can be asked
/// for and an account needs it.
pub async fn unlock(
    asked: &Asked,
    way: &Way,
    from: &Passphrase,
    output: &Output,
) -> Result<(), CommandError> {
    match way {
        Way::Own(engine) if engine.vault().file_state() == FileState::Locked => {
            let can_be_asked = || io::stdin().is_terminal() && io::stderr().is_terminal();
            if from.passphrase_env.is_some() || can_be_asked() && is_needed(asked)? {
                engine.unlock_file(ask(from, output, false)?).await?;
            }
        }
        Way::Own(_) => {}
        Way::Agent(client) => unlock_agent(client, from, output).await?,
    }
    Ok(())
}

/// Unlocks the agent's key file where a passphrase was named; else it was unlocked in its window, or not.
pub async fn unlock_agent(client: &Client, from: &Passphrase, output: &Output) -> Result<(), CommandError> {
    if from.passphrase_env.is_some() {
        let passphrase = ask(from, output, false)?;
        let passphrase = passphrase.expose_secret();
        let () =
            client.send_json("POST", "/v1/vault/unlock-file", &json!({ "passphrase": passphrase })).await?;
    }
    Ok(())
}

/// Whether an account keeps its key in the file.
fn is_needed(asked: &Asked) -> Result<bool, CommandError> {
    let Some(store) = ledger::open(&asked.data_dir()?)? else { return Ok(false) };
    let accounts = store.accounts()?;
    Ok(accounts.iter().any(|account| matches!(account.credential, Credential::EncryptedFile { .. })))
}
