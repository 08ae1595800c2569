//! The agent: the engine with everything around it — tray, notifications, local interface — until it is
//! asked to end.

mod channels;
mod demo;
mod end;
pub mod log;
mod page_note;
mod services;
mod tray_feed;
mod update_notice;
mod web;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde::Serialize;
use tidemark_api::server::{Web, WebOptions, router, serve_local};
use tidemark_core::AccountId;
use tidemark_core::text::escape_json;
use tidemark_monitor::{Engine, EngineConfig, EngineEvent, NotificationState, TrayState};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::autostart;
use crate::commands::{confirm_update, recover_update};
use crate::exit::{CommandError, Exit};
use crate::i18n::{Catalog, Language};
use crate::notify;
use crate::tray::Action;
use crate::updates::updates;
use crate::window;

pub use demo::Demo;
pub use end::{stdin_ended, stopped};
pub use page_note::PageNote;
pub use web::open_web;

/// How long what is around the engine may take to end.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(3);

/// How the agent is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Show a tray icon.
    pub tray: bool,
    /// The language that was asked for on the command line.
    pub language: Option<String>,
    /// What to say on standard output once it runs.
    pub announce: Announce,
    /// End when standard input ends, so that an agent on sample data does not outlive its window, also where
    /// that crashed.
    pub while_stdin: bool,
}

/// What a running agent says of itself.
#[derive(Debug, Clone)]
pub enum Announce {
    /// That it runs, for people.
    Words,
    /// Where everything is, in a JSON line. With the token, if the interface is served over TCP too.
    Places(Option<String>),
    /// Where browsers find it.
    Page(PageNote),
    /// Nothing: it has been said.
    Nothing,
}

/// Where a running agent is to be found.
#[derive(Debug, Serialize)]
struct Announcement<'a> {
    version: &'static str,
    pid: u32,
    data_dir: &'a Path,
    socket: String,
    demo: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

/// Runs an agent until it is asked to end: by a signal, from the tray, or over its interface. With `web`, browsers are
/// served too.
pub async fn run(
    config: EngineConfig,
    options: Options,
    web: Option<WebOptions>,
) -> Result<(), CommandError> {
    let data_dir = config.data_dir.clone();
    let demo = config.demo;
    if !demo {
        // Before the history is opened: it may be one of the version that did not start.
        recover_update(&data_dir)
            .map_err(|error| CommandError::new(Exit::Failed, "update-busy", &error).quoting(error))?;
    }
    let engine = Engine::open(config)?;
    let logging = log::begin(&data_dir);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), demo, "the agent begins");
    engine.resume().await?;
    engine.set_notifications(NotificationState::Working);
    if !demo {
        match updates() {
            Ok(updates) => engine.set_updates(updates).await,
            Err(error) => tracing::warn!(%error, "newer versions are not asked for"),
        }
    }
    keep_entry_right(&engine);

    let stop = CancellationToken::new();
    let around = TaskTracker::new();
    let (words, words_now) = watch::channel(Arc::new(words_of(&engine, &options)));
    let (actions, to_fulfil) = mpsc::unbounded_channel();

    let services = Arc::new(services::AgentServices::new(words_now.clone(), demo, data_dir.clone()));
    let routes = router(engine.clone(), services);
    let local = serve_local(&data_dir, routes.clone(), stop.clone().cancelled_owned())
        .await
        .map_err(|error| CommandError::new(Exit::Failed, "io", &error).quoting(error))?;
    around.spawn(local);
    let announcement = Announcement {
        version: env!("CARGO_PKG_VERSION"),
        pid: std::process::id(),
        data_dir: &data_dir,
        socket: local_name(&data_dir),
        demo,
        url: None,
        token: None,
    };
    let web = match web {
        Some(web) => {
            let (web, serving) = open_web(web, routes, stop.clone().cancelled_owned()).await?;
            around.spawn(serving);
            Some(web)
        }
        None => None,
    };

    around.spawn(update_notice::run(engine.clone(), words_now.clone(), stop.clone()));
    around.spawn(notify::run(engine.clone(), words_now.clone(), actions.clone(), stop.clone()));
    around.spawn(channels::run(engine.clone(), words_now.clone(), stop.clone()));
    if options.tray {
        tray_feed::begin(&engine, &around, words_now, actions, &stop).await;
    } else {
        engine.set_tray(TrayState::Off);
    }
    around.spawn(follow_settings(engine.clone(), options.clone(), words, stop.clone()));
    around.spawn(fulfil(engine.clone(), to_fulfil, data_dir.clone(), stop.clone()));
    around.spawn(end_on_signal(engine.clone(), stop.clone()));
    if options.while_stdin {
        let (engine, stop) = (engine.clone(), stop.clone());
        around.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = stdin_ended() => engine.end(),
            }
        });
    }
    around.close();

    if !demo {
        confirm_update(&data_dir);
    }
    announce(announcement, &options, &engine, web.as_ref());
    engine.run().await;
    tracing::info!("the agent ends");
    stop.cancel();
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, around.wait()).await.is_err() {
        tracing::warn!("something around the engine did not end in time and is left behind");
    }
    logging.finish();
    Ok(())
}

fn announce(announcement: Announcement<'_>, options: &Options, engine: &Engine, web: Option<&Web>) {
    let line = match (&options.announce, web) {
        (Announce::Words, _) => words_of(engine, options).text("cli-agent-running"),
        (Announce::Page(note), Some(web)) => return note.say(web),
        (Announce::Places(token), _) => {
            let url = web.map(Web::url);
            let token = token.clone().filter(|_| url.is_some());
            let announcement = Announcement { url, token, ..announcement };
            escape_json(&serde_json::to_string(&announcement).unwrap_or_default()).into_owned()
        }
        (Announce::Page(_) | Announce::Nothing, _) => return,
    };
    let mut stdout = io::stdout();
    // An agent whose reader has gone runs all the same.
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

#[cfg(unix)]
fn local_name(data_dir: &Path) -> String {
    tidemark_api::paths::socket(data_dir).display().to_string()
}

#[cfg(windows)]
fn local_name(data_dir: &Path) -> String {
    tidemark_api::paths::pipe(data_dir)
}

fn words_of(engine: &Engine, options: &Options) -> Catalog {
    let setting = engine.settings().language;
    Catalog::new(Language::choose(options.language.as_deref(), setting.as_deref()))
}

/// An entry for the login that was made from another place points at this program from now on.
fn keep_entry_right(engine: &Engine) {
    if engine.is_demo() || !engine.settings().start_at_login {
        return;
    }
    // Where the user removed it by the desktop's own means, that is respected.
    match autostart::is_set() {
        Ok(true) => {
            if let Err(error) = autostart::set(true) {
                tracing::warn!(%error, "the entry that starts the agent at login could not be renewed");
            }
        }
        Ok(false) => {}
        Err(error) => tracing::warn!(%error, "it is not known whether the agent starts at login"),
    }
}

/// Keeps the words in the language of the settings.
async fn follow_settings(
    engine: Engine,
    options: Options,
    words: watch::Sender<Arc<Catalog>>,
    stop: CancellationToken,
) {
    let mut events = engine.events();
    loop {
        let event = tokio::select! {
            () = stop.cancelled() => return,
            event = events.recv() => event,
        };
        match event {
            Ok(EngineEvent::Settings) | Err(RecvError::Lagged(_)) => {
                let setting = engine.settings().language;
                let language = Language::choose(options.language.as_deref(), setting.as_deref());
                if language != words.borrow().language() {
                    words.send_replace(Arc::new(Catalog::new(language)));
                }
            }
            Ok(_) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// Does what the user chose in the tray or by a click on a notification.
async fn fulfil(
    engine: Engine,
    mut actions: mpsc::UnboundedReceiver<Action>,
    data_dir: PathBuf,
    stop: CancellationToken,
) {
    loop {
        let action = tokio::select! {
            () = stop.cancelled() => return,
            action = actions.recv() => action,
        };
        let Some(action) = action else { return };
        let done = match action {
            Action::Open { account, token } => {
                engine.show(account.map(AccountId));
                if let Err(error) = window::open(&data_dir, account, token.as_deref()) {
                    tracing::warn!(%error, "the window does not open");
                }
                Ok(())
            }
            Action::Refresh => {
                engine.refresh(None);
                Ok(())
            }
            Action::PauseHour => engine.pause(Some(engine.now() + TimeDelta::hours(1))).await.map(drop),
            Action::PauseUntilTomorrow => engine.pause(None).await.map(drop),
            Action::Resume => engine.go_on().await,
            Action::Quit => {
                engine.quit();
                Ok(())
            }
            Action::End => {
                engine.end();
                Ok(())
            }
        };
        if let Err(error) = done {
            tracing::warn!(%error, "an action from the tray failed");
        }
    }
}

async fn end_on_signal(engine: Engine, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = stopped() => engine.end(),
    }
}
