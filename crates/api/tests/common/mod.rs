//! What several tests of the interface need.

#![allow(dead_code, clippy::unwrap_used, reason = "each test program uses its own part of it")]

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::Value;
use tidemark_api::server::Services;
use tidemark_core::Series;
use tidemark_core::finding::{Anomaly, Finding};
use tidemark_core::report::{Figures, Words};
use tidemark_monitor::{Engine, EngineConfig, Hosts, SystemClock};
use tidemark_vault::{Vault, VaultConfig};
use tower::ServiceExt as _;

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

/// An engine over a data folder of its own, with the system's clock and no service to reach.
pub(crate) fn engine(folder: &std::path::Path) -> Engine {
    let data = folder.join("data");
    Engine::open(EngineConfig {
        data_dir: data.clone(),
        home: folder.to_path_buf(),
        environment: tidemark_monitor::Environment::default(),
        hosts: Hosts::official(),
        clock: SystemClock::shared(),
        vault: Vault::new(VaultConfig::new(&data, folder)),
        client: tidemark_kimi::Client::new(tidemark_kimi::ClientConfig::default()).unwrap(),
        zone: chrono_tz::Asia::Shanghai,
        demo: false,
    })
    .unwrap()
}

/// Sends a request to a router; gives the status and the JSON that came back.
pub(crate) async fn ask(router: &Router, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}
