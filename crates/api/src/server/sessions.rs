//! What a span was used by: its sessions, and its largest requests.

use std::collections::{BTreeMap, HashMap};

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;
use tidemark_core::audit::Prices;
use tidemark_core::{AccountId, Money};
use tidemark_kimi::PublicPrices;
use tidemark_monitor::EngineError;
use tidemark_store::{MachineId, OriginRequest, UsageQuery, UsageSum};

use super::context::Context;
use super::convert::money;
use super::error::ApiResult;
use super::query::moment_or;
use super::usage::worth_currency;
use crate::view;

const MAX_SESSIONS: usize = 200;
const MAX_REQUESTS: u32 = 200;
const QUARTER: TimeDelta = TimeDelta::minutes(15);

#[derive(Deserialize)]
pub(super) struct Asked {
    from: Option<String>,
    to: Option<String>,
    account: Option<i64>,
}

/// What makes two sums one session.
type Key = (Option<i64>, String, Option<String>, Option<String>, Option<i64>);

#[derive(Debug, Default)]
struct Session {
    first: Option<DateTime<Utc>>,
    last: Option<DateTime<Utc>>,
    requests: u64,
    tokens: u64,
    worth: Option<Decimal>,
    unpriced: u64,
    /// By the proportions of prices; `None` where one is unknown.
    cost: Option<f64>,
    is_unknown: bool,
    models: HashMap<String, u64>,
}

pub(super) async fn get_sessions(
    State(context): State<Context>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> ApiResult<view::Sessions> {
    let asked = asked?.0;
    let engine = &context.engine;
    let snapshot = engine.snapshot();
    let (zone, now) = (snapshot.settings.timezone, snapshot.now);
    let to = moment_or(asked.to.as_deref(), zone, now)?;
    let from = moment_or(asked.from.as_deref(), zone, to - TimeDelta::days(1))?;
    let account = asked.account.map(AccountId);
    let currency = worth_currency(&snapshot, account);
    // The user's own prices are a file.
    let of_engine = engine.clone();
    let prices = tokio::task::spawn_blocking(move || of_engine.prices()).await;
    let prices = prices.map_err(|_| EngineError::Internal)?;
    // Sums begin at quarters of an hour.
    let first = from.duration_trunc(QUARTER).unwrap_or(from);
    let last = to.duration_trunc(QUARTER).map_or(to, |end| if end < to { end + QUARTER } else { end });
    let (sessions, (requests, requests_kept), names) = engine
        .read(move |store| {
            let mut sessions: BTreeMap<Key, Session> = BTreeMap::new();
            store.for_each_usage(&UsageQuery { from: first, to: last }, |sum| {
                if sum.third || account.is_some_and(|account| sum.account != Some(account)) {
                    return;
                }
                let worth =
                    prices.price(&sum.model, sum.start, currency).and_then(|price| price.cost(&sum.tokens));
                let key = (
                    sum.machine.map(|machine| machine.0),
                    sum.format.clone(),
                    sum.session.clone(),
                    sum.project.clone(),
                    sum.account.map(|account| account.0),
                );
                sessions.entry(key).or_default().add(&sum, worth);
            })?;
            let largest = store.largest_requests((from, to), account, MAX_REQUESTS)?;
            let mut names: HashMap<Option<MachineId>, String> =
                store.machines()?.into_iter().map(|machine| (Some(machine.id), machine.name)).collect();
            names.insert(None, store.own_machine()?.map(|own| own.name).unwrap_or_default());
            Ok((sessions, largest, names))
        })
        .await?;
    // A share is of its account: quotas are its alone.
    let mut whole: HashMap<Option<i64>, Option<f64>> = HashMap::new();
    for ((.., account), session) in &sessions {
        let sum = whole.entry(*account).or_insert(Some(0.0));
        *sum = sum.zip(session.cost()).map(|(sum, cost)| sum + cost);
    }
    let mut rows: Vec<view::SessionUse> = sessions
        .into_iter()
        .map(|((machine, program, session, project, account_id), used)| {
            let whole = whole.get(&account_id).copied().flatten().filter(|whole| *whole > 0.0);
            view::SessionUse {
                session,
                program,
                project,
                machine,
                machine_name: names.get(&machine.map(MachineId)).cloned().unwrap_or_default(),
                account_id,
                share: used.cost().zip(whole).map(|(cost, whole)| cost / whole),
                models: used.models(),
                first: used.first.unwrap_or(first),
                last: used.last.unwrap_or(last),
                requests: used.requests,
                tokens: used.tokens,
                worth: used.worth.map(|worth| money(Money::new(worth.normalize(), currency))),
                unpriced_tokens: used.unpriced,
            }
        })
        .collect();
    rows.sort_by(|a, b| {
        let by = |row: &view::SessionUse| (row.share.unwrap_or(0.0), row.tokens);
        let (a, b) = (by(a), by(b));
        b.0.total_cmp(&a.0).then(b.1.cmp(&a.1))
    });
    let more = rows.len().saturating_sub(MAX_SESSIONS);
    rows.truncate(MAX_SESSIONS);
    Ok(Json(view::Sessions {
        from: first,
        to: last,
        sessions: rows,
        more_sessions: more as u64,
        requests: requests.into_iter().map(request_view).collect(),
        requests_kept,
    }))
}

impl Session {
    fn add(&mut self, sum: &UsageSum, worth: Option<Decimal>) {
        let end = sum.start + QUARTER;
        self.first = Some(self.first.map_or(sum.start, |first| first.min(sum.start)));
        self.last = Some(self.last.map_or(end, |last| last.max(end)));
        self.requests = self.requests.saturating_add(sum.requests);
        self.tokens = self.tokens.saturating_add(sum.tokens.total());
        *self.models.entry(sum.model.clone()).or_default() += sum.tokens.total();
        match worth {
            Some(worth) => self.worth = Some(self.worth.unwrap_or_default().saturating_add(worth)),
            None => self.unpriced = self.unpriced.saturating_add(sum.tokens.total()),
        }
        match PublicPrices.price(Some(&sum.model), sum.start).and_then(|price| price.usd.or(price.cny)) {
            Some(rates) => self.cost = Some(self.cost.unwrap_or_default() + rates.cost(sum.tokens)),
            None => self.is_unknown = true,
        }
    }

    fn cost(&self) -> Option<f64> {
        self.cost.filter(|_| !self.is_unknown)
    }

    fn models(&self) -> Vec<String> {
        let mut models: Vec<(&String, &u64)> = self.models.iter().collect();
        models.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        models.into_iter().map(|(name, _)| name.clone()).collect()
    }
}

fn request_view(request: OriginRequest) -> view::RequestUse {
    view::RequestUse {
        at: request.at,
        model: request.model,
        program: request.format,
        session: request.session,
        project: request.project,
        input: request.tokens.input,
        cache_read: request.tokens.cache_read,
        cache_write: request.tokens.cache_write,
        output: request.tokens.output,
    }
}
