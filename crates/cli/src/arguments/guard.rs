//! `tidemark guard`.

use clap::{Args, Subcommand, ValueEnum};
use tidemark_core::Meter;
use tidemark_monitor::GuardLimit;

/// `tidemark guard`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct GuardCommand {
    /// What to do; without it, a hook is answered.
    #[command(subcommand)]
    pub action: Option<GuardAction>,
    /// What is guarded.
    #[command(flatten)]
    pub asked: GuardAsked,
}

/// What a hook, or whoever asks, wants to know.
#[derive(Debug, Args)]
pub struct GuardAsked {
    /// Only this account.
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// Answer by the exit status instead of reading a hook's input.
    #[arg(long)]
    pub check: bool,
    /// How old a reading may be.
    #[arg(long, value_name = "MINUTES", default_value_t = 60, hide_default_value = true)]
    pub max_age: u32,
}

/// What to do about the guard.
#[derive(Debug, Subcommand)]
pub enum GuardAction {
    /// Show the limits.
    List,
    /// Set limits.
    Set(GuardSet),
    /// Let a session go on.
    Allow(GuardAllow),
}

/// `tidemark guard set`
#[derive(Debug, Args)]
pub struct GuardSet {
    /// For this account.
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// For this quota.
    #[arg(long, value_name = "METER")]
    pub meter: Option<GuardedMeter>,
    /// From where on to warn.
    #[arg(long, value_name = "PERCENT", value_parser = limit, required_unless_present_any = ["stop", "reset"])]
    pub warn: Option<GuardLimit>,
    /// From where on to stop.
    #[arg(long, value_name = "PERCENT", value_parser = limit)]
    pub stop: Option<GuardLimit>,
    /// Forget what was set for it.
    #[arg(long, conflicts_with_all = ["warn", "stop"])]
    pub reset: bool,
}

/// `tidemark guard allow`
#[derive(Debug, Args)]
pub struct GuardAllow {
    /// The session; the one that was stopped last if absent.
    #[arg(value_name = "SESSION")]
    pub session: Option<String>,
}

/// A quota that is guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GuardedMeter {
    /// The quota of five hours.
    #[value(name = "5h")]
    FiveHour,
    /// The quota of a week.
    Week,
    /// The quota of a month.
    Month,
}

impl From<GuardedMeter> for Meter {
    fn from(meter: GuardedMeter) -> Self {
        match meter {
            GuardedMeter::FiveHour => Self::FiveHour,
            GuardedMeter::Week => Self::Week,
            GuardedMeter::Month => Self::Month,
        }
    }
}

/// `95`, `95%` or `never`.
fn limit(text: &str) -> Result<GuardLimit, String> {
    if text == "never" {
        return Ok(GuardLimit::Never);
    }
    let percent = text.strip_suffix('%').unwrap_or(text).trim().parse().ok().map(GuardLimit::At);
    percent
        .filter(|limit| limit.is_valid())
        .ok_or_else(|| "expected a whole percentage from 1 to 100, or never".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_read_as_people_write_it() {
        for (text, expected) in [
            ("95", Some(GuardLimit::At(95))),
            ("100%", Some(GuardLimit::At(100))),
            ("never", Some(GuardLimit::Never)),
            ("0", None),
            ("101", None),
            ("9.5", None),
            ("", None),
        ] {
            assert_eq!(limit(text).ok(), expected, "{text:?}");
        }
    }
}
