//! `tidemark agent`: the engine with tray, notifications and local interface, in the foreground.

use std::time::{Duration, Instant};

use tidemark_api::client::Client;
use tidemark_api::server::{Page, WebOptions, make_token};
use tidemark_monitor::lock::Lock;

use super::context::{Context, runtime};
use super::transport::config;
use crate::agent::{self, Announce, Demo, Options};
use crate::arguments::Agent;
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::tray;

/// Another command may hold the folder for a moment; an agent holds it for good.
const LOCK_TIMEOUT: Duration = Duration::from_secs(3);
/// An agent that was asked to quit finishes what it writes, and gives what is around it a few seconds.
const QUIT_TIMEOUT: Duration = Duration::from_secs(15);
/// What may still be going on when the agent ends: a keyring that does not answer, for instance.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

/// Runs `tidemark agent`.
pub fn run(context: &Context, agent: Agent) -> Result<Exit, CommandOutcome> {
    if agent.quit || agent.end {
        return end_running(context, if agent.quit { "/v1/quit" } else { "/v1/end" });
    }
    // The interface hands out what only its user may know; other machines are not to reach it.
    if let Some(address) = agent.listen.filter(|address| !address.ip().is_loopback()) {
        let found = address.to_string();
        return Err(CommandError::said(Exit::Usage, "usage", "cli-agent-listen", &[("found", &found)]).into());
    }
    let token = make_token();
    let web = agent
        .listen
        .map(|address| WebOptions::on_loopback(address, &token, agent.ui.map_or(Page::None, Page::Folder)));
    let in_json = context.common.json || agent.demo || web.is_some();
    let options = Options {
        tray: !agent.no_tray,
        announce: if in_json { Announce::Places(Some(token)) } else { Announce::Words },
        language: context.language.clone(),
        while_stdin: agent.while_stdin,
    };
    #[cfg(target_os = "macos")]
    crate::application::enter();
    let ended = tray::beside_event_loop(options.tray, || run_engine(context, agent.demo, options, web));
    Ok(ended.map(|()| Exit::Done)?)
}

fn run_engine(
    context: &Context,
    demo: bool,
    options: Options,
    web: Option<WebOptions>,
) -> Result<(), CommandError> {
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        if demo {
            let zone = context.zone(None);
            let (demo, config) = Demo::begin(zone).await?;
            let ended = agent::run(config, options, web).await;
            drop(demo);
            return ended;
        }
        let data_dir = context.data_dir()?;
        wait_for_folder(&data_dir).await?;
        agent::run(config(context, &data_dir)?, options, web).await
    });
    runtime.shutdown_timeout(SHUTDOWN_TIMEOUT);
    ended
}

/// Asks a running agent by this request to end, and waits until its folder is free. Where none runs, that is done.
fn end_running(context: &Context, path: &str) -> Result<Exit, CommandOutcome> {
    let data_dir = context.data_dir()?;
    if !data_dir.is_dir() {
        return Ok(Exit::Done);
    }
    runtime()?
        .block_on(async {
            let client = Client::for_data_dir(&data_dir);
            if client.is_running().await {
                let _: serde_json::Value = client.send_json("POST", path, &()).await?;
            }
            let begun = Instant::now();
            while Lock::take(&data_dir).is_err() {
                if begun.elapsed() > QUIT_TIMEOUT {
                    return Err(CommandError::new(Exit::Failed, "io", "the agent did not quit"));
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Ok(Exit::Done)
        })
        .map_err(Into::into)
}

/// Says so at once where an agent runs already; waits a moment where only a command is at work.
async fn wait_for_folder(data_dir: &std::path::Path) -> Result<(), CommandError> {
    let client = Client::for_data_dir(data_dir);
    let begun = Instant::now();
    loop {
        if client.is_running().await {
            let dir = data_dir.display().to_string();
            let values = [("dir", dir.as_str())];
            return Err(CommandError::said(Exit::Failed, "already-running", "cli-agent-already", &values));
        }
        if Lock::take(data_dir).is_ok() || begun.elapsed() > LOCK_TIMEOUT {
            // Given back at once: the engine takes it for itself, and says why where it cannot.
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
