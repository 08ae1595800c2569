//! What the tests of the command line share: the built program in an environment of its own, and a
//! simulated service beside it.

#![allow(dead_code, unreachable_pub, reason = "each test program uses its own part of it")]

use std::io::Write as _;
use std::process::{Child, Command, Output, Stdio};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::Value;
use tidemark_simulator::{Running, Scenario, SimClock, Simulator};
use tokio::runtime::Runtime;

/// The program with a home and a data folder of its own, and nothing of the caller's environment.
pub struct Home {
    dir: tempfile::TempDir,
    env: Vec<(String, String)>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Home {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), env: Vec::new() }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn data_dir(&self) -> std::path::PathBuf {
        self.dir.path().join("data")
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidemark"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.dir.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("TIDEMARK_DATA_DIR", self.data_dir())
            .env("TZ", "UTC")
            .envs(self.env.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, b"")
    }

    /// Runs it by a clock that stands so many seconds behind: two runs need not be a while apart to be so.
    pub fn run_ago(&self, service: &Service, seconds: i64, arguments: &[&str]) -> Ended {
        self.run_at(service, Utc::now() - TimeDelta::seconds(seconds), arguments)
    }

    /// Runs it by a clock that shows this moment at its start: what happens soon after another run does so however long
    /// programs take to start.
    pub fn run_at(&self, service: &Service, then: DateTime<Utc>, arguments: &[&str]) -> Ended {
        let then = then.to_rfc3339_opts(SecondsFormat::Millis, true);
        let mut command = self.command(arguments);
        command
            .env("TIDEMARK_STAND_IN", service.running().url())
            .env("TIDEMARK_CLOCK", format!("{then}*1"))
            .stdin(Stdio::null());
        Ended::of(start(&mut command).wait_with_output().unwrap())
    }

    pub fn run_with(&self, arguments: &[&str], stdin: &[u8]) -> Ended {
        let mut child = start(&mut self.command(arguments));
        // It may end without reading its input.
        let _ = child.stdin.take().unwrap().write_all(stdin);
        Ended::of(child.wait_with_output().unwrap())
    }
}

/// Starts a program. Once in thousands of starts Wine’s new process ends before its program begins, and Wine then answers
/// with ERROR_INTERNAL_ERROR: nothing has run, and it is started again.
fn start(command: &mut Command) -> Child {
    const NOT_BEGUN: i32 = 1359;
    let mut tries = 0;
    loop {
        tries += 1;
        match command.spawn() {
            Err(error) if cfg!(windows) && tries < 3 && error.raw_os_error() == Some(NOT_BEGUN) => {}
            started => return started.unwrap(),
        }
    }
}

/// Adds an account of the simulated service whose key the variable `A_KEY` holds.
pub fn add(home: &Home, service: &Service, account: &str, name: &str) -> Ended {
    let arguments = add_arguments(service, account, name);
    home.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The command line that does so.
pub fn add_arguments(service: &Service, account: &str, name: &str) -> Vec<String> {
    let whose = ["account", "add", name, "--json"].map(str::to_owned);
    whose.into_iter().chain(place_arguments(service, account)).collect()
}

/// The options that say where an account of the simulated service is, and that the variable `A_KEY` holds its key.
pub fn place_arguments(service: &Service, account: &str) -> Vec<String> {
    let account = service.running().account(account).unwrap();
    let (source, region) = (account.source.as_str(), account.region.as_str());
    ["--source", source, "--region", region, "--base-url", &account.base_url, "--key-env", "A_KEY"]
        .map(str::to_owned)
        .into()
}

/// A home where `A_KEY` holds the key of an account of the simulated service.
pub fn home(service: &Service, account: &str) -> Home {
    Home::new().with("A_KEY", &service.running().key(account).unwrap())
}

/// The word of the error that it ended with.
pub fn kind(ended: &Ended) -> String {
    ended.json()["error"]["kind"].as_str().unwrap().to_owned()
}

impl Ended {
    pub fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let ended = Self {
            status: output.status.code().expect("ended by itself, not by a signal"),
            out: text(output.stdout),
            err: text(output.stderr),
        };
        assert!(!ended.err.contains("panicked"), "{}", ended.err);
        ended
    }

    /// The one JSON document on standard output.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {:?} {}", self.out, self.err))
    }

    /// The JSON Lines on standard output.
    pub fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A simulated service.
pub struct Service {
    running: Option<Running>,
    runtime: Runtime,
}

impl Service {
    pub fn start(scenario: Scenario) -> Self {
        Self::with_clock(scenario, SimClock::real())
    }

    /// One whose clock stands, so many days ago.
    pub fn code_of_days_ago(days: i64) -> Self {
        let then = Utc::now() - TimeDelta::days(days);
        Self::with_clock(Scenario::one_code(then), SimClock::stepped(then))
    }

    fn with_clock(scenario: Scenario, clock: SimClock) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let address = ([127, 0, 0, 1], 0).into();
        let running = runtime.block_on(Simulator::start(scenario, clock, address)).unwrap();
        Self { running: Some(running), runtime }
    }

    pub fn code() -> Self {
        Self::start(Scenario::one_code(Utc::now()))
    }

    pub fn platform() -> Self {
        Self::start(Scenario::one_platform(Utc::now()))
    }

    pub fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.shutdown());
        }
    }
}
