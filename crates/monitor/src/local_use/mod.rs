//! Local use: follows the session logs of the command lines on this machine and keeps the index of them.
//!
//! Something written to a log is noticed by a watch; a rescan every few minutes finds what a watch cannot
//! notice. Nothing is read while nothing is written.

pub(crate) mod attribution;
mod file_identity;
pub mod index;
mod index_store;
mod log_sums;
mod recorded;
mod scan_request;
pub(crate) mod usage_state;
mod watch;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_kimi::PriceList;
use tidemark_logs::{Format, Roots};

use crate::event::EngineEvent;
use crate::problem::WriteProblem;
use crate::shared::Shared;
pub use recorded::RecordedLogs;
pub use tidemark_logs::EARLIEST;
pub use usage_state::UsageState;

use index::{Asked, Progress, Updated, update};
use watch::Watch;

/// How often it is checked whether folders of logs appeared or disappeared. That is a handful of system calls.
const TICK: Duration = Duration::from_secs(30);
/// How often all logs are scanned although no change was noticed.
const RESCAN: TimeDelta = TimeDelta::minutes(5);
/// The same where nothing can be noticed.
const RESCAN_BLIND: TimeDelta = TimeDelta::minutes(1);
/// What is written comes in bursts; a scan follows once one has had this long.
const BURST: Duration = Duration::from_millis(300);
/// The pause between two scans is at least this, and this many times as long as a scan took.
const PAUSE: Duration = Duration::from_secs(1);
const PAUSE_TIMES: u32 = 20;
/// The longest of these pauses, so that the window follows soon on any machine.
const MAX_PAUSE: Duration = Duration::from_secs(4);
/// A scan that takes longer is shown.
const SLOW: Duration = Duration::from_secs(1);
/// How often a slow scan says how far it is.
const TELL: Duration = Duration::from_millis(250);
/// How often it is written down that all logs were read.
const NOTE_COVERAGE: TimeDelta = TimeDelta::minutes(1);
/// Use is going on where a log was written to within this.
const IN_USE: TimeDelta = TimeDelta::minutes(2);

/// Keeps the index of session logs up to date.
pub(crate) struct LogFollower {
    shared: Arc<Shared>,
}

impl LogFollower {
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Follows the logs until the engine ends.
    pub(crate) async fn follow(&self) {
        let wake = Arc::clone(&self.shared.usage_wake);
        let watch = tokio::task::spawn_blocking({
            let wake = Arc::clone(&wake);
            move || Watch::new(move || wake.notify_one())
        });
        let Ok(mut watch) = watch.await else { return };
        let mut roots = Roots::default();
        let mut last: Option<DateTime<Utc>> = None;
        let mut look = true;
        loop {
            let now = self.shared.now();
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
                pause = (began.elapsed() * PAUSE_TIMES).clamp(PAUSE, MAX_PAUSE);
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
                    () = self.shared.clock().sleep(TICK) => false,
                }
            };
            tokio::select! {
                () = self.shared.end.cancelled() => return,
                woken = waited => look = woken,
            }
        }
    }

    /// Where logs can be.
    fn places(&self) -> Roots {
        let further = self.shared.state().settings.log_homes.clone();
        Roots::places(&self.shared.config.home, &further, &self.shared.config.environment)
    }

    /// Reads all logs now. Whether that was possible.
    pub(crate) async fn scan_now(&self) -> bool {
        self.update_usage(&self.places().there()).await.is_some()
    }

    /// Brings the index up to date, away from the threads that answer. `None` where that failed.
    async fn update_usage(&self, roots: &Roots) -> Option<Updated> {
        let _turn = self.shared.scan_turn.lock().await;
        let follower = Self { shared: Arc::clone(&self.shared) };
        let roots = roots.clone();
        let ended = Arc::new(AtomicBool::new(false));
        let stop = EndsWith(Arc::clone(&ended));
        let done = tokio::task::spawn_blocking(move || follower.update_usage_here(&roots, &ended)).await;
        drop(stop);
        done.unwrap_or_default()
    }

    fn update_usage_here(&self, roots: &Roots, ended: &AtomicBool) -> Option<Updated> {
        let began = Instant::now();
        let mut told = began;
        let now = self.shared.now();
        let missing = {
            let homes: Vec<_> = roots.each().map(|(format, root)| (format, root.to_owned())).collect();
            let mut state = self.shared.state();
            let named = state.settings.log_homes.clone();
            let missing: Vec<_> = named.into_iter().filter(|home| !home.is_dir()).collect();
            state.logs.homes = homes;
            state.logs.missing.clone_from(&missing);
            missing
        };
        if !missing.is_empty() {
            tracing::debug!(homes = missing.len(), "homes of session logs are not there");
        }
        let accounts = attribution::candidates(&self.shared, now);
        let mut progress = |progress: &Progress| {
            let slow = began.elapsed() >= SLOW;
            let mut state = self.shared.state();
            state.logs.running = true;
            state.logs.slow = slow;
            state.logs.progress = *progress;
            drop(state);
            if slow && told.elapsed() >= TELL {
                told = Instant::now();
                self.shared.announce(EngineEvent::Usage);
            }
        };
        let done = update(
            &mut self.shared.store.clone(),
            Asked {
                roots,
                whose: &|_, provider| attribution::whose(provider, &accounts),
                cuts: &PriceList::public().turning_points(),
                now,
                stop: &|| ended.load(Ordering::Relaxed),
                progress: &mut progress,
            },
        );
        let mut state = self.shared.state();
        state.logs.running = false;
        state.logs.slow = false;
        match done {
            Ok(updated) => {
                if updated.unreadable == 0 && missing.is_empty() && !ended.load(Ordering::Relaxed) {
                    drop(state);
                    self.note_coverage(now);
                    state = self.shared.state();
                }
                let resolved = state.problems.usage(None, now);
                state.logs.unreadable = updated.unreadable;
                state.logs.progress = updated.progress;
                let first = state.logs.last_done.replace(now).is_none();
                let written = updated.newest.map(DateTime::from_timestamp_nanos);
                let local_use = written.filter(|at| *at <= now + TimeDelta::minutes(1));
                drop(state);
                self.note_local_use(local_use, now);
                if resolved {
                    self.shared.announce(EngineEvent::Overview);
                }
                if updated.changed || first {
                    self.shared.announce(EngineEvent::Usage);
                }
                self.wake_if_in_use(local_use, now);
                Some(updated)
            }
            Err(error) => {
                let problem = WriteProblem::from(&error);
                let changed = state.problems.usage(Some(&problem), now);
                drop(state);
                tracing::warn!(%error, "local use could not be written");
                if changed {
                    self.shared.announce(EngineEvent::Overview);
                }
                None
            }
        }
    }

    /// Notes that all logs were read: other machines are given that too.
    fn note_coverage(&self, now: DateTime<Utc>) {
        let formats = Format::ALL.map(Format::as_str);
        let noted = self.shared.store.ask_and_wait(move |store| {
            // A scan can follow each line of a log; what is known a moment later is written with the next one.
            let last = store.own_coverage()?.iter().map(|span| span.to).max();
            if last.is_some_and(|last| last <= now && now - last < NOTE_COVERAGE) {
                return Ok(());
            }
            store.note_own_coverage(&formats, now)
        });
        if let Err(error) = noted {
            tracing::warn!(%error, "how far the logs are known could not be written");
        }
    }

    fn wake_if_in_use(&self, local_use: Option<DateTime<Utc>>, now: DateTime<Utc>) {
        if local_use.is_some_and(|at| now - at < IN_USE) {
            self.shared.wake.notify_one();
        }
    }

    /// Watches what there is now. `None` where the engine's threads are gone.
    async fn watch_on(&self, mut watch: Watch, roots: &Roots, updated: Updated) -> Option<(Watch, bool)> {
        let roots = roots.clone();
        let done = tokio::task::spawn_blocking(move || {
            let is_changed = watch.follow(&roots, &updated.folders);
            (watch, is_changed)
        });
        let (watch, is_changed) = done.await.ok()?;
        self.shared.state().logs.watching = watch.watches();
        Some((watch, is_changed))
    }

    /// Use has just begun, or continues: the calm pace would notice it only minutes later.
    fn note_local_use(&self, at: Option<DateTime<Utc>>, now: DateTime<Utc>) {
        let busy = {
            let mut state = self.shared.state();
            state.local_use = at.max(state.local_use);
            if state.local_use.is_none_or(|at| now - at >= IN_USE) {
                return;
            }
            now + state.settings.pace().busy
        };
        for handle in self.shared.accounts() {
            handle.change(|view| {
                if view.poll.last_failure.is_none() && view.account.source == tidemark_core::Source::KimiCode
                {
                    view.next_at = view.next_at.map(|at| at.min(busy));
                }
            });
        }
    }
}

/// Stops the work on another thread when it is dropped, so that it does not outlive its caller.
struct EndsWith(Arc<AtomicBool>);

impl Drop for EndsWith {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
