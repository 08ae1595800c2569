//! What resembles a finding and is none.

use super::*;

fn none(account: &Account) {
    assert_eq!(account.anomalies(), Vec::<String>::new());
}

#[test]
fn months_of_ordinary_work() {
    for digits in [0, 2] {
        let mut account = Account::new();
        account.digits = digits;
        account.work_days(40);
        none(&account);
    }
}

#[test]
fn zeros_for_a_poll_and_back() {
    let mut account = Account::used();
    account.until(14);
    account.session(6);
    let (five, week) = (account.five, account.week);
    account.five = 0.0;
    account.week = 0.0;
    account.poll();
    account.five = five;
    account.week = week;
    account.polls(5);
    none(&account);
    assert!(account.found.is_empty() || account.found.iter().all(|f| f.kind.as_str() == "reset"));
}

/// A single quota at zero, or near it, for some polls, and its end stands: no reset, nothing reversed.
#[test]
fn zeros_for_some_polls_and_back() {
    for (zeros, digits, low) in [(2, 0, 0.0), (3, 0, 0.0), (2, 2, 0.0), (3, 2, 0.4), (3, 0, 4.0)] {
        let mut account = Account::used();
        account.digits = digits;
        account.until(8);
        account.session(25);
        account.polls(1);
        account.found.clear();
        let five = account.five;
        account.five = low;
        account.polls(zeros);
        account.five = five;
        account.polls(6);
        assert_eq!(account.found, Vec::new(), "{zeros} zeros");
    }
}

/// Zeros that last longer are taken for a reset; what comes after takes that back.
#[test]
fn zeros_for_half_an_hour_and_back_take_their_reset_back() {
    let mut account = Account::used();
    account.until(8);
    account.session(25);
    account.polls(1);
    account.found.clear();
    let five = account.five;
    account.five = 0.0;
    account.polls(8);
    assert_eq!(account.found.iter().map(|f| f.kind.as_str()).collect::<Vec<_>>(), ["reset"]);
    account.five = five;
    account.polls(6);
    assert_eq!(account.anomalies(), ["clawback 5h"]);
    let told = account.found.iter().find(|f| class(f).is_some()).unwrap();
    assert!(told.explanation.contains("showed it by mistake"), "{}", told.explanation);
}

/// A body of wrong figures upward, and a balance that is nearly gone, for a poll.
#[test]
fn a_single_answer_in_which_all_is_gone() {
    let mut account = Account::used();
    account.until(14);
    account.session(6);
    account.found.clear();
    let (five, week) = (account.five, account.week);
    (account.five, account.week) = (100.0, 100.0);
    account.poll();
    (account.five, account.week) = (five, week);
    account.polls(5);
    assert_eq!(account.found, Vec::new());
    for wrong in [0.5, 0.0, -2.0, 20.0, 600.0] {
        let mut account = Platform::used(60.0);
        let cash = account.cash;
        account.cash = wrong;
        account.poll();
        account.cash = cash;
        account.polls(5);
        assert_eq!(account.found, Vec::new(), "{wrong}");
    }
}

/// What was used between a reset and the reading that shows it does not reverse the reset.
#[test]
fn an_early_reset_with_a_little_used_since_takes_nothing_back() {
    for (before, after) in [(45.0, 5.0), (50.0, 5.0), (44.0, 4.0), (60.0, 5.0), (30.0, 5.0), (12.0, 9.0)] {
        for end_moves in [false, true] {
            let mut account = Account::new();
            account.week = before;
            account.polls(20);
            account.week = after;
            if end_moves {
                account.week_ends += minutes(3000);
            }
            account.polls(20);
            assert_eq!(
                account.anomalies(),
                Vec::<String>::new(),
                "{before} to {after}, end moves: {end_moves}"
            );
        }
    }
}

/// Use that brings a window back to where it was before an early reset takes nothing back.
#[test]
fn use_after_an_early_reset_takes_nothing_back() {
    let mut account = Account::used();
    account.until(8);
    account.session(22);
    account.five = 0.0;
    account.polls(3);
    for _ in 0..22 {
        account.work();
    }
    account.poll();
    account.polls(6);
    none(&account);
}

/// What another machine may have used is not held to be unexplained in the sums of a history.
#[test]
fn use_of_other_machines_cannot_be_told() {
    use crate::audit::Explained;
    let mut account = Account::new();
    for _ in 0..12 {
        account.until(8);
        account.session(8);
        account.until(13);
        for _ in 0..8 {
            account.spend(4.0);
            account.poll();
        }
    }
    // Both machines at once: the logs have a small part.
    account.until(18);
    let mut words = Vec::new();
    for _ in 0..5 {
        account.work();
        account.spend(9.0);
        account.now += minutes(5);
        account.turn();
        let reading = account.reading();
        let audited = account.auditor.reading(&reading, &PublicPrices);
        assert!(audited.findings.iter().all(|f| class(f).is_none()), "{:?}", audited.findings);
        words.extend(audited.verdicts.iter().filter(|v| v.deducted > 1.0).map(|verdict| verdict.word));
    }
    assert!(words.contains(&Explained::CannotTell), "{words:?}");
    assert!(!words.contains(&Explained::Not), "{words:?}");
}

#[test]
fn a_figure_that_jumps_up_for_a_poll() {
    let mut account = Account::used();
    account.week += 30.0;
    account.poll();
    account.week -= 30.0;
    account.polls(4);
    none(&account);
}

#[test]
fn an_owner_with_two_machines() {
    let mut account = Account::new();
    for day in 0..30 {
        account.until(8);
        account.session(8);
        account.until(13);
        // The other machine, with more agents on some days.
        for _ in 0..8 {
            account.spend(if day % 5 == 0 { 7.0 } else { 2.5 });
            account.poll();
        }
        account.until(20);
    }
    none(&account);
    let share = account.auditor.coverage(crate::series::Series::Meter(Meter::FiveHour)).unwrap();
    assert!((0.2..0.8).contains(&share), "{share}");
}

#[test]
fn a_burst_of_agents_that_the_logs_tell_of() {
    let mut account = Account::used();
    account.until(14);
    for _ in 0..4 {
        for _ in 0..10 {
            account.work();
        }
        account.poll();
    }
    account.polls(20);
    none(&account);
}

#[test]
fn a_first_session_on_another_machine() {
    let mut account = Account::used();
    for _ in 0..8 {
        account.spend(4.0);
        account.poll();
    }
    account.polls(10);
    none(&account);
}

#[test]
fn logs_that_are_told_of_late() {
    let mut account = Account::used();
    account.until(14);
    // Requests that end after the reading that shows their deduction.
    for _ in 0..6 {
        account.spend(6.0);
        account.poll();
        for _ in 0..3 {
            let usage = Usage {
                at: account.now + minutes(1),
                model: Some("kimi-code/kimi-for-coding"),
                tokens: FIFTH,
            };
            account.auditor.usage(&usage, &PublicPrices);
        }
        account.polls(4);
    }
    account.polls(10);
    none(&account);
}

#[test]
fn another_plan() {
    let mut account = Account::used();
    account.until(14);
    for day in 0..6 {
        for _ in 0..10 {
            account.work();
            // The new plan holds three times as much.
            account.five -= 2.0 * 2.0 / 3.0;
            account.week -= 2.0 * 2.0 / 15.0;
            account.now += minutes(5);
            account.turn();
            let mut reading = account.reading();
            reading.plan = Some("Allegro".to_owned());
            account.take(&reading);
        }
        for _ in 0..200 {
            account.now += minutes(5);
            account.turn();
            let mut reading = account.reading();
            reading.plan = Some("Allegro".to_owned());
            account.take(&reading);
        }
        assert!(account.anomalies().is_empty(), "{day} {:?}", account.anomalies());
    }
}

#[test]
fn a_night_without_polls() {
    let mut account = Account::used();
    account.until(14);
    account.session(5);
    // The laptop sleeps; the other machine works; a reset passes.
    account.now += minutes(400);
    account.turn();
    account.spend(20.0);
    account.polls(6);
    none(&account);
}

#[test]
fn a_clock_that_is_set_back_and_on() {
    let mut account = Account::used();
    account.until(14);
    account.session(3);
    account.now -= minutes(90);
    account.polls(3);
    account.now += minutes(100);
    account.polls(3);
    none(&account);
}

#[test]
fn a_model_without_a_price() {
    let mut account = Account::used();
    account.until(14);
    for _ in 0..6 {
        let at = account.now + minutes(1);
        let usage = Usage { at, model: Some("kimi-next-preview"), tokens: FIFTH };
        account.auditor.usage(&usage, &PublicPrices);
        account.spend(9.0);
        account.poll();
    }
    none(&account);
}

#[test]
fn a_voucher_that_ends_after_weeks() {
    let mut account = Platform::used(60.0);
    account.voucher += 15.0;
    account.polls(14 * 288);
    account.voucher = 0.0;
    account.polls(3);
    assert_eq!(account.anomalies(), Vec::<String>::new());
    assert!(account.found.iter().any(|f| f.kind.as_str() == "expiry"));
}

/// After weeks in which the logs had all usage, another machine begins to be used in the same hours: more or
/// less from time to time, and also in this machine's pauses.
#[test]
fn another_machine_at_work_in_the_same_hours() {
    for (digits, most) in [(0, 5), (2, 5), (0, 9), (2, 9)] {
        let mut account = Account::new();
        account.digits = digits;
        account.work_days(12);
        none(&account);
        let mut turn: usize = 0;
        for _ in 0..10 {
            account.until(9);
            for look in 0..84 {
                turn += 1;
                // Sessions there last some polls, with pauses between, whatever this machine does.
                if turn % 23 < 14 {
                    account.spend((turn * 7919 % 301) as f64 / 300.0 * f64::from(most));
                }
                if account.five < 70.0 && look % 20 < 12 {
                    account.work();
                }
                account.poll();
            }
        }
        let told: Vec<_> = account.anomalies().into_iter().filter(|a| a.starts_with("accel")).collect();
        assert_eq!(told, Vec::<String>::new(), "{digits} digits, {most} points at most");
    }
}

/// Somebody works elsewhere in a trickle of small steps: the larger one among them is no wrong deduction.
#[test]
fn a_larger_step_in_a_trickle_of_use_elsewhere() {
    let mut account = Account::used();
    account.digits = 2;
    account.until(14);
    account.session(6);
    for points in [1.2, 0.9, 1.4, 0.8, 3.6, 0.0, 1.1] {
        account.spend(points);
        account.poll();
    }
    account.polls(10);
    none(&account);
}
