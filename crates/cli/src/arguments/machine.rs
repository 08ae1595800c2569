//! `tidemark machine`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use tidemark_machines::{Cursor, NotACursor};

use super::shared::Keep;

/// `tidemark machine`
#[derive(Debug, Args)]
pub struct MachineCommand {
    /// What to do with machines.
    #[command(subcommand)]
    pub action: MachineAction,
}

/// What to do with machines.
#[derive(Debug, Subcommand)]
pub enum MachineAction {
    /// Show this machine, the others, and how their records come.
    List,
    /// Add another machine, or a folder that several share.
    Add(MachineAdd),
    /// Remove a machine or a folder.
    Remove(MachineRemove),
    /// Rename a machine or a folder.
    Rename(MachineRename),
    /// Remove a machine with its usage, and ignore it.
    Forget(MachineForget),
    /// Take in again what an ignored machine says.
    Restore(MachineRestore),
    /// Exchange records now.
    Sync(MachineSync),
    /// Show or change what other machines know of this one.
    This(MachineThis),
    /// Print this machine's records for another one.
    Export(MachineExport),
}

/// `tidemark machine add`
#[derive(Debug, Args)]
pub struct MachineAdd {
    /// A name of your choice.
    pub name: String,
    /// Where the records come from.
    #[command(flatten)]
    pub way: MachineWay,
    /// Path of tidemark on the host.
    #[arg(long, value_name = "PATH", requires = "ssh", conflicts_with = "folder")]
    pub command: Option<String>,
    /// The variable that holds the folder's passphrase.
    #[arg(long, value_name = "NAME", requires = "folder", conflicts_with = "ssh")]
    pub passphrase_env: Option<String>,
    /// Where to store the folder's passphrase.
    #[arg(long, value_name = "PLACE", requires = "folder", conflicts_with_all = ["passphrase_env", "ssh"])]
    pub keep: Option<Keep>,
}

/// Where the records of another machine come from.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct MachineWay {
    /// A host that is asked over SSH.
    #[arg(long, value_name = "HOST")]
    pub ssh: Option<String>,
    /// A folder that several machines share.
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// `tidemark machine remove`
#[derive(Debug, Args)]
pub struct MachineRemove {
    /// Name of the machine or folder.
    pub name: String,
    /// What becomes of its usage.
    #[command(flatten)]
    pub usage: MachineUsage,
}

/// What becomes of the usage of a machine that is removed.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct MachineUsage {
    /// Keep the usage that came from it.
    #[arg(long)]
    pub keep_use: bool,
    /// Remove the usage that came from it, too.
    #[arg(long)]
    pub drop_use: bool,
}

/// `tidemark machine rename`
#[derive(Debug, Args)]
pub struct MachineRename {
    /// Name of the machine or folder.
    pub name: String,
    /// The new name.
    pub new_name: String,
}

/// `tidemark machine forget`
#[derive(Debug, Args)]
pub struct MachineForget {
    /// Name of the machine.
    pub name: String,
}

/// `tidemark machine restore`
#[derive(Debug, Args)]
pub struct MachineRestore {
    /// Name of the machine.
    pub name: String,
}

/// `tidemark machine sync`
#[derive(Debug, Args)]
pub struct MachineSync {
    /// Name of the machine or folder.
    pub name: Option<String>,
}

/// `tidemark machine this`
#[derive(Debug, Args)]
pub struct MachineThis {
    /// What this machine is called.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Whether other machines are given the names of projects.
    #[arg(long, value_name = "WHETHER")]
    pub share_projects: Option<Whether>,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Whether {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// `tidemark machine export`
#[derive(Debug, Args)]
pub struct MachineExport {
    /// Only what is new since a cursor.
    #[arg(long, value_name = "CURSOR", value_parser = cursor)]
    pub since: Option<Cursor>,
}

/// A cursor, or the whole line of an export that has it.
fn cursor(text: &str) -> Result<Cursor, NotACursor> {
    let line: Option<serde_json::Value> =
        text.trim_start().starts_with('{').then(|| serde_json::from_str(text).ok()).flatten();
    let named = line.as_ref().and_then(|line| line.get("cursor")?.as_str());
    named.unwrap_or(text).trim().parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_taken_alone_or_with_its_line() {
        for text in
            ["1.0a.7", " 1.0a.7 ", r#"{"kind":"end","cursor":"1.0a.7"}"#, "{\"cursor\": \"1.0a.7\"}\n"]
        {
            assert_eq!(cursor(text).map(|cursor| cursor.to_string()).as_deref(), Ok("1.0a.7"), "{text}");
        }
        for text in ["", "7", "{}", r#"{"kind":"end"}"#, r#"{"cursor":7}"#, "{\"cursor\":\"1.0a.7\""] {
            assert_eq!(cursor(text), Err(NotACursor), "{text}");
        }
    }
}
