//! Where a coding agent's configuration is, and how it is to start Tidemark.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use directories::BaseDirs;

use crate::arguments::CodingAgent;

/// The files of a coding agent that are edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// Where the status line is set.
    pub status_line: PathBuf,
    /// Where hooks are set; the same file with some programs.
    pub hooks: PathBuf,
}

/// What happens in a coding agent that it asks the guard about.
pub const fn events(agent: CodingAgent) -> &'static [&'static str] {
    match agent {
        // It takes no words from a hook of `SessionStart`; with the first prompt it does.
        CodingAgent::KimiCode => &["UserPromptSubmit", "PreToolUse"],
        CodingAgent::ClaudeCode => &["SessionStart", "UserPromptSubmit", "PreToolUse"],
    }
}

/// The files of a coding agent of this user. `None` without a home folder.
pub fn files(agent: CodingAgent) -> Option<Files> {
    Some(files_in(agent, |name| env::var_os(name), BaseDirs::new()?.home_dir()))
}

fn files_in(agent: CodingAgent, variable: impl Fn(&str) -> Option<OsString>, home: &Path) -> Files {
    let folder = |name: &str, default: &str| {
        let set = variable(name).filter(|path| !path.is_empty()).map(PathBuf::from);
        set.filter(|path| path.is_absolute()).unwrap_or_else(|| home.join(default))
    };
    match agent {
        CodingAgent::KimiCode => {
            let folder = folder("KIMI_CODE_HOME", ".kimi-code");
            Files { status_line: folder.join("tui.toml"), hooks: folder.join("config.toml") }
        }
        CodingAgent::ClaudeCode => {
            let settings = folder("CLAUDE_CONFIG_DIR", ".claude").join("settings.json");
            Files { status_line: settings.clone(), hooks: settings }
        }
    }
}

/// How a shell starts this program: by its name where that finds it, else by its path.
pub fn own_command() -> String {
    let Ok(own) = tidemark_files::process::own_program() else { return NAME.to_owned() };
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path)
        .map(|folder| folder.join(format!("{NAME}{}", env::consts::EXE_SUFFIX)))
        .find(|file| file.is_file());
    let same = |file: &PathBuf| matches!((file.canonicalize(), own.canonicalize()), (Ok(a), Ok(b)) if a == b);
    if found.as_ref().is_some_and(same) { NAME.to_owned() } else { quoted(&own.display().to_string()) }
}

const NAME: &str = "tidemark";

/// A word for the shell that hosts start commands with: `sh`, or `cmd` on Windows.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:".contains(c) || (cfg!(windows) && c == '\\');
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else if cfg!(windows) {
        format!("\"{}\"", word.replace('"', ""))
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_programs_files_are_where_its_variable_says_or_at_home() {
        let dir = tempfile::tempdir().unwrap();
        let (home, moved) = (dir.path().join("home"), dir.path().join("moved"));
        let none = |_: &str| None;
        let at = |agent, variable: &dyn Fn(&str) -> Option<OsString>| files_in(agent, variable, &home).hooks;
        assert_eq!(at(CodingAgent::KimiCode, &none), home.join(".kimi-code/config.toml"));
        assert_eq!(at(CodingAgent::ClaudeCode, &none), home.join(".claude/settings.json"));
        let set = |_: &str| Some(moved.clone().into_os_string());
        assert_eq!(at(CodingAgent::KimiCode, &set), moved.join("config.toml"));
        for unusable in ["", "relative"] {
            let set = |_: &str| Some(unusable.into());
            assert_eq!(at(CodingAgent::KimiCode, &set), home.join(".kimi-code/config.toml"), "{unusable:?}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_word_reaches_the_shell_as_it_is() {
        for word in ["tidemark", "/opt/a b/tidemark", "it's", "$HOME `x` \"q\" \\", "", "工作"] {
            let printed = std::process::Command::new("sh")
                .args(["-c", &format!("printf %s {}", quoted(word))])
                .output()
                .unwrap();
            assert_eq!(String::from_utf8(printed.stdout).unwrap(), word);
        }
    }
}
