//! A machine for journeys over several: a home with session logs, and a data folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use chrono::{SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::binaries::built;

/// When the first request was logged, in milliseconds of the epoch.
const BEGIN: i64 = 1_750_000_020_000;

/// A machine: a home with session logs, and a data folder.
pub struct Machine {
    home: TempDir,
    /// Before everything else on the path: what stands for `ssh`.
    tools: PathBuf,
    /// How far its clock is ahead; `None` where it is right.
    clock: Option<TimeDelta>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// Whether with status 0.
    pub success: bool,
    /// What it wrote on standard output.
    pub out: String,
    /// What it wrote on standard error.
    pub err: String,
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

impl Machine {
    /// One with nothing on it.
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let tools = home.path().join("tools");
        fs::create_dir(&tools).unwrap();
        Self { home, tools, clock: None }
    }

    /// Sets its clock: so far ahead of the right time, or behind it.
    pub fn set_clock(&mut self, ahead: TimeDelta) {
        self.clock = (!ahead.is_zero()).then_some(ahead);
    }

    /// Programs here come before all others of their name.
    pub fn tools(&self) -> &Path {
        &self.tools
    }

    /// Its home folder.
    pub fn path(&self) -> &Path {
        self.home.path()
    }

    /// Its data folder.
    pub fn data_dir(&self) -> PathBuf {
        self.path().join("data")
    }

    /// Logs requests of a session, one a minute. The same number is the same request.
    pub fn logs(&self, session: &str, requests: std::ops::Range<i64>) {
        self.logs_at(session, requests, BEGIN);
    }

    /// As [`Machine::logs`], the first of all requests at a time in milliseconds of the epoch.
    pub fn logs_at(&self, session: &str, requests: std::ops::Range<i64>, begin: i64) {
        let folder =
            self.path().join(format!(".kimi-code/sessions/wd_boat_0123456789ab/{session}/agents/main"));
        fs::create_dir_all(&folder).unwrap();
        let lines: Vec<String> = requests
            .map(|number| {
                let record = json!({
                    "type": "usage.record", "model": "kimi-code/k3", "usageScope": "turn",
                    "time": begin + number * 60_000,
                    "usage": {"inputOther": 10 + number, "output": 5, "inputCacheRead": 100},
                });
                record.to_string() + "\n"
            })
            .collect();
        let log = folder.join("wire.jsonl");
        let before = fs::read_to_string(&log).unwrap_or_default();
        fs::write(&log, before + &lines.concat()).unwrap();
    }

    /// The program on it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(built("tidemark"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", format!("{}:{path}", self.tools.display()))
            .env("TIDEMARK_DATA_DIR", self.data_dir())
            .env("TZ", "UTC")
            .env("FOLDER_PASSPHRASE", "four random words here")
            .stdin(Stdio::null());
        if let Some(ahead) = self.clock {
            let now = (Utc::now() + ahead).to_rfc3339_opts(SecondsFormat::Millis, true);
            command.env("TIDEMARK_STAND_IN", "http://127.0.0.1:9").env("TIDEMARK_CLOCK", format!("{now}*1"));
        }
        command
    }

    /// Runs the program on it to its end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ended { success: output.status.success(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// The document that a command prints.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let ended = self.run(&[arguments, &["--json"]].concat());
        serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {ended:?}"))
    }

    /// Requests of a machine by its name, of `this` one, or of `all`.
    pub fn requests(&self, machine: &str) -> u64 {
        let logs = self.json(&["logs", "--machine", machine, "--by", "model"]);
        logs["totals"]["requests"].as_u64().unwrap_or_else(|| panic!("{logs}"))
    }
}

/// A program that ends with the test.
pub struct Ends(pub Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
