//! How values are read: zones, languages, headers, words of a domain type.

use chrono_tz::Tz;

use crate::i18n::Language;

pub(super) fn zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| format!("`{text}` is not an IANA zone; expected something like Europe/Berlin"))
}

/// The tag of the catalogue that a language's name means: `zh`, `zh_CN` and `zh-Hans` are one.
pub(super) fn language(text: &str) -> Result<String, String> {
    let found = Language::of_locale(text).ok_or_else(|| "expected en or zh-CN".to_owned())?;
    Ok(found.tag().to_owned())
}

pub(super) fn header(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err(format!("expected `Name: value`, found `{text}`")),
    }
}

/// A parser for one of a domain type's words, which also lists them in the help.
pub(super) fn word<T>(words: &'static [&'static str]) -> impl clap::builder::TypedValueParser<Value = T>
where
    T: std::str::FromStr + Clone + Send + Sync + 'static,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    use clap::builder::{PossibleValuesParser, TypedValueParser as _};
    PossibleValuesParser::new(words).try_map(|text| text.parse::<T>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_cut_at_the_first_colon() {
        assert_eq!(header("Retry-After: 3"), Ok(("Retry-After".into(), "3".into())));
        assert_eq!(header("Date: a:b"), Ok(("Date".into(), "a:b".into())));
        assert_eq!(header("x:"), Ok(("x".into(), String::new())));
        assert!(header("no colon").is_err());
        assert!(header(": v").is_err());
    }
}
