//! Machines with a history each, and what they make of each other's.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use tempfile::TempDir;
use tidemark_core::Tokens;
use tidemark_machines::folder::{self, FolderKeys, SharedFolder};
use tidemark_machines::identity::{self, Host};
use tidemark_machines::{Export, IntakeSettings, Problem, ShareProjects, Taken};
use tidemark_store::{
    ExchangeId, NewExchange, OwnMachine, Store, UsageBatch, UsageClaim, UsageModel, UsageNamed, UsageOrigin,
    UsagePart, UsageQuery, UsageRequest, UsageStates,
};

pub(crate) fn start() -> DateTime<Utc> {
    "2026-03-30T09:00:00Z".parse().unwrap()
}

/// A machine: its store, and a clock of its own.
pub(crate) struct Machine {
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
    pub(crate) host: Host,
    pub(crate) own: OwnMachine,
    pub(crate) exchange: ExchangeId,
    pub(crate) now: DateTime<Utc>,
    keys: FolderKeys,
    file: Option<i64>,
}

impl Machine {
    pub(crate) fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), start()).unwrap();
        Self::on(folder, store, name)
    }

    fn on(folder: TempDir, store: Store, name: &str) -> Self {
        let host = Host { name: name.to_owned(), fingerprint: "id:same".to_owned() };
        let own = identity::ensure(&store, &host, start()).unwrap();
        let known = store.exchanges().unwrap().first().map(|exchange| exchange.id);
        let exchange = known.unwrap_or_else(|| {
            let new = NewExchange { name: "ours".to_owned(), place: "{}".to_owned() };
            store.add_exchange(&new, start()).unwrap()
        });
        let keys = FolderKeys::with_work_factor(1);
        Self { folder, store, host, own, exchange, now: start(), keys, file: None }
    }

    /// The same disk in another machine.
    pub(crate) fn cloned(&self) -> Self {
        self.store.checkpoint().unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(
            self.folder.path().join(tidemark_store::FILE_NAME),
            folder.path().join(tidemark_store::FILE_NAME),
        )
        .unwrap();
        let store = Store::open(folder.path(), start()).unwrap();
        let mut other = Self::on(folder, store, &self.host.name);
        other.file = self.file;
        other.now = self.now;
        other
    }

    /// The same machine after its program was started again.
    pub(crate) fn restarted(self) -> Self {
        Self { keys: FolderKeys::with_work_factor(1), ..self }
    }

    /// Requests of these numbers are in its logs: those of a number that three divides are of a program whose records
    /// can say more later.
    pub(crate) fn uses(&mut self, numbers: impl IntoIterator<Item = u64>) {
        let (mut claims, mut named) = (Vec::new(), Vec::new());
        for number in numbers {
            let request = UsageRequest {
                at: (start() + TimeDelta::minutes(number.cast_signed() % 500_000)).timestamp_millis(),
                begun: None,
                model: 0,
                tokens: Tokens { input: 7, output: number % 1000, ..Tokens::default() },
                fingerprint: 1_000_000 + number,
            };
            if number % 3 == 0 {
                let message = request.fingerprint;
                named.push(UsageNamed {
                    request,
                    message,
                    named: true,
                    states: UsageStates::Together,
                    origin: None,
                });
            } else {
                claims.push(UsageClaim { request, copies: 0 });
            }
        }
        let batch = UsageBatch {
            known: self.now.timestamp_millis(),
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

    pub(crate) fn export(&self) -> Export {
        Export {
            own: self.own.clone(),
            run: identity::begin_run(&self.store, self.now).unwrap(),
            now: self.now,
            program: "0.2.0".to_owned(),
            projects: ShareProjects::No,
        }
    }

    pub(crate) fn settings(&self) -> IntakeSettings {
        IntakeSettings {
            exchange: self.exchange,
            own_id: self.own.id.clone(),
            name: None,
            now: self.now,
            cuts: Vec::new(),
            accounts: Vec::new(),
        }
    }

    fn shared<'f>(&'f self, path: &'f Path, passphrase: &'f SecretString) -> SharedFolder<'f> {
        SharedFolder { exchange: self.exchange, path, passphrase, keys: &self.keys }
    }

    pub(crate) fn reads(&self, path: &Path) -> Result<Taken, Problem> {
        let passphrase = SecretString::from("four random words here");
        folder::read(&self.store, &self.shared(path, &passphrase), &self.settings(), &|| false)
    }

    pub(crate) fn writes(&self, path: &Path) -> Result<u64, Problem> {
        let passphrase = SecretString::from("four random words here");
        folder::write(&self.store, &self.shared(path, &passphrase), &self.export())
    }

    pub(crate) fn opens(&self, path: &Path, passphrase: &str) -> Result<(), Problem> {
        folder::open(&self.shared(path, &SecretString::from(passphrase)))
    }

    /// As an agent does it: what is new there, then what is new here. It takes another id where it must.
    pub(crate) fn exchanges(&mut self, path: &Path) -> Taken {
        let taken = self.reads(path).unwrap();
        if taken.cloned {
            self.own = identity::renew(&self.store, &self.host, self.now).unwrap();
        }
        self.writes(path).unwrap();
        taken
    }

    /// Requests and tokens by machine: this one's under no name.
    pub(crate) fn sums(&self) -> BTreeMap<String, (u64, u64)> {
        let names: BTreeMap<_, _> =
            self.store.machines().unwrap().into_iter().map(|machine| (machine.id, machine.name)).collect();
        let mut sums: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        let query = UsageQuery { from: DateTime::UNIX_EPOCH, to: start() + TimeDelta::days(1000) };
        self.store
            .for_each_usage(&query, |sum| {
                let name = sum.machine.map(|machine| names[&machine].clone()).unwrap_or_default();
                let entry = sums.entry(name).or_default();
                entry.0 += sum.requests;
                entry.1 += sum.tokens.total();
            })
            .unwrap();
        sums
    }

    /// Requests by the ids of machines.
    pub(crate) fn requests_by_id(&self) -> BTreeMap<String, u64> {
        let others =
            self.store.machines().unwrap().into_iter().map(|machine| (machine.name, machine.identity));
        let mut ids: BTreeMap<String, String> = others.collect();
        ids.insert(String::new(), self.own.id.clone());
        self.sums().into_iter().map(|(name, (requests, _))| (ids[&name].clone(), requests)).collect()
    }

    /// All requests that it knows of, its own and others'.
    pub(crate) fn requests(&self) -> u64 {
        self.sums().values().map(|(requests, _)| requests).sum()
    }
}
