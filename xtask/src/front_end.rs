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
