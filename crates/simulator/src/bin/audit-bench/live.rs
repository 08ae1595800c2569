//! Simulates a month, polls and audits it, and compares what was found with what really happened.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use tidemark_core::audit::Prices;
use tidemark_core::finding::{Anomaly, CreditClass, Finding, FindingKind, Schedule};
use tidemark_core::step::{AccountState, Input, Rules};
use tidemark_core::wire::UsageRecord;
use tidemark_core::{Failure, FailureKind, Meter, Reading, Series};
use tidemark_simulator::{Generation, Polled, Request, Truth, history};

use crate::baseline::Baselines;
use crate::dice::Dice;
use crate::fault::Fault;
use crate::fleet::{Fleet, Report};
use crate::month::{Month, Sight, exchange};

/// What came of a month.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    /// Whether the fault could be seen at all: something was really deducted, and a poll came afterwards.
    pub(crate) counted: bool,
    /// It was found, under the right class.
    pub(crate) found: bool,
    /// It was found, under whatever class.
    pub(crate) noticed: bool,
    /// How many polls after the first one that showed it, when the logs had what led to it.
    pub(crate) delay: u32,
    /// Whether it was found before a tenth of a week's quota was lost to it; `None` where there is none.
    pub(crate) in_time: Option<bool>,
    /// Whether it was found within three days.
    pub(crate) in_days: bool,
    /// Anomalies that were none, and were not withdrawn.
    pub(crate) false_alarms: u32,
    /// Those that were withdrawn.
    pub(crate) withdrawn: u32,
    /// The fault was found and withdrawn.
    pub(crate) wrongly_withdrawn: bool,
    /// Anomalies that the fault led to, of another class or once more.
    pub(crate) besides: u32,
    /// The rules: whether each found it, and how often it rang for nothing.
    pub(crate) rules: [(bool, u32); 4],
    /// Resets on schedule or late: how many there were, how many were reported, with their schedule.
    pub(crate) resets: (u32, u32),
    /// Credits: how many there were, how many were reported with class and amount.
    pub(crate) credits: (u32, u32),
    /// What was reported, for a reader of the results.
    pub(crate) told: Vec<String>,
}

/// Everything that was seen.
struct Seen {
    findings: Vec<(Finding, u32)>,
    /// The anomalies that were withdrawn, by series and time.
    withdrawn: Vec<(Option<Series>, DateTime<Utc>)>,
    looks: Vec<DateTime<Utc>>,
    rules: Baselines,
    truth: Truth,
    /// Of an acceleration, by poll: how much of the long quota was lost to it, and how many polls showed use
    /// since it began.
    lost: Vec<(f64, u32)>,
    /// Whether the struck series was empty, by poll.
    empty: Vec<bool>,
}

fn see(month: &Month, prices: &dyn Prices) -> Seen {
    let mut dice = Dice::new(month.seed ^ 0x55);
    let mut history = history(&month.spec, 7, month.begin, month.end, month.every);
    let mut fleet = Fleet::of(month);
    if fleet.is_some() {
        history.keep_all_requests();
    } else {
        history.keep_logged();
    }
    let mut withdrawn = Vec::new();
    let mut state = AccountState::new();
    let step_rules = Rules { prices, alerts: None, max_gap: TimeDelta::zero() };
    let refused = Failure::new(FailureKind::ServerError, "");
    let (mut findings, mut looks, mut rules) = (Vec::new(), Vec::new(), Baselines::default());
    let mut untold: VecDeque<Request> = VecDeque::new();
    let zone = month.spec.habits.zone;
    let mut apart = Apart::default();
    let mut toll = Loss::default();
    let (mut lost, mut empty) = (Vec::new(), Vec::new());
    while let Some(poll) = history.next_poll() {
        let Polled::Look { mut reading, .. } = poll else { continue };
        match &mut fleet {
            Some(fleet) => fleet.take(history.take_logged()),
            None => untold.extend(history.take_logged()),
        }
        let hour = reading.at.with_timezone(&zone).hour();
        let off = month.nights_off && (1..8).contains(&hour);
        let away = month.away.is_some_and(|(from, to)| (from..to).contains(&reading.at));
        if off || away {
            continue;
        }
        while untold.front().is_some_and(|request| request.at + month.told_after <= reading.at) {
            let Some(request) = untold.pop_front() else { break };
            if month.sight != Sight::NoLogs {
                let record = usage(&request);
                let _ = state.apply(Input::Usage { requests: &[record], cursor: 1 }, &step_rules);
            }
        }
        let reports = fleet.as_mut().map(|fleet| fleet.known(reading.at, month.told_after));
        for report in reports.unwrap_or_default() {
            withdrawn.extend(tell(&mut state, &report, &step_rules));
        }
        if dice.happens(month.dropped) {
            let _ = state.apply(Input::Failure { at: reading.at, failure: &refused }, &step_rules);
            continue;
        }
        apart.part(month, &mut reading);
        let outcome = state.apply(Input::Reading(&reading), &step_rules);
        rules.take(&reading);
        lost.push(toll.take(month, &reading));
        empty.push(is_empty(month, &reading));
        looks.push(reading.at);
        let number = looks.len() as u32;
        findings.extend(outcome.findings.into_iter().map(|finding| (finding, number)));
    }
    for report in fleet.map(|mut fleet| fleet.rest(month.end)).unwrap_or_default() {
        withdrawn.extend(tell(&mut state, &report, &step_rules));
    }
    Seen { findings, withdrawn, looks, rules, truth: history.truth(), lost, empty }
}

/// Gives the audit what became known of a machine. The anomalies that it withdraws.
fn tell(
    state: &mut AccountState,
    report: &Report,
    rules: &Rules<'_>,
) -> Vec<(Option<Series>, DateTime<Utc>)> {
    let records: Vec<UsageRecord> = report.requests.iter().map(usage).collect();
    let Some(machine) = report.machine.as_deref() else {
        let _ = state.apply(Input::Usage { requests: &records, cursor: 1 }, rules);
        return Vec::new();
    };
    let known_at = report.known_at;
    let (from, to) = report.span;
    let input = Input::LateUsage { machine: Some(machine), requests: &records, known_at };
    let outcome = state.apply(input, rules);
    let _ = state.apply(Input::Coverage { machine, from, to, known_at }, rules);
    let of = |finding: Finding| match finding.kind {
        FindingKind::Withdrawn { of } => Some((finding.series, of)),
        _ => None,
    };
    outcome.withdrawn.into_iter().filter_map(of).collect()
}

fn is_empty(month: &Month, reading: &Reading) -> bool {
    if let Some(meter) = month.meter {
        return reading.meter(meter).is_some_and(|meter| meter.used_percent >= Decimal::from(95));
    }
    let available = reading.balance.and_then(|balance| balance.available);
    available.is_some_and(|available| available <= Decimal::ZERO)
}

/// The request as another program's log shows it, which names the platform's model.
fn usage(request: &Request) -> UsageRecord {
    UsageRecord { model: Some(request.model.platform_name().to_owned()), ..request.usage_record() }
}

/// How much an acceleration has taken.
#[derive(Debug, Default)]
struct Loss {
    long: Option<f64>,
    short: Option<f64>,
    lost: f64,
    active: u32,
}

impl Loss {
    fn take(&mut self, month: &Month, reading: &Reading) -> (f64, u32) {
        let (Fault::Accelerated(factor), Some(at)) = (month.fault, month.at) else { return (0.0, 0) };
        let used = |meter| reading.meter(meter).and_then(|m| m.used_percent.to_f64());
        let long = used(Meter::Week).or_else(|| used(Meter::Month));
        let short = used(Meter::FiveHour);
        if reading.at >= at {
            let rise =
                |now: Option<f64>, last: Option<f64>| now.zip(last).map_or(0.0, |(n, l)| (n - l).max(0.0));
            self.lost += rise(long, self.long) * (1.0 - 1.0 / factor);
            self.active += u32::from(rise(short, self.short) > 0.0);
        }
        (self.long, self.short) = (long.or(self.long), short.or(self.short));
        (self.lost, self.active)
    }
}

/// Lets the longer window drift away from the shorter one.
#[derive(Debug, Default)]
struct Apart {
    last: Option<Decimal>,
    extra: Decimal,
}

impl Apart {
    fn part(&mut self, month: &Month, reading: &mut Reading) {
        let (Fault::Disagreement(factor), Some(at)) = (month.fault, month.at) else { return };
        if reading.at < at {
            return;
        }
        let factor = Decimal::from_f64_retain(factor - 1.0).unwrap_or_default();
        let long = month.meter;
        let Some(meter) = reading.meters.iter_mut().find(|m| Some(m.meter) == long) else { return };
        let now = meter.used_percent;
        let moved = self.last.replace(now).map_or(Decimal::ZERO, |last| now - last);
        if moved < Decimal::ZERO {
            self.extra = Decimal::ZERO;
        } else {
            self.extra += moved * factor;
        }
        let digits = now.normalize().scale();
        let shown = (now + self.extra).min(Decimal::ONE_HUNDRED).round_dp(digits.min(2)).normalize();
        let extra = shown - now;
        meter.used_percent = shown;
        meter.used = meter.used.map(|used| used + extra.round());
        // The Code share lies inside the month and goes with it.
        if long == Some(Meter::Month)
            && let Some(code) = reading.meters.iter_mut().find(|m| m.meter == Meter::MonthCode)
        {
            code.used_percent = (code.used_percent + extra).min(Decimal::ONE_HUNDRED);
        }
    }
}

/// Lives a month and judges what was found in it.
pub(crate) fn live(month: &Month, prices: &dyn Prices) -> Outcome {
    let seen = see(month, prices);
    let mut outcome = Outcome::default();
    let shown = month.at.and_then(|at| seen.looks.iter().position(|look| *look >= at));
    // What a 5-hour window shows is gone when it ends.
    let soon = |look: usize| {
        let hidden = matches!(month.fault, Fault::Hidden(_));
        let brief = month.meter == Some(Meter::FiveHour) && !month.fault.lasts() && !hidden;
        !brief || month.at.is_some_and(|at| seen.looks[look] - at <= TimeDelta::hours(1))
    };
    outcome.counted =
        shown.is_some_and(|shown| shown + 3 < seen.looks.len() && soon(shown)) && could_be_seen(month, &seen);
    let mut first = None;
    for (finding, look) in &seen.findings {
        let anomaly = matches!(finding.kind, FindingKind::Anomaly(_));
        if anomaly || matches!(finding.kind, FindingKind::Recovered { .. }) {
            let series = finding.series.map_or_else(String::new, |series| series.to_string());
            outcome.told.push(format!(
                "{} {series} at {}: {}",
                finding.kind.as_str(),
                finding.detected_at,
                finding.explanation
            ));
        }
        let about = is_about(month, finding);
        if anomaly && seen.withdrawn.contains(&(finding.series, finding.detected_at)) {
            if let Some(last) = outcome.told.last_mut() {
                last.push_str(" WITHDRAWN");
            }
            if about && is_right(month, &finding.kind) {
                outcome.wrongly_withdrawn = true;
            } else {
                outcome.withdrawn += 1;
            }
            continue;
        }
        if about && is_right(month, &finding.kind) {
            if first.is_none() {
                first = Some(*look);
            } else if anomaly {
                outcome.besides += 1;
            }
        } else if anomaly {
            if about { outcome.besides += 1 } else { outcome.false_alarms += 1 }
        }
        outcome.noticed |= about && (anomaly || is_right(month, &finding.kind));
    }
    if let (Some(look), Some(shown)) = (first, shown) {
        outcome.found = true;
        // Logs that are read late count at the poll that follows them.
        let told = month.at.map_or(shown, |at| seen.looks.partition_point(|seen| *seen < at + late(month)));
        outcome.delay = look.saturating_sub(told as u32 + 1);
        outcome.in_time = in_time(month, &seen, look as usize - 1);
        outcome.in_days = month.at.is_some_and(|at| seen.looks[look as usize - 1] - at <= TimeDelta::days(3));
    } else if month.at.is_some() {
        outcome.in_time = in_time(month, &seen, seen.looks.len().saturating_sub(1)).map(|_| false);
    }
    for (rule, alarms) in seen.rules.alarms.iter().enumerate() {
        for alarm in alarms {
            let near = month.at.is_some_and(|at| {
                let length = month.fault.length() + month.every * 3;
                let last = if month.fault.lasts() { month.end } else { at + length };
                (at..=last).contains(alarm)
            });
            if near { outcome.rules[rule].0 = true } else { outcome.rules[rule].1 += 1 }
        }
    }
    outcome.resets = resets(month, &seen);
    outcome.credits = credits(month, &seen);
    outcome
}

fn is_right(month: &Month, kind: &FindingKind) -> bool {
    let fault = month.fault;
    match (fault.anomaly(month.meter.is_some()), kind) {
        // A large step may empty the meter, and is called so then.
        (Some(Anomaly::Unexplained | Anomaly::Disagreement), FindingKind::Anomaly(Anomaly::WipeOut)) => {
            matches!(fault, Fault::Step(size) | Fault::Drain(size) | Fault::Together(size) if size >= 20.0)
        }
        // So small a step of one quota is within what the other's rounding hides: it need not contradict it.
        (Some(Anomaly::Disagreement), FindingKind::Anomaly(Anomaly::Unexplained)) => {
            matches!(fault, Fault::Step(size) if size < contradicts_from(month))
        }
        (Some(class), FindingKind::Anomaly(found)) => class == *found,
        (None, FindingKind::Reset { schedule, .. }) => fault == Fault::Early && *schedule == Schedule::Early,
        _ => false,
    }
}

/// From how many points on a step of one quota alone contradicts the other: both figures are rounded, and so is what
/// one point of the one is of the other.
fn contradicts_from(month: &Month) -> f64 {
    let whole = matches!(month.spec.generation, Generation::B | Generation::C);
    let step = if whole { 1.0 } else { 0.1 };
    let rate = exchange(month.spec.plan, month.spec.generation);
    let hidden = if month.meter == Some(Meter::FiveHour) { step / rate } else { step * rate };
    1.5 * (hidden + step + 3.0)
}

/// Whether a finding is about the fault: it covers its time, or came after it where it lasts.
fn is_about(month: &Month, finding: &Finding) -> bool {
    let Some(at) = month.at else { return false };
    let minute = TimeDelta::minutes(1);
    if month.fault.lasts() {
        return finding.to >= at;
    }
    // Money is deducted about ten minutes after it is used, and polls are apart.
    finding.from <= at + month.fault.length() + minute && finding.to >= at - minute
}

/// Whether as much was deducted as intended, at a moment at which it could be distinguished from the rest.
fn could_be_seen(month: &Month, seen: &Seen) -> bool {
    let real = seen
        .truth
        .events
        .iter()
        .filter(|event| Some(event.at) == month.at)
        .filter_map(|event| event.amount.and_then(|amount| amount.to_f64()))
        .fold(0.0, f64::max);
    let platform = month.meter.is_none();
    match month.fault {
        Fault::Nothing => false,
        Fault::Step(size) => platform || real >= size - 0.01,
        Fault::Together(size) => real >= size - 0.01,
        Fault::Hidden(_) => {
            let shown = month.at.map_or(0, |at| seen.looks.partition_point(|look| *look < at));
            real >= if platform { 5.0 } else { 26.0 } && seen.empty.get(shown) == Some(&true)
        }
        // As much as was meant to, in one cycle.
        Fault::Drain(size) => month.at.is_some_and(|at| {
            let steps = seen.truth.events.iter().filter(|event| {
                event.what == "wrong-deduction" && (at..=at + month.fault.length()).contains(&event.at)
            });
            let real: f64 = steps.filter_map(|event| event.amount.and_then(|amount| amount.to_f64())).sum();
            platform || real >= size - 0.01
        }),
        Fault::WipeOut => real >= if platform { 5.0 } else { 15.0 },
        Fault::Clawback => real >= 5.0,
        // Where the end stands still, only a deep fall to nearly nothing is a reset.
        Fault::Early => real >= 41.0,
        // An account that is not used costs nothing more.
        Fault::Accelerated(_) | Fault::Disagreement(_) => month.at.is_some_and(|at| {
            let moved: Decimal = seen
                .truth
                .hours
                .iter()
                .filter(|hour| hour.start >= at)
                .flat_map(|hour| hour.moved.values())
                .map(|moved| moved.earned)
                .sum();
            moved > Decimal::TEN
        }),
        // Over hours without a poll the limits allow as much.
        Fault::Impossible => month.at.is_some_and(|at| {
            let after = seen.looks.partition_point(|look| *look < at);
            let before = after.checked_sub(1).and_then(|place| seen.looks.get(place));
            before
                .zip(seen.looks.get(after))
                .is_some_and(|(before, next)| *next - *before <= TimeDelta::hours(1))
        }),
        // The withheld reset has to fall into the month, with something used.
        Fault::Overdue => month.at.is_some_and(|at| {
            seen.truth.events.iter().any(|event| {
                event.what == "reset"
                    && event.at > at
                    && event.series.map(|key| key.0) == month.meter.map(Series::Meter)
                    && event.amount.is_some_and(|amount| amount >= Decimal::TWO)
            })
        }),
    }
}

/// Whether less than a tenth of a week's quota was lost before something was found. If two polls with use
/// were enough to lose it, no method can be in time, and the month is left out. If the logs are read late,
/// use that was not read yet when it was lost cannot have shown anything either: only polls that are older
/// count.
fn in_time(month: &Month, seen: &Seen, found: usize) -> Option<bool> {
    month.meter?;
    // A month holds a little more than four weeks.
    let tenth = if month.spec.plan.is_new() { 10.0 * 7.0 / 30.0 } else { 10.0 };
    let reached =
        seen.lost.iter().position(|(lost, _)| *lost > tenth).unwrap_or(seen.lost.len().checked_sub(1)?);
    let told = seen.looks[..=reached].partition_point(|look| *look <= seen.looks[reached] - late(month));
    let looks = told.checked_sub(1).map_or(0, |last| seen.lost[last].1);
    if !matches!(month.fault, Fault::Accelerated(_)) || looks <= 2 {
        return None;
    }
    Some(seen.lost.get(found)?.0 <= tenth)
}

/// How long after a request its log is read, if there are logs.
const fn late(month: &Month) -> TimeDelta {
    match month.sight {
        Sight::NoLogs => TimeDelta::zero(),
        Sight::Logs | Sight::SomeLogs | Sight::Beside | Sight::Machines(_) => month.told_after,
    }
}

/// Resets with polls shortly before and after: how many, and how many were reported correctly.
fn resets(month: &Month, seen: &Seen) -> (u32, u32) {
    let (mut all, mut right) = (0, 0);
    for event in seen.truth.events.iter().filter(|event| event.what == "reset") {
        let Some(series) = event.series.map(|key| key.0) else { continue };
        let own = series != Series::Meter(Meter::MonthCode);
        let worth = event.amount.is_some_and(|amount| amount >= Decimal::TWO);
        let near = is_seen(month, seen, event.at);
        // One that was withheld comes late, and is measured by its fault.
        let struck = month.at.is_some_and(|at| event.at >= at);
        if !own || !worth || !near || struck {
            continue;
        }
        all += 1;
        right += u32::from(seen.findings.iter().any(|(finding, _)| {
            finding.series == Some(series)
                && finding.from <= event.at
                && finding.to >= event.at
                && matches!(finding.kind, FindingKind::Reset { schedule: Schedule::OnTime, .. })
        }));
    }
    (all, right)
}

/// Credits: how many, and how many were reported with their class and amount.
fn credits(month: &Month, seen: &Seen) -> (u32, u32) {
    let (mut all, mut right) = (0, 0);
    for event in &seen.truth.events {
        let class = match event.what.as_str() {
            "top-up" => CreditClass::TopUp,
            "voucher" => CreditClass::Voucher,
            _ => continue,
        };
        let Some(amount) = event.amount else { continue };
        if month.meter.is_some() || !is_seen(month, seen, event.at) || event.at <= month.begin {
            continue;
        }
        all += 1;
        right += u32::from(seen.findings.iter().any(|(finding, _)| {
            finding.from <= event.at
                && finding.to >= event.at
                && matches!(&finding.kind, FindingKind::Credit { class: found, amount: told }
                    if *found == class && (told.amount - amount).abs() <= amount / Decimal::TEN + Decimal::TWO)
        }));
    }
    (all, right)
}

/// Whether there was a poll shortly before and after a moment.
fn is_seen(month: &Month, seen: &Seen, at: DateTime<Utc>) -> bool {
    let after = seen.looks.partition_point(|look| *look < at);
    let (Some(before), Some(next), Some(_)) = (
        after.checked_sub(1).and_then(|place| seen.looks.get(place)),
        seen.looks.get(after),
        seen.looks.get(after + 1),
    ) else {
        return false;
    };
    let near = month.every + TimeDelta::minutes(1);
    at - *before <= near && *next - at <= near
}
