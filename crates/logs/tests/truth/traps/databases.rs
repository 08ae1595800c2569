//! Programs that keep sums, or threads.

use std::fs;
use std::path::Path;

use rusqlite::{Connection, params};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde_json::json;
use tidemark_core::Tokens;

use crate::home::{Home, Use};

fn open(home: &mut Home, path: &Path, schema: &str) -> Connection {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let db = Connection::open(path).unwrap();
    db.execute_batch(schema).unwrap();
    home.wrote(path.to_owned());
    db
}

fn tokens(input: u64, output: u64) -> Tokens {
    Tokens { input, output, ..Tokens::default() }
}

fn used(
    home: &mut Home,
    at: i64,
    model: &str,
    third: bool,
    session: &str,
    project: Option<&str>,
    tokens: Tokens,
) {
    let (model, session, project) = (model.to_owned(), session.to_owned(), project.map(ToOwned::to_owned));
    home.truth.push(Use { at, model, third, project, session, tokens });
}

/// Crush keeps the tokens of a session's last call, and its databases are in the projects.
pub(super) fn crush(home: &mut Home) {
    let root = home.path().to_owned();
    let project = root.join("work/keel");
    let db = open(
        home,
        &project.join(".crush/crush.db"),
        "CREATE TABLE sessions (id TEXT PRIMARY KEY, parent_session_id TEXT, title TEXT, prompt_tokens INTEGER, completion_tokens INTEGER, cost REAL,
           created_at INTEGER, updated_at INTEGER);
         CREATE TABLE messages (id TEXT PRIMARY KEY, session_id TEXT, role TEXT, parts TEXT, model TEXT, provider TEXT, created_at INTEGER);",
    );
    let registry = root.join(".local/share/crush");
    fs::create_dir_all(&registry).unwrap();
    let list = json!({"projects": [{"path": project, "data_dir": project.join(".crush")}, {"path": root.join("gone")}]});
    fs::write(registry.join("projects.json"), list.to_string()).unwrap();
    let folder = project.to_str().unwrap().to_owned();
    let begin = 1_780_000_000_i64;
    for (number, (id, parent, messages, model)) in [
        ("c-own", None, &[("kimi-k3", "kimi-coding")][..], Some(("kimi-k3", false))),
        // The last call is what its tokens are of.
        (
            "c-mixed",
            None,
            &[("claude-opus-4-1", "anthropic"), ("kimi-k2.6", "moonshotai")],
            Some(("kimi-k2.6", false)),
        ),
        ("c-left", None, &[("kimi-k2.6", "moonshotai"), ("claude-opus-4-1", "anthropic")], None),
        // An earlier version kept no provider: whose it is, the model says, and which account's nothing.
        ("c-unnamed", None, &[("kimi-k2.6", "")], Some(("kimi-k2.6", false))),
        ("c-relay", None, &[("moonshotai/kimi-k3", "openrouter")], Some(("kimi-k3", true))),
        // Its tokens are not in its parent's.
        ("c-child", Some("c-own"), &[("kimi-k3", "kimi-coding")], Some(("kimi-k3", false))),
        ("c-empty", None, &[], None),
    ]
    .into_iter()
    .enumerate()
    {
        let (at, number) = (begin + 1000 * number as i64, number as u64);
        let tokens = tokens(10_000 + number, 900 + number);
        db.execute(
            "INSERT INTO sessions VALUES (?1, ?2, 't', ?3, ?4, 0.5, ?5, ?6)",
            params![id, parent, tokens.input as i64, tokens.output as i64, at, at + 300],
        )
        .unwrap();
        for (place, (model, provider)) in messages.iter().enumerate() {
            db.execute(
                "INSERT INTO messages VALUES (?1, ?2, 'assistant', '[]', ?3, ?4, ?5)",
                params![format!("{id}-{place}"), id, model, provider, at + place as i64],
            )
            .unwrap();
        }
        db.execute(
            "INSERT INTO messages VALUES (?1, ?2, 'user', '[]', NULL, NULL, ?3)",
            params![format!("{id}-u"), id, at + 99],
        )
        .unwrap();
        if let Some((model, third)) = model {
            used(home, (at + 300) * 1000, model, third, id, Some(&folder), tokens);
        }
    }
}

const GOOSE: &str = "CREATE TABLE sessions (id TEXT PRIMARY KEY, name TEXT, working_dir TEXT, created_at TIMESTAMP, updated_at TIMESTAMP,
   total_tokens INTEGER, input_tokens INTEGER, output_tokens INTEGER,
   accumulated_total_tokens INTEGER, accumulated_input_tokens INTEGER, accumulated_output_tokens INTEGER,
   provider_name TEXT, model_config_json TEXT);";

fn goose_session(db: &Connection, id: &str, provider: Option<&str>, model: Option<&str>, tokens: Tokens) {
    let model = model.map(|model| json!({"model_name": model, "context_limit": null}).to_string());
    db.execute(
        "INSERT INTO sessions VALUES (?1, 'n', '/work/goose', '2026-06-02 08:00:00', '2026-06-02 09:30:00', 7, 5, 2, ?2, ?3, ?4, ?5, ?6)",
        params![id, tokens.total() as i64, tokens.input as i64, tokens.output as i64, provider, model],
    )
    .unwrap();
}

/// 2026-06-02T09:30:00Z
const GOOSE_AT: i64 = 1_780_392_600_000;

/// Goose's sums, of several versions and providers.
pub(super) fn goose_sums(home: &mut Home) {
    let path = home.path().join(".local/share/goose/sessions/sessions.db");
    let settings = home.path().join(".config/goose/custom_providers");
    fs::create_dir_all(&settings).unwrap();
    fs::write(settings.join("mine.json"), r#"{"name":"custom_mine","engine":"openai","base_url":"https://api.moonshot.cn/v1/chat/completions"}"#).unwrap();
    let db = open(home, &path, GOOSE);
    for (number, (provider, model, expected)) in [
        (Some("moonshot"), Some("kimi-k3"), Some(("kimi-k3", false))),
        (Some("custom_mine"), Some("house-name"), Some(("house-name", false))),
        (Some("openrouter"), Some("moonshotai/kimi-k3"), Some(("kimi-k3", true))),
        (Some("anthropic"), Some("claude-opus-4-1"), None),
        // Taken over from the older files.
        (None, None, None),
    ]
    .into_iter()
    .enumerate()
    {
        let (id, number) = (format!("20260602_{number}"), number as u64);
        let tokens = tokens(80_000 + number, 700 + number);
        goose_session(&db, &id, provider, model, tokens);
        if let Some((model, third)) = expected {
            used(home, GOOSE_AT, model, third, &id, Some("/work/goose"), tokens);
        }
    }
    db.execute_batch(
        "INSERT INTO sessions (id, accumulated_input_tokens, provider_name) VALUES ('odd', -5, 'moonshot')",
    )
    .unwrap();
    home.skipped += 1;
}

/// Goose's single calls: what a session had used before stands in one row, and its sums repeat all.
pub(super) fn goose_calls(home: &mut Home) {
    let path = home.path().join("AppData/Roaming/Block/goose/data/sessions/sessions.db");
    let db = open(home, &path, GOOSE);
    db.execute_batch(
        "CREATE TABLE usage_ledger (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT, created_timestamp INTEGER, model TEXT,
           input_tokens INTEGER, output_tokens INTEGER, total_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER,
           cost REAL, cost_source TEXT, is_compaction BOOLEAN)",
    )
    .unwrap();
    goose_session(&db, "20260602_77", Some("moonshot"), Some("kimi-k3"), tokens(61_000, 930));
    goose_session(&db, "20260602_78", Some("moonshot"), Some("kimi-k3"), tokens(500, 60));
    used(home, GOOSE_AT, "kimi-k3", false, "20260602_78", Some("/work/goose"), tokens(500, 60));
    for (second, model, input, output, read, write, source) in [
        (10, "carried_forward", 50_000_u64, 800_u64, None::<u64>, None::<u64>, "carried_forward"),
        (20, "kimi-k3", 10_000, 100, Some(9000), Some(200), "provider_reported"),
        (30, "kimi-k2.6", 1000, 30, Some(0), None, "estimated"),
        (30, "claude-opus-4-1", 1000, 30, Some(0), None, "estimated"),
    ] {
        let at = 1_780_400_000_i64 + second;
        db.execute(
            "INSERT INTO usage_ledger (session_id, created_timestamp, model, input_tokens, output_tokens, total_tokens, cache_read_tokens,
               cache_write_tokens, cost, cost_source, is_compaction) VALUES ('20260602_77', ?1, ?2, ?3, ?4, ?3 + ?4, ?5, ?6, 0.1, ?7, 0)",
            params![at, model, input as i64, output as i64, read.map(u64::cast_signed), write.map(u64::cast_signed), source],
        )
        .unwrap();
        let (cache_read, cache_write) = (read.unwrap_or_default(), write.unwrap_or_default());
        let tokens = Tokens {
            input: input - cache_read - cache_write,
            cache_read,
            cache_write,
            output,
            ..Tokens::default()
        };
        let model = if source == "carried_forward" { "kimi-k3" } else { model };
        used(home, at * 1000, model, false, "20260602_77", Some("/work/goose"), tokens);
    }
}

/// Zed's threads, packed and not.
pub(super) fn zed(home: &mut Home) {
    let path = home.path().join("Library/Application Support/Zed/threads/threads.db");
    let db = open(
        home,
        &path,
        "CREATE TABLE threads (id TEXT PRIMARY KEY, summary TEXT NOT NULL, updated_at TEXT NOT NULL, data_type TEXT NOT NULL, data BLOB NOT NULL,
           parent_id TEXT, folder_paths TEXT, created_at TEXT)",
    );
    let usage = |tokens: Tokens| json!({"input_tokens": tokens.input, "output_tokens": tokens.output, "cache_read_input_tokens": tokens.cache_read});
    let all = Tokens { input: 900, cache_read: 30_000, output: 210, ..Tokens::default() };
    let last = Tokens { input: 80, cache_read: 9000, output: 40, ..Tokens::default() };
    for (id, packed, provider, summed, expected) in [
        ("z-packed", true, "moonshotai", all, Some((all, false))),
        ("z-plain", false, "kimi-for-coding", all, Some((all, false))),
        // The sum was not kept up: of each message, the last call is known.
        ("z-between", true, "moonshotai", Tokens::default(), Some((last, false))),
        ("z-relay", true, "openrouter", all, Some((all, true))),
        ("z-shared", true, "moonshotai", Tokens::default(), None),
    ] {
        let requests = if id == "z-shared" { json!({}) } else { json!({"um-1": usage(last)}) };
        let thread = json!({"version": "0.3.0", "title": "t", "messages": [{"User": {"id": "um-1", "content": []}}],
            "model": {"provider": provider, "model": "kimi-k3"}, "request_token_usage": requests,
            "cumulative_token_usage": usage(summed), "imported": id == "z-shared"});
        let json = thread.to_string().into_bytes();
        let (kind, data) = if packed {
            ("zstd", compress_to_vec(json.as_slice(), CompressionLevel::Fastest))
        } else {
            ("json", json)
        };
        db.execute(
            "INSERT INTO threads VALUES (?1, 's', '2026-07-01T10:00:00.123456789+00:00', ?2, ?3, NULL, '/work/raft\n/work/boat', '2026-07-01T08:00:00+00:00')",
            params![id, kind, data],
        )
        .unwrap();
        if let Some((tokens, third)) = expected {
            used(home, 1_782_900_000_123, "kimi-k3", third, id, Some("/work/raft"), tokens);
        }
    }
    db.execute(
        "INSERT INTO threads VALUES ('z-broken', 's', 'soon', 'zstd', X'28B52FFD00', NULL, NULL, NULL)",
        [],
    )
    .unwrap();
    home.skipped += 1;
}
