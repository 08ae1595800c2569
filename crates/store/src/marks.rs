//! Marks: what the user says of a finding.

use chrono::{DateTime, Utc};
use rusqlite::params;
use tidemark_core::finding::Triage;
use tidemark_core::step::StoredState;

use crate::analysis;
use crate::error::StoreError;
use crate::findings::{FindingId, StoredFinding};
use crate::instant;
use crate::store::Store;

impl Store {
    /// Remembers what the user says of a finding; `None` opens it again. Where `state` is given, it is the
    /// analysis's memory of the finding's account after it has learned from that, entered in the same
    /// transaction. The finding as it is then; `None` where there is no such finding.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes), and [`StoreError::Unreadable`] if the finding
    /// cannot be parsed. Neither mark nor state is changed then.
    pub fn mark_finding(
        &self,
        id: FindingId,
        mark: Option<Triage>,
        at: DateTime<Utc>,
        state: Option<&StoredState>,
    ) -> Result<Option<StoredFinding>, StoreError> {
        let tx = self.begin()?;
        let Some(found) = self.finding(id)? else { return Ok(None) };
        match mark {
            None => {
                tx.execute("DELETE FROM mark WHERE finding = ?1", [id.0])?;
            }
            Some(mark) => {
                tx.execute(
                    "INSERT INTO mark (finding, state, at) VALUES (?1, ?2, ?3)
                     ON CONFLICT (finding) DO UPDATE SET state = excluded.state, at = excluded.at",
                    params![id.0, mark.as_str(), instant::encode(at)],
                )?;
            }
        }
        tx.execute("UPDATE finding SET seen = 1 WHERE id = ?1", [id.0])?;
        if let Some(state) = state {
            analysis::save_state(&tx, found.account, state)?;
        }
        tx.commit()?;
        self.finding(id)
    }
}
