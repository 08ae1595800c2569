//! What a look at an account showed, as facts with their margins.

use chrono::TimeDelta;

use crate::audit::explain;
use crate::audit::model::credit_ledger::{Credit, RefundMatch};
use crate::audit::model::delta::Delta;
use crate::audit::model::series::SeriesModel;
use crate::audit::model::usage_since_poll::{Measure, Measured, UsageSincePoll, measure, measure_of};
use crate::audit::thresholds;
use crate::audit::{Auditor, BALANCE, SERIES, WALLET, all_meters, is_exhausted, place};
use crate::change::{Movement, Observed};
use crate::finding::{Finding, FindingKind};
use crate::line::to_number;
use crate::reading::Reading;
use crate::series::Series;

impl Auditor {
    /// The movements of a reading, with their margins. Series that wait for confirmation are left out.
    pub(crate) fn look(
        &mut self,
        reading: &Reading,
        observed: &Observed,
        fresh: &UsageSincePoll,
        withheld: &[Series],
    ) -> [Option<Delta>; SERIES] {
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
                    let gauge = empty.insert(Box::new(SeriesModel::new(movement.series, movement.at)));
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
                    let ended = to_number(amount.amount);
                    seen.deducted = (seen.deducted - ended).max(0.0);
                    seen.before -= ended;
                }
            }
            // A reset that did not come: the figure stands where it stood, and nothing was deducted.
            if withheld.contains(&movement.series) {
                (seen.before, seen.deducted, seen.returned, seen.resets) = (seen.value, 0.0, 0.0, 0);
                seen.withheld = true;
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
            let delay = if place == BALANCE { thresholds::BALANCE_DELAY } else { thresholds::QUOTA_DELAY };
            match &all[place] {
                Some(seen) => gauge.pour(seen, delay, fresh.last),
                None if place != WALLET => {
                    // Not in this reading, or in doubt: the use waits for the next.
                    let series = gauge.series;
                    let waiting = Delta {
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
                        unpriced_most: 0.0,
                        late: 0.0,
                        lateness: TimeDelta::zero(),
                        counted: false,
                        granted: false,
                        conflict: false,
                        withheld: false,
                    };
                    gauge.pour(&waiting, delay, fresh.last);
                }
                None => {}
            }
            if place != WALLET {
                let measure = measure_of(reading, gauge.series);
                for part in &fresh.late.parts {
                    gauge.tell_late(part.look, part.of(measure));
                }
            }
        }
        all
    }

    /// Points that came back within a cycle may give back an anomaly.
    pub(crate) fn returns(&mut self, seen: &[Option<Delta>; SERIES], findings: &mut Vec<Finding>) {
        for seen in seen[..BALANCE].iter().flatten() {
            if seen.resets > 0 || seen.returned < 1.0 {
                continue;
            }
            self.memory.note_came(Credit {
                series: seen.series,
                at: seen.at,
                amount: seen.returned,
                gift: true,
                renewed: false,
                told: false,
                only: false,
            });
            for taken in self.memory.given_back(seen.series, seen.at, RefundMatch::Amount(seen.returned)) {
                let middle = f64::midpoint(taken.low, taken.high);
                findings.push(explain::recovered(
                    seen.series,
                    taken.detected_at,
                    (seen.from, seen.at),
                    (seen.returned, middle),
                    seen.at,
                ));
            }
        }
    }
}

fn learn_step(gauge: &mut SeriesModel, reading: &Reading, movement: &Movement) {
    let Series::Meter(meter) = movement.series else {
        gauge.step = 0.0;
        return;
    };
    let moved = !movement.deducted.is_zero();
    // A figure that stands tells nothing new.
    if !moved && movement.returned.is_zero() && movement.from.is_some() {
        return;
    }
    let Some(seen) = reading.meter(meter) else { return };
    let limit = seen.limit.map(to_number);
    gauge.learn_step(seen.used_percent.normalize().scale(), moved, limit);
}

fn seen(
    gauge: &SeriesModel,
    reading: &Reading,
    movement: &Movement,
    fresh: &UsageSincePoll,
    lateness: TimeDelta,
) -> Delta {
    let (value, deducted, returned) =
        (to_number(movement.value), to_number(movement.deducted), to_number(movement.returned));
    let money = !matches!(movement.series, Series::Meter(_));
    let before = if money { value + deducted - returned } else { value - deducted + returned };
    // Each of two looks is off by half a step at most; the first percent may show with the first token.
    let first = !money && before <= 0.0 && deducted > 0.0;
    let slack = if first { 2.0 * gauge.step } else { gauge.step };
    let Measured { fresh, late, unpriced, unpriced_most, measure } = measure(reading, movement.series, fresh);
    let conflict =
        movement.series.meter().and_then(|meter| reading.meter(meter)).is_some_and(|meter| meter.conflict);
    Delta {
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
        unpriced_most,
        late,
        lateness,
        counted: measure == Measure::Requests,
        granted: false,
        conflict,
        withheld: false,
    }
}
