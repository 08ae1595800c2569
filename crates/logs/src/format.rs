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
    /// Kilo Code.
    Kilo,
    /// The Codex command line.
    Codex,
    /// Cline, in an editor or on the command line.
    Cline,
    /// Roo Code.
    Roo,
    /// The command line pi.
    Pi,
    /// oh-my-pi, which grew from pi.
    Omp,
    /// Qwen Code.
    QwenCode,
    /// Crush.
    Crush,
    /// Goose.
    Goose,
    /// Zed.
    Zed,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 14] = [
        Self::KimiCode,
        Self::KimiCli,
        Self::ClaudeCode,
        Self::OpenCode,
        Self::Kilo,
        Self::Codex,
        Self::Cline,
        Self::Roo,
        Self::Pi,
        Self::Omp,
        Self::QwenCode,
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
            Self::Codex => "codex",
            Self::Cline => "cline",
            Self::Roo => "roo",
            Self::Pi => "pi",
            Self::Omp => "omp",
            Self::QwenCode => "qwen-code",
            Self::Crush => "crush",
            Self::Goose => "goose",
            Self::Zed => "zed",
        }
    }

    /// Which of several states of a request counts. In a file that only grows, states of an answer that is streamed follow
    /// each other. In a database a row is written over: with a sum that grows, or by Crush with what the last call had.
    pub(crate) const fn dating(self) -> Dating {
        match self {
            Self::KimiCode
            | Self::KimiCli
            | Self::ClaudeCode
            | Self::Codex
            | Self::Cline
            | Self::Roo
            | Self::Pi
            | Self::Omp
            | Self::QwenCode => Dating::First,
            Self::OpenCode | Self::Kilo | Self::Goose | Self::Zed => Dating::Growing,
            Self::Crush => Dating::Latest,
        }
    }
}
