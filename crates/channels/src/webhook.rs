//! A JSON document by POST, signed by the rules of Standard Webhooks, so that receivers can use its libraries:
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.
//!
//! `webhook-id` is the message's: a receiver that has seen it drops the repeat. With a secret, `webhook-signature` is `v1,`
//! and the HMAC-SHA256 of `id.timestamp.body` in Base64.

use chrono::{DateTime, Utc};
use url::Url;

use crate::http::Request;
use crate::keys::Keys;
use crate::message::Message;
use crate::sign::{sign, webhook_key};

pub(crate) fn request(url: Url, keys: &Keys, message: &Message, now: DateTime<Utc>) -> Request {
    let body = message.to_json();
    let timestamp = now.timestamp().to_string();
    let id = header_id(&message.id);
    let mut headers = vec![("webhook-id", id.clone()), ("webhook-timestamp", timestamp.clone())];
    if let Some(secret) = keys.secret() {
        let signature = sign(&webhook_key(secret), format!("{id}.{timestamp}.{body}").as_bytes());
        headers.push(("webhook-signature", format!("v1,{signature}")));
    }
    Request { url, headers, token: None, body }
}

/// An id as a header takes it: visible ASCII. It must not contain what separates it from the rest of what is signed.
fn header_id(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_graphic() && c != '.' { c } else { '_' }).collect()
}
