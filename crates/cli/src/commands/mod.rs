//! The commands, one a file, and what they share: what was asked for, and how they end.

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use chrono::Utc;
use clap::FromArgMatches as _;
use clap::error::ErrorKind;
use tidemark_core::text::escape_json;

use crate::arguments::{Arguments, Command};
use crate::clap_errors;
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::help;
use crate::i18n::{Catalog, Language};
use crate::output;
pub use channel::failure_text as channel_failure_text;
use context::Context;
use error_text::error_text;
pub use successor::without_console;
pub use update::{confirm as confirm_update, recover as recover_update};

mod account;
mod agent;
mod backup;
mod budget;
mod channel;
mod check;
mod completions;
mod context;
mod digest;
mod error_text;
mod explain;
mod export;
mod findings;
mod guard;
mod held_folder;
mod history;
mod hub;
mod hub_agent;
mod hub_file;
mod hub_findings;
mod hub_owner;
mod hub_problem;
mod hub_usage;
mod import;
mod intake;
mod kimi_code;
mod last_known;
mod logs;
mod logs_of_machines;
mod machine;
mod machine_export;
mod man_pages;
mod mcp;
mod own_records;
mod passphrase;
mod poll;
mod read;
mod replay;
mod report;
mod restore;
mod serve;
mod serve_token;
mod status;
mod status_follow;
mod status_line;
mod store_access;
mod successor;
mod time_range;
mod token_file;
mod transport;
mod update;

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
        // To a coding agent that runs a hook, the status of wrong usage means to stop.
        Err(error) if is_hook(&arguments) && error.use_stderr() => {
            end_by_grammar(&error, json, &words);
            Exit::Failed.into()
        }
        Err(error) => end_by_grammar(&error, json, &words),
    }
}

fn dispatch(context: &Context, command: Command) -> Result<Exit, CommandOutcome> {
    match command {
        Command::Read(read) => read::run(context, &read),
        Command::Explain(explain) => explain::run(context, &explain),
        Command::Account(account) => account::run(context, account.action),
        Command::Machine(machine) => machine::run(context, machine.action),
        Command::Hub(hub) => hub::run(context, hub.action),
        Command::Channel(channel) => channel::run(context, channel.action),
        Command::Digest(digest) => digest::run(context, &digest),
        Command::Poll(poll) => poll::run(context, &poll),
        Command::Status(status) if status.follow => status_follow::run(context, &status),
        Command::Status(status) => status::run(context, &status),
        Command::Check(check) => check::run(context, &check),
        Command::Guard(guard) => guard::run(context, guard),
        Command::Budget(budget) => budget::run(context, budget),
        Command::Mcp => mcp::run(context),
        Command::KimiCode(kimi_code) => kimi_code::run(context, kimi_code.action),
        Command::History(history) => history::run(context, &history),
        Command::Findings(findings) => findings::run(context, &findings),
        Command::Export(export) => export::run(context, &export),
        Command::Report(report) => report::run(context, &report),
        Command::Logs(logs) => logs::run(context, &logs),
        Command::Replay(replay) => replay::run(context, &replay),
        Command::Backup(backup) => backup::run(context, &backup),
        Command::Restore(restore) => restore::run(context, &restore),
        Command::Import(import) => import::run(context, &import),
        Command::Intake(intake) => intake::run(context, intake.action),
        Command::Agent(agent) => agent::run(context, agent),
        Command::Serve(serve) => serve::run(context, serve),
        Command::Update(update) => update::run(context, &update),
        Command::Completions(completions) => completions::run(context, &completions),
        Command::ManPages(pages) => man_pages::run(context, &pages),
    }
}

/// Whether the command is one that hooks run.
fn is_hook(arguments: &[OsString]) -> bool {
    let mut arguments = arguments.iter().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            // The options before the command that have a value of their own.
            Some("--lang" | "--data-dir" | "--timezone") => drop(arguments.next()),
            Some(option) if option.starts_with('-') => {}
            command => return command == Some("guard"),
        }
    }
    false
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_is_known_by_its_command() {
        for (typed, expected) in [
            ("tidemark guard --acount x", true),
            ("tidemark --json --lang zh guard", true),
            ("tidemark account remove guard", false),
            ("tidemark --data-dir guard status", false),
            ("tidemark", false),
        ] {
            let typed: Vec<OsString> = typed.split(' ').map(OsString::from).collect();
            assert_eq!(is_hook(&typed), expected, "{typed:?}");
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
}
