//! Growth of requests that the analysis was given already: a program writes the same request again while it goes on, or
//! keeps sums of sessions.

use rusqlite::{OptionalExtension as _, params};
use tidemark_core::Tokens;

use super::stored::{Stored, parts};
use super::write::Writing;
use crate::error::StoreError;

/// What is more in the second than in the first, kind by kind; `None` where nothing is. A kind that is less is left out:
/// what was given cannot be taken back.
fn more(before: &Tokens, after: &Tokens) -> Option<Tokens> {
    let more = Tokens {
        input: after.input.saturating_sub(before.input),
        cache_read: after.cache_read.saturating_sub(before.cache_read),
        cache_write: after.cache_write.saturating_sub(before.cache_write),
        cache_write_1h: after.cache_write_1h.saturating_sub(before.cache_write_1h),
        output: after.output.saturating_sub(before.output),
    };
    (more != Tokens::default()).then_some(more)
}

impl Writing<'_> {
    /// Notes what a request grew by, where its account's analysis has passed its place: there it is given no more.
    pub(super) fn grew(&mut self, before: &Stored, after: &Stored, place: i64) -> Result<(), StoreError> {
        let Some(more) = more(&before.tokens, &after.tokens) else { return Ok(()) };
        let told: Option<i64> = self
            .store
            .db
            .prepare_cached(
                "SELECT usage_told FROM usage_provider JOIN progress USING (account) WHERE usage_provider.id = ?1",
            )?
            .query_row([after.provider], |row| row.get(0))
            .optional()?;
        if told.is_none_or(|told| told < place) {
            return Ok(());
        }
        self.last += 1;
        let [input, cache_read, cache_write, cache_write_1h, output] = parts(&more);
        self.store
            .db
            .prepare_cached(
                "INSERT INTO usage_growth (place, at, begun, known, model, origin, provider, input, cache_read,
                   cache_write, cache_write_1h, output)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?
            .execute(params![
                self.last,
                after.at,
                before.at.min(after.at),
                self.batch.known,
                after.model,
                after.origin,
                after.provider,
                input,
                cache_read,
                cache_write,
                cache_write_1h,
                output
            ])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_more_is_growth() {
        let tokens = |input, output| Tokens { input, output, ..Tokens::default() };
        for (before, after, grown) in [
            (tokens(3, 1), tokens(3, 9), Some(tokens(0, 8))),
            (tokens(3, 9), tokens(3, 9), None),
            (tokens(3, 9), tokens(2, 8), None),
            (tokens(3, 9), tokens(2, 10), Some(tokens(0, 1))),
        ] {
            assert_eq!(more(&before, &after), grown, "{before:?} {after:?}");
        }
    }
}
