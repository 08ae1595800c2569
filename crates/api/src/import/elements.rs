//! One JSON array, cut into its records while it is read.

use std::io::{self, BufRead};

use super::reader::{MAX_RECORD_LEN, Reader};

/// Hands on the records of an array. Cutting needs only to know where braces and strings end, so that a record with
/// something wrong inside costs no other.
pub(super) fn read(input: &mut dyn BufRead, reader: &mut Reader<'_>) -> io::Result<()> {
    let mut cutter = Cutter::default();
    loop {
        let bytes = input.fill_buf()?;
        if bytes.is_empty() {
            break;
        }
        let all = bytes.len();
        for byte in bytes {
            if cutter.take(*byte) {
                cutter.number += 1;
                if cutter.too_long {
                    reader.damaged(cutter.number, "the record is too long");
                } else {
                    reader.record(cutter.number, &cutter.record)?;
                }
                cutter.record.clear();
                cutter.too_long = false;
            }
        }
        input.consume(all);
    }
    if cutter.depth > 0 {
        reader.damaged(cutter.number + 1, "the file ends within a record");
    }
    Ok(())
}

/// Where in the array the reading is.
#[derive(Default)]
struct Cutter {
    /// The record so far.
    record: Vec<u8>,
    too_long: bool,
    /// The number of the last record.
    number: u64,
    /// Braces and brackets that are open within the array.
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Cutter {
    /// Takes a byte; whether a record ends with it.
    fn take(&mut self, byte: u8) -> bool {
        if self.depth == 0 {
            // Between records stand commas, white space and the array's own brackets.
            if byte != b'{' {
                return false;
            }
            self.depth = 1;
            self.record.push(byte);
            return false;
        }
        if self.record.len() as u64 >= MAX_RECORD_LEN {
            self.too_long = true;
        } else {
            self.record.push(byte);
        }
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth -= 1,
            _ => {}
        }
        self.depth == 0
    }
}
