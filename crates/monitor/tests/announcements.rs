//! What Kimi Code announces to all its users.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

mod common;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tidemark_core::message::Message;
use tidemark_core::{FindingKind, Meter};
use tidemark_monitor::{Engine, Settings};
use tidemark_simulator::{Event, Fault, FaultOrder, Refusal, Scenario};
use tidemark_store::FindingQuery;

use common::{TestEngine, start, store};

/// Lets the engine run until the simulator has answered requests that it would make once.
async fn run_until(house: &TestEngine, engine: &Engine, done: impl Fn(&TestEngine) -> bool) {
    let running = engine.clone();
    let run = tokio::spawn(async move { running.run().await });
    while !done(house) {
        tokio::task::yield_now().await;
    }
    engine.quit();
    run.await.unwrap();
}

fn known(house: &TestEngine) -> Vec<String> {
    let all = store(&house.data()).announcements(DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC);
    all.unwrap().into_iter().map(|line| line.id).collect()
}

#[tokio::test]
async fn announcements_are_asked_for_without_a_key_and_named_by_an_early_reset() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    for (id, region) in [("b1", "cn"), ("b2", "oversea")] {
        house.simulator.announce(json!({
            "banner_id": id, "banner_enabled": true, "banner_title": "Notice",
            "banner_maintext": format!("All weekly quotas were restored ({region})"),
            "banner_start_time": "2026-11-18T06:00:00", "kfc_audience": {"region": region},
        }));
    }
    house.simulator.announce(json!({"banner_id": "b3", "banner_enabled": true, "banner_title": 5}));
    let engine = house.engine().await;
    house.add(&engine, "work").await;
    house.spend_up_to("work", Meter::FiveHour, 60);
    for _ in 0..2 {
        house.later(TimeDelta::minutes(5));
        engine.poll(None).await;
    }
    drop(engine);
    let engine = common::reopened(&house).await;
    run_until(&house, &engine, |house| !known(house).is_empty()).await;
    assert_eq!(known(&house), ["china:b1", "china:b2"]);
    let asked = house.simulator.requests();
    let asked: Vec<_> = asked.iter().filter(|served| served.path.ends_with("/resource_configs")).collect();
    assert!(!asked.is_empty());
    for served in asked {
        assert_eq!(served.method, "POST");
        assert!(!served.headers.contains(&"authorization".to_owned()), "{:?}", served.headers);
    }

    drop(engine);
    let engine = common::reopened(&house).await;
    house.simulator.event("work", &Event::EarlyReset { meter: None, move_end: true }).unwrap();
    for _ in 0..3 {
        house.later(TimeDelta::minutes(5));
        engine.poll(None).await;
    }
    let found = store(&house.data()).findings(&FindingQuery::default()).unwrap();
    let resets: Vec<_> =
        found.iter().filter(|one| matches!(one.finding.kind, FindingKind::Reset { .. })).collect();
    assert!(!resets.is_empty(), "{found:?}");
    for reset in resets {
        let named =
            reset.finding.messages.explanation.iter().any(
                |message| matches!(message, Message::Announcement { text, .. } if text.ends_with("(cn)")),
            );
        assert!(named, "{:?}", reset.finding);
    }
}

#[tokio::test]
async fn without_the_status_page_nothing_is_asked() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    house.simulator.announce(json!({"banner_id": "b1", "banner_enabled": true, "banner_title": "x"}));
    let engine = house.engine().await;
    house.add(&engine, "work").await;
    engine.set_settings(Settings { status_page: false, ..engine.settings() }).await.unwrap();
    house.later(TimeDelta::minutes(10));
    house.simulator.forget_requests();
    run_until(&house, &engine, |house| {
        house.simulator.requests().iter().any(|r| r.path.ends_with("/usages"))
    })
    .await;
    let asked: Vec<_> = house.simulator.requests().into_iter().map(|served| served.path).collect();
    assert!(
        asked.iter().all(|path| !path.contains("resource_configs") && !path.contains("summary")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_service_that_asked_to_wait_is_not_asked_for_announcements() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    house.add(&engine, "work").await;
    let wait = Refusal::TooManyRequests { retry_after: Some(3600) };
    house.simulator.fault(FaultOrder::new(Fault::Refuse(wait)).at("/usages")).unwrap();
    house.later(TimeDelta::minutes(5));
    engine.poll(None).await;
    house.simulator.forget_requests();
    run_until(&house, &engine, |house| {
        house.simulator.requests().iter().any(|served| served.path.contains("summary"))
    })
    .await;
    let asked: Vec<_> = house.simulator.requests().into_iter().map(|served| served.path).collect();
    assert!(asked.iter().all(|path| !path.contains("resource_configs")), "{asked:?}");
}
