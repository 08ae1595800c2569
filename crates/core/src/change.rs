//! Changes: what differs between two readings at an account.
//!
//! A [`Tracker`] takes the readings of one account one after the other and says, of each, what moved
//! (a [`Movement`] per series) and what of it is a fact worth keeping (a [`Finding`]): a reset, a credit,
//! an expiry, a changed limit or plan. It needs constant memory, reads no clock, and can be written down
//! and taken up again between any two readings.
//!
//! # What a movement's value is
//! `value` is the *accounted* value: what the reading said, except while a fall waits for its
//! confirmation, when it stays at what was accounted before the fall (and `deducted` and `returned`
//! are 0). Between two movements of a series that follow each other, the second of which has a `from`:
//!
//! - a meter: `value == value before + deducted - returned` (percent used);
//! - money: `value == value before - deducted + returned` (what is left).
//!
//! A movement without `from` begins a new account of the series: the first reading, a changed scale (another
//! limit, another plan), a wallet that was switched on, another currency. Nothing is deducted in it.
//! `deducted` of money counts whatever is missing, an expired voucher too; the finding names it.
//!
//! # When a fall has to be confirmed
//! Single answers of the service have been seen to contradict those before and after them: counters at zero, or
//! near it with ends a period later. So a fall before the announced end is not believed before the next reading
//! repeats it. What a reading after it says decides: back where it was, and the fall never happened; still low,
//! and it did, dated to the first low reading. Figures at zero, or near it, while the end stands still have been seen
//! for days; a fall to such a figure must last for half an hour, or show usage since. A reset that was due needs no
//! confirmation.
//!
//! # What else has to be confirmed
//! - A rise of all quotas at once by more than usage takes, and a balance that loses half at once or is many times as
//!   much: by the next reading. Where it confirms the jump, [`Observed::first_seen`] says when that was first shown.
//! - An answer of the cycle just left, after one of the next cycle: it lags behind. It must last, too.
//! - Where the account's user is known and a reading may be another's ([`UserIds::unknown`]), every jump: until a
//!   reading names the user, or the jump has lasted for half an hour.
//!
//! [`Tracker::is_doubtful`] says whether anything waits, [`Tracker::pending`] which quotas do.

mod allowance;
mod doubt;
mod explain;
mod meter;
mod money;
mod movement;
mod rules;

#[cfg(test)]
mod tests;

pub use movement::Movement;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::meter::Meter;
use crate::money::Money;
use crate::reading::{Reading, UserIds, Wallet};
use crate::series::Series;

use allowance::Allowance;
use doubt::Doubts;
use meter::{Event, MeterTrack, Sample};
use money::{BalanceBreakdown, MoneyTrack};

/// What is remembered of an account between two readings. Its JSON is what the store keeps.
///
/// # Examples
/// A balance that is used, then topped up:
///
/// ```
/// use chrono::{DateTime, TimeDelta, Utc};
/// use tidemark_core::change::Tracker;
/// use tidemark_core::{Balance, Currency, FindingKind, Reading, Region, Source};
///
/// let start: DateTime<Utc> = "2026-06-01T08:00:00Z".parse()?;
/// let balance = |minutes, cash: i64| Reading {
///     balance: Some(Balance {
///         currency: Currency::USD,
///         available: Some(cash.into()),
///         voucher: Some(0.into()),
///         cash: Some(cash.into()),
///     }),
///     ..Reading::new(start + TimeDelta::minutes(minutes), Source::Platform, Region::Global)
/// };
/// let mut tracker = Tracker::default();
/// let first = tracker.observe(&balance(0, 20));
/// assert_eq!(first.movements[0].from, None);
///
/// let used = tracker.observe(&balance(5, 17));
/// assert_eq!(used.movements[0].deducted, 3.into());
/// assert!(used.findings.is_empty());
///
/// let topped_up = tracker.observe(&balance(10, 67));
/// assert_eq!(topped_up.movements[0].returned, 50.into());
/// assert!(matches!(topped_up.findings[0].kind, FindingKind::Credit { .. }));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tracker {
    /// The time of the last reading.
    at: Option<DateTime<Utc>>,
    meters: BTreeMap<Meter, MeterTrack>,
    balance: Option<MoneyTrack>,
    wallet: Option<MoneyTrack>,
    allowance: Allowance,
    /// Whose answers they were.
    #[serde(skip_serializing_if = "UserIds::is_empty")]
    user: UserIds,
}

/// What one reading led to in change detection.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    /// One for each series that the reading shows, also when nothing moved.
    pub movements: Vec<Movement>,
    /// What was concluded, each once.
    pub findings: Vec<Finding>,
    /// The series whose figure in this reading waits for the next one to confirm it.
    pub unconfirmed: Vec<Series>,
    /// The series whose jump this reading confirms, and when it was first shown.
    pub first_seen: Vec<(Series, DateTime<Utc>)>,
}

impl Observed {
    /// When what a movement deducted was first shown: at its own reading, or at an earlier one that it confirms.
    #[must_use]
    pub fn seen_at(&self, movement: &Movement) -> DateTime<Utc> {
        let first = self.first_seen.iter().find(|(series, _)| *series == movement.series);
        first.map_or(movement.at, |(_, at)| *at)
    }
}

impl Tracker {
    /// Takes the next reading and says what changed.
    ///
    /// A reading of the very same time as the last one brings nothing, so that one taken twice counts
    /// once. A reading of an earlier time (a clock set back) counts like any other; its intervals
    /// shrink to the moment of the reading. What a reading does not show stays as it was.
    pub fn observe(&mut self, reading: &Reading) -> Observed {
        let mut observed = Observed::default();
        if self.at == Some(reading.at) {
            return observed;
        }
        let is_same = self.user.is_same(&reading.user);
        let unnamed = reading.user.unknown && !self.user.is_empty() && is_same.is_none();
        let changed = self.begin_another_account(reading);
        self.at = Some(reading.at);
        let (plan_changed, findings) = self.allowance.observe(reading);
        observed.findings = changed.into_iter().chain(findings).collect();
        if plan_changed {
            // Percent of another plan are on another scale, and its windows may be others.
            self.meters.retain(|meter, _| reading.meter(*meter).is_some());
        }
        observed.movements.reserve_exact(reading.meters.len() + 2);
        let doubts = Doubts { all_rose: self.have_all_jumped(reading), unnamed };
        self.observe_meters(reading, plan_changed, doubts, &mut observed);
        self.observe_balance(reading, unnamed, &mut observed);
        self.observe_wallet(reading, unnamed, &mut observed);
        observed
    }

    /// Forgets all that is known where the answer is another user's: nothing of two accounts can be compared.
    fn begin_another_account(&mut self, reading: &Reading) -> Option<Finding> {
        let before = self.user.clone();
        if self.user.is_same(&reading.user) != Some(false) {
            self.user.learn(&reading.user);
            return None;
        }
        let from = self.at.unwrap_or(reading.at).min(reading.at);
        let mut user = UserIds::default();
        user.learn(&reading.user);
        *self = Self { user, ..Self::default() };
        Some(explain::account(&before, &reading.user, from, reading.at))
    }

    /// Whether the last figure of a meter waits for the next reading to confirm it: it may not be true.
    #[must_use]
    pub fn pending(&self, meter: Meter) -> bool {
        self.meters.get(&meter).is_some_and(MeterTrack::is_pending)
    }

    /// What each quota is accounted at, as the movement that would begin with it, and its announced end.
    pub(crate) fn accounted_meters(&self) -> impl Iterator<Item = (Movement, Option<DateTime<Utc>>)> {
        self.meters.iter().map(|(meter, track)| {
            let Sample { at, value, end } = track.accounted();
            (Movement::opening(Series::Meter(*meter), at, value), end)
        })
    }

    /// What the balance is accounted at: the money that can be spent.
    pub(crate) fn available(&self) -> Option<Money> {
        self.balance.as_ref().map(MoneyTrack::available)
    }

    /// Whether anything waits for the next reading to confirm it.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        let money = [&self.balance, &self.wallet];
        self.meters.values().any(MeterTrack::is_pending)
            || money.into_iter().flatten().any(MoneyTrack::is_pending)
    }

    /// Whether all quotas of a reading rose at once by more than usage takes of them. Of a single quota that is unknown,
    /// and one that was used up before says nothing.
    fn have_all_jumped(&self, reading: &Reading) -> bool {
        let known = Meter::ALL.into_iter().filter(|meter| meter.is_allowance()).filter_map(|meter| {
            let value = rules::sane(reading.meter(meter)?.used_percent)?;
            Some(self.meters.get(&meter)?.has_jumped(reading.at, value))
        });
        let (count, jumped, stayed) = known.fold((0, 0, 0), |(count, jumped, stayed), has| {
            (count + 1, jumped + u32::from(has == Some(true)), stayed + u32::from(has == Some(false)))
        });
        count > 1 && jumped > 0 && stayed == 0
    }

    fn observe_meters(
        &mut self,
        reading: &Reading,
        plan_changed: bool,
        doubts: Doubts,
        observed: &mut Observed,
    ) {
        // Shortest window first, so that `month` comes before the Code share inside it.
        for meter in Meter::ALL {
            let Some(seen) = reading.meter(meter) else { continue };
            let Some(value) = rules::sane(seen.used_percent) else { continue };
            let sample = Sample { at: reading.at, value, end: seen.resets_at };
            let step = if let Some(track) = self.meters.get_mut(&meter) {
                track.take(meter, sample, seen.limit, plan_changed, doubts)
            } else {
                let (track, movement) = MeterTrack::first(meter, sample, seen.limit);
                self.meters.insert(meter, track);
                meter::Step::of(movement)
            };
            observed.movements.push(step.movement);
            observed.first_seen.extend(step.first_seen.map(|at| (Series::Meter(meter), at)));
            if self.pending(meter) {
                observed.unconfirmed.push(Series::Meter(meter));
            }
            match step.event {
                Some(Event::Reset(reset))
                    if reset.is_worth_telling() && !self.is_told_by_month(meter, reading.at) =>
                {
                    observed.findings.push(explain::reset(meter, &reset, reading.at));
                }
                Some(Event::Scale(scale)) => {
                    observed.findings.push(explain::scale(meter, &scale, reading.at));
                }
                Some(Event::Reset(_)) | None => {}
            }
        }
    }

    /// The Code share is reset with the month that it is a part of: one event, one finding, even if
    /// the two figures are renewed a poll apart.
    fn is_told_by_month(&self, meter: Meter, at: DateTime<Utc>) -> bool {
        meter == Meter::MonthCode
            && self.meters.get(&Meter::Month).and_then(MeterTrack::last_reset).is_some_and(|reset| {
                let since = at - reset;
                since.abs() <= rules::SAME_EVENT
            })
    }

    fn observe_balance(&mut self, reading: &Reading, unnamed: bool, observed: &mut Observed) {
        let Some(balance) = reading.balance else { return };
        let Some(form) = BalanceBreakdown::of_balance(&balance) else { return };
        let series = Series::Balance(balance.currency);
        observe_money(&mut self.balance, series, form, (reading.at, unnamed), observed);
    }

    fn observe_wallet(&mut self, reading: &Reading, unnamed: bool, observed: &mut Observed) {
        match reading.wallet {
            // What a disabled wallet shows is not money: it may be made up from its cap. What it holds
            // when it is switched on again is where its account begins again.
            Some(Wallet { enabled: Some(false), .. }) => self.wallet = None,
            Some(Wallet { balance: Some(money), .. }) => {
                let Some(amount) = rules::sane(money.amount) else { return };
                let series = Series::Wallet(money.currency);
                observe_money(
                    &mut self.wallet,
                    series,
                    BalanceBreakdown::Whole { amount },
                    (reading.at, unnamed),
                    observed,
                );
            }
            _ => {}
        }
    }
}

fn observe_money(
    track: &mut Option<MoneyTrack>,
    series: Series,
    form: BalanceBreakdown,
    (at, unnamed): (DateTime<Utc>, bool),
    observed: &mut Observed,
) {
    let currency = series.currency();
    match track {
        Some(known) if Some(known.currency()) == currency => {
            let step = known.take(series, form, at, unnamed);
            observed.movements.push(step.movement);
            observed.first_seen.extend(step.first_seen.map(|at| (series, at)));
            observed.findings.extend(step.events.iter().map(|event| explain::money(series, event, at)));
            if known.is_pending() {
                observed.unconfirmed.push(series);
            }
        }
        _ => {
            let Some(currency) = currency else { return };
            let fresh = MoneyTrack::first(currency, form, at);
            observed.movements.push(fresh.opening(series));
            *track = Some(fresh);
        }
    }
}
