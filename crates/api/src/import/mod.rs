//! An export, read back: JSON Lines, one JSON array or CSV, of this version or another.
//!
//! Damage costs only itself: a line that cannot be read is counted and named, and the rest is read. Nothing is held in
//! memory but one record.

mod elements;
mod reader;
mod rows;
mod sheet;
pub mod spool;

use std::io::{self, BufRead};

use tidemark_core::wire::TimestampedRecord;

use crate::export::Format;
use reader::Reader;

pub use reader::{Damage, FileReport, ImportError};
pub use spool::Spool;

/// Reads an export and hands each record on, in the order of the file.
///
/// # Errors
/// [`ImportError`], by case. What was handed on before stays handed on.
///
/// # Examples
/// ```
/// use tidemark_api::export::Format;
/// use tidemark_api::import::read;
///
/// let text = r#"[{"type":"failure","at":"2026-06-01T08:00:00Z","account":"work","kind":"timeout"},
///                {"type":"failure","at":"yesterday","account":"work","kind":"timeout"}]"#;
/// let mut records = Vec::new();
/// let report = read(&mut text.as_bytes(), &mut |record| {
///     records.push(record);
///     Ok(())
/// })?;
/// assert_eq!((report.format, report.records, report.damaged), (Some(Format::Json), 1, 1));
/// assert_eq!(report.damage[0].place, 2);
/// # Ok::<(), tidemark_api::import::ImportError>(())
/// ```
pub fn read(
    input: &mut dyn BufRead,
    take: &mut dyn FnMut(TimestampedRecord) -> io::Result<()>,
) -> Result<FileReport, ImportError> {
    let mut reader = Reader::new(take);
    match first_byte(input)? {
        None => {}
        Some(b'[') => {
            reader.report.format = Some(Format::Json);
            elements::read(input, &mut reader)?;
        }
        Some(b'{') => {
            reader.report.format = Some(Format::Jsonl);
            reader.lines(input)?;
        }
        Some(_) => {
            reader.report.format = Some(Format::Csv);
            sheet::read(input, &mut reader)?;
        }
    }
    Ok(reader.report)
}

/// The first byte that says something; what stands before it is passed over.
fn first_byte(input: &mut dyn BufRead) -> Result<Option<u8>, ImportError> {
    let mut is_begin = true;
    loop {
        let bytes = input.fill_buf()?;
        if is_begin {
            is_begin = false;
            if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
                return Err(ImportError::Utf16);
            }
            if bytes.starts_with(b"\xef\xbb\xbf") {
                input.consume(3);
                continue;
            }
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        if let Some(place) = bytes.iter().position(|byte| !byte.is_ascii_whitespace()) {
            let first = bytes[place];
            input.consume(place);
            return Ok(Some(first));
        }
        let all = bytes.len();
        input.consume(all);
    }
}

#[cfg(test)]
mod tests;
