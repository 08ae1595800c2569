//! A request as it stands in the store.

use rusqlite::Row;
use tidemark_core::Tokens;

/// A request as it stands in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) at: i64,
    pub(super) fingerprint: i64,
    pub(super) begun: Option<i64>,
    pub(super) file: i64,
    pub(super) copies: u32,
    pub(super) model: i64,
    pub(super) origin: i64,
    pub(super) provider: i64,
    pub(super) tokens: Tokens,
}

/// Counts as the store has them.
pub(super) fn parts(tokens: &Tokens) -> [i64; 4] {
    // The readers bound a count at 2^40.
    [tokens.input, tokens.cache_read, tokens.cache_write, tokens.output].map(u64::cast_signed)
}

/// The counts in four columns.
pub(super) fn tokens(row: &Row<'_>, first: usize) -> rusqlite::Result<Tokens> {
    let count = |at: usize| row.get::<_, i64>(first + at).map(|count| count.max(0) as u64);
    Ok(Tokens {
        input: count(0)?,
        cache_read: count(1)?,
        cache_write: count(2)?,
        output: count(3)?,
        ..Tokens::default()
    })
}
