//! The formats of session logs, by the programs that write them.

use serde::Serialize;

/// The format of a log: one for each program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Kimi Code, the current command line.
    KimiCode,
    /// The older Kimi command line.
    KimiCli,
    /// Claude Code, pointed at Kimi.
    ClaudeCode,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 3] = [Self::KimiCode, Self::KimiCli, Self::ClaudeCode];

    /// The word for it in JSON and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KimiCode => "kimi-code",
            Self::KimiCli => "kimi-cli",
            Self::ClaudeCode => "claude-code",
        }
    }
}
