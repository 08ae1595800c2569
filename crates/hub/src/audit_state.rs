//! What an audit remembers of its account, as the hub keeps it.

use serde::{Deserialize, Serialize};
use tidemark_core::step::{AccountState, Restored, StoredState};

use crate::problem::{Problem, ProblemKind};

/// A state of [`tidemark_core::step`] as one text.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    tracker: String,
    audit: String,
}

/// The state as a text.
pub(crate) fn to_text(state: &AccountState) -> Result<String, Problem> {
    let unwritable = |error: serde_json::Error| Problem::saying(ProblemKind::Failed, error.to_string());
    let StoredState { version, tracker, audit, .. } = state.to_stored().map_err(unwritable)?;
    let kept = Kept {
        version: version.unwrap_or_default(),
        tracker,
        audit: audit.unwrap_or_else(|| "{}".to_owned()),
    };
    serde_json::to_string(&kept).map_err(unwritable)
}

/// The state of a text; `None` where this version cannot go on from it and begins again.
pub(crate) fn of_text(text: &str) -> Option<AccountState> {
    let Kept { version, tracker, audit } = serde_json::from_str(text).ok()?;
    let stored = StoredState {
        version: Some(version),
        tracker,
        audit: Some(audit),
        // No one is notified by the audit itself: members are, each by its own rules.
        alerts: "{}".to_owned(),
        usage_cursor: 0,
    };
    match AccountState::from_stored(&stored) {
        Restored::Whole(state) | Restored::WithoutAlerts(state) => Some(state),
        Restored::WithoutAudit(_) | Restored::Lost(_) => None,
    }
}
