//! An error in words, for people.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::exit::{CommandError, Details};
use crate::i18n::{Catalog, Language};
use crate::output::clean;

/// An error for people: what failed, what to do, and what the service or the system said, each once.
pub(super) fn error_text(error: &CommandError, words: &Catalog, now: DateTime<Utc>, zone: Tz) -> String {
    let cause = match error.details.as_deref() {
        Some(Details::Cause(cause)) => Some(cause),
        _ => None,
    };
    let titled = words.failure_title(&error.kind, cause);
    let of_kind = words.failure_title(&error.kind, None);
    // What the command line itself can do about it comes before what a window can. An advice of the kind does not fit a
    // cause that has a title of its own.
    let own_advice = cause
        .and_then(|cause| words.maybe(&format!("cli-advice-{}", cause.id())))
        .or_else(|| words.maybe(&format!("cli-advice-{}", error.kind)).filter(|_| titled == of_kind));
    let (title, advice) = match (&error.words, titled) {
        // A sentence about this very error says more than the title of its kind, and what to do about a file.
        (Some((key, values)), _) => {
            let values: Vec<(&str, &str)> =
                values.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let title = clean(&words.with_all(key, &values));
            // What a value begins is a name, and is written as it is.
            let begins =
                values.iter().any(|(_, value)| !value.is_empty() && title.starts_with(clean(value).as_str()));
            let title = if begins { title } else { capitalised(&title) };
            (title, own_advice.filter(|_| error.kind != "io"))
        }
        (None, Some((title, advice))) => (capitalised(&title), own_advice.or(advice)),
        (None, None) if words.language() == Language::English => {
            (capitalised(&clean(&error.message)), own_advice)
        }
        (None, None) => {
            let code = words.with("error-code", [("code", clean(&error.kind).into())]);
            (words.text("error-other"), Some(code))
        }
    };
    let details = match error.details.as_deref() {
        Some(Details::Said(said)) => Some(words.with("cli-details", [("text", clean(said).into())])),
        Some(Details::Cause(cause)) => words
            .cause_beyond_title(cause, now, zone)
            .map(|why| words.with("cli-cause", [("text", why.into())])),
        None => None,
    };
    let wait = error.retry_after.map(|wait| {
        let wait = chrono::TimeDelta::from_std(wait).unwrap_or(chrono::TimeDelta::MAX);
        words.with("cli-retry-after", [("length", words.length(wait).into())])
    });
    [Some(title), wait, advice, details].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// An error in one line, without what to do about it.
pub(super) fn error_line(error: &CommandError, words: &Catalog) -> String {
    let text = error_text(error, words, Utc::now(), Tz::UTC);
    text.lines().collect::<Vec<_>>().join(" ")
}

/// A text with a capital at its beginning, as every error begins.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use tidemark_core::failure_cause::FailureCause;
    use tidemark_core::{Failure, FailureKind};
    use tidemark_store::StoreError;
    use tidemark_vault::VaultError;

    use super::*;
    use crate::exit::Exit;

    #[test]
    fn every_error_of_the_store_has_its_words() {
        let (english, chinese) = (Catalog::new(Language::English), Catalog::new(Language::Chinese));
        let path = || std::path::PathBuf::from("/data");
        let io = || std::io::Error::other("quota exceeded");
        for error in [
            StoreError::NotThere(path()),
            StoreError::Newer { found: 9, known: 6 },
            StoreError::Older { found: 3, known: 6 },
            StoreError::NotOurs(path()),
            StoreError::Gone(path()),
            StoreError::Damaged("malformed".to_owned()),
            StoreError::DiskFull,
            StoreError::ReadOnly,
            StoreError::CannotOpen,
            StoreError::Busy,
            StoreError::NameTaken("work".to_owned()),
            StoreError::NameEmpty,
            StoreError::OrderIncomplete,
            StoreError::NoSuchReading(tidemark_core::AccountId(1)),
            StoreError::NoSuchAccount(tidemark_core::AccountId(1)),
            StoreError::TooLarge(1.into()),
            StoreError::Unreadable { what: "reading", why: "expected a number".to_owned() },
            StoreError::Io { path: path(), source: io() },
        ] {
            let error = CommandError::from(error);
            for words in [&english, &chinese] {
                let text = error_text(&error, words, DateTime::UNIX_EPOCH, Tz::UTC);
                assert!(!text.contains(&words.text("error-other")), "{}: {text}", error.kind);
                let is_ours = words.language() == Language::Chinese && text.contains("history");
                assert!(!is_ours, "{}: {text}", error.kind);
            }
        }
    }

    #[test]
    fn an_error_says_each_thing_once_and_in_one_language() {
        let now = "2026-09-30T02:00:00Z".parse().unwrap();
        let mut limited: CommandError = Failure::new(FailureKind::RateLimited, "too many requests").into();
        limited.retry_after = Some(std::time::Duration::from_secs(90));
        let errors = [
            CommandError::new(Exit::Failed, "passphrase-short", "the passphrase is too short"),
            CommandError::new(Exit::Failed, "disk-full", "the disk is full"),
            CommandError::new(Exit::Failed, "io", "the pipe broke").quoting("Broken pipe (os error 32)"),
            CommandError::from(VaultError::VariableUnset { name: "WORK_KEY".to_owned() }),
            CommandError::from(VaultError::KeyringLocked),
            CommandError::from(
                Failure::new(FailureKind::Unauthorized, "login refused")
                    .with_cause(FailureCause::ServerLoginRefused { said: Some("Sign in.".to_owned()) }),
            ),
            CommandError::from(
                Failure::new(FailureKind::ServerError, "failed")
                    .with_cause(FailureCause::ServerFailed { status: 500, said: None }),
            ),
            CommandError::from(StoreError::Damaged("database disk image is malformed".to_owned())),
            CommandError::said(Exit::Usage, "usage", "cli-key-one-word", &[]),
            CommandError::usage("nothing in the catalogue says this"),
            limited,
        ];
        let mut all = String::new();
        for language in [Language::English, Language::Chinese] {
            let words = Catalog::new(language);
            for error in &errors {
                all.push_str(&error_text(error, &words, now, Tz::UTC));
                all.push_str("\n\n");
            }
        }
        insta::assert_snapshot!(all);
    }
}
