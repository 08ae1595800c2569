//! A home folder with session logs, and the truth about them.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tidemark_core::Tokens;

use crate::random::{Random, configure, record};

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

/// A home folder with logs, and what must be counted in it.
pub(crate) struct Home {
    dir: tempfile::TempDir,
    pub(crate) random: Random,
    sessions: u64,
    pub(crate) truth: Vec<Use>,
    /// Lines that could not be read.
    pub(crate) skipped: u64,
    /// Logs that were written, by path.
    logs: BTreeSet<PathBuf>,
    /// Databases that are open.
    open: Vec<rusqlite::Connection>,
}

/// A session that is being written.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    pub(crate) project: Option<String>,
}

impl Home {
    pub(crate) fn new(seed: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        configure(dir.path());
        Self {
            dir,
            random: Random::of(seed),
            sessions: 0,
            truth: Vec::new(),
            skipped: 0,
            logs: BTreeSet::new(),
            open: Vec::new(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn files(&self) -> u64 {
        self.logs.len() as u64
    }

    /// A log was written.
    pub(crate) fn wrote(&mut self, path: PathBuf) {
        self.logs.insert(path);
    }

    /// Keeps a database open, as a program that is running.
    pub(crate) fn keep(&mut self, db: rusqlite::Connection) {
        self.open.push(db);
    }

    /// A moment between March and November 2026, each at most once.
    pub(crate) fn moment(&mut self) -> i64 {
        1_772_500_000_000 + self.random.below(22_000_000) as i64 * 1000 + self.truth.len() as i64 % 1000
    }

    pub(crate) fn append(&mut self, path: &Path, bytes: &[u8]) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut file = fs::OpenOptions::new().append(true).create(true).open(path).unwrap();
        file.write_all(bytes).unwrap();
        self.logs.insert(path.to_owned());
    }

    /// A log is gone.
    pub(crate) fn forget(&mut self, path: &Path) {
        self.logs.remove(path);
    }

    pub(crate) fn line(&mut self, path: &Path, value: &Value) {
        self.append(path, format!("{value}\n").as_bytes());
    }

    /// A session of Kimi Code in one of its homes, assigned to its folder by the index.
    pub(crate) fn session(&mut self, root: &str) -> Session {
        self.sessions += 1;
        let name = format!("session_{:04}", self.sessions);
        let project = format!("/work/boat-{}", self.random.below(3));
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
    pub(crate) fn used(&mut self, session: &Session, written: &Value, model: &str, third: bool, scope: &str) {
        let (at, tokens) = (self.moment(), self.random.tokens());
        self.used_so(session, written, model, third, scope, at, tokens);
    }

    #[expect(clippy::too_many_arguments, reason = "a record has this many parts")]
    pub(crate) fn used_so(
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
            if self.random.below(20) == 0 {
                session = self.session(".kimi-code");
            }
            let (written, model) =
                [("kimi-code/k3", "kimi-k3"), ("daily", "kimi-for-coding"), ("kimi-k2.6", "kimi-k2.6")]
                    [self.random.below(3) as usize];
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
        let tokens = self.random.tokens();
        self.used_so(&session, &json!("kimi-code/k3"), "kimi-k3", false, "turn", at, tokens);
    }
}
