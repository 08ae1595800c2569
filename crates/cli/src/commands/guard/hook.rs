//! What a coding agent says to its hooks. Kimi Code and Claude Code say it in the same words.

use std::io;
use std::sync::mpsc;
use std::time::Duration;

use serde::Deserialize;

/// A host writes its input before it waits; one that never does is not waited for.
const WAIT: Duration = Duration::from_millis(300);
/// A tool's input can be a whole file. Of more, nothing is understood.
const MAX_INPUT_LEN: u64 = 32 * 1024 * 1024;

/// What is read of a hook's input.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct HookInput {
    /// What happens: `UserPromptSubmit`, `PreToolUse`, `SessionStart`.
    pub hook_event_name: String,
    /// The host's name for the session.
    pub session_id: String,
}

impl HookInput {
    /// Whether a person has typed a prompt: what is printed then is read by the model.
    pub fn is_prompt(&self) -> bool {
        self.hook_event_name == "UserPromptSubmit"
    }

    /// Whether the model wants to use a tool.
    pub fn is_tool(&self) -> bool {
        self.hook_event_name == "PreToolUse"
    }

    /// Whether a session begins.
    pub fn is_start(&self) -> bool {
        self.hook_event_name == "SessionStart"
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        // A list would be read field by field.
        let is_object = bytes.trim_ascii_start().starts_with(b"{");
        is_object.then(|| serde_json::from_slice(bytes).ok()).flatten()
    }
}

/// The input of the hook that started this process. `None` where there is none, or it is not understood.
pub fn read() -> Option<HookInput> {
    let (sender, receiver) = mpsc::channel();
    // Whoever started this may leave standard input open; the thread ends with the process then.
    std::thread::Builder::new()
        .name("hook-input".to_owned())
        .spawn(move || {
            let read = tidemark_files::read::limited(io::stdin().lock(), MAX_INPUT_LEN);
            // It may not be waited for any more.
            let _ = sender.send(read.ok().as_deref().and_then(HookInput::parse));
        })
        .ok()?;
    receiver.recv_timeout(WAIT).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hooks_input_is_understood_and_anything_else_is_none() {
        let kimi = br#"{"hook_event_name":"PreToolUse","session_id":"session_1","cwd":"/w","tool_name":"Bash","tool_input":{"command":"ls"}}"#;
        let input = HookInput::parse(kimi).unwrap();
        assert!(input.is_tool() && input.session_id == "session_1");
        let other = HookInput::parse(br#"{"hook_event_name":"Stop"}"#).unwrap();
        assert!(!other.is_tool() && !other.is_prompt() && !other.is_start() && other.session_id.is_empty());
        for wrong in [&b""[..], b"[]", b"null", b"{\"session_id\":7}", b"\xff\xfe", b"{"] {
            assert_eq!(HookInput::parse(wrong), None, "{wrong:?}");
        }
    }
}
