//! Is a deduction explained? The weighing of one movement against use, the other windows, the account's
//! own past and the rate limits.

use chrono::TimeDelta;

use crate::audit::detect::cross_window::CrossWindowBound;
use crate::audit::model::active_hours::ActiveHours;
use crate::audit::model::candidate::{Candidate, Reason};
use crate::audit::model::code_share::OtherProducts;
use crate::audit::model::credit_ledger::{Credit, CreditLedger};
use crate::audit::model::delta::{Delta, Expected};
use crate::audit::model::most_spent;
use crate::audit::model::series::SeriesModel;
use crate::audit::prices::Price;
use crate::audit::slot::Slot;
use crate::audit::thresholds;
use crate::finding::Anomaly;
use crate::meter::Meter;
use crate::money::Currency;
use crate::reading::RateLimits;
use crate::series::Series;

/// What else is known when a movement is classified.
pub(crate) struct Context<'a> {
    pub(crate) hours: &'a ActiveHours,
    pub(crate) ledger: &'a CreditLedger,
    pub(crate) limits: RateLimits,
    pub(crate) dearest: Price,
    pub(crate) failures: u32,
    /// Whether a quota window was used up, so that a wallet pays.
    pub(crate) exhausted: bool,
    /// Whether the account has quota windows at all.
    pub(crate) has_meters: bool,
    /// What other products took of the series.
    pub(crate) others: OtherProducts,
    /// Whether the quota that it is compared with lost something that nothing explains at the same time.
    pub(crate) fell_together: bool,
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
    /// Undecided until the next poll.
    Doubtful(Candidate, Option<Credit>),
}

/// Classifies a movement by what was expected and what other quotas allow.
pub(crate) fn classify(
    model: &SeriesModel,
    delta: &Delta,
    expected: Expected,
    bound: Option<CrossWindowBound>,
    context: &Context<'_>,
) -> Classification {
    let floor = delta.floor();
    let low = delta.low();
    // A reset need not go down to nothing: what a new cycle begins with was not deducted.
    let begins = delta.resets > 0 && delta.value <= thresholds::BEGINS;
    if low < floor || begins {
        return Classification::Usual;
    }
    let series = delta.series;
    // Where a new cycle began as well, what went is of both, and nothing can be compared with it.
    let one_cycle = delta.resets == 0;
    let back = one_cycle
        .then(|| context.ledger.back_from_glitch(series, delta.at, (low - 2.0, delta.high() + 2.0)))
        .flatten();
    if let Some(came) = back.filter(|came| !came.reported) {
        return Classification::Glitch(came);
    }
    let beyond_use = if expected.known { low - expected.high } else { f64::MIN };
    let beyond_other = bound.map(|bound| low - bound.most);
    // Other products of the membership take from the month as well, where it was not the Code share alone.
    let is_shared = context.others != OtherProducts::Nothing;
    // The other quota moved as it does with usage: this machine worked, or another.
    let confirmed = !is_shared && bound.is_some_and(|other| low - other.seen < floor);
    let contradicted = beyond_other.is_some_and(|beyond| beyond >= floor) && !is_shared;
    let complete = model.is_complete(series);
    let emptied = delta.is_emptied();

    let mut candidate = Candidate {
        low: expected.low.min(delta.deducted),
        high: if expected.known { expected.high } else { 0.0 },
        confidence: 0.9,
        worked: model.worked(delta),
        ended: delta.granted && context.ledger.may_have_ended(series, delta.from, delta.at, low),
        failures: context.failures,
        slack: delta.slack,
        renewed: delta.resets > 0,
        ..Candidate::new(
            Anomaly::Unexplained,
            (delta.from, delta.at),
            (delta.before, delta.value),
            delta.deducted,
        )
    };
    let excess = if expected.known { beyond_use } else { beyond_other.unwrap_or(f64::MIN) };

    // 0. A reset was reported, and the figure is back: it was taken back, or never was.
    if let Some(came) = back
        && !(expected.known && beyond_use < floor)
    {
        candidate.class = Anomaly::Clawback;
        candidate.reason = Reason::NeverCame { at: came.at, amount: came.amount };
        candidate.confidence = 0.7;
        return Classification::Certain(candidate, Some(came));
    }

    // 1. What had come back or in, taken away again.
    let net = (low - candidate.high, delta.high() - candidate.low);
    let came = (one_cycle && (excess >= floor || complete))
        .then(|| {
            let margin = if delta.is_money() { 0.01 } else { 0.5 };
            context.ledger.taken_back(series, delta.at, (net.0 - margin, net.1 + margin), emptied)
        })
        .flatten()
        .filter(|came| {
            // What was due and ended is only taken back if the old figure stands again.
            came.gift || (delta.value - came.amount).abs() <= 2.0 + delta.slack
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
    if let Some(most) = most_possible(model, delta, context)
        && low > most
        && !emptied
    {
        candidate.class = Anomaly::Impossible;
        candidate.reason = Reason::Limits { most };
        candidate.high = candidate.high.min(most);
        candidate.confidence = 0.97;
        return if delta.conflict {
            Classification::Doubtful(candidate, None)
        } else {
            certain(candidate, delta)
        };
    }

    // 3. Beyond what is explained.
    let least_in_gap = if is_shared { thresholds::WIPED_IN_A_GAP } else { thresholds::EMPTIED_IN_A_GAP };
    let basis = basis(
        model,
        delta,
        context,
        &Excess { beyond_use, beyond_other, floor, confirmed, contradicted, complete },
    );
    let Some((reason, confidence)) = basis else {
        if delta.granted && beyond_use >= floor && context.ledger.has_ended(series, delta.from, delta.at, low)
        {
            return Classification::Doubtful(candidate, None);
        }
        let excused = confirmed || matches!(context.others, OtherProducts::Took(_));
        return wipe_out_alone(model, delta, expected, (excused, least_in_gap), beyond_use, candidate);
    };
    candidate.reason = match (reason, bound) {
        (Reason::Other { .. }, Some(bound)) => {
            if !expected.known {
                candidate.high = bound.most.min(delta.deducted);
            } else if !complete {
                candidate.high = candidate.high.max(bound.most);
            }
            Reason::Other { moved: bound.moved, window: bound.window }
        }
        (reason, _) => reason,
    };
    // One quota alone went; where both did, and no one worked, they do not contradict each other.
    if matches!(candidate.reason, Reason::Other { .. }) && !context.fell_together {
        candidate.class = Anomaly::Disagreement;
    }
    candidate.confidence = confidence;
    // In a gap the other quota may have allowed nearly as much unseen; but nothing like it was ever spent.
    if emptied
        && let Some(other) = bound
        && candidate.high > other.seen
        && is_sudden_in_gap(model, delta, low - other.seen, least_in_gap)
    {
        candidate.high = other.seen;
    }
    let least = if delta.is_money() { floor } else { thresholds::WIPE_OUT_POINTS };
    if emptied && candidate.excess() >= least {
        candidate.class = Anomaly::WipeOut;
        // What was used for it may still become known, where logs become known late.
        let untold = delta.lateness > TimeDelta::zero() && expected.high >= 0.2 * delta.deducted;
        return if delta.conflict || untold {
            Classification::Doubtful(candidate, None)
        } else {
            certain(candidate, delta)
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
}

/// On what a movement is held to be unexplained, and how surely.
fn basis(
    model: &SeriesModel,
    delta: &Delta,
    context: &Context<'_>,
    weighed: &Excess,
) -> Option<(Reason, f64)> {
    let &Excess { beyond_use, beyond_other, floor, confirmed, contradicted, complete } = weighed;
    let other = Reason::Other { moved: 0.0, window: Slot::FiveHour };
    // Use explains it, and nothing contradicts.
    if beyond_use > f64::MIN && beyond_use < floor {
        return None;
    }
    if contradicted {
        return Some((other, if complete { 0.97 } else { 0.9 }));
    }
    if context.others != OtherProducts::Nothing {
        // What other products took is no anomaly, and how much that was may be unknown; but they empty no quota at
        // once, nor do they take so much more than ever.
        let emptied = delta.is_emptied();
        if matches!(context.others, OtherProducts::Took(_)) && !emptied {
            return None;
        }
        let beyond = beyond_other?;
        let usual = model.largest_steps().largest_in_an_hour(delta.span());
        let long = delta.span() > SHORT_SPAN;
        let least = if long { thresholds::WIPED_IN_A_GAP } else { thresholds::LARGE_POINTS };
        let usual = if long { most_before(model, delta)? } else { thresholds::OUTSTANDING * usual };
        return (beyond >= usual.max(least)).then_some((other, if emptied { 0.9 } else { 0.85 }));
    }
    if matches!(delta.series, Series::Wallet(_)) && context.has_meters && !context.exhausted {
        return Some((Reason::Use, 0.85));
    }
    // Over a longer gap it is unknown whether it went step by step, as with another device.
    let gap = confirmed && delta.span() > SHORT_SPAN;
    // A machine whose logs have not come for long may have used a little.
    let enough = (model.is_long_complete() && !delta.logs_missing)
        || beyond_use >= if delta.is_money() { 4.0 * floor } else { thresholds::LARGE_POINTS };
    if complete && beyond_use >= floor && enough && !gap {
        return Some((Reason::Use, 0.95));
    }
    // Only this machine ever used it, and now it is empty: a missed wipe-out is worse.
    let wiped = delta.is_emptied() && !delta.is_money() && beyond_use >= thresholds::WIPED_IN_A_GAP;
    if complete && wiped && delta.resets == 0 {
        return Some((Reason::Use, 0.7));
    }
    if !confirmed && beyond_use >= floor && stands_out(model, delta, beyond_use, context.hours) {
        let largest = model.largest_steps().largest(delta.span());
        return Some((Reason::Outstanding { largest }, 0.7));
    }
    None
}

/// Whether a step is far beyond all that the account has done on its own, or comes at an hour at which it
/// never did anything.
fn stands_out(model: &SeriesModel, delta: &Delta, amount: f64, hours: &ActiveHours) -> bool {
    if model.known_for(delta.at) < thresholds::HISTORY || model.largest_steps().steps() < 5 {
        return false;
    }
    let least = if delta.is_money() { delta.floor() * 2.0 } else { 8.0 };
    let factor = if hours.is_idle(delta.from, delta.at) { 1.2 } else { thresholds::OUTSTANDING };
    amount >= least && amount >= factor * model.largest_steps().largest(delta.span())
}

/// Over a longer span it is unknown whether something went at once or little by little.
const SHORT_SPAN: TimeDelta = TimeDelta::minutes(45);

/// What would have to be exceeded in a gap, by what was deducted in as many hours before.
fn most_before(model: &SeriesModel, delta: &Delta) -> Option<f64> {
    // A new cycle of the 5-hour quota began within its own length.
    let cycle = TimeDelta::hours(5);
    let is_new = delta.resets > 0 && delta.series == Series::Meter(Meter::FiveHour);
    let span = if is_new { delta.span().min(cycle) } else { delta.span() };
    Some(thresholds::AS_MUCH * model.most_spent().within(span)?)
}

/// Whether so much is gone in a gap of hours as never went in as many hours before.
fn is_sudden_in_gap(model: &SeriesModel, delta: &Delta, amount: f64, least: f64) -> bool {
    let span = delta.span();
    let known = model.known_for(delta.from) >= span;
    let least = if delta.is_money() { 2.0 * delta.floor() } else { least };
    known
        && (thresholds::AT_ONCE..=most_spent::LONGEST).contains(&span)
        && most_before(model, delta).is_some_and(|most| amount >= least.max(most))
}

/// An emptied series about which nothing else can be said: a missed wipe-out is worse than a doubtful one.
fn wipe_out_alone(
    model: &SeriesModel,
    delta: &Delta,
    expected: Expected,
    (excused, least): (bool, f64),
    beyond_use: f64,
    mut candidate: Candidate,
) -> Classification {
    let explained = expected.known && beyond_use < delta.floor();
    // What use takes is not known yet: but so little use never took so much.
    let unknown = !expected.known && model.at_most(delta) > delta.deducted - delta.floor();
    if !delta.is_emptied() || explained || unknown || excused {
        return Classification::Usual;
    }
    let largest = model.largest_steps().largest(delta.span());
    let sudden = if delta.is_money() {
        delta.deducted >= 0.9 * delta.before && delta.deducted >= 2.0 * delta.floor()
    } else {
        delta.deducted >= thresholds::WIPED_IN_A_GAP
    };
    let longest = TimeDelta::hours(if delta.is_money() { 9 } else { 1 });
    let at_once = sudden && delta.resets == 0 && delta.span() <= longest && delta.low() >= 2.0 * largest;
    let amount = delta.low() - candidate.high;
    if !at_once && !is_sudden_in_gap(model, delta, amount, least) {
        return Classification::Usual;
    }
    candidate.class = Anomaly::WipeOut;
    candidate.reason = Reason::Outstanding { largest };
    candidate.confidence = 0.6;
    if delta.conflict { Classification::Doubtful(candidate, None) } else { certain(candidate, delta) }
}

/// A finding already, dated to the poll that showed it first.
fn certain(mut candidate: Candidate, delta: &Delta) -> Classification {
    candidate.to = delta.seen;
    Classification::Certain(candidate, None)
}

/// The most that the rate limits allow to be used in the span of a movement, in the series' unit: tokens a
/// minute, of which as many come out as so many streams can carry, at the dearest prices.
fn most_possible(model: &SeriesModel, delta: &Delta, context: &Context<'_>) -> Option<f64> {
    if delta.resets > 0 {
        return None;
    }
    let limits = context.limits;
    // All that was deducted since counts, also what a poll that confirms a jump shows.
    let span = delta.at - delta.from;
    let minutes_of = |delay: TimeDelta| (span + delay).num_seconds() as f64 / 60.0;
    if delta.counted {
        let most = limits.requests_per_minute? as f64 * minutes_of(TimeDelta::minutes(2));
        return model.reach(most);
    }
    // Without a limit of the account's own nothing is known to be impossible.
    limits.tokens_per_minute.or(limits.tokens_per_day).or(limits.concurrency)?;
    let currency = delta.series.currency().unwrap_or(Currency::USD);
    let rates = if currency == Currency::CNY { context.dearest.cny } else { context.dearest.usd }?;
    let delay = if delta.is_money() { TimeDelta::minutes(12) } else { TimeDelta::minutes(2) };
    let minutes = minutes_of(delay);
    let tokens_a_minute =
        limits.tokens_per_minute.map_or(thresholds::TOKENS_PER_MINUTE, |limit| limit as f64);
    let streams = limits.concurrency.map_or(thresholds::CONCURRENCY, |limit| limit as f64);
    let mut tokens = tokens_a_minute * minutes;
    if let Some(day) = limits.tokens_per_day {
        // A day may end within the span.
        let days = 1.0 + (span.num_seconds() as f64 / 86_400.0).ceil();
        tokens = tokens.min(day as f64 * days);
    }
    let out = (streams * thresholds::STREAM_SPEED * 60.0 * minutes).min(tokens);
    let sent = rates.input.max(rates.cache_write).max(rates.cache_write_1h);
    let money = (out * rates.output + (tokens - out) * sent) / 1e6;
    if delta.is_money() { Some(money) } else { model.reach(money) }
}
