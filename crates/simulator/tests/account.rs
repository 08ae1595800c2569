//! Lives repeat, add up, and keep the rules of windows.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

mod common;

use chrono::{DateTime, TimeDelta, Utc};
use common::{hours, utc};
use proptest::prelude::*;
use rust_decimal::Decimal;
use tidemark_core::{Currency, Meter, Region, Series};
use tidemark_simulator::{
    AccountSpec, Event, Generation, LogWriter, Plan, ReachedBy, SeriesKey, TopUpHabit, Truth, demo_accounts,
    history,
};

fn since() -> DateTime<Utc> {
    utc("2026-08-03T05:41:17.250913Z")
}

fn code(plan: Plan, generation: Generation, seed: u64) -> AccountSpec {
    AccountSpec::kimi_code("code", Region::China, plan, since()).with_generation(generation).with_seed(seed)
}

fn platform(region: Region, seed: u64) -> AccountSpec {
    let mut spec = AccountSpec::platform("platform", region, 90.into(), 15.into(), since()).with_seed(seed);
    spec.balance.top_up = Some(TopUpHabit { below: 10.into(), amount: 100.into() });
    spec
}

/// The sum over all hours of what a series did, from its value at the beginning.
fn expected(truth: &Truth, series: Series) -> Decimal {
    let moved = truth.moved_ever(series);
    let start = truth.start[&SeriesKey(series)];
    match series {
        Series::Meter(_) => start + moved.deducted - moved.returned,
        _ => start - moved.deducted + moved.returned,
    }
}

#[test]
fn a_life_repeats_from_its_seed_however_often_one_looks() {
    let to = since() + TimeDelta::days(16);
    let spec = code(Plan::Allegretto, Generation::D, 4);
    let every_five: Vec<_> = history(&spec, 9, since(), to, TimeDelta::minutes(5)).collect();
    let again: Vec<_> = history(&spec, 9, since(), to, TimeDelta::minutes(5)).collect();
    assert_eq!(every_five, again);
    let hourly: Vec<_> = history(&spec, 9, since(), to, hours(1)).collect();
    let thinned: Vec<_> = every_five.iter().step_by(12).cloned().collect();
    assert_eq!(hourly, thinned);
    let other: Vec<_> = history(&spec, 10, since(), to, hours(1)).collect();
    assert_ne!(hourly, other);
}

#[test]
fn what_truth_sums_up_is_what_the_meters_moved() {
    let to = since() + TimeDelta::days(45);
    for spec in [
        code(Plan::Allegretto, Generation::D, 1),
        code(Plan::Moderato, Generation::A, 2),
        code(Plan::Pro, Generation::D, 3).with_wallet(common::wallet(true)),
        platform(Region::China, 4),
        platform(Region::Global, 5)
            .then(
                since() + TimeDelta::days(9),
                Event::Voucher { amount: 8.into(), ends_after_seconds: Some(86_400) },
            )
            .then(since() + TimeDelta::days(20), Event::Accelerate { factor: 3.0 })
            .then(since() + TimeDelta::days(22), Event::Accelerate { factor: 1.0 }),
    ] {
        let mut past = history(&spec, 0, since(), to, hours(31));
        while past.next_poll().is_some() {
            let truth = past.truth();
            for SeriesKey(series) in truth.start.keys() {
                assert_eq!(Some(expected(&truth, *series)), past.life().value(*series), "{series}");
            }
        }
        let truth = past.truth();
        assert!(truth.hours.iter().map(|hour| hour.requests).sum::<u64>() > 1000, "{}", spec.name);
    }
}

#[test]
fn acceleration_shows_in_what_is_deducted_and_not_in_what_is_earned() {
    let factor = |at: i64| since() + TimeDelta::days(at);
    let spec = platform(Region::Global, 5).then(factor(10), Event::Accelerate { factor: 2.5 });
    let mut past = history(&spec, 0, since(), factor(30), hours(6));
    while past.next_poll().is_some() {}
    let series = Series::Balance(Currency::USD);
    let before = past.truth().moved(series, factor(0), factor(10));
    let after = past.truth().moved(series, factor(11), factor(30));
    assert_eq!(before.deducted, before.earned);
    let ratio = after.deducted / after.earned;
    assert!((ratio - "2.5".parse::<Decimal>().unwrap()).abs() < "0.001".parse().unwrap(), "{ratio}");
}

#[test]
fn events_befall_the_series_they_name() {
    let at = since() + TimeDelta::days(1);
    let idle = |plan| {
        code(plan, Generation::D, 0)
            .with_habits(tidemark_simulator::Habits::idle())
            .then(at, Event::Spend { meter: Some(Meter::Week), points: 15.into() })
    };
    let value = |spec: AccountSpec, meter| {
        let mut past = history(&spec, 0, since(), at + TimeDelta::minutes(9), TimeDelta::minutes(4));
        while past.next_poll().is_some() {}
        past.life().value(Series::Meter(meter)).unwrap()
    };
    let later = at + TimeDelta::minutes(2);
    let week = Some(Meter::Week);
    let plan = Plan::Allegretto;
    assert_eq!(value(idle(plan), Meter::Week), 15.into());
    assert_eq!(value(idle(plan), Meter::FiveHour), 75.into());
    for (event, left) in [
        (Event::WrongDeduction { meter: week, points: 7.into(), amount: Decimal::ZERO }, 22),
        (Event::WipeOut { meter: week }, 100),
        (Event::EarlyReset { meter: week, move_end: false }, 0),
        (Event::GiveBack { meter: Meter::Week, points: 4.into() }, 11),
        (Event::SpendUpTo { meter: Meter::Week, points: 18.into() }, 18),
        (Event::SpendUpTo { meter: Meter::Week, points: 3.into() }, 15),
    ] {
        assert_eq!(value(idle(plan).then(later, event.clone()), Meter::Week), left.into(), "{event:?}");
    }
    let reset_then_taken_back = idle(plan)
        .then(later, Event::EarlyReset { meter: week, move_end: true })
        .then(later + TimeDelta::minutes(1), Event::Clawback { meter: week });
    assert_eq!(value(reset_then_taken_back, Meter::Week), 15.into());
}

#[test]
fn a_plan_change_swaps_week_for_month_and_keeps_the_five_hours() {
    let at = since() + TimeDelta::days(1);
    let spec = code(Plan::Allegretto, Generation::D, 0)
        .with_habits(tidemark_simulator::Habits::idle())
        .then(at, Event::Spend { meter: Some(Meter::FiveHour), points: 40.into() })
        .then(at + TimeDelta::minutes(1), Event::ChangePlan { plan: Plan::Pro });
    let readings: Vec<_> =
        history(&spec, 0, at, at + TimeDelta::minutes(4), TimeDelta::minutes(2)).map(|(r, _)| r).collect();
    let meters = |n: usize| readings[n].meters.iter().map(|m| m.meter).collect::<Vec<_>>();
    assert_eq!(meters(0), [Meter::FiveHour, Meter::Week]);
    assert_eq!(meters(1), [Meter::FiveHour, Meter::Month, Meter::MonthCode]);
    assert_eq!(readings[1].meter(Meter::FiveHour).unwrap().used_percent, 40.into());
    assert_eq!(readings[1].plan.as_deref(), Some("Pro"));
}

#[test]
fn demo_accounts_look_lived_in_whenever_one_looks() {
    for now in
        ["2026-11-22T01:30:00Z", "2026-11-24T09:10:00Z", "2026-12-03T15:45:00Z", "2027-02-19T22:05:00Z"]
    {
        let now = utc(now);
        let last = |name: &str| {
            let spec = demo_accounts(now).into_iter().find(|spec| spec.name == name).unwrap();
            history(&spec, 1, now - TimeDelta::hours(1), now, TimeDelta::minutes(5)).last()
        };
        let (old_plan, _) = last("Old plan").unwrap();
        let week = old_plan.meter(Meter::Week).unwrap().used_percent;
        assert!(week >= 78.into() && week < 98.into(), "{now} {week}");
        let (work, _) = last("Work").unwrap();
        assert!(work.wallet.unwrap().balance.unwrap().amount > 10.into(), "{now} {work:?}");
        assert!(work.meter(Meter::FiveHour).unwrap().used_percent >= 20.into(), "{now}");
        assert!(work.meter(Meter::Month).unwrap().used_percent < 98.into(), "{now}");
        let (china, _) = last("API china").unwrap();
        assert!(china.balance.unwrap().cash.unwrap() < Decimal::ZERO, "{now} {china:?}");
        let (global, _) = last("API global").unwrap();
        let balance = global.balance.unwrap();
        assert!(balance.available.unwrap() > 5.into(), "{now} {balance:?}");
        assert!(last("Retired key").is_none(), "its key was revoked two days ago");
    }
}

#[test]
fn session_logs_add_up_to_the_true_tokens() {
    let spec = code(Plan::Allegro, Generation::D, 6);
    let dir = tempfile::tempdir().unwrap();
    let to = since() + TimeDelta::days(12);
    let mut past = history(&spec, 0, since(), to, TimeDelta::minutes(30));
    past.keep_logged();
    let mut writer = LogWriter::new(dir.path());
    while past.next_poll().is_some() {
        writer.append(&spec, &past.take_logged()).unwrap();
    }
    let mut records = 0;
    let mut output = 0;
    let mut scopes = std::collections::BTreeSet::new();
    for line in logged(dir.path()).iter().filter(|line| line["type"] == "usage.record") {
        records += 1;
        output += line["usage"]["output"].as_u64().unwrap();
        scopes.insert(line["usageScope"].as_str().unwrap().to_owned());
    }
    let truth = past.truth();
    assert_eq!(records, truth.hours.iter().map(|hour| hour.logged_requests).sum::<u64>());
    assert_eq!(output, truth.hours.iter().map(|hour| hour.logged_tokens.output).sum::<u64>());
    assert_eq!(scopes.into_iter().collect::<Vec<_>>(), ["session", "turn"]);
    assert!(truth.hours.iter().any(|hour| hour.logged_requests < hour.requests), "two machines");
}

/// The configuration beside the logs names a provider for every model that stands in them.
#[test]
fn the_logs_of_an_account_name_models_of_its_provider() {
    let to = since() + TimeDelta::days(8);
    let keyed = code(Plan::Pro, Generation::D, 1).reached_by(ReachedBy::Key);
    let signed_in = AccountSpec::kimi_code("Second one", Region::China, Plan::Allegro, since())
        .reached_by(ReachedBy::Login);
    let dir = tempfile::tempdir().unwrap();
    let writer = LogWriter::new(dir.path());
    writer.configure(&[keyed.clone(), signed_in.clone()]).unwrap();
    let text = std::fs::read_to_string(dir.path().join(".kimi-code/config.toml")).unwrap();
    assert_eq!(text.matches("api_key").count(), 1);
    assert!(text.contains(&keyed.key) && !text.contains(&signed_in.key), "{text}");
    for (spec, provider) in [(&keyed, "code"), (&signed_in, "managed:kimi-code")] {
        assert!(text.contains(&format!("[providers.\"{provider}\"]")), "{text}");
        let mut past = history(spec, 0, since(), to, TimeDelta::minutes(30));
        past.keep_logged();
        while past.next_poll().is_some() {}
        let home = dir.path().join(provider);
        LogWriter::new(&home).append(spec, &past.take_logged()).unwrap();
        let mut aliases = std::collections::BTreeSet::new();
        for line in logged(&home).iter().filter(|line| line["type"] == "usage.record") {
            aliases.insert(line["model"].as_str().unwrap().to_owned());
        }
        assert!(aliases.len() > 1, "{aliases:?}");
        for alias in aliases {
            let entry = format!("[models.\"{alias}\"]\nprovider = \"{provider}\"\n");
            assert!(text.contains(&entry), "{entry} in {text}");
        }
    }
}

/// The lines of all logs below a folder.
fn logged(folder: &std::path::Path) -> Vec<serde_json::Value> {
    let mut lines = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("wire.jsonl") {
                let text = std::fs::read_to_string(path).unwrap();
                lines.extend(
                    text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()),
                );
            }
        }
    }
    lines
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    /// Percent never falls but by a reset, and a 5-hour window lasts five hours at most, on whole hours of
    /// the subscription's own clock.
    #[test]
    fn windows_keep_their_rules(seed in 0_u64..10_000, new_plan: bool, offset in 0_i64..86_400) {
        let plan = if new_plan { Plan::Pro } else { Plan::Allegretto };
        let begin = since() + TimeDelta::seconds(offset);
        let spec = AccountSpec::kimi_code("any", Region::China, plan, begin).with_seed(seed);
        let mut past = history(&spec, 0, begin, begin + TimeDelta::days(16), TimeDelta::minutes(5));
        let mut before: Option<tidemark_core::Reading> = None;
        for (reading, _) in past.by_ref() {
            for meter in &reading.meters {
                prop_assert!(meter.used_percent >= Decimal::ZERO && meter.used_percent <= 100.into());
                let end = meter.resets_at.unwrap();
                prop_assert!(end > reading.at - TimeDelta::seconds(2));
                if meter.meter == Meter::FiveHour {
                    prop_assert!(end - reading.at <= hours(5));
                    prop_assert_eq!((end - begin).num_microseconds().unwrap() % 3_600_000_000, 0);
                }
                let Some(last) = before.as_ref().and_then(|reading| reading.meter(meter.meter)) else {
                    continue;
                };
                if meter.used_percent < last.used_percent {
                    prop_assert!(last.resets_at.unwrap() <= reading.at, "{:?} {:?}", last, meter);
                }
            }
            before = Some(reading);
        }
        let truth = past.truth();
        for SeriesKey(series) in truth.start.keys() {
            prop_assert_eq!(Some(expected(&truth, *series)), past.life().value(*series));
        }
    }
}
