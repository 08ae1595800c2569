//! A group of Feishu or Lark, by a custom bot:
//! <https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot>. A request may have 20 KB, and 100 of them may be
//! sent a minute. With a secret, `sign` is the HMAC-SHA256 of nothing, with `timestamp` (in seconds), a line break and the
//! secret as its key. What became of it is in `code` (of older bots: `StatusCode`), with status 200 too: 19021 is a wrong
//! signature, 19022 an address that is not on the bot's list, 19024 a missing keyword, 11232 too many messages, 9499 a bad request, or too many as its words say.

use chrono::{DateTime, Utc};
use serde_json::json;
use url::Url;

use crate::answer::Answer;
use crate::clip;
use crate::failure::{DeliveryFailure, FailureCode};
use crate::http::Request;
use crate::keys::Keys;
use crate::message::Message;
use crate::sign::sign;

/// What is left of 20 KB for the text, where each of its characters may be escaped to two.
const MAX_TEXT_BYTES: usize = 9 * 1024;

pub(crate) fn request(url: Url, keys: &Keys, message: &Message, now: DateTime<Utc>) -> Request {
    let mut content = json!({
        "msg_type": "text",
        "content": {"text": clip::to_bytes(&message.text(), MAX_TEXT_BYTES)},
    });
    if let Some(secret) = keys.secret() {
        let timestamp = now.timestamp().to_string();
        content["sign"] = sign(format!("{timestamp}\n{secret}").as_bytes(), b"").into();
        content["timestamp"] = timestamp.into();
    }
    Request::json(url, &content)
}

pub(crate) fn judge(answer: &Answer, now: DateTime<Utc>) -> Result<(), DeliveryFailure> {
    let said = answer.json().and_then(|json| json.get("msg")?.as_str().map(str::to_owned));
    let is_frequency = said.is_some_and(|said| said.contains("frequen") || said.contains("too many"));
    answer.by_code(&["code", "StatusCode"], &["msg", "StatusMessage"], now, |code| match code {
        11232 => FailureCode::RateLimited,
        9499 if is_frequency => FailureCode::RateLimited,
        19001 | 19021 | 19022 => FailureCode::KeyRefused,
        19002 | 19024 | 9499 => FailureCode::Refused,
        _ => FailureCode::ServiceTrouble,
    })
}
