//! Putting a downloaded version in the place of this one. This process is of the former version, and stays until the new
//! one has answered: its agent runs, and says that it is of the new version. Otherwise the former one comes back.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use chrono::Utc;
use semver::Version;
use tidemark_api::client::Client;
use tidemark_core::text;
use tidemark_files::{lock, private, read};
use tidemark_monitor::lock::{Lock, LockError};
use tidemark_update::{
    InstalledBy, Journal, JournalStep, Limits, Outcome, Place, ReleaseClient, ReleaseSource, Standing,
    UpdateError, folder, own_version, program_of, sha256_of_file,
};
use tokio::process::{Child, Command};

use super::super::held_folder::{HoldError, hold};
use super::super::successor;
use super::history;

/// How long a program may take to say its version.
const VERSION_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the new agent may take until it answers: it may have a long history to bring up to date.
const START_TIMEOUT: Duration = Duration::from_mins(3);
/// How often it is asked meanwhile.
const POLL: Duration = Duration::from_millis(50);
/// How long an agent that has ended may leave another one time to answer.
const ANOTHER_TIMEOUT: Duration = Duration::from_secs(5);
/// The most bytes of what a program said that are kept.
const MAX_SAID: u64 = 16 * 1024;

/// Held by whoever installs, so that no two do, and so that an agent knows that one is at work.
struct Turn {
    _file: File,
}

impl Turn {
    fn take(data_dir: &Path) -> Result<Self, UpdateError> {
        let path = folder(data_dir).join("lock");
        let mut options = private::options();
        options.read(true).write(true).create(true).truncate(false);
        let failed = |error: std::io::Error| UpdateError::of_file(&path, &error);
        let file = options.open(&path).map_err(failed)?;
        if lock::take(&file).map_err(failed)? { Ok(Self { _file: file }) } else { Err(UpdateError::Busy) }
    }
}

/// Installs what lies in the data folder, verified once more. What comes of it is written down for the next agent.
pub async fn apply(data_dir: &Path) -> Result<(), UpdateError> {
    let _turn = Turn::take(data_dir)?;
    Outcome::forget(data_dir);
    let mut version = None;
    let result = async {
        let ready = Ready::find(data_dir)?;
        version = Some(ready.to.clone());
        ready.install(data_dir).await
    };
    let result = result.await;
    Outcome::of(version, Utc::now(), &result).keep(data_dir);
    result
}

/// What is to be installed.
struct Ready {
    place: Place,
    downloaded: PathBuf,
    from: Version,
    to: Version,
}

impl Ready {
    /// Finds it, and verifies it: it may have lain there for long.
    fn find(data_dir: &Path) -> Result<Self, UpdateError> {
        let from = own_version();
        let place = InstalledBy::of_this_program().1.ok_or(UpdateError::Managed)?;
        let dir = folder(data_dir);
        let text = |name: &str| {
            let path = dir.join(name);
            read::text(&path, 1 << 20).map_err(|error| UpdateError::of_file(&path, &error))
        };
        let client = ReleaseClient::new(ReleaseSource::of_this_program()?, Limits::default());
        let release = client.verified(text("release.json")?, text("release.json.minisig")?)?.release;
        if release.standing(&from, None)? == Standing::Current {
            return Err(UpdateError::NothingNewer(from));
        }
        let file = release.file_for(place.file_kind(), std::env::consts::OS, std::env::consts::ARCH);
        let file = file.ok_or_else(|| UpdateError::NoFile(release.version.clone()))?;
        let downloaded = dir.join(&file.name);
        let hash = sha256_of_file(&downloaded).map_err(|error| UpdateError::of_file(&downloaded, &error))?;
        if hash != file.sha256 {
            return Err(UpdateError::Checksum);
        }
        Ok(Self { place, downloaded, from, to: release.version })
    }

    async fn install(&self, data_dir: &Path) -> Result<(), UpdateError> {
        // What can be tried before anything is replaced is tried then.
        if let Some(program) = self.place.prepare(&self.downloaded, data_dir)?
            && let Err(said) = says_version(&program, &self.to).await
        {
            self.place.discard(data_dir);
            return Err(self.not_started(said));
        }
        let (lock, was_running) = match hold(data_dir).await.map_err(not_held) {
            Ok(held) => held,
            Err(error) => {
                self.place.discard(data_dir);
                return Err(error);
            }
        };
        if let Err(error) = self.replace(data_dir, lock) {
            self.place.discard(data_dir);
            history::forget(data_dir);
            return self.start_former(data_dir, was_running, error).await;
        }
        match self.start_new(data_dir).await {
            Ok(()) => {
                self.place.confirm(data_dir);
                Journal::remove(data_dir);
                history::forget(data_dir);
                let _ = fs::remove_file(&self.downloaded);
                if !was_running {
                    // It was started to see whether it does.
                    let _ = Client::for_data_dir(data_dir).end().await;
                }
                tracing::info!(from = %self.from, to = %self.to, "updated");
                Ok(())
            }
            Err(said) => self.roll_back(data_dir, said, was_running).await,
        }
    }

    /// With the data folder held, so that nothing is being written: a copy of the history, then the exchange.
    fn replace(&self, data_dir: &Path, lock: Lock) -> Result<(), UpdateError> {
        history::keep(data_dir)?;
        let Self { place, from, to, .. } = self;
        let journal = |step| Journal { from: from.clone(), to: to.clone(), place: place.clone(), step };
        journal(JournalStep::Replacing).write(data_dir)?;
        // The installer for Windows starts the new agent itself, which needs the folder.
        let held = (!matches!(place, Place::WindowsInstaller { .. })).then_some(lock);
        let replaced =
            place.replace(&self.downloaded).and_then(|()| journal(JournalStep::Replaced).write(data_dir));
        drop(held);
        if let Err(error) = replaced {
            self.put_back(data_dir)?;
            return Err(error);
        }
        Ok(())
    }

    fn put_back(&self, data_dir: &Path) -> Result<(), UpdateError> {
        let put_back = self.place.put_back(data_dir);
        put_back
            .map_err(|error| UpdateError::NotPutBack { version: self.to.clone(), said: error.to_string() })?;
        Journal::remove(data_dir);
        Ok(())
    }

    fn not_started(&self, said: String) -> UpdateError {
        UpdateError::NotStarted { version: self.to.clone(), said }
    }

    /// Starts the new agent, and waits until one of the new version answers; says why none does.
    async fn start_new(&self, data_dir: &Path) -> Result<(), String> {
        let program = program_of(&self.place);
        says_version(&program, &self.to).await?;
        let log = folder(data_dir).join("start.log");
        let mut child = None;
        // The installer for Windows has started it.
        if !matches!(self.place, Place::WindowsInstaller { .. }) {
            child = Some(start(&program, data_dir, &log)?);
        }
        let client = Client::for_data_dir(data_dir);
        let begun = Instant::now();
        let mut ended = None;
        while begun.elapsed() < START_TIMEOUT {
            match client.agent_version().await {
                Ok(version) if version == self.to.to_string() => return Ok(()),
                // A window of the former version has started one of its own.
                Ok(version) if version == self.from.to_string() => {
                    let _ = client.end().await;
                    child = Some(start(&program, data_dir, &log)?);
                    ended = None;
                }
                _ => {}
            }
            if ended.is_none() && child.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None))) {
                ended = Some(Instant::now());
            }
            if ended.is_some_and(|at| at.elapsed() > ANOTHER_TIMEOUT) {
                return Err(
                    said_in(&log).unwrap_or_else(|| "the agent ended right after its start".to_owned())
                );
            }
            tokio::time::sleep(POLL).await;
        }
        if let Some(child) = &mut child {
            let _ = child.kill().await;
        }
        Err(format!("its agent did not answer within {} minutes", START_TIMEOUT.as_secs() / 60))
    }

    /// Has the former version, and a history that it can read, in place again.
    async fn roll_back(&self, data_dir: &Path, said: String, was_running: bool) -> Result<(), UpdateError> {
        tracing::warn!(said, "the new version did not start");
        let failed = |why: String| UpdateError::NotPutBack { version: self.to.clone(), said: why };
        let (lock, _) = hold(data_dir).await.map_err(|error| failed(not_held(error).to_string()))?;
        self.put_back(data_dir)?;
        let history = history::put_back(data_dir);
        drop(lock);
        let error = match history {
            Ok(()) => self.not_started(said),
            Err(error) => failed(error.to_string()),
        };
        self.start_former(data_dir, was_running, error).await
    }

    /// Starts the agent of the former version again, which then says why it is not the new one's.
    async fn start_former(
        &self,
        data_dir: &Path,
        was_running: bool,
        error: UpdateError,
    ) -> Result<(), UpdateError> {
        let failed = Err(error);
        Outcome::of(Some(self.to.clone()), Utc::now(), &failed).keep(data_dir);
        if was_running && !successor::start_program(&program_of(&self.place), data_dir).await {
            tracing::warn!("the agent of the former version did not start again");
        }
        failed
    }
}

fn not_held(error: HoldError) -> UpdateError {
    match error {
        HoldError::Agent(_) | HoldError::Lock(LockError::Taken { .. }) => UpdateError::AgentStays,
        HoldError::Lock(LockError::Io { dir, source }) => UpdateError::of_file(&dir, &source),
        HoldError::Lock(LockError::Folder(error)) => UpdateError::History(error.to_string()),
    }
}

/// Has a program say its version, which must be this one.
async fn says_version(program: &Path, wanted: &Version) -> Result<(), String> {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).kill_on_drop(true);
    successor::without_console(&mut command);
    let output = match tokio::time::timeout(VERSION_TIMEOUT, command.output()).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => return Err(error.to_string()),
        Err(_) => return Err(format!("it did not say its version within {} s", VERSION_TIMEOUT.as_secs())),
    };
    let said = String::from_utf8_lossy(&output.stdout);
    let version = said.split_whitespace().nth(1).unwrap_or_default();
    if output.status.success() && version == wanted.to_string() {
        return Ok(());
    }
    let error = String::from_utf8_lossy(&output.stderr);
    let said = text::sentence(if error.trim().is_empty() { said.trim() } else { error.trim() });
    Err(if said.is_empty() { format!("it ended with {}", output.status) } else { said })
}

/// Starts an agent whose trouble goes into a file: this process may be gone while it still writes.
fn start(program: &Path, data_dir: &Path, log: &Path) -> Result<Child, String> {
    let _ = fs::remove_file(log);
    let log = private::append(log).map_err(|error| error.to_string())?;
    let mut command = successor::agent_of(program, data_dir);
    command.stderr(log).spawn().map_err(|error| error.to_string())
}

/// The last line of what a program said.
fn said_in(log: &Path) -> Option<String> {
    let said = String::from_utf8_lossy(&read::bytes(log, MAX_SAID).ok()?).into_owned();
    let last = said.lines().rev().find(|line| !line.trim().is_empty())?;
    Some(text::sentence(last))
}

/// What an agent that begins does, before it opens the history, about an installation that was cut off: where it is of the
/// former version, that one is put in its place again. While an installation is going on, the former version's agent does
/// not begin: the folder is for the new one.
pub fn recover(data_dir: &Path) -> Result<(), UpdateError> {
    let Some(journal) = Journal::read(data_dir).filter(|journal| journal.from == own_version()) else {
        return Ok(());
    };
    let _turn = Turn::take(data_dir)?;
    tracing::warn!(to = %journal.to, "an update was cut off; this version stays");
    journal.recover(data_dir, &journal.from)?;
    if let Err(error) = history::put_back(data_dir) {
        tracing::warn!(%error, "the history stays as the newer version left it");
    }
    let cut_off = UpdateError::NotStarted { version: journal.to.clone(), said: "it was cut off".to_owned() };
    Outcome::of(Some(journal.to), Utc::now(), &Err(cut_off)).keep(data_dir);
    Ok(())
}

/// What an agent that answers does about it: it is of the new version, which stays, unless whoever installs it waits for this
/// very answer and does the rest.
pub fn confirm(data_dir: &Path) {
    let Some(journal) = Journal::read(data_dir) else { return };
    let Ok(_turn) = Turn::take(data_dir) else { return };
    if let Err(error) = journal.recover(data_dir, &own_version()) {
        tracing::warn!(%error, "an update that was cut off could not be completed");
        return;
    }
    history::forget(data_dir);
    Outcome::of(Some(journal.to), Utc::now(), &Ok(())).keep(data_dir);
}
