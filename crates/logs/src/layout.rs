//! What a folder of a program is made of.

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
