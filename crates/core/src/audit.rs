//! The audit: was I charged right?
//!
//! An [`Auditor`] takes all that is known of one account in the order in which it became known — readings,
//! requests of local session logs, failures, incidents of the status page — and makes findings: the
//! changes that [`crate::change`] sees, and the anomalies. It uses constant memory, reads no clock, and its
//! state can be written down between any two inputs.
//!
//! # How a deduction is weighed
//! 1. What was seen carries a margin: rounding of both looks, and what a reset hides.
//! 2. What use explains: the logged tokens at published prices. On the platform that is money; on Kimi
//!    Code one scale a window, points for a dollar's worth, is learned robustly. Use may wait to be
//!    deducted ([`pot`]); requests told of late count.
//! 3. What the other windows say: a point of the 5-hour window is a steady share of the longer ones.
//! 4. What the account has done so far without this machine: where its use is not all logged, only what
//!    stands out from that, or contradicts the other windows, can be a finding.
//! 5. What the rate limits allow at all.
//!
//! A single step is a finding at the next look, unless that look takes it back, brings the use that
//! explains it, or shows that it goes on (then somebody works elsewhere, or the price has shifted, which
//! [`shift`] finds). Steps too small for that are summed up while nobody works ([`drain`]).
//! An emptied meter, and more than the limits allow, are findings at once.

mod asked;
mod beside;
mod candidate;
mod changes;
mod drain;
mod exact;
mod exchange;
mod fresh;
mod gauge;
mod hours;
mod incidents;
mod judge;
mod look;
mod memory;
mod peaks;
mod pot;
pub mod prices;
pub mod replay;
mod rules;
mod scale;
mod seen;
mod shift;
mod shifts;
mod standing;
mod stretch;
mod taught;
mod tempo;
mod trickle;
mod weigh;
mod words;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::change::{Observed, Tracker};
use crate::finding::{Anomaly, Finding, FindingKind};
use crate::meter::Meter;
use crate::number::decimal;
use crate::reading::Reading;
use crate::series::Series;
use crate::wire::{IncidentRecord, IncidentState, UsageRecord};

use exchange::Exchange;
use fresh::{Amounts, Fresh, Lateness, Limits};
use gauge::Gauge;
use hours::Hours;
use incidents::Incidents;
use memory::Memory;
use seen::Seen;
use shifts::Acceleration;
use standing::{Conflict, End};

pub use prices::{Price, Prices, Rates, Usage};

use crate::tokens::Tokens;
pub use replay::Replay;

/// What is remembered of an account between two inputs. Its JSON is what the store keeps.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Auditor {
    tracker: Tracker,
    at: Option<DateTime<Utc>>,
    fresh: Fresh,
    lateness: Lateness,
    hours: Hours,
    failures: u32,
    incidents: Incidents,
    memory: Memory,
    gauges: [Option<Box<Gauge>>; SERIES],
    exchanges: [Exchange; 3],
    ends: [End; 4],
    conflicts: [Conflict; 4],
    /// When a longer window was last found to contradict the 5-hour window.
    disagreed: [Option<DateTime<Utc>>; 3],
    accelerated: Option<Acceleration>,
    /// When use was last found to go faster than ever, without any log of it.
    hastened: Option<DateTime<Utc>>,
    /// Paid-in money at the last look.
    cash: Option<rust_decimal::Decimal>,
    /// The times of the last looks, oldest first: which of them followed a use that is told of late.
    looks: VecDeque<DateTime<Utc>>,
    /// The account's limits, as far as they were ever told: not every look tells of them.
    limits: Limits,
}

/// The four meters, then the balance, then the wallet.
const SERIES: usize = 6;
const BALANCE: usize = 4;
const WALLET: usize = 5;
/// The windows that are compared with the 5-hour window, by their position in [`Meter::ALL`].
const LONG: [usize; 3] = [1, 2, 3];

/// How many looks use can be told of late by.
const LOOKS: usize = 16;

/// What one reading brought.
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

/// How far a deduction is explained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// Which series.
    pub series: Series,
    /// At the look of this time.
    pub at: DateTime<Utc>,
    /// In one word.
    pub word: Explained,
    /// What was deducted, in the series' unit.
    pub deducted: f64,
    /// What use explains of it at least, and at most; `None` where it cannot be told.
    pub explained: Option<(f64, f64)>,
}

/// How far a deduction is explained, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Explained {
    /// The logged use explains it.
    Fully,
    /// The logged use explains a part of it.
    Partly,
    /// The logged use explains nothing of it, though the logs usually tell of all use.
    Not,
    /// Without complete logs it cannot be told.
    CannotTell,
}

impl Auditor {
    /// Takes a request of a local session log. Those of more than an hour before the last reading come too
    /// late to explain anything.
    pub fn usage(&mut self, usage: &Usage<'_>, prices: &dyn Prices) {
        if self.at.is_some_and(|at| at - usage.at > rules::LATE_USAGE) {
            return;
        }
        let fresh = &mut self.fresh;
        fresh.requests += 1.0;
        fresh.last = Some(fresh.last.map_or(usage.at, |last| last.max(usage.at)));
        let is_late = self.at.is_some_and(|at| usage.at <= at);
        let price = prices.price(usage.model, usage.at);
        let dearest = || prices.dearest(usage.at);
        let (usd, cny) = (price.and_then(|price| price.usd), price.and_then(|price| price.cny));
        let amounts = Amounts {
            usd: fresh.in_usd.note(usage.tokens, usd, || dearest().usd),
            cny: fresh.in_cny.note(usage.tokens, cny, || dearest().cny),
            requests: 1.0,
        };
        if is_late && let Some(look) = self.looks.iter().find(|look| **look >= usage.at) {
            fresh.late.note(*look, amounts);
        }
        self.hours.note(usage.at);
    }

    /// Takes a usage line; see [`Auditor::usage`].
    pub fn usage_line(&mut self, line: &UsageRecord, prices: &dyn Prices) {
        let tokens = Tokens {
            input: line.input,
            cache_read: line.cache_read,
            cache_write: line.cache_write,
            output: line.output,
        };
        self.usage(&Usage { at: line.at, model: line.model.as_deref(), tokens }, prices);
    }

    /// Takes what the status page tells of an incident.
    pub fn incident(&mut self, line: &IncidentRecord) {
        let open = line.state == IncidentState::Open;
        self.incidents.note(line.at, &line.id, open, line.impact.as_deref(), line.title.as_deref());
    }

    /// Takes a poll that failed: the time around it is less well known.
    pub fn failure(&mut self, _at: DateTime<Utc>) {
        self.failures = self.failures.saturating_add(1);
    }

    /// The changes part of the state, for whoever needs it alone.
    #[must_use]
    pub const fn tracker(&self) -> &Tracker {
        &self.tracker
    }

    /// The share of a series' deductions that came while the logs told of use, from 0 to 1: "your logs
    /// explain 92 % of it". `None` where nothing was deducted yet.
    #[must_use]
    pub fn coverage(&self, series: Series) -> Option<f64> {
        self.gauges[place(series)].as_ref().and_then(|gauge| gauge.coverage())
    }

    /// Takes the next reading. One of the very same time as the last brings nothing.
    pub fn reading(&mut self, reading: &Reading, prices: &dyn Prices) -> Audited {
        let mut observed = self.tracker.observe(reading);
        if self.at == Some(reading.at) {
            return Audited { observed, ..Audited::default() };
        }
        let before = self.at.replace(reading.at);
        if self.looks.len() >= LOOKS {
            self.looks.pop_front();
        }
        self.looks.push_back(reading.at);
        let fresh = std::mem::take(&mut self.fresh);
        let failures = std::mem::take(&mut self.failures);
        self.lateness.learn(&fresh, reading.at);
        let mut findings = Vec::new();
        observed.findings.retain(|finding| !self.is_use(finding, reading, &fresh));
        for finding in &observed.findings {
            self.change(finding, reading, &fresh, &mut findings);
        }
        let mut verdicts = Vec::new();
        let mut withheld: Vec<Series> = findings
            .iter()
            .filter(|found| found.kind == FindingKind::Anomaly(Anomaly::OverdueReset))
            .filter_map(|found| found.series)
            .collect();
        // The Code share has the month's cycle.
        if withheld.contains(&Series::Meter(Meter::Month)) {
            withheld.push(Series::Meter(Meter::MonthCode));
        }
        let seen = self.look(reading, &observed, &fresh, &withheld);
        self.returns(&seen, &mut findings);
        self.weigh(reading, &seen, failures, prices, &mut findings, &mut verdicts);
        // What trickles away tells nothing of the hours in which somebody works.
        let drains =
            |seen: &Seen| self.gauges[place(seen.series)].as_ref().is_some_and(|gauge| gauge.drains(seen.at));
        if seen.iter().flatten().any(|seen| seen.deducted > 0.0 && !drains(seen)) {
            self.hours.note(reading.at);
        }
        self.overdue(reading, &observed, before, &mut findings);
        self.conflict(reading, &mut findings);
        for finding in &mut findings {
            if matches!(finding.kind, FindingKind::Anomaly(_))
                && let Some(told) = self.incidents.during(finding.from, finding.to)
            {
                words::name_incident(finding, told);
            }
        }
        Audited { observed, findings, verdicts }
    }
}

const fn place(series: Series) -> usize {
    match series {
        Series::Meter(Meter::FiveHour) => 0,
        Series::Meter(Meter::Week) => 1,
        Series::Meter(Meter::Month) => 2,
        Series::Meter(Meter::MonthCode) => 3,
        Series::Balance(_) => BALANCE,
        Series::Wallet(_) => WALLET,
    }
}

fn all_meters(all: &[Option<Seen>; SERIES]) -> impl Iterator<Item = &Seen> {
    all[..BALANCE].iter().flatten()
}

/// Whether a window was used up at this look or the one before, or came back in between.
fn is_exhausted<'a>(reading: &Reading, mut seen: impl Iterator<Item = &'a Seen>) -> bool {
    reading.meters.iter().any(|meter| decimal::to_f64(meter.used_percent) >= 98.0)
        || seen.any(|seen| seen.before >= 98.0 || seen.resets > 0)
}
