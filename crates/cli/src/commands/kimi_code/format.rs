//! How our entries stand in a coding agent's files.

use super::ours::{EditError, Hooks};
use super::{json_edits, toml_edits};
use crate::arguments::CodingAgent;

/// A text without some of our entries.
type Removal = fn(&str) -> Result<String, EditError>;

/// What can be asked of, and entered into, files of one format.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The status line's command.
    pub status_line: fn(&str) -> Result<Option<String>, EditError>,
    /// The text with this command as the status line.
    pub with_status_line: fn(&str, &str) -> Result<String, EditError>,
    /// The text without our status line.
    pub without_status_line: Removal,
    /// Our hooks.
    pub hooks: fn(&str) -> Result<Hooks, EditError>,
    /// The text with a command as a hook of events, in the place of what was ours.
    pub with_hooks: fn(&str, &[&str], &str) -> Result<String, EditError>,
    /// The text without our hooks.
    pub without_hooks: Removal,
}

/// The format of a coding agent's files.
pub const fn of(agent: CodingAgent) -> Format {
    match agent {
        CodingAgent::KimiCode => Format {
            status_line: toml_edits::status_line,
            with_status_line: toml_edits::with_status_line,
            without_status_line: toml_edits::without_status_line,
            hooks: toml_edits::hooks,
            with_hooks: toml_edits::with_hooks,
            without_hooks: toml_edits::without_hooks,
        },
        CodingAgent::ClaudeCode => Format {
            status_line: json_edits::status_line,
            with_status_line: json_edits::with_status_line,
            without_status_line: json_edits::without_status_line,
            hooks: json_edits::hooks,
            with_hooks: json_edits::with_hooks,
            without_hooks: json_edits::without_hooks,
        },
    }
}
