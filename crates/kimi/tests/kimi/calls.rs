//! Calls over real HTTP on a loopback address: what is sent, and what is made of every kind of answer.

use std::io::Write;
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tidemark_core::{FailureKind, Region, Source};
use tidemark_kimi::{Client, ClientConfig, ClientError, Target};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::at;

const KEY: &str = "sk-kimi-made-up-4711";
const QUOTA: &str =
    r#"{"usage":{"limit":"100","used":"7","resetTime":"2026-11-22T00:00:00Z"},"user":{"userId":"u-5"}}"#;

fn client() -> Client {
    // Long enough for a loaded machine; the tests that wait for it set their own.
    Client::new(ClientConfig { timeout: Duration::from_secs(30), ..ClientConfig::default() }).unwrap()
}

fn impatient() -> Client {
    Client::new(ClientConfig { timeout: Duration::from_millis(300), ..ClientConfig::default() }).unwrap()
}

fn key() -> SecretString {
    SecretString::from(KEY)
}

fn target(server: &MockServer, source: Source) -> Target {
    Target::new(source, Region::China, Some(&format!("{}/coding/v1", server.uri()))).unwrap()
}

fn clock() -> DateTime<Utc> {
    at()
}

async fn answering(template: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(template).mount(&server).await;
    server
}

async fn quota(server: &MockServer) -> Result<tidemark_kimi::QuotaResponse, tidemark_core::Failure> {
    client().quota(&target(server, Source::KimiCode), &key(), &clock).await
}

/// A server that writes these bytes to whoever asks, and then closes.
async fn raw(bytes: &'static [u8]) -> Target {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await;
            let _ = stream.write_all(bytes).await;
        }
    });
    Target::new(Source::KimiCode, Region::China, Some(&format!("http://{address}/coding/v1"))).unwrap()
}

#[tokio::test]
async fn exactly_these_headers_are_sent() {
    let server = answering(ResponseTemplate::new(200).set_body_raw(QUOTA, "application/json")).await;
    let look = client()
        .quota(&target(&server, Source::KimiCode), &SecretString::from(format!(" {KEY}\n")), &clock)
        .await
        .unwrap();
    assert_eq!(crate::show(&look.reading), "week 7% 7/100 until 2026-11-22T00:00:00Z");
    assert_eq!(look.reading.at, at());
    assert!(look.evidence.contains("2026-11-22") && !look.evidence.contains("u-5"), "{}", look.evidence);

    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].url.path(), "/coding/v1/usages");
    assert_eq!(requests[0].url.query(), None);
    assert!(requests[0].body.is_empty());
    let mut names: Vec<_> = requests[0].headers.keys().map(|name| name.as_str().to_owned()).collect();
    names.sort();
    assert_eq!(names, ["accept", "accept-encoding", "authorization", "host", "user-agent"]);
    let header = |name: &str| requests[0].headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("authorization"), format!("Bearer {KEY}"));
    assert_eq!(header("accept"), "application/json");
    assert_eq!(header("accept-encoding"), "gzip");
    assert_eq!(header("user-agent"), concat!("Tidemark/", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn each_call_has_its_path() {
    let server = MockServer::start().await;
    for (at_path, body) in [
        ("/coding/v1/users/me/balance", r#"{"code":0,"data":{"available_balance":3.5},"status":true}"#),
        ("/coding/v1/users/me", r#"{"code":0,"data":{"organization":{"max_concurrency":15}},"status":true}"#),
        ("/coding/v1/me", r#"{"user_id":"u-5","user_level_name":"Pro"}"#),
        (
            "/api/v2/summary.json",
            r#"{"status":{"indicator":"none","description":"All Systems Operational"}}"#,
        ),
    ] {
        Mock::given(method("GET"))
            .and(path(at_path))
            .respond_with(ResponseTemplate::new(200).set_body_raw(body, "application/json"))
            .mount(&server)
            .await;
    }
    let client = client();
    let platform = target(&server, Source::Platform);
    let look = client.quota(&platform, &key(), &clock).await.unwrap();
    assert_eq!(look.reading.balance.unwrap().available, Some("3.5".parse().unwrap()));
    assert_eq!(client.profile(&platform, &key()).await.unwrap().limits.concurrency, Some(15));
    let profile = client.profile(&target(&server, Source::KimiCode), &key()).await.unwrap();
    assert_eq!(profile.plan.as_deref(), Some("Pro"));

    // The status page is asked without a key; the first page that answers is believed.
    let nobody = "http://127.0.0.1:1";
    let page = client.first_service_status(&[nobody, &server.uri()]).await.unwrap();
    assert_eq!((page.indicator.as_str(), page.description.as_str()), ("none", "All Systems Operational"));
    assert_eq!(page.url, Some(server.uri()));
    let requests = server.received_requests().await.unwrap();
    let status = requests.iter().find(|r| r.url.path().ends_with("summary.json")).unwrap();
    assert!(!status.headers.contains_key("authorization"));
    assert_eq!(client.first_service_status(&[nobody]).await.unwrap_err().kind, FailureKind::Network);
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    let elsewhere = answering(ResponseTemplate::new(200).set_body_raw(QUOTA, "application/json")).await;
    for status in [301, 302, 303, 307, 308] {
        let leads = format!("{}/usages?token=abc", elsewhere.uri());
        let server = answering(ResponseTemplate::new(status).insert_header("location", leads.as_str())).await;
        let failure = quota(&server).await.unwrap_err();
        assert_eq!((failure.kind, failure.status), (FailureKind::NotUnderstood, Some(status)));
        assert!(
            failure.message.contains("127.0.0.1") && !failure.message.contains("token"),
            "{}",
            failure.message
        );
        assert!(failure.message.contains("a key is never sent on"));
    }
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn errors_are_explained_with_their_headers() {
    let body = r#"{"error":{"message":"request reached organization max RPM: 20, please try again after 1 seconds"}}"#;
    let server = answering(
        ResponseTemplate::new(429).insert_header("Retry-After", "4").set_body_raw(body, "application/json"),
    )
    .await;
    let failure = quota(&server).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.status, failure.limit_value),
        (FailureKind::RateLimited, Some(429), Some(20))
    );
    assert_eq!(failure.retry_after, Some(Duration::from_secs(4)));
    // A key that the service repeats is not shown, whatever its shape.
    let server = answering(ResponseTemplate::new(401).set_body_string("no such key: hunter2hunter2")).await;
    let odd = SecretString::from("hunter2hunter2");
    let failure = client().quota(&target(&server, Source::KimiCode), &odd, &clock).await.unwrap_err();
    assert_eq!((failure.kind, failure.message.as_str()), (FailureKind::Unauthorized, "no such key: …"));
    // An error in a success keeps the real status, and its header.
    let server = answering(
        ResponseTemplate::new(200)
            .insert_header("retry-after", "7")
            .set_body_raw(r#"{"code":429,"message":"slow down"}"#, "application/json"),
    )
    .await;
    let failure = quota(&server).await.unwrap_err();
    assert_eq!((failure.kind, failure.status), (FailureKind::RateLimited, Some(200)));
    assert_eq!(failure.retry_after, Some(Duration::from_secs(7)));
    // A date is counted from the answer's own where no clock is given.
    let server = answering(
        ResponseTemplate::new(503)
            .insert_header("date", "Fri, 20 Nov 2026 10:00:00 GMT")
            .insert_header("retry-after", "Fri, 20 Nov 2026 10:00:20 GMT"),
    )
    .await;
    let failure = client().profile(&target(&server, Source::KimiCode), &key()).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.retry_after),
        (FailureKind::ServerError, Some(Duration::from_secs(20)))
    );
}

#[tokio::test]
async fn html_where_json_was_due() {
    let page = "<!doctype html><html><head><title>Log in to the network</title></head></html>";
    let server = answering(ResponseTemplate::new(200).set_body_raw(page, "text/html")).await;
    let failure = quota(&server).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotUnderstood);
    assert!(failure.message.contains("Log in to the network"), "{}", failure.message);
    let server = answering(ResponseTemplate::new(200)).await;
    assert!(quota(&server).await.unwrap_err().message.ends_with("an empty body"));
    let server = answering(ResponseTemplate::new(200).set_body_bytes(b"\xff\xfe{\0}\0".to_vec())).await;
    assert!(quota(&server).await.unwrap_err().message.contains("not UTF-8"));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn gzip_is_unpacked_and_a_bomb_is_not() {
    let packed = |bytes: Vec<u8>| {
        ResponseTemplate::new(200).insert_header("content-encoding", "gzip").set_body_bytes(bytes)
    };
    let server = answering(packed(gzip(QUOTA.as_bytes()))).await;
    assert_eq!(quota(&server).await.unwrap().reading.meters.len(), 1);

    let bomb = gzip(&vec![b' '; 8 * 1024 * 1024]);
    assert!(bomb.len() < 256 * 1024);
    let server = answering(packed(bomb)).await;
    let failure = quota(&server).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotUnderstood);
    assert!(failure.message.contains("more than 1048576 bytes"), "{}", failure.message);

    let server = answering(ResponseTemplate::new(200).set_body_bytes(vec![b' '; 1024 * 1024 + 1])).await;
    assert_eq!(quota(&server).await.unwrap_err().kind, FailureKind::NotUnderstood);
    let mut largest = QUOTA.as_bytes().to_vec();
    largest.resize(1024 * 1024, b' ');
    let server = answering(ResponseTemplate::new(200).set_body_bytes(largest)).await;
    assert!(quota(&server).await.is_ok());

    let server = answering(packed(b"not gzip at all".to_vec())).await;
    assert_eq!(quota(&server).await.unwrap_err().kind, FailureKind::NotUnderstood);
}

#[tokio::test]
async fn a_body_that_breaks_off() {
    let target = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"usage\":{").await;
    let failure = client().quota(&target, &key(), &clock).await.unwrap_err();
    assert_eq!((failure.kind, failure.status), (FailureKind::Network, Some(200)));
    assert!(failure.message.contains("broke off after 10 bytes"), "{}", failure.message);
    let target = raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\n{\"usage\":{").await;
    assert_eq!(client().quota(&target, &key(), &clock).await.unwrap_err().kind, FailureKind::Network);
    // The status of an error is enough to explain it.
    let target = raw(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 100\r\n\r\n{\"error\":{").await;
    assert_eq!(client().quota(&target, &key(), &clock).await.unwrap_err().kind, FailureKind::Unauthorized);
    let target = raw(b"").await;
    assert_eq!(client().quota(&target, &key(), &clock).await.unwrap_err().kind, FailureKind::Network);
    let target = raw(b"SSH-2.0-OpenSSH_9.9\r\n").await;
    let failure = client().quota(&target, &key(), &clock).await.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Network | FailureKind::NotUnderstood), "{failure}");
}

#[tokio::test]
async fn slow_answers_and_missing_servers() {
    let server = answering(ResponseTemplate::new(200).set_delay(Duration::from_mins(1))).await;
    let failure = impatient().quota(&target(&server, Source::KimiCode), &key(), &clock).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Timeout, "{failure}");

    // Headers in time, and a body that never ends.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let holding = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let asked = stream.read(&mut [0; 4096]).await.unwrap();
        assert!(asked > 0);
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"us").await.unwrap();
        std::future::pending::<()>().await;
    });
    let drip = Target::new(Source::KimiCode, Region::China, Some(&format!("http://{address}"))).unwrap();
    let failure = impatient().quota(&drip, &key(), &clock).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Timeout, "{failure}");
    holding.abort();

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let nobody = Target::new(Source::KimiCode, Region::China, Some(&format!("http://{address}/v1"))).unwrap();
    let failure = client().quota(&nobody, &key(), &clock).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Network);
    assert!(failure.message.contains("could not be reached"), "{}", failure.message);
}

#[tokio::test]
async fn nothing_is_asked_in_the_clear_or_with_a_broken_key() {
    // Made by hand, past the check that `Target::new` does.
    let clear = Target {
        interface: tidemark_kimi::Interface::Service,
        source: Source::KimiCode,
        region: Region::China,
        base_url: "http://api.kimi.com/coding/v1".into(),
    };
    let failure = client().quota(&clear, &key(), &clock).await.unwrap_err();
    assert!(failure.message.contains("must be https"), "{}", failure.message);

    let server = answering(ResponseTemplate::new(200).set_body_raw(QUOTA, "application/json")).await;
    let broken = SecretString::from("sk-kimi-one\nsk-kimi-two");
    let failure = client().quota(&target(&server, Source::KimiCode), &broken, &clock).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::KeyUnavailable);
    assert!(!failure.message.contains("one"), "{}", failure.message);
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[test]
fn a_client_needs_a_name_that_can_be_sent() {
    for name in ["", "two\nlines"] {
        let config = ClientConfig { user_agent: name.into(), ..ClientConfig::default() };
        assert_eq!(Client::new(config).unwrap_err(), ClientError::UserAgent(name.into()));
    }
}

/// Kimi Code's own server at an address.
fn local(server: &MockServer) -> Target {
    Target::local_server(Region::Global, format!("{}/api/v1", server.uri()))
}

#[tokio::test]
async fn kimi_code_s_own_server_is_asked_by_its_own_routes() {
    let server = MockServer::start().await;
    let usage = r#"{"code":0,"msg":"success","data":{"kind":"ok","quota":{"usages":{"limit5h":{"usedRatio":0.625}},
        "extraUsage":null}},"request_id":"r"}"#;
    let user = r#"{"code":0,"msg":"success","data":{"kind":"ok","userInfo":{"userId":"u-77","region":"REGION_OVERSEA",
        "userLevel":30,"userLevelName":"Max","goodsVersion":2}},"request_id":"r"}"#;
    for (route, body) in [("/api/v1/oauth/usage", usage), ("/api/v1/oauth/userinfo", user)] {
        Mock::given(method("GET"))
            .and(path(route))
            .and(wiremock::matchers::bearer_token(KEY))
            .respond_with(ResponseTemplate::new(200).set_body_string(body))
            .mount(&server)
            .await;
    }
    let answer = client().quota(&local(&server), &key(), &clock).await.unwrap();
    assert_eq!(answer.reading.meters[0].used_percent, rust_decimal::Decimal::new(625, 1));
    assert_eq!((answer.reading.wallet, answer.reading.region), (None, Region::Global));
    let profile = client().profile(&local(&server), &key()).await.unwrap();
    assert_eq!(profile.plan.as_deref(), Some("Max"));
    assert_eq!((profile.level, profile.region), (Some(30), Some(Region::Global)));
    assert_eq!(profile.generation, Some(tidemark_kimi::Generation::V2));
    assert!(profile.identity.is_some());
}

#[tokio::test]
async fn failures_of_kimi_code_s_own_server_are_told_from_those_of_the_service() {
    for (status, body, expected) in [
        (
            200,
            r#"{"code":40101,"msg":"unauthorized","data":null,"request_id":"r"}"#,
            FailureKind::ServerTokenRefused,
        ),
        (401, r#"{"code":40101,"msg":"unauthorized","data":null}"#, FailureKind::ServerTokenRefused),
        (401, "", FailureKind::ServerTokenRefused),
        (
            200,
            r#"{"code":0,"msg":"success","data":{"kind":"error","status":401,"message":"Sign in."},"request_id":"r"}"#,
            FailureKind::Unauthorized,
        ),
        (
            200,
            r#"{"code":0,"data":{"kind":"error","status":402,"message":"We're unable to verify your membership benefits at this time. Please ensure your membership is active."}}"#,
            FailureKind::MembershipLapsed,
        ),
        (
            200,
            r#"{"code":0,"data":{"kind":"error","status":502,"message":"bad gateway"}}"#,
            FailureKind::ServerError,
        ),
        (200, r#"{"code":0,"data":{"kind":"error","message":"fetch failed"}}"#, FailureKind::Unknown),
        (500, r#"{"code":50001,"msg":"internal","data":null}"#, FailureKind::ServerError),
        (200, "<html><title>Something else</title></html>", FailureKind::NotUnderstood),
    ] {
        let server = answering(ResponseTemplate::new(status).set_body_string(body)).await;
        let failure = client().quota(&local(&server), &key(), &clock).await.unwrap_err();
        assert_eq!(failure.kind, expected, "{status} {body}");
        assert!(!failure.message.contains(KEY), "{}", failure.message);
    }
    // Nothing listens.
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let target = Target::local_server(Region::China, format!("http://{free}/api/v1"));
    let failure = client().quota(&target, &key(), &clock).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::ServerNotRunning);
    // A service that cannot be reached is another matter.
    let target = Target::new(Source::KimiCode, Region::China, Some(&format!("http://{free}/v1"))).unwrap();
    assert_eq!(client().quota(&target, &key(), &clock).await.unwrap_err().kind, FailureKind::Network);
}

#[tokio::test]
async fn the_token_of_kimi_code_s_own_server_leaves_this_machine_by_no_target() {
    for address in [
        "https://api.kimi.com/api/v1",
        "https://127.0.0.1:9/api/v1",
        "http://192.168.1.5:9/api/v1",
        "file:///x",
    ] {
        let target = Target::local_server(Region::China, address.to_owned());
        let failure = client().quota(&target, &key(), &clock).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Network, "{address}");
        assert!(failure.message.contains("only to a server on this machine"), "{}", failure.message);
    }
}
