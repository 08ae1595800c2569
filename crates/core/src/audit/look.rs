//! What a look at an account showed, as facts with their margins.

use chrono::TimeDelta;

use super::fresh::{Fresh, Measure, Measured, measure, measure_of};
use super::gauge::Gauge;
use super::memory::{Came, GivenBack};
use super::seen::Seen;
use super::{Auditor, BALANCE, SERIES, WALLET, all_meters, is_exhausted, place, rules, words};
use crate::change::{Movement, Observed};
use crate::finding::{Finding, FindingKind};
use crate::number::decimal;
use crate::reading::Reading;
use crate::series::Series;

impl Auditor {
    /// The movements of a reading, with their margins. Series that wait for confirmation are left out.
    pub(super) fn look(
        &mut self,
        reading: &Reading,
        observed: &Observed,
        fresh: &Fresh,
        withheld: &[Series],
    ) -> [Option<Seen>; SERIES] {
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
                    let ended = decimal::to_f64(amount.amount);
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
    pub(super) fn returns(&mut self, seen: &[Option<Seen>; SERIES], findings: &mut Vec<Finding>) {
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
                told: false,
                only: false,
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
}

fn learn_step(gauge: &mut Gauge, reading: &Reading, movement: &Movement) {
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
    let limit = seen.limit.map(decimal::to_f64);
    gauge.learn_step(seen.used_percent.normalize().scale(), moved, limit);
}

fn seen(gauge: &Gauge, reading: &Reading, movement: &Movement, fresh: &Fresh, lateness: TimeDelta) -> Seen {
    let (value, deducted, returned) = (
        decimal::to_f64(movement.value),
        decimal::to_f64(movement.deducted),
        decimal::to_f64(movement.returned),
    );
    let money = !matches!(movement.series, Series::Meter(_));
    let before = if money { value + deducted - returned } else { value - deducted + returned };
    // Each of two looks is off by half a step at most; the first percent may show with the first token.
    let first = !money && before <= 0.0 && deducted > 0.0;
    let slack = if first { 2.0 * gauge.step } else { gauge.step };
    let Measured { fresh, late, unpriced, unpriced_most, measure } = measure(reading, movement.series, fresh);
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
        unpriced_most,
        late,
        lateness,
        counted: measure == Measure::Requests,
        granted: false,
        conflict,
        withheld: false,
    }
}
