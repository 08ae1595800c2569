//! The engine over real HTTP against the simulator, with a clock that the test moves by hand.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

mod common;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use secrecy::SecretString;
use tidemark_core::alert::AlertKind;
use tidemark_core::{Account, FailureKind, Meter, Region, Source};
use tidemark_monitor::{
    Engine, EngineError, FastClock, KeyInput, KeyPlace, KeyRemoval, NewAccount, OpenError, Settings,
    SkipReason,
};
use tidemark_simulator::{Event, Fault, FaultOrder, Scenario, SimClock, Simulator};
use tidemark_store::Store;
use tidemark_vault::keyring::{Backend, BackendError, Lock};
use tidemark_vault::{Vault, VaultConfig, VaultError};

use common::{ManualClock, TestEngine, reopened, start, store};

async fn thresholds_due(engine: &Engine) -> Vec<(Meter, Decimal)> {
    engine
        .due_alerts()
        .await
        .unwrap()
        .into_iter()
        .filter_map(|due| match due.alert.kind {
            AlertKind::Threshold { meter, threshold, .. } => Some((meter, threshold)),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn a_pasted_key_finds_its_own_service() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let account = house.add(&engine, "work").await;
    assert_eq!((account.source, account.region), (Source::KimiCode, Region::China));
    let (looks, _) = engine.poll(None).await;
    let (reading, _) = looks[0].result.clone().unwrap();
    assert!(reading.meter(Meter::FiveHour).is_some() && reading.plan.is_some(), "{reading:?}");
}

#[tokio::test]
async fn a_key_of_a_known_region_visits_no_other() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let new = NewAccount {
        name: "elsewhere".to_owned(),
        source: Some(Source::KimiCode),
        region: Some(Region::Global),
        base_url: None,
        base_url_confirmed: false,
        key: house.key("work"),
        untested: false,
    };
    let Err(EngineError::KeyTest(failure)) = engine.add_account(new).await else { panic!("accepted") };
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(house.simulator.requests().iter().all(|r| r.path.starts_with("/global/")));
    assert!(engine.snapshot().accounts.is_empty());
}

#[tokio::test]
async fn thresholds_are_told_once_also_after_a_restart() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    house.add(&engine, "work").await;
    engine.poll(None).await;
    assert_eq!(thresholds_due(&engine).await, [], "the first look tells nothing");

    house.spend_up_to("work", Meter::FiveHour, 80);
    house.later(TimeDelta::minutes(5));
    engine.poll(None).await;
    let due = engine.due_alerts().await.unwrap();
    assert_eq!(thresholds_due(&engine).await, [(Meter::FiveHour, 75.into())]);
    assert!(engine.alert_delivering(due[0].id).await.unwrap());
    assert!(!engine.alert_delivering(due[0].id).await.unwrap(), "nobody else delivers it too");

    // The process dies while it delivers: it is not notified again.
    drop(engine);
    let engine = reopened(&house).await;
    house.later(TimeDelta::minutes(5));
    engine.poll(None).await;
    assert_eq!(thresholds_due(&engine).await, []);

    house.spend_up_to("work", Meter::FiveHour, 93);
    house.later(TimeDelta::minutes(5));
    engine.poll(None).await;
    assert_eq!(thresholds_due(&engine).await, [(Meter::FiveHour, 90.into())]);
    let id = engine.due_alerts().await.unwrap()[0].id;
    assert!(engine.alert_delivering(id).await.unwrap());
    engine.alert_failed(id).await.unwrap();
    assert_eq!(thresholds_due(&engine).await, [], "not at once again");
    house.later(TimeDelta::minutes(2));
    assert_eq!(thresholds_due(&engine).await.len(), 1, "a delivery that failed is tried again");
}

#[tokio::test]
async fn a_reading_that_a_crash_left_unanalysed_is_concluded_from_at_the_next_start() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let account = house.add(&engine, "work").await;
    engine.poll(None).await;
    drop(engine);

    house.spend_up_to("work", Meter::FiveHour, 80);
    house.later(TimeDelta::minutes(5));
    let (reading, evidence) = house.simulator.look("work").unwrap();
    Store::open(&house.data(), house.clock.now())
        .unwrap()
        .insert_reading(account.id, &reading, &evidence)
        .unwrap();

    let engine = reopened(&house).await;
    assert_eq!(thresholds_due(&engine).await, [(Meter::FiveHour, 75.into())]);
    let analysis = store(&house.data()).analysis(account.id).unwrap();
    assert!(store(&house.data()).readings_after(account.id, analysis.reading).unwrap().is_empty());
}

#[tokio::test]
async fn retry_after_is_obeyed_also_by_the_user_and_after_a_restart() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let account = house.add(&engine, "work").await;
    engine.poll(None).await;
    let refusal =
        serde_json::from_str(r#"{"fault":"refuse","refusal":"too-many-requests","retry_after":600}"#);
    let order: FaultOrder = refusal.unwrap_or_else(|error| panic!("{error}"));
    house.simulator.fault(FaultOrder { path: Some("usages".into()), ..order }).unwrap();
    house.later(TimeDelta::minutes(5));
    let (looks, _) = engine.poll(None).await;
    assert_eq!(looks[0].result.as_ref().unwrap_err().kind, FailureKind::RateLimited);
    let until = house.clock.now() + TimeDelta::minutes(10);

    house.simulator.clear_faults();
    house.simulator.forget_requests();
    house.later(TimeDelta::minutes(9));
    let left = engine.refresh(None).1;
    assert_eq!((left[0].account, left[0].why, left[0].until), (account.id, SkipReason::RetryAfter, until));
    drop(engine);

    let engine = reopened(&house).await;
    assert_eq!(engine.refresh(None).1[0].why, SkipReason::RetryAfter);
    assert!(engine.snapshot().accounts[0].next_at.unwrap() >= until);
    assert!(house.simulator.requests().is_empty(), "nobody asked before the time");

    house.later(TimeDelta::minutes(2));
    let (looks, left) = engine.poll(None).await;
    assert!(looks[0].result.is_ok() && left.is_empty());
    assert!(engine.snapshot().accounts[0].poll.last_failure.is_none());
}

#[tokio::test]
async fn a_refresh_cannot_be_used_to_hammer() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    house.add(&engine, "work").await;
    engine.poll(None).await;
    house.simulator.forget_requests();
    for _ in 0..20 {
        let (going, left) = engine.refresh(None);
        assert!(going.is_empty());
        assert_eq!(left[0].why, SkipReason::JustNow);
    }
    assert!(house.simulator.requests().is_empty());
    house.later(TimeDelta::seconds(11));
    assert_eq!(engine.refresh(None).0.len(), 1);
}

#[tokio::test]
async fn whoever_asks_during_a_look_shares_it_and_what_it_was_told() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    house.add(&engine, "work").await;
    let both: [FaultOrder; 2] = [
        serde_json::from_str(r#"{"fault":"slow","milliseconds":300}"#).unwrap(),
        serde_json::from_str(r#"{"fault":"refuse","refusal":"too-many-requests","retry_after":120}"#)
            .unwrap(),
    ];
    for order in both {
        house.simulator.fault(FaultOrder { path: Some("usages".into()), ..order }).unwrap();
    }
    house.later(TimeDelta::minutes(5));
    house.simulator.forget_requests();
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let engine = engine.clone();
        asking.spawn(async move { engine.poll(None).await });
    }
    for (looks, left) in asking.join_all().await {
        assert!(left.is_empty(), "{left:?}");
        assert_eq!(looks[0].result.as_ref().unwrap_err().kind, FailureKind::RateLimited);
    }
    assert_eq!(house.simulator.requests().len(), 1, "the service was asked once");
    assert_eq!(engine.poll(None).await.1[0].why, SkipReason::RetryAfter);
}

#[tokio::test]
async fn a_storm_of_many_kinds_is_one_storm() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    house.add(&engine, "work").await;
    engine.poll(None).await;
    let kinds = ["bad-gateway", "gateway-timeout", "server-error"];
    let mut waits = Vec::new();
    let mut since = Vec::new();
    for kind in kinds.iter().cycle().take(9) {
        let order = format!(r#"{{"fault":"refuse","refusal":"{kind}"}}"#);
        house.simulator.clear_faults();
        house.simulator.fault(serde_json::from_str(&order).unwrap()).unwrap();
        house.later(TimeDelta::minutes(5));
        engine.poll(None).await;
        let account = &engine.snapshot().accounts[0];
        waits.push(account.next_at.unwrap() - house.clock.now());
        since.push(account.poll.failing_since);
    }
    assert!(waits.is_sorted() && waits[8] > TimeDelta::minutes(3), "{waits:?}");
    assert!(since.windows(2).all(|pair| pair[0] == pair[1]), "{since:?}");
}

#[tokio::test]
async fn a_key_visits_the_other_service_only_where_the_first_does_not_know_it() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let order = r#"{"fault":"refuse","refusal":"too-many-requests","retry_after":600}"#;
    house.simulator.fault(serde_json::from_str(order).unwrap()).unwrap();
    let new = NewAccount {
        name: "work".to_owned(),
        source: None,
        region: None,
        base_url: None,
        base_url_confirmed: false,
        key: house.key("work"),
        untested: false,
    };
    let test = engine.test_key(&new).await.unwrap();
    assert_eq!(test.result.unwrap_err().kind, FailureKind::RateLimited);
    assert!(house.simulator.requests().iter().all(|r| r.path.starts_with("/china/")));
}

#[tokio::test]
async fn a_refused_key_is_told_at_the_second_refusal_and_forgotten_when_it_works_again() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    house.add(&engine, "work").await;
    engine.poll(None).await;
    house.simulator.event("work", &Event::RevokeKey).unwrap();
    for told in [0, 1, 1] {
        house.later(TimeDelta::minutes(5));
        engine.poll(None).await;
        let refused = |due: &tidemark_store::DueAlert| matches!(due.alert.kind, AlertKind::KeyRefused { .. });
        assert_eq!(engine.due_alerts().await.unwrap().iter().filter(|due| refused(due)).count(), told);
    }
    house.simulator.event("work", &Event::RestoreKey).unwrap();
    house.later(TimeDelta::minutes(5));
    let (looks, _) = engine.poll(None).await;
    assert!(looks[0].result.is_ok());
}

#[tokio::test]
async fn removing_an_account_takes_its_key_and_its_history_with_it() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let account = house.add(&engine, "work").await;
    engine.poll(None).await;
    assert!(engine.remove_account(account.id, KeyRemoval::Required).await.unwrap(), "its key is gone");
    assert!(house.vault.key(&account.credential, account.region, start()).await.is_err());
    assert!(store(&house.data()).last_readings().unwrap().is_empty());
    assert!(matches!(engine.account(account.id), Err(EngineError::NoSuchAccount)));
}

/// A keyring that holds what it was given until it goes away.
#[derive(Default)]
struct Mortal {
    keys: Mutex<HashMap<String, SecretString>>,
    gone: AtomicBool,
}

impl Mortal {
    fn keys(&self) -> Result<MutexGuard<'_, HashMap<String, SecretString>>, BackendError> {
        if self.gone.load(Ordering::SeqCst) {
            return Err(BackendError::Absent("no one has the name".to_owned().into()));
        }
        Ok(self.keys.lock().unwrap())
    }
}

impl Backend for Mortal {
    fn look(&self) -> Result<Lock, BackendError> {
        self.keys().map(|_| Lock::Open)
    }
    fn read(&self, handle: &str) -> Result<SecretString, BackendError> {
        self.keys()?.get(handle).cloned().ok_or(BackendError::Missing)
    }
    fn unlock(&self, _: Option<&str>, _: &dyn Fn()) -> Result<(), BackendError> {
        self.keys().map(drop)
    }
    fn write(&self, handle: &str, _: &str, key: &SecretString) -> Result<(), BackendError> {
        self.keys()?.insert(handle.to_owned(), key.clone());
        Ok(())
    }
    fn remove(&self, handle: &str) -> Result<(), BackendError> {
        self.keys()?.remove(handle).map(drop).ok_or(BackendError::Missing)
    }
}

/// A house whose keyring can go away, with an account whose key is in it.
async fn with_mortal_keyring() -> (TestEngine, Arc<Mortal>, Engine, Account) {
    let mut house = TestEngine::of(Scenario::one_code(start())).await;
    let keyring = Arc::new(Mortal::default());
    house.vault = Vault::with_keyring(VaultConfig::new(house.data(), house.dir.path()), keyring.clone());
    let engine = house.engine().await;
    let key = SecretString::from(house.simulator.key("work").unwrap());
    let new = NewAccount {
        name: "work".to_owned(),
        source: None,
        region: None,
        base_url: None,
        base_url_confirmed: false,
        key: KeyInput::Key { key, place: KeyPlace::Keyring },
        untested: false,
    };
    let account = engine.add_account(new).await.unwrap();
    (house, keyring, engine, account)
}

#[tokio::test]
async fn an_account_whose_keyring_went_away_goes_without_its_key_only_where_the_user_says_so() {
    let (_house, keyring, engine, account) = with_mortal_keyring().await;
    keyring.gone.store(true, Ordering::SeqCst);
    let refused = engine.remove_account(account.id, KeyRemoval::Required).await;
    assert!(matches!(refused, Err(EngineError::Vault(VaultError::KeyringGone { .. }))), "{refused:?}");
    assert_eq!(engine.account(account.id).unwrap().name, "work", "the account is still there");
    assert!(!engine.remove_account(account.id, KeyRemoval::IfPossible).await.unwrap(), "its key stays");
    assert!(matches!(engine.account(account.id), Err(EngineError::NoSuchAccount)));
    keyring.gone.store(false, Ordering::SeqCst);
    assert_eq!(keyring.keys().unwrap().len(), 1, "the key is where the user was told it would be");
}

#[tokio::test]
async fn an_account_without_a_keyring_since_the_start_goes_and_its_key_is_not_said_to_be_gone() {
    let (mut house, keyring, engine, account) = with_mortal_keyring().await;
    drop(engine);
    // Another session, in which no service keeps keys.
    keyring.gone.store(true, Ordering::SeqCst);
    house.vault = Vault::with_keyring(VaultConfig::new(house.data(), house.dir.path()), keyring.clone());
    let engine = house.engine().await;
    assert!(
        !engine.remove_account(account.id, KeyRemoval::Required).await.unwrap(),
        "it may lie there still"
    );
    assert!(matches!(engine.account(account.id), Err(EngineError::NoSuchAccount)));
    keyring.gone.store(false, Ordering::SeqCst);
    assert!(!keyring.keys().unwrap().is_empty());
}

#[tokio::test]
async fn names_are_unique_and_made_up_where_missing() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    house.add(&engine, "work").await;
    let again = |name: &str| NewAccount {
        name: name.to_owned(),
        source: None,
        region: None,
        base_url: None,
        base_url_confirmed: false,
        key: house.key("work"),
        untested: false,
    };
    assert!(matches!(engine.add_account(again("work")).await, Err(EngineError::NameTaken(_))));
    assert!(matches!(engine.add_account(again("two\nlines")).await, Err(EngineError::Name(_))));
    let made_up = engine.add_account(again("")).await.unwrap();
    assert!(made_up.name.starts_with("Kimi "), "{}", made_up.name);
}

#[tokio::test]
async fn a_second_engine_does_not_open() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let _first = house.engine().await;
    let second = Engine::open(house.config(Arc::new(ManualClock(house.clock.clone()))));
    assert!(matches!(second, Err(OpenError::Lock(_))));
}

#[tokio::test]
async fn a_pause_outlives_a_restart_and_ends_by_itself() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let until = engine.pause(None).await.unwrap();
    assert_eq!(until, "2026-11-18T16:00:00Z".parse::<DateTime<Utc>>().unwrap(), "midnight in Shanghai");
    drop(engine);
    let engine = reopened(&house).await;
    assert_eq!(engine.snapshot().paused_until, Some(until));
    house.later(TimeDelta::hours(8));
    assert_eq!(engine.snapshot().paused_until, None);
}

#[tokio::test]
async fn quiet_hours_hold_alerts_back_and_do_not_lose_them() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    house.add(&engine, "work").await;
    // It is 17:00 in Shanghai.
    let time = |text| chrono::NaiveTime::parse_from_str(text, "%H:%M").unwrap();
    let quiet = Settings { quiet_hours: Some((time("16:30"), time("18:00"))), ..engine.settings() };
    engine.set_settings(quiet).await.unwrap();
    engine.poll(None).await;
    house.spend_up_to("work", Meter::FiveHour, 80);
    house.later(TimeDelta::minutes(5));
    engine.poll(None).await;
    assert_eq!(thresholds_due(&engine).await, []);
    house.later(TimeDelta::hours(1));
    assert_eq!(thresholds_due(&engine).await, [], "whether it is still true shows the next poll");
    engine.poll(None).await;
    assert_eq!(thresholds_due(&engine).await, [(Meter::FiveHour, 75.into())]);
}

#[tokio::test]
async fn an_alert_of_a_cycle_that_is_over_is_never_delivered() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    house.add(&engine, "work").await;
    engine.poll(None).await;
    for used in [80, 96] {
        house.spend_up_to("work", Meter::FiveHour, used);
        house.later(TimeDelta::minutes(5));
        engine.poll(None).await;
    }
    drop(engine);
    // Whoever starts the agent hours later is notified of what is true then.
    house.later(TimeDelta::hours(7));
    let engine = reopened(&house).await;
    assert_eq!(thresholds_due(&engine).await, []);
    engine.poll(None).await;
    assert_eq!(thresholds_due(&engine).await, []);
    let kinds: Vec<_> = engine.due_alerts().await.unwrap().into_iter().map(|due| due.alert.key).collect();
    assert!(kinds.iter().all(|key| key.starts_with("reset:5h:")) && kinds.len() == 1, "{kinds:?}");
}

#[tokio::test]
async fn an_early_reset_is_polled_again_a_minute_later_and_told_then() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    house.add(&engine, "work").await;
    let slow = Settings { poll_seconds: 900, poll_seconds_busy: 900, ..engine.settings() };
    engine.set_settings(slow).await.unwrap();
    engine.poll(None).await;
    house.spend_up_to("work", Meter::FiveHour, 60);
    house.later(TimeDelta::minutes(15));
    engine.poll(None).await;
    // Its cycles begin with full hours: a reset within the first would leave the end where it is.
    house.later(TimeDelta::hours(1));
    house
        .simulator
        .event("work", &Event::EarlyReset { meter: Some(Meter::FiveHour), move_end: true })
        .unwrap();
    house.later(TimeDelta::minutes(15));
    let found = |outcomes: (Vec<tidemark_monitor::PollOutcome>, Vec<tidemark_monitor::Skipped>)| {
        let (_, findings) = outcomes.0[0].result.clone().unwrap();
        findings.iter().map(|finding| finding.kind.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(found(engine.poll(None).await), Vec::<&str>::new());
    let again = engine.snapshot().accounts[0].next_at.unwrap() - house.clock.now();
    assert!(again <= TimeDelta::minutes(1), "{again}");
    house.later(again);
    assert_eq!(found(engine.poll(None).await), ["reset"]);
}

#[tokio::test]
async fn a_simulated_hour_is_polled_at_the_agreed_pace_and_one_at_a_time() {
    let clock = SimClock::fast(start(), 600.0);
    let address: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let simulator = Simulator::start(Scenario::one_code(start()), clock.clone(), address).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let house = TestEngine {
        dir,
        simulator,
        clock: clock.clone(),
        vault: Vault::new(VaultConfig::new("/nowhere", "/nowhere")),
    };
    let engine = Engine::open(house.config(FastClock::shared(start(), 600.0))).unwrap();
    engine.resume().await.unwrap();
    house.add(&engine, "work").await;
    house.simulator.forget_requests();
    house
        .simulator
        .fault(FaultOrder {
            path: Some("usages".into()),
            ..FaultOrder::new(Fault::Slow { milliseconds: 20 })
        })
        .unwrap();
    let running = engine.clone();
    let run = tokio::spawn(async move { running.run().await });
    let begun = clock.now();
    let looked = |requests: &[tidemark_simulator::Served]| {
        requests.iter().filter(|r| r.path.ends_with("/usages")).map(|r| r.simulated_at).collect::<Vec<_>>()
    };
    // The wait is for polls to be done; how long that takes on a busy machine does not matter.
    while looked(&house.simulator.requests()).len() < 10 {
        tokio::task::yield_now().await;
    }
    engine.quit();
    run.await.unwrap();
    let looks = looked(&house.simulator.requests());
    assert!(looks[9] - begun >= TimeDelta::minutes(9 * 4), "ten looks in {}", looks[9] - begun);
    for pair in looks.windows(2) {
        assert!(pair[1] - pair[0] >= TimeDelta::seconds(4 * 60), "only {} apart", pair[1] - pair[0]);
    }
}

#[tokio::test]
async fn a_look_of_another_process_counts_as_one() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    house.add(&engine, "work").await;
    engine.poll(None).await;
    drop(engine);
    house.simulator.forget_requests();
    for _ in 0..3 {
        let engine = reopened(&house).await;
        let (looks, left) = engine.poll(None).await;
        assert!(looks.is_empty());
        assert_eq!(left[0].why, SkipReason::JustNow);
    }
    assert!(house.simulator.requests().is_empty());
    house.later(TimeDelta::seconds(11));
    assert_eq!(reopened(&house).await.poll(None).await.0.len(), 1);

    // So does one that failed, unless it failed before anybody was asked.
    house.simulator.fault(FaultOrder::refuse(tidemark_simulator::Refusal::WrongKey)).unwrap();
    house.later(TimeDelta::seconds(11));
    let engine = reopened(&house).await;
    assert!(engine.poll(None).await.0[0].result.is_err());
    let account = engine.snapshot().accounts[0].account.clone();
    drop(engine);
    let engine = reopened(&house).await;
    let tested = engine.test_account(account.id).await.unwrap();
    assert_eq!(tested.left_alone.map(|left| left.why), Some(SkipReason::JustNow));
    assert_eq!(tested.result.unwrap_err().kind, FailureKind::Unauthorized);
    house.vault.remove(&account.credential).await.unwrap();
    house.later(TimeDelta::seconds(11));
    assert_eq!(engine.poll(None).await.0[0].result.as_ref().unwrap_err().kind, FailureKind::KeyUnavailable);
    drop(engine);
    assert_eq!(reopened(&house).await.poll(None).await.0.len(), 1, "the key may be there again");
}

#[tokio::test]
async fn a_clock_set_back_between_two_processes_keeps_nobody_waiting_longer_than_told() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    house.add(&engine, "work").await;
    engine.poll(None).await;
    drop(engine);
    house.later(TimeDelta::days(-1));
    assert_eq!(reopened(&house).await.poll(None).await.0.len(), 1, "a look of tomorrow is no reason to wait");

    let order: FaultOrder =
        serde_json::from_str(r#"{"fault":"refuse","refusal":"too-many-requests","retry_after":600}"#)
            .unwrap();
    house.simulator.fault(order).unwrap();
    house.later(TimeDelta::minutes(1));
    let engine = reopened(&house).await;
    assert!(engine.poll(None).await.0[0].result.is_err());
    drop(engine);
    house.simulator.clear_faults();
    house.later(TimeDelta::days(-1));
    let until = house.clock.now() + TimeDelta::minutes(10);
    for _ in 0..2 {
        let left = reopened(&house).await.poll(None).await.1;
        assert_eq!(
            (left[0].why, left[0].until),
            (SkipReason::RetryAfter, until),
            "and not again in every process"
        );
        house.later(TimeDelta::minutes(4));
    }
    house.later(TimeDelta::minutes(3));
    let engine = reopened(&house).await;
    assert!(engine.poll(None).await.0[0].result.is_ok());
}

#[tokio::test]
async fn an_amount_too_large_to_store_holds_up_nothing_behind_it() {
    let house = TestEngine::of(Scenario::one_platform(start())).await;
    let engine = house.engine().await;
    let account = house.add(&engine, "api").await.id;
    engine.poll(None).await;
    drop(engine);
    // Two that agree: a single one waits for another.
    for _ in 0..2 {
        house.later(TimeDelta::minutes(5));
        let (mut reading, evidence) = house.simulator.look("api").unwrap();
        let balance = reading.balance.as_mut().unwrap();
        balance.available = Some(Decimal::from(500_000_000_000_i64));
        balance.cash = balance.available;
        let store = Store::open(&house.data(), house.clock.now()).unwrap();
        store.insert_reading(account, &reading, &evidence).unwrap();
    }

    let engine = reopened(&house).await;
    assert_eq!(engine.snapshot().trouble.unwrap().code, "amount-too-large", "it is said");
    house.later(TimeDelta::minutes(5));
    let (outcomes, _) = engine.poll(None).await;
    assert_eq!(outcomes[0].stored, Ok(()));
    assert_eq!(engine.snapshot().trouble, None);
    let store = store(&house.data());
    let analysis = store.analysis(account).unwrap();
    assert!(store.readings_after(account, analysis.reading).unwrap().is_empty(), "none waits");
}

#[tokio::test]
async fn amounts_whose_sum_is_too_large_to_store_hold_up_nothing() {
    let house = TestEngine::of(Scenario::one_platform(start())).await;
    let engine = house.engine().await;
    let account = house.add(&engine, "api").await.id;
    engine.poll(None).await;
    drop(engine);
    // Each can be stored, and two falls from the largest together cannot.
    let largest = 90_000_000_000_i64;
    for amount in [largest, 5, 4, largest, largest, 5, 4, largest, 3, 2] {
        house.later(TimeDelta::minutes(5));
        let (mut reading, evidence) = house.simulator.look("api").unwrap();
        let balance = reading.balance.as_mut().unwrap();
        balance.available = Some(Decimal::from(amount));
        balance.cash = balance.available;
        let store = Store::open(&house.data(), house.clock.now()).unwrap();
        store.insert_reading(account, &reading, &evidence).unwrap();
    }
    let engine = reopened(&house).await;
    assert_eq!(engine.snapshot().trouble, None);
    house.later(TimeDelta::minutes(5));
    assert_eq!(engine.poll(None).await.0[0].stored, Ok(()));
    let store = store(&house.data());
    let analysis = store.analysis(account).unwrap();
    assert!(store.readings_after(account, analysis.reading).unwrap().is_empty(), "none waits");
    drop((store, engine));
    // And in another zone, where all sums are made again.
    let store = Store::open(&house.data(), house.clock.now()).unwrap();
    store.rebuild_rollups_in(chrono_tz::Europe::Berlin).unwrap();
}

#[tokio::test]
async fn a_poll_that_the_end_cut_off_is_named_and_is_no_poll_of_nothing() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let account = house.add(&engine, "work").await.id;
    house.later(TimeDelta::minutes(5));
    house.simulator.fault(FaultOrder::new(Fault::Hang)).unwrap();
    let before = house.simulator.requests().len();
    let polling = tokio::spawn({
        let engine = engine.clone();
        async move { engine.poll(None).await }
    });
    while house.simulator.requests().len() == before {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    engine.end();
    let (outcomes, skipped) = polling.await.unwrap();
    assert!(outcomes.is_empty());
    let skipped: Vec<_> = skipped.iter().map(|skipped| (skipped.account, skipped.why)).collect();
    assert_eq!(skipped, [(account, SkipReason::Ended)]);
}

#[tokio::test]
async fn at_most_four_accounts_are_asked_at_once_whoever_asks() {
    let house = TestEngine::of(Scenario::fleet(9, start(), 1)).await;
    let engine = house.engine().await;
    for account in house.simulator.accounts() {
        let new = NewAccount {
            name: account.name.clone(),
            source: Some(account.source),
            region: Some(account.region),
            base_url: None,
            base_url_confirmed: false,
            key: house.key(&account.name),
            untested: true,
        };
        engine.add_account(new).await.unwrap();
    }
    assert_eq!(engine.snapshot().accounts.len(), 9);
    house.simulator.fault(FaultOrder::new(Fault::Hang)).unwrap();
    let before = house.simulator.requests().len();
    let (polling, _) = engine.refresh(None);
    assert_eq!(polling.len(), 9);
    let asked = || house.simulator.requests().len() - before;
    while asked() < 4 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // Another one would come at once; there is no other sign that it does not.
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(asked(), 4);
}

#[tokio::test]
async fn roll_ups_of_another_zone_than_the_settings_are_counted_again_at_the_start() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let zone = engine.settings().timezone;
    drop(engine);
    // A version that stored the two one after the other was killed in between.
    Store::open(&house.data(), house.clock.now())
        .unwrap()
        .rebuild_rollups_in(chrono_tz::Europe::Berlin)
        .unwrap();
    let engine = reopened(&house).await;
    assert_eq!(engine.settings().timezone, zone);
    assert_eq!(store(&house.data()).zone().unwrap(), zone);
}

#[tokio::test]
async fn of_two_changes_of_the_settings_at_once_none_is_lost() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let zone = engine.change_settings(|before| {
        Ok::<_, EngineError>(Settings { timezone: chrono_tz::Europe::Berlin, ..before.clone() })
    });
    let pace = engine
        .change_settings(|before| Ok::<_, EngineError>(Settings { poll_seconds: 600, ..before.clone() }));
    let (zone, pace) = tokio::join!(zone, pace);
    zone.unwrap();
    pace.unwrap();
    let settings = engine.settings();
    assert_eq!((settings.timezone, settings.poll_seconds), (chrono_tz::Europe::Berlin, 600));
    assert_eq!(store(&house.data()).zone().unwrap(), chrono_tz::Europe::Berlin);
}

#[tokio::test]
async fn a_budget_is_reported_once_a_step_and_period_also_after_a_restart() {
    use tidemark_core::budget::{Budget, BudgetAmount, Period};

    async fn reported(engine: &Engine) -> Vec<u32> {
        engine.look_at_budgets().await;
        engine.look_at_budgets().await;
        let due = engine.due_alerts().await.unwrap().into_iter();
        let steps = due.filter_map(|due| match due.alert.kind {
            AlertKind::Budget { step, .. } => Some((step, due.id)),
            _ => None,
        });
        let steps: Vec<_> = steps.collect();
        for (_, id) in &steps {
            assert!(engine.alert_delivering(*id).await.unwrap());
            engine.alert_delivered(*id).await.unwrap();
        }
        steps.into_iter().map(|(step, _)| step).collect()
    }

    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let account = house.add(&engine, "work").await;
    let limit = BudgetAmount::Percent { meter: Meter::FiveHour, percent: 10.into() };
    let budget = Budget { account: account.id, project: None, period: Period::Day, limit };
    let other = Budget { account: tidemark_core::AccountId(999), ..budget.clone() };
    let settings = Settings { budgets: vec![budget, other], notify_resets: false, ..engine.settings() };
    engine.set_settings(settings).await.unwrap();
    let state = engine.budgets().await.unwrap();
    assert_eq!(state.len(), 1, "that of an account that is not here is left out");
    assert_eq!(state[0].used, None, "nothing is known yet, which is not nothing");
    assert!(reported(&engine).await.is_empty());

    engine.poll(None).await;
    let first = engine.snapshot().accounts[0].reading.clone().unwrap();
    let before: i64 = first.meter(Meter::FiveHour).unwrap().used_percent.floor().try_into().unwrap();
    for (more, steps) in [(5, &[][..]), (9, &[80]), (9, &[]), (14, &[100]), (16, &[])] {
        house.spend_up_to("work", Meter::FiveHour, before + more);
        house.later(TimeDelta::minutes(5));
        engine.poll(None).await;
        assert_eq!(reported(&engine).await, steps, "{more} used");
    }
    drop(engine);
    let engine = reopened(&house).await;
    assert!(reported(&engine).await.is_empty(), "all of it was reported before");
    let state = &engine.budgets().await.unwrap()[0];
    assert!(state.is_part, "the day began before anything was seen of it");

    // The next day counts by itself.
    house.later(TimeDelta::hours(24));
    engine.poll(None).await;
    assert!(reported(&engine).await.is_empty());
}
