//! `tidemark restore`: a backup takes the place of the history and settings; what was there is kept.

use std::path::{Path, PathBuf};

use chrono::Utc;
use serde::Serialize;
use tidemark_core::Credential;
use tidemark_monitor::{Hosts, OpenError};
use tidemark_store::{DatabaseContent, DatabaseFile, FILE_NAME, Restoring, StoreError, StoredCredential};
use tidemark_vault::{Vault, VaultConfig};

use super::backup::{content_json, say_content};
use super::context::{Context, runtime};
use super::held_folder::{HoldError, hold};
use super::{successor, transport};
use crate::arguments::Restore;
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::output::{Output, clean};

/// Runs `tidemark restore`.
pub fn run(context: &Context, restore: &Restore) -> Result<Exit, CommandOutcome> {
    let mut output = context.output(None, None);
    let data_dir = context.data_dir()?;
    let backup = checked(&data_dir, &restore.file)?;
    // Whatever the keys need is found before anything is touched.
    let vault = Vault::new(VaultConfig::new(&data_dir, transport::home()?));
    let hosts = transport::hosts()?;
    let (done, agent) = runtime()?.block_on(async {
        let (lock, was_running) = hold(&data_dir).await.map_err(not_held)?;
        let done = put_in_place(&data_dir, &backup, &hosts);
        drop(lock);
        // Also where it did not work: the agent goes on with what it had.
        let agent = match was_running {
            false => AgentAfter::NotRunning,
            true if successor::start(&data_dir).await => AgentAfter::Restarted,
            true => AgentAfter::Stopped,
        };
        let InPlace { content, kept, withheld } = done.map_err(|error| of_backup(&restore.file, error))?;
        let keys = keys(&vault, content.accounts.as_deref().unwrap_or_default()).await;
        Ok::<_, CommandError>((Done { content, kept, withheld, keys }, agent))
    })?;
    let path = std::path::absolute(&restore.file).unwrap_or_else(|_| restore.file.clone());
    if output.json {
        let mut document = content_json(&done.content);
        document["path"] = path.display().to_string().into();
        document["kept"] = done.kept.map(|kept| kept.display().to_string()).into();
        document["agent"] = serde_json::to_value(agent).unwrap_or_default();
        document["withheld"] = serde_json::to_value(&done.withheld).unwrap_or_default();
        document["accounts"] = serde_json::to_value(done.keys).unwrap_or_default();
        output.document(&document)?;
    } else {
        say(&mut output, &path, &done, agent)?;
    }
    output.flush()?;
    Ok(Exit::Done)
}

/// What was restored.
struct Done {
    content: DatabaseContent,
    /// Where the former database is.
    kept: Option<PathBuf>,
    /// The accounts that would have sent a key of this machine to another address.
    withheld: Vec<String>,
    keys: Vec<AccountKey>,
}

/// A backup that is in the place of the history.
struct InPlace {
    content: DatabaseContent,
    kept: Option<PathBuf>,
    withheld: Vec<String>,
}

/// What became of the background agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum AgentAfter {
    NotRunning,
    /// It was ended, and another one runs.
    Restarted,
    /// It was ended, and did not come up again.
    Stopped,
}

/// Whether the key of a restored account can be had here.
#[derive(Debug, Serialize)]
struct AccountKey {
    name: String,
    key: KeyHere,
    /// The stable word of why not.
    why: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum KeyHere {
    Found,
    Missing,
    /// It cannot be looked for: the keyring or the file is locked.
    Unknown,
}

/// Opens a backup and reads all of it, before anything is touched.
fn checked(data_dir: &Path, file: &Path) -> Result<DatabaseFile, CommandError> {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    if real(file).is_some_and(|file| Some(file) == real(&data_dir.join(FILE_NAME))) {
        let file = file.display().to_string();
        return Err(CommandError::said(Exit::Usage, "own-file", "cli-restore-itself", &[("file", &file)]));
    }
    let checked = DatabaseFile::open(file).and_then(|backup| {
        backup.must_be_known()?;
        backup.check_integrity()?;
        Ok(backup)
    });
    checked.map_err(|error| of_backup(file, error))
}

/// What is wrong with a backup is no trouble with the history.
fn of_backup(file: &Path, error: StoreError) -> CommandError {
    let name = file.display().to_string();
    let said = |kind, key, more: &[(&'static str, &str)]| {
        let values = [&[("file", name.as_str())], more].concat();
        CommandError::said(Exit::Failed, kind, key, &values)
    };
    match error {
        StoreError::Newer { .. } => said("backup-newer", "cli-restore-newer", &[]),
        StoreError::NotOurs(_) => said("backup-not-ours", "cli-restore-not-ours", &[]),
        StoreError::Damaged(why) => said("backup-damaged", "cli-restore-damaged", &[("why", &why)]),
        StoreError::Busy => said("store-busy", "cli-restore-busy", &[]),
        error => error.into(),
    }
}

fn not_held(error: HoldError) -> CommandError {
    match error {
        HoldError::Lock(error) => OpenError::Lock(error).into(),
        HoldError::Agent(error) => error.into(),
    }
}

fn put_in_place(data_dir: &Path, backup: &DatabaseFile, hosts: &Hosts) -> Result<InPlace, StoreError> {
    let restoring = Restoring::begin(data_dir, backup)?;
    let withheld =
        restoring.withhold_keys(|source, region, address| hosts.is_service(source, region, address))?;
    let content = restoring.content()?;
    let kept = restoring.keep_former(Utc::now())?;
    restoring.finish()?;
    Ok(InPlace { content, kept, withheld })
}

/// Searches for the accounts' keys, without asking anyone for a password.
async fn keys(vault: &Vault, accounts: &[StoredCredential]) -> Vec<AccountKey> {
    let mut keys = Vec::with_capacity(accounts.len());
    for StoredCredential { name, region, credential, .. } in accounts {
        let (key, why) = match credential {
            None => (KeyHere::Unknown, None),
            // Its token is had when it is needed.
            Some(Credential::KimiCodeServer {}) => (KeyHere::Found, None),
            Some(credential) => match vault.key(credential, *region, Utc::now()).await {
                Ok(_) => (KeyHere::Found, None),
                Err(error) => {
                    let locked = error.code().starts_with("keyring-") || error.code() == "file-locked";
                    (if locked { KeyHere::Unknown } else { KeyHere::Missing }, Some(error.code()))
                }
            },
        };
        keys.push(AccountKey { name: name.clone(), key, why });
    }
    keys
}

fn say(output: &mut Output, path: &Path, done: &Done, agent: AgentAfter) -> std::io::Result<()> {
    let file = clean(&path.display().to_string());
    output.line(output.words.with("cli-restore-done", [("file", file.into())]))?;
    say_content(output, &done.content)?;
    if let Some(kept) = &done.kept {
        let kept = clean(&kept.display().to_string());
        output.line(output.words.with("cli-restore-kept", [("file", kept.into())]))?;
    }
    match agent {
        AgentAfter::NotRunning => {}
        AgentAfter::Restarted => output.line(output.words.text("cli-restore-agent-restarted"))?,
        AgentAfter::Stopped => output.line(output.words.text("cli-restore-agent-stopped"))?,
    }
    if !done.withheld.is_empty() {
        let names: Vec<String> = done.withheld.iter().map(|name| clean(name)).collect();
        output.line(
            output.words.with("cli-restore-withheld", [("names", output.words.listed(&names).into())]),
        )?;
    }
    for (wanted, key) in
        [(KeyHere::Missing, "cli-restore-keys-missing"), (KeyHere::Unknown, "cli-restore-keys-unknown")]
    {
        let of = done
            .keys
            .iter()
            .filter(|account| account.key == wanted && !done.withheld.contains(&account.name));
        let names: Vec<String> = of.map(|account| clean(&account.name)).collect();
        if !names.is_empty() {
            output.line(output.words.with(key, [("names", output.words.listed(&names).into())]))?;
        }
    }
    Ok(())
}
