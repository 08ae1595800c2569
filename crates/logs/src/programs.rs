//! Where each program's folders are, and what is in them.

use std::path::{Path, PathBuf};

use crate::configuration::Configuration;
use crate::environment::Environment;
use crate::format::Format;
use crate::layout::Layout;
use crate::{claude_code, cline, codex, crush, goose, kimi_cli, kimi_code, opencode, pi, qwen_code, zed};

/// Kilo's extension for editors keeps its logs as Cline does, its command line as OpenCode does.
const KILO: Layout = Layout {
    log_folders: &["tasks", "storage"],
    configuration: &["globalState.json", "secrets.json", "auth.json"],
    lists: cline::paths::LAYOUT.lists,
};

impl Format {
    /// What is in a folder of this program.
    #[must_use]
    pub const fn layout(self) -> Layout {
        match self {
            Self::KimiCode => kimi_code::paths::LAYOUT,
            Self::KimiCli => kimi_cli::paths::LAYOUT,
            Self::ClaudeCode => claude_code::paths::LAYOUT,
            Self::OpenCode => opencode::paths::LAYOUT,
            Self::Kilo => KILO,
            Self::Codex => codex::paths::LAYOUT,
            Self::Cline | Self::Roo => cline::paths::LAYOUT,
            Self::Pi | Self::Omp => pi::paths::LAYOUT,
            Self::QwenCode => qwen_code::paths::LAYOUT,
            Self::Crush => crush::paths::LAYOUT,
            Self::Goose => goose::paths::LAYOUT,
            Self::Zed => zed::paths::LAYOUT,
        }
    }

    /// The files that say where requests of this program go: in its folder, and elsewhere.
    pub(crate) fn configuration(self, root: &Path, elsewhere: &Configuration) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> =
            self.layout().configuration.iter().map(|name| root.join(name)).collect();
        match self {
            Self::KimiCode
            | Self::KimiCli
            | Self::ClaudeCode
            | Self::Codex
            | Self::Cline
            | Self::Roo
            | Self::Pi
            | Self::Omp
            | Self::QwenCode => {}
            Self::OpenCode => files.extend(opencode::paths::configuration("opencode", elsewhere)),
            Self::Kilo => files.extend(opencode::paths::configuration("kilo", elsewhere)),
            Self::Crush => files.extend(crush::paths::configuration(elsewhere)),
            Self::Goose => files.extend(goose::paths::configuration(elsewhere)),
            Self::Zed => files.extend(zed::paths::configuration(elsewhere)),
        }
        files
    }

    /// Where folders of this program can be, below a user's home and where the environment points. A variable moves
    /// where a program writes from then on; what it wrote before is still use, so both places count.
    pub(crate) fn places(self, home: &Path, environment: &Environment) -> Vec<PathBuf> {
        match self {
            Self::KimiCode => kimi_code::paths::places(home, environment),
            Self::KimiCli => kimi_cli::paths::places(home, environment),
            Self::ClaudeCode => claude_code::paths::places(home, environment),
            Self::OpenCode => opencode::paths::places("opencode", home, environment),
            Self::Kilo => {
                let mut places = opencode::paths::places("kilo", home, environment);
                places.extend(cline::paths::places(self, home, environment));
                places
            }
            Self::Codex => codex::paths::places(home, environment),
            Self::Cline | Self::Roo => cline::paths::places(self, home, environment),
            Self::Pi | Self::Omp => pi::paths::places(self, home, environment),
            Self::QwenCode => qwen_code::paths::places(home, environment),
            Self::Crush => crush::paths::places(home, environment),
            Self::Goose => goose::paths::places(home, environment),
            Self::Zed => zed::paths::places(home, environment),
        }
    }
}
