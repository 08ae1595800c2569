//! `tidemark findings`: what was found.

use chrono::Utc;
use serde::Serialize;
use tidemark_core::finding::Mark;
use tidemark_core::line::{FindingLine, Line};
use tidemark_store::FindingQuery;

use super::{Asked, ledger, stretch};
use crate::arguments::Findings;
use crate::exit::{Ending, Exit};
use crate::i18n::Words;
use crate::output::Output;
use crate::output::table::{Cell, Table};
use crate::phrases;

/// Runs it.
pub fn run(asked: &Asked, findings: &Findings) -> Result<Exit, Ending> {
    let store = ledger::open(&asked.data_dir()?)?;
    let settings = ledger::settings(store.as_ref())?;
    let zone = asked.zone(settings.as_ref().map(|s| s.timezone));
    let mut output = asked.output(settings.as_ref().and_then(|s| s.language.as_deref()), Some(zone));
    let (from, to) = stretch::bounds(&findings.stretch, zone)?;
    let account =
        findings.account.as_deref().map(|name| ledger::account(store.as_ref(), name)).transpose()?;
    let (mut lines, mut marks) = (Vec::new(), Vec::new());
    if let Some(store) = &store {
        let names: std::collections::HashMap<_, _> =
            store.accounts()?.into_iter().map(|account| (account.id, account.name)).collect();
        let query = FindingQuery { account: account.map(|a| a.id), from, to, unseen: false, limit: None };
        let mut found = store.findings(&query)?;
        // In the order in which they were made, as `replay` prints them.
        found.sort_by_key(|stored| (stored.finding.detected_at, stored.id));
        marks.extend(found.iter().map(|stored| stored.mark.map(|(mark, _)| mark)));
        lines.extend(
            found.iter().map(|stored| {
                FindingLine::new(&stored.finding, names.get(&stored.account).map(String::as_str))
            }),
        );
    }
    if output.json {
        for (line, mark) in lines.into_iter().zip(marks) {
            output.document(&Marked { line: Line::Finding(line), mark })?;
        }
    } else if lines.is_empty() {
        let text = output.words.text("cli-findings-none");
        output.line(text)?;
    } else {
        table(&output, &lines).write(&mut output)?;
    }
    output.flush()?;
    Ok(Exit::Done)
}

/// A finding, with what the user says of it.
#[derive(Serialize)]
struct Marked {
    #[serde(flatten)]
    line: Line,
    #[serde(skip_serializing_if = "Option::is_none")]
    mark: Option<Mark>,
}

/// Findings as a table: when, whose, what, and the sentence that explains it.
pub fn table(output: &Output, lines: &[FindingLine]) -> Table {
    let words = &output.words;
    let now = Utc::now();
    let mut table = Table::default();
    let heads = ["cli-column-when", "cli-column-account", "cli-column-finding"].map(|key| words.text(key));
    table.head(heads.iter().map(String::as_str));
    for line in lines {
        table.row([
            Cell::new(words.moment(line.detected_at, now, output.zone)),
            Cell::new(line.account.as_deref().unwrap_or_default()),
            Cell::new(title(words, line)),
            Cell::new(&line.explanation).style(crate::output::Style::Faint),
        ]);
    }
    table
}

fn title(words: &Words, line: &FindingLine) -> String {
    let maybe = |key: String| words.maybe(&key);
    let what = match (line.kind.as_str(), line.class.as_deref()) {
        ("anomaly", Some(class)) => maybe(format!("anomaly-{class}")),
        ("credit", Some(class)) => maybe(format!("credit-{class}")),
        (kind, _) => maybe(format!("finding-{kind}")),
    };
    let mut parts = vec![what.unwrap_or_else(|| words.text("finding-other"))];
    parts.extend(line.meter.map(|meter| words.meter(meter)));
    if let Some(schedule) = line.schedule {
        use tidemark_core::finding::Schedule;
        parts.push(match schedule {
            Schedule::OnTime => words.text("schedule-on-time"),
            Schedule::Early => words.text("schedule-early"),
            Schedule::Late => words.text("schedule-late"),
        });
    }
    parts.extend(line.amount.as_ref().map(phrases::money));
    parts.join(" · ")
}
