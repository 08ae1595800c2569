//! The pinned zone: in which the roll-ups are cut.

use chrono_tz::Tz;
use rusqlite::Connection;
use serde::Serialize;
use tidemark_core::AccountId;

use crate::error::StoreError;
use crate::movement_writer::{RUN, run, write_sums};
use crate::rolled_zone::rolled_zone;
use crate::rollup::{SPANS, Sums};
use crate::store::Store;

/// Buckets gathered before they are written: keeps memory small however long the history is.
const GATHERED: usize = 4096;

impl Store {
    /// The zone in which days and months are counted; UTC until [`Store::rebuild_rollups_in`] says otherwise.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes), and [`StoreError::Unreadable`] if this version does
    /// not know the stored zone.
    pub fn zone(&self) -> Result<Tz, StoreError> {
        rolled_zone(&self.db)
    }

    /// Counts days and months in another zone from now on, as [`Store::pin_zone`] does, and stores no settings.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes).
    pub fn rebuild_rollups_in(&self, zone: Tz) -> Result<(), StoreError> {
        self.count_in(zone, || Ok(()))
    }

    /// Stores settings together with the zone that they pin, in one transaction: every roll-up is made again where
    /// it is another zone than before. On an empty database that costs nothing; on years of history it takes
    /// seconds.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes). Settings and roll-ups are as they were then.
    pub fn pin_zone<T: Serialize>(&self, zone: Tz, key: &str, settings: &T) -> Result<(), StoreError> {
        self.count_in(zone, || self.set_setting(key, settings))
    }

    fn count_in(&self, zone: Tz, also: impl FnOnce() -> Result<(), StoreError>) -> Result<(), StoreError> {
        if rolled_zone(&self.db)? == zone {
            let tx = self.begin()?;
            self.set_setting("timezone", zone.name())?;
            also()?;
            tx.commit()?;
            return Ok(());
        }
        self.in_bulk(|| {
            let tx = self.begin()?;
            self.set_setting("timezone", zone.name())?;
            also()?;
            tx.execute("UPDATE own SET rolled_zone = ?1", [zone.name()])?;
            tx.execute("DELETE FROM rollup", [])?;
            tx.execute("DELETE FROM coverage_rollup", [])?;
            roll_up(&tx, zone, None)?;
            tx.commit()?;
            Ok(())
        })
    }
}

/// Makes an account's roll-ups again.
pub(crate) fn roll_up_again(db: &Connection, account: AccountId) -> Result<(), StoreError> {
    db.execute("DELETE FROM rollup WHERE series IN (SELECT id FROM series WHERE account = ?1)", [account.0])?;
    db.execute("DELETE FROM coverage_rollup WHERE account = ?1", [account.0])?;
    roll_up(db, rolled_zone(db)?, Some(account.0))
}

/// Fills the empty roll-ups, of one account or of all, from movements and coverage.
fn roll_up(db: &Connection, zone: Tz, account: Option<i64>) -> Result<(), StoreError> {
    let mut sums = Sums::new(zone, &SPANS);
    let mut statement = db.prepare(&format!(
        "SELECT series, {RUN} FROM movement
         WHERE ?1 IS NULL OR series IN (SELECT id FROM series WHERE account = ?1) ORDER BY series, at"
    ))?;
    let mut rows = statement.query([account])?;
    while let Some(row) = rows.next()? {
        sums.add_run(row.get(0)?, &run(row, 1)?);
        if sums.moved.len() > GATHERED {
            write_sums(db, std::mem::replace(&mut sums, Sums::new(zone, &SPANS)))?;
        }
    }
    let mut statement = db.prepare(
        "SELECT account, start, until FROM coverage WHERE ?1 IS NULL OR account = ?1 ORDER BY account, start",
    )?;
    let mut rows = statement.query([account])?;
    while let Some(row) = rows.next()? {
        sums.add_cover(row.get(0)?, row.get(1)?, row.get(2)?);
        if sums.covered.len() > GATHERED {
            write_sums(db, std::mem::replace(&mut sums, Sums::new(zone, &SPANS)))?;
        }
    }
    write_sums(db, sums)
}
