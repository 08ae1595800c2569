//! The command line, for whoever has only one file to start: an AppImage opens the window, and with a command
//! (`Tidemark.AppImage status`, or `agent` at login) is the command line.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use crate::sidecar;

/// Whether arguments are meant for the command line: the first is a command, where this program knows only options.
pub(crate) fn is_meant(arguments: &[OsString]) -> bool {
    arguments.first().is_some_and(|first| !first.is_empty() && !first.as_encoded_bytes().starts_with(b"-"))
}

/// Becomes the command line; where the system cannot do that, runs it and ends as it does.
pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    let program = match sidecar::program() {
        Ok(program) => program,
        Err(error) => return failed(&error),
    };
    let mut command = Command::new(program);
    command.args(arguments);
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        failed(&command.exec())
    }
    #[cfg(windows)]
    if !crate::console::attach() {
        use std::os::windows::process::CommandExt as _;
        // It would get a console of its own, which would appear for a moment.
        const CREATE_NO_WINDOW: u32 = 0x0800_0000;
        command.creation_flags(CREATE_NO_WINDOW);
    }
    #[cfg(not(unix))]
    match command.status() {
        Ok(status) => {
            status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("tidemark-desktop: {error}");
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_meant_for_the_command_line_and_an_option_for_the_window() {
        let meant = |arguments: &[&str]| is_meant(&arguments.iter().map(OsString::from).collect::<Vec<_>>());
        assert!(meant(&["agent"]));
        assert!(meant(&["status", "--json"]));
        assert!(!meant(&[]));
        assert!(!meant(&[""]));
        assert!(!meant(&["--demo"]));
        assert!(!meant(&["--account", "7"]));
    }
}
