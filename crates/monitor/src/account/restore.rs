//! Where an account's task continues after a start: its state as it was stored, or rebuilt from the recorded history,
//! and the inputs that were stored but not concluded from.

use std::ops::ControlFlow;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use tidemark_core::alert::AlertRules;
use tidemark_core::failure::FailedPoll;
use tidemark_core::forecast::UsageHistory;
use tidemark_core::step::{AccountState, Input, Outcome, Restored, Rules};
use tidemark_core::{AccountId, Finding, FindingKind, Meter, Reading, Series};
use tidemark_kimi::PublicPrices;
use tidemark_store::{
    Analysis, FailureId, FailureQuery, PollState, ReadingId, Store, StoreError, StoredFailure,
};

use super::queue::{Arrival, Waiting};
use super::recorded::step_through;

/// What the store knows of an account at the start.
pub(super) struct Remembered {
    pub(super) state: Box<AccountState>,
    pub(super) poll: PollState,
    pub(super) reading: Option<Reading>,
    /// Stored and not yet concluded from, in the order in which they came.
    pub(super) waiting: Vec<Waiting>,
}

/// Reads all that is remembered of an account; rebuilds its audit where that is of another version.
///
/// # Errors
/// Where the store cannot be read, or a rebuilt state cannot be written.
pub(super) fn remembered(
    store: &Store,
    id: AccountId,
    rules: &AlertRules,
    max_gap: TimeDelta,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<Remembered, StoreError> {
    let (state, analysis) = state(store, id, &Rules { prices: &PublicPrices, alerts: Some(rules), max_gap })?;
    let history = usage_history(store, id, zone, now)?;
    let readings = store.readings_after(id, analysis.reading)?;
    let failures = store.failures_after(id, analysis.failure)?;
    let reading = store.last_readings()?.into_iter().find(|(account, ..)| *account == id);
    Ok(Remembered {
        state: Box::new(state.with_usage_history(Some(history))),
        poll: store.poll_state(id)?,
        reading: reading.map(|(_, _, reading)| reading),
        waiting: merged(readings, failures),
    })
}

/// How an account's quotas were used, as far back as it matters to a forecast.
///
/// # Errors
/// Where the store cannot be read.
pub fn usage_history(
    store: &Store,
    account: AccountId,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<UsageHistory, StoreError> {
    let mut history = UsageHistory::new(zone);
    for meter in Meter::ALL.into_iter().filter(|meter| meter.is_allowance()) {
        let to = now + TimeDelta::nanoseconds(1);
        for movement in store.movements(account, Series::Meter(meter), now - UsageHistory::REACH, to)? {
            history.take(&movement);
        }
    }
    Ok(history)
}

/// Readings and failures have numbers of their own; between them, the time gives the order.
fn merged(readings: Vec<(ReadingId, Reading)>, failures: Vec<(FailureId, StoredFailure)>) -> Vec<Waiting> {
    let mut all = Vec::with_capacity(readings.len() + failures.len());
    let mut failures = failures.into_iter().peekable();
    for (id, reading) in readings {
        while let Some((id, failed)) = failures.next_if(|(_, failed)| failed.at < reading.at) {
            all.push(failure(id, failed));
        }
        let arrival = Arrival::Reading { reading: Box::new(reading), evidence: String::new() };
        all.push(Waiting { arrival, stored: Some(id.into()) });
    }
    all.extend(failures.map(|(id, failed)| failure(id, failed)));
    all
}

fn failure(id: FailureId, failed: StoredFailure) -> Waiting {
    let arrival = Arrival::Failure { at: failed.at, failure: Box::new(failed.failure), poll: Box::default() };
    Waiting { arrival, stored: Some(id.into()) }
}

/// The state of an account's analysis, and how far it has come.
fn state(store: &Store, id: AccountId, rules: &Rules<'_>) -> Result<(AccountState, Analysis), StoreError> {
    let mut analysis = store.analysis(id)?;
    let Some(stored) = analysis.state.take() else { return Ok((AccountState::new(), analysis)) };
    let expected = (analysis.reading, analysis.failure);
    // The first release concluded from failures only with the reading after them, but notified at once: they are
    // given to the audit, and not to the alert rules a second time.
    let by_first_release = stored.version.is_none();
    if by_first_release {
        analysis.failure = store.last_failure(id)?;
    }
    let concluded = analysis.failure;
    let resume = |state: &mut AccountState| -> Result<(), StoreError> {
        if state.has_lost_alerts() {
            tracing::warn!(account = %id, "the memory of notifications cannot be read: what holds already is not notified again");
            state.resume_alerts(&failed_since_reading(store, id, state.last_reading(), concluded)?);
        }
        Ok(())
    };
    let rebuild = |state: AccountState, keep_tracker: bool| -> Result<AccountState, StoreError> {
        let mut past = past(store, id, analysis.reading, rules)?;
        // An audit that this version never had puts on record what it finds; one that was only of another version
        // had its say then. No notification is given of either.
        let never_audited = by_first_release && keep_tracker;
        if !never_audited {
            past.found = Outcome::default();
        }
        let mut state = if keep_tracker {
            state.with_audit_of(past.state)
        } else {
            state.with_tracker_and_audit_of(past.state)
        };
        resume(&mut state)?;
        let text = state.to_stored().map_err(|why| unreadable(&why))?;
        let (found, verdicts) = (anomalies(past.found.findings), past.found.verdicts);
        store.replace_state(id, expected, analysis.failure, &text, &found, &verdicts)?;
        tracing::info!(account = %id, findings = found.len(), "the recorded history was analysed again");
        Ok(state)
    };
    let state = match AccountState::from_stored(&stored) {
        Restored::Whole(mut state) | Restored::WithoutAlerts(mut state) if by_first_release => {
            let without_alerts = Rules { alerts: None, ..*rules };
            let since =
                FailureQuery { account: Some(id), from: state.last_reading(), ..FailureQuery::default() };
            store.failures(&since, |failed| {
                let input = Input::Failure { at: failed.at, failure: &failed.failure };
                let _ = state.apply(input, &without_alerts);
                ControlFlow::Continue(())
            })?;
            resume(&mut state)?;
            let text = state.to_stored().map_err(|why| unreadable(&why))?;
            store.replace_state(id, expected, analysis.failure, &text, &[], &[])?;
            state
        }
        Restored::Whole(state) => state,
        Restored::WithoutAlerts(mut state) => {
            resume(&mut state)?;
            let text = state.to_stored().map_err(|why| unreadable(&why))?;
            store.replace_state(id, expected, analysis.failure, &text, &[], &[])?;
            state
        }
        Restored::WithoutAudit(state) => rebuild(state, true)?,
        Restored::Lost(state) => {
            tracing::warn!(account = %id, "the state of the analysis cannot be read");
            rebuild(state, false)?
        }
    };
    Ok((state, analysis))
}

/// The polls that failed after a reading and were concluded from, `concluded` being the last of them.
fn failed_since_reading(
    store: &Store,
    id: AccountId,
    reading: Option<DateTime<Utc>>,
    concluded: Option<FailureId>,
) -> Result<Vec<FailedPoll>, StoreError> {
    let waiting = store.failures_after(id, concluded)?;
    let waits = |at: DateTime<Utc>| waiting.iter().any(|(_, failed)| failed.at == at);
    let mut failed = Vec::new();
    let since = FailureQuery { account: Some(id), from: reading, ..FailureQuery::default() };
    store.failures(&since, |poll| {
        if !waits(poll.at) {
            failed.push(FailedPoll { at: poll.at, failure: poll.failure });
        }
        ControlFlow::Continue(())
    })?;
    Ok(failed)
}

fn unreadable(why: &serde_json::Error) -> StoreError {
    StoreError::Unreadable { what: "analysis", why: why.to_string() }
}

struct Past {
    state: AccountState,
    found: Outcome,
}

/// The analysis of the recorded history, up to the newest reading that was concluded from.
fn past(
    store: &Store,
    id: AccountId,
    last: Option<ReadingId>,
    rules: &Rules<'_>,
) -> Result<Past, StoreError> {
    let mut past = Past { state: AccountState::new(), found: Outcome::default() };
    let Some(last) = last.map(|last| store.reading_at(last)).transpose()?.flatten() else { return Ok(past) };
    let Past { state, found } = &mut past;
    let span = (DateTime::UNIX_EPOCH, last + TimeDelta::nanoseconds(1));
    step_through(store, id, span, state, rules, |_, outcome| {
        found.findings.extend(outcome.withdrawn);
        found.findings.extend(outcome.findings);
        found.verdicts.extend(outcome.verdicts);
        Ok(())
    })?;
    Ok(past)
}

/// Changes are on record already; what an audit adds to them is not.
fn anomalies(found: Vec<Finding>) -> Vec<Finding> {
    let added = |finding: &Finding| {
        matches!(
            finding.kind,
            FindingKind::Anomaly(_) | FindingKind::Recovered { .. } | FindingKind::Withdrawn { .. }
        )
    };
    found.into_iter().filter(added).collect()
}

/// What is remembered of failures that lie ahead, because the clock was set back since: moved back as far, so
/// that a wait begins again and is no longer than it was. `None` where nothing lies ahead.
pub(super) fn after_clock_set_back(poll: &PollState, now: DateTime<Utc>) -> Option<PollState> {
    let failed = poll.last_failure.as_ref().filter(|failed| failed.at > now)?;
    let ahead = failed.at - now;
    Some(PollState {
        next_poll_at: poll.next_poll_at.map(|at| at - ahead),
        retry_after_until: poll.retry_after_until.map(|at| at - ahead),
        failures_in_row: poll.failures_in_row,
        failing_since: poll.failing_since.map(|at| at - ahead),
        last_failure: Some(FailedPoll { at: now, failure: failed.failure.clone() }),
        last_success_at: poll.last_success_at,
    })
}

/// When to poll first after a start: at once, unless the service asked to wait or a failing account has its turn
/// later.
pub(super) fn first_poll(poll: &PollState, now: DateTime<Utc>) -> DateTime<Utc> {
    let told = poll.retry_after_until.filter(|until| *until > now && *until - now <= TimeDelta::hours(25));
    let failing = poll.last_failure.as_ref().and(poll.next_poll_at);
    let planned = failing.filter(|at| *at > now && *at - now <= TimeDelta::hours(1));
    told.max(planned).unwrap_or(now)
}
