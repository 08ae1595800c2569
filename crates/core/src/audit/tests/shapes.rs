//! Histories in the shapes that reach a replay from outside, as lines of JSON: no names of accounts, gaps,
//! windows that come and go, counts, deadlines that roll, figures of one window only, two accounts at once.

use serde_json::{Value, json};

use super::*;
use crate::audit::Explained;
use crate::replay::Replay;
use crate::wire::{FindingRecord, Record};

/// Lines in, findings out.
struct Tape {
    lines: Vec<(DateTime<Utc>, Value)>,
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A window as a line has it.
fn window(meter: &str, used: f64, ends: DateTime<Utc>) -> Value {
    json!({"meter": meter, "used_percent": used, "resets_at": stamp(ends)})
}

impl Tape {
    const fn new() -> Self {
        Self { lines: Vec::new() }
    }

    fn add(&mut self, when: DateTime<Utc>, mut line: Value) {
        line["at"] = json!(stamp(when));
        self.lines.push((when, line));
    }

    fn code(&mut self, when: DateTime<Utc>, plan: &str, meters: &[Value]) {
        self.add(
            when,
            json!({"type": "reading", "source": "kimi-code", "region": "china", "plan": plan, "meters": meters}),
        );
    }

    fn money(&mut self, when: DateTime<Utc>, cash: f64, voucher: f64) {
        let text = |value: f64| format!("{value:.5}");
        self.add(
            when,
            json!({"type": "reading", "source": "platform", "region": "global", "meters": [],
                "balance": {"currency": "USD", "available": text(cash.max(0.0) + voucher),
                    "voucher": text(voucher), "cash": text(cash)}}),
        );
    }

    /// One request worth a fifth of a dollar.
    fn request(&mut self, when: DateTime<Utc>) {
        self.add(
            when,
            json!({"type": "usage", "model": "kimi-k2.7-code", "input": FIFTH.input,
                "cache_read": FIFTH.cache_read, "cache_write": 0, "output": FIFTH.output}),
        );
    }

    fn found(&self) -> Vec<FindingRecord> {
        let mut replay = Replay::new();
        let mut found = Vec::new();
        for (_, line) in &self.lines {
            let line: Record = serde_json::from_str(&line.to_string()).unwrap();
            replay.take(line, &PublicPrices, |account, finding| {
                found.push(FindingRecord::new(finding, account));
            });
        }
        found
    }

    fn words(&self) -> Vec<String> {
        self.found().iter().map(word).collect()
    }
}

/// Kind, class or schedule, and series of a finding.
fn word(found: &FindingRecord) -> String {
    let schedule = found.schedule.map(|schedule| serde_json::to_value(schedule).unwrap());
    let detail = found.class.clone().or(schedule.and_then(|s| s.as_str().map(ToOwned::to_owned)));
    let of = found.meter.map(|meter| meter.to_string()).or(found.of_money.clone());
    [Some(found.kind.clone()), detail, of].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

const NONE: [&str; 0] = [];

#[test]
fn a_rolling_deadline_is_no_reset() {
    let mut tape = Tape::new();
    let mut used: f64 = 30.0;
    for step in 0..400 {
        let now = start() + minutes(step * 5);
        // The end is always five hours from now; the figure wanders with use and what rolls out.
        used += if step % 7 < 3 { 1.0 } else { -0.7 };
        tape.code(now, "Pro", &[window("5h", used.clamp(0.0, 100.0).round(), now + minutes(300))]);
    }
    assert_eq!(tape.words(), NONE);
}

#[test]
fn an_unused_window_that_moves_on_by_hours_is_no_reset() {
    let mut tape = Tape::new();
    for step in 0..600 {
        let now = start() + minutes(step * 5);
        let hour = start() + minutes(step * 5 / 60 * 60);
        tape.code(
            now,
            "Pro",
            &[window("5h", 0.0, hour + minutes(300)), window("month", 12.0, start() + minutes(30_000))],
        );
    }
    assert_eq!(tape.words(), NONE);
}

#[test]
fn zero_for_a_poll_with_every_window_is_nothing() {
    for polls in [1, 2] {
        let mut tape = Tape::new();
        let (five, week) = (start() + minutes(290), start() + minutes(9000));
        for step in 0..40 {
            let zero = (20..20 + polls).contains(&step);
            let (a, b) = if zero { (0.0, 0.0) } else { (22.0, 31.0) };
            tape.code(
                start() + minutes(step * 5),
                "Allegretto",
                &[window("5h", a, five), window("week", b, week)],
            );
        }
        assert_eq!(tape.words(), NONE, "{polls}");
    }
}

#[test]
fn an_early_reset_with_and_without_a_new_end() {
    for moved in [true, false] {
        let mut tape = Tape::new();
        let (end, new_end) = (start() + minutes(9000), start() + minutes(10_300));
        for step in 0..40 {
            let after = step >= 20;
            let used = if after { 0.0 } else { 78.5 };
            tape.code(
                start() + minutes(step * 5),
                "Pro",
                &[window("month", used, if after && moved { new_end } else { end })],
            );
        }
        let found = tape.found();
        assert_eq!(found.iter().map(word).collect::<Vec<_>>(), ["reset early month"], "{moved}");
        assert_eq!(found[0].to, start() + minutes(100));
        assert_eq!(found[0].used_before.unwrap().to_string(), "78.5");
        let detected_at = if moved { 105 } else { 130 };
        assert_eq!(found[0].detected_at, start() + minutes(detected_at));
    }
}

#[test]
fn a_reset_on_time_and_one_that_is_late() {
    for late in [0, 4] {
        let mut tape = Tape::new();
        let end = start() + minutes(1002);
        for step in 0..300 {
            let now = start() + minutes(step * 5);
            let reset = now >= end + minutes(late * 60);
            let used = if reset { 0.0 } else { 64.0 };
            let ends = if reset { end + minutes(7 * 1440) } else { end };
            tape.code(now, "Allegretto", &[window("week", used, ends)]);
        }
        let expected: &[&str] = if late == 0 {
            &["reset on-time week"]
        } else {
            &["anomaly overdue-reset week", "reset late week"]
        };
        assert_eq!(tape.words(), expected);
    }
}

#[test]
fn days_without_a_look_accuse_nobody() {
    let mut tape = Tape::new();
    let mut used = 3.0;
    for step in 0..200 {
        let mut now = start() + minutes(step * 5);
        if step >= 100 {
            now += minutes(3 * 1440);
            used = 47.0;
        }
        tape.code(now, "Pro", &[window("month", used, start() + minutes(28 * 1440))]);
    }
    assert_eq!(tape.words(), NONE);
}

#[test]
fn looks_hours_apart_accuse_nobody() {
    let mut tape = Tape::new();
    let mut week = 0.0;
    for step in 0..80_i64 {
        let now = start() + minutes(step * 120);
        let five = f64::from(u8::try_from(step % 5).unwrap()) * 9.0;
        week = if step % 84 == 0 { 0.0 } else { week + 1.0 };
        tape.code(
            now,
            "Allegretto",
            &[
                window("5h", five, now + minutes(300 - (step % 5) * 55)),
                window("week", week, start() + minutes((step / 84 + 1) * 10_080)),
            ],
        );
    }
    let words = tape.words();
    assert!(words.iter().all(|word| word.starts_with("reset")), "{words:?}");
}

#[test]
fn a_window_that_appears_and_one_that_goes() {
    let mut tape = Tape::new();
    let end = start() + minutes(20_000);
    for step in 0..60 {
        let now = start() + minutes(step * 5);
        let mut windows = vec![window("5h", 10.0, start() + minutes(295))];
        if step < 30 {
            windows.push(window("week", 80.0, end));
        } else {
            windows.push(window("month", 41.0, end));
            windows.push(window("month-code", 40.0, end));
        }
        if (40..45).contains(&step) {
            windows.remove(0);
        }
        tape.code(now, "Allegretto", &windows);
    }
    assert_eq!(tape.words(), NONE);
}

#[test]
fn another_plan_of_the_other_generation_is_one_change() {
    let mut tape = Tape::new();
    let end = start() + minutes(20_000);
    for step in 0..60 {
        let now = start() + minutes(step * 5);
        let five = window("5h", 10.0, start() + minutes(295));
        if step < 30 {
            tape.code(now, "Allegretto", &[five, window("week", 80.0, end)]);
        } else {
            tape.code(now, "Pro", &[five, window("month", 0.5, end), window("month-code", 0.5, end)]);
        }
    }
    assert_eq!(tape.words(), ["plan-change"]);
}

#[test]
fn counts_give_way_to_percent() {
    let mut tape = Tape::new();
    let end = start() + minutes(9000);
    for step in 0..60_i64 {
        let now = start() + minutes(step * 5);
        let (used, limit) = if step < 30 { (375 + step as i32, 2048) } else { (18, 100) };
        let percent = f64::from(used) * 100.0 / f64::from(limit);
        tape.code(
            now,
            "Moderato",
            &[json!({"meter": "week", "used_percent": percent, "used": used.to_string(),
                "limit": limit.to_string(), "resets_at": stamp(end)})],
        );
    }
    let found = tape.found();
    assert_eq!(found.iter().map(word).collect::<Vec<_>>(), ["limit-change week"]);
    assert_eq!((found[0].before.as_deref(), found[0].after.as_deref()), (Some("2048"), Some("100")));
}

#[test]
fn a_used_up_window_stands_while_the_week_moves_on() {
    // At its limit the 5-hour window shows nothing more; what was under way still counts for the week.
    let mut tape = Tape::new();
    let (five, week) = (start() + minutes(295), start() + minutes(9000));
    let mut spent: f64 = 0.0;
    for step in 0..55_i64 {
        spent += if step < 26 { 4.0 } else { 0.0 };
        let moved = spent / 6.0 + if step >= 26 { 0.5 } else { 0.0 };
        tape.code(
            start() + minutes(step * 5),
            "Allegretto",
            &[window("5h", spent.min(100.0), five), window("week", moved.round(), week)],
        );
    }
    assert_eq!(tape.words(), NONE);
}

#[test]
fn money_comes_and_goes() {
    let mut tape = Tape::new();
    let (mut cash, mut voucher) = (20.0, 0.0);
    let mut step = 0;
    let mut looks = |tape: &mut Tape, cash: f64, voucher: f64, count: i64| {
        for _ in 0..count {
            tape.money(start() + minutes(step * 5), cash, voucher);
            step += 1;
        }
    };
    looks(&mut tape, cash, voucher, 10);
    cash += 50.0;
    looks(&mut tape, cash, voucher, 10);
    voucher += 15.0;
    looks(&mut tape, cash, voucher, 300);
    voucher = 0.0;
    looks(&mut tape, cash, voucher, 3);
    let found = tape.found();
    let words: Vec<_> = found.iter().map(word).collect();
    assert_eq!(&words[..2], ["credit top-up balance", "credit voucher balance"]);
    assert_eq!(found[0].amount.unwrap().amount.normalize().to_string(), "50");
    assert_eq!(found[1].amount.unwrap().amount.normalize().to_string(), "15");
    // Gone a day after it was granted, at no full day: that is not how a voucher ends.
    assert_eq!(words[2..], ["anomaly clawback balance"]);
}

#[test]
fn a_voucher_that_ends_on_its_day_has_expired() {
    let mut tape = Tape::new();
    for step in 0..(8 * 288 + 20) {
        let granted = step >= 10;
        let ended = step >= 10 + 7 * 288;
        // A part of it was used, half and half with cash.
        let used = if step > 400 { 2.0 } else { 0.0 };
        let voucher = if ended || !granted { 40.0 } else { 55.0 - used };
        tape.money(start() + minutes(step * 5), 30.0 - used, voucher);
    }
    let found = tape.found();
    assert_eq!(found.iter().map(word).collect::<Vec<_>>(), ["credit voucher balance", "expiry balance"]);
    assert_eq!(found.last().unwrap().amount.unwrap().amount.normalize().to_string(), "13");
}

#[test]
fn a_debt_is_use_and_no_wipe_out() {
    let mut tape = Tape::new();
    let mut cash = 6.0;
    for step in 0..120 {
        let now = start() + minutes(step * 5);
        if step >= 20 && cash > -1.5 {
            tape.request(now - minutes(4));
            cash -= 0.2;
        }
        tape.money(now, cash, 0.0);
    }
    assert_eq!(tape.words(), NONE);
}

#[test]
fn money_taken_and_given_back() {
    let mut tape = Tape::new();
    for step in 0..400 {
        let now = start() + minutes(step * 5);
        if (10..200).contains(&step) && step % 20 < 8 {
            tape.request(now - minutes(4));
        }
        let spent =
            f64::from((0..=step).filter(|s| (10..200).contains(s) && s % 20 < 8).count() as u32) * 0.2;
        let wrong = if (250..320).contains(&step) { 9.0 } else { 0.0 };
        tape.money(now, 90.0 - spent - wrong, 0.0);
    }
    let found = tape.found();
    let words: Vec<_> = found.iter().map(word).collect();
    assert_eq!(words[0], "anomaly unexplained balance");
    assert!(words.contains(&"credit refund balance".to_owned()), "{words:?}");
    let recovered = found.iter().find(|f| f.kind == "recovered").unwrap();
    assert_eq!(recovered.of, Some(found[0].detected_at));
    assert_eq!(words.len(), 3, "{words:?}");
}

/// What the owner pays in gives nothing back, unless it is to the cent what was lost.
#[test]
fn paying_in_anew_is_no_recovery() {
    for (paid, recovered) in [(8.0, false), (12.0, false), (9.0, true)] {
        let mut tape = Tape::new();
        for step in 0..1100 {
            let now = start() + minutes(step * 5);
            if (10..200).contains(&step) && step % 20 < 8 {
                tape.request(now - minutes(4));
            }
            let spent =
                f64::from((0..=step).filter(|s| (10..200).contains(s) && s % 20 < 8).count() as u32) * 0.2;
            let wrong = if step >= 250 { 9.0 } else { 0.0 };
            // So late that it is no refund of itself.
            let back = if step >= 1000 { paid } else { 0.0 };
            tape.money(now, 90.0 - spent - wrong + back, 0.0);
        }
        let words = tape.words();
        assert_eq!(words[0], "anomaly unexplained balance");
        assert!(words.contains(&"credit top-up balance".to_owned()), "{words:?}");
        assert_eq!(words.iter().any(|word| word.starts_with("recovered")), recovered, "{paid}: {words:?}");
    }
}

/// The end moves on in a gap, the figure stays: a reset that did not come, reported once and as nothing else.
#[test]
fn a_reset_that_is_withheld_takes_nothing() {
    for (used, gap) in [(24.0, 20), (55.0, 35), (80.0, 5)] {
        let mut tape = Tape::new();
        let due = start() + minutes(9_000);
        let mut now = start();
        while now < due + minutes(600) {
            let end = if now < due { due } else { due + minutes(10_080) };
            tape.code(now, "Allegretto", &[window("week", used, end)]);
            now += if now < due && now + minutes(5) >= due { minutes(gap) } else { minutes(5) };
        }
        assert_eq!(tape.words(), ["anomaly overdue-reset week"], "{used} {gap}");
    }
}

#[test]
fn readings_without_a_name_belong_to_the_account_of_the_use() {
    let mut tape = Tape::new();
    for step in 0..120 {
        let now = start() + minutes(step * 5);
        if step % 20 > 12 {
            tape.request(now - minutes(4));
        }
        let spent = f64::from((0..=step).filter(|s| s % 20 > 12).count() as u32) * 0.2;
        tape.money(now, 90.0 - spent, 0.0);
    }
    for (_, line) in &mut tape.lines {
        if line["type"] == "usage" {
            line["account"] = json!("work");
        }
    }
    let mut replay = Replay::new();
    for (_, line) in &tape.lines {
        replay.take(serde_json::from_value::<Record>(line.clone()).unwrap(), &PublicPrices, |_, _| {});
    }
    assert_eq!(replay.auditors().map(|(name, _)| name).collect::<Vec<_>>(), [None]);
}

#[test]
fn two_accounts_do_not_mix() {
    let mut tape = Tape::new();
    let end = start() + minutes(9000);
    for step in 0..40 {
        let now = start() + minutes(step * 5);
        for (name, used) in [("one", 12.0), ("two", if step < 20 { 90.0 } else { 0.0 })] {
            tape.code(now, "Pro", &[window("month", used, end)]);
            tape.lines.last_mut().unwrap().1["account"] = json!(name);
        }
    }
    let found = tape.found();
    assert_eq!(found.iter().map(word).collect::<Vec<_>>(), ["reset early month"]);
    assert_eq!(found[0].account.as_deref(), Some("two"));
}

#[test]
fn a_line_told_twice_or_late_changes_nothing() {
    let mut tape = Tape::new();
    let end = start() + minutes(9000);
    for step in 0..60 {
        let used = 10.0 + f64::from(step / 4);
        let now = start() + minutes(i64::from(step) * 5);
        tape.code(now, "Pro", &[window("month", used, end)]);
    }
    let once = tape.words();
    let mut twice = Tape { lines: tape.lines.iter().flat_map(|line| [line.clone(), line.clone()]).collect() };
    assert_eq!(twice.words(), once);
    // One that comes after later ones is left out.
    let old = twice.lines[10].clone();
    twice.lines.insert(60, old);
    assert_eq!(twice.words(), once);
}

#[test]
fn a_month_alone_is_emptied() {
    let mut tape = Tape::new();
    let end = start() + minutes(20_000);
    for step in 0..60 {
        tape.code(
            start() + minutes(step * 5),
            "Pro",
            &[window("month", if step < 30 { 24.0 } else { 100.0 }, end)],
        );
    }
    let found = tape.found();
    assert_eq!(found.iter().map(word).collect::<Vec<_>>(), ["anomaly wipe-out month"]);
    assert_eq!(found[0].detected_at, start() + minutes(150));
    assert_eq!(found[0].observed, Some(76.0));
}

#[test]
fn a_cycle_across_the_change_of_clocks_is_on_time() {
    // A week across the end of summer time; the service counts in universal time.
    let begin = at("2026-10-22T08:00:00Z");
    let end = at("2026-10-29T08:00:00Z");
    let mut tape = Tape::new();
    for step in 0..(8 * 96) {
        let now = begin + minutes(step * 15);
        let (used, ends) = if now < end { ((step / 12) as f64, end) } else { (0.0, end + minutes(10_080)) };
        tape.code(now, "Allegretto", &[window("week", used, ends)]);
    }
    assert_eq!(tape.words(), ["reset on-time week"]);
}

#[test]
fn two_figures_in_conflict_for_long() {
    let mut tape = Tape::new();
    for step in 0..60 {
        let mut five = window("5h", 40.0, start() + minutes(295));
        five["conflict"] = json!(step >= 20);
        tape.code(start() + minutes(step * 4), "Pro", &[five]);
    }
    assert_eq!(tape.words(), ["anomaly disagreement 5h"]);
}

#[test]
fn a_short_window_used_again_within_the_hour_was_reset_all_the_same() {
    let mut tape = Tape::new();
    let cycle = |n: i64| start() + minutes(300 * (n + 1));
    for hour in 0..60 {
        // Polls an hour apart. Each cycle is used evenly up to 60 %, so that the first reading after a reset
        // that fell between two polls has a figure like any other.
        let now = start() + minutes(hour * 60 + 40);
        let into = (now - start()).num_minutes() % 300;
        let used = if into < 60 { 44.0 } else { 44.0 + into as f64 / 300.0 };
        tape.code(now, "Pro", &[window("5h", used.round(), cycle((now - start()).num_minutes() / 300))]);
    }
    let words = tape.words();
    assert!(words.iter().all(|word| word == "reset on-time 5h"), "{words:?}");
    assert!(words.len() >= 10, "{words:?}");
}

/// What befalls the Code share befalls the month, and the 5-hour window speaks for both.
#[test]
fn a_month_emptied_with_its_code_share_is_as_sure_as_the_share() {
    let mut tape = Tape::new();
    let mut five: f64 = 0.0;
    let mut month: f64 = 10.0;
    for step in 0..(12 * 288) {
        let now = start() + minutes(step * 5);
        let ends = start() + minutes((step * 5 / 300 + 1) * 300);
        if step * 5 % 300 == 0 {
            five = 0.0;
        }
        if (96..120).contains(&(step % 288)) {
            tape.request(now - minutes(2));
            five += 2.0;
            month += 0.1;
        }
        let wiped = step >= 12 * 288 - 40;
        let used = if wiped { 100.0 } else { (month * 100.0).round() / 100.0 };
        let end = start() + minutes(40_000);
        let meters = [window("5h", five, ends), window("month", used, end), window("month-code", used, end)];
        tape.code(now, "Pro", &meters);
    }
    let found: Vec<_> = tape.found().into_iter().filter(|found| found.kind == "anomaly").collect();
    assert_eq!(found.iter().map(word).collect::<Vec<_>>(), ["anomaly wipe-out month"]);
    assert!(found[0].confidence >= 0.9, "{:?}", found[0]);
    assert!(found[0].explanation.contains("5-hour quota did not change"), "{}", found[0].explanation);
}

/// The service may say a plan's name in another way.
#[test]
fn a_plan_that_is_spelt_otherwise_is_the_same() {
    let mut tape = Tape::new();
    for step in 0..40 {
        let now = start() + minutes(step * 5);
        let (plan, used) = if step < 20 { ("Pro", 24.0) } else { ("PRO", 100.0) };
        tape.code(now, plan, &[window("week", used, start() + minutes(5 * 1440))]);
    }
    assert_eq!(tape.words(), ["anomaly wipe-out week"]);
}

/// The month begins full, and so does its Code share: that is one thing.
#[test]
fn a_month_that_begins_full_is_told_once() {
    let mut tape = Tape::new();
    let turn = start() + minutes(2000);
    for step in 0..500 {
        let now = start() + minutes(step * 5);
        let end = if now < turn { turn } else { turn + minutes(30 * 1440) };
        let five = start() + minutes((step * 5 / 300 + 1) * 300);
        let meters = [window("5h", 0.0, five), window("month", 48.0, end), window("month-code", 46.0, end)];
        tape.code(now, "Pro", &meters);
    }
    assert_eq!(tape.words(), ["anomaly overdue-reset month"]);
}

/// The weekly quota is missing for half a day, in which the 5-hour quota was used and reset.
#[test]
fn a_window_that_was_not_told_for_hours_accuses_nobody() {
    let mut tape = Tape::new();
    let (mut five, mut week): (f64, f64) = (0.0, 2.0);
    for step in 0..(6 * 288) {
        let now = start() + minutes(step * 5);
        let turn = start() + minutes((step * 5 / 300 + 1) * 300);
        if step % 60 == 0 {
            five = 0.0;
        }
        if step % 60 > 30 && step % 60 < 50 {
            five += 2.0;
            week += 0.2;
        }
        let mut windows = vec![window("5h", five, turn)];
        if !(4 * 288 + 5..4 * 288 + 178).contains(&step) {
            windows.push(window("week", week.round(), start() + minutes(7 * 1440)));
        }
        tape.code(now, "Allegretto", &windows);
    }
    let anomalies: Vec<_> = tape.words().into_iter().filter(|word| word.contains("anomaly")).collect();
    assert_eq!(anomalies, NONE);
}

/// The week begins full, and hours later it is set to nothing: what was withheld has been given back.
#[test]
fn a_reset_that_did_not_come_is_given_back() {
    let mut tape = Tape::new();
    let turn = start() + minutes(2000);
    for step in 0..500 {
        let now = start() + minutes(step * 5);
        let end = if now < turn { turn } else { turn + minutes(7 * 1440) };
        let used = if step < 450 { 48.0 } else { 0.0 };
        tape.code(now, "Pro", &[window("week", used, end)]);
    }
    let found = tape.found();
    let words: Vec<_> = found.iter().map(word).collect();
    assert_eq!(words, ["anomaly overdue-reset week", "reset early week", "recovered week"]);
    assert_eq!(found[2].of, Some(found[0].detected_at));
}

/// Without a log, neither a price nor rounding is an explanation, however small or slow the deductions are.
#[test]
fn nothing_is_explained_where_no_log_shows_usage() {
    let mut verdicts = Vec::new();
    let mut quota = Account::new();
    for step in [0.0, 1.0, 0.4, 1.0, 3.0, 1.0, 0.6, 12.0, 1.0, 40.0] {
        quota.now += minutes(5);
        quota.spend(step);
        let reading = quota.reading();
        verdicts.extend(quota.auditor.reading(&reading, &PublicPrices).verdicts);
    }
    let mut platform = Platform::new(20.0);
    for step in [0, 1, 3, 1, 250, 1, 2, 40] {
        platform.now += minutes(5);
        platform.cash -= f64::from(step) / 1000.0;
        let money = Decimal::from_f64_retain(platform.cash).map(|value| value.round_dp(5));
        let reading = Reading {
            balance: Some(Balance {
                currency: Currency::USD,
                available: money,
                voucher: Some(Decimal::ZERO),
                cash: money,
            }),
            ..Reading::new(platform.now, Source::Platform, Region::Global)
        };
        verdicts.extend(platform.auditor.reading(&reading, &PublicPrices).verdicts);
    }
    assert!(verdicts.len() > 15, "{verdicts:?}");
    for verdict in verdicts {
        assert_eq!((verdict.word, verdict.explained), (Explained::CannotTell, None), "{verdict:?}");
    }
}
