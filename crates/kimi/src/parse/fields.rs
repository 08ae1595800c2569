//! Fields: tolerant access to an object's members, noting the path of whatever could not be read.

use std::cell::{Cell, RefCell};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use tidemark_core::text;

use super::value::{self, Field};
use crate::redact;

/// The most paths that are noted of one body; a hostile one must not fill the memory.
const MAX_WARNINGS: usize = text::MAX_LISTED;

/// A path as it is shown: the names in it are the body's own, of any length, and can even be a key.
fn shown(path: &str) -> String {
    redact::text(&text::name(path))
}

/// The paths of what could not be read, in the order in which they were met, each once.
#[derive(Debug, Default)]
pub(crate) struct ParseWarnings {
    met: RefCell<Vec<String>>,
    /// How many more there were than are kept.
    more: Cell<usize>,
    damaged: Vec<String>,
}

impl ParseWarnings {
    /// Nothing met yet. `damaged` is what the body itself was mended in; it is named whoever reads it.
    pub(crate) fn of(damaged: Vec<String>) -> Self {
        Self { met: RefCell::default(), more: Cell::new(0), damaged }
    }

    pub(crate) fn add(&self, path: &str) {
        let mut paths = self.met.borrow_mut();
        let path = shown(path);
        if paths.contains(&path) {
            return;
        }
        if paths.len() < MAX_WARNINGS {
            paths.push(path);
        } else {
            self.more.set(self.more.get() + 1);
        }
    }

    pub(crate) fn into_paths(self) -> Vec<String> {
        let mut paths = self.met.into_inner();
        let mut more = self.more.get();
        for path in self.damaged {
            let path = shown(&path);
            // A part of something that is named already says nothing new.
            let named = paths.iter().any(|known| {
                path.strip_prefix(known.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            });
            if named {
                continue;
            }
            if paths.len() < MAX_WARNINGS {
                paths.push(path);
            } else {
                more += 1;
            }
        }
        if more > 0 {
            paths.push(format!("… {more}"));
        }
        paths
    }
}

/// Whether a key is a name: case, `_` and `-` do not matter, so that `reset_time` also finds `resetTime`.
pub(crate) fn is_named(key: &str, name: &str) -> bool {
    fn letters(text: &str) -> impl Iterator<Item = u8> {
        text.bytes().filter(|b| !matches!(b, b'_' | b'-')).map(|b| b.to_ascii_lowercase())
    }
    letters(key).eq(letters(name))
}

/// An object in a body, with the path that leads to it.
#[derive(Clone)]
pub(crate) struct Node<'a> {
    map: &'a Map<String, Value>,
    path: String,
    notes: &'a ParseWarnings,
}

impl<'a> Node<'a> {
    pub(crate) fn root(map: &'a Map<String, Value>, notes: &'a ParseWarnings) -> Self {
        Self { map, path: String::new(), notes }
    }

    /// The path of a member, for the list of unreadable parts.
    pub(crate) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub(crate) fn note(&self, key: &str) {
        self.notes.add(&self.path_of(key));
    }

    /// Notes the member that stands under one of the names.
    pub(crate) fn note_any(&self, names: &'a [&'a str]) {
        if let Some((key, _)) = self.raw(names) {
            self.note(key);
        }
    }

    /// Lists this object as unreadable.
    pub(crate) fn note_self(&self) {
        self.notes.add(&self.path);
    }

    /// The members that are not null, with their keys.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.map.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.as_str(), value))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.map.values().all(Value::is_null)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.map.iter().filter(|(_, value)| !value.is_null()).map(|(key, _)| key.as_str())
    }

    /// The members that bear one of the names and are not null, in the order of the names.
    fn members(&self, names: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let map = self.map;
        names.iter().flat_map(move |name| {
            map.iter()
                .filter(move |(key, value)| !value.is_null() && is_named(key, name))
                .map(|(key, value)| (key.as_str(), value))
        })
    }

    /// Whether something stands under one of the names.
    pub(crate) fn has(&self, names: &'a [&'a str]) -> bool {
        self.members(names).next().is_some()
    }

    /// Notes the first member under one of the names that is null, and says whether there is one. The service
    /// omits zeros; a null is none, but a figure that it does not know.
    pub(crate) fn note_null(&self, names: &'a [&'a str]) -> bool {
        let null = self
            .map
            .iter()
            .find(|(key, value)| value.is_null() && names.iter().any(|name| is_named(key, name)));
        if let Some((key, _)) = null {
            self.note(key);
        }
        null.is_some()
    }

    /// The first member under one of the names as it is.
    pub(crate) fn raw(&self, names: &'a [&'a str]) -> Option<(&'a str, &'a Value)> {
        self.members(names).next()
    }

    /// Reads the first readable member under one of the names, and notes those that are not.
    fn read<T>(&self, names: &'a [&'a str], read: impl Fn(&'a Value) -> Field<T>) -> Field<T> {
        let mut told = Field::Missing;
        for (key, value) in self.members(names) {
            match read(value) {
                Field::Known(value) => {
                    if !matches!(told, Field::Known(_)) {
                        told = Field::Known(value);
                    }
                }
                Field::Unreadable => {
                    self.note(key);
                    if told.is_missing() {
                        told = Field::Unreadable;
                    }
                }
                Field::Missing => {}
            }
        }
        told
    }

    pub(crate) fn number(&self, names: &'a [&'a str]) -> Field<Decimal> {
        self.read(names, value::number)
    }

    /// A number that may have a percent sign after it.
    pub(crate) fn percentage(&self, names: &'a [&'a str]) -> Field<Decimal> {
        self.read(names, value::percentage)
    }

    /// A whole number of at least 1; 0 and less is none.
    pub(crate) fn positive_count(&self, names: &'a [&'a str]) -> Option<u64> {
        self.read(names, value::positive_count).known().flatten()
    }

    pub(crate) fn switch(&self, names: &'a [&'a str]) -> Field<bool> {
        self.read(names, value::switch)
    }

    pub(crate) fn text(&self, names: &'a [&'a str]) -> Field<&'a str> {
        self.read(names, value::text)
    }

    pub(crate) fn instant(&self, names: &'a [&'a str]) -> Field<DateTime<Utc>> {
        self.read(names, value::instant)
    }

    /// An instant given as seconds from `at`.
    pub(crate) fn instant_after(&self, names: &'a [&'a str], at: DateTime<Utc>) -> Field<DateTime<Utc>> {
        self.read(names, |found| match value::seconds(found) {
            Field::Known(ahead) => at.checked_add_signed(ahead).map_or(Field::Unreadable, Field::Known),
            Field::Missing => Field::Missing,
            Field::Unreadable => Field::Unreadable,
        })
    }

    /// The object under one of the names; something else there is noted.
    pub(crate) fn object(&self, names: &'a [&'a str]) -> Option<Node<'a>> {
        let mut object = None;
        for (key, value) in self.members(names) {
            match value {
                Value::Object(map) => {
                    object =
                        object.or_else(|| Some(Node { map, path: self.path_of(key), notes: self.notes }));
                }
                _ => self.note(key),
            }
        }
        object
    }

    /// The object under exactly this key.
    pub(crate) fn member(&self, key: &str) -> Option<Node<'a>> {
        let map = self.map.get(key)?.as_object()?;
        Some(Node { map, path: self.path_of(key), notes: self.notes })
    }

    /// The object under one of the names, with its key; something else there is left to others.
    pub(crate) fn entry_if_any(&self, names: &'a [&'a str]) -> Option<(&'a str, Node<'a>)> {
        self.members(names).find_map(|(key, value)| {
            let map = value.as_object()?;
            Some((key, Node { map, path: self.path_of(key), notes: self.notes }))
        })
    }

    /// The object under one of the names; something else there is left to others.
    pub(crate) fn object_if_any(&self, names: &'a [&'a str]) -> Option<Node<'a>> {
        self.entry_if_any(names).map(|(_, node)| node)
    }

    /// The objects in the array under one of the names. An element that is no object is noted, as is
    /// something that is no array.
    pub(crate) fn objects(&self, names: &'a [&'a str]) -> Vec<Node<'a>> {
        let mut objects = Vec::new();
        for (key, value) in self.members(names) {
            let Value::Array(elements) = value else {
                self.note(key);
                continue;
            };
            for (index, element) in elements.iter().enumerate() {
                let path = format!("{}[{index}]", self.path_of(key));
                match element {
                    Value::Object(map) => objects.push(Node { map, path, notes: self.notes }),
                    Value::Null => {}
                    _ => self.notes.add(&path),
                }
            }
        }
        objects
    }
}

/// The kind of a JSON value, in a word.
pub(crate) const fn json_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "truth value",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_shows_no_key_and_every_usual_name() {
        for (path, expected) in [
            ("a.PlantedKeyAbCdEf0123456789", "…"),
            ("usages.limit_month_total.used_ratio", "usages.limit_month_total.used_ratio"),
            ("usages.limit_1y", "usages.limit_1y"),
            ("limits[0].detail.resetTime", "limits[0].detail.resetTime"),
            ("boosterWallet.balance.amountLeft", "boosterWallet.balance.amountLeft"),
            ("data.available_balance", "data.available_balance"),
        ] {
            let warnings = ParseWarnings::of(vec![path.to_owned()]);
            assert_eq!(warnings.into_paths(), [expected], "{path}");
            let warnings = ParseWarnings::default();
            warnings.add(path);
            assert_eq!(warnings.into_paths(), [expected], "{path}");
        }
    }
}
