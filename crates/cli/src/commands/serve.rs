//! `tidemark serve`: the page for browsers, over one data folder.
//!
//! Beside a running agent it passes requests on to it: there is one engine for a folder, it has what is not stored (what
//! is being polled, what waits for a second reading), and its events. Without one it runs the engine itself, as the agent
//! without a tray does, so that a server needs one process. It takes the place of an
//! agent that ends for good.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tidemark_api::client::Client;
use tidemark_api::server::{
    AccessToken, Page, PageFile, TokenFileError, WebOptions, make_token, read_token_file, relay,
    write_token_file,
};
use tidemark_monitor::lock::Lock;
use tokio_util::sync::CancellationToken;

use super::context::{Context, runtime};
use super::successor;
use super::token_file::{TOKEN_FILE, token_error};
use super::transport::config;
use crate::agent::{self, Announce, Demo, Options, PageNote, open_web};
use crate::arguments::{Serve, ServeAction};
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::i18n::Language;
use crate::output;

/// How often it is checked whether the agent is still there.
const AGENT_CHECK_INTERVAL: Duration = Duration::from_secs(2);
/// So many checks it may be away, as it is while a newer version takes its place.
const MAX_MISSED_CHECKS: u32 = 5;
/// What may still be going on at the end.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);
/// How long connections may take to end before they are cut off.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);

/// Runs `tidemark serve`.
pub fn run(context: &Context, mut serve: Serve) -> Result<Exit, CommandOutcome> {
    if let Some(ServeAction::Token(token)) = serve.action.take() {
        return super::serve_token::run(context, &token.action);
    }
    if !serve.allow_remote && !serve.listen.ip().is_loopback() {
        let found = serve.listen.to_string();
        return Err(CommandError::said(Exit::Usage, "usage", "serve-remote", &[("found", &found)]).into());
    }
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        if serve.demo {
            let (demo, config) = Demo::begin(context.zone(None)).await?;
            let folder = config.data_dir.clone();
            let page = Served::new(context, serve, &folder)?;
            let ended = agent::run(config, page.options(context, false), Some(page.web())).await;
            drop(demo);
            return ended;
        }
        let data_dir = context.data_dir()?;
        tidemark_files::folder::make_private(&data_dir).map_err(|error| CommandError::from(&error))?;
        beside_or_alone(context, Served::new(context, serve, &data_dir)?, &data_dir).await
    });
    runtime.shutdown_timeout(SHUTDOWN_TIMEOUT);
    Ok(ended.map(|()| Exit::Done)?)
}

async fn beside_or_alone(context: &Context, mut served: Served, data_dir: &Path) -> Result<(), CommandError> {
    let agent = Client::for_data_dir(data_dir);
    if matches!(agent.end_if_older().await, Ok(true)) {
        successor::start(data_dir).await;
    }
    // Asked again each time: another agent may have come right after one had gone.
    while agent.is_running().await {
        match pass_on(&mut served, data_dir).await? {
            Ended::Stopped => return Ok(()),
            Ended::AgentGone => tracing::info!("the agent has gone; this process takes its place"),
        }
    }
    let options = served.options(context, false);
    agent::run(config(context, data_dir)?, options, Some(served.web())).await
}

/// Why passing on ended.
enum Ended {
    Stopped,
    AgentGone,
}

/// Passes requests on to the agent until this process is to end, or the agent has gone and its folder is free.
async fn pass_on(served: &mut Served, data_dir: &Path) -> Result<Ended, CommandError> {
    let stop = CancellationToken::new();
    let (web, serving) = open_web(served.web(), relay(data_dir), stop.clone().cancelled_owned()).await?;
    // Whoever takes the agent's place serves the same address.
    served.address = web.address;
    let mut serving = tokio::spawn(serving);
    if !served.is_said {
        served.note(true).say(&web);
    }
    let ended = tokio::select! {
        () = agent::stopped() => Ended::Stopped,
        () = agent::stdin_ended(), if served.asked.while_stdin => Ended::Stopped,
        () = agent_gone(data_dir) => Ended::AgentGone,
        _ = &mut serving => return Ok(Ended::Stopped),
    };
    stop.cancel();
    if tokio::time::timeout(CLOSE_TIMEOUT, &mut serving).await.is_err() {
        serving.abort();
    }
    served.is_said = true;
    Ok(ended)
}

async fn agent_gone(data_dir: &Path) {
    let agent = Client::for_data_dir(data_dir);
    let mut missed = 0;
    loop {
        tokio::time::sleep(AGENT_CHECK_INTERVAL).await;
        missed = if agent.is_running().await { 0 } else { missed + 1 };
        if missed >= MAX_MISSED_CHECKS && Lock::take(data_dir).is_ok() {
            return;
        }
    }
}

/// What is served, as it was asked for.
struct Served {
    asked: Serve,
    address: SocketAddr,
    token_file: PathBuf,
    language: Language,
    page: Page,
    /// Where the page is has been said.
    is_said: bool,
}

impl Served {
    fn new(context: &Context, asked: Serve, data_dir: &Path) -> Result<Self, CommandError> {
        let token_file = asked.token_file.clone().unwrap_or_else(|| data_dir.join(TOKEN_FILE));
        match read_token_file(&token_file) {
            Ok(_) => warn_of_readers(context, &token_file),
            Err(TokenFileError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                write_token_file(&token_file, &make_token()).map_err(token_error)?;
            }
            Err(error) => return Err(token_error(error)),
        }
        let language = Language::choose(context.language.as_deref(), None);
        let page = asked.ui.clone().map_or_else(built_in, Page::Folder);
        Ok(Self { address: asked.listen, asked, token_file, language, page, is_said: false })
    }

    fn web(&self) -> WebOptions {
        WebOptions {
            address: self.address,
            token: AccessToken::File(self.token_file.clone()),
            page: self.page.clone(),
            base_path: self.asked.base_path.clone(),
            allowed_hosts: self.asked.allow_host.clone(),
            allow_remote: self.asked.allow_remote,
            read_only: self.asked.read_only,
        }
    }

    fn note(&self, beside_agent: bool) -> PageNote {
        PageNote {
            token_file: self.token_file.clone(),
            read_only: self.asked.read_only,
            beside_agent,
            name: self.asked.allow_host.first().cloned(),
            language: self.language,
        }
    }

    fn options(&self, context: &Context, beside_agent: bool) -> Options {
        let announce = if self.is_said { Announce::Nothing } else { Announce::Page(self.note(beside_agent)) };
        Options {
            tray: false,
            announce,
            language: context.language.clone(),
            while_stdin: self.asked.while_stdin,
        }
    }
}

/// The window's code that is part of this program.
fn built_in() -> Page {
    if tidemark_page::FILES.is_empty() {
        return Page::None;
    }
    let files: Vec<PageFile> =
        tidemark_page::FILES.iter().map(|(path, gzip)| PageFile { path, gzip }).collect();
    // For as long as the process serves.
    Page::Files(files.leak())
}

/// A secret that a container's system has put there is often readable by everyone in the container; elsewhere it should
/// not be.
fn warn_of_readers(context: &Context, path: &Path) {
    if tidemark_files::read::open_private(path)
        .is_err_and(|error| tidemark_files::read::is_not_private(&error))
    {
        let file = output::clean(&path.display().to_string());
        output::complain(&context.words(None).with("serve-token-open", [("file", file.into())]));
    }
}
