//! Conclusions from a history into which another one was merged.

use std::ops::ControlFlow;

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_core::AccountId;
use tidemark_core::step::{AccountState, Input, Outcome, Restored, Rules, StoredState};
use tidemark_store::{FailureQuery, Merge, RequestsTold, Store, StoreError};

use super::recorded::step_through;
use crate::usage::{OtherMachines, UsageQuery, usage_for};

/// Where an account's analysis stood before other lines were merged into its history.
pub(crate) struct Standing {
    /// Its state, where this version can read it.
    state: Option<AccountState>,
    /// The time of the last reading that was concluded from.
    last: Option<DateTime<Utc>>,
    /// The time of the last reading or failed poll.
    last_input: Option<DateTime<Utc>>,
    /// The memory of the alert rules goes on whatever becomes of the rest.
    alerts: Option<AccountState>,
}

impl Standing {
    /// Of an account, before its readings get other numbers.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn of(merge: &Merge<'_>, id: AccountId) -> Result<Self, StoreError> {
        let store = merge.store();
        let analysis = store.analysis(id)?;
        let last = analysis.reading.map(|reading| store.reading_at(reading)).transpose()?.flatten();
        let mut last_input = last;
        let since = FailureQuery { account: Some(id), from: last, ..FailureQuery::default() };
        store.failures(&since, |failed| {
            last_input = last_input.max(Some(failed.at));
            ControlFlow::Continue(())
        })?;
        let (state, alerts) = match analysis.state.as_ref().map(AccountState::from_stored) {
            // The newest is kept whatever is pruned; where it is another, the history is of another program.
            Some(Restored::Whole(state) | Restored::WithoutAlerts(state)) if state.last_reading() == last => {
                (Some(state.clone()), Some(state))
            }
            Some(
                Restored::Whole(state)
                | Restored::WithoutAlerts(state)
                | Restored::WithoutAudit(state)
                | Restored::Lost(state),
            ) => (None, Some(state)),
            None => (None, None),
        };
        Ok(Self { state, last, last_input, alerts })
    }
}

/// Concludes again from an instant on: what is new there, and all that comes after it. Where nothing that is new lies
/// before what was concluded from already, the analysis goes on where it stood. Else it begins again with the oldest
/// reading that is kept; what it says of the time before `from` is on record already, and stays.
///
/// # Errors
/// Where the store cannot be read or written.
pub(crate) fn conclude(
    merge: &Merge<'_>,
    id: AccountId,
    standing: Standing,
    from: DateTime<Utc>,
    rules: &Rules<'_>,
) -> Result<(), StoreError> {
    let store = merge.store();
    let rules = &Rules { alerts: None, ..*rules };
    let Standing { state, last, last_input, alerts } = standing;
    let (mut state, known_since, begin) = match state {
        Some(state) if last_input.is_some_and(|last| from > last) => {
            let (state, outcome) = caught_up(store, id, state, last, from, rules)?;
            (state, outcome, from)
        }
        _ => (AccountState::new(), Outcome::default(), DateTime::UNIX_EPOCH),
    };
    let mut conclusions = merge.conclude_again(id, from)?;
    conclusions.enter(&known_since)?;
    // What became known after the last reading is taken with the next one, failed polls at once.
    let newest = store.last_readings()?.into_iter().find(|(account, ..)| *account == id);
    let end = newest.map(|(.., reading)| reading.at + TimeDelta::nanoseconds(1));
    let span = (begin, end.unwrap_or(begin).max(begin));
    step_through(store, id, span, &mut state, rules, |at, outcome| {
        if at < from { Ok(()) } else { conclusions.enter(&outcome) }
    })?;
    let since = FailureQuery { account: Some(id), from: Some(span.1), ..FailureQuery::default() };
    store.failures(&since, |failed| {
        let _ = state.apply(Input::Failure { at: failed.at, failure: &failed.failure }, rules);
        ControlFlow::Continue(())
    })?;
    let mut state = alerts.unwrap_or_default().with_tracker_and_audit_of(state);
    state.resume_alerts(&[]);
    if let Some(last) = state.last_reading() {
        // Up to which place requests have been told with that reading; none is as young as to be returned.
        let RequestsTold { told, .. } = store.requests_told(id, 0, last, DateTime::<Utc>::MAX_UTC, 0)?;
        let _ = state.apply(Input::Usage { requests: &[], cursor: told }, rules);
    }
    conclusions.finish(&stored(&state)?)
}

/// A state that was given what became known between its last reading and an instant, and what that led to.
fn caught_up(
    store: &Store,
    id: AccountId,
    mut state: AccountState,
    last: Option<DateTime<Utc>>,
    until: DateTime<Utc>,
    rules: &Rules<'_>,
) -> Result<(AccountState, Outcome), StoreError> {
    let mut outcome = Outcome::default();
    for incident in &store.incidents_known_between(last, until)? {
        let _ = state.apply(Input::Incident(incident), rules);
    }
    for announcement in &store.announcements_known(until, |_| true)? {
        let _ = state.apply(Input::Announcement(announcement), rules);
    }
    let since = state.usage_since(until);
    loop {
        let asked = UsageQuery { after: state.usage_cursor(), before: until, since };
        let told = usage_for(store, id, &asked)?;
        outcome.withdrawn.extend(told.give(&mut state, rules).withdrawn);
        if !told.more {
            break;
        }
    }
    OtherMachines::known(store, until)?.give(&mut state, rules);
    Ok((state, outcome))
}

fn stored(state: &AccountState) -> Result<StoredState, StoreError> {
    state.to_stored().map_err(|why| StoreError::Unreadable { what: "analysis", why: why.to_string() })
}
