//! A deduction in doubt becomes a finding.

use chrono::{DateTime, Utc};

use crate::audit::explain;
use crate::audit::model::candidate::{Candidate, Reason};
use crate::audit::model::credit_ledger::CreditLedger;
use crate::finding::{Anomaly, Finding};
use crate::series::Series;

/// Reports an anomaly, and remembers it as a loss that may be given back.
pub(crate) fn report(
    series: Series,
    candidate: &Candidate,
    at: DateTime<Utc>,
    ledger: &mut CreditLedger,
    findings: &mut Vec<Finding>,
) {
    let finding = explain::candidate(series, candidate, at);
    let low = (candidate.observed - candidate.slack - candidate.high).max(0.0);
    let high = candidate.observed + candidate.slack - candidate.low;
    ledger.note_loss(&finding, low, high);
    findings.push(finding);
}

/// Reports a movement that was in doubt and stands: as an anomaly, or as a voucher that ended.
pub(crate) fn report_confirmed(
    series: Series,
    candidate: &Candidate,
    at: DateTime<Utc>,
    ledger: &mut CreditLedger,
    findings: &mut Vec<Finding>,
) {
    if let Reason::TakenBack { at, .. } = candidate.reason {
        ledger.forget_credit_at(series, at);
    }
    match (candidate.ended, candidate.class, series.currency()) {
        (true, Anomaly::Unexplained, Some(currency)) => {
            findings.push(explain::ended(series, currency, candidate, at));
        }
        _ => report(series, candidate, at, ledger, findings),
    }
}
