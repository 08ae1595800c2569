//! The forecast: does a quota last until its reset, and if it does not, when is it used up?
//!
//! Nothing is assumed about how people work; the account's own past is all there is. [`UsageHistory`] keeps
//! how each quota was used, by quarters of an hour of the local day, for eight weeks and in constant memory.
//! From it some hundred futures are put together and counted:
//!
//! - The next six hours are taken from past moments that resemble now: about as much used in the last half
//!   hour and in the two hours before, near the same time of day, on the same kind of day (workday or
//!   weekend), recent ones preferred. If more is being used now than was then, the first hour continues in
//!   proportion.
//! - What follows is taken day by day from past days of the same kind. Each future gives the days other
//!   weights (a Bayesian bootstrap), and is stretched or shrunk a little, more so if fewer days are known:
//!   how well the past stands for the future is not known either.
//! - Hours without data are filled with what is usual for such hours. Hours in which the quota was used up
//!   say nothing, because no one could use it.
//!
//! The share of futures in which something is left at the reset is the probability that the quota lasts; the
//! other futures give the span in which it is used up. The random seed is fixed: the same past gives the same
//! forecast, and more use never gives a better one.
//!
//! Balances are not forecast: a balance has no scheduled end, and people pay in when it runs low, so such a
//! forecast could not be checked against what happened.

mod draws;
mod future;
mod past;
mod row;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::change::Movement;
use crate::meter::Meter;
use crate::number::decimal;
use crate::reading::MeterReading;
use crate::series::Series;

use past::Past;

/// A forecast stands on what was seen at most this long ago.
const FRESH: TimeDelta = TimeDelta::minutes(30);
/// The middle part of the futures that is reported as the span in which a quota is used up. More than 0.9,
/// because the future differs from the past by more than the past differs from itself.
const MIDDLE: f64 = 0.97;
/// A span that takes up more of the time until the reset says nothing.
const WIDEST: f64 = 2.0 / 3.0;

/// What is likely to become of a window. An estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// The probability that something is left when the cycle ends as announced, above 0 and below 1.
    pub lasts: f64,
    /// Where it is likelier than not to be empty before: between when and when that happens, nine times
    /// in ten, if it does. `None` also where that could be nearly any time until the reset.
    pub empty: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// Why nothing is forecast of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoForecast {
    /// No end is announced, or it has passed.
    NoEnd,
    /// A 5-hour window begins with the first use; until then its end moves on.
    NotBegun,
    /// There is nothing left to be used.
    UsedUp,
    /// There is no recent reading of it.
    NotSeen,
    /// What is known of how the account is used is too little.
    TooLittlePast,
}

/// What is remembered of how the windows of an account were used: at most eight weeks, about 35 KB a window.
#[derive(Debug, Clone)]
pub struct UsageHistory {
    zone: Tz,
    windows: BTreeMap<Meter, Past>,
}

impl UsageHistory {
    /// How far back it remembers.
    pub const REACH: TimeDelta = past::REACH;

    /// Nothing yet, of an account whose days are counted in a zone.
    #[must_use]
    pub const fn new(zone: Tz) -> Self {
        Self { zone, windows: BTreeMap::new() }
    }

    /// Adds what a series did between two readings, in the order of time. A movement that is added twice
    /// counts once; money and Kimi Code's share of the month, which limits nothing by itself, are left out.
    pub fn take(&mut self, movement: &Movement) {
        let Series::Meter(meter) = movement.series else { return };
        if !meter.is_allowance() {
            return;
        }
        let past = self.windows.entry(meter).or_insert_with(|| Past::new(self.zone));
        match movement.from {
            Some(from) => {
                past.take(
                    from,
                    movement.at,
                    decimal::to_f64(movement.deducted),
                    decimal::to_f64(movement.value),
                );
            }
            // Its account starts again from zero: before, a percent was a different amount.
            None => past.begin(movement.at),
        }
    }

    /// How likely a quota is to last until its reset, from its last reading.
    ///
    /// # Errors
    /// - [`NoForecast::NoEnd`] if the reading has no reset time, or one that is past.
    /// - [`NoForecast::UsedUp`] at 100 % or more.
    /// - [`NoForecast::NotBegun`] if the 5-hour quota is unused, since its reset time still moves.
    /// - [`NoForecast::NotSeen`] if the last movement of the quota is too long ago, or later than `now`.
    /// - [`NoForecast::TooLittlePast`] if too few days of the quota are known.
    ///
    /// # Examples
    /// Four weeks in which a point of the weekly quota was used every hour, day and night:
    ///
    /// ```
    /// use chrono::{DateTime, TimeDelta, Utc};
    /// use chrono_tz::Tz;
    /// use tidemark_core::change::Movement;
    /// use tidemark_core::forecast::{NoForecast, UsageHistory};
    /// use tidemark_core::{Meter, MeterReading, Series};
    ///
    /// let start: DateTime<Utc> = "2026-06-01T00:00:00Z".parse()?;
    /// let mut past = UsageHistory::new(Tz::UTC);
    /// for hour in 0..=28 * 24 {
    ///     let at = start + TimeDelta::hours(hour);
    ///     past.take(&Movement {
    ///         series: Series::Meter(Meter::Week),
    ///         from: (hour > 0).then(|| at - TimeDelta::hours(1)),
    ///         at,
    ///         value: 40.into(),
    ///         deducted: i64::from(hour > 0).into(),
    ///         returned: 0.into(),
    ///         resets: 0,
    ///     });
    /// }
    /// let now = start + TimeDelta::days(28);
    /// let week = |used: i64, days| MeterReading {
    ///     meter: Meter::Week,
    ///     used_percent: used.into(),
    ///     used: None,
    ///     limit: None,
    ///     resets_at: Some(now + TimeDelta::days(days)),
    ///     conflict: false,
    /// };
    /// assert!(past.forecast(&week(10, 1), now).unwrap().lasts > 0.9, "24 points of 90");
    /// assert!(past.forecast(&week(40, 5), now).unwrap().lasts < 0.1, "120 points of 60");
    /// assert_eq!(past.forecast(&week(100, 1), now), Err(NoForecast::UsedUp));
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    pub fn forecast(&self, meter: &MeterReading, now: DateTime<Utc>) -> Result<Forecast, NoForecast> {
        let end = meter.resets_at.filter(|end| *end > now).ok_or(NoForecast::NoEnd)?;
        let used = decimal::to_f64(meter.used_percent);
        if used >= 100.0 {
            return Err(NoForecast::UsedUp);
        }
        if meter.meter == Meter::FiveHour && used <= 0.0 {
            return Err(NoForecast::NotBegun);
        }
        let past = self.windows.get(&meter.meter).ok_or(NoForecast::TooLittlePast)?;
        if past.last_look().is_none_or(|last| last > now || now - last > FRESH) {
            return Err(NoForecast::NotSeen);
        }
        let futures = future::futures(past, now, end, 100.0 - used).ok_or(NoForecast::TooLittlePast)?;
        Ok(told(&futures, now, end))
    }
}

/// What a number of futures come to.
fn told(futures: &future::Futures, now: DateTime<Utc>, end: DateTime<Utc>) -> Forecast {
    let (empty, all) = (futures.empty.as_slice(), futures.drawn as f64);
    // Never quite sure: half a future more on each side.
    let lasts = 1.0 - (empty.len() as f64 + 0.5) / (all + 1.0);
    let at = |share: f64| empty.get(((empty.len() as f64 - 1.0) * share).round() as usize).copied();
    let span = at((1.0 - MIDDLE) / 2.0).zip(at(1.0 - (1.0 - MIDDLE) / 2.0)).filter(|(from, to)| {
        lasts < 0.5 && (*to - *from).as_seconds_f64() <= WIDEST * (end - now).as_seconds_f64()
    });
    Forecast { lasts, empty: span }
}
