//! An engine without a service to reach, and its router.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tidemark_api::server::{Services, router};
use tidemark_core::Series;
use tidemark_core::finding::{Anomaly, Finding};
use tidemark_core::report::{Figures, Words};
use tidemark_monitor::{Engine, EngineConfig, Environment, Hosts, OpenError, SystemClock};
use tidemark_vault::{Vault, VaultConfig};

/// Says keys as they are.
struct Plain;

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
struct NoServices;

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

/// The router of an engine over `data`. The engine does not run: no service is polled, no log is followed.
pub(super) fn open(folder: &Path, data: &Path) -> Result<(Engine, Router), OpenError> {
    let mut vault = VaultConfig::new(data, folder);
    vault.work_factor = 2;
    let client = tidemark_kimi::Client::new(tidemark_kimi::ClientConfig::default());
    let engine = Engine::open(EngineConfig {
        data_dir: data.to_owned(),
        home: folder.to_owned(),
        environment: Environment::default(),
        // A port of this machine at which nothing answers.
        hosts: Hosts::endpoint_override("http://127.0.0.1:9").unwrap_or_default(),
        clock: SystemClock::shared(),
        vault: Vault::new(vault),
        client: client.unwrap_or_else(|error| panic!("{error}")),
        zone: Tz::Asia__Shanghai,
        demo: false,
    })?;
    Ok((engine.clone(), router(engine, Arc::new(NoServices))))
}
