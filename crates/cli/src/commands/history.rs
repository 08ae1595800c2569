//! `tidemark history`: what was used, by hour, day or month.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::Serialize;
use tidemark_core::calendar::Span;
use tidemark_core::number::decimal;
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_core::{AccountId, Currency, Meter, Money, Series};
use tidemark_store::{HistoryQuery, HistoryRow, Store, VerdictBuckets};

use super::context::Context;
use super::{store_access, time_range};
use crate::arguments::History;
use crate::exit::{CommandOutcome, Exit};
use crate::format;
use crate::grouping::grouped;
use crate::i18n::Catalog;
use crate::output::table::{Cell, Table};
use crate::output::{Output, Style};
use tidemark_api::csv;

/// Runs `tidemark history`.
pub fn run(context: &Context, history: &History) -> Result<Exit, CommandOutcome> {
    let store = store_access::open(context)?;
    let settings = store_access::settings(store.as_ref())?;
    let zone = context.zone(settings.as_ref().map(|s| s.timezone));
    let mut output = context.output(settings.as_ref().and_then(|s| s.language.as_deref()), Some(zone));
    let bounds = time_range::bounds(&history.time_range, zone)?;
    let account =
        history.account.as_deref().map(|name| store_access::account(store.as_ref(), name)).transpose()?;
    let now = Utc::now();
    let rows = match &store {
        Some(store) => rows(store, history.by, zone, account.map(|a| a.id), bounds, now)?,
        None => Vec::new(),
    };
    if output.json {
        output.document(&Document { by: history.by.as_str(), timezone: zone.name(), rows: &rows })?;
    } else if history.csv {
        write_csv(&mut output, &rows)?;
    } else {
        write_table(&mut output, &rows)?;
        context.say_zone(&mut output, now)?;
    }
    output.flush()?;
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct Document<'a> {
    by: &'static str,
    timezone: &'static str,
    rows: &'a [Row],
}

/// A bucket of one account's meter or money.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    key: String,
    pub(super) start: String,
    end: String,
    account: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    meter: Option<Meter>,
    /// `balance` or `wallet`, where it is money.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
    /// `percent` or the currency.
    unit: String,
    deducted: Option<Quantity>,
    returned: Option<Quantity>,
    /// Of money: paid in or granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    credited: Option<Quantity>,
    /// Of money: ended without use.
    #[serde(skip_serializing_if = "Option::is_none")]
    expired: Option<Quantity>,
    uncertain: Option<Quantity>,
    coverage: f64,
    last: Option<Quantity>,
    high: Option<Quantity>,
    resets: u32,
    /// How far the deductions are explained; null where nothing was deducted.
    explained: Option<Explained>,
    #[serde(skip)]
    series: Series,
}

impl Row {
    /// Whether anything is known of it. A bucket in which nothing was polled is no row of a table.
    pub(super) fn has_data(&self) -> bool {
        self.coverage > 0.0 || self.deducted.is_some() || self.returned.is_some() || self.resets > 0
    }
}

/// The deductions of a bucket by how far they are explained.
#[derive(Debug, Clone, Copy, Serialize)]
struct Explained {
    /// By the logged use.
    fully: Quantity,
    /// In part.
    partly: Quantity,
    /// Outside Kimi Code, of the month.
    elsewhere: Quantity,
    /// Not at all.
    not: Quantity,
    /// Cannot tell: too little is known.
    cannot_tell: Quantity,
}

/// Percent as a number, money as a decimal string with its currency.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(untagged)]
enum Quantity {
    Percent(#[serde(with = "tidemark_core::wire::number")] Decimal),
    Money(Money),
}

impl Quantity {
    fn of(value: Decimal, series: Series) -> Self {
        match series.currency() {
            Some(currency) => Self::Money(Money::new(value, currency)),
            None => Self::Percent(value),
        }
    }

    fn plain(self) -> String {
        match self {
            Self::Percent(value) => decimal::to_f64(value).to_string(),
            Self::Money(money) => tidemark_core::money::plain(money.amount),
        }
    }

    fn said(self, words: &Catalog) -> String {
        match self {
            Self::Percent(value) => words.percent(value, 1),
            Self::Money(money) => format::money(&money),
        }
    }
}

/// The deductions of a stretch of time, a row each of a bucket and series.
pub(super) fn rows(
    store: &Store,
    span: Span,
    zone: Tz,
    account: Option<AccountId>,
    (from, to): time_range::Bounds,
    now: DateTime<Utc>,
) -> Result<Vec<Row>, CommandOutcome> {
    // Without a beginning: from the first poll on. Nothing was stored before.
    let Some(from) = from.map_or_else(|| store.first_look(account), |from| Ok(Some(from)))? else {
        return Ok(Vec::new());
    };
    let query = HistoryQuery { from, to: to.unwrap_or(now), now, span, account, zone };
    let names: HashMap<AccountId, String> = store.accounts()?.into_iter().map(|a| (a.id, a.name)).collect();
    let rows = store.history(&query)?;
    let verdicts = store.verdicts(&query)?;
    let explained = |row: &HistoryRow| explained(row, &verdicts);
    Ok(rows.into_iter().map(|row| view(&row, explained(&row), span, zone, now, &names)).collect())
}

/// What the audit never weighed counts as "cannot tell" too.
fn explained(row: &HistoryRow, verdicts: &VerdictBuckets) -> Option<Explained> {
    let deducted = row.deducted.filter(|deducted| !deducted.is_zero())?;
    let of = verdicts.get(&(row.account, row.series));
    let sums = of.and_then(|of| of.get(&row.bucket.start)).copied().unwrap_or_default();
    let sums = sums.fitted(deducted);
    let quantity = |value: Decimal| Quantity::of(value, row.series);
    Some(Explained {
        fully: quantity(sums.fully),
        partly: quantity(sums.partly),
        elsewhere: quantity(sums.elsewhere),
        not: quantity(sums.not),
        cannot_tell: quantity(sums.cannot_tell),
    })
}

fn view(
    row: &HistoryRow,
    explained: Option<Explained>,
    span: Span,
    zone: Tz,
    now: DateTime<Utc>,
    names: &HashMap<AccountId, String>,
) -> Row {
    let quantity = |value: Decimal| Quantity::of(value, row.series);
    Row {
        key: row.bucket.label(span, zone),
        start: format_rfc3339(row.bucket.start),
        end: format_rfc3339(row.bucket.end),
        account: names.get(&row.account).cloned().unwrap_or_default(),
        meter: row.series.meter(),
        of: match row.series {
            Series::Meter(_) => None,
            Series::Balance(_) => Some("balance"),
            Series::Wallet(_) => Some("wallet"),
        },
        currency: row.series.currency(),
        unit: row.series.unit().to_owned(),
        deducted: row.deducted.map(quantity),
        returned: row.returned.map(quantity),
        credited: row.credited.map(quantity),
        expired: row.expired.map(quantity),
        uncertain: row.deducted.map(|_| quantity(row.uncertain)),
        coverage: coverage(row.covered, row.bucket.end.min(now) - row.bucket.start),
        last: row.last.map(quantity),
        high: row.high.map(quantity),
        resets: row.resets,
        explained,
        series: row.series,
    }
}

/// The share of a bucket that was polled. What lies in the future does not count.
fn coverage(covered: TimeDelta, length: TimeDelta) -> f64 {
    if length <= TimeDelta::zero() {
        return 0.0;
    }
    let share = covered.num_milliseconds() as f64 / length.num_milliseconds() as f64;
    (share.clamp(0.0, 1.0) * 10_000.0).round() / 10_000.0
}

fn write_csv(output: &mut Output, rows: &[Row]) -> Result<(), CommandOutcome> {
    output.raw(
        b"key,start,end,account,series,unit,deducted,returned,uncertain,coverage,last,high,resets,explained,partly,unexplained,cannot_tell,credited,expired,elsewhere\r\n",
    )?;
    let plain = |quantity: &Option<Quantity>| quantity.map(Quantity::plain).unwrap_or_default();
    for row in rows {
        let part = |of: fn(&Explained) -> Quantity| row.explained.as_ref().map(of);
        let line = csv::line(&[
            &row.key,
            &row.start,
            &row.end,
            &row.account,
            &row.series.to_string(),
            &row.unit,
            &plain(&row.deducted),
            &plain(&row.returned),
            &plain(&row.uncertain),
            &row.coverage.to_string(),
            &plain(&row.last),
            &plain(&row.high),
            &row.resets.to_string(),
            &plain(&part(|explained| explained.fully)),
            &plain(&part(|explained| explained.partly)),
            &plain(&part(|explained| explained.not)),
            &plain(&part(|explained| explained.cannot_tell)),
            &plain(&row.credited),
            &plain(&row.expired),
            &plain(&part(|explained| explained.elsewhere)),
        ]);
        output.raw(line.as_bytes())?;
    }
    Ok(())
}

fn write_table(output: &mut Output, rows: &[Row]) -> Result<(), CommandOutcome> {
    let words = &output.words;
    let left_out = rows.iter().filter(|row| !row.has_data()).count();
    let note = (left_out > 0).then(|| words.with("cli-history-left-out", [("count", left_out.into())]));
    // Buckets in which nothing was polled are no table either.
    if left_out == rows.len() {
        let text = words.text("cli-history-empty");
        output.paragraph(Style::Plain, 0, &text)?;
        return Ok(note.map_or(Ok(()), |note| output.paragraph(Style::Faint, 0, &note))?);
    }
    let mut table = Table::default();
    let heads = [
        "cli-column-when",
        "cli-column-account",
        "cli-column-what",
        "cli-column-used",
        "cli-column-returned",
        "cli-column-credited",
        "cli-column-expired",
        "cli-column-last",
        "cli-column-resets",
        "cli-column-coverage",
    ]
    .map(|key| words.text(key));
    table.head(heads.iter().map(String::as_str));
    let mut shown: Vec<&Row> = rows.iter().filter(|row| row.has_data()).collect();
    // What happened at one time stands together.
    shown.sort_by(|a, b| a.start.cmp(&b.start));
    for row in shown {
        let said = |quantity: Option<Quantity>| {
            quantity.map_or_else(|| words.text("unknown-mark"), |quantity| quantity.said(words))
        };
        // Only money has it.
        let some = |quantity: Option<Quantity>| quantity.map_or_else(String::new, |some| some.said(words));
        let share = Decimal::try_from(row.coverage * 100.0).unwrap_or_default();
        // What may belong to an earlier bucket is marked, since it was only seen after a gap.
        let maybe = match row.uncertain {
            Some(Quantity::Percent(value) | Quantity::Money(Money { amount: value, .. }))
                if !value.is_zero() =>
            {
                "~"
            }
            _ => "",
        };
        table.row([
            Cell::new(&row.key).whole(),
            Cell::new(&row.account),
            Cell::new(words.series(row.series)),
            Cell::new(format!("{maybe}{}", said(row.deducted))).right(),
            Cell::new(said(row.returned)).right(),
            Cell::new(some(row.credited)).right(),
            Cell::new(some(row.expired)).right(),
            Cell::new(said(row.last)).right(),
            Cell::new(if row.resets == 0 { String::new() } else { grouped(row.resets.into()) }).right(),
            Cell::new(words.percent(share, 0)).right(),
        ]);
    }
    table.write(output)?;
    if let Some(note) = note {
        output.paragraph(Style::Faint, 0, &note)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is printed.
    #[derive(Clone, Default)]
    struct Printed(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);

    impl std::io::Write for Printed {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn row(key: &str, deducted: Option<i64>) -> Row {
        let quantity = |value: i64| Quantity::Percent(value.into());
        Row {
            key: key.to_owned(),
            start: key.to_owned(),
            end: key.to_owned(),
            account: "Research group".to_owned(),
            meter: Some(Meter::Week),
            of: None,
            currency: None,
            unit: "percent".to_owned(),
            deducted: deducted.map(quantity),
            returned: None,
            credited: None,
            expired: None,
            uncertain: None,
            coverage: 0.0,
            last: deducted.map(quantity),
            high: None,
            resets: 0,
            explained: None,
            series: Series::Meter(Meter::Week),
        }
    }

    fn table(rows: &[Row], columns: usize) -> String {
        let printed = Printed::default();
        let words = Catalog::new(crate::i18n::Language::English);
        let mut output = Output::to(Box::new(printed.clone()), words, Tz::UTC, false);
        output.columns = Some(columns);
        write_table(&mut output, rows).unwrap();
        String::from_utf8(printed.0.take()).unwrap()
    }

    #[test]
    fn where_nothing_was_polled_there_is_a_sentence_and_no_empty_table() {
        for rows in [vec![], vec![row("2026-11-21", None), row("2026-11-22", None)]] {
            let text = table(&rows, 80);
            assert!(text.contains("No data") && !text.contains("Deducted"), "{text}");
        }
    }

    #[test]
    fn a_day_is_never_broken_over_two_lines() {
        for columns in [60, 72, 80, 100] {
            let text = table(&[row("2026-11-22 14:00", Some(3))], columns);
            assert!(text.contains("2026-11-22 14:00"), "{columns}: {text}");
        }
    }

    #[test]
    fn coverage_is_a_share_of_what_has_passed() {
        let minutes = TimeDelta::minutes;
        for (covered, length, share) in [
            (0, 60, 0.0),
            (30, 60, 0.5),
            (60, 60, 1.0),
            (70, 60, 1.0),
            (10, 30, 0.3333),
            (5, 0, 0.0),
            (5, -5, 0.0),
        ] {
            assert!((coverage(minutes(covered), minutes(length)) - share).abs() < 1e-9, "{covered}/{length}");
        }
    }
}
