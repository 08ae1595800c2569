//! The pinned zone: in which the roll-ups are cut.

use chrono_tz::Tz;
use rusqlite::Connection;

use crate::error::StoreError;
use crate::movement_writer::{RUN, run, write_sums};
use crate::rolled_zone::rolled_zone;
use crate::rollup::{SPANS, Sums};
use crate::store::Store;

/// Buckets gathered before they are written: keeps memory small however long the history is.
const GATHERED: usize = 4096;

impl Store {
    /// The zone in which days and months are counted; UTC until [`Store::rezone`] says otherwise.
    pub fn zone(&self) -> Result<Tz, StoreError> {
        rolled_zone(&self.db)
    }

    /// Counts days and months in another zone from now on: every roll-up is made anew, in one transaction,
    /// and the setting `timezone` says so. Nothing happens where it is the zone already. On an empty
    /// database it costs nothing; on years of history it takes seconds.
    pub fn rezone(&self, zone: Tz) -> Result<(), StoreError> {
        if rolled_zone(&self.db)? == zone {
            return self.set_setting("timezone", zone.name());
        }
        self.in_bulk(|| {
            let tx = self.begin()?;
            self.set_setting("timezone", zone.name())?;
            tx.execute("UPDATE own SET rolled_zone = ?1", [zone.name()])?;
            tx.execute("DELETE FROM rollup", [])?;
            tx.execute("DELETE FROM coverage_rollup", [])?;
            roll_up(&tx, zone)?;
            tx.commit()?;
            Ok(())
        })
    }
}

/// Fills the empty roll-ups from movements and coverage.
fn roll_up(db: &Connection, zone: Tz) -> Result<(), StoreError> {
    let mut sums = Sums::new(zone, &SPANS);
    let mut statement = db.prepare(&format!("SELECT series, {RUN} FROM movement ORDER BY series, at"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        sums.add_run(row.get(0)?, &run(row, 1)?);
        if sums.moved.len() > GATHERED {
            write_sums(db, std::mem::replace(&mut sums, Sums::new(zone, &SPANS)))?;
        }
    }
    let mut statement = db.prepare("SELECT account, start, until FROM coverage ORDER BY account, start")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        sums.add_cover(row.get(0)?, row.get(1)?, row.get(2)?);
        if sums.covered.len() > GATHERED {
            write_sums(db, std::mem::replace(&mut sums, Sums::new(zone, &SPANS)))?;
        }
    }
    write_sums(db, sums)
}
