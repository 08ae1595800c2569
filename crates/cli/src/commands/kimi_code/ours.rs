//! Which entries of a configuration are ours, and why one was not edited.

/// Why a file was not edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditError {
    /// It is not of the format that it should be.
    NotUnderstood,
    /// What should be a table is none.
    OtherShape,
    /// Another command is entered as the status line.
    Taken(String),
}

/// Hooks that are entered: event and command.
pub type Hooks = Vec<(String, String)>;

/// Whether a command is our status line.
pub fn is_status_line(command: &str) -> bool {
    command.contains("tidemark") && command.contains(" status --format kimi-code")
}

/// Whether a command is our guard.
pub fn is_guard(command: &str) -> bool {
    command.contains("tidemark") && command.split_whitespace().any(|word| word == "guard")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_ours_are_known_by_what_they_do() {
        for (command, line, guard) in [
            ("tidemark status --format kimi-code", true, false),
            ("'/opt/a b/tidemark' status --format kimi-code --account 'x'", true, false),
            ("tidemark guard", false, true),
            ("C:\\bin\\tidemark.exe guard --account x", false, true),
            ("tidemark status --line", false, false),
            ("my-guard", false, false),
            ("", false, false),
        ] {
            assert_eq!((is_status_line(command), is_guard(command)), (line, guard), "{command}");
        }
    }
}
