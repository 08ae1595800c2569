//! A started program: its log, and an end that is sure to come.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal};

use crate::wait::poll;

/// How long a program may take to end after SIGTERM before it is killed.
const MANNERS: Duration = Duration::from_secs(5);

/// A program that was started for one test. Dropping ends it; what it left behind ends with the desktop
/// session. It stays in the test's process group, so that a runner that gives up on the test ends it too.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    log: PathBuf,
    ended: Option<ExitStatus>,
}

impl Program {
    /// Starts `command` with its output in `<logs>/<name>.log`. What the caller has set for standard input
    /// and standard output stays; a program that writes its result to a pipe keeps the pipe.
    ///
    /// # Panics
    /// Where the program cannot be started.
    pub fn start(name: &str, command: &mut Command, logs: &Path) -> Program {
        Program::start_with(name, command, logs, Stdio::null(), None)
    }

    /// As [`Program::start`], with standard input and, instead of the log, standard output as given.
    ///
    /// # Panics
    /// Where the program cannot be started.
    pub fn start_with(
        name: &str,
        command: &mut Command,
        logs: &Path,
        stdin: Stdio,
        stdout: Option<Stdio>,
    ) -> Program {
        let log = logs.join(format!("{name}.log"));
        let open = || {
            std::fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(&log)
                .unwrap_or_else(|e| panic!("cannot write {}: {e}", log.display()))
        };
        let child = command
            .stdin(stdin)
            .stdout(stdout.unwrap_or_else(|| open().into()))
            .stderr(open())
            .spawn()
            .unwrap_or_else(|e| panic!("cannot start {}: {e}", command.get_program().display()));
        Program { name: name.to_owned(), child, log, ended: None }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The child process, for its pipes.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// What it has written so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Where its output goes.
    pub fn log_path(&self) -> &Path {
        &self.log
    }

    /// Its exit status, once it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended =
                self.child.try_wait().unwrap_or_else(|e| panic!("cannot ask for {}: {e}", self.name));
        }
        self.ended
    }

    /// Waits until it has ended by itself.
    ///
    /// # Panics
    /// When it has not within `deadline`.
    pub fn wait(&mut self, deadline: Duration) -> ExitStatus {
        let what = format!("{} to end", self.name);
        let status = crate::wait_for(&what, deadline, || self.ended(), Option::is_some);
        status.expect("it was waited for")
    }

    /// Asks it to end (SIGTERM) and waits; kills it where it does not.
    pub fn stop(&mut self) -> ExitStatus {
        self.send(Signal::TERM);
        if let Ok(Some(status)) = poll(MANNERS, || self.ended(), Option::is_some) {
            return status;
        }
        eprintln!("{} did not end within {} s of SIGTERM; killing it", self.name, MANNERS.as_secs());
        self.kill()
    }

    /// Kills it (SIGKILL), as a power cut would.
    pub fn kill(&mut self) -> ExitStatus {
        if let Some(status) = self.ended() {
            return status;
        }
        let _ = self.child.kill(); // fails only where it has just ended
        let status = self.child.wait().unwrap_or_else(|_| ExitStatus::from_raw(9));
        self.ended = Some(status);
        status
    }

    /// Sends a signal, unless it has ended.
    pub fn send(&mut self, signal: Signal) {
        if self.ended().is_none()
            && let Some(pid) = Pid::from_raw(self.child.id().cast_signed())
        {
            let _ = rustix::process::kill_process(pid, signal);
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.ended().is_none() {
            self.stop();
        }
    }
}
