//! Measures the built programs as a user would meet them, on a desktop of their own: `cargo xtask bench`
//! runs this with the optimised ones and writes down what it says. A JSON line a measure; what has no bound
//! is there to be read beside the others.
//!
//! Usage: `measure [part of a name]`, with `TIDEMARK_BIN_DIR` naming the folder of the programs.

#![cfg(unix)]
#![allow(clippy::expect_used, reason = "a measure that cannot be made ends the program, and says why")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tidemark_journeys::{
    Agent, COMES_UP, Desktop, Launch, Options, Program, Service, bin_dir, built, wait_for,
};
use tidemark_simulator::Scenario;

/// Starts of each window; the median counts.
const STARTS: usize = 9;

/// Calls of the command line; the median counts.
const CALLS: usize = 100;

/// How long a program is idle before its memory is measured.
const SETTLES: Duration = Duration::from_secs(10);

/// How long its use of the processor is watched.
const WATCHED: Duration = Duration::from_mins(1);

/// Accounts of the agent that is measured.
const ACCOUNTS: usize = 10;

/// How fast its clock runs while it is watched for growth.
const HURRY: f64 = 120.0;

/// Hours on that clock.
const GROWS_OVER: i64 = 6;

/// Where the history that is reported on ends.
const HISTORY_END: &str = "2026-11-22T00:00:00Z";

/// A group of measures and what makes it.
type Measure = (&'static str, fn() -> Vec<Value>);

const MEASURES: [Measure; 5] =
    [("window", window), ("status", status), ("lines", lines), ("agent", agent), ("report", report)];

fn main() {
    let only = std::env::args().nth(1).unwrap_or_default();
    for (name, measure) in MEASURES {
        if name.contains(&only) {
            for line in measure() {
                say(&line);
            }
        }
    }
}

#[allow(clippy::print_stdout, reason = "the lines are what this program is for")]
fn say(line: &Value) {
    println!("{line}");
}

fn measured(name: &str, value: f64, unit: &str, bound: Option<f64>) -> Value {
    json!({ "name": name, "value": value, "unit": unit, "bound": bound })
}

/// The window beside a bare one, started in turn so that both meet the same machine.
fn window() -> Vec<Value> {
    let desktop = Desktop::start(&Options::default());
    // As on most days: the agent has been running since the login, and there are accounts to be shown.
    let start: DateTime<Utc> = "2026-11-18T09:00:00Z".parse().expect("a time");
    let (_service, _agent) = ten_accounts(&desktop, start, 1.0);
    let ours = (built("tidemark-desktop"), Vec::new());
    let bare = (bin_dir().join("examples/bare-window"), Vec::new());
    let mut content: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
    let mut accounts = Vec::new();
    let mut after = Vec::new();
    let mut memory: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
    for round in 0..=STARTS {
        for (which, (binary, args)) in [&ours, &bare].into_iter().enumerate() {
            let (seconds, shown) = first_content(&desktop, binary, args, which == 0);
            if round > 0 {
                content[which].push(seconds); // the first start of each fills the page cache
                accounts.extend(shown);
                after.extend(shown.map(|shown| shown - seconds));
            }
        }
    }
    for _ in 0..3 {
        for (which, (binary, args)) in [&ours, &bare].into_iter().enumerate() {
            memory[which].push(window_memory(&desktop, binary, args));
        }
    }
    let [our_start, bare_start] = content.map(median);
    let [our_memory, bare_memory] = memory.map(median);
    vec![
        measured("window: start to first content", our_start * 1000.0, "ms", None),
        measured("bare window: start to first content", bare_start * 1000.0, "ms", None),
        measured("window: start to the figures of ten accounts", median(accounts) * 1000.0, "ms", None),
        measured(
            "window: from first content to the figures of ten accounts",
            median(after) * 1000.0,
            "ms",
            Some(700.0),
        ),
        measured("window beside bare: start to first content", our_start / bare_start, "×", Some(1.15)),
        measured("window: memory while open (PSS of its processes)", our_memory, "MiB", None),
        measured("bare window: memory while open (PSS of its processes)", bare_memory, "MiB", None),
        measured("window beside bare: memory while open", our_memory / bare_memory, "×", Some(1.2)),
    ]
}

/// Seconds from the start of the process to the first painted content, as the page's own clock has it, and to
/// the accounts on the page where it has any.
fn first_content(desktop: &Desktop, binary: &Path, args: &[String], accounts: bool) -> (f64, Option<f64>) {
    let launch = Launch { binary: Some(binary.to_path_buf()), args: args.to_vec(), env: Vec::new() };
    let window = desktop.open_window(&launch);
    let moment = |what: &str, entry: &str| {
        let script = format!(
            "(performance.getEntriesByName('{entry}')[0] ?? {{ startTime: NaN }}).startTime \
             + performance.timeOrigin"
        );
        let at = wait_for(what, COMES_UP, || window.evaluate(&script).as_f64(), Option::is_some);
        at.expect("it was waited for")
    };
    let painted = moment("the first painted content", "first-contentful-paint");
    let shown = accounts.then(|| moment("the accounts", "accounts-shown"));
    let name = binary.display().to_string();
    let (id, _) = desktop
        .processes()
        .into_iter()
        .find(|(_, line)| line.starts_with(&name))
        .expect("the window's process");
    let started = started_at(id);
    desktop.close_window(window);
    wait_for(&format!("the end of {name}"), COMES_UP, || alive(desktop, &name), |alive| !alive);
    (painted / 1000.0 - started, shown.map(|shown| shown / 1000.0 - started))
}

fn alive(desktop: &Desktop, name: &str) -> bool {
    desktop.processes().iter().any(|(_, line)| line.contains(name))
}

/// PSS in MiB of the window's processes: its own and those of its web view. The agent is measured apart.
fn window_memory(desktop: &Desktop, binary: &Path, args: &[String]) -> f64 {
    let mut program = desktop.spawn("measured", desktop.command(binary).args(args));
    std::thread::sleep(SETTLES);
    let agent = built("tidemark").display().to_string();
    let processes = desktop.processes();
    let of_window = processes.iter().filter(|(_, line)| !line.starts_with(&agent));
    let total: f64 = of_window.map(|(id, _)| pss(*id)).sum();
    program.stop();
    wait_for("the web view's end", COMES_UP, || alive(desktop, "WebKit"), |alive| !alive);
    total
}

/// `tidemark status` as a whole process, over the history of the sample data.
fn status() -> Vec<Value> {
    let desktop = Desktop::start(&Options::default());
    let (_agent, data_dir) = sample_agent(&desktop);
    let run = || {
        let mut command = desktop.command(built("tidemark"));
        command.args(["status", "--json", "--data-dir", &data_dir]).stdout(Stdio::null());
        let started = Instant::now();
        let status = command.status().expect("tidemark starts");
        assert!(status.success(), "tidemark status: {status}");
        started.elapsed().as_secs_f64() * 1000.0
    };
    run(); // fills the page cache
    let times: Vec<f64> = (0..CALLS).map(|_| run()).collect();
    let slowest = times.iter().copied().fold(0.0, f64::max);
    vec![
        measured("tidemark status --json: whole process, median", median(times), "ms", Some(15.0)),
        measured("tidemark status --json: whole process, slowest", slowest, "ms", None),
    ]
}

/// What runs at every prompt and in every line of a terminal, each as a whole process over the history of the
/// sample data, beside a program of Node.js that does nothing: the status lines that people use instead are
/// written in it. Called in turn, so that all meet the same machine.
fn lines() -> Vec<Value> {
    let desktop = Desktop::start(&Options::default());
    let (_agent, data_dir) = sample_agent(&desktop);
    let data_dir = data_dir.as_str();
    let prompt = json!({
        "hook_event_name": "UserPromptSubmit",
        "session_id": "measured",
        "cwd": "/work",
        "prompt": "go on",
    })
    .to_string();
    let tidemark = built("tidemark");
    let ours = |arguments: &[&str]| {
        let mut command = desktop.command(&tidemark);
        command.args(arguments).args(["--data-dir", data_dir]);
        command
    };
    let node = || {
        let mut command = desktop.command("node");
        command.args(["--eval", ""]);
        command
    };
    let line = || ours(&["status", "--format", "kimi-code"]);
    let (guard, check) = (|| ours(&["guard"]), || ours(&["check"]));
    // 2 stops a prompt, 7 says that less is left than was asked for.
    let calls = [
        Call {
            name: "tidemark status --format kimi-code",
            bound: Some(12.0),
            input: "{}",
            ends: &[0],
            command: &line,
        },
        Call {
            name: "tidemark guard at a prompt",
            bound: Some(12.0),
            input: &prompt,
            ends: &[0, 2],
            command: &guard,
        },
        Call { name: "tidemark check", bound: Some(10.0), input: "", ends: &[0, 7], command: &check },
        Call {
            name: "a program of Node.js that does nothing",
            bound: None,
            input: "",
            ends: &[0],
            command: &node,
        },
    ];
    let mut times = [const { Vec::new() }; 4];
    for round in 0..=CALLS {
        for (call, times) in calls.iter().zip(&mut times) {
            let took = call.whole_process();
            if round > 0 {
                times.push(took); // the first call fills the page cache
            }
        }
    }
    let figure = |(call, times): (&Call<'_>, Vec<f64>)| {
        measured(&format!("{}: whole process, median", call.name), median(times), "ms", call.bound)
    };
    calls.iter().zip(times).map(figure).collect()
}

/// A call of a program.
struct Call<'a> {
    name: &'a str,
    /// Milliseconds that it may take.
    bound: Option<f64>,
    /// What it reads on standard input.
    input: &'a str,
    /// With what it may end.
    ends: &'a [i32],
    command: &'a dyn Fn() -> Command,
}

impl Call<'_> {
    /// Milliseconds from the start of the process to its end.
    fn whole_process(&self) -> f64 {
        let name = self.name;
        let started = Instant::now();
        let mut child = (self.command)()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("{name} does not start: {e}"));
        // One that does not read its input may have ended already: what it was to read is dropped then.
        let _ = child.stdin.take().expect("standard input is a pipe").write_all(self.input.as_bytes());
        let status = child.wait().expect("a child's end");
        let took = started.elapsed().as_secs_f64() * 1000.0;
        assert!(status.code().is_some_and(|code| self.ends.contains(&code)), "{name}: {status}");
        took
    }
}

/// The agent as it runs all day: ten accounts whose keys are in the keyring, polled over HTTP, with its tray.
fn agent() -> Vec<Value> {
    let desktop = Desktop::start(&Options::default());
    let start: DateTime<Utc> = "2026-11-18T09:00:00Z".parse().expect("a time");
    let data = desktop.data_dir();

    // Hours of polling in minutes. The accounts are in use: some are polled every minute.
    let (service, agent) = ten_accounts(&desktop, start, HURRY);
    let at = |hours: i64| {
        pass_until(&service, start + TimeDelta::hours(hours));
        (pss(agent.id()), service.looks().len())
    };
    let (after_one, looks) = at(1);
    assert!(looks >= ACCOUNTS * 10, "only {looks} looks in an hour");
    let (after_half, _) = at(GROWS_OVER / 2);
    let (after_all, all_looks) = at(GROWS_OVER);
    let a_poll = cpu_seconds(agent.id()) / all_looks as f64 * 1000.0;
    assert!(agent.stop().success(), "the agent ends well");
    drop(service);

    // The same accounts at night: half an hour at high speed, after which no use counts as recent, and then
    // at the speed of the clock, with no window open. Polls that are due continue.
    let night: DateTime<Utc> = "2026-11-18T20:00:00Z".parse().expect("a time");
    let service = Service::start(Scenario::fleet(ACCOUNTS, night, 7), night, HURRY);
    let agent = desktop.start_agent_with::<&str>(&data, &[], &service.env());
    pass_until(&service, night + TimeDelta::minutes(30));
    let rested = service.now();
    assert!(agent.stop().success(), "the agent ends well");
    drop(service);
    let service = Service::start(Scenario::fleet(ACCOUNTS, rested, 7), rested, 1.0);
    let agent = desktop.start_agent_with::<&str>(&data, &[], &service.env());
    wait_for("a poll of every account", COMES_UP, || service.looks().len(), |looks| *looks >= ACCOUNTS);
    std::thread::sleep(SETTLES);
    let (before, looked) = (cpu_seconds(agent.id()), service.looks().len());
    std::thread::sleep(WATCHED);
    let used = cpu_seconds(agent.id()) - before;
    let polls = service.looks().len() - looked;
    assert!(agent.stop().success(), "the agent ends well");
    let growth = after_all - after_half;
    vec![
        measured("agent, ten accounts: memory (PSS) after an hour of polling", after_one, "MiB", Some(20.0)),
        measured(
            &format!("agent, ten accounts: memory (PSS) after {GROWS_OVER} hours, {all_looks} polls"),
            after_all,
            "MiB",
            Some(20.0),
        ),
        measured(
            &format!("agent, ten accounts: growth over the second half of {GROWS_OVER} hours"),
            growth,
            "MiB",
            Some(0.5),
        ),
        measured("agent, ten accounts: processor time a poll", a_poll, "ms", None),
        measured(
            &format!(
                "agent, ten accounts: share of a core over 60 s without use ({polls} polls fell into it)"
            ),
            used / WATCHED.as_secs_f64() * 100.0,
            "%",
            Some(0.05),
        ),
    ]
}

/// The evidence report, written by an agent that answers others meanwhile: of a month and of a year of an account
/// that was polled every five minutes.
fn report() -> Vec<Value> {
    let desktop = Desktop::start(&Options::default());
    let data = desktop.data_dir();
    std::fs::create_dir_all(&data).expect("a data folder");
    let mut generate = desktop.command(bin_dir().join("examples/generate"));
    generate.arg(&data).args(["--years", "1", "--accounts", "1"]).stdout(Stdio::null());
    assert!(generate.status().expect("generate starts").success(), "generate fails");
    let agent = desktop.start_agent::<&str>(&data, &[]);
    std::thread::sleep(SETTLES);
    let rest = resident(agent.id(), "VmRSS:");
    let to: DateTime<Utc> = HISTORY_END.parse().expect("a time");
    let taken = |days: i64| {
        let from = (to - TimeDelta::days(days)).format("%Y-%m-%dT%H:%M:%SZ");
        let path = format!("/v1/report?from={from}&to={HISTORY_END}");
        // Resets the peak, `VmHWM`.
        std::fs::write(format!("/proc/{}/clear_refs", agent.id()), "5").expect("a peak that can be reset");
        let begun = Instant::now();
        let (len, slowest) = std::thread::scope(|scope| {
            let download = scope.spawn(|| download_len(&data, &path));
            let mut slowest = Duration::ZERO;
            while !download.is_finished() {
                let asked = Instant::now();
                agent.get("/v1/overview");
                slowest = slowest.max(asked.elapsed());
            }
            (download.join().expect("a report"), slowest)
        });
        let peak = resident(agent.id(), "VmHWM:") - rest;
        (len, begun.elapsed(), peak, slowest)
    };
    let (_, _, month, _) = taken(30);
    let (len, took, year, slowest) = taken(365);
    assert!(agent.stop().success(), "the agent ends well");
    vec![
        measured("report over a month: memory beyond the agent's at rest", month, "MiB", None),
        measured("report over a year: memory beyond the agent's at rest", year, "MiB", None),
        measured("report over a year: memory beyond that of a month", year - month, "MiB", Some(2.0)),
        measured("report over a year: size", len as f64 / 1e6, "MB", None),
        measured("report over a year: time", took.as_secs_f64(), "s", None),
        measured(
            "report over a year: slowest answer to others meanwhile",
            slowest.as_secs_f64() * 1000.0,
            "ms",
            Some(50.0),
        ),
    ]
}

/// Downloads a path of the agent's interface, keeps nothing of it, and returns how many bytes came.
fn download_len(data: &Path, path: &str) -> u64 {
    use std::io::Write as _;
    let mut stream = std::os::unix::net::UnixStream::connect(data.join("agent.sock")).expect("the agent");
    let head = format!("GET {path} HTTP/1.0\r\nHost: tidemark\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("a request");
    std::io::copy(&mut stream, &mut std::io::sink()).expect("a report")
}

/// A figure of `/proc/<id>/status`, in MiB.
fn resident(id: u32, field: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let kib = text
        .lines()
        .find_map(|line| line.strip_prefix(field)?.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    kib.expect("a figure of a running process") / 1024.0
}

/// Waits for a moment on the simulator's clock.
fn pass_until(service: &Service, moment: DateTime<Utc>) {
    let hurried = (moment - service.now()).to_std().unwrap_or_default().div_f64(HURRY) + COMES_UP;
    wait_for(&format!("{moment}"), hurried, || service.now(), |now| *now >= moment);
}

/// The simulator with ten accounts, and an agent that watches them, their keys in the keyring.
fn ten_accounts(desktop: &Desktop, start: DateTime<Utc>, speed: f64) -> (Service, Agent) {
    let service = Service::start(Scenario::fleet(ACCOUNTS, start, 7), start, speed);
    let agent = desktop.start_agent_with::<&str>(&desktop.data_dir(), &[], &service.env());
    for account in service.running().accounts() {
        let body = json!({ "name": account.name, "key": { "kind": "keyring", "key": account.key } });
        agent.request("POST", "/v1/accounts", Some(&body));
    }
    (service, agent)
}

/// An agent on sample data, and its data folder.
fn sample_agent(desktop: &Desktop) -> (Program, String) {
    let mut command = desktop.command(built("tidemark"));
    command.args(["agent", "--demo", "--while-stdin"]);
    let mut agent =
        Program::start_with("agent", &mut command, desktop.logs(), Stdio::piped(), Some(Stdio::piped()));
    let stdout = agent.child().stdout.take().expect("standard output is a pipe");
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line)
        .expect("the agent's first line");
    let said: Value =
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}: {}", agent.log()));
    let data_dir = said["data_dir"].as_str().expect("the data folder").to_owned();
    (agent, data_dir)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}

/// Proportional set size in MiB.
fn pss(id: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
    let kib = text
        .lines()
        .find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// The fields of `/proc/<id>/stat` after the program's name, which may hold anything.
fn stat(id: u32) -> Vec<f64> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).expect("a running process");
    let (_, fields) = text.rsplit_once(')').expect("a name in brackets");
    fields.split_whitespace().map(|field| field.parse().unwrap_or(f64::NAN)).collect()
}

/// Linux counts these in hundredths of a second on every machine that this runs on.
const TICKS: f64 = 100.0;

fn cpu_seconds(id: u32) -> f64 {
    let fields = stat(id);
    (fields[11] + fields[12]) / TICKS
}

/// When a process was started, in seconds of the wall clock. Linux counts from its own start, so that is
/// taken from its clock, at a precision of ten milliseconds.
fn started_at(id: u32) -> f64 {
    let since_boot = stat(id)[19] / TICKS;
    let uptime = std::fs::read_to_string("/proc/uptime").expect("the time since the start");
    let uptime: f64 = uptime.split_whitespace().next().and_then(|s| s.parse().ok()).expect("seconds");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs_f64();
    now - uptime + since_boot
}
