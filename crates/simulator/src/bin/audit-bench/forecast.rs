//! How good the forecast is: lives of ten weeks, a forecast at random moments of them, and what came then.
//! One line of JSON for each window, beside the base rate and a straight line on the same moments.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;
use tidemark_core::change::Tracker;
use tidemark_core::forecast::{Forecast, UsageHistory};
use tidemark_core::{Meter, Reading, Series, Source};
use tidemark_simulator::{Polled, TrueEvent, history};

use crate::dice::Dice;
use crate::fault::Fault;
use crate::month::{Month, Sight};

/// How long each account lives.
const LIFE: TimeDelta = TimeDelta::days(70);
/// At least this much is used, and left, where a forecast is asked for.
const EDGE: f64 = 5.0;
/// From this probability of lasting down, the window says "empty at about".
const PLAIN: f64 = 0.05;
/// The straight line is given what such a line came to, in so many parts of its range.
const PARTS: usize = 20;

/// A moment at which a forecast was asked for, and what came.
#[derive(Debug, Clone, Copy)]
struct Moment {
    meter: Meter,
    forecast: Option<Forecast>,
    /// Hours until the announced end.
    left: f64,
    /// Percent used at that end, were it used on as since the cycle began.
    line: f64,
    emptied: Option<DateTime<Utc>>,
}

impl Moment {
    fn lasted(&self) -> f64 {
        f64::from(u8::from(self.emptied.is_none()))
    }

    /// Width of the forecast span, in hours.
    fn width(&self) -> Option<f64> {
        self.forecast?.empty.map(|(from, to)| (to - from).as_seconds_f64() / 3600.0)
    }

    fn is_covered(&self) -> bool {
        let span = self.forecast.and_then(|forecast| forecast.empty);
        span.zip(self.emptied).is_some_and(|((from, to), at)| from <= at && at <= to)
    }
}

/// One line of JSON: what `cargo xtask bench audit` reads.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    meter: &'static str,
    /// Moments asked about, and those of them at which something was said.
    moments: usize,
    forecasts: usize,
    /// The share that lasted.
    lasted: f64,
    /// Brier scores: of the forecast; of always telling that share; of a straight line, as yes or no and as
    /// the share that lasted among lines like it.
    brier: f64,
    brier_base: f64,
    brier_line: f64,
    brier_line_share: f64,
    /// Forecasts with a span, those of them that were emptied, and emptied within it.
    spans: usize,
    emptied: usize,
    covered: usize,
    /// The middle width of these spans as a part of the time that was left, and both means in hours.
    width_part: f64,
    width_hours: f64,
    left_hours: f64,
    /// Forecasts that say plainly when it is empty, and those of them that were right.
    plain: usize,
    plain_covered: usize,
    /// By tenths of the probability: how many, what was said on average, what share lasted.
    tenths: Vec<(usize, f64, f64)>,
}

/// Lives so many lives and gives a line for each window.
pub(crate) fn measure(lives: u64, held_out: bool) -> Vec<Row> {
    let first: u64 = if held_out { 1_000_000 } else { 0 };
    let seeds: Vec<u64> = (0..lives).map(|number| first + number * 1000 + 977).collect();
    let all = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let moments = live(*seed);
                    // A thread that panicked ends the program with its own message.
                    if let Ok(mut all) = all.lock() {
                        all.push((*seed, moments));
                    }
                }
            });
        }
    });
    let mut all = all.into_inner().unwrap_or_default();
    // Sums do not depend on which thread was first.
    all.sort_by_key(|(seed, _)| *seed);
    let moments: Vec<Moment> = all.into_iter().flat_map(|(_, moments)| moments).collect();
    [Meter::FiveHour, Meter::Week, Meter::Month]
        .into_iter()
        .map(|meter| row(meter, &moments.iter().filter(|m| m.meter == meter).copied().collect::<Vec<_>>()))
        .collect()
}

/// The life of a seed: a clean month's account with a quota, used more or less than usual and for longer.
fn life(seed: u64) -> Month {
    let sight = Sight::ALL[(seed / 1000 % 3) as usize];
    // A month of the open platform has no quota: the next number that has one.
    let mut month = (0..1000)
        .map(|more| Month::new(seed.wrapping_add(more), Fault::Nothing, sight))
        .find(|month| month.spec.source == Source::KimiCode)
        .unwrap_or_else(|| Month::new(seed, Fault::Early, sight));
    let factor = Dice::new(seed ^ 0xf0).pick(&[0.6, 1.0, 1.6, 2.5]);
    month.spec.habits.sessions *= factor;
    month.spec.habits.weekend_sessions *= factor;
    month.end = month.begin + LIFE;
    month
}

fn live(seed: u64) -> Vec<Moment> {
    let month = life(seed);
    let mut dice = Dice::new(seed ^ 0xa5);
    let zone = month.spec.habits.zone;
    let mut history = history(&month.spec, 7, month.begin, month.end, month.every);
    let (mut tracker, mut pasts) = (Tracker::default(), UsageHistory::new(zone));
    let mut asked = Vec::new();
    while let Some(poll) = history.next_poll() {
        let Polled::Look { reading, .. } = poll else { continue };
        if is_off(&month, reading.at) || dice.happens(month.dropped) {
            continue;
        }
        for movement in tracker.observe(&reading).movements {
            pasts.take(&movement);
        }
        for meter in reading.meters.iter().filter(|m| m.meter.is_allowance() && !tracker.pending(m.meter)) {
            // A handful in each cycle, whatever its length.
            let often = if meter.meter == Meter::FiveHour { 1.0 / 30.0 } else { 1.0 / 150.0 };
            let used = meter.used_percent.to_f64().unwrap_or_default();
            let end = meter.resets_at.filter(|end| *end > reading.at && *end < month.end);
            let (true, Some(end)) = (dice.happens(often) && (EDGE..=100.0 - EDGE).contains(&used), end)
            else {
                continue;
            };
            let left = (end - reading.at).as_seconds_f64();
            let whole = meter.meter.nominal_length().as_seconds_f64();
            let moment = Moment {
                meter: meter.meter,
                forecast: pasts.forecast(meter, reading.at).ok(),
                left: left / 3600.0,
                line: used * whole / (whole - left).max(60.0),
                emptied: None,
            };
            asked.push((reading.at, end, moment));
        }
    }
    let events = history.truth().events;
    asked
        .into_iter()
        .map(|(at, end, m)| Moment { emptied: emptied(&events, m.meter, at, end), ..m })
        .collect()
}

/// The readings of a life, what happened in truth, the zone of its days, and its end.
pub(crate) fn readings(seed: u64) -> (Vec<Reading>, Vec<TrueEvent>, Tz, DateTime<Utc>) {
    let month = life(seed);
    let mut dice = Dice::new(seed ^ 0xa5);
    let zone = month.spec.habits.zone;
    let mut history = history(&month.spec, 7, month.begin, month.end, month.every);
    let mut readings = Vec::new();
    while let Some(poll) = history.next_poll() {
        let Polled::Look { reading, .. } = poll else { continue };
        if !(is_off(&month, reading.at) || dice.happens(month.dropped)) {
            readings.push(*reading);
        }
    }
    (readings, history.truth().events, zone, month.end)
}

/// Whether nothing is polled at a time.
fn is_off(month: &Month, at: DateTime<Utc>) -> bool {
    let hour = at.with_timezone(&month.spec.habits.zone).hour();
    month.nights_off && (1..8).contains(&hour)
        || month.away.is_some_and(|(from, to)| (from..to).contains(&at))
}

/// When a window was used up in a span.
pub(crate) fn emptied(
    events: &[TrueEvent],
    meter: Meter,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let mut events = events.iter().filter(|event| event.what == "exhausted");
    let is_it = |event: &&TrueEvent| event.series.is_some_and(|key| key.0 == Series::Meter(meter));
    events.find(|event| is_it(event) && event.at > from && event.at <= to).map(|event| event.at)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

fn row(meter: Meter, moments: &[Moment]) -> Row {
    let told: Vec<(Moment, f64)> = moments.iter().filter_map(|m| Some((*m, m.forecast?.lasts))).collect();
    let lasted = mean(told.iter().map(|(m, _)| m.lasted()));
    let brier = |says: &dyn Fn(&Moment, f64) -> f64| {
        mean(told.iter().map(|(m, p)| (says(m, *p) - m.lasted()).powi(2)))
    };
    let spans: Vec<Moment> = told.iter().map(|(m, _)| *m).filter(|m| m.width().is_some()).collect();
    let emptied: Vec<Moment> = spans.iter().filter(|m| m.emptied.is_some()).copied().collect();
    let is_plain = |m: &&Moment| m.forecast.is_some_and(|forecast| forecast.lasts <= PLAIN);
    let mut parts: Vec<f64> = spans.iter().filter_map(|m| Some(m.width()? / m.left)).collect();
    parts.sort_by(f64::total_cmp);
    Row {
        meter: meter.as_str(),
        moments: moments.len(),
        forecasts: told.len(),
        lasted,
        brier: brier(&|_, p| p),
        brier_base: brier(&|_, _| lasted),
        brier_line: brier(&|m, _| f64::from(u8::from(m.line < 100.0))),
        brier_line_share: line_share(&told),
        spans: spans.len(),
        emptied: emptied.len(),
        covered: emptied.iter().filter(|m| m.is_covered()).count(),
        width_part: parts.get(parts.len() / 2).copied().unwrap_or_default(),
        width_hours: mean(spans.iter().filter_map(Moment::width)),
        left_hours: mean(spans.iter().map(|m| m.left)),
        plain: spans.iter().filter(is_plain).count(),
        plain_covered: spans.iter().filter(is_plain).filter(|m| m.is_covered()).count(),
        tenths: (0..10).map(|tenth| of_tenth(&told, tenth)).collect(),
    }
}

/// The Brier score of a straight line whose probability is the share that lasted in its own twentieth of
/// these very moments: more than a line could know.
fn line_share(told: &[(Moment, f64)]) -> f64 {
    let mut lines: Vec<(f64, f64)> = told.iter().map(|(m, _)| (m.line, m.lasted())).collect();
    lines.sort_by(|a, b| a.0.total_cmp(&b.0));
    let size = lines.len().div_ceil(PARTS).max(1);
    let off = lines.chunks(size).flat_map(|part| {
        let share = mean(part.iter().map(|(_, lasted)| *lasted));
        part.iter().map(move |(_, lasted)| (share - lasted).powi(2))
    });
    mean(off)
}

fn of_tenth(told: &[(Moment, f64)], tenth: usize) -> (usize, f64, f64) {
    let of = || told.iter().filter(move |(_, p)| ((p * 10.0) as usize).min(9) == tenth);
    (of().count(), mean(of().map(|(_, p)| *p)), mean(of().map(|(m, _)| m.lasted())))
}
