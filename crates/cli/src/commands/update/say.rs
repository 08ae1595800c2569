//! What is known of newer versions, and why there is none, in words.

use chrono::Utc;
use chrono_tz::Tz;
use tidemark_api::view::{self, ArgView, MessageView};
use tidemark_monitor::UpdateError;

use crate::exit::{CommandError, Exit};
use crate::i18n::{Catalog, Language, Value};
use crate::output::clean;

/// A line about newer versions.
pub fn line(words: &Catalog, line: &MessageView, zone: Tz) -> String {
    let value = |arg: &ArgView| -> Value<'static> {
        match arg {
            ArgView::Time(at) => words.moment(*at, Utc::now(), zone).into(),
            ArgView::Number(number) => (*number as u64).into(),
            ArgView::Text(text) => clean(text).into(),
            // No line has another.
            _ => "".into(),
        }
    };
    let values = line.args.iter().map(|(name, arg)| (name.clone(), value(arg))).collect();
    words.with_named(&format!("update-{}", line.id), values)
}

/// How far a download is, if the line says that.
pub fn percent(line: &MessageView) -> Option<u32> {
    match line.args.get("percent") {
        Some(ArgView::Number(percent)) if line.id == "downloading" => Some(*percent as u32),
        _ => None,
    }
}

/// Why the last thing that was tried failed, as an error of this command.
pub fn failure(known: &view::Update) -> Option<CommandError> {
    let code = known.failure.as_deref()?;
    let id = format!("failed-{code}");
    let line = known.lines.iter().find(|line| line.id == id);
    let values = line.into_iter().flat_map(|line| &line.args).filter_map(|(name, arg)| match arg {
        ArgView::Text(text) => Some((name.clone(), text.clone())),
        _ => None,
    });
    Some(error_of(code, values.collect()))
}

/// An error in the form of all commands.
pub fn command_error(error: &UpdateError) -> CommandError {
    let values = error.values().into_iter().map(|(name, value)| (name.to_owned(), value));
    error_of(error.code(), values.collect())
}

/// That this build checks for no versions.
pub fn cannot_check() -> CommandError {
    CommandError::said(Exit::Failed, "update-no-key", "update-no-key", &[])
}

/// That another brings the newer version, and how.
pub fn managed(known: &view::Update, zone: Tz) -> CommandError {
    let how = known.lines.iter().find(|line| line.id.starts_with("by-"));
    let Some(how) = how else { return command_error(&UpdateError::Managed) };
    let english = Catalog::new(Language::English);
    let message = line(&english, how, zone);
    let values = how.args.iter().filter_map(|(name, arg)| match arg {
        ArgView::Text(text) => Some((lasting(name), text.clone())),
        _ => None,
    });
    let words = Some((lasting(&format!("update-{}", how.id)), values.collect()));
    CommandError { words, ..CommandError::new(Exit::Failed, "update-managed", message) }
}

fn error_of(code: &str, values: Vec<(String, String)>) -> CommandError {
    let key = lasting(&format!("update-failed-{code}"));
    let values: Vec<(&'static str, String)> =
        values.into_iter().map(|(name, value)| (lasting(&name), value)).collect();
    let given: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let message = Catalog::new(Language::English).with_all(key, &given);
    CommandError {
        words: Some((key, values)),
        ..CommandError::new(exit_of(code), format!("update-{code}"), message)
    }
}

/// A few short texts, made once before the process ends.
fn lasting(text: &str) -> &'static str {
    text.to_owned().leak()
}

/// The status that a command ends with.
fn exit_of(code: &str) -> Exit {
    match code {
        "unreachable" | "timed-out" | "status" | "redirected" | "interrupted" | "truncated" | "too-much" => {
            Exit::Service
        }
        "document-too-large" | "not-understood" | "format" => Exit::NotUnderstood,
        "busy" => Exit::Later,
        _ => Exit::Failed,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use semver::Version;

    use super::*;

    /// One of each kind.
    fn errors() -> Vec<UpdateError> {
        let version = || Version::new(9, 3, 0);
        let (host, said) = (|| "github.com".to_owned(), || "Connection refused".to_owned());
        let path = || std::path::PathBuf::from("/home/u/x");
        vec![
            UpdateError::NoKey,
            UpdateError::BadKey(said()),
            UpdateError::Unreachable { host: host(), said: said() },
            UpdateError::TimedOut { host: host() },
            UpdateError::Status { host: host(), status: 404 },
            UpdateError::Redirected { host: host() },
            UpdateError::DocumentTooLarge,
            UpdateError::NotUnderstood(said()),
            UpdateError::Format(2),
            UpdateError::Signature(said()),
            UpdateError::Older { offered: Version::new(0, 1, 0), known: version() },
            UpdateError::NothingNewer(version()),
            UpdateError::NoFile(version()),
            UpdateError::Managed,
            UpdateError::Interrupted { received: 3, size: 4, said: said() },
            UpdateError::Truncated { received: 3, size: 4 },
            UpdateError::TooMuch { size: 4 },
            UpdateError::Checksum,
            UpdateError::DiskFull(path()),
            UpdateError::NotWritable { path: path(), said: said() },
            UpdateError::Io { path: path(), said: said() },
            UpdateError::History(said()),
            UpdateError::AgentStays,
            UpdateError::Busy,
            UpdateError::NotStarted { version: version(), said: said() },
            UpdateError::NotPutBack { version: version(), said: said() },
        ]
    }

    #[test]
    fn every_error_has_its_words_in_both_languages() {
        let mut all = String::new();
        for language in [Language::English, Language::Chinese] {
            let words = Catalog::new(language);
            for error in errors() {
                let error = command_error(&error);
                let text = super::super::super::error_text::error_text(&error, &words, Utc::now(), Tz::UTC);
                assert!(!text.contains(['{', '}']) && !text.contains("update-failed"), "{text}");
                writeln!(all, "{} {}: {text}", error.exit as u8, error.kind).unwrap();
            }
        }
        insta::assert_snapshot!(all);
    }
}
