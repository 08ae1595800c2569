//! Changes that the tracker found: what the audit remembers of them, and what they take or give back.

use super::candidate::{Candidate, Reason};
use super::fresh::{Fresh, measure};
use super::memory::{Came, GivenBack, Taken};
use super::{Auditor, BALANCE, place, rules, words};
use crate::finding::{Anomaly, CreditClass, Finding, FindingKind, Schedule};
use crate::meter::Meter;
use crate::number::decimal;
use crate::reading::Reading;
use crate::series::Series;

impl Auditor {
    /// Takes note of a change that the tracker found, and hands it on.
    pub(super) fn change(
        &mut self,
        finding: &Finding,
        reading: &Reading,
        fresh: &Fresh,
        findings: &mut Vec<Finding>,
    ) {
        let at = reading.at;
        let worked = fresh.requests > 0.0;
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
                let used = |value: &rust_decimal::Decimal| decimal::to_f64(*value);
                let (used_before, used_after) = (used(used_before), used(used_after));
                // So much can be used within an hour of the short window that its figure comes back to
                // where it was by chance; the long ones cannot be used up so soon.
                let since = announced.map_or(finding.from, |end| end.max(finding.from));
                let near = match series {
                    Series::Meter(Meter::FiveHour) => finding.to - since <= rules::AT_ONCE,
                    _ => finding.to - finding.from <= rules::COMPARABLE,
                };
                // Many agents at the beginning of a cycle can use a few points at once.
                let stood = (-1.0..=5.0).contains(&(used_after - used_before));
                let near = near && used_before >= if worked { 40.0 } else { 20.0 } && stood;
                // All use is known, and cannot have brought the new cycle to where the old one was.
                let known = self.used_since(series, reading, fresh).is_some_and(|used| {
                    let stood = (-1.0..=used + 1.0).contains(&(used_after - used_before));
                    stood && used_after >= 3.0 * used + rules::WITHHELD_POINTS
                });
                let known = known && finding.to - finding.from <= rules::WITHHELD_GAP;
                if near || known {
                    let confidence = if near { 0.9 } else { 0.8 };
                    let told = words::withheld(finding, (used_before, used_after), confidence);
                    // What the reset would have given may still come.
                    self.note_taken(&told, used_after, used_after);
                    findings.push(told);
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
                    told: true,
                    only: false,
                });
                findings.push(finding.clone());
                if gift {
                    self.recover(series, finding, used_before - used_after, GivenBack::All, findings);
                } else {
                    self.memory.close(series);
                }
                return;
            }
            FindingKind::Credit { amount, class } => {
                let Some(series) = finding.series else { return };
                let amount = decimal::to_f64(amount.amount);
                // What was paid in is its owner's; it cannot be taken back as a gift can.
                if *class != CreditClass::TopUp {
                    let vouchers = reading.balance.and_then(|balance| balance.voucher).map(decimal::to_f64);
                    let only = *class == CreditClass::Voucher
                        && vouchers.is_some_and(|vouchers| vouchers <= amount + 0.01);
                    self.memory.note_came(Came {
                        series,
                        at: finding.to,
                        amount,
                        gift: true,
                        renewed: true,
                        told: false,
                        only,
                    });
                }
                let mut told = finding.clone();
                if worked {
                    // How much of the use of that time is posted by now is not known.
                    told.explanation.push_str(" What was used in the same time is taken off it.");
                }
                findings.push(told);
                // Nor does it give back what was lost, unless it is the same sum.
                let back = match class {
                    CreditClass::TopUp => GivenBack::Sum(amount),
                    _ => GivenBack::Amount(amount),
                };
                self.recover(series, finding, amount, back, findings);
                return;
            }
            FindingKind::Expiry { amount } => {
                if let Some(finding) = self.clawed_voucher(finding, decimal::to_f64(amount.amount)) {
                    findings.push(finding);
                    return;
                }
            }
            FindingKind::Anomaly(_) | FindingKind::Recovered { .. } => {}
        }
        findings.push(finding.clone());
    }

    /// What all use since the last look, and what of it was not deducted yet, can have taken of a series at most;
    /// `None` where the logs do not tell of all use by now.
    fn used_since(&self, series: Series, reading: &Reading, fresh: &Fresh) -> Option<f64> {
        let gauge = self.gauges[place(series)].as_deref()?;
        let told = self.lateness.seconds <= 0 && gauge.is_complete(series) && gauge.is_long_complete();
        let measured = measure(reading, series, fresh);
        gauge.reach(gauge.waiting() + measured.fresh).filter(|_| told && !measured.unpriced)
    }

    /// Whether a voucher seems to have ended, and a burst of use took the last of it.
    pub(super) fn is_use(&self, finding: &Finding, reading: &Reading, fresh: &Fresh) -> bool {
        let (FindingKind::Expiry { amount }, Some(series)) = (&finding.kind, finding.series) else {
            return false;
        };
        let amount = decimal::to_f64(amount.amount);
        let gauge = self.gauges[place(series)].as_deref();
        let used =
            gauge.and_then(|gauge| gauge.reach(gauge.waiting() + measure(reading, series, fresh).fresh));
        let ended = self.memory.may_have_ended(series, finding.from, finding.to, amount);
        !ended && used.is_some_and(|used| used >= amount)
    }

    /// A voucher that goes at once looks like one that expired. One granted a moment ago did not expire.
    pub(super) fn clawed_voucher(&mut self, finding: &Finding, amount: f64) -> Option<Finding> {
        let series = finding.series?;
        if self.memory.may_have_ended(series, finding.from, finding.to, amount) {
            return None;
        }
        let whole = self.memory.taken_back(series, finding.to, (amount - 0.01, amount + 0.01), false);
        // The last of it may go by use that no log tells of; half of it seldom does.
        let complete = self.gauges[place(series)].as_deref().is_some_and(|gauge| gauge.is_complete(series));
        let rest = || {
            let came = self.memory.rest_taken_back(series, finding.to, amount);
            came.filter(|came| complete || amount >= came.amount / 2.0)
        };
        let came = whole.or_else(rest)?;
        self.memory.forget_came(&came);
        let (at, granted) = (came.at, came.amount);
        let reason = match whole {
            Some(_) => Reason::TakenBack { at, amount: granted },
            None => Reason::RestTakenBack { at, amount: granted },
        };
        let candidate = Candidate {
            reason,
            confidence: 0.85,
            ..Candidate::new(Anomaly::Clawback, (finding.from, finding.to), (amount, 0.0), amount)
        };
        let mut told = words::candidate(series, &candidate, finding.detected_at);
        told.evidence.clone_from(&finding.evidence);
        self.note_taken(&told, amount, amount);
        Some(told)
    }

    pub(super) fn recover(
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

    pub(super) fn note_taken(&mut self, finding: &Finding, low: f64, high: f64) {
        if let Some(series) = finding.series {
            self.memory.note_taken(Taken { series, detected_at: finding.detected_at, low, high });
        }
    }
}
