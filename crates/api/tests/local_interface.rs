//! The interface under those who should not be there: other users' folders, half-sent requests, too many connections.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

#[cfg(unix)]
use std::os::unix::fs::PermissionsExt as _;
#[cfg(unix)]
use std::path::Path;

use axum::Router;
use axum::routing::{get, post};
use tidemark_api::client::{Client, ClientError};
use tidemark_api::paths;
use tidemark_api::server::{Page, WebOptions, serve_local, serve_web};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixListener;

#[cfg(unix)]
fn with_mode(path: &Path, mode: u32) {
    std::fs::create_dir_all(path).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn router() -> Router {
    Router::new()
        .route("/v1/ping", get(|| async { "1" }))
        .route("/v1/body", post(|body: String| async move { body }))
}

/// Windows's own choice lets everybody read from a pipe, so it says of one made by that choice that it may be
/// another's. A pipe of another user cannot be made in a test.
#[cfg(windows)]
#[tokio::test]
async fn nothing_is_sent_to_a_pipe_that_others_can_open() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("data");
    let pipe = tokio::net::windows::named_pipe::ServerOptions::new().create(paths::pipe(&data)).unwrap();
    let client = Client::for_data_dir(&data);
    let refused = client.request("POST", "/v1/accounts", None).await;
    assert!(matches!(&refused, Err(ClientError::NotOurs(_))), "{refused:?}");
    drop(pipe);
    // That a name is taken, Windows says and Wine does not.
    let serving = serve_local(&data, router(), std::future::pending()).await.unwrap();
    tokio::spawn(serving);
    for _ in 0..3 {
        let answer = Client::for_data_dir(&data).request("GET", "/v1/ping", None).await.unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, &b"1"[..]));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn nothing_is_sent_to_a_socket_that_others_could_have_laid() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("data");
    for (mode, spoken_to) in [(0o777, false), (0o1777, false), (0o702, false), (0o755, true), (0o700, true)] {
        with_mode(&data, mode);
        let socket = paths::socket(&data);
        let _ = std::fs::remove_file(&socket);
        let listener = UnixListener::bind(&socket).unwrap();
        let client = Client::for_data_dir(&data);
        if spoken_to {
            let asked = tokio::spawn(async move { client.request("GET", "/v1/agent", None).await });
            listener.accept().await.unwrap();
            asked.abort();
        } else {
            let refused = client.request("POST", "/v1/accounts", None).await;
            assert!(matches!(&refused, Err(ClientError::NotOurs(_))), "{mode:o}: {refused:?}");
            assert!(!client.is_running().await);
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_folder_of_the_socket_is_closed_before_the_socket_is_in_it() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("data");
    with_mode(&data, 0o777);
    std::fs::write(data.join("something"), "").unwrap();
    let serving = serve_local(&data, router(), std::future::pending()).await.unwrap();
    assert_eq!((mode(&data), mode(&data.join("agent.sock"))), (0o700, 0o600));
    tokio::spawn(serving);
    let answer = Client::for_data_dir(&data).request("GET", "/v1/ping", None).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"1"[..]));
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_below_one_that_others_can_exchange_is_refused() {
    let root = tempfile::tempdir().unwrap();
    with_mode(&root.path().join("above"), 0o777);
    let refused = serve_local(&root.path().join("above/data"), router(), std::future::pending()).await;
    assert!(refused.is_err());
}

async fn web() -> std::net::SocketAddr {
    let options = WebOptions::on_loopback(([127, 0, 0, 1], 0).into(), "token", Page::None);
    let (web, serving) = serve_web(options, router(), std::future::pending()).await.unwrap();
    tokio::spawn(serving);
    web.address
}

/// Reads to the end by a clock that runs on while nothing happens.
async fn rest(stream: &mut TcpStream) -> String {
    tokio::time::pause();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    tokio::time::resume();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn a_head_that_does_not_end_is_not_waited_for() {
    let address = web().await;
    for begun in ["", "GET /v1/ping HTTP/1.1\r\nHost: x\r\n"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        let answer = rest(&mut stream).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_end_is_not_waited_for() {
    let address = web().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1/body HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer token\r\nConnection: close\r\nContent-Length: 9\r\n\r\nhalf"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test]
async fn who_has_no_token_keeps_no_connection() {
    let address = web().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("GET /v1/ping HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
}

#[tokio::test]
async fn connections_that_do_nothing_leave_the_socket_its_own() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("data");
    tokio::spawn(serve_local(&data, router(), std::future::pending()).await.unwrap());
    let address = web().await;
    let mut open = Vec::new();
    // More than are taken at once, fewer than the system lets wait.
    for _ in 0..150 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        open.push(stream);
    }
    let answer = Client::for_data_dir(&data).request("GET", "/v1/ping", None).await.unwrap();
    assert_eq!(answer.status, 200);
    drop(open);
    let mut stream = TcpStream::connect(address).await.unwrap();
    let asked = format!(
        "GET /v1/ping HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer token\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
