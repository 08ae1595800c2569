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
pub(super) fn parts(tokens: &Tokens) -> [i64; 5] {
    let Tokens { input, cache_read, cache_write, cache_write_1h, output } = *tokens;
    // The readers bound a count at 2^40.
    [input, cache_read, cache_write, cache_write_1h, output].map(u64::cast_signed)
}

/// The counts in five columns.
pub(crate) fn tokens(row: &Row<'_>, first: usize) -> rusqlite::Result<Tokens> {
    let count = |at: usize| row.get::<_, i64>(first + at).map(|count| count.max(0) as u64);
    let cache_write = count(2)?;
    // NULL where an older program wrote the row. It also leaves this part of a sum as it is when it takes a request
    // out of the sum, so that the part may be more than the whole.
    let cache_write_1h = row.get::<_, Option<i64>>(first + 3)?.unwrap_or_default().max(0) as u64;
    Ok(Tokens {
        input: count(0)?,
        cache_read: count(1)?,
        cache_write,
        cache_write_1h: cache_write_1h.min(cache_write),
        output: count(4)?,
    })
}
