//! The engine's one loop: who is due, what else is to be done, how long to wait.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_core::audience::Audience;
use tidemark_core::calendar::reckonable;
use tidemark_core::wire::{AnnouncementRecord, IncidentState};
use tidemark_core::{Region, Source};
use tidemark_store::Incident;
use tokio::task::JoinSet;

use crate::account::Message;
use crate::account::mailbox::AccountHandle;
use crate::engine::Engine;
use crate::event::EngineEvent;
use crate::intake::Intake;
use crate::local_use::LogFollower;
use crate::power;
use crate::problem::EngineProblem;
use crate::schedule;
use crate::settings::MAX_KEEP_RAW_DAYS;

/// The loop runs at least this often, so that a woken laptop is noticed.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// What is under way when the engine is asked to end has so long to finish.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(4);
/// How often it is tried again to store what the disk has refused.
const RETRY_WRITES: TimeDelta = TimeDelta::seconds(10);
/// A difference between the wall clock and the steady one that counts as a jump.
const JUMP: TimeDelta = TimeDelta::seconds(90);
/// After waking up the network needs a moment.
const AFTER_WAKING: TimeDelta = TimeDelta::seconds(6);
/// How often the machine's circumstances are checked.
const CIRCUMSTANCES: TimeDelta = TimeDelta::seconds(60);
/// How often the status page is read, and while something is open there.
const STATUS_PAGE: TimeDelta = TimeDelta::minutes(15);
const STATUS_PAGE_OPEN: TimeDelta = TimeDelta::minutes(5);
/// How often it is looked how budgets stand.
const BUDGETS: TimeDelta = TimeDelta::minutes(1);
/// How often old raw readings are pruned.
const PRUNE: TimeDelta = TimeDelta::hours(24);

/// The times of what is done now and then.
#[derive(Default)]
struct PeriodicTasks {
    circumstances: Option<DateTime<Utc>>,
    status_page: Option<DateTime<Utc>>,
    prune: Option<DateTime<Utc>>,
    retry: Option<DateTime<Utc>>,
    budgets: Option<DateTime<Utc>>,
}

impl Engine {
    /// Runs until [`Engine::quit`]. Polls that are under way then are finished first, for a few seconds.
    pub async fn run(&self) {
        let mut chores = JoinSet::new();
        let mut times = PeriodicTasks::default();
        let clock = self.shared.clock().clone();
        let mut before = (self.now(), clock.steady());
        self.shared.follows_logs.store(true, Ordering::Relaxed);
        let follower = LogFollower::new(Arc::clone(&self.shared));
        let logs = tokio::spawn(async move { follower.follow().await });
        let exchanging = {
            let engine = self.clone();
            tokio::spawn(async move { engine.exchange_when_due().await })
        };
        let to_hub = {
            let engine = self.clone();
            tokio::spawn(async move { engine.give_to_hub_when_due().await })
        };
        let intake = Intake::new(Arc::clone(&self.shared));
        let intake = tokio::spawn(async move { intake.run().await });
        loop {
            let now = self.now();
            let steady = clock.steady();
            let passed = TimeDelta::from_std(steady.saturating_sub(before.1)).unwrap_or(TimeDelta::MAX);
            self.notice_jump(now, (now - before.0) - passed);
            before = (now, steady);

            self.do_chores(now, &mut times, &mut chores);
            while chores.try_join_next().is_some() {}
            self.start_due(now);

            let wait = self.time_to_next(now);
            let end = tokio::select! {
                () = self.ended() => true,
                () = self.shared.wake.notified() => false,
                () = clock.sleep(wait) => false,
            };
            if end {
                break;
            }
        }
        // It ends by itself, between two batches.
        let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, futures_util::future::join(logs, intake)).await;
        let others = futures_util::future::join(exchanging, to_hub);
        let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, others).await;
        // Whatever has been answered is still written; whatever has not is given up.
        let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, self.wait_until_idle()).await;
        chores.shutdown().await;
    }

    /// Polls the accounts whose time has come; how many at once is up to the permits.
    fn start_due(&self, now: DateTime<Utc>) {
        {
            let mut state = self.shared.state();
            if state.paused_until.is_some_and(|until| until > now) {
                return;
            }
            if state.paused_until.take().is_some() {
                self.announce(EngineEvent::Overview);
            }
        }
        let mut due: Vec<_> = self
            .shared
            .accounts()
            .into_iter()
            .filter_map(|handle| {
                let at = handle.see(|view| view.next_at.filter(|at| !view.polling && *at <= now))?;
                Some((at, handle))
            })
            .collect();
        due.sort_by_key(|(at, _)| *at);
        let calm = self.settings().pace().calm;
        for (_, handle) in due {
            if self.shared.polled_through(&handle, now).is_some() {
                handle.change(|view| view.next_at = Some(now + calm));
                handle.send(Message::ConfirmUser);
                continue;
            }
            handle.change(|view| {
                // Out of the schedule until the poll has set the next time.
                view.next_at = None;
                view.polling = true;
            });
            handle.poll_soon();
        }
    }

    fn time_to_next(&self, now: DateTime<Utc>) -> Duration {
        let paused = self.shared.state().paused_until.filter(|until| *until > now);
        let planned = |handle: &AccountHandle| handle.see(|view| view.next_at.filter(|_| !view.polling));
        let next = paused.or_else(|| self.shared.accounts().iter().filter_map(planned).min());
        next.and_then(|at| (at - now).to_std().ok().or(Some(Duration::ZERO)))
            .map_or(MAX_WAIT, |wait| wait.clamp(Duration::from_millis(50), MAX_WAIT))
    }

    /// The machine slept, or its clock was set. Plans made by the old time are adjusted.
    fn notice_jump(&self, now: DateTime<Utc>, jump: TimeDelta) {
        if jump.abs() < JUMP {
            return;
        }
        tracing::info!(seconds = jump.num_seconds(), "the clock jumped");
        let longest = self.settings().pace().calm;
        for handle in self.shared.accounts() {
            handle.change(|view| {
                let told = view.poll.retry_after_until;
                let Some(next) = &mut view.next_at else { return };
                if jump > TimeDelta::zero() {
                    // Slept, or set forward: whoever is due now waits for the network to be back.
                    *next = (*next).max(now + AFTER_WAKING);
                } else {
                    // Set back: nothing planned by the wrong clock may keep an account waiting for hours.
                    *next = (*next + jump).clamp(now + AFTER_WAKING, now + longest);
                    view.poll.retry_after_until = told.map(|until| until + jump);
                }
            });
        }
        let set_back = (jump < TimeDelta::minutes(-5)).then(|| EngineProblem {
            code: "clock-jumped",
            detail: format!("the clock was set back by {} seconds", -jump.num_seconds()),
            said: None,
            lost: 0,
            since: now,
        });
        self.shared.state().problems.clock(set_back);
        self.announce(EngineEvent::Overview);
    }

    fn do_chores(&self, now: DateTime<Utc>, chores: &mut PeriodicTasks, tasks: &mut JoinSet<()>) {
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
                engine.shared.state().on_battery = on_battery;
            });
        }
        let (status_page, open, keep, some) = {
            let sources: Vec<_> =
                self.shared.accounts().iter().map(|handle| handle.see(|view| view.account.source)).collect();
            let some = !sources.is_empty();
            let state = self.shared.state();
            let concerns = |incident: &tidemark_kimi::Incident| {
                incident.concerns.iter().any(|source| sources.contains(source))
            };
            let open = state.service.as_ref().is_some_and(|(page, _)| page.incidents.iter().any(concerns));
            (
                state.settings.status_page,
                open,
                state.settings.keep_raw_days,
                some && state.paused_until.is_none_or(|until| until <= now),
            )
        };
        let every = if open { STATUS_PAGE_OPEN } else { STATUS_PAGE };
        if status_page && some && due(&mut chores.status_page, every) {
            let engine = self.clone();
            tasks.spawn(async move {
                engine.read_status_page().await;
                engine.read_announcements().await;
            });
        }
        if !status_page {
            self.shared.state().service = None;
        }
        if let Some(days) = keep
            && due(&mut chores.prune, PRUNE)
        {
            let engine = self.clone();
            tasks.spawn(async move {
                engine.prune(reckonable(now) - TimeDelta::days(i64::from(days.min(MAX_KEEP_RAW_DAYS)))).await;
            });
        }
        if self.update_check_due(now) {
            let engine = self.clone();
            // What comes of it is in the engine's own state.
            tasks.spawn(async move { drop(engine.check_for_update().await) });
        }
        if !self.settings().budgets.is_empty() && due(&mut chores.budgets, BUDGETS) {
            let engine = self.clone();
            tasks.spawn(async move { engine.look_at_budgets().await });
        }
        if due(&mut chores.retry, RETRY_WRITES) {
            for handle in self.shared.accounts() {
                if handle.see(|view| view.waiting > 0 && !view.polling) {
                    handle.send(Message::Retry);
                }
            }
        }
    }

    /// Deletes old raw readings, one slice at a time: whoever else writes has their turn in between.
    async fn prune(&self, before: DateTime<Utc>) {
        loop {
            match self.write(move |store| store.prune_step(before)).await {
                Ok(None) => return,
                Ok(Some(_)) => {}
                Err(error) => {
                    tracing::warn!(%error, "old readings could not be pruned");
                    return;
                }
            }
        }
    }

    /// Reads what Kimi Code announces to all its users, in each region where an account is. It is asked without any key.
    async fn read_announcements(&self) {
        let now = self.now();
        let accounts: Vec<_> = self
            .shared
            .accounts()
            .iter()
            .map(|handle| handle.see(|view| (view.account.clone(), view.poll.retry_after_until)))
            // A relay's words would be quoted as the service's.
            .filter(|(account, _)| account.source == Source::KimiCode && account.base_url.is_none())
            .collect();
        let regions: BTreeSet<Region> = accounts.iter().map(|(account, _)| account.region).collect();
        // A service that asked to wait is asked for nothing else either.
        let waits = |region| {
            accounts
                .iter()
                .any(|(account, until)| account.region == region && until.is_some_and(|at| at > now))
        };
        let failing = self.shared.state().no_announcements.clone();
        let is_early = |region: &Region| failing.get(region).is_some_and(|(_, until)| *until > now);
        for region in regions.into_iter().filter(|region| !waits(*region) && !is_early(region)) {
            // The semaphore is never closed.
            let _permit = self.shared.permits.acquire().await;
            let base_url = self.shared.config.hosts.base_url(Source::KimiCode, region);
            let announced = match self.shared.config.client.announcements(&base_url).await {
                Ok(announced) => announced,
                Err(failure) => {
                    tracing::debug!(kind = %failure.kind, "no announcements");
                    let row = failing.get(&region).map_or(0, |(row, _)| *row).saturating_add(1);
                    let until = self.now() + schedule::announcements_wait(&failure, row);
                    self.shared.state().no_announcements.insert(region, (row, until));
                    continue;
                }
            };
            self.shared.state().no_announcements.remove(&region);
            let at = self.now();
            let lines: Vec<_> = announced
                .into_iter()
                .map(|one| AnnouncementRecord {
                    at,
                    // Each region numbers its own.
                    id: format!("{region}:{}", one.id),
                    title: one.title,
                    text: one.text,
                    detail: one.detail,
                    from: one.from,
                    until: one.until,
                    audience: Audience { region: one.audience.region.or(Some(region)), ..one.audience },
                })
                .collect();
            let noted = self
                .write(move |store| {
                    lines.iter().try_for_each(|line| store.upsert_announcement(region.as_str(), line))
                })
                .await;
            if let Err(error) = noted {
                tracing::warn!(%error, "announcements could not be remembered");
            }
        }
    }

    /// Reads the status page, at the first of its addresses that answers. It is asked without any key.
    async fn read_status_page(&self) {
        let pages = self.shared.config.hosts.status_pages();
        let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
        let page = match self.shared.config.client.first_service_status(&pages).await {
            Ok(page) => page,
            Err(failure) => {
                tracing::debug!(kind = %failure.kind, "the status page did not answer");
                return;
            }
        };
        let now = self.now();
        let host = page.url.clone().unwrap_or_default();
        let concerned: BTreeMap<String, Vec<_>> =
            page.incidents.iter().map(|incident| (incident.id.clone(), incident.concerns.clone())).collect();
        self.shared.state().concerned.extend(concerned);
        let incidents: Vec<_> = page
            .incidents
            .iter()
            // An alarm that names no part of the service explains nothing.
            .filter(|incident| !incident.concerns.is_empty())
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
                    let is_of_page = gone.page == host || gone.page.is_empty();
                    let open = gone.resolved_at.is_none() && is_of_page;
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
            let mut state = self.shared.state();
            let changed = state.service.as_ref().is_none_or(|(before, _)| {
                before.indicator != page.indicator || before.incidents != page.incidents
            });
            state.service = Some((page, now));
            changed
        };
        if changed {
            self.announce(EngineEvent::Overview);
        }
    }
}
