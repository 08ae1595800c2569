//! A home folder with session logs, and the truth about them.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tidemark_core::Tokens;

/// One request that really was.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Use {
    pub(crate) at: i64,
    pub(crate) model: String,
    pub(crate) third: bool,
    pub(crate) project: Option<String>,
    pub(crate) session: String,
    pub(crate) tokens: Tokens,
}

/// A home under way.
pub(crate) struct Home {
    dir: tempfile::TempDir,
    seed: u64,
    sessions: u64,
    pub(crate) truth: Vec<Use>,
    /// Lines that nobody could read.
    pub(crate) skipped: u64,
    /// Logs that were written, by path.
    logs: BTreeSet<PathBuf>,
}

/// A session that is being written.
#[derive(Clone)]
struct Session {
    path: PathBuf,
    name: String,
    project: Option<String>,
}

const CONFIG: &str = r#"
default_model = "daily"
[providers."managed:kimi-code"]
type = "kimi"
base_url = "https://api.kimi.com/coding/v1"
[providers.rented]
type = "openai"
base_url = "https://gpu.example.net/v1"
[models."kimi-code/k3"]
provider = "managed:kimi-code"
model = "k3"
[models.daily]
provider = "managed:kimi-code"
model = "kimi-for-coding"
[models.night]
provider = "rented"
model = "kimi-k2.6"
[secondary_model]
default_model = "daily"
"#;

impl Home {
    pub(crate) fn new(seed: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join(".kimi-code")).unwrap();
        fs::write(dir.path().join(".kimi-code/config.toml"), CONFIG).unwrap();
        Self { dir, seed: seed | 1, sessions: 0, truth: Vec::new(), skipped: 0, logs: BTreeSet::new() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn files(&self) -> u64 {
        self.logs.len() as u64
    }

    fn random(&mut self, below: u64) -> u64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        self.seed % below
    }

    /// A moment between March and November 2026, each at most once.
    fn moment(&mut self) -> i64 {
        1_772_500_000_000 + self.random(22_000_000) as i64 * 1000 + self.truth.len() as i64 % 1000
    }

    fn tokens(&mut self) -> Tokens {
        Tokens {
            input: 1 + self.random(20_000),
            cache_read: self.random(200_000),
            cache_write: if self.random(4) == 0 { self.random(3000) } else { 0 },
            output: 1 + self.random(4000),
        }
    }

    fn append(&mut self, path: &Path, bytes: &[u8]) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut file = fs::OpenOptions::new().append(true).create(true).open(path).unwrap();
        file.write_all(bytes).unwrap();
        self.logs.insert(path.to_owned());
    }

    fn line(&mut self, path: &Path, value: &Value) {
        self.append(path, format!("{value}\n").as_bytes());
    }

    /// A session of Kimi Code in a home of it, ascribed to its folder by the index.
    fn session(&mut self, root: &str) -> Session {
        self.sessions += 1;
        let name = format!("session_{:04}", self.sessions);
        let project = format!("/work/boat-{}", self.random(3));
        let home = self.path().join(root);
        let folder = home.join(format!("sessions/wd_boat_{:012x}/{name}", self.sessions));
        fs::create_dir_all(&folder).unwrap();
        let entry = json!({"sessionId": name, "sessionDir": folder, "workDir": project});
        let index = home.join("session_index.jsonl");
        let mut file = fs::OpenOptions::new().append(true).create(true).open(index).unwrap();
        writeln!(file, "{entry}").unwrap();
        let path = folder.join("agents/main/wire.jsonl");
        self.line(&path, &json!({"type": "metadata", "protocol_version": "1.5", "created_at": 1_772_400_000_000_i64 + self.sessions as i64}));
        Session { path, name, project: Some(project) }
    }

    /// A record as it is written, and the truth of it.
    fn used(&mut self, session: &Session, written: &Value, model: &str, third: bool, scope: &str) {
        let (at, tokens) = (self.moment(), self.tokens());
        self.used_so(session, written, model, third, scope, at, tokens);
    }

    #[expect(clippy::too_many_arguments, reason = "a record has this many parts")]
    fn used_so(
        &mut self,
        session: &Session,
        written: &Value,
        model: &str,
        third: bool,
        scope: &str,
        at: i64,
        tokens: Tokens,
    ) {
        self.line(&session.path, &record(written, at, tokens, scope));
        self.truth.push(Use {
            at,
            model: model.to_owned(),
            third,
            project: session.project.clone(),
            session: session.name.clone(),
            tokens,
        });
    }

    /// Some sessions of ordinary work.
    pub(crate) fn work(&mut self, requests: u64) {
        let mut session = self.session(".kimi-code");
        for _ in 0..requests {
            if self.random(20) == 0 {
                session = self.session(".kimi-code");
            }
            let (written, model) =
                [("kimi-code/k3", "kimi-k3"), ("daily", "kimi-for-coding"), ("kimi-k2.6", "kimi-k2.6")]
                    [self.random(3) as usize];
            self.line(
                &session.path,
                &json!({"type": "llm.request", "kind": "loop", "model": model, "time": 1}),
            );
            self.used(&session, &json!(written), model, false, "turn");
        }
    }

    /// One request at an instant.
    pub(crate) fn used_at(&mut self, at: i64) {
        let session = self.session(".kimi-code");
        let tokens = self.tokens();
        self.used_so(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn", at, tokens);
    }
}

fn record(model: &Value, at: i64, tokens: Tokens, scope: &str) -> Value {
    json!({"type": "usage.record", "model": model, "usageScope": scope, "time": at, "usage": usage(tokens)})
}

fn usage(tokens: Tokens) -> Value {
    json!({"inputOther": tokens.input, "output": tokens.output,
           "inputCacheRead": tokens.cache_read, "inputCacheCreation": tokens.cache_write})
}

type Trap = (&'static str, fn(&mut Home));

/// Each trap with its name.
pub(crate) const TRAPS: &[Trap] = &[
    ("step.end repeats a record", step_end),
    ("both scopes count", scopes),
    ("forks copy their parents", forks),
    ("the parent of a fork is gone", orphan),
    ("a fork with more requests than are kept", long_fork),
    ("a record stands twice", twice),
    ("aliases and prefixes", aliases),
    ("stand-ins for models", stand_ins),
    ("models of other providers", third_party),
    ("usage of nothing", nothing),
    ("numbers in other clothes", clothes),
    ("keys in another order", order),
    ("records without a time", untimed),
    ("lines of many megabytes", giants),
    ("letters that are none", letters),
    ("a last line without its end", open_end),
    ("a half-written last line", half),
    ("lines that are no JSON", garbage),
    ("carriage returns and blank lines", returns),
    ("subagents in logs of their own", subagents),
    ("the layout without agents", flat),
    ("further homes and the desktop's", homes),
    ("a project that no index names", unnamed),
    ("links out of the root", links),
    ("a clock set wrong", clock),
    ("the older command line", older),
    ("messages numbered alike in two sessions", numbered_alike),
    ("subagents of the older command line", older_subagents),
    ("Claude Code repeats an answer", claude),
    ("Claude Code with other models", claude_others),
];

fn step_end(home: &mut Home) {
    let session = home.session(".kimi-code");
    for step in 0..5 {
        let (at, tokens) = (home.moment(), home.tokens());
        home.line(&session.path, &json!({"type": "context.append_loop_event", "time": at - 1, "event":
            {"type": "step.end", "uuid": "u", "turnId": "0", "step": step, "usage": usage(tokens), "messageId": "m"}}));
        home.used_so(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn", at, tokens);
    }
}

fn scopes(home: &mut Home) {
    let session = home.session(".kimi-code");
    for scope in ["turn", "session", "turn", "session", "later"] {
        home.used(&session, &json!("kimi-code/k3"), "kimi-k3", false, scope);
    }
}

fn forks(home: &mut Home) {
    // The forks' folders come before the parent's in the order of paths.
    let (child, grandchild) = (home.session(".kimi-code"), home.session(".kimi-code"));
    let parent = home.session(".kimi-code");
    for _ in 0..6 {
        home.used(&parent, &json!("kimi-code/k3"), "kimi-k3", false, "turn");
    }
    let copy = |home: &mut Home, from: &Session, to: &Session| {
        let log = fs::read(&from.path).unwrap();
        fs::write(&to.path, log).unwrap();
        home.line(&to.path, &json!({"type": "forked", "time": 5}));
    };
    copy(home, &parent, &child);
    home.used(&child, &json!("daily"), "kimi-for-coding", false, "turn");
    copy(home, &child, &grandchild);
    home.used(&grandchild, &json!("daily"), "kimi-for-coding", false, "turn");
    // The parent goes on.
    home.used(&parent, &json!("kimi-code/k3"), "kimi-k3", false, "session");
}

fn orphan(home: &mut Home) {
    let session = home.session(".kimi-code");
    for _ in 0..4 {
        home.used(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn");
    }
    home.line(&session.path, &json!({"time": 5, "type": "forked"}));
    home.used(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn");
}

fn long_fork(home: &mut Home) {
    let (child, parent) = (home.session(".kimi-code"), home.session(".kimi-code"));
    let mut log = String::new();
    for number in 0..33_000_u64 {
        let tokens = Tokens { input: 10 + number, output: 1, ..Tokens::default() };
        let at = 1_780_000_000_000 + number as i64;
        log.push_str(&record(&json!("kimi-code/k3"), at, tokens, "turn").to_string());
        log.push('\n');
        let (project, session) = (parent.project.clone(), parent.name.clone());
        home.truth.push(Use { at, model: "kimi-k3".into(), third: false, project, session, tokens });
    }
    for session in [&parent, &child] {
        home.append(&session.path, log.as_bytes());
    }
    home.line(&child.path, &json!({"type": "forked", "time": 5}));
    home.used(&child, &json!("kimi-code/k3"), "kimi-k3", false, "turn");
}

fn twice(home: &mut Home) {
    let session = home.session(".kimi-code");
    let (at, tokens) = (home.moment(), home.tokens());
    home.used_so(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn", at, tokens);
    home.line(&session.path, &record(&json!("kimi-code/k3"), at, tokens, "turn"));
    // Differing in one count, in the time, in the scope: others.
    home.used_so(
        &session,
        &json!("kimi-code/k3"),
        "kimi-k3",
        false,
        "turn",
        at,
        Tokens { output: tokens.output + 1, ..tokens },
    );
    home.used_so(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn", at + 1, tokens);
    home.used_so(&session, &json!("kimi-code/k3"), "kimi-k3", false, "session", at, tokens);
    home.used_so(&session, &json!("daily"), "kimi-for-coding", false, "turn", at, tokens);
}

fn aliases(home: &mut Home) {
    let session = home.session(".kimi-code");
    for (written, model) in [
        ("kimi-code/k3", "kimi-k3"),
        ("k3", "kimi-k3"),
        ("kimi-k3", "kimi-k3"),
        ("daily", "kimi-for-coding"),
        ("kimi-code/kimi-for-coding", "kimi-for-coding"),
        ("kimi-code/kimi-for-coding-highspeed", "kimi-for-coding-highspeed"),
        ("mock-model", "mock-model"),
    ] {
        home.used(&session, &json!(written), model, false, "turn");
    }
}

fn stand_ins(home: &mut Home) {
    let session = home.session(".kimi-code");
    // Nothing was asked for yet: the configuration.
    home.used(&session, &json!("__secondary__"), "kimi-for-coding", false, "turn");
    home.used(&session, &Value::Null, "kimi-for-coding", false, "turn");
    home.used(&session, &json!("__other__"), "__other__", false, "turn");
    let request = |model: &str| json!({"type": "llm.request", "model": model, "modelAlias": "__secondary__", "time": 1});
    home.line(&session.path, &request("k3"));
    home.used(&session, &json!("__secondary__"), "kimi-k3", false, "turn");
    home.used(&session, &json!("__other__"), "kimi-k3", false, "turn");
    home.line(&session.path, &request("kimi-k2.6"));
    home.used(&session, &json!("__other__"), "kimi-k2.6", false, "turn");
    home.used(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn");
}

fn third_party(home: &mut Home) {
    let session = home.session(".kimi-code");
    home.used(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn");
    home.used(&session, &json!("night"), "kimi-k2.6", true, "turn");
    home.used(&session, &json!("deepseek-chat"), "deepseek-chat", true, "turn");
}

fn nothing(home: &mut Home) {
    let session = home.session(".kimi-code");
    let zero = Tokens::default();
    home.line(&session.path, &json!({"type": "usage.record", "model": "k3", "usage": null, "time": 1}));
    home.line(&session.path, &json!({"type": "usage.record", "model": "k3", "time": 1_780_000_000_000_i64}));
    home.line(&session.path, &record(&json!("k3"), 1_780_000_000_000, zero, "turn"));
    home.used(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn");
}

fn clothes(home: &mut Home) {
    let session = home.session(".kimi-code");
    let tokens = Tokens { input: 12, cache_read: 0, cache_write: 0, output: 5 };
    home.used_so(&session, &json!("k3"), "kimi-k3", false, "turn", 1_780_000_100_000, tokens);
    fs::write(&session.path, "").unwrap();
    home.line(&session.path, &json!({"type": "usage.record", "model": "k3", "usageScope": "turn", "agentId": "main",
        "time": "2026-05-28T20:28:20Z", "usage": {"inputOther": "12", "output": 5.0, "inputCacheRead": null, "more": {}}}));
}

fn order(home: &mut Home) {
    let session = home.session(".kimi-code");
    let (at, tokens) = (home.moment(), home.tokens());
    home.used_so(&session, &json!("k3"), "kimi-k3", false, "turn", at, tokens);
    let log = format!(
        "{{\"usage\" : {}, \"time\":{at}, \"agentId\":\"main\", \"usageScope\":\"turn\", \"model\":\"k3\", \"type\" : \"usage.record\"}}\n",
        usage(tokens)
    );
    fs::write(&session.path, log).unwrap();
}

fn untimed(home: &mut Home) {
    let (child, parent) = (home.session(".kimi-code"), home.session(".kimi-code"));
    let (at, tokens) = (home.moment(), home.tokens());
    home.used_so(&parent, &json!("k3"), "kimi-k3", false, "turn", at, tokens);
    for _ in 0..3 {
        home.line(
            &parent.path,
            &json!({"type": "usage.record", "model": "k3", "usageScope": "turn", "usage": usage(tokens)}),
        );
        let same = home.truth.last().unwrap().clone();
        home.truth.push(same);
    }
    fs::copy(&parent.path, &child.path).unwrap();
    home.line(&child.path, &json!({"type": "forked", "time": 5}));
}

fn giants(home: &mut Home) {
    let session = home.session(".kimi-code");
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
    let much = "usage.record ".repeat(200_000);
    home.line(&session.path, &json!({"type": "context.append_message", "text": much}));
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
    home.append(&session.path, format!("{{\"type\":\"usage.record\",\"x\":\"{much}").as_bytes());
    home.append(&session.path, b"\n");
    home.skipped += 1;
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
}

fn letters(home: &mut Home) {
    let session = home.session(".kimi-code");
    home.append(&session.path, b"{\"type\":\"turn.prompt\",\"text\":\"\xff\xfe\x80\"}\n");
    let (at, tokens) = (home.moment(), home.tokens());
    let mut line = record(&json!("k3"), at, tokens, "turn").to_string().into_bytes();
    line.pop();
    line.extend_from_slice(b",\"note\":\"\xc3\x28\"}\n");
    home.append(&session.path, &line);
    let (project, name) = (session.project.clone(), session.name.clone());
    home.truth.push(Use { at, model: "kimi-k3".into(), third: false, project, session: name, tokens });
}

fn open_end(home: &mut Home) {
    let session = home.session(".kimi-code");
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
    let log = fs::read(&session.path).unwrap();
    fs::write(&session.path, &log[..log.len() - 1]).unwrap();
}

fn half(home: &mut Home) {
    let session = home.session(".kimi-code");
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
    let line =
        record(&json!("k3"), 1_780_000_000_000, Tokens { input: 7, ..Tokens::default() }, "turn").to_string();
    home.append(&session.path, &line.as_bytes()[..line.len() / 2]);
    home.skipped += 1;
}

fn garbage(home: &mut Home) {
    let session = home.session(".kimi-code");
    for line in [
        &b"not json at all\n"[..],
        b"\x00\x00\x00\x00\n",
        b"{\"type\":\"usage.record\",\"usage\":}\n",
        b"[1,2]\n",
    ] {
        home.append(&session.path, line);
        home.skipped += 1;
    }
    home.line(
        &session.path,
        &json!({"type": "usage.record", "model": "k3", "usage": {"output": -5}, "time": 1}),
    );
    home.skipped += 1;
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
}

fn returns(home: &mut Home) {
    let session = home.session(".kimi-code");
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
    let log = String::from_utf8(fs::read(&session.path).unwrap()).unwrap();
    fs::write(&session.path, format!("\u{feff}{}\r\n\n  \n", log.replace('\n', "\r\n\r\n"))).unwrap();
}

fn subagents(home: &mut Home) {
    let session = home.session(".kimi-code");
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
    for agent in ["agent-0", "agent-1"] {
        let path = session.path.parent().unwrap().with_file_name(agent).join("wire.jsonl");
        let own = Session { path, ..session.clone() };
        home.used(&own, &json!("daily"), "kimi-for-coding", false, "turn");
    }
}

fn flat(home: &mut Home) {
    let session = home.session(".kimi-code");
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
    let folder = session.path.ancestors().nth(3).unwrap().join("wire.jsonl");
    fs::rename(&session.path, &folder).unwrap();
}

fn homes(home: &mut Home) {
    for root in [".kimi-code-work", ".config/kimi-desktop/daimon-share/daimon/runtime/kimi-code/home"] {
        let session = home.session(root);
        home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
        // No configuration there: an alias is a name of its own.
        home.used(&session, &json!("daily"), "daily", false, "turn");
    }
}

fn unnamed(home: &mut Home) {
    let path = home.path().join(".kimi-code/sessions/wd_raft_ffffffffffff/session_x/agents/main/wire.jsonl");
    let session = Session { path, name: "session_x".into(), project: Some("raft".into()) };
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
}

fn links(home: &mut Home) {
    let session = home.session(".kimi-code");
    home.used(&session, &json!("k3"), "kimi-k3", false, "turn");
    let outside = home.path().join("outside/session_o/agents/main");
    fs::create_dir_all(&outside).unwrap();
    fs::write(
        outside.join("wire.jsonl"),
        format!("{}\n", record(&json!("k3"), 1, Tokens { input: 1, ..Tokens::default() }, "turn")),
    )
    .unwrap();
    #[cfg(unix)]
    {
        let sessions = home.path().join(".kimi-code/sessions");
        std::os::unix::fs::symlink(home.path().join("outside"), sessions.join("wd_out_000000000000"))
            .unwrap();
        std::os::unix::fs::symlink(&sessions, session.path.with_file_name("loop")).unwrap();
    }
}

fn clock(home: &mut Home) {
    for at in [86_400_000, 1_780_300_000_000, 4_102_400_000_000] {
        home.used_at(at);
    }
}

fn older_log(home: &mut Home, place: &str) -> (PathBuf, Session) {
    let path = home.path().join(".kimi").join(place).join("wire.jsonl");
    home.line(&path, &json!({"type": "metadata", "protocol_version": "1.3"}));
    let mut parts = place.split('/').skip(1);
    let project = parts.next().map(ToOwned::to_owned);
    let session = Session { path: path.clone(), name: parts.next().unwrap().to_owned(), project };
    (path, session)
}

fn status(tokens: Tokens, message: Option<&str>) -> Value {
    json!({"type": "StatusUpdate", "payload": {"context_usage": 0.1, "context_tokens": 9, "message_id": message,
        "token_usage": {"input_other": tokens.input, "output": tokens.output,
                        "input_cache_read": tokens.cache_read, "input_cache_creation": tokens.cache_write}}})
}

/// Writes an update of the older command line, and the truth of it where it counts.
fn older_used(home: &mut Home, path: &Path, session: &Session, message: Option<&str>) -> (i64, Tokens) {
    let (at, tokens) = (home.moment(), home.tokens());
    home.line(path, &json!({"timestamp": at as f64 / 1000.0, "message": status(tokens, message)}));
    home.truth.push(Use {
        at,
        model: "kimi-for-coding".into(),
        third: false,
        project: session.project.clone(),
        session: session.name.clone(),
        tokens,
    });
    (at, tokens)
}

fn older(home: &mut Home) {
    for place in ["sessions/aaaa/s-one", "sessions/aaaa/s-two", "imported_sessions/bbbb/s-three"] {
        let (path, session) = older_log(home, place);
        older_used(home, &path, &session, Some("m1"));
        let (at, tokens) = older_used(home, &path, &session, Some("m2"));
        // The same message again, a little later.
        home.line(
            &path,
            &json!({"timestamp": at as f64 / 1000.0 + 2.5, "message": status(tokens, Some("m2"))}),
        );
        // None has a number: each counts.
        older_used(home, &path, &session, None);
        older_used(home, &path, &session, None);
        home.line(
            &path,
            &json!({"timestamp": 1.5, "message": {"type": "StatusUpdate", "payload": {"token_usage": null}}}),
        );
        home.line(
            &path,
            &json!({"timestamp": 1.5, "message": {"type": "StatusUpdate", "payload": {"message_id": "m9"}}}),
        );
        home.line(&path, &json!({"timestamp": 1.5, "message": status(Tokens::default(), Some("m8"))}));
        home.line(&path, &json!({"timestamp": 1.5, "message": {"type": "TurnBegin", "payload": {"user_input": "StatusUpdate token_usage"}}}));
    }
}

fn numbered_alike(home: &mut Home) {
    let (at, tokens) = (home.moment(), home.tokens());
    for place in ["sessions/cccc/s-four", "sessions/cccc/s-five"] {
        let (path, session) = older_log(home, place);
        home.line(
            &path,
            &json!({"timestamp": at as f64 / 1000.0, "message": status(tokens, Some("scripted-1"))}),
        );
        let (project, session) = (session.project, session.name);
        home.truth.push(Use { at, model: "kimi-for-coding".into(), third: false, project, session, tokens });
    }
}

fn older_subagents(home: &mut Home) {
    let (path, session) = older_log(home, "sessions/dddd/s-six");
    older_used(home, &path, &session, Some("m1"));
    let event = |at: i64, agent: &str, status: Value| {
        json!({"timestamp": at as f64 / 1000.0 + 0.004, "message": {"type": "SubagentEvent", "payload":
            {"parent_tool_call_id": "t", "agent_id": agent, "subagent_type": "coder", "event": status}}})
    };
    // With a log of its own, numbered as its parent numbers.
    let own = path.with_file_name("subagents").join("a1").join("wire.jsonl");
    let (at, tokens) = older_used(home, &own, &session, Some("m1"));
    home.line(&path, &event(at, "a1", status(tokens, Some("m1"))));
    // Without one: the parent's log is the only witness.
    let (at, tokens) = (home.moment(), home.tokens());
    home.line(&path, &event(at, "a2", status(tokens, Some("m1"))));
    let at = at + 4;
    let (project, name) = (session.project.clone(), session.name.clone());
    home.truth.push(Use {
        at,
        model: "kimi-for-coding".into(),
        third: false,
        project,
        session: name,
        tokens,
    });
}

fn answer(
    session: &str,
    message: &str,
    request: Option<&str>,
    model: &str,
    time: &str,
    usage: &Value,
) -> Value {
    json!({"type": "assistant", "sessionId": session, "cwd": "/work/raft", "uuid": format!("{message}{time}"),
        "requestId": request, "timestamp": time,
        "message": {"id": message, "role": "assistant", "model": model, "usage": usage,
                    "content": [{"type": "text", "text": "\"usage\""}]}})
}

fn claude(home: &mut Home) {
    let project = home.path().join(".claude/projects/-work-raft");
    let (first, second) = (project.join("c-one.jsonl"), project.join("c-two.jsonl"));
    let usage = |tokens: Tokens| {
        json!({"input_tokens": tokens.input, "output_tokens": tokens.output,
               "cache_read_input_tokens": tokens.cache_read, "cache_creation_input_tokens": tokens.cache_write})
    };
    let tokens = |output| Tokens { input: 10, cache_read: 20, cache_write: 3, output };
    let counts = |home: &mut Home, at: &str, model: &str, session: &str, tokens: Tokens| {
        let at = at.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_millis();
        let (model, session, project) = (model.to_owned(), session.to_owned(), Some("/work/raft".to_owned()));
        home.truth.push(Use { at, model, third: false, project, session, tokens });
    };
    // One answer, three blocks, growing; over midnight, it stays on its first day.
    for (time, output) in
        [("2026-07-20T23:59:59Z", 1), ("2026-07-21T00:00:01Z", 44), ("2026-07-21T00:00:02Z", 44)]
    {
        home.line(
            &first,
            &answer("c-one", "msg_1", Some("req_1"), "kimi-k3[1m]", time, &usage(tokens(output))),
        );
    }
    counts(home, "2026-07-20T23:59:59Z", "kimi-k3", "c-one", tokens(44));
    // The same message for another request.
    home.line(
        &first,
        &answer("c-one", "msg_1", Some("req_2"), "kimi-k3", "2026-07-21T00:01:00Z", &usage(tokens(5))),
    );
    counts(home, "2026-07-21T00:01:00Z", "kimi-k3", "c-one", tokens(5));
    // No number of a request, as Kimi answers; twice.
    for _ in 0..2 {
        home.line(
            &first,
            &answer(
                "c-one",
                "chatcmpl-2",
                None,
                "kimi-for-coding",
                "2026-07-21T01:00:00Z",
                &usage(tokens(6)),
            ),
        );
    }
    counts(home, "2026-07-21T01:00:00Z", "kimi-for-coding", "c-one", tokens(6));
    // Once without the number and once with it.
    home.line(&first, &answer("c-one", "chatcmpl-3", None, "k3", "2026-07-21T02:00:00Z", &usage(tokens(1))));
    home.line(
        &first,
        &answer("c-one", "chatcmpl-3", Some("req_3"), "k3", "2026-07-21T02:00:01Z", &usage(tokens(7))),
    );
    counts(home, "2026-07-21T02:00:00Z", "kimi-k3", "c-one", tokens(7));
    // Continued in another session, which begins with what was.
    let log = fs::read_to_string(&first).unwrap().replace("\"c-one\"", "\"c-two\"");
    home.append(&second, log.as_bytes());
    home.line(
        &second,
        &answer(
            "c-two",
            "chatcmpl-4",
            None,
            "k3",
            "2026-07-21T03:00:00Z",
            &json!({"input_tokens": 100, "cached_tokens": 80, "output_tokens": 9}),
        ),
    );
    counts(
        home,
        "2026-07-21T03:00:00Z",
        "kimi-k3",
        "c-two",
        Tokens { input: 20, cache_read: 80, cache_write: 0, output: 9 },
    );
    // A subagent's log lies deeper and names its session.
    let deep = project.join("c-two/subagents/agent-1.jsonl");
    home.line(&deep, &answer("c-two", "chatcmpl-5", None, "k3", "2026-07-21T04:00:00Z", &usage(tokens(2))));
    counts(home, "2026-07-21T04:00:00Z", "kimi-k3", "c-two", tokens(2));
}

fn claude_others(home: &mut Home) {
    let path = home.path().join(".claude/projects/-work-raft/c-three.jsonl");
    let usage = json!({"input_tokens": 5, "output_tokens": 6});
    home.line(&path, &json!({"type": "user", "sessionId": "c-three", "message": {"role": "user", "content": "kimi-k3 \"usage\""}}));
    home.line(&path, &answer("c-three", "msg_8", None, "claude-opus-4-1", "2026-07-22T00:00:00Z", &usage));
    home.line(&path, &answer("c-three", "msg_9", None, "kimi-k2.6", "2026-07-22T00:00:00Z", &usage));
    home.append(&path, b"half a li");
    home.skipped += 1;
    let (model, session, project) =
        ("kimi-k2.6".to_owned(), "c-three".to_owned(), Some("/work/raft".to_owned()));
    let tokens = Tokens { input: 5, output: 6, ..Tokens::default() };
    home.truth.push(Use { at: 1_784_678_400_000, model, third: false, project, session, tokens });
}
