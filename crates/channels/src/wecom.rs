//! A group of WeCom, by a robot: <https://developer.work.weixin.qq.com/document/path/91770>. A text may have 2,048 bytes of
//! UTF-8, and 20 messages may be sent a minute. What became of it is in `errcode`, with status 200 too
//! (<https://developer.work.weixin.qq.com/document/path/90313>): 93000 is an unknown robot, 45009 too many messages,
//! -1 trouble of the service.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;
use url::Url;

use crate::answer::Answer;
use crate::clip;
use crate::failure::{DeliveryFailure, FailureCode};
use crate::http::Request;
use crate::message::Message;

const MAX_TEXT_BYTES: usize = 2048;
/// Its limits are by the minute.
const MINUTE: Duration = Duration::from_mins(1);

pub(crate) fn request(url: Url, message: &Message) -> Request {
    let content = json!({
        "msgtype": "text",
        "text": {"content": clip::to_bytes(&message.text(), MAX_TEXT_BYTES)},
    });
    Request::json(url, &content)
}

pub(crate) fn judge(answer: &Answer, now: DateTime<Utc>) -> Result<(), DeliveryFailure> {
    let judged = answer.by_code(&["errcode"], &["errmsg"], now, |code| match code {
        45009 | 45033 => FailureCode::RateLimited,
        93000 | 93004 | 93008 | 93017 => FailureCode::KeyRefused,
        -1 => FailureCode::ServiceTrouble,
        _ => FailureCode::Refused,
    });
    judged.map_err(|failure| match failure.code {
        FailureCode::RateLimited => {
            let wait = failure.wait.unwrap_or_default().max(MINUTE);
            failure.waiting(Some(wait))
        }
        _ => failure,
    })
}
