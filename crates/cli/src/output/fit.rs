//! Few columns: one line with the most urgent first, and texts broken into lines.

use unicode_width::UnicodeWidthStr as _;

/// Between two facts of one account.
const FACTS: &str = " · ";
/// Between two accounts.
const ACCOUNTS: &str = " | ";

/// What is said of one account: its name, where there are several, and the facts, the most urgent first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The name, or nothing.
    pub name: String,
    /// The facts.
    pub facts: Vec<String>,
}

impl Piece {
    fn text(&self, facts: usize) -> String {
        let facts = self.facts[..facts].join(FACTS);
        [self.name.as_str(), facts.as_str()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// A line of at most `width` columns. Whole accounts are left out from the end, and `more` says how many; the
/// last one that has room may lose facts from its end.
#[must_use]
pub fn line(pieces: &[Piece], width: usize, more: impl Fn(usize) -> String) -> String {
    let mut line = String::new();
    for (place, piece) in pieces.iter().enumerate() {
        let separator = if place == 0 { "" } else { ACCOUNTS };
        let after = pieces.len() - place - 1;
        let note = |left: usize| if left == 0 { String::new() } else { format!("{ACCOUNTS}{}", more(left)) };
        let fits = |text: &str, left: usize| {
            line.width() + separator.width() + text.width() + note(left).width() <= width
        };
        let whole = piece.text(piece.facts.len());
        // The last of them may take the room that the note on further ones would need.
        let rest_fits = || {
            let rest: Vec<String> =
                pieces[place..].iter().map(|piece| piece.text(piece.facts.len())).collect();
            fits(&rest.join(ACCOUNTS), 0)
        };
        if fits(&whole, after) || rest_fits() {
            line = format!("{line}{separator}{whole}");
            continue;
        }
        let least = usize::from(!piece.facts.is_empty());
        let shorter =
            (least..piece.facts.len()).rev().map(|facts| piece.text(facts)).find(|text| fits(text, after));
        if let Some(shorter) = shorter {
            return format!("{line}{separator}{shorter}{}", note(after));
        }
        if place == 0 {
            // Not even one fact beside the name: the fact is worth more than the name.
            let fact = piece.facts.first().unwrap_or(&piece.name);
            let text = if fits(fact, after) { format!("{fact}{}", note(after)) } else { fact.clone() };
            return shortened(&text, width);
        }
        return shortened(&format!("{line}{}", note(after + 1)), width);
    }
    shortened(&line, width)
}

/// A text cut to some columns, with an ellipsis where something is missing.
#[must_use]
pub fn shortened(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    // Characters are added up as a whole: a mark or a joined emoji has no width of its own.
    let ends = text.char_indices().map(|(at, _)| at).skip(1);
    let end = ends.take_while(|end| text[..*end].width() < width).last().unwrap_or(0);
    let kept = text[..end].trim_end();
    if width == 0 { String::new() } else { format!("{kept}…") }
}

/// What no line begins with: it belongs to what is before it.
const NOT_FIRST: &str = "，。、；：？！）］｝〉》」』】〕”’…—～·％%,.;:?!)]}";
/// What no line ends with: it belongs to what is behind it.
const NOT_LAST: &str = "（［｛〈《「『【〔“‘¥$([{";

/// The last place up to `end` at which a run may be broken, by the rules of Chinese punctuation; `end` itself where
/// there is none.
fn allowed(text: &str, end: usize) -> usize {
    let fits = |place: &usize| {
        let first = text[*place..].chars().next().is_some_and(|c| NOT_FIRST.contains(c));
        let last = text[..*place].chars().next_back().is_some_and(|c| NOT_LAST.contains(c));
        // A figure stays whole, with its sign.
        let figure = |c: char| c.is_ascii_alphanumeric();
        let inside = text[*place..].starts_with(figure)
            && text[..*place].ends_with(|c| figure(c) || matches!(c, '.' | ','));
        !first && !last && !inside
    };
    let places = text[..end].char_indices().map(|(at, _)| at).skip(1).chain([end]);
    places.filter(fits).last().unwrap_or(end)
}

/// A text in lines of at most `width` columns, broken at spaces where there are any. Chinese has none: it is
/// broken between two characters.
#[must_use]
pub fn broken_into_lines(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = text;
    while rest.width() > width {
        let mut end = rest
            .char_indices()
            .map(|(at, _)| at)
            .skip(1)
            .take_while(|at| rest[..*at].width() <= width)
            .last();
        // A character that is wider than the room stands alone.
        let hard = *end.get_or_insert_with(|| rest.chars().next().map_or(rest.len(), char::len_utf8));
        let soft = if rest[hard..].starts_with(' ') { Some(hard) } else { rest[..hard].rfind(' ') };
        // A word is not cut where it can stand on the next line; a run without spaces is.
        let end = match soft.filter(|end| *end > 0) {
            Some(soft) if rest[soft..hard].width() * 2 <= width => soft,
            _ => allowed(rest, hard),
        };
        lines.push(rest[..end].trim_end().to_owned());
        rest = rest[end..].trim_start();
    }
    if !rest.is_empty() || lines.is_empty() {
        lines.push(rest.to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn piece(name: &str, facts: &[&str]) -> Piece {
        Piece { name: name.to_owned(), facts: facts.iter().map(|fact| (*fact).to_owned()).collect() }
    }

    fn said(pieces: &[Piece], width: usize) -> String {
        line(pieces, width, |count| format!("+{count}"))
    }

    #[test]
    fn what_does_not_fit_is_left_out_from_the_end() {
        let pieces = [
            piece("work", &["5-hour 91%", "Weekly 40%"]),
            piece("home", &["Weekly 12%"]),
            piece("工作", &["¥3.00"]),
        ];
        for (width, line) in [
            (80, "work 5-hour 91% · Weekly 40% | home Weekly 12% | 工作 ¥3.00"),
            (59, "work 5-hour 91% · Weekly 40% | home Weekly 12% | 工作 ¥3.00"),
            (58, "work 5-hour 91% · Weekly 40% | home Weekly 12% | +1"),
            (40, "work 5-hour 91% · Weekly 40% | +2"),
            (25, "work 5-hour 91% | +2"),
            (15, "5-hour 91% | +2"),
            (10, "5-hour 91%"),
            (6, "5-hou…"),
            (1, "…"),
        ] {
            assert_eq!(said(&pieces, width), line, "{width}");
        }
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(said(&[piece("", &["5 小时 44%"])], 10), "5 小时 44%");
        assert_eq!(said(&[piece("", &["5 小时 44%"])], 9), "5 小时 4…");
        assert_eq!(said(&[piece("", &["每周额度"])], 6), "每周…");
        assert_eq!(said(&[], 10), "");
    }

    #[test]
    fn texts_are_broken_at_spaces_and_chinese_anywhere() {
        for (text, width, lines) in [
            ("one two three", 20, &["one two three"][..]),
            ("one two three", 8, &["one two", "three"]),
            ("abcdefghij", 4, &["abcd", "efgh", "ij"]),
            ("每周额度已重置", 6, &["每周额", "度已重", "置"]),
            ("额度", 1, &["额", "度"]),
            ("每周额度，已重置。", 8, &["每周额", "度，已重", "置。"]),
            ("已用（约）四成", 6, &["已用", "（约）", "四成"]),
            ("来源“日志”及其他", 10, &["来源“日志”", "及其他"]),
            ("余额为¥74.80左右", 10, &["余额为", "¥74.80左右"]),
            ("。。。。", 4, &["。。", "。。"]),
            ("", 5, &[""]),
        ] {
            assert_eq!(broken_into_lines(text, width), lines, "{text} {width}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_too_wide(text in "([a-z]{1,9}|[额度重置]{1,9}| ){0,20}", width in 2_usize..30) {
            let lines = broken_into_lines(&text, width);
            let bare = |text: &str| text.replace(' ', "");
            prop_assert_eq!(bare(&lines.concat()), bare(&text));
            prop_assert!(lines.iter().all(|line| line.width() <= width), "{lines:?}");
        }
    }

    proptest! {
        #[test]
        fn no_line_of_chinese_begins_or_ends_with_the_wrong_mark(
            text in "[额度重置已用]{1,3}(([，。、；：？！）」》”]|[（「《“])?[额度重置已用]{1,3}){0,12}", width in 6_usize..40,
        ) {
            let lines = broken_into_lines(&text, width);
            prop_assert!(lines[1..].iter().all(|line| !line.starts_with(|c| NOT_FIRST.contains(c))), "{lines:?}");
            prop_assert!(lines.iter().all(|line| !line.ends_with(|c| NOT_LAST.contains(c))), "{lines:?}");
            prop_assert!(lines.iter().all(|line| line.width() <= width), "{lines:?}");
            prop_assert_eq!(lines.concat(), text);
        }
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_asked(
            names in prop::collection::vec(("\\PC{0,12}|[工作家庭]{0,9}", prop::collection::vec("[a-z0-9 %小时¥]{1,12}", 0..4)), 0..12),
            width in 1_usize..200,
        ) {
            let pieces: Vec<Piece> =
                names.into_iter().map(|(name, facts)| Piece { name, facts }).collect();
            let line = said(&pieces, width);
            prop_assert!(line.width() <= width, "{} > {width}: {line}", line.width());
        }
    }
}
