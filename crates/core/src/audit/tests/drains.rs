//! What trickles away in small steps.

use super::*;
use crate::series::Series;

/// Each step is too small to be reported; the week alone moves, without usage.
#[test]
fn a_week_that_trickles_away_while_the_five_hours_stand_contradicts_them_once() {
    for logged in [true, false] {
        let mut account = Account::new();
        if logged {
            account.work_days(12);
        } else {
            for _ in 0..12 {
                account.until(9);
                for _ in 0..10 {
                    account.spend(3.0);
                    account.poll();
                }
            }
        }
        account.found.clear();
        account.until(23);
        let begin = account.now;
        for step in 0..30 {
            account.week += if step % 2 == 0 { 1.0 } else { 0.0 };
            account.poll();
        }
        account.polls(40);
        assert_eq!(account.anomalies(), ["disagreement week"], "logged: {logged}");
        let told = account.found.iter().find(|f| class(f).is_some()).unwrap();
        assert_eq!(told.from, begin);
        assert!(told.detected_at - begin <= minutes(60), "{told:?}");
        assert!(told.explanation.contains("small steps"), "{}", told.explanation);
    }
}

#[test]
fn money_that_trickles_away_in_hours_never_used_is_unexplained_once() {
    let mut account = Platform::used_for(80.0, 12);
    for _ in 0..20 {
        account.cash -= 0.2;
        account.poll();
    }
    account.polls(40);
    assert_eq!(account.anomalies(), ["unexplained balance:USD"]);
}

/// A point an hour, as long as the night.
#[test]
fn a_week_may_trickle_away_as_slowly_as_it_likes() {
    let mut account = Account::used();
    account.until(23);
    for look in 0..108 {
        account.week += if look % 12 == 0 { 1.0 } else { 0.0 };
        account.poll();
    }
    assert_eq!(account.anomalies(), ["disagreement week"]);
}

/// A reported one covers what continues like it, and nothing else.
#[test]
fn a_large_step_after_a_trickle_is_told() {
    let mut account = Account::used();
    account.until(23);
    for _ in 0..8 {
        account.week += 1.0;
        account.poll();
    }
    assert_eq!(account.anomalies(), ["disagreement week"]);
    account.week += 30.0;
    account.polls(4);
    assert_eq!(account.anomalies(), ["disagreement week", "disagreement week"]);
    account.week = 100.0;
    account.polls(4);
    assert_eq!(account.anomalies().last().map(String::as_str), Some("wipe-out week"));
}

/// A deduction without usage does not count as usage that is missing from the logs.
#[test]
fn a_trickle_leaves_what_is_known_of_the_logs_as_it_is() {
    let mut account = Account::used();
    let week = Series::Meter(Meter::Week);
    let before = account.auditor.coverage(week).unwrap();
    account.until(23);
    for _ in 0..12 {
        account.week += 1.0;
        account.poll();
    }
    let after = account.auditor.coverage(week).unwrap();
    assert!((after - before).abs() < 0.02, "{before} {after}");
}

/// Both windows go down as use moves them: it may be use elsewhere, by night too.
#[test]
fn small_steps_in_the_proportion_of_use_accuse_nobody() {
    let mut account = Account::used();
    account.until(23);
    for _ in 0..10 {
        account.spend(1.0);
        account.poll();
    }
    account.polls(20);
    assert_eq!(account.anomalies(), Vec::<String>::new());
}
