use std::fs;
use std::path::PathBuf;

use rusqlite::{Connection, params};
use serde_json::{Value, json};
use tidemark_core::Tokens;

use crate::home::{Home, Use};

/// The tables of OpenCode, as far as its sessions need them.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS session (id TEXT PRIMARY KEY, project_id TEXT, parent_id TEXT, directory TEXT, title TEXT,
  time_created INTEGER, time_updated INTEGER, tokens_input INTEGER, tokens_output INTEGER);
CREATE TABLE IF NOT EXISTS message (id TEXT PRIMARY KEY, session_id TEXT NOT NULL, time_created INTEGER, time_updated INTEGER,
  data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS part (id TEXT PRIMARY KEY, message_id TEXT NOT NULL, session_id TEXT NOT NULL, time_created INTEGER,
  time_updated INTEGER, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS part_message_id_id_idx ON part (message_id, id);";

fn open(home: &mut Home, name: &str) -> Connection {
    let path = home.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let db = Connection::open(&path).unwrap();
    db.pragma_update(None, "journal_mode", "WAL").unwrap();
    db.execute_batch(SCHEMA).unwrap();
    home.wrote(path);
    db
}

/// Tokens as OpenCode writes them: reasoning beside the output.
fn counts(tokens: Tokens) -> Value {
    let reasoning = tokens.output / 3;
    json!({"input": tokens.input as f64, "output": tokens.output - reasoning, "reasoning": reasoning,
           "cache": {"read": tokens.cache_read, "write": tokens.cache_write}, "total": tokens.total()})
}

fn message(created: i64, provider: &str, model: &str, folder: &str, tokens: Tokens) -> Value {
    json!({"role": "assistant", "parentID": "msg_u", "modelID": model, "providerID": provider, "mode": "build",
           "path": {"cwd": folder, "root": "/"}, "cost": 0, "tokens": counts(tokens),
           "time": {"created": created, "completed": created + 4000}, "finish": "stop"})
}

fn insert(db: &Connection, id: &str, session: &str, data: &Value) {
    let at = data["time"]["created"].as_i64();
    let sql = "INSERT OR REPLACE INTO message VALUES (?1, ?2, ?3, ?3, ?4)";
    db.execute(sql, params![id, session, at, data.to_string()]).unwrap();
}

fn part(db: &Connection, id: &str, message: &str, session: &str, data: &Value) {
    let sql = "INSERT INTO part VALUES (?1, ?2, ?3, 1, 1, ?4)";
    db.execute(sql, params![id, message, session, data.to_string()]).unwrap();
}

fn step(tokens: Tokens) -> Value {
    json!({"reason": "stop", "type": "step-finish", "tokens": counts(tokens), "cost": 0})
}

fn used(home: &mut Home, at: i64, model: &str, third: bool, session: &str, folder: &str, tokens: Tokens) {
    let (model, session, project) = (model.to_owned(), session.to_owned(), Some(folder.to_owned()));
    home.truth.push(Use { at: at + 4000, model, third, project, session, tokens });
}

/// Whose a call is, and what is none of Kimi's.
pub(super) fn whose(home: &mut Home) {
    let db = open(home, ".local/share/opencode/opencode.db");
    for (number, (provider, written, model, third)) in [
        ("kimi-for-coding", "k3", Some("kimi-k3"), false),
        ("kimi-code-plan-global", "k3-256k", Some("kimi-k3-256k"), false),
        ("moonshotai-cn", "kimi-k2.6", Some("kimi-k2.6"), false),
        ("opencode-go", "kimi-k3", Some("kimi-k3"), true),
        ("openrouter", "moonshotai/kimi-k2.6", Some("kimi-k2.6"), true),
        ("anthropic", "claude-opus-4-1", None, false),
    ]
    .into_iter()
    .enumerate()
    {
        let (at, tokens) = (home.moment(), home.random.tokens());
        let session = format!("ses_{number}");
        insert(
            &db,
            &format!("msg_whose{number}"),
            &session,
            &message(at, provider, written, "/work/raft", tokens),
        );
        if let Some(model) = model {
            used(home, at, model, third, &session, "/work/raft", tokens);
        }
    }
    // What people wrote, and sums that repeat all of it.
    db.execute_batch(
        "INSERT INTO message VALUES ('msg_person', 'ses_0', 1, 1, '{\"role\":\"user\",\"text\":\"\\\"assistant\\\" \\\"tokens\\\" kimi-k3\"}');
         INSERT INTO message VALUES ('msg_broken', 'ses_0', 1, 1, '{\"role\":\"assistant\",\"tokens\":{\"input\":');
         INSERT INTO session VALUES ('ses_0', 'p', NULL, '/work/raft', 't', 1, 1, 999999, 999999);",
    )
    .unwrap();
    home.skipped += 1;
}

/// A message of several calls has the tokens of the last one; each call left a part of its own.
pub(super) fn several_calls(home: &mut Home) {
    let db = open(home, ".local/share/opencode/opencode.db");
    let at = home.moment();
    let calls: Vec<Tokens> = (0..4).map(|_| home.random.tokens()).collect();
    let last = calls[3];
    insert(&db, "msg_several", "ses_several", &message(at, "moonshotai", "kimi-k3", "/work/raft", last));
    for (number, tokens) in calls.iter().enumerate() {
        let id = format!("prt_{number}");
        part(
            &db,
            &format!("{id}t"),
            "msg_several",
            "ses_several",
            &json!({"type": "text", "text": "step-finish"}),
        );
        part(&db, &id, "msg_several", "ses_several", &step(*tokens));
        used(home, at, "kimi-k3", false, "ses_several", "/work/raft", *tokens);
    }
}

/// A fork copies messages and parts under new ids, with their times.
pub(super) fn forks(home: &mut Home) {
    let db = open(home, ".local/share/opencode/opencode.db");
    for number in 0..6 {
        let (at, tokens) = (home.moment(), home.random.tokens());
        let data = message(at, "kimi-for-coding", "k3", "/work/raft", tokens);
        // Later sessions have smaller ids.
        for (copy, session) in ["ses_9", "ses_8", "ses_7"].into_iter().enumerate() {
            let id = format!("msg_fork{number}_{copy}");
            insert(&db, &id, session, &data);
            part(&db, &format!("prt_fork{number}_{copy}"), &id, session, &step(tokens));
        }
        used(home, at, "kimi-k3", false, "ses_7", "/work/raft", tokens);
    }
}

/// Files that were taken into a database, and stay; of some, the session is not in it any more.
pub(super) fn files_and_databases(home: &mut Home) {
    let db = open(home, ".local/share/opencode/opencode.db");
    let other = open(home, ".local/share/opencode/opencode-dev.db");
    for number in 0..9 {
        let (at, tokens) = (home.moment(), home.random.tokens());
        let mut data = message(at, "moonshotai", "kimi-k2.6", "/work/boat", tokens);
        let (id, session) = (format!("msg_file{number}"), "ses_file");
        if number % 3 != 1 {
            insert(if number % 3 == 0 { &db } else { &other }, &id, session, &data);
        }
        data["id"] = json!(id);
        data["sessionID"] = json!(session);
        let path = format!(".local/share/opencode/storage/message/{session}/{id}.json");
        file(home, &path, &data);
        let parts = home.path().join(format!(".local/share/opencode/storage/part/{id}"));
        fs::create_dir_all(&parts).unwrap();
        fs::write(parts.join("prt_1.json"), step(tokens).to_string()).unwrap();
        used(home, at, "kimi-k2.6", false, session, "/work/boat", tokens);
    }
    let path = ".local/share/opencode/storage/message/ses_file/msg_torn.json";
    home.append(&home.path().join(path), b"{\"role\":\"assistant\",\"tok");
    home.skipped += 1;
}

fn file(home: &mut Home, path: &str, data: &Value) {
    let path: PathBuf = home.path().join(path);
    home.append(&path, data.to_string().as_bytes());
}

/// A call that is under way has no tokens yet; one that was ended early has no end.
pub(super) fn under_way(home: &mut Home) {
    let db = open(home, ".local/share/kilo/kilo.db");
    let at = home.moment();
    insert(&db, "msg_waits", "ses_k", &message(at, "kimi-for-coding", "k3", "/work/raft", Tokens::default()));
    let tokens = home.random.tokens();
    let mut data = message(at + 1, "kimi-for-coding", "k3", "/work/raft", tokens);
    data["time"] = json!({"created": at + 1});
    insert(&db, "msg_ended", "ses_k", &data);
    let (model, session, project) = ("kimi-k3".to_owned(), "ses_k".to_owned(), Some("/work/raft".to_owned()));
    home.truth.push(Use { at: at + 1, model, third: false, project, session, tokens });
}

/// The program is running, and all of it stands in the write-ahead log.
pub(super) fn written_ahead(home: &mut Home) {
    let db = open(home, ".local/share/kilo/kilo-running.db");
    db.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    for number in 0..40 {
        let (at, tokens) = (home.moment(), home.random.tokens());
        let data = message(at, "moonshotai-cn", "kimi-k3", "/work/raft", tokens);
        insert(&db, &format!("msg_ahead{number}"), "ses_ahead", &data);
        used(home, at, "kimi-k3", false, "ses_ahead", "/work/raft", tokens);
    }
    home.keep(db);
}
