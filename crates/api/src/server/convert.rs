//! From the domain's types to those of the local interface.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use tidemark_core::audit::Breakdown;
use tidemark_core::finding::{Anomaly, Schedule, Triage};
use tidemark_core::forecast::Forecast;
use tidemark_core::number::decimal;
use tidemark_core::wire::{FindingRecord, IncidentState};
use tidemark_core::{
    Account, Balance, Failure, Finding, FindingKind, MeterReading, Money, RateLimits, Reading, Region,
    Source, Wallet,
};
use tidemark_kimi::StatusPage;
use tidemark_monitor::{AccountSnapshot, Engine, Skipped};
use tidemark_store::{FailureRun, Incident, StoredFinding};
use tidemark_vault::{FileState, KeyringState};

use super::message_views::cause_view;
pub(super) use super::money_view::money;
use crate::view;

/// How much of an account's usage is in the local logs.
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

pub(super) fn empty_card(name: &str, source: Source, region: Region) -> view::AccountCard {
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

pub(super) fn meter_view(meter: &MeterReading) -> view::MeterView {
    // A limit of 100 is the service's percent, not a number of requests.
    let count = match (meter.used, meter.limit) {
        (Some(used), Some(limit)) if limit != Decimal::ONE_HUNDRED => {
            Some(view::CountView { used: used.normalize().to_string(), limit: limit.normalize().to_string() })
        }
        _ => None,
    };
    view::MeterView {
        meter: meter.meter.as_str().to_owned(),
        used_percent: decimal::to_f64(meter.used_percent),
        count,
        resets_at: meter.resets_at,
        conflict: meter.conflict,
        was_reset: false,
        unconfirmed: false,
        trend: Vec::new(),
        forecast: None,
    }
}

pub(super) fn forecast_view(forecast: &Forecast) -> view::ForecastView {
    view::ForecastView {
        lasts: forecast.lasts,
        empty: forecast.empty.map(|(from, to)| view::MomentSpan { from, to }),
    }
}

pub(super) fn balance_view(balance: Balance) -> view::BalanceView {
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

pub(super) fn wallet_view(wallet: Wallet) -> view::WalletView {
    view::WalletView {
        enabled: wallet.enabled,
        balance: wallet.balance.map(money),
        month_used: wallet.month_used.map(money),
        month_cap: wallet.month_cap.map(money),
        frozen: wallet.frozen,
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
        kind: failure.kind.as_str().to_owned(),
        message: failure.message.clone(),
        cause: failure.cause.as_deref().map(cause_view),
        status: failure.status,
        denied: failure.denied.map(|denied| denied.as_str().to_owned()),
        meter: failure.meter.map(|meter| meter.as_str().to_owned()),
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

pub(super) fn status_view(page: &StatusPage, read_at: DateTime<Utc>) -> view::ServiceStatus {
    view::ServiceStatus {
        indicator: page.indicator.as_str().to_owned(),
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

/// How much a finding asks for attention.
pub(super) fn severity(finding: &Finding) -> view::Severity {
    match &finding.kind {
        FindingKind::Anomaly(Anomaly::WipeOut | Anomaly::Impossible) => view::Severity::Critical,
        FindingKind::Anomaly(
            Anomaly::Accelerated | Anomaly::Unexplained | Anomaly::Clawback | Anomaly::OverdueReset,
        ) => view::Severity::Warning,
        FindingKind::Anomaly(Anomaly::Disagreement) if finding.is_deduction() => view::Severity::Warning,
        FindingKind::Reset { schedule: Schedule::Early, .. }
        | FindingKind::Credit { .. }
        | FindingKind::Recovered { .. }
        | FindingKind::Withdrawn { .. } => view::Severity::Good,
        _ => view::Severity::Note,
    }
}

/// What the user says of a finding.
pub(super) fn triage(found: &StoredFinding) -> view::TriageState {
    match found.mark {
        None => view::TriageState::Open,
        Some((Triage::Mine, _)) => view::TriageState::Mine,
        Some((Triage::Reported, _)) => view::TriageState::Reported,
        Some((Triage::Settled, _)) => view::TriageState::Settled,
    }
}

/// An incident as it is listed.
pub(super) fn incident_row(incident: &Incident) -> view::IncidentRow {
    view::IncidentRow {
        id: incident.id.clone(),
        title: incident.title.clone(),
        impact: incident.impact.clone(),
        since: incident.opened_at,
        until: incident.resolved_at,
    }
}

/// A finding as a mark on a chart.
pub(super) fn mark(stored: &StoredFinding, withdrawn: bool) -> view::HistoryMark {
    let line = FindingRecord::new(&stored.finding, None);
    view::HistoryMark {
        id: stored.id.0,
        account_id: stored.account.0,
        series: stored.finding.series.map(|series| series.to_string()),
        from: stored.finding.from,
        to: stored.finding.to,
        kind: line.kind,
        class: line.class,
        schedule: line.schedule.map(schedule_word),
        severity: severity(&stored.finding),
        state: triage(stored),
        withdrawn,
        beyond: stored.finding.excess().map(|(low, high)| view::Interval { low, high }),
    }
}

/// Deductions by how far they are explained.
pub(super) fn explained_view(sums: Breakdown) -> view::ExplainedView {
    view::ExplainedView {
        fully: decimal::to_f64(sums.fully),
        partly: decimal::to_f64(sums.partly),
        elsewhere: decimal::to_f64(sums.elsewhere),
        not: decimal::to_f64(sums.not),
        cannot_tell: decimal::to_f64(sums.cannot_tell),
    }
}

/// The word of a schedule.
pub(super) fn schedule_word(schedule: Schedule) -> String {
    match schedule {
        Schedule::OnTime => "on-time",
        Schedule::Early => "early",
        Schedule::Late => "late",
    }
    .to_owned()
}

pub(super) fn failure_row(run: &FailureRun, account: String) -> view::FailureRow {
    view::FailureRow {
        account_id: run.account.0,
        account,
        kind: run.failure.kind.as_str().to_owned(),
        message: run.failure.message.clone(),
        cause: run.failure.cause.as_deref().map(cause_view),
        from: run.from,
        to: run.to,
        count: run.count,
        over: run.over,
    }
}

/// An account; its key is not part of it.
pub(super) fn account_view(engine: &Engine, account: &Account) -> view::AccountView {
    let (credential, credential_detail) = view::credential_words(&account.credential);
    view::AccountView {
        id: account.id.0,
        name: account.name.clone(),
        source: source_view(account.source),
        region: region_view(account.region),
        base_url: engine.base_url_of(account),
        credential: credential.to_owned(),
        credential_detail,
        created_at: account.created_at,
        same_as: engine.same_as(account.id),
    }
}

/// How the encrypted key file stands.
pub(super) fn file_state(state: FileState) -> view::FileState {
    match state {
        FileState::NotThere => view::FileState::None,
        FileState::Locked => view::FileState::Locked,
        FileState::Open => view::FileState::Unlocked,
    }
}

/// An account that was not polled.
pub(super) fn skipped(left: &Skipped) -> view::Skipped {
    view::Skipped { account_id: left.account.0, why: left.why.as_str().to_owned(), until: left.until }
}
