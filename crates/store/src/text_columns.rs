//! Text as it is read back: another version, or another program, may have written what this one would not have kept.

use rusqlite::Row;
use tidemark_core::text;

fn read(row: &Row<'_>, column: usize, kept: fn(&str) -> String) -> rusqlite::Result<Option<String>> {
    Ok(row.get_ref(column)?.as_str_or_null()?.map(kept))
}

/// A name or an id, clean and bounded.
pub(crate) fn name(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(text::name(row.get_ref(column)?.as_str()?))
}

/// A name or an id that may be unknown.
pub(crate) fn optional_name(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    read(row, column, text::name)
}

/// A sentence that may be unknown.
pub(crate) fn optional_sentence(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    read(row, column, text::sentence)
}

/// A folder that may be unknown.
pub(crate) fn optional_folder(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    read(row, column, text::sentence)
}
