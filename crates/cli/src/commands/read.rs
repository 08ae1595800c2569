//! `tidemark read`: polls an account once. Nothing is stored.

use std::pin::pin;
use std::time::Duration;

use chrono::Utc;
use futures_util::future::{Either, select};
use secrecy::{ExposeSecret as _, SecretString};
use tidemark_core::account::check_base_url_of;
use tidemark_core::pasted_key::{KeyFault, clean_key, code_point, is_variable_name};
use tidemark_core::wire::{ReadingRecord, Record};
use tidemark_core::{Failure, Reading, Region, Source};
use tidemark_kimi::{Client, Interface, Target};
use tidemark_vault::{Vault, VaultConfig, VaultError};

use super::context::{Context, runtime};
use super::transport::home;
use crate::arguments::{Place, Read};
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::output::reading;
use crate::service::kimi_client;

/// How long the reading waits for the profile, which is an extra, once it is there itself.
const PROFILE_PATIENCE: Duration = Duration::from_secs(5);

/// Runs `tidemark read`.
pub fn run(context: &Context, read: &Read) -> Result<Exit, CommandOutcome> {
    let client = kimi_client()?;
    let seen = if let Some(variable) = &read.key.key_env {
        check_variable_name(variable, "--key-env")?;
        // The order is a promise: a base URL that would send a key in the clear is refused before the key is read.
        let target = target(&read.place)?;
        let key = key_of_variable(variable)?;
        runtime()?.block_on(fetch(&client, &target, &key)).map_err(CommandError::from)?
    } else {
        check_local_server(read.place.source)?;
        runtime()?.block_on(fetch_from_local_server(&client, read.place.region))?
    };
    let mut output = context.output(None, None);
    if output.json {
        output.document(&Record::Reading(ReadingRecord::new(&seen, read.name.as_deref())))?;
    } else {
        reading::write(&mut output, &seen, read.name.as_deref(), seen.at)?;
    }
    output.flush()?;
    Ok(Exit::Done)
}

/// Kimi Code's own server shows the account that Kimi Code is signed in to, and none of the open platform.
pub fn check_local_server(source: Source) -> Result<(), CommandError> {
    match source {
        Source::KimiCode => Ok(()),
        Source::Platform => Err(CommandError::said(Exit::Usage, "usage", "cli-local-server-source", &[])),
    }
}

/// One reading from Kimi Code's own server on this machine.
async fn fetch_from_local_server(client: &Client, region: Region) -> Result<Reading, CommandError> {
    let home = home()?;
    // The server is found without the keyring and the data folder that a vault has as well.
    let vault = Vault::new(VaultConfig::new(&home, &home));
    let server = vault.kimi_code_server().await.map_err(|error| match error {
        VaultError::ServerNotRunning => CommandError::from(Failure::from(&error)),
        error => CommandError { exit: Exit::Failed, ..CommandError::from(error) },
    })?;
    let target = Target::local_server(region, server.base_url);
    fetch(client, &target, &server.token).await.map_err(CommandError::from)
}

/// Which service is asked, with the base URL checked.
pub fn target(place: &Place) -> Result<Target, CommandError> {
    let base_url = match &place.base_url {
        Some(text) => {
            let url = check_base_url_of(text, Some(place.source), Some(place.region))?;
            url.as_str().trim_end_matches('/').to_owned()
        }
        None => place.source.base_url(place.region).to_owned(),
    };
    Ok(Target { source: place.source, region: place.region, base_url, interface: Interface::Service })
}

/// The key that a variable holds, without what was pasted along with it.
fn key_of_variable(name: &str) -> Result<SecretString, CommandError> {
    let pasted = secret_of_variable(name, "key")?;
    clean_pasted(pasted.expose_secret())
}

/// A key without what was pasted along with it, or what is wrong with it.
pub fn clean_pasted(pasted: &str) -> Result<SecretString, CommandError> {
    let fault = match clean_key(pasted) {
        Ok(key) => return Ok(SecretString::from(key.to_owned())),
        Err(fault) => fault,
    };
    let (key, values) = match fault {
        KeyFault::Empty => ("cli-key-nothing", Vec::new()),
        KeyFault::SeveralWords => ("cli-key-one-word", Vec::new()),
        KeyFault::Character { found, place } => {
            ("cli-key-odd-character", vec![("character", code_point(found)), ("place", place.to_string())])
        }
    };
    let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Err(CommandError::said(Exit::Usage, fault.code(), key, &values))
}

/// Refuses what is not the name of a variable. It may well be the key or the passphrase itself, and so is
/// not repeated.
pub fn check_variable_name(name: &str, option: &str) -> Result<(), CommandError> {
    if is_variable_name(name) {
        return Ok(());
    }
    Err(CommandError::said(Exit::Usage, "variable-name", "cli-variable-name", &[("option", option)]))
}

/// The secret that a variable holds: `what` says which, `key`, `passphrase` or `password`. White space around it is not
/// part of it. An empty variable counts as unset.
pub fn secret_of_variable(name: &str, what: &str) -> Result<SecretString, CommandError> {
    let option = match what {
        "passphrase" => "--passphrase-env",
        "password" => "--password-env",
        _ => "--key-env",
    };
    check_variable_name(name, option)?;
    let usage =
        |key| CommandError::said(Exit::Usage, "variable-unset", key, &[("name", name), ("what", what)]);
    let value = std::env::var_os(name).ok_or_else(|| usage("cli-variable-unset"))?;
    let value = value.into_string().map_err(|_| usage("cli-variable-no-text"))?;
    let value = value.trim();
    if value.is_empty() {
        return Err(usage("cli-variable-empty"));
    }
    Ok(SecretString::from(value.to_owned()))
}

/// One reading: the quota or the balance, and beside it the profile, whose failure costs nothing.
pub async fn fetch(client: &Client, target: &Target, key: &SecretString) -> Result<Reading, Failure> {
    let clock = Utc::now;
    let quota = pin!(client.quota(target, key, &clock));
    let profile = pin!(client.profile(target, key));
    let (look, profile) = match select(quota, profile).await {
        Either::Left((look, profile)) => {
            let look = look?;
            (look, tokio::time::timeout(PROFILE_PATIENCE, profile).await.ok())
        }
        Either::Right((profile, quota)) => (quota.await?, Some(profile)),
    };
    let mut reading = look.reading;
    match profile {
        Some(Ok(profile)) => profile.fill(&mut reading),
        Some(Err(failure)) => tracing::debug!(%failure, "no profile"),
        None => tracing::debug!("no profile in time"),
    }
    Ok(reading)
}
