//! A group of DingTalk, by a custom robot: <https://open.dingtalk.com/document/orgapp/custom-robot-access>. 20 messages may be
//! sent a minute; more, and the robot is silent for ten minutes. With a secret, `timestamp` (in milliseconds) and `sign` are
//! in the address (<https://open.dingtalk.com/document/robots/customize-robot-security-settings>): the HMAC-SHA256 of
//! timestamp, line break and secret, with the secret as its key. What became of it is in `errcode`, with status 200 too:
//! 310000 is a wrong signature, a missing keyword or an address not on the robot's list; 300001 an unknown token; 130101
//! too many messages.

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
use std::time::Duration;

/// What is left of 20,000 bytes for the text, where each of its characters may be escaped to two.
const MAX_TEXT_BYTES: usize = 9_000;
/// How long a robot is silent that sent too much.
const SILENCE: Duration = Duration::from_mins(10);

pub(crate) fn request(mut url: Url, keys: &Keys, message: &Message, now: DateTime<Utc>) -> Request {
    if let Some(secret) = keys.secret() {
        let timestamp = now.timestamp_millis().to_string();
        let signature = sign(secret.as_bytes(), format!("{timestamp}\n{secret}").as_bytes());
        url.query_pairs_mut().append_pair("timestamp", &timestamp).append_pair("sign", &signature);
    }
    let content = json!({
        "msgtype": "text",
        "text": {"content": clip::to_bytes(&message.text(), MAX_TEXT_BYTES)},
    });
    Request::json(url, &content)
}

pub(crate) fn judge(answer: &Answer, now: DateTime<Utc>) -> Result<(), DeliveryFailure> {
    let judged = answer.by_code(&["errcode"], &["errmsg"], now, |code| match code {
        130_101 => FailureCode::RateLimited,
        300_001 | 300_005 | 310_000 | 400_101..=400_106 => FailureCode::KeyRefused,
        -1 => FailureCode::ServiceTrouble,
        _ => FailureCode::Refused,
    });
    judged.map_err(|failure| match failure.code {
        FailureCode::RateLimited => {
            let wait = failure.wait.unwrap_or_default().max(SILENCE);
            failure.waiting(Some(wait))
        }
        _ => failure,
    })
}
