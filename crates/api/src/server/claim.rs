//! What to write to the service about an anomaly, in either language: the words are those of the report.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::Deserialize;
use tidemark_core::finding::Anomaly;
use tidemark_core::number::decimal;
use tidemark_core::report::{Figures, Words, date, reason, span, zone_name};
use tidemark_core::{Account, Finding, Series};
use tidemark_kimi::redact;
use tidemark_store::{FindingId, Store, StoreError, StoredFinding};

use super::context::{Context, PathId};
use super::error::{ApiError, ApiResult};
use super::findings::no_such_finding;
use crate::view;

#[derive(Deserialize)]
pub(super) struct Asked {
    language: Option<String>,
}

pub(super) async fn get_claim(
    State(context): State<Context>,
    id: PathId,
    asked: Result<Query<Asked>, QueryRejection>,
) -> ApiResult<view::Claim> {
    let (id, asked) = (id?.0, asked?.0);
    let settings = context.engine.settings();
    let (language, words) =
        context.services.words(asked.language.as_deref().or(settings.language.as_deref()));
    let (found, levels) = context
        .engine
        .read(move |store| {
            let Some(found) = store.finding(FindingId(id))? else { return Ok(None) };
            let levels = levels(store, &found)?;
            Ok(Some((found, levels)))
        })
        .await?
        .ok_or_else(no_such_finding)?;
    let class = found
        .finding
        .anomaly()
        .ok_or_else(|| ApiError::input("there is nothing to claim: this finding is no anomaly"))?;
    let account = context.engine.account(found.account)?;
    let now = context.engine.now();
    let asked = Asking { finding: &found.finding, class, account: &account, levels };
    let (subject, text) = claim(&asked, &*words, settings.timezone, now);
    Ok(Json(view::Claim { language, subject, text }))
}

/// How long before the span its first level may have been read.
const REACH: TimeDelta = TimeDelta::days(1);

/// The levels before and after a deduction; `None` where they are not known, or a reset between them makes them say
/// nothing.
fn levels(store: &Store, found: &StoredFinding) -> Result<Option<(Decimal, Decimal)>, StoreError> {
    let finding = &found.finding;
    let Some(series) = finding.series else { return Ok(None) };
    let (from, to) = (finding.from - REACH, finding.to + TimeDelta::nanoseconds(1));
    let runs = store.runs(found.account, series, from, to)?;
    let before = runs.iter().rfind(|run| run.at <= finding.from);
    let after = runs.iter().rfind(|run| run.at <= finding.to);
    let inside = runs.iter().filter(|run| run.at > finding.from && run.at <= finding.to);
    let whole = inside.map(|run| run.resets).sum::<u32>() == 0;
    Ok(before.zip(after).filter(|_| whole).map(|(before, after)| (before.value, after.value)))
}

/// What is asked about.
struct Asking<'a> {
    finding: &'a Finding,
    class: Anomaly,
    account: &'a Account,
    /// Before and after.
    levels: Option<(Decimal, Decimal)>,
}

/// Subject and text, from the case's own figures. Whose account it is the owner adds: the program does not know the name
/// that the service has for it, and leaves out the owner's own.
fn claim(asked: &Asking<'_>, words: &dyn Words, zone: Tz, now: DateTime<Utc>) -> (String, String) {
    let Asking { finding, class, account, levels } = asked;
    let label = |name: &str, value: &str| {
        words.say("label-value", &[("name", &words.say(name, &[])), ("value", value)])
    };
    let what = finding.series.map_or_else(String::new, |series| name(words, series));
    let class_name = words.say(&format!("anomaly-{}", class.as_str()), &[]);
    let day = date(finding.from, zone, words);
    let subject =
        words.say("report-claim-subject", &[("class", &class_name), ("what", &what), ("day", &day)]);
    let product = words.say(&format!("source-{}", account.source.as_str()), &[]);
    let region = words.say(&format!("region-{}", account.region.as_str()), &[]);
    let time = words.say(
        "with-note",
        &[
            ("text", &span(finding.from, finding.to, zone, words)),
            ("note", &zone_name(zone, finding.from, finding.to)),
        ],
    );
    let mut lines = vec![label("report-what", &what), label("report-when", &time)];
    if let Some((series, (before, after))) = finding.series.zip(*levels) {
        let (before, after) = (level(words, series, before), level(words, series, after));
        let change = words.say("from-to", &[("before", &before), ("after", &after)]);
        lines.push(label("report-claim-level", &change));
    }
    if let Some(series) = finding.series {
        let figures = Figures {
            observed: finding.observed,
            expected: finding.expected_low.zip(finding.expected_high),
            factor: finding.factor(),
        };
        let said = words.figures(*class, series, &figures);
        if !said.is_empty() {
            lines.push(label("report-what-happened", &words.say("sentence", &[("text", &said)])));
        }
    }
    let why = redact::text(&reason(words, finding, *class, now, zone));
    lines.push(label("report-reason", &why));
    let text = [
        words.say("report-claim-hello", &[]),
        words.say("report-claim-what", &[("product", &product), ("region", &region)]),
        lines.join("\n"),
        words.say("report-claim-ask", &[]),
        words.say("report-claim-account", &[]),
    ];
    (subject, text.join("\n\n"))
}

/// A series by its full name, as the window's title of the case has it.
fn name(words: &dyn Words, series: Series) -> String {
    match series {
        Series::Meter(meter) => words.say(&format!("meter-{meter}"), &[]),
        Series::Balance(currency) => words.say("series-balance", &[("currency", currency.code())]),
        Series::Wallet(currency) => words.say("series-wallet", &[("currency", currency.code())]),
    }
}

/// A level: percent used of a quota, or money left.
fn level(words: &dyn Words, series: Series, value: Decimal) -> String {
    if series.currency().is_some() {
        return words.quantity(series, decimal::to_f64(value));
    }
    let percent = value.round_dp(2).normalize().to_string();
    words.say("used", &[("percent", &words.say("percent-value", &[("value", &percent)]))])
}
