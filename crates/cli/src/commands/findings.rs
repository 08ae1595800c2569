//! `tidemark findings`: what was found.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tidemark_core::announcement;
use tidemark_core::finding::{Finding, Schedule, Triage};
use tidemark_core::message::Message;
use tidemark_core::number::timestamp::format_rfc3339;
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
    let (mut lines, mut marks, mut announcements) = (Vec::new(), Vec::new(), Vec::new());
    if let Some(store) = &store {
        let accounts: HashMap<_, _> =
            store.accounts()?.into_iter().map(|account| (account.id, account)).collect();
        let announced = store.announcements(DateTime::UNIX_EPOCH, now)?;
        let query = FindingQuery { account: account.map(|a| a.id), from, to, unseen: false, limit: None };
        let mut found = store.findings(&query)?;
        // In the order in which they were made, as `replay` prints them.
        found.sort_by_key(|stored| (stored.finding.detected_at, stored.id));
        marks.extend(found.iter().map(|stored| stored.mark.map(|(mark, _)| mark)));
        for stored in &found {
            let account = accounts.get(&stored.account);
            let near = account.map_or_else(Vec::new, |account| {
                announcement::near(&announced, &stored.finding, account.source, account.region)
            });
            let mut line = line(&output, &stored.finding, account.map(|account| account.name.as_str()), now);
            if !output.json {
                name_later(&output, &mut line, &stored.finding, &near, now);
            }
            announcements.push(near.into_iter().filter_map(Announced::of).collect::<Vec<_>>());
            lines.push(line);
        }
    }
    if output.json {
        for ((line, mark), announcements) in lines.into_iter().zip(marks).zip(announcements) {
            output.document(&Marked { line: Record::Finding(line), mark, announcements })?;
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
    /// What the service announced near it, whether it became known before or after.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    announcements: Vec<Announced>,
}

/// An announcement in whose time a finding lies. The words are the service's.
#[derive(Serialize)]
pub(super) struct Announced {
    text: String,
    since: String,
}

impl Announced {
    pub(super) fn of(message: Message) -> Option<Self> {
        match message {
            Message::Announcement { text, since } => Some(Self { text, since: format_rfc3339(since) }),
            _ => None,
        }
    }
}

/// Adds the announcements that became known after the finding was made: the others are a part of its explanation.
fn name_later(
    output: &Output,
    line: &mut FindingRecord,
    finding: &Finding,
    near: &[Message],
    now: DateTime<Utc>,
) {
    for message in near.iter().filter(|message| !finding.messages.explanation.contains(message)) {
        let said = output.words.message(message, now, output.zone);
        let gap = if line.explanation.is_empty() || output.words.language() != Language::English {
            ""
        } else {
            " "
        };
        line.explanation = format!("{}{gap}{said}", line.explanation);
    }
}

/// The line of a finding, with its explanation in the reader's language. For programs, English is as it was
/// recorded; times are in UTC.
pub fn line(output: &Output, finding: &Finding, account: Option<&str>, now: DateTime<Utc>) -> FindingRecord {
    if output.json {
        return in_language(&output.words, finding, account);
    }
    FindingRecord {
        explanation: output.words.explanation(finding, now, output.zone),
        evidence: output.words.evidence(finding, now, output.zone),
        ..FindingRecord::new(finding, account)
    }
}

/// The line of a finding for programs.
pub(super) fn in_language(words: &Catalog, finding: &Finding, account: Option<&str>) -> FindingRecord {
    let line = FindingRecord::new(finding, account);
    if words.language() == Language::English {
        return line;
    }
    let (explanation, evidence) = words.finding_in_full(finding);
    FindingRecord { explanation, evidence, ..line }
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
