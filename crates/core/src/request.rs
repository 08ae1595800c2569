//! One request that several log records show: which record counts, and what they say together.
//!
//! Logs are read by several threads, in parts and again, so records of one request come in any order. What
//! follows from them must not depend on it: [`merge`] is commutative, associative and idempotent, and
//! [`merge_duplicates`] orders what it is given. The scan of logs and the store use the same functions, so they agree.

use crate::tokens::Tokens;

/// Copies beyond this many count the same.
pub const MAX_COPIES: u32 = 15;

/// Which of two records that are equal but for their place counts: the lower one. An original goes before a
/// copy, a copy of an original before the copy of a copy, then the file that comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Precedence<P> {
    copies: u32,
    place: P,
}

impl<P> Precedence<P> {
    /// Of a record that is a copy of a copy `copies` times over, at a place in the order of files.
    pub const fn new(copies: u32, place: P) -> Self {
        Self { copies: if copies < MAX_COPIES { copies } else { MAX_COPIES }, place }
    }
}

/// Which of several states says what a request came to, and when it was. All records of one program have the same dating.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Dating {
    /// The state that says most, at the time of the first: states of one answer that is streamed.
    #[default]
    First,
    /// The state that says most, at its own time; of those that say the same, the latest: a record that is written over and
    /// grows, such as the sum of a session that goes on.
    Growing,
    /// The latest state, whether it says more or less: a record that is written over.
    Latest,
}

/// One request as one record, or several together, show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestState<M, S> {
    /// When, in milliseconds of the epoch.
    pub at: i64,
    /// When it began, if that is known, in milliseconds of the epoch.
    pub begun: Option<i64>,
    /// Which state counts where there are several.
    pub dating: Dating,
    /// Its tokens, by kind.
    pub tokens: Tokens,
    /// Its model, ordered by something that is the same in whatever order records come.
    pub model: M,
    /// Where it is recorded, in the order in which places go before each other.
    pub source: S,
}

/// Two states of one request together: the one that says more, at the earlier time, or the later one, as its
/// [`Dating`] says; from the place that comes first. Of places that are equal in order, that of `new` counts: it may have
/// moved.
#[must_use]
pub fn merge<M: Ord, S: Ord>(existing: RequestState<M, S>, new: RequestState<M, S>) -> RequestState<M, S> {
    let dating = existing.dating;
    let new_says_more = match dating {
        Dating::First => weight(&new) > weight(&existing),
        Dating::Growing => (weight(&new), new.at) > (weight(&existing), existing.at),
        Dating::Latest => (new.at, weight(&new)) > (existing.at, weight(&existing)),
    };
    // `None` is below any time, so the earlier of two is asked for apart.
    let begun = existing.begun.into_iter().chain(new.begun).min();
    let (more, other) = if new_says_more { (new, existing) } else { (existing, new) };
    let (existing, new) =
        if new_says_more { (other.source, more.source) } else { (more.source, other.source) };
    let source = if new <= existing { new } else { existing };
    let at = if dating == Dating::First { more.at.min(other.at) } else { more.at };
    RequestState { at, begun, dating, tokens: more.tokens, model: more.model, source }
}

/// How much a state says. Output grows as an answer is streamed.
fn weight<M, S>(state: &RequestState<M, S>) -> (u64, u64, Tokens, &M) {
    (state.tokens.output, state.tokens.total(), state.tokens, &state.model)
}

/// How a state belongs to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageKey {
    /// Equal where it is the same message.
    pub message: u64,
    /// Whether the record named its request.
    pub named: bool,
    /// The request's fingerprint: a hash that identifies it in any log.
    pub fingerprint: u64,
}

/// The requests that states of messages are of, each state of another request or without a name. A state that
/// does not name its request belongs to the request of its message, and `join`s it; of several, to the one of
/// the lowest fingerprint.
///
/// # Errors
/// Those of `join`.
pub fn merge_duplicates<T, E>(
    mut states: Vec<T>,
    key: impl Fn(&T) -> MessageKey,
    mut join: impl FnMut(&T, &T) -> Result<T, E>,
) -> Result<Vec<T>, E> {
    states.sort_unstable_by_key(|state| {
        let MessageKey { message, named, fingerprint } = key(state);
        (message, !named, fingerprint)
    });
    let mut merged: Vec<T> = Vec::with_capacity(states.len());
    for state in states {
        match merged.last_mut() {
            Some(last) if !key(&state).named && key(last).message == key(&state).message => {
                *last = join(last, &state)?;
            }
            _ => merged.push(state),
        }
    }
    Ok(merged)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    type State = RequestState<u8, u8>;

    fn state() -> impl Strategy<Value = State> {
        let begun = prop::option::of(0_i64..4);
        (0_i64..4, begun, 0_u64..3, 0_u64..3, 0_u8..3, 0_u8..4).prop_map(
            |(at, begun, input, output, model, source)| {
                let tokens = Tokens { input, output, ..Tokens::default() };
                RequestState { at, begun, dating: Dating::First, tokens, model, source }
            },
        )
    }

    /// The same states of a program with another dating.
    fn dated(states: &[State], dating: Dating) -> Vec<State> {
        states.iter().map(|state| State { dating, ..*state }).collect()
    }

    fn together(states: &[State]) -> State {
        states.iter().copied().reduce(merge).unwrap()
    }

    proptest! {
        #[test]
        fn any_order_and_any_repetition_of_records_gives_the_same_request(
            states in prop::collection::vec(state(), 1..6),
            order in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
            split in any::<prop::sample::Index>(),
        ) {
            for dating in [Dating::First, Dating::Growing, Dating::Latest] {
                let states = dated(&states, dating);
                let whole = together(&states);
                let mut again = states.clone();
                again.reverse();
                again.extend(order.iter().map(|index| *index.get(&states)));
                prop_assert_eq!(together(&again), whole);
                // In two parts, each put together before.
                let (one, other) = again.split_at(split.index(again.len()).max(1));
                if !other.is_empty() {
                    prop_assert_eq!(merge(together(other), together(one)), whole);
                }
            }
        }

        #[test]
        fn any_order_of_states_gives_the_same_requests(
            states in prop::collection::vec((state(), 0_u64..2, any::<bool>(), 0_u64..3), 0..8),
            rotation in 0_usize..8,
        ) {
            let requests = |order: &[(State, u64, bool, u64)]| {
                // As a reader does: states of one request are merged as they come.
                let mut held: Vec<(State, MessageKey)> = Vec::new();
                for (state, message, named, number) in order {
                    let fingerprint = if *named { message * 10 + 1 + number } else { message * 10 };
                    let key = MessageKey { message: *message, named: *named, fingerprint };
                    match held.iter_mut().find(|(_, other)| *other == key) {
                        Some((known, _)) => *known = merge(*known, *state),
                        None => held.push((*state, key)),
                    }
                }
                merge_duplicates(held, |(_, key)| *key, |(a, key), (b, _)| Ok::<_, Infallible>((merge(*a, *b), *key)))
            };
            let mut rotated = states.clone();
            rotated.rotate_left(rotation % states.len().max(1));
            let first = requests(&states);
            prop_assert_eq!(&requests(&rotated), &first);
            rotated.reverse();
            prop_assert_eq!(&requests(&rotated), &first);
        }
    }

    #[test]
    fn an_original_goes_before_its_copies_and_a_file_before_later_ones() {
        let order = [(0, "a"), (0, "b"), (1, "a"), (2, "a"), (MAX_COPIES, "a"), (MAX_COPIES, "b")];
        let places: Vec<_> = order.map(|(copies, place)| Precedence::new(copies, place)).into();
        assert!(places.is_sorted_by(|a, b| a < b));
        assert_eq!(Precedence::new(400, "a"), Precedence::new(MAX_COPIES, "a"));
    }

    #[test]
    fn a_record_that_is_written_over_is_what_it_was_last_or_at_most() {
        let merged = |dating, states: [(i64, i64, u64); 3]| {
            let states = states.map(|(at, begun, output)| RequestState {
                at,
                begun: Some(begun),
                dating,
                tokens: Tokens { output, ..Tokens::default() },
                model: (),
                source: (),
            });
            let merged = states.into_iter().reduce(merge).unwrap();
            (merged.at, merged.begun, merged.tokens.output)
        };
        let states = [(5, 1, 900), (9, 1, 40), (7, 2, 900)];
        assert_eq!(merged(Dating::First, states), (5, Some(1), 900));
        assert_eq!(merged(Dating::Growing, states), (7, Some(1), 900));
        assert_eq!(merged(Dating::Latest, states), (9, Some(1), 40));
    }

    #[test]
    fn of_equal_places_the_newer_counts() {
        #[derive(Debug, Clone, Copy)]
        struct Moved(u8, &'static str);
        impl PartialEq for Moved {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }
        impl Eq for Moved {}
        impl PartialOrd for Moved {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }
        impl Ord for Moved {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.0.cmp(&other.0)
            }
        }
        let state = |output, source| {
            let tokens = Tokens { output, ..Tokens::default() };
            RequestState { at: 0, begun: None, dating: Dating::First, tokens, model: (), source }
        };
        for (old, new) in [(1, 2), (2, 1), (1, 1)] {
            let merged = merge(state(old, Moved(1, "before")), state(new, Moved(1, "after")));
            assert_eq!((merged.source.1, merged.tokens.output), ("after", 2.min(old.max(new))));
        }
    }
}
