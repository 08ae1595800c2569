//! What wants this process to end.

use std::io;

use tokio::sync::oneshot;

/// Resolves when the user or the system wants this process to end.
#[cfg(unix)]
pub async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()];
    let mut signals: Vec<_> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
    if signals.is_empty() {
        return std::future::pending().await;
    }
    futures_util::future::select_all(signals.iter_mut().map(|signal| Box::pin(signal.recv()))).await;
}

#[cfg(windows)]
pub async fn stopped() {
    // Without it the system ends this process itself.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Resolves when standard input ends, as it does with the process that started this one. Where it cannot be watched, never.
pub async fn stdin_ended() {
    let (ended, end) = oneshot::channel();
    // A thread of its own: a read of standard input cannot be given up, and must not keep the end waiting.
    let watching = std::thread::Builder::new().name("tidemark-stdin".to_owned()).spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = ended.send(());
    });
    if let Err(error) = &watching {
        tracing::warn!(%error, "standard input cannot be watched");
    }
    if watching.is_err() || end.await.is_err() {
        std::future::pending::<()>().await;
    }
}
