//! Rows of comma-separated values, by RFC 4180: fields in quotes may hold commas, quotes and line ends.

use std::io::{self, BufRead};

/// No row is longer, in bytes.
const MAX_ROW_LEN: usize = 1 << 20;

/// A row, and the line on which it begins.
pub(super) struct Row {
    pub(super) line: u64,
    /// `None` where it is too long, or no text.
    pub(super) fields: Option<Vec<String>>,
}

/// Reads rows one after the other.
pub(super) struct Rows<'a> {
    input: &'a mut dyn BufRead,
    line: u64,
}

impl<'a> Rows<'a> {
    pub(super) fn new(input: &'a mut dyn BufRead) -> Self {
        Self { input, line: 1 }
    }

    /// The next row; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Row>> {
        let begun = self.line;
        let (mut fields, mut field) = (Vec::new(), Vec::new());
        let (mut in_quotes, mut was_quote, mut is_empty, mut len) = (false, false, true, 0_usize);
        loop {
            let bytes = self.input.fill_buf()?;
            if bytes.is_empty() {
                break;
            }
            let all = bytes.len();
            let mut used = all;
            let mut ended = false;
            for (place, byte) in bytes.iter().enumerate() {
                is_empty = false;
                self.line += u64::from(*byte == b'\n');
                if in_quotes && !was_quote {
                    if *byte == b'"' {
                        was_quote = true;
                    } else {
                        field.push(*byte);
                    }
                } else if *byte == b'"' {
                    // The second of two within quotes is one of the text.
                    if was_quote {
                        field.push(b'"');
                    }
                    (in_quotes, was_quote) = (true, false);
                } else {
                    (in_quotes, was_quote) = (false, false);
                    match byte {
                        b',' => fields.push(std::mem::take(&mut field)),
                        b'\n' => {
                            used = place + 1;
                            ended = true;
                            break;
                        }
                        byte => field.push(*byte),
                    }
                }
                len += 1;
                if len > MAX_ROW_LEN {
                    // What follows is of the next row, or is passed over as long as it makes none.
                    field.clear();
                    fields.clear();
                    in_quotes = false;
                }
            }
            self.input.consume(used);
            if ended {
                break;
            }
        }
        if is_empty {
            return Ok(None);
        }
        if field.last() == Some(&b'\r') {
            field.pop();
        }
        fields.push(field);
        let text = |field: Vec<u8>| String::from_utf8(field).ok();
        let fields = if len > MAX_ROW_LEN { None } else { fields.into_iter().map(text).collect() };
        Ok(Some(Row { line: begun, fields }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<Option<Vec<String>>> {
        // As few bytes at a time as a pipe may give.
        let mut input = io::BufReader::with_capacity(3, text.as_bytes());
        let mut rows = Rows::new(&mut input);
        let mut all = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            all.push(row.fields);
        }
        all
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            rows in proptest::collection::vec(proptest::collection::vec("[a-z,\" \n工]{0,8}", 1..6), 1..5),
        ) {
            let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n";
            let text: String = rows.iter().map(line).collect();
            let expected: Vec<_> = rows.into_iter().map(Some).collect();
            prop_assert_eq!(read(&text), expected);
        }
    }

    #[test]
    fn a_row_without_an_end_costs_no_memory() {
        let text = format!("a,b\n\"{}", "x".repeat(3 << 20));
        assert_eq!(read(&text), [Some(vec!["a".to_owned(), "b".to_owned()]), None]);
    }
}
