//! The commands, one a file, and what they share: what was asked for, and how they end.

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use clap::FromArgMatches as _;
use clap::error::ErrorKind;
use tidemark_core::text::escape_json;

use crate::arguments::{Arguments, Command};
use crate::clap_errors;
use crate::exit::{CommandError, CommandOutcome, Details, Exit};
use crate::help;
use crate::i18n::{Catalog, Language};
use crate::output::{self, clean};
use context::Context;

mod account;
mod agent;
mod backup;
mod completions;
mod context;
mod explain;
mod export;
mod findings;
mod history;
mod import;
mod logs;
mod man_pages;
mod passphrase;
mod poll;
mod read;
mod replay;
mod report;
mod restore;
mod status;
mod store_access;
mod successor;
mod time_range;
mod transport;

/// Runs what the command line asks for.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = with_help(arguments.into_iter().collect());
    // The language and the form of an error are needed before the grammar has been applied.
    let language = asked_language(&arguments);
    let json = arguments.iter().skip(1).take_while(|a| *a != "--").any(|a| a == "--json");
    let words = Catalog::new(Language::choose(language.as_deref(), None));
    let parsed = help::grammar(&words)
        .try_get_matches_from(&arguments)
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    match parsed {
        Ok(mut arguments) => {
            arguments.common.json |= arguments.command.is_json();
            let json = arguments.common.json;
            let context = Context::new(arguments.common, language);
            match dispatch(&context, arguments.command) {
                Ok(exit) => exit.into(),
                Err(ending) => end(ending, json, &words),
            }
        }
        Err(error) => end_by_grammar(&error, json, &words),
    }
}

fn dispatch(context: &Context, command: Command) -> Result<Exit, CommandOutcome> {
    match command {
        Command::Read(read) => read::run(context, &read),
        Command::Explain(explain) => explain::run(context, &explain),
        Command::Account(account) => account::run(context, account.action),
        Command::Poll(poll) => poll::run(context, &poll),
        Command::Status(status) => status::run(context, &status),
        Command::History(history) => history::run(context, &history),
        Command::Findings(findings) => findings::run(context, &findings),
        Command::Export(export) => export::run(context, &export),
        Command::Report(report) => report::run(context, &report),
        Command::Logs(logs) => logs::run(context, &logs),
        Command::Replay(replay) => replay::run(context, &replay),
        Command::Backup(backup) => backup::run(context, &backup),
        Command::Restore(restore) => restore::run(context, &restore),
        Command::Import(import) => import::run(context, &import),
        Command::Agent(agent) => agent::run(context, agent),
        Command::Completions(completions) => completions::run(context, &completions),
        Command::ManPages(pages) => man_pages::run(context, &pages),
    }
}

/// `tidemark help history` is `tidemark history --help`.
fn with_help(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let mut place = 1;
    while let Some(argument) = arguments.get(place).and_then(|argument| argument.to_str()) {
        match argument {
            "help" => {
                arguments.remove(place);
                arguments.push("--help".into());
                return arguments;
            }
            // The options before the command that have a value of their own.
            "--lang" | "--data-dir" | "--timezone" => place += 2,
            option if option.starts_with("--") && option.len() > 2 => place += 1,
            _ => return arguments,
        }
    }
    arguments
}

fn asked_language(arguments: &[OsString]) -> Option<String> {
    let mut arguments = arguments.iter().skip(1).filter_map(|a| a.to_str()).take_while(|a| *a != "--");
    while let Some(argument) = arguments.next() {
        if argument == "--lang" {
            return arguments.next().map(ToOwned::to_owned);
        }
        if let Some(tag) = argument.strip_prefix("--lang=") {
            return Some(tag.to_owned());
        }
    }
    None
}

/// Ends with what the grammar says: the help or the version, or wrong usage.
fn end_by_grammar(error: &clap::Error, json: bool, words: &Catalog) -> ExitCode {
    let asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if !asked_for && json {
        let message = tidemark_kimi::redact::text(&error.to_string());
        let message = message.trim().trim_start_matches("error: ");
        return end(CommandOutcome::Error(CommandError::usage(message)), true, words);
    }
    // Nothing to do where the reader has gone.
    if asked_for {
        let mut stdout = io::stdout();
        let help = clap_errors::help(error, words, output::colours(stdout.is_terminal()));
        let _ = stdout.write_all(help.as_bytes()).and_then(|()| stdout.flush());
        return Exit::Done.into();
    }
    output::say(clap_errors::text(error, words).trim_end());
    Exit::Usage.into()
}

/// Ends with an error: a document on standard output with `--json`, else words on standard error.
fn end(ending: CommandOutcome, json: bool, words: &Catalog) -> ExitCode {
    let error = match ending {
        CommandOutcome::BrokenPipe => return Exit::Done.into(),
        CommandOutcome::Error(error) => error,
    };
    if json {
        let mut line = escape_json(&error.to_json().to_string()).into_owned();
        line.push('\n');
        let mut stdout = io::stdout();
        // Nothing to do where the reader has gone.
        let _ = stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush());
    } else {
        output::complain(&error_text(&error, words, Utc::now(), context::environment_zone().0));
    }
    error.exit.into()
}

/// An error for people: what failed, what to do, and what the service or the system said, each once.
fn error_text(error: &CommandError, words: &Catalog, now: DateTime<Utc>, zone: Tz) -> String {
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
            (clean(&words.with_all(key, &values)), own_advice.filter(|_| error.kind != "io"))
        }
        (None, Some((title, advice))) => (title, own_advice.or(advice)),
        (None, None) if words.language() == Language::English => (clean(&error.message), own_advice),
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
    [Some(capitalised(&title)), wait, advice, details].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// An error in one line, without what to do about it.
fn error_line(error: &CommandError, words: &Catalog) -> String {
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
    fn help_is_a_word_as_well_as_an_option() {
        for (typed, meant) in [
            ("tidemark help", "tidemark --help"),
            ("tidemark help history", "tidemark history --help"),
            ("tidemark --lang zh help account add", "tidemark --lang zh account add --help"),
            ("tidemark --json help", "tidemark --json --help"),
            ("tidemark account add help", "tidemark account add help"),
            ("tidemark -- help", "tidemark -- help"),
            ("tidemark", "tidemark"),
        ] {
            let typed = typed.split(' ').map(OsString::from).collect();
            assert_eq!(with_help(typed).join(std::ffi::OsStr::new(" ")), meant);
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
