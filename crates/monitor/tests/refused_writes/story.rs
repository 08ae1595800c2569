//! A story of an account, and two engines that live through it at two simulators that say the same. The disk of one of
//! them refuses writes now and then: all of them, as a full disk, a read-only file system, another process that holds the
//! database or a broken disk does, or those to one table, which is each point at which a transaction can break off. In
//! the end, both must remember the same.

#![allow(dead_code, reason = "no test needs all of it")]

use chrono::TimeDelta;
use proptest::prelude::*;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tidemark_core::Meter;
use tidemark_core::calendar::Span;
use tidemark_core::finding::Triage;
use tidemark_monitor::{Engine, PollOutcome, WriteProblem};
use tidemark_simulator::{Event, FaultOrder, Refusal as Answer, Scenario};
use tidemark_store::{FailureQuery, FindingId, FindingQuery, HistoryQuery, Refusal, StoredFinding};

use crate::common::{TestEngine, reopened, start, store};

/// The tables that an input is written to: in each of them a transaction can break off.
pub(crate) const TABLES: [&str; 12] = [
    "reading",
    "failure",
    "failure_run",
    "progress",
    "poll",
    "movement",
    "coverage",
    "rollup",
    "verdict",
    "finding",
    "alert",
    "mark",
];

/// Something that happens to an account, its user or its disk.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// So many points of the 5-hour quota are used, then it is polled.
    Used(i64),
    /// The month is emptied at once, then it is polled.
    Emptied,
    /// The next poll finds the service broken, or the key refused.
    Fails(bool),
    /// The user says of the newest anomaly that it was theirs, or that it was reported.
    Said(bool),
    /// The disk refuses from now on.
    Refuse(Refused),
    /// The disk takes everything again.
    Allow,
    /// The process dies and is started again.
    Restart,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Full,
    ReadOnly,
    /// Another process is writing and does not end.
    Busy,
    /// The disk fails: no file of this process can be written.
    Broken,
    Table(usize),
}

/// A step of a story in which the disk refuses in one of these ways, or writes to one table.
pub(crate) fn step(ways: &'static [Refused]) -> impl Strategy<Value = Step> {
    let refused = prop_oneof![prop::sample::select(ways), (0..TABLES.len()).prop_map(Refused::Table),];
    prop_oneof![
        6 => (0_i64..9).prop_map(Step::Used),
        1 => Just(Step::Emptied),
        2 => any::<bool>().prop_map(Step::Fails),
        1 => any::<bool>().prop_map(Step::Said),
        3 => refused.prop_map(Step::Refuse),
        2 => Just(Step::Allow),
        1 => Just(Step::Restart),
    ]
}

/// One of the two runs.
pub(crate) struct Run {
    pub(crate) house: TestEngine,
    engine: Option<Engine>,
    /// Whether this run's disk ever refuses.
    refuses: bool,
    /// Whether it refuses what comes in, and not only what is concluded from it.
    refuses_input: bool,
    /// The other process's transaction, where there is one.
    held: Option<rusqlite::Connection>,
    used: i64,
}

impl Run {
    pub(crate) async fn begin(refuses: bool) -> Self {
        let house = TestEngine::of(Scenario::one_code(start())).await;
        let engine = house.engine().await;
        house.add(&engine, "work").await;
        engine.poll(None).await;
        Self { house, engine: Some(engine), refuses, refuses_input: false, held: None, used: 0 }
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.engine.as_ref().unwrap()
    }

    /// Polls five minutes later.
    pub(crate) async fn poll(&self) -> PollOutcome {
        self.house.later(TimeDelta::minutes(5));
        let (outcomes, skipped) = self.engine().poll(None).await;
        assert_eq!(skipped, []);
        outcomes.into_iter().next().unwrap()
    }

    pub(crate) async fn refuse(&mut self, refused: Refused) {
        let input = ["reading", "failure", "failure_run", "progress", "poll"];
        self.refuses_input |= match refused {
            Refused::Full | Refused::ReadOnly | Refused::Busy | Refused::Broken => true,
            Refused::Table(which) => input.contains(&TABLES[which]),
        };
        let (whole, table) = match refused {
            Refused::Full => (Refusal::Full, None),
            Refused::ReadOnly => (Refusal::ReadOnly, None),
            Refused::Busy => (Refusal::Busy, None),
            Refused::Broken => (Refusal::None, None),
            Refused::Table(which) => (Refusal::None, Some(TABLES[which])),
        };
        // Whoever else holds the database lets it go: what refuses is one thing at a time.
        self.held = None;
        limit_files(None);
        let db = rusqlite::Connection::open(self.house.data().join(tidemark_store::FILE_NAME)).unwrap();
        if let Some(table) = table {
            for when in ["INSERT", "UPDATE"] {
                let sql = format!(
                    "CREATE TRIGGER IF NOT EXISTS refuse_{table}_{when} BEFORE {when} ON {table}
                     BEGIN SELECT RAISE(ABORT, 'refused'); END"
                );
                db.execute_batch(&sql).unwrap();
            }
        }
        self.engine().write(move |store| store.refuse_writes(whole)).await.unwrap();
        match refused {
            Refused::Busy => {
                db.execute_batch("BEGIN IMMEDIATE").unwrap();
                self.held = Some(db);
            }
            Refused::Broken => limit_files(Some(0)),
            _ => {}
        }
    }

    pub(crate) async fn allow(&mut self) {
        self.refuses_input = false;
        self.held = None;
        limit_files(None);
        let db = rusqlite::Connection::open(self.house.data().join(tidemark_store::FILE_NAME)).unwrap();
        for table in TABLES {
            for when in ["INSERT", "UPDATE"] {
                db.execute_batch(&format!("DROP TRIGGER IF EXISTS refuse_{table}_{when}")).unwrap();
            }
        }
        self.engine().write(|store| store.refuse_writes(Refusal::None)).await.unwrap();
        self.engine().wait_until_idle().await;
    }

    /// The process dies. What only its memory held would be lost, and was never said to be stored: the disk takes it
    /// first. What is on disk must not need that.
    async fn restart(&mut self, unstored: bool) {
        if unstored && self.refuses_input {
            self.allow().await;
        }
        // A program cannot start where it cannot open its database.
        if self.held.is_some() || getrlimit(Resource::Fsize).current == Some(0) {
            self.allow().await;
        }
        self.engine = None;
        self.engine = Some(reopened(&self.house).await);
    }

    /// The newest anomaly's number.
    fn newest(&self) -> Option<FindingId> {
        let found = store(&self.house.data()).findings(&FindingQuery::default()).unwrap();
        found.into_iter().find(|stored| stored.finding.anomaly().is_some()).map(|stored| stored.id)
    }

    async fn said(&mut self, mark: Triage) {
        let Some(id) = self.newest() else { return };
        if self.engine().mark_finding(id, Some(mark)).await.is_err() {
            assert!(self.refuses, "only a refused write refuses a verdict");
            // The user sees an error, and clicks again when there is room.
            self.allow().await;
            self.engine().mark_finding(id, Some(mark)).await.unwrap();
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        limit_files(None);
    }
}

/// Limits how far this process's files can be written, as `ulimit -f` does; a write beyond that fails with an input or
/// output error. `None` takes the limit away.
fn limit_files(bytes: Option<u64>) {
    let most = getrlimit(Resource::Fsize).maximum;
    setrlimit(Resource::Fsize, Rlimit { current: bytes.or(most), maximum: most }).unwrap();
}

/// Everything that is remembered, as text.
fn memory(house: &TestEngine) -> Vec<String> {
    let store = store(&house.data());
    let account = store.accounts().unwrap()[0].id;
    let zone = store.zone().unwrap();
    let mut all = Vec::new();
    for span in [Span::Hour, Span::Day, Span::Month] {
        let asked = HistoryQuery {
            from: start() - TimeDelta::days(1),
            to: start() + TimeDelta::days(2),
            now: start() + TimeDelta::days(2),
            span,
            account: None,
            zone,
        };
        all.extend(store.history(&asked).unwrap().iter().map(|row| format!("history {row:?}")));
    }
    let found = store.findings(&FindingQuery::default()).unwrap();
    let plain = |found: &StoredFinding| format!("finding {:?} {:?}", found.finding, found.mark);
    all.extend(found.iter().map(plain));
    let failures = store.failure_runs(&FailureQuery::default()).unwrap();
    all.extend(failures.iter().map(|run| format!("failures {run:?}")));
    all.push(format!("analysis {:?}", store.analysis(account).unwrap()));
    let db = rusqlite::Connection::open(house.data().join(tidemark_store::FILE_NAME)).unwrap();
    for sql in [
        "SELECT 'alert ' || key || content || state FROM alert ORDER BY id",
        "SELECT 'verdict ' || series || ' ' || at || ' ' || word || ' ' || deducted FROM verdict ORDER BY 1",
        "SELECT 'coverage ' || start || ' ' || until FROM coverage ORDER BY start",
        "SELECT 'movement ' || series || ' ' || at || ' ' || value || ' ' || deducted || ' ' || returned
         FROM movement ORDER BY series, at",
        "SELECT 'reading ' || id || ' ' || at FROM reading ORDER BY id",
        "SELECT 'failure ' || id || ' ' || at || kind FROM failure ORDER BY id",
    ] {
        let mut statement = db.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        all.extend(rows.map(Result::unwrap));
    }
    all
}

/// Lives through a story. What was said of storing is checked on the way.
async fn live(run: &mut Run, story: &[Step]) {
    // Whether something may be in memory alone.
    let mut unstored = false;
    for step in story {
        match step {
            Step::Used(_) | Step::Emptied | Step::Fails(_) => {
                match step {
                    Step::Used(points) => {
                        run.used += points;
                        run.house.spend_up_to("work", Meter::FiveHour, run.used.min(95));
                    }
                    Step::Emptied => {
                        let event = Event::WipeOut { meter: Some(Meter::Month) };
                        run.house.simulator.event("work", &event).unwrap();
                    }
                    Step::Fails(key) => {
                        let answer = if *key { Answer::WrongKey } else { Answer::ServerError };
                        let order = FaultOrder {
                            path: Some("usages".into()),
                            times: Some(1),
                            ..FaultOrder::refuse(answer)
                        };
                        run.house.simulator.fault(order).unwrap();
                    }
                    _ => {}
                }
                let outcome = run.poll().await;
                if let Err(problem) = &outcome.stored {
                    assert!(run.refuses, "{problem:?}");
                    assert_known(problem);
                    assert!(run.engine().snapshot().trouble.is_some(), "what cannot be stored is said");
                    unstored = true;
                } else {
                    assert!(run.engine().snapshot().trouble.is_none());
                    unstored = false;
                }
            }
            Step::Said(mine) => {
                if unstored {
                    // An anomaly that is not concluded yet is not seen.
                    run.allow().await;
                    unstored = false;
                }
                run.said(if *mine { Triage::Mine } else { Triage::Reported }).await;
            }
            Step::Refuse(refused) if run.refuses => run.refuse(*refused).await,
            Step::Allow if run.refuses => {
                run.allow().await;
                unstored = false;
            }
            Step::Refuse(_) | Step::Allow => {}
            Step::Restart => run.restart(unstored).await,
        }
    }
    if run.refuses {
        run.allow().await;
    }
    assert_eq!(run.engine().snapshot().trouble, None, "all is well again");
}

/// The cause is the one that the database gave.
fn assert_known(problem: &WriteProblem) {
    let known = match problem.code {
        "disk-full" => problem.detail.contains("full"),
        "database-read-only" => problem.detail.contains("read-only"),
        "database" => ["refused", "in use by another process", "disk I/O error"]
            .iter()
            .any(|cause| problem.detail.contains(cause)),
        _ => false,
    };
    assert!(known, "{problem:?}");
}

/// Lives through a story with a disk that takes everything, and with one that refuses.
pub(crate) fn compare(story: &[Step]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (mut plain, mut refusing) = (Run::begin(false).await, Run::begin(true).await);
        live(&mut plain, story).await;
        live(&mut refusing, story).await;
        let (expected, got) = (memory(&plain.house), memory(&refusing.house));
        let differs = expected.iter().zip(&got).find(|(expected, got)| expected != got);
        assert_eq!(differs, None);
        assert_eq!(expected.len(), got.len());
    });
}
