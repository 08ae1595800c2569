//! Words that stand for a value.

/// A word that stands for none of the values there are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found `{found}`")]
pub struct UnknownWord {
    /// The words there are.
    pub expected: String,
    /// The word that was found.
    pub found: String,
}

/// The value of a word among those there are.
pub(crate) fn parse<T: Copy>(
    all: &[T],
    word: impl Fn(T) -> &'static str,
    text: &str,
) -> Result<T, UnknownWord> {
    all.iter().copied().find(|value| word(*value) == text).ok_or_else(|| UnknownWord {
        expected: all.iter().map(|value| word(*value)).collect::<Vec<_>>().join(", "),
        found: tidemark_core::text::sentence(text),
    })
}
