//! Wrong usage, and the help, in the user's language: what the grammar's library found, said with the
//! catalogue's words.

use std::fmt::Write as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::help;
use crate::i18n::Catalog;
use crate::output::clean;

/// What was wrong, for people; where the catalogue has no words for it, the library's own.
#[must_use]
pub fn text(error: &clap::Error, words: &Catalog) -> String {
    let Some(mut said) = known(error, words) else { return error.to_string() };
    for similar in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue]
    {
        if let Some(similar) = context(error, similar) {
            said.push('\n');
            said.push_str(&words.with("cli-usage-similar", [("what", similar.into())]));
        }
    }
    if let Some(usage) = context(error, ContextKind::Usage) {
        let usage = usage.trim_start_matches("Usage:").trim_start();
        let _ = write!(said, "\n\n{}{usage}", help::usage_head(words));
    }
    let _ = write!(said, "\n\n{}\n", words.text("cli-usage-more"));
    said
}

fn known(error: &clap::Error, words: &Catalog) -> Option<String> {
    let argument = || context(error, ContextKind::InvalidArg);
    let value = || Some(clean(&context(error, ContextKind::InvalidValue)?));
    let said = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let what = clean(&context(error, ContextKind::InvalidSubcommand)?);
            words.with("cli-usage-no-command", [("what", what.into())])
        }
        ErrorKind::UnknownArgument => {
            words.with("cli-usage-no-option", [("what", clean(&argument()?).into())])
        }
        ErrorKind::MissingRequiredArgument => words.with("cli-usage-missing", [("what", argument()?.into())]),
        ErrorKind::InvalidValue => {
            let mut said =
                words.with("cli-usage-value", [("what", argument()?.into()), ("value", value()?.into())]);
            if let Some(values) = context(error, ContextKind::ValidValue) {
                said.push('\n');
                said.push_str(&words.with("cli-usage-values", [("values", values.into())]));
            }
            said
        }
        ErrorKind::ValueValidation => {
            let mut said =
                words.with("cli-usage-value", [("what", argument()?.into()), ("value", value()?.into())]);
            if let Some(why) = std::error::Error::source(error) {
                said.push('\n');
                said.push_str(&why.to_string());
            }
            said
        }
        ErrorKind::ArgumentConflict => {
            let other = context(error, ContextKind::PriorArg)?;
            words.with("cli-usage-conflict", [("what", argument()?.into()), ("other", other.into())])
        }
        _ => return None,
    };
    Some(said)
}

fn context(error: &clap::Error, kind: ContextKind) -> Option<String> {
    let text = match error.get(kind)? {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join(", "),
        ContextValue::StyledStr(text) => text.to_string(),
        ContextValue::StyledStrs(texts) => {
            texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        ContextValue::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// The help as it is printed, its headings with the colon of the language.
#[must_use]
pub fn help(error: &clap::Error, words: &Catalog, colour: bool) -> String {
    let rendered = error.render();
    let text = if colour { rendered.ansi().to_string() } else { rendered.to_string() };
    help::with_colons(&text, words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    fn said(language: Language, arguments: &[&str]) -> String {
        let words = Catalog::new(language);
        let error = help::grammar(&words).try_get_matches_from(arguments).unwrap_err();
        text(&error, &words)
    }

    #[test]
    fn wrong_usage_for_people() {
        let mut all = String::new();
        for language in [Language::English, Language::Chinese] {
            for arguments in [
                &["tidemark", "histroy"][..],
                &["tidemark", "history"],
                &["tidemark", "history", "--by", "week"],
                &["tidemark", "status", "--frobnicate"],
                &["tidemark", "--timezone", "Europe/Atlantis", "status"],
                &["tidemark", "status", "--line", "--json"],
                &["tidemark", "account", "add", "x", "--source", "platform", "--region", "china"],
            ] {
                let _ = writeln!(all, "$ {}\n{}", arguments.join(" "), said(language, arguments));
            }
        }
        insta::assert_snapshot!(all);
    }
}
