//! Channels of a running engine, by programs that write down what they are given.

#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs, reason = "in a test, what cannot be done ends the test")]

mod common;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use tidemark_channels::{Channel, ChannelError, ChannelKind, Level, Message, Rules};
use tidemark_core::Meter;
use tidemark_monitor::{
    ChannelChange, ChannelDelivery, Delivered, Engine, EngineError, KeyInput, KeyPlace, NewChannel,
    OtherMessage,
};
use tidemark_simulator::Scenario;
use tidemark_store::DeliveryContent;

use common::{TestEngine, reopened, start};

fn script(folder: &Path, name: &str, lines: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path
}

async fn add(engine: &Engine, name: &str, program: PathBuf) -> Result<(), EngineError> {
    let channel = Channel { program: Some(program), ..Channel::new(ChannelKind::Program) };
    let new = NewChannel { name: name.to_owned(), channel, address: None, secret: None };
    engine.add_channel(new).await.map(drop)
}

fn message(delivery: &ChannelDelivery) -> Message {
    Message {
        id: delivery.due.key.clone(),
        at: delivery.due.at,
        kind: "threshold".to_owned(),
        level: Level::Warning,
        account: None,
        title: "title".to_owned(),
        body: String::new(),
        language: "en".to_owned(),
        details: serde_json::Value::Null,
    }
}

fn of<'d>(due: &'d [ChannelDelivery], name: &str) -> Vec<&'d ChannelDelivery> {
    due.iter().filter(|delivery| delivery.name == name).collect()
}

async fn with_an_alert(house: &TestEngine, engine: &Engine) {
    house.spend_up_to("work", Meter::FiveHour, 80);
    house.later(TimeDelta::minutes(5));
    engine.poll(None).await;
}

#[tokio::test]
async fn an_alert_that_a_crash_kept_from_its_channel_is_delivered_once_by_the_next_run() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    house.add(&engine, "work").await;
    engine.poll(None).await;
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("seen");
    add(&engine, "log", script(folder.path(), "log", &format!("cat >> '{}'", seen.display()))).await.unwrap();
    with_an_alert(&house, &engine).await;
    assert!(!engine.due_channel_deliveries().await.unwrap().is_empty());
    drop(engine);
    let engine = reopened(&house).await;
    house.later(TimeDelta::minutes(5));
    engine.poll(None).await;
    let due = engine.due_channel_deliveries().await.unwrap();
    let count = due.len();
    for delivery in &due {
        let done = engine.deliver_to_channel(delivery, &message(delivery)).await.unwrap();
        assert_eq!(done, Delivered::Done);
    }
    assert_eq!(engine.due_channel_deliveries().await.unwrap().len(), 0);
    assert_eq!(std::fs::read_to_string(&seen).unwrap().lines().count(), count);
    let known = engine.channels().await.unwrap();
    assert_eq!(known[0].last.as_ref().map(|last| last.code.clone()), Some(None));
    engine.remove_channel("log").await.unwrap();
    assert_eq!(engine.channels().await.unwrap(), []);
}

#[tokio::test]
async fn a_channel_that_fails_is_given_up_and_said_on_another_once() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    house.add(&engine, "work").await;
    engine.poll(None).await;
    let folder = tempfile::tempdir().unwrap();
    add(&engine, "dead", script(folder.path(), "dead", "echo 'no modem' >&2; exit 1")).await.unwrap();
    add(&engine, "alive", script(folder.path(), "alive", "cat > /dev/null")).await.unwrap();
    with_an_alert(&house, &engine).await;
    let due = engine.due_channel_deliveries().await.unwrap();
    for delivery in of(&due, "alive") {
        engine.deliver_to_channel(delivery, &message(delivery)).await.unwrap();
    }
    let first = of(&due, "dead")[0];
    let Delivered::Again(until) = engine.deliver_to_channel(first, &message(first)).await.unwrap() else {
        panic!("it is tried again")
    };
    assert!(until > engine.now());
    assert_eq!(engine.due_channel_deliveries().await.unwrap().len(), 0, "not at once again");
    house.later(TimeDelta::minutes(2));
    engine.poll(None).await;
    let due = engine.due_channel_deliveries().await.unwrap();
    let mut last = of(&due, "dead")[0].clone();
    assert_eq!(last.due.attempts, 1);
    last.due.attempts = tidemark_channels::retry::MAX_ATTEMPTS - 1;
    let given_up = engine.deliver_to_channel(&last, &message(&last)).await.unwrap();
    let Delivered::GivenUp { silent: false, failure } = given_up else { panic!("{given_up:?}") };
    assert_eq!(failure.said.as_deref(), Some("no modem"));
    let due = engine.due_channel_deliveries().await.unwrap();
    let notices: Vec<_> = of(&due, "alive")
        .into_iter()
        .filter_map(|delivery| match &delivery.due.what {
            DeliveryContent::Other(content) => serde_json::from_str::<OtherMessage>(content).ok(),
            DeliveryContent::Alert(_) => None,
        })
        .collect();
    assert!(
        matches!(&notices[..], [OtherMessage::ChannelFailed { name, .. }] if name == "dead"),
        "{notices:?}"
    );
    assert!(engine.channels().await.unwrap()[0].failing_since.is_some());
}

#[tokio::test]
async fn what_is_wrong_with_a_new_channel_is_said_and_nothing_is_kept() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let relative = add(&engine, "log", PathBuf::from("alert")).await;
    assert!(matches!(relative, Err(EngineError::Channel(ChannelError::Program))), "{relative:?}");
    let folder = tempfile::tempdir().unwrap();
    let program = script(folder.path(), "log", "cat > /dev/null");
    add(&engine, "log", program.clone()).await.unwrap();
    let same = add(&engine, "log", program).await;
    assert!(matches!(same, Err(EngineError::NameTaken(_))), "{same:?}");
    let private =
        Channel { url: Some("https://192.168.1.2/hook".to_owned()), ..Channel::new(ChannelKind::Webhook) };
    let new = NewChannel { name: "lan".to_owned(), channel: private, address: None, secret: None };
    let refused = engine.add_channel(new).await;
    assert!(matches!(refused, Err(EngineError::Channel(ChannelError::AddressPrivate))), "{refused:?}");
    assert_eq!(engine.channels().await.unwrap().len(), 1);
    assert!(matches!(engine.remove_channel("lan").await, Err(EngineError::NoSuchChannel)));
}

fn change(name: &str) -> ChannelChange {
    ChannelChange {
        name: name.to_owned(),
        url: None,
        to: None,
        from: None,
        program: None,
        allow_private: false,
        rules: Rules::default(),
        address: None,
        secret: None,
    }
}

fn this_run(key: &str) -> KeyInput {
    KeyInput::Key { key: key.into(), place: KeyPlace::ThisRun }
}

#[tokio::test]
async fn a_changed_channel_keeps_what_is_not_given_and_its_rules_are_replaced() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("seen");
    let program = script(folder.path(), "log", &format!("cat > '{}'", seen.display()));
    add(&engine, "log", program.clone()).await.unwrap();
    let rules = Rules { min_level: Level::Urgent, kinds: vec!["reset".to_owned()], ..Rules::default() };
    engine.change_channel("log", ChannelChange { rules: rules.clone(), ..change("pager") }).await.unwrap();
    let known = engine.channels().await.unwrap();
    let channel = known[0].channel.as_ref().unwrap();
    assert_eq!(known[0].name, "pager");
    assert_eq!((channel.program.as_ref(), &channel.rules), (Some(&program), &rules));
    engine.change_channel("pager", change("pager")).await.unwrap();
    assert_eq!(engine.channels().await.unwrap()[0].channel.as_ref().unwrap().rules, Rules::default());
}

#[tokio::test]
async fn a_change_is_checked_as_an_addition_is_and_a_refused_one_changes_nothing() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let folder = tempfile::tempdir().unwrap();
    let program = script(folder.path(), "log", "cat > /dev/null");
    add(&engine, "log", program.clone()).await.unwrap();
    add(&engine, "other", program).await.unwrap();
    let hook =
        Channel { url: Some("https://example.org/a".to_owned()), ..Channel::new(ChannelKind::Webhook) };
    let new = NewChannel { name: "hook".to_owned(), channel: hook, address: None, secret: None };
    engine.add_channel(new).await.unwrap();
    let before = engine.channels().await.unwrap();
    let refused = engine.change_channel("log", change("other")).await;
    assert!(matches!(refused, Err(EngineError::NameTaken(_))), "{refused:?}");
    let relative = ChannelChange { program: Some("alert".into()), ..change("log") };
    let refused = engine.change_channel("log", relative).await;
    assert!(matches!(refused, Err(EngineError::Channel(ChannelError::Program))), "{refused:?}");
    for (url, expected) in [
        ("https://10.0.0.1/x", ChannelError::AddressPrivate),
        ("http://example.org/", ChannelError::AddressBad),
        (" ", ChannelError::AddressMissing),
    ] {
        let refused =
            engine.change_channel("hook", ChannelChange { url: Some(url.into()), ..change("hook") }).await;
        assert!(
            matches!(&refused, Err(EngineError::Channel(error)) if *error == expected),
            "{url}: {refused:?}"
        );
    }
    let refused = engine.change_channel("none", change("none")).await;
    assert!(matches!(refused, Err(EngineError::NoSuchChannel)), "{refused:?}");
    assert_eq!(engine.channels().await.unwrap(), before);
}

#[tokio::test]
async fn a_kept_token_goes_to_no_other_address() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let topic = Channel { url: Some("https://ntfy.sh/mine".to_owned()), ..Channel::new(ChannelKind::Ntfy) };
    let new = NewChannel {
        name: "phone".to_owned(),
        channel: topic,
        address: None,
        secret: Some(this_run("tk_first")),
    };
    engine.add_channel(new).await.unwrap();
    let elsewhere = |secret| ChannelChange {
        url: Some("https://example.org/mine".to_owned()),
        secret,
        ..change("phone")
    };
    let refused = engine.change_channel("phone", elsewhere(None)).await;
    assert!(matches!(refused, Err(EngineError::Channel(ChannelError::SecretAgain))), "{refused:?}");
    engine.change_channel("phone", elsewhere(Some(this_run("tk_second")))).await.unwrap();
    let known = engine.channels().await.unwrap();
    assert!(known[0].has_secret);
    assert_eq!(known[0].channel.as_ref().unwrap().place(), "example.org");
    // Other rules at the same address ask for no token.
    engine.change_channel("phone", change("phone")).await.unwrap();
    assert!(engine.channels().await.unwrap()[0].has_secret);
}
