//! A channel of Discord, by a webhook: <https://discord.com/developers/docs/resources/webhook#execute-webhook>. A text may have
//! 2,000 characters. With `wait=true` the answer is the message, and a refusal is said. Too many messages give 429 with
//! `retry_after` in seconds in the body (<https://discord.com/developers/docs/topics/rate-limits>). No one is mentioned,
//! whatever an account is called.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use url::Url;

use crate::answer::Answer;
use crate::clip;
use crate::failure::DeliveryFailure;
use crate::http::Request;
use crate::message::Message;

const MAX_TEXT: usize = 2000;

pub(crate) fn request(mut url: Url, message: &Message) -> Request {
    url.query_pairs_mut().append_pair("wait", "true");
    let content = json!({
        "content": clip::to_utf16(&message.text(), MAX_TEXT),
        "allowed_mentions": {"parse": []},
    });
    Request::json(url, &content)
}

pub(crate) fn judge(answer: &Answer, now: DateTime<Utc>) -> Result<(), DeliveryFailure> {
    let json = answer.json();
    let said = json.as_ref().and_then(|json| json.get("message")?.as_str());
    let Some(failure) = answer.failure(said, now) else { return Ok(()) };
    let asked = json.as_ref().and_then(|json| json.get("retry_after").and_then(Value::as_f64));
    let asked = asked.and_then(|seconds| Duration::try_from_secs_f64(seconds.ceil()).ok());
    let wait = asked.or(failure.wait);
    Err(failure.waiting(wait))
}
