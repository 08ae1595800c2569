//! The texts of one language, each of them parsed when it is first needed: a status bar's call uses a few of more
//! than a thousand, and would spend most of its time on the others.

use std::fmt::Write as _;
use std::sync::{Mutex, OnceLock, PoisonError};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::grouping::grouped;

/// The messages of a catalogue. None refers to another (a test makes sure), so each can be parsed alone.
pub(super) struct Texts {
    tag: &'static str,
    catalogue: &'static str,
    /// The ids and sources of all messages, by id.
    index: OnceLock<Vec<(&'static str, &'static str)>>,
    /// The messages that were needed so far.
    parsed: Mutex<FluentBundle<FluentResource>>,
}

impl Texts {
    /// The messages of a catalogue whose language has this tag.
    pub(super) fn new(tag: &'static str, catalogue: &'static str) -> Self {
        Self { tag, catalogue, index: OnceLock::new(), parsed: Mutex::new(empty(tag)) }
    }

    /// The text of a message (`resets-in`) or of its attribute (`meter-5h.short`) with its values put in; `None`
    /// where the catalogue does not have it.
    pub(super) fn format(&self, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        let (id, attribute) = match key.split_once('.') {
            Some((id, attribute)) => (id, Some(attribute)),
            None => (key, None),
        };
        // A text that panicked left the bundle as it was.
        let mut bundle = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if !bundle.has_message(id) {
            let source = self.source(id)?;
            // A test proves that both catalogues parse; were one broken, what could be read of it still serves.
            let resource =
                FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
        }
        let message = bundle.get_message(id)?;
        let pattern = match attribute {
            Some(name) => message.get_attribute(name)?.value(),
            None => message.value()?,
        };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        if !errors.is_empty() {
            let mut all = String::new();
            for error in &errors {
                // Writing into a string cannot fail.
                let _ = write!(all, "{error}; ");
            }
            tracing::warn!(key, language = self.tag, errors = all, "text with a hole");
        }
        Some(text)
    }

    fn source(&self, id: &str) -> Option<&'static str> {
        let index = self.index.get_or_init(|| index(self.catalogue));
        let place = index.binary_search_by_key(&id, |(id, _)| id).ok()?;
        Some(index[place].1)
    }
}

/// A count with its thousands set apart, as in tables.
fn with_groups<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    // Whole numbers up to 2⁵³ are exact.
    let is_count = number.value.fract() == 0.0 && (0.0..9.0e15).contains(&number.value);
    is_count.then(|| grouped(number.value as u64))
}

fn empty(tag: &str) -> FluentBundle<FluentResource> {
    // Both tags are well formed; the default is the undetermined language.
    let mut bundle = FluentBundle::new_concurrent(vec![tag.parse().unwrap_or_default()]);
    // The isolating marks are for screens that mix directions; terminals and notification daemons show them as boxes.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(with_groups));
    bundle
}

/// The ids and sources of all messages, by id. A message begins with a letter at the start of a line and ends where the
/// next message or comment begins.
fn index(catalogue: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::with_capacity(catalogue.len() / 64);
    let mut rest = catalogue;
    while !rest.is_empty() {
        let mut end = rest.len();
        let mut from = 0;
        while let Some(line) = rest[from..].find('\n') {
            from += line + 1;
            if rest[from..].starts_with(|first: char| first == '#' || first.is_ascii_alphabetic()) {
                end = from;
                break;
            }
        }
        let (entry, next) = rest.split_at(end);
        if let Some((id, _)) = entry.split_once('=').filter(|_| !entry.starts_with(['#', '\n'])) {
            found.push((id.trim_end(), entry));
        }
        rest = next;
    }
    found.sort_unstable_by_key(|(id, _)| *id);
    found
}
