//! A channel, without its secrets.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::rules::Rules;
use crate::word::{UnknownWord, parse};

/// Where messages go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChannelKind {
    /// A JSON document by HTTP POST, signed as Standard Webhooks describes.
    Webhook,
    /// A topic of ntfy.
    Ntfy,
    /// A chat of Telegram, by a bot.
    Telegram,
    /// A group of Feishu or Lark, by a custom bot.
    Feishu,
    /// A group of DingTalk, by a custom robot.
    Dingtalk,
    /// A group of WeCom, by a robot.
    Wecom,
    /// A channel of Slack, by an incoming webhook.
    Slack,
    /// A channel of Discord, by a webhook.
    Discord,
    /// Mail by SMTP, always with TLS.
    Email,
    /// A program of the user's, with the JSON document on its standard input.
    Program,
}

impl ChannelKind {
    /// All there are.
    pub const ALL: [Self; 10] = [
        Self::Webhook,
        Self::Ntfy,
        Self::Telegram,
        Self::Feishu,
        Self::Dingtalk,
        Self::Wecom,
        Self::Slack,
        Self::Discord,
        Self::Email,
        Self::Program,
    ];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Ntfy => "ntfy",
            Self::Telegram => "telegram",
            Self::Feishu => "feishu",
            Self::Dingtalk => "dingtalk",
            Self::Wecom => "wecom",
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Email => "email",
            Self::Program => "program",
        }
    }

    /// Whether its address holds the key of a hook, so that it is kept as a secret and typed on no command line.
    #[must_use]
    pub const fn has_secret_address(self) -> bool {
        matches!(self, Self::Feishu | Self::Dingtalk | Self::Wecom | Self::Slack | Self::Discord)
    }

    /// Whether its secret itself is sent to its address, and not a signature made with it.
    #[must_use]
    pub const fn sends_secret(self) -> bool {
        matches!(self, Self::Ntfy | Self::Telegram | Self::Email)
    }
}

impl fmt::Display for ChannelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ChannelKind {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        parse(&Self::ALL, Self::as_str, text)
    }
}

/// A channel: where messages go, and which. What is secret of it is in [`Keys`](crate::Keys).
///
/// # Examples
/// ```
/// use tidemark_channels::{Channel, ChannelKind, ChannelError};
///
/// let mut channel = Channel::new(ChannelKind::Ntfy);
/// assert_eq!(channel.check(false, false), Err(ChannelError::AddressMissing));
/// channel.url = Some("https://ntfy.sh/my-alerts".to_owned());
/// assert_eq!(channel.check(false, false), Ok(()));
/// channel.url = Some("https://192.168.1.7/my-alerts".to_owned());
/// assert_eq!(channel.check(false, false), Err(ChannelError::AddressPrivate));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// What it is.
    pub kind: ChannelKind,
    /// Its address, where that is no secret. Of Telegram: another server of the bot interface. Of mail:
    /// `smtps://user@host:465`, or `smtp://user@host:587` for STARTTLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Who gets it: Telegram's chat, or mail addresses, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The sender of mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The program, by its absolute path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<PathBuf>,
    /// Whether messages may go to private addresses and this machine.
    #[serde(default)]
    pub allow_private: bool,
    /// Which messages it gets.
    #[serde(flatten)]
    pub rules: Rules,
}

impl Channel {
    /// A channel of a kind that gets everything.
    #[must_use]
    pub fn new(kind: ChannelKind) -> Self {
        Self {
            kind,
            url: None,
            to: None,
            from: None,
            program: None,
            allow_private: false,
            rules: Rules::default(),
        }
    }

    /// Where it goes, for people: a host, a chat, a mail address, a program. Nothing secret.
    #[must_use]
    pub fn place(&self) -> String {
        let host = |url: &str| url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        let place = match self.kind {
            ChannelKind::Program => self.program.as_ref().map(|path| path.display().to_string()),
            ChannelKind::Telegram | ChannelKind::Email => self.to.clone(),
            _ => self.url.as_deref().and_then(host),
        };
        tidemark_core::text::sentence(&place.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_of_an_earlier_version_is_read_and_every_kind_has_its_word() {
        let channel: Channel = serde_json::from_str(r#"{"kind":"slack","later":1}"#).unwrap();
        assert_eq!(channel, Channel::new(ChannelKind::Slack));
        for kind in ChannelKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
