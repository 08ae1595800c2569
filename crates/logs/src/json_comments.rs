//! JSON as people write it into configurations: with comments, and commas behind the last of a list.

/// The same without comments and without commas behind which nothing comes. Texts in quotes stay as they are.
pub(crate) fn without(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    // Where the last comma stands, if nothing but blanks came since.
    let mut comma: Option<usize> = None;
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {
                comma = None;
                plain.push(letter);
                while let Some(inner) = letters.next() {
                    plain.push(inner);
                    if inner == '\\' {
                        plain.extend(letters.next());
                    } else if inner == '"' {
                        break;
                    }
                }
            }
            '/' if letters.peek() == Some(&'/') => {
                while letters.peek().is_some_and(|next| *next != '\n') {
                    letters.next();
                }
            }
            '/' if letters.peek() == Some(&'*') => {
                letters.next();
                let mut last = ' ';
                for next in letters.by_ref() {
                    if last == '*' && next == '/' {
                        break;
                    }
                    last = next;
                }
                plain.push(' ');
            }
            ',' => {
                comma = Some(plain.len());
                plain.push(letter);
            }
            '}' | ']' => {
                if let Some(at) = comma.take() {
                    plain.replace_range(at..=at, " ");
                }
                plain.push(letter);
            }
            blank if blank.is_whitespace() => plain.push(blank),
            other => {
                comma = None;
                plain.push(other);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn comments_and_last_commas_are_left_out() {
        let text = "// head\n{\n  \"a\": 1, /* x, } */ \"url\": \"https://x//y/*z*/\", // end\n  \"list\": [1, 2, /**/],\n  \"q\": \"\\\"//\\\\\",\n}";
        let value: Value = serde_json::from_str(&without(text)).unwrap();
        assert_eq!(value, json!({"a": 1, "url": "https://x//y/*z*/", "list": [1, 2], "q": "\"//\\"}));
        for broken in ["/*", "//", "\"", "\"\\", "/", ",", ",]", "{\"a\": /"] {
            without(broken);
        }
    }

    proptest! {
        #[test]
        fn what_is_json_already_stays_what_it_is(keys in prop::collection::vec(".{0,12}", 0..6), number in any::<i32>()) {
            let value = json!({"list": keys, "number": number, "nested": {"list": keys}});
            let text = value.to_string();
            prop_assert_eq!(serde_json::from_str::<Value>(&without(&text)).unwrap(), value);
        }
    }
}
