//! What to write to the service about an anomaly, in either language: the words are those of the report.

use std::fmt::Write as _;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;
use tidemark_core::finding::Anomaly;
use tidemark_core::report::{Figures, Words, moments};
use tidemark_core::{Account, Finding, Series};
use tidemark_kimi::redact;
use tidemark_store::FindingId;

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
    let found =
        context.engine.read(move |store| store.finding(FindingId(id))).await?.ok_or_else(no_such_finding)?;
    let class = found
        .finding
        .anomaly()
        .ok_or_else(|| ApiError::input("there is nothing to claim: this finding is no anomaly"))?;
    let account = context.engine.account(found.account)?;
    let now = context.engine.now();
    let (subject, text) = claim(&found.finding, class, &account, &*words, settings.timezone, now);
    Ok(Json(view::Claim { language, subject, text }))
}

/// Subject and text. Whose account it is the owner adds: the program does not know the name that the service has for
/// it, and leaves out the owner's own.
fn claim(
    finding: &Finding,
    anomaly: Anomaly,
    account: &Account,
    words: &dyn Words,
    zone: chrono_tz::Tz,
    now: chrono::DateTime<chrono::Utc>,
) -> (String, String) {
    let what = finding.series.map_or_else(String::new, |series: Series| words.series(series));
    let class = words.say(&format!("anomaly-{}", anomaly.as_str()), &[]);
    let (from, to) = moments(finding.from, finding.to, zone);
    let product = words.say(&format!("source-{}", account.source.as_str()), &[]);
    let region = words.say(&format!("region-{}", account.region.as_str()), &[]);
    let subject = words.say(
        "report-claim-subject",
        &[("class", &class), ("what", &what), ("day", from.get(..10).unwrap_or(&from))],
    );
    let figures = finding.series.map(|series| {
        let figures = Figures {
            observed: finding.observed,
            expected: finding.expected_low.zip(finding.expected_high),
            factor: finding.factor(),
        };
        words.figures(anomaly, series, &figures)
    });
    let (explanation, evidence) = words.finding(finding, now, zone);
    let mut text = words.say("report-claim-hello", &[]);
    text.push_str("\n\n");
    text.push_str(&words.say(
        "report-claim-what",
        &[("product", &product), ("region", &region), ("what", &what), ("from", &from), ("to", &to)],
    ));
    for part in figures.iter().map(|said| words.say("sentence", &[("text", said)])).chain([explanation]) {
        text.push('\n');
        text.push_str(&redact::text(&part));
    }
    text.push('\n');
    for fact in &evidence {
        // Writing into a string cannot fail.
        let _ = write!(text, "\n- {}", redact::text(fact));
    }
    for key in ["report-claim-ask", "report-claim-account"] {
        text.push_str("\n\n");
        text.push_str(&words.say(key, &[]));
    }
    (subject, text)
}
