//! The agent's program, installed beside this one: starting it so that it outlives the window, and
//! starting one on sample data that does not.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde::Deserialize;
use tidemark_api::client::Client;
use tidemark_files::{bundle, process};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::{Instant, sleep, timeout};

/// The agent's program.
const PROGRAM: &str = if cfg!(windows) { "tidemark.exe" } else { "tidemark" };

/// How long an agent may take until it answers. The first start of all makes a database; a slow disk after
/// a login makes that long.
const ANSWERS_WITHIN: Duration = Duration::from_secs(20);

/// How long one on sample data may take: it makes up three months first.
const SAMPLE_WITHIN: Duration = Duration::from_secs(90);

/// How often it is asked meanwhile.
const ASKED_EVERY: Duration = Duration::from_millis(40);

/// How long one on sample data may take to end.
const ENDS_WITHIN: Duration = Duration::from_secs(3);

/// How much of what it said last goes into an error.
const TAIL: usize = 600;

/// Why the agent could not be started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// Its program is not where it belongs.
    #[error("the agent's program was not found: {}", .0.display())]
    Missing(PathBuf),
    /// The system did not start it.
    #[error("{} did not start: {source}", .program.display())]
    NotStarted {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It ended before it answered.
    #[error("the agent stopped right after it started ({status}){}", said_text(.said))]
    Ended {
        /// How it ended.
        status: ExitStatus,
        /// The last it said.
        said: String,
    },
    /// It runs but does not answer.
    #[error("the agent started but did not respond within {} seconds{}", .within.as_secs(), said_text(.said))]
    Silent {
        /// How long it was waited for.
        within: Duration,
        /// The last it said.
        said: String,
    },
}

fn said_text(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

/// Where the agent's program is: beside this one; in an application of macOS, in the agent's own.
pub(crate) fn program() -> Result<PathBuf, StartError> {
    let own = process::own_program().ok();
    let beside = own
        .and_then(|own| bundle::agent_of(&own).or_else(|| Some(own.parent()?.join(PROGRAM))))
        .unwrap_or_else(|| PathBuf::from(PROGRAM));
    if beside.is_file() { Ok(beside) } else { Err(StartError::Missing(beside)) }
}

/// A command that has nothing to do with this window's terminal or console.
fn detached(program: &Path) -> Command {
    let mut command = Command::new(program);
    // In a group of its own: a Ctrl-C in the terminal of the window is not meant for it.
    #[cfg(unix)]
    command.process_group(0);
    #[cfg(windows)]
    {
        const CREATE_NO_WINDOW: u32 = 0x0800_0000;
        const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
        command.creation_flags(CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP);
    }
    command
}

/// Makes sure that an agent answers for this data folder. The one that is started goes on when this
/// program ends.
pub(crate) async fn ensure_running(data_dir: &Path) -> Result<(), StartError> {
    let client = Client::for_data_dir(data_dir);
    if client.is_running().await {
        // One that cannot be asked, or does not end, is shown as it is: its page says what does not fit.
        if !matches!(client.end_if_older().await, Ok(true)) {
            return Ok(());
        }
        tracing::info!("an older agent has ended; this version's takes its place");
    }
    let program = program()?;
    let mut child = detached(&program)
        .arg("agent")
        .arg("--data-dir")
        .arg(data_dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| StartError::NotStarted { program, source })?;
    let mut said = listen_to(&mut child);
    let started = Instant::now();
    loop {
        if client.is_running().await {
            return Ok(());
        }
        if let Ok(Some(status)) = child.try_wait() {
            // One that another program started in the same moment has the folder's lock, and will answer.
            sleep(ASKED_EVERY * 5).await;
            if client.is_running().await {
                return Ok(());
            }
            return Err(StartError::Ended { status, said: said.tail().await });
        }
        if started.elapsed() > ANSWERS_WITHIN {
            return Err(StartError::Silent { within: ANSWERS_WITHIN, said: said.tail().await });
        }
        sleep(ASKED_EVERY).await;
    }
}

/// An agent on sample data. It ends with the window, or when it is dropped.
#[derive(Debug)]
pub(crate) struct SampleAgent {
    child: Child,
    /// The agent takes the end of its standard input as this window's end, also where that is a crash.
    lifeline: Option<ChildStdin>,
    data_dir: PathBuf,
}

/// The line in which an agent on sample data says where it is.
#[derive(Debug, Deserialize)]
struct Whereabouts {
    data_dir: PathBuf,
}

impl SampleAgent {
    /// Starts one, and waits until it has said where it is and answers there.
    pub(crate) async fn start() -> Result<SampleAgent, StartError> {
        let program = program()?;
        let mut child = detached(&program)
            .args(["agent", "--demo", "--while-stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| StartError::NotStarted { program, source })?;
        let lifeline = child.stdin.take();
        let mut said = listen_to(&mut child);
        let Some(stdout) = child.stdout.take() else {
            return Err(StartError::Silent { within: SAMPLE_WITHIN, said: String::new() });
        };
        let mut lines = BufReader::new(stdout).lines();
        let first = timeout(SAMPLE_WITHIN, lines.next_line()).await;
        let line = match first {
            Ok(Ok(Some(line))) => line,
            Ok(_) => {
                // It may have closed its output and go on; dropped, it ends.
                return Err(match timeout(ENDS_WITHIN, child.wait()).await {
                    Ok(status) => {
                        StartError::Ended { status: status.unwrap_or_default(), said: said.tail().await }
                    }
                    Err(_) => StartError::Silent { within: ENDS_WITHIN, said: said.tail().await },
                });
            }
            Err(_) => return Err(StartError::Silent { within: SAMPLE_WITHIN, said: said.tail().await }),
        };
        // Whatever it prints afterwards is taken off its hands.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let Ok(Whereabouts { data_dir }) = serde_json::from_str(&line) else {
            return Err(StartError::Silent {
                within: SAMPLE_WITHIN,
                said: line.chars().take(TAIL).collect(),
            });
        };
        let client = Client::for_data_dir(&data_dir);
        let started = Instant::now();
        while !client.is_running().await {
            if started.elapsed() > ANSWERS_WITHIN {
                return Err(StartError::Silent { within: SAMPLE_WITHIN, said: said.tail().await });
            }
            sleep(ASKED_EVERY).await;
        }
        Ok(SampleAgent { child, lifeline, data_dir })
    }

    /// The folder of its data, which it removes when it ends.
    pub(crate) fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Ends it and waits until it has cleaned up; kills it where it takes too long.
    pub(crate) async fn stop(mut self) {
        #[cfg(unix)]
        if let Some(pid) = self.child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())) {
            // Fails only where it has just ended.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        drop(self.lifeline.take());
        if timeout(ENDS_WITHIN, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await; // has ended, then
        }
    }
}

/// Reads what a child writes to standard error, for as long as this program runs.
struct StderrTail {
    text: tokio::sync::watch::Receiver<Vec<u8>>,
}

impl StderrTail {
    /// The last lines, once they had a moment to arrive.
    async fn tail(&mut self) -> String {
        sleep(ASKED_EVERY).await;
        let bytes = self.text.borrow_and_update().clone();
        String::from_utf8_lossy(&bytes).trim().replace('\n', " · ")
    }
}

fn listen_to(child: &mut Child) -> StderrTail {
    let (sender, text) = tokio::sync::watch::channel(Vec::new());
    if let Some(mut stderr) = child.stderr.take() {
        tokio::spawn(async move {
            let mut buffer = [0_u8; 512];
            while let Ok(read @ 1..) = stderr.read(&mut buffer).await {
                sender.send_modify(|all| {
                    all.extend_from_slice(&buffer[..read]);
                    let surplus = all.len().saturating_sub(TAIL);
                    all.drain(..surplus);
                });
            }
        });
    }
    StderrTail { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_the_agent_said() {
        let silent = StartError::Silent { within: ANSWERS_WITHIN, said: "the disk is full".to_owned() };
        assert_eq!(
            silent.to_string(),
            "the agent started but did not respond within 20 seconds: the disk is full"
        );
        let mute = StartError::Silent { within: ANSWERS_WITHIN, said: String::new() };
        assert_eq!(mute.to_string(), "the agent started but did not respond within 20 seconds");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_the_end_of_what_was_said_is_kept() {
        let mut child = Command::new("sh")
            .args(["-c", "seq 1 2000 >&2; echo the end >&2"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = listen_to(&mut child);
        child.wait().await.unwrap();
        while said.text.has_changed().is_ok() {
            tokio::task::yield_now().await; // until the pipe has closed
        }
        let tail = said.tail().await;
        assert!(tail.ends_with("1999 · 2000 · the end"), "{tail}");
        assert!(tail.len() < 2 * TAIL);
    }
}
