//! What `tidemark logs` groups by: what a scan of the logs does, or the machines, of which only the history knows.

use std::fmt;
use std::str::FromStr;

use tidemark_logs::By;

/// What to group by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogsBy {
    /// As a scan of the logs does.
    Scan(By),
    /// By machine.
    Machine,
}

impl LogsBy {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scan(by) => by.as_str(),
            Self::Machine => "machine",
        }
    }

    /// Whether the rows are in the order of time, and not of their size.
    #[must_use]
    pub const fn is_of_time(self) -> bool {
        matches!(self, Self::Scan(By::Day | By::Month))
    }
}

impl fmt::Display for LogsBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for LogsBy {
    type Err = <By as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "machine" { Ok(Self::Machine) } else { text.parse().map(Self::Scan) }
    }
}
