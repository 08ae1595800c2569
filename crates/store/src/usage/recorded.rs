//! What a scan finds in each log file, kept as its reader gave it, so that a scan need not read the file again.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{RecordedFile, RecordedPiece, Recording};
use crate::error::StoreError;
use crate::store::Store;

/// Pieces are put together up to this length, in bytes: a log that is written to for hours is read in hundreds of pieces.
const MAX_TOGETHER: i64 = 16 * 1024;

impl Store {
    /// The log files of which is kept what a scan finds in them.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn recorded_files(&self) -> Result<Vec<RecordedFile>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT file.id, path, file.mark, context, recorded.mark, dated_by_file, recorded.skipped
             FROM usage_recorded AS recorded JOIN usage_file AS file ON file.id = recorded.file WHERE gone = 0",
        )?;
        let files = statement.query_map([], |row| {
            let print = |column| row.get::<_, i64>(column).map(i64::cast_unsigned);
            Ok(RecordedFile {
                id: row.get(0)?,
                path: row.get(1)?,
                mark: row.get(2)?,
                context: print(3)?,
                mark_print: print(4)?,
                dated_by_file: row.get(5)?,
                skipped: print(6)?,
            })
        })?;
        Ok(files.collect::<Result<_, _>>()?)
    }

    /// What a scan finds in a log file, all pieces behind each other.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn recorded(&self, file: i64) -> Result<Vec<u8>, StoreError> {
        let mut statement =
            self.db.prepare_cached("SELECT records FROM usage_record WHERE file = ?1 ORDER BY id")?;
        let mut rows = statement.query([file])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.extend_from_slice(row.get_ref(0)?.as_blob().unwrap_or_default());
        }
        Ok(all)
    }

    /// Keeps what a scan finds in files that are known, by their numbers, in the place of what was kept; of those whose marks
    /// are not these any more, nothing.
    ///
    /// # Errors
    /// Those of [any write](StoreError#reads-and-writes). Nothing is written then.
    pub fn record_logs(&self, found: &[(i64, String, Vec<RecordedPiece>)]) -> Result<(), StoreError> {
        let tx = self.begin()?;
        for (file, mark, pieces) in found {
            let known: Option<String> = tx
                .prepare_cached("SELECT mark FROM usage_file WHERE id = ?1 AND gone = 0")?
                .query_row([file], |row| row.get(0))
                .optional()?;
            if known.as_ref() != Some(mark) {
                continue;
            }
            forget(&tx, *file)?;
            for piece in pieces {
                add(&tx, *file, piece)?;
            }
        }
        tx.commit()?;
        Ok(())
    }
}

/// Keeps what a part of a file says of it.
pub(super) fn write(db: &Connection, file: i64, recording: &Recording) -> Result<(), StoreError> {
    match recording {
        Recording::Unchanged => Ok(()),
        Recording::Useless => forget(db, file),
        Recording::FromBeginning(piece) => {
            forget(db, file)?;
            add(db, file, piece)
        }
        Recording::Behind(mark, piece) => {
            let before: Option<(i64, i64, bool)> = db
                .prepare_cached("SELECT context, mark, dated_by_file FROM usage_recorded WHERE file = ?1")?
                .query_row([file], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()?;
            // What has the time of the file has another one now.
            if before != Some((piece.context.cast_signed(), mark.cast_signed(), false)) {
                return forget(db, file);
            }
            add(db, file, piece)
        }
    }
}

/// Keeps no more what a scan finds in a file.
pub(super) fn forget(db: &Connection, file: i64) -> Result<(), StoreError> {
    let was = db.prepare_cached("DELETE FROM usage_recorded WHERE file = ?1")?.execute([file])?;
    if was > 0 {
        db.prepare_cached("DELETE FROM usage_record WHERE file = ?1")?.execute([file])?;
    }
    Ok(())
}

fn add(db: &Connection, file: i64, piece: &RecordedPiece) -> Result<(), StoreError> {
    let RecordedPiece { context, mark, dated_by_file, skipped, records } = piece;
    db.prepare_cached(
        "INSERT OR REPLACE INTO usage_recorded (file, context, mark, dated_by_file, skipped)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        file,
        context.cast_signed(),
        mark.cast_signed(),
        dated_by_file,
        skipped.cast_signed()
    ])?;
    let last: Option<(i64, Vec<u8>)> = db
        .prepare_cached(
            "SELECT id, records FROM usage_record
             WHERE id = (SELECT max(id) FROM usage_record WHERE file = ?1) AND length(records) < ?2",
        )?
        .query_row(params![file, MAX_TOGETHER], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((id, mut together)) = last {
        together.extend_from_slice(records);
        db.prepare_cached("UPDATE usage_record SET records = ?2 WHERE id = ?1")?
            .execute(params![id, together])?;
    } else {
        db.prepare_cached("INSERT INTO usage_record (file, records) VALUES (?1, ?2)")?
            .execute(params![file, records])?;
    }
    Ok(())
}
