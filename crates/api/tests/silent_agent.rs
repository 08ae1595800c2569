//! An agent that hangs: whoever asks it gives up after a time, also in the middle of a file or of the events.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt as _;
use tidemark_api::client::{Client, ClientError};
use tidemark_api::paths;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixListener;
use tokio::sync::mpsc;

/// An agent that takes requests, sends so much of an answer, says that it has, and hangs.
fn hanging_agent(data_dir: &Path, answer: &'static str) -> (Client, mpsc::UnboundedReceiver<()>) {
    let socket = paths::socket(data_dir);
    std::fs::create_dir_all(socket.parent().unwrap()).unwrap();
    let listener = UnixListener::bind(socket).unwrap();
    let (hangs, hanging) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut open = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            open.push(stream);
            hangs.send(()).unwrap();
        }
    });
    (Client::for_data_dir(data_dir), hanging)
}

/// Waits by a clock that runs on at once while all are waiting. Only for what waits for nothing but the clock: what
/// is on its way over a socket is no reason for it to stand still.
async fn at_once<T>(waiting: impl Future<Output = T>) -> T {
    tokio::time::pause();
    let ended = waiting.await;
    tokio::time::resume();
    ended
}

#[tokio::test]
async fn a_request_to_an_agent_that_hangs_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let (client, mut hanging) = hanging_agent(folder.path(), "");
    for path in ["/v1/overview", "/v1/export", "/v1/events"] {
        let client = client.clone();
        let asked = tokio::spawn(async move {
            match path {
                "/v1/export" => client.download(path).await.map(drop),
                "/v1/events" => client.events().await.map(drop),
                _ => client.request("GET", path, None).await.map(drop),
            }
        });
        hanging.recv().await.unwrap();
        let ended = at_once(asked).await.unwrap();
        assert!(matches!(ended, Err(ClientError::Timeout(_))), "{path}: {ended:?}");
    }
}

#[tokio::test]
async fn a_poll_of_many_accounts_has_time() {
    let folder = tempfile::tempdir().unwrap();
    let (client, mut hanging) = hanging_agent(folder.path(), "");
    let asked = tokio::spawn(async move { client.poll().await });
    hanging.recv().await.unwrap();
    // Four at once, each kept waiting for a quarter of a minute.
    let of_many_accounts = Duration::from_secs(15) * 40 / 4;
    let ended = at_once(asked).await.unwrap();
    assert!(matches!(&ended, Err(ClientError::Timeout(time)) if *time > of_many_accounts), "{ended:?}");
}

#[tokio::test]
async fn a_file_that_stops_coming_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nthe beginning";
    let (client, _hanging) = hanging_agent(folder.path(), answer);
    let (status, mut blocks) = client.download("/v1/export").await.unwrap();
    assert_eq!((status, blocks.next().await.unwrap().unwrap().as_ref()), (200, &b"the beginning"[..]));
    assert!(matches!(at_once(blocks.next()).await, Some(Err(ClientError::Timeout(_)))));
    assert!(blocks.next().await.is_none());
}

#[tokio::test]
async fn events_without_a_sign_of_life_end() {
    let folder = tempfile::tempdir().unwrap();
    let answer =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 1000\r\n\r\n: here\n\n";
    let (client, _hanging) = hanging_agent(folder.path(), answer);
    let mut events = Box::pin(client.events().await.unwrap());
    assert!(matches!(at_once(events.next()).await, Some(Err(ClientError::Timeout(_)))));
    assert!(events.next().await.is_none());
}
