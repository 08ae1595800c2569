//! Steps: named, timed, and listed at the end.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::report::{Outcome, Row, table};

/// The root of the project.
pub(crate) fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}

/// Where Cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// A command that runs in the project's root.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// The Cargo that runs this.
pub(crate) fn cargo() -> Command {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What `cargo run` sets for this program is not meant for the builds that it starts: a build script that
    // reads one of them would run again.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    // What makes the next build quicker makes the first one slower, and continuous integration has but one.
    if std::env::var_os("CI").is_some() && std::env::var_os("CARGO_INCREMENTAL").is_none() {
        cargo.env("CARGO_INCREMENTAL", "0");
    }
    cargo
}

/// Runs a command to its end; an error where it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = show(command);
    let status = command.status().with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// Runs a command to its end and returns what it wrote to standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let out = command.output().with_context(|| format!("cannot start `{shown}`"))?;
    if !out.status.success() {
        bail!("`{shown}` failed ({}): {}", out.status, String::from_utf8_lossy(&out.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// Whether a program can be started at all.
pub(crate) fn exists(program: &str, argument: &str) -> bool {
    Command::new(program).arg(argument).output().is_ok_and(|out| out.status.success())
}

fn show(command: &Command) -> String {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    words.join(" ")
}

/// Steps that follow from one another, with their times.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    done: Vec<Row>,
}

impl Steps {
    /// Does a step and says how long it took. The first error ends everything: what follows stands on it.
    pub(crate) fn step<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        eprintln!("\n== {name}");
        let started = Instant::now();
        let result = work();
        let took = started.elapsed();
        let outcome = if result.is_ok() { Outcome::Passed } else { Outcome::Failed };
        eprintln!("== {name}: {outcome} in {:.1} s", took.as_secs_f64());
        self.done.push(Row { name, took, outcome });
        if result.is_err() {
            self.print();
        }
        result.with_context(|| name.to_owned())
    }

    /// Prints the table of all steps so far and the closing line.
    pub(crate) fn print(&self) {
        eprintln!("\n{}", table(&self.done));
    }
}

/// A fingerprint of files' names and contents. Folders are gone through; what is missing counts as missing.
pub(crate) fn fingerprint(paths: &[PathBuf]) -> Result<String> {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    let mut waiting: Vec<PathBuf> = paths.iter().rev().cloned().collect();
    while let Some(path) = waiting.pop() {
        path.hash(&mut hasher);
        if path.is_dir() {
            waiting.extend(sorted(&path)?.into_iter().rev());
        } else if path.is_file() {
            std::fs::read(&path)
                .with_context(|| format!("cannot read {}", path.display()))?
                .hash(&mut hasher);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Does `work` where the stamp of this name has another fingerprint than `now`, and writes the stamp after.
pub(crate) fn unless_stamped(stamp: &Path, now: &str, work: impl FnOnce() -> Result<()>) -> Result<bool> {
    if std::fs::read_to_string(stamp).is_ok_and(|before| before == now) {
        return Ok(false);
    }
    work()?;
    std::fs::write(stamp, now).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_changes_the_fingerprint() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::write(inner.join("one"), "1").unwrap();
        let paths = [folder.path().to_path_buf(), folder.path().join("missing")];
        let before = fingerprint(&paths).unwrap();
        assert_eq!(before, fingerprint(&paths).unwrap());
        std::fs::write(inner.join("one"), "2").unwrap();
        let changed = fingerprint(&paths).unwrap();
        assert_ne!(before, changed);
        std::fs::rename(inner.join("one"), inner.join("two")).unwrap();
        assert_ne!(changed, fingerprint(&paths).unwrap());
    }

    #[test]
    fn stamped_work_is_done_once_and_again_after_a_failure() {
        let folder = tempfile::tempdir().unwrap();
        let stamp = folder.path().join("stamp");
        assert!(unless_stamped(&stamp, "a", || anyhow::bail!("no")).is_err());
        assert!(unless_stamped(&stamp, "a", || Ok(())).unwrap());
        assert!(!unless_stamped(&stamp, "a", || anyhow::bail!("must not run")).unwrap());
        assert!(unless_stamped(&stamp, "b", || Ok(())).unwrap());
    }
}
