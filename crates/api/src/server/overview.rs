//! The overview: a card an account.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use tidemark_core::calendar::{Bucket, Span};
use tidemark_core::forecast::Forecast;
use tidemark_core::money::plain;
use tidemark_core::number::decimal;
use tidemark_core::wire::IncidentState;
use tidemark_core::{
    AccountId, Balance, Currency, Failure, FailureKind, MeterReading, Money, RateLimits, Reading, Region,
    Series, Source, Wallet,
};
use tidemark_kimi::StatusPage;
use tidemark_monitor::{AccountSnapshot, Engine, EngineError, NotificationState, Snapshot, TrayState};
use tidemark_store::{HistoryQuery, HistoryRow};
use tidemark_vault::KeyringState;

use super::findings;
use crate::view;

/// A value is live for as long as this many regular pauses, and a little.
const LIVE_PAUSES: i32 = 4;
/// How far back the small trend goes.
const TREND: TimeDelta = TimeDelta::hours(24);

/// Makes the overview.
pub async fn overview(engine: &Engine) -> Result<view::Overview, EngineError> {
    let snapshot = engine.snapshot();
    let now = snapshot.now;
    let zone = snapshot.settings.timezone;
    let (recent, spent, unseen, anomalies) = engine
        .read(move |store| {
            let query = |from, span| HistoryQuery { from, to: now, now, span, account: None, zone };
            let month = Bucket::holding(now, Span::Month, zone).start;
            Ok((
                store.history(&query(now - TREND, Span::Hour))?,
                store.history(&query(month, Span::Day))?,
                store.unseen_findings()?,
                store.anomalies(None)?,
            ))
        })
        .await?;
    let unseen: HashMap<AccountId, u64> = unseen.into_iter().collect();
    let today = Bucket::holding(now, Span::Day, zone);
    let cards = snapshot
        .accounts
        .iter()
        .map(|account| {
            let mut card = card(account, &snapshot);
            let id = account.account.id;
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

/// How much of an account's use the local logs tell of.
pub(super) fn known_use(account: &AccountSnapshot) -> Vec<view::KnownUse> {
    account
        .known_use
        .iter()
        .map(|(series, share)| view::KnownUse {
            account_id: account.account.id.0,
            series: series.to_string(),
            share: *share,
        })
        .collect()
}

/// What was deducted in some buckets; `None` where nobody looked in any of them.
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
        trouble: snapshot.trouble.as_ref().map(|trouble| view::Trouble {
            code: trouble.code.to_owned(),
            detail: trouble.detail.clone(),
            since: trouble.since,
        }),
    }
}

/// The card of an account, without what only the history knows.
fn card(snapshot: &AccountSnapshot, whole: &Snapshot) -> view::AccountCard {
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
    card.failure = snapshot.poll.last_failure.as_ref().map(|failed| {
        failure_view(
            &failed.failure,
            snapshot.poll.failing_since.unwrap_or(whole.now),
            snapshot.poll.retry_after_until.filter(|until| *until > whole.now),
            snapshot.key_trouble,
        )
    });
    for meter in &mut card.meters {
        meter.unconfirmed = snapshot.unconfirmed.iter().any(|m| m.word() == meter.meter);
        // What stands on an old value, or on a cycle that is over, is not told.
        let holds = card.state == view::CardState::Live && meter.resets_at.is_some_and(|at| at > whole.now);
        let forecast = snapshot.forecasts.iter().find(|(of, _)| of.word() == meter.meter);
        meter.forecast = forecast.filter(|_| holds).map(|(_, forecast)| forecast_view(forecast));
    }
    card
}

fn state(snapshot: &AccountSnapshot, whole: &Snapshot) -> view::CardState {
    if let Some(failed) = &snapshot.poll.last_failure {
        return match failed.failure.kind {
            FailureKind::Unauthorized | FailureKind::Forbidden | FailureKind::MembershipLapsed => {
                view::CardState::Refused
            }
            FailureKind::RateLimited
            | FailureKind::Overloaded
            | FailureKind::OutOfBalance
            | FailureKind::WindowExhausted => view::CardState::Limited,
            FailureKind::NotUnderstood => view::CardState::NotUnderstood,
            FailureKind::KeyUnavailable => view::CardState::KeyUnavailable,
            FailureKind::NotFound
            | FailureKind::ServerError
            | FailureKind::GatewayTimeout
            | FailureKind::ContentFiltered
            | FailureKind::BadRequest
            | FailureKind::Network
            | FailureKind::Timeout
            | FailureKind::Unknown => view::CardState::Unreachable,
        };
    }
    let Some(reading) = &snapshot.reading else { return view::CardState::Waiting };
    let pause = TimeDelta::seconds(i64::from(whole.settings.poll_seconds));
    let age = whole.now - reading.at;
    if age <= pause * LIVE_PAUSES + TimeDelta::minutes(1) {
        view::CardState::Live
    } else {
        view::CardState::Stale
    }
}

fn empty_card(name: &str, source: Source, region: Region) -> view::AccountCard {
    view::AccountCard {
        id: 0,
        name: name.to_owned(),
        source: source_view(source),
        region: region_view(region),
        plan: None,
        state: view::CardState::Waiting,
        failure: None,
        read_at: None,
        next_poll_at: None,
        polling: false,
        meters: Vec::new(),
        balance: None,
        wallet: None,
        limits: view::LimitsView::default(),
        not_understood: Vec::new(),
        unseen_findings: 0,
        anomalies: view::OpenAnomalies::default(),
        known_use: Vec::new(),
    }
}

/// A card made from one reading alone.
pub(super) fn preview(name: &str, reading: &Reading) -> view::AccountCard {
    view::AccountCard {
        plan: reading.plan.clone(),
        state: view::CardState::Live,
        read_at: Some(reading.at),
        meters: reading.meters.iter().map(meter_view).collect(),
        balance: reading.balance.map(balance_view),
        wallet: reading.wallet.map(wallet_view),
        limits: limits_view(reading.limits),
        not_understood: reading.not_understood.clone(),
        ..empty_card(name, reading.source, reading.region)
    }
}

fn meter_view(meter: &MeterReading) -> view::MeterView {
    // A limit of 100 is the service's percent, not a number of requests.
    let count = match (meter.used, meter.limit) {
        (Some(used), Some(limit)) if limit != Decimal::ONE_HUNDRED => {
            Some(view::CountView { used: used.normalize().to_string(), limit: limit.normalize().to_string() })
        }
        _ => None,
    };
    view::MeterView {
        meter: meter.meter.word().to_owned(),
        used_percent: decimal::to_f64(meter.used_percent),
        count,
        resets_at: meter.resets_at,
        conflict: meter.conflict,
        unconfirmed: false,
        trend: Vec::new(),
        forecast: None,
    }
}

fn forecast_view(forecast: &Forecast) -> view::ForecastView {
    view::ForecastView {
        lasts: forecast.lasts,
        empty: forecast.empty.map(|(from, to)| view::MomentSpan { from, to }),
    }
}

fn balance_view(balance: Balance) -> view::BalanceView {
    let of = |amount: Option<Decimal>| amount.map(|amount| money(Money::new(amount, balance.currency)));
    view::BalanceView {
        available: of(balance.available),
        cash: of(balance.cash.map(|cash| cash.max(Decimal::ZERO))),
        voucher: of(balance.voucher),
        debt: of(balance.cash.filter(|cash| cash.is_sign_negative() && !cash.is_zero()).map(|cash| -cash)),
        spent_today: None,
        spent_month: None,
    }
}

fn wallet_view(wallet: Wallet) -> view::WalletView {
    view::WalletView {
        enabled: wallet.enabled,
        balance: wallet.balance.map(money),
        month_used: wallet.month_used.map(money),
        month_cap: wallet.month_cap.map(money),
    }
}

pub(super) fn limits_view(limits: RateLimits) -> view::LimitsView {
    view::LimitsView {
        concurrency: limits.concurrency,
        requests_per_minute: limits.requests_per_minute,
        tokens_per_minute: limits.tokens_per_minute,
        tokens_per_day: limits.tokens_per_day,
    }
}

pub(super) fn failure_view(
    failure: &Failure,
    since: DateTime<Utc>,
    retry_at: Option<DateTime<Utc>>,
    reason: Option<&str>,
) -> view::FailureView {
    view::FailureView {
        kind: failure.kind.word().to_owned(),
        message: failure.message.clone(),
        status: failure.status,
        since,
        retry_at,
        reason: reason.map(ToOwned::to_owned),
        keyring: match reason {
            Some("keyring-absent") => Some(view::KeyringState::Absent),
            // One that does not answer is most often one whose window waits behind another.
            Some("keyring-locked" | "keyring-no-answer") => Some(view::KeyringState::Locked),
            Some("keyring-denied") => Some(view::KeyringState::Denied),
            Some("keyring-gone") => Some(view::KeyringState::Gone),
            _ => None,
        },
    }
}

fn status_view(page: &StatusPage, read_at: DateTime<Utc>) -> view::ServiceStatus {
    view::ServiceStatus {
        indicator: page.indicator.word().to_owned(),
        description: page.description.clone(),
        incidents: page
            .incidents
            .iter()
            .filter(|incident| incident.state == IncidentState::Open)
            .map(|incident| view::IncidentView {
                id: incident.id.clone(),
                title: incident.title.clone(),
                impact: incident.impact.clone(),
                since: incident.since.unwrap_or(read_at),
            })
            .collect(),
        read_at,
        url: page.url.clone().unwrap_or_default(),
    }
}

/// An amount of money as it is shown.
pub(super) fn money(money: Money) -> view::MoneyView {
    view::MoneyView { amount: plain(money.amount), currency: money.currency.code().to_owned() }
}

pub(super) fn source_view(source: Source) -> view::SourceWord {
    match source {
        Source::KimiCode => view::SourceWord::KimiCode,
        Source::Platform => view::SourceWord::Platform,
    }
}

pub(super) fn region_view(region: Region) -> view::RegionWord {
    match region {
        Region::China => view::RegionWord::China,
        Region::Global => view::RegionWord::Global,
    }
}

pub(super) fn keyring_view(state: KeyringState) -> view::KeyringState {
    match state {
        KeyringState::Ready => view::KeyringState::Ready,
        KeyringState::Absent => view::KeyringState::Absent,
        KeyringState::Locked => view::KeyringState::Locked,
        KeyringState::Denied => view::KeyringState::Denied,
        KeyringState::Gone => view::KeyringState::Gone,
        KeyringState::Unknown => view::KeyringState::Unknown,
    }
}
