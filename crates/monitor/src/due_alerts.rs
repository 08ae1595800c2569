//! Alerts that are due, judged again: what has waited may not be true any more.

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_core::alert::AlertKind;
use tidemark_store::{AlertId, DueAlert};

use crate::state::{AccountSnapshot, Snapshot};

/// An alert that is older when it is delivered has waited.
pub(crate) const WAITED: TimeDelta = TimeDelta::minutes(10);

/// How the keys of alerts begin that come from the team's audit.
pub(crate) const TEAM_KEY: &str = "team:";

/// What becomes of the alerts that are due.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Judged {
    /// To be delivered, in their order.
    pub(crate) due: Vec<DueAlert>,
    /// Not true any more, or said by a later one.
    pub(crate) obsolete: Vec<AlertId>,
}

/// Whether an alert has waited for its delivery.
#[must_use]
pub fn has_waited(alert: &DueAlert, now: DateTime<Utc>) -> bool {
    now - alert.alert.at > WAITED
}

/// Judges alerts by what is known of their accounts. One that has waited while its account was not polled stays
/// where it is until the next poll, successful or not.
pub(crate) fn judge(due: &[DueAlert], snapshot: &Snapshot) -> Judged {
    let now = snapshot.now;
    let mut judged = Judged::default();
    for (place, alert) in due.iter().enumerate() {
        let account = snapshot.accounts.iter().find(|account| account.account.id == alert.account);
        let Some(account) = account else { continue };
        let mut later = due.iter().skip(place + 1).filter(|later| later.account == alert.account);
        let is_superseded = later.any(|later| alert.alert.is_superseded_by(&later.alert));
        // What no one has been notified of yet needs no correction.
        let mut earlier = due.iter().take(place).filter(|earlier| earlier.account == alert.account);
        let is_needless = alert.alert.is_correction()
            && earlier.any(|earlier| earlier.alert.is_superseded_by(&alert.alert));
        // What this machine found without the usage of other members.
        let is_teams = is_anomaly(&alert.alert.kind)
            && snapshot.team_audited.contains(&alert.account)
            && !alert.alert.key.starts_with(TEAM_KEY);
        if is_superseded || is_needless || is_teams || !alert.alert.is_true(account.reading.as_ref(), now) {
            judged.obsolete.push(alert.id);
        } else if !has_waited(alert, now) || is_known(account, snapshot) {
            judged.due.push(alert.clone());
        }
    }
    judged
}

const fn is_anomaly(kind: &AlertKind) -> bool {
    matches!(kind, AlertKind::Anomaly { .. } | AlertKind::Withdrawn { .. })
}

/// Whether the account was polled recently, or is not to be.
fn is_known(account: &AccountSnapshot, snapshot: &Snapshot) -> bool {
    let failed = account.poll.last_failure.as_ref().map(|failed| failed.at);
    let polled = account.reading.as_ref().map(|reading| reading.at).max(failed);
    let is_paused = snapshot.paused_until.is_some_and(|until| until > snapshot.now);
    is_paused || polled.is_some_and(|at| snapshot.now - at <= snapshot.settings.live_for())
}
