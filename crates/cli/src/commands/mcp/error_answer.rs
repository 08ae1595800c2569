//! What an error means, and until when it stands.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_core::{Failure, FailureKind, Source, text};

use super::asked::Asked;
use super::json::object;
use super::scene::Scene;
use crate::commands::explain::settle_window;
use crate::exit::{CommandOutcome, seconds};

/// No error names longer waits.
const MAX_WAIT: TimeDelta = TimeDelta::days(62);

/// `explain_error`: which of its meanings an error has, and when to go on.
pub(super) fn explain_error(scene: &Scene, asked: &Asked) -> Result<Value, CommandOutcome> {
    let said = asked.given("text").unwrap_or_default();
    let source: Option<Source> = asked.given("source").and_then(|source| source.parse().ok());
    let headers: Vec<(String, String)> = asked
        .given("retry_after")
        .map(|value| ("retry-after".to_owned(), value.to_owned()))
        .into_iter()
        .collect();
    let given = asked.number("status").and_then(|status| u16::try_from(status).ok());
    let status = given.or_else(|| status_in(said));
    // An answer that carries an error is judged by what it says, where its status is unknown.
    let judged = status.unwrap_or(200);
    let mut failure = tidemark_kimi::explain(judged, &headers, source, body_in(said).as_bytes(), scene.now);
    settle_window(scene.store.as_ref(), &mut failure, scene.now);
    let words = &scene.words;
    let mut notes = Vec::new();
    if status.is_none() {
        notes.push(words.text("mcp-note-no-status"));
    }
    let waits = failure.retry_after.and_then(|wait| TimeDelta::from_std(wait).ok());
    let until = waits.filter(|wait| *wait <= MAX_WAIT).map(|wait| scene.now + wait);
    let resets = resets(scene, &failure)?;
    if !resets.is_empty() {
        notes.push(words.text("mcp-note-resets"));
    }
    // What the error says itself goes before what was read at another time.
    let advice = words.text(&format!("advice-{}", tidemark_kimi::advice_word(&failure)));
    let mut answer = object(scene.answer("resets", &resets, &notes));
    answer.extend(object(json!({
        "kind": failure.kind,
        "meaning": words.failure(failure.kind),
        "advice": advice,
        "status": status,
        "limit": failure.limit,
        "limit_value": failure.limit_value,
        "reached": failure.current,
        "whose_limit": failure.whose,
        "quota": failure.meter,
        "denied": failure.denied,
        "wait_seconds": failure.retry_after.map(seconds),
        "wait_until": until.map(format_rfc3339),
        "message": text::bounded(&failure.message, 500),
    })));
    Ok(Value::Object(answer))
}

/// When the quotas that can be meant are reset, as was last read of each account.
fn resets(scene: &Scene, failure: &Failure) -> Result<Vec<Value>, CommandOutcome> {
    if failure.kind != FailureKind::WindowExhausted {
        return Ok(Vec::new());
    }
    let mut resets = Vec::new();
    for known in scene.known(None)? {
        let Some(reading) = known.reading.as_ref().filter(|reading| reading.source == Source::KimiCode)
        else {
            continue;
        };
        for one in &reading.meters {
            let fits = failure.meter.map_or(one.meter.is_allowance(), |meter| meter == one.meter);
            let at = one.resets_at.filter(|at| *at > scene.now && fits);
            resets.extend(at.map(|at: DateTime<Utc>| {
                json!({
                    "account": known.account.name,
                    "quota": one.meter,
                    "resets_at": format_rfc3339(at),
                    "resets_in_seconds": (at - scene.now).num_seconds(),
                    "age_seconds": known.age(scene.now).map(|age| age.num_seconds()),
                })
            }));
        }
    }
    resets.truncate(20);
    Ok(resets)
}

/// The HTTP status that a text names: `Error code: 429 - …`, `HTTP/1.1 403 Forbidden`, `"status": 402`.
fn status_in(text: &str) -> Option<u16> {
    const BEFORE: [&str; 6] = ["status", "code", "http", "error", "statuscode", "api"];
    let mut before = ["", ""];
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let status = word.parse::<u16>().ok().filter(|status| word.len() == 3 && (400..600).contains(status));
        if status.is_some() && before.iter().any(|word| BEFORE.contains(&word.to_ascii_lowercase().as_str()))
        {
            return status;
        }
        // The version of the protocol stands between its name and the status.
        if !matches!(word, "1" | "2" | "0" | "3") {
            before = [before[1], word];
        }
    }
    // A text that begins with one means it.
    let first = text.split_whitespace().next()?.trim_end_matches([':', ',', '-']);
    first.parse().ok().filter(|status| first.len() == 3 && (400..600).contains(status))
}

/// The answer's body in a text, where there is one: programs write their own words around it.
fn body_in(text: &str) -> &str {
    let body = text.find('{').zip(text.rfind('}')).and_then(|(from, to)| text.get(from..=to));
    body.filter(|body| serde_json::from_str::<Value>(body).is_ok()).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_found_where_programs_write_it() {
        for (text, expected) in [
            ("Error code: 429 - {'error': {'message': 'x'}}", Some(429)),
            ("HTTP/1.1 403 Forbidden", Some(403)),
            ("HTTP/2 402", Some(402)),
            (r#"{"status": 503, "message": "busy"}"#, Some(503)),
            ("API Error: 429 {\"error\":{}}", Some(429)),
            ("request failed with status code 401", Some(401)),
            ("429 Too Many Requests", Some(429)),
            ("429: slow down", Some(429)),
            ("you have used 450 of 500 requests", None),
            ("current: 401123, limit: 400000", None),
            ("code 200", None),
            ("", None),
        ] {
            assert_eq!(status_in(text), expected, "{text}");
        }
    }

    #[test]
    fn the_body_is_taken_out_of_what_a_program_wrote_around_it() {
        for (text, expected) in [
            (r#"429 {"error":{"message":"m"}} (request 7)"#, r#"{"error":{"message":"m"}}"#),
            ("no body at all", "no body at all"),
            ("{not json}", "{not json}"),
            ("} {", "} {"),
        ] {
            assert_eq!(body_in(text), expected);
        }
    }
}
