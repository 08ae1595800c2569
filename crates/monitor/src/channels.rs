//! Channels: adding, testing and removing them, and delivering what waits for them. What a message says is made by the
//! agent, which has the words.

use std::path::PathBuf;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use tidemark_channels::{
    Channel, ChannelError, DeliveryFailure, DigestPeriod, FailureCode, Keys, Message, Rules, retry,
};
use tidemark_core::{Credential, Region, text};
use tidemark_store::{
    ChannelChange as StoredChange, ChannelId, ChannelResult, DeliveryContent, DueDelivery,
    NewChannel as StoredNew, NewDelivery, StoredChannel,
};

use crate::accounts::KeyInput;
use crate::due_alerts::{Judged, judge};
use crate::engine::Engine;
use crate::error::EngineError;

/// The most channels.
const MAX_CHANNELS: usize = 30;
/// Digests are made from this time of the day on, in the channel's zone.
const DIGEST_HOUR: u32 = 8;
/// How a secret begins that is kept as hexadecimal digits: the vault takes a pasted key apart, and a
/// password may be like one.
const HEX: &str = "hex.";

/// A channel to be added.
pub struct NewChannel {
    /// The user's name for it.
    pub name: String,
    /// What it is.
    pub channel: Channel,
    /// Its address, if that is secret.
    pub address: Option<KeyInput>,
    /// Its token, signing secret or password.
    pub secret: Option<KeyInput>,
}

/// What is changed of a channel: its rules are replaced, the rest stays where nothing is given. Its kind stays.
pub struct ChannelChange {
    /// The user's name for it.
    pub name: String,
    /// Its address, where that is no secret; an empty one takes it away.
    pub url: Option<String>,
    /// Who gets it.
    pub to: Option<String>,
    /// The sender of mail.
    pub from: Option<String>,
    /// The program, by its absolute path.
    pub program: Option<PathBuf>,
    /// Whether messages may go to private addresses and this machine.
    pub allow_private: bool,
    /// Which messages it gets.
    pub rules: Rules,
    /// Another secret address.
    pub address: Option<KeyInput>,
    /// Another token, signing secret or password.
    pub secret: Option<KeyInput>,
}

/// A channel, as it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelSnapshot {
    /// The store's number for it.
    pub id: ChannelId,
    /// The user's name for it.
    pub name: String,
    /// What it is; `None` if a newer version made it.
    pub channel: Option<Channel>,
    /// Whether a secret belongs to it.
    pub has_secret: bool,
    /// What became of the last attempt.
    pub last: Option<ChannelResult>,
    /// Since when messages are given up.
    pub failing_since: Option<DateTime<Utc>>,
}

/// A message that waits, with its channel.
#[derive(Debug, Clone)]
pub struct ChannelDelivery {
    /// What waits.
    pub due: DueDelivery,
    /// Its channel.
    pub channel: Channel,
    /// The channel's name.
    pub name: String,
    stored: StoredChannel,
}

/// What a delivery is about that is no alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum OtherMessage {
    /// A digest of a period.
    Digest {
        /// Which period.
        period: DigestPeriod,
        /// Its first day.
        from: chrono::NaiveDate,
        /// The day after its last one.
        to: chrono::NaiveDate,
    },
    /// Another channel fails.
    ChannelFailed {
        /// Its name.
        name: String,
        /// A word for the failure.
        code: String,
        /// What was said.
        said: Option<String>,
    },
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// The channel has it.
    Done,
    /// It is tried again.
    Again(DateTime<Utc>),
    /// It is given up. `silent` if the channel began to fail with it and there is no other one to say so.
    GivenUp {
        /// Whether the user has to be notified here.
        silent: bool,
        /// Why.
        failure: DeliveryFailure,
    },
}

impl Engine {
    /// All channels.
    ///
    /// # Errors
    /// [`EngineError::StoreHandle`] if the history cannot be read.
    pub async fn channels(&self) -> Result<Vec<ChannelSnapshot>, EngineError> {
        let stored = self.read(tidemark_store::Store::channels).await?;
        Ok(stored.into_iter().map(snapshot).collect())
    }

    /// Adds a channel. Its secrets go where keys go.
    ///
    /// # Errors
    /// [`EngineError::Name`], [`EngineError::NameTaken`], [`EngineError::Channel`] if something is missing or wrong,
    /// [`EngineError::Vault`] if a secret cannot be kept, [`EngineError::StoreHandle`] if the history cannot be written.
    pub async fn add_channel(&self, new: NewChannel) -> Result<ChannelId, EngineError> {
        let name = text::account_name(&new.name)?;
        let known = self.channels().await?;
        if known.iter().any(|channel| channel.name == name) {
            return Err(EngineError::NameTaken(name));
        }
        if known.len() >= MAX_CHANNELS {
            return Err(EngineError::Input(format!("there are already {MAX_CHANNELS} channels")));
        }
        new.channel.check(new.address.is_some(), new.secret.is_some())?;
        if let Some(KeyInput::Key { key, .. }) = &new.address {
            new.channel.check_address(key.expose_secret().trim())?;
        }
        let content =
            serde_json::to_string(&new.channel).map_err(|error| EngineError::Input(error.to_string()))?;
        let address = self.keep(&name, new.address).await?;
        let secret = match self.keep(&name, new.secret).await {
            Ok(secret) => secret,
            Err(error) => {
                self.forget(address.as_ref()).await;
                return Err(error);
            }
        };
        let stored = StoredNew { name, content, address: address.clone(), secret: secret.clone() };
        let now = self.now();
        let added = self.write(move |store| store.add_channel(&stored, now)).await;
        if added.is_err() {
            self.forget(address.as_ref()).await;
            self.forget(secret.as_ref()).await;
        }
        added
    }

    /// Changes a channel. What is changed is checked as when it is added; a secret for which none is given stays.
    ///
    /// # Errors
    /// [`EngineError::NoSuchChannel`], also of a channel that a newer version made; otherwise as
    /// [`add_channel`](Self::add_channel).
    pub async fn change_channel(&self, name: &str, change: ChannelChange) -> Result<(), EngineError> {
        let stored = self.stored_channel(name).await?;
        let before = channel_of(&stored).ok_or(EngineError::NoSuchChannel)?;
        let name = text::account_name(&change.name)?;
        let known = self.channels().await?;
        if known.iter().any(|channel| channel.id != stored.id && channel.name == name) {
            return Err(EngineError::NameTaken(name));
        }
        let filled = |new: Option<String>, old| match new {
            Some(text) => Some(text).filter(|text| !text.trim().is_empty()),
            None => old,
        };
        // An address is in one place only: a new one takes the other's.
        let has_new_url = change.url.as_ref().is_some_and(|url| !url.trim().is_empty());
        let kept_address = stored.address.clone().filter(|_| change.address.is_none() && !has_new_url);
        let url_before = before.url.clone();
        let channel = Channel {
            kind: before.kind,
            url: filled(change.url, before.url.filter(|_| change.address.is_none())),
            to: filled(change.to, before.to),
            from: filled(change.from, before.from),
            program: change.program.or(before.program),
            allow_private: change.allow_private,
            rules: change.rules,
        };
        channel.check(
            change.address.is_some() || kept_address.is_some(),
            change.secret.is_some() || stored.secret.is_some(),
        )?;
        if let Some(KeyInput::Key { key, .. }) = &change.address {
            channel.check_address(key.expose_secret().trim())?;
        }
        let is_elsewhere = change.address.is_some() || channel.url != url_before;
        if is_elsewhere && channel.kind.sends_secret() && stored.secret.is_some() && change.secret.is_none() {
            return Err(ChannelError::SecretAgain.into());
        }
        let content =
            serde_json::to_string(&channel).map_err(|error| EngineError::Input(error.to_string()))?;
        let new_address = self.keep(&name, change.address).await?;
        let new_secret = match self.keep(&name, change.secret).await {
            Ok(secret) => secret,
            Err(error) => {
                self.forget(new_address.as_ref()).await;
                return Err(error);
            }
        };
        let changed = StoredChange {
            name,
            content,
            address: new_address.clone().or_else(|| kept_address.clone()),
            secret: new_secret.clone().or_else(|| stored.secret.clone()),
        };
        let (address_after, secret_after) = (changed.address.clone(), changed.secret.clone());
        let written = self.write(move |store| store.change_channel(stored.id, &changed)).await;
        if !matches!(written, Ok(true)) {
            self.forget(new_address.as_ref()).await;
            self.forget(new_secret.as_ref()).await;
            written?;
            return Err(EngineError::NoSuchChannel);
        }
        for (old, now) in [(&stored.address, &address_after), (&stored.secret, &secret_after)] {
            if old != now {
                self.forget(old.as_ref()).await;
            }
        }
        Ok(())
    }

    /// Removes a channel, its secrets and what waits for it.
    ///
    /// # Errors
    /// [`EngineError::NoSuchChannel`]; [`EngineError::Vault`] if a secret cannot be removed, and the channel stays then;
    /// [`EngineError::StoreHandle`].
    pub async fn remove_channel(&self, name: &str) -> Result<(), EngineError> {
        let stored = self.stored_channel(name).await?;
        for credential in [&stored.address, &stored.secret].into_iter().flatten() {
            self.vault().remove(credential).await?;
        }
        self.write(move |store| store.remove_channel(stored.id)).await?;
        Ok(())
    }

    /// Sends a message to a channel now, whatever its rules say.
    ///
    /// # Errors
    /// [`EngineError::NoSuchChannel`], [`EngineError::Delivery`] if it does not arrive, [`EngineError::StoreHandle`].
    pub async fn test_channel(&self, name: &str, message: &Message) -> Result<(), EngineError> {
        let stored = self.stored_channel(name).await?;
        let channel = channel_of(&stored).ok_or(EngineError::NoSuchChannel)?;
        let sent = self.attempt(&channel, &stored, message).await;
        let result = result_of(sent.as_ref().err(), self.now());
        self.write(move |store| store.channel_tried(stored.id, &result)).await?;
        sent.map_err(EngineError::Delivery)
    }

    /// Queues the digests whose period is over, each once, and forgets deliveries that are long over.
    ///
    /// # Errors
    /// [`EngineError::StoreHandle`].
    pub async fn queue_digests(&self) -> Result<(), EngineError> {
        let (now, zone) = (self.now(), self.settings().timezone);
        let due: Vec<NewDelivery> = self
            .read(tidemark_store::Store::channels)
            .await?
            .iter()
            .filter_map(|stored| {
                let rules = channel_of(stored)?.rules;
                let (period, zone) = (rules.digest?, rules.zone.unwrap_or(zone));
                let local = now.with_timezone(&zone);
                let (from, to) = period.before(now, zone);
                let is_new = stored.created_at.with_timezone(&zone).date_naive() >= to;
                if is_new || local.time() < NaiveTime::from_hms_opt(DIGEST_HOUR, 0, 0)? {
                    return None;
                }
                let content = serde_json::to_string(&OtherMessage::Digest { period, from, to }).ok()?;
                let key = format!("digest:{}:{to}", period.as_str());
                Some(NewDelivery { channel: stored.id, key, content })
            })
            .collect();
        if due.is_empty() {
            return Ok(());
        }
        self.write(move |store| {
            let mut queued = false;
            for delivery in &due {
                queued |= store.queue_delivery(delivery, now)?;
            }
            if queued { store.forget_deliveries(now) } else { Ok(()) }
        })
        .await
    }

    /// What is to be delivered now, by channel and time. What is not true any more is dropped; what falls into a channel's
    /// quiet hours waits.
    ///
    /// # Errors
    /// [`EngineError::StoreHandle`].
    pub async fn due_channel_deliveries(&self) -> Result<Vec<ChannelDelivery>, EngineError> {
        if self.is_demo() {
            return Ok(Vec::new());
        }
        let (now, zone) = (self.now(), self.settings().timezone);
        let (stored, waiting) =
            self.read(move |store| Ok((store.channels()?, store.due_deliveries(now)?))).await?;
        if waiting.is_empty() {
            return Ok(Vec::new());
        }
        let snapshot = self.snapshot();
        let (mut due, mut obsolete) = (Vec::new(), Vec::new());
        for stored in stored {
            let Some(channel) = channel_of(&stored) else { continue };
            if channel.rules.quiet_until(now, zone).is_some() {
                continue;
            }
            let waiting: Vec<_> = waiting.iter().filter(|due| due.channel == stored.id).collect();
            let alerts: Vec<_> = waiting.iter().filter_map(|due| alert_of(due)).cloned().collect();
            let Judged { due: still, obsolete: over } = judge(&alerts, &snapshot);
            for delivery in waiting {
                let is_due = match alert_of(delivery) {
                    None => true,
                    Some(alert) if over.contains(&alert.id) => {
                        obsolete.push(delivery.id);
                        false
                    }
                    Some(alert) => still.iter().any(|still| still.id == alert.id),
                };
                if is_due {
                    let (channel, name, stored) = (channel.clone(), stored.name.clone(), stored.clone());
                    due.push(ChannelDelivery { due: delivery.clone(), channel, name, stored });
                }
            }
        }
        if !obsolete.is_empty() {
            self.write(move |store| store.deliveries_dropped(&obsolete)).await?;
        }
        Ok(due)
    }

    /// Says that messages are not for their channel.
    ///
    /// # Errors
    /// [`EngineError::StoreHandle`].
    pub async fn drop_channel_delivery(&self, delivery: &ChannelDelivery) -> Result<(), EngineError> {
        let id = delivery.due.id;
        self.write(move |store| store.deliveries_dropped(&[id])).await
    }

    /// Makes one attempt, and notes what became of it.
    ///
    /// # Errors
    /// [`EngineError::StoreHandle`] if that cannot be noted: the message is sent again then, with the same id.
    pub async fn deliver_to_channel(
        &self,
        delivery: &ChannelDelivery,
        message: &Message,
    ) -> Result<Delivered, EngineError> {
        let id = delivery.due.id;
        let sent = self.attempt(&delivery.channel, &delivery.stored, message).await;
        let now = self.now();
        let Err(failure) = sent else {
            self.write(move |store| store.delivery_done(id, now)).await?;
            return Ok(Delivered::Done);
        };
        tracing::warn!(channel = delivery.name, key = delivery.due.key, %failure, "a message was not delivered");
        let result = result_of(Some(&failure), now);
        let attempts = delivery.due.attempts.saturating_add(1);
        if let Some(pause) = retry::pause_after(attempts, &failure) {
            let at = now + pause.max(TimeDelta::seconds(1));
            self.write(move |store| store.delivery_failed(id, &result, at)).await?;
            return Ok(Delivered::Again(at));
        }
        let notice = self.notice_elsewhere(delivery, &failure, now).await?;
        let has_other = notice.is_some();
        let begins = self.write(move |store| store.delivery_given_up(id, &result, notice.as_ref())).await?;
        Ok(Delivered::GivenUp { silent: begins && !has_other, failure })
    }

    /// The news that a channel fails, for the first other one that does not.
    async fn notice_elsewhere(
        &self,
        failed: &ChannelDelivery,
        failure: &DeliveryFailure,
        now: DateTime<Utc>,
    ) -> Result<Option<NewDelivery>, EngineError> {
        let channels = self.read(tidemark_store::Store::channels).await?;
        let works = |stored: &&StoredChannel| {
            stored.id != failed.stored.id && stored.failing_since.is_none() && channel_of(stored).is_some()
        };
        let said = OtherMessage::ChannelFailed {
            name: failed.name.clone(),
            code: failure.code.as_str().to_owned(),
            said: failure.said.clone(),
        };
        let content = serde_json::to_string(&said).map_err(|error| EngineError::Input(error.to_string()))?;
        Ok(channels.iter().find(works).map(|other| NewDelivery {
            channel: other.id,
            key: format!("channel-failed:{}:{}", failed.stored.id.0, now.timestamp()),
            content,
        }))
    }

    async fn attempt(
        &self,
        channel: &Channel,
        stored: &StoredChannel,
        message: &Message,
    ) -> Result<(), DeliveryFailure> {
        let keys = Keys {
            address: self.secret_of(stored.address.as_ref()).await?,
            secret: self.secret_of(stored.secret.as_ref()).await?,
        };
        // A signature has the machine's own time: that of a demonstration is another one.
        channel.send(&keys, message, Utc::now()).await
    }

    async fn secret_of(
        &self,
        credential: Option<&Credential>,
    ) -> Result<Option<SecretString>, DeliveryFailure> {
        let Some(credential) = credential else { return Ok(None) };
        if let Credential::Environment { name } = credential {
            // Not by the vault, which takes a password for a pasted key.
            let value = std::env::var(name).ok().map(|value| value.trim().to_owned());
            let value = value.filter(|value| !value.is_empty());
            return value.map(|value| Some(value.into())).ok_or_else(|| FailureCode::KeyMissing.into());
        }
        let kept = self.vault().key(credential, Region::China, self.now()).await;
        let kept =
            kept.map_err(|error| DeliveryFailure::new(FailureCode::KeyMissing).saying(&error.to_string()))?;
        Ok(Some(unwrapped(&kept)))
    }

    async fn keep(&self, name: &str, input: Option<KeyInput>) -> Result<Option<Credential>, EngineError> {
        let Some(input) = input else { return Ok(None) };
        let input = match input {
            KeyInput::Key { key, place } => {
                if key.expose_secret().trim().is_empty() {
                    return Err(tidemark_vault::VaultError::KeyEmpty.into());
                }
                KeyInput::Key { key: wrapped(&key), place }
            }
            KeyInput::Environment { name } => KeyInput::Environment { name },
            KeyInput::KimiCodeLogin | KeyInput::KimiCodeServer => {
                return Err(EngineError::Input("an account’s key is no channel’s".to_owned()));
            }
        };
        self.store_key(name, input).await.map(Some)
    }

    async fn forget(&self, credential: Option<&Credential>) {
        let Some(credential) = credential else { return };
        if let Err(error) = self.vault().remove(credential).await {
            tracing::warn!(%error, "a channel’s secret stays where it is");
        }
    }

    async fn stored_channel(&self, name: &str) -> Result<StoredChannel, EngineError> {
        let channels = self.read(tidemark_store::Store::channels).await?;
        channels.into_iter().find(|stored| stored.name == name.trim()).ok_or(EngineError::NoSuchChannel)
    }
}

fn alert_of(due: &DueDelivery) -> Option<&tidemark_store::DueAlert> {
    match &due.what {
        DeliveryContent::Alert(alert) => Some(alert),
        DeliveryContent::Other(_) => None,
    }
}

fn channel_of(stored: &StoredChannel) -> Option<Channel> {
    serde_json::from_str(&stored.content).ok()
}

fn snapshot(stored: StoredChannel) -> ChannelSnapshot {
    ChannelSnapshot {
        id: stored.id,
        channel: channel_of(&stored),
        name: stored.name,
        has_secret: stored.secret.is_some(),
        last: stored.last,
        failing_since: stored.failing_since,
    }
}

fn result_of(failure: Option<&DeliveryFailure>, at: DateTime<Utc>) -> ChannelResult {
    ChannelResult {
        at,
        code: failure.map(|failure| failure.code.as_str().to_owned()),
        said: failure.and_then(|failure| failure.said.clone()),
    }
}

fn wrapped(secret: &SecretString) -> SecretString {
    use std::fmt::Write as _;
    let text = secret.expose_secret().trim();
    let mut digits = String::with_capacity(HEX.len() + 2 * text.len());
    digits.push_str(HEX);
    for byte in text.bytes() {
        let _ = write!(digits, "{byte:02x}");
    }
    digits.into()
}

fn unwrapped(kept: &SecretString) -> SecretString {
    let text = kept.expose_secret();
    let plain = text.strip_prefix(HEX).and_then(|digits| {
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(byte).collect();
        String::from_utf8(bytes?).ok()
    });
    plain.map_or_else(|| kept.clone(), Into::into)
}

impl From<ChannelError> for EngineError {
    fn from(error: ChannelError) -> Self {
        Self::Channel(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_comes_back_as_it_was_whatever_it_looks_like() {
        for text in ["NAME=value", "four words of it", "“quoted”", "密码", "sk-kimi-0123456789abcdef"] {
            let kept = wrapped(&text.into());
            assert!(tidemark_core::pasted_key::clean_key(kept.expose_secret()).is_ok());
            assert_eq!(unwrapped(&kept).expose_secret(), text);
        }
        // Of a variable it is as it is.
        assert_eq!(unwrapped(&"plain".into()).expose_secret(), "plain");
    }
}
