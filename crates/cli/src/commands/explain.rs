//! `tidemark explain`: what an error answer means.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _, Read as _};

use chrono::{DateTime, Utc};
use serde::Serialize;
use tidemark_core::failure::{Denied, Limit, LimitScope};
use tidemark_core::{Failure, FailureKind, Meter, Source};
use tidemark_store::Store;

use super::context::Context;
use crate::arguments::Explain;
use crate::causes::Cause;
use crate::exit::{CommandOutcome, Exit, seconds};
use crate::grouping::grouped;
use crate::output::table::{Cell, Table};
use crate::output::{Output, Style, clean, say};

/// No error body is longer; what comes after is left unread.
const LARGEST_BODY: u64 = 1 << 20;

/// Runs `tidemark explain`.
pub fn run(context: &Context, explain: &Explain) -> Result<Exit, CommandOutcome> {
    let mut output = context.output(None, None);
    let stdin = io::stdin();
    if stdin.is_terminal() {
        eprintln_hint(&output);
    }
    let mut body = Vec::new();
    stdin.lock().take(LARGEST_BODY).read_to_end(&mut body)?;
    let now = Utc::now();
    let mut failure = tidemark_kimi::explain(explain.status, &explain.header, explain.source, &body, now);
    let store = context.data_dir().ok().and_then(|folder| Store::open_read_only(&folder).ok());
    settle_window(store.as_ref(), &mut failure, now);
    if output.json {
        output.document(&Document::of(&failure))?;
    } else {
        write(&mut output, &failure, now)?;
    }
    output.flush()?;
    Ok(Exit::Done)
}

/// Names the window that a message leaves open, where the last readings of all accounts that can be meant agree.
/// Without a history the message alone counts.
pub(super) fn settle_window(store: Option<&Store>, failure: &mut Failure, now: DateTime<Utc>) {
    if failure.kind != FailureKind::WindowExhausted {
        return;
    }
    let readings = store.and_then(|store| store.last_readings().ok()).unwrap_or_default();
    let meters: BTreeSet<Meter> = readings
        .iter()
        .filter(|(.., reading)| reading.source == Source::KimiCode)
        .filter_map(|(.., reading)| {
            let mut settled = Failure { meter: None, ..failure.clone() };
            tidemark_kimi::settle_window(&mut settled, reading, now);
            settled.meter
        })
        .collect();
    if meters.len() == 1 {
        failure.meter = meters.first().copied();
    }
}

fn eprintln_hint(output: &Output) {
    say(&output.words.text("cli-explain-hint"));
}

/// The document of the contract: every key is there, unknown is null; `meter` and `denied` where they apply.
#[derive(Serialize)]
struct Document<'a> {
    kind: FailureKind,
    limit: Option<Limit>,
    current: Option<u64>,
    limit_value: Option<u64>,
    retry_after_seconds: Option<u64>,
    whose: Option<LimitScope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meter: Option<Meter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    denied: Option<Denied>,
    advice: &'static str,
    message: &'a str,
}

impl<'a> Document<'a> {
    fn of(failure: &'a Failure) -> Self {
        Self {
            kind: failure.kind,
            limit: failure.limit,
            current: failure.current,
            limit_value: failure.limit_value,
            retry_after_seconds: failure.retry_after.map(seconds),
            whose: failure.whose,
            meter: failure.meter,
            denied: failure.denied,
            advice: tidemark_kimi::advice(failure),
            message: &failure.message,
        }
    }
}

fn write(output: &mut Output, failure: &Failure, now: DateTime<Utc>) -> io::Result<()> {
    let words = &output.words;
    let title = words.failure(failure.kind);
    let advice = words.text(&format!("advice-{}", tidemark_kimi::advice_word(failure)));
    let mut facts = Table::indented(2);
    let mut fact = |name: String, value: Option<String>| {
        if let Some(value) = value {
            facts.row([Cell::new(name).style(Style::Faint), Cell::new(value)]);
        }
    };
    fact(words.text("cli-explain-limit"), failure.limit.map(|limit| words.text(&format!("limit-{limit}"))));
    fact(words.text("cli-explain-meter"), failure.meter.map(|meter| words.meter(meter)));
    let reached = match (failure.current, failure.limit_value) {
        (Some(current), Some(limit)) => Some(format!("{} / {}", grouped(current), grouped(limit))),
        (Some(current), None) => Some(grouped(current)),
        (None, _) => None,
    };
    fact(words.text("cli-explain-reached"), reached);
    let only_limit = failure.limit_value.filter(|_| failure.current.is_none());
    fact(words.text("cli-explain-limit-value"), only_limit.map(grouped));
    fact(words.text("cli-explain-whose"), failure.whose.map(|whose| words.text(&format!("whose-{whose}"))));
    let wait = failure.retry_after.and_then(|wait| chrono::TimeDelta::from_std(wait).ok());
    fact(words.text("cli-explain-wait"), wait.map(|wait| words.length(wait)));
    let own = failure.cause.as_deref().map(Cause::from);
    let own = own.and_then(|cause| words.cause(&cause, now, output.zone));
    let said = (!failure.message.is_empty())
        .then(|| words.with("quoted", [("text", clean(&failure.message).into())]));
    fact(words.text("cli-explain-message"), own.or(said));
    let title = output.paint(Style::Strong, &title);
    output.line(title)?;
    output.paragraph(Style::Plain, 2, &advice)?;
    facts.write(output)
}
