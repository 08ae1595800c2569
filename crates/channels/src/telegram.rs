//! A chat of Telegram, by a bot: <https://core.telegram.org/bots/api#sendmessage>. A text may have 4,096 characters. What
//! became of it is in `ok`, `error_code`, `description` and `parameters.retry_after`
//! (<https://core.telegram.org/bots/api#making-requests>, <https://core.telegram.org/bots/api#responseparameters>).

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use url::Url;

use crate::address;
use crate::answer::Answer;
use crate::channel::Channel;
use crate::channel_error::ChannelError;
use crate::clip;
use crate::failure::{DeliveryFailure, FailureCode};
use crate::http::Request;
use crate::keys::Keys;
use crate::level::Level;
use crate::message::Message;

const SERVER: &str = "https://api.telegram.org/";
const MAX_TEXT: usize = 4096;

/// Whether a chat is one: a number, or the name of a channel.
pub(crate) fn check_chat(chat: Option<&str>) -> Result<(), ChannelError> {
    let chat = chat.unwrap_or_default();
    let is_number = chat.strip_prefix('-').unwrap_or(chat).parse::<u64>().is_ok();
    let is_name = chat.strip_prefix('@').is_some_and(|name| {
        (1..=64).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    });
    if is_number || is_name { Ok(()) } else { Err(ChannelError::To) }
}

/// The address of the call. The token is a part of it, so it must be nothing else than a token.
pub(crate) fn address(channel: &Channel, keys: &Keys) -> Result<Url, DeliveryFailure> {
    let token = keys.secret().ok_or(FailureCode::KeyMissing)?;
    let is_token = token.split_once(':').is_some_and(|(bot, secret)| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        !bot.is_empty()
            && bot.chars().all(|c| c.is_ascii_digit())
            && !secret.is_empty()
            && secret.chars().all(is_plain)
    });
    if !is_token {
        return Err(FailureCode::KeyRefused.into());
    }
    let mut url = address::checked(channel.url.as_deref().unwrap_or(SERVER), channel.allow_private)?;
    let path = format!("{}/bot{token}/sendMessage", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Ok(url)
}

pub(crate) fn request(url: Url, channel: &Channel, message: &Message) -> Request {
    let content = json!({
        "chat_id": channel.to.as_deref().unwrap_or_default(),
        "text": clip::to_utf16(&message.text(), MAX_TEXT),
        "disable_notification": message.level == Level::Info,
        "link_preview_options": {"is_disabled": true},
    });
    Request::json(url, &content)
}

pub(crate) fn judge(answer: &Answer, now: DateTime<Utc>) -> Result<(), DeliveryFailure> {
    let Some(json) = answer.json() else {
        let failure = answer.failure(None, now);
        return Err(failure.unwrap_or_else(|| FailureCode::NotUnderstood.into()));
    };
    if json.get("ok") == Some(&Value::Bool(true)) {
        return Ok(());
    }
    let said = json.get("description").and_then(Value::as_str).unwrap_or_default();
    let code = match json.get("error_code").and_then(Value::as_i64) {
        Some(429) => FailureCode::RateLimited,
        Some(401 | 403 | 404) => FailureCode::KeyRefused,
        Some(500..=599) => FailureCode::ServiceTrouble,
        Some(_) => FailureCode::Refused,
        None => FailureCode::NotUnderstood,
    };
    let asked = json.pointer("/parameters/retry_after").and_then(Value::as_u64).map(Duration::from_secs);
    Err(DeliveryFailure::new(code).saying(said).waiting(asked.or_else(|| answer.wait(now))))
}
