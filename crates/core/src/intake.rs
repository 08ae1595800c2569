//! Counts of tokens that a program sends of itself: how the input is split, and what a running total comes to.

use crate::tokens::Tokens;

/// What stands behind the name of a model where nothing says how much of the input came from the cache. Such usage is
/// shown under a name of its own, for which there is no price.
pub const CACHE_UNKNOWN: &str = ":cache-unknown";

/// What the input of a program counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputConvention {
    /// Input that was in no cache: what came from the cache is apart.
    Apart,
    /// All input. What came from the cache is part of it, and without that figure its share is unknown.
    Whole,
}

/// The tokens that counts come to: of input, read from the cache, written to it, output. The second value says whether
/// the cache's share of the input is known.
#[must_use]
pub fn tokens(counts: [Option<u64>; 4], convention: InputConvention) -> (Tokens, bool) {
    let [input, cache_read, cache_write, output] = counts;
    let (read, write) = (cache_read.unwrap_or_default(), cache_write.unwrap_or_default());
    let input = input.unwrap_or_default();
    let (input, known) = match convention {
        InputConvention::Apart => (input, true),
        // Less input than came from the cache: then this program counts it apart, whatever the convention says.
        InputConvention::Whole if read.saturating_add(write) > input => (input, true),
        InputConvention::Whole => (input - read - write, cache_read.is_some() || input == 0),
    };
    let output = output.unwrap_or_default();
    (Tokens { input, cache_read: read, cache_write: write, cache_write_1h: 0, output }, known)
}

/// What is known of a running total: of a series since it began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunningTotal {
    /// When it was last counted, in nanoseconds since 1970.
    pub time: u64,
    /// The highest count that was seen.
    pub value: u64,
}

/// What a further count of a running total adds to what is known, and what is known then.
///
/// A series whose beginning is known only grows: the highest count is the total, whatever order they come in and
/// however often. One without a beginning starts again where a later count is lower; an earlier one that comes late adds
/// nothing.
///
/// # Examples
/// ```
/// use tidemark_core::intake::{RunningTotal, advance};
///
/// let (known, first) = advance(None, true, RunningTotal { time: 60, value: 100 });
/// let (known, second) = advance(Some(known), true, RunningTotal { time: 120, value: 150 });
/// let (_, again) = advance(Some(known), true, RunningTotal { time: 60, value: 100 });
/// assert_eq!((first, second, again), (100, 50, 0));
/// ```
#[must_use]
pub fn advance(known: Option<RunningTotal>, has_start: bool, seen: RunningTotal) -> (RunningTotal, u64) {
    let Some(known) = known else { return (seen, seen.value) };
    let time = known.time.max(seen.time);
    if !has_start {
        if seen.time <= known.time {
            return (known, 0);
        }
        let added = if seen.value < known.value { seen.value } else { seen.value - known.value };
        return (RunningTotal { time, value: seen.value }, added);
    }
    (RunningTotal { time, value: known.value.max(seen.value) }, seen.value.saturating_sub(known.value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn input_is_split_by_what_its_program_counts() {
        use InputConvention::{Apart, Whole};
        let table = [
            ([Some(10), Some(5), Some(2), Some(3)], Apart, [10, 5, 2, 3], true),
            ([Some(10), None, None, Some(3)], Apart, [10, 0, 0, 3], true),
            ([Some(10), Some(5), Some(2), Some(3)], Whole, [3, 5, 2, 3], true),
            ([Some(10), Some(0), None, Some(3)], Whole, [10, 0, 0, 3], true),
            ([Some(10), None, None, Some(3)], Whole, [10, 0, 0, 3], false),
            ([Some(10), None, Some(4), None], Whole, [6, 0, 4, 0], false),
            ([None, None, None, Some(3)], Whole, [0, 0, 0, 3], true),
            ([Some(10), Some(50), None, Some(3)], Whole, [10, 50, 0, 3], true),
            ([Some(1), Some(u64::MAX), Some(u64::MAX), None], Whole, [1, u64::MAX, u64::MAX, 0], true),
        ];
        for (counts, convention, [input, cache_read, cache_write, output], known) in table {
            let expected = Tokens { input, cache_read, cache_write, cache_write_1h: 0, output };
            assert_eq!(tokens(counts, convention), (expected, known), "{counts:?}");
        }
    }

    #[test]
    fn a_total_without_a_beginning_starts_again_where_it_falls() {
        let mut known = None;
        let mut sum = 0;
        for (time, value, added) in
            [(1, 100, 100), (2, 130, 30), (1, 100, 0), (3, 20, 20), (4, 25, 5), (2, 130, 0)]
        {
            let (next, new) = advance(known, false, RunningTotal { time, value });
            assert_eq!(new, added, "{time} {value}");
            (known, sum) = (Some(next), sum + new);
        }
        assert_eq!(sum, 155);
    }

    proptest! {
        #[test]
        fn a_total_with_a_beginning_is_the_same_in_any_order(
            steps in prop::collection::vec(0_u64..1000, 1..12),
            order in prop::collection::vec(any::<prop::sample::Index>(), 0..24),
        ) {
            let mut value = 0;
            let mut seen: Vec<RunningTotal> = Vec::new();
            for (time, step) in (1..).zip(&steps) {
                value += step;
                seen.push(RunningTotal { time, value });
            }
            let mut all: Vec<RunningTotal> = order.iter().map(|index| *index.get(&seen)).collect();
            all.extend(seen.iter().rev());
            let (mut known, mut sum) = (None, 0);
            for one in all {
                let (next, added) = advance(known, true, one);
                known = Some(next);
                sum += added;
            }
            prop_assert_eq!(sum, value);
        }
    }
}
