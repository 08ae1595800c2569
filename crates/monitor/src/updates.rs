//! Newer versions of this program: whether the user wants to know, when it is asked, and what is known.
//!
//! Nothing is asked before the user has agreed: [`Settings::check_updates`](crate::Settings::check_updates) is `None` until
//! the question was answered, and only `Some(true)` has the engine ask, once a day. A check that the user asks for is one
//! request more.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use semver::Version;
use tidemark_files::private;
use tidemark_update::{Journal, JournalStep, Offered, Outcome, Standing, UpdateError, folder};

use crate::engine::Engine;
use crate::event::EngineEvent;
use crate::update_state::{
    FIRST_RETRY, INTERVAL, JITTER, Memory, UpdateSnapshot, UpdateState, UpdateWork, Updates, varied,
};

/// The key under which it is remembered.
const KEY: &str = "update";
/// How long after the start at the earliest, and by how much that varies.
const AFTER_START: TimeDelta = TimeDelta::minutes(2);
const START_JITTER: TimeDelta = TimeDelta::minutes(8);
/// How long it is said that a newer version was installed.
const SUCCESS_SHOWN: TimeDelta = TimeDelta::days(1);
/// A download shows its progress in steps of this share.
const STEPS: u64 = 50;

/// Whether what became of an installation is still worth saying: that it failed, while that version is newer than this
/// one; that it succeeded, for a day.
fn is_news(outcome: &Outcome, own: &Version, now: DateTime<Utc>) -> bool {
    let is_newer = outcome.version.as_ref().is_none_or(|version| version > own);
    if outcome.code.is_some() { is_newer } else { now - outcome.at < SUCCESS_SHOWN }
}

/// Whoever installs this version waits for its agent, and has not written down yet that it is here.
fn just_installed(data_dir: &Path, own: &Version, now: DateTime<Utc>) -> Option<Outcome> {
    let journal = Journal::read(data_dir)?;
    let is_own = journal.to == *own && journal.step == JournalStep::Replaced;
    is_own.then(|| Outcome::of(Some(own.clone()), now, &Ok(())))
}

/// Something is going on until this is dropped.
struct Working<'a>(&'a Engine);

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.0.shared.state().update.work = None;
        self.0.announce(EngineEvent::Overview);
    }
}

impl Engine {
    /// Has the engine know of newer versions, with what it knew of them before. Without this it asks for none.
    pub async fn set_updates(&self, updates: Updates) {
        let remembered = self.read(|store| store.setting::<Memory>(KEY)).await;
        let memory = remembered.unwrap_or_else(|error| {
            tracing::warn!(%error, "what is known of newer versions is forgotten");
            None
        });
        let memory = memory.unwrap_or_default();
        let kept = memory.document.clone().zip(memory.signature.clone());
        let offered =
            kept.and_then(|(document, signature)| updates.client.verified(document, signature).ok());
        let now = self.now();
        let due = memory.checked_at.map_or(now, |at| at.min(now) + INTERVAL + varied(JITTER));
        let mut state = self.shared.state();
        state.update = UpdateState {
            next_at: Some(due.max(now + AFTER_START + varied(START_JITTER))),
            offered,
            memory,
            outcome: Outcome::last(self.data_dir())
                .or_else(|| just_installed(self.data_dir(), &updates.own, now)),
            ..UpdateState::default()
        };
        drop(state);
        // Set once; a second time would mean the same.
        let _ = self.shared.updates.set(Arc::new(updates));
    }

    /// What is known of newer versions; `None` where the engine knows of none, as with sample data.
    #[must_use]
    pub fn update_snapshot(&self) -> Option<UpdateSnapshot> {
        let updates = self.shared.updates.get()?;
        let now = self.now();
        let state = self.shared.state();
        let update = &state.update;
        Some(UpdateSnapshot {
            own: updates.own.clone(),
            installed_by: updates.installed_by,
            replaces_itself: updates.place.is_some(),
            has_key: updates.client.source().has_key(),
            page: updates.client.source().page(),
            consent: state.settings.check_updates,
            checked_at: update.memory.checked_at,
            newer: update.offered.clone().filter(|offered| offered.release.version > updates.own),
            work: update.work,
            failure: update.failure.clone(),
            outcome: update.outcome.clone().filter(|outcome| is_news(outcome, &updates.own, now)),
        })
    }

    /// Whether the user has agreed and the time has come. It has not again until [`Engine::check_for_update`] has ended.
    pub(crate) fn update_check_due(&self, now: DateTime<Utc>) -> bool {
        let Some(updates) = self.shared.updates.get() else { return false };
        let mut state = self.shared.state();
        if state.settings.check_updates != Some(true) || !updates.client.source().has_key() {
            return false;
        }
        let update = &mut state.update;
        // A clock that was set back keeps no check waiting for longer than usual.
        let latest = now + INTERVAL + JITTER;
        let due = update.work.is_none() && update.next_at.is_some_and(|at| at <= now || at > latest);
        if due {
            update.next_at = Some(now + FIRST_RETRY);
        }
        due
    }

    /// Asks for the newest release: because its time has come, or the user asks. What comes of it is in
    /// [`Engine::update_snapshot`], too.
    ///
    /// # Errors
    /// [`UpdateError::Busy`] while something else goes on; as [`ReleaseClient::newest`]; [`UpdateError::Older`] if what is
    /// offered is older than this program or than what was offered before.
    pub async fn check_for_update(&self) -> Result<Standing, UpdateError> {
        let updates = self.known_updates()?;
        let working = self.begin_update(UpdateWork::Checking)?;
        let newest = updates.client.newest().await;
        let now = self.now();
        let judged = {
            let mut state = self.shared.state();
            let known = state.update.offered.as_ref().map(|offered| offered.release.version.clone());
            let judged = newest.and_then(|offered| {
                let standing = offered.release.standing(&updates.own, known.as_ref())?;
                Ok((standing, offered))
            });
            let update = &mut state.update;
            update.plan(now, judged.is_err());
            update.failure = judged.as_ref().err().cloned();
            if let Ok((_, offered)) = &judged {
                update.memory.checked_at = Some(now);
                update.memory.document = Some(offered.document.clone());
                update.memory.signature = Some(offered.signature.clone());
                update.offered = Some(offered.clone());
            }
            judged
        };
        drop(working);
        match judged {
            Ok((standing, offered)) => {
                tracing::info!(version = %offered.release.version, ?standing, "asked for the newest version");
                self.remember_updates().await;
                Ok(standing)
            }
            Err(error) => {
                tracing::info!(%error, "the newest version is not known");
                Err(error)
            }
        }
    }

    /// Downloads the newer version, and has it installed by `install`, which is given nothing but what lies in the data
    /// folder, and usually ends this engine.
    ///
    /// # Errors
    /// [`UpdateError::NothingNewer`], [`UpdateError::Managed`] and [`UpdateError::NoFile`] where there is nothing to install;
    /// [`UpdateError::Busy`] while something else goes on; as [`ReleaseClient::download`]; and as `install` says.
    pub async fn install_update<F>(&self, install: impl FnOnce() -> F + Send) -> Result<(), UpdateError>
    where
        F: Future<Output = Result<(), UpdateError>> + Send,
    {
        let working = self.begin_update(UpdateWork::Downloading { received: 0, size: 0 })?;
        // What became of an earlier one is no news any more.
        Outcome::forget(self.data_dir());
        self.shared.state().update.outcome = None;
        let installed = async {
            self.download_newer().await?;
            self.show_update_work(UpdateWork::Installing);
            install().await
        };
        let installed = installed.await;
        if let Err(error) = &installed {
            tracing::warn!(%error, "the newer version is not installed");
        }
        {
            let mut state = self.shared.state();
            state.update.failure = installed.as_ref().err().cloned();
            state.update.outcome = Outcome::last(self.data_dir());
        }
        drop(working);
        installed
    }

    async fn download_newer(&self) -> Result<PathBuf, UpdateError> {
        let updates = self.known_updates()?;
        let place = updates.place.as_ref().ok_or(UpdateError::Managed)?;
        let offered = self.shared.state().update.offered.clone();
        let nothing = || UpdateError::NothingNewer(updates.own.clone());
        let Offered { release, document, signature } = offered.ok_or_else(nothing)?;
        if release.version <= updates.own {
            return Err(nothing());
        }
        let (system, processor) = (std::env::consts::OS, std::env::consts::ARCH);
        let file = release.file_for(place.file_kind(), system, processor);
        let file = file.ok_or_else(|| UpdateError::NoFile(release.version.clone()))?;
        let dir = folder(self.data_dir());
        let progress = |received: u64| {
            let step = |received: u64| received.saturating_mul(STEPS) / file.size.max(1);
            let before = match self.shared.state().update.work {
                Some(UpdateWork::Downloading { received, size }) if size > 0 => Some(step(received)),
                _ => None,
            };
            if before != Some(step(received)) {
                self.show_update_work(UpdateWork::Downloading { received, size: file.size });
            }
        };
        let downloaded = updates.client.download(&release.version, file, &dir, &progress).await?;
        // Beside the file lies what it is verified by, once more, by whoever installs it.
        for (name, text) in [("release.json", document), ("release.json.minisig", signature)] {
            let path = dir.join(name);
            let written = private::replace(&path, |out| out.write_all(text.as_bytes()));
            written.map_err(|error| UpdateError::of_file(&path, &error))?;
        }
        Ok(downloaded.path)
    }

    /// The newer version, the first time that it is asked for this one: the user is notified of each version once. Nothing
    /// while the user wants no notifications, or none at this hour.
    pub async fn update_to_mention(&self) -> Option<Version> {
        let zone = self.settings().timezone;
        let time = self.now().with_timezone(&zone).time();
        let version = {
            let own = self.shared.updates.get()?.own.clone();
            let mut state = self.shared.state();
            let settings = &state.settings;
            if settings.check_updates != Some(true) || !settings.notifications || settings.is_quiet(time) {
                return None;
            }
            let update = &mut state.update;
            let version = update.offered.as_ref()?.release.version.clone();
            if version <= own || update.memory.mentioned.as_ref().is_some_and(|known| *known >= version) {
                return None;
            }
            update.memory.mentioned = Some(version.clone());
            version
        };
        // On disk before it is shown: rather not at all than at every start.
        self.remember_updates().await.then_some(version)
    }

    fn known_updates(&self) -> Result<Arc<Updates>, UpdateError> {
        self.shared.updates.get().cloned().ok_or(UpdateError::NoKey)
    }

    fn begin_update(&self, work: UpdateWork) -> Result<Working<'_>, UpdateError> {
        let mut state = self.shared.state();
        if state.update.work.is_some() {
            return Err(UpdateError::Busy);
        }
        state.update.work = Some(work);
        state.update.failure = None;
        drop(state);
        self.announce(EngineEvent::Overview);
        Ok(Working(self))
    }

    fn show_update_work(&self, work: UpdateWork) {
        self.shared.state().update.work = Some(work);
        self.announce(EngineEvent::Overview);
    }

    /// Writes down what is known; whether that could be done.
    async fn remember_updates(&self) -> bool {
        let memory = self.shared.state().update.memory.clone();
        let written = self.write(move |store| store.set_setting(KEY, &memory)).await;
        if let Err(error) = &written {
            tracing::warn!(%error, "what is known of newer versions could not be written down");
        }
        written.is_ok()
    }
}
