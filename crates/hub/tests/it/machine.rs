//! A machine with a history.

use chrono::{DateTime, TimeDelta, Utc};
use tempfile::TempDir;
use tidemark_core::Tokens;
use tidemark_hub::{Given, Giving, Hub, Problem, UsageBy, UsageFilter, sync};
use tidemark_machines::ShareProjects;
use tidemark_machines::identity::{self, Host};
use tidemark_store::{
    OwnMachine, Store, UsageBatch, UsageClaim, UsageModel, UsageNamed, UsageOrigin, UsagePart, UsageRequest,
    UsageStates,
};

pub fn start() -> DateTime<Utc> {
    "2026-04-11T22:30:00Z".parse().unwrap()
}

pub struct Machine {
    pub folder: TempDir,
    pub store: Store,
    pub own: OwnMachine,
    file: Option<i64>,
}

impl Machine {
    pub fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), start()).unwrap();
        let host = Host { name: name.to_owned(), fingerprint: format!("id:{name}") };
        let own = identity::ensure(&store, &host, start()).unwrap();
        Self { folder, store, own, file: None }
    }

    /// The same history as it is now, to go back to.
    pub fn copied(&self) -> Self {
        self.store.checkpoint().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let name = tidemark_store::FILE_NAME;
        std::fs::copy(self.folder.path().join(name), folder.path().join(name)).unwrap();
        let store = Store::open(folder.path(), start()).unwrap();
        Self { folder, store, own: self.own.clone(), file: self.file }
    }

    /// Requests of these numbers are in its logs, each of 5 tokens and as many as its number. Of a number that three
    /// divides, the records can say more later: `grown` by so much.
    pub fn uses(&mut self, numbers: impl IntoIterator<Item = u64>, grown: u64) {
        let (mut claims, mut named) = (Vec::new(), Vec::new());
        for number in numbers {
            let can_grow = number % 3 == 0;
            let request = UsageRequest {
                at: (start() + TimeDelta::minutes(number.cast_signed() * 7)).timestamp_millis(),
                begun: None,
                model: 0,
                tokens: Tokens {
                    input: 5,
                    output: number + if can_grow { grown } else { 0 },
                    ..Tokens::default()
                },
                fingerprint: u64::MAX - number,
            };
            if can_grow {
                let states = UsageStates::Together;
                named.push(UsageNamed { request, message: number, named: true, states, origin: None });
            } else {
                claims.push(UsageClaim { request, copies: 0 });
            }
        }
        let batch = UsageBatch {
            known: start().timestamp_millis(),
            models: vec![UsageModel { name: "kimi-k3".to_owned(), third: false, provider: None }],
            origins: vec![UsageOrigin {
                format: "claude-code".to_owned(),
                session: "s".to_owned(),
                project: Some("/work/secret boat".to_owned()),
            }],
            parts: vec![UsagePart {
                file: self.file,
                path: "/home/lin/log".to_owned(),
                mark: "{}".to_owned(),
                skipped: 0,
                origin: 0,
                claims,
                named,
            }],
            ..UsageBatch::default()
        };
        self.file = Some(self.store.write_usage(&batch).unwrap()[0]);
    }

    /// An answer that is streamed: its first record does not name the request, a later one does.
    pub fn streams(&mut self, message: u64, named: bool, output: u64) {
        let request = UsageRequest {
            at: start().timestamp_millis(),
            begun: None,
            model: 0,
            tokens: Tokens { output, ..Tokens::default() },
            fingerprint: if named { message + 1 } else { message },
        };
        let state = UsageNamed { request, message, named, states: UsageStates::Together, origin: None };
        let batch = UsageBatch {
            models: vec![UsageModel { name: "kimi-k3".to_owned(), third: false, provider: None }],
            origins: vec![UsageOrigin {
                format: "claude-code".to_owned(),
                session: "s".to_owned(),
                project: None,
            }],
            parts: vec![UsagePart {
                file: self.file,
                path: "/home/lin/log".to_owned(),
                mark: "{}".to_owned(),
                skipped: 0,
                origin: 0,
                claims: Vec::new(),
                named: vec![state],
            }],
            ..UsageBatch::default()
        };
        self.file = Some(self.store.write_usage(&batch).unwrap()[0]);
    }

    pub fn giving(&self) -> Giving {
        Giving {
            own: self.own.clone(),
            shares_name: false,
            projects: ShareProjects::No,
            program: "0.2.0".to_owned(),
            now: start() + TimeDelta::days(1),
        }
    }

    pub async fn gives(&self, hub: &Hub) -> Result<Given, Problem> {
        sync(hub, &self.store, &self.giving()).await
    }
}

/// Requests and tokens of each group that a member sees.
pub async fn sums(hub: &Hub, by: UsageBy) -> Vec<(Option<String>, u64, u64)> {
    let rows = hub.usage(by, &UsageFilter::default()).await.unwrap();
    let sum = |row: &tidemark_hub::UsageRow| {
        row.parts.iter().fold((0, 0), |sum, part| (sum.0 + part.requests, sum.1 + part.tokens.total()))
    };
    rows.iter().map(|row| (row.key.clone(), sum(row).0, sum(row).1)).collect()
}

/// Requests and tokens of all that a member sees.
pub async fn total(hub: &Hub) -> (u64, u64) {
    sums(hub, UsageBy::Month).await.iter().fold((0, 0), |sum, row| (sum.0 + row.1, sum.1 + row.2))
}
