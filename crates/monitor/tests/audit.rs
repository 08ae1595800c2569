//! The audit inside the running engine: what is found is what a replay finds, each anomaly is reported once,
//! marks are kept and teach, and an older version's history is taken up.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

mod common;

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use tidemark_core::alert::{Alert, AlertKind};
use tidemark_core::calendar::Span;
use tidemark_core::change::Tracker;
use tidemark_core::finding::{Anomaly, Schedule, Triage};
use tidemark_core::replay::Replay;
use tidemark_core::step::{AccountState, Outcome, Restored, StoredState};
use tidemark_core::wire::{FindingRecord, Record, TimestampedRecord, UsageRecord};
use tidemark_core::{Account, AccountId, Finding, FindingKind, Meter, Region, Series, Tokens};
use tidemark_kimi::PublicPrices;
use tidemark_monitor::{Engine, EngineError, KnownUsage, UsageSinceLast, UsageSource};
use tidemark_simulator::{AccountSpec, Event, Fault, FaultOrder, Habits, Impact, Model, Plan, Scenario};
use tidemark_store::{
    AnalysisResult, ExportQuery, FindingId, FindingQuery, HistoryQuery, Incident, Store, StoredFinding,
};

use common::{TestEngine, reopened, start, store};

fn minutes(count: i64) -> TimeDelta {
    TimeDelta::minutes(count)
}

/// What a session log shows, and when it was read.
#[derive(Clone, Default)]
struct Logs(Arc<Mutex<Known>>);

type Known = Vec<(DateTime<Utc>, UsageRecord)>;

impl Logs {
    /// Takes the requests that the account's machine has logged since, read `late` after they ended.
    fn read(&self, house: &TestEngine, account: &str, late: TimeDelta) {
        let requests =
            house.simulator.with_life(account, tidemark_simulator::SimAccount::take_logged).unwrap();
        let known = house.clock.now() + late;
        let mut all = self.0.lock().unwrap();
        for request in &requests {
            let line = UsageRecord { account: Some(account.to_owned()), ..request.usage_record() };
            all.push((known, line));
        }
    }

    fn source(&self) -> UsageSource {
        let logs = self.clone();
        Arc::new(move |_, _, asked| {
            let all = logs.0.lock().unwrap();
            let new = all.iter().enumerate().skip(asked.after as usize);
            let told: Vec<_> = new.take_while(|(_, (known, _))| *known < asked.before).collect();
            Ok(UsageSinceLast {
                told: told.last().map_or(asked.after, |(place, _)| *place as u64 + 1),
                lines: told
                    .into_iter()
                    .map(|(_, (known_at, line))| KnownUsage { request: line.clone(), known_at: *known_at })
                    .collect(),
                more: false,
            })
        })
    }

    fn recorded(&self) -> Vec<TimestampedRecord> {
        let all = self.0.lock().unwrap();
        all.iter()
            .map(|(known, line)| TimestampedRecord {
                record: Record::Usage(line.clone()),
                known_at: Some(*known),
            })
            .collect()
    }
}

async fn with_logs(house: &TestEngine, logs: &Logs) -> Engine {
    let engine = Engine::open(house.config(Arc::new(common::ManualClock(house.clock.clone())))).unwrap();
    engine.set_usage_source(logs.source());
    engine.resume().await.unwrap();
    engine
}

/// Polls every five minutes for so many polls.
async fn poll(house: &TestEngine, engine: &Engine, count: usize) {
    for _ in 0..count {
        house.later(minutes(5));
        engine.poll(None).await;
    }
}

fn found(house: &TestEngine) -> Vec<StoredFinding> {
    let mut found = store(&house.data()).findings(&FindingQuery::default()).unwrap();
    found.reverse();
    found
}

fn anomalies(house: &TestEngine) -> Vec<StoredFinding> {
    found(house).into_iter().filter(|stored| stored.finding.anomaly().is_some()).collect()
}

/// The findings of a replay of what an export of the history writes, in the order in which they were made.
fn replayed(store: &Store, usage: Vec<TimestampedRecord>) -> Vec<String> {
    let all = ExportQuery { account: None, from: DateTime::UNIX_EPOCH, to: start() + TimeDelta::days(400) };
    // The logs of these tests are not in the store: they are given between its records, when they became known.
    let mut usage = usage.into_iter().peekable();
    let known = |line: &TimestampedRecord| line.known_at.or(line.record.at());
    let mut lines = Vec::new();
    store
        .for_each_line(&all, |line| {
            while let Some(told) = usage.next_if(|told| known(told) < known(&line)) {
                lines.push(told);
            }
            lines.push(line);
            ControlFlow::Continue(())
        })
        .unwrap();
    lines.extend(usage);
    let mut replay = Replay::new();
    let mut made = Vec::new();
    for line in lines {
        let written = serde_json::to_string(&line).unwrap();
        let recorded: TimestampedRecord = serde_json::from_str(&written).unwrap();
        replay.take(recorded.record, &PublicPrices, |account, finding| {
            made.push(serde_json::to_string(&FindingRecord::new(finding, account)).unwrap());
        });
    }
    assert_eq!(replay.late(), 0);
    made
}

fn remembered(store: &Store) -> Vec<String> {
    let all = ExportQuery { account: None, from: DateTime::UNIX_EPOCH, to: start() + TimeDelta::days(400) };
    let lines = store.finding_lines(&all).unwrap();
    lines.iter().map(|line| serde_json::to_string(line).unwrap()).collect()
}

fn busy(name: &str) -> AccountSpec {
    AccountSpec::kimi_code(name, Region::China, Plan::Pro, start() - TimeDelta::days(12))
        .alive_from(start() - TimeDelta::hours(1))
        .with_habits(Habits {
            sessions: 14.0,
            other_machine: 0.1,
            burst: 0.1,
            models: vec![(Model::K27Code, 1.0)],
            other_products: 0.0,
            ..Habits::default()
        })
        .with_seed(11)
}

#[tokio::test]
async fn what_the_engine_finds_is_what_a_replay_of_its_export_finds() {
    let hour = |hours| start() + TimeDelta::hours(hours);
    // What is deducted wrongly of the month is deducted as Kimi Code's.
    let wrong = |meter, points: i64| Event::WrongDeduction {
        meter: Some(meter),
        points: points.into(),
        amount: Decimal::ZERO,
    };
    let spec = busy("work")
        .then(hour(9), wrong(Meter::Month, 20))
        .then(hour(9), wrong(Meter::MonthCode, 20))
        .then(hour(15), Event::WipeOut { meter: Some(Meter::FiveHour) })
        .then(hour(16), Event::EarlyReset { meter: Some(Meter::FiveHour), move_end: true })
        .then(hour(24), Event::Accelerate { factor: 4.0 })
        .then(hour(33), Event::EarlyReset { meter: Some(Meter::Month), move_end: false });
    let house = TestEngine::of(Scenario::of(vec![spec])).await;
    house.simulator.with_life("work", tidemark_simulator::SimAccount::keep_logged).unwrap();
    let logs = Logs::default();
    let mut engine = with_logs(&house, &logs).await;
    house.add(&engine, "work").await;
    for round in 0..480_i64 {
        house.later(minutes(5));
        // Some requests are only read after the reading that they explain.
        logs.read(&house, "work", minutes(if round % 7 == 3 { 8 } else { -1 }));
        if round % 50 == 20 {
            let fault = FaultOrder { path: Some("usages".into()), ..FaultOrder::new(Fault::NotJson) };
            house.simulator.fault(fault.times(2)).unwrap();
        }
        if round == 100 || round == 170 {
            // The status page reported it twenty minutes late.
            let incident = Incident {
                page: "status".into(),
                id: format!("i{}", round / 170),
                title: Some("Elevated 502s".into()),
                impact: Some("major".into()),
                opened_at: house.clock.now() - minutes(20),
                resolved_at: (round == 170).then(|| house.clock.now() - minutes(3)),
            };
            let now = house.clock.now();
            engine.write(move |store| store.upsert_incident(&incident, now)).await.unwrap();
        }
        engine.poll(None).await;
        if round % 120 == 60 {
            drop(engine);
            engine = again(&house, &logs).await;
        }
    }
    let store = store(&house.data());
    let (ours, theirs) = (remembered(&store), replayed(&store, logs.recorded()));
    assert_eq!(ours, theirs);
    let classes: Vec<_> = anomalies(&house).iter().filter_map(|found| found.finding.anomaly()).collect();
    assert!(classes.contains(&Anomaly::WipeOut) && classes.contains(&Anomaly::Disagreement), "{classes:?}");
    assert!(ours.iter().any(|line| line.contains("\"recovered\"")), "{ours:#?}");
    assert!(ours.iter().any(|line| line.contains("Elevated 502s")), "{ours:#?}");
    let known = engine.snapshot().accounts[0].known_use.clone();
    assert!(
        known.iter().any(|(series, share)| *series == Series::Meter(Meter::FiveHour) && *share > 0.5),
        "{known:?}"
    );
    // What is written at every reading stays small.
    let id = engine.snapshot().accounts[0].account.id;
    let state = store.analysis(id).unwrap().state.unwrap();
    let bytes = state.tracker.len() + state.audit.unwrap().len();
    assert!(bytes < 20 * 1024, "{bytes} bytes");
}

async fn again(house: &TestEngine, logs: &Logs) -> Engine {
    // The lock goes with the last clone of the engine.
    drop(reopened(house).await);
    for _ in 0..1_000 {
        match Engine::open(house.config(Arc::new(common::ManualClock(house.clock.clone())))) {
            Ok(engine) => {
                engine.set_usage_source(logs.source());
                engine.resume().await.unwrap();
                return engine;
            }
            Err(_) => tokio::task::yield_now().await,
        }
    }
    panic!("the folder stayed locked")
}

#[tokio::test]
async fn a_platform_account_s_history_replays_alike() {
    let spec = AccountSpec::platform(
        "api",
        Region::Global,
        Decimal::from(60),
        Decimal::from(5),
        start() - TimeDelta::days(3),
    )
    .alive_from(start() - TimeDelta::hours(1))
    .with_habits(Habits { sessions: 8.0, other_machine: 0.3, ..Habits::default() })
    .with_seed(3)
    .then(
        start() + TimeDelta::hours(7),
        Event::WrongDeduction { meter: None, points: Decimal::ZERO, amount: Decimal::from(11) },
    )
    .then(start() + TimeDelta::hours(9), Event::Refund { amount: Decimal::from(11) })
    .then(
        start() + TimeDelta::hours(11),
        Event::Voucher { amount: Decimal::from(15), ends_after_seconds: None },
    )
    .then(start() + TimeDelta::hours(13), Event::WipeOut { meter: None });
    let house = TestEngine::of(Scenario::of(vec![spec])).await;
    let engine = house.engine().await;
    house.add(&engine, "api").await;
    poll(&house, &engine, 190).await;
    let store = store(&house.data());
    assert_eq!(remembered(&store), replayed(&store, Vec::new()));
    assert!(anomalies(&house).iter().any(|found| found.finding.anomaly() == Some(Anomaly::WipeOut)));
}

/// An idle account whose windows are known, without usage.
async fn idle() -> (TestEngine, Engine, Account) {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let account = house.add(&engine, "work").await;
    house.spend_up_to("work", Meter::FiveHour, 3);
    poll(&house, &engine, 4).await;
    (house, engine, account)
}

async fn told(engine: &Engine) -> Vec<Alert> {
    engine.due_alerts().await.unwrap().into_iter().map(|due| due.alert).collect()
}

fn class(alert: &Alert) -> Option<Anomaly> {
    match alert.kind {
        AlertKind::Anomaly { class, .. } => Some(class),
        _ => None,
    }
}

#[tokio::test]
async fn an_anomaly_is_told_once_names_its_incident_and_its_end_is_good_news() {
    let (house, engine, _) = idle().await;
    house.simulator.open_incident("Elevated 502s", Impact::Major);
    let opened = house.clock.now();
    let incident = Incident {
        page: "status".into(),
        id: "i1".into(),
        title: Some("Elevated 502s".into()),
        impact: Some("major".into()),
        opened_at: opened,
        resolved_at: None,
    };
    engine.write(move |store| store.upsert_incident(&incident, opened)).await.unwrap();
    house.simulator.event("work", &Event::WipeOut { meter: Some(Meter::Month) }).unwrap();
    poll(&house, &engine, 1).await;
    let first = told(&engine).await;
    let anomaly = first.iter().find(|alert| class(alert).is_some()).unwrap();
    let AlertKind::Anomaly { class, series, observed, incident, .. } = &anomaly.kind else { panic!() };
    assert_eq!((*class, *series), (Anomaly::WipeOut, Some(Series::Meter(Meter::Month))));
    assert!(observed.is_some_and(|observed| observed > 80.0));
    assert_eq!(incident.as_deref(), Some("Elevated 502s"));
    let finding = &anomalies(&house)[0].finding;
    assert!(finding.explanation.contains("Elevated 502s"), "{}", finding.explanation);

    // A restart and further readings report nothing again.
    drop(engine);
    let engine = reopened(&house).await;
    poll(&house, &engine, 3).await;
    assert_eq!(told(&engine).await.iter().filter(|alert| self::class(alert).is_some()).count(), 1);

    // It is set back out of schedule: one piece of good news, which says that it gives something back.
    let event = Event::EarlyReset { meter: Some(Meter::Month), move_end: false };
    house.simulator.event("work", &event).unwrap();
    // Its end stands, so that it has to last for half an hour.
    poll(&house, &engine, 8).await;
    let all = told(&engine).await;
    let resets: Vec<_> = all
        .iter()
        .filter_map(|alert| match alert.kind {
            AlertKind::Reset { schedule, gives_back, meter, .. } => Some((meter, schedule, gives_back)),
            _ => None,
        })
        .collect();
    assert_eq!(resets, [(Meter::Month, Schedule::Early, true)]);
    assert!(!all.iter().any(|alert| matches!(alert.kind, AlertKind::Recovered { .. })), "{all:?}");
    assert!(found(&house).iter().any(|f| matches!(f.finding.kind, FindingKind::Recovered { .. })));
}

#[tokio::test]
async fn points_given_back_are_told_by_themselves() {
    let (house, engine, _) = idle().await;
    house.simulator.event("work", &Event::WipeOut { meter: Some(Meter::Month) }).unwrap();
    poll(&house, &engine, 2).await;
    let lost = anomalies(&house)[0].finding.observed.unwrap();
    let back = Decimal::try_from(lost).unwrap();
    house.simulator.event("work", &Event::GiveBack { meter: Meter::Month, points: back }).unwrap();
    // A figure near zero whose cycle goes on has to last for half an hour.
    poll(&house, &engine, 9).await;
    let all = told(&engine).await;
    let good = all.iter().filter(|alert| match alert.kind {
        AlertKind::Recovered { series, .. } => series == Series::Meter(Meter::Month),
        AlertKind::Reset { meter, gives_back, .. } => meter == Meter::Month && gives_back,
        _ => false,
    });
    assert_eq!(good.count(), 1, "{all:#?}");
}

#[tokio::test]
async fn anomalies_can_be_kept_quiet_and_stay_on_record() {
    let (house, engine, _) = idle().await;
    let quiet = tidemark_monitor::Settings { notify_anomalies: false, ..engine.settings() };
    engine.set_settings(quiet).await.unwrap();
    house.simulator.event("work", &Event::WipeOut { meter: Some(Meter::Month) }).unwrap();
    poll(&house, &engine, 2).await;
    assert!(told(&engine).await.iter().all(|alert| class(alert).is_none()));
    assert_eq!(anomalies(&house).len(), 1);
}

#[tokio::test]
async fn a_mark_is_kept_teaches_once_and_hides_nothing() {
    let (house, engine, account) = idle().await;
    house.simulator.event("work", &Event::WipeOut { meter: Some(Meter::Month) }).unwrap();
    poll(&house, &engine, 2).await;
    let wiped = anomalies(&house)[0].clone();
    let before = store(&house.data()).analysis(account.id).unwrap();
    let marked = engine.mark_finding(wiped.id, Some(Triage::Reported)).await.unwrap().unwrap();
    assert_eq!(marked.mark, Some((Triage::Reported, house.clock.now())));
    assert_eq!(store(&house.data()).analysis(account.id).unwrap(), before, "reporting teaches nothing");

    engine.mark_finding(wiped.id, Some(Triage::Mine)).await.unwrap();
    let after = store(&house.data()).analysis(account.id).unwrap();
    assert_ne!(after.state, before.state);
    assert_eq!(after.reading, before.reading);
    engine.mark_finding(wiped.id, Some(Triage::Mine)).await.unwrap();
    assert_eq!(store(&house.data()).analysis(account.id).unwrap(), after, "once");

    // It survives a restart, and the finding is still there.
    drop(engine);
    let engine = reopened(&house).await;
    poll(&house, &engine, 1).await;
    assert_eq!(anomalies(&house)[0].mark.map(|(mark, _)| mark), Some(Triage::Mine));
    // What comes back later is good news, but does not give back what the owner says was theirs.
    let event = Event::EarlyReset { meter: Some(Meter::Month), move_end: false };
    house.simulator.event("work", &event).unwrap();
    // Its end stands, so that it has to last for half an hour.
    poll(&house, &engine, 8).await;
    let kinds: Vec<_> = found(&house).into_iter().map(|f| f.finding.kind).collect();
    assert!(kinds.iter().any(|k| matches!(k, FindingKind::Reset { schedule: Schedule::Early, .. })));
    assert!(!kinds.iter().any(|k| matches!(k, FindingKind::Recovered { .. })), "{kinds:?}");
    // Another one is found as before, once it cannot be an answer that was wrong for a moment.
    poll(&house, &engine, 8).await;
    house.simulator.event("work", &Event::WipeOut { meter: Some(Meter::Month) }).unwrap();
    poll(&house, &engine, 2).await;
    assert_eq!(anomalies(&house).len(), 2);

    assert_eq!(engine.mark_finding(wiped.id, None).await.unwrap().unwrap().mark, None);
    assert_eq!(engine.mark_finding(FindingId(9_999), None).await.unwrap(), None);
    let reset = found(&house)
        .into_iter()
        .find(|found| matches!(found.finding.kind, FindingKind::Reset { .. }))
        .unwrap();
    assert!(matches!(engine.mark_finding(reset.id, Some(Triage::Mine)).await, Err(EngineError::Input(_))));
}

#[tokio::test]
async fn deductions_are_shown_with_how_far_they_are_explained() {
    let (house, engine, _) = idle().await;
    house.simulator.event("work", &Event::WipeOut { meter: Some(Meter::Month) }).unwrap();
    poll(&house, &engine, 2).await;
    let store = store(&house.data());
    let day = HistoryQuery {
        from: start() - TimeDelta::days(1),
        to: start() + TimeDelta::days(1),
        now: house.clock.now(),
        span: Span::Day,
        account: None,
        zone: chrono_tz::Asia::Shanghai,
    };
    let verdicts = store.verdicts(&day).unwrap();
    let rows = store.history(&day).unwrap();
    let month = Series::Meter(Meter::Month);
    let deducted: Decimal =
        rows.iter().filter(|row| row.series == month).filter_map(|row| row.deducted).sum();
    let sums = verdicts.iter().find(|((_, series), _)| *series == month).unwrap().1;
    let weighed: Decimal = sums.values().map(tidemark_core::audit::Breakdown::total).sum();
    assert_eq!(weighed, deducted);
    let account = rows[0].account;
    let runs = store.runs(account, month, start() - TimeDelta::hours(1), house.clock.now()).unwrap();
    let wiped = runs.iter().find(|run| run.deducted > Decimal::from(50)).unwrap();
    assert!(wiped.verdict.is_some());
}

/// A history as a version kept it that only tracked changes.
fn tracked_only(house: &TestEngine, store: &Store, account: AccountId, looks: usize) -> Tracker {
    let mut tracker = Tracker::default();
    let mut last = None;
    for _ in 0..looks {
        house.later(minutes(5));
        let (reading, evidence) = house.simulator.look("work").unwrap();
        if last == Some(looks / 2) {
            house.simulator.event("work", &Event::WipeOut { meter: Some(Meter::Month) }).unwrap();
        }
        last = Some(last.map_or(1, |count| count + 1));
        let observed = tracker.observe(&reading);
        let id = store.insert_reading(account, &reading, &evidence).unwrap();
        let state = StoredState {
            version: None,
            tracker: serde_json::to_string(&tracker).unwrap(),
            audit: None,
            alerts: "{}".to_owned(),
            usage_cursor: 0,
        };
        let outcome =
            Outcome { movements: observed.movements, findings: observed.findings, ..Outcome::default() };
        let conclusion = AnalysisResult::new(outcome, state);
        store.record_analysis(account, id, &conclusion).unwrap();
    }
    tracker
}

/// The thresholds of quotas that are due to be notified.
async fn thresholds(engine: &Engine) -> Vec<Decimal> {
    let threshold = |alert: Alert| match alert.kind {
        AlertKind::Threshold { threshold, .. } => Some(threshold),
        _ => None,
    };
    told(engine).await.into_iter().filter_map(threshold).collect()
}

#[tokio::test]
async fn a_memory_of_notifications_that_cannot_be_read_repeats_none_and_misses_none() {
    let (house, engine, account) = idle().await;
    house.spend_up_to("work", Meter::FiveHour, 80);
    poll(&house, &engine, 2).await;
    assert_eq!(thresholds(&engine).await, [75.into()]);
    drop(engine);
    {
        let store = Store::open(&house.data(), house.clock.now()).unwrap();
        let analysis = store.analysis(account.id).unwrap();
        let lost = StoredState { alerts: "not JSON".to_owned(), ..analysis.state.unwrap() };
        let expected = (analysis.reading, analysis.failure);
        assert!(store.replace_state(account.id, expected, analysis.failure, &lost, &[], &[]).unwrap());
    }
    let engine = reopened(&house).await;
    let stored = store(&house.data()).analysis(account.id).unwrap().state.unwrap();
    assert!(matches!(AccountState::from_stored(&stored), Restored::Whole(_)), "{stored:?}");
    poll(&house, &engine, 1).await;
    assert_eq!(thresholds(&engine).await, [75.into()]);
    house.spend_up_to("work", Meter::FiveHour, 92);
    poll(&house, &engine, 2).await;
    // The later one says all that the earlier one did.
    assert_eq!(thresholds(&engine).await, [90.into()]);
}

#[tokio::test]
async fn an_older_version_s_history_is_taken_up_and_audited_without_a_notification() {
    let house = TestEngine::of(Scenario::one_code(start())).await;
    let engine = house.engine().await;
    let account = house.add(&engine, "work").await;
    drop(engine);
    drop(reopened(&house).await);
    let tracker = {
        let store = Store::open(&house.data(), house.clock.now()).unwrap();
        tracked_only(&house, &store, account.id, 12)
    };
    let engine = reopened(&house).await;
    let stored = store(&house.data()).analysis(account.id).unwrap().state.unwrap();
    let Restored::Whole(state) = AccountState::from_stored(&stored) else { panic!("{stored:?}") };
    assert!(state.last_reading().is_some());
    assert_eq!(state.tracker(), &tracker, "nothing that was tracked is lost");
    let classes: Vec<_> = anomalies(&house).iter().filter_map(|found| found.finding.anomaly()).collect();
    assert_eq!(classes, [Anomaly::WipeOut]);
    assert!(told(&engine).await.is_empty());
    // It is analysed once: another start finds nothing new.
    let count = found(&house).len();
    drop(engine);
    let engine = reopened(&house).await;
    assert_eq!(found(&house).len(), count);
    poll(&house, &engine, 1).await;
    assert_eq!(found(&house).len(), count);
}

#[tokio::test]
async fn what_a_crash_left_unanalysed_is_audited_with_what_was_known_then() {
    let (house, engine, account) = idle().await;
    drop(engine);
    // A reading is on disk; the failure and the incident before it are, too.
    {
        let store = Store::open(&house.data(), house.clock.now()).unwrap();
        let failure = tidemark_core::Failure::new(tidemark_core::FailureKind::ServerError, "x");
        house.later(minutes(2));
        let told = house.clock.now();
        store.record_failure(account.id, told, &failure).unwrap();
        let incident = Incident {
            page: "status".into(),
            id: "i1".into(),
            title: Some("Elevated 502s".into()),
            impact: None,
            opened_at: told,
            resolved_at: None,
        };
        store.upsert_incident(&incident, told).unwrap();
        house.simulator.event("work", &Event::WipeOut { meter: Some(Meter::Month) }).unwrap();
        house.later(minutes(3));
        let (reading, evidence) = house.simulator.look("work").unwrap();
        store.insert_reading(account.id, &reading, &evidence).unwrap();
    }
    let engine = reopened(&house).await;
    let finding: Finding = anomalies(&house)[0].finding.clone();
    assert!(finding.explanation.contains("Elevated 502s"), "{}", finding.explanation);
    assert!(
        finding.evidence.iter().any(|line| line.contains("failed polls in between: 1")),
        "{:?}",
        finding.evidence
    );
    assert_eq!(told(&engine).await.iter().filter_map(class).collect::<Vec<_>>(), [Anomaly::WipeOut]);
    let store = store(&house.data());
    assert_eq!(remembered(&store), replayed(&store, Vec::new()));
}

#[tokio::test]
async fn what_another_machine_tells_late_withdraws_what_it_explains_once() {
    let quiet = start() + TimeDelta::hours(30);
    let spec = busy("work").with_habits(Habits {
        sessions: 14.0,
        other_machine: 0.0,
        burst: 0.0,
        models: vec![(Model::K27Code, 1.0)],
        other_products: 0.0,
        ..Habits::default()
    });
    let house = TestEngine::of(Scenario::of(vec![spec])).await;
    house.simulator.with_life("work", tidemark_simulator::SimAccount::keep_logged).unwrap();
    let logs = Logs::default();
    let engine = with_logs(&house, &logs).await;
    let account = house.add(&engine, "work").await;
    for _ in 0..400 {
        house.later(minutes(5));
        if house.clock.now() == quiet {
            house.simulator.spend("work", Meter::FiveHour, Decimal::from(25)).unwrap();
        }
        logs.read(&house, "work", minutes(-1));
        engine.poll(None).await;
    }
    let accused = anomalies(&house);
    let accused: Vec<_> =
        accused.iter().filter(|found| found.finding.from <= quiet && quiet <= found.finding.to).collect();
    assert!(!accused.is_empty(), "{:#?}", anomalies(&house));
    let series = Series::Meter(Meter::FiveHour);
    let not_explained = |store: &Store| {
        let span = (quiet - minutes(30), quiet + minutes(30));
        let runs = store.runs(account.id, series, span.0, span.1).unwrap();
        runs.iter().filter_map(|run| run.verdict).map(|verdict| verdict.parts.not).sum::<Decimal>()
    };
    assert!(not_explained(&store(&house.data())) > Decimal::from(15));
    let mut notified = 0;
    for due in engine.due_alerts().await.unwrap() {
        notified += usize::from(class(&due.alert).is_some());
        assert!(engine.alert_delivering(due.id).await.unwrap());
        engine.alert_delivered(due.id).await.unwrap();
    }
    assert!(notified > 0);

    // The laptop was on the train.
    let tokens = Tokens { input: 40_000_000, output: 4_000_000, ..Tokens::default() };
    let line = UsageRecord {
        account: Some("work".to_owned()),
        machine: Some("laptop".to_owned()),
        ..UsageRecord::new(quiet - minutes(1), Some("kimi-k2.7-code".to_owned()), tokens)
    };
    logs.0.lock().unwrap().push((house.clock.now(), line));
    poll(&house, &engine, 1).await;
    let withdrawn = || -> Vec<_> {
        let is_withdrawn =
            |found: &StoredFinding| matches!(found.finding.kind, FindingKind::Withdrawn { .. });
        found(&house).into_iter().filter(is_withdrawn).collect()
    };
    let of: Vec<_> = withdrawn()
        .iter()
        .filter_map(|found| match found.finding.kind {
            FindingKind::Withdrawn { of } => Some((of, found.finding.series)),
            _ => None,
        })
        .collect();
    let expected: Vec<_> =
        accused.iter().map(|found| (found.finding.detected_at, found.finding.series)).collect();
    assert_eq!(of, expected, "{accused:#?}");
    assert!(withdrawn()[0].finding.explanation.contains("laptop"), "{:?}", withdrawn()[0].finding);
    assert_eq!(not_explained(&store(&house.data())), Decimal::ZERO, "usage explains it now");
    let taken_back = |alerts: Vec<Alert>| {
        alerts.iter().filter(|alert| matches!(alert.kind, AlertKind::Withdrawn { .. })).count()
    };
    assert_eq!(taken_back(told(&engine).await), 1, "it is said once");

    // Neither a restart nor a rebuild says it again, and a replay finds the same.
    drop(engine);
    let engine = again(&house, &logs).await;
    poll(&house, &engine, 3).await;
    assert_eq!(withdrawn().len(), expected.len());
    assert_eq!(taken_back(told(&engine).await), 1);
    let store = store(&house.data());
    assert_eq!(remembered(&store), replayed(&store, logs.recorded()));
}
