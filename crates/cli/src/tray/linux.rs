//! The tray on Linux: a StatusNotifierItem over D-Bus, without a toolkit.
//!
//! `ksni` serves the item and registers it again when the watcher comes back. What it does not report is
//! watched here: whether a host shows icons at all, and whether the bus itself is still there.

use std::time::Duration;

use futures_util::StreamExt as _;
use ksni::TrayMethods as _;
use ksni::menu::{MenuItem, StandardItem};
use tidemark_monitor::TrayState;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use zbus::fdo::{DBusProxy, PropertiesProxy};
use zbus::message::Type;
use zbus::names::{BusName, InterfaceName};
use zbus::zvariant::OwnedValue;
use zbus::{Connection, MatchRule, MessageStream};

use super::action::Action;
use super::icon::{SIZES, argb};
use super::input::TrayInput;
use super::model::{Row, TrayModel};
use crate::flatpak;

/// Keeps one item at a time for each program, by the specification of the item's host.
const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
/// Pause between two checks for a host: not every watcher signals its arrival.
const RECHECK: Duration = Duration::from_secs(30);
/// Between two attempts to reach the bus, at first and at most.
const FIRST_WAIT: Duration = Duration::from_secs(2);
const MAX_WAIT: Duration = Duration::from_mins(1);
/// How often the watcher's list is read before the item is made again, and how long between two times.
const LOOKS_FOR_ITEM: u32 = 5;
const LISTED_SOON: Duration = Duration::from_millis(400);
/// How long the item may take to leave the panel before it is left behind.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

/// Keeps an icon on the panel until `stop`: now, or when a panel appears, or when the bus comes back.
pub async fn run(
    mut showing: watch::Receiver<TrayInput>,
    actions: mpsc::UnboundedSender<Action>,
    report: impl Fn(TrayState) + Send + Sync + 'static,
    stop: CancellationToken,
) {
    let mut wait = FIRST_WAIT;
    loop {
        match session(&mut showing, &actions, &report, &stop).await {
            Ok(()) => return,
            Err(error) => tracing::info!(%error, "no tray: the session bus is not there"),
        }
        report(TrayState::NoHost);
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        wait = (wait * 2).min(MAX_WAIT);
    }
}

/// One life of the bus. Ends well when asked to stop, and with an error when the bus is not there or goes.
async fn session(
    showing: &mut watch::Receiver<TrayInput>,
    actions: &mpsc::UnboundedSender<Action>,
    report: &(impl Fn(TrayState) + Send + Sync),
    stop: &CancellationToken,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let connection = Connection::session().await?;
    let bus = DBusProxy::new(&connection).await?;
    let mut owners = bus.receive_name_owner_changed_with_args(&[(0, WATCHER)]).await?;
    let rule = MatchRule::builder().msg_type(Type::Signal).interface(WATCHER)?.build();
    let mut hosts = MessageStream::for_match_rule(rule, &connection, None).await?;
    let item = Item { showing: showing.borrow_and_update().clone(), actions: actions.clone() };
    // In a Flatpak an item may have no name of its own on the bus, and is known by its connection.
    let sandboxed = flatpak::is_inside();
    let handle = item.assume_sni_available(true).disable_dbus_name(sandboxed).spawn().await?;
    let mut unlisted = 0;
    let ended = loop {
        let mut state = host(&connection, &bus).await;
        // A watcher that has just come may not have heard the item's call yet; it is then made again.
        unlisted = if state == TrayState::Shown && !sandboxed && !is_listed(&connection, &bus).await {
            unlisted + 1
        } else {
            0
        };
        if unlisted > 0 {
            state = TrayState::NoHost;
        }
        if unlisted == LOOKS_FOR_ITEM {
            break Err("the panel did not take the item".into());
        }
        report(state);
        tokio::select! {
            () = stop.cancelled() => break Ok(()),
            changed = showing.changed() => {
                if changed.is_err() {
                    break Ok(());
                }
                let new = showing.borrow_and_update().clone();
                if handle.update(|item| item.showing = new).await.is_none() {
                    break Err("the tray item ended".into());
                }
            }
            owner = owners.next() => {
                if owner.is_none() {
                    break Err("the connection closed".into());
                }
            }
            signal = hosts.next() => {
                if !matches!(signal, Some(Ok(_))) {
                    break Err("the connection closed".into());
                }
            }
            () = tokio::time::sleep(if unlisted > 0 { LISTED_SOON } else { RECHECK }),
                if state != TrayState::Shown => {}
        }
    };
    // The item is ended in every case: otherwise it would wait for its bus without end.
    let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, handle.shutdown()).await;
    ended
}

/// Whether a panel shows icons: a watcher is there, and says that a host has registered with it.
async fn host(connection: &Connection, bus: &DBusProxy<'_>) -> TrayState {
    let shown = async {
        // Asked first, so that the question does not start a watcher that no one wanted.
        if !bus.name_has_owner(BusName::try_from(WATCHER).ok()?).await.ok()? {
            return None;
        }
        bool::try_from(ask_watcher(connection, "IsStatusNotifierHostRegistered").await?).ok()
    };
    if shown.await.unwrap_or(false) { TrayState::Shown } else { TrayState::NoHost }
}

/// A property of the watcher; `None` where it does not answer.
async fn ask_watcher(connection: &Connection, property: &str) -> Option<OwnedValue> {
    let properties = PropertiesProxy::builder(connection)
        .destination(WATCHER)
        .ok()?
        .path(WATCHER_PATH)
        .ok()?
        .build()
        .await
        .ok()?;
    properties.get(InterfaceName::try_from(WATCHER).ok()?, property).await.ok()
}

/// Whether the watcher lists an item of this process. Where that is unknown, it counts as listed. It cannot be asked in
/// a Flatpak: the bus knows this process by another number than its own.
async fn is_listed(connection: &Connection, bus: &DBusProxy<'_>) -> bool {
    let items = ask_watcher(connection, "RegisteredStatusNotifierItems").await;
    let Some(items) = items.and_then(|value| Vec::<String>::try_from(value).ok()) else { return true };
    let own = std::process::id();
    for item in items {
        // Watchers name items by a bus name, most with the item's path behind it.
        let name = item.split('/').next().unwrap_or_default().to_owned();
        let Ok(name) = BusName::try_from(name) else { continue };
        if bus.get_connection_unix_process_id(name).await.is_ok_and(|pid| pid == own) {
            return true;
        }
    }
    false
}

struct Item {
    showing: TrayInput,
    actions: mpsc::UnboundedSender<Action>,
}

impl Item {
    /// Worked out again each time, so that countdowns are right when the menu opens.
    fn model(&self) -> TrayModel {
        self.showing.model()
    }

    fn action(&self, action: &Action) {
        let action = match action {
            Action::Open { account, .. } => {
                Action::Open { account: *account, token: ksni::current_xdg_activation_token() }
            }
            other => other.clone(),
        };
        // There is no receiver any more while the agent ends; then nothing is to be done.
        let _ = self.actions.send(action);
    }
}

/// In menus an underscore marks the next letter as an access key; two are one.
fn label(text: &str) -> String {
    text.replace('_', "__")
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        "dev.tidemark.Tidemark".to_owned()
    }

    fn title(&self) -> String {
        "Tidemark".to_owned()
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.action(&Action::Open { account: None, token: None });
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        let level = self.model().level;
        let icon = |size: u32| ksni::Icon {
            width: size.cast_signed(),
            height: size.cast_signed(),
            data: argb(size, &level),
        };
        SIZES.map(icon).to_vec()
    }

    fn tool_tip(&self) -> ksni::ToolTip {
        let face = self.model();
        ksni::ToolTip { title: face.title, description: markup(&face.tooltip), ..ksni::ToolTip::default() }
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.model()
            .rows
            .into_iter()
            .map(|row| match row {
                Row::Separator => MenuItem::Separator,
                Row::Note(text) => {
                    StandardItem { label: label(&text), enabled: false, ..StandardItem::default() }.into()
                }
                Row::Choice { text, action } => StandardItem {
                    label: label(&text),
                    activate: Box::new(move |item: &mut Self| item.action(&action)),
                    ..StandardItem::default()
                }
                .into(),
            })
            .collect()
    }

    // Empty, so that `ksni` asks for the menu again when it is about to be shown.
    fn menu_about_to_show(&mut self) {}
}

/// A text for a place that reads markup.
fn markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn underscores_and_markup_are_shown_as_they_are() {
        assert_eq!(label("my_work"), "my__work");
        assert_eq!(markup("a<b>&c"), "a&lt;b&gt;&amp;c");
    }
}
