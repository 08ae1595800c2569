//! Finding a phrase in a message, or a name, as words of its own.

/// Where a phrase stands in a text and is not a part of longer words. Chinese has no spaces between words: a phrase
/// in it may stand anywhere.
pub(crate) fn find(text: &str, phrase: &str) -> Option<usize> {
    let in_word = |c: char| c.is_ascii_alphanumeric() || c.is_alphanumeric() && !is_ideograph(c);
    text.match_indices(phrase).map(|(start, found)| (start, start + found.len())).find_map(|(start, end)| {
        let joined = |inner: Option<char>, outer: Option<char>| {
            inner.is_some_and(in_word) && outer.is_some_and(in_word)
        };
        let before = joined(phrase.chars().next(), text[..start].chars().next_back());
        let after = joined(phrase.chars().next_back(), text[end..].chars().next());
        (!before && !after).then_some(start)
    })
}

/// Whether one of the phrases stands in a text as words of its own.
pub(crate) fn any(text: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| find(text, phrase).is_some())
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn a_phrase_is_no_part_of_another_word() {
        for (text, phrase, place) in [
            ("your 5h quota", "5h", Some(5)),
            ("your 15h quota", "5h", None),
            ("a 5hz tone", "5h", None),
            ("after 15h or 5h", "5h", Some(13)),
            ("max_concurrency: 3", "concurrency", Some(4)),
            ("the projector", "project", None),
            ("您的5小时额度", "5小时", Some(6)),
            ("您的15小时额度", "5小时", None),
            ("模型k3不可用", "k3", Some(6)),
            ("", "k3", None),
        ] {
            assert_eq!(find(text, phrase), place, "{phrase} in {text}");
        }
    }
}
