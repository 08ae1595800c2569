//! The tray icon: what it shows is worked out in [`face`] and drawn in [`icon`]; the platform's part puts
//! it on the panel and hands back what the user wishes.

pub mod face;
pub mod icon;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(target_os = "macos", windows))]
mod native;

#[cfg(target_os = "linux")]
pub use linux::run;
#[cfg(any(target_os = "macos", windows))]
pub use native::run;

use std::sync::Arc;
use std::time::Instant;

use chrono::TimeDelta;
use chrono_tz::Tz;
use tidemark_api::view::Overview;

use crate::i18n::Catalog;
use face::Face;

/// What the user wishes, by a click on the icon or in its menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Open the window, at an account where one was chosen.
    Open {
        /// The account's number.
        account: Option<i64>,
        /// What the desktop wants to see before it lets a window come to the front (Wayland).
        token: Option<String>,
    },
    /// Look at every account now.
    Refresh,
    /// Stop polling for an hour.
    PauseHour,
    /// Stop polling until tomorrow.
    PauseUntilTomorrow,
    /// Go on polling.
    Resume,
    /// End the agent.
    Quit,
}

/// What the tray is to show. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Showing {
    /// The overview as it stood.
    pub overview: Arc<Overview>,
    /// When it stood so, by this machine's steady clock.
    pub received: Instant,
    /// The language.
    pub words: Arc<Catalog>,
    /// The zone in which moments are said.
    pub zone: Tz,
    /// Nothing could be had yet: it is no overview, but what is shown until there is one.
    pub is_empty: bool,
}

impl Showing {
    /// The face as of now: the overview's own time, and what has passed since.
    #[must_use]
    pub fn face(&self) -> Face {
        let passed = TimeDelta::from_std(self.received.elapsed()).unwrap_or(TimeDelta::zero());
        Face::of(&self.overview, &self.words, self.zone, self.overview.now + passed)
    }

    /// Whether another one looks the same, but for the time that has passed.
    #[must_use]
    pub fn same_face(&self, other: &Self) -> bool {
        let at = other.overview.now;
        Arc::ptr_eq(&self.words, &other.words)
            && self.zone == other.zone
            && Face::of(&self.overview, &self.words, self.zone, at)
                == Face::of(&other.overview, &other.words, other.zone, at)
    }
}
