//! The grammar of the command line. Its help texts come from the catalogue, see [`crate::help`]; the
//! comments here are for readers of the code and stand in where the catalogue has no text.

use std::path::PathBuf;

use chrono_tz::Tz;
use clap::{Args, Parser, Subcommand};

mod account;
mod asking;
mod budget;
mod channel;
mod files;
mod guard;
mod hub;
mod intake;
mod kimi_code;
mod machine;
mod running;
mod serve;
mod shared;
mod showing;
mod value;

pub use account::{
    AccountAction, AccountAdd, AccountCommand, AccountRemove, AccountSetKey, AccountTest, KeySource,
    NewKeySource,
};
pub use asking::{Explain, Poll, Read};
pub use budget::{BudgetAction, BudgetCommand, BudgetRemove, BudgetSet};
#[cfg(test)]
pub use channel::ALERTS;
pub use channel::{ChannelAction, ChannelAdd, ChannelCommand, Digest, Period};
pub use files::{Backup, Export, Import, Replay, Report, ReportFormat, Restore};
pub use guard::{GuardAction, GuardAllow, GuardAsked, GuardCommand, GuardSet};
pub use hub::{
    HubAction, HubCommand, HubInit, HubInvite, HubJoin, HubKeep, HubLeave, HubRemove, HubRevoke, HubUsage,
};
pub use intake::{IntakeAction, IntakeCommand, LitellmAction, LitellmOn, OtlpAction};
pub use kimi_code::{CodingAgent, KimiCodeAction, KimiCodeCommand, KimiCodeInstall, KimiCodeUninstall};
pub use machine::{
    MachineAction, MachineAdd, MachineCommand, MachineExport, MachineRemove, MachineRename, MachineThis,
    MachineWay, Whether,
};
pub use running::{Agent, Completions, ManPages, Update};
pub use serve::{Serve, ServeAction, TokenAction, TokenPlace};
pub use shared::{Keep, Passphrase, Place, TimeRange};
pub use showing::{Check, CheckedMeter, Findings, History, Logs, Status, StatusFormat};

use value::{language, zone};

/// See how much of your Kimi quota and balance is used, and how much is left.
#[derive(Debug, Parser)]
#[command(
    name = "tidemark",
    bin_name = "tidemark",
    version,
    propagate_version = true,
    disable_help_subcommand = true
)]
pub struct Arguments {
    /// The options that every command has.
    #[command(flatten)]
    pub common: Common,
    /// The command itself.
    #[command(subcommand)]
    pub command: Command,
}

/// The options that every command has.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Print JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// Folder of the history and settings.
    // The variable is read where the folder is looked for: the grammar takes an empty one for a mistake.
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Time zone in which days and months are counted.
    #[arg(long, global = true, value_name = "ZONE", value_parser = zone)]
    pub timezone: Option<Tz>,
    /// The language of the output.
    #[arg(long, global = true, value_name = "LANGUAGE", value_parser = language)]
    pub lang: Option<String>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Poll an account once, without saving the result.
    Read(Read),
    /// Explain an API error response.
    Explain(Explain),
    /// Add, list, remove, rename and test accounts.
    Account(AccountCommand),
    /// Share usage with your other machines.
    Machine(MachineCommand),
    /// Share usage with your team, in a PostgreSQL database.
    Hub(HubCommand),
    /// Send alerts to chat services, phones, mail and programs.
    Channel(ChannelCommand),
    /// Poll every account once and save the results.
    Poll(Poll),
    /// Run the agent, with tray and notifications, until it is stopped.
    Agent(Agent),
    /// Serve the page to browsers.
    Serve(Serve),
    /// Show the latest readings.
    Status(Status),
    /// Say by the exit status whether enough is left.
    Check(Check),
    /// Stop coding agents before a quota is used up; run by their hooks.
    Guard(GuardCommand),
    /// Be notified when so much of an account is used.
    Budget(BudgetCommand),
    /// Enter the status line and the guard in Kimi Code’s configuration.
    KimiCode(KimiCodeCommand),
    /// Answer coding agents over the Model Context Protocol.
    Mcp,
    /// Show deductions by hour, day or month.
    History(History),
    /// Sum up yesterday or the last week.
    Digest(Digest),
    /// Show events: resets, credits, anomalies, changes.
    Findings(Findings),
    /// Export the recorded history.
    Export(Export),
    /// Write an evidence report, or check one.
    Report(Report),
    /// Show token usage from local session logs.
    Logs(Logs),
    /// Re-run the analysis on an exported history.
    Replay(Replay),
    /// Save a copy of the whole history and settings, without keys.
    Backup(Backup),
    /// Put a backup in the place of the history and settings.
    Restore(Restore),
    /// Make exports part of the history.
    Import(Import),
    /// Take in what your own programs say of their usage.
    Intake(IntakeCommand),
    /// Check for a newer version, and install it.
    Update(Update),
    /// Print the completions of a shell.
    Completions(Completions),
    /// Write the manual pages of all commands; for packages.
    #[command(hide = true)]
    ManPages(ManPages),
}

impl Command {
    /// Whether its own options ask for JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        matches!(self, Self::Status(status) if status.format == Some(StatusFormat::Json))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_grammar_holds_together() {
        Arguments::command().debug_assert();
    }
}
