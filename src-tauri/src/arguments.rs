//! The few arguments of the window's program.

use std::ffi::OsString;
use std::path::PathBuf;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
The window of Tidemark. Starts the background agent if none is running.

Usage: tidemark-desktop [OPTIONS]
       tidemark-desktop COMMAND …    The command line; see tidemark --help

Options:
      --account ID     Show this account
      --page PAGE      Open at overview, history, use, findings, accounts or settings
      --demo           Show sample data: needs no account and no network, and leaves your data untouched
      --agent          Start the background agent if none is running, and open no window
      --data-dir DIR   Folder of the history and settings; also set by TIDEMARK_DATA_DIR
  -h, --help           Print help
  -V, --version        Print version
";

/// The pages of the window.
const PAGES: [&str; 6] = ["overview", "history", "use", "findings", "accounts", "settings"];

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// Show this account.
    pub account: Option<i64>,
    /// Open at this page, one of [`PAGES`].
    pub page: Option<&'static str>,
    /// Show sample data.
    pub demo: bool,
    /// Another data folder.
    pub data_dir: Option<PathBuf>,
    /// Only say what there is to say.
    pub only: Option<Only>,
}

/// Asked for instead of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Only {
    /// `--help`.
    Help,
    /// `--version`.
    Version,
    /// `--agent`.
    Agent,
}

/// What is wrong with the arguments.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WrongUse {
    /// There is no such argument.
    #[error("unexpected argument {0:?}; see --help")]
    Unknown(String),
    /// An argument came without its value.
    #[error("{0} needs a value; see --help")]
    NoValue(&'static str),
    /// A value is not one of those that can be.
    #[error("{name} cannot be {value:?}; expected {expected}")]
    BadValue {
        /// The argument.
        name: &'static str,
        /// What was given.
        value: String,
        /// What could have been.
        expected: &'static str,
    },
}

impl Arguments {
    /// Reads arguments, the program's own name left out. A value follows its argument, or stands after `=`.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Arguments, WrongUse> {
        let mut parsed = Arguments::default();
        let mut rest = arguments.into_iter();
        while let Some(argument) = rest.next() {
            let text = argument.to_string_lossy().into_owned();
            let (name, attached) = match text.split_once('=') {
                Some((name, value)) => (name, Some(OsString::from(value))),
                None => (text.as_str(), None),
            };
            let mut value = |name| attached.clone().or_else(|| rest.next()).ok_or(WrongUse::NoValue(name));
            match name {
                "--account" => parsed.account = Some(account(&value("--account")?)?),
                "--page" => parsed.page = Some(page(&value("--page")?)?),
                "--data-dir" => parsed.data_dir = Some(PathBuf::from(value("--data-dir")?)),
                "--demo" if attached.is_none() => parsed.demo = true,
                "--agent" if attached.is_none() => parsed.only = Some(Only::Agent),
                "-h" | "--help" => parsed.only = Some(Only::Help),
                "-V" | "--version" => parsed.only = Some(Only::Version),
                _ => return Err(WrongUse::Unknown(text)),
            }
        }
        Ok(parsed)
    }
}

fn account(value: &OsString) -> Result<i64, WrongUse> {
    let value = value.to_string_lossy();
    value.parse().map_err(|_| WrongUse::BadValue {
        name: "--account",
        value: value.into_owned(),
        expected: "an account's number",
    })
}

fn page(value: &OsString) -> Result<&'static str, WrongUse> {
    let value = value.to_string_lossy();
    PAGES.into_iter().find(|page| *page == value).ok_or_else(|| WrongUse::BadValue {
        name: "--page",
        value: value.into_owned(),
        expected: "overview, history, use, findings, accounts or settings",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Arguments, WrongUse> {
        Arguments::parse(arguments.iter().map(OsString::from))
    }

    #[test]
    fn arguments_are_read() {
        let nothing = Arguments::default();
        let table: [(&[&str], Arguments); 8] = [
            (&[], nothing.clone()),
            (&["--demo"], Arguments { demo: true, ..nothing.clone() }),
            (&["--account", "7"], Arguments { account: Some(7), ..nothing.clone() }),
            (
                &["--account=7", "--page=history"],
                Arguments { account: Some(7), page: Some("history"), ..nothing.clone() },
            ),
            (&["--data-dir", "/a=b"], Arguments { data_dir: Some("/a=b".into()), ..nothing.clone() }),
            (&["--data-dir=/a=b"], Arguments { data_dir: Some("/a=b".into()), ..nothing.clone() }),
            (&["--agent"], Arguments { only: Some(Only::Agent), ..nothing.clone() }),
            (&["-V"], Arguments { only: Some(Only::Version), ..nothing }),
        ];
        for (given, expected) in table {
            assert_eq!(parse(given), Ok(expected), "{given:?}");
        }
    }

    #[test]
    fn wrong_ones_are_refused() {
        assert_eq!(parse(&["--acount"]), Err(WrongUse::Unknown("--acount".to_owned())));
        assert_eq!(parse(&["--demo=yes"]), Err(WrongUse::Unknown("--demo=yes".to_owned())));
        assert_eq!(parse(&["--page"]), Err(WrongUse::NoValue("--page")));
        assert!(matches!(parse(&["--account", "work"]), Err(WrongUse::BadValue { name: "--account", .. })));
        assert!(matches!(parse(&["--page", "../x"]), Err(WrongUse::BadValue { name: "--page", .. })));
    }

    #[test]
    fn the_help_names_every_page() {
        for page in PAGES {
            assert!(HELP.contains(page), "{page}");
        }
    }
}
