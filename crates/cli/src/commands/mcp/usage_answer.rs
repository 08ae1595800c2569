//! What was used, deducted and found.

use chrono::{DateTime, TimeDelta};
use serde_json::{Map, Value, json};
use tidemark_core::announcement;
use tidemark_core::calendar::Span;
use tidemark_core::finding::Finding;
use tidemark_core::{Currency, text};
use tidemark_logs::By;
use tidemark_store::FindingQuery;

use super::asked::Asked;
use super::json::object;
use super::scene::Scene;
use crate::arguments::TimeRange;
use crate::commands::{findings, history, logs, time_range};
use crate::exit::CommandOutcome;

/// Rows in an answer.
pub(super) const MAX_ROWS: u64 = 100;
const DEFAULT_ROWS: u64 = 40;

/// Findings in an answer. Each is a few sentences.
pub(super) const MAX_FINDINGS: u64 = 40;
const DEFAULT_FINDINGS: u64 = 10;

/// Lines of evidence of a finding.
const MAX_EVIDENCE: usize = 6;
/// Characters of a sentence.
const MAX_SENTENCE_LEN: usize = 400;

/// Where nothing else is asked for, usage and history by days begin so long ago.
const DEFAULT_DAYS: TimeDelta = TimeDelta::days(30);
const DEFAULT_HOURS: TimeDelta = TimeDelta::hours(48);

fn bounds(scene: &Scene, asked: &Asked) -> Result<time_range::Bounds, CommandOutcome> {
    let given = |name| asked.given(name).map(ToOwned::to_owned);
    Ok(time_range::bounds(&TimeRange { from: given("from"), to: given("to") }, scene.zone)?)
}

fn limit(asked: &Asked, default: u64) -> usize {
    usize::try_from(asked.number("limit").unwrap_or(default)).unwrap_or(usize::MAX)
}

/// `get_usage`: tokens in this machine’s session logs.
pub(super) fn get_usage(scene: &Scene, asked: &Asked) -> Result<Value, CommandOutcome> {
    let by: By = asked.given("by").and_then(|by| by.parse().ok()).unwrap_or(By::Day);
    let (from, to) = bounds(scene, asked)?;
    let from = from.or_else(|| {
        // What goes before an end that was asked for, or before now.
        (by != By::Month).then(|| to.unwrap_or(scene.now) - DEFAULT_DAYS)
    });
    let hidden = scene.settings.hidden();
    let data_dir = scene.context.data_dir().ok();
    let asked_of_logs = logs::Asked {
        by,
        bounds: (from, to),
        zone: scene.zone,
        currency: Currency::USD,
        hidden: &hidden,
        home: None,
    };
    let further = &scene.settings.log_homes;
    let document = logs::document(scene.store.as_ref(), data_dir.as_deref(), further, &asked_of_logs)?;
    let document = object(serde_json::to_value(&document).unwrap_or_default());
    let mut rows: Vec<Value> = match document.get("rows") {
        Some(Value::Array(rows)) => rows.iter().cloned().map(in_tokens).collect(),
        _ => Vec::new(),
    };
    let most = limit(asked, DEFAULT_ROWS);
    let left_out = rows.len().saturating_sub(most);
    if matches!(by, By::Day | By::Month) {
        rows.drain(..left_out);
    } else {
        rows.truncate(most);
    }
    let words = &scene.words;
    let mut notes = vec![words.text("mcp-note-this-machine"), words.text("mcp-note-worth")];
    let count = |name: &str| document.get(name).and_then(Value::as_u64).unwrap_or_default();
    if count("files") == 0 {
        notes.push(words.text("cli-logs-none"));
    }
    for (key, count) in [
        ("cli-logs-doubtful", count("doubtful_times")),
        ("cli-logs-skipped", count("lines_skipped")),
        ("cli-logs-unreadable", count("files_unreadable")),
    ] {
        if count > 0 {
            notes.push(words.with(key, [("count", count.into())]));
        }
    }
    notes.extend(scene.left_out(left_out));
    let mut answer = object(scene.answer("rows", &rows, &notes));
    answer.extend(object(json!({
        "by": by.as_str(),
        "from": from.map(tidemark_core::number::timestamp::format_rfc3339),
        "to": to.map(tidemark_core::number::timestamp::format_rfc3339),
        "totals": document.get("totals").cloned().map(in_tokens),
    })));
    Ok(Value::Object(answer))
}

/// The names of token counts say so; a name that is cut off is of no use, but bounded.
fn in_tokens(row: Value) -> Value {
    let renamed = object(row).into_iter().map(|(name, value)| match (name.as_str(), value) {
        ("input" | "cache_read" | "cache_write" | "output" | "total", value) => {
            (format!("{name}_tokens"), value)
        }
        ("key", Value::String(key)) => (name, json!(text::bounded(&key, MAX_SENTENCE_LEN))),
        ("unpriced_models", Value::Array(mut models)) => {
            models.truncate(20);
            (name, Value::Array(models))
        }
        (_, value) => (name, value),
    });
    Value::Object(renamed.collect())
}

/// `get_history`: what was deducted from quotas and balances.
pub(super) fn get_history(scene: &Scene, asked: &Asked) -> Result<Value, CommandOutcome> {
    let by: Span = asked.given("by").and_then(|by| by.parse().ok()).unwrap_or(Span::Day);
    let account = scene.account(asked.given("account"))?.map(|account| account.id);
    let (from, to) = bounds(scene, asked)?;
    let end = to.unwrap_or(scene.now);
    let from = from.or_else(|| match by {
        Span::Hour => Some(end - DEFAULT_HOURS),
        Span::Day => Some(end - DEFAULT_DAYS),
        Span::Month => None,
    });
    let rows = match &scene.store {
        Some(store) => history::rows(store, by, scene.zone, account, (from, to), scene.now)?,
        None => Vec::new(),
    };
    let of = rows.len();
    let mut rows: Vec<_> = rows.into_iter().filter(history::Row::has_data).collect();
    let without_data = of - rows.len();
    rows.sort_by(|one, other| one.start.cmp(&other.start));
    let left_out = rows.len().saturating_sub(limit(asked, DEFAULT_ROWS));
    // The newest are what is asked for most.
    rows.drain(..left_out);
    let rows: Vec<Value> =
        rows.iter().map(|row| with_units(serde_json::to_value(row).unwrap_or_default())).collect();
    let words = &scene.words;
    let mut notes = vec![words.text("mcp-note-coverage")];
    if without_data > 0 {
        notes.push(words.with("cli-history-left-out", [("count", without_data.into())]));
    }
    notes.extend(scene.left_out(left_out));
    let mut answer = object(scene.answer("rows", &rows, &notes));
    answer.insert("by".to_owned(), json!(by.as_str()));
    Ok(Value::Object(answer))
}

/// A row of the history whose names say what its figures are in. Money carries its currency with it.
fn with_units(row: Value) -> Value {
    let row = object(row);
    let in_percent = row.get("unit").and_then(Value::as_str) == Some("percent");
    let renamed = row.into_iter().filter_map(|(name, value)| {
        let name = match name.as_str() {
            "unit" | "currency" => return None,
            "meter" => "quota",
            "of" => "money",
            "coverage" => "coverage_share",
            "deducted" | "returned" | "uncertain" | "explained" if in_percent => {
                return Some((format!("{name}_percent"), value));
            }
            "last" if in_percent => "last_used_percent",
            "high" if in_percent => "highest_used_percent",
            other => other,
        };
        Some((name.to_owned(), value))
    });
    Value::Object(renamed.collect())
}

/// `get_findings`: resets, credits, anomalies and changes.
pub(super) fn get_findings(scene: &Scene, asked: &Asked) -> Result<Value, CommandOutcome> {
    let account = scene.account(asked.given("account"))?.map(|account| account.id);
    let (from, to) = bounds(scene, asked)?;
    let kind = asked.given("kind");
    let (mut rows, mut left_out) = (Vec::new(), 0);
    if let Some(store) = &scene.store {
        let accounts = store.accounts()?;
        let announced = store.announcements(DateTime::UNIX_EPOCH, scene.now)?;
        let mut found = store.findings(&FindingQuery { account, from, to, unseen: false, limit: None })?;
        found.retain(|stored| kind.is_none_or(|kind| kind == stored.finding.kind.as_str()));
        let most = limit(asked, DEFAULT_FINDINGS);
        left_out = found.len().saturating_sub(most);
        found.truncate(most);
        for stored in found {
            let whose = accounts.iter().find(|account| account.id == stored.account);
            let near = whose.map_or_else(Vec::new, |account| {
                announcement::near(&announced, &stored.finding, account.source, account.region)
            });
            let mut row = row_of(scene, &stored.finding, whose.map(|account| account.name.as_str()));
            if let Some((mark, _)) = stored.mark {
                row.insert("status".to_owned(), json!(mark));
            }
            let announcements: Vec<_> =
                near.into_iter().filter_map(findings::Announced::of).take(3).collect();
            if !announcements.is_empty() {
                row.insert("announcements".to_owned(), json!(announcements));
            }
            rows.push(Value::Object(row));
        }
    }
    let notes = std::iter::once(scene.words.text("mcp-note-findings")).chain(scene.left_out(left_out));
    let notes: Vec<String> = notes.collect();
    Ok(scene.answer("findings", &rows, &notes))
}

fn row_of(scene: &Scene, finding: &Finding, account: Option<&str>) -> Map<String, Value> {
    let line = findings::in_language(&scene.words, finding, account);
    let row = object(serde_json::to_value(line).unwrap_or_default());
    let in_percent = row.get("unit").and_then(Value::as_str) == Some("percent");
    let renamed = row.into_iter().filter_map(|(name, value)| {
        let name = match (name.as_str(), &value) {
            (_, Value::Null) | ("messages", _) => return None,
            ("observed" | "expected_low" | "expected_high", _) if in_percent => format!("{name}_percent"),
            ("meter", _) => "quota".to_owned(),
            _ => name,
        };
        let value = match (name.as_str(), value) {
            ("explanation", Value::String(text)) => json!(text::bounded(&text, MAX_SENTENCE_LEN)),
            ("evidence", Value::Array(lines)) => lines
                .iter()
                .filter_map(Value::as_str)
                .take(MAX_EVIDENCE)
                .map(|line| json!(text::bounded(line, MAX_SENTENCE_LEN)))
                .collect(),
            (_, value) => value,
        };
        Some((name, value))
    });
    renamed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_unit() {
        let tokens = in_tokens(
            json!({"key": "k3", "requests": 2, "input": 1, "cache_read": 2, "total": 3, "cost": null}),
        );
        assert_eq!(
            tokens,
            json!({"key": "k3", "requests": 2, "input_tokens": 1, "cache_read_tokens": 2, "total_tokens": 3, "cost": null})
        );
        let quota = with_units(
            json!({"meter": "week", "unit": "percent", "deducted": 4.5, "last": 20.0, "coverage": 0.9}),
        );
        assert_eq!(
            quota,
            json!({"quota": "week", "deducted_percent": 4.5, "last_used_percent": 20.0, "coverage_share": 0.9})
        );
        let money = json!({"amount": "1.5", "currency": "CNY"});
        let balance =
            with_units(json!({"of": "balance", "currency": "CNY", "unit": "CNY", "deducted": money}));
        assert_eq!(balance, json!({"money": "balance", "deducted": money}));
    }
}
