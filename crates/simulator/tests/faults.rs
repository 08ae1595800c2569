//! Every fault, through real HTTP, each with its bounds.

mod common;

use std::time::{Duration, Instant};

use common::{client, get, get_url, hours, idle_code, idle_platform, post, serve, try_get};
use serde_json::json;
use tidemark_core::{Meter, Region};
use tidemark_simulator::{Event, Fault, FaultOrder, Generation, Plan, Refusal, Running};

async fn both() -> Running {
    serve(vec![idle_code("work", Plan::Pro, Generation::D), idle_platform("api", Region::Global, "20", "5")])
        .await
}

const CODE: &str = "/usages";
const MONEY: &str = "/users/me/balance";

#[tokio::test]
async fn refusals_have_their_status_words_and_waiting_time() {
    let running = both().await;
    let overloaded = "The engine is currently overloaded, please try again later";
    for (account, path, refusal, status, words, retry_after) in [
        ("work", CODE, Refusal::WrongKey, 401, "appears to be invalid or may have expired", None),
        ("api", MONEY, Refusal::WrongKey, 401, "Incorrect API key provided", None),
        ("work", CODE, Refusal::Membership, 402, "verify your membership benefits", None),
        ("work", CODE, Refusal::WindowExhausted { meter: Meter::FiveHour }, 403, "5-hour usage limit", None),
        ("work", CODE, Refusal::WindowExhausted { meter: Meter::Week }, 403, "weekly (7-day)", None),
        ("work", CODE, Refusal::WindowExhausted { meter: Meter::Month }, 403, "monthly usage limit", None),
        ("work", CODE, Refusal::ConcurrencyForbidden, 403, "concurrent request limit", None),
        ("api", MONEY, Refusal::PermissionDenied, 403, "permission_denied_error", None),
        ("api", MONEY, Refusal::NotActive, 403, "exceeded_current_quota_error", None),
        ("work", CODE, Refusal::Overloaded { retry_after: 30 }, 429, overloaded, Some("30")),
        ("work", CODE, Refusal::TooManyRequests { retry_after: None }, 429, "too many requests", None),
        (
            "api",
            MONEY,
            Refusal::TokensPerDay { current: 1_500_300, limit: 1_500_000 },
            429,
            "TPD rate limit, current: 1500300, limit: 1500000",
            None,
        ),
        (
            "api",
            MONEY,
            Refusal::TokensPerMinute { current: 1410, limit: 100 },
            429,
            "project TPM rate limit, current: 1410, limit: 100",
            None,
        ),
        (
            "api",
            MONEY,
            Refusal::RequestsPerMinute { limit: 20, retry_after: 1 },
            429,
            "max RPM: 20, please try again after 1 seconds",
            Some("1"),
        ),
        (
            "api",
            MONEY,
            Refusal::Concurrency { limit: 3, retry_after: 0 },
            429,
            "max organization concurrency: 3",
            Some("0"),
        ),
        ("api", MONEY, Refusal::Suspended, 429, "suspended due to insufficient balance", None),
        ("api", MONEY, Refusal::ServerError, 500, "server_error", None),
        ("api", MONEY, Refusal::BadGateway, 502, "<h1>502 Bad Gateway</h1>", None),
        ("api", MONEY, Refusal::Unavailable { retry_after: Some(5) }, 503, "server_unavailable", Some("5")),
        ("work", CODE, Refusal::GatewayTimeout, 504, "<h1>504 Gateway Time-out</h1>", None),
    ] {
        running.fault(FaultOrder::refuse(refusal.clone()).on(account).times(1)).unwrap();
        let got = get(&running, account, path).await;
        assert_eq!(got.status, status, "{refusal:?}");
        assert!(got.text.contains(words), "{refusal:?}: {}", got.text);
        assert_eq!(got.header("retry-after"), retry_after, "{refusal:?}");
        let html = matches!(status, 502 | 504);
        assert_eq!(got.header("content-type").unwrap().starts_with("text/html"), html);
        assert_eq!(get(&running, account, path).await.status, 200, "once only: {refusal:?}");
    }
}

#[tokio::test]
async fn a_fault_meets_its_account_and_path_only() {
    let running = both().await;
    running.fault(FaultOrder::refuse(Refusal::ServerError).on("work").at("usages")).unwrap();
    assert_eq!(get(&running, "work", CODE).await.status, 500);
    assert_eq!(get(&running, "work", "/me").await.status, 200);
    assert_eq!(get(&running, "api", MONEY).await.status, 200);
    assert!(running.fault(FaultOrder::refuse(Refusal::ServerError).on("nobody")).is_err());
}

#[tokio::test]
async fn a_fault_lasts_as_long_as_the_simulated_clock_says() {
    let running = both().await;
    running.fault(FaultOrder::refuse(Refusal::BadGateway).lasting(3600.0)).unwrap();
    assert_eq!(get(&running, "work", CODE).await.status, 502);
    running.clock().advance(hours(1));
    assert_eq!(get(&running, "work", CODE).await.status, 200);
}

#[tokio::test]
async fn slowness_delays_the_right_answer() {
    let running = both().await;
    running.fault(FaultOrder::new(Fault::Slow { milliseconds: 150 }).times(1)).unwrap();
    let asked = Instant::now();
    assert_eq!(get(&running, "work", CODE).await.status, 200);
    assert!(asked.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_hanging_answer_never_comes() {
    let running = both().await;
    running.fault(FaultOrder::new(Fault::Hang).times(1)).unwrap();
    let url = format!("{}{CODE}", running.base_url("work").unwrap());
    let asked = client().get(url).timeout(Duration::from_millis(200)).send().await;
    assert!(asked.unwrap_err().is_timeout());
    assert_eq!(running.requests()[0].status, None);
}

#[tokio::test]
async fn a_cut_off_body_is_an_error_of_the_body() {
    let running = both().await;
    running.fault(FaultOrder::new(Fault::CutOff).times(1)).unwrap();
    let error = try_get(&running, "work", CODE).await.err().expect("the body is cut");
    assert!(!error.is_timeout() && !error.is_connect(), "{error:?}");
}

#[tokio::test]
async fn a_reset_connection_gives_no_answer() {
    let running = both().await;
    // A client may try once more where a connection breaks before the answer.
    let id = running.fault(FaultOrder::new(Fault::Reset)).unwrap();
    let error = try_get(&running, "work", CODE).await.err().expect("there is no answer");
    assert!(!error.is_timeout(), "{error:?}");
    assert!(running.clear_fault(id));
    assert_eq!(get(&running, "work", CODE).await.status, 200);
}

#[tokio::test]
async fn bodies_can_be_html_not_json_empty_or_too_large() {
    let running = both().await;
    let once = |fault| running.fault(FaultOrder::new(fault).times(1)).unwrap();
    once(Fault::HtmlOk);
    let html = get(&running, "work", CODE).await;
    assert!(html.status == 200 && html.text.starts_with("<html>"));
    once(Fault::NotJson);
    let broken = get(&running, "work", CODE).await;
    assert!(broken.header("content-type").unwrap().starts_with("application/json"));
    assert!(serde_json::from_str::<serde_json::Value>(&broken.text).is_err());
    once(Fault::Empty);
    assert_eq!(get(&running, "work", CODE).await.text, "");
    once(Fault::NoGzip);
    once(Fault::Oversize { bytes: 1 << 20 });
    get(&running, "work", CODE).await;
    let large = get(&running, "work", CODE).await;
    assert!(large.text.len() > 1 << 20);
    assert!(large.json().get("usages").is_some(), "it is the right answer, only padded");
}

#[tokio::test]
async fn answers_are_packed_when_asked_for_or_ordered() {
    let running = both().await;
    let url = format!("{}{CODE}", running.base_url("work").unwrap());
    let key = running.key("work").unwrap();
    let encoding = |accepts: &'static str| {
        let request = reqwest::Client::builder().no_gzip().no_proxy().build().unwrap();
        let request = request.get(&url).bearer_auth(&key).header("accept-encoding", accepts);
        async move {
            let headers = request.send().await.unwrap().headers().clone();
            headers.get("content-encoding").map(|value| value.to_str().unwrap().to_owned())
        }
    };
    client();
    assert_eq!(encoding("gzip").await.as_deref(), Some("gzip"));
    assert_eq!(encoding("identity").await, None);
    running.fault(FaultOrder::new(Fault::NoGzip).times(1)).unwrap();
    assert_eq!(encoding("gzip").await, None);
    running.fault(FaultOrder::new(Fault::Gzip).times(1)).unwrap();
    assert_eq!(encoding("identity").await.as_deref(), Some("gzip"));
    // reqwest unpacks by itself.
    assert!(get(&running, "work", CODE).await.json().get("usages").is_some());
}

#[tokio::test]
async fn a_redirect_points_elsewhere() {
    let running = both().await;
    let to = Some("https://example.com/coding/v1/usages".to_owned());
    running.fault(FaultOrder::new(Fault::Redirect { to }).times(1)).unwrap();
    let got = get(&running, "work", CODE).await;
    assert_eq!((got.status, got.header("location")), (307, Some("https://example.com/coding/v1/usages")));
}

#[tokio::test]
async fn the_network_goes_down_and_comes_back_on_the_same_port() {
    let running = both().await;
    let addr = running.addr();
    for _ in 0..3 {
        assert_eq!(get(&running, "work", CODE).await.status, 200);
        running.network_down().await;
        let error = try_get(&running, "work", CODE).await.err().expect("nothing listens");
        assert!(error.is_connect(), "{error:?}");
        running.network_up().await.unwrap();
        assert_eq!(running.addr(), addr);
    }
    assert_eq!(get(&running, "work", CODE).await.status, 200);
}

#[tokio::test]
async fn going_down_cuts_answers_that_are_on_their_way() {
    let running = both().await;
    running.fault(FaultOrder::new(Fault::Hang)).unwrap();
    let account = running.account("work").unwrap();
    let url = format!("{}{CODE}", account.base_url);
    let asked = tokio::spawn(async move { get_url(&url, Some(&account.key)).await.err() });
    while running.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    running.network_down().await;
    let error = asked.await.unwrap().expect("the connection was cut");
    assert!(!error.is_timeout(), "{error:?}");
}

#[tokio::test]
async fn a_revoked_key_is_refused_until_it_is_restored() {
    let running = both().await;
    running.event("work", &Event::RevokeKey).unwrap();
    for path in [CODE, "/me", "/models"] {
        assert_eq!(get(&running, "work", path).await.status, 401);
    }
    running.event("work", &Event::RestoreKey).unwrap();
    assert_eq!(get(&running, "work", CODE).await.status, 200);
}

#[tokio::test]
async fn counters_are_zeroed_for_some_polls_and_come_back() {
    let running = both().await;
    running.spend("work", Meter::FiveHour, 60.into()).unwrap();
    let before = get(&running, "work", CODE).await.json();
    running.event("work", &Event::ZeroedCounters { polls: 2 }).unwrap();
    for _ in 0..2 {
        get(&running, "work", "/me").await;
        let zeroed = get(&running, "work", CODE).await.json();
        assert_eq!(zeroed["usages"]["limit_5h"]["used_ratio"], 0);
        assert!(zeroed["limits"][0]["detail"].get("used").is_none());
        assert_eq!(zeroed["limits"][0]["detail"]["resetTime"], before["limits"][0]["detail"]["resetTime"]);
    }
    assert_eq!(get(&running, "work", CODE).await.json(), before);
}

#[tokio::test]
async fn the_ratio_lies_while_the_count_is_right() {
    let running = both().await;
    running.spend("work", Meter::FiveHour, 60.into()).unwrap();
    running.event("work", &Event::LyingRatio { polls: 1 }).unwrap();
    let body = get(&running, "work", CODE).await.json();
    assert_eq!(body["usages"]["limit_5h"]["used_ratio"], 0);
    assert_eq!(body["limits"][0]["detail"]["used"], "60");
    assert_eq!(get(&running, "work", CODE).await.json()["usages"]["limit_5h"]["used_ratio"], 0.6);
}

#[tokio::test]
async fn one_field_is_unreadable_and_the_rest_stands() {
    let running = both().await;
    for (account, path, field, pointer) in [
        ("work", CODE, "limits[0].detail.resetTime", "/limits/0/detail/resetTime"),
        ("work", CODE, "usages.limit_5h.used_ratio", "/usages/limit_5h/used_ratio"),
        ("api", MONEY, "data.cash_balance", "/data/cash_balance"),
    ] {
        let right = get(&running, account, path).await.json();
        running.event(account, &Event::Unreadable { field: field.to_owned(), polls: 1 }).unwrap();
        let mut spoilt = get(&running, account, path).await.json();
        assert_ne!(spoilt.pointer(pointer), right.pointer(pointer), "{field}");
        *spoilt.pointer_mut(pointer).unwrap() = right.pointer(pointer).unwrap().clone();
        assert_eq!(spoilt, right);
    }
}

#[tokio::test]
async fn requests_are_logged_with_times_and_names_and_never_a_key() {
    let running = both().await;
    let key = running.key("work").unwrap();
    get(&running, "work", CODE).await;
    get_url(&format!("{}/china/coding/v1/usages", running.url()), Some("sk-kimi-somebody-elses"))
        .await
        .unwrap();
    let log = running.requests();
    assert_eq!(log.len(), 2);
    assert_eq!((log[0].account.as_deref(), log[0].status), (Some("work"), Some(200)));
    assert_eq!((log[1].account.as_deref(), log[1].status), (None, Some(401)));
    assert_eq!(log[0].path, "/china/coding/v1/usages");
    assert!(log[0].headers.contains(&"authorization".to_owned()));
    assert!(log[0].at <= log[1].at);
    let seen = get_url(&format!("{}/_sim/requests", running.url()), None).await.unwrap();
    assert_eq!(seen.json().as_array().unwrap().len(), 2);
    assert!(!seen.text.contains(&key) && !seen.text.contains("somebody"));
}

#[tokio::test]
async fn the_control_interface_does_what_the_library_does() {
    let running = both().await;
    let ok = |got: common::Got| assert!(got.status < 300, "{}", got.text);
    ok(post(&running, "spend", &json!({"account": "work", "points": "80", "meter": "5h"})).await);
    let used = get(&running, "work", CODE).await.json()["limits"][0]["detail"]["used"].clone();
    assert_eq!(used, "80");
    ok(post(&running, "events", &json!({"account": "work", "event": "early-reset", "meter": "5h"})).await);
    assert_eq!(get(&running, "work", CODE).await.json()["usages"]["limit_5h"]["used_ratio"], 0);
    ok(post(&running, "events", &json!({"account": "api", "event": "top-up", "amount": "7.5"})).await);
    assert_eq!(get(&running, "api", MONEY).await.json()["data"]["cash_balance"], 27.5);
    ok(post(
        &running,
        "faults",
        &json!({"fault": "refuse", "refusal": "overloaded", "retry_after": 9, "account": "work", "times": 1}),
    )
    .await);
    assert_eq!(get(&running, "work", CODE).await.header("retry-after"), Some("9"));
    ok(post(&running, "clock", &json!({"set": "2026-11-01T00:00:00Z"})).await);
    assert_eq!(running.clock().now(), common::utc("2026-11-01T00:00:00Z"));
    ok(post(&running, "incidents", &json!({"title": "Down", "impact": "critical"})).await);
    let summary = format!("{}/api/v2/summary.json", running.url());
    assert_eq!(get_url(&summary, None).await.unwrap().json()["status"]["indicator"], "critical");
    let truth = get_url(&format!("{}/_sim/truth?account=work", running.url()), None).await.unwrap().json();
    assert!(truth["events"].as_array().unwrap().iter().any(|event| event["what"] == "early-reset"));
    for (path, body, status) in [
        ("events", json!({"account": "nobody", "event": "revoke-key"}), 404),
        ("events", json!({"event": "no-such-thing"}), 400),
        ("faults", json!({"fault": "no-such-thing"}), 400),
        ("spend", json!({"account": "work"}), 400),
    ] {
        assert_eq!(post(&running, path, &body).await.status, status, "{path} {body}");
    }
}

#[tokio::test]
async fn the_network_goes_down_for_a_while_on_command() {
    let running = both().await;
    assert_eq!(post(&running, "network", &json!({"down_seconds": 0.3})).await.status, 202);
    let mut refused = false;
    let give_up = Instant::now() + Duration::from_secs(10);
    loop {
        assert!(Instant::now() < give_up, "it went down and came back");
        match try_get(&running, "work", CODE).await {
            Ok(_) if refused => break,
            Ok(_) => {}
            Err(_) => refused = true,
        }
    }
}
