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
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 10] = [
        Self::KimiCode,
        Self::KimiCli,
        Self::ClaudeCode,
        Self::Kilo,
        Self::Codex,
        Self::Cline,
        Self::Roo,
        Self::Pi,
        Self::Omp,
        Self::QwenCode,
    ];

    /// The word for it in JSON and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KimiCode => "kimi-code",
            Self::KimiCli => "kimi-cli",
            Self::ClaudeCode => "claude-code",
            Self::Kilo => "kilo",
            Self::Codex => "codex",
            Self::Cline => "cline",
            Self::Roo => "roo",
            Self::Pi => "pi",
            Self::Omp => "omp",
            Self::QwenCode => "qwen-code",
        }
    }
}
