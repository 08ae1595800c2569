//! `tidemark read` against a service that answers, refuses and breaks.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use common::{Ended, Home, Service, home, place_arguments};
use tidemark_core::Meter;
use tidemark_simulator::{Fault, FaultOrder, Refusal};

fn read(home: &Home, service: &Service, account: &str, more: &[&str]) -> Ended {
    let place = place_arguments(service, account);
    let arguments: Vec<&str> =
        ["read"].into_iter().chain(place.iter().map(String::as_str)).chain(more.iter().copied()).collect();
    home.run(&arguments)
}

#[test]
fn a_membership_is_read() {
    let service = Service::code();
    service.running().spend("work", Meter::FiveHour, 37.into()).unwrap();
    let home = home(&service, "work");
    let before = chrono::Utc::now();
    let ended = read(&home, &service, "work", &["--json"]);
    assert_eq!((ended.status, ended.err.as_str()), (0, ""));
    let reading = ended.json();
    assert_eq!(reading["type"], "reading");
    assert_eq!(reading["source"], "kimi-code");
    assert_eq!(reading["region"], "china");
    assert!(reading.get("account").is_none(), "no name was given");
    assert!(reading["balance"].is_null());
    let at: chrono::DateTime<chrono::Utc> = reading["at"].as_str().unwrap().parse().unwrap();
    assert!(before <= at && at <= chrono::Utc::now());
    let (expected, _) = service.running().look("work").unwrap();
    let meters = reading["meters"].as_array().unwrap();
    assert_eq!(meters.len(), expected.meters.len());
    for (found, expected) in meters.iter().zip(&expected.meters) {
        assert_eq!(found["meter"], expected.meter.as_str());
        let percent = found["used_percent"].as_f64().unwrap();
        assert!(
            (percent - tidemark_core::number::decimal::to_f64(expected.used_percent)).abs() < 1e-9,
            "{found}"
        );
    }
    assert!(meters[0]["used_percent"].as_f64().unwrap() >= 36.0, "{reading}");
    assert!(!home.data_dir().exists(), "nothing is stored");

    let named = read(&home, &service, "work", &["--json", "--name", "Mine"]).json();
    assert_eq!(named["account"], "Mine");
    let people = read(&home, &service, "work", &[]);
    assert!(people.out.contains("Kimi Code · China") && people.out.contains("5-hour "), "{}", people.out);
    assert!(!people.out.contains('\u{1b}'), "no colours into a pipe");
}

#[test]
fn a_balance_is_read() {
    let service = Service::platform();
    let reading = read(&home(&service, "api"), &service, "api", &["--json"]).json();
    assert_eq!(reading["meters"], serde_json::json!([]));
    assert_eq!(reading["balance"]["currency"], "USD");
    assert_eq!(reading["balance"]["available"], "30.00");
    assert_eq!(reading["balance"]["voucher"], "5.00");
    assert_eq!(reading["balance"]["cash"], "25.00");
    assert!(reading["limits"]["concurrency"].is_number(), "{reading}");
}

#[test]
fn a_profile_that_fails_costs_nothing() {
    let service = Service::code();
    let home = home(&service, "work");
    for fault in [Fault::Refuse(Refusal::ServerError), Fault::HtmlOk, Fault::Reset] {
        service.running().clear_faults();
        service.running().fault(FaultOrder::new(fault.clone()).at("/coding/v1/me")).unwrap();
        let ended = read(&home, &service, "work", &["--json"]);
        assert_eq!(ended.status, 0, "{fault:?}: {}", ended.out);
        assert!(service.running().faults().iter().any(|fault| fault.struck > 0), "it was asked for");
    }
}

#[test]
fn every_failure_has_its_status() {
    let service = Service::code();
    let home = home(&service, "work");
    let refuse = Fault::Refuse;
    let table = [
        (refuse(Refusal::WrongKey), 3, "unauthorized"),
        (refuse(Refusal::Membership), 3, "membership-lapsed"),
        (refuse(Refusal::PermissionDenied), 3, "forbidden"),
        (refuse(Refusal::Overloaded { retry_after: 3 }), 4, "overloaded"),
        (refuse(Refusal::ServerError), 5, "server-error"),
        (refuse(Refusal::BadGateway), 5, "server-error"),
        (Fault::Reset, 5, "network"),
        (Fault::HtmlOk, 6, "not-understood"),
        (Fault::NotJson, 6, "not-understood"),
        (Fault::Empty, 6, "not-understood"),
        (Fault::Oversize { bytes: 2 << 20 }, 6, "not-understood"),
        (Fault::Redirect { to: None }, 6, "not-understood"),
    ];
    for (fault, status, kind) in table {
        service.running().clear_faults();
        service.running().fault(FaultOrder::new(fault.clone())).unwrap();
        let ended = read(&home, &service, "work", &["--json"]);
        let error = ended.json()["error"].clone();
        assert_eq!((ended.status, error["kind"].as_str()), (status, Some(kind)), "{fault:?}: {error}");
        assert!(error.get("retry_after_seconds").is_some() && error["message"].is_string(), "{error}");
        if matches!(fault, Fault::Refuse(Refusal::Overloaded { .. })) {
            assert_eq!(error["retry_after_seconds"], 3);
        }
        let people = read(&home, &service, "work", &[]);
        assert_eq!((people.status, people.out.as_str()), (status, ""), "{fault:?}");
        assert!(people.err.starts_with("tidemark: "), "{}", people.err);
    }
}

#[test]
fn an_answer_that_is_cut_off_is_not_taken_for_one() {
    let service = Service::code();
    service.running().fault(FaultOrder::new(Fault::CutOff)).unwrap();
    let ended = read(&home(&service, "work"), &service, "work", &["--json"]);
    // The line broke: nothing can be said of what the service would have answered.
    let kind = ended.json()["error"]["kind"].as_str().unwrap().to_owned();
    assert_eq!((ended.status, kind.as_str()), (5, "network"), "{ended:?}");
}

#[test]
fn the_base_url_is_checked_before_the_key_is_read() {
    let home = Home::new();
    for url in ["http://example.org/v1", "ftp://127.0.0.1/v1", "http://u:p@127.0.0.1/v1", "nonsense"] {
        let arguments = [
            "read",
            "--json",
            "--source",
            "platform",
            "--region",
            "china",
            "--base-url",
            url,
            "--key-env",
            "NOT_SET",
        ];
        let ended = home.run(&arguments);
        assert_eq!(ended.status, 2);
        assert_eq!(ended.json()["error"]["kind"], "bad-base-url", "the variable is not even looked at");
    }
}

#[test]
fn a_key_must_be_there() {
    let service = Service::code();
    for home in [Home::new(), Home::new().with("A_KEY", ""), Home::new().with("A_KEY", " \n")] {
        let ended = read(&home, &service, "work", &["--json"]);
        assert_eq!((ended.status, ended.json()["error"]["kind"].as_str()), (2, Some("variable-unset")));
    }
    assert!(service.running().requests().is_empty());
}

#[test]
fn the_key_is_never_repeated() {
    let service = Service::code();
    let key = "sk-kimi-canary-0123456789abcdef";
    let home = Home::new().with("A_KEY", key).with("RUST_BACKTRACE", "1");
    for fault in [None, Some(Fault::HtmlOk), Some(Fault::Reset)] {
        service.running().clear_faults();
        if let Some(fault) = fault {
            service.running().fault(FaultOrder::new(fault)).unwrap();
        }
        for more in [&["--json"][..], &[]] {
            let ended = read(&home, &service, "work", more);
            assert!(!format!("{}{}", ended.out, ended.err).contains("canary"));
        }
    }
}
