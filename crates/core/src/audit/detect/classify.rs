//! Is a deduction explained? The weighing of one movement against use, the other windows, the account's
//! own past and the rate limits.

use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::model::active_hours::ActiveHours;
use crate::audit::model::candidate::{Candidate, Reason};
use crate::audit::model::credit_ledger::{Credit, CreditLedger};
use crate::audit::model::delta::{Delta, Expected};
use crate::audit::model::series::SeriesModel;
use crate::audit::prices::Price;
use crate::audit::thresholds;
use crate::finding::Anomaly;
use crate::meter::Meter;
use crate::money::Currency;
use crate::reading::RateLimits;
use crate::series::Series;

/// What another window allows a movement to have been.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CrossWindowBound {
    /// At most this.
    pub(crate) most: f64,
    /// The position of the other window in [`Meter::ALL`], and what it moved by.
    pub(crate) meter: u8,
    pub(crate) moved: f64,
    /// The month moved by nothing but its Code share, which moves with the 5-hour window.
    pub(crate) code_alone: bool,
}

/// What surrounds a movement.
pub(crate) struct Context<'a> {
    pub(crate) hours: &'a ActiveHours,
    pub(crate) memory: &'a CreditLedger,
    pub(crate) limits: RateLimits,
    pub(crate) dearest: Price,
    pub(crate) failures: u32,
    /// Whether a quota window was used up, so that a wallet pays.
    pub(crate) exhausted: bool,
    /// Whether the account has quota windows at all.
    pub(crate) has_meters: bool,
}

/// What a movement is taken for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Classification {
    /// Nothing unusual.
    Usual,
    /// A figure that was wrong for a moment is back.
    Glitch(Credit),
    /// It is a finding already.
    Certain(Candidate, Option<Credit>),
    /// The next look decides.
    Doubtful(Candidate, Option<Credit>),
}

/// Weighs a movement.
pub(crate) fn judge(
    gauge: &SeriesModel,
    seen: &Delta,
    expect: Expected,
    allowed: Option<CrossWindowBound>,
    around: &Context<'_>,
) -> Classification {
    let floor = seen.floor();
    let low = seen.low();
    // A reset need not go down to nothing: what a new cycle begins with was not deducted.
    let begins = seen.resets > 0 && seen.value <= thresholds::BEGINS;
    if low < floor || begins {
        return Classification::Usual;
    }
    let series = seen.series;
    // Where a new cycle began as well, what went is of both, and nothing can be compared with it.
    let one_cycle = seen.resets == 0;
    let back = one_cycle
        .then(|| around.memory.back_from_glitch(series, seen.at, (low - 2.0, seen.high() + 2.0)))
        .flatten();
    if let Some(came) = back.filter(|came| !came.told) {
        return Classification::Glitch(came);
    }
    let beyond_use = if expect.known { low - expect.high } else { f64::MIN };
    let beyond_other = allowed.map(|allowed| low - allowed.most);
    // Other products of the membership take from the month as well, where it was not the Code share alone.
    let is_month = series == Series::Meter(Meter::Month) && !allowed.is_some_and(|other| other.code_alone);
    // The other window moved as it does with use: somebody worked, here or elsewhere.
    let confirmed = !is_month && beyond_other.is_some_and(|beyond| beyond < floor);
    let contradicted = beyond_other.is_some_and(|beyond| beyond >= floor) && !is_month;
    let complete = gauge.is_complete(series);
    let emptied = seen.is_emptied();

    let mut candidate = Candidate {
        low: expect.low.min(seen.deducted),
        high: if expect.known { expect.high } else { 0.0 },
        confidence: 0.9,
        worked: gauge.worked(seen),
        ended: seen.granted && around.memory.may_have_ended(series, seen.from, seen.at, low),
        failures: around.failures,
        slack: seen.slack,
        renewed: seen.resets > 0,
        ..Candidate::new(Anomaly::Unexplained, (seen.from, seen.at), (seen.before, seen.value), seen.deducted)
    };
    let excess = if expect.known { beyond_use } else { beyond_other.unwrap_or(f64::MIN) };

    // 0. A reset was told of, and the figure is back: it was taken back, or never was.
    if let Some(came) = back
        && !(expect.known && beyond_use < floor)
    {
        candidate.class = Anomaly::Clawback;
        candidate.reason = Reason::NeverCame { at: came.at, amount: came.amount };
        candidate.confidence = 0.7;
        return Classification::Certain(candidate, Some(came));
    }

    // 1. What had come back or in, taken away again.
    let net = (low - candidate.high, seen.high() - candidate.low);
    let came = (one_cycle && (excess >= floor || complete))
        .then(|| {
            let margin = if seen.is_money() { 0.01 } else { 0.5 };
            around.memory.taken_back(series, seen.at, (net.0 - margin, net.1 + margin), emptied)
        })
        .flatten()
        .filter(|came| {
            // What was due and ended is only taken back if the old figure stands again.
            came.gift || (seen.value - came.amount).abs() <= 2.0 + seen.slack
        })
        .filter(|_| !confirmed || complete);
    if let Some(came) = came
        && excess >= floor
    {
        candidate.class = Anomaly::Clawback;
        candidate.reason = Reason::TakenBack { at: came.at, amount: came.amount };
        candidate.confidence = if came.gift { 0.92 } else { 0.8 };
        return Classification::Doubtful(candidate, Some(came));
    }

    // 2. More than the limits allow.
    if let Some(most) = most_possible(gauge, seen, around)
        && low > most
        && !emptied
    {
        candidate.class = Anomaly::Impossible;
        candidate.reason = Reason::Limits { most };
        candidate.high = candidate.high.min(most);
        candidate.confidence = 0.97;
        return if seen.conflict {
            Classification::Doubtful(candidate, None)
        } else {
            Classification::Certain(candidate, None)
        };
    }

    // 3. Beyond what is explained.
    let basis = basis(
        gauge,
        seen,
        around,
        &Excess { beyond_use, beyond_other, floor, confirmed, contradicted, complete, is_month },
    );
    let Some((reason, confidence)) = basis else {
        if seen.granted && beyond_use >= floor && around.memory.has_ended(series, seen.from, seen.at, low) {
            return Classification::Doubtful(candidate, None);
        }
        return wipe_out_alone(gauge, seen, expect, confirmed, beyond_use, candidate);
    };
    candidate.reason = match (reason, allowed) {
        (Reason::Other { .. }, Some(allowed)) => {
            if !expect.known {
                candidate.high = allowed.most.min(seen.deducted);
            } else if !complete {
                candidate.high = candidate.high.max(allowed.most);
            }
            Reason::Other { moved: allowed.moved, meter: allowed.meter }
        }
        (reason, _) => reason,
    };
    candidate.confidence = confidence;
    let least = if seen.is_money() { floor } else { thresholds::WIPE_OUT_POINTS };
    if emptied && candidate.excess() >= least {
        candidate.class = Anomaly::WipeOut;
        // What was used for it may still be told of, where logs are told of late.
        let untold = seen.lateness > TimeDelta::zero() && expect.high >= 0.2 * seen.deducted;
        return if seen.conflict || untold {
            Classification::Doubtful(candidate, None)
        } else {
            Classification::Certain(candidate, None)
        };
    }
    Classification::Doubtful(candidate, None)
}

struct Excess {
    beyond_use: f64,
    beyond_other: Option<f64>,
    floor: f64,
    confirmed: bool,
    contradicted: bool,
    complete: bool,
    is_month: bool,
}

/// On what a movement is held to be unexplained, and how surely.
fn basis(gauge: &SeriesModel, seen: &Delta, around: &Context<'_>, weighed: &Excess) -> Option<(Reason, f64)> {
    let &Excess { beyond_use, beyond_other, floor, confirmed, contradicted, complete, is_month } = weighed;
    let other = Reason::Other { moved: 0.0, meter: 0 };
    // Use explains it, and nothing contradicts.
    if beyond_use > f64::MIN && beyond_use < floor {
        return None;
    }
    if contradicted {
        return Some((other, if complete { 0.97 } else { 0.9 }));
    }
    if is_month {
        let beyond = beyond_other?;
        let usual = gauge.peaks.largest_in_an_hour(seen.span());
        let known = seen.at - gauge.since >= thresholds::HISTORY;
        let stands_out = beyond >= (3.0 * usual).max(if known { 4.0 } else { 8.0 });
        return stands_out.then_some((other, 0.85));
    }
    if matches!(seen.series, Series::Wallet(_)) && around.has_meters && !around.exhausted {
        return Some((Reason::Use, 0.85));
    }
    // Over a longer gap nobody can say whether it went step by step, as with another device.
    let gap = confirmed && seen.span() > TimeDelta::minutes(45);
    let enough = gauge.is_long_complete()
        || beyond_use >= if seen.is_money() { 4.0 * floor } else { thresholds::LARGE_POINTS };
    if complete && beyond_use >= floor && enough && !gap {
        return Some((Reason::Use, 0.95));
    }
    // Nobody but this machine ever used it, and now it is empty: a missed wipe-out is worse.
    let wiped = seen.is_emptied() && !seen.is_money() && beyond_use >= thresholds::WIPED_IN_A_GAP;
    if complete && wiped && seen.resets == 0 {
        return Some((Reason::Use, 0.7));
    }
    if !confirmed && beyond_use >= floor && stands_out(gauge, seen, beyond_use, around.hours) {
        let largest = gauge.peaks.largest(seen.span());
        return Some((Reason::Outstanding { largest }, 0.7));
    }
    None
}

/// Whether a step is far beyond all that the account has done on its own, or comes at an hour at which it
/// never did anything.
fn stands_out(gauge: &SeriesModel, seen: &Delta, amount: f64, hours: &ActiveHours) -> bool {
    if seen.at - gauge.since < thresholds::HISTORY || gauge.peaks.steps() < 5 {
        return false;
    }
    let least = if seen.is_money() { seen.floor() * 2.0 } else { 8.0 };
    let factor = if hours.is_idle(seen.from, seen.at) { 1.2 } else { thresholds::OUTSTANDING };
    amount >= least && amount >= factor * gauge.peaks.largest(seen.span())
}

/// An emptied series about which nothing else can be said: a missed wipe-out is worse than a doubtful one.
fn wipe_out_alone(
    gauge: &SeriesModel,
    seen: &Delta,
    expect: Expected,
    confirmed: bool,
    beyond_use: f64,
    mut candidate: Candidate,
) -> Classification {
    let explained = expect.known && beyond_use < seen.floor();
    // What use takes is not known yet: but so little use never took so much.
    let unknown = !expect.known && gauge.at_most(seen) > seen.deducted - seen.floor();
    if !seen.is_emptied() || explained || unknown || confirmed || seen.resets > 0 {
        return Classification::Usual;
    }
    let largest = gauge.peaks.largest(seen.span());
    let sudden = if seen.is_money() {
        seen.deducted >= 0.9 * seen.before && seen.deducted >= 2.0 * seen.floor()
    } else {
        seen.deducted >= 40.0
    };
    let longest = TimeDelta::hours(if seen.is_money() { 9 } else { 1 });
    if !sudden || seen.span() > longest || seen.low() < 2.0 * largest {
        return Classification::Usual;
    }
    candidate.class = Anomaly::WipeOut;
    candidate.reason = Reason::Outstanding { largest };
    candidate.confidence = 0.6;
    if seen.conflict {
        Classification::Doubtful(candidate, None)
    } else {
        Classification::Certain(candidate, None)
    }
}

/// The most that the rate limits allow to be used in the span of a movement, in the series' unit: tokens a
/// minute, of which as many come out as so many streams can carry, at the dearest prices.
fn most_possible(gauge: &SeriesModel, seen: &Delta, around: &Context<'_>) -> Option<f64> {
    if seen.resets > 0 {
        return None;
    }
    let limits = around.limits;
    let minutes_of = |delay: TimeDelta| (seen.span() + delay).num_seconds() as f64 / 60.0;
    if seen.counted {
        let most = limits.requests_per_minute? as f64 * minutes_of(TimeDelta::minutes(2));
        return gauge.reach(most);
    }
    // Without a limit of the account's own nothing is known to be impossible.
    limits.tokens_per_minute.or(limits.tokens_per_day).or(limits.concurrency)?;
    let currency = seen.series.currency().unwrap_or(Currency::USD);
    let rates = if currency == Currency::CNY { around.dearest.cny } else { around.dearest.usd }?;
    let delay = if seen.is_money() { TimeDelta::minutes(12) } else { TimeDelta::minutes(2) };
    let minutes = minutes_of(delay);
    let tokens_a_minute =
        limits.tokens_per_minute.map_or(thresholds::TOKENS_PER_MINUTE, |limit| limit as f64);
    let streams = limits.concurrency.map_or(thresholds::CONCURRENCY, |limit| limit as f64);
    let mut tokens = tokens_a_minute * minutes;
    if let Some(day) = limits.tokens_per_day {
        // A day may end within the span.
        let days = 1.0 + (seen.span().num_seconds() as f64 / 86_400.0).ceil();
        tokens = tokens.min(day as f64 * days);
    }
    let out = (streams * thresholds::STREAM_SPEED * 60.0 * minutes).min(tokens);
    let money = (out * rates.output + (tokens - out) * rates.input.max(rates.cache_write)) / 1e6;
    if seen.is_money() { Some(money) } else { gauge.reach(money) }
}

/// Fewer points beyond use tell of nobody.
const LEAST_FAINT: f64 = 0.3;

/// The class of a doubtful movement at the next look: still one, or not.
pub(crate) fn confirm(
    candidate: &Candidate,
    gauge: &SeriesModel,
    next: &Delta,
    expect: Expected,
    allowed: Option<CrossWindowBound>,
) -> Confirmation {
    // Back where it was: a faulty answer.
    if next.returned >= 0.7 * candidate.observed && next.resets == 0 {
        return Confirmation::Dropped;
    }
    // Use that was told of late.
    let posted = next.fresh > 0.0 && next.resets == 0;
    let surplus = if posted { (gauge.surplus() - next.deducted).max(0.0) } else { 0.0 };
    let late = surplus.max(candidate.late);
    let floor = next.floor();
    if late > 0.0 && candidate.excess() - late < floor {
        return Confirmation::Dropped;
    }
    // Where logs are told of late, what was used until then may still be told of, one look later than ever.
    let may_be_told = candidate.class == Anomaly::Unexplained
        && next.lateness > TimeDelta::zero()
        && next.at <= candidate.to + next.lateness
        && candidate.waited < thresholds::WATCHED
        && !matches!(candidate.reason, Reason::Other { .. });
    if next.resets > 0 {
        return if may_be_told { Confirmation::Wait } else { Confirmation::Stands };
    }
    // The other window moved a look later.
    if matches!(candidate.reason, Reason::Other { .. })
        && let Some(allowed) = allowed
        && candidate.excess() + next.deducted - allowed.most < floor * 0.5
        && allowed.most > next.deducted + 0.5 * candidate.excess()
    {
        return Confirmation::Dropped;
    }
    // It goes on: somebody works elsewhere, or everything has become dearer; neither is one wrong step.
    let going = match candidate.reason {
        Reason::Other { .. } => allowed.map_or(0.0, |allowed| next.low() - allowed.most),
        _ if expect.known => next.low() - expect.high,
        _ => 0.0,
    };
    let least = if next.is_money() { floor * 0.25 } else { 0.5 };
    // Where the windows contradict each other, nobody's use does that: only as much again tells of a change.
    let contradicts = matches!(candidate.reason, Reason::Other { .. });
    let again = if contradicts { 0.5 } else { 0.1 };
    if going >= least.max(again * candidate.excess()) && candidate.class != Anomaly::WipeOut {
        return Confirmation::Elsewhere;
    }
    // A little more goes, too little to be told from rounding; if it does so again, somebody works elsewhere.
    let little = (0.9 * next.slack).max(0.05 * candidate.excess()).max(LEAST_FAINT);
    let faint = candidate.class == Anomaly::Unexplained
        && !contradicts
        && !next.is_money()
        && expect.known
        && next.deducted - expect.high >= little;
    if faint && candidate.excess() < thresholds::LARGE_POINTS {
        return if candidate.faint == 0 { Confirmation::Faint } else { Confirmation::Elsewhere };
    }
    if contradicts {
        // Where both windows moved, their exchange may have shifted: then it will do so again.
        let both = matches!(candidate.reason, Reason::Other { moved, .. } if moved >= 1.0)
            && candidate.observed <= 8.0 * candidate.high.max(candidate.worked);
        let wait =
            both && candidate.waited + 1 < thresholds::WATCHED && candidate.class == Anomaly::Unexplained;
        return if wait { Confirmation::Wait } else { Confirmation::Stands };
    }
    if may_be_told {
        return Confirmation::Wait;
    }
    // By the past alone a step is doubtful for longer: many agents at once look like it at first.
    if matches!(candidate.reason, Reason::Outstanding { .. })
        && candidate.class == Anomaly::Unexplained
        && candidate.waited + 1 < thresholds::WATCHED
    {
        return Confirmation::Wait;
    }
    // Beside use, a step may be a price that went up: the use around it shows it.
    let multiple = candidate.observed / candidate.worked.max(1e-9);
    if candidate.worked >= 0.15 * candidate.excess()
        && multiple < 14.0
        && candidate.class == Anomaly::Unexplained
    {
        let leaning = gauge.leaning();
        let dearer = leaning >= 1.2 && multiple <= 2.5 * leaning;
        if dearer || (next.is_money() && candidate.excess() < 0.6 * candidate.worked) {
            return Confirmation::Elsewhere;
        }
        let usual = gauge.surplus();
        if usual > 0.15 * floor && next.deducted > next.slack {
            return if next.deducted / usual >= 1.25 {
                Confirmation::Elsewhere
            } else {
                Confirmation::Stands
            };
        }
        if candidate.waited < thresholds::WATCHED {
            return Confirmation::Wait;
        }
    }
    Confirmation::Stands
}

/// What the next look says of a doubtful movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Confirmation {
    /// It is a finding.
    Stands,
    /// It never was.
    Dropped,
    /// It goes on: use elsewhere, or a lasting change that another test finds.
    Elsewhere,
    /// One more look is needed.
    Wait,
    /// A little more went beyond use; one more look is needed.
    Faint,
}

/// The time at which a cycle is overdue.
pub(crate) fn is_overdue(due: DateTime<Utc>, before: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    // The look before may itself have been late enough; one look alone only if much time has passed.
    now - due >= thresholds::OVERDUE && (before >= due || now - due >= thresholds::OVERDUE * 3)
}
