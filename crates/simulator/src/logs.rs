//! Session logs of the machine that writes them, in the formats of the real command lines.
//!
//! The awkward parts are written as the real ones do: usage twice (`step.end` and `usage.record`), the scope
//! `session` for a compaction that is a single call all the same, and, in the older format, a parent log
//! that repeats what its subagents logged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::configuration::{self, bare};
use crate::habits::Request;
use crate::rng::{mix, mix_text};
use crate::spec::{AccountSpec, LogFormat};

/// Writes session logs under a home folder. A file from an earlier run is overwritten: the history is the
/// same, so appending to it would count it twice.
#[derive(Debug)]
pub struct LogWriter {
    home: PathBuf,
    begun: BTreeSet<PathBuf>,
}

const PROJECTS: [&str; 4] = ["harbour", "lighthouse", "tideline", "driftwood"];

impl LogWriter {
    /// A writer for the home folder `home`, in which `.kimi-code` and `.kimi` are made.
    #[must_use]
    pub fn new(home: &Path) -> Self {
        Self { home: home.to_owned(), begun: BTreeSet::new() }
    }

    /// Writes the configuration of the command line that reaches these accounts, where they say how.
    ///
    /// # Errors
    /// The folder or the file cannot be written.
    pub fn configure(&self, accounts: &[AccountSpec]) -> io::Result<()> {
        configuration::write(&self.home, accounts)
    }

    /// Appends requests of an account, in time order.
    ///
    /// # Errors
    /// A folder or a log cannot be written. Some of the requests may have been written then.
    pub fn append(&mut self, spec: &AccountSpec, requests: &[Request]) -> io::Result<()> {
        match spec.log_format {
            LogFormat::KimiCode => self.append_kimi_code(spec, requests),
            LogFormat::Legacy => self.append_legacy(spec, requests),
        }
    }

    fn append_kimi_code(&mut self, spec: &AccountSpec, requests: &[Request]) -> io::Result<()> {
        let root = self.home.join(".kimi-code");
        let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
        for request in requests {
            let work_dir = work_dir(spec, request.project);
            let slug = PROJECTS[request.project as usize % PROJECTS.len()];
            let group = format!("wd_{slug}_{}", &sha256(&work_dir)[..12]);
            let session_name = format!("session_{}", session_uuid(spec, request.session));
            let session = root.join("sessions").join(group).join(&session_name);
            let agent = agent_name(request.agent);
            let path = session.join("agents").join(&agent).join("wire.jsonl");
            if self.begun.insert(path.clone()) {
                let created = request.at.timestamp_millis() - 1200;
                let metadata = json!({"type": "metadata", "protocol_version": "1.5", "created_at": created});
                files.insert(path.clone(), format!("{metadata}\n"));
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder)?;
                }
                fs::write(&path, "")?;
                if self.begun.insert(session.clone()) {
                    self.index(&root, &session_name, &session, &work_dir, slug)?;
                }
            }
            let lines = files.entry(path).or_default();
            for line in kimi_code_lines(spec, request, &agent) {
                push_line(lines, &line);
            }
        }
        write_all(&files)
    }

    /// Adds a session to the index and its folder to the list of workspaces.
    fn index(
        &mut self,
        root: &Path,
        name: &str,
        session: &Path,
        work_dir: &str,
        slug: &str,
    ) -> io::Result<()> {
        let index = root.join("session_index.jsonl");
        if self.begun.insert(index.clone()) {
            fs::write(&index, "")?;
        }
        let line = json!({"sessionId": name, "sessionDir": session, "workDir": work_dir});
        append(&index, &format!("{line}\n"))?;
        let path = root.join("workspaces.json");
        let mut known: Value = fs::read(&path)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_else(|| json!({"version": 1, "workspaces": {}}));
        known["workspaces"][slug] = json!({"root": work_dir, "name": slug});
        fs::write(path, known.to_string())
    }

    fn append_legacy(&mut self, spec: &AccountSpec, requests: &[Request]) -> io::Result<()> {
        let root = self.home.join(".kimi").join("sessions");
        let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
        for request in requests {
            // The real folder is the MD5 of the working directory; any 32 hex digits look the same.
            let group = &sha256(&work_dir(spec, request.project))[..32];
            let session = root.join(group).join(session_uuid(spec, request.session));
            let main = session.join("wire.jsonl");
            let agent = format!("a{:08x}", mix(&[request.session, u64::from(request.agent)]) as u32);
            let own = match request.agent {
                0 => main.clone(),
                _ => session.join("subagents").join(&agent).join("wire.jsonl"),
            };
            for path in [&main, &own] {
                if self.begun.insert(path.clone()) {
                    files.insert(
                        path.clone(),
                        "{\"type\": \"metadata\", \"protocol_version\": \"1.3\"}\n".to_owned(),
                    );
                    if let Some(folder) = path.parent() {
                        fs::create_dir_all(folder)?;
                    }
                    fs::write(path, "")?;
                }
            }
            let timestamp = request.at.timestamp_millis() as f64 / 1000.0;
            let update = status_update(request);
            let line = json!({"timestamp": timestamp, "message": update});
            push_line(files.entry(own).or_default(), &line);
            if request.agent > 0 {
                let event = json!({
                    "type": "SubagentEvent",
                    "payload": {
                        "parent_tool_call_id": format!("tool_{}", request.session),
                        "agent_id": agent,
                        "subagent_type": "coder",
                        "event": update,
                    },
                });
                let line = json!({"timestamp": timestamp, "message": event});
                push_line(files.entry(main).or_default(), &line);
            }
        }
        write_all(&files)
    }
}

fn kimi_code_lines(spec: &AccountSpec, request: &Request, agent: &str) -> Vec<Value> {
    let alias = spec.alias(request.model);
    let model = bare(&alias);
    let time = request.at.timestamp_millis();
    let usage = json!({
        "inputOther": request.tokens.input,
        "output": request.tokens.output,
        "inputCacheRead": request.tokens.cache_read,
        "inputCacheCreation": request.tokens.cache_write,
    });
    let kind = if request.compaction { "compaction" } else { "loop" };
    let mut lines = vec![json!({
        "type": "llm.request",
        "kind": kind,
        "provider": "kimi",
        "model": model,
        "modelAlias": alias,
        "thinkingEffort": "off",
        "time": time - 900,
    })];
    if !request.compaction {
        let id = mix(&[request.session, u64::from(request.agent), time as u64]);
        lines.push(json!({
            "type": "context.append_loop_event",
            "event": {
                "type": "step.end",
                "uuid": format!("{id:016x}"),
                "turnId": "0",
                "step": 1,
                "usage": usage,
                "finishReason": "tool_calls",
                "messageId": format!("chatcmpl-{id:016x}"),
            },
            "time": time - 1,
        }));
    }
    lines.push(json!({
        "type": "usage.record",
        "agentId": agent,
        "model": alias,
        "usage": usage,
        "usageScope": if request.compaction { "session" } else { "turn" },
        "time": time,
    }));
    lines
}

fn status_update(request: &Request) -> Value {
    let tokens = request.tokens;
    let context = tokens.input + tokens.cache_read + tokens.cache_write;
    let id = mix(&[request.session, u64::from(request.agent), request.at.timestamp_millis() as u64]);
    json!({
        "type": "StatusUpdate",
        "payload": {
            "context_usage": context as f64 / 262_144.0,
            "context_tokens": context,
            "max_context_tokens": 262_144,
            "token_usage": {
                "input_other": tokens.input,
                "output": tokens.output,
                "input_cache_read": tokens.cache_read,
                "input_cache_creation": tokens.cache_write,
            },
            "message_id": format!("chatcmpl-{id:016x}"),
        },
    })
}

fn work_dir(spec: &AccountSpec, project: u32) -> String {
    format!("/home/simulated/{}/{}", spec.slug(), PROJECTS[project as usize % PROJECTS.len()])
}

fn agent_name(agent: u32) -> String {
    if agent == 0 { "main".to_owned() } else { format!("agent-{agent}") }
}

fn session_uuid(spec: &AccountSpec, session: u64) -> String {
    let (a, b) = (mix(&[mix_text(&spec.name), session]), mix(&[session, mix_text(&spec.name)]));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        (b >> 48) & 0xfff,
        b & 0xffff_ffff_ffff
    )
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        // Writing into a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn push_line(lines: &mut String, line: &Value) {
    lines.push_str(&line.to_string());
    lines.push('\n');
}

fn append(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).open(path)?.write_all(text.as_bytes())
}

fn write_all(files: &BTreeMap<PathBuf, String>) -> io::Result<()> {
    files.iter().try_for_each(|(path, lines)| append(path, lines))
}
