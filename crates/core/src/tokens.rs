//! Tokens: what a request sent and got, the four kinds apart. They are neither quota nor money.

use std::iter::Sum;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// Counts of tokens. Sums stay at the largest number rather than wrap: a log can claim anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tokens {
    /// Input that was in no cache.
    pub input: u64,
    /// Input read from the cache.
    pub cache_read: u64,
    /// Input written to the cache.
    pub cache_write: u64,
    /// Of [`Tokens::cache_write`], what is kept for an hour, which costs more; the rest is kept for five minutes.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cache_write_1h: u64,
    /// Output.
    pub output: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields so")]
pub(crate) const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Tokens {
    /// The sum of all four kinds.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.input
            .saturating_add(self.cache_read)
            .saturating_add(self.cache_write)
            .saturating_add(self.output)
    }

    /// Whether there is none of any kind.
    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.input == 0 && self.cache_read == 0 && self.cache_write == 0 && self.output == 0
    }

    /// The share of the input that was read from the cache, from 0 to 1; none where nothing was sent.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a share is rounded anyway")]
    pub fn cache_hit_share(&self) -> Option<f64> {
        let sent = self.input.saturating_add(self.cache_read).saturating_add(self.cache_write);
        (sent > 0).then(|| self.cache_read as f64 / sent as f64)
    }

    /// These without those, none below zero.
    #[must_use]
    pub const fn without(&self, other: &Self) -> Self {
        Self {
            input: self.input.saturating_sub(other.input),
            cache_read: self.cache_read.saturating_sub(other.cache_read),
            cache_write: self.cache_write.saturating_sub(other.cache_write),
            cache_write_1h: self.cache_write_1h.saturating_sub(other.cache_write_1h),
            output: self.output.saturating_sub(other.output),
        }
    }
}

impl AddAssign for Tokens {
    fn add_assign(&mut self, other: Self) {
        self.input = self.input.saturating_add(other.input);
        self.cache_read = self.cache_read.saturating_add(other.cache_read);
        self.cache_write = self.cache_write.saturating_add(other.cache_write);
        self.cache_write_1h = self.cache_write_1h.saturating_add(other.cache_write_1h);
        self.output = self.output.saturating_add(other.output);
    }
}

impl Sum for Tokens {
    fn sum<I: Iterator<Item = Self>>(tokens: I) -> Self {
        tokens.fold(Self::default(), |mut sum, tokens| {
            sum += tokens;
            sum
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_do_not_wrap() {
        let most = Tokens { input: u64::MAX, output: 1, ..Tokens::default() };
        let sum: Tokens = [most, most].into_iter().sum();
        assert_eq!((sum.input, sum.output, sum.total()), (u64::MAX, 2, u64::MAX));
        assert!(most.without(&most).is_zero());
    }

    #[test]
    fn the_cache_hit_share_is_of_what_was_sent() {
        let tokens = Tokens { input: 20, cache_read: 60, cache_write: 20, output: 900, ..Tokens::default() };
        assert_eq!(tokens.cache_hit_share(), Some(0.6));
        assert_eq!(Tokens { output: 5, ..Tokens::default() }.cache_hit_share(), None);
    }
}
