//! Incidents on the status page.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How bad an incident is; the worst last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
    /// A fault that users do not notice.
    #[default]
    Minor,
    /// A fault that many users notice.
    Major,
    /// Nothing works.
    Critical,
}

impl Impact {
    /// The word in the status page's JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }

    /// The page's summary for it.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Minor => "Minor Service Outage",
            Self::Major => "Partial System Outage",
            Self::Critical => "Major System Outage",
        }
    }
}

/// An incident of the status page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Incident {
    /// The page's id of it.
    pub id: String,
    /// The incident's title.
    pub title: String,
    /// The page's word for its severity.
    pub impact: Impact,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When it was resolved; `None` while it is open.
    pub resolved_at: Option<DateTime<Utc>>,
}

impl Incident {
    /// As the status page writes it.
    #[must_use]
    pub fn body(&self) -> Value {
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
        let status = if self.resolved_at.is_some() { "resolved" } else { "investigating" };
        json!({
            "id": self.id,
            "name": self.title,
            "status": status,
            "impact": self.impact.as_str(),
            "created_at": time(self.opened_at),
            "updated_at": time(self.resolved_at.unwrap_or(self.opened_at)),
            "resolved_at": self.resolved_at.map(time),
            "shortlink": format!("https://status.example.com/i/{}", self.id),
            "incident_updates": [{
                "id": format!("{}-1", self.id),
                "status": status,
                "body": "We are looking into it. (Simulated.)",
                "created_at": time(self.opened_at),
                "updated_at": time(self.opened_at),
            }],
        })
    }
}
