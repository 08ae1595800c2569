//! A home whose logs are written, forked, moved, cut, replaced and deleted, and the truth about what stood in
//! them at each scan.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};
use tidemark_core::Tokens;
use tidemark_files::private::take_place;
use tidemark_logs::Tally;

use crate::random::{Random, claude_usage, configure, record, status, usage};

/// Something that happens.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    /// A log gets lines. The last may lack its end, or half of it.
    Append { log: u8, lines: u8, tail: Tail },
    /// A log begins with a copy of another's lines, and a mark where they end; perhaps in two steps.
    Fork { from: u8, split: bool },
    /// The mark of a fork that was copied in two steps.
    EndFork,
    /// A log is copied as it is.
    Copy { from: u8 },
    /// A log's session is called something else.
    Rename { log: u8 },
    /// A log goes on in another file that takes its place, with all that was in it.
    Rewrite { log: u8 },
    /// A log goes on in another file, and the file it was in takes the place of a log that says the same.
    PassOn { log: u8 },
    /// A log is made shorter.
    Cut { log: u8, keep: u8 },
    /// Another log takes a log's place.
    Replace { log: u8, lines: u8 },
    /// A log takes the name of another one that ends, and whose lines it has.
    TakeName { log: u8 },
    /// A log is deleted.
    Delete { log: u8 },
    /// The index is brought up to date, and compared.
    Look,
    /// The index is brought up to date, and the program dies after some writes.
    Kill(u32),
}

/// How an append ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tail {
    Ended,
    Open,
    Half,
}

impl Op {
    /// What takes nothing away.
    pub(crate) fn keeping() -> impl Strategy<Value = Self> {
        let tail = prop_oneof![3 => Just(Tail::Ended), 1 => Just(Tail::Open), 1 => Just(Tail::Half)];
        prop_oneof![
            8 => (any::<u8>(), 0u8..12, tail).prop_map(|(log, lines, tail)| Self::Append { log, lines, tail }),
            2 => (any::<u8>(), any::<bool>()).prop_map(|(from, split)| Self::Fork { from, split }),
            2 => Just(Self::EndFork),
            1 => any::<u8>().prop_map(|from| Self::Copy { from }),
            2 => any::<u8>().prop_map(|log| Self::Rename { log }),
            1 => any::<u8>().prop_map(|log| Self::Rewrite { log }),
            5 => Just(Self::Look),
            1 => (0u32..4).prop_map(Self::Kill),
        ]
    }

    /// Anything.
    pub(crate) fn anything() -> impl Strategy<Value = Self> {
        prop_oneof![
            12 => Self::keeping(),
            1 => (any::<u8>(), any::<u8>()).prop_map(|(log, keep)| Self::Cut { log, keep }),
            1 => (any::<u8>(), 0u8..12).prop_map(|(log, lines)| Self::Replace { log, lines }),
            1 => any::<u8>().prop_map(|log| Self::PassOn { log }),
            1 => any::<u8>().prop_map(|log| Self::TakeName { log }),
            1 => any::<u8>().prop_map(|log| Self::Delete { log }),
        ]
    }
}

/// When the first request was.
pub(crate) fn first() -> DateTime<Utc> {
    "2026-06-01T08:00:00Z".parse().unwrap()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Code,
    Cli,
    Claude,
    Codex,
    Pi,
    Qwen,
}

/// A request as a line has it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Request {
    /// What distinguishes it from every other.
    id: String,
    at: i64,
    model: &'static str,
    third: bool,
    tokens: Tokens,
}

#[derive(Debug, Clone)]
struct Line {
    bytes: Vec<u8>,
    request: Option<Request>,
}

#[derive(Debug)]
struct Log {
    format: Format,
    path: PathBuf,
    /// What was written, line by line; of the last perhaps not all.
    lines: Vec<Line>,
    length: usize,
}

impl Log {
    /// How long it is when all of its lines are written to their ends.
    fn whole(&self) -> usize {
        self.lines.iter().map(|line| line.bytes.len()).sum()
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.lines.iter().flat_map(|line| line.bytes.iter().copied()).collect();
        bytes.truncate(self.length);
        bytes
    }

    fn push(&mut self, line: Line) {
        self.length += line.bytes.len();
        self.lines.push(line);
    }

    /// The requests whose lines are there, whole but for the end.
    fn requests(&self) -> impl Iterator<Item = &Request> {
        let mut end = 0;
        self.lines.iter().filter_map(move |line| {
            end += line.bytes.len();
            line.request.as_ref().filter(|_| end - 1 <= self.length)
        })
    }
}

/// A home under way.
pub(crate) struct LogHome {
    dir: tempfile::TempDir,
    logs: Vec<Log>,
    made: u64,
    random: Random,
    clock: i64,
    /// The path of the fork whose mark was not written yet.
    unmarked: Option<PathBuf>,
    /// Files that ended, held so that no other is given their number by chance: where one is, it is meant.
    ended: Vec<fs::File>,
    /// How many files were deleted.
    deleted: u32,
}

impl LogHome {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        configure(&dir.path().join("home"));
        let clock = first().timestamp_millis();
        Self {
            dir,
            logs: Vec::new(),
            made: 0,
            random: Random::of(88_172_645_463_325_252),
            clock,
            unmarked: None,
            ended: Vec::new(),
            deleted: 0,
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn place(&mut self, format: Format) -> PathBuf {
        self.made += 1;
        // Not in the order in which they are made.
        let (name, project) = (self.random.below(1_000_000), self.random.below(3));
        let (name, home) = (format!("{name:06}-{}", self.made), self.path());
        match format {
            Format::Code => home.join(format!(
                ".kimi-code/sessions/wd_boat{project}_{project:012x}/session_{name}/agents/main/wire.jsonl"
            )),
            Format::Cli => home.join(format!(".kimi/sessions/{project:032x}/{name}/wire.jsonl")),
            Format::Claude => home.join(format!(".claude/projects/-work-{project}/{name}.jsonl")),
            Format::Codex => home.join(format!(".codex/sessions/2026/06/0{project}/rollout-{name}.jsonl")),
            Format::Pi => home.join(format!(".pi/agent/sessions/--work-{project}--/{name}.jsonl")),
            Format::Qwen => home.join(format!(".qwen/projects/-work-{project}/chats/{name}.jsonl")),
        }
    }

    fn begin(&mut self) -> usize {
        let formats = [
            Format::Code,
            Format::Code,
            Format::Cli,
            Format::Claude,
            Format::Codex,
            Format::Codex,
            Format::Pi,
            Format::Qwen,
        ];
        let format = formats[self.random.below(8) as usize];
        let path = self.place(format);
        let mut log = Log { format, path, lines: Vec::new(), length: 0 };
        if format == Format::Code {
            let line = json!({"type": "metadata", "protocol_version": "1.5", "created_at": self.clock + 1});
            log.push(Line { bytes: format!("{line}\n").into_bytes(), request: None });
        }
        if format == Format::Codex {
            let at = written(self.clock);
            let meta =
                json!({"id": format!("c-{}", self.made), "cwd": "/w/punt", "model_provider": "moonshot"});
            let context = json!({"cwd": "/w/punt", "model": "kimi-k3"});
            for (kind, payload) in [("session_meta", meta), ("turn_context", context)] {
                let line = json!({"timestamp": at, "type": kind, "payload": payload});
                log.push(Line { bytes: format!("{line}\n").into_bytes(), request: None });
            }
        }
        self.add(log)
    }

    fn add(&mut self, log: Log) -> usize {
        self.logs.push(log);
        self.write(self.logs.len() - 1);
        self.logs.len() - 1
    }

    /// Puts what a log has on disk, as an append where it is one.
    fn write(&self, log: usize) {
        use std::io::Write as _;
        let log = &self.logs[log];
        let bytes = log.bytes();
        fs::create_dir_all(log.path.parent().unwrap()).unwrap();
        let mut file = fs::OpenOptions::new().create(true).append(true).open(&log.path).unwrap();
        let there = file.metadata().unwrap().len() as usize;
        if there <= bytes.len() {
            file.write_all(&bytes[there..]).unwrap();
        } else {
            file.set_len(bytes.len() as u64).unwrap();
        }
    }

    fn pick(&mut self, number: u8) -> usize {
        if self.logs.is_empty() || number > 230 {
            return self.begin();
        }
        usize::from(number) % self.logs.len()
    }

    pub(crate) fn apply(&mut self, op: &Op) {
        match *op {
            Op::Append { log, lines, tail } => {
                let log = self.pick(log);
                // What was half-written is written to its end first.
                self.logs[log].length = self.logs[log].whole();
                self.grow(log, lines);
                let last = self.logs[log].lines.last().map_or(0, |line| line.bytes.len());
                self.logs[log].length -= match tail {
                    // What was written stays.
                    Tail::Ended => 0,
                    Tail::Open | Tail::Half if lines == 0 => 0,
                    Tail::Open => last.min(1),
                    Tail::Half => last / 2,
                };
                self.write(log);
            }
            Op::Fork { from, split } => {
                let from = self.pick(from);
                self.end_fork();
                let parent = &self.logs[from];
                if parent.format != Format::Code || parent.length < parent.whole() {
                    return;
                }
                let (lines, length) = (parent.lines.clone(), parent.length);
                let path = self.place(Format::Code);
                self.unmarked = Some(path.clone());
                self.add(Log { format: Format::Code, path, lines, length });
                if !split {
                    self.end_fork();
                }
            }
            Op::EndFork => self.end_fork(),
            Op::Copy { from } => {
                let from = self.pick(from);
                let Log { format, lines, length, .. } = &self.logs[from];
                let (format, lines, length) = (*format, lines.clone(), *length);
                // The number of a message of the older program is its session's own.
                if format != Format::Cli {
                    let path = self.place(format);
                    self.add(Log { format, path, lines, length });
                }
            }
            Op::Rename { log } => {
                let log = self.pick(log);
                if self.logs[log].format != Format::Cli {
                    let to = self.place(self.logs[log].format);
                    fs::create_dir_all(to.parent().unwrap()).unwrap();
                    fs::rename(&self.logs[log].path, &to).unwrap();
                    if self.unmarked.as_ref() == Some(&self.logs[log].path) {
                        self.unmarked = Some(to.clone());
                    }
                    self.logs[log].path = to;
                }
            }
            Op::Rewrite { log } => {
                let log = self.pick(log);
                let aside = self.dir.path().join("aside");
                fs::write(&aside, self.logs[log].bytes()).unwrap();
                self.end(log);
                take_place(&aside, &self.logs[log].path).unwrap();
            }
            Op::PassOn { log } => {
                let log = self.pick(log);
                if let Some(other) = self.beginning_of(log)
                    && self.logs[other].length == self.logs[log].length
                {
                    self.pass_on(log, other);
                }
            }
            Op::TakeName { log } => {
                let log = self.pick(log);
                let format = self.logs[log].format;
                if let Some(other) = self.beginning_of(log)
                    && format == self.logs[other].format
                    && format != Format::Cli
                {
                    self.take_name(log, other);
                }
            }
            Op::Cut { log, keep } => {
                let log = self.pick(log);
                let log_ = &mut self.logs[log];
                log_.length = log_.length * usize::from(keep) / 256;
                let (length, mut end) = (log_.length, 0);
                log_.lines.retain(|line| {
                    let begins = end;
                    end += line.bytes.len();
                    begins < length
                });
                self.write(log);
            }
            Op::Replace { log, lines } => {
                let log = self.pick(log);
                self.delete(log);
                self.logs[log].lines.clear();
                self.logs[log].length = 0;
                self.grow(log, lines);
                self.write(log);
            }
            Op::Delete { log } => {
                let log = self.pick(log);
                self.delete(log);
                self.logs.remove(log);
            }
            Op::Look | Op::Kill(_) => {}
        }
    }

    /// The file of a log is about to end.
    fn end(&mut self, log: usize) {
        self.ended.push(fs::File::open(&self.logs[log].path).unwrap());
    }

    /// The file of a log ends. It is kept elsewhere, so that no other is given its number by chance: an open file cannot
    /// be deleted everywhere.
    fn delete(&mut self, log: usize) {
        self.deleted += 1;
        let elsewhere = self.dir.path().join(format!("deleted-{}", self.deleted));
        fs::rename(&self.logs[log].path, elsewhere).unwrap();
    }

    pub(crate) fn pass_on(&mut self, from: usize, to: usize) {
        self.end(to);
        let aside = self.dir.path().join("aside");
        fs::rename(&self.logs[from].path, &aside).unwrap();
        fs::write(&self.logs[from].path, self.logs[from].bytes()).unwrap();
        take_place(&aside, &self.logs[to].path).unwrap();
    }

    pub(crate) fn take_name(&mut self, log: usize, of: usize) {
        self.end(of);
        let to = self.logs[of].path.clone();
        take_place(&self.logs[log].path, &to).unwrap();
        self.logs[log].path = to;
        self.logs.remove(of);
    }

    /// Another log whose bytes a log begins with.
    fn beginning_of(&self, log: usize) -> Option<usize> {
        let bytes = self.logs[log].bytes();
        (0..self.logs.len()).find(|other| {
            let length = self.logs[*other].length;
            *other != log && length > 0 && bytes.starts_with(&self.logs[*other].bytes())
        })
    }

    fn end_fork(&mut self) {
        let Some(path) = self.unmarked.take() else { return };
        let Some(log) = self.logs.iter().position(|log| log.path == path) else { return };
        let line = format!("{}\n", json!({"type": "forked", "time": self.clock}));
        self.logs[log].length = self.logs[log].whole();
        self.logs[log].push(Line { bytes: line.into_bytes(), request: None });
        self.write(log);
    }

    fn grow(&mut self, log: usize, steps: u8) {
        for _ in 0..steps {
            for line in self.step(log) {
                self.logs[log].push(line);
            }
        }
    }

    /// What a program logs of one step.
    fn step(&mut self, log: usize) -> Vec<Line> {
        self.clock += 1 + self.random.below(400_000).cast_signed();
        self.made += 1;
        let (at, id) = (self.clock, format!("r{}", self.made));
        let tokens = self.random.tokens();
        let request = |model, third| Some(Request { id: id.clone(), at, model, third, tokens });
        let line = |value: Value, request| Line { bytes: format!("{value}\n").into_bytes(), request };
        let plain = |bytes: &[u8]| Line { bytes: [bytes, b"\n"].concat(), request: None };
        match self.logs[log].format {
            Format::Code => {
                let (written, model, third) = [
                    ("daily", "kimi-for-coding", false),
                    ("kimi-k2.6", "kimi-k2.6", false),
                    ("night", "kimi-k2.6", true),
                    ("__secondary__", "kimi-for-coding", false),
                    ("__other__", "kimi-k3", false),
                ][self.random.below(5) as usize];
                let scope = if self.random.below(5) == 0 { "session" } else { "turn" };
                let mut record = record(&json!(written), at, tokens, scope);
                let event = json!({"type": "step.end", "usage": usage(tokens)});
                let mut lines = vec![
                    line(json!({"type": "llm.request", "model": "k3", "time": at - 700}), None),
                    line(json!({"type": "context.append_loop_event", "event": event, "time": at}), None),
                ];
                if self.random.below(12) == 0 {
                    lines.push(plain(b"{\"type\":\"usage.record\",\"usage\":}"));
                }
                if self.random.below(12) == 0 {
                    lines.push(plain(b"\xff\xfe"));
                }
                if self.random.below(10) == 0 {
                    record["note"] = json!("x".repeat(5000));
                }
                lines.push(line(record, request(model, third)));
                lines
            }
            Format::Cli => {
                let status = status(tokens, Some(&id));
                let told = json!({"timestamp": at as f64 / 1000.0, "message": status});
                let mut lines = vec![line(told, request("kimi-for-coding", false))];
                if self.random.below(4) == 0 {
                    // Logged again, a little later.
                    let again = json!({"timestamp": (at + 2500) as f64 / 1000.0, "message": status});
                    lines.push(line(again, None));
                }
                lines
            }
            Format::Codex => {
                let used = self.logs[log].lines.iter().filter_map(|line| line.request.as_ref());
                let mut total = used.map(|request| request.tokens).sum::<Tokens>();
                total += tokens;
                let counts = |tokens: Tokens| {
                    json!({"input_tokens": tokens.input + tokens.cache_read + tokens.cache_write,
                        "cached_input_tokens": tokens.cache_read, "cache_write_input_tokens": tokens.cache_write,
                        "output_tokens": tokens.output, "total_tokens": tokens.total()})
                };
                let info = json!({"total_token_usage": counts(total), "last_token_usage": counts(tokens)});
                let event = |at, info: &Value| {
                    json!({"timestamp": written(at), "type": "event_msg",
                        "payload": {"type": "token_count", "info": info}})
                };
                // A log that lost its beginning has no turn that names the model.
                let context = json!({"cwd": "/w/punt", "model": "kimi-k3"});
                let context = json!({"timestamp": written(at), "type": "turn_context", "payload": context});
                let mut lines = vec![line(context, None), line(event(at, &info), request("kimi-k3", false))];
                if self.random.below(4) == 0 {
                    // Reported again, a little later.
                    lines.push(line(event(at + 900, &info), None));
                }
                if self.random.below(12) == 0 {
                    lines.push(plain(b"{\"type\":\"event_msg\",\"payload\":{\"type\":\"token_count\"}"));
                }
                lines
            }
            Format::Pi => {
                let usage = json!({"input": tokens.input, "output": tokens.output,
                    "cacheRead": tokens.cache_read, "cacheWrite": tokens.cache_write});
                let message = json!({"role": "assistant", "provider": "kimi-coding", "model": "k3",
                    "responseId": if self.random.below(2) == 0 { json!(id) } else { Value::Null },
                    "usage": usage, "timestamp": at - 500});
                let header = json!({"type": "session", "id": "one", "cwd": "/w/punt"});
                let told = json!({"type": "message", "id": id, "timestamp": written(at), "message": message});
                vec![line(header, None), line(told, request("kimi-k3", false))]
            }
            Format::Qwen => {
                let tokens = Tokens { cache_write: 0, ..tokens };
                let prompt = tokens.input + tokens.cache_read;
                let usage = json!({"promptTokenCount": prompt, "candidatesTokenCount": tokens.output,
                    "totalTokenCount": prompt + tokens.output, "cachedContentTokenCount": tokens.cache_read});
                let told = json!({"uuid": id, "sessionId": "one", "timestamp": written(at), "type": "assistant",
                    "cwd": "/w/punt", "model": "kimi-k2.6", "usageMetadata": usage});
                let state = Request { id: id.clone(), at, model: "kimi-k2.6", third: false, tokens };
                vec![line(told, Some(state))]
            }
            Format::Claude => {
                let cache_write_1h = self.random.below(tokens.cache_write + 1);
                let tokens = Tokens { cache_write_1h, ..tokens };
                // One answer, in some blocks.
                let blocks = 1 + self.random.below(3);
                (1..=blocks)
                    .map(|block| {
                        let so_far = Tokens { output: tokens.output * block / blocks, ..tokens };
                        let at = at + block.cast_signed() - 1;
                        let named = self.random.below(2) == 0;
                        let told = json!({"type": "assistant", "uuid": format!("{id}-{block}"),
                            "cwd": "/w/raft", "sessionId": "one",
                            "requestId": if named { json!(format!("q{id}")) } else { Value::Null },
                            "timestamp": DateTime::from_timestamp_millis(at).unwrap(),
                            "message": {"id": id, "model": "kimi-k3", "usage": claude_usage(so_far)}});
                        let model = "kimi-k3";
                        let state = Request { id: id.clone(), at, model, third: false, tokens: so_far };
                        line(told, Some(state))
                    })
                    .collect()
            }
        }
    }
}

/// A time as most programs write it.
fn written(at: i64) -> String {
    DateTime::from_timestamp_millis(at).unwrap().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// The requests that were there at some scan.
#[derive(Debug, Default)]
pub(crate) struct LogContents(BTreeMap<String, Request>);

impl LogContents {
    pub(crate) fn look(&mut self, home: &LogHome) {
        for request in home.logs.iter().flat_map(Log::requests) {
            self.0
                .entry(request.id.clone())
                .and_modify(|known| {
                    known.at = known.at.min(request.at);
                    known.tokens = known.tokens.max(request.tokens);
                })
                .or_insert_with(|| request.clone());
        }
    }

    /// By quarter of an hour, model, and whose model it is.
    pub(crate) fn sums(&self) -> BTreeMap<(i64, String, bool), Tally> {
        let mut sums = BTreeMap::new();
        for request in self.0.values() {
            let start = request.at - request.at.rem_euclid(TimeDelta::minutes(15).num_milliseconds());
            let key = (start, request.model.to_owned(), request.third);
            let tally = Tally { requests: 1, tokens: request.tokens };
            sums.entry(key).or_insert_with(Tally::default).add(tally);
        }
        sums
    }
}
