//! Reads a table of another program's database: all rows, or those that came or were written over since.
//!
//! A row that came since has a higher number. One that was written over says when, if the program keeps that. A clock can
//! have been set, and a commit can come later than the time that it says, so some of what was read before is read again;
//! a request is known by its fingerprint, and counts once. Where the last row that was read is another one now (rows were
//! numbered again by `VACUUM`, or another database has taken the place), all is read again.

use std::io;

use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension as _, Row};

use crate::collect::Mark;
use crate::count::{LARGEST, Timestamp};
use crate::database::{Database, unreadable};
use crate::fingerprint::Fingerprint;

/// So many rows before the last one are read again: those that can still be written to.
const OVERLAP_ROWS: i64 = 64;
/// Rows that were written so long before the last change are read again, in milliseconds.
const OVERLAP_MILLIS: i64 = 60_000;
/// A row's time later than the file's by more than this was written by a clock set wrong, in milliseconds.
const MAX_AHEAD: i64 = 24 * 3_600_000;
/// Longer names of rows are not read, in bytes.
const MAX_NAME_LEN: usize = 512;

/// A table, as far as this version of its program has it.
pub(crate) struct Table {
    name: &'static str,
    columns: Vec<String>,
}

/// What is read of a table.
pub(crate) struct Query<'q> {
    /// The column that names a row.
    pub(crate) id: &'static str,
    /// The column that says when a row was written last, if there is one.
    pub(crate) written: Option<&'static str>,
    /// What is read of a row, behind its number, its name and its time.
    pub(crate) values: &'q [String],
}

/// Where the values of a [`Query`] begin in a row.
pub(crate) const VALUES: usize = 3;

impl Table {
    /// A table of this name; `None` where there is none, or something else has its name.
    ///
    /// # Errors
    /// The schema cannot be read.
    pub(crate) fn of(database: &Database, name: &'static str) -> io::Result<Option<Self>> {
        let mut known = database.prepare(
            "SELECT substr(sql, 1, 40) FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE",
        )?;
        let sql: Option<Option<String>> =
            known.query_row([name], |row| row.get(0)).optional().map_err(unreadable)?;
        let is_table = sql.flatten().is_some_and(|sql| !sql.to_ascii_lowercase().contains("virtual"));
        if !is_table {
            return Ok(None);
        }
        let mut columns = database.prepare("SELECT name FROM pragma_table_info(?1)")?;
        let columns = columns.query_map([name], |row| row.get(0)).map_err(unreadable)?;
        let columns = columns.collect::<Result<_, _>>().map_err(unreadable)?;
        Ok(Some(Self { name, columns }))
    }

    /// Whether it has a column.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|known| known.eq_ignore_ascii_case(column))
    }

    /// A column's value, where it has this column and the value at most so many bytes; NULL else.
    pub(crate) fn value(&self, column: &str, max_len: usize) -> String {
        if self.has(column) {
            format!("CASE WHEN octet_length(\"{column}\") <= {max_len} THEN \"{column}\" END")
        } else {
            "NULL".to_owned()
        }
    }

    /// Hands the rows that came or were written over since a mark to `each`, in the order of their numbers, with whether
    /// they are new. Gives the mark up to which all was read then; `None` where rows were numbered again since.
    ///
    /// # Errors
    /// The database is damaged, or reading it takes too long; and those of `each`.
    pub(crate) fn read(
        &self,
        database: &Database,
        query: &Query<'_>,
        from: Mark,
        modified: i64,
        mut each: impl FnMut(&Row<'_>, bool) -> io::Result<()>,
    ) -> io::Result<Option<Mark>> {
        let id = self.value(query.id, MAX_NAME_LEN);
        let is_known = from != Mark::default();
        if is_known {
            let sql = format!("SELECT {id} FROM \"{}\" WHERE rowid = ?1", self.name);
            let mut last = database.prepare(&sql)?;
            let name = last
                .query_row([from.rowid], |row| row.get_ref(0).map(name))
                .optional()
                .map_err(unreadable)?;
            if name != Some(from.name) {
                return Ok(None);
            }
        }
        let written = match query.written.filter(|column| self.has(column)) {
            Some(column) => millis(column),
            None => "NULL".to_owned(),
        };
        let since = if query.written.is_some_and(|column| self.has(column)) {
            // One whose time cannot be read may have been written at any time.
            format!("OR coalesce({written} >= ?2, 1)")
        } else {
            "OR 0 > ?2".to_owned()
        };
        let values = query.values.iter().fold(String::new(), |values, value| values + ", " + value);
        let sql = format!(
            "SELECT rowid, {id}, {written}{values} FROM \"{}\" WHERE rowid > ?1 {since} ORDER BY rowid",
            self.name
        );
        let mut statement = database.prepare(&sql)?;
        let (after, since) = if is_known {
            (from.rowid.saturating_sub(OVERLAP_ROWS), from.written.saturating_sub(OVERLAP_MILLIS).max(0))
        } else {
            (i64::MIN, 0)
        };
        let mut rows = statement.query([after, since]).map_err(unreadable)?;
        let mut mark = from;
        let mut any = is_known;
        while let Some(row) = rows.next().map_err(unreadable)? {
            let rowid: i64 = row.get(0).map_err(unreadable)?;
            let is_new = !is_known || rowid > from.rowid;
            each(row, is_new)?;
            if !any || rowid >= mark.rowid {
                mark.rowid = rowid;
                mark.name = row.get_ref(1).map(name).map_err(unreadable)?;
                any = true;
            }
            let written: Option<i64> = row.get(2).unwrap_or_default();
            if let Some(written) = written.filter(|written| *written <= modified.saturating_add(MAX_AHEAD)) {
                mark.written = mark.written.max(written);
            }
        }
        // Behind the last number there is, new rows get numbers in no order.
        Ok(Some(if mark.rowid == i64::MAX { Mark::default() } else { mark }))
    }
}

/// A print of a row's name, which is never 0.
fn name(name: ValueRef<'_>) -> u64 {
    let print = Fingerprint::of(12);
    let print = match name {
        ValueRef::Text(text) | ValueRef::Blob(text) => print.text(text),
        ValueRef::Integer(number) => print.number(number.cast_unsigned()),
        ValueRef::Real(number) => print.number(number.to_bits()),
        ValueRef::Null => print,
    };
    print.finish().max(1)
}

/// A column's time in milliseconds of the epoch: a number of seconds or milliseconds, or a written time.
fn millis(column: &str) -> String {
    format!(
        "CASE typeof(\"{column}\") WHEN 'text' THEN unixepoch(\"{column}\") * 1000 WHEN 'blob' THEN NULL
         ELSE CAST(CASE WHEN \"{column}\" < 100000000000 THEN \"{column}\" * 1000 ELSE \"{column}\" END AS INTEGER) END"
    )
}

/// A text in a row.
pub(crate) fn text<'r>(row: &'r Row<'_>, at: usize) -> Option<&'r str> {
    row.get_ref(at).ok()?.as_str().ok().filter(|text| !text.is_empty())
}

/// A time in a row, in milliseconds of the epoch; numbers are seconds where they can be.
pub(crate) fn time(row: &Row<'_>, at: usize) -> Option<i64> {
    match row.get_ref(at).ok()? {
        ValueRef::Integer(number) => Timestamp::Number(number as f64).millis(1.0),
        ValueRef::Real(number) => Timestamp::Number(number).millis(1.0),
        ValueRef::Text(text) => Timestamp::of_text(std::str::from_utf8(text).ok()?)?.millis(1.0),
        ValueRef::Blob(_) | ValueRef::Null => None,
    }
}

/// A count of tokens in a row; nothing is none. `Err` where it is no count.
pub(crate) fn count(row: &Row<'_>, at: usize) -> Result<u64, NotACount> {
    let whole = |number: f64| (0.0..=LARGEST as f64).contains(&number).then_some(number as u64);
    let count = match row.get_ref(at).map_err(|_| NotACount)? {
        ValueRef::Null => Some(0),
        ValueRef::Integer(number) => u64::try_from(number).ok().filter(|number| *number <= LARGEST),
        ValueRef::Real(number) => whole(number),
        ValueRef::Text(_) | ValueRef::Blob(_) => None,
    };
    count.ok_or(NotACount)
}

/// What stands for a count is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotACount;
