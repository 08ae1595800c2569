//! Settings over the interface: a change is checked before anything is switched, and no change gets lost.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

mod common;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use common::{Plain, ask, engine};
use serde_json::{Value, json};
use tidemark_api::server::{Services, router};
use tidemark_core::report::Words;
use tower::ServiceExt as _;

/// A desktop that remembers how often and to what start at login was switched.
#[derive(Default)]
struct Switches(Mutex<Vec<bool>>);

impl Switches {
    fn seen(&self) -> Vec<bool> {
        self.0.lock().unwrap().clone()
    }
}

impl Services for Switches {
    fn test_notification(&self) -> Result<(), String> {
        Ok(())
    }
    fn start_at_login(&self, on: bool) -> Result<(), String> {
        self.0.lock().unwrap().push(on);
        Ok(())
    }
    fn words(&self, _: Option<&str>) -> (String, Box<dyn Words + Send>) {
        ("en".to_owned(), Box::new(Plain))
    }
}

/// A router over an engine in a folder, and what its desktop was asked to switch.
fn start(folder: &std::path::Path) -> (Router, Arc<Switches>) {
    let switches = Arc::new(Switches::default());
    (router(engine(folder), switches.clone()), switches)
}

async fn settings(router: &Router) -> Value {
    ask(router, "GET", "/v1/settings", &Value::Null).await.1
}

#[tokio::test]
async fn a_refused_change_leaves_start_at_login_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (router, switches) = start(folder.path());
    for invalid in [json!({"poll_seconds": 5}), json!({"language": "xx"}), json!({"log_homes": ["here"]})] {
        let mut change = invalid.as_object().unwrap().clone();
        change.insert("start_at_login".to_owned(), true.into());
        let (status, answer) = ask(&router, "PATCH", "/v1/settings", &Value::Object(change)).await;
        assert_eq!((status, &answer["code"]), (400, &"settings".into()), "{invalid}");
    }
    assert_eq!(switches.seen(), [false; 0], "nothing was switched");
    assert_eq!(settings(&router).await["start_at_login"], false);
}

#[tokio::test]
async fn a_browser_of_another_machine_changes_neither_what_is_read_nor_what_the_system_starts() {
    let folder = tempfile::tempdir().unwrap();
    let (router, switches) = start(folder.path());
    let homes = json!({"log_homes": [folder.path()]});
    for (from, change, expected) in [
        ("afar", homes.clone(), 403),
        ("afar", json!({"start_at_login": true}), 403),
        ("afar", json!({"start_at_login": false, "poll_seconds": 600}), 200),
        ("here", homes, 200),
        ("here", json!({"start_at_login": true}), 200),
    ] {
        let request = Request::builder()
            .method("PATCH")
            .uri("/v1/settings")
            .header("content-type", "application/json")
            .header("tidemark-from-browser", from)
            .body(Body::from(change.to_string()))
            .unwrap();
        let status = router.clone().oneshot(request).await.unwrap().status();
        assert_eq!(status.as_u16(), expected, "{from} {change}");
    }
    assert_eq!(switches.seen(), [true]);
}

#[tokio::test]
async fn start_at_login_is_switched_back_where_the_change_cannot_be_stored() {
    let folder = tempfile::tempdir().unwrap();
    let (router, switches) = start(folder.path());
    let other = rusqlite::Connection::open(folder.path().join("data/tidemark.db")).unwrap();
    let refuse = "CREATE TRIGGER refuse BEFORE UPDATE ON setting BEGIN SELECT RAISE(ABORT, 'refused'); END";
    other.execute_batch(refuse).unwrap();
    let change = json!({"start_at_login": true});
    let (status, _) = ask(&router, "PATCH", "/v1/settings", &change).await;
    assert_eq!(status, 500);
    assert_eq!(switches.seen(), [true, false]);
    assert_eq!(settings(&router).await["start_at_login"], false);
    other.execute_batch("DROP TRIGGER refuse").unwrap();
    assert_eq!(ask(&router, "PATCH", "/v1/settings", &change).await.0, 200);
    assert_eq!(switches.seen(), [true, false, true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_changes_at_once_neither_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let (router, _) = start(folder.path());
    for round in 0..20_u32 {
        let seconds = 300 + round;
        let (pace, zone) = (json!({"poll_seconds": seconds}), json!({"status_page": round % 2 == 0}));
        let (a, b) = tokio::join!(
            ask(&router, "PATCH", "/v1/settings", &pace),
            ask(&router, "PATCH", "/v1/settings", &zone)
        );
        assert_eq!((a.0, b.0), (200, 200));
        let now = settings(&router).await;
        assert_eq!((&now["poll_seconds"], &now["status_page"]), (&seconds.into(), &(round % 2 == 0).into()));
    }
}

/// A change of the engine's own (a zone, say) while the system is asked to start the agent at login.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_waits_for_the_system_does_not_undo_one_of_the_engine() {
    struct Slow(std::sync::mpsc::Sender<()>, Mutex<std::sync::mpsc::Receiver<()>>);
    impl Services for Slow {
        fn test_notification(&self) -> Result<(), String> {
            Ok(())
        }
        fn start_at_login(&self, _: bool) -> Result<(), String> {
            self.0.send(()).unwrap();
            self.1.lock().unwrap().recv().unwrap();
            Ok(())
        }
        fn words(&self, _: Option<&str>) -> (String, Box<dyn Words + Send>) {
            ("en".to_owned(), Box::new(Plain))
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path());
    let (begun, has_begun) = std::sync::mpsc::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel();
    let router = router(engine.clone(), Arc::new(Slow(begun, Mutex::new(may_go_on))));
    let asked = tokio::spawn(async move {
        ask(&router, "PATCH", "/v1/settings", &json!({"start_at_login": true, "poll_seconds": 600})).await
    });
    tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
    let other = tokio::spawn({
        let engine = engine.clone();
        async move {
            let dark = |before: &tidemark_monitor::Settings| {
                Ok::<_, tidemark_monitor::EngineError>(tidemark_monitor::Settings {
                    theme: Some("dark".to_owned()),
                    ..before.clone()
                })
            };
            engine.change_settings(dark).await
        }
    });
    tokio::task::yield_now().await;
    go_on.send(()).unwrap();
    assert_eq!(asked.await.unwrap().0, 200);
    other.await.unwrap().unwrap();
    let now = engine.settings();
    assert_eq!((now.theme.as_deref(), now.poll_seconds, now.start_at_login), (Some("dark"), 600, true));
}

#[tokio::test]
async fn what_was_asked_is_repeated_without_keys_and_control_characters() {
    let folder = tempfile::tempdir().unwrap();
    let (router, _) = start(folder.path());
    for (method, path) in [
        ("GET", "/v1/export?from=sk-kimi-Aa0123456789Bb0123456789"),
        ("GET", "/v1/export?format=sk-kimi-Aa0123456789Bb0123456789"),
        ("DELETE", "/v1/accounts/%1b%5b2J"),
        ("GET", "/v1/findings/sk-kimi-Aa0123456789Bb0123456789/case"),
    ] {
        let (status, answer) = ask(&router, method, path, &Value::Null).await;
        let message = answer["message"].as_str().unwrap_or_else(|| panic!("{path}: {status} {answer}"));
        assert!(status == 400 && !message.contains("Aa0123456789"), "{path}: {status} {answer}");
        assert!(tidemark_core::text::is_clean(message), "{path}: {message:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reserved_name_of_a_machine_is_not_called_taken() {
    let folder = tempfile::tempdir().unwrap();
    let router = router(engine(folder.path()), Arc::new(Switches::default()));
    for (name, code) in [("All", "name-reserved"), (" this ", "name-reserved"), ("\n", "name-not-usable")] {
        let change = json!({ "name": name });
        let (_, answer) = ask(&router, "PATCH", "/v1/machines/this", &change).await;
        assert_eq!(answer["code"], code, "{name:?}: {answer}");
    }
}
