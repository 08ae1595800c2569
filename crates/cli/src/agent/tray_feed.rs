//! What the tray shows, brought to it whenever it changes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tidemark_api::server::overview;
use tidemark_api::view;
use tidemark_monitor::{Engine, EngineEvent, TrayState};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::i18n::Catalog;
use crate::tray::{self, Action, TrayInput};

/// Events come in bursts; the tray follows once they have calmed down.
const CALM: Duration = Duration::from_millis(300);
/// How soon the history is asked again where it did not answer.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);

/// Shows a tray icon, and keeps it up to date until `stop`. Also where the history does not answer just now: the
/// icon is there then with what can be done from it, and follows as soon as it does.
pub async fn begin(
    engine: &Engine,
    around: &TaskTracker,
    words: watch::Receiver<Arc<Catalog>>,
    actions: mpsc::UnboundedSender<Action>,
    stop: &CancellationToken,
) {
    engine.set_tray(TrayState::NoHost);
    let first = showing(engine, &words).await.unwrap_or_else(|| empty(engine, &words));
    let (show, shown) = watch::channel(first);
    let reporting = engine.clone();
    let report = move |state: TrayState| reporting.set_tray(state);
    around.spawn(tray::run(shown, actions, report, stop.clone()));
    around.spawn(follow_overview(engine.clone(), words, show, stop.clone()));
}

/// What the tray shows at this moment; nothing where the history does not answer.
async fn showing(engine: &Engine, words: &watch::Receiver<Arc<Catalog>>) -> Option<TrayInput> {
    match overview(engine).await {
        Ok(overview) => Some(TrayInput {
            overview: Arc::new(overview),
            received: Instant::now(),
            words: words.borrow().clone(),
            zone: engine.settings().timezone,
            is_empty: false,
        }),
        Err(error) => {
            tracing::warn!(%error, "the tray could not be brought up to date");
            None
        }
    }
}

/// What the tray shows while nothing can be had: no account, and what can be done in any case.
fn empty(engine: &Engine, words: &watch::Receiver<Arc<Catalog>>) -> TrayInput {
    let zone = engine.settings().timezone;
    let overview = view::Overview {
        now: engine.now(),
        accounts: Vec::new(),
        agent: view::AgentState {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            demo: engine.is_demo(),
            paused_until: None,
            tray: view::TrayState::NoHost,
            notifications: view::NotificationState::Working,
            keyring: view::KeyringState::Unknown,
            timezone: zone.name().to_owned(),
            trouble: None,
            update: None,
        },
        service: Vec::new(),
    };
    TrayInput {
        overview: Arc::new(overview),
        received: Instant::now(),
        words: words.borrow().clone(),
        zone,
        is_empty: true,
    }
}

async fn follow_overview(
    engine: Engine,
    mut words: watch::Receiver<Arc<Catalog>>,
    show: watch::Sender<TrayInput>,
    stop: CancellationToken,
) {
    let mut events = engine.events();
    let mut failed = show.borrow().is_empty;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(RETRY_INTERVAL), if failed => {}
            changed = words.changed() => if changed.is_err() { return },
            event = events.recv() => match event {
                Ok(EngineEvent::Overview | EngineEvent::Settings) | Err(RecvError::Lagged(_)) => {}
                Ok(_) => continue,
                Err(RecvError::Closed) => return,
            },
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(CALM) => {}
        }
        // Whatever came meanwhile is part of what is asked now.
        events = events.resubscribe();
        let new = showing(&engine, &words).await;
        failed = new.is_none();
        if let Some(new) = new {
            // The state of the tray itself is part of the overview, and must not make the tray change.
            show.send_if_modified(|old| {
                let same = old.same_model(&new);
                *old = new;
                !same
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;
    use crate::test_engine::test_engine;
    use crate::tray::model::Row;

    #[tokio::test]
    async fn the_tray_starts_where_the_history_does_not_answer_and_follows_once_it_does() {
        let folder = tempfile::tempdir().unwrap();
        let account = tidemark_store::NewAccount {
            name: "work".to_owned(),
            source: tidemark_core::Source::Platform,
            region: tidemark_core::Region::Global,
            base_url: None,
            credential: tidemark_core::Credential::Environment { name: "NO_SUCH_KEY_HERE".to_owned() },
        };
        let store = tidemark_store::Store::open(folder.path(), chrono::Utc::now()).unwrap();
        store.add_account(account, chrono::Utc::now()).unwrap();
        drop(store);
        let engine = test_engine(folder.path());
        let (_words, words) = watch::channel(Arc::new(Catalog::new(Language::English)));
        let database = rusqlite::Connection::open(folder.path().join("tidemark.db")).unwrap();
        database.execute_batch("ALTER TABLE finding RENAME TO away").unwrap();
        assert!(showing(&engine, &words).await.is_none(), "the history does not answer");
        let first = empty(&engine, &words);
        let actions: Vec<Action> = first
            .model()
            .rows
            .into_iter()
            .filter_map(|row| match row {
                Row::Choice { action, .. } => Some(action),
                _ => None,
            })
            .collect();
        assert!(
            actions.contains(&Action::Quit) && actions.contains(&Action::Open { account: None, token: None })
        );

        database.execute_batch("ALTER TABLE away RENAME TO finding").unwrap();
        let (show, mut shown) = watch::channel(first);
        let stop = CancellationToken::new();
        let following = tokio::spawn(follow_overview(engine, words, show, stop.clone()));
        let followed = shown.wait_for(|showing| showing.overview.accounts.len() == 1).await.unwrap().is_empty;
        assert!(!followed);
        stop.cancel();
        following.await.unwrap();
    }
}
