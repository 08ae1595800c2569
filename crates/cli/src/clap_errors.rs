//! Wrong usage, and the help, in the user's language: what the grammar's library found, said with the
//! catalogue's words.

use std::fmt::Write as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use tidemark_kimi::redact;

use crate::help;
use crate::i18n::{Catalog, Language};
use crate::output::clean;

/// What was wrong, for people; where the catalogue has no words for it, the library's own.
#[must_use]
pub fn text(error: &clap::Error, words: &Catalog) -> String {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return help(error, words, false);
    }
    // The program's bare name asks what there is.
    let bare = context(error, ContextKind::InvalidSubcommand, words).is_some_and(|name| name == "tidemark");
    if error.kind() == ErrorKind::MissingSubcommand && bare {
        return help::with_colons(&help::grammar(words).render_help().to_string(), words);
    }
    // What was typed in the wrong place may be a key; it is masked wherever the library repeats it.
    let Some(said) = known(error, words) else { return redact::text(&error.to_string()) };
    let mut said = format!("tidemark: {}", redact::text(&said));
    for similar in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue]
    {
        if let Some(similar) = context(error, similar, words) {
            said.push('\n');
            said.push_str(&words.with("cli-usage-similar", [("what", similar.into())]));
        }
    }
    if let Some(usage) = context(error, ContextKind::Usage, words) {
        let usage = usage.trim_start_matches("Usage:").trim_start();
        let usage = help::placeholders(usage, words);
        let _ = write!(said, "\n\n{}{usage}", help::usage_head(words));
    }
    let _ = write!(said, "\n\n{}\n", words.text("cli-usage-more"));
    said
}

fn known(error: &clap::Error, words: &Catalog) -> Option<String> {
    let argument = || context(error, ContextKind::InvalidArg, words);
    let value = || Some(clean(&context(error, ContextKind::InvalidValue, words)?));
    let said = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let what = clean(&context(error, ContextKind::InvalidSubcommand, words)?);
            words.with("cli-usage-no-command", [("what", what.into())])
        }
        ErrorKind::MissingSubcommand => {
            let what = clean(&context(error, ContextKind::InvalidSubcommand, words)?);
            let said = words.with("cli-usage-no-subcommand", [("what", what.into())]);
            with_values(said, error, ContextKind::ValidSubcommand, words)
        }
        ErrorKind::UnknownArgument => {
            words.with("cli-usage-no-option", [("what", clean(&argument()?).into())])
        }
        ErrorKind::MissingRequiredArgument => words.with("cli-usage-missing", [("what", argument()?.into())]),
        // An option without its value is an empty one to the library.
        ErrorKind::InvalidValue
        | ErrorKind::ValueValidation
        | ErrorKind::TooFewValues
        | ErrorKind::WrongNumberOfValues
            if value().is_none() =>
        {
            let argument = argument()?;
            let hint = hint(&argument).map(|key| words.text(key));
            let said = words.with("cli-usage-no-value", [("what", argument.into())]);
            let said = with_values(said, error, ContextKind::ValidValue, words);
            [Some(said), hint].into_iter().flatten().collect::<Vec<_>>().join("\n")
        }
        ErrorKind::InvalidValue => {
            let values = [("what", argument()?.into()), ("value", value()?.into())];
            with_values(words.with("cli-usage-value", values), error, ContextKind::ValidValue, words)
        }
        ErrorKind::ValueValidation => {
            let argument = argument()?;
            let hint = hint(&argument);
            let mut said =
                words.with("cli-usage-value", [("what", argument.into()), ("value", value()?.into())]);
            let why = hint.map(|key| words.text(key));
            // The library's own reason is English.
            let english = words.language() == Language::English;
            let reason = || std::error::Error::source(error).filter(|_| english).map(ToString::to_string);
            if let Some(why) = why.or_else(reason) {
                said.push('\n');
                said.push_str(&why);
            }
            said
        }
        ErrorKind::TooManyValues => {
            words.with("cli-usage-extra-value", [("what", argument()?.into()), ("value", value()?.into())])
        }
        ErrorKind::ArgumentConflict => {
            let (what, other) = (argument()?, context(error, ContextKind::PriorArg, words)?);
            if what == other {
                words.with("cli-usage-twice", [("what", what.into())])
            } else {
                words.with("cli-usage-conflict", [("what", what.into()), ("other", other.into())])
            }
        }
        ErrorKind::InvalidUtf8 => words.text("cli-usage-not-text"),
        _ => return None,
    };
    Some(said)
}

/// The form of an option's value, if the library's reason is English only.
fn hint(argument: &str) -> Option<&'static str> {
    let option = argument.split(' ').next().unwrap_or_default();
    Some(match option {
        "--timezone" => "cli-usage-zone",
        "--header" => "cli-usage-header",
        "--status" => "cli-usage-status",
        "--listen" => "cli-usage-address",
        "--base-path" => "cli-usage-base-path",
        "--since" => "cli-usage-cursor",
        "--width" => "cli-usage-width",
        "--lang" | "--language" => "cli-usage-language",
        _ => return None,
    })
}

fn with_values(said: String, error: &clap::Error, kind: ContextKind, words: &Catalog) -> String {
    match context(error, kind, words) {
        Some(values) => format!("{said}\n{}", words.with("cli-usage-values", [("values", values.into())])),
        None => said,
    }
}

fn context(error: &clap::Error, kind: ContextKind, words: &Catalog) -> Option<String> {
    let text = match error.get(kind)? {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => words.listed(texts),
        ContextValue::StyledStr(text) => text.to_string(),
        ContextValue::StyledStrs(texts) => {
            words.listed(&texts.iter().map(ToString::to_string).collect::<Vec<_>>())
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

    fn said(language: Language, arguments: &[&str]) -> String {
        let words = Catalog::new(language);
        let error = help::grammar(&words).try_get_matches_from(arguments).unwrap_err();
        text(&error, &words)
    }

    #[test]
    fn the_bare_name_of_the_program_shows_its_help() {
        assert!(said(Language::English, &["tidemark"]).contains("\nCommands:\n  read "));
        assert!(said(Language::Chinese, &["tidemark"]).contains("\n命令：\n  read "));
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
                &["tidemark", "status", "--line", "--format", "text"],
                &["tidemark", "status", "x"],
                &["tidemark", "status", "--line=1"],
                &["tidemark", "account"],
                &["tidemark", "history", "--by"],
                &["tidemark", "history", "--by", "day", "--by", "day"],
                &["tidemark", "explain", "--status", "42"],
                &["tidemark", "machine", "export", "--since", ""],
                &["tidemark", "logs", "--by", ""],
                &["tidemark", "machine", "add", "x", "--ssh", "h", "--passphrase-env", "NAME"],
                &["tidemark", "machine", "add", "x", "--folder", "d", "--command", "/bin/tidemark"],
                &["tidemark", "account", "add", "x", "--source", "platform", "--region", "china"],
            ] {
                let _ = writeln!(all, "$ {}\n{}", arguments.join(" "), said(language, arguments));
            }
        }
        insta::assert_snapshot!(all);
    }
}
