//! `tidemark account`: adding, listing, removing, renaming and testing accounts.

use std::io::{self, IsTerminal as _, Read as _};

use chrono::Utc;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::{Value, json};
use tidemark_api::client::Client;
use tidemark_api::view;
use tidemark_core::line::{Line, ReadingLine, write_time};
use tidemark_core::{Account, Credential, Region, Source};
use tidemark_monitor::{Engine, KeyInput, KeyPlace, KeyRemoval, NewAccount};
use tidemark_vault::{FileState, Vault, VaultConfig};

use super::engine::{Way, home, way};
use super::{Asked, ledger, passphrase, read, runtime};
use crate::arguments::{AccountAction, AccountAdd, AccountRemove, AccountTest, Keep, KeySource, Passphrase};
use crate::exit::{CommandError, Ending, Exit};
use crate::output::table::{Cell, Table};
use crate::output::{Output, clean, reading};

/// A key is one short line; more than this is something else.
const LONGEST_KEY: u64 = 16 * 1024;

/// Runs it.
pub fn run(asked: &Asked, action: AccountAction) -> Result<Exit, Ending> {
    let mut output = asked.output(None, None);
    match action {
        AccountAction::Add(new) => add(asked, &mut output, new)?,
        AccountAction::List => list(asked, &mut output)?,
        AccountAction::Remove(which) => remove(asked, &mut output, &which)?,
        AccountAction::Rename(names) => rename(asked, &mut output, &names.name, &names.new_name)?,
        AccountAction::Test(which) => test(asked, &mut output, &which)?,
    }
    output.flush()?;
    Ok(Exit::Done)
}

fn add(asked: &Asked, output: &mut Output, new: AccountAdd) -> Result<(), Ending> {
    // The engine makes up a name where there is none; who is asked for one and gives none made a mistake.
    if new.name.trim().is_empty() {
        return Err(CommandError::said(Exit::Usage, "usage", "cli-account-name-empty", &[]).into());
    }
    // As with `read`: a base URL that would send a key in the clear is refused before the key is read.
    read::target(&new.place)?;
    let environment = new.key.key_env.clone();
    let key = key_input(output, &new.name, new.key)?;
    let key = match (key, new.keep) {
        (KeyInput::Key { key, .. }, Some(Keep::EncryptedFile)) => {
            let vault = Vault::new(VaultConfig::new(asked.data_dir()?, home()?));
            let is_new = vault.file_state() == FileState::NotThere;
            let passphrase = Some(passphrase::ask(&new.passphrase, output, is_new)?);
            KeyInput::Key { key, place: KeyPlace::EncryptedFile { passphrase } }
        }
        (key, _) => key,
    };
    let (source, region) = (new.place.source, new.place.region);
    let name = runtime()?.block_on(async {
        let added = match way(asked).await? {
            Way::Own(engine) => {
                let new = NewAccount {
                    name: new.name,
                    source: Some(source),
                    region: Some(region),
                    base_url: new.place.base_url,
                    key,
                    // The command `test` is there for that; adding needs no network.
                    untested: true,
                };
                engine.add_account(new).await.map(|account| account.name).map_err(CommandError::from)
            }
            Way::Agent(client) => {
                let new = json!({
                    "name": new.name, "source": source, "region": region, "base_url": new.place.base_url,
                    "key": key_json(&key), "untested": true,
                });
                let added = client.send_json("POST", "/v1/accounts", &new).await;
                added.map(|added: view::AccountView| added.name).map_err(CommandError::from)
            }
        };
        added.map_err(elsewhere)
    })?;
    if output.json {
        output.document(&json!({ "added": name }))?;
    } else {
        let name = clean(&name);
        output.line(output.words.with("cli-account-added", [("name", name.as_str().into())]))?;
        if environment.is_some() {
            output.line(output.words.with("cli-account-env-hint", [("name", name.into())]))?;
        }
    }
    Ok(())
}

/// Where there is no keyring, the other ways that this command has.
fn elsewhere(error: CommandError) -> CommandError {
    if !error.kind.starts_with("keyring-") {
        return error;
    }
    let message = format!(
        "{}. Or use `--keep encrypted-file` with --key-stdin, which stores the key in a file protected by a passphrase, or `--key-env NAME`, which stores only the name of a variable",
        error.message.trim_end_matches('.')
    );
    CommandError { message, ..error }
}

fn key_input(output: &Output, name: &str, source: KeySource) -> Result<KeyInput, Ending> {
    if let Some(name) = source.key_env {
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(CommandError::said(Exit::Usage, "usage", "cli-key-env-name", &[]).into());
        }
        return Ok(KeyInput::Environment { name });
    }
    let stdin = io::stdin();
    let text = if stdin.is_terminal() {
        // Typed into a terminal it must not be shown there.
        let prompt = output.words.with("cli-key-prompt", [("name", clean(name).into())]);
        rpassword::prompt_password(format!("{prompt} "))?
    } else {
        let mut text = String::new();
        match stdin.lock().take(LONGEST_KEY).read_to_string(&mut text) {
            Ok(_) => text,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(CommandError::said(Exit::Usage, "key-empty", "cli-key-not-text", &[]).into());
            }
            Err(error) => return Err(error.into()),
        }
    };
    let key = text.trim();
    if key.is_empty() {
        return Err(CommandError::said(Exit::Usage, "key-empty", "cli-key-nothing", &[]).into());
    }
    if key.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(CommandError::said(Exit::Usage, "usage", "cli-key-one-word", &[]).into());
    }
    Ok(KeyInput::Key { key: SecretString::from(key.to_owned()), place: KeyPlace::Keyring })
}

/// The key on its way to the agent, through the socket that only its owner can open.
fn key_json(key: &KeyInput) -> Value {
    match key {
        KeyInput::Key { key, place: KeyPlace::EncryptedFile { passphrase } } => json!({
            "kind": "encrypted-file", "key": key.expose_secret(),
            "passphrase": passphrase.as_ref().map(secrecy::ExposeSecret::expose_secret),
        }),
        KeyInput::Key { key, place: KeyPlace::ThisRun } => {
            json!({ "kind": "this-run", "key": key.expose_secret() })
        }
        KeyInput::Key { key, place: KeyPlace::Keyring } => {
            json!({ "kind": "keyring", "key": key.expose_secret() })
        }
        KeyInput::Environment { name } => json!({ "kind": "environment", "name": name }),
        KeyInput::KimiCodeLogin => json!({ "kind": "kimi-code-login" }),
    }
}

#[derive(Serialize)]
struct Listed {
    name: String,
    source: Source,
    region: Region,
    base_url: String,
    credential: &'static str,
    credential_detail: Option<String>,
    created_at: String,
}

impl Listed {
    fn of(account: &Account) -> Self {
        let (credential, credential_detail) = match &account.credential {
            Credential::Keyring { .. } => ("keyring", None),
            Credential::EncryptedFile { .. } => ("encrypted-file", None),
            Credential::Environment { name } => ("environment", Some(name.clone())),
            Credential::ThisRun { .. } => ("this-run", None),
            Credential::KimiCodeLogin { path } => {
                ("kimi-code-login", path.as_ref().map(|path| path.display().to_string()))
            }
        };
        Self {
            name: account.name.clone(),
            source: account.source,
            region: account.region,
            base_url: account.base_url(),
            credential,
            credential_detail,
            created_at: write_time(account.created_at),
        }
    }
}

fn list(asked: &Asked, output: &mut Output) -> Result<(), Ending> {
    let store = ledger::open(&asked.data_dir()?)?;
    let accounts = store.map(|store| store.accounts()).transpose()?.unwrap_or_default();
    let accounts: Vec<Listed> = accounts.iter().map(Listed::of).collect();
    if output.json {
        output.document(&json!({ "accounts": accounts }))?;
        return Ok(());
    }
    let words = &output.words;
    if accounts.is_empty() {
        let text = words.text("cli-account-none");
        return Ok(output.line(text)?);
    }
    let mut table = Table::default();
    let heads = [
        "cli-column-account",
        "cli-column-source",
        "cli-column-region",
        "cli-column-key",
        "cli-column-base-url",
    ]
    .map(|key| words.text(key));
    table.head(heads.iter().map(String::as_str));
    for account in &accounts {
        let mut key = words.text(&format!("credential-{}", account.credential));
        if let Some(detail) = &account.credential_detail {
            key = format!("{key} {detail}");
        }
        table.row([
            Cell::new(&account.name),
            Cell::new(words.text(&format!("source-{}", account.source))),
            Cell::new(words.text(&format!("region-{}", account.region))),
            Cell::new(key),
            Cell::new(&account.base_url),
        ]);
    }
    Ok(table.write(output)?)
}

/// The number under which the agent knows the account of a name.
async fn number(client: &Client, name: &str) -> Result<i64, CommandError> {
    let accounts: Vec<view::AccountView> = client.get("/v1/accounts").await?;
    let found = accounts.into_iter().find(|account| account.name == name.trim());
    found.map(|account| account.id).ok_or_else(|| ledger::no_such_account(name))
}

fn remove(asked: &Asked, output: &mut Output, which: &AccountRemove) -> Result<(), Ending> {
    let name = which.name.as_str();
    let account = ledger::account(ledger::open(&asked.data_dir()?)?.as_ref(), name)?;
    let key = if which.keep_key { KeyRemoval::IfPossible } else { KeyRemoval::Required };
    let key_removed = runtime()?.block_on(async {
        match way(asked).await? {
            Way::Own(engine) => {
                let unlocked = unlock(&engine, &account, &which.passphrase, output).await;
                match unlocked {
                    Err(_) if which.keep_key => {}
                    unlocked => unlocked?,
                }
                engine.remove_account(account.id, key).await.map_err(CommandError::from)
            }
            Way::Agent(client) => {
                passphrase::unlock_agent(&client, &which.passphrase, output).await?;
                let id = number(&client, name).await?;
                let path = format!("/v1/accounts/{id}?keep_key={}", which.keep_key);
                let removed: view::Removed = client.send_json("DELETE", &path, &Value::Null).await?;
                Ok(removed.key_removed)
            }
        }
    })?;
    if output.json {
        output.document(&json!({ "removed": account.name, "key_removed": key_removed }))?;
    } else {
        let id = if key_removed { "cli-account-removed" } else { "cli-account-removed-key-left" };
        output.line(output.words.with(id, [("name", clean(&account.name).into())]))?;
    }
    Ok(())
}

fn rename(asked: &Asked, output: &mut Output, name: &str, new: &str) -> Result<(), Ending> {
    let account = ledger::account(ledger::open(&asked.data_dir()?)?.as_ref(), name)?;
    runtime()?.block_on(async {
        match way(asked).await? {
            Way::Own(engine) => {
                engine.rename_account(account.id, new).await.map(drop).map_err(CommandError::from)
            }
            Way::Agent(client) => {
                let id = number(&client, name).await?;
                let change = json!({ "name": new });
                let _: view::AccountView =
                    client.send_json("PATCH", &format!("/v1/accounts/{id}"), &change).await?;
                Ok(())
            }
        }
    })?;
    if output.json {
        output.document(&json!({ "renamed": account.name, "name": new.trim() }))?;
    } else {
        let line = output.words.with(
            "cli-account-renamed",
            [("name", clean(&account.name).into()), ("new", clean(new.trim()).into())],
        );
        output.line(line)?;
    }
    Ok(())
}

/// A look at the account now, by whoever looks at it: the running agent, or an engine of our own for a moment.
/// So what a service asked for binds this too, and nobody asks twice at the same time.
fn test(asked: &Asked, output: &mut Output, which: &AccountTest) -> Result<(), Ending> {
    let name = which.name.as_str();
    let data_dir = asked.data_dir()?;
    let account = ledger::account(ledger::open(&data_dir)?.as_ref(), name)?;
    runtime()?.block_on(async {
        match way(asked).await? {
            Way::Own(engine) => test_ourselves(&engine, &account, &which.passphrase, output).await,
            Way::Agent(client) => {
                passphrase::unlock_agent(&client, &which.passphrase, output).await?;
                test_by_agent(&client, name).await
            }
        }
    })?;
    if !output.json {
        output.line(output.words.with("cli-account-works", [("name", clean(&account.name).into())]))?;
    }
    // What was seen is on disk by now, unless the disk refuses it.
    let store = ledger::open(&data_dir)?;
    let readings = store.map(|store| store.last_readings()).transpose()?.unwrap_or_default();
    match readings.into_iter().find(|(id, ..)| *id == account.id) {
        Some((.., seen)) if output.json => {
            output.document(&Line::Reading(ReadingLine::new(&seen, Some(&account.name))))?;
        }
        Some((.., seen)) => reading::write(output, &seen, Some(&account.name), seen.at)?,
        None if output.json => output.document(&json!({ "works": account.name }))?,
        None => {}
    }
    Ok(())
}

async fn test_ourselves(
    engine: &Engine,
    account: &Account,
    from: &Passphrase,
    output: &Output,
) -> Result<(), CommandError> {
    unlock(engine, account, from, output).await?;
    // The user is here and may be asked for a password, which a look of its own accord does not do.
    drop(engine.vault().key_prompting(&account.credential, account.region, engine.now()).await?);
    let tested = engine.test_account(account.id).await?;
    if let Some(left) = &tested.left_alone
        && tested.result.is_err()
    {
        output.say_left_alone(&account.name, left.why.word(), left.until);
    }
    tested.result.map(drop).map_err(|failure| {
        let wait = tested.retry_at.and_then(|at| (at - engine.now()).to_std().ok());
        CommandError { retry_after: wait, ..failure.into() }
    })
}

/// Unlocks the encrypted key file where the account's key is in it and the passphrase can be had.
async fn unlock(
    engine: &Engine,
    account: &Account,
    from: &Passphrase,
    output: &Output,
) -> Result<(), CommandError> {
    let kept_there = matches!(account.credential, Credential::EncryptedFile { .. });
    if kept_there
        && engine.vault().file_state() == FileState::Locked
        && (from.passphrase_env.is_some() || io::stdin().is_terminal())
    {
        engine.unlock_file(passphrase::ask(from, output, false)?).await?;
    }
    Ok(())
}

async fn test_by_agent(client: &Client, name: &str) -> Result<(), CommandError> {
    let id = number(client, name).await?;
    let test: view::KeyTest =
        client.send_json("POST", &format!("/v1/accounts/{id}/test"), &Value::Null).await?;
    match test.failure {
        None => Ok(()),
        Some(failure) => {
            let exit = failure.kind.parse().map_or(Exit::Failed, Exit::of);
            let retry_after = failure.retry_at.and_then(|at| (at - Utc::now()).to_std().ok());
            Err(CommandError { retry_after, ..CommandError::new(exit, failure.kind, failure.message) })
        }
    }
}
