//! What a tool may be asked with, and what it is asked with.

use serde_json::{Map, Value, json};

use crate::i18n::Catalog;

/// What a tool may be asked with.
pub(super) struct Argument {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// At most so many characters.
    Text(usize),
    /// One of these.
    Word(&'static [&'static str]),
    /// A whole number between these.
    Number(u64, u64),
}

/// One that may be left out.
pub(super) const fn may(name: &'static str, kind: Kind) -> Argument {
    Argument { name, kind, required: false }
}

impl Kind {
    /// As a JSON Schema.
    pub(super) fn schema(self, description: &str) -> Value {
        match self {
            Self::Text(longest) => {
                json!({"type": "string", "maxLength": longest, "description": description})
            }
            Self::Word(words) => json!({"type": "string", "enum": words, "description": description}),
            Self::Number(least, most) => {
                json!({"type": "integer", "minimum": least, "maximum": most, "description": description})
            }
        }
    }

    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text(longest) => value.as_str().is_some_and(|text| text.chars().count() <= longest),
            Self::Word(words) => value.as_str().is_some_and(|text| words.contains(&text)),
            Self::Number(least, most) => {
                value.as_u64().is_some_and(|number| (least..=most).contains(&number))
            }
        }
    }

    /// What it has to be, in the terms of the schema.
    fn expected(self) -> String {
        match self {
            Self::Text(longest) => format!("string, maxLength {longest}"),
            Self::Word(words) => words.join(" | "),
            Self::Number(least, most) => format!("integer, {least}–{most}"),
        }
    }
}

/// What a tool is asked with, all of it as the tool's schema says.
pub(super) struct Asked(Map<String, Value>);

/// An argument that a tool does not take.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WrongArgument {
    name: String,
    /// `None` where there is no argument of the name.
    expected: Option<String>,
}

impl WrongArgument {
    /// Its name, as it was given.
    #[cfg(test)]
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn said(&self, words: &Catalog) -> String {
        let name = self.name.clone().into();
        match &self.expected {
            Some(expected) => {
                words.with("mcp-wrong-argument", [("name", name), ("expected", expected.clone().into())])
            }
            None => words.with("mcp-no-such-argument", [("name", name)]),
        }
    }
}

impl Asked {
    /// The arguments of a call, as a tool takes them. One that is null, or an empty word, counts as left out.
    pub(super) fn of(arguments: &[Argument], mut given: Map<String, Value>) -> Result<Self, WrongArgument> {
        given.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
        for (name, value) in &given {
            let argument = arguments.iter().find(|argument| argument.name == *name);
            let kind = argument.map(|argument| argument.kind);
            if !kind.is_some_and(|kind| kind.fits(value)) {
                let name = tidemark_core::text::bounded(name, 60);
                return Err(WrongArgument { name, expected: kind.map(Kind::expected) });
            }
        }
        let missing = arguments.iter().find(|one| one.required && !given.contains_key(one.name));
        match missing {
            Some(one) => {
                Err(WrongArgument { name: one.name.to_owned(), expected: Some(one.kind.expected()) })
            }
            None => Ok(Self(given)),
        }
    }

    /// For one account.
    pub(super) fn account(name: String) -> Self {
        Self(Map::from_iter([("account".to_owned(), Value::String(name))]))
    }

    pub(super) fn given(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.0.get(name)?.as_u64()
    }
}
