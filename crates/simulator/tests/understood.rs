//! The readings of a history are what the program's own parser makes of the bodies.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod common;

use chrono::TimeDelta;
use common::utc;
use tidemark_core::Region;
use tidemark_core::Source;
use tidemark_core::reading::Reading;
use tidemark_kimi::parse;
use tidemark_simulator::{AccountSpec, Event, Generation, Habits, Plan, history};

fn check(spec: &AccountSpec) {
    let begin = spec.begins();
    let mut seen = 0;
    for (reading, body) in history(spec, 3, begin, begin + TimeDelta::days(34), TimeDelta::minutes(67)) {
        let parsed: Reading = match spec.source {
            Source::KimiCode => parse::usages(body.as_bytes(), spec.region, reading.at),
            Source::Platform => parse::balance(body.as_bytes(), spec.region, reading.at),
        }
        .unwrap();
        assert_eq!(parsed.at, reading.at);
        assert_eq!(parsed.meters, reading.meters, "{body}");
        assert_eq!(parsed.wallet, reading.wallet, "{body}");
        assert_eq!(parsed.balance, reading.balance, "{body}");
        assert_eq!(parsed.not_understood, reading.not_understood, "{body}");
        seen += 1;
    }
    assert!(seen > 700);
}

fn code(plan: Plan, generation: Generation) -> AccountSpec {
    let at = |day: i64| utc("2026-08-03T05:41:17.250913Z") + TimeDelta::days(day);
    AccountSpec::kimi_code("code", Region::China, plan, at(0))
        .with_generation(generation)
        .with_habits(Habits { sessions: 3.0, ..Habits::default() })
        .then(at(9), Event::ZeroedCounters { polls: 2 })
        .then(at(15), Event::LyingRatio { polls: 8 })
}

#[test]
fn every_generation_is_read_as_it_was_meant() {
    check(&code(Plan::Moderato, Generation::A));
    check(&code(Plan::Allegretto, Generation::B));
    check(&code(Plan::Allegretto, Generation::C).with_wallet(common::wallet(true)));
    check(&code(Plan::Allegretto, Generation::C).with_wallet(common::wallet(false)));
    check(&code(Plan::Allegretto, Generation::D));
    check(&code(Plan::Pro, Generation::D).with_wallet(common::wallet(true)));
    check(&code(Plan::Pro, Generation::E));
}

#[test]
fn balances_are_read_as_they_were_meant() {
    for region in [Region::China, Region::Global] {
        let since = utc("2026-08-03T05:41:17.250913Z");
        check(&AccountSpec::platform("api", region, 70.into(), 15.into(), since));
    }
}

#[test]
fn an_unreadable_field_is_named_and_the_rest_is_read() {
    let since = utc("2026-08-03T05:41:17.250913Z");
    for field in ["usage.resetTime", "limits[0].detail.resetTime", "usages.limit_5h.used_ratio"] {
        let at = since + TimeDelta::days(4);
        let spec = code(Plan::Allegretto, Generation::D);
        check(&spec.then(at, Event::Unreadable { field: field.to_owned(), polls: 3 }));
    }
    for field in ["data.cash_balance", "data.voucher_balance"] {
        let spec = AccountSpec::platform("api", Region::Global, 70.into(), 15.into(), since);
        check(
            &spec.then(since + TimeDelta::days(4), Event::Unreadable { field: field.to_owned(), polls: 3 }),
        );
    }
}
