//! The receiver and clients that keep to nothing.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tidemark_intake::receiver::{ListenError, MAX_BODY_LEN, NotKept, Received, Receiver, Sink};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

#[derive(Default)]
struct Counting {
    taken: AtomicU64,
    refused: AtomicU64,
    is_full: bool,
}

impl Sink for Counting {
    fn take(&self, received: Received) -> Pin<Box<dyn Future<Output = Result<u64, NotKept>> + Send + '_>> {
        let decoded = received.decode().is_ok();
        Box::pin(async move {
            if !decoded {
                return Err(NotKept::NotUnderstood);
            }
            if self.is_full {
                return Err(NotKept::Later);
            }
            self.taken.fetch_add(1, Ordering::Relaxed);
            Ok(0)
        })
    }

    fn refused(&self, _: &'static str) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }
}

async fn started(sink: Arc<Counting>) -> (SocketAddr, CancellationToken, tokio::task::JoinHandle<()>) {
    let receiver = Receiver::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let (address, end) = (receiver.address(), CancellationToken::new());
    let serving = tokio::spawn(receiver.serve(sink, end.clone()));
    (address, end, serving)
}

/// Sends bytes and gives the first line of the answer; nothing if the connection was closed.
async fn answer(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server that has answered may have closed its end.
    let _ = stream.write_all(request).await;
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(read) = stream.read(&mut buffer).await {
        text.extend_from_slice(&buffer[..read]);
        if read == 0 || text.windows(4).any(|end| end == b"\r\n\r\n") {
            break;
        }
    }
    String::from_utf8_lossy(&text).lines().next().unwrap_or_default().to_owned()
}

fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nHost: localhost:4318\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
        .into()
}

const JSON: &str = "Content-Type: application/json\r\n";

#[tokio::test]
async fn each_request_has_the_answer_that_its_exporter_understands() {
    let sink = Arc::new(Counting::default());
    let (address, end, serving) = started(sink.clone()).await;
    let with_host = |host: &str| {
        format!("POST /v1/metrics HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n{JSON}\r\n{{}}")
            .into_bytes()
    };
    for (request, status) in [
        (post("/v1/metrics", JSON, "{}"), "200"),
        (post("/v1/metrics", "Content-Type: application/json; charset=utf-8\r\n", "{}"), "200"),
        (post("/v1/metrics", "Content-Type: application/x-protobuf\r\n", ""), "200"),
        (post("/v1/logs", JSON, "whatever it is"), "200"),
        (post("/v1/traces", "Content-Type: application/x-protobuf\r\n", "x"), "200"),
        (post("/v1/metrics", JSON, "{\"resourceMetrics\":7}"), "400"),
        (post("/v1/metrics", &format!("{JSON}Content-Encoding: gzip\r\n"), "no gzip"), "400"),
        (post("/v1/metrics", &format!("{JSON}Content-Encoding: br\r\n"), "{}"), "415"),
        (post("/v1/metrics", "Content-Type: text/plain\r\n", "{}"), "415"),
        (post("/v1/metrics", "", "{}"), "415"),
        (post("/v1/metrics", &format!("{JSON}Origin: https://example.org\r\n"), "{}"), "403"),
        (post("/v1/imagined", JSON, "{}"), "404"),
        (with_host("rebound.example.org:4318"), "403"),
        (with_host("127.0.0.1:4318"), "200"),
        (with_host("[::1]:4318"), "200"),
        (with_host("127.0.0.1.example.org"), "403"),
        (b"GET /v1/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(), "405"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 no http\r\n\r\n".to_vec(), "400"),
    ] {
        let line = answer(address, &request).await;
        assert!(line.contains(status), "{status}: {line} for {}", String::from_utf8_lossy(&request));
    }
    assert_eq!(sink.taken.load(Ordering::Relaxed), 5);
    end.cancel();
    serving.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "it is closed");
}

#[tokio::test]
async fn what_is_too_large_is_refused_also_if_it_came_small() {
    let sink = Arc::new(Counting::default());
    let (address, end, _serving) = started(sink.clone()).await;
    let head = |length: usize, encoding: &str| {
        format!(
            "POST /v1/metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{JSON}{encoding}\r\n"
        )
    };
    // Refused by what it says, before it comes.
    assert!(answer(address, head(MAX_BODY_LEN + 1, "").as_bytes()).await.contains("413"));
    // Without a length, at the bound.
    let mut endless =
        format!("POST /v1/metrics HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n{JSON}\r\n");
    let chunk = "x".repeat(64 << 10);
    for _ in 0..40 {
        endless.extend(["10000\r\n", &chunk, "\r\n"]);
    }
    assert!(answer(address, endless.as_bytes()).await.contains("413"));
    // Much of nothing, compressed.
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        std::io::Write::write_all(&mut bomb, &vec![b' '; 1 << 20]).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < MAX_BODY_LEN);
    let mut request = head(bomb.len(), "Content-Encoding: gzip\r\n").into_bytes();
    request.extend(bomb);
    assert!(answer(address, &request).await.contains("413"));
    assert_eq!((sink.taken.load(Ordering::Relaxed), sink.refused.load(Ordering::Relaxed)), (0, 3));
    end.cancel();
}

#[tokio::test(start_paused = true)]
async fn heads_and_bodies_that_do_not_end_are_not_waited_for() {
    let sink = Arc::new(Counting::default());
    let (address, end, _serving) = started(sink.clone()).await;
    // More than there is room for, each with half a head, and one with half a body.
    let mut slow = Vec::new();
    for _ in 0..40 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"POST /v1/metrics HTTP/1.1\r\nHost: loc").await.unwrap();
        slow.push(stream);
    }
    let body = format!("POST /v1/metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n{JSON}\r\n{{}}");
    assert!(answer(address, body.as_bytes()).await.contains("408"));
    assert!(answer(address, &post("/v1/metrics", JSON, "{}")).await.contains("200"));
    end.cancel();
}

#[tokio::test]
async fn what_cannot_be_kept_is_to_be_sent_again() {
    let sink = Arc::new(Counting { is_full: true, ..Counting::default() });
    let (address, end, _serving) = started(sink).await;
    assert!(answer(address, &post("/v1/metrics", JSON, "{}")).await.contains("503"));
    end.cancel();
}

#[tokio::test]
async fn only_loopback_is_listened_on_and_a_port_that_is_taken_is_said() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.7:4318"] {
        let error = Receiver::listen(address.parse().unwrap()).await.unwrap_err();
        assert!(matches!(error, ListenError::NotLoopback(_)), "{error}");
    }
    let first = Receiver::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let error = Receiver::listen(first.address()).await.unwrap_err();
    assert!(matches!(error, ListenError::Io { .. }), "{error}");
}
