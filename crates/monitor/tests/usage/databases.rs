//! The same for programs that keep databases: another connection writes beside the reading, in every way that such
//! programs do.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rusqlite::{Connection, params};
use serde_json::json;
use tidemark_core::Tokens;
use tidemark_logs::Tally;
use tidemark_store::Store;

use crate::random::Random;
use crate::{Mortal, Sums, look_at, now, requests_and_sums_agree, scanned_at, told};

/// Something that happens to the databases.
#[derive(Debug, Clone)]
enum Op {
    /// OpenCode begins a message.
    Begin {
        session: u8,
        whose: u8,
    },
    /// A call of a message ends, perhaps before its part is written.
    Call {
        message: u8,
        has_part: bool,
    },
    /// A message is complete.
    Complete {
        message: u8,
    },
    /// All of a session is copied into another.
    Fork {
        session: u8,
    },
    /// Crush's or Goose's session goes on, or begins.
    Sum {
        session: u8,
        is_goose: bool,
    },
    /// What was written ahead is taken in, and the log of it begins again.
    Checkpoint,
    /// Rows get other numbers.
    Vacuum,
    /// The program ends and is started again.
    Restart,
    /// The clock is set back.
    SetBack,
    /// A session is deleted.
    Delete {
        session: u8,
    },
    /// The database is replaced by a copy of what it was.
    Restore,
    /// It is kept for that.
    Keep,
    Look,
    Kill(u32),
}

impl Op {
    /// What takes nothing away.
    fn keeping() -> impl Strategy<Value = Self> {
        prop_oneof![
            6 => (0u8..5, 0u8..6).prop_map(|(session, whose)| Self::Begin { session, whose }),
            6 => (any::<u8>(), any::<bool>()).prop_map(|(message, has_part)| Self::Call { message, has_part }),
            5 => any::<u8>().prop_map(|message| Self::Complete { message }),
            1 => (0u8..5).prop_map(|session| Self::Fork { session }),
            4 => (0u8..5, any::<bool>()).prop_map(|(session, is_goose)| Self::Sum { session, is_goose }),
            1 => Just(Self::Checkpoint),
            1 => Just(Self::Vacuum),
            1 => Just(Self::Restart),
            1 => Just(Self::SetBack),
            6 => Just(Self::Look),
            1 => (0u32..3).prop_map(Self::Kill),
        ]
    }

    fn anything() -> impl Strategy<Value = Self> {
        prop_oneof![
            12 => Self::keeping(),
            1 => (0u8..5).prop_map(|session| Self::Delete { session }),
            1 => Just(Self::Restore),
            1 => Just(Self::Keep),
        ]
    }
}

/// A message of OpenCode, as its program has it in memory.
struct Message {
    id: String,
    created: i64,
    completed: Option<i64>,
    tokens: Tokens,
    /// Those of the last call, where its part is not written yet.
    part: Option<Tokens>,
    whose: u8,
}

/// A home with databases that are written to.
struct Home {
    dir: tempfile::TempDir,
    random: Random,
    clock: i64,
    crush_clock: i64,
    made: u64,
    messages: Vec<Message>,
    opencode: Option<Connection>,
    sums: Connection,
    goose: Connection,
}

const OPENCODE: &str = "
CREATE TABLE IF NOT EXISTS message (id TEXT PRIMARY KEY, session_id TEXT NOT NULL, time_created INTEGER, time_updated INTEGER, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS part (id TEXT PRIMARY KEY, message_id TEXT NOT NULL, session_id TEXT NOT NULL, time_created INTEGER,
  time_updated INTEGER, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS part_message_id_id_idx ON part (message_id, id);";
const CRUSH: &str = "
CREATE TABLE sessions (id TEXT PRIMARY KEY, prompt_tokens INTEGER, completion_tokens INTEGER, created_at INTEGER, updated_at INTEGER);
CREATE TABLE messages (id TEXT PRIMARY KEY, session_id TEXT, role TEXT, model TEXT, provider TEXT, created_at INTEGER);";
const GOOSE: &str = "
CREATE TABLE sessions (id TEXT PRIMARY KEY, working_dir TEXT, created_at TIMESTAMP, updated_at TIMESTAMP, accumulated_input_tokens INTEGER,
  accumulated_output_tokens INTEGER, provider_name TEXT, model_config_json TEXT);";

fn open(path: &Path, schema: &str) -> Connection {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let db = Connection::open(path).unwrap();
    db.pragma_update(None, "journal_mode", "WAL").unwrap();
    db.pragma_update(None, "synchronous", "OFF").unwrap();
    db.execute_batch(schema).unwrap();
    db
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("home");
        let project = home.join("work/boat");
        let sums = open(&project.join(".crush/crush.db"), CRUSH);
        let goose = open(&home.join(".local/share/goose/sessions/sessions.db"), GOOSE);
        let list = json!({"projects": [{"path": project}]});
        fs::create_dir_all(home.join(".local/share/crush")).unwrap();
        fs::write(home.join(".local/share/crush/projects.json"), list.to_string()).unwrap();
        let mut made = Self {
            dir,
            random: Random::of(362_436_069),
            clock: 1_780_300_000_000,
            crush_clock: 0,
            made: 0,
            messages: Vec::new(),
            opencode: None,
            sums,
            goose,
        };
        made.opencode = Some(open(&made.database(), OPENCODE));
        made
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    fn database(&self) -> PathBuf {
        self.path().join(".local/share/opencode/opencode.db")
    }

    fn db(&self) -> &Connection {
        self.opencode.as_ref().unwrap()
    }

    fn tick(&mut self) -> i64 {
        self.clock += 1 + self.random.below(200_000).cast_signed();
        self.clock
    }

    /// Writes a message over. It may have been deleted.
    fn write(&mut self, message: usize, session: Option<String>) {
        let now = self.tick();
        let Message { id, created, completed, tokens, whose, .. } = &self.messages[message];
        let (provider, model) = [
            ("kimi-for-coding", "k3"),
            ("moonshotai", "kimi-k2.6"),
            ("openrouter", "moonshotai/kimi-k3"),
            ("anthropic", "claude-opus-4-1"),
        ][usize::from(*whose) % 4];
        let data = json!({"role": "assistant", "providerID": provider, "modelID": model, "path": {"cwd": "/work/boat"},
            "time": {"created": created, "completed": completed}, "tokens": counts(*tokens)});
        match session {
            Some(session) => self.db().execute(
                "INSERT INTO message VALUES (?1, ?2, ?3, ?3, ?4)",
                params![id, session, now, data.to_string()],
            ),
            None => self.db().execute(
                "UPDATE message SET time_updated = ?2, data = ?3 WHERE id = ?1",
                params![id, now, data.to_string()],
            ),
        }
        .unwrap();
    }

    /// Writes the part of a message's last call, if that is still to be done.
    fn write_part(&mut self, message: usize) {
        let Some(tokens) = self.messages[message].part.take() else { return };
        self.made += 1;
        let data = json!({"type": "step-finish", "tokens": counts(tokens)}).to_string();
        let (id, part) = (&self.messages[message].id, format!("prt_{}", self.made));
        let sql = "INSERT INTO part SELECT ?1, ?2, session_id, 1, 1, ?3 FROM message WHERE id = ?2";
        self.db().execute(sql, params![part, id, data]).unwrap();
    }

    fn apply(&mut self, op: &Op) {
        match *op {
            Op::Begin { session, whose } => {
                self.made += 1;
                let (id, created) = (format!("msg_{:06}", self.made), self.tick());
                self.messages.push(Message {
                    id,
                    created,
                    completed: None,
                    tokens: Tokens::default(),
                    part: None,
                    whose,
                });
                self.write(self.messages.len() - 1, Some(format!("ses_{session}")));
            }
            Op::Call { message, has_part } if !self.messages.is_empty() => {
                let message = usize::from(message) % self.messages.len();
                self.write_part(message);
                let tokens = self.random.tokens();
                self.messages[message].tokens = tokens;
                self.messages[message].part = Some(tokens);
                if has_part {
                    self.write_part(message);
                }
                self.write(message, None);
            }
            Op::Complete { message } if !self.messages.is_empty() => {
                let message = usize::from(message) % self.messages.len();
                let now = self.tick();
                self.write_part(message);
                self.messages[message].completed.get_or_insert(now);
                self.write(message, None);
            }
            Op::Fork { session } => {
                self.made += 1;
                let (now, made) = (self.tick(), self.made);
                let (from, to) = (format!("ses_{session}"), format!("ses_-{made:06}"));
                let sql = "INSERT INTO message SELECT id || ?1, ?2, ?3, ?3, data FROM message WHERE session_id = ?4";
                self.db().execute(sql, params![format!("+{made}"), to, now, from]).unwrap();
                let sql = "INSERT INTO part SELECT id || ?1, message_id || ?1, ?2, 1, 1, data FROM part WHERE session_id = ?3";
                self.db().execute(sql, params![format!("+{made}"), to, from]).unwrap();
            }
            Op::Sum { session, is_goose } => {
                let now = self.tick() / 1000;
                let (input, output) =
                    (self.random.below(9000).cast_signed(), self.random.below(900).cast_signed());
                if is_goose {
                    let id = format!("20260601_{session}");
                    self.goose
                        .execute(
                            "INSERT INTO sessions VALUES (?1, '/work/boat', datetime(?2, 'unixepoch'), datetime(?2, 'unixepoch'), ?3, ?4,
                               'moonshot', '{\"model_name\":\"kimi-k3\"}')
                             ON CONFLICT DO UPDATE SET updated_at = datetime(?2, 'unixepoch'),
                               accumulated_input_tokens = accumulated_input_tokens + ?3, accumulated_output_tokens = accumulated_output_tokens + ?4",
                            params![id, now, input, output],
                        )
                        .unwrap();
                } else {
                    // Which of its states is the latest, only its clock says.
                    self.crush_clock = self.crush_clock.max(now) + 1;
                    let now = self.crush_clock;
                    let id = format!("crush-{session}");
                    self.made += 1;
                    let sql =
                        "INSERT INTO messages VALUES (?1, ?2, 'assistant', 'kimi-k3', 'kimi-coding', ?3)";
                    self.sums.execute(sql, params![self.made.to_string(), id, now]).unwrap();
                    let sql = "INSERT INTO sessions VALUES (?1, ?2, ?3, ?4, ?4)
                               ON CONFLICT DO UPDATE SET prompt_tokens = ?2, completion_tokens = ?3, updated_at = ?4";
                    self.sums.execute(sql, params![id, input, output, now]).unwrap();
                }
            }
            Op::Checkpoint => {
                for db in [self.db(), &self.sums, &self.goose] {
                    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
                }
            }
            Op::Vacuum => self.db().execute_batch("VACUUM").unwrap(),
            Op::Restart => {
                self.opencode = None;
                self.opencode = Some(open(&self.database(), OPENCODE));
            }
            Op::SetBack => self.clock -= 500_000,
            Op::Delete { session } => {
                let session = format!("ses_{session}");
                for table in ["message", "part"] {
                    self.db()
                        .execute(&format!("DELETE FROM {table} WHERE session_id = ?1"), [&session])
                        .unwrap();
                }
            }
            Op::Keep => {
                self.opencode = None;
                fs::copy(self.database(), self.dir.path().join("kept")).unwrap();
                self.opencode = Some(open(&self.database(), OPENCODE));
            }
            Op::Restore => {
                let kept = self.dir.path().join("kept");
                if kept.exists() {
                    self.opencode = None;
                    fs::copy(kept, self.database()).unwrap();
                    self.opencode = Some(open(&self.database(), OPENCODE));
                }
            }
            Op::Call { .. } | Op::Complete { .. } | Op::Look | Op::Kill(_) => {}
        }
    }
}

fn counts(tokens: Tokens) -> serde_json::Value {
    json!({"input": tokens.input, "output": tokens.output, "reasoning": 0,
           "cache": {"read": tokens.cache_read, "write": tokens.cache_write}, "total": tokens.total()})
}

fn by_model(sums: &Sums) -> BTreeMap<(String, bool), Tally> {
    let mut less = BTreeMap::new();
    for ((_, model, third, ..), tally) in sums {
        less.entry((model.clone(), *third)).or_insert_with(Tally::default).add(*tally);
    }
    less
}

/// More requests than are handed on at once.
#[test]
fn a_large_database_is_known_after_one_reading() {
    let home = Home::new();
    let sql = "WITH RECURSIVE call (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM call WHERE n < 5000)
         INSERT INTO message SELECT 'msg_' || n, 'ses_' || (n % 7), 1780300000000 + n, 1780300000000 + n, json_object(
           'role', 'assistant', 'providerID', 'kimi-for-coding', 'modelID', 'k3', 'tokens', json_object('input', n, 'output', 3),
           'time', json_object('created', 1780300000000 + n, 'completed', 1780300000500 + n)) FROM call";
    home.db().execute(sql, []).unwrap();
    let store = Store::open(&home.dir.path().join("data"), now()).unwrap();
    look_at(&mut &store, &home.path()).unwrap();
    let requests: u64 = told(&store).values().map(|tally| tally.requests).sum();
    assert_eq!((requests, crate::recorded::known(&store)), (5000, 3), "with those of Crush and Goose");
    crate::recorded::scans_agree(&store, &home.path());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::CASES, max_shrink_iters: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing is taken away: then the index is a scan, to the session.
    #[test]
    fn the_index_of_databases_is_what_a_scan_gives(ops in proptest::collection::vec(Op::keeping(), 1..80)) {
        let mut home = Home::new();
        let data = home.dir.path().join("data");
        let mut store = Store::open(&data, now()).unwrap();
        for (place, op) in ops.into_iter().enumerate() {
            match op {
                Op::Look => {
                    look_at(&mut &store, &home.path()).unwrap();
                    let (expected, files, skipped) = scanned_at(&home.path());
                    prop_assert_eq!(told(&store), expected);
                    prop_assert_eq!(store.usage_files_known().unwrap(), (files, skipped));
                    requests_and_sums_agree(&store);
                }
                Op::Kill(after) => {
                    let _ = look_at(&mut Mortal { store: &store, left: after }, &home.path());
                    drop(store);
                    store = Store::open(&data, now()).unwrap();
                }
                other => home.apply(&other),
            }
            // A scan of databases takes as long as a dozen updates.
            if place % 8 == 0 {
                crate::recorded::scans_agree(&store, &home.path());
            }
        }
        look_at(&mut &store, &home.path()).unwrap();
        let again = look_at(&mut &store, &home.path()).unwrap();
        prop_assert!(!again.changed, "nothing was written, and something changed");
        prop_assert_eq!(told(&store), scanned_at(&home.path()).0);
    }

    /// Sessions are deleted and databases replaced: what a scan finds is in the index, and what was in it stays.
    #[test]
    fn what_was_seen_in_databases_stays(ops in proptest::collection::vec(Op::anything(), 1..80)) {
        let mut home = Home::new();
        let store = Store::open(&home.dir.path().join("data"), now()).unwrap();
        let mut seen = BTreeSet::new();
        for (place, op) in ops.into_iter().enumerate() {
            if let Op::Look | Op::Kill(_) = op {
                look_at(&mut &store, &home.path()).unwrap();
                // The call of a message that is not complete is dated earlier than it was, once it is: only by model.
                let index = by_model(&told(&store));
                for (model, tally) in by_model(&scanned_at(&home.path()).0) {
                    let kept = index.get(&model).copied().unwrap_or_default();
                    prop_assert!(kept.requests >= tally.requests, "{model:?}");
                }
                let requests = store
                    .all_requests_between(chrono::DateTime::UNIX_EPOCH, "2200-01-01T00:00:00Z".parse().unwrap())
                    .unwrap();
                // No two calls of OpenCode have the same counts here; sums have nothing of the cache.
                let calls: Vec<_> = requests.iter().map(|request| request.tokens).filter(|tokens| tokens.cache_read > 0).collect();
                let different: BTreeSet<_> = calls.iter().map(|tokens| (tokens.input, tokens.cache_read, tokens.output)).collect();
                prop_assert!(different.is_superset(&seen), "a request is gone");
                prop_assert_eq!(different.len(), calls.len(), "a request stands twice");
                seen = different;
                requests_and_sums_agree(&store);
            } else {
                home.apply(&op);
            }
            if place % 8 == 0 {
                crate::recorded::scans_agree(&store, &home.path());
            }
        }
    }
}
