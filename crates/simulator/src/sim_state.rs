//! The world behind the server: accounts, faults, incidents and the log of requests, under one lock.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use tidemark_core::reading::Reading;
use tidemark_core::{Region, Source};

use crate::account::SimAccount;
use crate::answer::{Answer, Refusal, no_such_route};
use crate::bodies;
use crate::clock::SimClock;
use crate::event::Event;
use crate::fault::{Board, Fault, FaultId, FaultOrder, StandingFault};
use crate::incident::{Impact, Incident};
use crate::logs::LogWriter;
use crate::reading::reading_of;
use crate::scenario::Scenario;
use crate::truth::Truth;

/// The longest log of requests that is kept; older ones are dropped.
const REQUESTS_KEPT: usize = 200_000;

/// No account of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no account named `{0}`")]
pub struct NoSuchAccount(pub String);

/// One request as it was served. Keys are never in it.
#[derive(Debug, Clone, Serialize)]
pub struct Served {
    /// Its number; the first is 1.
    pub number: u64,
    /// When it arrived, by the machine's clock.
    pub at: DateTime<Utc>,
    /// When it arrived, by the simulator's clock.
    pub simulated_at: DateTime<Utc>,
    /// Account of the key that the request had; `None` if the key belongs to none.
    pub account: Option<String>,
    /// The HTTP method.
    pub method: String,
    /// The path of its URL.
    pub path: String,
    /// The names of its headers, in lower case and in order.
    pub headers: Vec<String>,
    /// Its `User-Agent`.
    pub user_agent: Option<String>,
    /// The status that was answered; none where nothing was.
    pub status: Option<u16>,
    /// The faults that affected it, in a word each.
    pub faults: Vec<String>,
}

/// An account as it is announced to whoever started the simulator. The key is a fake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Announced {
    /// The account's name in the scenario.
    pub name: String,
    /// The product: Kimi Code or the open platform.
    pub source: Source,
    /// The region whose service the account belongs to.
    pub region: Region,
    /// The base URL of its service here, without a slash at the end.
    pub base_url: String,
    /// The account's fake key.
    pub key: String,
}

/// All that a simulator knows: accounts, faults, incidents, requests.
#[derive(Debug)]
pub(crate) struct SimState {
    clock: SimClock,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    lives: Vec<SimAccount>,
    faults: Board,
    incidents: Vec<Incident>,
    /// What is announced to everyone, as the service's answer has it.
    banners: Vec<serde_json::Value>,
    served: VecDeque<Served>,
    served_so_far: u64,
    logs: Option<LogWriter>,
}

/// A request as it arrives.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    pub(crate) at: DateTime<Utc>,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) takes_gzip: bool,
}

/// What goes out: the answer and what is done to it on its way.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) answer: Answer,
    pub(crate) faults: Vec<Fault>,
    pub(crate) gzip: bool,
}

/// A route of the services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    Usages,
    Me,
    Balance,
    UsersMe,
    Models,
}

impl SimState {
    pub(crate) fn new(scenario: Scenario, clock: SimClock) -> Self {
        let Scenario { seed, accounts } = scenario;
        let lives = accounts.into_iter().map(|spec| SimAccount::new(spec, seed)).collect();
        Self {
            clock,
            inner: Mutex::new(Inner {
                lives,
                faults: Board::default(),
                incidents: Vec::new(),
                banners: Vec::new(),
                served: VecDeque::new(),
                served_so_far: 0,
                logs: None,
            }),
        }
    }

    pub(crate) const fn clock(&self) -> &SimClock {
        &self.clock
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // A panic in a test's closure must not take the simulator with it; lives stay consistent because
        // they change only inside their own methods.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets all accounts live until now, and writes what the logging machine did.
    pub(crate) fn catch_up(&self) -> std::io::Result<()> {
        self.inner().catch_up(self.clock.now())
    }

    pub(crate) fn write_logs(&self, dir: &Path) -> std::io::Result<()> {
        let mut inner = self.inner();
        for life in &mut inner.lives {
            life.keep_logged();
        }
        let logs = LogWriter::new(dir);
        logs.configure(&inner.lives.iter().map(|life| life.spec().clone()).collect::<Vec<_>>())?;
        inner.logs = Some(logs);
        inner.catch_up(self.clock.now())
    }

    pub(crate) fn announced(&self, origin: &str) -> Vec<Announced> {
        let announce = |life: &SimAccount| {
            let spec = life.spec();
            Announced {
                name: spec.name.clone(),
                source: spec.source,
                region: spec.region,
                base_url: format!("{origin}{}", spec.base_path()),
                key: spec.key.clone(),
            }
        };
        self.inner().lives.iter().map(announce).collect()
    }

    pub(crate) fn add(&self, life: SimAccount) {
        let mut life = life;
        let mut inner = self.inner();
        if inner.logs.is_some() {
            life.keep_logged();
        }
        inner.lives.retain(|other| other.spec().name != life.spec().name);
        inner.lives.push(life);
    }

    pub(crate) fn with_life<T>(
        &self,
        account: &str,
        what: impl FnOnce(&mut SimAccount) -> T,
    ) -> Result<T, NoSuchAccount> {
        let now = self.clock.now();
        let mut inner = self.inner();
        let life = inner.lives.iter_mut().find(|life| life.spec().name == account);
        let life = life.ok_or_else(|| NoSuchAccount(account.to_owned()))?;
        life.advance(now);
        Ok(what(life))
    }

    pub(crate) fn apply_event(&self, account: Option<&str>, event: &Event) -> Result<(), NoSuchAccount> {
        if let Some(account) = account {
            return self.with_life(account, |life| life.apply_event(event));
        }
        let now = self.clock.now();
        for life in &mut self.inner().lives {
            life.advance(now);
            life.apply_event(event);
        }
        Ok(())
    }

    pub(crate) fn look(&self, account: &str) -> Result<(Reading, String), NoSuchAccount> {
        self.with_life(account, |life| {
            let shown = life.look();
            (reading_of(&shown), bodies::evidence(&shown).to_string())
        })
    }

    pub(crate) fn truth(&self, account: &str) -> Result<Truth, NoSuchAccount> {
        self.with_life(account, |life| life.truth())
    }

    pub(crate) fn truths(&self) -> Vec<Truth> {
        let now = self.clock.now();
        let mut inner = self.inner();
        inner
            .lives
            .iter_mut()
            .map(|life| {
                life.advance(now);
                life.truth()
            })
            .collect()
    }

    pub(crate) fn order(&self, order: FaultOrder) -> Result<FaultId, NoSuchAccount> {
        let mut inner = self.inner();
        if let Some(name) = &order.account
            && !inner.lives.iter().any(|life| life.spec().name == *name)
        {
            return Err(NoSuchAccount(name.clone()));
        }
        Ok(inner.faults.order(order, self.clock.now()))
    }

    pub(crate) fn clear_fault(&self, id: FaultId) -> bool {
        self.inner().faults.clear(id)
    }

    pub(crate) fn clear_faults(&self) {
        self.inner().faults.clear_all();
    }

    pub(crate) fn faults(&self) -> Vec<StandingFault> {
        self.inner().faults.standing(self.clock.now())
    }

    pub(crate) fn open_incident(&self, title: &str, impact: Impact) -> String {
        let mut inner = self.inner();
        let id = format!("sim{:09}", inner.incidents.len() + 1);
        let opened_at = self.clock.now();
        inner.incidents.push(Incident {
            id: id.clone(),
            title: title.to_owned(),
            impact,
            opened_at,
            resolved_at: None,
        });
        id
    }

    /// Announces something to everyone from now on, in the members that the service's answer has.
    pub(crate) fn announce(&self, banner: serde_json::Value) {
        self.inner().banners.push(banner);
    }

    /// Resolves one incident, or all; says how many were open.
    pub(crate) fn resolve_incident(&self, id: Option<&str>) -> usize {
        let now = self.clock.now();
        let mut resolved = 0;
        for incident in &mut self.inner().incidents {
            if incident.resolved_at.is_none() && id.is_none_or(|id| incident.id == id) {
                incident.resolved_at = Some(now);
                resolved += 1;
            }
        }
        resolved
    }

    pub(crate) fn served(&self) -> Vec<Served> {
        self.inner().served.iter().cloned().collect()
    }

    pub(crate) fn forget_served(&self) {
        self.inner().served.clear();
    }

    /// Notes what was answered to a request.
    pub(crate) fn note_status(&self, number: u64, status: u16) {
        let mut inner = self.inner();
        if let Some(served) = inner.served.iter_mut().rev().find(|served| served.number == number) {
            served.status = Some(status);
        }
    }

    /// Answers a request of a service. The number is for [`SimState::note_status`].
    pub(crate) fn serve(&self, incoming: &Incoming) -> (u64, Outgoing) {
        let now = self.clock.now();
        let mut inner = self.inner();
        let owner =
            incoming.key.as_ref().and_then(|key| inner.lives.iter().position(|life| life.spec().key == *key));
        let account = owner.map(|index| inner.lives[index].spec().name.clone());
        let faults = inner.faults.strike(account.as_deref(), &incoming.path, now);
        inner.served_so_far += 1;
        let number = inner.served_so_far;
        if inner.served.len() == REQUESTS_KEPT {
            inner.served.pop_front();
        }
        inner.served.push_back(Served {
            number,
            at: incoming.at,
            simulated_at: now,
            account,
            method: incoming.method.clone(),
            path: incoming.path.clone(),
            headers: incoming.headers.clone(),
            user_agent: incoming.user_agent.clone(),
            status: None,
            faults: faults.iter().map(fault_word).collect(),
        });
        let answer = inner.answer(incoming, owner, &faults, now);
        let gzip = faults.contains(&Fault::Gzip) || incoming.takes_gzip && !faults.contains(&Fault::NoGzip);
        (number, Outgoing { answer, faults, gzip })
    }
}

impl Inner {
    fn catch_up(&mut self, now: DateTime<Utc>) -> std::io::Result<()> {
        for life in &mut self.lives {
            life.advance(now);
            if let Some(logs) = &mut self.logs {
                let requests = life.take_logged();
                logs.append(life.spec(), &requests)?;
            }
        }
        Ok(())
    }

    /// Answers as Kimi Code's own server does: it takes the account's key for its token, and hands on inside a success
    /// what the service refuses.
    fn local_server(
        &mut self,
        route: &str,
        owner: Option<usize>,
        faults: &[Fault],
        now: DateTime<Utc>,
    ) -> Answer {
        let refused = json!({"code": 40101, "msg": "unauthorized", "data": null, "request_id": "simulated"});
        let life = owner.and_then(|index| self.lives.get_mut(index));
        let Some(life) = life.filter(|life| life.spec().source == Source::KimiCode) else {
            return Answer::json(401, &refused);
        };
        life.advance(now);
        let refusal = faults.iter().find_map(|fault| match fault {
            Fault::Refuse(refusal) => Some(refusal.answer(Source::KimiCode)),
            _ => None,
        });
        let refusal =
            refusal.or_else(|| life.is_revoked().then(|| Refusal::WrongKey.answer(Source::KimiCode)));
        if let Some(refusal) = refusal {
            let said = String::from_utf8_lossy(&refusal.body);
            let said: serde_json::Value = serde_json::from_str(&said).unwrap_or_default();
            let message = said["error"]["message"].as_str().unwrap_or("the service failed");
            return Answer::json(200, &bodies::local_failure(refusal.status, message));
        }
        match route {
            "usage" => Answer::json(200, &bodies::local_usage(&life.look())),
            "userinfo" => Answer::json(200, &bodies::local_user(&life.glance())),
            _ => Answer::json(404, &json!({"code": 40401, "msg": "not found", "data": null})),
        }
    }

    fn answer(
        &mut self,
        incoming: &Incoming,
        owner: Option<usize>,
        faults: &[Fault],
        now: DateTime<Utc>,
    ) -> Answer {
        if let Some(route) = incoming.path.strip_prefix("/api/v1/oauth/") {
            return self.local_server(route, owner, faults, now);
        }
        if incoming.method == "POST" && incoming.path.ends_with("/coding/v1/resource_configs") {
            return Answer::json(
                200,
                &json!({"name": "client_banner", "config": {"banner_tips": self.banners}}),
            );
        }
        let Some((region, source, route)) = route(&incoming.path) else {
            if incoming.path == "/api/v2/summary.json" || incoming.path == "/api/v2/status.json" {
                if let Some(Fault::Refuse(refusal)) = faults.iter().find(|f| matches!(f, Fault::Refuse(_))) {
                    return refusal.answer(Source::Platform);
                }
                return Answer::json(200, &bodies::status_summary(&self.incidents, now));
            }
            return no_such_route(&incoming.method, &incoming.path);
        };
        if incoming.method != "GET" {
            return no_such_route(&incoming.method, &incoming.path);
        }
        if let Some(Fault::Refuse(refusal)) = faults.iter().find(|f| matches!(f, Fault::Refuse(_))) {
            return refusal.answer(source);
        }
        if incoming.key.is_none() {
            return Refusal::NoKey.answer(source);
        }
        let life = owner.and_then(|index| self.lives.get_mut(index));
        let Some(life) = life else { return Refusal::WrongKey.answer(source) };
        let spec = life.spec();
        let wrong_house = spec.source != source || region.is_some_and(|region| region != spec.region);
        if wrong_house {
            return Refusal::WrongKey.answer(source);
        }
        life.advance(now);
        if life.is_revoked() {
            return Refusal::WrongKey.answer(source);
        }
        let body = match route {
            Route::Usages | Route::Balance => bodies::quota(&life.look()),
            Route::Me => bodies::me(&life.glance(), life.spec().subscribed_at),
            Route::UsersMe => bodies::users_me(&life.glance()),
            Route::Models => bodies::models(source),
        };
        Answer::json(200, &body)
    }
}

/// Which route a path is: of which region (none where the path names none), which product.
fn route(path: &str) -> Option<(Option<Region>, Source, Route)> {
    let mut parts = path.trim_start_matches('/').splitn(2, '/');
    let first = parts.next()?;
    let (region, rest) = match first.parse::<Region>() {
        Ok(region) => (Some(region), parts.next()?),
        Err(_) => (None, path.trim_start_matches('/')),
    };
    let (source, route) = match rest {
        "coding/v1/usages" => (Source::KimiCode, Route::Usages),
        "coding/v1/me" => (Source::KimiCode, Route::Me),
        "coding/v1/models" => (Source::KimiCode, Route::Models),
        "v1/users/me/balance" => (Source::Platform, Route::Balance),
        "v1/users/me" => (Source::Platform, Route::UsersMe),
        "v1/models" => (Source::Platform, Route::Models),
        _ => return None,
    };
    Some((region, source, route))
}

fn fault_word(fault: &Fault) -> String {
    let json = serde_json::to_value(fault).unwrap_or_default();
    let word = |key: &str| json.get(key).and_then(|word| word.as_str()).unwrap_or_default().to_owned();
    match fault {
        Fault::Refuse(_) => word("refusal"),
        _ => word("fault"),
    }
}
