//! `tidemark findings`: what was found.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tidemark_core::finding::{Finding, Schedule, Triage};
use tidemark_core::wire::{FindingRecord, Record};
use tidemark_store::FindingQuery;

use super::context::Context;
use super::{store_access, time_range};
use crate::arguments::Findings;
use crate::exit::{CommandOutcome, Exit};
use crate::format;
use crate::i18n::{Catalog, Language};
use crate::output::Output;
use crate::output::table::{Cell, Table};

/// Runs `tidemark findings`.
pub fn run(context: &Context, findings: &Findings) -> Result<Exit, CommandOutcome> {
    let store = store_access::open(context)?;
    let settings = store_access::settings(store.as_ref())?;
    let zone = context.zone(settings.as_ref().map(|s| s.timezone));
    let mut output = context.output(settings.as_ref().and_then(|s| s.language.as_deref()), Some(zone));
    let (from, to) = time_range::bounds(&findings.time_range, zone)?;
    let account =
        findings.account.as_deref().map(|name| store_access::account(store.as_ref(), name)).transpose()?;
    let now = Utc::now();
    let (mut lines, mut marks) = (Vec::new(), Vec::new());
    if let Some(store) = &store {
        let names: std::collections::HashMap<_, _> =
            store.accounts()?.into_iter().map(|account| (account.id, account.name)).collect();
        let query = FindingQuery { account: account.map(|a| a.id), from, to, unseen: false, limit: None };
        let mut found = store.findings(&query)?;
        // In the order in which they were made, as `replay` prints them.
        found.sort_by_key(|stored| (stored.finding.detected_at, stored.id));
        marks.extend(found.iter().map(|stored| stored.mark.map(|(mark, _)| mark)));
        lines.extend(found.iter().map(|stored| {
            line(&output, &stored.finding, names.get(&stored.account).map(String::as_str), now)
        }));
    }
    if output.json {
        for (line, mark) in lines.into_iter().zip(marks) {
            output.document(&Marked { line: Record::Finding(line), mark })?;
        }
    } else if lines.is_empty() {
        let text = output.words.text("cli-findings-none");
        output.line(text)?;
    } else {
        table(&output, &lines, now).write(&mut output)?;
        context.say_zone(&mut output, now)?;
    }
    output.flush()?;
    Ok(Exit::Done)
}

/// A finding, with what the user says of it.
#[derive(Serialize)]
struct Marked {
    #[serde(flatten)]
    line: Record,
    #[serde(skip_serializing_if = "Option::is_none")]
    mark: Option<Triage>,
}

/// The line of a finding, with its explanation in the reader's language. For programs, English is as it was
/// recorded; times are in UTC.
pub fn line(output: &Output, finding: &Finding, account: Option<&str>, now: DateTime<Utc>) -> FindingRecord {
    let line = FindingRecord::new(finding, account);
    if output.json && output.words.language() == Language::English {
        return line;
    }
    if output.json {
        let (explanation, evidence) = output.words.finding_in_full(finding);
        return FindingRecord { explanation, evidence, ..line };
    }
    FindingRecord {
        explanation: output.words.explanation(finding, now, output.zone),
        evidence: output.words.evidence(finding, now, output.zone),
        ..line
    }
}

/// Findings as a table: when, whose, what, and the sentence that explains it.
pub fn table(output: &Output, lines: &[FindingRecord], now: DateTime<Utc>) -> Table {
    let words = &output.words;
    let mut table = Table::default();
    let heads = ["cli-column-when", "cli-column-account", "cli-column-finding"].map(|key| words.text(key));
    table.head(heads.iter().map(String::as_str));
    for line in lines {
        table.row([
            Cell::new(words.moment(line.detected_at, now, output.zone)).whole(),
            Cell::new(line.account.as_deref().unwrap_or_default()),
            Cell::new(title(words, line)),
            Cell::new(&line.explanation).style(crate::output::Style::Faint),
        ]);
    }
    table
}

/// What happened, in the words that the window uses for it.
fn title(words: &Catalog, line: &FindingRecord) -> String {
    let maybe = |key: String| words.maybe(&key);
    let meter = line.meter.map(|meter| words.text(&format!("meter-{meter}")));
    if let (Some(what), Some(schedule)) = (&meter, line.schedule) {
        let schedule = words.text(match schedule {
            Schedule::OnTime => "schedule-on-time",
            Schedule::Early => "schedule-early",
            Schedule::Late => "schedule-late",
        });
        let values = [("what", what.as_str().into()), ("schedule", schedule.into())];
        return words.with("finding-title-reset", values);
    }
    let what = match (line.kind.as_str(), line.class.as_deref()) {
        ("anomaly", Some(class)) => maybe(format!("anomaly-{class}")),
        ("credit", Some(class)) => maybe(format!("credit-{class}")),
        (kind, _) => maybe(format!("finding-{kind}")),
    };
    let mut parts = vec![what.unwrap_or_else(|| words.text("finding-other"))];
    parts.extend(meter);
    parts.extend(line.amount.as_ref().map(format::money));
    parts.join(" · ")
}
