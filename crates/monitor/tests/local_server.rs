//! An account that is read from the server that Kimi Code runs on this machine.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

mod common;

use std::net::TcpListener;

use chrono::TimeDelta;
use secrecy::SecretString;
use tidemark_core::{Account, Credential, FailureKind, FindingKind, Meter, Region};
use tidemark_monitor::{Engine, EngineError, KeyInput, KeyPlace, NewAccount, SkipReason};
use tidemark_simulator::{AccountSpec, Fault, FaultOrder, Habits, Plan, Refusal, Scenario};
use tidemark_store::FindingQuery;

use common::{TestEngine, reopened, start, store};

fn two() -> Scenario {
    let member = |name: &str| {
        AccountSpec::kimi_code(name, Region::Global, Plan::Pro, start() - TimeDelta::days(12))
            .with_habits(Habits::idle())
    };
    Scenario::of(vec![member("work"), member("other")])
}

/// Leaves what a running Kimi Code that is signed in to an account leaves in its folder.
fn runs(house: &TestEngine, signed_in: &str, port: u16) {
    let folder = house.dir.path().join(".kimi-code");
    let instances = folder.join("server/instances");
    std::fs::create_dir_all(&instances).unwrap();
    let token = house.simulator.key(signed_in).unwrap();
    tidemark_files::private::replace(&folder.join("server.token"), |file| writeln!(file, "{token}")).unwrap();
    let own = std::process::id();
    let text = format!(
        r#"{{"server_id":"one","pid":{own},"host":"127.0.0.1","port":{port},"started_at":1,"heartbeat_at":2}}"#
    );
    std::fs::write(instances.join("one.json"), text).unwrap();
}

fn port(house: &TestEngine) -> u16 {
    house.simulator.url().rsplit(':').next().unwrap().trim_end_matches('/').parse().unwrap()
}

/// A port where nothing listens.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn new(region: Option<Region>, untested: bool) -> NewAccount {
    NewAccount {
        name: "mine".to_owned(),
        source: None,
        region,
        base_url: None,
        base_url_confirmed: false,
        key: KeyInput::KimiCodeServer,
        untested,
    }
}

async fn added(engine: &Engine) -> Account {
    engine.add_account(new(None, false)).await.unwrap()
}

async fn failure(engine: &Engine) -> FailureKind {
    engine.poll(None).await.0[0].result.as_ref().unwrap_err().kind
}

/// What is said about the last failure, by its id.
fn cause(engine: &Engine) -> Option<String> {
    let failed = engine.snapshot().accounts[0].poll.last_failure.clone();
    failed.and_then(|failed| failed.failure.cause).map(|cause| cause.id())
}

#[tokio::test]
async fn an_account_is_read_from_the_server_without_a_key_of_its_own() {
    let house = TestEngine::of(two()).await;
    house.spend_up_to("work", Meter::FiveHour, 37);
    runs(&house, "work", port(&house));
    let engine = house.engine().await;
    let account = added(&engine).await;
    // The server's own word for where it is signed in.
    assert_eq!((account.region, account.credential), (Region::Global, Credential::KimiCodeServer {}));
    let (outcomes, _) = engine.poll(None).await;
    let reading = &outcomes[0].result.as_ref().unwrap().0;
    let used = reading.meter(Meter::FiveHour).unwrap().used_percent;
    assert!((36..=38).any(|percent| used.round() == percent.into()), "{used}");
    assert_eq!(reading.plan.as_deref(), Some("Pro"));
    assert!(reading.user.profile.is_some(), "whose it is");
    assert!(reading.not_understood.is_empty(), "{:?}", reading.not_understood);
    let asked: Vec<_> = house.simulator.requests().into_iter().map(|served| served.path).collect();
    assert!(asked.iter().all(|path| path.starts_with("/api/v1/oauth/")), "{asked:?}");
}

#[tokio::test]
async fn a_server_that_ends_and_comes_back_is_no_alarm() {
    let house = TestEngine::of(two()).await;
    let engine = house.engine().await;
    let refused = engine.add_account(new(None, false)).await;
    assert!(matches!(&refused, Err(EngineError::KeyTest(why)) if why.kind == FailureKind::ServerNotRunning));

    runs(&house, "work", port(&house));
    added(&engine).await;
    engine.poll(None).await.0[0].result.as_ref().unwrap();
    for _ in 0..5 {
        house.later(TimeDelta::minutes(5));
        runs(&house, "work", free_port());
        assert_eq!(failure(&engine).await, FailureKind::ServerNotRunning);
        let snapshot = engine.snapshot();
        // It goes on at its pace, neither in a hurry nor ever more rarely.
        let wait = snapshot.accounts[0].next_at.unwrap() - house.clock.now();
        assert!((TimeDelta::minutes(4)..TimeDelta::minutes(6)).contains(&wait), "{wait}");
        assert_eq!(snapshot.accounts[0].key_trouble, None);
    }
    assert!(engine.due_alerts().await.unwrap().is_empty());
    house.later(TimeDelta::minutes(5));
    runs(&house, "work", port(&house));
    engine.poll(None).await.0[0].result.as_ref().unwrap();
    assert_eq!(store(&house.data()).findings(&FindingQuery::default()).unwrap(), []);
}

#[tokio::test]
async fn what_the_server_refuses_and_what_the_service_refuses_differ() {
    let house = TestEngine::of(two()).await;
    runs(&house, "work", port(&house));
    let engine = house.engine().await;
    added(&engine).await;
    for (refusal, expected, says) in [
        (Refusal::WrongKey, FailureKind::Unauthorized, Some("server-login-refused")),
        (Refusal::TooManyRequests { retry_after: None }, FailureKind::RateLimited, None),
        (Refusal::ServerError, FailureKind::ServerError, None),
    ] {
        house.simulator.clear_faults();
        house.simulator.fault(FaultOrder::new(Fault::Refuse(refusal)).at("/oauth/usage")).unwrap();
        house.later(TimeDelta::hours(1));
        assert_eq!(failure(&engine).await, expected);
        assert_eq!(cause(&engine).as_deref(), says);
    }
    house.simulator.clear_faults();
    // Its token of an earlier run.
    std::fs::write(house.dir.path().join(".kimi-code/server.token"), "token-of-yesterday").unwrap();
    house.later(TimeDelta::hours(1));
    assert_eq!(failure(&engine).await, FailureKind::ServerTokenRefused);
    assert!(engine.due_alerts().await.unwrap().is_empty());
}

#[tokio::test]
async fn another_login_in_kimi_code_is_another_account_and_accuses_no_one() {
    let house = TestEngine::of(two()).await;
    runs(&house, "work", port(&house));
    let engine = house.engine().await;
    added(&engine).await;
    for _ in 0..2 {
        engine.poll(None).await.0[0].result.as_ref().unwrap();
        house.later(TimeDelta::minutes(5));
    }
    house.spend_up_to("other", Meter::FiveHour, 97);
    runs(&house, "other", port(&house));
    for _ in 0..2 {
        engine.poll(None).await.0[0].result.as_ref().unwrap();
        house.later(TimeDelta::minutes(5));
    }
    let found = store(&house.data()).findings(&FindingQuery::default()).unwrap();
    let found: Vec<_> = found.into_iter().map(|stored| stored.finding.kind).collect();
    assert_eq!(found, [FindingKind::AccountChange]);
}

#[tokio::test]
async fn the_server_goes_with_no_other_address_product_or_region() {
    let house = TestEngine::of(two()).await;
    runs(&house, "work", port(&house));
    let engine = house.engine().await;
    for confirmed in [false, true] {
        let elsewhere = NewAccount {
            base_url: Some("https://relay.example.org/v1".to_owned()),
            base_url_confirmed: confirmed,
            ..new(Some(Region::Global), true)
        };
        let refused = engine.add_account(elsewhere).await;
        assert!(matches!(refused, Err(EngineError::ForeignAddress { .. })));
    }
    let platform = NewAccount { source: Some(tidemark_core::Source::Platform), ..new(None, true) };
    assert!(matches!(engine.add_account(platform).await, Err(EngineError::Input(_))));
    let refused = engine.add_account(new(Some(Region::China), false)).await;
    assert!(matches!(&refused, Err(EngineError::KeyTest(why)) if why.message.contains("global")));
}

/// Lets the engine run until the simulator was asked for something, and gives all that it was asked for.
async fn run_until_asked(house: &TestEngine, engine: &Engine, route: &str) -> Vec<String> {
    house.simulator.forget_requests();
    let paths = || house.simulator.requests().into_iter().map(|served| served.path).collect::<Vec<String>>();
    let running = engine.clone();
    let run = tokio::spawn(async move { running.run().await });
    while !paths().iter().any(|path| path.ends_with(route)) {
        tokio::task::yield_now().await;
    }
    engine.quit();
    run.await.unwrap();
    paths()
}

fn with_key(key: SecretString) -> NewAccount {
    NewAccount {
        name: "keyed".to_owned(),
        source: None,
        region: Some(Region::Global),
        base_url: None,
        base_url_confirmed: false,
        key: KeyInput::Key { key, place: KeyPlace::ThisRun },
        untested: false,
    }
}

/// An account through the server and the same with its key, both polled once.
async fn pair(house: &TestEngine) -> (Engine, Account, Account) {
    runs(house, "work", port(house));
    let engine = house.engine().await;
    let server = added(&engine).await;
    let key = SecretString::from(house.simulator.key("work").unwrap());
    let keyed = engine.add_account(with_key(key)).await.unwrap();
    engine.poll(None).await;
    (engine, server, keyed)
}

#[tokio::test]
async fn a_refresh_of_all_polls_one_of_the_two_and_says_so() {
    let house = TestEngine::of(two()).await;
    let (engine, server, keyed) = pair(&house).await;
    house.later(TimeDelta::minutes(7));
    house.simulator.forget_requests();
    let (outcomes, skipped) = engine.poll(None).await;
    assert_eq!(outcomes.iter().map(|one| one.account.id).collect::<Vec<_>>(), [keyed.id]);
    let skipped: Vec<_> = skipped.iter().map(|one| (one.account, one.why)).collect();
    assert_eq!(skipped, [(server.id, SkipReason::PolledThrough)]);
    let snapshot = engine.snapshot();
    let through: Vec<_> = snapshot.accounts.iter().map(|one| (one.account.id, one.polled_through)).collect();
    assert_eq!(through, [(server.id, Some(keyed.id)), (keyed.id, None)]);
    // Whoever names it has it polled.
    let (outcomes, _) = engine.poll(Some(server.id)).await;
    assert!(outcomes[0].result.is_ok());
}

#[tokio::test]
async fn after_hours_without_a_poll_one_of_the_two_is_polled_as_well() {
    let house = TestEngine::of(two()).await;
    let (engine, server, keyed) = pair(&house).await;
    // So long ago that nothing of it is known to hold, as for an engine that has just been opened.
    house.later(TimeDelta::hours(3));
    house.simulator.forget_requests();
    let (outcomes, skipped) = engine.poll(None).await;
    assert_eq!(outcomes.iter().map(|one| one.account.id).collect::<Vec<_>>(), [keyed.id]);
    let skipped: Vec<_> = skipped.iter().map(|one| (one.account, one.why)).collect();
    assert_eq!(skipped, [(server.id, SkipReason::PolledThrough)]);
    let asked: Vec<_> = house.simulator.requests().into_iter().map(|served| served.path).collect();
    assert!(asked.iter().all(|path| !path.ends_with("/oauth/usage")), "{asked:?}");

    // Another user has signed in: the server is asked.
    runs(&house, "other", port(&house));
    house.later(TimeDelta::hours(3));
    let (outcomes, skipped) = engine.poll(None).await;
    assert_eq!(outcomes.iter().map(|one| one.account.id).collect::<Vec<_>>(), [server.id, keyed.id]);
    assert_eq!(skipped, []);
}

#[tokio::test]
async fn another_login_is_noticed_while_the_account_is_polled_by_its_key() {
    let house = TestEngine::of(two()).await;
    let (engine, server, _) = pair(&house).await;
    runs(&house, "other", port(&house));
    house.later(TimeDelta::minutes(7));
    run_until_asked(&house, &engine, "/oauth/usage").await;
    engine.wait_until_idle().await;
    assert!(engine.same_as(server.id).is_empty());
    assert_eq!(engine.snapshot().accounts[0].polled_through, None);
}

#[tokio::test]
async fn the_server_is_asked_every_hour_who_is_signed_in() {
    let house = TestEngine::of(two()).await;
    let (engine, _, keyed) = pair(&house).await;
    house.later(TimeDelta::minutes(61));
    engine.poll(Some(keyed.id)).await;
    let asked = run_until_asked(&house, &engine, "/oauth/userinfo").await;
    assert!(asked.iter().all(|path| !path.ends_with("/oauth/usage")), "the user is the same: {asked:?}");
}

#[tokio::test]
async fn an_answer_of_an_unknown_user_is_not_stored() {
    let house = TestEngine::of(two()).await;
    runs(&house, "work", port(&house));
    let engine = house.engine().await;
    let account = added(&engine).await;
    engine.poll(None).await.0[0].result.as_ref().unwrap();
    let before = engine.snapshot().accounts[0].reading.clone();
    house.spend_up_to("other", Meter::FiveHour, 97);
    runs(&house, "other", port(&house));
    house
        .simulator
        .fault(FaultOrder::new(Fault::Refuse(Refusal::ServerError)).at("/oauth/userinfo"))
        .unwrap();
    house.later(TimeDelta::minutes(5));
    assert_eq!(failure(&engine).await, FailureKind::ServerError);
    assert_eq!(engine.snapshot().accounts[0].reading, before);
    let stored = store(&house.data()).last_readings().unwrap();
    assert_eq!(stored.into_iter().find(|(id, ..)| *id == account.id).map(|(_, _, reading)| reading), before);
}

#[tokio::test]
async fn a_login_of_the_other_region_fails_the_poll() {
    let mut scenario = two();
    let china = AccountSpec::kimi_code("china", Region::China, Plan::Pro, start() - TimeDelta::days(12));
    scenario.accounts.push(china.with_habits(Habits::idle()));
    let house = TestEngine::of(scenario).await;
    runs(&house, "work", port(&house));
    let engine = house.engine().await;
    added(&engine).await;
    engine.poll(None).await.0[0].result.as_ref().unwrap();
    runs(&house, "china", port(&house));
    house.later(TimeDelta::minutes(5));
    assert_eq!(failure(&engine).await, FailureKind::KeyUnavailable);
    assert_eq!(engine.snapshot().accounts[0].key_trouble, Some("login-other-region"));
}

#[tokio::test]
async fn a_region_that_no_one_says_is_not_guessed() {
    let house = TestEngine::of(two()).await;
    runs(&house, "work", port(&house));
    let engine = house.engine().await;
    house
        .simulator
        .fault(FaultOrder::new(Fault::Refuse(Refusal::ServerError)).at("/oauth/userinfo"))
        .unwrap();
    for untested in [false, true] {
        let refused = engine.add_account(new(None, untested)).await;
        assert!(matches!(&refused, Err(EngineError::KeyTest(why)) if why.kind == FailureKind::ServerError));
    }
    engine.add_account(new(Some(Region::Global), false)).await.unwrap();
}

#[tokio::test]
async fn an_account_with_a_key_and_through_the_server_is_one_and_is_polled_once() {
    let house = TestEngine::of(two()).await;
    runs(&house, "work", port(&house));
    let engine = house.engine().await;
    let server = added(&engine).await;
    let key = SecretString::from(house.simulator.key("work").unwrap());
    let keyed = engine.add_account(with_key(key)).await.unwrap();
    engine.poll(None).await;
    assert_eq!(engine.same_as(server.id), ["keyed"]);
    assert_eq!(engine.same_as(keyed.id), ["mine"]);

    house.later(TimeDelta::minutes(7));
    let asked = run_until_asked(&house, &engine, "/coding/v1/usages").await;
    assert!(asked.iter().all(|path| !path.contains("/oauth/")), "{asked:?}");
    drop(engine);

    // Where the key fails, the server is asked.
    house
        .simulator
        .fault(FaultOrder::new(Fault::Refuse(Refusal::ServerError)).at("/coding/v1/usages"))
        .unwrap();
    house.later(TimeDelta::minutes(7));
    let engine = reopened(&house).await;
    engine.poll(Some(keyed.id)).await;
    house.later(TimeDelta::minutes(7));
    run_until_asked(&house, &engine, "/oauth/usage").await;
}
