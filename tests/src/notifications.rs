//! What the session's notification daemon was given.

use serde_json::Value;

use crate::Desktop;

/// A notification, as the daemon kept it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The daemon's number.
    pub id: i64,
    /// The name of the program that sent it.
    pub app: String,
    /// The title.
    pub summary: String,
    /// The text below, with markup.
    pub body: String,
}

impl Desktop {
    /// All notifications so far, oldest first. This closes those on the screen: the daemon lists only closed
    /// ones.
    ///
    /// # Panics
    /// If no daemon runs.
    pub fn notifications(&self) -> Vec<Notification> {
        self.run("dunstctl", &["close-all"]);
        let text = self.run("dunstctl", &["history"]);
        let mut found = parse_history(&text);
        // By number, not by time of closing: several are closed in one moment.
        found.sort_by_key(|notification| notification.id);
        found
    }

    /// How many are on the screen.
    ///
    /// # Panics
    /// Where no daemon runs, or it answers no number.
    pub fn notifications_shown(&self) -> usize {
        self.run("dunstctl", &["count", "displayed"]).trim().parse().expect("a number of notifications")
    }

    /// Clicks the newest notification on the screen: its sender hears of its default action. Those above it
    /// are closed first, because the daemon can click only its first one.
    ///
    /// # Panics
    /// If no daemon runs, or nothing is on the screen.
    pub fn click_notification(&self) {
        assert!(self.notifications_shown() > 0, "no notification is on the screen");
        for id in 1_u32.. {
            if self.notifications_shown() == 1 {
                break;
            }
            self.bus()
                .call_method(
                    Some("org.freedesktop.Notifications"),
                    "/org/freedesktop/Notifications",
                    Some("org.freedesktop.Notifications"),
                    "CloseNotification",
                    &id,
                )
                .expect("the daemon closes a notification");
        }
        self.run("dunstctl", &["action", "0"]);
    }

    /// Presses one of a notification's named buttons: its sender hears of that action.
    ///
    /// # Panics
    /// Where the bus does not take the signal.
    pub fn press_notification_button(&self, id: i64, action: &str) {
        // dunst offers named buttons only through a menu program, so the daemon's own signal is sent.
        let id = format!("uint32:{id}");
        let action = format!("string:{action}");
        self.run(
            "dbus-send",
            &[
                "--session",
                "--type=signal",
                "/org/freedesktop/Notifications",
                "org.freedesktop.Notifications.ActionInvoked",
                &id,
                &action,
            ],
        );
    }
}

/// Reads `dunstctl history`: `{"data":[[{"summary":{"data":"…"},…},…]]}`.
fn parse_history(text: &str) -> Vec<Notification> {
    let history: Value =
        serde_json::from_str(text).unwrap_or_else(|e| panic!("dunst's history: {e}: {text}"));
    let word = |entry: &Value, name: &str| entry[name]["data"].as_str().unwrap_or_default().to_owned();
    history["data"][0]
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| Notification {
            id: entry["id"]["data"].as_i64().unwrap_or_default(),
            app: word(entry, "appname"),
            summary: word(entry, "summary"),
            body: word(entry, "body"),
        })
        .collect()
}
