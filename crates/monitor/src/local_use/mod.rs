//! Local use: follows the session logs of the command lines on this machine and keeps the index of them.
//!
//! Something written to a log is noticed by a watch; a rescan every few minutes finds what a watch cannot
//! notice. Nothing is read while nothing is written.

mod ascribe;
pub mod index;
mod known_again;
mod watch;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};
use tidemark_core::AccountId;
use tidemark_kimi::PriceList;
use tidemark_logs::{Format, Roots};
use tokio::sync::Notify;

use crate::engine::{Engine, EngineEvent};
use crate::look::pace;
pub use tidemark_logs::EARLIEST;

use ascribe::Candidate;
use index::{Asked, Progress, Updated, update};
use watch::Watch;

/// How often it is asked whether folders of logs came or went. That is a handful of questions.
const TICK: Duration = Duration::from_secs(30);
/// How often all logs are looked through though nothing was noticed.
const RESCAN: TimeDelta = TimeDelta::minutes(5);
/// The same where nothing can be noticed.
const RESCAN_BLIND: TimeDelta = TimeDelta::minutes(1);
/// What is written comes in bursts; a look follows once one has had this long.
const BURST: Duration = Duration::from_millis(300);
/// The pause between two looks is at least this, and this many times as long as a look took.
const PAUSE: Duration = Duration::from_secs(1);
const PAUSE_TIMES: u32 = 20;
/// The longest of these pauses, so that the window follows soon on any machine.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// A scan that takes longer is shown.
const SLOW: Duration = Duration::from_secs(1);
/// How often a slow scan says how far it is.
const TELL: Duration = Duration::from_millis(250);
/// Use is going on where a log was written to within this.
const IN_USE: TimeDelta = TimeDelta::minutes(2);

/// How reading the logs goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageState {
    /// It is going on now.
    pub running: bool,
    /// It has gone on for more than a second.
    pub slow: bool,
    /// How far it is.
    pub progress: Progress,
    /// When all logs were last looked through to the end.
    pub last_done: Option<DateTime<Utc>>,
    /// Files that could not be opened or read.
    pub unreadable: u64,
    /// The folders that are looked in and are there.
    pub homes: Vec<(Format, std::path::PathBuf)>,
    /// Folders named in the settings that are not there.
    pub missing: Vec<std::path::PathBuf>,
    /// Whether changes are noticed at once.
    pub watching: bool,
}

/// A key's hash, to compare it with one that stands in a configuration. It stays in memory.
pub(crate) fn key_digest(key: &SecretString) -> [u8; 32] {
    Sha256::digest(key.expose_secret().trim()).into()
}

impl Engine {
    /// How reading the logs goes.
    #[must_use]
    pub fn usage_state(&self) -> UsageState {
        self.state().logs.clone()
    }

    /// The price list: the public one, with what a `prices.toml` in the data folder knows better. One that
    /// cannot be read is passed over, and said in the log.
    #[must_use]
    pub fn prices(&self) -> PriceList {
        PriceList::with_own(self.data_dir()).unwrap_or_else(|error| {
            tracing::warn!(%error, "prices.toml in the data folder is passed over");
            PriceList::public().clone()
        })
    }

    /// Looks through the logs soon: homes or accounts changed.
    pub(crate) fn look_at_logs(&self) {
        self.usage_wake().notify_one();
    }

    /// Keeps an account's key comparable, and looks again at whose use is whose where it was not before.
    pub(crate) fn note_key(&self, id: AccountId, key: &SecretString) {
        let digest = Some(key_digest(key));
        let mut state = self.state();
        let Some(watched) = state.accounts.get_mut(&id) else { return };
        if watched.key_digest != digest {
            watched.key_digest = digest;
            drop(state);
            self.look_at_logs();
        }
    }

    /// Follows the logs until the engine ends.
    pub(crate) async fn follow_logs(&self) {
        let wake = Arc::clone(self.usage_wake());
        let watch = tokio::task::spawn_blocking({
            let wake = Arc::clone(&wake);
            move || Watch::new(move || wake.notify_one())
        });
        let Ok(mut watch) = watch.await else { return };
        let mut roots = Roots::default();
        let mut last: Option<DateTime<Utc>> = None;
        let mut look = true;
        loop {
            let now = self.now();
            let there = self.places().there();
            if there != roots {
                if roots.each().any(|root| !there.each().any(|other| other == root)) {
                    watch.forget();
                }
                roots = there;
                look = true;
            }
            let every = if watch.watches() { RESCAN } else { RESCAN_BLIND };
            look |= last.is_none_or(|last| now - last >= every || now < last);
            let mut pause = Duration::ZERO;
            if look {
                let began = Instant::now();
                let (done, mut again) = (self.update_usage(&roots).await, false);
                if let Some(updated) = done {
                    let Some(on) = self.watch_on(watch, &roots, updated).await else { return };
                    (watch, again) = on;
                }
                last = Some(now);
                look = again;
                pause = (began.elapsed() * PAUSE_TIMES).clamp(PAUSE, LONGEST_PAUSE);
            }
            let waited = async {
                tokio::time::sleep(pause).await;
                if look {
                    return true;
                }
                tokio::select! {
                    () = wake.notified() => {
                        tokio::time::sleep(BURST).await;
                        true
                    }
                    () = self.clock().sleep(TICK) => false,
                }
            };
            tokio::select! {
                () = self.ended() => return,
                woken = waited => look = woken,
            }
        }
    }

    /// Where logs can be.
    fn places(&self) -> Roots {
        let further = self.state().settings.log_homes.clone();
        Roots::places(self.home(), &further, self.environment())
    }

    /// Brings the index up to date, away from the threads that answer. `None` where that failed.
    async fn update_usage(&self, roots: &Roots) -> Option<Updated> {
        let engine = self.clone();
        let roots = roots.clone();
        let ended = Arc::new(AtomicBool::new(false));
        let stop = EndsWith(Arc::clone(&ended));
        let done = tokio::task::spawn_blocking(move || engine.update_usage_here(&roots, &ended)).await;
        drop(stop);
        done.unwrap_or_default()
    }

    fn update_usage_here(&self, roots: &Roots, ended: &AtomicBool) -> Option<Updated> {
        let began = Instant::now();
        let mut told = began;
        let now = self.now();
        let missing = {
            let homes: Vec<_> = roots.each().map(|(format, root)| (format, root.to_owned())).collect();
            let mut state = self.state();
            let named = state.settings.log_homes.clone();
            let missing: Vec<_> = named.into_iter().filter(|home| !home.is_dir()).collect();
            state.logs.homes = homes;
            state.logs.missing.clone_from(&missing);
            missing
        };
        if !missing.is_empty() {
            tracing::debug!(homes = missing.len(), "homes of session logs are not there");
        }
        let accounts: Vec<Candidate> =
            self.state().accounts.values().map(|w| Candidate::of(&w.account, w.key_digest)).collect();
        let mut progress = |progress: &Progress| {
            let slow = began.elapsed() >= SLOW;
            let mut state = self.state();
            state.logs.running = true;
            state.logs.slow = slow;
            state.logs.progress = *progress;
            drop(state);
            if slow && told.elapsed() >= TELL {
                told = Instant::now();
                self.tell(EngineEvent::Usage);
            }
        };
        let done = update(
            &mut self.ledger().clone(),
            Asked {
                roots,
                whose: &|_, provider| ascribe::whose(provider, &accounts),
                cuts: &PriceList::public().turning_points(),
                now,
                stop: &|| ended.load(Ordering::Relaxed),
                progress: &mut progress,
            },
        );
        let mut state = self.state();
        state.logs.running = false;
        state.logs.slow = false;
        match done {
            Ok(updated) => {
                state.logs.unreadable = updated.unreadable;
                state.logs.progress = updated.progress;
                let first = state.logs.last_done.replace(now).is_none();
                let written = updated.newest.map(DateTime::from_timestamp_nanos);
                let local_use = written.filter(|at| *at <= now + TimeDelta::minutes(1));
                state.note_local_use(local_use, now);
                drop(state);
                if updated.changed || first {
                    self.tell(EngineEvent::Usage);
                }
                self.wake_if_in_use(local_use, now);
                Some(updated)
            }
            Err(error) => {
                drop(state);
                tracing::warn!(%error, "local use could not be written");
                None
            }
        }
    }

    fn wake_if_in_use(&self, local_use: Option<DateTime<Utc>>, now: DateTime<Utc>) {
        if local_use.is_some_and(|at| now - at < IN_USE) {
            self.wake();
        }
    }

    /// Watches what there is now. `None` where the engine's threads are gone.
    async fn watch_on(&self, mut watch: Watch, roots: &Roots, updated: Updated) -> Option<(Watch, bool)> {
        let roots = roots.clone();
        let done = tokio::task::spawn_blocking(move || {
            let anew = watch.follow(&roots, &updated.folders);
            (watch, anew)
        });
        let (watch, anew) = done.await.ok()?;
        self.state().logs.watching = watch.watches();
        Some((watch, anew))
    }
}

impl crate::state::State {
    /// Use has just begun, or goes on: the calm pace would notice it only minutes later.
    fn note_local_use(&mut self, at: Option<DateTime<Utc>>, now: DateTime<Utc>) {
        self.local_use = at.max(self.local_use);
        if self.local_use.is_none_or(|at| now - at >= IN_USE) {
            return;
        }
        let busy = now + pace(&self.settings).busy;
        for watched in self.accounts.values_mut() {
            if watched.poll.last_failure.is_none()
                && watched.account.source == tidemark_core::Source::KimiCode
            {
                watched.next_at = watched.next_at.map(|at| at.min(busy));
            }
        }
    }
}

/// Says that it is over when it is dropped, so that work on another thread does not outlive its asker.
struct EndsWith(Arc<AtomicBool>);

impl Drop for EndsWith {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What wakes the follower.
pub(crate) type Wake = Arc<Notify>;
