//! What the engine knows of newer versions of this program, and what it shows of that.

use chrono::{DateTime, TimeDelta, Utc};
use semver::Version;
use serde::{Deserialize, Serialize};
use tidemark_update::{InstalledBy, Offered, Outcome, Place, ReleaseClient, UpdateError};

/// How often releases are asked for, and by how much the time varies, so that not all ask at once.
pub(crate) const INTERVAL: TimeDelta = TimeDelta::hours(24);
pub(crate) const JITTER: TimeDelta = TimeDelta::hours(4);
/// The first pause after a failure; each further one is twice as long, up to [`INTERVAL`].
pub(crate) const FIRST_RETRY: TimeDelta = TimeDelta::hours(1);
/// What the engine needs to know of newer versions.
#[derive(Debug)]
pub struct Updates {
    /// Asks for releases.
    pub client: ReleaseClient,
    /// The version of this program.
    pub own: Version,
    /// How this copy came here.
    pub installed_by: InstalledBy,
    /// What it can replace by itself, if it can.
    pub place: Option<Place>,
}

/// What is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateWork {
    /// The newest release is asked for.
    Checking,
    /// It is downloaded.
    Downloading {
        /// Bytes that are here.
        received: u64,
        /// Bytes that the file has.
        size: u64,
    },
    /// It is put in place; the agent is about to end.
    Installing,
}

/// What is known of newer versions at one moment.
#[derive(Debug, Clone)]
pub struct UpdateSnapshot {
    /// The version of this program.
    pub own: Version,
    /// How this copy came here.
    pub installed_by: InstalledBy,
    /// Whether it can replace itself.
    pub replaces_itself: bool,
    /// Whether a release can be verified at all.
    pub has_key: bool,
    /// The page with the newest release.
    pub page: String,
    /// What the user has answered; `None` before.
    pub consent: Option<bool>,
    /// When the newest release was last known.
    pub checked_at: Option<DateTime<Utc>>,
    /// The newer version, if there is one.
    pub newer: Option<Offered>,
    /// What is going on.
    pub work: Option<UpdateWork>,
    /// Why the last thing that was tried failed.
    pub failure: Option<UpdateError>,
    /// What became of the last installation.
    pub outcome: Option<Outcome>,
}

/// What is remembered over restarts. The release is remembered with its signature, and verified again.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Memory {
    pub(crate) checked_at: Option<DateTime<Utc>>,
    pub(crate) document: Option<String>,
    pub(crate) signature: Option<String>,
    /// The version that the user was notified of.
    pub(crate) mentioned: Option<Version>,
}

/// What the engine knows of newer versions.
#[derive(Debug, Default)]
pub(crate) struct UpdateState {
    pub(crate) memory: Memory,
    /// The newest release that was ever offered.
    pub(crate) offered: Option<Offered>,
    pub(crate) work: Option<UpdateWork>,
    pub(crate) failure: Option<UpdateError>,
    pub(crate) outcome: Option<Outcome>,
    /// When it is asked for next, if the user has agreed.
    pub(crate) next_at: Option<DateTime<Utc>>,
    /// Failures in a row.
    pub(crate) failures: u32,
}

impl UpdateState {
    /// The user has agreed just now.
    pub(crate) fn check_soon(&mut self, now: DateTime<Utc>) {
        self.next_at = Some(now);
    }

    /// When it is asked for next, after an answer or a failure.
    pub(crate) fn plan(&mut self, now: DateTime<Utc>, failed: bool) {
        self.failures = if failed { self.failures.saturating_add(1) } else { 0 };
        let pause = match self.failures {
            0 => INTERVAL,
            row => (FIRST_RETRY * 2_i32.pow((row - 1).min(5))).min(INTERVAL),
        };
        self.next_at = Some(now + pause + varied(JITTER.min(pause / 4)));
    }
}

/// A random part of a span.
pub(crate) fn varied(most: TimeDelta) -> TimeDelta {
    TimeDelta::seconds(rand::random_range(0..=most.num_seconds().max(0)))
}
