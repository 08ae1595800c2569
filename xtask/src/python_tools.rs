//! Tools that come as wheels from PyPI: installed in seconds, into the build folder, and only if they are the files
//! whose hashes stand in the project.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::step::{command, exists, root, run, target};

/// The program of this name: this machine's own, or else the one that `requirements`, a file of the project with
/// versions and hashes, names.
pub(crate) fn program(name: &str, requirements: &str) -> Result<PathBuf> {
    if exists(name, "--version") {
        return Ok(name.into());
    }
    let folder = target().join(name);
    let programs = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let program = programs.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    if !exists(&program.to_string_lossy(), "--version") {
        let python = if cfg!(windows) { "python" } else { "python3" };
        run(command(python).args(["-m", "venv", "--clear"]).arg(&folder)).with_context(|| {
            format!("Python makes no environment to install {name} in; or `cargo install --locked {name}`")
        })?;
        let pip = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--require-hashes",
            "-r",
        ];
        run(command(programs.join("python")).args(pip).arg(root().join(requirements))).with_context(
            || format!("{name} cannot be installed; `cargo install --locked {name}` does it, too"),
        )?;
    }
    Ok(program)
}
