//! What an engine refuses and what it says: keys that would go elsewhere, settings that make no sense, a history that is
//! gone, a data folder that is open to others.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use chrono::{DateTime, TimeDelta, Utc};
use common::{TestEngine, reopened, start};
use secrecy::SecretString;
use tidemark_core::{Credential, Region, Source};
use tidemark_monitor::settings::{self, Settings};
use tidemark_monitor::{Engine, EngineError, KeyInput, KeyPlace, NewAccount};
use tidemark_simulator::Scenario;
use tidemark_store::Store;
use tokio::net::TcpListener;

/// A login of Kimi Code that is good.
fn log_in(house: &TestEngine) {
    let folder = house.dir.path().join(".kimi-code/credentials");
    std::fs::create_dir_all(&folder).unwrap();
    let until = (start() + TimeDelta::days(1)).timestamp();
    let login =
        serde_json::json!({ "access_token": "a-login-token", "refresh_token": "r", "expires_at": until });
    std::fs::write(folder.join("kimi-code.json"), login.to_string()).unwrap();
}

fn new(base_url: Option<String>, key: KeyInput, untested: bool) -> NewAccount {
    NewAccount {
        name: "x".to_owned(),
        source: Some(Source::KimiCode),
        region: Some(Region::China),
        base_url,
        base_url_confirmed: false,
        key,
        untested,
    }
}

#[tokio::test]
async fn a_key_that_was_not_typed_for_it_goes_to_no_other_address() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    log_in(&house);
    let engine = house.engine().await;
    let stranger = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = || Some(format!("http://{}/coding/v1", stranger.local_addr().unwrap()));
    let variable = || KeyInput::Environment { name: "PATH".to_owned() };
    for key in [KeyInput::KimiCodeLogin, variable()] {
        let refused = engine.test_key(&new(address(), key, false)).await.map(drop).unwrap_err();
        assert!(matches!(refused, EngineError::ForeignAddress { .. }), "{refused}");
    }
    for key in [KeyInput::KimiCodeLogin, variable()] {
        let refused = engine.add_account(new(address(), key, true)).await.unwrap_err();
        assert!(matches!(refused, EngineError::ForeignAddress { .. }), "{refused}");
    }
    // A login never goes there, whatever the user says.
    let confirmed = NewAccount { base_url_confirmed: true, ..new(address(), KeyInput::KimiCodeLogin, true) };
    assert!(matches!(engine.add_account(confirmed).await, Err(EngineError::ForeignAddress { .. })));

    // An account with an address of its own, and a key that was typed for it, takes no other key there.
    let typed = KeyInput::Key { key: SecretString::from("sk-kimi-0123456789"), place: KeyPlace::ThisRun };
    let account = engine.add_account(new(address(), typed, true)).await.unwrap();
    for key in [KeyInput::KimiCodeLogin, variable()] {
        let refused = engine.replace_key(account.id, key, None, true).await.unwrap_err();
        assert!(matches!(refused, EngineError::ForeignAddress { .. }), "{refused}");
    }
    assert!(matches!(engine.account(account.id).unwrap().credential, Credential::ThisRun { .. }));
    let connected = tokio::select! {
        biased;
        _ = stranger.accept() => true,
        () = std::future::ready(()) => false,
    };
    assert!(!connected, "nothing was sent to the stranger");
}

#[tokio::test]
async fn a_variable_goes_to_another_address_by_the_user_s_word_for_that_account() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let account = house.simulator.account("work").unwrap();
    let variable = KeyInput::Environment { name: "PATH".to_owned() };
    let other = format!("{}/other", account.base_url);
    let added = NewAccount { base_url_confirmed: true, ..new(Some(other), variable, true) };
    engine.add_account(added).await.unwrap();
    // The service's own address is no other one.
    let variable = KeyInput::Environment { name: "PATH".to_owned() };
    let own = NewAccount { name: "own".to_owned(), ..new(Some(account.base_url.clone()), variable, true) };
    engine.add_account(own).await.unwrap();
}

#[tokio::test]
async fn settings_that_make_no_sense_are_reset_at_the_start_and_said() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    drop(house.engine().await);
    for (stored, reset) in [
        (r#"{"poll_seconds":0,"poll_seconds_busy":0,"theme":"dark"}"#, "poll_seconds, poll_seconds_busy"),
        (r#"{"timezone":"Europe/Atlantis","theme":"dark"}"#, "timezone"),
        (r#"{"quiet_hours":["9","x"],"theme":"dark"}"#, "quiet_hours"),
    ] {
        let value: serde_json::Value = serde_json::from_str(stored).unwrap();
        let store = Store::open(&house.data(), start()).unwrap();
        store.set_setting(settings::KEY, &value).unwrap();
        drop(store);
        let engine = reopened(&house).await;
        let now = engine.settings();
        assert_eq!(now.theme.as_deref(), Some("dark"), "the rest stays");
        assert_eq!(now.clone().checked().unwrap(), now);
        let trouble = engine.snapshot().trouble.unwrap();
        assert_eq!((trouble.code, trouble.detail.as_str()), ("settings-reset", reset));
        engine.set_settings(Settings { theme: None, ..now }).await.unwrap();
        assert!(engine.snapshot().trouble.is_none());
    }
    let store = Store::open(&house.data(), start()).unwrap();
    store.set_setting(settings::KEY, &serde_json::Value::Null).unwrap();
    store.set_setting("paused_until", "no time at all").unwrap();
    drop(store);
    let engine = reopened(&house).await;
    assert_eq!(engine.settings().timezone, chrono_tz::Asia::Shanghai);
    assert!(engine.snapshot().trouble.is_some() && engine.snapshot().paused_until.is_none());
}

#[cfg(not(windows))] // where a folder in which a file is open cannot be renamed
#[tokio::test]
async fn a_data_folder_that_is_gone_is_said_and_nothing_is_lost_when_it_is_back() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    house.add(&engine, "work").await;
    engine.poll(None).await;
    let (data, away) = (house.data(), house.dir.path().join("away"));
    std::fs::rename(&data, &away).unwrap();
    std::fs::create_dir(&data).unwrap();
    house.later(TimeDelta::minutes(5));
    let (outcomes, _) = engine.poll(None).await;
    assert_eq!(outcomes.len(), 1);
    let trouble = engine.snapshot().trouble.expect("it is said");
    assert_eq!(trouble.code, "database-gone", "{}", trouble.detail);
    std::fs::remove_dir(&data).unwrap();
    std::fs::rename(&away, &data).unwrap();
    engine.wait_until_idle().await;
    assert!(engine.snapshot().trouble.is_none());
}

#[cfg(unix)] // on Windows there are no modes; `tidemark-files` tries its lists
#[test]
fn a_data_folder_of_0777_is_closed_before_anything_is_in_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let root = tempfile::tempdir().unwrap();
    for full in [false, true] {
        let data = root.path().join(full.to_string());
        std::fs::create_dir(&data).unwrap();
        if full {
            std::fs::write(data.join("agent.log"), "").unwrap();
            std::fs::set_permissions(data.join("agent.log"), std::fs::Permissions::from_mode(0o666)).unwrap();
        }
        std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o777)).unwrap();
        let _lock = tidemark_monitor::lock::Lock::take(&data).unwrap();
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&data), mode(&data.join("agent.lock"))), (0o700, 0o600));
        assert!(!full || mode(&data.join("agent.log")) == 0o600);
    }
}

#[tokio::test]
async fn a_pause_to_the_end_of_time_is_a_pause() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine: Engine = house.engine().await;
    engine.pause(Some(DateTime::<Utc>::MAX_UTC)).await.unwrap();
    assert!(engine.snapshot().paused_until.is_some());
    engine.go_on().await.unwrap();
}

#[tokio::test]
async fn a_login_goes_to_no_other_address_whatever_the_history_says() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    log_in(&house);
    drop(house.engine().await);
    let stranger = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stored = tidemark_store::NewAccount {
        name: "x".to_owned(),
        source: Source::KimiCode,
        region: Region::China,
        base_url: Some(format!("http://{}/coding/v1", stranger.local_addr().unwrap()).parse().unwrap()),
        credential: Credential::KimiCodeLogin { path: None },
    };
    Store::open(&house.data(), start()).unwrap().add_account(stored, start()).unwrap();
    let engine = reopened(&house).await;
    let (outcomes, _) = engine.poll(None).await;
    let failure = outcomes[0].result.clone().map(drop).unwrap_err();
    assert_eq!(failure.cause.map(|cause| cause.id()).as_deref(), Some("foreign-address"));
    let connected = tokio::select! {
        biased;
        _ = stranger.accept() => true,
        () = std::future::ready(()) => false,
    };
    assert!(!connected, "nothing was sent to the stranger");
}

#[tokio::test]
async fn a_login_is_no_key_of_the_open_platform() {
    let house = TestEngine::of(Scenario::one_platform(start())).await;
    log_in(&house);
    let engine = house.engine().await;
    let before = house.simulator.requests().len();
    let login = NewAccount { source: Some(Source::Platform), ..new(None, KeyInput::KimiCodeLogin, true) };
    assert!(matches!(engine.add_account(login).await, Err(EngineError::Input(_))));
    assert_eq!(house.simulator.requests().len(), before);
}

#[tokio::test]
async fn settings_that_were_reset_unseen_are_said_until_the_user_has_seen_to_them() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    drop(house.engine().await);
    for stored in [serde_json::json!({"poll_seconds": 0}), serde_json::json!([])] {
        let store = Store::open(&house.data(), start()).unwrap();
        store.set_setting(settings::KEY, &stored).unwrap();
        drop(store);
        for _ in 0..2 {
            let engine = reopened(&house).await;
            assert_eq!(engine.snapshot().trouble.unwrap().code, "settings-reset", "{stored}");
        }
        let engine = reopened(&house).await;
        engine.set_settings(engine.settings()).await.unwrap();
        drop(engine);
        assert!(reopened(&house).await.snapshot().trouble.is_none());
    }
}
