//! Where the line is between a deduction that nothing explains and two quotas that contradict each other.

use super::*;

/// With twelve days of ordinary work behind it that no log shows, and no one at work.
fn unlogged() -> Account {
    let mut account = Account::new();
    for _ in 0..12 {
        account.until(9);
        for _ in 0..10 {
            account.spend(3.0);
            account.poll();
        }
    }
    account.until(23);
    assert_eq!(account.anomalies(), Vec::<String>::new());
    account.found.clear();
    account
}

#[test]
fn one_quota_alone_contradicts_the_other_and_both_together_do_not() {
    // Logged, points of the 5-hour quota and of the week: what is found, by class.
    let cases: [(bool, f64, f64, &[&str]); 11] = [
        (true, 0.0, 30.0, &["disagreement week"]),
        (true, 30.0, 0.0, &["disagreement 5h"]),
        (true, 0.0, 6.0, &["disagreement week"]),
        // Both as usage moves them, or one more than the other: no one worked, so neither is explained.
        (true, 30.0, 6.0, &["unexplained 5h", "unexplained week"]),
        (true, 20.0, 20.0, &["unexplained 5h", "unexplained week"]),
        (true, 60.0, 5.0, &["unexplained 5h", "unexplained week"]),
        (false, 0.0, 30.0, &["disagreement week"]),
        (false, 40.0, 0.0, &["disagreement 5h"]),
        (false, 20.0, 20.0, &["unexplained week"]),
        // Another machine may have done that.
        (false, 20.0, 4.0, &[]),
        (false, 3.0, 1.0, &[]),
    ];
    for (logged, five, week, found) in cases {
        let mut account = if logged { Account::used() } else { unlogged() };
        account.until(23);
        account.five += five;
        account.week += week;
        account.polls(6);
        let mut anomalies = account.anomalies();
        anomalies.sort_unstable();
        assert_eq!(anomalies, found, "logged {logged}, 5h {five}, week {week}");
    }
}

#[test]
fn a_quota_emptied_alone_is_a_wipe_out_still() {
    for logged in [true, false] {
        for week in [true, false] {
            let mut account = if logged { Account::used() } else { unlogged() };
            if week {
                account.week = 100.0;
            } else {
                account.five = 100.0;
            }
            account.poll();
            let series = if week { "week" } else { "5h" };
            assert_eq!(account.anomalies(), [format!("wipe-out {series}")], "logged {logged}");
        }
    }
}

#[test]
fn a_step_of_one_quota_beside_use_of_both_contradicts_the_other() {
    let mut account = unlogged();
    account.until(9);
    for look in 0..10 {
        account.spend(3.0);
        account.week += if look == 4 { 30.0 } else { 0.0 };
        account.poll();
    }
    account.polls(6);
    assert_eq!(account.anomalies(), ["disagreement week"]);
}

#[test]
fn what_contradicts_is_told_with_what_the_other_quota_allows() {
    let mut account = unlogged();
    account.week += 30.0;
    account.polls(4);
    let finding = account.found.iter().find(|finding| class(finding).is_some()).unwrap();
    assert_eq!(finding.observed, Some(30.0));
    assert!(finding.is_deduction() && finding.excess().unwrap().0 > 25.0, "{finding:?}");
    assert!(finding.explanation.contains("5-hour quota moved by 0"), "{}", finding.explanation);
    // And what is given back is taken for its return.
    account.week -= 30.0;
    account.polls(4);
    assert!(
        account.found.iter().any(|f| matches!(f.kind, FindingKind::Recovered { .. })),
        "{:?}",
        account.found
    );
}
