//! The real Kimi Code, for the journey that runs it.

use anyhow::Result;

use crate::front_end::NPM;
use crate::step::{command, fingerprint, root, run, target, unless_stamped};

/// Installs the versions that the lock file names into `target/kimi-code`, unless they are there. No script of a package
/// is run.
pub(crate) fn install() -> Result<()> {
    let files = ["package.json", "package-lock.json"];
    let from = root().join("tests/kimi-code");
    let folder = target().join("kimi-code");
    std::fs::create_dir_all(&folder)?;
    for file in files {
        std::fs::copy(from.join(file), folder.join(file))?;
    }
    let now = fingerprint(&files.map(|file| from.join(file)))?;
    let did = unless_stamped(&folder.join("node_modules/.tidemark-installed"), &now, || {
        let mut npm = command(NPM);
        npm.current_dir(&folder).args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ]);
        run(&mut npm)
    })?;
    if !did {
        eprintln!("installed already");
    }
    Ok(())
}
