//! The recorded history on its way out, line by line, without holding it in memory.

use std::io::{self, Write};
use std::str::FromStr;

use chrono::{DateTime, Utc};
use tidemark_core::money::plain;
use tidemark_core::number::decimal;
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_core::project_filter::HiddenProjects;
use tidemark_core::text::JsonWriter;
use tidemark_core::wire::{ReadingRecord, Record, TimestampedRecord};

use crate::csv;

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A line a meter or amount.
    Csv,
    /// One JSON array.
    Json,
    /// A JSON document a line, which `tidemark replay` takes.
    #[default]
    Jsonl,
}

/// There is no such format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected csv, json or jsonl, found `{0}`")]
pub struct NoSuchFormat(String);

impl FromStr for Format {
    type Err = NoSuchFormat;

    fn from_str(word: &str) -> Result<Self, NoSuchFormat> {
        let found = Self::ALL.into_iter().find(|format| format.as_str() == word);
        found.ok_or_else(|| NoSuchFormat(word.to_owned()))
    }
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Json, Self::Jsonl];

    /// The word of it, which is also how a file of it ends.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Json => "json",
            Format::Jsonl => "jsonl",
        }
    }

    /// The MIME type of an export in this format.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8",
            Format::Json => "application/json",
            Format::Jsonl => "application/jsonl; charset=utf-8",
        }
    }
}

/// Writes lines in a format: [`Sheet::begin`] once, [`Sheet::line`] for each, [`Sheet::end`] once.
#[derive(Debug)]
pub struct Sheet {
    format: Format,
    hidden: HiddenProjects,
    first: bool,
}

impl Sheet {
    /// A sheet with nothing on it, on which some projects will not be named.
    #[must_use]
    pub fn new(format: Format, hidden: HiddenProjects) -> Self {
        Self { format, hidden, first: true }
    }

    /// Writes what stands above the lines.
    ///
    /// # Errors
    /// Where `out` does not take it, here and in the others.
    pub fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.format {
            Format::Jsonl => Ok(()),
            Format::Json => out.write_all(b"["),
            Format::Csv => out.write_all(
                b"type,at,account,source,region,plan,item,used_percent,used,limit,resets_at,conflict,amount,currency,detail\r\n",
            ),
        }
    }

    /// Writes a line.
    ///
    /// # Errors
    /// As [`Sheet::begin`].
    pub fn line(&mut self, out: &mut dyn Write, mut line: TimestampedRecord) -> io::Result<()> {
        if let Record::Usage(usage) = &mut line.record {
            usage.project = usage.project.take().map(|project| self.hidden.written(&project).to_owned());
        }
        match self.format {
            Format::Jsonl => {
                serde_json::to_writer(JsonWriter(&mut *out), &line).map_err(io::Error::from)?;
                out.write_all(b"\n")
            }
            Format::Json => {
                let between: &[u8] = if self.first { b"\n" } else { b",\n" };
                self.first = false;
                out.write_all(between)?;
                serde_json::to_writer(JsonWriter(&mut *out), &line).map_err(io::Error::from)
            }
            Format::Csv => rows(&line.record).iter().try_for_each(|row| out.write_all(row.as_bytes())),
        }
    }

    /// Writes what stands below the lines.
    ///
    /// # Errors
    /// As [`Sheet::begin`].
    pub fn end(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.format {
            Format::Json if self.first => out.write_all(b"]\n"),
            Format::Json => out.write_all(b"\n]\n"),
            Format::Jsonl | Format::Csv => Ok(()),
        }
    }
}

/// The fields of a row behind type, time and account. Empty is unknown, never zero.
#[derive(Default)]
struct Fields {
    item: String,
    used_percent: String,
    used: String,
    limit: String,
    resets_at: String,
    conflict: String,
    amount: String,
    currency: String,
    detail: String,
}

fn rows(line: &Record) -> Vec<String> {
    match line {
        Record::Reading(reading) => {
            let place = [
                reading.source.as_str(),
                reading.region.as_str(),
                reading.plan.as_deref().unwrap_or_default(),
            ];
            let mut items = items(reading);
            if items.is_empty() {
                // It was polled, and the answer held no figures: that is worth a row too.
                items.push(Fields::default());
            }
            items
                .iter()
                .map(|fields| row("reading", reading.at, reading.account.as_deref(), place, fields))
                .collect()
        }
        Record::Failure(failure) => {
            let fields = Fields { item: failure.kind.to_string(), ..Fields::default() };
            vec![row("failure", failure.at, failure.account.as_deref(), [""; 3], &fields)]
        }
        Record::Incident(incident) => {
            let state = match incident.state {
                tidemark_core::wire::IncidentState::Open => "open",
                tidemark_core::wire::IncidentState::Resolved => "resolved",
            };
            let detail = [Some(state), incident.impact.as_deref(), incident.title.as_deref()];
            let fields = Fields {
                item: incident.id.clone(),
                detail: detail.into_iter().flatten().collect::<Vec<_>>().join(": "),
                ..Fields::default()
            };
            vec![row("incident", incident.at, None, [""; 3], &fields)]
        }
        Record::Announcement(line) => {
            let fields = Fields { item: line.id.clone(), detail: line.words(), ..Fields::default() };
            vec![row("announcement", line.begins(), None, [""; 3], &fields)]
        }
        // The sheet is about quotas and money. Requests are in the JSON formats, with the spans of known logs; conclusions are in none.
        Record::Usage(_) | Record::LogCoverage(_) | Record::Finding(_) => Vec::new(),
    }
}

fn items(reading: &ReadingRecord) -> Vec<Fields> {
    let text =
        |value: Option<rust_decimal::Decimal>| value.map(|v| v.normalize().to_string()).unwrap_or_default();
    let mut items: Vec<Fields> = reading
        .meters
        .iter()
        .map(|meter| Fields {
            item: meter.meter.to_string(),
            used_percent: decimal::to_f64(meter.used_percent).to_string(),
            used: text(meter.used),
            limit: text(meter.limit),
            resets_at: meter.resets_at.map(format_rfc3339).unwrap_or_default(),
            conflict: meter.conflict.to_string(),
            ..Fields::default()
        })
        .collect();
    let mut money = |item: &str, amount: Option<rust_decimal::Decimal>, currency: &str| {
        if let Some(amount) = amount {
            items.push(Fields {
                item: item.to_owned(),
                amount: plain(amount),
                currency: currency.to_owned(),
                ..Fields::default()
            });
        }
    };
    if let Some(balance) = &reading.balance {
        let currency = balance.currency.code();
        money("balance-available", balance.available, currency);
        money("balance-voucher", balance.voucher, currency);
        money("balance-cash", balance.cash, currency);
    }
    if let Some(wallet) = &reading.wallet {
        for (item, amount) in [
            ("wallet-balance", wallet.balance),
            ("wallet-month-used", wallet.month_used),
            ("wallet-month-cap", wallet.month_cap),
        ] {
            if let Some(amount) = amount {
                money(item, Some(amount.amount), amount.currency.code());
            }
        }
    }
    items
}

fn row(kind: &str, at: DateTime<Utc>, account: Option<&str>, place: [&str; 3], fields: &Fields) -> String {
    csv::line(&[
        kind,
        &format_rfc3339(at),
        account.unwrap_or_default(),
        place[0],
        place[1],
        place[2],
        &fields.item,
        &fields.used_percent,
        &fields.used,
        &fields.limit,
        &fields.resets_at,
        &fields.conflict,
        &fields.amount,
        &fields.currency,
        &fields.detail,
    ])
}
