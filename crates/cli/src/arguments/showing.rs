//! Commands that show what is known: `status`, `check`, `history`, `findings`, `logs`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tidemark_core::calendar::Span;
use tidemark_core::{Currency, Meter};

use super::shared::TimeRange;
use super::value::word;
use crate::logs_by::LogsBy;
use crate::output::bar::BarProgram;

/// `tidemark status`
#[derive(Debug, Args)]
pub struct Status {
    /// Only this account.
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// One short line, for a status bar.
    #[arg(long, conflicts_with = "format")]
    pub line: bool,
    /// How to print it.
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<StatusFormat>,
    /// Columns that a line may have.
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(1..))]
    pub width: Option<u16>,
    /// Also estimate whether each quota lasts until its reset.
    #[arg(long, conflicts_with = "line")]
    pub forecast: bool,
    /// Print it again whenever it changes, and at least once a minute, until standard output is closed.
    #[arg(long)]
    pub follow: bool,
}

/// How the status is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatusFormat {
    /// Tables for people.
    Text,
    /// One short line.
    Line,
    /// JSON, as with `--json`.
    Json,
    /// For Waybar.
    Waybar,
    /// For i3status-rust.
    I3status,
    /// For polybar.
    Polybar,
    /// For tmux.
    Tmux,
    /// For Starship.
    Starship,
    /// For SwiftBar.
    Swiftbar,
    /// For Kimi Code’s status line.
    KimiCode,
}

impl StatusFormat {
    /// The status bar that it is for.
    #[must_use]
    pub const fn bar(self) -> Option<BarProgram> {
        Some(match self {
            Self::Text | Self::Line | Self::Json | Self::KimiCode => return None,
            Self::Waybar => BarProgram::Waybar,
            Self::I3status => BarProgram::I3Status,
            Self::Polybar => BarProgram::Polybar,
            Self::Tmux => BarProgram::Tmux,
            Self::Starship => BarProgram::Starship,
            Self::Swiftbar => BarProgram::SwiftBar,
        })
    }
}

/// `tidemark check`
#[derive(Debug, Args)]
pub struct Check {
    /// Only this account.
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// Which quota, or the balance.
    #[arg(long, value_name = "METER", default_value = "any", hide_default_value = true)]
    pub meter: CheckedMeter,
    /// How much has to be left: percent of a quota, or an amount of money.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    pub left: Option<String>,
    /// How old a reading may be.
    #[arg(long, value_name = "MINUTES")]
    pub max_age: Option<u32>,
}

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckedMeter {
    /// The quota of five hours.
    #[value(name = "5h")]
    FiveHour,
    /// The quota of a week.
    Week,
    /// The quota of a month.
    Month,
    /// The balance of the open platform.
    Balance,
    /// Every quota.
    Any,
}

impl CheckedMeter {
    /// The quota, where it is one.
    #[must_use]
    pub const fn quota(self) -> Option<Meter> {
        match self {
            Self::FiveHour => Some(Meter::FiveHour),
            Self::Week => Some(Meter::Week),
            Self::Month => Some(Meter::Month),
            Self::Balance | Self::Any => None,
        }
    }
}

/// `tidemark history`
#[derive(Debug, Args)]
pub struct History {
    /// The size of a bucket.
    #[arg(long, value_name = "SPAN", value_parser = word::<Span>(&["hour", "day", "month"]))]
    pub by: Span,
    /// Only this account.
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// The span to show.
    #[command(flatten)]
    pub time_range: TimeRange,
    /// Print CSV.
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}

/// `tidemark findings`
#[derive(Debug, Args)]
pub struct Findings {
    /// Only this account.
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// The span to show.
    #[command(flatten)]
    pub time_range: TimeRange,
}

/// `tidemark logs`
#[derive(Debug, Args)]
pub struct Logs {
    /// Read logs in this folder only, instead of the user's home.
    #[arg(long, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// What to group by.
    #[arg(long, value_name = "WHAT", default_value = "day",
          value_parser = word::<LogsBy>(&["day", "month", "model", "project", "session", "client", "machine"]))]
    pub by: LogsBy,
    /// The span to sum up.
    #[command(flatten)]
    pub time_range: TimeRange,
    /// Currency of the open-platform prices.
    #[arg(long, value_name = "CURRENCY", default_value = "USD", value_parser = word::<Currency>(&["USD", "CNY"]))]
    pub currency: Currency,
    /// Usage of this machine in the recorded history: a name, all or this.
    #[arg(long, value_name = "MACHINE", conflicts_with = "home")]
    pub machine: Option<String>,
}
