//! `tidemark channel` and `tidemark digest`.

use std::path::PathBuf;

use chrono_tz::Tz;
use clap::{Args, Subcommand, ValueEnum};
use tidemark_channels::{ChannelKind, Level};

use super::shared::Keep;
use super::value::{language, word, zone};

/// `tidemark channel`
#[derive(Debug, Args)]
pub struct ChannelCommand {
    /// What to do with channels.
    #[command(subcommand)]
    pub action: ChannelAction,
}

/// What to do with channels.
#[derive(Debug, Subcommand)]
pub enum ChannelAction {
    /// Add a channel.
    Add(Box<ChannelAdd>),
    /// List the channels.
    List,
    /// Send a test message.
    Test(ChannelName),
    /// Remove a channel.
    Remove(ChannelName),
}

/// `tidemark channel test` and `remove`
#[derive(Debug, Args)]
pub struct ChannelName {
    /// Name of the channel.
    pub name: String,
}

/// `tidemark channel add`
#[derive(Debug, Args)]
pub struct ChannelAdd {
    /// A name of your choice.
    pub name: String,
    /// Where messages go.
    #[arg(long, value_name = "KIND", value_parser = word::<ChannelKind>(&KINDS))]
    pub kind: ChannelKind,
    /// The address, where it is no secret.
    #[arg(long, value_name = "URL", conflicts_with_all = ["url_env", "url_stdin"])]
    pub url: Option<String>,
    /// The variable that holds the address.
    #[arg(long, value_name = "NAME", conflicts_with = "url_stdin")]
    pub url_env: Option<String>,
    /// Read the address from standard input.
    #[arg(long)]
    pub url_stdin: bool,
    /// The variable that holds the token, signing secret or password.
    #[arg(long, value_name = "NAME", conflicts_with = "secret_stdin")]
    pub secret_env: Option<String>,
    /// Read the token, signing secret or password from standard input.
    #[arg(long)]
    pub secret_stdin: bool,
    /// Where to store what comes from standard input.
    #[arg(long, value_name = "PLACE")]
    pub keep: Option<Keep>,
    /// Who gets it.
    #[arg(long, value_name = "WHO")]
    pub to: Option<String>,
    /// The sender of mail.
    #[arg(long, value_name = "ADDRESS")]
    pub from: Option<String>,
    /// The program.
    #[arg(long, value_name = "PATH")]
    pub program: Option<PathBuf>,
    /// Allow private addresses.
    #[arg(long)]
    pub allow_private: bool,
    /// The kinds of alert.
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = word::<String>(&ALERTS))]
    pub alerts: Vec<String>,
    /// The accounts.
    #[arg(long, value_name = "NAME")]
    pub account: Vec<String>,
    /// The least level.
    #[arg(long, value_name = "LEVEL", value_parser = word::<Level>(&["info", "warning", "urgent"]))]
    pub level: Option<Level>,
    /// Hours in which nothing is sent.
    #[arg(long, value_name = "FROM-TO")]
    pub quiet: Option<String>,
    /// The zone of the channel's times.
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    pub zone: Option<Tz>,
    /// The language of the channel's texts.
    #[arg(long, value_name = "LANGUAGE", value_parser = language)]
    pub language: Option<String>,
    /// How often it gets a digest.
    #[arg(long, value_name = "PERIOD")]
    pub digest: Option<Period>,
}

/// The words of the kinds of alert.
pub const ALERTS: [&str; 12] = [
    "threshold",
    "likely-empty",
    "likely-lasts",
    "balance-low",
    "extra-usage",
    "budget",
    "reset",
    "credit",
    "anomaly",
    "recovered",
    "withdrawn",
    "key-refused",
];

const KINDS: [&str; 10] =
    ["webhook", "ntfy", "telegram", "feishu", "dingtalk", "wecom", "slack", "discord", "email", "program"];

/// `tidemark digest`
#[derive(Debug, Args)]
pub struct Digest {
    /// The period that it is about.
    #[arg(long, value_name = "PERIOD", default_value = "day")]
    pub period: Period,
}

/// What a digest is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Period {
    /// Yesterday.
    Day,
    /// The last week.
    Week,
}
