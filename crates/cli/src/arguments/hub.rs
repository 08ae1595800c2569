//! `tidemark hub`.

use clap::{Args, Subcommand};
use tidemark_core::Currency;
use tidemark_hub::{Role, UsageBy};

use super::machine::Whether;
use super::value::word;

/// `tidemark hub`
#[derive(Debug, Args)]
pub struct HubCommand {
    /// What to do with the hub.
    #[command(subcommand)]
    pub action: HubAction,
}

/// What to do with the hub.
#[derive(Debug, Subcommand)]
pub enum HubAction {
    /// Make a hub in a database, and join it as its owner.
    Init(HubInit),
    /// Invite someone.
    Invite(HubInvite),
    /// Join a hub.
    Join(HubJoin),
    /// Give the hub all that is new.
    Sync,
    /// Leave the hub.
    Leave(HubLeave),
    /// Show what the team's audit found.
    Findings,
    /// List the members and the open invitations.
    Members,
    /// Remove a member.
    Remove(HubRemove),
    /// Take back an invitation.
    Revoke(HubRevoke),
    /// Say how long single requests are kept.
    Keep(HubKeep),
    /// Show how the hub stands.
    Status,
    /// Show the usage that this member may see.
    Usage(HubUsage),
}

/// `tidemark hub init`
#[derive(Debug, Args)]
pub struct HubInit {
    /// Address of the database, without a password.
    #[arg(value_name = "URL")]
    pub url: String,
    /// The variable that holds the database user's password.
    #[arg(long, value_name = "NAME")]
    pub password_env: Option<String>,
    /// Whether others are given the name of this machine.
    #[arg(long, value_name = "WHETHER", default_value = "no")]
    pub share_machine_name: Whether,
}

/// `tidemark hub invite`
#[derive(Debug, Args)]
pub struct HubInvite {
    /// What the new member may do.
    #[arg(long, value_name = "ROLE", default_value = "member", value_parser = word::<Role>(&["member", "auditor", "owner"]))]
    pub role: Role,
    /// For how many hours it is good.
    #[arg(long, value_name = "HOURS", default_value_t = tidemark_hub::DEFAULT_HOURS,
          value_parser = clap::value_parser!(u16).range(1..=8760))]
    pub hours: u16,
}

/// `tidemark hub join`
#[derive(Debug, Args)]
pub struct HubJoin {
    /// The invitation; `-` reads it from standard input.
    #[arg(value_name = "INVITATION")]
    pub invitation: String,
    /// What others call this member.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The variable that holds the password to be used from now on.
    #[arg(long, value_name = "NAME")]
    pub password_env: Option<String>,
    /// Whether others are given the name of this machine.
    #[arg(long, value_name = "WHETHER", default_value = "no")]
    pub share_machine_name: Whether,
}

/// `tidemark hub leave`
#[derive(Debug, Args)]
pub struct HubLeave {
    /// Remove all that this member has given.
    #[arg(long)]
    pub remove_mine: bool,
}

/// `tidemark hub remove`
#[derive(Debug, Args)]
pub struct HubRemove {
    /// The member's name.
    #[arg(value_name = "MEMBER")]
    pub member: String,
    /// Keep what the member has given.
    #[arg(long)]
    pub keep_usage: bool,
}

/// `tidemark hub revoke`
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct HubRevoke {
    /// The invitation's id, as `hub members` lists it.
    #[arg(value_name = "ID")]
    pub invitation: Option<String>,
    /// All invitations that no one has used.
    #[arg(long)]
    pub all: bool,
}

/// `tidemark hub keep`
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct HubKeep {
    /// For this many months besides the current one besides the current one.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=1200))]
    pub months: Option<u16>,
    /// As long as there is room.
    #[arg(long)]
    pub all: bool,
}

/// `tidemark hub usage`
#[derive(Debug, Args)]
pub struct HubUsage {
    /// What to group by.
    #[arg(long, value_name = "WHAT", default_value = "day",
          value_parser = word::<UsageBy>(&["member", "machine", "client", "model", "project", "day", "month"]))]
    pub by: UsageBy,
    /// From this day.
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// Up to and including this day.
    #[arg(long, value_name = "DAY")]
    pub to: Option<String>,
    /// Currency of the open-platform prices.
    #[arg(long, value_name = "CURRENCY", default_value = "USD", value_parser = word::<Currency>(&["USD", "CNY"]))]
    pub currency: Currency,
}
