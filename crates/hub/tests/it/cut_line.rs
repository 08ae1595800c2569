//! A line to the server that breaks after so many bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tidemark_hub::DatabaseUrl;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Which bytes are counted.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    /// What is asked: the server does not hear it.
    There,
    /// What is answered: the server has done it.
    Back,
}

/// The address of a line that breaks once, for all its connections, after so many bytes on one way.
pub async fn cut_after(url: &DatabaseUrl, way: Way, bytes: i64) -> DatabaseUrl {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = url.port();
    let left = Arc::new(AtomicI64::new(bytes));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else { return };
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            let unlimited = Arc::new(AtomicI64::new(i64::MAX));
            let (there, back) = match way {
                Way::There => (Arc::clone(&left), unlimited),
                Way::Back => (unlimited, Arc::clone(&left)),
            };
            let there = tokio::spawn(passed_on(from_client, to_server, there));
            let back = tokio::spawn(passed_on(from_server, to_client, back));
            tokio::spawn(async move {
                // The end of one way is the end of both.
                let (there_ends, back_ends) = (there.abort_handle(), back.abort_handle());
                tokio::select! { _ = there => back_ends.abort(), _ = back => there_ends.abort() }
            });
        }
    });
    url.as_str().replace(&format!(":{server}/"), &format!(":{port}/")).parse().unwrap()
}

async fn passed_on(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, left: Arc<AtomicI64>) {
    let mut buffer = vec![0; 4096];
    while let Ok(len @ 1..) = from.read(&mut buffer).await {
        if left.fetch_sub(i64::try_from(len).unwrap(), Ordering::SeqCst) < i64::try_from(len).unwrap() {
            return;
        }
        if to.write_all(&buffer[..len]).await.is_err() {
            return;
        }
    }
}
