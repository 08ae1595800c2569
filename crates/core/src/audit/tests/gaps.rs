//! What is emptied while no one polls, for hours: it is said at the first reading after that, unless as much was
//! spent in as many hours before.

use super::*;

const GAPS: [i64; 4] = [2, 5, 10, 20];

/// What is spent from eight o'clock on, over as many hours as the gap will have.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Habit {
    Nothing,
    Little,
    Much,
}

/// The anomalies of an account with nothing but one quota, or a balance: five days of a habit, a new cycle or a
/// top-up on each morning; then it is empty after a gap.
fn alone(series: &str, habit: Habit, gap: i64, logged: bool) -> Vec<String> {
    let share = match habit {
        Habit::Nothing => 0.0,
        Habit::Little => 0.08,
        Habit::Much => 0.85,
    };
    let mut auditor = Tracked::default();
    let mut found = Vec::new();
    let all = if series == "balance" { 20.0 } else { 100.0 };
    let mut left = all;
    let begin = start() + minutes(5 * 1440 + 8 * 60);
    let end = begin + minutes(gap * 60);
    for step in 0..(6 * 144 + 144) {
        let now = start() + minutes(step * 10);
        let of_day = (now - start()).num_minutes() % 1440;
        if of_day == 7 * 60 && now < end {
            left = all;
        }
        let worked = (8 * 60..8 * 60 + gap * 60).contains(&of_day) || of_day + 1440 < 8 * 60 + gap * 60;
        if worked && now < begin {
            left -= share * all / (gap as f64 * 6.0);
            // A dollar takes a twentieth of either.
            let tokens = (share * 20.0 / (gap as f64 * 6.0) / 0.95 * 1e6) as u64;
            if logged && tokens > 0 {
                let tokens = Tokens { input: tokens, ..Tokens::default() };
                let usage = Usage { at: now - minutes(4), model: Some("kimi-k2.7-code"), tokens };
                auditor.usage(&usage, &PublicPrices);
            }
        }
        if (begin..end).contains(&now) {
            continue;
        }
        if now >= end {
            // So large a loss of a balance is confirmed by the next reading first.
            left = if series == "balance" { 0.1 } else { 0.0 };
        }
        let exact = |value: f64| Decimal::from_f64_retain(value).unwrap().round_dp(2);
        let reading = if series == "balance" {
            let money = Some(exact(left));
            let balance = Balance {
                currency: Currency::USD,
                available: money,
                voucher: Some(Decimal::ZERO),
                cash: money,
            };
            Reading { balance: Some(balance), ..Reading::new(now, Source::Platform, Region::Global) }
        } else {
            // The cycle ends at seven o'clock, but for the last one.
            let ends = start() + minutes(((now - start()).num_minutes() + 17 * 60) / 1440 * 1440 + 7 * 60);
            let ends = if now >= begin - minutes(60) { begin + minutes(3000) } else { ends };
            let meter = MeterReading {
                meter: if series == "week" { Meter::Week } else { Meter::Month },
                used_percent: exact(100.0 - left),
                used: None,
                limit: None,
                resets_at: Some(ends),
                conflict: false,
            };
            Reading {
                plan: Some("Pro".to_owned()),
                meters: vec![meter],
                ..Reading::new(now, Source::KimiCode, Region::China)
            }
        };
        for finding in auditor.reading(&reading, &PublicPrices).findings {
            if let Some(class) = class(&finding) {
                let late = (finding.detected_at - end).num_minutes();
                found.push(if late == 0 { class } else { format!("{class} {late} minutes late") });
            }
        }
    }
    found
}

#[test]
fn what_is_emptied_in_a_gap_is_said_at_once_unless_as_much_was_spent_before() {
    for series in ["week", "month", "balance"] {
        for gap in GAPS {
            for habit in [Habit::Nothing, Habit::Little, Habit::Much] {
                let told = alone(series, habit, gap, false);
                let name = if series == "balance" { "balance:USD 10 minutes late" } else { series };
                let expected =
                    if habit == Habit::Much { Vec::new() } else { vec![format!("wipe-out {name}")] };
                assert_eq!(told, expected, "{series}, gap of {gap} hours, {habit:?}");
            }
        }
    }
}

/// Logs that hold all usage have none of that time, whatever was spent before.
#[test]
fn logs_that_cover_the_gap_excuse_nothing() {
    for gap in GAPS {
        for habit in [Habit::Little, Habit::Much] {
            assert_eq!(alone("week", habit, gap, true), ["wipe-out week"], "gap of {gap} hours, {habit:?}");
        }
    }
}

/// With twelve days of work that no log shows.
fn unlogged(points: f64) -> Account {
    let mut account = Account::new();
    for _ in 0..12 {
        account.until(9);
        for _ in 0..10 {
            account.spend(points);
            account.poll();
        }
    }
    account.until(22);
    account.week_ends = account.now + minutes(6 * 1440);
    account.poll();
    assert_eq!(account.anomalies(), Vec::<String>::new());
    account.found.clear();
    account
}

/// Where the other quota was not seen to move as usage moves it, the emptied one is said alone; the 5-hour quota may
/// have begun again meanwhile.
#[test]
fn one_of_two_quotas_emptied_in_a_gap_is_a_wipe_out() {
    for logged in [true, false] {
        for gap in GAPS {
            for week in [true, false] {
                let mut account = if logged { Account::used() } else { unlogged(3.0) };
                account.week_ends = account.now + minutes(6 * 1440);
                account.poll();
                account.now += minutes(gap * 60);
                account.turn();
                if week {
                    account.week = 100.0;
                } else {
                    account.five = 100.0;
                }
                let reading = account.reading();
                account.take(&reading);
                let name = if week { "wipe-out week" } else { "wipe-out 5h" };
                assert_eq!(account.anomalies(), [name], "logged {logged}, gap of {gap} hours");
            }
        }
    }
}

/// Both moved as usage moves them: another machine worked in that time.
#[test]
fn a_five_hour_quota_that_fills_in_a_gap_with_its_week_accuses_nobody() {
    for gap in GAPS {
        for points in [3.0, 8.0] {
            let mut account = unlogged(points);
            account.week = 20.0;
            account.polls(4);
            account.found.clear();
            account.now += minutes(gap * 60);
            account.turn();
            let before = account.five;
            account.spend(100.0 - before);
            account.polls(4);
            assert_eq!(
                account.anomalies(),
                Vec::<String>::new(),
                "gap of {gap} hours, {points} points a poll"
            );
        }
    }
}
