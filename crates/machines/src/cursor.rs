//! The cursor: up to where a machine's records were read.

use std::fmt;
use std::str::FromStr;

/// The longest text of a cursor, in bytes.
pub const MAX_CURSOR_LEN: usize = 64;

/// Up to where a machine's records were read: its place in the order in which its requests became known or changed. A
/// history that was restored counts from the beginning, and says so by another epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Which history it is of: hexadecimal digits.
    pub epoch: String,
    /// The place.
    pub place: u64,
}

impl Cursor {
    /// The place to go on from in a history, whose last place is `last`: the beginning if the cursor is of another one.
    #[must_use]
    pub fn place_in(&self, epoch: &str, last: u64) -> u64 {
        if self.epoch == epoch && self.place <= last { self.place } else { 0 }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}.{}", self.epoch, self.place)
    }
}

/// A text that is no cursor of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor that `machine export` printed")]
pub struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let mut parts = text.split('.');
        let (Some("1"), Some(epoch), Some(place), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NotACursor);
        };
        let is_epoch = (1..=32).contains(&epoch.len()) && epoch.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_number = !place.is_empty() && place.bytes().all(|byte| byte.is_ascii_digit());
        if !is_epoch || !is_number {
            return Err(NotACursor);
        }
        Ok(Self { epoch: epoch.to_owned(), place: place.parse().map_err(|_| NotACursor)? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_is_read_as_it_was_printed(epoch in "[0-9a-f]{1,32}", place: u64) {
            let cursor = Cursor { epoch, place };
            let text = cursor.to_string();
            prop_assert!(text.len() <= MAX_CURSOR_LEN);
            prop_assert_eq!(text.parse(), Ok(cursor));
        }

        #[test]
        fn a_cursor_is_safe_on_a_command_line(text: String) {
            if let Ok(cursor) = text.parse::<Cursor>() {
                prop_assert!(cursor.to_string().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.'));
            }
        }
    }

    #[test]
    fn a_cursor_of_another_history_begins_again() {
        let cursor = Cursor { epoch: "ab".to_owned(), place: 7 };
        for (epoch, last, place) in [("ab", 9, 7), ("ab", 7, 7), ("ab", 6, 0), ("cd", 9, 0)] {
            assert_eq!(cursor.place_in(epoch, last), place, "{epoch} {last}");
        }
    }

    #[test]
    fn texts_that_are_no_cursors() {
        for text in ["", "1", "1.ab", "1.ab.", "1..3", "1.ab.3.4", "2.ab.3", "1.xy.3", "1.ab.-3", "1.ab.3;ls"]
        {
            assert_eq!(text.parse::<Cursor>(), Err(NotACursor), "{text}");
        }
    }
}
