//! Asking another machine over SSH: `ssh HOST tidemark machine export`.
//!
//! It is the user's own `ssh`, with its keys, agent, configuration and jump hosts; nothing has to run or listen on the
//! other machine. It asks no question (`BatchMode`), and whatever happens it ends in a known time.

use std::env;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use tidemark_core::text;

use crate::cursor::Cursor;
use crate::hidden_window::without_window;
use crate::problem::{Problem, ProblemKind};
use crate::record::MAX_LINE_LEN;

/// How long `ssh` may take to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long nothing may come: the other machine reads its logs before it says anything.
const IDLE_TIMEOUT: Duration = Duration::from_mins(5);
/// How long an exchange may take as a whole. What came until then stays, and the next one goes on there.
const TIMEOUT: Duration = Duration::from_mins(15);
/// How long `ssh` may take to end once it has said everything.
const END_TIMEOUT: Duration = Duration::from_secs(10);
/// The most that an exchange may bring, in bytes: some millions of requests.
const MAX_OUTPUT_LEN: u64 = 1 << 30;
/// What is kept of what `ssh` says on its error output, in bytes.
const MAX_ERRORS_LEN: u64 = 16 * 1024;
/// The longest name of a host, and the longest path of a command, in bytes.
const MAX_ARGUMENT_LEN: usize = 1000;
/// Lines that wait to be taken in.
const LINES: usize = 512;

/// How long an exchange may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long nothing may come.
    pub idle: Duration,
    /// How long it may take as a whole.
    pub whole: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { idle: IDLE_TIMEOUT, whole: TIMEOUT }
    }
}

/// Why a host or a command is not passed to `ssh`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// The host is empty, too long, begins with `-`, or has spaces or unsafe characters in it.
    #[error("not a host name that ssh takes")]
    Host,
    /// The command is empty, too long, begins with `-`, or has unsafe characters in it.
    #[error("not the path of a program")]
    Command,
}

/// A machine to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    host: String,
    command: Option<String>,
    /// In the place of `ssh`.
    program: Option<PathBuf>,
}

impl Target {
    /// The machine that `ssh` knows by a host, with its `tidemark` on the path or where it is named.
    ///
    /// # Errors
    /// [`TargetError`], by case.
    pub fn new(host: &str, command: Option<&str>) -> Result<Self, TargetError> {
        let fits = |text: &str| !text.is_empty() && text.len() <= MAX_ARGUMENT_LEN && text::is_clean(text);
        // What begins with a hyphen would be an option.
        if !fits(host) || host.starts_with('-') || host.contains(char::is_whitespace) {
            return Err(TargetError::Host);
        }
        if command.is_some_and(|command| !fits(command) || command.starts_with('-')) {
            return Err(TargetError::Command);
        }
        Ok(Self { host: host.to_owned(), command: command.map(ToOwned::to_owned), program: None })
    }

    /// The same, asked with another program than the `ssh` on the path.
    #[must_use]
    pub fn with_program(self, program: PathBuf) -> Self {
        Self { program: Some(program), ..self }
    }

    /// What the other machine's shell is given.
    fn far_command(&self, since: Option<&Cursor>) -> String {
        let program = self.command.as_deref().map_or_else(|| "tidemark".to_owned(), quoted);
        let since = since.map(|cursor| format!(" --since {cursor}")).unwrap_or_default();
        format!("{program} machine export{since}")
    }

    fn arguments(&self, since: Option<&Cursor>) -> Vec<String> {
        let connect = format!("ConnectTimeout={}", CONNECT_TIMEOUT.as_secs());
        let options =
            ["BatchMode=yes", &connect, "ServerAliveInterval=15", "ServerAliveCountMax=4", "LogLevel=ERROR"];
        let mut arguments = vec!["-T".to_owned()];
        arguments.extend(options.iter().flat_map(|option| ["-o".to_owned(), (*option).to_owned()]));
        arguments.extend(["--".to_owned(), self.host.clone(), self.far_command(since)]);
        arguments
    }
}

/// A path as a shell takes it for one word. What needs no quotes has none: so `~` is the home folder, and the shells of
/// Windows take it too. Those have no quotes in common for a command, but both take one that is given to `cmd`.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./~:\\@+,=%".contains(c);
    if path.chars().all(is_plain) {
        return path.to_owned();
    }
    let has_drive = matches!(path.as_bytes(), [letter, b':', b'\\', ..] if letter.is_ascii_alphabetic());
    if has_drive && path.chars().all(|c| c == ' ' || is_plain(c)) {
        return format!("cmd /c \"{path}\"");
    }
    format!("'{}'", path.replace('\'', r"'\''"))
}

/// Where `ssh` is: on the path, or where Windows has it.
fn program() -> Option<PathBuf> {
    let name = if cfg!(windows) { "ssh.exe" } else { "ssh" };
    let folders =
        env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let windows = env::var_os("SystemRoot").filter(|_| cfg!(windows));
    let windows = windows.map(|root| Path::new(&root).join(r"System32\OpenSSH"));
    in_folders(folders.into_iter().chain(windows), name)
}

/// The first of these folders that has a program of this name. One that is not named from the root would be another one
/// with each folder that this process is started in.
fn in_folders(folders: impl IntoIterator<Item = PathBuf>, name: &str) -> Option<PathBuf> {
    let named = folders.into_iter().filter(|folder| folder.is_absolute());
    named.map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Asks a machine for what is new, and hands out its lines.
///
/// # Errors
/// Why it could not be asked or did not answer, and what `take` fails with. Lines before that were handed out.
pub fn ask(
    target: &Target,
    since: Option<&Cursor>,
    limits: Limits,
    stop: &dyn Fn() -> bool,
    take: &mut dyn FnMut(&[u8]) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let Some(program) = target.program.clone().or_else(program) else {
        return Err(Problem::new(ProblemKind::SshMissing));
    };
    let mut command = Command::new(program);
    command
        .args(target.arguments(since))
        // A pipe that is closed at once: Windows' own `ssh` takes its null device for a console, and hangs.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Nothing of it may ask for a password in a window.
        .env_remove("SSH_ASKPASS")
        .env_remove("SSH_ASKPASS_REQUIRE");
    without_window(&mut command);
    let child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Problem::new(ProblemKind::SshMissing),
        _ => Problem::saying(ProblemKind::SshMissing, error.to_string()),
    })?;
    let mut running = Running(child);
    drop(running.0.stdin.take());
    let errors = running.0.stderr.take().map(read_errors);
    let lines = running.0.stdout.take().map(read_lines);
    let read = lines.map_or(Ok(()), |lines| hand_out(&lines, limits, stop, take));
    // One that was cut off still runs; one that said everything ends.
    let status = running.wait(if read.is_ok() { END_TIMEOUT } else { Duration::ZERO });
    let said = errors.and_then(|errors| errors.recv_timeout(END_TIMEOUT).ok()).unwrap_or_default();
    match (read, status) {
        (_, Some(status)) if !status.success() => Err(why(status, &said)),
        (read, _) => read,
    }
}

/// What is read of the other machine.
enum FarLine {
    Line(Vec<u8>),
    TooLong,
}

fn hand_out(
    lines: &mpsc::Receiver<FarLine>,
    limits: Limits,
    stop: &dyn Fn() -> bool,
    take: &mut dyn FnMut(&[u8]) -> Result<(), Problem>,
) -> Result<(), Problem> {
    /// How often it is asked whether to stop.
    const TICK: Duration = Duration::from_millis(200);
    let begun = Instant::now();
    let (mut last, mut brought) = (begun, 0_u64);
    loop {
        match lines.recv_timeout(TICK) {
            Ok(FarLine::Line(line)) => {
                last = Instant::now();
                brought += line.len() as u64 + 1;
                if brought > MAX_OUTPUT_LEN {
                    return Err(Problem::new(ProblemKind::TooMuch));
                }
                take(&line)?;
            }
            Ok(FarLine::TooLong) => return Err(Problem::new(ProblemKind::NotRecords)),
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if stop() || begun.elapsed() > limits.whole || last.elapsed() > limits.idle {
            return Err(Problem::new(ProblemKind::TimeOut));
        }
    }
}

fn read_lines(out: impl Read + Send + 'static) -> mpsc::Receiver<FarLine> {
    let (give, take) = mpsc::sync_channel(LINES);
    let work = move || {
        let mut out = BufReader::new(out);
        loop {
            let mut line = Vec::new();
            // One byte more shows that it is too long.
            let read = out.by_ref().take(MAX_LINE_LEN as u64 + 2).read_until(b'\n', &mut line);
            if !matches!(read, Ok(1..)) {
                return;
            }
            let line = match line.pop() {
                Some(b'\n') => FarLine::Line(line),
                // The last one, cut off: whoever reads says so, since the end is missing.
                Some(last) if line.len() < MAX_LINE_LEN => {
                    line.push(last);
                    FarLine::Line(line)
                }
                _ => FarLine::TooLong,
            };
            // That none takes it means that the exchange was ended.
            if give.send(line).is_err() {
                return;
            }
        }
    };
    // Without a thread the channel is closed, and what `ssh` said says why.
    drop(thread::Builder::new().name("tidemark-ssh".to_owned()).spawn(work));
    take
}

fn read_errors(errors: ChildStderr) -> mpsc::Receiver<String> {
    let (give, take) = mpsc::sync_channel(1);
    let work = move || {
        let mut said = Vec::new();
        let mut errors = errors.take(MAX_ERRORS_LEN);
        let _ = errors.read_to_end(&mut said);
        let _ = give.send(String::from_utf8_lossy(&said).into_owned());
        // What else it says is of no interest, but it must be able to say it.
        let _ = std::io::copy(&mut errors.into_inner(), &mut std::io::sink());
    };
    drop(thread::Builder::new().name("tidemark-ssh".to_owned()).spawn(work));
    take
}

/// A process that ends with this value.
struct Running(Child);

impl Running {
    /// How it ended within a time; `None` where it was ended.
    fn wait(&mut self, timeout: Duration) -> Option<ExitStatus> {
        let begun = Instant::now();
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if begun.elapsed() < timeout => thread::sleep(Duration::from_millis(10)),
                Ok(None) | Err(_) => {
                    let _ = self.0.kill();
                    let _ = self.0.wait();
                    return None;
                }
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.wait(Duration::ZERO);
    }
}

/// Why `ssh` ended without success: 255 is its own status, all others are the other machine's.
fn why(status: ExitStatus, said: &str) -> Problem {
    let has = |words: &[&str]| {
        let said = said.to_ascii_lowercase();
        words.iter().any(|word| said.contains(word))
    };
    let kind = match status.code() {
        Some(255)
            if has(&[
                "host key verification failed",
                "host identification has changed",
                "host key is known",
            ]) =>
        {
            ProblemKind::HostKey
        }
        Some(255) if has(&["permission denied", "too many authentication failures"]) => {
            ProblemKind::PermissionDenied
        }
        Some(255) => ProblemKind::Unreachable,
        // What shells say of a program that is not there: 127 of Unix's, 9009 and 1 of Windows'.
        Some(127 | 9009) => ProblemKind::NoTidemark,
        _ if has(&["command not found", "not recognized", "no such file", ": not found"]) => {
            ProblemKind::NoTidemark
        }
        Some(2) if has(&["subcommand", "unexpected argument", "子命令"]) => ProblemKind::Older,
        _ => ProblemKind::FarFailed,
    };
    let last = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    Problem::saying(kind, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_commands_that_are_passed_on_and_that_are_not() {
        for host in ["desk", "lin@desk.example", "ssh://lin@desk.example:2222", "10.0.0.3", "机器"] {
            assert!(Target::new(host, None).is_ok(), "{host}");
        }
        for host in ["", "-oProxyCommand=touch x", "a b", "a\nb", "a\u{1b}[2J", &"a".repeat(2000)] {
            assert_eq!(Target::new(host, None), Err(TargetError::Host), "{host}");
        }
        for command in ["", "-c", "a\nb"] {
            assert_eq!(Target::new("desk", Some(command)), Err(TargetError::Command), "{command}");
        }
    }

    #[test]
    fn a_path_is_one_word_for_the_other_shell() {
        for (path, word) in [
            ("/opt/tidemark/bin/tidemark", "/opt/tidemark/bin/tidemark"),
            ("~/bin/tidemark", "~/bin/tidemark"),
            (r"C:\Tools\tidemark.exe", r"C:\Tools\tidemark.exe"),
            ("/opt/my tools/tidemark", "'/opt/my tools/tidemark'"),
            ("a; rm -rf $HOME", "'a; rm -rf $HOME'"),
            ("it's", r"'it'\''s'"),
            (r"C:\Users\Li Wei\tidemark.exe", r#"cmd /c "C:\Users\Li Wei\tidemark.exe""#),
            (r"C:\a b&calc", r"'C:\a b&calc'"),
            ("`id`", "'`id`'"),
        ] {
            assert_eq!(quoted(path), word);
        }
        let target = Target::new("desk", Some("/opt/t")).unwrap();
        let cursor = Cursor { epoch: "ab".to_owned(), place: 3 };
        let arguments = target.arguments(Some(&cursor));
        assert_eq!(arguments[arguments.len() - 3..], ["--", "desk", "/opt/t machine export --since 1.ab.3"]);
        assert!(arguments.contains(&"BatchMode=yes".to_owned()));
    }

    #[cfg(unix)]
    mod with_a_program {
        use std::os::unix::fs::PermissionsExt as _;

        use super::*;

        /// What comes of asking a machine whose `ssh` is a script.
        fn asked(script: &str, limits: Limits) -> (Vec<String>, Result<(), Problem>) {
            let folder = tempfile::tempdir().unwrap();
            let program = folder.path().join("ssh");
            std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
            let target = Target::new("desk", None).unwrap().with_program(program);
            let mut lines = Vec::new();
            let done = ask(&target, None, limits, &|| false, &mut |line| {
                lines.push(String::from_utf8_lossy(line).into_owned());
                Ok(())
            });
            (lines, done)
        }

        #[test]
        fn what_went_wrong_is_known_by_what_ssh_says() {
            use ProblemKind::*;
            for (script, kind) in [
                ("echo 'Host key verification failed.' >&2; exit 255", HostKey),
                ("echo 'lin@desk: Permission denied (publickey).' >&2; exit 255", PermissionDenied),
                ("echo 'ssh: connect to host desk port 22: Connection refused' >&2; exit 255", Unreachable),
                ("echo 'ssh: Could not resolve hostname desk: No such host' >&2; exit 255", Unreachable),
                ("echo 'bash: line 1: tidemark: command not found' >&2; exit 127", NoTidemark),
                ("echo \"'tidemark' is not recognized as a command\" >&2; exit 1", NoTidemark),
                ("echo \"error: unrecognized subcommand 'machine'\" >&2; exit 2", Older),
                ("echo 'the disk is full' >&2; exit 1", FarFailed),
                ("exit 3", FarFailed),
            ] {
                let (_, done) = asked(script, Limits::default());
                let problem = done.unwrap_err();
                assert_eq!(problem.kind, kind, "{script}");
                assert_eq!(problem.said.is_some(), script.contains("echo"), "{script}");
            }
        }

        #[test]
        fn lines_come_as_they_are_said_and_a_long_one_ends_it() {
            let (lines, done) = asked("printf 'a\\n\\nb'", Limits::default());
            assert_eq!((lines, done), (vec!["a".to_owned(), String::new(), "b".to_owned()], Ok(())));
            let (lines, done) = asked("echo a; head -c 100000 /dev/zero; sleep 60", Limits::default());
            assert_eq!((lines.len(), done.unwrap_err().kind), (1, ProblemKind::NotRecords));
        }

        #[test]
        fn one_that_says_nothing_or_never_ends_is_ended() {
            let limits = Limits { idle: Duration::from_millis(50), whole: Duration::from_mins(1) };
            let begun = Instant::now();
            let (_, done) = asked("exec sleep 60", limits);
            assert_eq!(done.unwrap_err().kind, ProblemKind::TimeOut);
            let limits = Limits { idle: Duration::from_mins(1), whole: Duration::from_millis(50) };
            let (lines, done) = asked("while :; do echo a; done", limits);
            assert_eq!(done.unwrap_err().kind, ProblemKind::TimeOut);
            assert!(!lines.is_empty() && begun.elapsed() < Duration::from_secs(30));
        }

        #[test]
        fn much_on_the_error_output_holds_nothing_up() {
            let (lines, done) = asked("head -c 1000000 /dev/zero >&2; echo a", Limits::default());
            assert_eq!((lines, done), (vec!["a".to_owned()], Ok(())));
        }
    }

    /// As above, where a script is a batch file.
    #[cfg(windows)]
    mod with_a_batch_file {
        use super::*;

        fn asked(script: &str, limits: Limits) -> (Vec<String>, Result<(), Problem>) {
            let folder = tempfile::tempdir().unwrap();
            let program = folder.path().join("ssh.cmd");
            std::fs::write(&program, format!("@echo off\r\n{script}\r\n")).unwrap();
            let target = Target::new("desk", None).unwrap().with_program(program);
            let mut lines = Vec::new();
            let done = ask(&target, None, limits, &|| false, &mut |line| {
                lines.push(String::from_utf8_lossy(line).into_owned());
                Ok(())
            });
            (lines, done)
        }

        #[test]
        fn what_went_wrong_is_known_by_what_ssh_says() {
            for (script, kind) in [
                ("echo Host key verification failed. 1>&2\r\nexit 255", ProblemKind::HostKey),
                ("echo lin@desk: Permission denied 1>&2\r\nexit 255", ProblemKind::PermissionDenied),
                ("echo 'tidemark' is not recognized 1>&2\r\nexit 1", ProblemKind::NoTidemark),
                ("exit 3", ProblemKind::FarFailed),
            ] {
                let (_, done) = asked(script, Limits::default());
                assert_eq!(done.unwrap_err().kind, kind, "{script}");
            }
        }

        #[test]
        fn lines_come_as_they_are_said_and_one_that_never_ends_is_ended() {
            let (lines, done) = asked("echo a\r\necho b", Limits::default());
            assert_eq!((lines, done), (vec!["a\r".to_owned(), "b\r".to_owned()], Ok(())));
            let limits = Limits { idle: Duration::from_mins(1), whole: Duration::from_secs(1) };
            let (lines, done) = asked("echo a\r\n:again\r\ngoto again", limits);
            assert_eq!((lines.len(), done.unwrap_err().kind), (1, ProblemKind::TimeOut));
        }
    }

    #[test]
    fn ssh_is_found_in_folders_that_are_named_from_the_root() {
        let (empty, with) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(with.path().join("ssh.exe"), "").unwrap();
        let folders = [PathBuf::new(), ".".into(), empty.path().to_owned(), with.path().to_owned()];
        assert_eq!(in_folders(folders, "ssh.exe"), Some(with.path().join("ssh.exe")));
        // A test is started in its crate's folder, which has this.
        assert_eq!(in_folders([PathBuf::new(), ".".into()], "Cargo.toml"), None);
    }

    #[test]
    fn without_ssh_it_is_said() {
        let target = Target::new("desk", None).unwrap().with_program("/nowhere/ssh".into());
        let done = ask(&target, None, Limits::default(), &|| false, &mut |_| Ok(()));
        assert_eq!(done.unwrap_err(), Problem::new(ProblemKind::SshMissing));
    }
}
