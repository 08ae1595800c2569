//! Wine, with a Windows of its own below `target`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::step::{command, fingerprint, root, run, target, unless_stamped};

/// The status of a server that finds another one of the same folder running.
const RUNNING: i32 = 2;

/// A running Wine. It ends with this value.
#[derive(Debug)]
pub(crate) struct Wine {
    /// The folder of its drives and its registry.
    prefix: PathBuf,
    /// The folder of what this Wine lacks.
    shim: PathBuf,
    /// Where Cargo puts the programs.
    built: PathBuf,
}

impl Wine {
    /// Makes the folder where it is not there, and starts the server that all programs share: else the first program
    /// would start it, and it would hold that one's standard output open.
    pub(crate) fn start(built: PathBuf) -> Result<Self> {
        let folder = target().join("windows");
        let wine = Self { prefix: folder.join("wine"), shim: folder.join("shim"), built };
        let is_new = !wine.prefix.is_dir();
        std::fs::create_dir_all(&wine.prefix)?;
        std::fs::create_dir_all(&wine.shim)?;
        wine.make_shim()?;
        let stamp = folder.join("wine-made");
        if is_new {
            let _ = std::fs::remove_file(&stamp); // of a folder that was removed
        }
        let server = wine.command("wineserver").arg("--persistent=60").status();
        let server = server.context("cannot start Wine's server")?;
        ensure!(server.success() || server.code() == Some(RUNNING), "Wine's server did not start ({server})");
        unless_stamped(&stamp, "1", || {
            run(wine.command("wine").args(["wineboot", "--init"]))?;
            run(wine.command("wine").args(["winecfg", "-v", "win10"]))
        })?;
        // The same for what Windows starts with its first program: it would hold that one's output open for good.
        let mut first = wine.command("wine");
        run(first
            .args(["cmd", "/c", "exit"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null()))?;
        Ok(wine)
    }

    /// What programs for Windows are started with, and Cargo where it starts them.
    pub(crate) fn environment<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .env("WINEPREFIX", &self.prefix)
            .env("WINEARCH", "win64")
            .env("WINEDEBUG", "-all")
            // Neither .NET nor Internet Explorer is needed, and Wine would offer to fetch them.
            .env("WINEDLLOVERRIDES", "mscoree,mshtml=")
            // The window's tests need what its build lays beside the program.
            .env("WINEPATH", format!("{};{}", in_windows(&self.shim), in_windows(&self.built)))
            // Wine reads arguments and names of files in the letters of this.
            .env("LC_ALL", "C.UTF-8")
            .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", runner(&root()))
    }

    fn command(&self, program: &str) -> Command {
        let mut command = command(program);
        self.environment(&mut command);
        command
    }

    /// Rust's random numbers come from `bcryptprimitives.dll`, which Wine has from version 9.12 on.
    fn make_shim(&self) -> Result<()> {
        let source = root().join("xtask/windows/bcryptprimitives.c");
        let made = self.shim.join("bcryptprimitives.dll");
        let now = fingerprint(std::slice::from_ref(&source))?;
        unless_stamped(&self.shim.join("stamp"), &now, || {
            let mut compiler = command("x86_64-w64-mingw32-gcc");
            run(compiler.args(["-shared", "-o"]).arg(&made).arg(&source).arg("-ladvapi32"))
        })?;
        Ok(())
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        // The server of this folder alone, with whatever still runs in it.
        let _ = self.command("wineserver").arg("--kill").status();
    }
}

/// What Cargo starts tests with. It takes a space in a path for the end of it.
fn runner(root: &Path) -> String {
    let path = root.join("xtask/windows/run").display().to_string();
    if path.contains(char::is_whitespace) { "wine".to_owned() } else { path }
}

/// The name that a file of this system has in Wine.
pub(crate) fn in_windows(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', r"\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runner_is_there_or_wine_itself_where_cargo_would_cut_its_path() {
        assert!(Path::new(&runner(&root())).is_file() || runner(&root()) == "wine");
        assert_eq!(runner(Path::new("/home/a b")), "wine");
    }

    #[test]
    fn a_file_of_this_system_is_on_drive_z() {
        assert_eq!(in_windows(Path::new("/home/a b/c")), r"Z:\home\a b\c");
    }
}
