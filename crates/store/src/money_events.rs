//! Money that came in or expired: movements of a balance that are neither a deduction nor a return.
//!
//! The movements and their roll-ups have rises and falls alone; what of them is a credit or an expiry, the findings
//! tell, some of them later than the movement.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, params};
use rust_decimal::Decimal;
use tidemark_core::finding::CreditClass;
use tidemark_core::wire::FindingRecord;
use tidemark_core::{AccountId, FindingKind, Series};

use crate::error::StoreError;
use crate::instant;

/// A finding may settle what happened in a poll so long before.
const LATEST: TimeDelta = TimeDelta::days(3);

/// Money that came in, or expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MoneyEvent {
    /// It came in; otherwise it expired.
    pub(crate) is_credit: bool,
    pub(crate) amount: Decimal,
    /// The poll that showed it.
    pub(crate) to: DateTime<Utc>,
    /// The poll that settled it.
    pub(crate) detected_at: DateTime<Utc>,
}

/// What came into or expired of each balance in a span, or was settled shortly after.
pub(crate) fn read(
    db: &Connection,
    account: Option<AccountId>,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<(AccountId, Series, Vec<MoneyEvent>)>, StoreError> {
    let mut statement = db.prepare_cached(
        // By account and kind: by time alone, every reset of years would be read.
        "SELECT account.id, f.line FROM account CROSS JOIN finding AS f
           ON f.account = account.id AND f.kind IN ('credit', 'expiry')
         WHERE (?1 IS NULL OR account.id = ?1) AND f.detected_at >= ?2 AND f.detected_at < ?3
         ORDER BY f.account, f.series",
    )?;
    let bounds = (instant::encode(from), instant::encode(to + LATEST));
    let mut rows = statement.query(params![account.map(|id| id.0), bounds.0, bounds.1])?;
    let mut all: Vec<(AccountId, Series, Vec<MoneyEvent>)> = Vec::new();
    while let Some(row) = rows.next()? {
        let account = AccountId(row.get(0)?);
        let line: FindingRecord =
            serde_json::from_str(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)
                .map_err(|why| StoreError::unreadable("finding", &why))?;
        let Some(finding) = line.finding() else { continue };
        let (is_credit, amount) = match &finding.kind {
            // What was deducted before comes back with a refund.
            FindingKind::Credit { class: CreditClass::Refund, .. } => continue,
            FindingKind::Credit { amount, .. } => (true, amount.amount),
            FindingKind::Expiry { amount } => (false, amount.amount),
            _ => continue,
        };
        let Some(series) = finding.series else { continue };
        let event = MoneyEvent { is_credit, amount, to: finding.to, detected_at: finding.detected_at };
        match all.last_mut() {
            Some((of, known, events)) if (*of, *known) == (account, series) => events.push(event),
            _ => all.push((account, series, vec![event])),
        }
    }
    Ok(all)
}
