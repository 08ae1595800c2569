//! Import: a history that was exported becomes the same history again, in any order, once.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

mod common;

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::ops::ControlFlow;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use common::{ManualClock, TestEngine, reopened, start, store};
use rust_decimal::Decimal;
use tidemark_core::alert::{Alert, AlertKind};
use tidemark_core::calendar::Span;
use tidemark_core::finding::Triage;
use tidemark_core::step::{Outcome, StoredState};
use tidemark_core::wire::{Record, TimestampedRecord, UsageRecord};
use tidemark_core::{AccountId, Credential, Meter, Region, Tokens};
use tidemark_monitor::{Engine, ImportReport, LineCount};
use tidemark_simulator::{AccountSpec, Event, Fault, FaultOrder, Habits, Model, Plan, Scenario};
use tidemark_store::{
    AnalysisResult, ExportQuery, FindingQuery, HistoryQuery, Incident, NewExchange, Store, UsageBatch,
    UsageClaim, UsageModel, UsageOrigin, UsagePart, UsageProvider, UsageQuery, UsageRequest, WhoseUse,
};

fn minutes(count: i64) -> TimeDelta {
    TimeDelta::minutes(count)
}

fn busy(name: &str) -> AccountSpec {
    let hour = |hours| start() + TimeDelta::hours(hours);
    let wrong = |meter, points: i64| Event::WrongDeduction {
        meter: Some(meter),
        points: points.into(),
        amount: Decimal::ZERO,
    };
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
        .then(hour(4), wrong(Meter::Month, 20))
        .then(hour(4), wrong(Meter::MonthCode, 20))
        .then(hour(7), Event::WipeOut { meter: Some(Meter::FiveHour) })
        .then(hour(8), Event::EarlyReset { meter: Some(Meter::FiveHour), move_end: true })
}

/// An account that was polled live for so many rounds of five minutes, with logs, failures and an incident.
async fn lived(rounds: i64) -> (TestEngine, Engine) {
    let house = TestEngine::of(Scenario::of(vec![busy("work")])).await;
    house.simulator.with_life("work", tidemark_simulator::SimAccount::keep_logged).unwrap();
    let engine = house.engine().await;
    let account = house.add(&engine, "work").await.id;
    live(&house, &engine, account, 0..rounds).await;
    (house, engine)
}

async fn live(house: &TestEngine, engine: &Engine, account: AccountId, rounds: std::ops::Range<i64>) {
    for round in rounds {
        house.later(minutes(5));
        log_requests(house, engine, account).await;
        if round % 50 == 20 {
            let fault = FaultOrder { path: Some("usages".into()), ..FaultOrder::new(Fault::NotJson) };
            house.simulator.fault(fault.times(2)).unwrap();
        }
        if round == 60 || round == 80 {
            let now = house.clock.now();
            // The status page reported it twenty minutes late.
            let incident = Incident {
                page: "status".into(),
                id: "i1".into(),
                title: Some("Elevated 502s".into()),
                impact: Some("major".into()),
                opened_at: start() + minutes(280),
                resolved_at: (round == 80).then(|| now - minutes(3)),
            };
            engine.write(move |store| store.upsert_incident(&incident, now)).await.unwrap();
        }
        engine.poll(None).await;
    }
}

/// Stores what the account's machine has logged since, as the index of the logs does.
async fn log_requests(house: &TestEngine, engine: &Engine, account: AccountId) {
    let requests = house.simulator.with_life("work", tidemark_simulator::SimAccount::take_logged).unwrap();
    let known = house.clock.now() - minutes(1);
    let claims: Vec<UsageClaim> = requests
        .iter()
        .map(|request| UsageClaim {
            request: UsageRequest {
                at: request.at.timestamp_millis(),
                begun: None,
                model: 0,
                tokens: request.tokens,
                // Something that differs from request to request.
                fingerprint: request
                    .at
                    .timestamp_nanos_opt()
                    .unwrap()
                    .unsigned_abs()
                    .wrapping_mul(0x9E37_79B9),
            },
            copies: 0,
        })
        .collect();
    if claims.is_empty() {
        return;
    }
    let name = requests[0].model.code_name().to_owned();
    engine.write(move |store| write_claims(store, account, &name, known, claims)).await.unwrap();
}

fn write_claims(
    store: &Store,
    account: AccountId,
    model: &str,
    known: DateTime<Utc>,
    claims: Vec<UsageClaim>,
) -> Result<(), tidemark_store::StoreError> {
    let (provider, _) = store.usage_provider(&UsageProvider {
        home: "/home/u/.kimi-code".into(),
        name: "kimi".into(),
        base_url: None,
        modified: 1,
        whose: WhoseUse::Account(account),
    })?;
    let file = store.usage_files()?.into_iter().find(|file| file.path == "/log").map(|file| file.id);
    store.write_usage(&UsageBatch {
        known: known.timestamp_millis(),
        models: vec![UsageModel { name: model.to_owned(), third: false, provider: Some(provider) }],
        origins: vec![UsageOrigin {
            format: "kimi-code".into(),
            session: "s".into(),
            project: Some("/home/u/boat".into()),
        }],
        parts: vec![UsagePart {
            file,
            path: "/log".into(),
            mark: String::new(),
            skipped: 0,
            origin: 0,
            claims,
            named: Vec::new(),
        }],
        ..UsageBatch::default()
    })?;
    Ok(())
}

/// The lines of an export.
fn exported(store: &Store) -> Vec<String> {
    let all = ExportQuery { account: None, from: DateTime::UNIX_EPOCH, to: start() + TimeDelta::days(400) };
    let mut lines = Vec::new();
    store
        .for_each_line(&all, |line| {
            lines.push(serde_json::to_string(&line).unwrap());
            ControlFlow::Continue(())
        })
        .unwrap();
    lines
}

/// Everything that was concluded, as text: events with the user's word on them, and history by hour, day and month.
fn concluded(store: &Store) -> Vec<String> {
    let names: Vec<_> = store.accounts().unwrap();
    let name = |id: AccountId| names.iter().find(|account| account.id == id).unwrap().name.clone();
    let mut found: Vec<String> = store
        .findings(&FindingQuery::default())
        .unwrap()
        .into_iter()
        .map(|found| format!("{} {:?} {:?}", name(found.account), found.finding, found.mark))
        .collect();
    found.sort();
    for span in [Span::Hour, Span::Day, Span::Month] {
        let asked = HistoryQuery {
            from: start() - TimeDelta::days(2),
            to: start() + TimeDelta::days(4),
            now: start() + TimeDelta::days(4),
            span,
            account: None,
            zone: store.zone().unwrap(),
        };
        let mut rows: Vec<String> = store
            .history(&asked)
            .unwrap()
            .into_iter()
            .map(|row| {
                format!(
                    "{} {:?}",
                    name(row.account),
                    tidemark_store::HistoryRow { account: AccountId(0), ..row }
                )
            })
            .collect();
        rows.sort();
        found.extend(rows);
        let verdicts = store.verdicts(&asked).unwrap();
        let mut verdicts: Vec<String> = verdicts
            .into_iter()
            .flat_map(|((account, series), buckets)| {
                let name = name(account);
                buckets.into_iter().map(move |(start, parts)| format!("{name} {series} {start} {parts:?}"))
            })
            .collect();
        verdicts.sort();
        found.extend(verdicts);
    }
    let mut runs: Vec<String> = store
        .failure_runs(&tidemark_store::FailureQuery::default())
        .unwrap()
        .into_iter()
        .map(|run| {
            format!(
                "{} {} {} {} {} {}",
                name(run.account),
                run.failure.kind,
                run.from,
                run.to,
                run.count,
                run.over
            )
        })
        .collect();
    runs.sort();
    found.extend(runs);
    found
}

/// Fails with the first line that differs.
fn is_same(found: &[String], expected: &[String]) {
    for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_eq!(found, expected, "line {place}");
    }
    assert_eq!(found.len(), expected.len());
}

/// Imports lines, one file for each list.
async fn import(engine: &Engine, files: &[&[String]]) -> ImportReport {
    engine.import(spooled(files)).await.unwrap()
}

fn spooled(files: &[&[String]]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    for lines in files {
        for line in *lines {
            writeln!(file, "{line}").unwrap();
        }
        writeln!(file).unwrap();
    }
    file.rewind().unwrap();
    file
}

/// An engine with nothing in it, whose clock stands where another's does.
async fn empty(like: &TestEngine) -> (TestEngine, Engine) {
    let house = TestEngine::of(Scenario::of(vec![busy("work")])).await;
    house.later(like.clock.now() - start());
    let engine = house.engine().await;
    (house, engine)
}

fn new_lines(report: &ImportReport) -> u64 {
    let of = |account: &tidemark_monitor::ImportedAccount| {
        account.readings.new + account.failures.new + account.requests.new
    };
    report.accounts.iter().map(of).sum::<u64>() + report.service.new + report.unassigned.new
}

/// A line without what an older export did not have.
fn without_ids(line: &str) -> String {
    let mut line: TimestampedRecord = serde_json::from_str(line).unwrap();
    if let Record::Usage(usage) = &mut line.record {
        usage.id = None;
    }
    serde_json::to_string(&line).unwrap()
}

#[tokio::test]
async fn an_export_imported_elsewhere_gives_the_same_lines_history_and_events() {
    let (house, _engine) = lived(150).await;
    let original = store(&house.data());
    let lines = exported(&original);
    for kind in ["reading", "failure", "incident", "usage"] {
        assert!(lines.iter().any(|line| line.contains(&format!("\"type\":\"{kind}\""))), "{kind}");
    }
    let expected = concluded(&original);
    assert!(expected.iter().any(|line| line.contains("Anomaly")), "{expected:#?}");
    let (other, engine) = empty(&house).await;
    let report = import(&engine, &[&lines]).await;
    assert_eq!(new_lines(&report), lines.len() as u64);
    let account = &report.accounts[0];
    assert_eq!((account.name.as_str(), account.is_new, &account.other_name), ("work", true, &None));
    let copy = store(&other.data());
    copy.check_integrity().unwrap();
    is_same(&exported(&copy), &lines);
    is_same(&concluded(&copy), &expected);
    // Twice is once, also under the other order of lines.
    for again in [lines.clone(), lines.iter().rev().cloned().collect()] {
        let report = import(&engine, &[&again, &again]).await;
        assert_eq!(new_lines(&report), 0, "{report:?}");
        is_same(&exported(&copy), &lines);
        is_same(&concluded(&copy), &expected);
    }
    // A line of an older version, which had no ids for requests, is known too.
    let older: Vec<String> = lines.iter().map(|line| without_ids(line)).collect();
    assert_eq!(new_lines(&import(&engine, &[&older]).await), 0);
    assert!(engine.due_alerts().await.unwrap().is_empty(), "no notification is sent of the past");
    assert_eq!(engine.snapshot().accounts[0].account.credential, Credential::None {});
}

#[tokio::test]
async fn parts_of_an_export_may_come_in_any_order() {
    let (house, _engine) = lived(150).await;
    let original = store(&house.data());
    let (lines, expected) = (exported(&original), concluded(&original));
    // Requests that became known at once are not torn apart: they have no order but that of their lines.
    let is_reading = |line: &String| line.contains("\"type\":\"reading\"");
    let middle = lines.len() / 2 + lines[lines.len() / 2..].iter().position(is_reading).unwrap();
    let (first, second) = lines.split_at(middle);
    for parts in [[first, second], [second, first]] {
        let (other, engine) = empty(&house).await;
        for part in parts {
            import(&engine, &[part]).await;
        }
        let copy = store(&other.data());
        copy.check_integrity().unwrap();
        is_same(&exported(&copy), &lines);
        is_same(&concluded(&copy), &expected);
        // What comes later goes on from there, also after a restart.
        drop(engine);
        let engine = reopened(&other).await;
        assert_eq!(new_lines(&import(&engine, &[&lines]).await), 0);
    }
}

#[tokio::test]
async fn what_was_seen_on_two_machines_is_one_history_with_the_user_s_word_on_it() {
    // One history, of which each machine saw every other reading.
    let (house, _engine) = lived(150).await;
    let lines = exported(&store(&house.data()));
    let of = |line: &String, part: usize| {
        let line: TimestampedRecord = serde_json::from_str(line).unwrap();
        let number = (line.record.at().unwrap() - start()).num_minutes() / 5;
        !matches!(line.record, Record::Reading(_)) || usize::try_from(number).unwrap() % 2 == part
    };
    let parts: Vec<Vec<String>> =
        [0, 1].map(|part| lines.iter().filter(|line| of(line, part)).cloned().collect()).into();
    let (other, engine) = empty(&house).await;
    import(&engine, &[&parts[0]]).await;
    let copy = store(&other.data());
    let all = FindingQuery::default();
    let marked =
        copy.findings(&all).unwrap().into_iter().find(|found| found.finding.anomaly().is_some()).unwrap();
    engine.mark_finding(marked.id, Some(Triage::Reported)).await.unwrap();
    let unseen = copy.unseen_findings().unwrap();
    assert!(unseen.is_empty(), "what is of the past counts as read: {unseen:?}");
    let report = import(&engine, &[&parts[1]]).await;
    assert!(report.accounts[0].readings.new > 50, "{report:?}");
    copy.check_integrity().unwrap();
    is_same(&exported(&copy), &lines);
    let (whole_house, whole_engine) = empty(&house).await;
    import(&whole_engine, &[&lines]).await;
    let whole = store(&whole_house.data());
    let unmarked = |store: &Store| -> Vec<String> {
        concluded(store)
            .iter()
            .map(|line| {
                line.replace("Some((Reported", "None((Reported").split(" None").next().unwrap().to_owned()
            })
            .collect()
    };
    assert_eq!(unmarked(&copy), unmarked(&whole));
    // Where it came out again, it is the same one.
    if let Some(found) = copy.finding(marked.id).unwrap() {
        assert_eq!(found.mark.map(|(mark, _)| mark), Some(Triage::Reported));
    }
}

#[tokio::test]
async fn a_live_account_takes_in_its_past_and_goes_on() {
    let (house, engine) = lived(150).await;
    let lines = exported(&store(&house.data()));
    let expected = concluded(&store(&house.data()));
    let earlier = lines.len() * 2 / 3;
    // The same account is polled live from the end on, and has the rest imported then.
    let (other, late) = empty(&house).await;
    import(&late, &[&lines[earlier..]]).await;
    import(&late, &[&lines[..earlier]]).await;
    assert_eq!(concluded(&store(&other.data())), expected);
    drop(engine);
    // A live one, to which nothing is new, is left as it is by an import, and polls go on.
    let engine = Engine::open(house.config(Arc::new(ManualClock(house.clock.clone())))).unwrap();
    engine.resume().await.unwrap();
    assert_eq!(new_lines(&import(&engine, &[&lines]).await), 0);
    assert_eq!(concluded(&store(&house.data())), expected);
    let account = engine.snapshot().accounts[0].account.id;
    live(&house, &engine, account, 150..160).await;
    let grown = exported(&store(&house.data()));
    assert_eq!(grown[..lines.len()], lines);
    assert!(grown.len() > lines.len());
}

#[tokio::test]
async fn an_account_of_another_kind_gets_another_name_and_none_is_polled_without_a_key() {
    let (house, _engine) = lived(10).await;
    let lines = exported(&store(&house.data()));
    let elsewhere: Vec<String> =
        lines.iter().map(|line| line.replace("\"region\":\"china\"", "\"region\":\"global\"")).collect();
    let (other, engine) = empty(&house).await;
    import(&engine, &[&lines]).await;
    for is_new in [true, false] {
        let report = import(&engine, &[&elsewhere]).await;
        let account = &report.accounts[0];
        assert_eq!((account.name.as_str(), account.is_new), ("work (2)", is_new));
        assert_eq!(account.other_name.as_deref(), Some("work"));
    }
    let (polled, skipped) = engine.poll(None).await;
    assert!(polled.is_empty() && skipped.is_empty(), "{polled:?} {skipped:?}");
    let snapshot = engine.snapshot();
    assert!(snapshot.accounts.iter().all(|account| account.next_at.is_none()));
    assert!(snapshot.accounts.iter().all(|account| account.key_trouble == Some("no-key")));
    assert_eq!(store(&other.data()).failures_after(snapshot.accounts[0].account.id, None).unwrap().len(), 0);
    // With a key it is an account like any other.
    let id = snapshot.accounts[0].account.id;
    engine.replace_key(id, other.key("work"), None, false).await.unwrap();
    other.later(minutes(1));
    let (polled, _) = engine.poll(Some(id)).await;
    assert!(polled[0].result.is_ok(), "{polled:?}");
    assert_eq!(engine.snapshot().accounts[0].key_trouble, None);
}

#[tokio::test]
async fn what_is_older_than_the_readings_that_are_kept_is_left_out_and_what_stands_stays() {
    let (house, engine) = lived(150).await;
    let original = store(&house.data());
    let (lines, before) = (exported(&original), concluded(&original));
    let kept_from = start() + minutes(5 * 80);
    engine.write(move |store| store.prune(kept_from)).await.unwrap();
    let report = import(&engine, &[&lines]).await;
    let account = &report.accounts[0];
    assert!(account.readings.too_old > 70 && account.readings.new == 0, "{report:?}");
    assert!(account.kept_since.is_some());
    assert_eq!(account.requests, LineCount { known: account.requests.known, ..LineCount::default() });
    assert_eq!(concluded(&original), before);
    // One that is new among those that are kept is taken in, and what is before it stays.
    let mut extra: TimestampedRecord = lines
        .iter()
        .rev()
        .map(|line| serde_json::from_str(line).unwrap())
        .find(|line: &TimestampedRecord| matches!(line.record, Record::Reading(_)))
        .unwrap();
    if let Record::Reading(reading) = &mut extra.record {
        reading.at -= minutes(2);
    }
    let extra = vec![serde_json::to_string(&extra).unwrap()];
    assert_eq!(import(&engine, &[&extra]).await.accounts[0].readings.new, 1);
    let after = concluded(&original);
    let early = |lines: &[String]| -> Vec<String> {
        lines.iter().filter(|line| line.contains("detected_at: 2026-11-18T1")).cloned().collect()
    };
    assert_eq!(early(&after), early(&before));
    original.check_integrity().unwrap();
    // Later pruning finds the rows in their order.
    engine.write(move |store| store.prune(kept_from + minutes(200))).await.unwrap();
    original.check_integrity().unwrap();
}

#[tokio::test]
async fn lines_that_cannot_be_taken_are_counted() {
    let (house, _engine) = lived(3).await;
    let (_other, engine) = empty(&house).await;
    let line = |text: &str| text.to_owned();
    let report = import(
        &engine,
        &[&[
            line(r#"{"type":"failure","at":"2026-11-18T08:00:00Z","account":"nobody","kind":"timeout"}"#),
            line(r#"{"type":"usage","at":"2026-11-18T08:00:00Z","model":"kimi-k3","input":1}"#),
            line(r#"{"type":"failure","at":"2099-11-18T08:00:00Z","account":"nobody","kind":"timeout"}"#),
            line(r#"{"type":"usage","at":"2026-11-18T08:00:00Z","model":"kimi-k3","input":1,"unassigned":true}"#),
        ]],
    )
    .await;
    assert_eq!((report.of_no_account, report.future), (2, 1));
    assert_eq!((report.unassigned.new, report.accounts.len()), (1, 0));
    // A reading names the account that they are of, though it says nothing of a name.
    let report = import(
        &engine,
        &[&[
            line(r#"{"type":"failure","at":"2026-11-18T08:00:00Z","kind":"timeout"}"#),
            line(r#"{"type":"reading","at":"2026-11-18T08:05:00Z","source":"platform","region":"global"}"#),
        ]],
    )
    .await;
    let account = &report.accounts[0];
    assert_eq!((account.name.as_str(), account.failures.new, account.readings.new), ("Platform", 1, 1));
}

/// An interrupted import has done nothing; one that fails at the end has neither.
#[tokio::test]
async fn an_import_that_fails_changes_nothing() {
    let (house, _engine) = lived(40).await;
    let mut lines = exported(&store(&house.data()));
    let (other, engine) = empty(&house).await;
    lines.push("{\"type\":\"reading\"".to_owned());
    let failed = engine.import(spooled(&[&lines])).await;
    assert!(failed.is_err());
    assert!(exported(&store(&other.data())).is_empty());
    assert!(store(&other.data()).accounts().unwrap().is_empty());
    lines.pop();
    assert_eq!(new_lines(&import(&engine, &[&lines]).await), lines.len() as u64);
}

/// Whoever asked for an import is gone before it is done, such as a command that was broken off.
#[tokio::test]
async fn an_import_whose_asker_goes_away_is_made_and_the_accounts_know_of_it() {
    let (house, _engine) = lived(60).await;
    let lines = exported(&store(&house.data()));
    let mut outcomes = Vec::new();
    for goes_away in [false, true] {
        let (other, engine) = empty(&house).await;
        let account = other.add(&engine, "work").await.id;
        engine.poll(None).await;
        if goes_away {
            let asked = engine.import(spooled(&[&lines]));
            assert!(tokio::time::timeout(std::time::Duration::ZERO, asked).await.is_err());
            let is_there = async {
                while exported(&store(&other.data())).len() < lines.len() {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(std::time::Duration::from_mins(1), is_there).await.unwrap();
            engine.wait_until_idle().await;
        } else {
            import(&engine, &[&lines]).await;
        }
        other.later(minutes(5));
        engine.poll(None).await;
        let copy = store(&other.data());
        outcomes.push((exported(&copy), concluded(&copy), copy.analysis(account).unwrap().state));
    }
    assert!(outcomes[0] == outcomes[1], "{:#?}", outcomes[1].1);
}

/// The same logs are on this machine too, and are read after the import or before it.
#[tokio::test]
async fn a_request_that_is_also_in_this_machine_s_logs_counts_once() {
    let (house, _engine) = lived(60).await;
    let original = store(&house.data());
    let lines = exported(&original);
    let requests = lines.iter().filter(|line| line.contains("\"type\":\"usage\"")).count();
    assert!(requests > 10, "{requests}");
    let claims: Vec<UsageClaim> = lines
        .iter()
        .filter_map(|line| match serde_json::from_str::<TimestampedRecord>(line).unwrap().record {
            Record::Usage(usage) => Some(UsageClaim {
                request: UsageRequest {
                    at: usage.at.timestamp_millis(),
                    begun: None,
                    model: 0,
                    tokens: usage.tokens(),
                    fingerprint: u64::from_str_radix(usage.id.as_deref().unwrap(), 16).unwrap(),
                },
                copies: 0,
            }),
            _ => None,
        })
        .collect();
    let model = Model::K27Code.code_name();
    let total = |store: &Store| {
        let mut tokens = (0, 0);
        let all = tidemark_store::UsageQuery {
            from: start() - TimeDelta::days(2),
            to: start() + TimeDelta::days(4),
        };
        store
            .for_each_usage(&all, |sum| tokens = (tokens.0 + sum.requests, tokens.1 + sum.tokens.output))
            .unwrap();
        tokens
    };
    let expected = total(&original);
    let older: Vec<String> = lines.iter().map(|line| without_ids(line)).collect();
    for import_first in [true, false] {
        for given in [&lines, &older] {
            let (other, engine) = empty(&house).await;
            let account = if import_first {
                import(&engine, &[given]).await.accounts[0].id
            } else {
                house_account(&other, &engine).await
            };
            let (claims, known) = (claims.clone(), house.clock.now());
            engine.write(move |store| write_claims(store, account, model, known, claims)).await.unwrap();
            if !import_first {
                let report = import(&engine, &[given]).await;
                assert_eq!(report.accounts[0].requests.new, 0, "{report:?}");
            }
            let copy = store(&other.data());
            let found = exported(&copy).iter().filter(|line| line.contains("\"type\":\"usage\"")).count();
            assert_eq!((found, total(&copy)), (requests, expected), "{import_first}");
            // Again, with ids this time.
            assert_eq!(import(&engine, &[&lines]).await.accounts[0].requests.new, 0);
            assert_eq!(total(&copy), expected);
        }
    }
}

/// An account of the imported one's name, product and region.
async fn house_account(house: &TestEngine, engine: &Engine) -> AccountId {
    house.add(engine, "work").await.id
}

/// A backup holds notifications that were pending then.
#[tokio::test]
async fn what_was_to_be_notified_before_a_backup_is_not_notified_long_after_it() {
    let (house, engine) = lived(3).await;
    let account = engine.snapshot().accounts[0].account.id;
    let (id, reading) =
        engine.read(move |store| Ok(store.readings_after(account, None)?.pop().unwrap())).await.unwrap();
    let alert = |key: &str, at| Alert {
        key: key.to_owned(),
        at,
        kind: AlertKind::Threshold {
            meter: Meter::Month,
            threshold: 1.into(),
            used: 2.into(),
            resets_at: None,
        },
        announcement: None,
    };
    let state: StoredState =
        engine.read(move |store| Ok(store.analysis(account)?.state.unwrap())).await.unwrap();
    // They were queued by a reading that was not concluded from yet.
    let later = tidemark_core::Reading { at: reading.at + minutes(1), ..reading };
    let alerts = vec![alert("old", later.at - TimeDelta::days(3)), alert("new", later.at)];
    engine
        .write(move |store| {
            let next = store.insert_reading(account, &later, "{}")?;
            assert_ne!(next, id);
            let outcome = Outcome { alerts, ..Outcome::default() };
            store.record_analysis(account, next, &AnalysisResult::new(outcome, state))
        })
        .await
        .unwrap();
    let file = house.dir.path().join("backup.db");
    tidemark_store::back_up(&house.data(), &file, false).unwrap();
    // Restored two hours later: the older is dropped, the younger waits for a poll and is judged by it.
    let other = TestEngine::of(Scenario::of(vec![busy("work")])).await;
    other.later(house.clock.now() - start() + TimeDelta::hours(2));
    let data = other.data();
    let restoring =
        tidemark_store::Restoring::begin(&data, &tidemark_store::DatabaseFile::open(&file).unwrap()).unwrap();
    assert_eq!(restoring.keep_former(other.clock.now()).unwrap(), None);
    restoring.finish().unwrap();
    let engine = reopened(&other).await;
    assert_eq!(engine.due_alerts().await.unwrap(), [], "it waits");
    let kept = store(&other.data()).due_alerts(other.clock.now()).unwrap();
    assert_eq!(kept.iter().map(|due| due.alert.key.as_str()).collect::<Vec<_>>(), ["new"]);
}

#[tokio::test]
async fn requests_of_another_machine_stay_that_machine_s() {
    let (house, engine) = lived(0).await;
    let account = engine.snapshot().accounts[0].account.id;
    engine
        .write(|store| {
            let way = NewExchange { name: "laptop".to_owned(), place: "{}".to_owned() };
            let way = store.add_exchange(&way, start())?;
            store.machine_of(&"7".repeat(32), "laptop", way)
        })
        .await
        .unwrap();
    let name = engine.snapshot().accounts[0].account.name.clone();
    let line = |id: u64, machine: Option<&str>| {
        let record = UsageRecord {
            account: Some(name.clone()),
            machine: machine.map(str::to_owned),
            id: Some(format!("{id:016x}")),
            ..UsageRecord::new(
                start() - minutes(60),
                Some("kimi-k3".to_owned()),
                Tokens { output: 10 * id, ..Tokens::default() },
            )
        };
        serde_json::to_string(&TimestampedRecord::from(Record::Usage(record))).unwrap()
    };
    // A machine of that name is not known here.
    let lines = [line(1, None), line(2, Some("laptop")), line(3, Some("desk"))];
    import(&engine, &[&lines]).await;
    let sums = || {
        let mut found = Vec::new();
        let all = UsageQuery { from: start() - TimeDelta::days(1), to: start() };
        store(&house.data())
            .for_each_usage(&all, |sum| {
                assert_eq!(sum.account, Some(account));
                found.push((sum.machine.is_some(), sum.tokens.output));
            })
            .unwrap();
        found.sort_unstable();
        found
    };
    assert_eq!(sums(), [(false, 10), (true, 20), (true, 30)]);
    let named = |name: &str| {
        let found = store(&house.data()).machines().unwrap().into_iter().filter(|one| one.name == name);
        let [machine] = found.collect::<Vec<_>>().try_into().unwrap();
        machine
    };
    let (laptop, desk) = (named("laptop"), named("desk"));
    assert_eq!((desk.exchange, desk.seen_at, desk.ignored), (None, None, false));
    // Nothing is expected of a machine from which nothing comes.
    assert!(store(&house.data()).machine_logs().unwrap().iter().all(|logs| logs.name == "laptop"));
    engine.write(move |store| store.remove_machine(laptop.id, false)).await.unwrap();
    assert_eq!(sums(), [(false, 10), (true, 30)]);
    assert_eq!(exported(&store(&house.data())).iter().filter(|line| line.contains("usage")).count(), 2);
    // Once it says itself who it is, it is that machine.
    import(&engine, &[&[line(4, Some("desk")), line(5, Some("this"))]]).await;
    let known = engine
        .write(move |store| {
            let way = store.exchanges()?[0].id;
            store.machine_of(&"8".repeat(32), "desk", way)
        })
        .await
        .unwrap()
        .unwrap();
    assert_eq!((known.id, known.identity.as_str()), (desk.id, "8".repeat(32).as_str()));
    assert_eq!(sums(), [(false, 10), (true, 50), (true, 70)]);
    named("this (2)");
}
