//! The agent as an application of macOS: `Tidemark Agent.app`, inside `Tidemark.app`.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use tidemark_files::{bundle, process};

/// What the system sets for whatever it opens itself, to the application's id. It is handed down to what that starts.
const OPENED_AS: &str = "__CFBundleIdentifier";

/// What this program was called with. Opened by the system, as by a click on a notification of an agent that has ended
/// since, it has no arguments and is to be the agent.
pub fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let is_opened = std::env::var_os(OPENED_AS).is_some_and(|id| id == bundle::AGENT_ID);
    if arguments.len() < 2 && is_opened {
        arguments = vec!["tidemark".into(), "agent".into()];
    }
    arguments
}

/// Starts this program again by its real name, where it was called by a link: the system takes the name for the place of
/// the application, and without one there is no notification whose click is reported. Does nothing elsewhere.
pub fn enter() {
    let (Ok(called), Ok(real)) = (std::env::current_exe(), process::own_program()) else { return };
    if called == real || bundle::of(&real).is_none() {
        return;
    }
    // It comes back only where that failed; the agent then runs as it was called.
    let error = Command::new(real).args(std::env::args_os().skip(1)).exec();
    tracing::warn!(%error, "the agent does not run as an application");
}
