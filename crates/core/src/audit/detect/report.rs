//! A deduction in doubt becomes a finding.

use chrono::{DateTime, Utc};

use crate::audit::explain;
use crate::audit::model::candidate::{Candidate, Reason};
use crate::audit::model::credit_ledger::CreditLedger;
use crate::audit::model::open_anomalies::{OpenAnomalies, OpenAnomaly};
use crate::finding::{Anomaly, Finding};
use crate::series::Series;

/// Where findings go, and what is remembered of them.
pub(crate) struct Found<'a> {
    pub(crate) ledger: &'a mut CreditLedger,
    pub(crate) open: &'a mut OpenAnomalies,
    pub(crate) findings: &'a mut Vec<Finding>,
}

/// Reports an anomaly, and remembers it as a loss that may be given back, and that usage may explain that becomes known
/// later. `each` is what a unit of usage costs at most.
pub(crate) fn report(
    series: Series,
    candidate: &Candidate,
    at: DateTime<Utc>,
    each: Option<f64>,
    found: &mut Found<'_>,
) {
    let finding = explain::candidate(series, candidate, at);
    let low = (candidate.observed - candidate.slack - candidate.high).max(0.0);
    let high = candidate.observed + candidate.slack - candidate.low;
    found.ledger.note_loss(&finding, low, high);
    found.open.note(OpenAnomaly::of_candidate(&finding, candidate, each));
    found.findings.push(finding);
}

/// Reports a movement that was in doubt and stands: as an anomaly, or as a voucher that ended.
pub(crate) fn report_confirmed(
    series: Series,
    candidate: &Candidate,
    at: DateTime<Utc>,
    each: Option<f64>,
    found: &mut Found<'_>,
) {
    if let Reason::TakenBack { at, .. } = candidate.reason {
        found.ledger.forget_credit_at(series, at);
    }
    match (candidate.ended, candidate.class, series.currency()) {
        (true, Anomaly::Unexplained, Some(currency)) => {
            found.findings.push(explain::ended(series, currency, candidate, at));
        }
        _ => report(series, candidate, at, each, found),
    }
}
