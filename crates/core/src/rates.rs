//! Rates: how many requests and tokens a minute, and how many requests at the same time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};

/// When one request ran, and how many tokens it used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestSpan {
    /// When it was asked for, where that is known.
    pub begun: Option<DateTime<Utc>>,
    /// When it ended: the time at which it was logged.
    pub at: DateTime<Utc>,
    /// Its tokens of all kinds, added up.
    pub tokens: u64,
}

/// The rates within a stretch of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rates {
    /// Requests that ended within the stretch.
    pub requests: u64,
    /// Tokens of these requests, of all kinds.
    pub tokens: u64,
    /// The most requests that were over within any 60 seconds.
    pub most_requests_a_minute: u64,
    /// The most tokens of requests that were over within any 60 seconds.
    pub most_tokens_a_minute: u64,
    /// The most requests that ran at the same time, among those whose beginning is known; `None` where that is
    /// so of none.
    pub greatest_concurrency: Option<u64>,
}

/// The rates over the stretch `(now - back, now]`. The requests come in the order in which they were over.
///
/// # Examples
/// ```
/// use chrono::{DateTime, TimeDelta, Utc};
/// use tidemark_core::rates::{RequestSpan, rates};
///
/// let now: DateTime<Utc> = "2026-06-01T08:00:00Z".parse()?;
/// let request = |begun, at, tokens| RequestSpan {
///     begun: Some(now - TimeDelta::seconds(begun)),
///     at: now - TimeDelta::seconds(at),
///     tokens,
/// };
/// let hour = rates(&[request(600, 590, 7), request(50, 30, 100), request(40, 20, 200)], now, TimeDelta::hours(1));
/// assert_eq!((hour.requests, hour.tokens), (3, 307));
/// assert_eq!((hour.most_requests_a_minute, hour.most_tokens_a_minute), (2, 300));
/// assert_eq!(hour.greatest_concurrency, Some(2));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[must_use]
pub fn rates(requests: &[RequestSpan], now: DateTime<Utc>, back: TimeDelta) -> Rates {
    let from = now - back;
    let mut rates = Rates::default();
    let mut minute: VecDeque<&RequestSpan> = VecDeque::new();
    let mut in_minute = 0_u64;
    let mut spans: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
    for ran in requests.iter().filter(|ran| ran.at > from && ran.at <= now) {
        rates.requests += 1;
        rates.tokens = rates.tokens.saturating_add(ran.tokens);
        minute.push_back(ran);
        in_minute = in_minute.saturating_add(ran.tokens);
        while let Some(first) = minute.front()
            && ran.at - first.at >= TimeDelta::seconds(60)
        {
            in_minute = in_minute.saturating_sub(first.tokens);
            minute.pop_front();
        }
        rates.most_requests_a_minute = rates.most_requests_a_minute.max(minute.len() as u64);
        rates.most_tokens_a_minute = rates.most_tokens_a_minute.max(in_minute);
        if let Some(begun) = ran.begun.filter(|begun| *begun <= ran.at) {
            // What ran before the stretch does not count in it.
            spans.push((begun.max(from), ran.at));
        }
    }
    spans.sort_unstable();
    let mut running: BinaryHeap<Reverse<DateTime<Utc>>> = BinaryHeap::new();
    for (begun, at) in spans {
        // One that ends as another begins does not run beside it.
        while running.peek().is_some_and(|Reverse(end)| *end <= begun) {
            running.pop();
        }
        running.push(Reverse(at));
        rates.greatest_concurrency = rates.greatest_concurrency.max(Some(running.len() as u64));
    }
    rates
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + seconds, 0).unwrap()
    }

    fn ran(begun: Option<i64>, end: i64, tokens: u64) -> RequestSpan {
        RequestSpan { begun: begun.map(at), at: at(end), tokens }
    }

    #[test]
    fn rates_of_a_busy_minute() {
        let requests = [
            ran(Some(0), 10, 5),
            ran(Some(5), 20, 7),
            ran(Some(20), 30, 1),
            ran(None, 69, 2),
            ran(None, 70, 9),
        ];
        let found = rates(&requests, at(100), TimeDelta::hours(1));
        assert_eq!(
            found,
            Rates {
                requests: 5,
                tokens: 24,
                most_requests_a_minute: 4,
                most_tokens_a_minute: 19,
                greatest_concurrency: Some(2),
            }
        );
        let last = rates(&requests, at(100), TimeDelta::seconds(60));
        assert_eq!((last.requests, last.tokens, last.greatest_concurrency), (2, 11, None));
        assert_eq!(rates(&[], at(0), TimeDelta::days(1)), Rates::default());
    }

    proptest! {
        #[test]
        fn they_are_what_counting_gives(
            mut runs in proptest::collection::vec((0i64..400, 0i64..90, 0u64..1000), 0..60),
            back in 1i64..400,
        ) {
            runs.sort_unstable_by_key(|(end, ..)| *end);
            let requests: Vec<RequestSpan> =
                runs.iter().map(|(end, took, tokens)| ran(Some(end - took), *end, *tokens)).collect();
            let now = at(380);
            let found = rates(&requests, now, TimeDelta::seconds(back));
            let from = now - TimeDelta::seconds(back);
            let inside: Vec<&RequestSpan> = requests.iter().filter(|r| r.at > from && r.at <= now).collect();
            let minutes = inside.iter().map(|last| {
                let within = |r: &&&RequestSpan| r.at <= last.at && last.at - r.at < TimeDelta::seconds(60);
                (inside.iter().filter(within).count() as u64,
                 inside.iter().filter(within).map(|r| r.tokens).sum::<u64>())
            });
            let (most, tokens) = minutes.fold((0, 0), |(a, b), (c, d)| (a.max(c), b.max(d)));
            // In the second at whose end all of that second are over, a later one of the same second counts too.
            prop_assert!(found.most_requests_a_minute >= 1 || inside.is_empty());
            prop_assert_eq!(found.most_requests_a_minute, most);
            prop_assert_eq!(found.most_tokens_a_minute, tokens);
            let beside = inside.iter().map(|one| {
                let begun = one.begun.unwrap().max(from);
                inside.iter().filter(|r| {
                    r.begun.unwrap().max(from) <= begun && (r.at > begun || std::ptr::eq::<RequestSpan>(**r, *one))
                }).count() as u64
            });
            prop_assert!(found.greatest_concurrency.unwrap_or(0) <= beside.max().unwrap_or(0));
            prop_assert_eq!(found.requests, inside.len() as u64);
        }
    }
}
