//! The audit: was I charged right?
//!
//! An [`Auditor`] takes all that is known of one account in the order in which it became known — readings,
//! requests of local session logs, failures, incidents of the status page — and makes findings: the
//! changes that [`crate::change`] sees, and the anomalies. It uses constant memory, reads no clock, and its
//! state can be written down between any two inputs.
//!
//! # How a deduction is weighed
//! 1. What was seen carries a margin: rounding of both polls, and what a reset hides.
//! 2. What usage explains: the logged tokens at published prices. On the platform that is money; on Kimi
//!    Code one ratio a quota, points for a dollar's worth, is learned robustly. Usage may wait to be
//!    deducted (`model::unbilled_usage`); requests that become known late count.
//! 3. What the other quotas say: a point of the 5-hour quota is a steady share of the longer ones.
//! 4. What the account has done so far without this machine: where its usage is not all logged, only what
//!    stands out from that, or contradicts the other quotas, can be a finding.
//! 5. What the rate limits allow at all.
//!
//! A single step is a finding at the next poll, unless that poll takes it back, brings the usage that
//! explains it, or shows that it continues (then another machine works, or the price has changed, which
//! `model::change_point` finds). Steps too small for that are summed up while no one works
//! (`detect::leaks`). An emptied quota, and more than the limits allow, are findings at once.
//!
//! # How the code is laid out
//! `model` holds what is learned, each part in a file that alone sees its fields; `detect` the tests, as
//! functions of those parts; `explain` makes findings of what they find. Imports point from `explain` and
//! `detect` to `model`, never back.

mod detect;
mod explain;
mod legacy;
mod model;
pub mod prices;
mod slot;
mod thresholds;
mod verdict;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::change::{Observed, Tracker};
use crate::finding::{Anomaly, Finding, FindingKind};
use crate::meter::Meter;
use crate::reading::Reading;
use crate::series::Series;
use crate::wire::{IncidentRecord, IncidentState, UsageRecord};

use detect::changes::Changes;
use detect::deltas::{self, Poll};
use detect::evaluate::Evaluator;
use detect::feedback;
use detect::late::{self, LateCosts};
use detect::overdue::{Conflicts, OverdueResets};
use detect::report::Found;
use model::accelerations::Accelerations;
use model::active_hours::ActiveHours;
use model::credit_ledger::CreditLedger;
use model::incidents::Incidents;
use model::machines::{Machines, WAITED_FOR};
use model::models::Models;
use model::open_anomalies::OpenAnomalies;
use model::taught::Taught;
use model::usage_since_poll::{KnownLimits, LogDelay, UsageSincePoll};
use model::window_comparison::WindowComparison;
use slot::Slot;

pub use model::incidents::MAX_INCIDENTS;
pub use prices::{Price, Prices, TokenRates, Usage};
pub use verdict::{Breakdown, Explained, ExplanationLimit, Verdict, WeighedDeduction};

/// How many of the last polls are remembered: usage can become known late by as many.
const POLLS: usize = 16;

/// Readings that come regularly, no further apart than this, count as polling all the while.
pub const REGULAR_GAP: TimeDelta = TimeDelta::minutes(65);

/// So many gaps in a row must be of about the same length for that.
const REGULAR_GAPS: usize = 2;

/// What is remembered of an account between two inputs. Its JSON is what the store keeps.
///
/// # Examples
/// Usage in the logs that leads to the deduction that follows it:
///
/// ```
/// use chrono::{DateTime, TimeDelta, Utc};
/// use tidemark_core::audit::{Auditor, Price, Prices, TokenRates, Usage};
/// use tidemark_core::change::Tracker;
/// use tidemark_core::{Meter, MeterReading, Reading, Region, Series, Source, Tokens};
///
/// struct OnePrice;
/// impl Prices for OnePrice {
///     fn price(&self, _model: Option<&str>, at: DateTime<Utc>) -> Option<Price> {
///         Some(self.dearest(at))
///     }
///     fn dearest(&self, _at: DateTime<Utc>) -> Price {
///         let rates =
///             TokenRates { cache_read: 0.2, input: 1.0, cache_write: 1.0, cache_write_1h: 2.0, output: 4.0 };
///         Price { usd: Some(rates), cny: None }
///     }
/// }
///
/// let start: DateTime<Utc> = "2026-06-01T08:00:00Z".parse()?;
/// let (mut tracker, mut auditor) = (Tracker::default(), Auditor::default());
/// let mut verdicts = Vec::new();
/// for poll in 0..12 {
///     let at = start + TimeDelta::minutes(5 * poll);
///     let tokens = Tokens { input: 500_000, output: 50_000, ..Tokens::default() };
///     auditor.usage(&Usage { at: at - TimeDelta::minutes(2), model: Some("kimi-k3"), tokens }, &OnePrice);
///     let meter = MeterReading {
///         meter: Meter::FiveHour,
///         used_percent: (5 * poll).into(),
///         used: None,
///         limit: None,
///         resets_at: Some(start + TimeDelta::hours(4)),
///         conflict: false,
///     };
///     let reading = Reading { meters: vec![meter], ..Reading::new(at, Source::KimiCode, Region::China) };
///     let observed = tracker.observe(&reading);
///     let audited = auditor.reading(&reading, observed, &OnePrice);
///     assert!(audited.findings.is_empty(), "{:?}", audited.findings);
///     verdicts.extend(audited.verdicts);
/// }
/// assert_eq!(verdicts.len(), 11);
/// assert_eq!(auditor.coverage(Series::Meter(Meter::FiveHour)), Some(1.0));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Auditor {
    /// The time of the last reading.
    at: Option<DateTime<Utc>>,
    /// The times of the last readings, oldest first: which of them followed a request that becomes known late.
    polls: VecDeque<DateTime<Utc>>,
    usage: UsageSincePoll,
    log_delay: LogDelay,
    /// Polls that failed since the last reading.
    failures: u32,
    hours: ActiveHours,
    incidents: Incidents,
    /// The account's limits, as far as they were ever shown: not every reading has them.
    limits: KnownLimits,
    /// Paid-in money at the last poll.
    cash: Option<Decimal>,
    ledger: CreditLedger,
    models: Models,
    windows: WindowComparison,
    accelerations: Accelerations,
    overdue: OverdueResets,
    conflicts: Conflicts,
    /// What the user said to be their own doing, so that each anomaly teaches once.
    taught: Taught,
    /// The other machines of the account's owner.
    machines: Machines,
    /// Anomalies that usage may explain that becomes known later.
    open: OpenAnomalies,
}

/// What one reading led to in the audit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Audited {
    /// What moved, and what of it is unconfirmed. Its `findings` are those of [`Audited::findings`] that
    /// the tracker alone made.
    pub observed: Observed,
    /// All that was concluded, in order, each once.
    pub findings: Vec<Finding>,
    /// How each deduction was explained.
    pub verdicts: Vec<Verdict>,
}

impl Auditor {
    /// What version 0.1 kept as one text: the tracker of changes, and the audit where that version had one (before,
    /// it only tracked changes). `None` where it is neither.
    #[must_use]
    pub fn of_version_0_1(state: &str) -> Option<(Tracker, Option<Self>)> {
        let mut value: serde_json::Value = serde_json::from_str(state).ok()?;
        if value.as_object()?.is_empty() {
            // Nothing but failed polls were seen so far.
            return Some((Tracker::default(), Some(Self::default())));
        }
        if value.get("meters").is_some() {
            return Some((serde_json::from_value(value).ok()?, None));
        }
        let tracker = serde_json::from_value(value.get_mut("tracker")?.take()).ok()?;
        legacy::upgrade(&mut value);
        let auditor: Self = serde_json::from_value(value).ok()?;
        Some((tracker, Some(auditor).filter(|auditor| auditor.at.is_some())))
    }

    /// From when on requests are taken, after a last reading: earlier ones come too late to explain anything. Other
    /// machines' logs are waited for, and an open anomaly may rest on usage of long before.
    #[must_use]
    pub fn listens_since(&self, last_reading: DateTime<Utc>) -> DateTime<Utc> {
        let reach = if self.machines.is_empty() { thresholds::LATE_USAGE } else { WAITED_FOR };
        let since = last_reading - reach;
        self.open.rests_on_since().map_or(since, |open| open.min(since))
    }

    /// The time of the last reading.
    #[must_use]
    pub const fn last_reading(&self) -> Option<DateTime<Utc>> {
        self.at
    }

    /// The span up to a reading in which the account was polled all the while: no longer than `max_gap`, or as long
    /// as those before it, as where another program polls twice an hour. `None` after a gap.
    #[must_use]
    pub fn polled_until(
        &self,
        at: DateTime<Utc>,
        max_gap: TimeDelta,
    ) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let last = self.at.filter(|last| *last < at)?;
        let gap = at - last;
        let is_like = |one: TimeDelta| one * 3 >= gap * 2 && gap * 3 >= one * 2;
        let recent = self.polls.iter().rev().zip(self.polls.iter().rev().skip(1)).take(REGULAR_GAPS);
        let mut regular = 0;
        for (later, earlier) in recent {
            regular += usize::from(is_like(*later - *earlier));
        }
        let is_regular = gap <= REGULAR_GAP && regular == REGULAR_GAPS;
        (gap <= max_gap || is_regular).then_some((last, at))
    }

    /// The share of a series' deductions that came while the logs showed usage, from 0 to 1: "your logs
    /// explain 92 % of it". `None` where nothing was deducted yet.
    #[must_use]
    pub fn coverage(&self, series: Series) -> Option<f64> {
        self.models.of(series)?.coverage()
    }

    /// How many points of a quota a dollar's worth of tokens takes, at most, at the open platform's prices.
    /// `None` for money, and where no log has shown usage yet.
    #[must_use]
    pub fn points_for_a_dollar_at_most(&self, series: Series) -> Option<f64> {
        series.meter()?;
        self.models.of(series)?.reach(1.0).filter(|points| *points > 0.0)
    }

    /// The title of the incident that a span falls into, where the status page reported one.
    #[must_use]
    pub fn incident_during(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<&str> {
        self.incidents.during(from, to).map(|incident| incident.title.as_deref().unwrap_or_default())
    }

    /// Takes a request of a local session log. Those of more than an hour before the last reading come too
    /// late to explain anything.
    pub fn usage(&mut self, usage: &Usage<'_>, prices: &dyn Prices) {
        self.take_usage(usage, prices, false);
    }

    fn take_usage(&mut self, usage: &Usage<'_>, prices: &dyn Prices, reported: bool) {
        if self.at.is_some_and(|at| at - usage.at > thresholds::LATE_USAGE) {
            return;
        }
        let is_late = self.at.is_some_and(|at| usage.at <= at);
        let amounts = self.usage.note(usage, prices);
        if is_late && let Some(poll) = self.polls.iter().find(|poll| **poll >= usage.at) {
            self.usage.late.note(*poll, amounts, reported);
        }
        self.hours.note(usage.at);
    }

    /// Takes requests that became known at `known_at` from the logs of another machine, however late; of none, from
    /// this machine's, long after they were made. Gives the anomalies that they explain, each once, as findings of the
    /// kind [`FindingKind::Withdrawn`].
    ///
    /// What a reading before them led to is not weighed again, but for the anomalies that are withdrawn. Polls that wait
    /// for the machine take what belongs to them.
    pub fn late_usage(
        &mut self,
        machine: Option<&str>,
        requests: &[UsageRecord],
        known_at: DateTime<Utc>,
        prices: &dyn Prices,
    ) -> Vec<Finding> {
        let mut explains = false;
        for line in requests {
            let usage = Usage { at: line.at, model: line.model.as_deref(), tokens: line.tokens() };
            if let Some(machine) = machine {
                self.machines.used(machine, usage.at, known_at);
            }
            let Some(last) = self.at.filter(|last| usage.at <= *last) else {
                // It is no later than this machine's own.
                self.usage(&usage, prices);
                continue;
            };
            if let Some(machine) = machine {
                self.machines.used_late(machine, usage.at, known_at);
            }
            let mut costs = UsageSincePoll::default();
            let amounts = costs.note(&usage, prices);
            let is_long_ago = last - usage.at > thresholds::REPORTED_LATE;
            let costs = LateCosts { at: usage.at, amounts, costs: &costs };
            // What this machine's own logs bring so late is weighed no more.
            if machine.is_some() {
                late::weigh(&costs, is_long_ago, &mut self.models);
            }
            explains |= late::explain(&costs, &self.models, &mut self.open);
            if !is_long_ago {
                self.take_usage(&usage, prices, machine.is_some());
            }
        }
        if !explains {
            return Vec::new();
        }
        let at = self.at.map_or(known_at, |last| last.max(known_at));
        let Self { models, accelerations, ledger, taught, open, .. } = self;
        late::withdraw(machine, at, &mut late::Learned { models, accelerations, ledger, taught, open })
    }

    /// The other machines that there are: what is remembered of any other is forgotten.
    pub fn machines_known(&mut self, names: &[String]) {
        self.machines.keep(names);
    }

    /// All logs of another machine are known for a span, since `known_at`.
    pub fn log_coverage(
        &mut self,
        machine: &str,
        span: (DateTime<Utc>, DateTime<Utc>),
        known_at: DateTime<Utc>,
    ) {
        self.machines.cover(machine, span, known_at);
    }

    /// Takes a usage line; see [`Auditor::usage`].
    pub fn usage_line(&mut self, line: &UsageRecord, prices: &dyn Prices) {
        self.usage(&Usage { at: line.at, model: line.model.as_deref(), tokens: line.tokens() }, prices);
    }

    /// Takes what the status page says of an incident.
    pub fn incident(&mut self, line: &IncidentRecord) {
        let open = line.state == IncidentState::Open;
        self.incidents.note(line.at, &line.id, open, line.impact.as_deref(), line.title.as_deref());
    }

    /// Takes a poll that failed: the time around it is less well known.
    pub const fn failure(&mut self) {
        self.failures = self.failures.saturating_add(1);
    }

    /// The user says that an anomaly was their own doing. The model of the account learns that: usage that no
    /// log of this machine shows, its size (of a quota, and within bounds) and its hours are no surprise
    /// from now on, and nothing that is restored later is taken for its return. What was found stays found,
    /// and a quota that is emptied again is found again.
    ///
    /// Anomalies that are no deduction (a reset that did not come, figures that contradict each other)
    /// teach nothing. An anomaly teaches once, whatever is said of it in between.
    pub fn taught(&mut self, finding: &Finding) {
        if !self.taught.is_new(finding) {
            return;
        }
        self.open.forget(finding);
        let Self { hours, models, accelerations, ledger, .. } = self;
        feedback::learn(finding, hours, models, accelerations, ledger);
    }

    /// Takes the next reading, and what the tracker of changes made of it. One of the very same time as the last
    /// brings nothing.
    pub fn reading(&mut self, reading: &Reading, mut observed: Observed, prices: &dyn Prices) -> Audited {
        if self.at == Some(reading.at) {
            return Audited { observed, ..Audited::default() };
        }
        if observed.findings.iter().any(|finding| finding.kind == FindingKind::AccountChange) {
            // All that was learned is of another account, and so may be the usage that has not been deducted.
            let (incidents, taught) = (std::mem::take(&mut self.incidents), std::mem::take(&mut self.taught));
            let machines = std::mem::take(&mut self.machines);
            *self = Self { incidents, taught, machines, at: self.at, ..Self::default() };
        }
        let before = self.at.replace(reading.at);
        if self.polls.len() >= POLLS {
            self.polls.pop_front();
        }
        self.polls.push_back(reading.at);
        let usage = std::mem::take(&mut self.usage);
        self.log_delay.learn(&usage, reading.at);

        let mut findings = Vec::new();
        self.take_changes(reading, &mut observed, &usage, &mut findings);
        let withheld = withheld_resets(&findings);
        let poll = Poll {
            reading,
            observed: &observed,
            usage: &usage,
            lateness: TimeDelta::seconds(self.log_delay.seconds),
            reported_until: self.machines.reported_until(reading.at),
            logs_missing: self.machines.any_missing(reading.at),
            cash_before: self.cash,
            withheld: &withheld,
        };
        let deltas = poll.deltas(&mut self.models);
        if let Some(balance) = reading.balance {
            self.cash = balance.cash;
        }
        deltas::returns(&deltas, &mut self.ledger, &mut findings);

        let mut verdicts = Vec::new();
        let mut evaluator = Evaluator {
            hours: &self.hours,
            models: &mut self.models,
            windows: &mut self.windows,
            accelerations: &mut self.accelerations,
            logs_missing: before.is_some_and(|before| self.machines.any_silent(before, reading.at)),
            limits: self.limits.learn(reading.limits),
            dearest: prices.dearest(reading.at),
            failures: std::mem::take(&mut self.failures),
            found: Found { ledger: &mut self.ledger, open: &mut self.open, findings: &mut findings },
            verdicts: &mut verdicts,
        };
        evaluator.evaluate(reading, &deltas);
        // What leaks says nothing of the hours in which the account is used.
        let leaks = |slot: Slot| self.models.get(slot).is_some_and(|model| model.leaks(reading.at));
        let worked = |(slot, delta): (Slot, &Option<model::delta::Delta>)| {
            delta.is_some_and(|delta| delta.deducted > 0.0 && !leaks(slot))
        };
        if deltas.iter().any(worked) {
            self.hours.note(reading.at);
        }
        self.overdue.check(reading, &observed, before, &mut findings);
        self.conflicts.check(reading, &mut findings);
        for finding in &mut findings {
            if matches!(finding.kind, FindingKind::Anomaly(_))
                && let Some(incident) = self.incidents.during(finding.from, finding.to)
            {
                explain::name_incident(finding, incident);
            }
            if !self.machines.is_empty() && explain::rests_on_usage(finding) {
                if self.machines.any_reported(finding.from, finding.to) {
                    explain::say_others_idle(finding);
                }
                explain::name_missing_logs(finding, &self.machines.silent(finding.from, finding.to));
            }
        }
        Audited { observed, findings, verdicts }
    }

    /// Takes the changes that the tracker found.
    fn take_changes(
        &mut self,
        reading: &Reading,
        observed: &mut Observed,
        usage: &UsageSincePoll,
        findings: &mut Vec<Finding>,
    ) {
        if observed.findings.is_empty() {
            return;
        }
        let late_logs = self.log_delay.seconds > 0;
        let changes = Changes { reading, usage, late_logs, models: &self.models, ledger: &mut self.ledger };
        changes.leave_out_used(observed);
        for finding in &observed.findings {
            self.rescale(finding, reading.at);
            let mut changes =
                Changes { reading, usage, late_logs, models: &self.models, ledger: &mut self.ledger };
            changes.take(finding, findings);
        }
    }

    /// Forgets what was learned of a plan or a limit that is another now.
    fn rescale(&mut self, finding: &Finding, at: DateTime<Utc>) {
        match finding.kind {
            FindingKind::PlanChange { .. } => {
                self.models.rescale_quotas(at);
                self.windows.forget();
                self.overdue.forget();
                self.accelerations.forget_price();
            }
            FindingKind::LimitChange { .. } => {
                let slot = finding.series.map(Slot::of);
                if let Some(model) = slot.and_then(|slot| self.models.get_mut(slot)) {
                    model.rescale(at);
                    self.windows.forget_ratios();
                }
            }
            _ => {}
        }
    }
}

/// The series of which a reset that was due did not come.
fn withheld_resets(findings: &[Finding]) -> Vec<Series> {
    let mut withheld: Vec<Series> = findings
        .iter()
        .filter(|found| found.kind == FindingKind::Anomaly(Anomaly::OverdueReset))
        .filter_map(|found| found.series)
        .collect();
    // The Code share has the month's cycle.
    if withheld.contains(&Series::Meter(Meter::Month)) {
        withheld.push(Series::Meter(Meter::MonthCode));
    }
    withheld
}
