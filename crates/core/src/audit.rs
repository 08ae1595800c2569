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
//! [`shift`] finds). An emptied meter, and more than the limits allow, are findings at once.

mod asked;
mod candidate;
mod exact;
mod exchange;
mod gauge;
mod hours;
mod incidents;
mod judge;
mod memory;
mod peaks;
mod pot;
pub mod prices;
pub mod replay;
mod rules;
mod scale;
mod shift;
mod taught;
mod words;

#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use crate::change::{Movement, Observed, Tracker};
use crate::finding::{Anomaly, CreditClass, Finding, FindingKind, Schedule};
use crate::line::{IncidentLine, IncidentState, UsageLine};
use crate::meter::Meter;
use crate::money::Currency;
use crate::reading::{RateLimits, Reading};
use crate::series::Series;

use exchange::Exchange;
use gauge::{Gauge, Seen};
use hours::Hours;
use incidents::Incidents;
use judge::{Allowed, Around, Confirmed, Judgement};
use memory::{Came, GivenBack, Memory, Taken};

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
    /// Paid-in money at the last look.
    cash: Option<rust_decimal::Decimal>,
    /// The account's limits, as far as they were ever told: not every look tells of them.
    limits: Limits,
}

/// Rate limits as they were last told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Limits {
    concurrency: Option<u64>,
    requests_per_minute: Option<u64>,
    tokens_per_minute: Option<u64>,
    tokens_per_day: Option<u64>,
}

impl Limits {
    /// A look tells of all limits or of none: one that is missing among others has been lifted.
    fn learn(&mut self, told: RateLimits) -> RateLimits {
        if told != RateLimits::default() {
            *self = Self {
                concurrency: told.concurrency,
                requests_per_minute: told.requests_per_minute,
                tokens_per_minute: told.tokens_per_minute,
                tokens_per_day: told.tokens_per_day,
            };
        }
        RateLimits {
            concurrency: self.concurrency,
            requests_per_minute: self.requests_per_minute,
            tokens_per_minute: self.tokens_per_minute,
            tokens_per_day: self.tokens_per_day,
        }
    }
}

/// The four meters, then the balance, then the wallet.
const SERIES: usize = 6;
const BALANCE: usize = 4;
const WALLET: usize = 5;
/// The windows that are compared with the 5-hour window, by their position in [`Meter::ALL`].
const LONG: [usize; 3] = [1, 2, 3];

/// Use that was logged since the last reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Fresh {
    #[serde(with = "exact")]
    usd: f64,
    #[serde(with = "exact")]
    cny: f64,
    #[serde(with = "exact")]
    requests: f64,
    /// Of these, what was used before the last reading and told of only after it.
    late: Late,
    unpriced_usd: bool,
    unpriced_cny: bool,
    last: Option<DateTime<Utc>>,
}

/// Use that was told of late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Late {
    #[serde(with = "exact")]
    usd: f64,
    #[serde(with = "exact")]
    cny: f64,
    #[serde(with = "exact")]
    requests: f64,
    /// The earliest of it.
    since: Option<DateTime<Utc>>,
}

/// How late requests are told of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Lateness {
    /// By so many seconds at most, lately.
    seconds: i64,
    /// When that was last seen.
    at: Option<DateTime<Utc>>,
}

/// The announced end of a meter's cycle, as it was at the last look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct End {
    due: Option<DateTime<Utc>>,
    told: bool,
}

/// A contradiction between two figures of one meter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Conflict {
    since: Option<DateTime<Utc>>,
    looks: u32,
    told: bool,
}

/// A shift of the price that was told.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Acceleration {
    at: DateTime<Utc>,
    #[serde(with = "exact")]
    factor: f64,
}

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

impl Lateness {
    /// Learns from what was told since the last reading. What was not seen for a week is forgotten.
    fn learn(&mut self, fresh: &Fresh, at: DateTime<Utc>) {
        if self.at.is_some_and(|seen| at - seen > TimeDelta::days(7)) {
            *self = Self::default();
        }
        if let Some(since) = fresh.late.since {
            let seconds = (at - since).min(rules::LATEST).num_seconds();
            self.seconds = self.seconds.max(seconds);
            self.at = Some(at);
        }
    }
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
        if is_late {
            fresh.late.requests += 1.0;
            fresh.late.since = Some(fresh.late.since.map_or(usage.at, |since| since.min(usage.at)));
        }
        let price = prices.price(usage.model, usage.at);
        match price.and_then(|price| price.usd) {
            Some(rates) => {
                let cost = rates.cost(usage.tokens);
                fresh.usd += cost;
                fresh.late.usd += if is_late { cost } else { 0.0 };
            }
            None => fresh.unpriced_usd = true,
        }
        match price.and_then(|price| price.cny) {
            Some(rates) => {
                let cost = rates.cost(usage.tokens);
                fresh.cny += cost;
                fresh.late.cny += if is_late { cost } else { 0.0 };
            }
            None => fresh.unpriced_cny = true,
        }
        self.hours.note(usage.at);
    }

    /// Takes a usage line; see [`Auditor::usage`].
    pub fn usage_line(&mut self, line: &UsageLine, prices: &dyn Prices) {
        let tokens = Tokens {
            input: line.input,
            cache_read: line.cache_read,
            cache_write: line.cache_write,
            output: line.output,
        };
        self.usage(&Usage { at: line.at, model: line.model.as_deref(), tokens }, prices);
    }

    /// Takes what the status page tells of an incident.
    pub fn incident(&mut self, line: &IncidentLine) {
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
        let observed = self.tracker.observe(reading);
        if self.at == Some(reading.at) {
            return Audited { observed, ..Audited::default() };
        }
        let before = self.at.replace(reading.at);
        let fresh = std::mem::take(&mut self.fresh);
        let failures = std::mem::take(&mut self.failures);
        self.lateness.learn(&fresh, reading.at);
        let mut findings = Vec::new();
        for finding in &observed.findings {
            self.change(finding, reading, fresh.requests > 0.0, &mut findings);
        }
        let mut verdicts = Vec::new();
        let seen = self.look(reading, &observed, &fresh);
        if seen.iter().flatten().any(|seen| seen.deducted > 0.0) {
            self.hours.note(reading.at);
        }
        self.returns(&seen, &mut findings);
        self.weigh(reading, &seen, failures, prices, &mut findings, &mut verdicts);
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

    /// Takes note of a change that the tracker found, and hands it on.
    fn change(&mut self, finding: &Finding, reading: &Reading, worked: bool, findings: &mut Vec<Finding>) {
        let at = reading.at;
        match &finding.kind {
            FindingKind::PlanChange { .. } => {
                self.gauges[..BALANCE].iter_mut().flatten().for_each(|gauge| gauge.rescale(at));
                self.exchanges = Default::default();
                self.ends = Default::default();
                self.accelerated = None;
                self.disagreed = Default::default();
            }
            FindingKind::LimitChange { .. } => {
                if let Some(gauge) = finding.series.and_then(|series| self.gauges[place(series)].as_mut()) {
                    gauge.rescale(at);
                    self.exchanges = Default::default();
                }
            }
            FindingKind::Reset { schedule, used_before, used_after, announced } => {
                let Some(series) = finding.series else { return };
                let used = |value: &rust_decimal::Decimal| value.to_f64().unwrap_or_default();
                let (used_before, used_after) = (used(used_before), used(used_after));
                let near = finding.to - finding.from <= rules::COMPARABLE;
                // Many agents at the beginning of a cycle can use a few points at once.
                let stood = (-1.0..=5.0).contains(&(used_after - used_before));
                if near && used_before >= if worked { 40.0 } else { 20.0 } && stood {
                    findings.push(words::withheld(finding, used_before, used_after));
                    return;
                }
                let gift = *schedule == Schedule::Early;
                let end = finding.meter().and_then(|meter| reading.meter(meter)).and_then(|m| m.resets_at);
                let renewed = match (announced, end) {
                    (Some(old), Some(new)) => (new - *old).num_minutes().abs() > 2,
                    _ => true,
                };
                self.memory.note_came(Came {
                    series,
                    at: finding.to,
                    amount: used_before,
                    gift,
                    renewed: renewed || !gift,
                });
                findings.push(finding.clone());
                if gift {
                    self.recover(series, finding, used_before, GivenBack::All, findings);
                } else {
                    self.memory.close(series);
                }
                return;
            }
            FindingKind::Credit { amount, class } => {
                let Some(series) = finding.series else { return };
                let amount = amount.amount.to_f64().unwrap_or_default();
                // What was paid in is its owner's; it cannot be taken back as a gift can.
                if *class != CreditClass::TopUp {
                    self.memory.note_came(Came { series, at: finding.to, amount, gift: true, renewed: true });
                }
                findings.push(finding.clone());
                self.recover(series, finding, amount, GivenBack::Amount(amount), findings);
                return;
            }
            FindingKind::Expiry { amount } => {
                if let Some(finding) =
                    self.clawed_voucher(finding, amount.amount.to_f64().unwrap_or_default())
                {
                    findings.push(finding);
                    return;
                }
            }
            FindingKind::Anomaly(_) | FindingKind::Recovered { .. } => {}
        }
        findings.push(finding.clone());
    }

    /// A voucher that goes at once looks like one that expired. One granted a moment ago did not expire.
    fn clawed_voucher(&mut self, finding: &Finding, amount: f64) -> Option<Finding> {
        let series = finding.series?;
        if self.memory.may_have_ended(series, finding.from, finding.to, amount) {
            return None;
        }
        let came = self.memory.taken_back(series, finding.to, (amount - 0.01, amount + 0.01), false)?;
        self.memory.forget_came(&came);
        let candidate = candidate::Candidate {
            class: Anomaly::Clawback,
            from: finding.from,
            to: finding.to,
            before: came.amount,
            after: came.amount - amount,
            observed: amount,
            slack: 0.0,
            low: 0.0,
            high: 0.0,
            reason: candidate::Reason::TakenBack { at: came.at, amount: came.amount },
            confidence: 0.85,
            worked: 0.0,
            waited: 0,
            late: 0.0,
            ended: false,
            failures: 0,
        };
        let mut told = words::candidate(series, &candidate, finding.detected_at);
        told.evidence.clone_from(&finding.evidence);
        self.note_taken(&told, amount, amount);
        Some(told)
    }

    fn recover(
        &mut self,
        series: Series,
        by: &Finding,
        back: f64,
        what: GivenBack,
        findings: &mut Vec<Finding>,
    ) {
        for taken in self.memory.given_back(series, by.detected_at, what) {
            let middle = f64::midpoint(taken.low, taken.high);
            findings.push(words::recovered(
                series,
                taken.detected_at,
                (by.from, by.to),
                (back, middle),
                by.detected_at,
            ));
        }
    }

    fn note_taken(&mut self, finding: &Finding, low: f64, high: f64) {
        if let Some(series) = finding.series {
            self.memory.note_taken(Taken { series, detected_at: finding.detected_at, low, high });
        }
    }

    /// The movements of a reading, with their margins. Series that wait for confirmation are left out.
    fn look(&mut self, reading: &Reading, observed: &Observed, fresh: &Fresh) -> [Option<Seen>; SERIES] {
        let mut all = [None; SERIES];
        for movement in &observed.movements {
            let place = place(movement.series);
            let gauge = match &mut self.gauges[place] {
                Some(gauge) if movement.from.is_some() => gauge,
                Some(gauge) => {
                    gauge.rescale(movement.at);
                    continue;
                }
                empty => {
                    let gauge = empty.insert(Box::new(Gauge::new(movement.series, movement.at)));
                    learn_step(gauge, reading, movement);
                    continue;
                }
            };
            if observed.unconfirmed.contains(&movement.series) {
                continue;
            }
            learn_step(gauge, reading, movement);
            let lateness = TimeDelta::seconds(self.lateness.seconds);
            let mut seen = seen(gauge, reading, movement, fresh, lateness);
            // A voucher that ended is told of already, and is no use.
            for finding in observed.findings.iter().filter(|f| f.series == Some(movement.series)) {
                if let FindingKind::Expiry { amount } = &finding.kind {
                    let ended = amount.amount.to_f64().unwrap_or_default();
                    seen.deducted = (seen.deducted - ended).max(0.0);
                    seen.before -= ended;
                }
            }
            if place == BALANCE {
                let cash = reading.balance.and_then(|balance| balance.cash);
                let stood = self.cash.zip(cash).is_some_and(|(before, now)| now >= before);
                seen.granted = stood && seen.deducted > 0.0;
            }
            all[place] = Some(seen);
        }
        if let Some(balance) = reading.balance {
            self.cash = balance.cash;
        }
        // A wallet is charged only while a quota window is used up.
        if !is_exhausted(reading, all_meters(&all))
            && let Some(wallet) = &mut all[WALLET]
        {
            wallet.fresh = 0.0;
            wallet.late = 0.0;
        }
        for (place, gauge) in self.gauges.iter_mut().enumerate() {
            let Some(gauge) = gauge else { continue };
            let delay = if place == BALANCE { rules::BALANCE_DELAY } else { rules::QUOTA_DELAY };
            match &all[place] {
                Some(seen) => gauge.pour(seen, delay, fresh.last),
                None if place != WALLET => {
                    // Not in this reading, or in doubt: the use waits for the next.
                    let series = gauge.series;
                    let waiting = Seen {
                        series,
                        from: gauge.at,
                        at: reading.at,
                        before: 0.0,
                        value: 0.0,
                        deducted: 0.0,
                        returned: 0.0,
                        resets: 0,
                        slack: 0.0,
                        fresh: measure(reading, series, fresh).fresh,
                        unpriced: false,
                        late: 0.0,
                        lateness: TimeDelta::zero(),
                        counted: false,
                        granted: false,
                        conflict: false,
                    };
                    gauge.pour(&waiting, delay, fresh.last);
                }
                None => {}
            }
        }
        all
    }

    /// Points that came back within a cycle may give back an anomaly.
    fn returns(&mut self, seen: &[Option<Seen>; SERIES], findings: &mut Vec<Finding>) {
        for seen in seen[..BALANCE].iter().flatten() {
            if seen.resets > 0 || seen.returned < 1.0 {
                continue;
            }
            self.memory.note_came(Came {
                series: seen.series,
                at: seen.at,
                amount: seen.returned,
                gift: true,
                renewed: false,
            });
            for taken in self.memory.given_back(seen.series, seen.at, GivenBack::Amount(seen.returned)) {
                let middle = f64::midpoint(taken.low, taken.high);
                findings.push(words::recovered(
                    seen.series,
                    taken.detected_at,
                    (seen.from, seen.at),
                    (seen.returned, middle),
                    seen.at,
                ));
            }
        }
    }

    fn weigh(
        &mut self,
        reading: &Reading,
        all: &[Option<Seen>; SERIES],
        failures: u32,
        prices: &dyn Prices,
        findings: &mut Vec<Finding>,
        verdicts: &mut Vec<Verdict>,
    ) {
        let mut unusual = [false; SERIES];
        let mut shifts = [None; SERIES];
        let exhausted = is_exhausted(reading, all_meters(all));
        let dearest = prices.dearest(reading.at);
        let limits = self.limits.learn(reading.limits);
        let dearer = self
            .accelerated
            .filter(|known| reading.at - known.at <= rules::ACCELERATION)
            .map_or(1.0, |known| known.factor.max(1.0));
        for place in 0..SERIES {
            let Some(seen) = all[place] else { continue };
            let allowed = self.allowed(place, all);
            let Some(gauge) = self.gauges[place].as_deref() else { continue };
            let expect = gauge.expect(&seen, dearer);
            if seen.deducted > 0.0 {
                verdicts.push(verdict(gauge, &seen, expect));
            }
            if !gauge.pending.is_empty() {
                self.settle_pending(place, &seen, allowed, dearer, findings);
            }
            let going = self.gauges[place].as_ref().map_or(0.0, |gauge| gauge.going);
            let around = Around {
                hours: &self.hours,
                memory: &self.memory,
                limits,
                dearest,
                failures,
                exhausted,
                has_meters: !reading.meters.is_empty(),
            };
            let Some(gauge) = self.gauges[place].as_deref() else { continue };
            let judgement = match judge::judge(gauge, &seen, expect, allowed, &around) {
                // One more of a row that is not a single wrong step.
                Judgement::Doubtful(candidate, None)
                    if candidate.class == Anomaly::Unexplained && candidate.excess() <= 3.0 * going =>
                {
                    if let Some(gauge) = self.gauges[place].as_deref_mut() {
                        gauge.going = going.max(candidate.excess());
                    }
                    Judgement::Usual
                }
                judgement => {
                    if let Some(gauge) = self.gauges[place].as_deref_mut() {
                        gauge.going = 0.0;
                    }
                    judgement
                }
            };
            let Some(gauge) = self.gauges[place].as_deref() else { continue };
            // The Code share is a part of the month: what befalls both is told of the month.
            let of_month = place == 3 && unusual[2];
            let complete = gauge.is_complete(seen.series);
            let explained = expect.high.min(seen.deducted);
            let known = seen.at - gauge.since >= rules::DAYS_KNOWN && gauge.is_long_complete();
            let stints = if complete && known { 1 } else { rules::STINTS };
            match judgement {
                Judgement::Usual => {
                    let other = allowed.filter(|_| place == 2).map_or(0.0, |allowed| allowed.moved);
                    if let Some(gauge) = self.gauges[place].as_deref_mut() {
                        shifts[place] = gauge.settle(&seen, other, stints);
                    }
                }
                Judgement::Glitch => {
                    unusual[place] = true;
                    if let Some(gauge) = self.gauges[place].as_deref_mut() {
                        shifts[place] = gauge.settle_unusual(&seen, 0.0, stints);
                    }
                }
                Judgement::Certain(..) | Judgement::Doubtful(..) if of_month => {
                    if let Some(gauge) = self.gauges[place].as_deref_mut() {
                        shifts[place] = gauge.settle_unusual(&seen, explained, stints);
                    }
                }
                Judgement::Certain(candidate, came) => {
                    unusual[place] = true;
                    if let Some(came) = came {
                        self.memory.forget_came(&came);
                    }
                    self.tell(seen.series, &candidate, seen.at, findings);
                    if let Some(gauge) = self.gauges[place].as_deref_mut() {
                        shifts[place] = gauge.settle_unusual(&seen, explained, stints);
                    }
                }
                Judgement::Doubtful(candidate, _) => {
                    unusual[place] = true;
                    // Another step that still waits is not forgotten over this one.
                    let oldest = self.gauges[place].as_deref_mut().and_then(|gauge| {
                        (gauge.pending.len() >= rules::IN_DOUBT).then(|| gauge.pending.remove(0))
                    });
                    if let Some(oldest) = oldest {
                        self.stands(&oldest, &seen, findings);
                    }
                    if let Some(gauge) = self.gauges[place].as_deref_mut() {
                        shifts[place] = gauge.settle_unusual(&seen, explained, stints);
                        gauge.pending.push(candidate);
                    }
                }
            }
        }
        self.accelerations(reading.at, &shifts, findings);
        self.exchange(reading, all, findings);
    }

    /// What the next look says of a movement that was in doubt.
    fn settle_pending(
        &mut self,
        place: usize,
        seen: &Seen,
        allowed: Option<Allowed>,
        dearer: f64,
        findings: &mut Vec<Finding>,
    ) {
        let Some(gauge) = self.gauges[place].as_deref_mut() else { return };
        let expect = gauge.expect(seen, dearer);
        let mut stand = Vec::new();
        for mut candidate in std::mem::take(&mut gauge.pending) {
            candidate.late += gauge.late(seen);
            match judge::confirm(&candidate, gauge, seen, expect, allowed) {
                Confirmed::Wait => {
                    candidate.waited += 1;
                    gauge.pending.push(candidate);
                }
                Confirmed::Stands => {
                    gauge.drop_block();
                    stand.push(candidate);
                }
                Confirmed::Dropped => {}
                Confirmed::Elsewhere => {
                    gauge.going = candidate.excess().max(seen.floor());
                    // A price that went up takes more for the same use; that is not somebody else's use.
                    if candidate.worked <= 0.0 {
                        let span = candidate.to - candidate.from;
                        gauge.learn_elsewhere(candidate.excess(), span, candidate.to);
                    }
                }
            }
        }
        for candidate in stand {
            self.stands(&candidate, seen, findings);
        }
    }

    /// A movement that was in doubt is a finding.
    fn stands(&mut self, candidate: &candidate::Candidate, seen: &Seen, findings: &mut Vec<Finding>) {
        if let candidate::Reason::TakenBack { at, .. } = candidate.reason {
            self.memory.forget_came_at(seen.series, at);
        }
        match (candidate.ended, candidate.class, seen.series.currency()) {
            (true, Anomaly::Unexplained, Some(currency)) => {
                findings.push(words::ended(seen.series, currency, candidate, seen.at));
            }
            _ => self.tell(seen.series, candidate, seen.at, findings),
        }
    }

    fn tell(
        &mut self,
        series: Series,
        candidate: &candidate::Candidate,
        at: DateTime<Utc>,
        findings: &mut Vec<Finding>,
    ) {
        let finding = words::candidate(series, candidate, at);
        let low = (candidate.observed - candidate.slack - candidate.high).max(0.0);
        let high = candidate.observed + candidate.slack - candidate.low;
        self.note_taken(&finding, low, high);
        findings.push(finding);
    }

    /// What the other windows allow a meter to have moved by.
    fn allowed(&self, place: usize, all: &[Option<Seen>; SERIES]) -> Option<Allowed> {
        let step = |long: usize| self.gauges[long].as_ref().map_or(1.0, |gauge| gauge.step);
        let told = |most: f64, meter: usize, moved: f64| Allowed { most, meter: meter as u8, moved };
        match place {
            0 => LONG
                .iter()
                .filter_map(|long| {
                    let other = all[*long].as_ref()?;
                    let most =
                        self.exchanges[*long - 1].short_at_most(Meter::ALL[*long], other, step(*long))?;
                    Some(told(most, *long, other.deducted))
                })
                .min_by(|a, b| a.most.total_cmp(&b.most)),
            // The month holds its Code share, point for point.
            2 if all[3].is_some() => all[3].as_ref().map(|code| told(code.high(), 3, code.deducted)),
            1..=3 => {
                let short = all[0].as_ref()?;
                let most = self.exchanges[place - 1].long_at_most(Meter::ALL[place], short, step(place));
                Some(told(most, 0, short.deducted))
            }
            _ => None,
        }
    }

    /// Shifts of the price: told once, whichever series shows it first.
    fn accelerations(
        &mut self,
        at: DateTime<Utc>,
        shifts: &[Option<shift::Shifted>; SERIES],
        findings: &mut Vec<Finding>,
    ) {
        for (place, shifted) in shifts.iter().enumerate() {
            let Some(shifted) = shifted else { continue };
            // Use costs more in the longer window alone, and the shorter one contradicts it.
            let contradicted = LONG.contains(&place) && self.is_steady(0);
            // A month that has a Code share is moved by other products too.
            let others = place == 2 && self.gauges[3].is_some();
            let Some(gauge) = self.gauges[place].as_deref_mut() else { continue };
            let series = gauge.series;
            let complete = gauge.coverage().is_some_and(|share| share >= rules::COMPLETE);
            gauge.adopt(shifted.factor, at);
            // A step that waits was no single wrong one, but the price.
            gauge.pending.retain(|pending| pending.worked <= 0.0);
            let raised = gauge.factor;
            if shifted.factor < 1.0 {
                // What was found before is over; if it comes again, that is told again.
                if raised < 1.2 {
                    self.accelerated = None;
                }
                continue;
            }
            let known = self.accelerated.is_some_and(|known| {
                at - known.at <= rules::CLAWBACK_WITHIN * 4 && known.factor >= shifted.low * 0.7
            });
            if known || shifted.low <= 1.1 || raised < 1.15 || others {
                continue;
            }
            if contradicted {
                let known = self.disagreed[place - 1].replace(at);
                self.exchanges[place - 1].adopt(shifted.factor);
                if known.is_none_or(|known| at - known > rules::CLAWBACK_WITHIN * 4) {
                    findings.push(words::disagreement(Meter::ALL[place], shifted, at));
                }
                continue;
            }
            self.accelerated = Some(Acceleration { at, factor: shifted.high });
            let finding = words::accelerated(series, shifted, complete, at);
            let taken = (shifted.seen - shifted.expected).max(0.0);
            self.note_taken(&finding, taken * 0.7, taken * 1.3);
            findings.push(finding);
        }
    }

    /// Compares the windows with each other.
    fn exchange(&mut self, reading: &Reading, all: &[Option<Seen>; SERIES], findings: &mut Vec<Finding>) {
        let Some(short) = all[0] else { return };
        for long in LONG {
            // Other products move the month; its Code share is what compares.
            if long == 2 && all[3].is_some() {
                continue;
            }
            let Some(other) = all[long] else { continue };
            let step = self.gauges[long].as_ref().map_or(1.0, |gauge| gauge.step);
            let exchange = &mut self.exchanges[long - 1];
            let Some(shifted) = exchange.observe(&short, &other, step) else { continue };
            let doubt = exchange.rate(step).map_or(0.0, |(_, doubt)| doubt - 0.06);
            exchange.adopt(shifted.factor);
            let up = shifted.low > 1.15 + doubt;
            // A month moves by other products too.
            let down = shifted.high < 0.87 - doubt;
            if !(up && long != 2 || down) {
                continue;
            }
            // Where the price of use itself has shifted, that was told, or is about to be. By use it can be
            // told which of the two has changed: where that is the longer one alone, they contradict.
            let told = |at: Option<DateTime<Utc>>, within| at.is_some_and(|at| reading.at - at <= within);
            let priced = told(self.accelerated.map(|known| known.at), rules::CLAWBACK_WITHIN);
            let known = told(self.disagreed[long - 1], rules::CLAWBACK_WITHIN * 4);
            let suspected = |place: usize| {
                self.gauges[place].as_ref().is_some_and(|gauge| gauge.suspects() && gauge.samples() >= 3)
            };
            if priced || known || suspected(0) || (suspected(long) && !(up && self.is_steady(0))) {
                continue;
            }
            self.disagreed[long - 1] = Some(reading.at);
            findings.push(words::disagreement(Meter::ALL[long], &shifted, reading.at));
        }
    }

    /// Whether what use costs in a window is known, and what it was.
    fn is_steady(&self, place: usize) -> bool {
        self.gauges[place]
            .as_ref()
            .is_some_and(|gauge| gauge.samples() >= rules::SAMPLES && !gauge.suspects())
    }

    /// Resets that were due and did not come.
    fn overdue(
        &mut self,
        reading: &Reading,
        observed: &Observed,
        before: Option<DateTime<Utc>>,
        findings: &mut Vec<Finding>,
    ) {
        for (place, meter) in Meter::ALL.into_iter().enumerate() {
            let Some(seen) = reading.meter(meter) else { continue };
            let end = &mut self.ends[place];
            let movement = observed.movements.iter().find(|movement| movement.series == Series::Meter(meter));
            let reset = movement.is_some_and(|movement| movement.resets > 0 || movement.from.is_none());
            if let Some(due) = seen.resets_at
                && end.due.is_none_or(|known| (known - due).num_minutes().abs() > 2)
            {
                *end = End { due: Some(due), told: false };
            } else if reset && seen.resets_at.is_none() {
                *end = End::default();
            }
            let Some(due) = end.due else { continue };
            let used = seen.used_percent.to_f64().unwrap_or_default();
            if end.told || reset || used < 1.0 || self.tracker.pending(meter) || meter == Meter::MonthCode {
                continue;
            }
            let Some(before) = before else { continue };
            if judge::is_overdue(due, before, reading.at) {
                end.told = true;
                findings.push(words::overdue(meter, due, used, reading.at));
            }
        }
    }

    /// Two figures for one window that go on contradicting each other.
    fn conflict(&mut self, reading: &Reading, findings: &mut Vec<Finding>) {
        for (place, meter) in Meter::ALL.into_iter().enumerate() {
            let Some(seen) = reading.meter(meter) else { continue };
            let conflict = &mut self.conflicts[place];
            if !seen.conflict {
                *conflict = Conflict::default();
                continue;
            }
            let since = *conflict.since.get_or_insert(reading.at);
            conflict.looks = conflict.looks.saturating_add(1);
            if conflict.told || conflict.looks < rules::CONFLICT_LOOKS {
                continue;
            }
            conflict.told = true;
            let used = seen.used_percent.to_f64().unwrap_or_default();
            let count = match (seen.used, seen.limit) {
                (Some(used), Some(limit)) if !limit.is_zero() => {
                    (used * rust_decimal::Decimal::ONE_HUNDRED).checked_div(limit).and_then(|c| c.to_f64())
                }
                _ => None,
            };
            findings.push(words::conflict(meter, since, (used, count), conflict.looks, reading.at));
        }
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
    let full = rust_decimal::Decimal::from(98);
    reading.meters.iter().any(|meter| meter.used_percent >= full)
        || seen.any(|seen| seen.before >= 98.0 || seen.resets > 0)
}

fn learn_step(gauge: &mut Gauge, reading: &Reading, movement: &Movement) {
    let Series::Meter(meter) = movement.series else {
        gauge.step = 0.0;
        return;
    };
    let Some(seen) = reading.meter(meter) else { return };
    let moved = !movement.deducted.is_zero();
    let limit = seen.limit.and_then(|limit| limit.to_f64());
    gauge.learn_step(seen.used_percent.normalize().scale(), moved, limit);
}

/// Logged use in the measure of a series.
struct Measured {
    fresh: f64,
    late: f64,
    /// Some of it has no known price.
    unpriced: bool,
    /// It is a number of requests.
    counted: bool,
}

fn measure(reading: &Reading, series: Series, fresh: &Fresh) -> Measured {
    let dollars =
        Measured { fresh: fresh.usd, late: fresh.late.usd, unpriced: fresh.unpriced_usd, counted: false };
    match series {
        Series::Meter(meter) => {
            let limit = reading.meter(meter).and_then(|meter| meter.limit);
            // A limit that is not 100 counts requests.
            if limit.is_some_and(|limit| limit != rust_decimal::Decimal::ONE_HUNDRED) {
                Measured { fresh: fresh.requests, late: fresh.late.requests, unpriced: false, counted: true }
            } else {
                dollars
            }
        }
        Series::Balance(currency) | Series::Wallet(currency) => {
            if currency == Currency::USD {
                dollars
            } else {
                let unpriced = fresh.unpriced_cny;
                Measured { fresh: fresh.cny, late: fresh.late.cny, unpriced, counted: false }
            }
        }
    }
}

fn seen(gauge: &Gauge, reading: &Reading, movement: &Movement, fresh: &Fresh, lateness: TimeDelta) -> Seen {
    let figure = |value: rust_decimal::Decimal| value.to_f64().unwrap_or_default();
    let (value, deducted, returned) =
        (figure(movement.value), figure(movement.deducted), figure(movement.returned));
    let money = !matches!(movement.series, Series::Meter(_));
    let before = if money { value + deducted - returned } else { value - deducted + returned };
    // Each of two looks is off by half a step at most; the first percent may show with the first token.
    let first = !money && before <= 0.0 && deducted > 0.0;
    let slack = if first { 2.0 * gauge.step } else { gauge.step };
    let Measured { fresh, late, unpriced, counted } = measure(reading, movement.series, fresh);
    let conflict =
        movement.series.meter().and_then(|meter| reading.meter(meter)).is_some_and(|meter| meter.conflict);
    Seen {
        series: movement.series,
        from: gauge.at.min(movement.at),
        at: movement.at,
        before,
        value,
        deducted,
        returned,
        resets: movement.resets,
        slack: if money { 0.005 } else { slack },
        fresh,
        unpriced,
        late,
        lateness,
        counted,
        granted: false,
        conflict,
    }
}

fn verdict(gauge: &Gauge, seen: &Seen, expect: gauge::Expect) -> Verdict {
    let worked = gauge.is_at_work(seen);
    let word = if !expect.known || (!worked && !gauge.is_complete(seen.series)) {
        if seen.deducted <= seen.slack { Explained::Fully } else { Explained::CannotTell }
    } else if seen.low() <= expect.high {
        Explained::Fully
    } else if expect.high >= 0.3 * seen.deducted {
        Explained::Partly
    } else {
        Explained::Not
    };
    let explained = expect.known.then(|| (expect.low.min(seen.deducted), expect.high.min(seen.deducted)));
    Verdict { series: seen.series, at: seen.at, word, deducted: seen.deducted, explained }
}
