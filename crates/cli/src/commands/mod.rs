//! The commands, one a file, and what they share: what was asked for, and how they end.

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use chrono_tz::Tz;
use clap::FromArgMatches as _;
use clap::error::ErrorKind;

use crate::arguments::{Arguments, Command, Common};
use crate::exit::{CommandError, Ending, Exit};
use crate::help;
use crate::i18n::{Language, Words};
use crate::output::{self, Output, Style, clean};
use crate::usage;

mod account;
mod agent;
mod engine;
mod explain;
mod export;
mod findings;
mod history;
mod ledger;
mod logs;
mod passphrase;
mod poll;
pub mod read;
mod replay;
mod report;
mod status;
mod stretch;

/// Runs what the command line asks for.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    // The language and the form of an error are needed before the grammar has been applied.
    let asked = asked_language(&arguments);
    let json = arguments.iter().skip(1).take_while(|a| *a != "--").any(|a| a == "--json");
    let words = Words::new(Language::choose(asked.as_deref(), None));
    let parsed = help::grammar(&words)
        .try_get_matches_from(&arguments)
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    match parsed {
        Ok(arguments) => {
            let json = arguments.common.json;
            let asked = Asked { common: arguments.common, language: asked };
            match dispatch(&asked, arguments.command) {
                Ok(exit) => exit.into(),
                Err(ending) => end(ending, json, &words),
            }
        }
        Err(error) => end_by_grammar(&error, json, &words),
    }
}

fn dispatch(asked: &Asked, command: Command) -> Result<Exit, Ending> {
    match command {
        Command::Read(read) => read::run(asked, &read),
        Command::Explain(explain) => explain::run(asked, &explain),
        Command::Account(account) => account::run(asked, account.action),
        Command::Poll(poll) => poll::run(asked, &poll),
        Command::Status(status) => status::run(asked, &status),
        Command::History(history) => history::run(asked, &history),
        Command::Findings(findings) => findings::run(asked, &findings),
        Command::Export(export) => export::run(asked, &export),
        Command::Report(report) => report::run(asked, &report),
        Command::Logs(logs) => logs::run(asked, &logs),
        Command::Replay(replay) => replay::run(asked, &replay),
        Command::Agent(agent) => agent::run(asked, agent),
    }
}

/// What was asked for, before any command's own arguments.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What every command understands.
    pub common: Common,
    language: Option<String>,
}

impl Asked {
    /// The words for people. `setting` is the language that the settings name, where they are at hand.
    #[must_use]
    pub fn words(&self, setting: Option<&str>) -> Words {
        Words::new(Language::choose(self.language.as_deref(), setting))
    }

    /// The zone: asked for, else the settings', else the system's, else UTC.
    #[must_use]
    pub fn zone(&self, setting: Option<Tz>) -> Tz {
        self.common.timezone.or(setting).unwrap_or_else(system_zone)
    }

    /// The way to standard output.
    #[must_use]
    pub fn output(&self, language: Option<&str>, zone: Option<Tz>) -> Output {
        Output::stdout(self.common.json, self.words(language), self.zone(zone))
    }

    /// The data folder.
    pub fn data_dir(&self) -> Result<PathBuf, CommandError> {
        tidemark_api::paths::data_dir(self.common.data_dir.as_deref())
            .ok_or_else(|| CommandError::said(Exit::Usage, "usage", "cli-no-data-dir", &[]))
    }
}

/// The zone of whoever runs this: what the variable TZ names, else the system's, or UTC where it has none that
/// is known.
#[must_use]
pub fn system_zone() -> Tz {
    std::env::var("TZ").ok().and_then(|told| zone_of_variable(&told)).unwrap_or_else(|| {
        iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
    })
}

/// The zone that a value of TZ names; `None` where it is empty or spells rules out (`CET-1CEST`).
fn zone_of_variable(told: &str) -> Option<Tz> {
    let told = told.trim();
    told.strip_prefix(':').unwrap_or(told).parse().ok()
}

/// A small runtime for a command that talks to somebody.
pub fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::new(Exit::Failed, "io", error))
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
fn end_by_grammar(error: &clap::Error, json: bool, words: &Words) -> ExitCode {
    let told = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if !told && json {
        let message = error.to_string();
        let message = message.trim().trim_start_matches("error: ");
        return end(Ending::Error(CommandError::usage(message)), true, words);
    }
    // Nothing to do where the reader has gone.
    if told {
        let mut stdout = io::stdout();
        let help = usage::help(error, words, output::colours(stdout.is_terminal()));
        let _ = stdout.write_all(help.as_bytes()).and_then(|()| stdout.flush());
        return Exit::Done.into();
    }
    let _ = write!(io::stderr().lock(), "{}", usage::text(error, words));
    Exit::Usage.into()
}

/// Ends with an error: a document on standard output with `--json`, else words on standard error.
fn end(ending: Ending, json: bool, words: &Words) -> ExitCode {
    let error = match ending {
        Ending::BrokenPipe => return Exit::Done.into(),
        Ending::Error(error) => error,
    };
    if json {
        let mut line = error.to_json().to_string();
        line.push('\n');
        let mut stdout = io::stdout();
        // Nothing to do where the reader has gone.
        let _ = stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush());
    } else {
        let text = error_text(&error, words);
        let stderr = io::stderr();
        let colour = stderr.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        let head = if colour { "\x1b[1;31mtidemark:\x1b[0m" } else { "tidemark:" };
        let _ = writeln!(stderr.lock(), "{head} {text}");
    }
    error.exit.into()
}

/// Kinds of errors whose title and advice in the catalogue already say everything that their message says.
const FULLY_TITLED: [&str; 18] = [
    "name-taken",
    "key-empty",
    "keyring-absent",
    "keyring-locked",
    "keyring-denied",
    "keyring-gone",
    "keyring-no-answer",
    "key-missing",
    "key-forgotten",
    "login-missing",
    "login-stale",
    "login-other-region",
    "file-locked",
    "wrong-passphrase",
    "passphrase-empty",
    "passphrase-short",
    "disk-full",
    "just-now",
];

/// An error for people: what failed, what to do, and what the service or the system said, each once.
fn error_text(error: &CommandError, words: &Words) -> String {
    // What the command line itself can do about it comes before what a window can.
    let own_advice = words.maybe(&format!("cli-advice-{}", error.kind));
    let titled = ["failure", "error"].iter().find_map(|group| {
        let key = format!("{group}-{}", error.kind);
        words.maybe(&key).map(|title| (title, words.maybe(&format!("{key}.advice"))))
    });
    let (title, advice, details) = match (&error.words, titled) {
        // A sentence about this very error says more than the title of its kind.
        (Some((key, values)), _) => {
            let values: Vec<(&str, &str)> =
                values.iter().map(|(name, value)| (*name, value.as_str())).collect();
            (clean(&words.with_all(key, &values)), own_advice, None)
        }
        (None, Some((title, advice))) => {
            let details = (!error.message.is_empty() && !FULLY_TITLED.contains(&error.kind.as_ref()))
                .then(|| words.with("cli-details", [("text", clean(&error.message).into())]));
            (title, own_advice.or(advice), details)
        }
        (None, None) => (clean(&error.message), own_advice, None),
    };
    let wait = error.retry_after.map(|wait| {
        let wait = chrono::TimeDelta::from_std(wait).unwrap_or(chrono::TimeDelta::MAX);
        words.with("cli-retry-after", [("length", words.length(wait).into())])
    });
    [Some(title), wait, advice, details].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// A heading for a section of people's output.
#[must_use]
pub fn heading(output: &Output, text: &str) -> String {
    output.paint(Style::Strong, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_each_thing_once_and_in_one_language() {
        let mut limited: CommandError =
            tidemark_core::Failure::new(tidemark_core::FailureKind::RateLimited, "too many requests").into();
        limited.retry_after = Some(std::time::Duration::from_secs(90));
        let errors = [
            CommandError::new(Exit::Failed, "passphrase-short", "the passphrase is too short"),
            CommandError::new(Exit::Failed, "disk-full", "the disk is full"),
            CommandError::new(Exit::Failed, "io", "report.html: No such file or directory (os error 2)"),
            CommandError::said(Exit::Usage, "usage", "cli-key-one-word", &[]),
            CommandError::usage("nothing in the catalogue says this"),
            limited,
        ];
        let mut all = String::new();
        for language in [Language::English, Language::Chinese] {
            let words = Words::new(language);
            for error in &errors {
                all.push_str(&error_text(error, &words));
                all.push_str("\n\n");
            }
        }
        insta::assert_snapshot!(all);
    }

    #[test]
    fn the_variable_names_a_zone_or_says_nothing() {
        for (told, zone) in [
            ("Asia/Shanghai", Some(Tz::Asia__Shanghai)),
            (":Europe/Berlin", Some(Tz::Europe__Berlin)),
            ("UTC", Some(Tz::UTC)),
            ("", None),
            (":", None),
            ("CET-1CEST", None),
            ("Europe/Atlantis", None),
        ] {
            assert_eq!(zone_of_variable(told), zone, "{told}");
        }
    }
}
