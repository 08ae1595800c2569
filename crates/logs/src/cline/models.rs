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
pub(crate) struct Models {
    changes: Vec<(i64, Asked)>,
    /// Cline writes a change just before the request that it is for; the others write with each request, just after
    /// it began.
    is_before: bool,
}

/// How long after a request began its change can be written where it is written before it, in milliseconds.
const MAX_LATE: i64 = 500;

impl Models {
    /// What is beside a log.
    pub(crate) fn of(log: &Log) -> Self {
        let mut changes = Vec::new();
        for path in log.beside() {
            // What cannot be read says nothing.
            let read = if log.format == Format::Cline { listed(&path) } else { in_questions(&path) };
            changes.extend(read.unwrap_or_default());
        }
        changes.sort_by_key(|(at, _)| *at);
        Self { changes, is_before: log.format == Format::Cline }
    }

    /// The model of the request that began at a time, where the next one began at another.
    pub(crate) fn of_request(&self, began: i64, next: i64) -> Option<&Asked> {
        let before = |time: i64| {
            let place = self.changes.partition_point(|(at, _)| *at < time);
            self.changes[..place].last().map(|(_, asked)| asked)
        };
        let own = if self.is_before { before(began.saturating_add(MAX_LATE).min(next)) } else { None };
        own.or_else(|| before(next))
    }

    /// Whether models are known, and all of them are others'.
    pub(crate) fn are_others(&self, is_others: impl Fn(&Asked) -> bool) -> bool {
        !self.changes.is_empty() && self.changes.iter().all(|(_, asked)| is_others(asked))
    }

    /// The model of all requests, if there was one only.
    pub(crate) fn only(&self) -> Option<&Asked> {
        let (_, first) = self.changes.first()?;
        self.changes.iter().all(|(_, asked)| asked == first).then_some(first)
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

/// The model that Roo Code and Kilo Code name in each question.
fn in_questions(path: &std::path::Path) -> io::Result<Vec<(i64, Asked)>> {
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
    fn a_change_is_of_the_request_that_it_was_written_for() {
        let asked = |model: &str| Asked { model: model.to_owned(), provider: None };
        let changes = vec![(1000, asked("a")), (5000, asked("b")), (9000, asked("c"))];
        let models = |is_before| Models { changes: changes.clone(), is_before };
        for (is_before, began, next, model) in [
            // Written just before it, or while it began.
            (true, 5001, 9001, Some("b")),
            (true, 4900, 8000, Some("b")),
            (true, 1001, 5001, Some("a")),
            (true, 9001, i64::MAX, Some("c")),
            (true, 0, 1200, Some("a")),
            (true, 0, 900, None),
            // Written after it began.
            (false, 900, 4900, Some("a")),
            (false, 4900, 8900, Some("b")),
            (false, 4900, i64::MAX, Some("c")),
            (false, 0, 900, None),
        ] {
            let found = models(is_before).of_request(began, next).map(|asked| asked.model.clone());
            assert_eq!(found.as_deref(), model, "{is_before} {began} {next}");
        }
        assert_eq!(models(true).only(), None);
    }

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
