//! The zone in which the roll-ups are cut.

use chrono_tz::Tz;
use rusqlite::Connection;

use crate::error::StoreError;

/// The zone of the roll-ups.
pub(crate) fn rolled_zone(db: &Connection) -> Result<Tz, StoreError> {
    let name: String = db.prepare_cached("SELECT rolled_zone FROM own")?.query_row([], |row| row.get(0))?;
    name.parse().map_err(|why| StoreError::unreadable("time zone", &why))
}
