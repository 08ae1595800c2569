//! Readings, findings and marks, as they are given.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tidemark_core::message::Messages;
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_core::wire::{FindingRecord, ReadingRecord};
use tidemark_core::{AccountId, Finding, FindingKind, Reading};
use tidemark_machines::{MachineStore, StoreAccessError};
use tidemark_store::{FindingQuery, StoredFinding};

use crate::batch::ids;

/// Readings that are given at once.
pub(crate) const READINGS: u32 = 500;
/// Findings that are given each time, the newest: what is said of them can change.
const FINDINGS: u32 = 500;
/// Findings older than this do not change any more.
const FINDINGS_SINCE: TimeDelta = TimeDelta::days(100);

/// The readings after a place, as the hub reads them, and up to where they reach; `None` where there are none.
pub(crate) fn readings(
    store: &impl MachineStore,
    place: u64,
) -> Result<Option<(Vec<Value>, u64)>, StoreAccessError> {
    let found = store.ask(move |store| store.readings_since(place, READINGS))?;
    let Some((last, ..)) = found.last() else { return Ok(None) };
    let reached = last.0.max(0).cast_unsigned();
    Ok(Some((found.iter().map(|(_, _, reading)| of_reading(reading)).collect(), reached)))
}

/// Whether there is a reading of a number.
pub(crate) fn is_there(store: &impl MachineStore, place: u64) -> Result<bool, StoreAccessError> {
    let found = store.ask(move |store| store.readings_since(place.saturating_sub(1), 1))?;
    Ok(found.first().is_some_and(|(id, ..)| id.0.max(0).cast_unsigned() == place))
}

fn of_reading(reading: &Reading) -> Value {
    json!({
        "at": reading.at.timestamp_millis(),
        "service": reading.source.as_str(),
        "region": reading.region.as_str(),
        "user": ids(&reading.user),
        "line": ReadingRecord::new(reading, None),
    })
}

/// The latest findings, with what the user says of them, as the hub reads them. Those of an account of which it is not known
/// whose it is are left out.
pub(crate) fn findings(
    store: &impl MachineStore,
    now: DateTime<Utc>,
) -> Result<Vec<Value>, StoreAccessError> {
    let query =
        FindingQuery { from: Some(now - FINDINGS_SINCE), limit: Some(FINDINGS), ..FindingQuery::default() };
    let (found, readings) = store.ask(move |store| Ok((store.findings(&query)?, store.last_readings()?)))?;
    let accounts: HashMap<AccountId, Reading> =
        readings.into_iter().map(|(account, _, reading)| (account, reading)).collect();
    Ok(found.iter().filter_map(|one| Some(of_finding(one, accounts.get(&one.account)?))).collect())
}

fn of_finding(stored: &StoredFinding, of_account: &Reading) -> Value {
    let mut value = finding(&stored.finding);
    value["service"] = json!(of_account.source.as_str());
    value["region"] = json!(of_account.region.as_str());
    value["user"] = json!(ids(&of_account.user));
    value["mark"] = json!(stored.mark.map(|(mark, _)| mark.as_str()));
    value["marked_at"] = json!(stored.mark.map(|(_, at)| at.timestamp_millis()));
    value
}

/// A finding as the hub keeps it: its keys, and its figures. Explanations can name machines and projects; whoever shows the
/// finding explains it from its figures.
pub(crate) fn finding(finding: &Finding) -> Value {
    let line = FindingRecord {
        explanation: String::new(),
        evidence: Vec::new(),
        messages: Messages::default(),
        ..FindingRecord::new(finding, None)
    };
    // What distinguishes findings of one time, as in the history.
    let class = match &finding.kind {
        FindingKind::LimitChange { limit, .. } => limit.clone(),
        FindingKind::Withdrawn { of } => format_rfc3339(*of),
        _ => line.class.clone().unwrap_or_default(),
    };
    json!({
        "at": finding.detected_at.timestamp_millis(),
        "kind": finding.kind.as_str(),
        "class": class,
        "series": finding.series.map(|series| series.to_string()).unwrap_or_default(),
        "line": line,
    })
}
