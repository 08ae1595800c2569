//! A file that is written while the history is read, and sent while it is written.

use std::io::{self, Write};
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::Stream;
use tidemark_monitor::Engine;
use tidemark_store::{Store, StoreError};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

/// What is sent at a time, in bytes.
const BLOCK_LEN: usize = 60 << 10;
/// A reader that takes nothing for so long is gone, whatever its connection says.
const READER_TIMEOUT: Duration = Duration::from_mins(1);
/// How many blocks may wait for the reader: memory stays bounded however slow it is.
const MAX_WAITING_BLOCKS: usize = 16;

/// Why a file was not written to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum DownloadError {
    /// The history cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The client has closed the connection.
    #[error(transparent)]
    Write(#[from] io::Error),
}

/// The body of a file that `write` writes, on a thread and a connection of its own, so that no one waits behind
/// it. All that it reads is of one moment. A file that cannot be written to its end is cut off.
pub(super) fn body(
    engine: Engine,
    write: impl FnOnce(&Store, &mut dyn Write) -> Result<(), DownloadError> + Send + 'static,
) -> Body {
    let (sender, blocks) = mpsc::channel(MAX_WAITING_BLOCKS);
    let (end, ended) = oneshot::channel();
    tokio::spawn(async move {
        let mut out = Blocks { block: Vec::new(), sender, runtime: Handle::current() };
        let written = engine
            .read_apart(move |store| {
                let written = store.at_one_moment(|store| {
                    write(store, &mut out)?;
                    out.flush().map_err(DownloadError::Write)
                });
                match written {
                    Ok(()) => Ok(Ok(())),
                    Err(DownloadError::Store(error)) => Err(error),
                    Err(DownloadError::Write(error)) => Ok(Err(error.to_string())),
                }
            })
            .await;
        // If the reader has gone, this has no receiver.
        let _ = end.send(written.unwrap_or_else(|error| Err(error.to_string())));
    });
    Body::from_stream(stream(blocks, ended))
}

/// The blocks, and behind them an error where the file was not written to its end: a body that is cut off shows the
/// reader that something is missing. How it ended has a channel of its own, since a reader that stopped leaves no
/// room among the blocks.
fn stream(
    blocks: mpsc::Receiver<Bytes>,
    ended: oneshot::Receiver<Result<(), String>>,
) -> impl Stream<Item = io::Result<Bytes>> {
    futures_util::stream::unfold(Some((blocks, ended)), |state| async move {
        let (mut blocks, ended) = state?;
        if let Some(block) = blocks.recv().await {
            return Some((Ok(block), Some((blocks, ended))));
        }
        let why = match ended.await {
            Ok(Ok(())) => return None,
            Ok(Err(why)) => why,
            Err(_) => "the file was not written to its end".to_owned(),
        };
        Some((Err(io::Error::other(why)), None))
    })
}

/// What is written, on its way to a reader that may be slow.
struct Blocks {
    block: Vec<u8>,
    sender: mpsc::Sender<Bytes>,
    runtime: Handle,
}

impl Write for Blocks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.block.extend_from_slice(bytes);
        if self.block.len() >= BLOCK_LEN {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        let block = Bytes::from(std::mem::take(&mut self.block));
        let sent = self.sender.send_timeout(block, READER_TIMEOUT);
        // This runs on a thread that may wait.
        self.runtime
            .block_on(sent)
            .map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the reader took nothing for too long"))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;

    use super::*;

    /// What a reader is sent that begins to read only after the writer has ended.
    async fn read_late(ended: Result<(), String>) -> Vec<io::Result<Bytes>> {
        let (sender, blocks) = mpsc::channel(MAX_WAITING_BLOCKS);
        let (end, end_seen) = oneshot::channel();
        while sender.try_send(Bytes::from_static(b"block")).is_ok() {}
        drop(sender);
        end.send(ended).unwrap();
        stream(blocks, end_seen).collect().await
    }

    #[tokio::test]
    async fn a_reader_that_stopped_for_too_long_gets_a_file_that_is_cut_off() {
        let mut sent = read_late(Err("the reader took nothing for too long".to_owned())).await;
        assert!(sent.pop().unwrap().is_err(), "it does not pass for a whole file");
        assert_eq!(sent.iter().filter(|block| block.is_ok()).count(), MAX_WAITING_BLOCKS);
        let whole = read_late(Ok(())).await;
        assert!(whole.len() == MAX_WAITING_BLOCKS && whole.iter().all(Result::is_ok));
    }
}
