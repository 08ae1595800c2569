//! Figures of a quota where none is known: so that a quota which the service shows in a new place is named, and not taken
//! for one that does not exist.

use serde_json::Value;

use super::fields::{Node, is_named};
use super::value::{self, Field};

/// The members that show that an object is about a quota.
const FIGURES: [&str; 12] = [
    "limit",
    "used",
    "remaining",
    "used_ratio",
    "ratio",
    "usage_ratio",
    "remaining_ratio",
    "used_percent",
    "used_percentage",
    "percent",
    "usage_percent",
    "remaining_percent",
];

/// Words in the name of a figure that stands alone.
const WORDS: [&str; 8] = ["limit", "quota", "used", "usage", "remaining", "ratio", "percent", "allowance"];

/// Whether a member seems to be a quota, or the figure of one.
pub(super) fn is_quota(key: &str, value: &Value) -> bool {
    let key = key.to_ascii_lowercase();
    let of_time = ["at", "time", "date", "id"].iter().any(|end| key.ends_with(end));
    shows(value, 3) || is_figure(value) && !of_time && WORDS.iter().any(|word| key.contains(word))
}

/// Names the members of an object that seem to be quotas, down to some depth.
pub(super) fn note(node: &Node<'_>, depth: usize) {
    for (key, value) in node.entries() {
        let inner = value.as_object().filter(|_| depth > 0 && !shows(value, 1));
        if inner.is_some() && shows(value, 3) {
            if let Some(inner) = node.member(key) {
                note(&inner, depth - 1);
            }
        } else if is_quota(key, value) {
            node.note(key);
        }
    }
}

fn is_figure(value: &Value) -> bool {
    matches!(value::percentage(value), Field::Known(_))
}

fn shows(value: &Value, depth: usize) -> bool {
    if depth == 0 {
        return false;
    }
    match value {
        Value::Object(map) => {
            map.iter().any(|(key, value)| {
                let figure = FIGURES.iter().any(|name| is_named(key, name));
                figure && is_figure(value)
            }) || map.values().any(|inner| shows(inner, depth - 1))
        }
        Value::Array(list) => list.iter().take(8).any(|inner| shows(inner, depth - 1)),
        _ => false,
    }
}
