//! Databases that another version, another program or a person wrote: what their texts look like on the way out.
//!
//! An input is a text a line; they go into the columns of names, titles and documents, in order.

use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;
use rust_decimal::Decimal;
use serde_json::Value;
use tidemark_core::audience::Audience;
use tidemark_core::text::MAX_SENTENCE_CHARS;
use tidemark_core::wire::AnnouncementRecord;
use tidemark_core::{Credential, Failure, FailureKind, Meter, MeterReading, Reading, Region, Source};
use tidemark_store::{FILE_NAME, Incident, NewAccount, Store, StoreError};
use tower::ServiceExt as _;

use super::harness;
use super::log_files::folder;
use crate::fragments::BYTES;
use crate::law::{Broken, Outcome, holds, is_kept};
use crate::random::Random;
use crate::target::Target;
use crate::{bytes, shapes};

/// Opens databases and asks for everything in them.
pub(super) struct Databases {
    /// A database as this version writes it.
    template: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
}

/// Columns that hold text from outside, and the statement that fills each.
const COLUMNS: &[&str] = &[
    "UPDATE account SET name = ?1",
    "UPDATE incident SET title = ?1",
    "UPDATE incident SET id = ?1",
    "UPDATE incident SET impact = ?1",
    "UPDATE failure SET details = json_set(details, '$.message', ?1)",
    "UPDATE failure_run SET details = json_set(details, '$.message', ?1)",
    "UPDATE usage_model SET name = ?1",
    "UPDATE usage_origin SET project = ?1, session = ?1",
    "UPDATE template SET text = replace(text, 'Pro', ?1)",
    "UPDATE setting SET value = json_array(?1) WHERE key = 'settings'",
    "UPDATE poll SET state = ?1",
    "UPDATE progress SET tracker = ?1, audit = ?1",
    "UPDATE finding SET line = ?1",
    "UPDATE announcement SET id = ?1, title = ?1",
    "UPDATE announcement SET text = ?1, detail = ?1",
    "UPDATE announcement SET audience = ?1",
];

/// What is asked of a router over them.
const ROUTES: &[&str] = &[
    "/v1/overview",
    "/v1/accounts",
    "/v1/incidents?from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z",
    "/v1/findings",
    "/v1/usage?by=model",
    "/v1/usage?by=project",
    "/v1/settings",
    "/v1/history?by=day",
    "/v1/export?format=jsonl",
    "/v1/export?format=csv",
    "/v1/report?format=json",
];

impl Databases {
    pub(super) fn open() -> Self {
        let template = folder();
        fill(template.path()).unwrap_or_else(|error| panic!("a database: {error}"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self { template, runtime: runtime.unwrap_or_else(|error| panic!("{error}")) }
    }
}

fn fill(folder: &Path) -> Result<(), StoreError> {
    let now: DateTime<Utc> = Utc::now();
    let store = Store::open(folder, now)?;
    let credential = Credential::Environment { name: "NO_SUCH_VARIABLE".to_owned() };
    let new = NewAccount {
        name: "work".to_owned(),
        source: Source::KimiCode,
        region: Region::China,
        base_url: None,
        credential,
    };
    let account = store.add_account(new, now - TimeDelta::hours(2))?;
    for step in 0..4_i64 {
        let mut reading =
            Reading::new(now - TimeDelta::minutes(40 - step * 5), Source::KimiCode, Region::China);
        reading.plan = Some("Pro".to_owned());
        reading.meters = vec![MeterReading {
            meter: Meter::FiveHour,
            used_percent: Decimal::from(step * 20),
            used: None,
            limit: None,
            resets_at: Some(now + TimeDelta::hours(2)),
            conflict: false,
        }];
        store.insert_reading(account.id, &reading, "{\"level\":\"Pro\"}")?;
    }
    store.record_failure(account.id, now, &Failure::new(FailureKind::ServerError, "later"))?;
    let incident = Incident {
        page: "status".into(),
        id: "i".to_owned(),
        title: Some("Elevated errors".to_owned()),
        impact: Some("major".to_owned()),
        opened_at: now - TimeDelta::minutes(30),
        resolved_at: None,
    };
    store.upsert_incident(&incident, now)?;
    let announcement = AnnouncementRecord {
        at: now - TimeDelta::minutes(20),
        id: "n".to_owned(),
        title: Some("Notice".to_owned()),
        text: Some("All weekly quotas were restored".to_owned()),
        detail: Some("Thank you".to_owned()),
        from: None,
        until: Some(now),
        audience: Audience::default(),
    };
    store.upsert_announcement(Region::China.as_str(), &announcement)?;
    store.set_setting("settings", &serde_json::json!({}))?;
    store.checkpoint()
}

fn broken(law: &'static str, error: impl std::fmt::Display) -> Broken {
    Broken { law, seen: error.to_string() }
}

impl Target for Databases {
    fn input(&self, random: &mut Random) -> Vec<u8> {
        let mut input = Vec::new();
        for column in 0..COLUMNS.len() {
            let mut text = match column {
                9..=12 if random.one_in(2) => shapes::SETTINGS.as_bytes().to_vec(),
                _ => b"name".to_vec(),
            };
            if random.one_in(2) {
                text.extend_from_slice(random.pick(BYTES));
            }
            if random.one_in(3) {
                bytes::damage(random, &mut text);
            }
            text.retain(|byte| *byte != b'\n');
            input.extend(text);
            input.push(b'\n');
        }
        input
    }

    fn check(&mut self, input: &[u8]) -> Outcome {
        let place = folder();
        let data = place.path().join("data");
        let copied = std::fs::create_dir(&data)
            .and_then(|()| std::fs::copy(self.template.path().join(FILE_NAME), data.join(FILE_NAME)));
        copied.map_err(|error| broken("the system does its part", error))?;
        let sqlite = |error: rusqlite::Error| broken("the system does its part", error);
        let db = Connection::open(data.join(FILE_NAME)).map_err(sqlite)?;
        db.execute_batch(
            "INSERT INTO usage_model (id, name, third) VALUES (1, 'kimi-k3', 0);
            INSERT INTO usage_origin (id, format, session, project) VALUES (1, 'kimi-code', 's', '/work/a');",
        )
        .map_err(sqlite)?;
        for (statement, text) in COLUMNS.iter().zip(input.split(|byte| *byte == b'\n')) {
            let text = String::from_utf8_lossy(text);
            db.execute(statement, [text.as_ref()]).map_err(sqlite)?;
        }
        drop(db);
        match harness::open(place.path(), &data) {
            // Said, with its reason.
            Err(_) => Ok(()),
            Ok((_engine, router)) => self.runtime.block_on(async {
                for route in ROUTES {
                    ask(&router, route).await?;
                }
                Ok(())
            }),
        }
    }
}

async fn ask(router: &Router, route: &str) -> Outcome {
    let request =
        Request::builder().uri(route).body(Body::empty()).map_err(|error| broken("a route", error))?;
    let response = router.clone().oneshot(request).await.map_err(|error| broken("a route", error))?;
    let bytes = axum::body::to_bytes(response.into_body(), 16 << 20).await;
    // A download that finds something unreadable ends early, and its client sees that it did.
    let Ok(bytes) = bytes else { return Ok(()) };
    let text = String::from_utf8(bytes.to_vec()).map_err(|error| broken("an answer is text", error))?;
    let documents: Vec<Value> =
        serde_json::Deserializer::from_str(&text).into_iter().map_while(Result::ok).collect();
    if documents.is_empty() {
        let lines = text.replace("\r\n", "\n");
        let found = lines.chars().find(|c| *c != '\n' && tidemark_core::text::is_unsafe(*c));
        return holds("text is cleaned", found.is_none(), || format!("{route}: {found:?}"));
    }
    documents.iter().try_for_each(|document| strings(route, document))
}

fn strings(place: &str, value: &Value) -> Outcome {
    match value {
        // The service's own answer, as it came: bounded when it is read, and only escaped after.
        Value::String(text) if place.ends_with(" body") => is_kept(place, text, 1 << 20),
        Value::String(text) => is_kept(place, text, 10 * MAX_SENTENCE_CHARS),
        Value::Array(list) => list.iter().try_for_each(|value| strings(place, value)),
        Value::Object(map) => {
            map.iter().try_for_each(|(key, value)| strings(&format!("{place} {key}"), value))
        }
        _ => Ok(()),
    }
}
