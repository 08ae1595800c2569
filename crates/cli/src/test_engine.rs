//! An engine for tests.

use std::path::Path;

use tidemark_monitor::{Engine, EngineConfig, Environment, Hosts, SystemClock};
use tidemark_vault::{Vault, VaultConfig};

/// An engine over a folder, with nothing of the caller's environment.
pub fn test_engine(folder: &Path) -> Engine {
    let config = EngineConfig {
        data_dir: folder.to_path_buf(),
        home: folder.to_path_buf(),
        environment: Environment::default(),
        hosts: Hosts::official(),
        clock: SystemClock::shared(),
        vault: Vault::new(VaultConfig::new(folder, folder)),
        client: crate::service::kimi_client().unwrap(),
        zone: chrono_tz::UTC,
        demo: false,
    };
    Engine::open(config).unwrap()
}
