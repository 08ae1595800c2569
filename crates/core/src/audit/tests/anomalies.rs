//! Which anomalies are found, and what they say.

use super::*;

#[test]
fn an_emptied_meter_is_found_at_once() {
    let mut account = Account::used();
    account.five = 100.0;
    account.poll();
    assert_eq!(account.anomalies(), ["wipe-out 5h"]);
    let finding = &account.found[0];
    assert_eq!(finding.detected_at, account.now);
    assert!(finding.explanation.contains("100% used after"), "{}", finding.explanation);
    account.polls(50);
    assert_eq!(account.anomalies().len(), 1, "each once");
}

#[test]
fn an_emptied_meter_is_found_without_any_logs_and_without_history() {
    let mut account = Account::new();
    account.five = 12.0;
    account.week = 3.0;
    account.polls(6);
    account.five = 100.0;
    account.polls(2);
    assert_eq!(account.anomalies(), ["wipe-out 5h"]);
}

/// A request of a few tokens is no excuse, whatever it takes is not known yet.
#[test]
fn an_emptied_meter_is_found_beside_a_tiny_request() {
    for looks in [1, 6, 60] {
        let mut account = Account::new();
        account.week = 30.0;
        account.polls(looks);
        let tokens = Tokens { input: 10, cache_read: 0, cache_write: 0, output: 1, ..Tokens::default() };
        let at = account.now + minutes(3);
        account.auditor.usage(&Usage { at, model: Some("kimi-k3"), tokens }, &PublicPrices);
        account.week = 100.0;
        account.polls(4);
        assert_eq!(account.anomalies(), ["wipe-out week"], "{looks} looks");
    }
}

#[test]
fn an_emptied_meter_is_found_beside_the_first_light_use() {
    for looks in [3, 6, 12] {
        let mut account = Account::new();
        account.week = 20.0;
        for _ in 0..looks {
            account.work();
            account.poll();
        }
        account.work();
        account.week = 100.0;
        account.polls(4);
        assert_eq!(account.anomalies(), ["wipe-out week"], "{looks} looks");
    }
}

/// A model without a price explains no more than the dearest would, generously.
#[test]
fn a_small_request_of_a_model_without_a_price_explains_little() {
    let mut account = Account::used();
    let tokens = Tokens { input: 9, cache_read: 0, cache_write: 0, output: 17, ..Tokens::default() };
    let at = account.now + minutes(3);
    account.auditor.usage(&Usage { at, model: Some("mock-model"), tokens }, &PublicPrices);
    account.week += 12.0;
    account.polls(3);
    assert_eq!(account.anomalies(), ["disagreement week"]);
}

#[test]
fn much_use_of_a_model_without_a_price_may_explain_much() {
    let mut account = Account::used();
    let at = account.now + minutes(3);
    account.auditor.usage(&Usage { at, model: Some("mock-model"), tokens: FIFTH }, &PublicPrices);
    account.spend(6.0);
    account.polls(3);
    assert_eq!(account.anomalies(), Vec::<String>::new());
}

/// What is taken away in one step need not stop at nothing.
#[test]
fn a_balance_that_falls_into_debt_at_once_is_a_wipe_out() {
    for debt in [-0.2, -3.0, -30.0] {
        let mut account = Platform::new(10.0);
        account.polls(30);
        account.cash = debt;
        account.polls(3);
        assert_eq!(account.anomalies(), ["wipe-out balance:USD"], "{debt}");
    }
}

#[test]
fn a_step_of_the_week_alone_contradicts_the_five_hours() {
    for points in [5.0, 10.0, 40.0] {
        let mut account = Account::used();
        account.week += points;
        account.polls(2);
        assert_eq!(account.anomalies(), ["disagreement week"], "{points}");
        let finding = &account.found[0];
        assert_eq!(finding.observed, Some(points));
        assert!(finding.expected_high.unwrap() < 1.0);
        assert!(finding.explanation.contains("lost"), "{}", finding.explanation);
    }
}

#[test]
fn a_step_beside_use_is_held_to_be_wrong_by_the_part_beyond_it() {
    let mut account = Account::used();
    account.until(14);
    account.session(4);
    account.work();
    account.five += 12.0;
    account.poll();
    account.session(4);
    assert_eq!(account.anomalies(), ["disagreement 5h"]);
    let finding = &account.found[0];
    assert!(finding.expected_low.unwrap() > 0.5 && finding.expected_high.unwrap() < 6.0, "{finding:?}");
}

#[test]
fn a_doubled_price_is_one_finding_with_its_factor() {
    for factor in [1.5, 2.0, 3.0] {
        let mut account = Account::used();
        account.factor = factor;
        account.work_days(5);
        let found = account.anomalies();
        assert_eq!(found.len(), 1, "{factor}: {found:?}");
        assert!(found[0].starts_with("accelerated"), "{factor}: {found:?}");
        let finding = account.found.iter().find(|f| class(f).is_some()).unwrap();
        let ratio = finding.observed.unwrap() / finding.expected_high.unwrap();
        assert!(ratio > 1.1, "{finding:?}");
        assert!(finding.explanation.contains("times as much of the"));
    }
}

#[test]
fn a_price_that_goes_up_is_found_before_a_tenth_of_the_week_is_lost() {
    let mut account = Account::used();
    account.factor = 2.0;
    let mut lost = 0.0;
    account.until(8);
    while account.anomalies().is_empty() && lost < 30.0 {
        account.session(1);
        lost += 0.4;
        if account.five > 90.0 {
            account.polls(60);
        }
    }
    assert!(lost < 10.0, "{lost}");
}

#[test]
fn windows_that_no_longer_agree_are_a_disagreement() {
    let mut account = Account::new();
    account.digits = 2;
    // Nothing is logged: another device does all.
    for day in 0..20 {
        account.until(9);
        for _ in 0..12 {
            account.five += 3.0;
            account.week += if day < 12 { 0.6 } else { 1.5 };
            account.poll();
        }
        account.until(20);
    }
    assert_eq!(account.anomalies(), ["disagreement week"]);
    assert!(account.found.iter().any(|f| f.explanation.contains("has not matched")));
}

#[test]
fn two_figures_for_one_window_that_go_on_to_differ_are_a_disagreement() {
    let mut account = Account::used();
    account.conflict = true;
    account.polls(2);
    assert!(account.anomalies().is_empty(), "one or two such answers are nothing");
    account.polls(10);
    assert_eq!(account.anomalies(), ["disagreement 5h", "disagreement week"]);
}

#[test]
fn a_reset_that_does_not_come_is_overdue_once() {
    let mut account = Account::used();
    account.until(8);
    account.session(6);
    let due = account.five_ends;
    while account.now < due + minutes(70) {
        account.now += minutes(5);
        let reading = account.reading();
        account.take(&reading);
    }
    assert_eq!(account.anomalies(), ["overdue-reset 5h"]);
    assert!(account.found[0].detected_at - due <= minutes(25));
    account.turn();
    account.polls(3);
    assert_eq!(account.anomalies().len(), 1);
}

#[test]
fn a_new_cycle_without_a_return_is_a_reset_that_did_not_come() {
    let mut account = Account::used();
    while account.now + minutes(5) < account.week_ends {
        account.poll();
    }
    assert!(account.week > 5.0);
    account.now += minutes(5);
    account.week_ends += minutes(7 * 1440);
    account.turn();
    let reading = account.reading();
    account.take(&reading);
    assert_eq!(account.anomalies(), ["overdue-reset week"]);
}

#[test]
fn a_gift_that_is_taken_away_is_a_clawback() {
    let mut account = Account::used();
    account.week = 63.0;
    account.poll();
    account.polls(3);
    account.found.clear();
    account.week = 0.0;
    account.week_ends = account.now + minutes(7 * 1440);
    account.polls(30);
    account.week = 63.0;
    account.polls(2);
    assert_eq!(account.anomalies(), ["clawback week"]);
}

#[test]
fn what_is_given_back_is_told_with_what_it_gives_back() {
    let mut account = Account::used();
    account.week += 17.0;
    account.polls(12);
    let of = account.found[0].detected_at;
    account.week -= 17.0;
    account.polls(3);
    assert!(account.found.iter().any(|f| f.kind == FindingKind::Recovered { of }), "{:?}", account.found);
    account.polls(30);
    let times = account.found.iter().filter(|f| matches!(f.kind, FindingKind::Recovered { .. })).count();
    assert_eq!(times, 1);
}

#[test]
fn an_incident_is_named() {
    let mut account = Account::used();
    account.incident(true);
    account.polls(3);
    account.week += 25.0;
    account.polls(2);
    assert!(account.found[0].explanation.contains("“Elevated errors”"));
    account.incident(false);
    account.polls(60);
    account.found.clear();
    account.week += 25.0;
    account.polls(2);
    assert!(!account.found[0].explanation.contains("Elevated errors"));
}

/// The launch of April 2026 as the press reported it: errors, runaway prices, one quota emptied at once, and
/// all quotas reset at 20:30 China time.
#[test]
fn the_launch_day() {
    let mut account = Account::new();
    account.now = "2026-04-08T00:00:00Z".parse().unwrap();
    account.five_ends = account.now + minutes(300);
    account.week_ends = account.now + minutes(7 * 1440);
    for _ in 0..14 {
        account.until(1);
        account.session(8);
        account.until(6);
        account.session(10);
    }
    account.until(0);
    account.found.clear();
    let day: DateTime<Utc> = "2026-04-22T00:00:00Z".parse().unwrap();
    assert_eq!(account.now.date_naive(), day.date_naive());
    account.until(1);
    account.session(6);
    account.until(9);
    account.incident(true);
    account.factor = 3.0;
    for _ in 0..2 {
        account.auditor.failure();
        account.session(7);
        account.polls(4);
    }
    account.five = 100.0;
    account.poll();
    while account.now < day + minutes(12 * 60 + 30) {
        account.polls(1);
    }
    account.factor = 1.0;
    account.five = 0.0;
    account.week = 0.0;
    account.week_ends = account.now + minutes(7 * 1440);
    account.five_ends = account.now + minutes(300);
    account.polls(24);
    account.incident(false);
    let found = account.anomalies();
    assert!(found.iter().any(|class| class.starts_with("accelerated")), "{found:?}");
    assert!(found.iter().any(|class| class == "wipe-out 5h"), "{found:?}");
    let early = account.found.iter().filter(|f| {
        matches!(f.kind, FindingKind::Reset { schedule: crate::finding::Schedule::Early, .. })
            && f.detected_at >= day + minutes(12 * 60 + 30)
    });
    assert_eq!(early.count(), 2, "{:?}", account.found);
    assert!(account.found.iter().any(|f| matches!(f.kind, FindingKind::Recovered { .. })));
    assert!(account.found.iter().filter(|f| class(f).is_some()).all(|f| f.explanation.contains("Elevated")));
}

#[test]
fn money_that_nothing_explains() {
    let mut account = Platform::used(60.0);
    account.cash -= 4.0;
    account.polls(6);
    assert_eq!(account.anomalies(), ["unexplained balance:USD"]);
    // And it is given back.
    account.cash += 4.0;
    account.polls(3);
    assert!(account.found.iter().any(|f| matches!(f.kind, FindingKind::Recovered { .. })));
}

#[test]
fn a_balance_that_is_gone() {
    let mut account = Platform::used(60.0);
    account.cash = 0.0;
    account.polls(3);
    assert_eq!(account.anomalies(), ["wipe-out balance:USD"]);
}

/// What a second reading had to confirm is found by it, and dated to the first.
#[test]
fn a_wipe_out_that_is_confirmed_is_dated_to_the_reading_that_showed_it() {
    for left in [0.0, 0.5] {
        let mut account = Platform::used(60.0);
        let before = account.now;
        account.cash = left;
        account.polls(2);
        assert_eq!(account.anomalies(), ["wipe-out balance:USD"], "{left}");
        let found = account.found.iter().find(|f| class(f).is_some()).unwrap();
        assert_eq!((found.from, found.to), (before, before + minutes(5)), "{left}");
        assert_eq!(found.detected_at, before + minutes(10), "{left}");
    }
    let mut account = Account::used();
    account.until(14);
    account.session(4);
    account.polls(4);
    let before = account.now;
    (account.five, account.week) = (100.0, 100.0);
    account.polls(2);
    assert_eq!(account.anomalies(), ["wipe-out 5h", "wipe-out week"]);
    for found in account.found.iter().filter(|f| class(f).is_some()) {
        assert_eq!((found.from, found.to), (before, before + minutes(5)));
        assert_eq!(found.detected_at, before + minutes(10));
    }
}

#[test]
fn more_than_the_limits_allow() {
    let mut account = Platform::used(5000.0);
    account.cash -= 900.0;
    account.polls(4);
    assert_eq!(account.anomalies(), ["impossible balance:USD"]);
}

/// A voucher of fifteen dollars, and six dollars of work in five hours that it pays for.
fn use_voucher(account: &mut Platform) {
    account.voucher += 15.0;
    account.poll();
    for _ in 0..30 {
        account.work();
        let cost = std::mem::take(&mut account.unposted);
        account.poll();
        account.voucher -= cost;
        account.poll();
    }
    account.polls(6);
    account.found.clear();
}

/// Half a day after it was granted no voucher has expired: what use had left of it was taken away.
#[test]
fn what_is_left_of_a_voucher_is_taken_back() {
    let mut account = Platform::used(60.0);
    use_voucher(&mut account);
    account.voucher = 0.0;
    account.polls(3);
    assert_eq!(account.anomalies(), ["clawback balance:USD"]);
    let told = &account.found[0];
    assert_eq!(told.observed, Some(9.0));
    assert!(told.explanation.contains("All that was left of"), "{}", told.explanation);
    // Given back, it is good news, and new.
    account.voucher = 9.0;
    account.polls(3);
    assert!(account.found.iter().any(|found| matches!(found.kind, FindingKind::Recovered { .. })));
}

/// A burst of work takes all that was left of a voucher, and a little cash: it was use, and the logs say so.
#[test]
fn what_is_left_of_a_voucher_is_used_at_once() {
    let mut account = Platform::used(60.0);
    use_voucher(&mut account);
    for _ in 0..46 {
        account.work();
    }
    let cost = std::mem::take(&mut account.unposted);
    account.poll();
    account.cash -= cost - account.voucher;
    account.voucher = 0.0;
    account.polls(40);
    assert_eq!(account.anomalies(), Vec::<String>::new());
    assert_eq!(account.found.iter().map(|found| found.explanation.clone()).collect::<Vec<_>>(), [""; 0]);
}

/// If there was a voucher before the credit, it is unknown whose rest is left: a voucher that falls has
/// expired.
#[test]
fn what_is_left_of_some_vouchers_has_ended() {
    let mut account = Platform::new(60.0);
    account.voucher = 4.0;
    account.polls(10);
    use_voucher(&mut account);
    account.voucher = 0.0;
    account.polls(3);
    assert_eq!(account.anomalies(), Vec::<String>::new());
    assert!(account.found.iter().any(|found| matches!(found.kind, FindingKind::Expiry { .. })));
}

#[test]
fn a_voucher_that_is_taken_back() {
    let mut account = Platform::used(60.0);
    account.voucher += 15.0;
    account.polls(40);
    account.voucher -= 15.0;
    account.polls(3);
    assert_eq!(account.anomalies(), ["clawback balance:USD"]);
}

#[test]
fn money_that_costs_twice_as_much() {
    let mut account = Platform::used(200.0);
    for _ in 0..8 {
        account.polls(100);
        for _ in 0..10 {
            account.work();
            account.unposted += 0.2;
            account.poll();
        }
        account.polls(60);
    }
    let found = account.anomalies();
    assert!(found.iter().any(|class| class == "accelerated balance:USD"), "{found:?}");
}

/// Requests whose logs are read twelve minutes late are compared with the readings that they belong to.
#[test]
fn a_price_that_goes_up_is_found_soon_where_logs_are_told_of_late() {
    let mut account = Account::new();
    account.digits = 2;
    let mut untold: Vec<(DateTime<Utc>, u32)> = Vec::new();
    let mut look = |account: &mut Account, requests: u32| {
        untold.push((account.now + minutes(2), requests));
        account.spend(2.0 * f64::from(requests));
        let told = account.now + minutes(5) - minutes(12);
        for (at, requests) in untold.extract_if(.., |(at, _)| *at <= told) {
            for _ in 0..requests {
                let usage = Usage { at, model: Some("kimi-code/kimi-for-coding"), tokens: FIFTH };
                account.auditor.usage(&usage, &PublicPrices);
            }
        }
        account.poll();
    };
    for day in 0..14 {
        for poll in 0..288 {
            let works = (100..112).contains(&poll) || (200..208).contains(&poll);
            look(&mut account, if works { 1 + (poll + day) % 3 } else { 0 });
        }
    }
    assert_eq!(account.anomalies(), Vec::<String>::new(), "{:?}", account.found);
    account.factor = 3.0;
    for poll in 0..112 {
        look(&mut account, u32::from((100..108).contains(&poll)));
    }
    let found = account.anomalies();
    assert!(found.iter().any(|class| class.starts_with("accelerated")), "{found:?}");
}

/// Without any logs, a pace that is a multiple of all weeks before is reported, with what is missing.
#[test]
fn a_pace_that_no_log_explains_is_told_with_little_confidence() {
    let mut account = Account::new();
    account.digits = 2;
    let days = |account: &mut Account, days: usize| {
        for day in 0..days {
            for (hour, looks) in [(8, 6), (14, 4 + day % 3)] {
                account.until(hour);
                for look in 0..looks {
                    account.spend(0.6 + 0.3 * ((day + look) % 4) as f64);
                    account.poll();
                }
            }
        }
    };
    days(&mut account, 20);
    assert_eq!(account.anomalies(), Vec::<String>::new());
    account.factor = 6.0;
    days(&mut account, 6);
    assert_eq!(account.anomalies(), ["accelerated 5h"]);
    let told = account.found.iter().find(|f| class(f).is_some()).unwrap();
    assert!(told.confidence <= 0.5, "{told:?}");
    assert!(told.explanation.contains("No log on this machine shows"), "{}", told.explanation);
}

#[test]
fn a_large_step_beside_use_is_found_within_two_looks() {
    for (points, week) in [(30.0, true), (30.0, false), (12.0, false)] {
        let mut account = Account::used();
        account.until(14);
        account.session(4);
        account.work();
        if week {
            account.week += points;
        } else {
            account.five += points;
        }
        let shown = account.now + minutes(5);
        account.poll();
        account.session(2);
        let found: Vec<_> = account.found.iter().filter(|f| class(f).is_some()).collect();
        assert_eq!(found.len(), 1, "{points} {week}: {:?}", account.anomalies());
        assert!(found[0].detected_at - shown <= minutes(10), "{points} {week}: {found:?}");
        assert_eq!(found[0].kind, FindingKind::Anomaly(crate::finding::Anomaly::Disagreement));
    }
}

#[test]
fn two_steps_one_after_the_other_are_both_found() {
    let mut account = Account::used();
    account.week += 6.0;
    account.poll();
    account.week += 31.0;
    account.polls(6);
    let lost: f64 = account.found.iter().filter(|f| class(f).is_some()).filter_map(|f| f.observed).sum();
    assert!(lost >= 31.0, "{:?}", account.anomalies());
}

#[test]
fn a_price_that_goes_up_again_is_told_again() {
    let mut account = Account::used();
    for factor in [3.0, 1.0, 3.0] {
        account.factor = factor;
        account.work_days(9);
    }
    let found = account.anomalies();
    assert_eq!(found.iter().filter(|word| word.starts_with("accelerated")).count(), 2, "{found:?}");
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn the_week_alone_that_costs_more_contradicts_the_shorter_window() {
    let mut account = Account::used();
    for _ in 0..6 {
        account.until(9);
        for _ in 0..10 {
            account.work();
            account.week += 0.6;
            account.poll();
        }
    }
    assert_eq!(account.anomalies(), ["disagreement week"]);
}

#[test]
fn a_reset_withheld_while_nobody_looked_is_told_where_all_use_is_known() {
    for (before, gap) in [(24.0, 70), (60.0, 500)] {
        let mut account = Account::used();
        account.until(10);
        account.five = before;
        account.polls(6);
        account.found.clear();
        account.now = account.five_ends - minutes(20);
        account.polls(1);
        let due = account.five_ends;
        account.now += minutes(gap);
        while account.five_ends <= account.now {
            account.five_ends += minutes(300);
        }
        let reading = account.reading();
        account.take(&reading);
        account.polls(20);
        assert_eq!(account.anomalies(), ["overdue-reset 5h"], "{before} % over {gap} minutes from {due}");
    }
}

#[test]
fn a_meter_emptied_in_the_look_of_its_reset_says_so() {
    let mut account = Account::used();
    account.until(10);
    account.session(6);
    account.now = account.five_ends - minutes(9);
    account.poll();
    account.found.clear();
    account.now += minutes(8);
    account.turn();
    account.five = 100.0;
    let reading = account.reading();
    account.take(&reading);
    let words: Vec<_> = account.found.iter().map(|f| f.kind.as_str()).collect();
    assert!(account.anomalies().contains(&"wipe-out 5h".to_owned()), "{words:?}");
    let told = account.found.iter().find(|f| class(f).is_some()).unwrap();
    assert!(told.explanation.contains("began a new cycle"), "{}", told.explanation);
}

#[test]
fn nearly_emptied_is_emptied() {
    let mut account = Account::used();
    account.week = 95.4;
    account.polls(3);
    assert_eq!(account.anomalies(), ["wipe-out week"]);
    let mut account = Platform::new(60.0);
    account.polls(30);
    account.cash = 2.4;
    account.polls(3);
    assert_eq!(account.anomalies(), ["wipe-out balance:USD"]);
}

/// Work that goes on all day has no pause in which all of it is posted.
#[test]
fn a_dearer_price_of_money_shows_within_hours_of_work_without_a_pause() {
    let mut account = Platform::new(400.0);
    for _ in 0..8 {
        account.polls(100);
        for _ in 0..90 {
            account.work();
            account.poll();
        }
        account.polls(98);
    }
    assert_eq!(account.anomalies(), Vec::<String>::new());
    account.polls(100);
    let begin = account.now;
    for _ in 0..90 {
        account.work();
        account.unposted += 0.4;
        account.poll();
    }
    let told = account.found.iter().find(|f| class(f).is_some_and(|c| c.starts_with("accelerated")));
    let told = told.expect("a price three times as high");
    assert!(told.detected_at - begin <= minutes(300), "{}", told.detected_at - begin);
}

/// The logs have all usage, and there was no poll for a day or more.
#[test]
fn a_week_emptied_in_a_long_gap_is_a_wipe_out() {
    for hours in [4, 26, 60] {
        let mut account = Account::used();
        account.week_ends = account.now + minutes(6 * 1440);
        account.poll();
        account.now += minutes(hours * 60);
        account.turn();
        account.week = 100.0;
        let reading = account.reading();
        account.take(&reading);
        assert!(account.anomalies().contains(&"wipe-out week".to_owned()), "{hours} h: {:?}", account.found);
    }
}

/// However much there is: what is worth a finding is worth one.
#[test]
fn a_step_of_a_large_balance_is_unexplained() {
    let mut account = Platform::used(1600.0);
    account.cash -= 16.0;
    account.polls(3);
    assert_eq!(account.anomalies(), ["unexplained balance:USD"]);
}

/// A reported jump does not count towards how the quotas move relative to each other.
#[test]
fn after_a_jump_honest_work_is_accused_of_nothing() {
    let mut account = Account::new();
    for day in 0..8 {
        if day == 4 {
            account.week += 55.0;
            account.polls(3);
            assert_eq!(account.anomalies().len(), 1, "{:?}", account.anomalies());
        }
        account.until(9);
        for _ in 0..12 {
            // Nothing is logged, and the week moves slowly.
            account.five += 3.0;
            account.week += 0.12;
            account.poll();
        }
    }
    assert_eq!(account.anomalies().len(), 1, "{:?}", account.anomalies());
}

/// A single reading whose figures contradict each other is no anomaly, however large its figures.
#[test]
fn what_contradicts_itself_is_looked_at_again() {
    let mut account = Account::used();
    let limits = RateLimits { tokens_per_minute: Some(10_000), ..RateLimits::default() };
    let week = account.week;
    for (jump, conflict) in [(0.0, false), (30.0, true), (0.0, false), (0.0, false)] {
        account.now += minutes(5);
        (account.week, account.conflict) = (week + jump, conflict);
        let reading = Reading { limits, ..account.reading() };
        account.take(&reading);
    }
    assert_eq!(account.anomalies(), Vec::<String>::new());
}
