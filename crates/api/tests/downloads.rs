//! Files that take as long as their reader likes: no other request waits for one, and memory does not grow with it.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use chrono::{DateTime, TimeDelta, Utc};
use common::{NoServices, ask, engine};
use futures_util::StreamExt as _;
use rust_decimal::Decimal;
use serde_json::Value;
use tidemark_api::server::router;
use tidemark_core::{Credential, Meter, MeterReading, RateLimits, Reading, Region, Source};
use tidemark_store::{NewAccount, Store};
use tower::ServiceExt as _;

/// More readings than fit into what may wait for a reader.
const READINGS: i64 = 6_000;

fn reading(at: DateTime<Utc>, used: i64) -> Reading {
    Reading {
        at,
        source: Source::KimiCode,
        region: Region::China,
        plan: Some("Pro".to_owned()),
        meters: vec![MeterReading {
            meter: Meter::Week,
            used_percent: Decimal::from(used),
            used: None,
            limit: None,
            resets_at: None,
            conflict: false,
        }],
        wallet: None,
        balance: None,
        limits: RateLimits::default(),
        not_understood: Vec::new(),
        user: tidemark_core::reading::UserIds::default(),
    }
}

fn long_history(folder: &std::path::Path, now: DateTime<Utc>) {
    let store = Store::open(&folder.join("data"), now).unwrap();
    let new = NewAccount {
        name: "work".to_owned(),
        source: Source::KimiCode,
        region: Region::China,
        base_url: None,
        credential: Credential::Environment { name: "NO_SUCH_KEY_HERE".to_owned() },
    };
    let account = store.add_account(new, now).unwrap();
    for number in 0..READINGS {
        let at = now - TimeDelta::minutes(READINGS - number);
        store.insert_reading(account.id, &reading(at, number % 100), "{\"usage\":{}}").unwrap();
    }
}

#[tokio::test]
async fn nobody_waits_behind_a_report_that_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let now = Utc::now();
    long_history(folder.path(), now);
    let engine = engine(folder.path());
    let router = router(engine, Arc::new(NoServices));
    for path in ["/v1/report?format=html", "/v1/report?format=json", "/v1/export?format=jsonl"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        let mut blocks = response.into_body().into_data_stream();
        let first = blocks.next().await.unwrap().unwrap();
        assert!(first.len() < 200 << 10, "it comes in blocks: {}", first.len());
        // The rest is not taken; others are answered all the same, and writes are done.
        for (method, other, body) in [
            ("GET", "/v1/overview", Value::Null),
            ("GET", "/v1/history?by=hour", Value::Null),
            ("PATCH", "/v1/settings", serde_json::json!({"theme": "dark"})),
        ] {
            let answered =
                tokio::time::timeout(Duration::from_secs(5), ask(&router, method, other, &body)).await;
            assert_eq!(answered.unwrap().0, 200, "{other} behind {path}");
        }
        let rest: Vec<_> = blocks.map(|block| block.unwrap()).collect().await;
        assert!(rest.len() > 3, "{path} is written to its end");
    }
}
