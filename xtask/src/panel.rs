//! The extensions for the panels of GNOME Shell and KDE Plasma: their checks, with the tools that they are for.

use anyhow::Result;

use crate::front_end::NPM;
use crate::step::{command, fingerprint, root, run, unless_stamped};

/// Installs what the lock file of `tests/panel` names, and runs every check there. No script of a package is run. The
/// extensions are for Linux, and so are the tools.
pub(crate) fn check() -> Result<()> {
    if !cfg!(target_os = "linux") {
        eprintln!("the panel extensions: NOT CHECKED, since their tools are for Linux");
        return Ok(());
    }
    let folder = root().join("tests/panel");
    let now = fingerprint(&["package.json", "package-lock.json"].map(|file| folder.join(file)))?;
    unless_stamped(&folder.join("node_modules/.tidemark-installed"), &now, || {
        let mut npm = command(NPM);
        npm.current_dir(&folder);
        run(npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]))
    })?;
    run(command("node").arg(folder.join("check.mjs")))
}
