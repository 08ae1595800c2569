//! What of the movements is explained, and what of money is neither a deduction nor a return.

use chrono::TimeDelta;
use tidemark_core::audit::{Breakdown, Explained, Verdict};
use tidemark_core::calendar::Span;
use tidemark_core::change::Movement;
use tidemark_core::finding::{Anomaly, CreditClass};
use tidemark_core::message::Messages;
use tidemark_core::{Currency, Finding, FindingKind, Money, Series};
use tidemark_store::{AnalysisResult, HistoryQuery};

use crate::given::*;

fn movement(series: Series, minute: i64, value: &str, deducted: &str, returned: &str) -> Movement {
    Movement {
        series,
        from: Some(now() + minutes(minute - 5)),
        at: now() + minutes(minute),
        value: dec(value),
        deducted: dec(deducted),
        returned: dec(returned),
        resets: 0,
    }
}

fn finding(kind: FindingKind, series: Series, from: i64, to: i64, expected: Option<f64>) -> Finding {
    Finding {
        kind,
        series: Some(series),
        from: now() + minutes(from),
        to: now() + minutes(to),
        detected_at: now() + minutes(to),
        observed: None,
        expected_low: None,
        expected_high: expected,
        confidence: 0.9,
        explanation: "why".to_owned(),
        evidence: Vec::new(),
        messages: Messages::default(),
    }
}

fn query() -> HistoryQuery {
    let (from, to) = (now() - TimeDelta::hours(1), now() + TimeDelta::hours(3));
    HistoryQuery { from, to, now: to, span: Span::Day, account: None, zone: chrono_tz::UTC }
}

#[test]
fn an_anomaly_that_is_found_later_leaves_no_more_explained_than_was_expected() {
    let (_folder, store, account) = with_account();
    let verdict = |minute: i64, deducted: f64| Verdict {
        series: FIVE_HOUR,
        at: now() + minutes(minute),
        word: Explained::Fully,
        deducted,
        elsewhere: 0.0,
        explained: Some((deducted * 0.8, deducted)),
    };
    for (minute, deducted) in [(5, 6.0), (10, 8.0), (15, 12.0)] {
        let reading = reading(now() + minutes(minute), dec("1"), dec("5"));
        let id = store.insert_reading(account.id, &reading, "{}").unwrap();
        let moved = movement(FIVE_HOUR, minute, "50", &deducted.to_string(), "0");
        let found = finding(FindingKind::Anomaly(Anomaly::Accelerated), FIVE_HOUR, 5, 15, Some(5.0));
        let analysis = AnalysisResult {
            verdicts: vec![verdict(minute, deducted)],
            findings: if minute == 15 { vec![found] } else { Vec::new() },
            ..conclusion(vec![moved], None)
        };
        store.record_analysis(account.id, id, &analysis).unwrap();
    }
    let sums = store.verdicts(&query()).unwrap();
    let sums: Vec<Breakdown> = sums[&(account.id, FIVE_HOUR)].values().copied().collect();
    assert_eq!(
        sums,
        [Breakdown { fully: dec("6"), partly: dec("5"), not: dec("15"), ..Breakdown::default() }]
    );
    // Also where only the end of the anomaly is asked for.
    let runs = store.runs(account.id, FIVE_HOUR, now() + minutes(12), now() + minutes(20)).unwrap();
    let last = runs.last().unwrap().verdict.unwrap();
    assert_eq!((last.word, last.parts.partly), (Explained::Partly, dec("3")));
    assert_eq!(last.explained, Some((dec("3"), dec("3"))));
}

/// What other products took of the month is kept beside the verdict on the rest.
#[test]
fn what_was_used_elsewhere_is_kept_beside_its_verdict() {
    let (_folder, store, account) = with_account();
    for (minute, word, deducted, elsewhere, at_most) in [
        (5, Explained::Elsewhere, 7.5, 7.5, None),
        (10, Explained::Fully, 3.0, 1.0, Some(2.0)),
        (15, Explained::CannotTell, 2.0, 0.5, None),
    ] {
        let reading = reading(now() + minutes(minute), dec("1"), dec("5"));
        let id = store.insert_reading(account.id, &reading, "{}").unwrap();
        let at = now() + minutes(minute);
        let explained = at_most.map(|at_most| (0.0, at_most));
        let verdicts = vec![Verdict { series: FIVE_HOUR, at, word, deducted, elsewhere, explained }];
        let moved = movement(FIVE_HOUR, minute, "50", &deducted.to_string(), "0");
        let analysis = AnalysisResult { verdicts, ..conclusion(vec![moved], None) };
        store.record_analysis(account.id, id, &analysis).unwrap();
    }
    let sums = store.verdicts(&query()).unwrap();
    let sums: Vec<Breakdown> = sums[&(account.id, FIVE_HOUR)].values().copied().collect();
    let are =
        Breakdown { fully: dec("2"), elsewhere: dec("9"), cannot_tell: dec("1.5"), ..Breakdown::default() };
    assert_eq!(sums, [are]);
    let runs = store.runs(account.id, FIVE_HOUR, now() + minutes(3), now() + minutes(20)).unwrap();
    let words: Vec<_> = runs.iter().filter_map(|run| run.verdict).map(|verdict| verdict.word).collect();
    assert_eq!(words, [Explained::Elsewhere, Explained::Fully, Explained::CannotTell]);
}

#[test]
fn what_came_in_or_expired_is_neither_returned_nor_deducted() {
    let (_folder, store, account) = with_account();
    let money = |amount: &str| Money::new(dec(amount), Currency::CNY);
    let top_up = FindingKind::Credit { class: CreditClass::TopUp, amount: money("50") };
    let refund = FindingKind::Credit { class: CreditClass::Refund, amount: money("2") };
    let expiry = FindingKind::Expiry { amount: money("15") };
    for (minute, value, deducted, returned, found) in [
        (5, "70", "0", "50", Some(top_up)),
        (10, "68", "2", "0", None),
        (15, "70", "0", "2", Some(refund)),
        (20, "54", "16", "0", Some(expiry)),
    ] {
        let reading = reading(now() + minutes(minute), dec("1"), dec(value));
        let id = store.insert_reading(account.id, &reading, "{}").unwrap();
        let findings = found.map(|kind| finding(kind, MONEY, minute - 5, minute, None)).into_iter().collect();
        let moved = movement(MONEY, minute, value, deducted, returned);
        let analysis = AnalysisResult { findings, ..conclusion(vec![moved], None) };
        store.record_analysis(account.id, id, &analysis).unwrap();
    }
    let rows = store.history(&query()).unwrap();
    let row = rows.iter().find(|row| row.series == MONEY).unwrap();
    let figures = [row.deducted, row.returned, row.credited, row.expired].map(Option::unwrap);
    assert_eq!(figures, [dec("3"), dec("2"), dec("50"), dec("15")]);
}
