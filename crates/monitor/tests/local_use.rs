//! The engine and the logs of a home: what is written is noticed, counted and assigned.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

mod common;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use common::{TestEngine, reopened, start};
use serde_json::json;
use tidemark_core::AccountId;
use tidemark_monitor::{Engine, EngineEvent, Settings};
use tidemark_simulator::Scenario;
use tidemark_store::{RequestsTold, StoredRequest};
use tidemark_vault::{Vault, VaultConfig};
use tokio::sync::broadcast::Receiver;

/// Longer than anything here takes on a busy machine.
const TIMEOUT: Duration = Duration::from_mins(1);

fn session(home: &Path, at: DateTime<Utc>, model: &str, output: u64) {
    let folder = home.join("sessions/wd_boat_0123456789ab/session_1/agents/main");
    fs::create_dir_all(&folder).unwrap();
    let line = json!({"type": "usage.record", "model": model, "usageScope": "turn", "time": at.timestamp_millis(),
        "usage": {"inputOther": 10, "output": output, "inputCacheRead": 20, "inputCacheCreation": 0}});
    let mut log = fs::OpenOptions::new().create(true).append(true).open(folder.join("wire.jsonl")).unwrap();
    writeln!(log, "{line}").unwrap();
}

/// A configuration with a key in it, and one whose key belongs to no account here.
fn configure(home: &Path, key: &str) {
    fs::create_dir_all(home).unwrap();
    let text = format!(
        "[providers.own]\ntype = \"kimi\"\nbase_url = \"https://gate.example/v1\"\napi_key = \"{key}\"\n\
         [providers.other]\ntype = \"kimi\"\nbase_url = \"https://gate.example/v1\"\napi_key = \"sk-kimi-other\"\n\
         [models.mine]\nprovider = \"own\"\nmodel = \"kimi-k3\"\n\
         [models.theirs]\nprovider = \"other\"\nmodel = \"kimi-k3\"\n"
    );
    fs::write(home.join("config.toml"), text).unwrap();
}

/// Waits until the requests of an account, or of none, are as many as expected.
async fn requests(
    engine: &Engine,
    events: &mut Receiver<EngineEvent>,
    account: Option<AccountId>,
    count: usize,
) -> Vec<StoredRequest> {
    let wait = async {
        loop {
            let (after, until) = (start() - TimeDelta::days(1), start() + TimeDelta::days(1));
            let found =
                engine.read(move |store| store.requests_between(account, after, until)).await.unwrap();
            if found.len() == count {
                return found;
            }
            assert!(found.len() < count, "{found:?}");
            while !matches!(events.recv().await, Ok(EngineEvent::Usage)) {}
        }
    };
    tokio::time::timeout(TIMEOUT, wait).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_is_noticed_and_ascribed_by_its_key() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let home = house.dir.path().join(".kimi-code");
    configure(&home, &house.simulator.key("work").unwrap());
    session(&home, start(), "mine", 1);
    session(&home, start(), "theirs", 2);
    let engine = house.engine().await;
    let account = house.add(&engine, "work").await.id;
    let mut events = engine.events();
    let running = tokio::spawn({
        let engine = engine.clone();
        async move { engine.run().await }
    });
    let found = requests(&engine, &mut events, Some(account), 1).await;
    assert_eq!((found[0].tokens.output, found[0].model.as_str()), (1, "kimi-k3"));
    assert_eq!(requests(&engine, &mut events, None, 1).await[0].tokens.output, 2);

    // A project works on.
    session(&home, start() + TimeDelta::seconds(9), "mine", 3);
    let found = requests(&engine, &mut events, Some(account), 2).await;
    assert_eq!(found[1].tokens.output, 3);
    assert!(found[1].at > found[0].at && found[1].known_at >= start());

    // A further home is named in the settings.
    let further = house.dir.path().join("elsewhere");
    configure(&further, &house.simulator.key("work").unwrap());
    session(&further, start() + TimeDelta::seconds(20), "mine", 4);
    let missing = house.dir.path().join("not-there");
    let settings = Settings { log_homes: vec![further.clone(), missing.clone()], ..engine.settings() };
    engine.set_settings(settings).await.unwrap();
    requests(&engine, &mut events, Some(account), 3).await;
    let state = engine.usage_state();
    assert_eq!(state.missing, [missing]);
    assert_eq!(state.homes.len(), 2);

    // The analysis is given them in the order in which they became known, and once.
    let far = start() + TimeDelta::days(1);
    let since = start() - TimeDelta::days(1);
    let mut outputs: Vec<u64> = Vec::new();
    let mut place = 0;
    for at_most in [2, 9] {
        let told =
            engine.read(move |store| store.requests_told(account, place, far, since, at_most)).await.unwrap();
        assert_eq!(told.more, at_most == 2, "two of three");
        place = told.told;
        outputs.extend(told.requests.iter().map(|request| request.tokens.output));
    }
    assert_eq!(outputs, [1, 3, 4]);
    let again = engine.read(move |store| store.requests_told(account, place, far, start(), 9)).await.unwrap();
    assert_eq!(again, RequestsTold { told: place, ..RequestsTold::default() });

    // The logs go; what was used stays.
    if cfg!(windows) {
        // Where a folder that is watched does not go before its watch has ended.
        fs::remove_file(home.join("sessions/wd_boat_0123456789ab/session_1/agents/main/wire.jsonl")).unwrap();
    } else {
        fs::remove_dir_all(&home).unwrap();
    }
    session(&further, start() + TimeDelta::seconds(30), "mine", 5);
    requests(&engine, &mut events, Some(account), 4).await;
    engine.quit();
    running.await.unwrap();
    // The key was compared, and is nowhere in the history.
    let key = house.simulator.key("work").unwrap();
    for file in fs::read_dir(house.data()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap_or_default();
        assert!(!bytes.windows(key.len()).any(|window| window == key.as_bytes()));
    }
}

/// A command that reads the logs where no agent runs, as one does that is asked over SSH.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whose_key_a_configuration_holds_is_known_without_any_being_loaded() {
    let mut house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let account = house.add(&engine, "work").await.id;
    drop(engine);
    let home = house.dir.path().join(".kimi-code");
    configure(&home, &house.simulator.key("work").unwrap());
    session(&home, start(), "mine", 1);
    session(&home, start(), "theirs", 2);
    // Another process, which cannot have the key: it was put for one run alone.
    house.vault = Vault::new(VaultConfig::new(house.data(), house.dir.path()));
    let engine = reopened(&house).await;
    assert!(engine.scan_logs().await);
    let (after, until) = (start() - TimeDelta::days(1), start() + TimeDelta::days(1));
    for (whose, output) in [(Some(account), 1), (None, 2)] {
        let found = engine.read(move |store| store.requests_between(whose, after, until)).await.unwrap();
        let outputs: Vec<u64> = found.iter().map(|request| request.tokens.output).collect();
        assert_eq!(outputs, [output], "{whose:?}");
    }
}
