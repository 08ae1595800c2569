//! Findings: each kept once, with its evidence, and whether the user has seen it.

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use tidemark_core::finding::{Schedule, Triage};
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_core::wire::FindingRecord;
use tidemark_core::{AccountId, Finding, FindingKind};

use crate::error::StoreError;
use crate::instant;
use crate::store::Store;

/// The store's number for a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingId(pub i64);

/// Selects findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FindingQuery {
    /// Of one account, or of all.
    pub account: Option<AccountId>,
    /// Detected at or after.
    pub from: Option<DateTime<Utc>>,
    /// Detected before.
    pub to: Option<DateTime<Utc>>,
    /// Only those that the user has not seen.
    pub unseen: bool,
    /// At most so many, the newest.
    pub limit: Option<u32>,
}

/// A finding as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredFinding {
    /// The store's number for it.
    pub id: FindingId,
    /// The account that it is about.
    pub account: AccountId,
    /// The finding itself.
    pub finding: Finding,
    /// Whether the user has seen it.
    pub seen: bool,
    /// What the user says of it, and since when; `None` while it is open.
    pub mark: Option<(Triage, DateTime<Utc>)>,
}

/// What belongs to a finding's row; [`stored`] reads it.
const COLUMNS: &str = "id, account, line, seen, mark.state, mark.at";
const FROM: &str = "finding LEFT JOIN mark ON mark.finding = finding.id";

impl StoredFinding {
    /// Whether it is a scheduled event: it is kept in the history and counts as read.
    #[must_use]
    pub const fn is_routine(&self) -> bool {
        is_routine(&self.finding.kind)
    }
}

impl Store {
    /// Findings that match a query, newest first.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn findings(&self, query: &FindingQuery) -> Result<Vec<StoredFinding>, StoreError> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM {FROM}
             WHERE (?1 IS NULL OR account = ?1) AND detected_at >= ?2 AND detected_at < ?3 AND (NOT ?4 OR NOT seen)
             ORDER BY detected_at DESC, id DESC LIMIT ?5"
        ))?;
        let mut rows = statement.query(params![
            query.account.map(|id| id.0),
            query.from.map_or(i64::MIN, instant::encode),
            query.to.map_or(i64::MAX, instant::encode),
            query.unseen,
            query.limit.map_or(-1, i64::from)
        ])?;
        all_known(&mut rows)
    }

    /// Passes the findings of an account that were detected in `[from, to)` to `each`, oldest first, until it breaks. They
    /// are never in memory together. What this version does not know is left out.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn for_each_finding(
        &self,
        account: AccountId,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        mut each: impl FnMut(StoredFinding) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM {FROM} WHERE account = ?1 AND detected_at >= ?2 AND detected_at < ?3
             ORDER BY detected_at, id"
        ))?;
        let mut rows = statement.query([account.0, instant::encode(from), instant::encode(to)])?;
        while let Some(row) = rows.next()? {
            if known(row)?.is_some_and(|finding| each(finding).is_break()) {
                break;
            }
        }
        Ok(())
    }

    /// The finding with a number; `None` if there is none.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes), and [`StoreError::Unreadable`] if it cannot be parsed.
    pub fn finding(&self, id: FindingId) -> Result<Option<StoredFinding>, StoreError> {
        let mut statement = self.db.prepare_cached(&format!("SELECT {COLUMNS} FROM {FROM} WHERE id = ?1"))?;
        let mut rows = statement.query([id.0])?;
        rows.next()?.map(stored).transpose()
    }

    /// The anomalies of an account, or of all, and what was given back or withdrawn of them, newest first.
    ///
    /// # Errors
    /// As [`Store::findings`].
    pub fn anomalies(&self, account: Option<AccountId>) -> Result<Vec<StoredFinding>, StoreError> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM {FROM} WHERE (?1 IS NULL OR account = ?1)
               AND kind IN ('anomaly', 'recovered', 'withdrawn')
             ORDER BY detected_at DESC, id DESC"
        ))?;
        let mut rows = statement.query([account.map(|id| id.0)])?;
        all_known(&mut rows)
    }

    /// Marks findings as seen, or as not seen; unknown numbers are passed over.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes). No finding is marked then.
    pub fn mark_seen(&self, findings: &[FindingId], seen: bool) -> Result<(), StoreError> {
        let tx = self.begin()?;
        for id in findings {
            tx.prepare_cached("UPDATE finding SET seen = ?2 WHERE id = ?1")?.execute((id.0, seen))?;
        }
        tx.commit()?;
        Ok(())
    }

    /// How many findings of each account the user has not seen; accounts without any are left out.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn unseen_findings(&self) -> Result<Vec<(AccountId, u64)>, StoreError> {
        let mut statement = self
            .db
            .prepare_cached("SELECT account, count(*) FROM finding WHERE seen = 0 GROUP BY account")?;
        let rows = statement
            .query_map([], |row| Ok((AccountId(row.get(0)?), row.get::<_, i64>(1)?.unsigned_abs())))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Reads the rows of [`COLUMNS`]. What a newer version found and this one does not know is left out: it must not hide
/// the rest from an older program that still runs.
fn all_known(rows: &mut rusqlite::Rows<'_>) -> Result<Vec<StoredFinding>, StoreError> {
    let mut findings = Vec::new();
    while let Some(row) = rows.next()? {
        findings.extend(known(row)?);
    }
    Ok(findings)
}

fn known(row: &Row<'_>) -> Result<Option<StoredFinding>, StoreError> {
    match stored(row) {
        Ok(finding) => Ok(Some(finding)),
        Err(error @ StoreError::Unreadable { .. }) => {
            tracing::debug!(%error, "a finding is left out; a newer version may have made it");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Reads [`COLUMNS`].
fn stored(row: &Row<'_>) -> Result<StoredFinding, StoreError> {
    let text: String = row.get(2)?;
    let line: FindingRecord =
        serde_json::from_str(&text).map_err(|why| StoreError::unreadable("finding", &why))?;
    Ok(StoredFinding {
        id: FindingId(row.get(0)?),
        account: AccountId(row.get(1)?),
        finding: line
            .finding()
            .ok_or_else(|| StoreError::unreadable("finding", &"it does not hold together"))?,
        seen: row.get(3)?,
        mark: match (row.get::<_, Option<String>>(4)?, row.get(5)?) {
            (Some(word), Some(at)) => {
                let mark = word.parse().map_err(|why| StoreError::unreadable("mark", &why))?;
                Some((mark, instant::decode(at)))
            }
            _ => None,
        },
    })
}

/// Keeps a finding, once: kind, class, series and the reading that settled it identify it.
pub(crate) fn insert(db: &Connection, account: AccountId, finding: &Finding) -> Result<(), StoreError> {
    let seen = is_routine(&finding.kind);
    put(db, account, finding, seen, "ON CONFLICT DO NOTHING").map(|_| ())
}

/// Keeps a finding of the past: in the place of what it said before, where it is there, else as one that was seen. Its
/// number.
pub(crate) fn insert_again(
    db: &Connection,
    account: AccountId,
    finding: &Finding,
) -> Result<i64, StoreError> {
    let conflict =
        "ON CONFLICT (account, kind, class, series, detected_at) DO UPDATE SET line = excluded.line";
    let id = put(db, account, finding, true, conflict)?;
    id.ok_or_else(|| StoreError::unreadable("finding", &"it was not stored"))
}

fn put(
    db: &Connection,
    account: AccountId,
    finding: &Finding,
    seen: bool,
    conflict: &str,
) -> Result<Option<i64>, StoreError> {
    let line = FindingRecord::stored(finding);
    let text = serde_json::to_string(&line).map_err(|why| StoreError::unreadable("finding", &why))?;
    // Several limits can change in one reading; the limit's name distinguishes such findings.
    let class = match &finding.kind {
        FindingKind::LimitChange { limit, .. } => limit.clone(),
        // Usage that became known at once can explain several anomalies.
        FindingKind::Withdrawn { of } => format_rfc3339(*of),
        _ => line.class.unwrap_or_default(),
    };
    let id = db
        .prepare_cached(&format!(
            "INSERT INTO finding (account, kind, class, series, detected_at, line, seen)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) {conflict} RETURNING id"
        ))?
        .query_row(
            params![
                account.0,
                finding.kind.as_str(),
                class,
                finding.series.map(|series| series.to_string()).unwrap_or_default(),
                instant::encode(finding.detected_at),
                text,
                seen
            ],
            |row| row.get(0),
        )
        .optional()?;
    Ok(id)
}

/// Whether a finding is a scheduled event: it is kept in the history and counts as read.
const fn is_routine(kind: &FindingKind) -> bool {
    matches!(kind, FindingKind::Reset { schedule: Schedule::OnTime, .. })
}
