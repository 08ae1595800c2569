//! What may come: stretches of the account's own past, put together.

use chrono::{DateTime, TimeDelta, Utc};

use super::draws::Draws;
use super::past::{Past, QUARTER, QUARTERS, is_weekend, part_over, quarter_end};
use super::row::Row;

/// So many futures are drawn.
const FUTURES: usize = 500;
/// So many days must have been watched.
const FEWEST_DAYS: usize = 3;
/// For so many quarters ahead it matters what is going on now.
const NEAR: i64 = 24;
/// A moment that is to resemble now lies at most so many quarters earlier or later in its day,
const SHIFT: i64 = 20;
/// and counts half as much at this distance.
const HALF_SHIFT: f64 = 4.0;
/// The weight of a past day halves in so many days.
const HALF_LIFE: f64 = 28.0;
/// So much less counts a day of the other kind (work day, weekend) for the hours to come,
const OTHER_KIND_NEAR: f64 = 0.2;
/// and for days to come all of the other kind together count as much as this part of one day.
const OTHER_KIND: f64 = 0.3;
/// How unlike recent use may be, as a logarithm.
const UNLIKE: f64 = 0.5;
/// Even what is unlike counts a little.
const LEAST: f64 = 0.008;
/// How far the hours to come scatter beyond those they are taken from, as a logarithm.
const SCATTER_NEAR: f64 = 0.5;
/// How far the days to come scatter together, as a logarithm, were only one day known.
const SCATTER: f64 = 0.9;
/// For so many quarters of an hour the present pace continues if it differs from the past one.
const GOES_ON: f64 = 3.0;

/// The drawn futures in which the quota is used up, and how many were drawn.
pub(super) struct Futures {
    /// When those that do not last have used up what is left, in order.
    pub(super) empty: Vec<DateTime<Utc>>,
    /// How many there are in all.
    pub(super) drawn: usize,
}

/// Draws futures from `now` to `end` with so many percent left; `None` where too little past is known.
pub(super) fn futures(past: &Past, now: DateTime<Utc>, end: DateTime<Utc>, left: f64) -> Option<Futures> {
    let row = Row::new(past, now)?;
    let days: Vec<usize> = (0..row.today()).filter(|day| row.is_known(*day)).collect();
    if days.len() < FEWEST_DAYS {
        return None;
    }
    let pieces = pieces(past, now, end);
    let near: f64 = pieces.iter().filter(|piece| piece.near).map(Piece::length).sum();
    let likes = likes(&row, &days, near);
    let total: f64 = likes.iter().map(|like| like.weight).sum();
    let mut weighed = 0.0;
    let mut upcoming = likes.iter().peekable();
    let mut empty = Vec::new();
    for number in 0..FUTURES {
        // Through all that resembles now, each as often as it weighs.
        let aim = (number as f64 + 0.5) / FUTURES as f64 * total;
        while let Some(like) = upcoming.next_if(|like| weighed + like.weight < aim) {
            weighed += like.weight;
        }
        let like = *upcoming.peek().or(likes.last().as_ref())?;
        // A stream of its own: what one future draws changes nothing in the others.
        let future = Future::new(&row, &days, like, Draws::new(number as u64));
        empty.extend(future.empty_at(&pieces, left));
    }
    empty.sort_unstable();
    Some(Futures { empty, drawn: FUTURES })
}

/// A stretch of the time to come, within one local day and while the clock is not moved.
struct Piece {
    start: DateTime<Utc>,
    is_weekend: bool,
    /// Quarters of the local day.
    from: f64,
    to: f64,
    /// Whether it matters what is going on now.
    near: bool,
}

impl Piece {
    fn length(&self) -> f64 {
        self.to - self.from
    }
}

fn pieces(past: &Past, now: DateTime<Utc>, end: DateTime<Utc>) -> Vec<Piece> {
    let turn = now + TimeDelta::seconds(QUARTER * NEAR);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut date = None;
    let mut at = now;
    while at < end {
        let near = at < turn;
        let next = quarter_end(at).min(if near { turn.min(end) } else { end });
        let (day, quarter) = past.local(at);
        let from = quarter as f64 + part_over(at);
        let to = from + (next - at).as_seconds_f64() / QUARTER as f64;
        match pieces.last_mut() {
            Some(last) if date == Some(day) && last.near == near && (last.to - from).abs() < 1e-6 => {
                last.to = to;
            }
            _ => pieces.push(Piece { start: at, is_weekend: is_weekend(day), from, to, near }),
        }
        date = Some(day);
        at = next;
    }
    pieces
}

/// A moment of the past that resembles now.
struct Like {
    place: f64,
    /// How much it counts.
    weight: f64,
    /// How many times as much is being used now.
    pace: f64,
}

/// The moments that resemble now and of which it is known what followed.
fn likes(row: &Row, days: &[usize], length: f64) -> Vec<Like> {
    let now = row.recent(row.now());
    let (today, weekend) = (row.today(), row.is_weekend(row.today()));
    let mut likes = Vec::with_capacity(days.len() * (2 * SHIFT as usize + 1));
    for day in days {
        let ago = today - day;
        let kind = if row.is_weekend(*day) == weekend { 1.0 } else { OTHER_KIND_NEAR };
        let age = 0.5_f64.powf(ago as f64 / HALF_LIFE);
        for shift in -SHIFT..=SHIFT {
            let place = row.now() - (ago * QUARTERS) as f64 + shift as f64;
            if place < 0.0 || place + length > row.now() {
                continue;
            }
            let then = row.recent(place);
            let apart = |of: usize| (then[of].ln_1p() - now[of].ln_1p()).powi(2);
            let alike = (-(apart(0) + apart(1) / 2.0) / (2.0 * UNLIKE * UNLIKE)).exp() + LEAST;
            let near = 1.0 / (1.0 + (shift as f64 / HALF_SHIFT).powi(2));
            let faster = ((now[0] + 0.5) / (then[0] + 0.5)).clamp(0.25, 4.0);
            likes.push(Like { place, weight: kind * age * near * alike, pace: faster });
        }
    }
    likes
}

/// From where a piece of a future is taken.
#[derive(Clone, Copy)]
enum PieceSource {
    /// From what followed the moment that resembles now, so many quarters after it.
    Near(f64),
    /// From a past day, beginning at this place.
    Day(f64),
}

/// One future.
struct Future<'a> {
    row: &'a Row,
    days: &'a [usize],
    like: &'a Like,
    draws: Draws,
    near: f64,
    level: f64,
}

impl<'a> Future<'a> {
    fn new(row: &'a Row, days: &'a [usize], like: &'a Like, mut draws: Draws) -> Self {
        let near = (SCATTER_NEAR * draws.normal()).exp();
        let level = (SCATTER / (days.len() as f64).sqrt() * draws.normal()).exp();
        Self { row, days, like, draws, near, level }
    }

    /// When so much is used up; `None` where something is left at the end.
    fn empty_at(mut self, pieces: &[Piece], mut left: f64) -> Option<DateTime<Utc>> {
        let weights = pieces.iter().any(|piece| !piece.near).then(|| self.weights());
        let mut gone = 0.0;
        for piece in pieces {
            let length = piece.length();
            let taken = match &weights {
                Some(weights) if !piece.near => {
                    let day = self.days[self.draws.pick(&weights[usize::from(piece.is_weekend)])];
                    PieceSource::Day((day * QUARTERS) as f64 + piece.from)
                }
                _ => PieceSource::Near(gone),
            };
            gone += length;
            let used = |quarters: f64| self.used(taken, quarters);
            let all = used(length);
            if all >= left {
                return Some(piece.start + after(when(used, length, left)));
            }
            left -= all;
        }
        None
    }

    /// What is used in so many quarters of a piece.
    fn used(&self, taken: PieceSource, quarters: f64) -> f64 {
        match taken {
            PieceSource::Near(from) => self.near_use(from, from + quarters),
            PieceSource::Day(from) => self.row.between(from, from + quarters) * self.level,
        }
    }

    /// What is used in the hours to come, from and to quarters after now.
    fn near_use(&self, from: f64, to: f64) -> f64 {
        let Like { place, pace, .. } = *self.like;
        let mut used = 0.0;
        let mut at = from;
        while at < to {
            let next = (at + 1.0).min(to);
            let factor = 1.0 + (pace - 1.0) * (-at / GOES_ON).exp();
            used += factor * self.row.between(place + at, place + next);
            at = next;
        }
        used * self.near
    }

    /// How much each past day counts in this future, for work days and for weekends to come.
    fn weights(&mut self) -> [Vec<f64>; 2] {
        let weekends = self.days.iter().filter(|day| self.row.is_weekend(**day)).count();
        let counts = [self.days.len() - weekends, weekends];
        let mut weights = [Vec::with_capacity(self.days.len()), Vec::with_capacity(self.days.len())];
        for day in self.days {
            let own = self.draws.wait() * 0.5_f64.powf((self.row.today() - day) as f64 / HALF_LIFE);
            let kind = usize::from(self.row.is_weekend(*day));
            weights[kind].push(own);
            weights[1 - kind].push(own * OTHER_KIND / counts[kind] as f64);
        }
        weights
    }
}

/// After how many quarters so much is used.
fn when(used: impl Fn(f64) -> f64, length: f64, left: f64) -> f64 {
    let (mut low, mut high) = (0.0, length);
    // To a second, within a day.
    for _ in 0..17 {
        let middle = f64::midpoint(low, high);
        if used(middle) >= left { high = middle } else { low = middle }
    }
    high
}

fn after(quarters: f64) -> TimeDelta {
    TimeDelta::milliseconds((quarters * QUARTER as f64 * 1000.0) as i64)
}
