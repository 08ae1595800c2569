//! Which states of answers in a log are of the same request.
//!
//! A program writes an answer's usage more than once while it comes in. Where a record names its request, that decides.
//! Where it does not, the number of the message should; but some relays give every answer the same one. So a state is of
//! an answer that came before only if it can be: from the same session, soon after, with the same prompt and no less output.
//!
//! An answer that no request is named of is known again by its first state, where its number is not evidently its own.
//! A copy of a log has the same states at the same times, so that it gives the same answers.

use serde::{Deserialize, Serialize};
use tidemark_core::Tokens;

use crate::fingerprint::Fingerprint;

/// A state of an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct State {
    /// A hash of the message's number.
    pub(crate) message: u64,
    /// What the first answer with this number is known by, if it is the number's own.
    pub(crate) own: Option<u64>,
    /// Whether the number is one that no other answer will have by chance.
    pub(crate) random: bool,
    /// A hash of message and request, where the record names its request.
    pub(crate) request: Option<u64>,
    /// A hash of the session's name.
    pub(crate) session: u64,
    /// When it was logged, in milliseconds since 1970, if the log says so.
    pub(crate) at: Option<i64>,
    pub(crate) tokens: Tokens,
    /// One with less output is of the same answer within this time, in milliseconds: reports can come out of order.
    pub(crate) out_of_order: i64,
    /// A hash of the record's own number.
    pub(crate) record: Option<u64>,
    /// That of the record before it in the conversation.
    pub(crate) parent: Option<u64>,
}

/// What a state is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Equal where states may still turn out to be of one request.
    pub(crate) group: u64,
    /// Equal where they are.
    pub(crate) fingerprint: u64,
    /// Whether the request is named.
    pub(crate) named: bool,
}

/// Whether a message's number was drawn at random by all appearance, so that it is the message's own: not `msg_1` or a relay's name.
pub(crate) fn is_random(number: &str) -> bool {
    const MIN_LENGTH: usize = 20;
    const MIN_DIGITS: usize = 2;
    const MIN_DIFFERENT: u32 = 8;
    // Behind a word such as `msg_`.
    let digits = number.split_once(['-', '_']).map_or(number, |(_, digits)| digits);
    let of_number = || digits.bytes().filter(u8::is_ascii_alphanumeric);
    let different = of_number().fold(0_u128, |seen, byte| seen | 1 << byte).count_ones();
    of_number().count() >= MIN_LENGTH
        && of_number().filter(u8::is_ascii_digit).count() >= MIN_DIGITS
        && different >= MIN_DIFFERENT
}

/// So many answers are remembered, the latest. States of one stand close to each other, and a number that comes again
/// and again is always among them.
const MAX_REMEMBERED: usize = 16;
/// States of an answer are less than this apart, in milliseconds.
const MAX_GAP: i64 = 60_000;
/// The same where the later record says that it follows the earlier one: between the parts of an answer a model can
/// think for minutes.
const MAX_GAP_OF_NEIGHBOURS: i64 = 5 * 60_000;
/// The same where the number is the answer's own in all likelihood.
const MAX_GAP_OF_RANDOM: i64 = 10 * 60_000;
/// No program's prompt is smaller, in tokens: it is not known yet.
const MIN_PROMPT: u64 = 16;

/// The latest answers of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Answers(Vec<Answer>);

/// An answer by its latest state. It is kept with each log, so its names are short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Answer {
    #[serde(rename = "m")]
    message: u64,
    #[serde(rename = "g")]
    group: u64,
    #[serde(rename = "f")]
    fingerprint: u64,
    #[serde(rename = "r", skip_serializing_if = "Option::is_none", default)]
    request: Option<u64>,
    #[serde(rename = "s")]
    session: u64,
    #[serde(rename = "a", skip_serializing_if = "Option::is_none", default)]
    at: Option<i64>,
    /// Input, read from the cache, written to it, output.
    #[serde(rename = "t")]
    tokens: [u64; 4],
    #[serde(rename = "u", skip_serializing_if = "Option::is_none", default)]
    record: Option<u64>,
}

impl Answers {
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the next state of a log, and says what it is of.
    pub(crate) fn take(&mut self, state: &State) -> Identity {
        let place = self.place(state);
        let mut answer = match place {
            Some(place) => self.0.remove(place),
            None => Answer::begun(state, !self.knows(state.message)),
        };
        if let (Some(request), None) = (state.request, answer.request) {
            // Its first states named none: they join this one, which is in their group.
            answer.request = Some(request);
            answer.fingerprint = request;
        }
        (answer.at, answer.tokens) = (state.at.or(answer.at), counts(&state.tokens));
        answer.record = state.record;
        let identity = Identity {
            group: answer.group,
            fingerprint: answer.fingerprint,
            named: answer.request.is_some(),
        };
        self.0.push(answer);
        if self.0.len() > MAX_REMEMBERED {
            self.0.remove(0);
        }
        identity
    }

    fn knows(&self, message: u64) -> bool {
        self.0.iter().any(|answer| answer.message == message)
    }

    /// Where the answer is that a state is of.
    fn place(&self, state: &State) -> Option<usize> {
        let of_message = || self.0.iter().enumerate().rev().filter(|(_, one)| one.message == state.message);
        let place = |found: Option<(usize, &Answer)>| found.map(|(place, _)| place);
        if state.request.is_some()
            && let Some(found) = place(of_message().find(|(_, one)| one.request == state.request))
        {
            return Some(found);
        }
        let may_be = |one: &Answer| state.request.is_none() || one.request.is_none();
        // Several may be under way at once: the one with this prompt, else the latest, where it had none yet.
        let same_prompt = |one: &Answer| may_be(one) && one.goes_on_in(state);
        place(of_message().find(|(_, one)| same_prompt(one)))
            .or_else(|| place(of_message().next().filter(|(_, one)| may_be(one) && one.learns_in(state))))
    }
}

impl Answer {
    /// An answer of which this is the first state.
    fn begun(state: &State, first_of_message: bool) -> Self {
        let tokens = counts(&state.tokens);
        let own = state.own.filter(|_| first_of_message);
        let (group, fingerprint) = state.request.or(own).map_or_else(
            || {
                let hash =
                    Fingerprint::of(8).number(state.message).number(state.at.unwrap_or_default() as u64);
                let hash = tokens.into_iter().fold(hash, Fingerprint::number).finish();
                (hash, hash)
            },
            |known| (state.message, known),
        );
        Self {
            message: state.message,
            group,
            fingerprint,
            request: state.request,
            session: state.session,
            at: state.at,
            tokens,
            record: state.record,
        }
    }

    /// How long after the latest state another was logged; nothing where a time is unknown.
    fn gap(&self, state: &State) -> i64 {
        self.at.zip(state.at).map_or(0, |(before, at)| at.saturating_sub(before))
    }

    fn is_near(&self, state: &State) -> bool {
        let neighbours = state.parent.is_some() && state.parent == self.record;
        let most = match (state.random, neighbours) {
            (true, _) => MAX_GAP_OF_RANDOM,
            (_, true) => MAX_GAP_OF_NEIGHBOURS,
            _ => MAX_GAP,
        };
        self.session == state.session && (-most < self.gap(state)) && (self.gap(state) < most)
    }

    /// Whether a state can be a later one of this answer: output only grows.
    fn goes_on_in(&self, state: &State) -> bool {
        let (before, now) = (self.tokens, counts(&state.tokens));
        let grows = now[3] >= before[3];
        self.is_near(state)
            && prompt(before) == prompt(now)
            && (grows || self.gap(state).abs() < state.out_of_order)
    }

    /// Whether a state can be of this answer and know more of its prompt: figures of the prompt can come late. Then
    /// the state before it has next to no prompt or output, or no figures of the cache.
    fn learns_in(&self, state: &State) -> bool {
        let (before, now) = (self.tokens, counts(&state.tokens));
        let grows = before.iter().zip(now).all(|(before, now)| now >= *before) && now[3] > before[3];
        let no_cache = before[1] == 0 && before[2] == 0 && now[0] == before[0];
        self.is_near(state) && grows && (before[3] <= 1 || prompt(before) <= MIN_PROMPT || no_cache)
    }
}

const fn counts(tokens: &Tokens) -> [u64; 4] {
    [tokens.input, tokens.cache_read, tokens.cache_write, tokens.output]
}

fn prompt([input, cache_read, cache_write, _]: [u64; 4]) -> u64 {
    input.saturating_add(cache_read).saturating_add(cache_write)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(second: i64, prompt: u64, output: u64) -> State {
        State {
            message: 1,
            own: None,
            random: false,
            out_of_order: 0,
            request: None,
            session: 7,
            at: Some(1_784_000_000_000 + second * 1000),
            tokens: Tokens { input: prompt, output, ..Tokens::default() },
            record: Some(second as u64),
            parent: None,
        }
    }

    /// The answers that states are of, numbered as they come.
    fn answers(states: &[State]) -> Vec<usize> {
        let (mut answers, mut seen) = (Answers::default(), Vec::new());
        states
            .iter()
            .map(|state| {
                // As a log is that is read in parts.
                let kept = serde_json::to_string(&answers).unwrap();
                assert_eq!(serde_json::from_str::<Answers>(&kept).unwrap(), answers);
                let fingerprint = answers.take(state).fingerprint;
                seen.iter().position(|known| *known == fingerprint).unwrap_or_else(|| {
                    seen.push(fingerprint);
                    seen.len() - 1
                })
            })
            .collect()
    }

    #[test]
    fn states_without_a_request_are_told_apart() {
        for (states, expected) in [
            (&[(0, 10, 1), (5, 10, 1), (9, 10, 44)][..], &[0, 0, 0][..]),
            (&[(0, 10, 5), (60, 20, 6), (120, 10, 7), (180, 20, 8)], &[0, 1, 2, 3]),
            (&[(0, 10, 120), (600, 10, 80), (1200, 10, 95)], &[0, 1, 2]),
            (&[(0, 10, 5), (59, 10, 6), (119, 10, 7)], &[0, 0, 1]),
            (&[(0, 10, 50), (1, 10, 49)], &[0, 1]),
            (&[(0, 4, 1), (2, 5000, 200)], &[0, 0]),
            (&[(0, 4000, 50), (2, 5000, 200)], &[0, 1]),
            (&[(0, 4, 1), (200, 5000, 200)], &[0, 1]),
            (&[(0, 100, 1), (1, 4100, 1), (2, 100, 30), (3, 4100, 44)], &[0, 1, 0, 1]),
            // Written again from the beginning.
            (&[(0, 10, 1), (5, 10, 44), (0, 10, 1), (5, 10, 44), (90, 10, 2)], &[0, 0, 0, 0, 1]),
        ] {
            let states: Vec<_> =
                states.iter().map(|(at, prompt, output)| state(*at, *prompt, *output)).collect();
            assert_eq!(answers(&states), expected, "{states:?}");
        }
    }

    #[test]
    fn a_record_that_follows_another_may_do_so_later() {
        let after = |second, before, output| State { parent: Some(before), ..state(second, 10, output) };
        assert_eq!(answers(&[state(0, 10, 1), after(200, 0, 2), after(490, 200, 9)]), [0, 0, 0]);
        assert_eq!(answers(&[state(0, 10, 1), after(301, 0, 2)]), [0, 1]);
        assert_eq!(answers(&[state(0, 10, 1), after(200, 5, 2)]), [0, 1]);
        assert_eq!(answers(&[state(0, 10, 5), after(2, 0, 2)]), [0, 1]);
    }

    #[test]
    fn another_session_is_another_answer_unless_it_is_a_copy() {
        let other = |state| State { session: 8, ..state };
        assert_eq!(answers(&[state(0, 10, 1), other(state(1, 10, 5))]), [0, 1]);
        assert_eq!(answers(&[state(0, 10, 1), other(state(0, 10, 1))]), [0, 0]);
        assert_eq!(answers(&[state(0, 10, 1), other(state(0, 10, 2))]), [0, 1]);
    }

    #[test]
    fn a_request_that_is_named_is_one_whatever_it_says() {
        let named = |request, state| State { request: Some(request), ..state };
        let of = |second, prompt, output, request| named(request, state(second, prompt, output));
        assert_eq!(answers(&[of(0, 4, 1, 5), of(900, 5000, 200, 5), of(901, 10, 3, 5)]), [0, 0, 0]);
        assert_eq!(answers(&[of(0, 10, 1, 5), of(1, 10, 2, 6), of(2, 10, 3, 5)]), [0, 1, 0]);
        // What names none belongs to the one before it, and the other way round.
        let mut log = Answers::default();
        assert_eq!(log.take(&of(0, 10, 1, 5)), log.take(&state(1, 10, 2)));
        let first = log.take(&state(200, 10, 1));
        let second = log.take(&of(201, 10, 2, 6));
        assert_eq!(
            (first.group, first.named, second.named, second.fingerprint),
            (second.group, false, true, 6)
        );
        assert_eq!(log.take(&state(202, 10, 3)), second);
        assert_ne!(log.take(&state(300, 10, 3)), second);
    }

    #[test]
    fn a_number_of_its_own_is_the_same_answer_anywhere() {
        let own = |second, session, prompt, output| {
            let state = state(second, prompt, output);
            State { own: Some(99), random: true, session, ..state }
        };
        let first = |state| Answers::default().take(&state);
        assert_eq!(first(own(0, 7, 10, 1)), first(own(500, 8, 10, 44)));
        assert_eq!(answers(&[own(0, 7, 10, 1), own(400, 7, 10, 2), own(900, 7, 10, 3)]), [0, 0, 0]);
        // Unless it comes again for another.
        assert_eq!(answers(&[own(0, 7, 10, 120), own(600, 7, 10, 80), own(1200, 7, 10, 95)]), [0, 1, 2]);
        for (number, random) in [
            ("chatcmpl-68c2f3e1a7b54d0e9f3c2b1a", true),
            ("msg_01XFDUDYJgAACzvnptvVoYEL", true),
            ("3f2a8c1e-77d0-4b9e-9a51-0c2f3e1a7b54", true),
            ("202611200812345678901234", true),
            ("msg_relay", false),
            ("scripted-1", false),
            ("chatcmpl-000000000000000000000001", false),
            ("a-relay-that-numbers-nothing-at-all", false),
            ("ocgo", false),
            ("", false),
        ] {
            assert_eq!(is_random(number), random, "{number}");
        }
    }

    #[test]
    fn few_answers_are_remembered() {
        let mut log = Answers::default();
        for number in 0..1000 {
            log.take(&State { message: number, ..state(0, 10, 1) });
        }
        assert_eq!(log.0.len(), MAX_REMEMBERED);
    }
}
