//! What of a channel is secret.

use secrecy::{ExposeSecret, SecretString};

/// The secrets of a channel, in memory only as long as a delivery.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// The address, where it holds a key: that of a bot or a hook.
    pub address: Option<SecretString>,
    /// A token, a signing secret or a password, by kind.
    pub secret: Option<SecretString>,
}

impl Keys {
    /// The text of the secret.
    pub(crate) fn secret(&self) -> Option<&str> {
        self.secret.as_ref().map(ExposeSecret::expose_secret)
    }

    /// A text without what is secret in it: a service may repeat what it was sent.
    pub(crate) fn redacted(&self, text: &str) -> String {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.secret().map(str::to_owned));
        if let Some(address) = self.address.as_ref().map(ExposeSecret::expose_secret) {
            parts.push(address.to_owned());
            if let Ok(url) = url::Url::parse(address) {
                let segments = url.path_segments().into_iter().flatten().map(str::to_owned);
                parts.extend(segments.chain(url.query_pairs().map(|(_, value)| value.into_owned())));
            }
        }
        parts.retain(|part| part.len() >= MIN_REDACTED);
        // The longer first: a part of one must not spare the rest of it.
        parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
        parts.iter().fold(text.to_owned(), |text, part| text.replace(part.as_str(), "…"))
    }
}

/// Shorter parts of an address are words such as `send`, which say nothing secret.
const MIN_REDACTED: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_repeats_is_said_without_the_key() {
        let keys = Keys {
            address: Some("https://oapi.dingtalk.com/robot/send?access_token=0a1b2c3d4e5f".into()),
            secret: Some("SECabcdef".into()),
        };
        assert_eq!(keys.redacted("token 0a1b2c3d4e5f, SECabcdef: send"), "token …, …: send");
    }
}
