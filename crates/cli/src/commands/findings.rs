//! `tidemark findings`: what was found.

use chrono::Utc;
use serde::Serialize;
use tidemark_core::finding::{FindingKind, Mark, Schedule};
use tidemark_core::wire::{FindingRecord, Record};
use tidemark_store::FindingQuery;

use super::context::Context;
use super::{store_access, stretch};
use crate::arguments::Findings;
use crate::exit::{CommandOutcome, Exit};
use crate::format::{self, Figures};
use crate::i18n::{Catalog, Language};
use crate::output::Output;
use crate::output::table::{Cell, Table};

/// Runs it.
pub fn run(context: &Context, findings: &Findings) -> Result<Exit, CommandOutcome> {
    let store = store_access::open(context)?;
    let settings = store_access::settings(store.as_ref())?;
    let zone = context.zone(settings.as_ref().map(|s| s.timezone));
    let mut output = context.output(settings.as_ref().and_then(|s| s.language.as_deref()), Some(zone));
    let (from, to) = stretch::bounds(&findings.stretch, zone)?;
    let account =
        findings.account.as_deref().map(|name| store_access::account(store.as_ref(), name)).transpose()?;
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
            FindingRecord::new(&stored.finding, names.get(&stored.account).map(String::as_str))
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
        table(&output, &lines).write(&mut output)?;
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
    mark: Option<Mark>,
}

/// Findings as a table: when, whose, what, and the sentence that explains it.
pub fn table(output: &Output, lines: &[FindingRecord]) -> Table {
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
            Cell::new(said(words, line)).style(crate::output::Style::Faint),
        ]);
    }
    table
}

/// What is said of a finding. The engine's own sentences are English and name every figure; in another language
/// it is what a notification would say.
fn said(words: &Catalog, line: &FindingRecord) -> String {
    let explanation = || line.explanation.clone();
    if words.language() == Language::English {
        return explanation();
    }
    let Some(finding) = line.finding() else { return explanation() };
    let change = |before: Option<&str>, after: Option<&str>| {
        words.with(
            "from-to",
            [("before", before.unwrap_or("–").into()), ("after", after.unwrap_or("–").into())],
        )
    };
    match &finding.kind {
        FindingKind::Anomaly(class) => {
            let figures = Figures {
                observed: finding.observed,
                expected: finding.expected_low.zip(finding.expected_high),
                factor: finding.factor(),
            };
            let said = finding.series.map(|series| words.figures(*class, series, &figures));
            said.filter(|said| !said.is_empty()).unwrap_or_else(explanation)
        }
        FindingKind::Reset { used_before, used_after, .. } => words.with(
            "notify-reset-body",
            [
                ("before", words.percent(*used_before, 0).into()),
                ("after", words.percent(*used_after, 0).into()),
            ],
        ),
        FindingKind::Recovered { .. } => match finding.series.zip(finding.observed) {
            Some((series, back)) => {
                words.with("notify-recovered-body", [("amount", words.quantity(series, back).into())])
            }
            None => explanation(),
        },
        FindingKind::LimitChange { before, after, .. } | FindingKind::PlanChange { before, after } => {
            change(before.as_deref(), after.as_deref())
        }
        // The amount stands before it.
        FindingKind::Credit { .. } | FindingKind::Expiry { .. } => String::new(),
    }
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

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use rust_decimal::Decimal;
    use tidemark_core::finding::{Anomaly, CreditClass, Finding};
    use tidemark_core::{Currency, Meter, Money, Series};

    use super::*;

    fn line(kind: FindingKind, observed: f64, expected: Option<(f64, f64)>) -> FindingRecord {
        let at: DateTime<Utc> = "2026-09-23T02:00:00Z".parse().unwrap();
        let finding = Finding {
            kind,
            series: Some(Series::Meter(Meter::Week)),
            from: at,
            to: at,
            detected_at: at,
            observed: Some(observed),
            expected_low: expected.map(|(low, _)| low),
            expected_high: expected.map(|(_, high)| high),
            confidence: 1.0,
            explanation: "The engine's own words.".to_owned(),
            evidence: Vec::new(),
            messages: tidemark_core::message::Messages::default(),
        };
        FindingRecord::new(&finding, None)
    }

    #[test]
    fn in_chinese_a_finding_is_explained_in_chinese() {
        let (english, chinese) = (Catalog::new(Language::English), Catalog::new(Language::Chinese));
        let reset = FindingKind::Reset {
            schedule: Schedule::Early,
            used_before: Decimal::new(787, 1),
            used_after: Decimal::ZERO,
            announced: None,
        };
        let plan = FindingKind::PlanChange { before: None, after: Some("Pro".into()) };
        let credit = FindingKind::Credit {
            class: CreditClass::TopUp,
            amount: Money::new(Decimal::TEN, Currency::USD),
        };
        for (line, said_of_it) in [
            (
                line(FindingKind::Anomaly(Anomaly::Unexplained), 14.0, Some((2.1, 4.0))),
                "扣减 14 个百分点，预期 2.1–4 个百分点",
            ),
            (line(FindingKind::Anomaly(Anomaly::OverdueReset), 62.0, None), "目前仍显示已用 62%"),
            (line(reset, 78.7, None), "已用：79% → 0%"),
            (line(plan, 0.0, None), "– → Pro"),
            (line(credit, 10.0, None), ""),
        ] {
            assert_eq!(said(&english, &line), "The engine's own words.");
            let said: String =
                said(&chinese, &line).chars().filter(|c| !matches!(c, '\u{2068}' | '\u{2069}')).collect();
            assert_eq!(said, said_of_it);
        }
    }
}
