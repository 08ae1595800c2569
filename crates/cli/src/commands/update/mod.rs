//! `tidemark update`: what is known of newer versions, whether they are asked for, and installing one.

mod apply;
mod history;
mod say;

pub use apply::{confirm, recover};

use std::io::{BufRead as _, IsTerminal as _};
use std::time::Duration;

use serde_json::json;
use tidemark_api::view;
use tidemark_api::view::{UpdateAction, UpdateOrder, UpdateOrderWord};

use super::context::{Context, runtime};
use super::transport::{AnyClient, connect};
use crate::arguments::Update;
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::output::{Output, say as say_aside};
use crate::updates::updates;

/// How often a download is asked how far it is.
const PROGRESS_POLL: Duration = Duration::from_millis(150);
/// A terminal is shown the progress in steps of this many percent.
const SHOWN_STEP: u32 = 10;

/// Runs `tidemark update`.
pub fn run(context: &Context, update: &Update) -> Result<Exit, CommandOutcome> {
    if update.apply {
        return Ok(apply_alone(context)?);
    }
    let runtime = runtime()?;
    // Said at once, and not only where an engine would have none.
    updates().map_err(|error| say::command_error(&error))?;
    let mut output = output(context)?;
    if update.install {
        return runtime.block_on(install(context, &mut output));
    }
    let known = runtime.block_on(async {
        let client = connect(context).await?;
        let known: view::Update = client.get("/v1/update").await?;
        if update.on && !known.can_check {
            // Nothing is remembered that this build cannot do.
            return Err(say::cannot_check().into());
        }
        if update.on || update.off {
            return consent(&client, update.on).await;
        }
        if update.check {
            return order(&client, UpdateOrderWord::Check).await;
        }
        let known = match known.consent {
            None if known.can_check && may_ask(&output) => {
                let agreed = ask(&mut output)?;
                consent(&client, agreed).await?
            }
            _ => known,
        };
        if known.consent == Some(true) && known.can_check && known.work.is_none() {
            return order(&client, UpdateOrderWord::Check).await;
        }
        Ok::<_, CommandOutcome>(known)
    })?;
    let failed = say::failure(&known);
    if let (true, Some(error)) = (update.check, failed) {
        return Err(error.into());
    }
    show(&mut output, &known)?;
    output.flush()?;
    Ok(Exit::Done)
}

/// The output in the language and the zone of the settings.
fn output(context: &Context) -> Result<Output, CommandError> {
    let store = super::store_access::open(context)?;
    let settings = super::store_access::settings(store.as_ref())?;
    let language = settings.as_ref().and_then(|settings| settings.language.as_deref());
    Ok(context.output(language, settings.as_ref().map(|settings| settings.timezone)))
}

/// Whether there is somebody who can answer.
fn may_ask(output: &Output) -> bool {
    !output.json && std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Asks whether newer versions may be asked for. No answer is no.
fn ask(output: &mut Output) -> std::io::Result<bool> {
    output.line(output.words.text("cli-update-ask"))?;
    output.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "是" | "好"))
}

async fn consent(client: &AnyClient, agreed: bool) -> Result<view::Update, CommandOutcome> {
    let change = json!({ "check_updates": agreed });
    let _: view::Settings = client.send_json("PATCH", "/v1/settings", &change).await?;
    Ok(client.get("/v1/update").await?)
}

async fn order(client: &AnyClient, action: UpdateOrderWord) -> Result<view::Update, CommandOutcome> {
    Ok(client.send_json("POST", "/v1/update", &UpdateOrder { action }).await?)
}

fn show(output: &mut Output, known: &view::Update) -> std::io::Result<()> {
    if output.json {
        let newer = known.newer.as_ref();
        let newer = newer.map(|version| json!({ "version": version, "date": known.newer_date }));
        return output.document(&json!({
            "version": known.version,
            "newer": newer,
            "checked_at": known.checked_at,
            "consent": known.consent,
            "installed_by": known.installed_by,
            "replaces_itself": known.replaces_itself,
            "command": known.command,
            "page": known.page,
            "failure": known.failure,
            "failed_installation": known.failed_installation,
        }));
    }
    output.line(output.words.with("cli-update-version", [("version", known.version.as_str().into())]))?;
    for line in &known.lines {
        let text = say::line(&output.words, line, output.zone);
        output.line(text)?;
    }
    if known.actions.contains(&UpdateAction::Install) {
        output.line(output.words.text("cli-update-install"))?;
    }
    if known.can_check && known.consent != Some(true) {
        output.line(output.words.text("cli-update-on"))?;
    }
    Ok(())
}

/// Asks for the newest version, downloads it, and puts it in the place of this one.
async fn install(context: &Context, output: &mut Output) -> Result<Exit, CommandOutcome> {
    let client = connect(context).await?;
    let known = order(&client, UpdateOrderWord::Check).await?;
    if let Some(error) = say::failure(&known) {
        return Err(error.into());
    }
    let Some(version) = known.newer.clone() else {
        show(output, &known)?;
        output.flush()?;
        return Ok(Exit::Done);
    };
    if !known.replaces_itself {
        return Err(say::managed(&known, output.zone).into());
    }
    download(&client, output).await?;
    // With an engine of its own this command holds the data folder until here.
    drop(client);
    let data_dir = context.data_dir()?;
    say_aside(&output.words.text("update-installing"));
    let from = known.version;
    let installed = apply::apply(&data_dir).await;
    installed.map_err(|error| say::command_error(&error))?;
    if output.json {
        output.document(&json!({ "version": version, "from": from, "installed": true }))?;
    } else {
        output.line(output.words.with("update-updated", [("version", version.as_str().into())]))?;
    }
    output.flush()?;
    Ok(Exit::Done)
}

async fn download(client: &AnyClient, output: &Output) -> Result<(), CommandOutcome> {
    let mut known = order(client, UpdateOrderWord::Download).await?;
    let shown = std::io::stderr().is_terminal() && !output.json;
    let mut last = None;
    while known.work.is_some() {
        if let Some((line, percent)) = known.lines.first().and_then(|line| Some((line, say::percent(line)?)))
            && shown
            && last.is_none_or(|last| percent >= last + SHOWN_STEP)
        {
            last = Some(percent);
            say_aside(&say::line(&output.words, line, output.zone));
        }
        tokio::time::sleep(PROGRESS_POLL).await;
        known = client.get("/v1/update").await?;
    }
    say::failure(&known).map_or(Ok(()), |error| Err(error.into()))
}

/// Installs what an agent has downloaded: the agent's own way to have itself replaced. What comes of it is written down
/// for the next agent.
fn apply_alone(context: &Context) -> Result<Exit, CommandError> {
    let data_dir = context.data_dir()?;
    runtime()?.block_on(apply::apply(&data_dir)).map_err(|error| say::command_error(&error))?;
    Ok(Exit::Done)
}
