//! `tidemark export`: the recorded history, line by line, without holding it in memory.

use std::io;
use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use tidemark_core::line::{Line, ReadingLine, Recorded, to_number, write_time};
use tidemark_core::money::plain;
use tidemark_store::ExportQuery;

use super::{Asked, ledger, stretch};
use crate::arguments::{Export, ExportFormat};
use crate::exit::{Ending, Exit};
use crate::output::{Output, csv};

/// Runs it.
pub fn run(asked: &Asked, export: &Export) -> Result<Exit, Ending> {
    let store = ledger::open(&asked.data_dir()?)?;
    let settings = ledger::settings(store.as_ref())?;
    let zone = asked.zone(settings.as_ref().map(|s| s.timezone));
    let mut output = asked.output(None, Some(zone));
    let (from, to) = stretch::bounds(&export.stretch, zone)?;
    let account = export.account.as_deref().map(|name| ledger::account(store.as_ref(), name)).transpose()?;
    let mut sheet = Sheet { format: export.format, output: &mut output, first: true };
    sheet.begin()?;
    if let Some(store) = &store {
        let query = ExportQuery {
            account: account.map(|a| a.id),
            from: from.unwrap_or(DateTime::UNIX_EPOCH),
            to: to.unwrap_or_else(|| Utc::now() + chrono::TimeDelta::days(1)),
        };
        let mut broken = None;
        store.for_each_line(&query, [], |line| match sheet.line(&line) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                broken = Some(error);
                ControlFlow::Break(())
            }
        })?;
        if let Some(error) = broken {
            return Err(error.into());
        }
    }
    sheet.end()?;
    output.flush()?;
    Ok(Exit::Done)
}

/// Where the lines go, in the format that was asked for.
struct Sheet<'a> {
    format: ExportFormat,
    output: &'a mut Output,
    first: bool,
}

impl Sheet<'_> {
    fn begin(&mut self) -> io::Result<()> {
        match self.format {
            ExportFormat::Jsonl => Ok(()),
            ExportFormat::Json => self.output.raw(b"["),
            ExportFormat::Csv => self.output.raw(
                b"type,at,account,source,region,plan,item,used_percent,used,limit,resets_at,conflict,amount,currency,detail\r\n",
            ),
        }
    }

    fn line(&mut self, line: &Recorded) -> io::Result<()> {
        match self.format {
            ExportFormat::Jsonl => self.output.document(line),
            ExportFormat::Json => {
                let between: &[u8] = if self.first { b"\n" } else { b",\n" };
                self.first = false;
                self.output.raw(between)?;
                let text = serde_json::to_vec(line).map_err(io::Error::from)?;
                self.output.raw(&text)
            }
            ExportFormat::Csv => rows(&line.line).iter().try_for_each(|row| self.output.raw(row.as_bytes())),
        }
    }

    fn end(&mut self) -> io::Result<()> {
        match self.format {
            ExportFormat::Json if self.first => self.output.raw(b"]\n"),
            ExportFormat::Json => self.output.raw(b"\n]\n"),
            ExportFormat::Jsonl | ExportFormat::Csv => Ok(()),
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

fn rows(line: &Line) -> Vec<String> {
    match line {
        Line::Reading(reading) => {
            let place =
                [reading.source.word(), reading.region.word(), reading.plan.as_deref().unwrap_or_default()];
            let mut items = items(reading);
            if items.is_empty() {
                // It was looked at, and nothing was told: that is worth a row too.
                items.push(Fields::default());
            }
            items
                .iter()
                .map(|fields| row("reading", reading.at, reading.account.as_deref(), place, fields))
                .collect()
        }
        Line::Failure(failure) => {
            let fields = Fields { item: failure.kind.to_string(), ..Fields::default() };
            vec![row("failure", failure.at, failure.account.as_deref(), [""; 3], &fields)]
        }
        Line::Incident(incident) => {
            let state = match incident.state {
                tidemark_core::line::IncidentState::Open => "open",
                tidemark_core::line::IncidentState::Resolved => "resolved",
            };
            let detail = [Some(state), incident.impact.as_deref(), incident.title.as_deref()];
            let fields = Fields {
                item: incident.id.clone(),
                detail: detail.into_iter().flatten().collect::<Vec<_>>().join(": "),
                ..Fields::default()
            };
            vec![row("incident", incident.at, None, [""; 3], &fields)]
        }
        // The store exports what was observed; requests and conclusions are not part of that.
        Line::Usage(_) | Line::Finding(_) => Vec::new(),
    }
}

fn items(reading: &ReadingLine) -> Vec<Fields> {
    let text =
        |value: Option<rust_decimal::Decimal>| value.map(|v| v.normalize().to_string()).unwrap_or_default();
    let mut items: Vec<Fields> = reading
        .meters
        .iter()
        .map(|meter| Fields {
            item: meter.meter.to_string(),
            used_percent: to_number(meter.used_percent).to_string(),
            used: text(meter.used),
            limit: text(meter.limit),
            resets_at: meter.resets_at.map(write_time).unwrap_or_default(),
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
        &write_time(at),
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
