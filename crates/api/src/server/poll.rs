//! Polling on request: soon, or now with its result as the answer.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use chrono::{DateTime, Utc};
use tidemark_core::finding::Finding;
use tidemark_core::wire::{FailureRecord, FindingRecord, ReadingRecord, Record};
use tidemark_core::{Failure, FailureKind};
use tidemark_monitor::{AccountSnapshot, PollOutcome, SkipReason, Skipped, Snapshot};

use super::context::{Context, OneOrAll};
use super::convert::skipped;
use super::error::ApiResult;
use super::message_views::cause_view;
use crate::view;

/// Has accounts polled soon, without waiting for it.
pub(super) async fn refresh(
    State(context): State<Context>,
    body: Result<Json<OneOrAll>, JsonRejection>,
) -> ApiResult<view::Refreshed> {
    let (going, left) = context.engine.refresh(body?.0.account());
    Ok(Json(view::Refreshed {
        polling: going.into_iter().map(|id| id.0).collect(),
        left_alone: left.iter().map(skipped).collect(),
    }))
}

/// Polls accounts, and answers with what came of it.
pub(super) async fn poll(
    State(context): State<Context>,
    body: Result<Json<OneOrAll>, JsonRejection>,
) -> ApiResult<view::Polled> {
    let only = body?.0.account();
    context.engine.read_logs_unless_followed().await;
    let (outcomes, left) = context.engine.poll(only).await;
    Ok(Json(polled(&outcomes, &left, &context.engine.snapshot())))
}

fn polled(outcomes: &[PollOutcome], left: &[Skipped], snapshot: &Snapshot) -> view::Polled {
    let mut polled = view::Polled::default();
    for outcome in outcomes {
        let name = outcome.account.name.as_str();
        match &outcome.result {
            Ok((reading, found)) => {
                polled.lines.push(Record::Reading(ReadingRecord::new(reading, Some(name))));
                polled.lines.extend(found.iter().map(|found| finding_line(found, name)));
            }
            Err(failure) => {
                let account = snapshot.accounts.iter().find(|a| a.account.id == outcome.account.id);
                let cause = account.and_then(|account| account.key_trouble);
                add_failure(&mut polled, name, outcome.at, failure, cause);
            }
        }
        polled.not_stored.extend(not_stored(outcome));
    }
    for left in left {
        let Some(account) = snapshot.accounts.iter().find(|a| a.account.id == left.account) else { continue };
        match left.why {
            SkipReason::JustNow => add_known(&mut polled, account),
            SkipReason::RetryAfter | SkipReason::PolledThrough | SkipReason::Ended => {}
        }
        polled.skipped.push(view::SkippedPoll {
            account: account.account.name.clone(),
            why: left.why.as_str().to_owned(),
            until: left.until,
            kind: last_failure(account).map(|failure| failure.kind.as_str().to_owned()),
            retry_after_seconds: seconds_until(left.until, snapshot.now),
        });
    }
    polled
}

/// A finding with its messages, so that whoever polled says it in the reader's language.
fn finding_line(finding: &Finding, account: &str) -> Record {
    Record::Finding(FindingRecord { account: Some(account.to_owned()), ..FindingRecord::stored(finding) })
}

/// Why what a poll gave could not be stored.
fn not_stored(outcome: &PollOutcome) -> Option<view::NotStored> {
    let problem = outcome.stored.as_ref().err()?;
    Some(view::NotStored {
        account: outcome.account.name.clone(),
        cause: problem.code.to_owned(),
        message: problem.detail.clone(),
    })
}

/// Of an account that was polled a moment ago, what came of that: it is as new as a poll now would be.
fn add_known(polled: &mut view::Polled, account: &AccountSnapshot) {
    let name = account.account.name.as_str();
    if let Some(failed) = &account.poll.last_failure {
        add_failure(polled, name, failed.at, &failed.failure, account.key_trouble);
    } else if let Some(reading) = &account.reading {
        polled.lines.push(Record::Reading(ReadingRecord::new(reading, Some(name))));
    }
}

fn add_failure(
    polled: &mut view::Polled,
    name: &str,
    at: DateTime<Utc>,
    failure: &Failure,
    cause: Option<&'static str>,
) {
    let kind: FailureKind = failure.kind;
    polled.lines.push(Record::Failure(FailureRecord { at, account: Some(name.to_owned()), kind }));
    polled.failures.push(view::PollFailure {
        account: name.to_owned(),
        kind: kind.as_str().to_owned(),
        message: failure.message.clone(),
        says: failure.cause.as_deref().map(cause_view),
        retry_after_seconds: failure.retry_after.map(view::whole_seconds),
        key_is_good: failure.kind == FailureKind::Forbidden && !failure.is_refusal(),
        cause: cause.filter(|_| kind == FailureKind::KeyUnavailable).map(str::to_owned),
    });
}

fn last_failure(account: &AccountSnapshot) -> Option<&Failure> {
    account.poll.last_failure.as_ref().map(|failed| &failed.failure)
}

/// Whole seconds until then, rounded up.
pub(super) fn seconds_until(until: DateTime<Utc>, now: DateTime<Utc>) -> u64 {
    view::whole_seconds((until - now).to_std().unwrap_or_default())
}
