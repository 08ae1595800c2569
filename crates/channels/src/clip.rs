//! Cutting texts to what a service takes.

/// What stands for the rest.
const ELLIPSIS: char = '…';

/// A text of at most `max` bytes of UTF-8, cut at a whole character.
pub(crate) fn to_bytes(text: &str, max: usize) -> String {
    clip(text, max, char::len_utf8)
}

/// A text of at most `max` UTF-16 units, which is how services count whose clients are written in JavaScript or Java.
pub(crate) fn to_utf16(text: &str, max: usize) -> String {
    clip(text, max, char::len_utf16)
}

fn clip(text: &str, max: usize, length: impl Fn(char) -> usize) -> String {
    if text.chars().map(&length).sum::<usize>() <= max {
        return text.to_owned();
    }
    let room = max.saturating_sub(length(ELLIPSIS));
    let mut used = 0;
    let mut clipped: String = text
        .chars()
        .take_while(|c| {
            used += length(*c);
            used <= room
        })
        .collect();
    clipped.push(ELLIPSIS);
    clipped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cut_text_fits_and_begins_as_the_whole_one(text in ".{0,80}", max in 3usize..60) {
            let bytes = to_bytes(&text, max);
            prop_assert!(bytes.len() <= max);
            let units = to_utf16(&text, max);
            prop_assert!(units.encode_utf16().count() <= max);
            for cut in [bytes, units] {
                prop_assert!(cut == text || text.starts_with(cut.strip_suffix(ELLIPSIS).unwrap()));
            }
        }
    }
}
