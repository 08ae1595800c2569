//! What the tray is given to show.

use std::sync::Arc;
use std::time::Instant;

use chrono::TimeDelta;
use chrono_tz::Tz;
use tidemark_api::view::Overview;

use super::model::TrayModel;
use crate::i18n::Catalog;

/// What the tray is to show. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TrayInput {
    /// The overview as it stood.
    pub overview: Arc<Overview>,
    /// When it stood so, by this machine's steady clock.
    pub received: Instant,
    /// The texts in the user's language.
    pub words: Arc<Catalog>,
    /// The zone in which moments are said.
    pub zone: Tz,
    /// Nothing could be had yet: it is no overview, but what is shown until there is one.
    pub is_empty: bool,
}

impl TrayInput {
    /// The face as of now: the overview's own time, and what has passed since.
    #[must_use]
    pub fn model(&self) -> TrayModel {
        let passed = TimeDelta::from_std(self.received.elapsed()).unwrap_or(TimeDelta::zero());
        TrayModel::of(&self.overview, &self.words, self.zone, self.overview.now + passed)
    }

    /// Whether another one would be shown the same way, except for the time that has passed.
    #[must_use]
    pub fn same_model(&self, other: &Self) -> bool {
        let at = other.overview.now;
        Arc::ptr_eq(&self.words, &other.words)
            && self.zone == other.zone
            && TrayModel::of(&self.overview, &self.words, self.zone, at)
                == TrayModel::of(&other.overview, &other.words, other.zone, at)
    }
}
