//! How budgets stand, and the alerts that are due for them.
//!
//! What was deducted of a quota or a balance comes from the history of readings, tokens from the sums of the session logs,
//! and what a project cost from those and the public prices, which is an estimate and says so.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use tidemark_core::account::Account;
use tidemark_core::alert::{Alert, AlertKind};
use tidemark_core::budget::{Budget, BudgetAmount, BudgetState};
use tidemark_core::calendar::{Bucket, Span};
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_core::{AccountId, Currency, Money, Series, Source};
use tidemark_kimi::PriceList;
use tidemark_store::{HistoryQuery, Store, StoreError, UsageQuery};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::event::EngineEvent;

/// From which share of a period on, in percent of the time that has passed, all of it counts as seen: polls that fail now
/// and then lose nothing, since the next one shows what was deducted meanwhile.
const SEEN: i64 = 90;

impl Engine {
    /// How the budgets stand that are set, in their order; those of accounts that are gone are left out.
    ///
    /// # Errors
    /// [`EngineError::StoreHandle`] if the history cannot be read.
    pub async fn budgets(&self) -> Result<Vec<BudgetState>, EngineError> {
        let settings = self.settings();
        if settings.budgets.is_empty() {
            return Ok(Vec::new());
        }
        let (prices, now) = (self.prices(), self.now());
        self.read(move |store| budget_states(store, &settings.budgets, &prices, settings.timezone, now)).await
    }

    /// Queues the alerts that are due for the budgets, each once a period. [`Engine::run`] does it once a minute.
    pub async fn look_at_budgets(&self) {
        let queued = async {
            let due = due(&self.budgets().await?, self.now());
            // Most of the time all of them are known: that takes no write.
            let due = self
                .read(move |store| {
                    let mut new = Vec::new();
                    for (account, alert) in due {
                        if !store.has_alert(account, &alert.key)? {
                            new.push((account, alert));
                        }
                    }
                    Ok(new)
                })
                .await?;
            let any = !due.is_empty();
            if any {
                self.write(move |store| store.queue_alerts(&due)).await?;
            }
            Ok::<bool, EngineError>(any)
        };
        match queued.await {
            Ok(true) => self.announce(EngineEvent::Alerts),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "how the budgets stand could not be read"),
        }
    }
}

/// How budgets stand by a history at `now`, with days as in `zone`; those of accounts that it does not have are left out.
///
/// # Errors
/// Those of [any read](StoreError#reads-and-writes).
pub fn budget_states(
    store: &Store,
    budgets: &[Budget],
    prices: &PriceList,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<Vec<BudgetState>, StoreError> {
    let accounts = store.accounts()?;
    let mut states = Vec::new();
    for budget in budgets {
        let Some(account) = accounts.iter().find(|account| account.id == budget.account) else { continue };
        let period = budget.period.holding(now, zone);
        let from_readings = |series: Series| deducted(store, account, series, &period, zone, now);
        let (used, is_estimate, is_part) = match (&budget.limit, &budget.project) {
            (BudgetAmount::Percent { meter, .. }, _) => {
                let (used, is_part) = from_readings(Series::Meter(*meter))?;
                (used.map(|percent| BudgetAmount::Percent { meter: *meter, percent }), false, is_part)
            }
            (BudgetAmount::Money { money }, None) => {
                let currency = money.currency;
                // Beside a membership only extra usage costs money.
                let (used, is_part) = from_readings(match account.source {
                    Source::Platform => Series::Balance(currency),
                    Source::KimiCode => Series::Wallet(currency),
                })?;
                let used = used.map(|amount| BudgetAmount::Money { money: Money::new(amount, currency) });
                (used, false, is_part)
            }
            (BudgetAmount::Money { money }, Some(_)) => {
                let logged = logged(store, budget, prices, money.currency, &period)?;
                let used = logged
                    .worth
                    .map(|amount| BudgetAmount::Money { money: Money::new(amount, money.currency) });
                (used, true, logged.unpriced > 0)
            }
            (BudgetAmount::Tokens { .. }, _) => {
                let logged = logged(store, budget, prices, Currency::USD, &period)?;
                (logged.tokens.map(|tokens| BudgetAmount::Tokens { tokens }), false, false)
            }
        };
        states.push(BudgetState { budget: budget.clone(), period, used, is_estimate, is_part });
    }
    Ok(states)
}

/// What was deducted of a series in a period so far, and whether a part of it was not seen.
fn deducted(
    store: &Store,
    account: &Account,
    series: Series,
    period: &Bucket,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<(Option<Decimal>, bool), StoreError> {
    let (from, to) = (period.start, period.end);
    let query = HistoryQuery { from, to, now, span: Span::Day, account: Some(account.id), zone };
    let mut used = None;
    let mut seen = chrono::TimeDelta::zero();
    for row in store.history(&query)?.iter().filter(|row| row.series == series) {
        seen += row.covered;
        if let Some(deducted) = row.deducted {
            used = Some(used.unwrap_or_default() + deducted);
        }
    }
    let passed = now.min(to) - from;
    Ok((used, seen.num_seconds() < passed.num_seconds() * SEEN / 100))
}

/// What session logs show of a budget's account and project.
#[derive(Default)]
struct Logged {
    /// `None` where no logs were read.
    tokens: Option<u64>,
    /// What of it has a price is worth this; `None` likewise.
    worth: Option<Decimal>,
    /// The tokens that have none.
    unpriced: u64,
}

fn logged(
    store: &Store,
    budget: &Budget,
    prices: &PriceList,
    currency: Currency,
    period: &Bucket,
) -> Result<Logged, StoreError> {
    let mut logged = Logged::default();
    if store.usage_files_known()?.0 > 0 {
        (logged.tokens, logged.worth) = (Some(0), Some(Decimal::ZERO));
    }
    store.for_each_usage(&UsageQuery { from: period.start, to: period.end }, |sum| {
        if sum.third || sum.account != Some(budget.account) || !budget.counts(sum.project.as_deref()) {
            return;
        }
        let tokens = sum.tokens.total();
        logged.tokens = Some(logged.tokens.unwrap_or_default().saturating_add(tokens));
        let price = prices.price(&sum.model, sum.start, currency);
        match price.and_then(|price| price.cost(&sum.tokens)) {
            Some(worth) => logged.worth = Some(logged.worth.unwrap_or_default().saturating_add(worth)),
            None => logged.unpriced = logged.unpriced.saturating_add(tokens),
        }
    })?;
    Ok(logged)
}

/// The alerts for the steps that budgets have reached; each is queued only once.
fn due(states: &[BudgetState], now: DateTime<Utc>) -> Vec<(AccountId, Alert)> {
    let alert = |state: &BudgetState| {
        let (step, used) = (state.step()?, state.used?);
        let budget = state.budget.clone();
        let key = format!("{}:{step}:{}", budget.key(), format_rfc3339(state.period.start));
        let (account, is_estimate, ends) = (budget.account, state.is_estimate, state.period.end);
        let kind = AlertKind::Budget { budget, step, used, is_estimate, ends };
        Some((account, Alert { key, at: now, kind, announcement: None }))
    };
    states.iter().filter_map(alert).collect()
}
