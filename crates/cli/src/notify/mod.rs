//! Desktop notifications: the alerts that the engine decided on are shown, and it is told which were.
//!
//! An alert is marked as being delivered before it is shown, so that a crash in between shows it at most
//! once; one that could not be shown stays due. A click opens the window at the account.

mod text;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tidemark_monitor::{Engine, EngineEvent};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::i18n::Words;
use crate::tray::Wish;
use text::{Notice, notice};

/// How often to look for alerts whose time has come: after quiet hours, or after a failure.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// How long a notification service may take before it counts as absent.
const PATIENCE: Duration = Duration::from_secs(10);
/// Notifications whose click is waited for. An older one can still be read; its click then does nothing.
const MOST_OPEN: usize = 12;

/// Delivers alerts until `stop`.
pub async fn run(
    engine: Engine,
    words: watch::Receiver<Arc<Words>>,
    wishes: mpsc::UnboundedSender<Wish>,
    stop: CancellationToken,
) {
    let mut events = engine.events();
    let mut open = Open::default();
    loop {
        let deliver = async {
            let words = words.borrow().clone();
            deliver_due(&engine, &words, &wishes, &mut open).await;
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = deliver => {}
        }
        let look_again = tokio::time::sleep(LOOK_AGAIN);
        tokio::pin!(look_again);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = &mut look_again => break,
                event = events.recv() => match event {
                    Ok(EngineEvent::Alerts | EngineEvent::Settings) | Err(RecvError::Lagged(_)) => break,
                    Ok(_) => {}
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }
}

async fn deliver_due(engine: &Engine, words: &Words, wishes: &mpsc::UnboundedSender<Wish>, open: &mut Open) {
    let due = match engine.due_alerts().await {
        Ok(due) => due,
        Err(error) => {
            tracing::warn!(%error, "due alerts could not be read");
            return;
        }
    };
    for alert in due {
        let zone = engine.settings().timezone;
        let name = engine.account(alert.account).map(|account| account.name);
        let Ok(name) = name else { continue };
        let notice = notice(&alert.alert.kind, &name, words, zone, engine.now());
        if let Err(error) = engine.alert_delivering(alert.id).await {
            tracing::warn!(%error, "an alert could not be marked; it is not shown");
            return;
        }
        let account = alert.account.0;
        let told = match show(&notice, words).await {
            Ok(shown) => {
                tracing::info!(account, key = alert.alert.key, "notified");
                open.wait_for_click(shown, account, wishes.clone());
                engine.alert_delivered(alert.id).await
            }
            Err(why) => {
                tracing::info!(account, %why, "a notification could not be shown; it stays due");
                let failed = engine.alert_failed(alert.id).await;
                if let Err(error) = failed {
                    tracing::warn!(%error, "an alert could not be put back");
                }
                // The others would fail alike.
                return;
            }
        };
        if let Err(error) = told {
            tracing::warn!(%error, "an alert could not be marked as shown");
        }
    }
}

/// Shows a notification that says what notifications look like.
pub async fn show_test(words: &Words) -> Result<(), String> {
    let notice = Notice { title: words.text("notify-test"), body: words.text("notify-test-body") };
    show(&notice, words).await.map(drop)
}

/// What stays of a notification that is shown.
#[cfg(target_os = "linux")]
type Shown = notify_rust::NotificationHandle;
#[cfg(not(target_os = "linux"))]
type Shown = ();

#[cfg(target_os = "linux")]
async fn show(notice: &Notice, words: &Words) -> Result<Shown, String> {
    let notification = notify_rust::Notification::new()
        .appname("Tidemark")
        .summary(&notice.title)
        .body(&escaped(&notice.body))
        .icon("tidemark-desktop")
        .hint(notify_rust::Hint::DesktopEntry("Tidemark".to_owned()))
        .action("default", &words.text("notify-open"))
        .finalize();
    match tokio::time::timeout(PATIENCE, notification.show_async()).await {
        Ok(Ok(handle)) => Ok(handle),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("the notification service did not answer within {} s", PATIENCE.as_secs())),
    }
}

/// Untested: written from the documentation of `notify-rust`, whose part for these systems tells of no click.
#[cfg(not(target_os = "linux"))]
async fn show(notice: &Notice, _words: &Words) -> Result<Shown, String> {
    let notification = notify_rust::Notification::new()
        .appname("Tidemark")
        .summary(&notice.title)
        .body(&notice.body)
        .finalize();
    let shown = tokio::task::spawn_blocking(move || notification.show().map(drop));
    match tokio::time::timeout(PATIENCE, shown).await {
        Ok(Ok(Ok(()))) => Ok(()),
        Ok(Ok(Err(error))) => Err(error.to_string()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the notification service did not answer".to_owned()),
    }
}

/// A body is read as markup by most services.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "other systems read no markup"))]
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The notifications whose click is waited for: tasks, not threads, and not more than [`MOST_OPEN`].
#[derive(Default)]
struct Open {
    waiting: VecDeque<JoinHandle<()>>,
}

impl Open {
    #[cfg(target_os = "linux")]
    fn wait_for_click(&mut self, shown: Shown, account: i64, wishes: mpsc::UnboundedSender<Wish>) {
        use notify_rust::NotificationResponse as Response;
        self.make_room();
        self.waiting.push_back(tokio::spawn(async move {
            shown
                .wait_for_action_async(|response| {
                    if matches!(response, Response::Default | Response::Action(_)) {
                        // Nobody listens any more while the agent ends.
                        let _ = wishes.send(Wish::Open { account: Some(account), token: None });
                    }
                })
                .await;
        }));
    }

    #[cfg(not(target_os = "linux"))]
    fn wait_for_click(&mut self, (): Shown, _account: i64, _wishes: mpsc::UnboundedSender<Wish>) {
        self.make_room();
    }

    fn make_room(&mut self) {
        self.waiting.retain(|task| !task.is_finished());
        while self.waiting.len() >= MOST_OPEN {
            if let Some(oldest) = self.waiting.pop_front() {
                oldest.abort();
            }
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        for task in &self.waiting {
            task.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_shown_as_it_was_written() {
        assert_eq!(escaped("a <b> & c"), "a &lt;b&gt; &amp; c");
    }

    #[tokio::test]
    async fn only_the_newest_are_waited_for() {
        let mut open = Open::default();
        for _ in 0..40 {
            open.make_room();
            open.waiting.push_back(tokio::spawn(std::future::pending()));
        }
        assert_eq!(open.waiting.len(), MOST_OPEN);
    }
}
