//! `tidemark hub usage`: what this member may see of the team's usage, with its worth.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use tidemark_core::calendar::midnight;
use tidemark_hub::{UsageBy, UsageFilter, UsageRow};
use tidemark_kimi::PriceList;
use tidemark_logs::{Group, Part, Tally};

use super::context::{Context, runtime};
use super::hub_file;
use super::hub_problem::problem;
use super::logs::{self, Keys, Row, Sums};
use crate::arguments::HubUsage;
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::output::{Output, Style};

#[derive(Serialize)]
struct Document {
    by: &'static str,
    timezone: &'static str,
    rows: Vec<Row>,
    totals: Sums,
}

/// Runs `tidemark hub usage`.
pub fn run(context: &Context, output: &mut Output, usage: &HubUsage) -> Result<Exit, CommandOutcome> {
    let (from, to) = (day(usage.from.as_deref())?, day(usage.to.as_deref())?);
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(CommandError::said(Exit::Usage, "usage", "cli-time-range-empty", &[]).into());
    }
    let file = hub_file::joined(context)?;
    let prices = logs::prices(context.data_dir().ok().as_deref())?;
    let (rows, zone) = runtime()?.block_on(async {
        let hub = hub_file::open(context, &file).await?;
        let zone: Tz = hub.zone.parse().unwrap_or(Tz::UTC);
        let cuts = prices.turning_points().into_iter().map(|cut| cut.with_timezone(&zone).date_naive());
        let filter = UsageFilter { from, to, cuts: cuts.collect() };
        let rows = hub.usage(usage.by, &filter).await.map_err(problem)?;
        Ok::<_, CommandError>((rows, zone))
    })?;
    let document = document(usage, &rows, zone, &prices);
    if output.json {
        output.document(&document)?;
        return Ok(Exit::Done);
    }
    let words = &output.words;
    if document.rows.is_empty() {
        let text = words.text("cli-hub-usage-empty");
        output.line(text)?;
        return Ok(Exit::Done);
    }
    let keys = match usage.by {
        by if by.is_time() => Keys::Time,
        UsageBy::Client => Keys::Client,
        _ => Keys::Name,
    };
    let head = match usage.by {
        UsageBy::Member => words.text("cli-hub-member"),
        UsageBy::Machine => words.text("cli-hub-machine"),
        by => words.text(&format!("cli-logs-by-{by}")),
    };
    let table = logs::table(words, &head, keys, &document.rows, &document.totals);
    let zone = words.with("cli-hub-zone", [("zone", zone.name().into())]);
    let notes =
        [Some(words.text("cli-logs-estimated")), logs::unpriced_note(words, &document.totals), Some(zone)];
    table.write(output)?;
    for note in notes.into_iter().flatten() {
        output.paragraph(Style::Faint, 0, &note)?;
    }
    Ok(Exit::Done)
}

fn day(text: Option<&str>) -> Result<Option<NaiveDate>, CommandError> {
    let refused =
        |found: &str| CommandError::said(Exit::Usage, "usage", "cli-hub-no-day", &[("found", found)]);
    text.map(|text| text.trim().parse().map_err(|_| refused(text))).transpose()
}

fn document(usage: &HubUsage, rows: &[UsageRow], zone: Tz, prices: &PriceList) -> Document {
    let groups: Vec<Group> = rows.iter().map(|row| group(row, zone)).collect();
    let mut totals = Group::default();
    for group in &groups {
        totals.tally.add(group.tally);
        totals.parts.extend(group.parts.iter().cloned());
    }
    Document {
        by: usage.by.as_str(),
        timezone: zone.name(),
        rows: groups.iter().map(|group| Row::of(group, prices, usage.currency)).collect(),
        totals: Sums::of(&totals, prices, usage.currency),
    }
}

fn group(row: &UsageRow, zone: Tz) -> Group {
    let mut group = Group { key: row.key.clone(), ..Group::default() };
    for part in &row.parts {
        let tally = Tally { requests: part.requests, tokens: part.tokens };
        group.tally.add(tally);
        group.parts.push(Part { model: part.model.clone(), at: end_of(part.day, zone), tally });
    }
    group
}

/// The end of a day: on one that a price changed, the new price is taken for all of it.
fn end_of(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
    midnight(next, zone) - TimeDelta::milliseconds(1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tidemark_core::{Currency, Tokens};
    use tidemark_hub::UsagePart;

    use super::*;

    #[test]
    fn the_document_has_rows_and_totals_as_logs_has_them() {
        let usage = HubUsage { by: UsageBy::Member, from: None, to: None, currency: Currency::USD };
        let part = |model: &str, day: &str, output: u64| UsagePart {
            model: model.to_owned(),
            day: day.parse().unwrap(),
            requests: 1,
            tokens: Tokens { input: 1000, cache_read: 9000, output, ..Tokens::default() },
        };
        let row = |key: Option<&str>, parts| UsageRow { key: key.map(ToOwned::to_owned), parts };
        let rows = [
            row(Some("Ann"), vec![part("kimi-k3", "2026-07-26", 800)]),
            row(None, vec![part("house-blend", "2026-07-25", 600)]),
        ];
        let found = document(&usage, &rows, Tz::Asia__Shanghai, PriceList::public());
        let value = serde_json::to_value(found).unwrap();
        assert_eq!(
            value["rows"][0],
            json!({"key": "Ann", "requests": 1, "input": 1000, "cache_read": 9000, "cache_write": 0,
                   "output": 800, "total": 10800,
                   "cost": {"amount": "0.0177", "currency": "USD", "estimated": true}})
        );
        assert_eq!(value["rows"][1]["key"], serde_json::Value::Null);
        assert_eq!((&value["by"], &value["timezone"]), (&json!("member"), &json!("Asia/Shanghai")));
        assert_eq!(value["totals"]["total"], 21400);
        assert_eq!(value["totals"]["unpriced_tokens"], 10600);
    }

    #[test]
    fn only_days_are_taken() {
        assert_eq!(day(Some(" 2026-11-01 ")).unwrap(), "2026-11-01".parse().ok());
        assert_eq!(day(None).unwrap(), None);
        for other in ["", "yesterday", "2026-11-01T09:00:00Z", "2026-13-01"] {
            assert_eq!(day(Some(other)).unwrap_err().exit, Exit::Usage, "{other}");
        }
    }
}
