//! The interface over TCP: who is answered, with what, and what a page may do.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, what cannot be done ends the test")]

mod common;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use tidemark_api::server::{
    AccessToken, Page, PageFile, WebOptions, make_token, relay, revoke_token_file, serve_web,
    write_token_file,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const TOKEN: &str = "a token for these tests";

fn options() -> WebOptions {
    WebOptions::on_loopback(([127, 0, 0, 1], 0).into(), TOKEN, Page::None)
}

fn routes() -> Router {
    Router::new()
        .route("/v1/overview", get(|| async { "data" }))
        .route("/v1/refresh", post(|| async { "changed" }))
        .route("/v1/accounts", post(|| async { "changed" }))
        .route("/v1/quit", post(|| async { "changed" }))
}

async fn served(options: WebOptions, routes: Router) -> SocketAddr {
    let (web, serving) = serve_web(options, routes, std::future::pending()).await.unwrap();
    tokio::spawn(serving);
    web.address
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let line = self
            .head
            .lines()
            .find(|line| line.split_once(':').is_some_and(|(found, _)| found.eq_ignore_ascii_case(name)))?;
        Some(line.split_once(':')?.1.trim())
    }
}

/// Asks as it stands there: `{address}` is the address.
async fn ask(address: SocketAddr, request: &str, headers: &[&str]) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut head = format!("{request} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|header| header.starts_with("Host:")) {
        head = head + "Host: " + &address.to_string() + "\r\n";
    }
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    stream.write_all((head + "\r\n").as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    Answer { status: head[9..12].parse().unwrap(), head, body: bytes[end + 4..].to_vec() }
}

fn with_token() -> String {
    format!("Authorization: Bearer {TOKEN}")
}

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("assets")).unwrap();
    std::fs::write(dir.path().join("index.html"), "<title>page</title>").unwrap();
    std::fs::write(dir.path().join("assets/a-1.js"), "code").unwrap();
    dir
}

#[tokio::test]
async fn everything_but_the_page_wants_the_token_in_the_header() {
    let dir = folder();
    let address = served(WebOptions { page: Page::Folder(dir.path().into()), ..options() }, routes()).await;
    for path in ["/", "/index.html", "/assets/a-1.js"] {
        let answer = ask(address, &format!("GET {path}"), &[]).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.text().contains("data"));
    }
    for path in ["/v1/overview", "/metrics", "/v1/none", "/none", "/assets/none.js", "/../Cargo.toml", "/v1"]
    {
        let refused = ask(address, &format!("GET {path}"), &[]).await;
        assert_eq!(refused.status, 401, "{path}");
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    }
    for asked in [format!("GET /v1/overview?token={TOKEN}"), format!("GET /v1/overview?access_token={TOKEN}")]
    {
        assert_eq!(ask(address, &asked.replace(' ', "%20").replacen("%20", " ", 1), &[]).await.status, 401);
    }
    for wrong in ["Bearer", "Bearer ", "Bearer other", "Basic YTpi", TOKEN] {
        let header = format!("Authorization: {wrong}");
        assert_eq!(ask(address, "GET /v1/overview", &[&header]).await.status, 401, "{wrong}");
    }
    let answer = ask(address, "GET /v1/overview", &[&with_token()]).await;
    assert_eq!((answer.status, answer.text()), (200, "data"));
    assert_eq!(ask(address, "GET /none", &[&with_token()]).await.status, 404);
}

#[tokio::test]
async fn every_answer_has_the_policy_and_data_are_not_cached() {
    let dir = folder();
    let address = served(WebOptions { page: Page::Folder(dir.path().into()), ..options() }, routes()).await;
    let token = with_token();
    for (request, headers, cached) in [
        ("GET /", vec![], "no-cache"),
        ("GET /assets/a-1.js", vec![], "public, max-age=31536000, immutable"),
        ("GET /v1/overview", vec![token.as_str()], "no-store"),
        ("GET /v1/overview", vec![], "no-store"),
        ("GET /v1/overview", vec!["Host: evil.example"], "no-store"),
    ] {
        let answer = ask(address, request, &headers).await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-eval"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("access-control-allow-origin"), None);
        assert_eq!(answer.header("cache-control"), Some(cached), "{request} {headers:?}");
    }
}

#[tokio::test]
async fn other_names_and_other_sites_are_refused_with_the_token_too() {
    let allowed = vec!["tide.example.org".to_owned()];
    let address = served(WebOptions { allowed_hosts: allowed, ..options() }, routes()).await;
    let token = with_token();
    for (header, status) in [
        ("Host: evil.example", 421),
        ("Host: tide.example.org", 200),
        ("Origin: http://evil.example", 403),
        ("Origin: https://tide.example.org", 200),
        ("Sec-Fetch-Site: cross-site", 403),
    ] {
        let answer = ask(address, "GET /v1/overview", &[&token, header]).await;
        assert_eq!(answer.status, status, "{header}");
    }
    let preflight = ["Origin: http://evil.example", "Access-Control-Request-Method: POST"];
    assert_eq!(ask(address, "OPTIONS /v1/refresh", &preflight).await.status, 403);
}

#[tokio::test]
async fn wrong_tokens_have_to_wait_and_the_right_one_does_not() {
    let address = served(options(), routes()).await;
    let mut statuses = Vec::new();
    for number in 0..15 {
        let header = format!("Authorization: Bearer wrong-{number}");
        let answer = ask(address, "GET /v1/overview", &[&header]).await;
        if answer.status == 429 {
            let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=60).contains(&wait), "{wait}");
        }
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [[401; 10].as_slice(), &[429; 5]].concat());
    assert_eq!(ask(address, "GET /v1/overview", &[&with_token()]).await.status, 200);
}

#[tokio::test]
async fn a_read_only_page_changes_nothing_whatever_it_sends() {
    let address = served(WebOptions { read_only: true, ..options() }, routes()).await;
    let token = with_token();
    for request in ["POST /v1/refresh", "POST /v1/accounts", "DELETE /v1/overview", "PATCH /v1/x", "PUT /"] {
        let answer = ask(address, request, &[&token, "Content-Length: 0"]).await;
        assert_eq!(answer.status, 403, "{request}");
        assert!(answer.text().contains("read-only"), "{}", answer.text());
    }
    let answer = ask(address, "GET /v1/overview", &[&token]).await;
    assert_eq!((answer.status, answer.header("tidemark-read-only")), (200, Some("1")));
    assert_eq!(ask(address, "POST /v1/refresh", &["Content-Length: 0"]).await.status, 401);
}

#[tokio::test]
async fn a_page_ends_no_agent_and_one_from_afar_takes_no_keys() {
    let token = with_token();
    let here = served(options(), routes()).await;
    let far = served(WebOptions { allow_remote: true, ..options() }, routes()).await;
    let behind_a_proxy =
        served(WebOptions { allowed_hosts: vec!["tide.example.org".to_owned()], ..options() }, routes())
            .await;
    for (address, path, status) in [
        (here, "/v1/refresh", 200),
        (here, "/v1/accounts", 200),
        (here, "/v1/quit", 403),
        (far, "/v1/refresh", 200),
        (far, "/v1/accounts", 403),
        (far, "/v1/quit", 403),
        (behind_a_proxy, "/v1/accounts", 403),
    ] {
        let answer = ask(address, &format!("POST {path}"), &[&token, "Content-Length: 0"]).await;
        assert_eq!(answer.status, status, "{path}");
    }
}

#[tokio::test]
async fn other_machines_are_served_only_if_that_is_allowed() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let options = WebOptions { address: address.parse().unwrap(), ..options() };
        let refused = serve_web(options, routes(), std::future::pending()).await;
        assert_eq!(refused.map(drop).unwrap_err().kind(), std::io::ErrorKind::InvalidInput, "{address}");
    }
    let everywhere = WebOptions { address: ([0, 0, 0, 0], 0).into(), allow_remote: true, ..options() };
    let port = served(everywhere, routes()).await.port();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    assert_eq!(ask(address, "GET /v1/overview", &[&with_token()]).await.status, 200);
    let rebound = format!("Host: evil.example:{port}");
    assert_eq!(ask(address, "GET /v1/overview", &[&with_token(), &rebound]).await.status, 421);
}

#[tokio::test]
async fn a_page_below_a_path_is_found_with_it_and_without() {
    let dir = folder();
    let base_path = "/team/tidemark".parse().unwrap();
    let address =
        served(WebOptions { page: Page::Folder(dir.path().into()), base_path, ..options() }, routes()).await;
    for path in ["/team/tidemark/", "/team/tidemark/assets/a-1.js", "/", "/assets/a-1.js"] {
        assert_eq!(ask(address, &format!("GET {path}"), &[]).await.status, 200, "{path}");
    }
    for path in ["/team/tidemark/v1/overview", "/v1/overview"] {
        assert_eq!(ask(address, &format!("GET {path}"), &[]).await.status, 401, "{path}");
        assert_eq!(ask(address, &format!("GET {path}"), &[&with_token()]).await.text(), "data");
    }
    let to_slash = ask(address, "GET /team/tidemark", &[]).await;
    assert_eq!((to_slash.status, to_slash.header("location")), (308, Some("/team/tidemark/")));
}

/// `hello`, compressed.
const HELLO: &[u8] = &[
    0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0x86, 0xa6, 0x10, 0x36, 5, 0, 0,
    0,
];

#[tokio::test]
async fn a_built_in_page_is_sent_compressed_to_whoever_takes_that() {
    static FILES: [PageFile; 1] = [PageFile { path: "index.html", gzip: HELLO }];
    let address = served(WebOptions { page: Page::Files(&FILES), ..options() }, routes()).await;
    let plain = ask(address, "GET /", &[]).await;
    assert_eq!((plain.text(), plain.header("content-encoding")), ("hello", None));
    assert_eq!(plain.header("content-type"), Some("text/html; charset=utf-8"));
    let packed = ask(address, "GET /index.html", &["Accept-Encoding: br, gzip;q=0.8"]).await;
    assert_eq!((packed.body.as_slice(), packed.header("content-encoding")), (HELLO, Some("gzip")));
    assert!(ask(address, "HEAD /", &[]).await.body.is_empty());
    assert_eq!(ask(address, "GET /other.html", &[]).await.status, 401);
}

/// Reads from a stream of events until a text is there.
async fn read_until(stream: &mut TcpStream, text: &str) -> String {
    let mut seen = String::new();
    let mut bytes = [0; 4096];
    while !seen.contains(text) {
        let read = stream.read(&mut bytes).await.unwrap();
        assert!(read > 0, "it ended after {seen}");
        seen.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
    seen
}

async fn events(address: SocketAddr, token: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let asked = format!(
        "GET /v1/events HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nAccept: text/event-stream\r\n\r\n"
    );
    stream.write_all(asked.as_bytes()).await.unwrap();
    read_until(&mut stream, "text/event-stream").await;
    stream
}

/// An agent that is asked over its socket by what serves browsers.
async fn relayed(data: &Path, options: WebOptions) -> SocketAddr {
    served(options, relay(data)).await
}

#[tokio::test]
async fn a_relay_passes_on_answers_and_events_and_says_that_a_browser_asks() {
    let home = tempfile::tempdir().unwrap();
    let engine = common::engine(home.path());
    let _client = common::served(engine.clone()).await;
    let address = relayed(engine.data_dir(), options()).await;
    let token = with_token();
    let overview = ask(address, "GET /v1/overview", &[&token]).await;
    assert_eq!(overview.status, 200);
    assert!(overview.text().contains("\"accounts\":[]"), "{}", overview.text());
    assert!(overview.header("content-type").unwrap().starts_with("application/json"));
    assert_eq!(ask(address, "GET /v1/none", &[&token]).await.status, 404);

    let mut both = [events(address, TOKEN).await, events(address, TOKEN).await];
    engine.announce(tidemark_monitor::EngineEvent::Findings);
    for stream in &mut both {
        tokio::time::timeout(Duration::from_secs(2), read_until(stream, "findings")).await.unwrap();
    }
}

#[tokio::test]
async fn a_relay_without_an_agent_says_so_and_nothing_of_where() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let address = relayed(&data, options()).await;
    let answer = ask(address, "GET /v1/overview", &[&with_token()]).await;
    assert_eq!(answer.status, 503);
    assert!(answer.text().contains("agent-unreachable") && !answer.text().contains("data"));
}

#[tokio::test]
async fn a_revoked_token_ends_streams_and_admits_no_one() {
    let home = tempfile::tempdir().unwrap();
    let engine = common::engine(home.path());
    let _client = common::served(engine.clone()).await;
    let file = home.path().join("token");
    let token = make_token();
    write_token_file(&file, &token).unwrap();
    let options = WebOptions { token: AccessToken::File(file.clone()), ..options() };
    let address = relayed(engine.data_dir(), options).await;
    let mut stream = events(address, &token).await;
    revoke_token_file(&file).unwrap();
    let header = format!("Authorization: Bearer {token}");
    assert_eq!(ask(address, "GET /v1/overview", &[&header]).await.status, 401);
    // The end of a body that is sent in pieces.
    let end = read_until(&mut stream, "0\r\n\r\n");
    tokio::time::timeout(Duration::from_secs(10), end).await.expect("the stream goes on");
}
