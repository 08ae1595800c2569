//! Which model a task used when, by the files beside it.

use std::io::{self, BufReader};
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;
use tidemark_core::text;
use tidemark_files::read;

use super::paths::Log;
use crate::count::Timestamp;
use crate::format::Format;
use crate::json_elements::{Element, Elements};

/// The largest `task_metadata.json` that is read, in bytes.
const MAX_METADATA_LEN: u64 = 16 << 20;
/// How many changes of the model are kept of a task.
const MAX_CHANGES: usize = 10_000;
/// The longest name between two tags.
const MAX_NAME_LEN: usize = 200;

/// A model, and its provider's name where that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) model: String,
    pub(crate) provider: Option<String>,
}

/// The models of a task, by when they were first asked, in milliseconds since 1970.
#[derive(Debug, Default)]
pub(crate) struct Models(Vec<(i64, Asked)>);

impl Models {
    /// What is beside a log.
    pub(crate) fn of(log: &Log) -> Self {
        let mut changes = Vec::new();
        for path in log.beside() {
            // What cannot be read says nothing.
            let read = if log.format == Format::Cline { listed(&path) } else { told(&path) };
            changes.extend(read.unwrap_or_default());
        }
        changes.sort_by_key(|(at, _)| *at);
        Self(changes)
    }

    /// The model of the request before a time.
    pub(crate) fn before(&self, next: i64) -> Option<&Asked> {
        let place = self.0.partition_point(|(at, _)| *at < next);
        self.0[..place].last().map(|(_, asked)| asked)
    }

    /// The model of all requests, if there was one only.
    pub(crate) fn only(&self) -> Option<&Asked> {
        let (_, first) = self.0.first()?;
        self.0.iter().all(|(_, asked)| asked == first).then_some(first)
    }
}

/// Cline's list of the models of a task.
fn listed(path: &std::path::Path) -> io::Result<Vec<(i64, Asked)>> {
    #[derive(Deserialize)]
    struct Metadata {
        #[serde(default)]
        model_usage: Vec<Change>,
    }
    #[derive(Deserialize)]
    struct Change {
        ts: Option<Timestamp>,
        model_id: Option<String>,
        model_provider_id: Option<String>,
    }

    let bytes = read::bytes(path, MAX_METADATA_LEN)?;
    let metadata: Metadata = serde_json::from_slice(&bytes)?;
    let change = |change: Change| {
        let model = text::name(&change.model_id?);
        let provider = change.model_provider_id.as_deref().map(text::name);
        Some((change.ts?.millis(1000.0)?, Asked { model, provider }))
    };
    Ok(metadata.model_usage.into_iter().filter_map(change).take(MAX_CHANGES).collect())
}

/// What Roo Code and Kilo Code told the model about itself, with each question.
fn told(path: &std::path::Path) -> io::Result<Vec<(i64, Asked)>> {
    let mut elements = Elements::new(BufReader::with_capacity(0, read::open(path)?));
    let mut changes: Vec<(i64, Asked)> = Vec::new();
    while changes.len() < MAX_CHANGES {
        match elements.next("messages", is_of_person)? {
            Element::Wanted(message) => {
                if let Some((at, model)) =
                    between_tags(message).and_then(|model| Some((time(message)?, model)))
                    && changes.last().is_none_or(|(_, asked)| asked.model != model)
                {
                    changes.push((at, Asked { model, provider: None }));
                }
            }
            Element::TooLong => {}
            Element::End | Element::Torn => break,
        }
    }
    Ok(changes)
}

/// Whether a message can be a question. Answers have no such tags of their own.
fn is_of_person(head: &[u8]) -> bool {
    static ANSWER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"role\":\"assistant\""));
    ANSWER.find(head).is_none()
}

/// The last name between `<model>` and `</model>`: the details of the environment stand at the end of a question.
fn between_tags(message: &[u8]) -> Option<String> {
    let begins = memchr::memmem::rfind(message, b"<model>")? + b"<model>".len();
    let rest = &message[begins..message.len().min(begins + MAX_NAME_LEN)];
    let name = std::str::from_utf8(&rest[..memchr::memmem::find(rest, b"</model>")?]).ok()?;
    (!name.is_empty() && !name.contains(['"', '\\', '<'])).then(|| text::name(name))
}

/// When a message was sent.
fn time(message: &[u8]) -> Option<i64> {
    #[derive(Deserialize)]
    struct Message {
        ts: Option<Timestamp>,
    }
    serde_json::from_slice::<Message>(message).ok()?.ts?.millis(1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_name_between_tags() {
        for (message, model) in [
            ("<model>kimi-k3</model>", Some("kimi-k3")),
            ("of <model>a</model> and <model>b/c</model>\\n</environment_details>", Some("b/c")),
            ("<model></model>", None),
            ("<model>no end", None),
            ("<model>a\\\"b</model>", None),
            ("nothing", None),
        ] {
            assert_eq!(between_tags(message.as_bytes()).as_deref(), model, "{message}");
        }
        let long = format!("<model>{}</model>", "x".repeat(10_000));
        assert_eq!(between_tags(long.as_bytes()), None);
    }
}
