//! The tray's menu on systems that show a menu of their own: macOS and Windows.

use std::collections::HashMap;
use std::mem::discriminant;

use tray_icon::menu::{Menu, MenuId, MenuItem, PredefinedMenuItem};

use super::action::Action;
use super::model::Row;

/// A menu, and what its entries stand for.
pub struct TrayMenu {
    menu: Menu,
    rows: Vec<Row>,
    /// For each row; a line between groups has none.
    items: Vec<Option<MenuItem>>,
    actions: HashMap<MenuId, Action>,
}

impl TrayMenu {
    /// A menu of these rows.
    pub fn new(rows: Vec<Row>) -> Self {
        let menu = Menu::new();
        let mut items = Vec::with_capacity(rows.len());
        let mut actions = HashMap::new();
        for row in &rows {
            let item = match row {
                Row::Separator => None,
                Row::Note(text) => Some(MenuItem::new(label(text), false, None)),
                Row::Choice { text, .. } => Some(MenuItem::new(label(text), true, None)),
            };
            let added = match &item {
                Some(item) => menu.append(item),
                None => menu.append(&PredefinedMenuItem::separator()),
            };
            if let Err(error) = added {
                tracing::warn!(%error, "a row of the tray's menu is missing");
            }
            if let (Some(item), Row::Choice { action, .. }) = (&item, row) {
                actions.insert(item.id().clone(), action.clone());
            }
            items.push(item);
        }
        Self { menu, rows, items, actions }
    }

    /// The menu itself, to be handed to the system.
    pub fn menu(&self) -> Menu {
        self.menu.clone()
    }

    /// What an entry stands for.
    pub fn action(&self, id: &MenuId) -> Option<&Action> {
        self.actions.get(id)
    }

    /// Changes texts and actions in place, so that a menu that is open stays open. Whether that is possible: these rows
    /// are of the same kinds as those before.
    pub fn update(&mut self, rows: &[Row]) -> bool {
        let same_kinds = rows.len() == self.rows.len()
            && rows.iter().zip(&self.rows).all(|(new, old)| discriminant(new) == discriminant(old));
        if !same_kinds {
            return false;
        }
        for ((new, old), item) in rows.iter().zip(&mut self.rows).zip(&self.items) {
            if let Some(item) = item
                && new != old
            {
                match new {
                    Row::Choice { text, action } => {
                        item.set_text(label(text));
                        self.actions.insert(item.id().clone(), action.clone());
                    }
                    Row::Note(text) => item.set_text(label(text)),
                    Row::Separator => {}
                }
                old.clone_from(new);
            }
        }
        true
    }
}

/// An ampersand marks the next letter as an access key; two are one.
fn label(text: &str) -> String {
    text.replace('&', "&&")
}
