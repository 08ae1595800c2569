//! Newer versions of this program.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::findings::MessageView;

/// What is known of newer versions, and what can be done about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Update {
    /// The version of this program.
    pub version: String,
    /// How it was installed: `deb`, `rpm`, `system-package`, `flatpak`, `nix`, `homebrew`, `cargo`, `scoop`, `winget`,
    /// `appimage`, `windows-installer`, `mac-app` or `unknown`.
    pub installed_by: String,
    /// Whether it can replace itself.
    pub replaces_itself: bool,
    /// Whether a release can be verified: without a key nothing is asked for.
    pub can_check: bool,
    /// The command by which its package manager brings a newer one, if one command does.
    pub command: Option<String>,
    /// The page with the newest release.
    pub page: String,
    /// The user's answer to whether it may be asked for; `null` before.
    pub consent: Option<bool>,
    /// When the newest version was last known.
    pub checked_at: Option<DateTime<Utc>>,
    /// The newer version, if there is one.
    pub newer: Option<String>,
    /// The day on which it was made, such as `2026-12-01`.
    pub newer_date: Option<String>,
    /// `checking`, `downloading` or `installing`.
    pub work: Option<String>,
    /// The version whose installation was the last thing that happened, if that succeeded.
    pub updated: Option<String>,
    /// Why the last check or download failed, as a stable word.
    pub failure: Option<String>,
    /// Why the last installation failed, likewise.
    pub failed_installation: Option<String>,
    /// What there is to say of all that, in this order. The messages in the catalogues are `update-` and the ids.
    pub lines: Vec<MessageView>,
    /// What the user can do.
    pub actions: Vec<UpdateAction>,
}

/// What the user can do about newer versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum UpdateAction {
    /// Ask for the newest version now.
    Check,
    /// Download the newer version and install it.
    Install,
}

/// Asks for something to be done about newer versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UpdateOrder {
    /// What.
    #[serde(rename = "do")]
    pub action: UpdateOrderWord,
}

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum UpdateOrderWord {
    /// Ask for the newest version now; answered when it is known.
    Check,
    /// Download the newer version; answered at once. For whoever installs it then.
    Download,
    /// Download the newer version and install it; answered at once.
    Install,
}
