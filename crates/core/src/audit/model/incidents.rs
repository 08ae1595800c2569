//! What the status page reported, as far as a finding may have to name it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// As many incidents are kept; older ones explain nothing any more.
pub const MAX_INCIDENTS: usize = 12;

/// How long before an incident was reported it may have begun, and how long its effects may last.
const MARGIN: TimeDelta = TimeDelta::minutes(30);

/// An incident of the status page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct IncidentInfo {
    id: String,
    pub(crate) title: Option<String>,
    pub(crate) impact: Option<String>,
    pub(crate) since: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
}

/// The latest incidents of the status page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Incidents(Vec<IncidentInfo>);

impl Incidents {
    pub(crate) fn note(
        &mut self,
        at: DateTime<Utc>,
        id: &str,
        open: bool,
        impact: Option<&str>,
        title: Option<&str>,
    ) {
        let own = |text: Option<&str>| text.map(ToOwned::to_owned);
        if let Some(incident) = self.0.iter_mut().find(|incident| incident.id == id) {
            incident.until = if open { None } else { Some(at) };
            incident.title = own(title).or_else(|| incident.title.take());
            incident.impact = own(impact).or_else(|| incident.impact.take());
            return;
        }
        if self.0.len() >= MAX_INCIDENTS {
            let oldest = self.0.iter().position(|incident| incident.until.is_some()).unwrap_or(0);
            self.0.remove(oldest);
        }
        let until = if open { None } else { Some(at) };
        self.0.push(IncidentInfo {
            id: id.to_owned(),
            title: own(title),
            impact: own(impact),
            since: at,
            until,
        });
    }

    /// The incident that a span falls into, the one that began last where there are several.
    pub(crate) fn during(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<&IncidentInfo> {
        self.0
            .iter()
            .filter(|incident| {
                incident.since - MARGIN <= to && incident.until.is_none_or(|until| until + MARGIN >= from)
            })
            .max_by_key(|incident| incident.since)
    }
}
