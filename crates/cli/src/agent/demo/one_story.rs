//! What the places that show a case say of it is the same: events, overview, case, text to the service, report.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use tidemark_api::client::Client;
use tidemark_api::server::{InProcessTransport, ReportQuery, Services, gather, router};
use tidemark_api::view;
use tidemark_core::audience::PlanLevel;
use tidemark_core::report::{Words, span};
use tidemark_core::wire::Record;
use tidemark_core::{AccountId, Series};
use tidemark_monitor::Engine;
use tidemark_simulator::DEMO_DAYS;
use tidemark_store::Store;

use super::Demo;
use crate::i18n::{Catalog, Language};

const ZONE: Tz = Tz::Asia__Shanghai;

struct WordsOnly;

impl Services for WordsOnly {
    fn test_notification(&self) -> Result<(), String> {
        Err("not in a test".to_owned())
    }

    fn start_at_login(&self, _: bool) -> Result<(), String> {
        Err("not in a test".to_owned())
    }

    fn words(&self, language: Option<&str>) -> (String, Box<dyn Words + Send>) {
        let language = language.and_then(Language::of_locale).unwrap_or(Language::English);
        (language.tag().to_owned(), Box::new(Catalog::new(language)))
    }
}

/// Text as it stands in a page of ours: of what is compared here, only this is written otherwise.
fn in_page(text: &str) -> String {
    text.replace('&', "&amp;").replace('\'', "&#39;")
}

/// The report over the whole sample: its page and its data.
fn report(store: &Store, account: AccountId, words: &Catalog) -> (String, serde_json::Value) {
    let now = Utc::now() + TimeDelta::minutes(1);
    let account = store.accounts().unwrap().into_iter().find(|known| known.id == account).unwrap();
    let query = ReportQuery {
        account,
        plan: PlanLevel::default(),
        from: now - TimeDelta::days(DEMO_DAYS + 1),
        to: now,
        zone: ZONE,
        language: words.language().tag().to_owned(),
        now,
    };
    let sealed = gather(store, &query).unwrap();
    let (mut page, mut data) = (Vec::new(), Vec::new());
    sealed.write_html(&mut page, words).unwrap();
    sealed.write_json(&mut data).unwrap();
    (String::from_utf8(page).unwrap(), serde_json::from_slice(&data).unwrap())
}

/// An anomaly in a report's data: its series, class and span.
type Recorded = (Option<Series>, String, DateTime<Utc>, DateTime<Utc>);

fn recorded(data: &serde_json::Value) -> Vec<Recorded> {
    let records = data["records"].as_array().unwrap();
    let lines = records.iter().map(|record| serde_json::from_str(record["text"].as_str().unwrap()).unwrap());
    lines
        .filter_map(|line| match line {
            Record::Finding(line) => line.finding(),
            _ => None,
        })
        .filter_map(|found| Some((found.series, found.anomaly()?.as_str().to_owned(), found.from, found.to)))
        .collect()
}

fn near(one: view::Interval, other: view::Interval) -> bool {
    (one.low - other.low).abs() < 1e-6 && (one.high - other.high).abs() < 1e-6
}

#[tokio::test(flavor = "multi_thread")]
async fn every_place_says_the_same_of_a_case() {
    let (demo, config) = Demo::begin(ZONE).await.unwrap();
    let data_dir = config.data_dir.clone();
    let engine = Engine::open(config).unwrap();
    engine.resume().await.unwrap();
    engine.poll(None).await;
    let client = Client::new(InProcessTransport::new(router(engine.clone(), Arc::new(WordsOnly))));
    let events: view::Findings = client.get("/v1/findings?limit=2000").await.unwrap();
    let overview: view::Overview = client.get("/v1/overview").await.unwrap();
    let store = Store::open_read_only(&data_dir).unwrap();
    let languages = [Catalog::new(Language::English), Catalog::new(Language::Chinese)];

    let mut reports = BTreeMap::new();
    let mut cases = 0;
    let mut found_later = 0;
    for found in events.findings.iter().filter(|found| found.kind == "anomaly") {
        cases += 1;
        found_later += usize::from(found.detected_at > found.to);
        let case: view::Case = client.get(&format!("/v1/findings/{}/case", found.id)).await.unwrap();
        assert_eq!((case.finding.from, case.finding.to), (found.from, found.to));
        assert!(
            case.marks.iter().all(|mark| mark.series.is_none() || mark.series == found.series),
            "marks of other quotas: {:?}",
            case.marks
        );
        for words in &languages {
            let tag = words.language().tag();
            let time = span(found.from, found.to, ZONE, words);
            let pages = reports
                .entry((found.account_id, tag))
                .or_insert_with(|| report(&store, AccountId(found.account_id), words));
            assert!(pages.0.contains(&in_page(&time)), "{time} is not in the report of {}", found.account);
            let class = found.class.as_deref().unwrap();
            let same = |one: &Recorded| {
                one.0.map(|series| series.to_string()) == found.series
                    && (one.1.as_str(), one.2, one.3) == (class, found.from, found.to)
            };
            assert!(recorded(&pages.1).iter().any(same), "{found:?}");

            // What is sent to the service is about this case: its title, its span with the zone, its figures.
            let path = format!("/v1/findings/{}/claim?language={tag}", found.id);
            let claim: view::Claim = client.get(&path).await.unwrap();
            let series: Series = found.series.as_deref().unwrap().parse().unwrap();
            let name = match series {
                Series::Meter(meter) => words.text(&format!("meter-{meter}")),
                Series::Balance(currency) => {
                    words.with("series-balance", [("currency", currency.code().to_owned().into())])
                }
                Series::Wallet(currency) => {
                    words.with("series-wallet", [("currency", currency.code().to_owned().into())])
                }
            };
            let title = words.text(&format!("anomaly-{class}"));
            assert!(claim.subject.contains(&name) && claim.subject.contains(&title), "{claim:?}");
            for said in [name.as_str(), time.as_str(), "Asia/Shanghai, UTC+08:00"] {
                assert!(claim.text.contains(said), "{said} is not in {}", claim.text);
            }
            if let Some(observed) = found.observed.filter(|_| found.factor.is_none()) {
                let amount = words.quantity(series, observed);
                assert!(claim.text.contains(&amount), "{amount} is not in {}", claim.text);
            }
        }
    }
    assert!(cases >= 5 && found_later >= 1, "the sample has cases, some found later: {cases}, {found_later}");

    // A card names a case by its span.
    let mut named = 0;
    for card in &overview.accounts {
        let Some(found) = events.findings.iter().find(|found| Some(found.id) == card.anomalies.id) else {
            assert_eq!(card.anomalies.count, 0);
            continue;
        };
        named += 1;
        assert_eq!((card.anomalies.from, card.anomalies.to), (Some(found.from), Some(found.to)));
    }
    assert!(named >= 2, "{named}");

    // What is printed from two sources: sums and the cases under them; sums of events and of reports.
    assert!(events.counted.len() >= 5, "{:?}", events.counted);
    assert!(events.counted.iter().any(|found| found.recovered_by.is_some()), "what was given back is listed");
    for sum in &events.unexplained {
        let month = |at: DateTime<Utc>| at.with_timezone(&ZONE).format("%Y-%m").to_string();
        let of = |found: &&view::FindingView| {
            found.account_id == sum.account_id
                && found.series.as_ref() == Some(&sum.series)
                && month(found.to) == sum.month
        };
        let add = |a: view::Interval, b: view::Interval| view::Interval {
            low: a.low + b.low,
            high: a.high + b.high,
        };
        let zero = view::Interval { low: 0.0, high: 0.0 };
        let rows = events.counted.iter().filter(of).filter_map(|found| found.beyond).fold(zero, add);
        assert!(near(rows, sum.beyond), "{sum:?}: {rows:?}");
        assert_eq!(events.counted.iter().filter(of).count() as u64, sum.cases);
    }
    for ((account, _), (_, data)) in &reports {
        let head: serde_json::Value = serde_json::from_str(data["head"].as_str().unwrap()).unwrap();
        for total in head["totals"].as_array().unwrap() {
            let beyond: Option<(f64, f64)> = serde_json::from_value(total["beyond"].clone()).unwrap();
            let sums = events.unexplained.iter().filter(|sum| {
                sum.account_id == *account && Some(sum.series.as_str()) == total["series"].as_str()
            });
            let (low, high) =
                sums.fold((0.0, 0.0), |(low, high), sum| (low + sum.beyond.low, high + sum.beyond.high));
            let (least, most) = beyond.unwrap_or_default();
            assert!(
                (low - least).abs() < 1e-6 && (high - most).abs() < 1e-6,
                "{total}: {low}–{high} in events"
            );
            assert_ne!(total["series"], "month-code", "the month has it");
        }
    }

    // One failure has one beginning.
    let mut failing = 0;
    for row in events.failures.iter().filter(|row| !row.over) {
        let card = overview.accounts.iter().find(|card| card.id == row.account_id).unwrap();
        assert_eq!(card.failure.as_ref().map(|failure| failure.since), Some(row.from), "{row:?}");
        assert!(Utc::now() - row.from > TimeDelta::hours(20), "it began long before this engine: {row:?}");
        failing += 1;
    }
    assert!(failing >= 1, "the sample has a key that is refused");
    drop((store, demo));
}
