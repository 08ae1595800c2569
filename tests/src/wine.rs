//! Programs that were built for Windows, in a session's desktop, by Wine.
//!
//! `cargo xtask windows test` names what is needed: the programs' folder in `TIDEMARK_WINDOWS_BIN`, and Wine's own
//! environment, the folder of its drives and its registry among it. That folder is shared by all journeys, so they run
//! one after the other.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Desktop, Program};

/// What Wine takes from the environment.
const VARIABLES: [&str; 5] = ["WINEPREFIX", "WINEARCH", "WINEDEBUG", "WINEDLLOVERRIDES", "WINEPATH"];

/// Wine in a session.
#[derive(Debug)]
pub struct Wine<'d> {
    desktop: &'d Desktop,
    programs: PathBuf,
}

/// How a program ended, and what it wrote.
#[derive(Debug)]
pub struct Finished {
    /// Its exit status.
    pub status: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Wine<'_> {
    /// The Wine that `cargo xtask windows test` has set up.
    ///
    /// # Panics
    /// Where it has not.
    pub fn new(desktop: &Desktop) -> Wine<'_> {
        let programs = std::env::var_os("TIDEMARK_WINDOWS_BIN");
        let programs = programs.expect("TIDEMARK_WINDOWS_BIN is set; run this by `cargo xtask windows test`");
        Wine { desktop, programs: programs.into() }
    }

    /// The folder of the programs that were built.
    pub fn programs(&self) -> &Path {
        &self.programs
    }

    /// Drive `C:`, as this system sees it.
    ///
    /// # Panics
    /// Where Wine's folder is not named.
    pub fn drive_c(&self) -> PathBuf {
        PathBuf::from(std::env::var_os("WINEPREFIX").expect("WINEPREFIX is set")).join("drive_c")
    }

    /// A program of Wine's or one with this path, with Wine's environment.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = self.desktop.command("wine");
        command.arg(program);
        for name in VARIABLES {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command
    }

    /// `tidemark.exe`, of what was built.
    pub fn tidemark<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = self.command(self.programs.join("tidemark.exe"));
        command.args(args);
        command
    }

    /// Runs a command to its end.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn finish(&self, command: &mut Command, stdin: &str) -> Finished {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("wine starts");
        // It may end without reading its input.
        let _ = child.stdin.take().expect("standard input is a pipe").write_all(stdin.as_bytes());
        let out = child.wait_with_output().expect("the program's end");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
        Finished { status: out.status.code(), out: text(out.stdout), err: text(out.stderr) }
    }

    /// Starts a program in the session, with its output in the session's logs.
    pub fn spawn(&self, name: &str, command: &mut Command) -> Program {
        self.desktop.spawn(name, command)
    }

    /// As [`Wine::spawn`], with a pipe for standard output.
    pub fn spawn_piped(&self, name: &str, command: &mut Command) -> Program {
        Program::start_with(name, command, self.desktop.logs(), Stdio::null(), Some(Stdio::piped()))
    }

    /// What the registry holds under a key, as `reg query` shows it; nothing where there is no such key or value.
    pub fn registry(&self, arguments: &[&str]) -> Option<String> {
        let found = self.finish(self.command("reg").arg("query").args(arguments), "");
        (found.status == Some(0)).then_some(found.out)
    }

    /// The agents of the session that run now, by their command lines. Wine's own list of processes is empty.
    pub fn agents(&self) -> Vec<String> {
        let all = self.desktop.processes().into_iter().map(|(_, line)| line);
        all.filter(|line| line.contains("tidemark.exe") && line.contains("agent")).collect()
    }
}

/// The name that a file of this system has in Wine.
pub fn in_windows(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', r"\")
}
