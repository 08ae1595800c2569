//! A topic of ntfy, by its JSON interface: <https://docs.ntfy.sh/publish/#publish-as-json>. A message may have 4,096 bytes;
//! a longer one would become an attachment (<https://docs.ntfy.sh/publish/#limitations>). With an access token it is sent
//! as `Bearer` (<https://docs.ntfy.sh/publish/#access-tokens>). Refusals have `error` in their body.

use chrono::{DateTime, Utc};
use serde_json::json;
use url::Url;

use crate::answer::Answer;
use crate::clip;
use crate::failure::{DeliveryFailure, FailureCode};
use crate::http::Request;
use crate::keys::Keys;
use crate::level::Level;
use crate::message::Message;

const MAX_MESSAGE_BYTES: usize = 4096;
const MAX_TITLE_BYTES: usize = 250;

pub(crate) fn request(mut url: Url, keys: &Keys, message: &Message) -> Result<Request, DeliveryFailure> {
    let topic = url.path_segments().and_then(|mut segments| segments.next_back().map(str::to_owned));
    let topic = topic.filter(|topic| !topic.is_empty()).ok_or(FailureCode::BadAddress)?;
    // The server is what is before the topic: one may live below a path.
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop().push("");
    }
    url.set_query(None);
    let priority = match message.level {
        Level::Info => 3,
        Level::Warning => 4,
        Level::Urgent => 5,
    };
    // An empty message would be shown as “triggered”.
    let body = if message.body.is_empty() { &message.title } else { &message.body };
    let content = json!({
        "topic": topic,
        "title": clip::to_bytes(&message.title, MAX_TITLE_BYTES),
        "message": clip::to_bytes(body, MAX_MESSAGE_BYTES),
        "priority": priority,
    });
    let token = keys.secret().map(str::to_owned);
    Ok(Request { token, ..Request::json(url, &content) })
}

pub(crate) fn judge(answer: &Answer, now: DateTime<Utc>) -> Result<(), DeliveryFailure> {
    let json = answer.json();
    let said = json.as_ref().and_then(|json| json.get("error")?.as_str());
    answer.failure(said, now).map_or(Ok(()), Err)
}
