//! A channel of Slack, by an incoming webhook: <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>.
//! Success is 200 with `ok`; a refusal is its word as plain text (`no_service`, `channel_is_archived`). A text should have no
//! more than 4,000 characters (<https://docs.slack.dev/messaging/formatting-message-text>), of which `&`, `<` and `>` are
//! escaped. One message a second; more gives 429 with `Retry-After` (<https://docs.slack.dev/apis/web-api/rate-limits>).

use chrono::{DateTime, Utc};
use serde_json::json;
use url::Url;

use crate::answer::Answer;
use crate::clip;
use crate::failure::{DeliveryFailure, FailureCode};
use crate::http::Request;
use crate::message::Message;

const MAX_TEXT: usize = 4000;

pub(crate) fn request(url: Url, message: &Message) -> Request {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut length = MAX_TEXT;
    let mut text = escape(&message.text());
    // Cut before it is escaped, so that no escape is cut through.
    while text.encode_utf16().count() > MAX_TEXT {
        length -= length / 8 + 1;
        text = escape(&clip::to_utf16(&message.text(), length));
    }
    Request::json(url, &json!({"text": text, "unfurl_links": false}))
}

pub(crate) fn judge(answer: &Answer, now: DateTime<Utc>) -> Result<(), DeliveryFailure> {
    if let Some(failure) = answer.failure(None, now) {
        return Err(failure);
    }
    let text = answer.text();
    if text == "ok" { Ok(()) } else { Err(DeliveryFailure::new(FailureCode::Refused).saying(&text)) }
}
