//! Desktop notifications: the alerts that the engine decided on are shown, and it records which were.
//!
//! An alert is marked as being delivered before it is shown, so that a crash in between shows it at most
//! once; one that could not be shown stays due. A click opens the window at the account.

#[cfg(any(target_os = "macos", test))]
mod click_id;
#[cfg(target_os = "macos")]
mod macos;
mod text;
mod timeout;
#[cfg(windows)]
mod toast;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tidemark_monitor::{Engine, EngineError, EngineEvent, has_waited};
use tidemark_store::DueAlert;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::timeout::SERVICE_TIMEOUT;
use crate::i18n::Catalog;
use crate::tray::Action;
use text::Notice;
pub use text::notice_of;

/// How often to check for alerts whose time has come: after quiet hours, or after a failure.
const POLL_INTERVAL: Duration = Duration::from_secs(30);
/// How long a notification that is being shown may still take when the agent ends: less than the agent waits.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);
/// Notifications whose click is waited for. An older one can still be read; its click then does nothing.
const MAX_OPEN: usize = 12;

/// Delivers alerts until `stop`.
pub async fn run(
    engine: Engine,
    words: watch::Receiver<Arc<Catalog>>,
    actions: mpsc::UnboundedSender<Action>,
    stop: CancellationToken,
) {
    let mut events = engine.events();
    let mut open = Open::default();
    let mut unnoted = Vec::new();
    #[cfg(target_os = "macos")]
    follow_clicks(&actions);
    loop {
        let now = words.borrow().clone();
        let mut service = NotificationService { words: &now, open: &mut open, actions: &actions };
        deliver_due(&engine, &now, &stop, &mut service, &mut unnoted).await;
        if stop.is_cancelled() {
            return;
        }
        let pause = tokio::time::sleep(POLL_INTERVAL);
        tokio::pin!(pause);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = &mut pause => break,
                event = events.recv() => match event {
                    Ok(EngineEvent::Alerts | EngineEvent::Settings) | Err(RecvError::Lagged(_)) => break,
                    Ok(_) => {}
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }
}

/// What shows notifications.
trait Service: Send {
    /// What stays of one that is shown.
    type Shown: Send;

    /// Shows one that is about an account; says why it could not.
    fn show(
        &mut self,
        notice: Notice,
        account: i64,
    ) -> impl Future<Output = Result<Self::Shown, String>> + Send;

    /// Has a click on one lead to an account.
    fn lead_to(&mut self, shown: Self::Shown, account: i64);
}

/// The desktop's own.
struct NotificationService<'a> {
    words: &'a Catalog,
    open: &'a mut Open,
    actions: &'a mpsc::UnboundedSender<Action>,
}

impl Service for NotificationService<'_> {
    type Shown = Shown;

    fn show(&mut self, notice: Notice, account: i64) -> impl Future<Output = Result<Shown, String>> + Send {
        let words = self.words;
        async move { show(&notice, Some(account), words).await }
    }

    fn lead_to(&mut self, shown: Shown, account: i64) {
        self.open.wait_for_click(shown, account, self.actions.clone());
    }
}

/// An alert of which the disk refused to note what became of it: shown, not shown, or broken off.
type Unnoted = (DueAlert, Option<Result<(), String>>);

/// Delivers what is due, one after the other. At `stop` the one that is being shown has a moment left; where that
/// is not enough it is put back, so that the next run shows it.
async fn deliver_due(
    engine: &Engine,
    words: &Catalog,
    stop: &CancellationToken,
    service: &mut impl Service,
    unnoted: &mut Vec<Unnoted>,
) {
    // While the disk refuses, nothing else is shown: it would be shown again at the next start.
    while let Some((alert, shown)) = unnoted.last() {
        if let Err(error) = note_outcome(engine, alert, shown.as_ref()).await {
            tracing::warn!(%error, "it could not be noted what became of an alert");
            return;
        }
        unnoted.pop();
    }
    let due = match engine.due_alerts().await {
        Ok(due) => due,
        Err(error) => {
            tracing::warn!(%error, "due alerts could not be read");
            return;
        }
    };
    for batch in batches(due, engine.now()) {
        if stop.is_cancelled() {
            return;
        }
        let mut notices = Vec::new();
        let mut taken = Vec::new();
        for alert in batch {
            let zone = engine.settings().timezone;
            let name = engine.account(alert.account).map(|account| account.name);
            let Ok(name) = name else { continue };
            match engine.alert_delivering(alert.id).await {
                Ok(true) => {}
                // Another delivery shows it, or has.
                Ok(false) => continue,
                Err(error) => {
                    tracing::warn!(%error, "an alert could not be marked; it is not shown");
                    break;
                }
            }
            notices.push(notice_of(&alert.alert, &name, words, zone, engine.now()));
            taken.push(alert);
        }
        let Some(first) = taken.first() else { continue };
        let account = first.account.0;
        let notice = digest(notices, words);
        let outcome = tokio::select! {
            outcome = service.show(notice, account) => Some(outcome),
            () = stopped_for(stop, STOP_TIMEOUT) => None,
        };
        let has_failed = matches!(outcome, Some(Err(_)));
        let shown = match outcome {
            Some(Ok(handle)) => {
                service.lead_to(handle, account);
                Some(Ok(()))
            }
            Some(Err(why)) => Some(Err(why)),
            None => None,
        };
        let mut is_noted = true;
        for alert in taken {
            if let Err(error) = note_outcome(engine, &alert, shown.as_ref()).await {
                tracing::warn!(%error, "it could not be noted what became of an alert");
                unnoted.push((alert, shown.clone()));
                is_noted = false;
            }
        }
        if has_failed || !is_noted {
            // The rest would fail too.
            return;
        }
    }
}

/// Notes what became of an alert: shown, not shown, or broken off because the agent ends.
async fn note_outcome(
    engine: &Engine,
    alert: &DueAlert,
    shown: Option<&Result<(), String>>,
) -> Result<(), EngineError> {
    let (id, account, key) = (alert.id, alert.account.0, &alert.alert.key);
    match shown {
        Some(Ok(())) => {
            tracing::info!(account, key, "notified");
            engine.alert_delivered(id).await
        }
        Some(Err(why)) => {
            tracing::warn!(account, key, why, "a notification was not shown");
            engine.alert_failed(id).await
        }
        None => {
            tracing::info!(account, key, "the agent ends; an alert is put back");
            engine.write(move |store| store.alert_put_back(id)).await
        }
    }
}

/// What is shown together: several alerts that have waited in one notification, the newest first; each of the
/// others by itself.
fn batches(due: Vec<DueAlert>, now: DateTime<Utc>) -> Vec<Vec<DueAlert>> {
    let (mut waited, fresh): (Vec<_>, Vec<_>) = due.into_iter().partition(|alert| has_waited(alert, now));
    waited.reverse();
    let waited = (!waited.is_empty()).then_some(waited);
    waited.into_iter().chain(fresh.into_iter().map(|alert| vec![alert])).collect()
}

/// Several notices in one; a single one as it is.
fn digest(mut notices: Vec<Notice>, words: &Catalog) -> Notice {
    if notices.len() == 1 {
        return notices.swap_remove(0);
    }
    let title = words.with("notify-digest", [("count", notices.len().into())]);
    let lines: Vec<String> = notices.into_iter().map(|notice| notice.title).collect();
    Notice { title, body: lines.join("\n") }
}

/// Resolves when `stop` was so long ago.
async fn stopped_for(stop: &CancellationToken, time: Duration) {
    stop.cancelled().await;
    tokio::time::sleep(time).await;
}

/// Shows a test notification.
pub async fn show_test(words: &Catalog) -> Result<(), String> {
    let notice = Notice { title: words.text("notify-test"), body: words.text("notify-test-body") };
    show(&notice, None, words).await.map(drop)
}

/// Shows that there is a newer version.
pub async fn show_update(words: &Catalog, version: &str) -> Result<(), String> {
    let title = words.with("notify-update", [("version", version.into())]);
    show(&Notice { title, body: words.text("notify-update-body") }, None, words).await.map(drop)
}

/// Shows that a channel fails.
pub async fn show_channel_failed(words: &Catalog, name: &str, why: &str) -> Result<(), String> {
    let title = words.with("channel-failed", [("name", name.into())]);
    show(&Notice { title, body: why.to_owned() }, None, words).await.map(drop)
}

/// What stays of a notification that is shown.
#[cfg(target_os = "linux")]
type Shown = notify_rust::NotificationHandle;
#[cfg(windows)]
type Shown = toast::Shown;
#[cfg(target_os = "macos")]
type Shown = ();

#[cfg(target_os = "linux")]
async fn show(notice: &Notice, _account: Option<i64>, words: &Catalog) -> Result<Shown, String> {
    let notification = notify_rust::Notification::new()
        .appname("Tidemark")
        .summary(&notice.title)
        .body(&escaped(&notice.body))
        .icon("tidemark-desktop")
        .hint(notify_rust::Hint::DesktopEntry("Tidemark".to_owned()))
        .action("default", &words.text("notify-open"))
        .finalize();
    match tokio::time::timeout(SERVICE_TIMEOUT, notification.show_async()).await {
        Ok(Ok(handle)) => Ok(handle),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => {
            Err(format!("the notification service did not answer within {} s", SERVICE_TIMEOUT.as_secs()))
        }
    }
}

#[cfg(windows)]
async fn show(notice: &Notice, _account: Option<i64>, _words: &Catalog) -> Result<Shown, String> {
    let (title, body) = (notice.title.clone(), notice.body.clone());
    let shown = tokio::task::spawn_blocking(move || toast::show(&title, &body));
    match tokio::time::timeout(SERVICE_TIMEOUT, shown).await {
        Ok(Ok(shown)) => shown,
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the notification service did not answer".to_owned()),
    }
}

#[cfg(target_os = "macos")]
async fn show(notice: &Notice, account: Option<i64>, _words: &Catalog) -> Result<Shown, String> {
    let (title, body) = (notice.title.clone(), notice.body.clone());
    // It waits for the user's permission and for the system, as long as the service has each time.
    let shown = tokio::task::spawn_blocking(move || macos::show(&title, &body, account));
    match tokio::time::timeout(SERVICE_TIMEOUT * 3, shown).await {
        Ok(Ok(shown)) => shown,
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the notification service did not answer".to_owned()),
    }
}

/// Has clicks on notifications reported, before the event loop of the process's first thread runs.
#[cfg(target_os = "macos")]
pub fn listen_for_clicks() {
    macos::listen();
}

/// Opens the window at the account of each notification that is clicked, also of one that an earlier run has shown;
/// and asks for the permission to show any.
#[cfg(target_os = "macos")]
fn follow_clicks(actions: &mpsc::UnboundedSender<Action>) {
    tokio::task::spawn_blocking(macos::ask_for_permission);
    let Some(mut clicks) = macos::take_clicks() else { return };
    let actions = actions.clone();
    tokio::spawn(async move {
        while let Some(account) = clicks.recv().await {
            if actions.send(Action::Open { account, token: None }).is_err() {
                return; // the agent ends
            }
        }
    });
}

/// A body is read as markup by most services.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "other systems read no markup"))]
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The notifications whose click is waited for: tasks, not threads, and not more than [`MAX_OPEN`].
#[derive(Default)]
struct Open {
    waiting: VecDeque<JoinHandle<()>>,
}

impl Open {
    #[cfg(target_os = "linux")]
    fn wait_for_click(&mut self, shown: Shown, account: i64, actions: mpsc::UnboundedSender<Action>) {
        use notify_rust::NotificationResponse as Response;
        self.make_room();
        self.waiting.push_back(tokio::spawn(async move {
            shown
                .wait_for_action_async(|response| {
                    if matches!(response, Response::Default | Response::Action(_)) {
                        // There is no receiver any more while the agent ends.
                        let _ = actions.send(Action::Open { account: Some(account), token: None });
                    }
                })
                .await;
        }));
    }

    #[cfg(windows)]
    fn wait_for_click(&mut self, shown: Shown, account: i64, actions: mpsc::UnboundedSender<Action>) {
        self.make_room();
        self.waiting.push_back(tokio::spawn(async move {
            if shown.clicked().await {
                // There is no receiver any more while the agent ends.
                let _ = actions.send(Action::Open { account: Some(account), token: None });
            }
        }));
    }

    /// Clicks come by another way, for as long as a notification is there.
    #[cfg(target_os = "macos")]
    #[allow(
        clippy::unused_self,
        clippy::needless_pass_by_value,
        reason = "the same call as on other systems"
    )]
    fn wait_for_click(&mut self, (): Shown, _account: i64, _actions: mpsc::UnboundedSender<Action>) {}

    #[cfg_attr(target_os = "macos", allow(dead_code, reason = "clicks come by another way there"))]
    fn make_room(&mut self) {
        self.waiting.retain(|task| !task.is_finished());
        while self.waiting.len() >= MAX_OPEN {
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
    use crate::test_engine::test_engine;

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
        assert_eq!(open.waiting.len(), MAX_OPEN);
    }

    /// An engine with alerts that are due.
    fn engine_with_alerts(folder: &std::path::Path, keys: &[&str]) -> Engine {
        use chrono::Utc;
        use tidemark_core::alert::{Alert, AlertKind};
        use tidemark_core::step::{AccountState, Outcome};
        use tidemark_core::{Credential, Failure, FailureKind, Meter, Region, Source};
        use tidemark_store::AnalysisResult;
        let now = Utc::now();
        let store = tidemark_store::Store::open(folder, now).unwrap();
        let account = tidemark_store::NewAccount {
            name: "work".to_owned(),
            source: Source::KimiCode,
            region: Region::China,
            base_url: None,
            credential: Credential::Environment { name: "NO_SUCH_KEY_HERE".to_owned() },
        };
        let account = store.add_account(account, now).unwrap();
        let alert = |key: &&str| Alert {
            key: (*key).to_owned(),
            at: now,
            kind: AlertKind::Threshold {
                meter: Meter::FiveHour,
                threshold: 75.into(),
                used: 76.into(),
                resets_at: None,
            },
            announcement: None,
        };
        let alerts: Vec<Alert> = keys.iter().map(alert).collect();
        let failure = Failure::new(FailureKind::Unauthorized, "no");
        let failed = store.record_failure(account.id, now, &failure).unwrap();
        let outcome = Outcome { alerts, ..Outcome::default() };
        let state = AccountState::new().to_stored().unwrap();
        store.record_analysis(account.id, failed, &AnalysisResult::new(outcome, state)).unwrap();
        drop(store);
        test_engine(folder)
    }

    type Showing = std::pin::Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

    /// A service that answers as given, and counts what it was shown.
    struct Counting<F> {
        show: F,
        shown: usize,
    }

    impl<F: FnMut() -> Showing + Send> Service for Counting<F> {
        type Shown = ();

        fn show(&mut self, _: Notice, _: i64) -> impl Future<Output = Result<(), String>> + Send {
            (self.show)()
        }

        fn lead_to(&mut self, (): (), _: i64) {
            self.shown += 1;
        }
    }

    /// Delivers by a service; says how many were shown.
    async fn deliver(
        engine: &Engine,
        stop: &CancellationToken,
        show: impl FnMut() -> Showing + Send,
    ) -> usize {
        let mut service = Counting { show, shown: 0 };
        deliver_due(engine, &words(), stop, &mut service, &mut Vec::new()).await;
        service.shown
    }

    fn words() -> Catalog {
        Catalog::new(crate::i18n::Language::English)
    }

    #[tokio::test]
    async fn an_alert_whose_delivery_a_stop_breaks_off_is_due_again() {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine_with_alerts(folder.path(), &["a"]);
        let stop = CancellationToken::new();
        let never_shown = || -> Showing {
            stop.cancel();
            Box::pin(std::future::pending())
        };
        let alert = engine.due_alerts().await.unwrap().remove(0);
        assert_eq!(deliver(&engine, &stop, never_shown).await, 0);
        assert_eq!(engine.due_alerts().await.unwrap(), [alert]);
    }

    #[tokio::test]
    async fn a_delivery_that_is_under_way_at_a_stop_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine_with_alerts(folder.path(), &["a"]);
        let stop = CancellationToken::new();
        let slow = || -> Showing {
            stop.cancel();
            Box::pin(async {
                tokio::time::sleep(STOP_TIMEOUT / 10).await;
                Ok(())
            })
        };
        let shown = deliver(&engine, &stop, slow).await;
        assert_eq!((shown, engine.due_alerts().await.unwrap()), (1, Vec::new()));
    }

    #[tokio::test]
    async fn what_has_waited_is_one_notification_with_the_newest_first() {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine_with_alerts(folder.path(), &["a", "b", "c"]);
        let mut due = engine.due_alerts().await.unwrap();
        let now = engine.now();
        for (alert, minutes) in due.iter_mut().zip([300, 200, 1]) {
            alert.alert.at = now - chrono::TimeDelta::minutes(minutes);
        }
        let keys: Vec<Vec<String>> = batches(due, now)
            .into_iter()
            .map(|batch| batch.into_iter().map(|alert| alert.alert.key).collect())
            .collect();
        assert_eq!(keys, [vec!["b", "a"], vec!["c"]]);
        let notice = |title: &str| Notice { title: title.to_owned(), body: "left out".to_owned() };
        let one = digest(vec![notice("b")], &words());
        assert_eq!(one, notice("b"));
        let both = digest(vec![notice("b"), notice("a")], &words());
        assert_eq!(both.body, "b\na");
        assert!(both.title.contains('2'), "{both:?}");
    }

    #[tokio::test]
    async fn an_alert_that_another_took_is_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine_with_alerts(folder.path(), &["a", "b"]);
        let second = engine.due_alerts().await.unwrap()[1].id;
        // While the first is being shown, another delivery takes the second.
        let taken = || -> Showing {
            let engine = engine.clone();
            Box::pin(async move {
                assert!(engine.alert_delivering(second).await.unwrap(), "only the first is shown here");
                Ok(())
            })
        };
        assert_eq!(deliver(&engine, &CancellationToken::new(), taken).await, 1);
    }
}
