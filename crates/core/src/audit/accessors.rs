//! What else can be asked of an auditor, and how one begins.

use chrono::{DateTime, Utc};

use crate::audit::legacy;
use crate::audit::thresholds;
use crate::audit::{Auditor, place};
use crate::change::Tracker;
use crate::series::Series;

impl Auditor {
    /// An auditor that goes on where a tracker of changes stands: it knows the account's meters and money
    /// as they were last, and nothing of its use yet.
    #[must_use]
    pub fn going_on_from(tracker: Tracker) -> Self {
        Self { tracker, ..Self::default() }
    }

    /// The state that a store has kept, of this version or of one that only tracked changes. `None` where it
    /// is neither.
    #[must_use]
    pub fn remembered(state: &str) -> Option<Self> {
        let mut value: serde_json::Value = serde_json::from_str(state).ok()?;
        if value.get("tracker").is_some() {
            legacy::upgrade(&mut value);
            return serde_json::from_value(value).ok();
        }
        value.get("meters")?;
        serde_json::from_value(value).ok().map(Self::going_on_from)
    }

    /// The same, with the changes tracked up to another point.
    #[must_use]
    pub fn tracking(mut self, tracker: Tracker) -> Self {
        self.tracker = tracker;
        self
    }

    /// From when on requests are listened to, after a last reading: earlier ones come too late to explain
    /// anything.
    #[must_use]
    pub fn listens_since(last_reading: DateTime<Utc>) -> DateTime<Utc> {
        last_reading - thresholds::LATE_USAGE
    }

    /// Whether anything has been weighed yet: an auditor that has only just taken up an older version's
    /// state has not.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        self.at.is_some()
    }

    /// The time of the last reading.
    #[must_use]
    pub const fn last_reading(&self) -> Option<DateTime<Utc>> {
        self.at
    }

    /// How many points of a quota a dollar's worth of tokens takes, at most, at the open platform's prices.
    /// `None` for money, and where logs have not told yet.
    #[must_use]
    pub fn points_for_a_dollar_at_most(&self, series: Series) -> Option<f64> {
        series.meter()?;
        self.gauges[place(series)].as_ref()?.reach(1.0).filter(|points| *points > 0.0)
    }

    /// The title of the incident that a span falls into, where the status page told of one.
    #[must_use]
    pub fn incident_during(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<&str> {
        self.incidents.during(from, to).map(|told| told.title.as_deref().unwrap_or_default())
    }
}
