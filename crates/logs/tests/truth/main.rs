//! Homes whose true totals are known to the last token, with every trap that is known of, read and
//! compared by day in several zones, by month, model, project and session.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_wrap,
    reason = "a test that cannot build its home is to end; what it counts is small"
)]

mod home;
mod random;
mod traps;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeZone as _, Utc};
use chrono_tz::Tz;
use home::{Home, Use};
use tidemark_core::Tokens;
use tidemark_core::project_filter::HiddenProjects;
use tidemark_logs::model::Party;
use tidemark_logs::{By, Options, Report, Roots, Tally, UsageDeduper, scan};

const ZONES: [Tz; 4] =
    [Tz::UTC, chrono_tz::Asia::Shanghai, chrono_tz::Europe::Berlin, chrono_tz::Asia::Kolkata];

fn now() -> DateTime<Utc> {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn report(deduper: &UsageDeduper, by: By, zone: Tz, cuts: &[DateTime<Utc>], now: DateTime<Utc>) -> Report {
    tidemark_logs::report(deduper, by, zone, cuts, &HiddenProjects::default(), now)
}

fn read(home: &Home) -> UsageDeduper {
    scan(&Roots::in_home(home.path(), &[]), &Options::default())
}

/// What the truth sums up to, by a key.
fn sums(truth: &[Use], key: impl Fn(&Use) -> Option<String>) -> BTreeMap<Option<String>, Tally> {
    let mut sums: BTreeMap<Option<String>, Tally> = BTreeMap::new();
    for used in truth {
        sums.entry(key(used)).or_default().add(Tally { requests: 1, tokens: used.tokens });
    }
    sums
}

/// What a report says, by its keys.
fn told(deduper: &UsageDeduper, by: By, zone: Tz) -> BTreeMap<Option<String>, Tally> {
    let report = report(deduper, by, zone, &[], now());
    let rows: BTreeMap<_, _> = report.rows.iter().map(|row| (row.key.clone(), row.tally)).collect();
    assert_eq!(rows.len(), report.rows.len(), "a key stands twice");
    let mut totals = Tally::default();
    for row in &report.rows {
        totals.add(row.tally);
        let mut parts = Tally::default();
        row.parts.iter().for_each(|part| parts.add(part.tally));
        assert_eq!(parts, row.tally);
    }
    assert_eq!(totals, report.totals.tally);
    rows
}

#[expect(clippy::unnecessary_wraps, reason = "keys are optional")]
fn day(at: i64, zone: Tz) -> Option<String> {
    Some(zone.timestamp_millis_opt(at).unwrap().format("%Y-%m-%d").to_string())
}

#[expect(clippy::unnecessary_wraps, reason = "keys are optional")]
fn month(at: i64, zone: Tz) -> Option<String> {
    Some(zone.timestamp_millis_opt(at).unwrap().format("%Y-%m").to_string())
}

fn compare(home: &Home, deduper: &UsageDeduper) {
    let kimi: Vec<Use> = home.truth.iter().filter(|used| !used.third).cloned().collect();
    for zone in ZONES {
        assert_eq!(told(deduper, By::Day, zone), sums(&kimi, |used| day(used.at, zone)), "by day in {zone}");
        assert_eq!(
            told(deduper, By::Month, zone),
            sums(&kimi, |used| month(used.at, zone)),
            "by month in {zone}"
        );
    }
    let zone = Tz::UTC;
    assert_eq!(told(deduper, By::Model, zone), sums(&kimi, |used| Some(used.model.clone())));
    assert_eq!(told(deduper, By::Project, zone), sums(&kimi, |used| used.project.clone()));
    assert_eq!(told(deduper, By::Session, zone), sums(&kimi, |used| Some(used.session.clone())));
    let third: Vec<(String, Tally)> = report(deduper, By::Day, zone, &[], now()).third_party;
    let others: Vec<Use> = home.truth.iter().filter(|used| used.third).cloned().collect();
    let expected: Vec<(String, Tally)> = sums(&others, |used| Some(used.model.clone()))
        .into_iter()
        .map(|(model, tally)| (model.unwrap(), tally))
        .collect();
    assert_eq!(third, expected);
    assert_eq!(deduper.lines_skipped(), home.skipped);
    assert_eq!(deduper.files(), home.files());
    assert_eq!(deduper.files_unreadable(), 0);
}

#[test]
fn each_trap_alone() {
    for (name, trap) in traps::TRAPS {
        let mut home = Home::new(7);
        trap(&mut home);
        assert!(!home.truth.is_empty(), "{name}: nothing is used");
        let deduper = read(&home);
        let told: Tokens = deduper.rows().map(|row| row.tally.tokens).sum();
        let truth: Tokens = home.truth.iter().map(|used| used.tokens).sum();
        assert_eq!(told, truth, "{name}");
        assert_eq!(deduper.lines_skipped(), home.skipped, "{name}");
        for third in [false, true] {
            let truth = home.truth.iter().filter(|used| used.third == third).count() as u64;
            let rows = deduper.rows().filter(|row| (row.party == Party::Third) == third);
            let told: u64 = rows.map(|row| row.tally.requests).sum();
            assert_eq!(told, truth, "{name}: requests of others is {third}");
        }
        compare(&home, &deduper);
    }
}

#[test]
fn all_traps_together() {
    for seed in [1, 2] {
        let mut home = Home::new(seed);
        for (_, trap) in traps::TRAPS {
            trap(&mut home);
            home.work(60);
        }
        assert!(home.truth.len() > 1000);
        compare(&home, &read(&home));
    }
}

#[test]
fn threads_change_nothing() {
    let mut home = Home::new(11);
    for (_, trap) in traps::TRAPS {
        trap(&mut home);
    }
    let roots = Roots::in_home(home.path(), &[]);
    let with = |threads| {
        let deduper = scan(&roots, &Options { threads, ..Options::default() });
        report(&deduper, By::Session, Tz::UTC, &[], now())
    };
    let one = with(1);
    for threads in [2, 3, 8] {
        for _ in 0..4 {
            assert_eq!(with(threads), one, "{threads} threads");
        }
    }
}

#[test]
fn a_stretch_is_cut_to_the_millisecond() {
    let mut home = Home::new(5);
    for (_, trap) in traps::TRAPS {
        trap(&mut home);
    }
    home.work(400);
    let zone = chrono_tz::Europe::Berlin;
    let midnight = |text: &str| {
        let day: NaiveDate = text.parse().unwrap();
        zone.from_local_datetime(&day.and_hms_opt(0, 0, 0).unwrap()).unwrap().with_timezone(&Utc)
    };
    for (from, to) in
        [("2026-03-29", "2026-03-30"), ("2026-05-01", "2026-08-01"), ("2026-10-25", "2026-10-26")]
    {
        let (from, to) = (midnight(from), midnight(to));
        let options = Options { from: Some(from), to: Some(to), ..Options::default() };
        let deduper = scan(&Roots::in_home(home.path(), &[]), &options);
        let within = |used: &&Use| (from..to).contains(&DateTime::from_timestamp_millis(used.at).unwrap());
        let truth: Vec<Use> = home.truth.iter().filter(within).filter(|used| !used.third).cloned().collect();
        assert_eq!(told(&deduper, By::Day, zone), sums(&truth, |used| day(used.at, zone)), "{from} to {to}");
    }
}

#[test]
fn no_row_spans_a_cut() {
    let mut home = Home::new(9);
    home.work(500);
    let cut: DateTime<Utc> = "2026-04-20T15:28:10Z".parse().unwrap();
    home.used_at(cut.timestamp_millis() - 1);
    home.used_at(cut.timestamp_millis());
    let cuts = vec![cut];
    let options = Options { cuts: cuts.clone(), ..Options::default() };
    let deduper = scan(&Roots::in_home(home.path(), &[]), &options);
    let told = report(&deduper, By::Month, Tz::UTC, &cuts, now());
    let before = |used: &&Use| used.at < cut.timestamp_millis();
    let expected: Tokens = home.truth.iter().filter(before).map(|used| used.tokens).sum();
    let parts = told.totals.parts.iter().filter(|part| part.at < cut);
    assert_eq!(parts.map(|part| part.tally.tokens).sum::<Tokens>(), expected);
    assert!(expected.total() > 0 && told.totals.tally.tokens.total() > expected.total());
}

#[test]
fn a_clock_set_wrong_is_counted_where_it_says_and_told() {
    let mut home = Home::new(3);
    traps::TRAPS.iter().find(|(name, _)| *name == "a clock set wrong").unwrap().1(&mut home);
    let told = report(&read(&home), By::Day, Tz::UTC, &[], now());
    let days: Vec<_> = told.rows.iter().map(|row| row.key.as_deref().unwrap()).collect();
    assert_eq!(days, ["1970-01-02", "2026-06-01", "2099-12-31"]);
    assert_eq!(told.doubtful_times.requests, 2);
}

#[test]
fn a_request_without_a_time_counts_when_its_file_was_written_and_is_said_to() {
    let home = tempfile::tempdir().unwrap();
    let session = home.path().join(".cline/data/sessions/c1");
    std::fs::create_dir_all(&session).unwrap();
    let answer = |ts: &str| {
        format!(
            r#"{{"id":"m{}","role":"assistant"{ts},"modelInfo":{{"id":"kimi-k3","provider":"moonshot"}},
            "metrics":{{"inputTokens":3,"outputTokens":4}}}}"#,
            ts.len()
        )
    };
    let messages = [answer(""), answer(r#","ts":1790000000000"#)].join(",");
    std::fs::write(session.join("c1.messages.json"), format!(r#"{{"messages":[{messages}]}}"#)).unwrap();
    let now = Utc::now();
    let found = scan(&Roots::in_home(home.path(), &[]), &Options::default());
    let report = report(&found, By::Day, Tz::UTC, &[], now);
    assert_eq!((report.totals.tally.requests, report.doubtful_times.requests), (2, 1));
    assert_eq!(report.doubtful_times.tokens.total(), 7);
}

#[test]
fn a_home_without_anything_is_empty() {
    let home = tempfile::tempdir().unwrap();
    let deduper = scan(&Roots::in_home(home.path(), &[]), &Options::default());
    assert_eq!((deduper.rows().count(), deduper.files()), (0, 0));
    assert!(report(&deduper, By::Day, Tz::UTC, &[], now()).rows.is_empty());
}
