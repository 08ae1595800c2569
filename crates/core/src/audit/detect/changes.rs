//! Changes that the tracker found: what the audit remembers of them, and what they take or give back.

use crate::audit::explain;
use crate::audit::model::candidate::{Candidate, Reason};
use crate::audit::model::credit_ledger::{Credit, CreditLedger, RefundMatch};
use crate::audit::model::models::Models;
use crate::audit::model::usage_since_poll::{UsageSincePoll, measure};
use crate::audit::thresholds;
use crate::change::Observed;
use crate::finding::{Anomaly, CreditClass, Finding, FindingKind, Schedule};
use crate::meter::Meter;
use crate::money::Money;
use crate::number::decimal;
use crate::reading::Reading;
use crate::series::Series;

/// What a change is held against.
pub(crate) struct Changes<'a> {
    pub(crate) reading: &'a Reading,
    pub(crate) usage: &'a UsageSincePoll,
    /// Whether logs become known late.
    pub(crate) late_logs: bool,
    pub(crate) models: &'a Models,
    pub(crate) ledger: &'a mut CreditLedger,
}

impl Changes<'_> {
    /// Leaves out vouchers that only seem to have ended: a burst of usage took the last of them.
    pub(crate) fn leave_out_used(&self, observed: &mut Observed) {
        observed.findings.retain(|finding| !self.is_use(finding));
    }

    /// Takes note of a change that the tracker found, and passes it on.
    pub(crate) fn take(&mut self, finding: &Finding, findings: &mut Vec<Finding>) {
        match (&finding.kind, finding.series) {
            (FindingKind::Reset { .. }, Some(series)) => self.reset(finding, series, findings),
            (FindingKind::Reset { .. } | FindingKind::Credit { .. }, None) => {}
            (FindingKind::Credit { amount, class }, Some(series)) => {
                self.credit(finding, series, *amount, *class, findings);
            }
            (FindingKind::Expiry { amount }, _) => {
                let clawed_back = self.clawed_voucher(finding, decimal::to_f64(amount.amount));
                findings.push(clawed_back.unwrap_or_else(|| finding.clone()));
            }
            _ => findings.push(finding.clone()),
        }
    }

    fn reset(&mut self, finding: &Finding, series: Series, findings: &mut Vec<Finding>) {
        let FindingKind::Reset { schedule, used_before, used_after, announced } = &finding.kind else {
            return;
        };
        let (used_before, used_after) = (decimal::to_f64(*used_before), decimal::to_f64(*used_after));
        if let Some(confidence) = self.is_withheld(finding, series, used_before, used_after) {
            let withheld = explain::withheld(finding, (used_before, used_after), confidence);
            // What the reset would have given may still come.
            self.ledger.note_loss(&withheld, used_after, used_after);
            findings.push(withheld);
            return;
        }
        let gift = *schedule == Schedule::Early;
        let end = finding.meter().and_then(|meter| self.reading.meter(meter)).and_then(|m| m.resets_at);
        let renewed = match (announced, end) {
            (Some(old), Some(new)) => (new - *old).num_minutes().abs() > 2,
            _ => true,
        };
        self.ledger.note_credit(Credit {
            series,
            at: finding.to,
            amount: used_before,
            gift,
            renewed: renewed || !gift,
            reported: true,
            only: false,
        });
        findings.push(finding.clone());
        if gift {
            self.recover(series, finding, used_before - used_after, RefundMatch::All, findings);
        } else {
            self.ledger.close(series);
        }
    }

    /// Whether a deadline moved on by a cycle while nothing was restored, and how surely.
    fn is_withheld(
        &self,
        finding: &Finding,
        series: Series,
        used_before: f64,
        used_after: f64,
    ) -> Option<f64> {
        let FindingKind::Reset { announced, .. } = finding.kind else { return None };
        let worked = self.usage.requests > 0.0;
        // So much can be used within an hour of the short window that its figure is back where it was by chance;
        // the long ones cannot be used up so soon.
        let since = announced.map_or(finding.from, |end| end.max(finding.from));
        let near = match series {
            Series::Meter(Meter::FiveHour) => finding.to - since <= thresholds::AT_ONCE,
            _ => finding.to - finding.from <= thresholds::COMPARABLE,
        };
        // Many agents at the beginning of a cycle can use a few points at once.
        let stood = (-1.0..=5.0).contains(&(used_after - used_before));
        if near && used_before >= if worked { 40.0 } else { 20.0 } && stood {
            return Some(0.9);
        }
        // All usage is known, and cannot have brought the new cycle to where the old one was.
        let known = self.used_since(series).is_some_and(|used| {
            let stood = (-1.0..=used + 1.0).contains(&(used_after - used_before));
            stood && used_after >= 3.0 * used + thresholds::WITHHELD_POINTS
        });
        (known && finding.to - finding.from <= thresholds::WITHHELD_GAP).then_some(0.8)
    }

    fn credit(
        &mut self,
        finding: &Finding,
        series: Series,
        amount: Money,
        class: CreditClass,
        findings: &mut Vec<Finding>,
    ) {
        let amount = decimal::to_f64(amount.amount);
        // What was paid in is its owner's; it cannot be taken back as a gift can.
        if class != CreditClass::TopUp {
            let vouchers = self.reading.balance.and_then(|balance| balance.voucher).map(decimal::to_f64);
            let only =
                class == CreditClass::Voucher && vouchers.is_some_and(|vouchers| vouchers <= amount + 0.01);
            self.ledger.note_credit(Credit {
                series,
                at: finding.to,
                amount,
                gift: true,
                renewed: true,
                reported: false,
                only,
            });
        }
        let mut credit = finding.clone();
        if self.usage.requests > 0.0 {
            explain::take_usage_off(&mut credit);
        }
        findings.push(credit);
        // Nor does it give back what was lost, unless it is the same sum.
        let back = match class {
            CreditClass::TopUp => RefundMatch::Sum(amount),
            _ => RefundMatch::Amount(amount),
        };
        self.recover(series, finding, amount, back, findings);
    }

    /// What all usage since the last poll, and what of it was not deducted yet, can have taken of a series at
    /// most; `None` where the logs do not hold all usage by now.
    fn used_since(&self, series: Series) -> Option<f64> {
        let model = self.models.of(series)?;
        let complete = !self.late_logs && model.is_complete(series) && model.is_long_complete();
        let measured = measure(self.reading, series, self.usage);
        model.reach(model.waiting() + measured.fresh).filter(|_| complete && !measured.unpriced)
    }

    /// Whether a voucher seems to have ended, and a burst of usage took the last of it.
    fn is_use(&self, finding: &Finding) -> bool {
        let (FindingKind::Expiry { amount }, Some(series)) = (&finding.kind, finding.series) else {
            return false;
        };
        let amount = decimal::to_f64(amount.amount);
        let fresh = measure(self.reading, series, self.usage).fresh;
        let used = self.models.of(series).and_then(|model| model.reach(model.waiting() + fresh));
        let ended = self.ledger.may_have_ended(series, finding.from, finding.to, amount);
        !ended && used.is_some_and(|used| used >= amount)
    }

    /// A voucher that goes at once may be one that expired. One granted a moment ago did not expire.
    fn clawed_voucher(&mut self, finding: &Finding, amount: f64) -> Option<Finding> {
        let series = finding.series?;
        if self.ledger.may_have_ended(series, finding.from, finding.to, amount) {
            return None;
        }
        let whole = self.ledger.taken_back(series, finding.to, (amount - 0.01, amount + 0.01), false);
        // The last of it may go by usage that no log shows; half of it seldom does.
        let complete = self.models.of(series).is_some_and(|model| model.is_complete(series));
        let rest = || {
            let credit = self.ledger.rest_taken_back(series, finding.to, amount);
            credit.filter(|credit| complete || amount >= credit.amount / 2.0)
        };
        let credit = whole.or_else(rest)?;
        self.ledger.forget_credit(&credit);
        let (at, granted) = (credit.at, credit.amount);
        let reason = match whole {
            Some(_) => Reason::TakenBack { at, amount: granted },
            None => Reason::RestTakenBack { at, amount: granted },
        };
        let candidate = Candidate {
            reason,
            confidence: 0.85,
            ..Candidate::new(Anomaly::Clawback, (finding.from, finding.to), (amount, 0.0), amount)
        };
        let mut clawback = explain::candidate(series, &candidate, finding.detected_at);
        clawback.evidence.clone_from(&finding.evidence);
        clawback.messages.evidence.clone_from(&finding.messages.evidence);
        self.ledger.note_loss(&clawback, amount, amount);
        Some(clawback)
    }

    fn recover(
        &mut self,
        series: Series,
        by: &Finding,
        back: f64,
        what: RefundMatch,
        findings: &mut Vec<Finding>,
    ) {
        for loss in self.ledger.given_back(series, by.detected_at, what) {
            let middle = f64::midpoint(loss.low, loss.high);
            let span = (by.from, by.to);
            findings.push(explain::recovered(series, loss.detected_at, span, (back, middle), by.detected_at));
        }
    }
}
