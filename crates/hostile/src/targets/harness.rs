//! An engine without a service to reach, and its router.

#[path = "../../../api/tests/common/stand_ins.rs"]
mod stand_ins;

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use chrono_tz::Tz;
use tidemark_api::server::router;
use tidemark_monitor::{Engine, EngineConfig, Environment, Hosts, OpenError, SystemClock};
use tidemark_vault::{Vault, VaultConfig};

use stand_ins::NoServices;

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
