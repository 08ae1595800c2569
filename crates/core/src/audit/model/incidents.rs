//! What the status page told of, as far as a finding may have to name it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

const KEPT: usize = 12;
/// How long before an incident was told of it may have begun, and how long its effects may last.
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

/// The last few incidents.
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
        if let Some(told) = self.0.iter_mut().find(|told| told.id == id) {
            told.until = if open { None } else { Some(at) };
            told.title = own(title).or_else(|| told.title.take());
            told.impact = own(impact).or_else(|| told.impact.take());
            return;
        }
        if self.0.len() >= KEPT {
            let oldest = self.0.iter().position(|told| told.until.is_some()).unwrap_or(0);
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
            .filter(|told| told.since - MARGIN <= to && told.until.is_none_or(|until| until + MARGIN >= from))
            .max_by_key(|told| told.since)
    }
}
