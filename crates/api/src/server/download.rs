//! A file that is written while the history is read, and sent while it is written.

use std::io::{self, Write};
use std::time::Duration;

use axum::body::{Body, Bytes};
use tidemark_monitor::Engine;
use tidemark_store::{Store, StoreError};
use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender;

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
    /// The reader has gone.
    #[error(transparent)]
    Write(#[from] io::Error),
}

/// The body of a file that `write` writes, on a thread and a connection of its own, so that no one waits behind
/// it. All that it reads is of one moment. A file that cannot be written to its end is cut off.
pub(super) fn body(
    engine: Engine,
    write: impl FnOnce(&Store, &mut dyn Write) -> Result<(), DownloadError> + Send + 'static,
) -> Body {
    let (blocks, read) = tokio::sync::mpsc::channel::<io::Result<Bytes>>(MAX_WAITING_BLOCKS);
    tokio::spawn(async move {
        let mut out = Blocks { block: Vec::new(), sender: blocks.clone(), runtime: Handle::current() };
        let done = engine
            .read_apart(move |store| {
                let written = store.at_one_moment(|store| {
                    write(store, &mut out)?;
                    out.flush().map_err(DownloadError::Write)
                });
                match written {
                    Ok(()) => Ok(None),
                    Err(DownloadError::Store(error)) => Err(error),
                    Err(DownloadError::Write(error)) => Ok(Some(error.to_string())),
                }
            })
            .await;
        let broken = match done {
            Ok(None) => return,
            Ok(Some(error)) => error,
            Err(error) => error.to_string(),
        };
        // A cut-off body shows the reader that something is missing. If the reader has gone, the error has no receiver.
        let _ = blocks.try_send(Err(io::Error::other(broken)));
    });
    Body::from_stream(futures_util::stream::unfold(read, |mut read| async move {
        let next = read.recv().await?;
        Some((next, read))
    }))
}

/// What is written, on its way to a reader that may be slow.
struct Blocks {
    block: Vec<u8>,
    sender: Sender<io::Result<Bytes>>,
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
        let sent = self.sender.send_timeout(Ok(block), READER_TIMEOUT);
        // This runs on a thread that may wait.
        self.runtime
            .block_on(sent)
            .map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the reader took nothing for too long"))
    }
}
