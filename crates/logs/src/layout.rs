//! Where each program's folders are, and what is in them.

use std::path::{Path, PathBuf};

use crate::environment::Environment;
use crate::format::Format;
use crate::{claude_code, cline, codex, kimi_cli, kimi_code, pi, qwen_code};

/// What is in a program's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// The folders in it that hold logs, and nothing else.
    pub log_folders: &'static [&'static str],
    /// The files in it that say where requests go.
    pub configuration: &'static [&'static str],
    /// Other files of its own that are read for what a log does not say.
    pub lists: &'static [&'static str],
}

impl Format {
    /// What is in a folder of this program.
    #[must_use]
    pub const fn layout(self) -> Layout {
        match self {
            Self::KimiCode => kimi_code::paths::LAYOUT,
            Self::KimiCli => kimi_cli::paths::LAYOUT,
            Self::ClaudeCode => claude_code::paths::LAYOUT,
            Self::Kilo | Self::Cline | Self::Roo => cline::paths::LAYOUT,
            Self::Codex => codex::paths::LAYOUT,
            Self::Pi | Self::Omp => pi::paths::LAYOUT,
            Self::QwenCode => qwen_code::paths::LAYOUT,
        }
    }

    /// Where folders of this program can be, below a user's home and where the environment points. A variable moves
    /// where a program writes from then on; what it wrote before is still use, so both places count.
    pub(crate) fn places(self, home: &Path, environment: &Environment) -> Vec<PathBuf> {
        match self {
            Self::KimiCode => kimi_code::paths::places(home, environment),
            Self::KimiCli => kimi_cli::paths::places(home, environment),
            Self::ClaudeCode => claude_code::paths::places(home, environment),
            Self::Kilo | Self::Cline | Self::Roo => cline::paths::places(self, home, environment),
            Self::Codex => codex::paths::places(home, environment),
            Self::Pi | Self::Omp => pi::paths::places(self, home, environment),
            Self::QwenCode => qwen_code::paths::places(home, environment),
        }
    }
}
