//! A desktop and texts that stand in for the real ones: in these tests, and where hostile requests are tried.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tidemark_api::server::Services;
use tidemark_core::Series;
use tidemark_core::finding::{Anomaly, Finding};
use tidemark_core::report::{Figures, Words};

/// Says keys as they are.
pub(crate) struct Plain;

impl Words for Plain {
    fn say(&self, key: &str, _: &[(&str, &str)]) -> String {
        key.to_owned()
    }
    fn quantity(&self, _: Series, value: f64) -> String {
        value.to_string()
    }
    fn series(&self, series: Series) -> String {
        series.to_string()
    }
    fn figures(&self, class: Anomaly, _: Series, _: &Figures) -> String {
        class.as_str().to_owned()
    }
    fn finding(&self, finding: &Finding, _: DateTime<Utc>, _: Tz) -> (String, Vec<String>) {
        (finding.messages.english(), finding.messages.english_evidence())
    }
}

/// A desktop that can do nothing.
pub(crate) struct NoServices;

impl Services for NoServices {
    fn test_notification(&self) -> Result<(), String> {
        Err("none".to_owned())
    }
    fn start_at_login(&self, _: bool) -> Result<(), String> {
        Err("none".to_owned())
    }
    fn words(&self, language: Option<&str>) -> (String, Box<dyn Words + Send>) {
        (language.unwrap_or("en").to_owned(), Box::new(Plain))
    }
}
