//! The formats of session logs, by the programs that write them.

use serde::Serialize;
use tidemark_core::request::Dating;

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
    /// OpenCode.
    #[serde(rename = "opencode")]
    OpenCode,
    /// Kilo.
    Kilo,
    /// Crush.
    Crush,
    /// Goose.
    Goose,
    /// Zed.
    Zed,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 8] = [
        Self::KimiCode,
        Self::KimiCli,
        Self::ClaudeCode,
        Self::OpenCode,
        Self::Kilo,
        Self::Crush,
        Self::Goose,
        Self::Zed,
    ];

    /// The word for it in JSON and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KimiCode => "kimi-code",
            Self::KimiCli => "kimi-cli",
            Self::ClaudeCode => "claude-code",
            Self::OpenCode => "opencode",
            Self::Kilo => "kilo",
            Self::Crush => "crush",
            Self::Goose => "goose",
            Self::Zed => "zed",
        }
    }

    /// Which of several states of a request counts. In a file that only grows, states of an answer that is streamed follow
    /// each other. In a database a row is written over: with a sum that grows, or by Crush with what the last call had.
    pub(crate) const fn dating(self) -> Dating {
        match self {
            Self::KimiCode | Self::KimiCli | Self::ClaudeCode => Dating::First,
            Self::OpenCode | Self::Kilo | Self::Goose | Self::Zed => Dating::Growing,
            Self::Crush => Dating::Latest,
        }
    }
}
