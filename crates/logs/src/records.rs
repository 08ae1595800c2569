//! Whole records inside a damaged line: a record that was torn off, or a run of NUL bytes, costs only itself.

use serde::de::IgnoredAny;
use serde_json::Deserializer;

/// How many bytes are parsed for each byte of a line, at most. A torn record of many open brackets would otherwise be
/// parsed from each of them to the line's end.
const EFFORT: usize = 16;

/// The JSON objects in a line that is none as a whole, in their order, none of them inside another. Parts of a torn
/// record are among them: whoever asks knows a record when they see one.
pub(crate) fn within(line: &[u8]) -> Vec<&[u8]> {
    let mut left = line.len().saturating_mul(EFFORT);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = memchr::memchr(b'{', &line[at..]) {
        let rest = &line[at + next..];
        let mut objects = Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
        let (parsed, taken) = match objects.next() {
            Some(Ok(_)) => {
                let end = objects.byte_offset();
                found.push(&rest[..end]);
                (end, end)
            }
            Some(Err(error)) => (error.column(), 1),
            None => (1, 1),
        };
        at += next + taken.max(1);
        match left.checked_sub(parsed.max(1)) {
            Some(still) => left = still,
            None => break,
        }
    }
    found
}

/// Whether a line is one JSON value from its beginning to its end.
pub(crate) fn is_whole(line: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(line).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(line: &str) -> Vec<String> {
        within(line.as_bytes())
            .into_iter()
            .map(|record| String::from_utf8_lossy(record).into_owned())
            .collect()
    }

    #[test]
    fn whole_records_are_found_behind_and_before_damage() {
        for (line, found) in [
            (r#"{"a":1}{"b":2}"#, &[r#"{"a":1}"#, r#"{"b":2}"#][..]),
            (r#"{"a":{"x":1},"to{"b":2}"#, &[r#"{"x":1}"#, r#"{"b":2}"#]),
            (r#"{"a":"some te{"b":{"c":"}"}}"#, &[r#"{"b":{"c":"}"}}"#]),
            (r#"{"a":1}{"b":"#, &[r#"{"a":1}"#]),
            ("\0\0\0{\"a\":1}\0\0", &[r#"{"a":1}"#]),
            (r#"half" of it}{"b":2} and {more"#, &[r#"{"b":2}"#]),
            ("{{{{", &[]),
            ("", &[]),
        ] {
            assert_eq!(texts(line), found, "{line}");
        }
    }

    #[test]
    fn a_line_of_open_brackets_takes_no_longer_than_its_length_allows() {
        let mut line = r#"{"a":"#.repeat(60_000);
        line.push_str(&"1".repeat(200_000));
        assert_eq!(within(line.as_bytes()), Vec::<&[u8]>::new());
    }

    proptest! {
        #[test]
        fn a_record_behind_any_torn_one_is_found(cut in 1_usize..120, nul in 0_usize..20) {
            let record = r#"{"type":"usage.record","model":"k3","usage":{"inputOther":5,"output":6},"note":"a {b} \"c\" \\","time":7}"#;
            let torn = &record[..cut.min(record.len() - 1)];
            let line = format!("{torn}{}{record}", "\0".repeat(nul));
            prop_assert_eq!(within(line.as_bytes()).last().copied(), Some(record.as_bytes()), "{}", line);
        }

        #[test]
        fn anything_at_all_is_gone_through(line in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = within(&line);
        }
    }
}
