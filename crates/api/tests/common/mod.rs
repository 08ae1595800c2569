//! What several tests of the interface need.

use tidemark_api::server::Hooks;
use tidemark_core::Series;
use tidemark_core::finding::Anomaly;
use tidemark_core::report::Words;

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
    fn figures(
        &self,
        class: Anomaly,
        _: Series,
        _: Option<f64>,
        _: Option<(f64, f64)>,
        _: Option<(f64, f64)>,
    ) -> String {
        class.word().to_owned()
    }
}

/// A desktop that can do nothing.
pub(crate) struct NoHands;

impl Hooks for NoHands {
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
