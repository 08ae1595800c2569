//! Texts that are nearly the same every time — a reading, a quota body — kept as a template and the digits.
//!
//! `{"used":"44","limit":"100"}` becomes the template `{"used":"␁","limit":"␁"}` and the digits `44,100`.
//! The templates of an account are a handful; the digits are a fraction of the text.

/// Stands in a template for a run of digits. JSON never contains it bare: control characters are escaped.
const HOLE: char = '\u{1}';
/// Begins the template of a text that is kept whole, because it contains a hole's character itself.
const WHOLE: char = '\u{2}';

/// A text in two parts, of which many readings share the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Compressed {
    /// The text with its runs of digits taken out.
    pub(crate) template: String,
    /// The runs of digits, separated by commas.
    pub(crate) digits: String,
}

/// Takes a text apart; [`decompress`] is its inverse for every text.
pub(crate) fn compress(text: &str) -> Compressed {
    if text.contains([HOLE, WHOLE]) {
        return Compressed { template: format!("{WHOLE}{text}"), digits: String::new() };
    }
    let mut template = String::with_capacity(text.len());
    let mut digits = String::with_capacity(text.len() / 3);
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let run = &rest[start..];
        let end = run.find(|c: char| !c.is_ascii_digit()).unwrap_or(run.len());
        template.push_str(&rest[..start]);
        if !digits.is_empty() {
            digits.push(',');
        }
        template.push(HOLE);
        digits.push_str(&run[..end]);
        rest = &run[end..];
    }
    template.push_str(rest);
    Compressed { template, digits }
}

/// Puts a text together again.
pub(crate) fn decompress(template: &str, digits: &str) -> String {
    if let Some(text) = template.strip_prefix(WHOLE) {
        return text.to_owned();
    }
    let mut runs = digits.split(',');
    let mut text = String::with_capacity(template.len() + digits.len());
    let mut pieces = template.split(HOLE);
    text.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        text.push_str(runs.next().unwrap_or_default());
        text.push_str(piece);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn unpacking_undoes_packing(text in r#"[\PC\x00-\x05]{0,40}([0-9]{0,4}[,:"\x01é]?){0,20}"#) {
            let packed = compress(&text);
            prop_assert_eq!(decompress(&packed.template, &packed.digits), text);
        }
    }

    #[test]
    fn digits_leave_the_template() {
        let packed = compress(r#"{"used":"044","left":-1.50}"#);
        assert_eq!(packed.template, "{\"used\":\"\u{1}\",\"left\":-\u{1}.\u{1}}");
        assert_eq!(packed.digits, "044,1,50");
    }

    #[test]
    fn texts_without_digits_and_empty_ones_survive() {
        for text in ["", "{}", "\u{1}", "\u{2}7", "7", "7,7"] {
            let packed = compress(text);
            assert_eq!(decompress(&packed.template, &packed.digits), text);
        }
    }
}
