//! Conclusions that are drawn again: forgotten from an instant on, entered again, and summed up.

use rusqlite::{Connection, params};
use tidemark_core::AccountId;
use tidemark_core::step::{Outcome, StoredState};

use crate::error::StoreError;
use crate::movement_writer::MovementWriter;
use crate::{analysis, findings, instant, pinned_zone, verdicts};

/// The conclusions of an account from an instant on, while they are entered.
pub struct Conclusions<'s> {
    db: &'s Connection,
    account: AccountId,
    from: i64,
    writer: MovementWriter<'s>,
}

impl<'s> Conclusions<'s> {
    pub(super) fn begin(db: &'s Connection, account: AccountId, from: i64) -> Result<Self, StoreError> {
        // The last reading that stands: until then what was going on is known to have gone on.
        let before: Option<i64> = db.query_row(
            "SELECT max(at) FROM reading WHERE account = ?1 AND at < ?2",
            [account.0, from],
            |row| row.get(0),
        )?;
        let series = "SELECT id FROM series WHERE account = ?1";
        for table in ["verdict", "movement"] {
            db.execute(
                &format!("DELETE FROM {table} WHERE series IN ({series}) AND at >= ?2"),
                [account.0, from],
            )?;
        }
        db.execute(
            &format!(
                "UPDATE movement SET until = max(at, coalesce(?3, at)) WHERE series IN ({series}) AND until >= ?2"
            ),
            params![account.0, from, before],
        )?;
        db.execute("DELETE FROM coverage WHERE account = ?1 AND start >= ?2", [account.0, from])?;
        db.execute(
            "UPDATE coverage SET until = max(start, coalesce(?3, start)) WHERE account = ?1 AND until >= ?2",
            params![account.0, from, before],
        )?;
        db.execute("DELETE FROM coverage WHERE account = ?1 AND until <= start", [account.0])?;
        db.execute("DELETE FROM temp.kept_finding", [])?;
        Ok(Self { db, account, from, writer: MovementWriter::open(db)? })
    }

    /// Enters what a reading led to. A finding that is there keeps its number, and what the user said of it. A new one
    /// counts as read: it is of the past. Notifications are not sent.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] for an amount that does not fit, and those of
    /// [any write](StoreError#reads-and-writes).
    pub fn enter(&mut self, outcome: &Outcome) -> Result<(), StoreError> {
        let covered = outcome.covered.map(|(from, to)| (instant::encode(from), instant::encode(to)));
        if let Some((from, to)) = covered {
            self.writer.cover(self.account, from, to)?;
        }
        for movement in &outcome.movements {
            self.writer.enter(self.account, movement, covered)?;
        }
        for verdict in &outcome.verdicts {
            verdicts::insert(self.db, self.account, verdict)?;
        }
        for finding in outcome.withdrawn.iter().chain(&outcome.findings) {
            let id = findings::insert_again(self.db, self.account, finding)?;
            self.db
                .prepare_cached("INSERT OR IGNORE INTO temp.kept_finding (id) VALUES (?1)")?
                .execute([id])?;
        }
        Ok(())
    }

    /// Removes the findings that did not come out again, makes the sums again, and stores the state of the analysis:
    /// every reading and failed poll that is there was concluded from.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn finish(self, state: &StoredState) -> Result<(), StoreError> {
        let Self { db, account, from, writer } = self;
        writer.write_without_sums()?;
        db.execute(
            "DELETE FROM finding WHERE account = ?1 AND detected_at >= ?2
             AND id NOT IN (SELECT id FROM temp.kept_finding)",
            [account.0, from],
        )?;
        pinned_zone::roll_up_again(db, account)?;
        db.execute(
            "UPDATE progress SET analysed = last_reading,
               analysed_failure = (SELECT max(id) FROM failure WHERE account = ?1) WHERE account = ?1",
            [account.0],
        )?;
        analysis::save_state(db, account, state)
    }
}
