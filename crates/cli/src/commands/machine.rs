//! `tidemark machine`: this machine, the others, and the exchanges with them.

use std::path::absolute;
use std::pin::pin;
use std::time::Duration;

use chrono::Utc;
use serde_json::json;
use tidemark_api::client::ClientError;
use tidemark_api::view::{self, ExchangeKind};
use tidemark_machines::ssh::{Target, TargetError};

use super::context::{Context, runtime};
use super::transport::{AnyClient, connect};
use super::{machine_export, passphrase, read, store_access};
use crate::arguments::{
    Keep, MachineAction, MachineAdd, MachineRemove, MachineRename, MachineThis, MachineWay, Whether,
};
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::file_errors::{Access, file_error};
use crate::i18n::Catalog;
use crate::output::table::{Cell, Table};
use crate::output::{Output, Style, clean, say};

/// So long an exchange goes on before it is said that it is waited for.
const SAY_AFTER: Duration = Duration::from_secs(3);
/// So long the first exchange is waited for.
const ADD_TIMEOUT: Duration = Duration::from_mins(2);

/// Runs `tidemark machine`.
pub fn run(context: &Context, action: MachineAction) -> Result<Exit, CommandOutcome> {
    if let MachineAction::Export(export) = &action {
        return machine_export::run(context, export);
    }
    let store = store_access::open(context)?;
    let settings = store_access::settings(store.as_ref())?;
    let zone = context.zone(settings.as_ref().map(|s| s.timezone));
    let mut output = context.output(settings.as_ref().and_then(|s| s.language.as_deref()), Some(zone));
    drop(store);
    let exit = match action {
        MachineAction::List => list(context, &mut output)?,
        MachineAction::Add(new) => add(context, &mut output, new)?,
        MachineAction::Remove(which) => remove(context, &mut output, &which)?,
        MachineAction::Forget(which) => forget(context, &mut output, &which.name)?,
        MachineAction::Restore(which) => restore(context, &mut output, &which.name)?,
        MachineAction::Rename(names) => rename(context, &mut output, &names)?,
        MachineAction::Sync(which) => sync(context, &mut output, which.name.as_deref())?,
        MachineAction::This(change) => this(context, &mut output, &change)?,
        MachineAction::Export(_) => Exit::Done,
    };
    output.flush()?;
    Ok(exit)
}

async fn machines(client: &AnyClient) -> Result<view::Machines, CommandError> {
    Ok(client.get("/v1/machines").await?)
}

/// What routes call the machine or exchange of a name: the machine where both have it.
fn key(found: &view::Machines, name: &str) -> Result<String, CommandError> {
    let name = name.trim();
    let machine = found.machines.iter().find(|one| one.name == name).map(|one| &one.key);
    let exchange = found.exchanges.iter().find(|one| one.name == name).map(|one| &one.key);
    machine.or(exchange).cloned().ok_or_else(|| no_such_machine(name))
}

/// What is said where there is no machine of a name.
pub fn no_such_machine(name: &str) -> CommandError {
    CommandError::said(Exit::Failed, "no-such-machine", "cli-no-such-machine", &[("name", name)])
}

fn list(context: &Context, output: &mut Output) -> Result<Exit, CommandOutcome> {
    let found = runtime()?.block_on(async { machines(&connect(context).await?).await })?;
    if output.json {
        output.document(&found)?;
        return Ok(Exit::Done);
    }
    write_this(output, &found.this)?;
    if found.machines.is_empty() && found.exchanges.is_empty() {
        let text = output.words.text("cli-machine-none");
        output.line(text)?;
    }
    if !found.machines.is_empty() {
        output.line("")?;
        machine_table(output, &found).write(output)?;
    }
    if !found.exchanges.is_empty() {
        output.line("")?;
        exchange_table(output, &found.exchanges).write(output)?;
    }
    write_ignored(output, &found)?;
    for exchange in &found.exchanges {
        if let Some(problem) = &exchange.problem {
            let text = problem_text(output, &exchange.name, problem);
            output.paragraph(Style::Plain, 0, &text)?;
        }
    }
    Ok(Exit::Done)
}

fn heads(words: &Catalog, columns: [&str; 4]) -> Table {
    let mut table = Table::default();
    let heads = columns.map(|column| words.text(&format!("cli-machine-{column}")));
    table.head(heads.iter().map(String::as_str));
    table
}

/// The other machines: on which exchange their records come, and what is known of them.
fn machine_table(output: &Output, found: &view::Machines) -> Table {
    let words = &output.words;
    let now = Utc::now();
    let mut table = heads(words, ["machine", "way", "seen", "coverage"]);
    let unknown = || words.text("unknown-mark");
    for machine in &found.machines {
        let way = found.exchanges.iter().find(|one| Some(&one.key) == machine.exchange.as_ref());
        let way = match way {
            Some(exchange) => exchange.name.clone(),
            None if machine.ignored => words.text("cli-machine-ignored"),
            None if machine.last_seen.is_none() => words.text("cli-machine-imported"),
            None => words.text("cli-machine-kept"),
        };
        let seen = machine.last_seen.map(|at| words.moment(at, now, output.zone));
        // Several programs' logs were read at the same times.
        let spans = machine.coverage.iter();
        let from = spans.clone().map(|span| span.from).min();
        let covered = from.zip(spans.map(|span| span.to).max());
        let covered = covered.map(|(from, to)| {
            let (from, to) = (words.moment(from, now, output.zone), words.moment(to, now, output.zone));
            words.with("cli-machine-span", [("from", from.into()), ("to", to.into())])
        });
        table.row([
            Cell::new(&machine.name),
            Cell::new(way),
            Cell::new(seen.unwrap_or_else(unknown)),
            Cell::new(covered.unwrap_or_else(unknown)),
        ]);
    }
    table
}

/// The exchanges: where they are, and how they go.
fn exchange_table(output: &Output, exchanges: &[view::Exchange]) -> Table {
    let words = &output.words;
    let now = Utc::now();
    let mut table = heads(words, ["exchange", "place", "done", "next"]);
    for exchange in exchanges {
        let moment = |at| words.moment(at, now, output.zone);
        let done = exchange.last_done.map_or_else(|| words.text("cli-machine-never"), moment);
        table.row([
            Cell::new(&exchange.name),
            Cell::new(way_text(output, exchange)),
            Cell::new(done),
            Cell::new(moment(exchange.next)),
        ]);
    }
    table
}

/// Names the machines of which nothing is taken in, and how that is undone.
fn write_ignored(output: &mut Output, found: &view::Machines) -> Result<(), CommandOutcome> {
    let muted = found.machines.iter().filter(|machine| machine.ignored).map(|machine| clean(&machine.name));
    let forgotten = found.forgotten.iter().map(|machine| clean(&machine.name));
    let names: Vec<String> = muted.chain(forgotten).collect();
    if names.is_empty() {
        return Ok(());
    }
    let one = shell_word(&names[0]);
    let names = output.words.listed(&names);
    let values = [("names", names.into()), ("name", one.into())];
    let text = output.words.with("cli-machine-ignored-names", values);
    output.line("")?;
    Ok(output.paragraph(Style::Plain, 0, &text)?)
}

/// A name as one word of a command line.
fn shell_word(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_.+:@".contains(c);
    if name.chars().all(is_plain) { clean(name) } else { format!("'{}'", clean(name).replace('\'', "'\\''")) }
}

fn way_text(output: &Output, exchange: &view::Exchange) -> String {
    let key = match exchange.kind {
        ExchangeKind::Ssh => "cli-machine-ssh",
        ExchangeKind::Folder => "cli-machine-folder",
        ExchangeKind::Other => "unknown-mark",
    };
    output.words.with(key, [("place", clean(&exchange.place).into())])
}

fn write_this(output: &mut Output, this: &view::OwnMachine) -> Result<(), CommandOutcome> {
    let words = &output.words;
    let mut lines = vec![words.with("cli-machine-this", [("name", clean(&this.name).into())])];
    let shares = if this.shares_projects { "cli-machine-shares" } else { "cli-machine-shares-not" };
    lines.push(words.text(shares));
    if let Some(why) = &this.renewed {
        lines.extend(words.maybe(&format!("cli-machine-renewed-{why}")));
    }
    for line in lines {
        output.line(line)?;
    }
    Ok(())
}

/// Why an exchange failed, and what to do.
fn problem_text(output: &Output, name: &str, problem: &view::ExchangeProblem) -> String {
    let words = &output.words;
    let code = format!("machine-{}", problem.code);
    let (title, advice) =
        words.failure_title(&code, None).unwrap_or_else(|| (words.text("error-machine-other"), None));
    let first = words.with("cli-machine-failed", [("name", clean(name).into()), ("why", title.into())]);
    let said = problem.said.as_deref().map(|said| words.with("cli-details", [("text", clean(said).into())]));
    [Some(first), advice, said].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// A host that would be an option of `ssh`, or a program that cannot be one, is refused before anything is asked.
fn check_host(way: &MachineWay, command: Option<&str>) -> Result<(), CommandError> {
    let Some(host) = &way.ssh else { return Ok(()) };
    Target::new(host, command).map(drop).map_err(|error| {
        let (key, found) = match error {
            TargetError::Host => ("cli-machine-host", host.as_str()),
            TargetError::Command => ("cli-machine-command", command.unwrap_or_default()),
        };
        CommandError::said(Exit::Usage, "usage", key, &[("found", found)])
    })
}

fn add(context: &Context, output: &mut Output, new: MachineAdd) -> Result<Exit, CommandOutcome> {
    must_not_be_reserved(&new.name)?;
    check_host(&new.way, new.command.as_deref())?;
    let folder = match &new.way.folder {
        None => None,
        Some(folder) => {
            let path = absolute(folder).map_err(|error| file_error(Access::Read, folder, &error))?;
            let text = path.to_str().map(ToOwned::to_owned);
            let text =
                text.ok_or_else(|| CommandError::said(Exit::Usage, "usage", "cli-machine-path", &[]))?;
            Some(text)
        }
    };
    // It is read by the agent: the name alone goes there.
    if let Some(name) = &new.passphrase_env {
        drop(read::secret_of_variable(name, "passphrase")?);
    }
    let typed = if folder.is_some() && new.passphrase_env.is_none() {
        Some(passphrase::ask_for_folder(output)?)
    } else {
        None
    };
    let name = new.name.trim().to_owned();
    let synced = runtime()?.block_on(async {
        let client = connect(context).await?;
        let in_encrypted_file = new.keep == Some(Keep::EncryptedFile);
        if in_encrypted_file {
            passphrase::open(&client, output).await?;
        }
        let body = view::NewMachine {
            name: name.clone(),
            host: new.way.ssh,
            command: new.command,
            folder,
            passphrase: typed,
            passphrase_env: new.passphrase_env,
            in_encrypted_file,
        };
        let found = client.send_json("POST", "/v1/machines", &body).await;
        let found: view::Machines = found.map_err(|error| {
            say(&output.words.text("cli-machine-not-added"));
            added_before(error)
        })?;
        let added = key(&found, &name)?;
        let exchanging = waiting_for(&name, output, client.sync_machines(Some(added)));
        // The first exchange can be long; one with a host that hangs is no reason to sit here.
        match tokio::time::timeout(ADD_TIMEOUT, exchanging).await {
            Ok(synced) => Ok::<_, CommandError>(synced?),
            Err(_) => {
                Err(CommandError::said(Exit::Failed, "time-out", "cli-machine-slow", &[("name", &name)]))
            }
        }
    })?;
    if !output.json {
        output.line(output.words.with("cli-machine-added", [("name", clean(&name).into())]))?;
    }
    write_synced(output, &synced, Some(&name))
}

/// Waits for an exchange, and says so if that takes long.
async fn waiting_for<T>(name: &str, output: &Output, exchanging: impl Future<Output = T>) -> T {
    let say_so = || say(&output.words.with("cli-machine-waiting", [("name", clean(name).into())]));
    saying_after(SAY_AFTER, say_so, exchanging).await
}

/// Waits for something, and does something else if it takes longer.
async fn saying_after<T>(after: Duration, say_so: impl FnOnce(), work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    if let Ok(done) = tokio::time::timeout(after, &mut work).await {
        return done;
    }
    say_so();
    work.await
}

/// Refuses a name that means something else in `--machine`, before anything is asked for.
fn must_not_be_reserved(name: &str) -> Result<(), CommandError> {
    if tidemark_store::is_reserved_machine_name(name) {
        let values = [("name", name.trim())];
        return Err(CommandError::said(Exit::Failed, "name-reserved", "cli-machine-reserved", &values));
    }
    Ok(())
}

/// Where the host or the folder was added before: under which name.
fn added_before(error: ClientError) -> CommandError {
    match error {
        ClientError::Refused(refused) if refused.code == "machine-added-before" => {
            let name = refused.said.unwrap_or_default();
            let values = [("name", name.as_str())];
            CommandError::said(Exit::Failed, "machine-added-before", "cli-machine-added-before", &values)
        }
        error => error.into(),
    }
}

fn remove(context: &Context, output: &mut Output, which: &MachineRemove) -> Result<Exit, CommandOutcome> {
    remove_named(context, output, &which.name, which.usage.drop_use)
}

fn forget(context: &Context, output: &mut Output, name: &str) -> Result<Exit, CommandOutcome> {
    remove_named(context, output, name, true)
}

fn remove_named(
    context: &Context,
    output: &mut Output,
    name: &str,
    drop_use: bool,
) -> Result<Exit, CommandOutcome> {
    let (ignored, has_usage) = runtime()?.block_on(async {
        let client = connect(context).await?;
        let found = machines(&client).await?;
        let key = key(&found, name)?;
        let has_usage =
            found.machines.iter().any(|one| one.key == key || one.exchange.as_ref() == Some(&key));
        let path = format!("/v1/machines/{key}?drop_use={drop_use}");
        let left: view::Machines = client.send_json("DELETE", &path, &()).await?;
        let is_muted = left.machines.iter().any(|machine| machine.key == key && machine.ignored);
        let ignored = is_muted || left.forgotten.iter().any(|machine| machine.key == key);
        Ok::<_, CommandError>((ignored, has_usage))
    })?;
    let name = name.trim();
    if output.json {
        output.document(&json!({ "removed": name, "use_dropped": drop_use, "ignored": ignored }))?;
        return Ok(Exit::Done);
    }
    let text = match (has_usage, drop_use) {
        (false, _) => "cli-machine-removed-unused",
        (true, true) => "cli-machine-removed-use",
        (true, false) => "cli-machine-removed",
    };
    output.line(output.words.with(text, [("name", clean(name).into())]))?;
    if ignored {
        output.line(output.words.with("cli-machine-now-ignored", [("name", shell_word(name).into())]))?;
    }
    Ok(Exit::Done)
}

/// Takes in again what an ignored machine says: all that is in the shared folders now, and what SSH brings later.
fn restore(context: &Context, output: &mut Output, name: &str) -> Result<Exit, CommandOutcome> {
    let (restored, synced) = runtime()?.block_on(async {
        let client = connect(context).await?;
        let found = machines(&client).await?;
        let name = name.trim();
        let muted = found.machines.iter().find(|one| one.ignored && one.name == name).map(|one| &one.key);
        let forgotten = found.forgotten.iter().find(|one| one.name == name).map(|one| &one.key);
        let key = muted.or(forgotten).ok_or_else(|| {
            if found.machines.iter().any(|one| one.name == name) {
                let values = [("name", name)];
                CommandError::said(Exit::Failed, "not-ignored", "cli-machine-not-ignored", &values)
            } else {
                no_such_machine(name)
            }
        })?;
        let wanted = view::MachineChange { ignored: Some(false), ..view::MachineChange::default() };
        let left = change(&client, key, wanted).await?;
        let restored = left.machines.iter().find(|one| one.key == *key).map(|one| one.name.clone());
        let folders = left.exchanges.iter().filter(|one| one.kind == ExchangeKind::Folder);
        let mut synced = view::MachinesSynced { exchanges: Vec::new() };
        for folder in folders {
            synced.exchanges.extend(client.sync_machines(Some(folder.key.clone())).await?.exchanges);
        }
        Ok::<_, CommandError>((restored.unwrap_or_else(|| name.to_owned()), synced))
    })?;
    let failed = synced.exchanges.iter().any(|one| one.problem.is_some());
    if output.json {
        output.document(&json!({ "restored": restored, "exchanges": synced.exchanges }))?;
        return Ok(if failed { Exit::Failed } else { Exit::Done });
    }
    output.line(output.words.with("cli-machine-restored", [("name", clean(&restored).into())]))?;
    if synced.exchanges.is_empty() { Ok(Exit::Done) } else { write_synced(output, &synced, None) }
}

fn rename(context: &Context, output: &mut Output, names: &MachineRename) -> Result<Exit, CommandOutcome> {
    let (name, new) = (names.name.trim(), names.new_name.trim());
    must_not_be_reserved(new)?;
    runtime()?.block_on(async {
        let client = connect(context).await?;
        let key = key(&machines(&client).await?, name)?;
        change(
            &client,
            &key,
            view::MachineChange { name: Some(new.to_owned()), ..view::MachineChange::default() },
        )
        .await
    })?;
    if output.json {
        output.document(&json!({ "renamed": name, "name": new }))?;
    } else {
        let values = [("name", clean(name).into()), ("new", clean(new).into())];
        output.line(output.words.with("cli-account-renamed", values))?;
    }
    Ok(Exit::Done)
}

async fn change(
    client: &AnyClient,
    key: &str,
    change: view::MachineChange,
) -> Result<view::Machines, CommandError> {
    Ok(client.send_json("PATCH", &format!("/v1/machines/{key}"), &change).await?)
}

fn this(context: &Context, output: &mut Output, wanted: &MachineThis) -> Result<Exit, CommandOutcome> {
    wanted.name.as_deref().map_or(Ok(()), must_not_be_reserved)?;
    let found = runtime()?.block_on(async {
        let client = connect(context).await?;
        if wanted.name.is_none() && wanted.share_projects.is_none() {
            return machines(&client).await;
        }
        let shares_projects = wanted.share_projects.map(|whether| whether == Whether::Yes);
        let wanted = view::MachineChange { name: wanted.name.clone(), shares_projects, ignored: None };
        change(&client, "this", wanted).await
    })?;
    if output.json {
        output.document(&found.this)?;
    } else {
        write_this(output, &found.this)?;
    }
    Ok(Exit::Done)
}

fn sync(context: &Context, output: &mut Output, name: Option<&str>) -> Result<Exit, CommandOutcome> {
    let synced = runtime()?.block_on(async {
        let client = connect(context).await?;
        let key = match name {
            None => None,
            Some(name) => Some(key(&machines(&client).await?, name)?),
        };
        let exchanging = client.sync_machines(key);
        let exchanging = match name {
            Some(name) => waiting_for(name, output, exchanging).await,
            None => exchanging.await,
        };
        exchanging.map_err(|error| match error {
            // A machine of which nothing comes any more.
            ClientError::Refused(refused) if refused.code == "no-such-machine" => {
                let values = [("name", name.unwrap_or_default())];
                CommandError::said(Exit::Failed, "no-exchange", "cli-machine-no-exchange", &values)
            }
            error => error.into(),
        })
    })?;
    write_synced(output, &synced, None)
}

fn write_synced(
    output: &mut Output,
    synced: &view::MachinesSynced,
    added: Option<&str>,
) -> Result<Exit, CommandOutcome> {
    let failed = synced.exchanges.iter().any(|one| one.problem.is_some());
    let exit = if failed { Exit::Failed } else { Exit::Done };
    if output.json {
        match added {
            Some(added) => output.document(&json!({ "added": added, "exchanges": synced.exchanges }))?,
            None => output.document(synced)?,
        }
        return Ok(exit);
    }
    if synced.exchanges.is_empty() {
        let text = output.words.text("cli-machine-none");
        output.line(text)?;
    }
    for one in &synced.exchanges {
        if let Some(problem) = &one.problem {
            let text = problem_text(output, &one.name, problem);
            output.paragraph(Style::Plain, 0, &text)?;
            if added.is_some() {
                let text = output.words.with("cli-machine-stays-added", [("name", clean(&one.name).into())]);
                output.paragraph(Style::Plain, 0, &text)?;
            }
            continue;
        }
        let words = &output.words;
        let text = words.with(
            "cli-machine-synced",
            [("name", clean(&one.name).into()), ("received", one.received.into())],
        );
        let written =
            (one.written > 0).then(|| words.with("cli-machine-written", [("count", one.written.into())]));
        let skipped =
            (one.skipped > 0).then(|| words.with("cli-machine-skipped", [("count", one.skipped.into())]));
        let renewed = one.renewed.as_ref().and_then(|why| words.maybe(&format!("cli-machine-renewed-{why}")));
        for line in [Some(text), written, skipped, renewed].into_iter().flatten() {
            output.line(line)?;
        }
    }
    Ok(exit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_takes_long_is_said_and_waited_for() {
        let mut said = false;
        assert_eq!(saying_after(Duration::ZERO, || said = true, std::future::ready(3)).await, 3);
        assert!(!said, "it was done at once");
        let (give, take) = tokio::sync::oneshot::channel();
        let done = saying_after(Duration::ZERO, || give.send(4).unwrap_or_default(), take).await;
        assert_eq!(done, Ok(4), "it goes on after that was said");
    }

    #[test]
    fn a_name_is_one_word_of_a_command_line() {
        for (name, word) in [
            ("laptop", "laptop"),
            ("设备-2", "设备-2"),
            ("desk (2)", "'desk (2)'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
        ] {
            assert_eq!(shell_word(name), word);
        }
    }
}
