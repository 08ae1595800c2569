//! Another account behind a name, and one account behind two names.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

mod common;

use chrono::TimeDelta;
use tidemark_core::{FindingKind, Meter, Region, Series};
use tidemark_monitor::{Engine, NewAccount};
use tidemark_simulator::{AccountSpec, Habits, Plan, Scenario};
use tidemark_store::FindingQuery;

use common::{TestEngine, reopened, start, store};

/// Two memberships, each with a key of its own.
fn two() -> Scenario {
    let member = |name: &str| {
        AccountSpec::kimi_code(name, Region::China, Plan::Pro, start() - TimeDelta::days(12))
            .with_habits(Habits::idle())
    };
    Scenario::of(vec![member("work"), member("other")])
}

async fn named(engine: &Engine, house: &TestEngine, name: &str, key_of: &str) -> tidemark_core::Account {
    let new = NewAccount {
        name: name.to_owned(),
        source: None,
        region: None,
        base_url: None,
        base_url_confirmed: false,
        key: house.key(key_of),
        untested: false,
    };
    engine.add_account(new).await.unwrap()
}

#[tokio::test]
async fn the_key_of_another_account_begins_a_new_history_and_accuses_no_one() {
    let house = TestEngine::of(two()).await;
    let engine = house.engine().await;
    let account = house.add(&engine, "work").await;
    engine.poll(None).await;
    house.later(TimeDelta::minutes(5));
    engine.poll(None).await;
    house.spend_up_to("other", Meter::FiveHour, 97);
    house.later(TimeDelta::minutes(5));
    engine.replace_key(account.id, house.key("other"), None, false).await.unwrap();
    for _ in 0..3 {
        engine.poll(None).await;
        house.later(TimeDelta::minutes(5));
    }
    drop(engine);
    let found = store(&house.data()).findings(&FindingQuery::default()).unwrap();
    let found: Vec<_> = found.into_iter().map(|stored| stored.finding.kind).collect();
    assert_eq!(found, [FindingKind::AccountChange]);
    let (from, to) = (start() - TimeDelta::days(1), start() + TimeDelta::days(1));
    let movements =
        store(&house.data()).movements(account.id, Series::Meter(Meter::FiveHour), from, to).unwrap();
    assert!(movements.iter().all(|movement| movement.deducted < 2.into()), "{movements:?}");
    // What is known of the user survives a start.
    let engine = reopened(&house).await;
    assert!(engine.due_alerts().await.unwrap().is_empty());
}

#[tokio::test]
async fn one_key_under_two_names_is_noticed_as_it_is_added() {
    let house = TestEngine::of(two()).await;
    let engine = house.engine().await;
    let first = named(&engine, &house, "first", "work").await;
    let second = named(&engine, &house, "second", "work").await;
    let third = named(&engine, &house, "third", "other").await;
    assert_eq!(engine.same_as(first.id), ["second"]);
    assert_eq!(engine.same_as(second.id), ["first"]);
    engine.poll(None).await;
    assert_eq!(engine.same_as(third.id), Vec::<String>::new());
}
