//! The window's code: its packages, its build, its checks.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::step::{command, fingerprint, root, run, unless_stamped};

/// npm's program.
pub(crate) const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// The folder of the window's code.
pub(crate) fn folder() -> PathBuf {
    root().join("ui")
}

fn npm() -> Command {
    let mut npm = command(NPM);
    npm.current_dir(folder());
    npm
}

/// One of the scripts of `ui/package.json`.
pub(crate) fn script(name: &str) -> Result<()> {
    run(npm().args(["run", "--silent", name]))
}

/// The window's tests, with what became of each in [`test_results`].
pub(crate) fn tests() -> Result<()> {
    let mut tests = npm();
    tests.args(["run", "--silent", "test", "--", "--reporter=default", "--reporter=junit"]);
    run(tests.arg(format!("--outputFile.junit={}", test_results().display())))
}

/// The JUnit file of [`tests`].
pub(crate) fn test_results() -> PathBuf {
    folder().join("node_modules/.tidemark-tests.xml")
}

/// What `npm run test:browser` runs, with what became of each test in [`browser_test_results`].
pub(crate) fn browser_tests() -> Result<()> {
    let mut tests = command("node");
    tests.current_dir(folder()).args([
        "--test",
        "--test-reporter=spec",
        "--test-reporter-destination=stdout",
    ]);
    tests.arg("--test-reporter=junit");
    tests.arg(format!("--test-reporter-destination={}", browser_test_results().display()));
    run(tests.args(
        ["window", "layout", "charts", "events", "serve"].map(|name| format!("browser/{name}.test.mjs")),
    ))
}

/// The JUnit file of [`browser_tests`].
pub(crate) fn browser_test_results() -> PathBuf {
    folder().join("node_modules/.tidemark-browser-tests.xml")
}

/// Installs the packages that the lock file names, unless they are those already.
pub(crate) fn install() -> Result<()> {
    let ui = folder();
    let now = fingerprint(&[ui.join("package.json"), ui.join("package-lock.json")])?;
    let stamp = ui.join("node_modules/.tidemark-installed");
    let did = unless_stamped(&stamp, &now, || run(npm().args(["ci", "--no-audit", "--no-fund"])))?;
    if !did {
        eprintln!("installed already");
    }
    Ok(())
}

/// Builds `ui/dist`, unless it was built from the same files.
pub(crate) fn build() -> Result<()> {
    let ui = folder();
    let inputs = [
        "src",
        "public",
        "index.html",
        "package.json",
        "package-lock.json",
        "vite.config.ts",
        "svelte.config.js",
    ];
    let mut inputs: Vec<PathBuf> = inputs.iter().map(|name| ui.join(name)).collect();
    inputs.push(ui.join("tsconfig.json"));
    inputs.push(root().join("locales"));
    let now = fingerprint(&inputs)?;
    // Beside the build, not in it: what is in it becomes part of the window.
    let stamp = ui.join("node_modules/.tidemark-built");
    if !ui.join("dist/index.html").is_file() {
        let _ = std::fs::remove_file(&stamp); // may not be there
    }
    if !unless_stamped(&stamp, &now, || script("build"))? {
        eprintln!("built already");
    }
    Ok(())
}
