//! The overview: a card an account.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use tidemark_core::calendar::{Bucket, Span};
use tidemark_core::number::decimal;
use tidemark_core::{AccountId, Credential, Currency, Failure, Money, Series};
use tidemark_monitor::{AccountSnapshot, Engine, EngineError, NotificationState, Snapshot, TrayState};
use tidemark_store::{HistoryQuery, HistoryRow};
use tidemark_vault::{KeyringState, VaultError};

use super::context::Context;
use super::convert::{
    empty_card, failure_view, forecast_view, keyring_view, known_use, money, preview, region_view,
    source_view, status_view,
};
use super::error::ApiResult;
use super::update_view::update_view;
use super::{failures, findings};
use crate::view;

/// How far back the small trend goes.
const TREND: TimeDelta = TimeDelta::hours(24);

pub(super) async fn get_overview(State(context): State<Context>) -> ApiResult<view::Overview> {
    Ok(Json(overview(&context.engine).await?))
}

/// The overview of an engine.
///
/// # Errors
/// [`EngineError::StoreHandle`] if the store cannot be read, or is closed.
pub async fn overview(engine: &Engine) -> Result<view::Overview, EngineError> {
    let snapshot = engine.snapshot();
    let now = snapshot.now;
    let zone = snapshot.settings.timezone;
    let ids: Vec<AccountId> = snapshot.accounts.iter().map(|known| known.account.id).collect();
    let (recent, spent, unseen, anomalies, failing) = engine
        .read(move |store| {
            let query = |from, span| HistoryQuery { from, to: now, now, span, account: None, zone };
            let month = Bucket::holding(now, Span::Month, zone).start;
            Ok((
                store.history(&query(now - TREND, Span::Hour))?,
                store.history(&query(month, Span::Day))?,
                store.unseen_findings()?,
                store.anomalies(None)?,
                failures::since(store, &ids)?,
            ))
        })
        .await?;
    let unseen: HashMap<AccountId, u64> = unseen.into_iter().collect();
    let today = Bucket::holding(now, Span::Day, zone);
    let cards = snapshot
        .accounts
        .iter()
        .map(|account| {
            let id = account.account.id;
            let mut card = card(account, failing.get(&id).copied(), &snapshot);
            card.unseen_findings = unseen.get(&id).copied().unwrap_or(0);
            card.anomalies = findings::open_anomalies(&anomalies, id);
            card.known_use = known_use(account);
            for meter in &mut card.meters {
                if let Ok(series) = meter.meter.parse() {
                    meter.trend = trend(&recent, id, series, now, zone);
                }
            }
            if let (Some(balance), Some(currency)) =
                (&mut card.balance, account.reading.as_ref().and_then(|r| r.balance).map(|b| b.currency))
            {
                let of = |row: &&HistoryRow| row.account == id && row.series == Series::Balance(currency);
                balance.spent_today = sum(spent.iter().filter(of).filter(|r| r.bucket == today), currency);
                balance.spent_month = sum(spent.iter().filter(of), currency);
            }
            card
        })
        .collect();
    Ok(view::Overview {
        now,
        accounts: cards,
        agent: agent(&snapshot, engine.vault().last_keyring_state()),
        service: snapshot.service.iter().map(|(page, at)| status_view(page, *at)).collect(),
    })
}

/// What was deducted in some buckets; `None` where there are no data in any of them.
fn sum<'a>(rows: impl Iterator<Item = &'a HistoryRow>, currency: Currency) -> Option<view::MoneyView> {
    rows.filter_map(|row| row.deducted).reduce(|a, b| a + b).map(|amount| money(Money::new(amount, currency)))
}

fn trend(
    rows: &[HistoryRow],
    id: AccountId,
    series: Series,
    now: DateTime<Utc>,
    zone: chrono_tz::Tz,
) -> Vec<Option<f64>> {
    let by_start: HashMap<_, _> = rows
        .iter()
        .filter(|row| row.account == id && row.series == series)
        .filter_map(|row| Some((row.bucket.start, row.last?)))
        .collect();
    Bucket::covering(now - TREND, now, Span::Hour, zone)
        .map(|bucket| by_start.get(&bucket.start).map(|value| decimal::to_f64(*value)))
        .collect()
}

fn agent(snapshot: &Snapshot, keyring: KeyringState) -> view::AgentState {
    view::AgentState {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        demo: snapshot.demo,
        paused_until: snapshot.paused_until,
        tray: match snapshot.tray {
            TrayState::Shown => view::TrayState::Shown,
            TrayState::NoHost => view::TrayState::NoHost,
            TrayState::Off => view::TrayState::Off,
        },
        notifications: match snapshot.notifications {
            NotificationState::Working => view::NotificationState::Working,
            NotificationState::NoService => view::NotificationState::NoService,
            NotificationState::Off => view::NotificationState::Off,
        },
        keyring: keyring_view(keyring),
        timezone: snapshot.settings.timezone.name().to_owned(),
        trouble: snapshot.trouble.as_ref().map(|trouble| view::EngineProblem {
            code: trouble.code.to_owned(),
            detail: trouble.detail.clone(),
            said: trouble.said.clone(),
            lost: trouble.lost,
            since: trouble.since,
        }),
        update: snapshot.update.as_ref().map(|known| Box::new(update_view(known))),
    }
}

/// The card of an account, without what only the history knows. `failing`: since when its polls fail.
fn card(snapshot: &AccountSnapshot, failing: Option<DateTime<Utc>>, whole: &Snapshot) -> view::AccountCard {
    let account = &snapshot.account;
    let reading = snapshot.reading.as_ref();
    let mut card = reading.map_or_else(
        || empty_card(&account.name, account.source, account.region),
        |reading| preview(&account.name, reading),
    );
    card.id = account.id.0;
    card.source = source_view(account.source);
    card.region = region_view(account.region);
    card.next_poll_at = snapshot.next_at;
    card.polling = snapshot.polling;
    card.state = state(snapshot, whole);
    card.failure = no_key(snapshot).or_else(|| {
        let failed = snapshot.poll.last_failure.as_ref()?;
        Some(failure_view(
            &failed.failure,
            failing.or(snapshot.poll.failing_since).unwrap_or(failed.at),
            snapshot.poll.retry_after_until.filter(|until| *until > whole.now),
            snapshot.key_trouble,
        ))
    });
    for meter in &mut card.meters {
        meter.was_reset = reading.is_some_and(|reading| {
            reading
                .meters
                .iter()
                .any(|seen| seen.meter.as_str() == meter.meter && reading.is_past_reset(seen, whole.now))
        });
        meter.unconfirmed = snapshot.unconfirmed.iter().any(|m| m.as_str() == meter.meter);
        // What rests on an old value, or on a cycle that is over, is not shown.
        let holds = card.state == view::CardState::Live && meter.resets_at.is_some_and(|at| at > whole.now);
        let forecast = snapshot.forecasts.iter().find(|(of, _)| of.as_str() == meter.meter);
        meter.forecast = forecast.filter(|_| holds).map(|(_, forecast)| forecast_view(forecast));
    }
    card
}

/// What is said of an account that was imported and has no key yet.
fn no_key(snapshot: &AccountSnapshot) -> Option<view::FailureView> {
    let has_none = matches!(snapshot.account.credential, Credential::None {});
    let failure = has_none.then(|| Failure::from(&VaultError::NoKey))?;
    Some(failure_view(&failure, snapshot.account.created_at, None, snapshot.key_trouble))
}

fn state(snapshot: &AccountSnapshot, whole: &Snapshot) -> view::CardState {
    if let Credential::None {} = snapshot.account.credential {
        return view::CardState::KeyUnavailable;
    }
    if let Some(failed) = &snapshot.poll.last_failure {
        return view::CardState::of_failure(&failed.failure, snapshot.poll.failures_in_row);
    }
    let Some(reading) = &snapshot.reading else { return view::CardState::Waiting };
    let age = whole.now - reading.at;
    if age <= whole.settings.live_for() {
        view::CardState::Live
    } else if snapshot.polled_through.is_some() {
        view::CardState::PolledThrough
    } else {
        view::CardState::Stale
    }
}
