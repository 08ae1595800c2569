//! `tidemark account`: adding, listing, removing, renaming and testing accounts.

use std::io::{self, IsTerminal as _, Read as _};
use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use tidemark_api::view::{self, NewKey};
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_core::wire::{ReadingRecord, Record};
use tidemark_core::{Account, AccountId, Credential, Region, Source};
use tidemark_monitor::AccountIdentity;

use super::context::{Context, runtime};
use super::transport::{AnyClient, connect};
use super::{passphrase, read, store_access};
use crate::arguments::{
    AccountAction, AccountAdd, AccountRemove, AccountSetKey, AccountTest, Keep, KeySource, NewKeySource,
    Passphrase,
};
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::output::table::{Cell, Table};
use crate::output::{Output, Style, clean, reading};

/// A key is one short line; more than this is something else.
const MAX_KEY_LEN: u64 = 16 * 1024;

/// Runs `tidemark account`.
pub fn run(context: &Context, action: AccountAction) -> Result<Exit, CommandOutcome> {
    let mut output = context.output(None, None);
    match action {
        AccountAction::Add(new) => add(context, &mut output, new)?,
        AccountAction::List => list(context, &mut output)?,
        AccountAction::Remove(which) => remove(context, &mut output, &which)?,
        AccountAction::Rename(names) => rename(context, &mut output, &names.name, &names.new_name)?,
        AccountAction::Test(which) => test(context, &mut output, &which)?,
        AccountAction::SetKey(which) => set_key(context, &mut output, which)?,
    }
    output.flush()?;
    Ok(Exit::Done)
}

fn add(context: &Context, output: &mut Output, new: AccountAdd) -> Result<(), CommandOutcome> {
    // The engine makes up a name where there is none; who is asked for one and gives none made a mistake.
    if new.name.trim().is_empty() {
        return Err(CommandError::said(Exit::Usage, "usage", "cli-account-name-empty", &[]).into());
    }
    // As with `read`: a base URL that would send a key in the clear is refused before the key is read.
    read::target(&new.place)?;
    if new.key.local_server {
        read::check_local_server(new.place.source)?;
    }
    let environment = new.key.key_env.clone();
    let key = new_key(output, &new.name, new.key)?;
    let (name, same_as) = runtime()?.block_on(async {
        let client = connect(context).await?;
        let key = kept_in(&client, key, new.keep, &new.passphrase, output).await?;
        let account = view::NewAccount {
            name: new.name,
            source: Some(source_word(new.place.source)),
            region: Some(region_word(new.place.region)),
            // Both were typed for this account.
            base_url_confirmed: new.place.base_url.is_some(),
            base_url: new.place.base_url,
            key,
            // The command `test` is there for that; adding needs no network.
            untested: true,
        };
        let added = client.send_json("POST", "/v1/accounts", &account).await;
        added
            .map(|added: view::AccountView| (added.name, added.same_as))
            .map_err(|error| elsewhere(error.into()))
    })?;
    output.say_same_account(&name, &same_as);
    if output.json {
        output.document(&json!({ "added": name, "same_as": same_as }))?;
    } else {
        let name = clean(&name);
        output.line(output.words.with("cli-account-added", [("name", name.as_str().into())]))?;
        if let Some(variable) = environment {
            let unset = std::env::var_os(&variable).is_none_or(|value| value.is_empty());
            output.line(output.words.with("cli-account-env-hint", [("name", name.into())]))?;
            if unset {
                output.line(
                    output.words.with("cli-account-env-unset", [("variable", clean(&variable).into())]),
                )?;
            }
        }
    }
    Ok(())
}

/// A key with the place where it is to be kept.
async fn kept_in(
    client: &AnyClient,
    key: NewKey,
    keep: Option<Keep>,
    from: &Passphrase,
    output: &Output,
) -> Result<NewKey, CommandError> {
    match (key, keep) {
        (NewKey::Keyring { key }, Some(Keep::EncryptedFile)) => {
            let state: view::VaultState = client.get("/v1/vault").await?;
            let is_new = state.encrypted_file == view::FileState::None;
            let passphrase = Some(passphrase::ask(from, output, is_new)?);
            Ok(NewKey::EncryptedFile { key, passphrase })
        }
        (key, _) => Ok(key),
    }
}

/// Gives an account another key. Unlike a new account's it is tried first: the old one may be the better.
fn set_key(context: &Context, output: &mut Output, which: AccountSetKey) -> Result<(), CommandOutcome> {
    let account = known(context, &which.name)?;
    if which.key.local_server {
        read::check_local_server(account.source)?;
    }
    let NewKeySource { key_stdin, key_env, local_server } = which.key;
    let key = new_key(output, &account.name, KeySource { key_stdin, key_env, local_server })?;
    runtime()?.block_on(async {
        let client = connect(context).await?;
        let key = kept_in(&client, key, which.keep, &which.passphrase, output).await?;
        let id = number(&client, &account.name).await?;
        let change = view::AccountChange { name: None, key: Some(key), base_url: which.base_url };
        let changed = client.send_json("PATCH", &format!("/v1/accounts/{id}"), &change).await;
        changed.map(|_: view::AccountView| ()).map_err(|error| elsewhere(error.into()))
    })?;
    if output.json {
        output.document(&json!({ "key_set": account.name }))?;
    } else {
        output.line(output.words.with("cli-account-key-set", [("name", clean(&account.name).into())]))?;
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

fn new_key(output: &Output, name: &str, source: KeySource) -> Result<NewKey, CommandOutcome> {
    if source.local_server {
        return Ok(NewKey::KimiCodeServer {});
    }
    if let Some(name) = source.key_env {
        read::check_variable_name(&name, "--key-env")?;
        return Ok(NewKey::Environment { name });
    }
    let stdin = io::stdin();
    let text = if stdin.is_terminal() {
        // Typed into a terminal it must not be shown there.
        let prompt = output.words.with("cli-key-prompt", [("name", clean(name).into())]);
        rpassword::prompt_password(format!("{prompt} "))?
    } else {
        let mut text = String::new();
        match stdin.lock().take(MAX_KEY_LEN).read_to_string(&mut text) {
            Ok(_) => text,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(CommandError::said(Exit::Usage, "key-empty", "cli-key-not-text", &[]).into());
            }
            Err(error) => return Err(error.into()),
        }
    };
    Ok(NewKey::Keyring { key: read::clean_pasted(&text)? })
}

const fn source_word(source: Source) -> view::SourceWord {
    match source {
        Source::KimiCode => view::SourceWord::KimiCode,
        Source::Platform => view::SourceWord::Platform,
    }
}

const fn region_word(region: Region) -> view::RegionWord {
    match region {
        Region::China => view::RegionWord::China,
        Region::Global => view::RegionWord::Global,
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
    /// The names of others that are the same account of the service.
    same_as: Vec<String>,
}

impl Listed {
    fn of(account: &Account, same_as: Vec<String>) -> Self {
        let (credential, credential_detail) = view::credential_words(&account.credential);
        Self {
            name: account.name.clone(),
            source: account.source,
            region: account.region,
            base_url: account.base_url(),
            credential,
            credential_detail,
            created_at: format_rfc3339(account.created_at),
            same_as,
        }
    }
}

fn list(context: &Context, output: &mut Output) -> Result<(), CommandOutcome> {
    let store = store_access::open(context)?;
    let (accounts, readings) = match &store {
        Some(store) => (store.accounts()?, store.last_readings()?),
        None => (Vec::new(), Vec::new()),
    };
    let identities: Vec<AccountIdentity> = accounts
        .iter()
        .map(|account| {
            let reading = readings.iter().find(|(id, ..)| *id == account.id).map(|(.., reading)| reading);
            AccountIdentity::of(account, reading)
        })
        .collect();
    let names = |ids: Vec<AccountId>| -> Vec<String> {
        accounts.iter().filter(|other| ids.contains(&other.id)).map(|other| other.name.clone()).collect()
    };
    let accounts: Vec<Listed> = accounts
        .iter()
        .zip(&identities)
        .map(|(account, identity)| Listed::of(account, names(identity.same_among(&identities))))
        .collect();
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
            // The port of Kimi Code's own server may be another at each start.
            Cell::new(if account.credential == "kimi-code-server" { "–" } else { &account.base_url }),
        ]);
    }
    table.write(output)?;
    let mut said: Vec<&str> = Vec::new();
    for account in accounts.iter().filter(|account| !account.same_as.is_empty()) {
        if !said.contains(&account.name.as_str()) {
            let text = output.same_account(&account.name, &account.same_as);
            output.paragraph(Style::Plain, 0, &text)?;
            said.extend(account.same_as.iter().map(String::as_str));
        }
    }
    Ok(())
}

/// The number under which the engine knows the account of a name.
async fn number(client: &AnyClient, name: &str) -> Result<i64, CommandError> {
    let accounts: Vec<view::AccountView> = client.get("/v1/accounts").await?;
    let found = accounts.into_iter().find(|account| account.name == name.trim());
    found.map(|account| account.id).ok_or_else(|| store_access::no_such_account(name))
}

/// The account of a name, as the store has it.
fn known(context: &Context, name: &str) -> Result<Account, CommandError> {
    store_access::account(store_access::open(context)?.as_ref(), name)
}

fn remove(context: &Context, output: &mut Output, which: &AccountRemove) -> Result<(), CommandOutcome> {
    if let Some(name) = &which.name {
        let account = known(context, name)?;
        return remove_one(context, output, which, &account);
    }
    let all = match store_access::open(context)? {
        Some(store) => store.accounts().map_err(CommandError::from)?,
        None => Vec::new(),
    };
    all.iter().try_for_each(|account| remove_one(context, output, which, account))
}

fn remove_one(
    context: &Context,
    output: &mut Output,
    which: &AccountRemove,
    account: &Account,
) -> Result<(), CommandOutcome> {
    let key_removed = runtime()?.block_on(async {
        let client = connect(context).await?;
        match unlock(&client, account, &which.passphrase, output).await {
            // The key is to stay where it is; so may the lock before it.
            Err(_) if which.keep_key => {}
            unlocked => unlocked?,
        }
        let id = number(&client, &account.name).await?;
        let path = format!("/v1/accounts/{id}?keep_key={}", which.keep_key);
        let removed: view::Removed = client.send_json("DELETE", &path, &()).await?;
        Ok::<_, CommandError>(removed.key_removed)
    })?;
    if output.json {
        output.document(&json!({ "removed": account.name, "key_removed": key_removed }))?;
    } else {
        let id = if key_removed { "cli-account-removed" } else { "cli-account-removed-key-left" };
        output.line(output.words.with(id, [("name", clean(&account.name).into())]))?;
    }
    Ok(())
}

fn rename(context: &Context, output: &mut Output, name: &str, new: &str) -> Result<(), CommandOutcome> {
    let account = known(context, name)?;
    runtime()?.block_on(async {
        let client = connect(context).await?;
        let id = number(&client, &account.name).await?;
        let change = view::AccountChange { name: Some(new.to_owned()), ..view::AccountChange::default() };
        let _: view::AccountView = client.send_json("PATCH", &format!("/v1/accounts/{id}"), &change).await?;
        Ok::<_, CommandError>(())
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

/// A poll of the account now. A wait that the service asked for holds here too, and two requests at once share one poll.
fn test(context: &Context, output: &mut Output, which: &AccountTest) -> Result<(), CommandOutcome> {
    let account = known(context, &which.name)?;
    let same_as = runtime()?.block_on(async {
        let client = connect(context).await?;
        unlock(&client, &account, &which.passphrase, output).await?;
        let id = number(&client, &account.name).await?;
        let path = format!("/v1/accounts/{id}/test?prompt=true");
        let test: view::KeyTest = client.send_json("POST", &path, &()).await?;
        let Some(failure) = test.failure else {
            let accounts: Vec<view::AccountView> = client.get("/v1/accounts").await?;
            let known = accounts.into_iter().find(|known| known.id == id);
            return Ok(known.map(|known| known.same_as).unwrap_or_default());
        };
        if let Some(left) = &test.left_alone {
            output.say_left_alone(&account.name, &left.why, left.until);
        }
        let exit = failure.kind.parse().map_or(Exit::Failed, Exit::of);
        let retry_after = test.retry_after_seconds.map(Duration::from_secs);
        let error = CommandError::new(exit, failure.kind, &failure.message)
            .answered(failure.cause.as_ref(), Some(&failure.message));
        Err(CommandError { retry_after, ..error })
    })?;
    output.say_same_account(&account.name, &same_as);
    if !output.json {
        output.line(output.words.with("cli-account-works", [("name", clean(&account.name).into())]))?;
    }
    // What was seen is on disk by now, unless the disk refuses it.
    let store = store_access::open(context)?;
    let readings = store.map(|store| store.last_readings()).transpose()?.unwrap_or_default();
    match readings.into_iter().find(|(id, ..)| *id == account.id) {
        Some((.., seen)) if output.json => {
            output.document(&Record::Reading(ReadingRecord::new(&seen, Some(&account.name))))?;
        }
        Some((.., seen)) => reading::write(output, &seen, Some(&account.name), seen.at)?,
        None if output.json => output.document(&json!({ "works": account.name }))?,
        None => {}
    }
    Ok(())
}

/// Unlocks the encrypted key file where the account's key is in it and the passphrase can be had.
async fn unlock(
    client: &AnyClient,
    account: &Account,
    from: &Passphrase,
    output: &Output,
) -> Result<(), CommandError> {
    let kept_there = matches!(account.credential, Credential::EncryptedFile { .. });
    if kept_there && passphrase::can_be_had(from) {
        passphrase::unlock(client, from, output).await?;
    }
    Ok(())
}
