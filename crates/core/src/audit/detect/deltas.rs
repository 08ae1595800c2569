//! What a poll shows, as facts with their margins.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use crate::audit::explain;
use crate::audit::model::credit_ledger::{Credit, CreditLedger, RefundMatch};
use crate::audit::model::delta::{Delta, Deltas, is_exhausted, quotas};
use crate::audit::model::models::Models;
use crate::audit::model::series::SeriesModel;
use crate::audit::model::usage_since_poll::{Measure, Measured, UsageSincePoll, measure, measure_of};
use crate::audit::slot::Slot;
use crate::audit::thresholds;
use crate::change::{Movement, Observed};
use crate::finding::{Finding, FindingKind};
use crate::number::decimal;
use crate::reading::Reading;
use crate::series::Series;

/// What became known since the last poll, and what it is held against.
pub(crate) struct Poll<'a> {
    pub(crate) reading: &'a Reading,
    pub(crate) observed: &'a Observed,
    pub(crate) usage: &'a UsageSincePoll,
    /// How late usage has become known recently.
    pub(crate) lateness: TimeDelta,
    /// Up to then all that other machines have used is known, or is waited for no longer.
    pub(crate) reported_until: DateTime<Utc>,
    /// Whether the logs of a machine that uses the account have not come for long.
    pub(crate) logs_missing: bool,
    /// Paid-in money at the last poll.
    pub(crate) cash_before: Option<Decimal>,
    /// Series of which a reset that was due did not come.
    pub(crate) withheld: &'a [Series],
}

impl Poll<'_> {
    /// The movements of a reading, with their margins. Series that wait for confirmation are left out. The models
    /// are given the usage that became known.
    pub(crate) fn deltas(&self, models: &mut Models) -> Deltas {
        let mut all = Deltas::default();
        for movement in &self.observed.movements {
            let slot = Slot::of(movement.series);
            let Some(model) = models.get_mut(slot) else {
                learn_step(models.begin(movement.series, movement.at), self.reading, movement);
                continue;
            };
            if movement.from.is_none() {
                model.rescale(movement.at);
                continue;
            }
            if self.observed.unconfirmed.contains(&movement.series) {
                continue;
            }
            learn_step(model, self.reading, movement);
            model.learn_measure(measure_of(self.reading, movement.series));
            all[slot] = Some(self.delta(model, slot, movement));
        }
        // A wallet is charged only while a quota is used up.
        if !is_exhausted(self.reading, &all)
            && let Some(wallet) = &mut all[Slot::Wallet]
        {
            wallet.fresh = 0.0;
            wallet.late = 0.0;
        }
        self.give_usage(models, &all);
        all
    }

    fn delta(&self, model: &SeriesModel, slot: Slot, movement: &Movement) -> Delta {
        let series = movement.series;
        let (value, deducted, returned) = (
            decimal::to_f64(movement.value),
            decimal::to_f64(movement.deducted),
            decimal::to_f64(movement.returned),
        );
        let money = series.meter().is_none();
        let before = if money { value + deducted - returned } else { value - deducted + returned };
        // Each of two polls is off by half a step at most; the first percent may show with the first token.
        let first = !money && before <= 0.0 && deducted > 0.0;
        let slack = if first { 2.0 * model.step() } else { model.step() };
        let Measured { fresh, late, unpriced, unpriced_most, measure } =
            measure(self.reading, series, self.usage);
        let meter = series.meter().and_then(|meter| self.reading.meter(meter));
        let from = model.at().min(movement.at);
        let mut delta = Delta {
            series,
            from,
            at: movement.at,
            seen: self.observed.seen_at(movement).clamp(from, movement.at),
            before,
            value,
            deducted,
            returned,
            resets: movement.resets,
            slack: if money { 0.005 } else { slack },
            fresh,
            unpriced,
            unpriced_most,
            late,
            lateness: self.lateness,
            reported_until: self.reported_until.min(movement.at),
            logs_missing: self.logs_missing,
            counted: measure == Measure::Requests,
            granted: false,
            conflict: meter.is_some_and(|meter| meter.conflict),
            withheld: false,
        };
        // A voucher that ended is a finding of its own, and no usage.
        for finding in self.observed.findings.iter().filter(|f| f.series == Some(series)) {
            if let FindingKind::Expiry { amount } = &finding.kind {
                let ended = decimal::to_f64(amount.amount);
                delta.deducted = (delta.deducted - ended).max(0.0);
                delta.before -= ended;
            }
        }
        // A reset that did not come: the figure stands where it stood, and nothing was deducted.
        if self.withheld.contains(&series) {
            (delta.before, delta.deducted, delta.returned, delta.resets) = (delta.value, 0.0, 0.0, 0);
            delta.withheld = true;
        }
        if slot == Slot::Balance {
            let cash = self.reading.balance.and_then(|balance| balance.cash);
            let stood = self.cash_before.zip(cash).is_some_and(|(before, now)| now >= before);
            delta.granted = stood && delta.deducted > 0.0;
        }
        delta
    }

    /// Gives the models the usage that became known; where a series is not in this reading, or in doubt, it
    /// waits for the next.
    fn give_usage(&self, models: &mut Models, all: &Deltas) {
        for (slot, model) in models.iter_mut() {
            let delay =
                if slot == Slot::Balance { thresholds::BALANCE_DELAY } else { thresholds::QUOTA_DELAY };
            let last_use = self.usage.last;
            match &all[slot] {
                Some(delta) => model.add_usage((delta.from, delta.at), delta.fresh, delay, last_use),
                None if slot != Slot::Wallet => {
                    let fresh = measure(self.reading, model.series(), self.usage).fresh;
                    model.add_usage((model.at(), self.reading.at), fresh, delay, last_use);
                }
                None => {}
            }
            if slot != Slot::Wallet {
                let measure = measure_of(self.reading, model.series());
                for part in &self.usage.late.parts {
                    model.assign_late(part.poll, part.of(measure), part.reported);
                }
            }
        }
    }
}

/// Points that were restored within a cycle may give back an anomaly.
pub(crate) fn returns(deltas: &Deltas, ledger: &mut CreditLedger, findings: &mut Vec<Finding>) {
    for delta in quotas(deltas) {
        if delta.resets > 0 || delta.returned < 1.0 {
            continue;
        }
        ledger.note_credit(Credit {
            series: delta.series,
            at: delta.at,
            amount: delta.returned,
            gift: true,
            renewed: false,
            reported: false,
            only: false,
        });
        for loss in ledger.given_back(delta.series, delta.at, RefundMatch::Amount(delta.returned)) {
            let middle = f64::midpoint(loss.low, loss.high);
            findings.push(explain::recovered(
                delta.series,
                loss.detected_at,
                (delta.from, delta.at),
                (delta.returned, middle),
                delta.at,
            ));
        }
    }
}

fn learn_step(model: &mut SeriesModel, reading: &Reading, movement: &Movement) {
    let Series::Meter(meter) = movement.series else {
        model.learn_money_step();
        return;
    };
    let moved = !movement.deducted.is_zero();
    // A figure that stands says nothing new.
    if !moved && movement.returned.is_zero() && movement.from.is_some() {
        return;
    }
    let Some(seen) = reading.meter(meter) else { return };
    let limit = seen.limit.map(decimal::to_f64);
    model.learn_step(seen.used_percent.normalize().scale(), moved, limit);
}
