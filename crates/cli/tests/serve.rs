//! `tidemark serve` from outside: beside an agent and alone, its token, its metrics as Prometheus reads them.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]
#![cfg(unix)]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{Home, Service, add, home, kind};
use serde_json::Value;

/// A program that runs until this is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

/// Starts a command that says where it is in its first line.
fn started(home: &Home, arguments: &[&str]) -> (Running, Value) {
    let mut child = home.command(arguments).stdin(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let running = Running(child);
    (running, serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}")))
}

fn token_of(said: &Value) -> String {
    std::fs::read_to_string(said["token_file"].as_str().unwrap()).unwrap().trim().to_owned()
}

fn address_of(said: &Value) -> String {
    said["url"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned()
}

/// Asks; gives the status and the body, which this version of HTTP sends in one piece.
fn ask(said: &Value, method: &str, path: &str, token: &str) -> (u16, String) {
    let address = address_of(said);
    let mut stream = TcpStream::connect(&address).unwrap();
    let authorization =
        if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: {address}\r\n{authorization}Content-Type: application/json\r\n\
         Content-Length: 2\r\nConnection: close\r\n\r\n{{}}"
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}

fn poll_until<T>(what: &str, mut done: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(value) = done() {
            return value;
        }
        assert!(begun.elapsed() < Duration::from_mins(2), "{what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

const HERE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

#[test]
fn a_folder_is_served_alone_and_its_line_begins_with_the_url_and_holds_no_token() {
    let service = Service::code();
    let home = home(&service, "work").with("TIDEMARK_STAND_IN", &service.running().url());
    assert_eq!(add(&home, &service, "work", "work").status, 0);
    let mut child = home.command(&HERE).stdin(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let serving = Running(child);
    assert!(line.starts_with("{\"url\":\"http://127.0.0.1:"), "{line}");
    let said: Value = serde_json::from_str(&line).unwrap();
    let token = token_of(&said);
    assert!(token.len() >= 32 && !line.contains(&token));
    assert_eq!((&said["beside_agent"], &said["read_only"]), (&false.into(), &false.into()));
    assert_eq!(ask(&said, "GET", "/v1/overview", "").0, 401);
    let (status, body) = ask(&said, "GET", "/v1/overview", &token);
    assert!(status == 200 && body.contains("\"work\""), "{status} {body}");
    assert_eq!(ask(&said, "POST", "/v1/quit", &token).0, 403);

    // The commands find it as they find an agent; another one beside it asks it.
    let (beside, other) = started(&home, &[&HERE[..], &["--read-only"]].concat());
    assert_eq!((&other["beside_agent"], &other["read_only"]), (&true.into(), &true.into()));
    assert_eq!(ask(&other, "GET", "/v1/overview", &token).0, 200);
    assert_eq!(ask(&other, "POST", "/v1/refresh", &token).0, 403);
    assert_eq!(ask(&said, "POST", "/v1/refresh", &token).0, 200);

    // A new token takes the place of the old one at once, in both.
    let rotated = home.run(&["serve", "token", "rotate", "--json"]).json();
    let new = rotated["token"].as_str().unwrap();
    for served in [&said, &other] {
        assert_eq!(ask(served, "GET", "/v1/overview", &token).0, 401);
        assert_eq!(ask(served, "GET", "/v1/overview", new).0, 200);
    }
    assert_eq!(home.run(&["serve", "token", "show"]).out.trim(), new);
    assert_eq!(home.run(&["serve", "token", "revoke", "--json"]).json()["revoked"], true);
    assert_eq!(ask(&said, "GET", "/v1/overview", new).0, 401);
    let none = home.run(&["serve", "token", "show", "--json"]);
    assert_eq!((none.status, kind(&none)), (1, "io".to_owned()));
    drop((serving, beside));
}

#[test]
fn what_serves_beside_an_agent_takes_its_place_when_it_has_gone() {
    let service = Service::code();
    let home = home(&service, "work").with("TIDEMARK_STAND_IN", &service.running().url());
    assert_eq!(add(&home, &service, "work", "work").status, 0);
    let (agent, _) = started(&home, &["agent", "--no-tray", "--json"]);
    let (_serving, said) = started(&home, &HERE);
    assert_eq!(said["beside_agent"], true);
    let token = token_of(&said);
    assert_eq!(ask(&said, "GET", "/v1/overview", &token).0, 200);
    drop(agent);
    assert_eq!(ask(&said, "GET", "/v1/overview", &token).0, 503);
    // It is the same address, and polls from now on.
    poll_until("nothing took the agent's place", || {
        let address = address_of(&said);
        TcpStream::connect(address).ok()?;
        (ask(&said, "GET", "/v1/overview", &token).0 == 200).then_some(())
    });
}

#[test]
fn addresses_of_others_and_unusable_tokens_are_refused() {
    let home = Home::new();
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:4680"] {
        let refused = home.run(&["serve", "--listen", listen, "--json"]);
        assert_eq!((refused.status, kind(&refused)), (2, "usage".to_owned()), "{listen}");
    }
    let token = home.data_dir().with_file_name("token");
    std::fs::write(&token, "short\n").unwrap();
    let path = token.to_str().unwrap();
    let refused = home.run(&["serve", "--listen", "127.0.0.1:0", "--token-file", path, "--json"]);
    assert_eq!((refused.status, kind(&refused)), (1, "serve-token".to_owned()));
    let refused = home.run(&["serve", "--base-path", "/a b/", "--json"]);
    assert_eq!((refused.status, kind(&refused)), (2, "usage".to_owned()));
}

#[test]
fn a_token_of_ones_own_is_used_from_any_file() {
    let home = Home::new();
    let file = home.data_dir().with_file_name("own token");
    std::fs::write(&file, "my-own-long-token-1\n").unwrap();
    let (_serving, said) = started(&home, &[&HERE[..], &["--token-file", file.to_str().unwrap()]].concat());
    assert_eq!(ask(&said, "GET", "/v1/overview", "my-own-long-token-1").0, 200);
    assert!(!home.data_dir().join("serve.token").exists());
}

/// Runs a program of the package `prometheus`.
fn promtool(arguments: &[&str], stdin: &str) {
    let mut child = Command::new("promtool")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is missing: Debian's package `prometheus` has it");
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout).into_owned() + &String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{arguments:?}: {said}");
    // It names what is against the conventions and still ends well.
    if arguments == ["check", "metrics"] {
        assert_eq!(said, "");
    }
}

#[test]
fn rules_and_their_tests_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/prometheus");
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    promtool(&["check", "rules", "--lint-fatal", &file("tidemark.rules.yml")], "");
    promtool(&["test", "rules", &file("tidemark.rules.test.yml")], "");
}

#[test]
fn prometheus_scrapes_sample_data_and_fires_an_alert() {
    let home = Home::new();
    let token_file = home.data_dir().with_file_name("token");
    let arguments = ["--demo", "--token-file", token_file.to_str().unwrap()];
    let (_serving, said) = started(&home, &[&HERE[..], &arguments].concat());
    let token = token_of(&said);
    // The logs are read after the start.
    let text = poll_until("no usage", || {
        let (status, text) = ask(&said, "GET", "/metrics", &token);
        assert_eq!(status, 200);
        text.contains("tidemark_usage_tokens_total{").then_some(text)
    });
    promtool(&["check", "metrics"], &text);
    for name in [
        "tidemark_account_info{",
        "tidemark_quota_used_ratio{",
        "tidemark_quota_reset_timestamp_seconds{",
        "tidemark_balance_amount{",
        "tidemark_usage_tokens_total{",
        "tidemark_findings_total{",
        "tidemark_anomalies_open{",
        "tidemark_quota_deducted_this_month_ratio{",
    ] {
        assert!(text.contains(&format!("\n{name}")), "{name} is missing:\n{text}");
    }
    assert_eq!(ask(&said, "GET", "/metrics", "").0, 401);

    let folder = home.data_dir().with_file_name("prometheus");
    std::fs::create_dir(&folder).unwrap();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/prometheus/tidemark.rules.yml");
    let configuration = format!(
        "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\n\
         rule_files: [{rules:?}]\n\
         scrape_configs:\n\
         - job_name: tidemark\n  \
           authorization: {{credentials_file: {token_file:?}}}\n  \
           static_configs: [{{targets: [{:?}]}}]\n",
        address_of(&said)
    );
    std::fs::write(folder.join("prometheus.yml"), configuration).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let prometheus = Command::new("prometheus")
        .current_dir(&folder)
        .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=warn"])
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .spawn()
        .expect("prometheus is missing: Debian's package `prometheus` has it");
    let _prometheus = Running(prometheus);
    let server = serde_json::json!({"url": format!("http://127.0.0.1:{port}")});
    let alert = poll_until("no alert fires", || {
        TcpStream::connect(address_of(&server)).ok()?;
        let (_, body) = ask(&server, "GET", "/api/v1/alerts", "");
        let known: Value = serde_json::from_str(body.trim()).ok()?;
        known["data"]["alerts"].as_array()?.iter().find(|alert| alert["state"] == "firing").cloned()
    });
    assert_eq!(alert["labels"]["alertname"], "TidemarkAnomalyOpen", "{alert}");
    assert!(alert["labels"]["account"].as_str().is_some_and(|name| !name.is_empty()), "{alert}");
}
