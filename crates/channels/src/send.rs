//! One attempt to deliver a message.

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use url::Url;

use crate::channel::{Channel, ChannelKind};
use crate::failure::{DeliveryFailure, FailureCode};
use crate::http::post;
use crate::keys::Keys;
use crate::message::Message;
use crate::{address, dingtalk, discord, email, feishu, ntfy, program, slack, telegram, webhook, wecom};

impl Channel {
    /// Makes one attempt to deliver a message. `now` is the time of its signature.
    ///
    /// A message that was sent before may be sent again where it is not known whether it arrived; a webhook, a program and
    /// a mail reader know it by its [`Message::id`].
    ///
    /// # Errors
    /// By [`FailureCode`]; what is said names none of the channel's keys.
    ///
    /// # Examples
    /// ```
    /// use tidemark_channels::{Channel, ChannelKind, FailureCode, Keys, Level, Message};
    /// # use wiremock::{Mock, MockServer, ResponseTemplate, matchers::{body_partial_json, path}};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = MockServer::start().await;
    /// # let expected = serde_json::json!({"type": "test", "title": "Hello"});
    /// # Mock::given(path("/hook")).and(body_partial_json(expected))
    /// #     .respond_with(ResponseTemplate::new(204)).mount(&server).await;
    /// # let hook = format!("{}/hook", server.uri());
    /// let mut channel = Channel::new(ChannelKind::Webhook);
    /// channel.url = Some(hook); // http://127.0.0.1:…/hook
    /// let now = chrono::DateTime::UNIX_EPOCH;
    /// let message = Message {
    ///     id: "test:1".to_owned(),
    ///     at: now,
    ///     kind: "test".to_owned(),
    ///     level: Level::Info,
    ///     account: None,
    ///     title: "Hello".to_owned(),
    ///     body: String::new(),
    ///     language: "en".to_owned(),
    ///     details: serde_json::Value::Null,
    /// };
    /// let keys = Keys::default();
    /// let refused = channel.send(&keys, &message, now).await.unwrap_err();
    /// assert_eq!(refused.code, FailureCode::PrivateAddress);
    /// channel.allow_private = true;
    /// channel.send(&keys, &message, now).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send(
        &self,
        keys: &Keys,
        message: &Message,
        now: DateTime<Utc>,
    ) -> Result<(), DeliveryFailure> {
        let sent = self.attempt(keys, message, now).await;
        sent.map_err(|failure| {
            let said = failure.said.as_deref().map(|said| keys.redacted(said));
            DeliveryFailure { said, ..failure }
        })
    }

    async fn attempt(
        &self,
        keys: &Keys,
        message: &Message,
        now: DateTime<Utc>,
    ) -> Result<(), DeliveryFailure> {
        let url = match self.kind {
            ChannelKind::Program => return program::send(self, message).await,
            ChannelKind::Email => return email::send(self, keys, message).await,
            ChannelKind::Telegram => telegram::address(self, keys)?,
            _ => self.address(keys)?,
        };
        let request = match self.kind {
            ChannelKind::Ntfy => ntfy::request(url, keys, message)?,
            ChannelKind::Telegram => telegram::request(url, self, message),
            ChannelKind::Feishu => feishu::request(url, keys, message, now),
            ChannelKind::Dingtalk => dingtalk::request(url, keys, message, now),
            ChannelKind::Wecom => wecom::request(url, message),
            ChannelKind::Slack => slack::request(url, message),
            ChannelKind::Discord => discord::request(url, message),
            ChannelKind::Webhook | ChannelKind::Email | ChannelKind::Program => {
                webhook::request(url, keys, message, now)
            }
        };
        let answer = post(request, self.allow_private).await?;
        match self.kind {
            ChannelKind::Telegram => telegram::judge(&answer, now),
            ChannelKind::Feishu => feishu::judge(&answer, now),
            ChannelKind::Dingtalk => dingtalk::judge(&answer, now),
            ChannelKind::Wecom => wecom::judge(&answer, now),
            ChannelKind::Slack => slack::judge(&answer, now),
            ChannelKind::Discord => discord::judge(&answer, now),
            ChannelKind::Ntfy => ntfy::judge(&answer, now),
            ChannelKind::Webhook | ChannelKind::Email | ChannelKind::Program => {
                answer.failure(None, now).map_or(Ok(()), Err)
            }
        }
    }

    /// The address that messages go to: the secret one, else the other; checked each time.
    fn address(&self, keys: &Keys) -> Result<Url, DeliveryFailure> {
        let secret = keys.address.as_ref().map(ExposeSecret::expose_secret);
        let text = secret.or(self.url.as_deref()).ok_or(FailureCode::KeyMissing)?;
        address::checked(text, self.allow_private)
    }
}
