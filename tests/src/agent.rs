//! The agent as a real process, and its local interface asked over the socket by hand.

use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use serde_json::Value;

use crate::{COMES_UP, Desktop, Program, wait_for};

/// A running `tidemark agent`. Dropping it stops it.
#[derive(Debug)]
pub struct Agent {
    program: Program,
    data_dir: PathBuf,
}

/// What the interface answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; `null` where there was none.
    pub body: Value,
}

impl Desktop {
    /// The data folder the programs use here when none is given.
    pub fn data_dir(&self) -> PathBuf {
        self.data_home().join("tidemark")
    }

    /// Starts the agent for a data folder and waits until its interface answers.
    ///
    /// # Panics
    /// Where it does not, with the end of its log.
    pub fn start_agent<S: AsRef<OsStr>>(&self, data_dir: &Path, args: &[S]) -> Agent {
        self.start_agent_with(data_dir, args, &[])
    }

    /// As [`Desktop::start_agent`], with environment of its own, such as a key that an account refers to.
    ///
    /// # Panics
    /// Where the agent does not come up.
    pub fn start_agent_with<S: AsRef<OsStr>>(
        &self,
        data_dir: &Path,
        args: &[S],
        env: &[(String, String)],
    ) -> Agent {
        let mut command = self.command(crate::built("tidemark"));
        command.arg("agent").arg("--data-dir").arg(data_dir).args(args).envs(env.iter().cloned());
        let mut agent =
            Agent { program: self.spawn("agent", &mut command), data_dir: data_dir.to_path_buf() };
        let answer = || match agent.program.ended() {
            Some(status) => panic!("the agent ended ({status}):\n{}", agent.program.log()),
            None => {
                agent.try_request("GET", "/v1/overview", None).map_err(|e| format!("{e}\n{}", agent.log()))
            }
        };
        wait_for("the agent's interface", COMES_UP, answer, Result::is_ok).ok();
        agent
    }

    /// Asks the agent of a data folder, whoever started it, whatever it answers.
    ///
    /// # Errors
    /// Where there is no answer.
    pub fn ask_agent(&self, data_dir: &Path, method: &str, path: &str) -> Result<Answer, String> {
        ask(&data_dir.join("agent.sock"), method, path, None)
    }

    /// Runs `tidemark` with these arguments to its end; returns its exit status, standard output and error.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn tidemark<S: AsRef<OsStr>>(&self, args: &[S], stdin: &str) -> (ExitStatus, String, String) {
        self.tidemark_with(args, stdin, &[])
    }

    /// As [`Desktop::tidemark`], with environment of its own.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn tidemark_with<S: AsRef<OsStr>>(
        &self,
        args: &[S],
        stdin: &str,
        env: &[(String, String)],
    ) -> (ExitStatus, String, String) {
        use std::process::Stdio;
        let mut command = self.command(crate::built("tidemark"));
        command
            .args(args)
            .envs(env.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("tidemark starts");
        // It may end without reading its input.
        let _ = child.stdin.take().expect("standard input is a pipe").write_all(stdin.as_bytes());
        let out = child.wait_with_output().expect("tidemark's end");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (out.status, text(out.stdout), text(out.stderr))
    }
}

impl Agent {
    /// The process id.
    pub fn id(&self) -> u32 {
        self.program.id()
    }

    /// The data folder.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// What it has written.
    pub fn log(&self) -> String {
        self.program.log()
    }

    /// Its exit status, once it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.program.ended()
    }

    /// Asks it to end (SIGTERM) and waits.
    pub fn stop(mut self) -> ExitStatus {
        self.program.stop()
    }

    /// Kills it (SIGKILL), as a power cut would.
    pub fn kill(mut self) {
        self.program.kill();
    }

    /// Waits until it has ended by itself.
    ///
    /// # Panics
    /// When it has not within `deadline`.
    pub fn wait(&mut self, deadline: Duration) -> ExitStatus {
        self.program.wait(deadline)
    }

    /// Asks for a path of the interface.
    ///
    /// # Panics
    /// Where it does not answer, or with something else than success.
    pub fn get(&self, path: &str) -> Value {
        self.request("GET", path, None)
    }

    /// Asks the interface to do something.
    ///
    /// # Panics
    /// Where it does not answer, or with something else than success.
    pub fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let answer = self
            .try_request(method, path, body)
            .unwrap_or_else(|e| panic!("{method} {path}: {e}\n{}", self.log()));
        assert!((200..300).contains(&answer.status), "{method} {path}: {} {}", answer.status, answer.body);
        answer.body
    }

    /// Asks the interface, whatever it answers.
    ///
    /// # Errors
    /// Where there is no answer.
    pub fn try_request(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, String> {
        ask(&self.data_dir.join("agent.sock"), method, path, body)
    }
}

/// One request over a socket. In HTTP 1.0, so that the answer is all there is until the other side closes.
fn ask(socket: &Path, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, String> {
    let io = |e: std::io::Error| format!("{}: {e}", socket.display());
    let mut stream = UnixStream::connect(socket).map_err(io)?;
    stream.set_read_timeout(Some(Duration::from_secs(90))).map_err(io)?;
    let body = body.map(Value::to_string).unwrap_or_default();
    let head = format!(
        "{method} {path} HTTP/1.0\r\nHost: tidemark\r\nAccept: application/json\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).map_err(io)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).map_err(io)?;
    parse_answer(&bytes)
}

fn parse_answer(bytes: &[u8]) -> Result<Answer, String> {
    let end =
        bytes.windows(4).position(|w| w == b"\r\n\r\n").ok_or("an answer without an end of its head")?;
    let head = String::from_utf8_lossy(&bytes[..end]);
    let status = head
        .split_whitespace()
        .nth(1)
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| format!("an answer without a status: {head}"))?;
    let text = String::from_utf8_lossy(&bytes[end + 4..]);
    let body = if text.trim().is_empty() {
        Value::Null
    } else {
        serde_json::from_str(&text).map_err(|e| format!("{e}: {text}"))?
    };
    Ok(Answer { status, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_taken_apart() {
        let answer =
            parse_answer(b"HTTP/1.0 409 Conflict\r\ncontent-type: application/json\r\n\r\n{\"code\":\"x\"}");
        assert_eq!(answer, Ok(Answer { status: 409, body: serde_json::json!({ "code": "x" }) }));
        let empty = parse_answer(b"HTTP/1.0 204 No Content\r\n\r\n");
        assert_eq!(empty, Ok(Answer { status: 204, body: Value::Null }));
        assert!(parse_answer(b"nonsense").is_err());
    }
}
