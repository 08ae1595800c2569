//! Alerts away from the desk: how a message reaches webhooks, chat services, mail and a person's own program.
//!
//! A [`Channel`] says where messages go and which of them; its [`Keys`] are secrets, which come from the vault and are in
//! memory only as long as a delivery. [`Channel::send`] makes one attempt and says what became of it; when to try again,
//! and when to give up, is [`retry`]. Each service's wire format is a file of its own, with the address of the page that
//! documents it.
//!
//! What holds for all of them:
//! - https only; http only to this machine, where the channel allows private addresses. No redirect is followed.
//! - No private address, also not one that a name resolves to, unless the channel allows it.
//! - Texts are cut to what the service takes, at a whole character.
//! - An answer counts by what its body says, not by its status alone: several services refuse with 200.

mod address;
mod answer;
mod channel;
mod channel_error;
mod check;
mod clip;
mod dingtalk;
mod discord;
mod email;
mod failure;
mod feishu;
mod http;
mod keys;
mod level;
mod message;
mod ntfy;
mod program;
pub mod retry;
mod rules;
mod send;
mod sign;
mod slack;
mod telegram;
mod webhook;
mod wecom;
mod word;

pub use address::is_public;
pub use channel::{Channel, ChannelKind};
pub use channel_error::ChannelError;
pub use failure::{DeliveryFailure, FailureCode};
pub use keys::Keys;
pub use level::{Level, level_of};
pub use message::Message;
pub use rules::{DigestPeriod, QuietHours, Rules};
pub use word::UnknownWord;
