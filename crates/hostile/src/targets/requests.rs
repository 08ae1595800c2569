//! Requests to the local interface, as bytes on its socket and, where they are whole, straight to the router.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use tidemark_api::paths;
use tidemark_api::server::serve_local;
use tidemark_monitor::Engine;
use tower::ServiceExt as _;

use super::harness;
use super::log_files::{folder, system};
use crate::law::{Broken, Outcome, has_no_key, holds};
use crate::random::Random;
use crate::shapes::REQUESTS;
use crate::target::Target;
use crate::{bytes, json};

/// Asks a server that stays the same over all inputs.
pub(super) struct Requests {
    runtime: tokio::runtime::Runtime,
    router: Router,
    socket: PathBuf,
    _engine: Engine,
    _folder: tempfile::TempDir,
}

/// When a client ends its side of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// Before anything is answered, on both sides.
    AtOnce,
    /// Once it has written; it still reads.
    Writing,
    /// When the server has ended its own.
    Later,
}

/// No answer is longer, in bytes.
const MAX_ANSWER_LEN: u64 = 16 << 20;
/// An answer that takes longer does not come. Those that wait for a service wait for a port that refuses.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

impl Requests {
    pub(super) fn open() -> Self {
        let folder = folder();
        let data = folder.path().join("data");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.unwrap_or_else(|error| panic!("{error}"));
        let (engine, router) = {
            let _inside = runtime.enter();
            harness::open(folder.path(), &data).unwrap_or_else(|error| panic!("{error}"))
        };
        let serving = runtime.block_on(serve_local(&data, router.clone(), std::future::pending()));
        runtime.spawn(serving.unwrap_or_else(|error| panic!("{error}")));
        Self { runtime, router, socket: paths::socket(&data), _engine: engine, _folder: folder }
    }

    /// Writes bytes to the socket and reads what comes.
    fn send(&self, input: &[u8], ends: Ends) -> Result<Vec<u8>, Broken> {
        let mut stream = UnixStream::connect(&self.socket).map_err(|error| system(&error))?;
        let limits =
            [stream.set_read_timeout(Some(ANSWER_TIMEOUT)), stream.set_write_timeout(Some(ANSWER_TIMEOUT))];
        limits.into_iter().collect::<Result<(), _>>().map_err(|error| system(&error))?;
        // The server may have said no before it read all.
        let _ = stream.write_all(input);
        if ends == Ends::Writing {
            let _ = stream.shutdown(Shutdown::Write);
        }
        if ends == Ends::AtOnce {
            return Ok(Vec::new());
        }
        let mut answer = Vec::new();
        match stream.take(MAX_ANSWER_LEN).read_to_end(&mut answer) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                return Err(Broken { law: "a connection ends", seen: error.to_string() });
            }
            _ => {}
        }
        holds("an answer is bounded", (answer.len() as u64) < MAX_ANSWER_LEN, || answer.len().to_string())?;
        Ok(answer)
    }

    /// Hands a whole request to the router, which gives an answer even where the connection would have ended.
    fn ask(&self, input: &[u8]) -> Outcome {
        let end = input.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(input.len());
        let head = String::from_utf8_lossy(&input[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(()) };
        let body = input.get(end + 4..).unwrap_or_default().to_vec();
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let Ok(request) = request.body(Body::from(body)) else { return Ok(()) };
        let answer = self.runtime.block_on(async {
            let response = tokio::time::timeout(ANSWER_TIMEOUT, self.router.clone().oneshot(request)).await;
            let Ok(Ok(response)) = response else {
                return Err(Broken { law: "every request has an answer", seen: format!("{response:?}") });
            };
            let kind = response.headers().get("content-type").cloned();
            if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
                return Ok(None);
            }
            let status = response.status();
            let body = axum::body::to_bytes(response.into_body(), MAX_ANSWER_LEN as usize).await;
            let body =
                body.map_err(|error| Broken { law: "an answer is bounded", seen: error.to_string() })?;
            Ok(Some((status, String::from_utf8_lossy(&body).into_owned())))
        })?;
        let Some((status, body)) = answer else { return Ok(()) };
        has_no_key("answer", &body)?;
        holds("no request is the server's fault", status.as_u16() != 500, || format!("{status}: {body}"))?;
        let found = body.chars().find(|c| c.is_control() && !"\r\n\t".contains(*c));
        holds("an answer has no control characters", found.is_none(), || format!("{found:?} in {body}"))
    }
}

impl Target for Requests {
    fn input(&self, random: &mut Random) -> Vec<u8> {
        let mut input = Vec::new();
        for _ in 0..=random.below(3) * random.below(2) {
            one(random, &mut input);
        }
        if random.one_in(3) {
            bytes::damage(random, &mut input);
        }
        input
    }

    fn check(&mut self, input: &[u8]) -> Outcome {
        // Events go on for as long as someone listens.
        let events = input.windows(7).any(|word| word.eq_ignore_ascii_case(b"/events"));
        let answer = self.send(input, if events { Ends::AtOnce } else { Ends::Writing })?;
        has_no_key("answer", &String::from_utf8_lossy(&answer))?;
        self.ask(input)?;
        let good =
            self.send(b"GET /v1/agent HTTP/1.1\r\nhost: tidemark\r\nconnection: close\r\n\r\n", Ends::Later)?;
        holds("a good request is answered after a bad one", good.starts_with(b"HTTP/1.1 200"), || {
            String::from_utf8_lossy(&good).into_owned()
        })
    }
}

const METHODS: &[&str] =
    &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "get", "G\u{1b}T"];
const PATHS: &[&str] = &[
    "/",
    "*",
    "/v1",
    "/v1/",
    "//v1//agent",
    "/v1/../v1/agent",
    "/v1/%2e%2e/agent",
    "/v1/accounts/-1",
    "/v1/accounts/9223372036854775808",
    "/v1/accounts/%00",
    "/v1/findings/1%2fcase/case",
    "http://127.0.0.1/v1/agent",
    "/v1/agent?%ff=%ff&&&=",
    "/v1/history?by=century",
    "/v1/history?by=hour&from=-262143-01-01&to=%2B262142-12-31",
    "/v1/usage?by=day&from=0001-01-01&to=9999-12-31",
    "/v1/report?from=9999-12-31&to=0001-01-01&account=0",
    "/v1/findings?limit=18446744073709551615&before=-1",
    "/v1/export?format=exe",
    "/v1/export?format=jsonl&from=sk-kimi-PlantedKeyAbCdEf0123456789",
    "/v1/sk-kimi-PlantedKeyAbCdEf0123456789",
];
const HEADERS: &[&str] = &[
    "content-length: 5",
    "content-length: -1",
    "content-length: 18446744073709551616",
    "content-length: 1000000000",
    "transfer-encoding: chunked",
    "transfer-encoding: chunked, chunked",
    "transfer-encoding: gzip",
    "expect: 100-continue",
    "connection: upgrade",
    "upgrade: websocket",
    "host: example.org",
    "host:",
    "authorization: Bearer sk-kimi-PlantedKeyAbCdEf0123456789",
    "x-api-key: sk-kimi-PlantedKeyAbCdEf0123456789",
    "origin: http://evil.example",
    "content-type: text/html",
    "accept-encoding: gzip, br, *;q=0",
    "range: bytes=0-,5-1",
    ": nothing",
    "a\u{0}b: c",
];

fn one(random: &mut Random, input: &mut Vec<u8>) {
    let (line, body) = REQUESTS[random.below(REQUESTS.len())];
    let (mut method, mut path) = line.split_once(' ').unwrap_or((line, "/"));
    if random.one_in(6) {
        method = random.pick(METHODS);
    }
    if random.one_in(5) {
        path = random.pick(PATHS);
    }
    let mut body = body.as_bytes().to_vec();
    if !random.one_in(3) {
        json::change(random, &mut body);
    }
    if random.one_in(40) {
        body = vec![b' '; (1 << 20) + random.below(3)];
    }
    let mut head = format!("{method} {path} HTTP/1.{}\r\nhost: tidemark\r\n", usize::from(!random.one_in(9)));
    head.push_str("content-type: application/json\r\n");
    for _ in 0..random.below(3) * random.below(2) {
        head.push_str(random.pick(HEADERS));
        head.push_str("\r\n");
    }
    if random.one_in(50) {
        head.extend(["x-long: ", &"a".repeat(random.below(200_000)), "\r\n"]);
    }
    if random.one_in(5) {
        head.push_str("transfer-encoding: chunked\r\n\r\n");
        input.extend(head.into_bytes());
        for chunk in body.chunks(1 + random.below(40)) {
            input.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
            input.extend_from_slice(chunk);
            input.extend_from_slice(b"\r\n");
        }
        input.extend_from_slice(b"0\r\n\r\n");
    } else {
        head.extend(["content-length: ", &body.len().to_string(), "\r\n\r\n"]);
        input.extend(head.into_bytes());
        input.extend(body);
    }
}
