//! Logs of the other programs, as they look after months of work: what is said and what tools give back, with a request
//! now and then.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use chrono::{DateTime, SecondsFormat};
use rusqlite::{Connection, params};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde_json::{Value, json};

use crate::{BEGIN, Chance, Counting, PROJECTS, SPAN, Truth};

pub(crate) type Done = Result<(), Box<dyn Error>>;

/// A program's logs below a home, of about so many bytes.
pub(crate) type Program = fn(&Path, u64, &mut Chance, &mut Truth) -> Done;

/// A request: when, and input, read from the cache, written to it, output.
struct Request {
    at: u64,
    counts: [u64; 4],
}

/// Requests of a session one after another, until it is long enough.
struct Session {
    id: String,
    project: &'static str,
    at: u64,
    length: u64,
    text: String,
}

const WORDS: &str = "the tide runs out past the pier and leaves a line of weed on the sand; let depth = \
                     sounding.at(buoy)?; assert!(depth > keel); ";

impl Session {
    fn new(chance: &mut Chance, left: u64) -> Self {
        let magnitude = chance.below(6);
        let length = (64 << 10) + chance.below(1 << (17 + magnitude));
        let [a, b] = [chance.below(u64::MAX), chance.below(u64::MAX)];
        Self {
            // As a random UUID looks.
            id: format!(
                "{:08x}-{:04x}-4{:03x}-9{:03x}-{b:012x}",
                a >> 32,
                a >> 16 & 0xffff,
                a & 0xfff,
                b >> 52
            )
            .chars()
            .take(36)
            .collect(),
            project: PROJECTS[chance.below(PROJECTS.len() as u64) as usize],
            at: BEGIN + chance.below(SPAN),
            length: length.min(left),
            text: WORDS.repeat(170),
        }
    }

    fn next(&mut self, chance: &mut Chance, truth: &mut Truth, writes_cache: bool) -> Request {
        self.at += 2_000 + chance.below(40_000);
        let written = if writes_cache && chance.below(4) == 0 { chance.below(3000) } else { 0 };
        let counts = [1 + chance.below(20_000), chance.below(200_000), written, 1 + chance.below(4000)];
        truth.requests += 1;
        truth.counts.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        Request { at: self.at, counts }
    }

    /// What a tool gave back.
    fn content(&self, chance: &mut Chance) -> &str {
        let magnitude = chance.below(7);
        let length = (300 + chance.below(1 << (8 + magnitude))) as usize;
        &self.text[..length.min(self.text.len())]
    }

    fn folder(&self) -> String {
        format!("/home/someone/{}", self.project)
    }
}

fn time(at: u64) -> String {
    DateTime::from_timestamp_millis(at.cast_signed())
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Writes sessions of lines: `lines` gives those of the next request.
fn lines(
    (bytes, chance, truth): (u64, &mut Chance, &mut Truth),
    path: impl Fn(&Session) -> std::path::PathBuf,
    first: impl Fn(&Session) -> Vec<Value>,
    mut more: impl FnMut(&mut Session, &mut Chance, &mut Truth) -> Vec<Value>,
) -> Done {
    let mut written = 0;
    while written < bytes {
        let mut session = Session::new(chance, bytes - written);
        let path = path(&session);
        fs::create_dir_all(path.parent().ok_or("no folder")?)?;
        let mut file = Counting { inner: BufWriter::new(File::create(path)?), count: 0 };
        truth.files += 1;
        for line in first(&session) {
            writeln!(file, "{line}")?;
        }
        while file.count < session.length {
            for line in more(&mut session, chance, truth) {
                writeln!(file, "{line}")?;
            }
        }
        file.flush()?;
        written += file.count;
    }
    truth.bytes += written;
    Ok(())
}

pub(crate) fn claude_code(home: &Path, bytes: u64, chance: &mut Chance, truth: &mut Truth) -> Done {
    let root = home.join(".claude");
    fs::create_dir_all(&root)?;
    fs::write(
        root.join("settings.json"),
        json!({"env": {"ANTHROPIC_BASE_URL": "https://api.kimi.com/coding"}}).to_string(),
    )?;
    let path = |session: &Session| {
        root.join(format!("projects/-home-someone-{}/{}.jsonl", session.project, session.id))
    };
    lines(
        (bytes, chance, truth),
        path,
        |_| Vec::new(),
        |session, chance, truth| {
            let Request { at, counts } = session.next(chance, truth, true);
            let about = |session: &Session, kind: &str, at: u64| {
                json!({"parentUuid": null, "isSidechain": false, "userType": "external", "cwd": session.folder(),
                "sessionId": session.id, "version": "2.3.7", "gitBranch": "main", "type": kind,
                "uuid": format!("{at:032x}"), "timestamp": time(at)})
            };
            let number = format!("{:016x}{at:012x}", chance.below(u64::MAX));
            let mut answer = about(session, "assistant", at);
            answer["requestId"] = json!(format!("req_{number}"));
            answer["message"] = json!({"id": format!("msg_{number}"), "type": "message", "role": "assistant",
            "model": "kimi-k3", "content": [{"type": "text", "text": session.content(chance)}],
            "stop_reason": "tool_use", "usage": {"input_tokens": counts[0],
                "cache_creation_input_tokens": counts[2], "cache_read_input_tokens": counts[1],
                "output_tokens": counts[3], "service_tier": "standard"}});
            let mut result = about(session, "user", at + 700);
            let content = json!([{"tool_use_id": "toolu_1", "type": "tool_result", "content": session.content(chance)}]);
            result["message"] = json!({"role": "user", "content": content});
            // A part of the answer comes in a line of its own, with the usage as it is then.
            let mut part = answer.clone();
            part["uuid"] = json!(format!("{at:031x}p"));
            part["message"]["content"] = json!([{"type": "thinking", "thinking": session.content(chance)}]);
            vec![part, answer, result]
        },
    )
}

pub(crate) fn codex(home: &Path, bytes: u64, chance: &mut Chance, truth: &mut Truth) -> Done {
    let root = home.join(".codex");
    fs::create_dir_all(&root)?;
    fs::write(
        root.join("config.toml"),
        "model_provider = \"kimi\"\n[model_providers.kimi]\nbase_url = \"https://api.kimi.com/coding/v1\"\n",
    )?;
    let path = |session: &Session| {
        let day = time(session.at);
        let (year, month, day_of_month) = (&day[..4], &day[5..7], &day[8..10]);
        let at = day[..19].replace(':', "-");
        root.join(format!("sessions/{year}/{month}/{day_of_month}/rollout-{at}-{}.jsonl", session.id))
    };
    let first = |session: &Session| {
        let meta = json!({"id": session.id, "timestamp": time(session.at), "cwd": session.folder(),
            "originator": "codex_cli_rs", "cli_version": "0.122.0", "model_provider": "kimi"});
        vec![
            json!({"timestamp": time(session.at), "type": "session_meta", "payload": meta}),
            json!({"timestamp": time(session.at), "type": "turn_context",
                "payload": {"turn_id": "1", "cwd": session.folder(), "model": "kimi-k3"}}),
        ]
    };
    let mut total = [0_u64; 4];
    let mut of = String::new();
    lines((bytes, chance, truth), path, first, |session, chance, truth| {
        if of != session.id {
            session.id.clone_into(&mut of);
            total = [0; 4];
        }
        let Request { at, counts } = session.next(chance, truth, false);
        total.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        let usage = |[input, read, _, output]: [u64; 4]| {
            json!({"input_tokens": input + read, "cached_input_tokens": read, "output_tokens": output,
                "reasoning_output_tokens": output / 3, "total_tokens": input + read + output})
        };
        let info = json!({"total_token_usage": usage(total), "last_token_usage": usage(counts), "model_context_window": 262_144});
        let output =
            json!({"type": "function_call_output", "call_id": "c1", "output": session.content(chance)});
        let said = json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": session.content(chance)}]});
        vec![
            json!({"timestamp": time(at - 1), "type": "response_item", "payload": said}),
            json!({"timestamp": time(at), "type": "event_msg", "payload": {"type": "token_count", "info": info, "rate_limits": null}}),
            json!({"timestamp": time(at + 500), "type": "response_item", "payload": output}),
        ]
    })
}

pub(crate) fn pi(home: &Path, bytes: u64, chance: &mut Chance, truth: &mut Truth) -> Done {
    pi_in(&home.join(".pi/agent"), (bytes, chance, truth))
}

pub(crate) fn omp(home: &Path, bytes: u64, chance: &mut Chance, truth: &mut Truth) -> Done {
    pi_in(&home.join(".omp/agent"), (bytes, chance, truth))
}

fn pi_in(root: &Path, given: (u64, &mut Chance, &mut Truth)) -> Done {
    let path = |session: &Session| {
        let at = time(session.at).replace([':', '.'], "-");
        root.join(format!("sessions/--home-someone-{}--/{at}_{}.jsonl", session.project, session.id))
    };
    let first = |session: &Session| {
        vec![
            json!({"type": "session", "version": 3, "id": session.id, "timestamp": time(session.at), "cwd": session.folder()}),
        ]
    };
    lines(given, path, first, |session, chance, truth| {
        let Request { at, counts } = session.next(chance, truth, true);
        let number = format!("{:08x}", chance.below(u64::from(u32::MAX)));
        let usage = json!({"input": counts[0], "output": counts[3], "cacheRead": counts[1], "cacheWrite": counts[2],
            "totalTokens": counts.iter().sum::<u64>(), "cost": {"total": 0.01}});
        let answer = json!({"role": "assistant", "api": "openai-completions", "provider": "kimi-coding", "model": "kimi-k3",
            "responseId": format!("chatcmpl-{number}{at:016x}"), "content": [{"type": "text", "text": session.content(chance)}],
            "usage": usage, "stopReason": "stop", "timestamp": at - 800});
        let result = json!({"role": "toolResult", "toolCallId": "t1", "content": [{"type": "text", "text": session.content(chance)}], "timestamp": at + 1});
        vec![
            json!({"type": "message", "id": number, "parentId": null, "timestamp": time(at), "message": answer}),
            json!({"type": "message", "id": format!("{number}r"), "parentId": number, "timestamp": time(at + 300), "message": result}),
        ]
    })
}

pub(crate) fn qwen_code(home: &Path, bytes: u64, chance: &mut Chance, truth: &mut Truth) -> Done {
    let root = home.join(".qwen");
    fs::create_dir_all(&root)?;
    fs::write(
        root.join("settings.json"),
        json!({"env": {"OPENAI_BASE_URL": "https://api.moonshot.ai/v1"}}).to_string(),
    )?;
    let path = |session: &Session| {
        root.join(format!("projects/-home-someone-{}/chats/{}.jsonl", session.project, session.id))
    };
    lines(
        (bytes, chance, truth),
        path,
        |_| Vec::new(),
        |session, chance, truth| {
            let Request { at, counts: [input, read, _, output] } = session.next(chance, truth, false);
            truth.cached_twice += read;
            let number = format!("{:016x}-{at:x}", chance.below(u64::MAX));
            let about = |session: &Session, kind: &str, at: u64| {
                json!({"uuid": format!("{number}{kind}"), "parentUuid": null, "sessionId": session.id, "timestamp": time(at),
                "type": kind, "cwd": session.folder(), "version": "0.30.0"})
            };
            let mut answer = about(session, "assistant", at);
            answer["model"] = json!("kimi-k2.6");
            answer["message"] = json!({"role": "model", "parts": [{"text": session.content(chance)}]});
            answer["usageMetadata"] = json!({"promptTokenCount": input + read, "candidatesTokenCount": output,
            "totalTokenCount": input + read + output, "cachedContentTokenCount": read});
            let mut result = about(session, "tool_result", at + 400);
            result["message"] =
                json!({"role": "user", "parts": [{"functionResponse": {"output": session.content(chance)}}]});
            vec![answer, result]
        },
    )
}

pub(crate) fn kimi_cli(home: &Path, bytes: u64, chance: &mut Chance, truth: &mut Truth) -> Done {
    let root = home.join(".kimi");
    fs::create_dir_all(&root)?;
    let path = |session: &Session| {
        root.join(format!("sessions/{:032x}/{}/wire.jsonl", session.project.len() * 7919, session.id))
    };
    let first = |_: &Session| vec![json!({"type": "metadata", "protocol_version": "1.2"})];
    lines((bytes, chance, truth), path, first, |session, chance, truth| {
        let Request { at, counts } = session.next(chance, truth, true);
        let number = format!("chatcmpl-{:016x}{at:08x}", chance.below(u64::MAX));
        let line = |at: u64, message: Value| json!({"timestamp": at as f64 / 1000.0, "message": message});
        let usage = json!({"input_other": counts[0], "output": counts[3], "input_cache_read": counts[1], "input_cache_creation": counts[2]});
        let status = json!({"type": "StatusUpdate", "payload": {"context_usage": 0.2, "message_id": number, "token_usage": usage}});
        let result = json!({"type": "ToolResult", "payload": {"tool_call_id": "t1", "return_value": {"output": session.content(chance)}}});
        let said =
            json!({"type": "ContentPart", "payload": {"type": "text", "text": session.content(chance)}});
        vec![line(at - 5, said), line(at, status), line(at + 300, result)]
    })
}

pub(crate) fn cline(home: &Path, bytes: u64, chance: &mut Chance, truth: &mut Truth) -> Done {
    cline_in(
        &home.join(".config/Code/User/globalStorage/saoudrizwan.claude-dev"),
        true,
        (bytes, chance, truth),
    )
}

pub(crate) fn roo(home: &Path, bytes: u64, chance: &mut Chance, truth: &mut Truth) -> Done {
    cline_in(
        &home.join(".config/Code/User/globalStorage/rooveterinaryinc.roo-cline"),
        false,
        (bytes, chance, truth),
    )
}

/// Lists of messages, which are written again as a whole with each change.
fn cline_in(root: &Path, is_cline: bool, (bytes, chance, truth): (u64, &mut Chance, &mut Truth)) -> Done {
    let mut written = 0;
    while written < bytes {
        let mut session = Session::new(chance, bytes - written);
        let folder = root.join("tasks").join(session.at.to_string());
        if folder.exists() {
            continue;
        }
        fs::create_dir_all(&folder)?;
        let mut messages = Vec::new();
        let mut length = 0;
        while length < session.length as usize {
            let Request { at, counts } = session.next(chance, truth, true);
            let usage = json!({"request": format!("<task>{}</task>\n<model>kimi-k3</model>", session.content(chance)),
                "tokensIn": counts[0], "tokensOut": counts[3], "cacheReads": counts[1], "cacheWrites": counts[2], "cost": 0.01});
            let mut request =
                json!({"ts": at, "type": "say", "say": "api_req_started", "text": usage.to_string()});
            if is_cline {
                request["modelInfo"] = json!({"providerId": "moonshot", "modelId": "kimi-k3", "mode": "act"});
            }
            let said = json!({"ts": at + 5, "type": "say", "say": "text", "text": session.content(chance)});
            length += request.to_string().len() + said.to_string().len();
            messages.extend([request, said]);
        }
        let text = json!(messages).to_string();
        truth.files += 1;
        written += text.len() as u64;
        fs::write(folder.join("ui_messages.json"), text)?;
        if !is_cline {
            let ask = format!(
                "<environment_details>\n<model>kimi-k3</model>\n</environment_details>{}",
                session.content(chance)
            );
            let history =
                json!([{"role": "user", "ts": session.at - 1, "content": [{"type": "text", "text": ask}]}]);
            fs::write(folder.join("api_conversation_history.json"), history.to_string())?;
        }
    }
    truth.bytes += written;
    Ok(())
}

fn open(path: &Path, schema: &str) -> Result<Connection, Box<dyn Error>> {
    fs::create_dir_all(path.parent().ok_or("no folder")?)?;
    let db = Connection::open(path)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "OFF")?;
    db.execute_batch(schema)?;
    Ok(db)
}

pub(crate) fn goose(home: &Path, bytes: u64, chance: &mut Chance, truth: &mut Truth) -> Done {
    let path = home.join(".local/share/goose/sessions/sessions.db");
    let mut db = open(
        &path,
        "CREATE TABLE sessions (id TEXT PRIMARY KEY, name TEXT, description TEXT, working_dir TEXT, created_at TIMESTAMP, updated_at TIMESTAMP,
           extension_data TEXT, total_tokens INTEGER, input_tokens INTEGER, output_tokens INTEGER,
           accumulated_total_tokens INTEGER, accumulated_input_tokens INTEGER, accumulated_output_tokens INTEGER,
           provider_name TEXT, model_config_json TEXT);
         CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT, role TEXT, content_json TEXT, created_timestamp INTEGER);",
    )?;
    truth.files += 1;
    let mut written = 0;
    let mut number = 0;
    while written < bytes {
        let batch = db.transaction()?;
        for _ in 0..50 {
            number += 1;
            let mut session = Session::new(chance, bytes.saturating_sub(written).max(1));
            let id = format!("20260{}_{number}", 201 + number % 20);
            let mut length = 0;
            while length < session.length as usize {
                let text = json!([{"type": "text", "text": session.content(chance)}]).to_string();
                length += text.len();
                batch
                    .prepare_cached("INSERT INTO messages (session_id, role, content_json, created_timestamp) VALUES (?1, 'assistant', ?2, ?3)")?
                    .execute(params![id, text, session.at.cast_signed() / 1000])?;
            }
            written += length as u64;
            let Request { at, counts: [input, read, _, output] } = session.next(chance, truth, false);
            // It has no figures of the cache; what was counted above as read is input.
            let words = |at: u64| time(at)[..19].replace('T', " ");
            batch
                .prepare_cached("INSERT INTO sessions VALUES (?1, 'n', '', ?2, ?3, ?4, '{}', ?5, ?6, ?7, ?5, ?6, ?7, 'moonshot', '{\"model_name\":\"kimi-k3\"}')")?
                .execute(params![id, session.folder(), words(at - 60_000), words(at), (input + read + output).cast_signed(), (input + read).cast_signed(), output.cast_signed()])?;
        }
        batch.commit()?;
    }
    truth.bytes += written;
    Ok(())
}

pub(crate) fn crush(home: &Path, bytes: u64, chance: &mut Chance, truth: &mut Truth) -> Done {
    let mut projects = Vec::new();
    for project in PROJECTS {
        let folder = home.join("work").join(project);
        projects.push(json!({"path": folder, "data_dir": folder.join(".crush")}));
        let mut db = open(
            &folder.join(".crush/crush.db"),
            "CREATE TABLE sessions (id TEXT PRIMARY KEY, parent_session_id TEXT, title TEXT, prompt_tokens INTEGER, completion_tokens INTEGER, cost REAL,
               created_at INTEGER, updated_at INTEGER);
             CREATE TABLE messages (id TEXT PRIMARY KEY, session_id TEXT, role TEXT, parts TEXT, model TEXT, provider TEXT, created_at INTEGER);
             CREATE INDEX messages_session ON messages (session_id);",
        )?;
        truth.files += 1;
        let batch = db.transaction()?;
        let mut written = 0;
        while written < bytes / PROJECTS.len() as u64 {
            let mut session = Session::new(chance, bytes);
            let Request { at, counts: [input, read, _, output] } = session.next(chance, truth, false);
            let mut length = 0;
            let mut place = 0;
            while length < session.length as usize {
                let text = json!([{"type": "text", "data": {"text": session.content(chance)}}]).to_string();
                length += text.len();
                place += 1;
                batch
                    .prepare_cached(
                        "INSERT INTO messages VALUES (?1, ?2, 'assistant', ?3, 'kimi-k3', 'kimi-coding', ?4)",
                    )?
                    .execute(params![
                        format!("{}-{place}", session.id),
                        session.id,
                        text,
                        at.cast_signed() / 1000
                    ])?;
            }
            written += length as u64;
            batch
                .prepare_cached("INSERT INTO sessions VALUES (?1, NULL, 't', ?2, ?3, 0.1, ?4, ?5)")?
                .execute(params![
                    session.id,
                    (input + read).cast_signed(),
                    output.cast_signed(),
                    at.cast_signed() / 1000 - 60,
                    at.cast_signed() / 1000
                ])?;
        }
        batch.commit()?;
        truth.bytes += written;
    }
    let registry = home.join(".local/share/crush");
    fs::create_dir_all(&registry)?;
    fs::write(registry.join("projects.json"), json!({"projects": projects}).to_string())?;
    Ok(())
}

pub(crate) fn zed(home: &Path, bytes: u64, chance: &mut Chance, truth: &mut Truth) -> Done {
    let mut db = open(
        &home.join(".local/share/zed/threads/threads.db"),
        "CREATE TABLE threads (id TEXT PRIMARY KEY, summary TEXT NOT NULL, updated_at TEXT NOT NULL, data_type TEXT NOT NULL, data BLOB NOT NULL,
           parent_id TEXT, folder_paths TEXT, created_at TEXT)",
    )?;
    truth.files += 1;
    let batch = db.transaction()?;
    let mut written = 0;
    while written < bytes {
        let mut session = Session::new(chance, bytes - written);
        let Request { at, counts: [input, read, _, output] } = session.next(chance, truth, false);
        let mut messages = Vec::new();
        let mut length = 0;
        while length < session.length as usize {
            let text = session.content(chance);
            length += text.len();
            messages.push(json!({"Agent": {"content": [{"Text": text}], "tool_results": {}}}));
        }
        let thread = json!({"version": "0.3.0", "title": "t", "messages": messages, "model": {"provider": "moonshotai", "model": "kimi-k3"},
            "request_token_usage": {}, "cumulative_token_usage": {"input_tokens": input, "output_tokens": output, "cache_read_input_tokens": read}});
        let data = compress_to_vec(thread.to_string().as_bytes(), CompressionLevel::Fastest);
        // What it is unpacked: the reader's work.
        written += length as u64;
        batch
            .prepare_cached("INSERT INTO threads VALUES (?1, 's', ?2, 'zstd', ?3, NULL, ?4, ?5)")?
            .execute(params![session.id, time(at), data, session.folder(), time(at - 60_000)])?;
    }
    batch.commit()?;
    truth.bytes += written;
    Ok(())
}
