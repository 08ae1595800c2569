//! What holds over any history.

use proptest::prelude::*;

use super::*;
use crate::audit::{Breakdown, ExplanationLimit, WeighedDeduction};
use crate::wire::{FailureRecord, ReadingRecord, Record, UsageRecord};

/// One input of an arbitrary history.
#[derive(Debug, Clone)]
enum Input {
    Look { wait: i64, five: i64, week: i64, ends: i64, conflict: bool, cash: Option<i64> },
    Use { back: i64, tokens: u64, known: bool },
    Fail,
    Incident { open: bool },
}

fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        6 => (-30_i64..600, -50_i64..1300, 0_i64..1100, -400_i64..9000, any::<bool>(), prop::option::of(-500_i64..9000))
            .prop_map(|(wait, five, week, ends, conflict, cash)| Input::Look { wait, five, week, ends, conflict, cash }),
        6 => (0_i64..5, 0_i64..120, 0_i64..100).prop_map(|(wait, five, week)| Input::Look {
            wait: wait + 5, five, week, ends: 300, conflict: false, cash: Some(5000 - five) }),
        5 => (0_i64..90, 0_u64..u64::from(u32::MAX), any::<bool>())
            .prop_map(|(back, tokens, known)| Input::Use { back, tokens, known }),
        // A clock that is set by months, forth or back.
        1 => (-90_000_i64..90_000, 0_i64..1000).prop_map(|(wait, five)| Input::Look {
            wait, five, week: five / 8, ends: 300, conflict: false, cash: Some(5000 - five) }),
        1 => Just(Input::Fail),
        1 => any::<bool>().prop_map(|open| Input::Incident { open }),
    ]
}

fn feed(auditor: &mut Tracked, now: &mut DateTime<Utc>, input: &Input) -> Audited {
    match *input {
        Input::Look { wait, five, week, ends, conflict, cash } => {
            *now += minutes(wait);
            let mut account = Account::new();
            account.now = *now;
            account.digits = 1;
            account.conflict = conflict;
            account.five_ends = *now + minutes(ends);
            account.week_ends = *now + minutes(ends + 3000);
            let mut reading = account.reading();
            reading.meters[0].used_percent = Decimal::new(five, 1);
            reading.meters[1].used_percent = Decimal::new(week, 1);
            // The month moves like neither of the others, and its Code share by a part of it.
            let month = (7 * five + 3 * week).rem_euclid(1000);
            for (meter, used) in [(Meter::Month, month), (Meter::MonthCode, month * 6 / 10)] {
                let like = reading.meters[1].clone();
                let ends = Some(*now + minutes(ends + 9000));
                let used_percent = Decimal::new(used, 1);
                reading.meters.push(MeterReading { meter, used_percent, resets_at: ends, ..like });
            }
            reading.balance = cash.map(|cash| Balance {
                currency: Currency::USD,
                available: Some(Decimal::new(cash.max(0), 2)),
                voucher: Some(Decimal::ZERO),
                cash: Some(Decimal::new(cash, 2)),
            });
            auditor.reading(&reading, &PublicPrices)
        }
        Input::Use { back, tokens, known } => {
            let usage = Usage {
                at: *now - minutes(back),
                model: known.then_some("kimi-k3"),
                tokens: Tokens { input: tokens, ..Tokens::default() },
            };
            auditor.usage(&usage, &PublicPrices);
            Audited::default()
        }
        Input::Fail => {
            auditor.failure();
            Audited::default()
        }
        Input::Incident { open } => {
            let mut account = Account::new();
            std::mem::swap(&mut account.auditor, auditor);
            account.now = *now;
            account.incident(open);
            std::mem::swap(&mut account.auditor, auditor);
            Audited::default()
        }
    }
}

fn run(inputs: &[Input], written_down: bool) -> Vec<Finding> {
    let mut auditor = Tracked::default();
    let mut now = start();
    let mut found = Vec::new();
    for input in inputs {
        found.extend(feed(&mut auditor, &mut now, input).findings);
        if written_down {
            let text = serde_json::to_string(&auditor.auditor).unwrap();
            auditor.auditor = serde_json::from_str(&text).unwrap();
            let text = serde_json::to_string(&auditor.tracker).unwrap();
            auditor.tracker = serde_json::from_str(&text).unwrap();
        }
    }
    found
}

/// An account after such sessions: so many rounds of requests, so many at once, and so many polls of rest.
fn honest(sessions: &[(usize, usize, usize)], digits: u32) -> Account {
    let mut account = Account::new();
    account.digits = digits;
    for &(requests, agents, pause) in sessions {
        for _ in 0..requests {
            for _ in 0..agents {
                if account.five < 97.0 && account.week < 97.0 {
                    account.work();
                }
            }
            account.poll();
        }
        account.polls(pause);
    }
    account
}

/// By rounding alone, use may seem to cost more in the week, and as ever in the five hours. As long as both
/// windows move by each other as they always did, they do not contradict each other.
#[test]
fn windows_whose_exchange_stays_do_not_contradict_each_other() {
    let sessions = [
        (4, 3, 4),
        (4, 1, 10),
        (10, 3, 65),
        (4, 2, 4),
        (8, 3, 4),
        (7, 2, 4),
        (9, 3, 39),
        (10, 3, 4),
        (3, 2, 4),
        (3, 3, 32),
        (9, 2, 4),
        (2, 2, 4),
        (2, 1, 5),
        (9, 1, 4),
    ];
    assert_eq!(honest(&sessions, 0).anomalies(), Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Any history goes through, the same one twice to the same end, written down in between or not; every
    /// finding is made once and is well formed.
    #[test]
    fn any_history(inputs in prop::collection::vec(input(), 0..120)) {
        let found = run(&inputs, false);
        prop_assert_eq!(&found, &run(&inputs, false));
        prop_assert_eq!(&found, &run(&inputs, true), "through JSON between any two inputs");
        for finding in found.iter().filter(|finding| class(finding).is_some()) {
            prop_assert!((0.0..=1.0).contains(&finding.confidence));
            prop_assert!(finding.explanation.ends_with('.'));
            prop_assert!(!finding.evidence.is_empty());
            for figure in [finding.observed, finding.expected_low, finding.expected_high].into_iter().flatten() {
                prop_assert!(figure.is_finite(), "{finding:?}");
            }
        }
    }

    /// Where deductions are what use costs, whatever the use, no single step is found wrong. A drift of the
    /// price is a matter of statistics: how often it is found where there is none is measured by the
    /// benchmark, and cannot be a law.
    #[test]
    fn no_step_of_an_honest_history_is_found_wrong(
        sessions in prop::collection::vec((1_usize..12, 1_usize..4, 4_usize..200), 1..40),
        digits in 0_u32..3,
    ) {
        let mut found = honest(&sessions, digits).anomalies();
        found.retain(|word| !word.starts_with("accelerated"));
        prop_assert_eq!(found, Vec::<String>::new());
    }

    /// Whatever happened, the parts of what was deducted add up to it; within an anomaly's span no more of it is
    /// explained or used elsewhere than was expected, and what the anomaly holds to be beyond that is unexplained;
    /// and where no log shows usage, nothing is explained.
    #[test]
    fn no_more_is_explained_than_logs_and_anomalies_allow(
        inputs in prop::collection::vec(input(), 0..120), is_logged in any::<bool>(),
    ) {
        let mut auditor = Tracked::default();
        let mut now = start();
        let (mut verdicts, mut findings) = (Vec::new(), Vec::new());
        for input in inputs.iter().filter(|input| is_logged || !matches!(input, Input::Use { .. })) {
            let audited = feed(&mut auditor, &mut now, input);
            verdicts.extend(audited.verdicts);
            findings.extend(audited.findings);
        }
        let exact = |value: f64| crate::number::decimal::from_f64(value).unwrap_or_default();
        let all_series: std::collections::BTreeSet<_> = verdicts.iter().map(|verdict| verdict.series).collect();
        for series in all_series {
            let weighed: Vec<_> = verdicts
                .iter()
                .filter(|verdict| verdict.series == series)
                .map(|verdict| WeighedDeduction {
                    at: verdict.at,
                    word: verdict.word,
                    deducted: exact(verdict.deducted),
                    elsewhere: exact(verdict.elsewhere),
                    explained_at_most: verdict.explained.map(|(_, high)| exact(high)),
                })
                .collect();
            let of_series = findings.iter().filter(|finding| finding.series == Some(series));
            let limits: Vec<_> = of_series.filter_map(ExplanationLimit::of).collect();
            let parts = Breakdown::of_each(&weighed, &limits);
            for (weighed, part) in weighed.iter().zip(&parts) {
                prop_assert_eq!(part.total(), weighed.deducted);
                prop_assert!(is_logged || (part.fully + part.partly).is_zero(), "{weighed:?}");
            }
            for limit in &limits {
                let held = weighed.iter().zip(&parts).filter(|(weighed, _)| limit.holds(weighed.at));
                let mut sums = Breakdown::default();
                held.for_each(|(_, part)| sums += *part);
                prop_assert!(sums.fully + sums.partly + sums.elsewhere <= limit.at_most, "{sums:?} {limit:?}");
                prop_assert!(sums.not >= limit.excess.min(sums.total()), "{sums:?} {limit:?}");
            }
        }
    }

    /// The state stays small, however long the history: with as many anomalies as are kept for usage that becomes known
    /// late, each with what it was compared with.
    #[test]
    fn the_state_is_bounded(inputs in prop::collection::vec(input(), 400..500)) {
        let mut auditor = Tracked::default();
        let mut now = start();
        for input in &inputs {
            let _ = feed(&mut auditor, &mut now, input);
        }
        let size = serde_json::to_string(&auditor.auditor).unwrap().len();
        prop_assert!(size < 64_000, "{size}");
    }
}

#[test]
fn accounts_are_told_apart_in_a_replay() {
    let mut account = Account::used();
    let mut replay = crate::replay::Replay::new();
    let mut found = Vec::new();
    let mut take = |line: Record| {
        replay.take(line, &PublicPrices, |name, finding| {
            found.push((name.map(ToOwned::to_owned), finding.kind.as_str()));
        });
    };
    account.week = 60.0;
    for step in 0..40 {
        account.now += minutes(5);
        account.week_ends = account.now + minutes(4000);
        account.five_ends = account.now + minutes(200);
        for name in ["one", "two"] {
            let mut line = ReadingRecord::new(&account.reading(), Some(name));
            if name == "two" && step >= 20 {
                line.meters[1].used_percent = Decimal::ZERO;
            }
            take(Record::Reading(line));
        }
        take(Record::Failure(FailureRecord {
            at: account.now,
            account: Some("one".to_owned()),
            kind: crate::FailureKind::ServerError,
        }));
        take(Record::Usage(UsageRecord {
            account: Some("one".to_owned()),
            ..UsageRecord::new(account.now, None, Tokens { input: 1, ..Tokens::default() })
        }));
    }
    assert_eq!(found, [(Some("two".to_owned()), "reset")]);
}
