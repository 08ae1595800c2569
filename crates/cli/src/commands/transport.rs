//! The one way of a command to an engine: over the socket of the running agent, or to the same routes over an
//! engine of this process.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_api::client::{Client, ClientError, SocketTransport, Transport};
use tidemark_api::server::{InProcessTransport, Services, router};
use tidemark_core::FailureKind;
use tidemark_core::calendar::reckonable;
use tidemark_monitor::lock::LockError;
use tidemark_monitor::{
    Engine, EngineConfig, EngineError, FastClock, Hosts, OpenError, SharedClock, SystemClock,
};
use tidemark_vault::{Vault, VaultConfig, VaultError};

use super::context::Context;
use super::successor;
use crate::exit::{CommandError, Exit};
use crate::i18n::{Catalog, Language};
use crate::service::kimi_client;
use crate::updates::updates;

/// Names one loopback address that stands in for all services: for tests against the simulator.
const STAND_IN_VARIABLE: &str = "TIDEMARK_STAND_IN";
/// With a stand-in, another clock: `2026-11-22T00:00:00Z*60` begins then and runs sixty times as fast. With
/// `@` and a number of real seconds since 1970 behind it, it began at that moment.
const CLOCK_VARIABLE: &str = "TIDEMARK_CLOCK";
/// How long the user may take to answer the keyring's window before the command says that it waits.
const PROMPT_TIMEOUT: Duration = Duration::from_mins(1);
/// How long another command may hold the data folder before this one gives up.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// A client over whatever carries its requests.
pub type AnyClient = Client<Box<dyn Transport>>;

/// Finds out who answers: the running agent, or the same routes over an engine of this process, which holds the
/// data folder until the client is dropped. An agent that is older than this program is asked to end, and one
/// of this version takes its place.
pub async fn connect(context: &Context) -> Result<AnyClient, CommandError> {
    let data_dir = context.data_dir()?;
    let agent = Client::for_data_dir(&data_dir);
    // One that does not end is asked as it is: it knew this command before.
    if matches!(agent.end_if_older().await, Ok(true)) {
        successor::start(&data_dir).await;
    }
    let begun = Instant::now();
    loop {
        if agent.is_running().await {
            return Ok(Client::new(Box::new(SocketTransport::for_data_dir(&data_dir))));
        }
        match Engine::open(config(context, &data_dir)?) {
            Ok(engine) => {
                engine.resume().await?;
                match updates() {
                    Ok(updates) => engine.set_updates(updates).await,
                    Err(error) => tracing::warn!(%error, "newer versions are not asked for"),
                }
                let router = router(engine, Arc::new(CommandServices));
                return Ok(Client::new(Box::new(InProcessTransport::new(router))));
            }
            // Another command at work, or an agent that is just starting or ending.
            Err(OpenError::Lock(LockError::Taken { .. })) if begun.elapsed() < LOCK_TIMEOUT => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// What a command does for a route beyond the engine: none of its requests needs any of it.
struct CommandServices;

impl Services for CommandServices {
    fn test_notification(&self) -> Result<(), String> {
        Err("only the agent shows notifications".to_owned())
    }

    fn start_at_login(&self, _: bool) -> Result<(), String> {
        Err("only the agent is started at login".to_owned())
    }

    fn words(&self, language: Option<&str>) -> (String, Box<dyn tidemark_core::report::Words + Send>) {
        let language = language.and_then(Language::of_locale).unwrap_or(Language::English);
        (language.tag().to_owned(), Box::new(Catalog::new(language)))
    }
}

/// What an engine on the user's own data is made from.
pub fn config(context: &Context, data_dir: &Path) -> Result<EngineConfig, CommandError> {
    let home = home()?;
    Ok(EngineConfig {
        data_dir: data_dir.to_path_buf(),
        vault: Vault::new(VaultConfig {
            prompt_timeout: PROMPT_TIMEOUT,
            ..VaultConfig::new(data_dir, &home)
        }),
        home,
        environment: tidemark_logs::Environment::of_process(),
        hosts: hosts()?,
        clock: clock()?,
        client: kimi_client()?,
        zone: context.zone(None),
        demo: false,
    })
}

/// The user's home folder.
pub fn home() -> Result<PathBuf, CommandError> {
    directories::BaseDirs::new()
        .map(|dirs| dirs.home_dir().to_path_buf())
        .ok_or_else(|| CommandError::said(Exit::Failed, "io", "cli-no-home", &[]))
}

/// The base addresses of the services: the variables' or the official ones.
pub fn hosts() -> Result<Hosts, CommandError> {
    let Some(root) = std::env::var_os(STAND_IN_VARIABLE).filter(|root| !root.is_empty()) else {
        return Ok(Hosts::official());
    };
    let root = root.to_string_lossy();
    // Whatever the variable says, keys do not leave this machine by it.
    if !root.starts_with("http://") {
        return Err(CommandError::usage(format!(
            "{STAND_IN_VARIABLE} must be http on a loopback address, found `{root}`"
        )));
    }
    Ok(Hosts::endpoint_override(&root)?)
}

/// The clock: the machine's, unless tests against the simulator bring another.
fn clock() -> Result<SharedClock, CommandError> {
    // An empty variable counts as unset.
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let (Some(text), Some(_)) = (set(CLOCK_VARIABLE), set(STAND_IN_VARIABLE)) else {
        return Ok(SystemClock::shared());
    };
    let text = text.to_string_lossy();
    let parsed = || {
        let (start, rest) = text.split_once('*')?;
        let (speed, since) = rest.split_once('@').map_or((rest, None), |(speed, since)| (speed, Some(since)));
        let start: DateTime<Utc> = start.parse().ok()?;
        let speed: f64 = speed.parse().ok()?;
        let passed = match since {
            Some(since) => Utc::now().timestamp_millis() as f64 / 1000.0 - since.parse::<f64>().ok()?,
            None => 0.0,
        };
        let ahead = TimeDelta::try_milliseconds((passed * speed * 1000.0) as i64)?;
        let sane = speed.is_finite() && speed > 0.0 && speed <= 1e6;
        sane.then_some(FastClock::shared(reckonable(start).checked_add_signed(ahead)?, speed))
    };
    parsed().ok_or_else(|| {
        CommandError::usage(format!("{CLOCK_VARIABLE} must be like 2026-11-22T00:00:00Z*60, found `{text}`"))
    })
}

impl From<OpenError> for CommandError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => error.into(),
            OpenError::Lock(LockError::Taken { dir, .. }) => {
                let folder = dir.display().to_string();
                Self::said(Exit::Failed, "already-running", "cli-folder-in-use", &[("folder", &folder)])
            }
            OpenError::Lock(LockError::Folder(error)) => (&error).into(),
            OpenError::Lock(LockError::Io { dir, source }) => {
                let folder = dir.display().to_string();
                Self::said(Exit::Failed, "io", "cli-folder-not-used", &[("folder", &folder)]).quoting(source)
            }
        }
    }
}

impl From<VaultError> for CommandError {
    fn from(error: VaultError) -> Self {
        let exit = match error {
            VaultError::KeyEmpty | VaultError::KeyMalformed(_) | VaultError::VariableName => Exit::Usage,
            _ => Exit::Failed,
        };
        Self::new(exit, error.code(), &error).because(&error.cause())
    }
}

impl From<EngineError> for CommandError {
    fn from(error: EngineError) -> Self {
        let message = error.to_string();
        match error {
            EngineError::NoSuchAccount => Self::new(Exit::Failed, "no-such-account", message),
            EngineError::NameTaken(_) => Self::new(Exit::Failed, "name-taken", message),
            EngineError::NameReserved(name) => {
                Self::said(Exit::Failed, "name-reserved", "cli-machine-reserved", &[("name", &name)])
            }
            EngineError::NoSuchMachine => Self::new(Exit::Failed, "no-such-machine", message),
            EngineError::Exchange(problem) => {
                let kind = format!("machine-{}", problem.kind.as_str());
                Self::new(Exit::Failed, kind, message).quoting(problem.said.unwrap_or_default())
            }
            EngineError::Vault(error) => error.into(),
            EngineError::KeyTest(failure) => (*failure).into(),
            EngineError::BaseUrl(error) => error.into(),
            EngineError::JustNow => Self::new(Exit::Later, "just-now", message),
            EngineError::ForeignAddress { .. } => Self::new(Exit::Usage, "foreign-address", message),
            EngineError::Name(_) => Self::new(Exit::Usage, "name-not-usable", message),
            EngineError::Target(_) => Self::new(Exit::Usage, "machine-host", message),
            EngineError::Channel(error) => Self::new(Exit::Usage, error.code(), message),
            EngineError::NoSuchChannel => Self::new(Exit::Failed, "no-such-channel", message),
            EngineError::Delivery(failure) => {
                let kind = format!("channel-{}", failure.code.as_str());
                Self::new(Exit::Failed, kind, message).quoting(failure.said.unwrap_or_default())
            }
            EngineError::Input(_) => Self::new(Exit::Usage, "input", message),
            EngineError::Settings(_) => Self::new(Exit::Usage, "settings", message),
            EngineError::StoreHandle(tidemark_monitor::StoreHandleError::Store(error)) => error.into(),
            EngineError::StoreHandle(_) => Self::new(Exit::Failed, "store-failed", message),
            EngineError::Internal => Self::new(Exit::Failed, "internal", message),
        }
    }
}

impl From<ClientError> for CommandError {
    fn from(error: ClientError) -> Self {
        let message = error.to_string();
        match error {
            ClientError::NotOurs(_) => Self::new(Exit::Failed, "folder-not-private", message),
            ClientError::Refused(refused) => {
                let exit = match refused.code.as_str() {
                    "input"
                    | "settings"
                    | "machine-host"
                    | "machine-command"
                    | "base-url"
                    | "foreign-address"
                    | "name-not-usable"
                    | "variable-name"
                    | "key-empty"
                    | "key-several-words"
                    | "key-odd-character"
                    | "channel-address-missing"
                    | "channel-address-bad"
                    | "channel-address-private"
                    | "channel-secret-missing"
                    | "channel-to"
                    | "channel-from"
                    | "channel-program"
                    | "channel-kind"
                    | "channel-kinds"
                    | "channel-quiet"
                    | "channel-level"
                    | "channel-timezone"
                    | "channel-digest" => Exit::Usage,
                    "just-now" => Exit::Later,
                    code => code.parse::<FailureKind>().map_or(Exit::Failed, Exit::of),
                };
                Self::new(exit, refused.code, refused.message)
                    .answered(refused.cause.as_deref(), refused.said.as_deref())
            }
            ClientError::Broken(said) => Self::new(Exit::Failed, "agent-unreachable", message).quoting(said),
            _ => Self::new(Exit::Failed, "agent-unreachable", message),
        }
    }
}
