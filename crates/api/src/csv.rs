//! Comma-separated values, by RFC 4180. What a spreadsheet would calculate is written as text.

use tidemark_core::text;

/// A line of fields, with its end. Fields with commas, quotes or line ends are quoted.
#[must_use]
pub fn line(fields: &[&str]) -> String {
    let mut line = String::new();
    for (place, field) in fields.iter().enumerate() {
        if place > 0 {
            line.push(',');
        }
        let field = &*text::cell(field);
        if field.contains([',', '"', '\r', '\n']) {
            line.push('"');
            line.push_str(&field.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(field);
        }
    }
    line.push_str("\r\n");
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads one record back, by the same RFC.
    fn read(text: &str) -> Vec<String> {
        let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
        let mut chars = text.strip_suffix("\r\n").unwrap().chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => {
                    chars.next();
                    field.push('"');
                }
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(std::mem::take(&mut field)),
                c => field.push(c),
            }
        }
        fields.push(field);
        fields
    }

    #[test]
    fn a_formula_is_written_as_text() {
        assert_eq!(
            line(&["=cmd|' /C calc'!A0", "-1.50", "a\u{202e}b"]),
            "'=cmd|' /C calc'!A0,-1.50,a\u{fffd}b\r\n"
        );
        assert_eq!(line(&["=HYPERLINK(\"x\",\"y\")"]), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"\r\n");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(fields in proptest::collection::vec("[a-z,\" 工]{0,8}", 1..6)) {
            let given: Vec<&str> = fields.iter().map(String::as_str).collect();
            prop_assert_eq!(read(&line(&given)), fields);
        }
    }
}
