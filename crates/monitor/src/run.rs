//! The engine's one loop: who is due, what else is to be done, how long to wait.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_core::AccountId;
use tidemark_core::wire::IncidentState;
use tidemark_store::Incident;
use tokio::task::JoinSet;

use crate::engine::{Engine, EngineEvent};
use crate::look::pace;
use crate::power;
use crate::state::Trouble;

/// The loop looks around at least this often, so that a woken laptop is noticed.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Accounts that are looked at at the same time.
const AT_ONCE: usize = 4;
/// A difference between the wall clock and the steady one that counts as a jump.
const JUMP: TimeDelta = TimeDelta::seconds(90);
/// After waking up the network needs a moment.
const AFTER_WAKING: TimeDelta = TimeDelta::seconds(6);
/// How often the machine's circumstances are looked at.
const CIRCUMSTANCES: TimeDelta = TimeDelta::seconds(60);
/// How often the status page is read, and while something is open there.
const STATUS_PAGE: TimeDelta = TimeDelta::minutes(15);
const STATUS_PAGE_OPEN: TimeDelta = TimeDelta::minutes(5);
/// How often old raw readings are pruned.
const PRUNE: TimeDelta = TimeDelta::hours(24);

/// The times of what is done now and then.
#[derive(Default)]
struct Chores {
    circumstances: Option<DateTime<Utc>>,
    status_page: Option<DateTime<Utc>>,
    prune: Option<DateTime<Utc>>,
    flush: Option<DateTime<Utc>>,
}

impl Engine {
    /// Runs until [`Engine::quit`]. Looks that are under way then are finished first, for a few seconds.
    pub async fn run(&self) {
        let mut looks = JoinSet::new();
        let mut chores = Chores::default();
        let mut before = (self.now(), self.clock().steady());
        let logs = {
            let engine = self.clone();
            tokio::spawn(async move { engine.follow_logs().await })
        };
        loop {
            let now = self.now();
            let steady = self.clock().steady();
            let passed = TimeDelta::from_std(steady.saturating_sub(before.1)).unwrap_or(TimeDelta::MAX);
            self.notice_jump(now, (now - before.0) - passed);
            before = (now, steady);

            self.do_chores(now, &mut chores, &mut looks);
            while looks.try_join_next().is_some() {}
            self.start_due(now, &mut looks);

            let wait = self.time_to_next(now);
            let end = tokio::select! {
                () = self.ended() => true,
                () = self.woken() => false,
                () = self.clock().sleep(wait) => false,
                Some(_) = looks.join_next(), if !looks.is_empty() => false,
            };
            if end {
                break;
            }
        }
        // It ends by itself, between two batches.
        let _ = tokio::time::timeout(Duration::from_secs(3), logs).await;
        // Whatever has been answered is still written; whatever has not is given up.
        let finish = async { while looks.join_next().await.is_some() {} };
        if tokio::time::timeout(Duration::from_secs(3), finish).await.is_err() {
            looks.shutdown().await;
        }
        self.flush_unsaved().await;
    }

    fn start_due(&self, now: DateTime<Utc>, looks: &mut JoinSet<()>) {
        let due: Vec<AccountId> = {
            let mut state = self.state();
            if state.paused_until.is_some_and(|until| until > now) {
                return;
            }
            if state.paused_until.take().is_some() {
                self.tell(EngineEvent::Overview);
            }
            let free = AT_ONCE.saturating_sub(looks.len());
            let mut due: Vec<_> = state
                .accounts
                .values_mut()
                .filter(|w| !w.polling && w.next_at.is_some_and(|at| at <= now))
                .collect();
            due.sort_by_key(|w| w.next_at);
            due.into_iter()
                .take(free)
                .map(|watched| {
                    // Out of the queue until the look has set the next time.
                    watched.next_at = None;
                    watched.polling = true;
                    watched.account.id
                })
                .collect()
        };
        for id in due {
            let engine = self.clone();
            looks.spawn(async move {
                if let Err(error) = engine.look(id).await {
                    tracing::debug!(%error, account = %id, "a look came to nothing");
                }
                engine.put_back(id);
            });
        }
    }

    /// An account must never drop out of the queue, whatever went wrong with its look.
    fn put_back(&self, id: AccountId) {
        let now = self.now();
        let mut state = self.state();
        let calm = pace(&state.settings).calm;
        if let Some(watched) = state.accounts.get_mut(&id) {
            watched.polling = false;
            watched.next_at.get_or_insert(now + calm);
        }
    }

    fn time_to_next(&self, now: DateTime<Utc>) -> Duration {
        let state = self.state();
        let next = match state.paused_until.filter(|until| *until > now) {
            Some(until) => Some(until),
            None => state.accounts.values().filter(|w| !w.polling).filter_map(|w| w.next_at).min(),
        };
        next.and_then(|at| (at - now).to_std().ok().or(Some(Duration::ZERO)))
            .map_or(LONGEST_WAIT, |wait| wait.clamp(Duration::from_millis(50), LONGEST_WAIT))
    }

    /// The machine slept, or its clock was set. Plans made by the old time are made anew.
    fn notice_jump(&self, now: DateTime<Utc>, jump: TimeDelta) {
        if jump.abs() < JUMP {
            return;
        }
        tracing::info!(seconds = jump.num_seconds(), "the clock jumped");
        let mut state = self.state();
        let longest = pace(&state.settings).calm;
        for watched in state.accounts.values_mut() {
            let told = watched.poll.retry_after_until;
            let Some(next) = &mut watched.next_at else { continue };
            if jump > TimeDelta::zero() {
                // Slept, or set forward: whoever is due now waits for the network to be back.
                *next = (*next).max(now + AFTER_WAKING);
            } else {
                // Set back: nothing planned by the wrong clock may keep an account waiting for hours.
                *next = (*next + jump).clamp(now + AFTER_WAKING, now + longest);
                watched.poll.retry_after_until = told.map(|until| until + jump);
            }
        }
        if jump < TimeDelta::minutes(-5) {
            state.trouble = Some(Trouble {
                code: "clock-jumped",
                detail: format!("the clock was set back by {} seconds", -jump.num_seconds()),
                since: now,
            });
        } else if state.trouble.as_ref().is_some_and(|t| t.code == "clock-jumped") {
            state.trouble = None;
        }
        drop(state);
        self.tell(EngineEvent::Overview);
    }

    fn do_chores(&self, now: DateTime<Utc>, chores: &mut Chores, tasks: &mut JoinSet<()>) {
        let due = |last: &mut Option<DateTime<Utc>>, every: TimeDelta| {
            let due = last.is_none_or(|at| now - at >= every || now < at);
            if due {
                *last = Some(now);
            }
            due
        };
        if due(&mut chores.circumstances, CIRCUMSTANCES) && !self.is_demo() {
            let engine = self.clone();
            // File systems can hang; the loop must not.
            tokio::task::spawn_blocking(move || {
                let on_battery = power::on_battery();
                engine.state().on_battery = on_battery;
            });
        }
        let (status_page, open, keep, some) = {
            let state = self.state();
            let open = state.service.as_ref().is_some_and(|(page, _)| !page.incidents.is_empty());
            (
                state.settings.status_page,
                open,
                state.settings.keep_raw_days,
                !state.accounts.is_empty() && state.paused_until.is_none_or(|until| until <= now),
            )
        };
        let every = if open { STATUS_PAGE_OPEN } else { STATUS_PAGE };
        if status_page && some && due(&mut chores.status_page, every) {
            let engine = self.clone();
            tasks.spawn(async move { engine.read_status_page().await });
        }
        if !status_page {
            self.state().service = None;
        }
        if let Some(days) = keep
            && due(&mut chores.prune, PRUNE)
        {
            let engine = self.clone();
            tasks.spawn(async move {
                let before = now - TimeDelta::days(i64::from(days));
                if let Err(error) = engine.write(move |store| store.prune(before)).await {
                    tracing::warn!(%error, "old readings could not be pruned");
                }
            });
        }
        if !self.state().unsaved.is_empty() && due(&mut chores.flush, TimeDelta::seconds(10)) {
            let engine = self.clone();
            tasks.spawn(async move { engine.flush_unsaved().await });
        }
    }

    /// Reads the status page, at the first of its addresses that answers. It is asked without any key.
    async fn read_status_page(&self) {
        let pages = self.hosts().status_pages();
        let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
        let page = match self.client().first_service_status(&pages).await {
            Ok(page) => page,
            Err(failure) => {
                tracing::debug!(kind = %failure.kind, "the status page did not answer");
                return;
            }
        };
        let now = self.now();
        let host = page.url.clone().unwrap_or_default();
        let incidents: Vec<_> = page
            .incidents
            .iter()
            .map(|incident| Incident {
                page: host.clone(),
                id: incident.id.clone(),
                title: Some(incident.title.clone()),
                impact: Some(incident.impact.clone()),
                opened_at: incident.since.unwrap_or(now),
                resolved_at: match incident.state {
                    IncidentState::Open => None,
                    IncidentState::Resolved => incident.resolved_at.or(Some(now)),
                },
            })
            .collect();
        let noted = self
            .write(move |store| {
                // What the page no longer lists is over: it names open incidents only.
                for mut gone in store.incidents(now, now + TimeDelta::seconds(1))? {
                    let open = gone.resolved_at.is_none() && gone.page == host;
                    if open && incidents.iter().all(|incident| incident.id != gone.id) {
                        gone.resolved_at = Some(now);
                        store.upsert_incident(&gone, now)?;
                    }
                }
                incidents.iter().try_for_each(|incident| store.upsert_incident(incident, now))
            })
            .await;
        if let Err(error) = noted {
            tracing::warn!(%error, "incidents could not be remembered");
        }
        let changed = {
            let mut state = self.state();
            let changed = state.service.as_ref().is_none_or(|(before, _)| {
                before.indicator != page.indicator || before.incidents != page.incidents
            });
            state.service = Some((page, now));
            changed
        };
        if changed {
            self.tell(EngineEvent::Overview);
        }
    }
}
