//! Usage that became known long after it was made: what it explains of what was found before.

use chrono::{DateTime, Utc};

use crate::audit::explain;
use crate::audit::model::accelerations::Accelerations;
use crate::audit::model::credit_ledger::CreditLedger;
use crate::audit::model::models::Models;
use crate::audit::model::open_anomalies::{OpenAnomalies, OpenAnomaly};
use crate::audit::model::series::SeriesModel;
use crate::audit::model::taught::Taught;
use crate::audit::model::usage_since_poll::{Amounts, UsageSincePoll};
use crate::audit::slot::Slot;
use crate::finding::{Anomaly, Finding};

/// What was learned from anomalies, and is unlearned where one is withdrawn.
pub(crate) struct Learned<'a> {
    pub(crate) models: &'a mut Models,
    pub(crate) accelerations: &'a mut Accelerations,
    pub(crate) ledger: &'a mut CreditLedger,
    pub(crate) taught: &'a mut Taught,
    pub(crate) open: &'a mut OpenAnomalies,
}

/// A request that was made before the last reading, and what it cost.
pub(crate) struct LateCosts<'a> {
    pub(crate) at: DateTime<Utc>,
    /// As far as its price is known.
    pub(crate) amounts: Amounts,
    /// Where it is not known.
    pub(crate) costs: &'a UsageSincePoll,
}

impl LateCosts<'_> {
    /// In the measure of a model: what is known, and what cost so much at most.
    fn of(&self, model: &SeriesModel) -> (f64, f64) {
        (self.amounts.of(model.measure()), self.costs.unpriced_most(model.measure()))
    }
}

/// Weighs another machine's request with the polls that wait for it. One of long ago is taken by them alone; another by
/// the next reading too.
pub(crate) fn weigh(late: &LateCosts<'_>, is_long_ago: bool, models: &mut Models) {
    // A wallet pays only while a quota is used up; whether one was is not known any more.
    for (_, model) in models.iter_mut().filter(|(slot, _)| *slot != Slot::Wallet) {
        let (amount, unpriced) = late.of(model);
        if is_long_ago {
            model.take_late(late.at, amount, unpriced);
        } else {
            model.explain_unreported(late.at, amount, unpriced);
        }
    }
}

/// Adds a request to what may explain anomalies. Whether one may rest on it.
pub(crate) fn explain(late: &LateCosts<'_>, models: &Models, open: &mut OpenAnomalies) -> bool {
    open.take(late.at, |series| {
        let model = models.of(series).filter(|_| Slot::of(series) != Slot::Wallet)?;
        let (amount, unpriced) = late.of(model);
        Some(amount + 3.0 * unpriced)
    })
}

/// The anomalies that are explained by now, as findings. What was learned from them is unlearned.
pub(crate) fn withdraw(machine: Option<&str>, now: DateTime<Utc>, learned: &mut Learned<'_>) -> Vec<Finding> {
    let Learned { models, accelerations, ledger, taught, open } = learned;
    let each = |series| models.of(series).and_then(|model| model.reach(1.0));
    let explained = open.take_explained(now, each);
    let mut withdrawn = Vec::new();
    for anomaly in explained {
        let at_most = anomaly.expected_at_most(each_of(models, &anomaly)).unwrap_or(anomaly.observed);
        ledger.forget_loss(anomaly.series, anomaly.detected_at);
        if anomaly.class == Anomaly::Accelerated {
            if let Some(model) = models.get_mut(Slot::of(anomaly.series)) {
                model.revert(anomaly.factor);
            }
            accelerations.forget_price_of(anomaly.detected_at);
        }
        taught.note(anomaly.class, anomaly.series, anomaly.from, anomaly.detected_at);
        withdrawn.push(explain::withdrawn(&anomaly, machine, at_most, now));
    }
    withdrawn
}

fn each_of(models: &Models, anomaly: &OpenAnomaly) -> Option<f64> {
    models.of(anomaly.series).and_then(|model| model.reach(1.0))
}
