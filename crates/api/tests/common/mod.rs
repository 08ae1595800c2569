//! What several tests of the interface need.

#![allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    reason = "each test program uses its own part of it"
)]

mod stand_ins;

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use tidemark_api::client::Client;
use tidemark_api::server::{router, serve_local};
use tidemark_monitor::{Engine, EngineConfig, Hosts, SharedClock, SystemClock};
use tidemark_vault::{Vault, VaultConfig};
use tower::ServiceExt as _;

pub(crate) use stand_ins::{NoServices, Plain};

/// An engine over a data folder of its own, with the system's clock and no service to reach.
pub(crate) fn engine(folder: &Path) -> Engine {
    engine_at(folder, SystemClock::shared())
}

/// The same, with another clock.
pub(crate) fn engine_at(folder: &Path, clock: SharedClock) -> Engine {
    let data = folder.join("data");
    Engine::open(EngineConfig {
        data_dir: data.clone(),
        home: folder.to_path_buf(),
        environment: tidemark_monitor::Environment::default(),
        hosts: Hosts::official(),
        clock,
        vault: Vault::new(VaultConfig::new(&data, folder)),
        client: tidemark_kimi::Client::new(tidemark_kimi::ClientConfig::default()).unwrap(),
        zone: chrono_tz::Asia::Shanghai,
        demo: false,
    })
    .unwrap()
}

/// Runs an engine and serves it until the test ends; gives a client of it.
pub(crate) async fn served(engine: Engine) -> Client {
    engine.resume().await.unwrap();
    let data = engine.data_dir().to_owned();
    let serving =
        serve_local(&data, router(engine, Arc::new(NoServices)), std::future::pending()).await.unwrap();
    tokio::spawn(serving);
    Client::for_data_dir(&data)
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
