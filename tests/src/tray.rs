//! The tray item of the program under test, as a panel sees it over the bus.

use std::collections::HashMap;

use zbus::zvariant::{OwnedValue, Structure, Value};

use crate::{COMES_UP, Desktop, wait_for};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// A tray item on the session's bus.
#[derive(Debug, Clone)]
pub struct TrayItem<'a> {
    desktop: &'a Desktop,
    owner: String,
    path: String,
    menu: String,
}

/// What a panel shows of the item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrayProps {
    /// The program's id.
    pub id: String,
    /// The title.
    pub title: String,
    /// `Active`, `Passive`, `NeedsAttention`.
    pub status: String,
    /// The icon's name in the icon theme; empty where it sends pixels.
    pub icon_name: String,
    /// Sizes of the icons sent as pixels.
    pub icon_sizes: Vec<(i32, i32)>,
    /// The tooltip's title.
    pub tooltip: String,
    /// The tooltip's text.
    pub tooltip_text: String,
}

/// An entry of the item's menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuEntry {
    /// Its number.
    pub id: i32,
    /// Its label, without the marks of access keys; empty for a separator.
    pub label: String,
    /// It can be clicked.
    pub enabled: bool,
    /// It is a line between entries.
    pub separator: bool,
    /// For a check mark or radio button: whether it is set.
    pub checked: Option<bool>,
    /// Its submenu.
    pub children: Vec<MenuEntry>,
}

impl Desktop {
    /// The first tray item that is registered; waits for it.
    ///
    /// # Panics
    /// Where none is registered in time.
    pub fn tray(&self) -> TrayItem<'_> {
        let item = wait_for("an item in the tray", COMES_UP, || self.tray_now(), Option::is_some);
        item.expect("it was waited for")
    }

    /// The first tray item that is registered at this moment.
    pub fn tray_now(&self) -> Option<TrayItem<'_>> {
        let items = self.get(WATCHER, WATCHER_PATH, WATCHER, "RegisteredStatusNotifierItems")?;
        let items = Vec::<String>::try_from(items).ok()?;
        let first = items.first()?;
        // A watcher gives `owner/path`, or the owner alone where the path is the usual one.
        let (owner, path) = match first.find('/') {
            Some(at) => (first[..at].to_owned(), first[at..].to_owned()),
            None => (first.clone(), "/StatusNotifierItem".to_owned()),
        };
        let menu = self.get(&owner, &path, ITEM, "Menu")?;
        let menu = zbus::zvariant::OwnedObjectPath::try_from(menu).ok()?.to_string();
        Some(TrayItem { desktop: self, owner, path, menu })
    }

    /// Whether a panel that shows tray items is at the watcher.
    pub fn tray_host_registered(&self) -> bool {
        self.get(WATCHER, WATCHER_PATH, WATCHER, "IsStatusNotifierHostRegistered")
            .is_some_and(|value| bool::try_from(value).unwrap_or(false))
    }

    /// A property, read again from the item: items announce their changes by signals of their own.
    fn get(&self, owner: &str, path: &str, interface: &str, name: &str) -> Option<OwnedValue> {
        self.bus()
            .call_method(
                Some(owner),
                path,
                Some("org.freedesktop.DBus.Properties"),
                "Get",
                &(interface, name),
            )
            .ok()?
            .body()
            .deserialize()
            .ok()
    }
}

impl TrayItem<'_> {
    /// What a panel shows.
    pub fn props(&self) -> TrayProps {
        let get = |name| self.desktop.get(&self.owner, &self.path, ITEM, name);
        let word = |name| get(name).and_then(|v| String::try_from(v).ok()).unwrap_or_default();
        let icons = get("IconPixmap").and_then(|v| Vec::<(i32, i32, Vec<u8>)>::try_from(v).ok());
        let (tooltip, tooltip_text) = get("ToolTip")
            .and_then(|value| <(String, Vec<(i32, i32, Vec<u8>)>, String, String)>::try_from(value).ok())
            .map(|(_, _, title, text)| (title, text))
            .unwrap_or_default();
        TrayProps {
            id: word("Id"),
            title: word("Title"),
            status: word("Status"),
            icon_name: word("IconName"),
            icon_sizes: icons.unwrap_or_default().into_iter().map(|(w, h, _)| (w, h)).collect(),
            tooltip,
            tooltip_text,
        }
    }

    /// The menu as it is now.
    ///
    /// # Panics
    /// Where the item does not answer.
    pub fn menu(&self) -> Vec<MenuEntry> {
        let reply = self
            .desktop
            .bus()
            .call_method(
                Some(self.owner.as_str()),
                self.menu.as_str(),
                Some(MENU),
                "GetLayout",
                &(0_i32, -1_i32, Vec::<&str>::new()),
            )
            .expect("the tray item's menu");
        let (_, (_, _, children)): (u32, Node) = reply.body().deserialize().expect("a menu's layout");
        children.into_iter().filter_map(|child| entry(child.into())).collect()
    }

    /// The labels of the menu's entries, separators left out, submenus after their entry.
    pub fn labels(&self) -> Vec<String> {
        flat(self.menu()).into_iter().filter(|e| !e.separator).map(|e| e.label).collect()
    }

    /// Clicks the entry with this label, also in a submenu.
    ///
    /// # Panics
    /// Where there is none, or it cannot be clicked.
    pub fn click(&self, label: &str) {
        let entries = flat(self.menu());
        let Some(entry) = entries.iter().find(|e| e.label == label) else {
            let labels: Vec<_> = entries.iter().map(|e| e.label.as_str()).collect();
            panic!("no entry {label:?} in the tray menu: {labels:?}");
        };
        assert!(entry.enabled, "{label:?} in the tray menu cannot be clicked");
        self.desktop
            .bus()
            .call_method(
                Some(self.owner.as_str()),
                self.menu.as_str(),
                Some(MENU),
                "Event",
                &(entry.id, "clicked", Value::from(0_i32), 0_u32),
            )
            .expect("the tray item takes a click on its menu");
    }

    /// A left click on the icon.
    ///
    /// # Panics
    /// Where the item does not answer.
    pub fn activate(&self) {
        self.desktop
            .bus()
            .call_method(
                Some(self.owner.as_str()),
                self.path.as_str(),
                Some(ITEM),
                "Activate",
                &(0_i32, 0_i32),
            )
            .expect("the tray item takes a click");
    }
}

/// A node of a menu's layout: its number, its properties, its children.
type Node = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

fn flat(entries: Vec<MenuEntry>) -> Vec<MenuEntry> {
    let mut all = Vec::new();
    for mut entry in entries {
        let children = std::mem::take(&mut entry.children);
        all.push(entry);
        all.extend(flat(children));
    }
    all
}

/// One node of a layout: `(id, properties, children)`.
fn entry(value: Value<'static>) -> Option<MenuEntry> {
    let value = match value {
        Value::Value(inner) => *inner,
        other => other,
    };
    let mut fields = Structure::try_from(value).ok()?.into_fields().into_iter();
    let id = i32::try_from(fields.next()?).ok()?;
    let props = HashMap::<String, Value<'static>>::try_from(fields.next()?).ok()?;
    let children = Vec::<Value<'static>>::try_from(fields.next()?).ok()?;
    let word = |name: &str| match props.get(name) {
        Some(Value::Str(text)) => text.to_string(),
        _ => String::new(),
    };
    let number = |name: &str| match props.get(name) {
        Some(Value::I32(number)) => Some(*number),
        _ => None,
    };
    Some(MenuEntry {
        id,
        label: without_access_key(&word("label")),
        enabled: !matches!(props.get("enabled"), Some(Value::Bool(false))),
        separator: word("type") == "separator",
        checked: (!word("toggle-type").is_empty()).then(|| number("toggle-state") == Some(1)),
        children: children.into_iter().filter_map(entry).collect(),
    })
}

/// In a label `_` marks the access key and `__` is an underscore.
fn without_access_key(label: &str) -> String {
    let mut plain = String::with_capacity(label.len());
    let mut letters = label.chars();
    while let Some(letter) = letters.next() {
        if letter == '_' {
            plain.extend(letters.next());
        } else {
            plain.push(letter);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_keys_are_left_out_of_labels() {
        for (label, plain) in [("_Quit", "Quit"), ("a__b", "a_b"), ("5h  44 %", "5h  44 %"), ("end_", "end")]
        {
            assert_eq!(without_access_key(label), plain);
        }
    }
}
