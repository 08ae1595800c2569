//! The evidence report: what is gathered, that editing shows, and that nothing secret gets in.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};
use tidemark_api::report::{Broken, Sealed, check};
use tidemark_api::server::{ReportQuery, StoredRecords, gather};
use tidemark_core::audience::{Audience, PlanLevel};
use tidemark_core::finding::{Anomaly, Finding, Triage};
use tidemark_core::replay::Replay;
use tidemark_core::report::{Figures, SealedRecord, Words};
use tidemark_core::step::{AccountState, Input, Rules};
use tidemark_core::wire::{AnnouncementRecord, FindingRecord, TimestampedRecord};
use tidemark_core::{
    Account, Credential, Failure, FailureKind, Meter, MeterReading, RateLimits, Reading, Region, Series,
    Source,
};
use tidemark_kimi::PublicPrices;
use tidemark_store::{AnalysisResult, FindingQuery, Incident, NewAccount, Store};

const KEY: &str = "sk-kimi-CANARY0123456789abcdefghij";
const MADE_BY: &str = env!("CARGO_PKG_VERSION");

struct Plain;

impl Words for Plain {
    fn say(&self, key: &str, values: &[(&str, &str)]) -> String {
        if let ("report-date", [(_, year), (_, month), (_, day)]) = (key, values) {
            return format!("{year}-{:0>2}-{:0>2}", &month[1..], day);
        }
        values.iter().fold(key.to_owned(), |mut text, (name, value)| {
            let _ = write!(text, " {name}={value}");
            text
        })
    }
    fn quantity(&self, series: Series, value: f64) -> String {
        format!("{value} {}", series.unit())
    }
    fn series(&self, series: Series) -> String {
        series.to_string()
    }
    fn figures(&self, class: Anomaly, _: Series, _: &Figures) -> String {
        class.as_str().to_owned()
    }
    fn finding(&self, finding: &Finding, _: DateTime<Utc>, _: Tz) -> (String, Vec<String>) {
        (finding.messages.english(), finding.messages.english_evidence())
    }
}

fn start() -> DateTime<Utc> {
    "2026-04-22T08:00:00Z".parse().unwrap()
}

fn reading(minute: i64, week: i64, month: i64) -> Reading {
    let meter = |meter, used: i64, days| MeterReading {
        meter,
        used_percent: Decimal::from(used),
        used: Some(Decimal::from(used)),
        limit: Some(Decimal::ONE_HUNDRED),
        resets_at: Some(start() + TimeDelta::days(days)),
        conflict: false,
    };
    Reading {
        at: start() + TimeDelta::minutes(minute),
        source: Source::KimiCode,
        region: Region::China,
        plan: Some("Pro".to_owned()),
        meters: vec![meter(Meter::FiveHour, week, 0), meter(Meter::Month, month, 20)],
        wallet: None,
        balance: None,
        limits: RateLimits::default(),
        not_understood: vec!["user.owner@example.org".to_owned()],
        user: tidemark_core::reading::UserIds::default(),
    }
}

/// A history in which the month was emptied at once during an incident, with whatever should not get out.
fn house() -> (tempfile::TempDir, Store, Account) {
    house_of(&[10, 10, 11, 11, 11, 99, 99, 99].map(|month| (month, None)))
}

/// The same with other shares of the month, and Kimi Code’s in them.
fn house_of(shares: &[(i64, Option<i64>)]) -> (tempfile::TempDir, Store, Account) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), start()).unwrap();
    let new = NewAccount {
        name: "owner@example.org".to_owned(),
        source: Source::KimiCode,
        region: Region::China,
        base_url: None,
        credential: Credential::Environment { name: "CANARY_VARIABLE".to_owned() },
    };
    let account = store.add_account(new, start()).unwrap();
    let mut state = AccountState::new();
    let alerts = tidemark_core::alert::AlertRules::default();
    let rules = Rules { prices: &PublicPrices, alerts: Some(&alerts), max_gap: TimeDelta::minutes(20) };
    for (step, &(month, code)) in (0_i64..).zip(shares) {
        let minute = step * 5;
        let mut seen = reading(minute, 3, month);
        let of_code = code.map(|code| MeterReading {
            meter: Meter::MonthCode,
            used_percent: Decimal::from(code),
            used: Some(Decimal::from(code)),
            ..seen.meters[1].clone()
        });
        seen.meters.extend(of_code);
        if step == 5 {
            let told = start() + TimeDelta::minutes(minute - 2);
            let incident = Incident {
                page: "status".into(),
                id: "i1".into(),
                title: Some(format!("502s, write to help@example.org with {KEY}")),
                impact: Some("major".into()),
                opened_at: told,
                resolved_at: None,
            };
            store.upsert_incident(&incident, told).unwrap();
            let failure = Failure::new(FailureKind::ServerError, format!("refused {KEY}"));
            let failed = store.record_failure(account.id, told, &failure).unwrap();
            let outcome = state.apply(Input::Failure { at: told, failure: &failure }, &rules);
            let conclusion = AnalysisResult::new(outcome, state.to_stored().unwrap());
            store.record_analysis(account.id, failed, &conclusion).unwrap();
        }
        let evidence = format!("{{\"usage\":{{\"used\":\"{month}\"}},\"level\":\"{KEY}\"}}");
        let id = store.insert_reading(account.id, &seen, &evidence).unwrap();
        for incident in store.incidents_known_between(state.last_reading(), seen.at).unwrap() {
            let _ = state.apply(Input::Incident(&incident), &rules);
        }
        let outcome = state.apply(Input::Reading(&seen), &rules);
        let conclusion = AnalysisResult::new(outcome, state.to_stored().unwrap());
        store.record_analysis(account.id, id, &conclusion).unwrap();
    }
    (folder, store, account)
}

fn query(account: &Account) -> ReportQuery {
    ReportQuery {
        account: account.clone(),
        plan: PlanLevel::default(),
        from: start(),
        to: start() + TimeDelta::hours(2),
        zone: chrono_tz::Asia::Shanghai,
        language: "en".to_owned(),
        now: start() + TimeDelta::hours(3),
    }
}

fn json(sealed: &Sealed<StoredRecords<'_>>) -> String {
    let mut out = Vec::new();
    sealed.write_json(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn html(sealed: &Sealed<StoredRecords<'_>>) -> String {
    let mut out = Vec::new();
    sealed.write_html(&mut out, &Plain).unwrap();
    String::from_utf8(out).unwrap()
}

/// The records of a report as JSON.
fn records(json: &str) -> Vec<SealedRecord> {
    let file: serde_json::Value = serde_json::from_str(json).unwrap();
    serde_json::from_value(file["records"].clone()).unwrap()
}

fn checked(file: &str) -> Result<tidemark_api::report::Checked, Broken> {
    check(file, MADE_BY, |_| Some(Box::new(Plain)))
}

#[test]
fn kimi_codes_share_is_part_of_the_month_unless_it_is_what_is_accused() {
    let usual = [10, 10, 11, 11, 11, 12, 12, 12].map(|share| (share, Some(share - 5)));
    let accused = [(10, 5), (10, 5), (11, 6), (11, 6), (11, 6), (12, 95), (12, 95), (12, 95)]
        .map(|(month, code)| (month, Some(code)));
    for (shares, stands_for_itself) in [(usual, false), (accused, true)] {
        let (_folder, store, account) = house_of(&shares);
        let query = query(&account);
        let sealed = gather(&store, &query).unwrap();
        let head = sealed.head();
        let of = |meter| head.totals.iter().find(|total| total.series == Series::Meter(meter));
        let code = of(Meter::MonthCode);
        assert_eq!(code.is_some(), stands_for_itself, "{:?}", head.totals);
        assert_eq!(code.is_some_and(|code| code.beyond.is_some()), stands_for_itself, "{code:?}");
        assert_eq!(of(Meter::Month).unwrap().code.is_some(), !stands_for_itself);
    }
}

#[test]
fn it_tells_what_was_found_and_can_be_replayed() {
    let (_folder, store, account) = house();
    let wiped = store.findings(&FindingQuery::default()).unwrap();
    let wiped = wiped.iter().find(|f| f.finding.anomaly() == Some(Anomaly::WipeOut)).unwrap();
    store.mark_finding(wiped.id, Some(Triage::Reported), start() + TimeDelta::hours(1), None).unwrap();
    let query = query(&account);
    let sealed = gather(&store, &query).unwrap();
    let (head, records) = (sealed.head(), records(&json(&sealed)));
    let month = head.totals.iter().find(|t| t.series == Series::Meter(Meter::Month)).unwrap();
    assert!((month.deducted - 89.0).abs() < 1e-9, "{month:?}");
    assert!(month.beyond.is_some_and(|(low, high)| low > 80.0 && high <= 89.0), "{month:?}");
    assert_eq!(head.marks[0].mark, Triage::Reported);
    // A body that did not change is attached once.
    let bodies = records.iter().filter(|record| record.body.is_some()).count();
    assert_eq!(bodies, 3);
    // The records are the contract's lines: replayed, they give the findings of the report.
    let mut replay = Replay::new();
    let (mut made, mut told) = (Vec::new(), Vec::new());
    for record in &records {
        if record.text.starts_with("{\"type\":\"finding\"") {
            told.push(record.text.clone());
            continue;
        }
        let recorded: TimestampedRecord = serde_json::from_str(&record.text).unwrap();
        replay.take(recorded.record, &PublicPrices, |_, finding| {
            let line = tidemark_core::wire::Record::Finding(FindingRecord::new(finding, None));
            made.push(serde_json::to_string(&line).unwrap());
        });
    }
    assert!(!told.is_empty());
    let plain = |lines: Vec<String>| -> Vec<String> {
        // The incident's title is looked through in the report, so only what was found is compared.
        lines.iter().map(|line| line.split("\"explanation\"").next().unwrap().to_owned()).collect()
    };
    assert_eq!(plain(made), plain(told));
}

#[test]
fn the_chain_is_what_its_description_says() {
    let (_folder, store, account) = house();
    let query = query(&account);
    let json = json(&gather(&store, &query).unwrap());
    let file: serde_json::Value = serde_json::from_str(&json).unwrap();
    // Done by hand, as the file itself says it is to be done.
    let sum = |text: String| {
        Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        })
    };
    let mut link = sum(format!("tidemark-report 1\n{}", file["head"].as_str().unwrap()));
    for record in file["records"].as_array().unwrap() {
        let body = record["body"].as_str().unwrap_or_default();
        link = sum(format!("{link}\n{}\n{body}", record["text"].as_str().unwrap()));
        assert_eq!(record["hash"].as_str().unwrap(), link);
    }
    assert_eq!(file["seal"].as_str().unwrap(), link);
}

#[test]
fn editing_shows() {
    let (_folder, store, account) = house();
    let query = query(&account);
    let sealed = gather(&store, &query).unwrap();
    let json = json(&sealed);
    let good = checked(&json).unwrap();
    assert_eq!((good.records, good.page), (records(&json).len(), None));
    assert_eq!(good.seal, sealed.seal());
    let html = html(&sealed);
    assert_eq!(checked(&html).unwrap().page, Some(true));

    let edit = |what: &dyn Fn(&mut serde_json::Value)| {
        let mut file: serde_json::Value = serde_json::from_str(&json).unwrap();
        what(&mut file);
        checked(&file.to_string())
    };
    let of = good.records;
    // Each record in turn: a digit, a body, one left out, one twice.
    for at in 0..of {
        let changed = edit(&|file| {
            let text =
                file["records"][at]["text"].as_str().unwrap().replacen("\"at\":\"2026", "\"at\":\"2025", 1);
            let text = text.replacen("\"from\":\"2026", "\"from\":\"2025", 1);
            file["records"][at]["text"] = text.into();
        });
        assert_eq!(changed, Err(Broken::Chain { at, of }));
        let body = edit(&|file| file["records"][at]["body"] = "{}".into());
        assert_eq!(body, Err(Broken::Chain { at, of }));
        let gone = edit(&|file| {
            file["records"].as_array_mut().unwrap().remove(at);
        });
        let expected = if at + 1 == of { Broken::Seal } else { Broken::Chain { at, of: of - 1 } };
        assert_eq!(gone, Err(expected));
        let twice = edit(&|file| {
            let record = file["records"][at].clone();
            file["records"].as_array_mut().unwrap().insert(at, record);
        });
        assert_eq!(twice, Err(Broken::Chain { at: at + 1, of: of + 1 }));
    }
    let head = edit(&|file| {
        let head = file["head"].as_str().unwrap().replace("\"deducted\":89.0", "\"deducted\":9.0");
        file["head"] = head.into();
    });
    assert_eq!(head, Err(Broken::Chain { at: 0, of }));
    assert_eq!(edit(&|file| file["seal"] = "00".into()), Err(Broken::Seal));
    assert_eq!(edit(&|file| file["version"] = 2.into()), Err(Broken::Version(2)));
    assert!(matches!(checked("<p>hello</p>"), Err(Broken::NoReport(_))));
    // What the page shows, apart from the data that it carries.
    let shown = html.replacen("89 percent", "98 percent", 1);
    assert_ne!(shown, html);
    assert_eq!(checked(&shown), Err(Broken::Page));
    // Another version's page may be worded otherwise: then only its data are checked.
    assert_eq!(check(&shown, "9.9.9", |_| Some(Box::new(Plain))).unwrap().page, None);
}

#[test]
fn no_key_and_nothing_personal_gets_in() {
    let (_folder, store, account) = house();
    let query = query(&account);
    let sealed = gather(&store, &query).unwrap();
    for file in [json(&sealed), html(&sealed)] {
        for secret in [KEY, "CANARY", "example.org", "owner@"] {
            assert!(!file.contains(secret), "{secret}");
        }
        assert!(file.contains("502s"), "what is no secret stays");
    }
}

#[test]
fn an_empty_span_is_a_report_too() {
    let (_folder, store, account) = house();
    let later = ReportQuery {
        from: start() + TimeDelta::days(1),
        to: start() + TimeDelta::days(2),
        ..query(&account)
    };
    let sealed = gather(&store, &later).unwrap();
    assert!(records(&json(&sealed)).is_empty());
    assert_eq!(checked(&html(&sealed)).unwrap().page, Some(true));
}

#[test]
fn only_announcements_that_concern_the_account_and_hold_in_the_span_are_quoted() {
    let (_folder, store, account) = house();
    let everyone = Audience::default();
    let at = |minute| start() + TimeDelta::minutes(minute);
    for (id, known, until, audience) in [
        ("plain", 3, None, everyone.clone()),
        ("level", 4, None, Audience { levels: vec![25], ..everyone.clone() }),
        ("elsewhere", 5, None, Audience { region: Some(Region::Global), ..everyone.clone() }),
        ("other-level", 6, None, Audience { levels: vec![40], ..everyone.clone() }),
        ("other-version", 7, None, Audience { goods_version: Some(1), ..everyone.clone() }),
        ("earlier", -90, Some(30), everyone.clone()),
        ("over", -90, Some(-30), everyone),
    ] {
        let line = AnnouncementRecord {
            at: at(known),
            id: id.to_owned(),
            title: Some("Notice".to_owned()),
            text: None,
            detail: None,
            from: Some(at(known)),
            until: until.map(at),
            audience,
        };
        store.upsert_announcement("china", &line).unwrap();
    }
    let quoted = |query: &ReportQuery| -> Vec<String> {
        records(&json(&gather(&store, query).unwrap()))
            .iter()
            .filter_map(|record| serde_json::from_str::<serde_json::Value>(&record.text).ok())
            .filter(|line| line["type"] == "announcement")
            .map(|line| line["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let plan = PlanLevel { level: Some(25), goods_version: Some(2) };
    assert_eq!(quoted(&ReportQuery { plan, ..query(&account) }), ["earlier", "plain", "level"]);
    let platform = Account { source: Source::Platform, ..account };
    assert!(quoted(&query(&platform)).is_empty());
}
