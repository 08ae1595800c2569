//! `tidemark`: the command line, and the agent with its tray and notifications.

#![allow(unreachable_pub, reason = "a program has no outside: `pub` says what a module offers to the others")]

mod agent;
#[cfg(target_os = "macos")]
mod application;
mod arguments;
mod autostart;
mod autostart_error;
mod budget_text;
mod causes;
mod clap_errors;
mod commands;
mod digest;
mod exit;
mod file_errors;
mod flatpak;
mod format;
mod grouping;
mod help;
mod i18n;
#[cfg(any(target_os = "macos", test))]
mod launch_agent;
mod logs_by;
mod messages;
mod notify;
mod output;
mod service;
#[cfg(test)]
mod test_engine;
mod tray;
mod updates;
mod window;

fn main() -> std::process::ExitCode {
    // Any command may read a key.
    tidemark_files::process::keep_memory_private();
    #[cfg(target_os = "macos")]
    let arguments = application::arguments();
    #[cfg(not(target_os = "macos"))]
    let arguments = std::env::args_os();
    commands::run(arguments)
}
