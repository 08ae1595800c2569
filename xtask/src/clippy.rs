//! Builds with clippy's driver, whose every warning is an error.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::step::{command, output};

/// A Cargo that compiles this workspace's own crates with clippy's driver, which is the compiler with more
/// lints. What it builds is what is tested: linted and compiled at once, from the dependencies of any other
/// build, where `cargo clippy` and then `cargo build` would go over everything twice.
pub(crate) fn with_clippy(mut cargo: Command) -> Command {
    cargo.env("RUSTC_WORKSPACE_WRAPPER", clippy());
    cargo
}

/// Clippy's driver.
fn clippy() -> String {
    output(command("rustup").args(["which", "clippy-driver"]))
        .map_or_else(|_| "clippy-driver".to_owned(), |path| path.trim().to_owned())
}

/// Runs a Cargo that compiles, with every warning an error. Warnings are counted and not denied by a flag, which would
/// make another build of it.
pub(crate) fn without_warnings(mut build: Command) -> Result<()> {
    build.arg("--message-format=json").stdout(Stdio::piped());
    let mut child = build.spawn().context("cannot start cargo")?;
    let stdout = child.stdout.take().context("cargo's standard output")?;
    let mut warnings = 0_usize;
    for line in BufReader::new(stdout).lines() {
        if let Some(text) = complaint(&line?) {
            eprint!("{text}");
            warnings += 1;
        }
    }
    let status = child.wait()?;
    if !status.success() || warnings > 0 {
        bail!("{warnings} warnings and errors");
    }
    Ok(())
}

/// The text of a warning or error in a line of Cargo's messages. The sum at a crate's end is none.
fn complaint(line: &str) -> Option<String> {
    let message: serde_json::Value = serde_json::from_str(line).ok()?;
    if message["reason"] != "compiler-message" {
        return None;
    }
    let message = &message["message"];
    let level = message["level"].as_str()?;
    let is_sum = message["spans"].as_array().is_none_or(Vec::is_empty) && message["code"].is_null();
    if !matches!(level, "warning" | "error") || is_sum {
        return None;
    }
    Some(message["rendered"].as_str().unwrap_or("a warning without a text\n").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_told_from_other_messages() {
        let line = |level: &str, spans: &str, code: &str| {
            format!(
                r#"{{"reason":"compiler-message","message":{{"level":"{level}","spans":{spans},"code":{code},"rendered":"text"}}}}"#
            )
        };
        assert_eq!(complaint(&line("warning", "[{}]", "null")), Some("text".to_owned()));
        assert_eq!(complaint(&line("warning", "[]", r#"{"code":"dead_code"}"#)), Some("text".to_owned()));
        assert_eq!(complaint(&line("error", "[{}]", "null")), Some("text".to_owned()));
        assert_eq!(complaint(&line("warning", "[]", "null")), None, "the sum at the end");
        assert_eq!(complaint(&line("note", "[{}]", "null")), None);
        assert_eq!(complaint(r#"{"reason":"compiler-artifact"}"#), None);
        assert_eq!(complaint("not JSON"), None);
    }
}
