//! Searches in a line as bytes, before any of it is parsed.

/// Whether a line can be a JSON object: it begins and ends like one. Half-written lines mostly do not.
pub(crate) fn looks_whole(line: &[u8]) -> bool {
    line.first() == Some(&b'{') && line.last() == Some(&b'}')
}

/// The word of `"type"` where it is the first key, as the writers put it: then no other key of the line
/// can be its type, and nothing else has to be searched.
pub(crate) fn leading_type(line: &[u8]) -> Option<&[u8]> {
    const KEY: &[u8] = b"\"type\"";
    let rest = skip_blanks(line.strip_prefix(b"{")?);
    let rest = skip_blanks(rest.strip_prefix(KEY)?);
    let rest = skip_blanks(rest.strip_prefix(b":")?).strip_prefix(b"\"")?;
    // No type is longer than this; a longer string is searched in full.
    let end = memchr::memchr(b'"', &rest[..rest.len().min(64)])?;
    let word = &rest[..end];
    (!word.contains(&b'\\')).then_some(word)
}

fn skip_blanks(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii_start()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leading_type() {
        for (line, word) in [
            (r#"{"type":"usage.record","x":1}"#, Some("usage.record")),
            (r#"{ "type" : "forked" }"#, Some("forked")),
            (r#"{"time":1,"type":"forked"}"#, None),
            (r#"{"type":5}"#, None),
            (r#"{"type":"a\"b"}"#, None),
            (r#"{"type":"unending"#, None),
            ("[]", None),
            ("", None),
        ] {
            assert_eq!(leading_type(line.as_bytes()), word.map(str::as_bytes), "{line}");
        }
    }
}
