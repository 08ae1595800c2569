//! Roll-ups: how movements and coverage add up to hours, days and months of a time zone.
//!
//! All sums are made here: those added while the agent runs, those rebuilt after a change of the zone, and
//! those of a history that is read in another zone.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tidemark_core::calendar::{Bucket, Span};

use crate::instant;

/// All sizes that are rolled up.
pub(crate) const SPANS: [Span; 3] = [Span::Hour, Span::Day, Span::Month];

/// A span as the store keeps it.
pub(crate) const fn span_number(span: Span) -> i64 {
    match span {
        Span::Hour => 0,
        Span::Day => 1,
        Span::Month => 2,
    }
}

/// A row of the `movement` table: a reading that found a new value, and how long that value was seen to hold.
/// Times are nanoseconds since 1970, amounts 1e-8 of the series' unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    /// Time of the reading.
    pub(crate) at: i64,
    /// Time of the last reading that found the value unchanged, with no gap between.
    pub(crate) until: i64,
    /// Time of the reading before.
    pub(crate) since: Option<i64>,
    /// Whether there is no data between the reading before and this one.
    pub(crate) gap: bool,
    /// The value that was read.
    pub(crate) value: i64,
    /// What was deducted since the reading before.
    pub(crate) deducted: i64,
    /// What was added since the reading before: resets, credits, corrections.
    pub(crate) returned: i64,
    /// Number of resets since the reading before.
    pub(crate) resets: i64,
}

/// What one bucket of a series has, or is to be given in addition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) deducted: i64,
    pub(crate) returned: i64,
    pub(crate) uncertain: i64,
    pub(crate) resets: i64,
    /// The last value, and up to when it is known to have held inside the bucket.
    pub(crate) last: Option<(i64, i64)>,
    pub(crate) high: Option<i64>,
}

impl Sum {
    fn see(&mut self, value: i64, at: i64) {
        if self.last.is_none_or(|(before, _)| at >= before) {
            self.last = Some((at, value));
        }
        self.high = self.high.max(Some(value));
    }
}

/// Where a bucket's sum is kept: whose, which span, from when.
pub(crate) type Key = (i64, i64, i64);

/// Sums of any number of series and accounts in one zone.
#[derive(Debug)]
pub(crate) struct Sums {
    zone: Tz,
    spans: &'static [Span],
    /// Sums by series.
    pub(crate) moved: BTreeMap<Key, Sum>,
    /// Time with data, in nanoseconds, by account.
    pub(crate) covered: BTreeMap<Key, i64>,
    /// The day and the month last used: readings come in order, and cutting days is slow.
    recent: [Option<Bucket>; 2],
}

impl Sums {
    pub(crate) fn new(zone: Tz, spans: &'static [Span]) -> Self {
        Self { zone, spans, moved: BTreeMap::new(), covered: BTreeMap::new(), recent: [None; 2] }
    }

    fn holding(&mut self, at: DateTime<Utc>, span: Span) -> Bucket {
        // Hours are quick, and where a zone moved its clock by half an hour they may overlap.
        let recent = match span {
            Span::Hour => return Bucket::holding(at, span, self.zone),
            Span::Day => &mut self.recent[0],
            Span::Month => &mut self.recent[1],
        };
        match recent {
            Some(bucket) if bucket.start <= at && at < bucket.end => *bucket,
            _ => *recent.insert(Bucket::holding(at, span, self.zone)),
        }
    }

    /// The buckets of a span that touch `[from, to]`, one after the other.
    fn touching(&mut self, from: i64, to: i64, span: Span, mut each: impl FnMut(&mut Self, i64, i64)) {
        let mut bucket = self.holding(instant::decode(from), span);
        loop {
            let end = instant::encode(bucket.end);
            each(self, instant::encode(bucket.start), end);
            if to < end {
                return;
            }
            let next = self.holding(bucket.end, span);
            if next.end <= bucket.end {
                return;
            }
            bucket = next;
        }
    }

    /// Adds a reading that found something new. What moved counts in the bucket of the reading; what moved
    /// since before that bucket began may belong to an earlier one, and counts as uncertain.
    pub(crate) fn add_move(&mut self, series: i64, run: &Run) {
        for &span in self.spans {
            let number = span_number(span);
            if let Some(since) = run.since
                && !run.gap
            {
                // Covered all the time, so the buckets between the two readings are known to have nothing.
                self.touching(since, run.at, span, |sums, start, _| {
                    sums.moved.entry((series, number, start)).or_default();
                });
            }
            let start = instant::encode(self.holding(instant::decode(run.at), span).start);
            let sum = self.moved.entry((series, number, start)).or_default();
            sum.deducted = sum.deducted.saturating_add(run.deducted);
            sum.returned = sum.returned.saturating_add(run.returned);
            sum.resets += run.resets;
            if run.gap && run.since.is_some_and(|since| since < start) {
                sum.uncertain = sum.uncertain.saturating_add(run.deducted);
            }
            sum.see(run.value, run.at);
        }
    }

    /// Adds readings that found the same value all the time from `from` to `to`.
    pub(crate) fn add_hold(&mut self, series: i64, value: i64, from: i64, to: i64) {
        for &span in self.spans {
            self.touching(from, to, span, |sums, start, end| {
                sums.moved.entry((series, span_number(span), start)).or_default().see(value, to.min(end - 1));
            });
        }
    }

    /// Adds a row of the table: its reading and how long the value held.
    pub(crate) fn add_run(&mut self, series: i64, run: &Run) {
        self.add_move(series, run);
        if run.until > run.at {
            self.add_hold(series, run.value, run.at, run.until);
        }
    }

    /// A stretch `[from, to)` in which we were looking and which was not counted yet.
    pub(crate) fn add_cover(&mut self, account: i64, from: i64, to: i64) {
        if from >= to {
            return;
        }
        for &span in self.spans {
            let mut begun = from;
            self.touching(from, to - 1, span, |sums, start, end| {
                *sums.covered.entry((account, span_number(span), start)).or_default() += to.min(end) - begun;
                begun = to.min(end);
            });
        }
    }
}
