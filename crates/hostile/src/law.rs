//! What must hold for every input.

use tidemark_core::text::is_unsafe;

use crate::fragments::SECRET;

/// A law that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    /// Which.
    pub(crate) law: &'static str,
    /// What was seen instead.
    pub(crate) seen: String,
}

pub(crate) type Outcome = Result<(), Broken>;

/// Fails with a law where something does not hold.
pub(crate) fn holds(law: &'static str, condition: bool, seen: impl FnOnce() -> String) -> Outcome {
    if condition { Ok(()) } else { Err(Broken { law, seen: seen().chars().take(600).collect() }) }
}

/// A text that was kept or is shown: clean, and of at most so many characters.
pub(crate) fn is_kept(what: &str, text: &str, max: usize) -> Outcome {
    let found = text.chars().find(|c| is_unsafe(*c));
    holds("text is cleaned", found.is_none(), || format!("{what}: {found:?} in {text:?}"))?;
    let length = text.chars().count();
    holds("text is bounded", length <= max, || format!("{what}: {length} characters, {max} allowed"))
}

/// A text in which no key may be.
pub(crate) fn has_no_key(what: &str, text: &str) -> Outcome {
    holds("no key comes out", !text.contains(SECRET), || format!("{what}: {text:?}"))
}

/// Two readings of one input.
pub(crate) fn are_equal<T: PartialEq + std::fmt::Debug>(law: &'static str, one: &T, other: &T) -> Outcome {
    holds(law, one == other, || format!("{one:?} and {other:?}"))
}
