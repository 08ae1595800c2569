//! The recorded history of an account, stepped through again.

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use tidemark_core::step::{AccountState, Input, Outcome, Rules};
use tidemark_core::wire::Record;
use tidemark_core::{AccountId, Failure, Reading};
use tidemark_store::{ExportQuery, Store, StoreError};

/// Steps a state through what is recorded of an account in `[from, to)`, in the order in which it became known, and
/// hands on what each reading led to. What the user said of anomalies is learned when it was said.
///
/// # Errors
/// Where the store cannot be read, and what `each` fails with.
pub(super) fn step_through(
    store: &Store,
    id: AccountId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    state: &mut AccountState,
    rules: &Rules<'_>,
    mut each: impl FnMut(DateTime<Utc>, Outcome) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let rules = Rules { alerts: None, ..*rules };
    let mut feedback: Vec<_> = store
        .anomalies(Some(id))?
        .into_iter()
        .filter_map(|stored| Some((stored.mark?, stored.finding)))
        // What was said before is in the state.
        .filter(|((_, said), _)| *said >= from)
        .collect();
    feedback.sort_by_key(|((_, at), _)| *at);
    let mut feedback = feedback.into_iter().peekable();
    let mut failed = Ok(());
    store.for_each_line(&ExportQuery { account: Some(id), from, to }, |recorded| {
        if let Some(at) = recorded.known_at.or(recorded.record.at()) {
            while let Some(((mark, _), finding)) = feedback.next_if(|((_, said), _)| *said < at) {
                let _ =
                    state.apply(Input::Feedback { finding: &finding, before: None, now: Some(mark) }, &rules);
            }
        }
        match recorded.record {
            Record::Reading(record) => {
                let at = record.at;
                let outcome = state.apply(Input::Reading(&Reading::from(record)), &rules);
                failed = each(at, outcome);
            }
            Record::Failure(record) => {
                let failure = Failure::new(record.kind, String::new());
                let _ = state.apply(Input::Failure { at: record.at, failure: &failure }, &rules);
            }
            Record::Announcement(record) => {
                let _ = state.apply(Input::Announcement(&record), &rules);
            }
            Record::Incident(record) => {
                let _ = state.apply(Input::Incident(&record), &rules);
            }
            Record::Usage(record) => {
                let known_at = recorded.known_at.map_or(record.at, |known| known.max(record.at));
                let outcome = state.apply(state.usage_input(&record, known_at), &rules);
                if !outcome.withdrawn.is_empty() {
                    failed = each(known_at, outcome);
                }
            }
            Record::LogCoverage(record) => {
                let known_at = recorded.known_at.unwrap_or(record.to);
                let (machine, from, to) = (record.machine.as_str(), record.from, record.to);
                let _ = state.apply(Input::Coverage { machine, from, to, known_at }, &rules);
            }
            Record::Finding(_) => {}
        }
        if failed.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    failed
}
