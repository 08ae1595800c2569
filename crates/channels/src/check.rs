//! Whether a channel has what its kind needs.

use crate::channel::{Channel, ChannelKind};
use crate::channel_error::ChannelError;
use crate::failure::FailureCode;
use crate::{address, email, telegram};

impl Channel {
    /// Checks what can be checked without asking anyone. `secret_address` and `secret` are whether there is one in the
    /// vault or a variable.
    ///
    /// # Errors
    /// By case, as [`ChannelError`] says.
    pub fn check(&self, secret_address: bool, secret: bool) -> Result<(), ChannelError> {
        match self.kind {
            ChannelKind::Program => {
                let path = self.program.as_ref().ok_or(ChannelError::Program)?;
                return if path.is_absolute() { Ok(()) } else { Err(ChannelError::Program) };
            }
            ChannelKind::Email => return email::check(self),
            ChannelKind::Telegram => {
                telegram::check_chat(self.to.as_deref())?;
                if !secret {
                    return Err(ChannelError::SecretMissing);
                }
                if self.url.is_none() {
                    return Ok(());
                }
            }
            _ => {}
        }
        match &self.url {
            Some(url) => self.check_address(url),
            None if secret_address => Ok(()),
            None => Err(ChannelError::AddressMissing),
        }
    }

    /// Checks an address, by the rules of this channel.
    ///
    /// # Errors
    /// [`ChannelError::AddressBad`] and [`ChannelError::AddressPrivate`].
    pub fn check_address(&self, text: &str) -> Result<(), ChannelError> {
        match address::checked(text, self.allow_private) {
            Ok(_) => Ok(()),
            Err(failure) if failure.code == FailureCode::PrivateAddress => Err(ChannelError::AddressPrivate),
            Err(_) => Err(ChannelError::AddressBad),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_channel_lacks_is_said() {
        let with = |kind, change: &dyn Fn(&mut Channel)| {
            let mut channel = Channel::new(kind);
            change(&mut channel);
            channel
        };
        let absolute = std::env::temp_dir().join("alert");
        for (channel, address, secret, expected) in [
            (with(ChannelKind::Slack, &|_| {}), false, false, Err(ChannelError::AddressMissing)),
            (with(ChannelKind::Slack, &|_| {}), true, false, Ok(())),
            (with(ChannelKind::Telegram, &|_| {}), false, true, Err(ChannelError::To)),
            (
                with(ChannelKind::Telegram, &|c| c.to = Some("-100123".into())),
                false,
                false,
                Err(ChannelError::SecretMissing),
            ),
            (with(ChannelKind::Telegram, &|c| c.to = Some("@chan_nel".into())), false, true, Ok(())),
            (
                with(ChannelKind::Program, &|c| c.program = Some("alert".into())),
                false,
                false,
                Err(ChannelError::Program),
            ),
            (with(ChannelKind::Program, &|c| c.program = Some(absolute.clone())), false, false, Ok(())),
            (with(ChannelKind::Email, &|_| {}), false, false, Err(ChannelError::AddressMissing)),
        ] {
            assert_eq!(channel.check(address, secret), expected, "{channel:?}");
        }
    }
}
