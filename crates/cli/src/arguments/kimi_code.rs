//! `tidemark kimi-code`.

use clap::{Args, Subcommand, ValueEnum};

/// `tidemark kimi-code`
#[derive(Debug, Args)]
pub struct KimiCodeCommand {
    /// What to do.
    #[command(subcommand)]
    pub action: KimiCodeAction,
}

/// What to do about a coding agent's configuration.
#[derive(Debug, Subcommand)]
pub enum KimiCodeAction {
    /// Enter the status line and the guard.
    Install(KimiCodeInstall),
    /// Take them out again.
    Uninstall(KimiCodeUninstall),
    /// Say what is entered.
    Status,
}

/// `tidemark kimi-code install`
#[derive(Debug, Args)]
pub struct KimiCodeInstall {
    /// Only the status line.
    #[arg(long)]
    pub status_line: bool,
    /// Only the guard.
    #[arg(long)]
    pub guard: bool,
    /// Whose configuration it is.
    #[arg(long, value_name = "PROGRAM", default_value = "kimi-code", hide_default_value = true)]
    pub program: CodingAgent,
    /// The account that the program uses.
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// Show the change, and make none.
    #[arg(long)]
    pub dry_run: bool,
}

/// `tidemark kimi-code uninstall`
#[derive(Debug, Args)]
pub struct KimiCodeUninstall {
    /// Whose configuration it is.
    #[arg(long, value_name = "PROGRAM", default_value = "kimi-code", hide_default_value = true)]
    pub program: CodingAgent,
    /// Show the change, and make none.
    #[arg(long)]
    pub dry_run: bool,
}

/// A coding agent that runs commands of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CodingAgent {
    /// Kimi Code.
    KimiCode,
    /// Claude Code, pointed at Kimi.
    ClaudeCode,
}
