//! The notification of a newer version: one for each version.

use std::sync::Arc;
use std::time::Duration;

use tidemark_monitor::Engine;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::i18n::Catalog;
use crate::notify;

/// How often it is checked whether quiet hours are over.
const POLL_INTERVAL: Duration = Duration::from_mins(5);

/// Notifies the user of newer versions until `stop`.
pub async fn run(engine: Engine, words: watch::Receiver<Arc<Catalog>>, stop: CancellationToken) {
    let mut events = engine.events();
    loop {
        if let Some(version) = engine.update_to_mention().await {
            let now = words.borrow().clone();
            if let Err(why) = notify::show_update(&now, &version.to_string()).await {
                tracing::warn!(why, "a newer version was not notified of");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(POLL_INTERVAL) => {}
            event = events.recv() => match event {
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
        }
    }
}
