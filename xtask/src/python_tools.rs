//! Tools that come as wheels from PyPI: installed in seconds, into the build folder, and only if they are the files
//! whose hashes stand in the project.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::step::{command, exists, output, root, run, target};

/// The program of this name: this machine's own, or else the one that `requirements`, a file of the project with
/// versions and hashes, names.
pub(crate) fn program(name: &str, requirements: &str) -> Result<PathBuf> {
    if exists(name, "--version") {
        return Ok(name.into());
    }
    let programs = programs(name);
    let program = programs.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    if !exists(&program.to_string_lossy(), "--version") {
        install(name, requirements).with_context(|| {
            format!("{name} cannot be installed; `cargo install --locked {name}` does it, too")
        })?;
    }
    Ok(program)
}

/// The folder of the Python module of this name, which `requirements` names.
pub(crate) fn module(name: &str, requirements: &str) -> Result<PathBuf> {
    let find = || -> Result<PathBuf> {
        let script = format!("import {name}, os; print(os.path.dirname({name}.__file__))");
        let folder = output(command(programs(name).join("python")).args(["-c", &script]))?;
        Ok(folder.trim().into())
    };
    if let Ok(folder) = find() {
        return Ok(folder);
    }
    install(name, requirements).with_context(|| format!("{name} cannot be installed"))?;
    find()
}

/// Where an environment has its programs.
fn programs(name: &str) -> PathBuf {
    target().join(name).join(if cfg!(windows) { "Scripts" } else { "bin" })
}

/// Makes an environment of this name, with what `requirements` names in it.
fn install(name: &str, requirements: &str) -> Result<()> {
    let python = if cfg!(windows) { "python" } else { "python3" };
    let folder = target().join(name);
    run(command(python).args(["-m", "venv", "--clear"]).arg(&folder))
        .context("Python makes no environment")?;
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
    run(command(programs(name).join("python")).args(pip).arg(root().join(requirements)))
}
