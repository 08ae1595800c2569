//! The interface over a history in which something was found: findings, cases, marks, reports.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

mod common;

use chrono::{DateTime, TimeDelta, Utc};
use common::{Plain, engine, served};
use futures_util::StreamExt as _;
use rust_decimal::Decimal;
use serde_json::json;
use tidemark_api::client::{Client, ClientError};
use tidemark_api::report::check;
use tidemark_api::view;
use tidemark_core::finding::Anomaly;
use tidemark_core::message::{Message, Messages};
use tidemark_core::step::{AccountState, Input, Rules};
use tidemark_core::{
    AccountId, Credential, Finding, FindingKind, Meter, MeterReading, RateLimits, Reading, Region, Source,
};
use tidemark_kimi::PublicPrices;
use tidemark_store::{AnalysisResult, FindingQuery, Incident, NewAccount, Store};

fn reading(at: DateTime<Utc>, end: DateTime<Utc>, month: i64) -> Reading {
    let meter = |meter, used: i64| MeterReading {
        meter,
        used_percent: Decimal::from(used),
        used: Some(Decimal::from(used)),
        limit: Some(Decimal::ONE_HUNDRED),
        resets_at: Some(end),
        conflict: false,
    };
    Reading {
        at,
        source: Source::KimiCode,
        region: Region::China,
        plan: Some("Pro".to_owned()),
        meters: vec![meter(Meter::FiveHour, 3), meter(Meter::Month, month)],
        wallet: None,
        balance: None,
        limits: RateLimits::default(),
        not_understood: Vec::new(),
        user: tidemark_core::reading::UserIds::default(),
    }
}

/// The last hour of an account whose month was emptied at once, twenty minutes ago, during an incident.
fn past(store: &Store, now: DateTime<Utc>) -> (AccountId, AccountState) {
    let new = NewAccount {
        name: "work".to_owned(),
        source: Source::KimiCode,
        region: Region::China,
        base_url: None,
        credential: Credential::Environment { name: "NO_SUCH_KEY_HERE".to_owned() },
    };
    let account = store.add_account(new, now - TimeDelta::hours(2)).unwrap();
    let told = now - TimeDelta::minutes(25);
    let incident = Incident {
        page: "status".into(),
        id: "i1".into(),
        title: Some("Elevated 502s".into()),
        impact: Some("major".into()),
        opened_at: told,
        resolved_at: None,
    };
    store.upsert_incident(&incident, told).unwrap();
    let mut state = AccountState::new();
    for step in 0..12_i64 {
        let at = now - TimeDelta::minutes(60 - step * 5);
        let month = if step < 8 { 10 + step / 4 } else { 99 };
        let seen = reading(at, now + TimeDelta::days(9), month);
        let id = store.insert_reading(account.id, &seen, "{}").unwrap();
        let rules = Rules { prices: &PublicPrices, alerts: None, max_gap: TimeDelta::minutes(20) };
        for incident in store.incidents_known_between(state.last_reading(), seen.at).unwrap() {
            let _ = state.apply(Input::Incident(&incident), &rules);
        }
        let outcome = state.apply(Input::Reading(&seen), &rules);
        let conclusion = AnalysisResult::new(outcome, state.to_stored().unwrap());
        store.record_analysis(account.id, id, &conclusion).unwrap();
    }
    (account.id, state)
}

#[test]
fn a_finding_has_its_case_can_be_marked_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let now = Utc::now();
    let _ = past(&Store::open(&data, now).unwrap(), now);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = served(engine(folder.path())).await;
        ask(&client).await;
    });
}

/// Usage that another machine reported late explains what [`past`] leads to.
fn withdraw(store: &Store, (account, mut state): (AccountId, AccountState), now: DateTime<Utc>) {
    let all = store.findings(&FindingQuery::default()).unwrap();
    let anomaly = all.into_iter().find(|found| found.finding.anomaly() == Some(Anomaly::WipeOut)).unwrap();
    let of = anomaly.finding.detected_at;
    let machine = Some("笔记本".to_owned());
    let series = anomaly.finding.series.unwrap();
    let says = Message::LateUsageExplains { machine, series, of, amount: 88.0, at_most: 90.0 };
    let messages = Messages { explanation: vec![says], evidence: vec![Message::FindingOf { at: of }] };
    let kind = FindingKind::Withdrawn { of };
    let withdrawn = Finding { kind, detected_at: now, messages, ..anomaly.finding };
    let seen = reading(now, now + TimeDelta::days(9), 99);
    let id = store.insert_reading(account, &seen, "{}").unwrap();
    let rules = Rules { prices: &PublicPrices, alerts: None, max_gap: TimeDelta::minutes(20) };
    let mut outcome = state.apply(Input::Reading(&seen), &rules);
    outcome.findings.push(withdrawn);
    store.record_analysis(account, id, &AnalysisResult::new(outcome, state.to_stored().unwrap())).unwrap();
}

#[test]
fn a_withdrawn_anomaly_says_why_and_is_open_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let now = Utc::now();
    let store = Store::open(&folder.path().join("data"), now).unwrap();
    let known = past(&store, now);
    withdraw(&store, known, now);
    drop(store);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = served(engine(folder.path())).await;
        let all: view::Findings = client.get("/v1/findings").await.unwrap();
        let anomaly = all.findings.iter().find(|f| f.class.as_deref() == Some("wipe-out")).unwrap();
        let withdrawn = all.findings.iter().find(|f| f.kind == "withdrawn").unwrap();
        let expected = view::Withdrawal {
            by: withdrawn.id,
            at: withdrawn.detected_at,
            machine: Some("笔记本".to_owned()),
        };
        assert_eq!(anomaly.withdrawn.as_ref(), Some(&expected));
        assert_eq!((withdrawn.of, withdrawn.withdrawn.as_ref()), (Some(anomaly.id), None));
        assert_eq!((anomaly.recovered_by, anomaly.of), (None, None));
        // Others of the same account are as they were.
        let others = all.findings.iter().filter(|one| one.id != anomaly.id);
        assert!(others.clone().all(|one| one.withdrawn.is_none()), "{all:?}");

        let card = client.get::<view::Overview>("/v1/overview").await.unwrap().accounts.remove(0);
        let open = others.filter(|one| one.kind == "anomaly").count() as u64;
        assert_eq!(card.anomalies.count, open);
        assert_eq!(all.open.len() as u64, open);
        assert!(all.open.iter().all(|one| one.id != anomaly.id));
        let sums = all.unexplained.iter().filter(|sum| Some(&sum.series) == anomaly.series.as_ref());
        let withdrawn_too = all.findings.iter().filter(|one| one.kind == "anomaly" && one.beyond.is_some());
        let counted = withdrawn_too.filter(|one| one.series == anomaly.series).count() as u64 - 1;
        assert_eq!(sums.map(|sum| sum.cases).sum::<u64>(), counted, "what is withdrawn is not unexplained");
        assert_ne!(card.anomalies.id, Some(anomaly.id));

        let history: view::History = client.get("/v1/history?by=hour").await.unwrap();
        let marks = history.marks.iter().filter(|mark| mark.withdrawn).map(|mark| mark.id);
        assert_eq!(marks.collect::<Vec<_>>(), [anomaly.id]);
        let path = format!("/v1/findings/{}/case", withdrawn.id);
        let case: view::Case = client.get(&path).await.unwrap();
        assert!(case.marks.iter().any(|mark| mark.id == anomaly.id && mark.withdrawn), "{case:?}");
    });
}

async fn ask(client: &Client) {
    let all: view::Findings = client.get("/v1/findings").await.unwrap();
    let found = all.findings.iter().find(|f| f.class.as_deref() == Some("wipe-out")).unwrap();
    assert_eq!((found.severity, found.state), (view::Severity::Critical, view::TriageState::Open));
    assert_eq!(found.unit.as_deref(), Some("percent"));
    assert!(found.observed.is_some_and(|observed| (observed - 88.0).abs() < 0.01), "{found:?}");
    assert!(found.expected.is_some_and(|expected| expected.high < 20.0));
    assert_eq!(found.incident.as_ref().unwrap().title.as_deref(), Some("Elevated 502s"));
    assert_eq!(all.incidents.len(), 1);
    let said: Vec<_> = found.messages.explanation.iter().map(|message| message.id.as_str()).collect();
    assert_eq!((said[0], said[said.len() - 1]), ("emptied", "incident"), "{said:?}");
    assert_eq!(found.messages.evidence.len(), found.evidence.len());

    let card = client.get::<view::Overview>("/v1/overview").await.unwrap().accounts.remove(0);
    assert_eq!((card.anomalies.count, card.anomalies.id), (1, Some(found.id)));
    assert_eq!(card.anomalies.severity, Some(view::Severity::Critical));

    assert_eq!(all.open.iter().map(|open| open.id).collect::<Vec<_>>(), [found.id]);
    let [sum] = &all.unexplained[..] else { panic!("{:?}", all.unexplained) };
    assert_eq!((sum.series.as_str(), sum.unit.as_str(), sum.cases), ("month", "percent", 1));
    assert_eq!((sum.account_id, sum.account.as_str()), (found.account_id, found.account.as_str()));
    assert_eq!(all.counted.iter().map(|one| one.id).collect::<Vec<_>>(), [found.id]);
    assert_eq!(Some(sum.beyond), found.beyond);
    assert!(sum.given_back.high.abs() < 1e-9, "{sum:?}");
    let older: view::Findings = client.get("/v1/findings?before=2000-01-01T00:00:00Z").await.unwrap();
    assert_eq!(older.open, []);
    let claim: view::Claim = client.get(&format!("/v1/findings/{}/claim", found.id)).await.unwrap();
    assert!(claim.text.contains("report-claim-what"), "{claim:?}");
    assert!(!claim.text.contains("work"), "the owner's name for the account stays here: {claim:?}");
    let other = all.findings.iter().find(|one| one.kind != "anomaly");
    if let Some(other) = other {
        let none = client.get::<view::Claim>(&format!("/v1/findings/{}/claim", other.id)).await;
        assert!(matches!(&none, Err(ClientError::Refused(why)) if why.code == "input"), "{none:?}");
    }
    let past: view::Hindsight = client.get("/v1/hindsight").await.unwrap();
    assert_eq!(past.forecasts, [], "no cycle has ended");

    let case: view::Case = client.get(&format!("/v1/findings/{}/case", found.id)).await.unwrap();
    assert_eq!(case.series, "month");
    assert_eq!(case.finding.messages, found.messages);
    let wiped = case.observed.iter().find(|point| point.deducted > 50.0).unwrap();
    assert!(wiped.verdict.is_some());
    let band = case.expected.last().unwrap();
    assert!(band.low >= 11.0 && band.high < 40.0, "where it would have stood: {band:?}");
    assert_eq!(case.incidents.len(), 1);

    let history: view::History = client.get("/v1/history?by=hour").await.unwrap();
    assert!(history.marks.iter().any(|mark| mark.id == found.id));
    let month = history.series.iter().find(|series| series.series == "month").unwrap();
    for point in &month.points {
        let parts = point.explained.map(|e| e.fully + e.partly + e.elsewhere + e.not + e.cannot_tell);
        assert_eq!(parts.is_some(), point.deducted.is_some_and(|deducted| deducted > 0.0));
        assert!(parts.is_none_or(|parts| (parts - point.deducted.unwrap()).abs() < 1e-6), "{point:?}");
    }

    assert!(found.withdrawn.is_none());
    let path = format!("/v1/findings/{}/mark", found.id);
    let marked: view::FindingView =
        client.send_json("POST", &path, &json!({"as": "reported"})).await.unwrap();
    assert_eq!((marked.state, marked.seen), (view::TriageState::Reported, true));
    assert!(marked.marked_at.is_some());
    let card = client.get::<view::Overview>("/v1/overview").await.unwrap().accounts.remove(0);
    assert_eq!(card.anomalies, view::OpenAnomalies::default());
    for (path, code) in [("/v1/findings/999/mark", "no-such-finding"), (path.as_str(), "input")] {
        let body = if code == "input" { json!({"as": "whatever"}) } else { json!({"as": "mine"}) };
        let refused = client.send_json::<_, view::FindingView>("POST", path, &body).await;
        assert!(matches!(&refused, Err(ClientError::Refused(why)) if why.code == code), "{refused:?}");
    }
    let gone = client.get::<view::Case>("/v1/findings/999/case").await;
    assert!(matches!(&gone, Err(ClientError::Refused(why)) if why.code == "no-such-finding"), "{gone:?}");

    let (status, file) = download(client, "/v1/report?format=html&language=zh-CN").await;
    assert!(status == 200 && file.contains("lang=\"zh-CN\""));
    let checked = check(&file, env!("CARGO_PKG_VERSION"), |_| Some(Box::new(Plain))).unwrap();
    assert_eq!(checked.page, Some(true));
    let json: serde_json::Value = client.get("/v1/report?format=json").await.unwrap();
    assert_eq!(json["format"], "tidemark-report");
    let unknown = client.get::<serde_json::Value>("/v1/report?format=pdf").await;
    assert!(matches!(&unknown, Err(ClientError::Refused(why)) if why.code == "input"), "{unknown:?}");
    let incidents: Vec<view::IncidentRow> = client.get("/v1/incidents").await.unwrap();
    assert_eq!(incidents.len(), 1);
}

/// A file, whole.
async fn download(client: &Client, path: &str) -> (u16, String) {
    let (status, blocks) = client.download(path).await.unwrap();
    let blocks: Vec<_> = blocks.map(|block| block.unwrap().to_vec()).collect().await;
    (status, String::from_utf8(blocks.concat()).unwrap())
}
