//! Changes to an input as JSON: other values under the same keys, other keys over the same values. The tree can hold
//! what a correct program would not write: the same key twice, numbers that are none, half a surrogate pair.

use serde_json::Value;

use crate::fragments::{KEYS, VALUES};
use crate::random::Random;

/// A JSON text as a tree.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    /// Members by their keys, as they are written.
    Object(Vec<(String, Node)>),
    /// Elements.
    Array(Vec<Node>),
    /// Anything else, as it is written.
    Raw(String),
}

impl From<&Value> for Node {
    fn from(value: &Value) -> Self {
        match value {
            Value::Object(map) => {
                let members = map.iter().map(|(key, value)| {
                    let key = Value::from(key.as_str()).to_string();
                    (key[1..key.len() - 1].to_owned(), Self::from(value))
                });
                Self::Object(members.collect())
            }
            Value::Array(list) => Self::Array(list.iter().map(Self::from).collect()),
            leaf => Self::Raw(leaf.to_string()),
        }
    }
}

impl Node {
    /// The tree of a text that is JSON.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Value>(text).ok().as_ref().map(Self::from)
    }

    /// Its text.
    pub(crate) fn write(&self, out: &mut String) {
        match self {
            Self::Object(members) => {
                for (index, (key, value)) in members.iter().enumerate() {
                    out.push_str(if index == 0 { "{\"" } else { ",\"" });
                    out.push_str(key);
                    out.push_str("\":");
                    value.write(out);
                }
                out.push_str(if members.is_empty() { "{}" } else { "}" });
            }
            Self::Array(list) => {
                for (index, value) in list.iter().enumerate() {
                    out.push(if index == 0 { '[' } else { ',' });
                    value.write(out);
                }
                out.push_str(if list.is_empty() { "[]" } else { "]" });
            }
            Self::Raw(text) => out.push_str(text),
        }
    }

    fn count(&self) -> usize {
        1 + match self {
            Self::Object(members) => members.iter().map(|(_, value)| value.count()).sum(),
            Self::Array(list) => list.iter().map(Self::count).sum(),
            Self::Raw(_) => 0,
        }
    }

    /// The node of a number, counted from the root.
    fn nth(&mut self, mut number: usize) -> &mut Self {
        if number == 0 {
            return self;
        }
        number -= 1;
        let children: Vec<&mut Self> = match self {
            Self::Object(members) => members.iter_mut().map(|(_, value)| value).collect(),
            Self::Array(list) => list.iter_mut().collect(),
            Self::Raw(_) => Vec::new(),
        };
        for child in children {
            let size = child.count();
            if number < size {
                return child.nth(number);
            }
            number -= size;
        }
        unreachable!("a number below the count")
    }
}

/// Changes a few nodes of a text; one that is no JSON stays as it is.
pub(crate) fn change(random: &mut Random, text: &mut Vec<u8>) {
    let Some(mut root) = Node::read(text) else { return };
    for _ in 0..=random.below(4) {
        let number = random.below(root.count());
        once(random, root.nth(number));
    }
    let mut changed = String::new();
    root.write(&mut changed);
    *text = changed.into_bytes();
}

/// The same for a text of JSON Lines: one of its lines.
pub(crate) fn change_line(random: &mut Random, text: &mut Vec<u8>) {
    let mut lines: Vec<Vec<u8>> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let which = random.below(lines.len());
    change(random, &mut lines[which]);
    *text = lines.join(&b'\n');
}

fn once(random: &mut Random, node: &mut Node) {
    let value = Node::Raw(random.pick(VALUES).to_owned());
    match node {
        Node::Object(members) if !members.is_empty() && !random.one_in(5) => {
            let at = random.below(members.len());
            match random.below(6) {
                0 => {
                    members.remove(at);
                }
                1 => {
                    // The same key twice, with another value.
                    let key = members[at].0.clone();
                    members.push((key, value));
                }
                2 => random.pick(KEYS).clone_into(&mut members[at].0),
                3 => members.insert(at, (random.pick(KEYS).to_owned(), value)),
                4 => {
                    let other = random.below(members.len());
                    let moved = members[other].1.clone();
                    members[at].1 = moved;
                }
                _ => members[at].1 = value,
            }
        }
        Node::Array(list) if !list.is_empty() && !random.one_in(5) => {
            let at = random.below(list.len());
            match random.below(4) {
                0 => {
                    list.remove(at);
                }
                1 => list.insert(at, value),
                2 => {
                    let copy = list[at].clone();
                    let times = 1 << random.below(8);
                    list.extend(std::iter::repeat_n(copy, times));
                }
                _ => list[at] = value,
            }
        }
        Node::Raw(text) if random.one_in(3) => *text = number_near(random, text),
        node => {
            *node = match random.below(8) {
                0 => Node::Array(vec![node.clone()]),
                1 => Node::Object(vec![(random.pick(KEYS).to_owned(), node.clone())]),
                _ => value,
            }
        }
    }
}

/// A number as text, a text as number, or the opposite sign.
fn number_near(random: &mut Random, text: &str) -> String {
    match random.below(4) {
        0 => format!("-{text}"),
        1 if text.starts_with('"') => text.trim_matches('"').to_owned(),
        1 => format!("\"{text}\""),
        2 => format!("{text}e{}", random.below(400)),
        _ => format!("{text}{text}"),
    }
}
