//! The shape of a stored state, held against one that was recorded by this version of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::*;
use crate::audit::{Price, TokenRates};
use crate::money::{Currency, Money};
use crate::reading::{Balance, RateLimits, UserIds, Wallet};
use crate::tokens::Tokens;
use crate::wire::IncidentState;

struct OnePrice;

impl Prices for OnePrice {
    fn price(&self, _: Option<&str>, at: DateTime<Utc>) -> Option<Price> {
        Some(self.dearest(at))
    }

    fn dearest(&self, _: DateTime<Utc>) -> Price {
        let rates =
            TokenRates { cache_read: 0.2, input: 1.0, cache_write: 1.0, cache_write_1h: 2.0, output: 4.0 };
        Price { usd: Some(rates), cny: Some(rates) }
    }
}

/// A minute later than any that a test of shapes needs.
const LATE: i64 = 90_000;

fn quota(meter: Meter, used: i64, end: i64) -> MeterReading {
    MeterReading {
        meter,
        used_percent: Decimal::new(used, 1),
        used: Some(Decimal::new(used, 1)),
        limit: Some(Decimal::ONE_HUNDRED),
        resets_at: Some(at(end)),
        conflict: false,
    }
}

fn money(cents: i64) -> Money {
    Money::new(Decimal::new(cents, 2), Currency::CNY)
}

/// A membership of two weeks: sessions each five hours, resets, a deduction that nothing explains, which its owner
/// says was their own; in the end zeros, an answer of the month that is over, an incident and a failed poll.
fn membership(alerts: &AlertRules) -> AccountState {
    let rules = Rules { prices: &OnePrice, alerts: Some(alerts), max_gap: TimeDelta::minutes(20) };
    let mut state = AccountState::new();
    let (mut five, mut week, mut month) = (0, 0, 0);
    for poll in 0..4000_i64 {
        let minute = poll * 5;
        if minute % 300 == 0 {
            five = 0;
        }
        if minute % 10_080 == 0 {
            week = 0;
        }
        if poll % 60 < 12 {
            let tokens = Tokens { input: 500_000, output: 50_000, ..Tokens::default() };
            let request = UsageRecord::new(at(minute - 2), Some("kimi-k3".to_owned()), tokens);
            let _ = state.apply(Input::Usage { requests: &[request], cursor: poll.unsigned_abs() }, &rules);
            (five, week, month) = (five + 20, week + 4, month + 1);
        }
        if poll == 3000 {
            week += 300;
        }
        // The month ends, and in the end an answer of before it comes once more, with zeros of the 5-hour quota.
        let (is_last, is_first_month) = (poll >= 3998, minute < 19_000);
        let five_shown = if is_last { 0 } else { five };
        let month_shown = if is_last || is_first_month { month } else { month - 700 };
        let month_end = if is_last || is_first_month { 19_000 } else { LATE };
        let five_end = (minute / 300 + 1) * 300;
        let reading = Reading {
            plan: Some("Allegro".to_owned()),
            meters: vec![
                quota(Meter::FiveHour, five_shown, five_end),
                quota(Meter::Week, week, (minute / 10_080 + 1) * 10_080),
                quota(Meter::Month, month_shown, month_end),
                quota(Meter::MonthCode, month_shown, month_end),
            ],
            wallet: Some(Wallet {
                enabled: Some(true),
                balance: Some(money(2000 - poll / 100)),
                month_used: Some(money(0)),
                month_cap: None,
                frozen: false,
            }),
            limits: RateLimits {
                concurrency: Some(20),
                requests_per_minute: Some(100),
                ..RateLimits::default()
            },
            user: UserIds {
                quota: Some("one".to_owned()),
                profile: Some("two".to_owned()),
                ..UserIds::default()
            },
            ..Reading::new(at(minute), Source::KimiCode, Region::China)
        };
        other_machine(&mut state, poll, &rules);
        let outcome = state.apply(Input::Reading(&reading), &rules);
        for finding in outcome.findings.iter().filter(|finding| finding.anomaly().is_some()) {
            let said = Input::Feedback { finding, before: None, now: Some(Triage::Mine) };
            let _ = state.apply(said, &rules);
        }
    }
    let incident = IncidentRecord {
        at: at(20_000),
        id: "i1".to_owned(),
        state: IncidentState::Open,
        impact: Some("major".to_owned()),
        title: Some("Elevated errors".to_owned()),
    };
    let _ = state.apply(Input::Incident(&incident), &rules);
    let failure = Failure::new(FailureKind::Unauthorized, "no");
    let _ = state.apply(Input::Failure { at: at(20_001), failure: &failure }, &rules);
    state
}

/// Another machine, whose usage becomes known three hours late, and then no more.
fn other_machine(state: &mut AccountState, poll: i64, rules: &Rules<'_>) {
    let known_at = at(poll * 5);
    if poll == 100 || poll == 3990 {
        let tokens = Tokens { input: 1000, ..Tokens::default() };
        let requests = [180, 2]
            .map(|minute| UsageRecord::new(at(poll * 5 - minute), Some("kimi-k3".to_owned()), tokens));
        let input = Input::LateUsage { machine: Some("laptop"), requests: &requests, known_at };
        let _ = state.apply(input, rules);
        let (from, to) = (at(0), known_at);
        let _ = state.apply(Input::Coverage { machine: "laptop", from, to, known_at }, rules);
    }
}

/// A balance of some days: use, a voucher, a loss that waits for its confirmation.
fn platform(alerts: &AlertRules) -> AccountState {
    let rules = Rules { prices: &OnePrice, alerts: Some(alerts), max_gap: TimeDelta::minutes(20) };
    let mut state = AccountState::new();
    let mut cash = 9000;
    for poll in 0..1200_i64 {
        if poll % 100 < 12 {
            let tokens = Tokens { input: 100_000, output: 10_000, ..Tokens::default() };
            let request = UsageRecord::new(at(poll * 5 - 2), Some("kimi-k3".to_owned()), tokens);
            let _ = state.apply(Input::Usage { requests: &[request], cursor: poll.unsigned_abs() }, &rules);
            cash -= 14;
        }
        let cash = if poll == 1199 { 30 } else { cash };
        let voucher = if poll > 600 { 500 } else { 0 };
        let reading = Reading {
            balance: Some(Balance {
                currency: Currency::CNY,
                available: Some(Decimal::new(cash + voucher, 2)),
                voucher: Some(Decimal::new(voucher, 2)),
                cash: Some(Decimal::new(cash, 2)),
            }),
            ..Reading::new(at(poll * 5), Source::Platform, Region::China)
        };
        let _ = state.apply(Input::Reading(&reading), &rules);
    }
    state
}

/// The two, as they are stored.
fn stored() -> Value {
    let alerts = AlertRules::default();
    let parts =
        [("membership", membership(&alerts)), ("platform", platform(&alerts))].map(|(name, state)| {
            let stored = state.to_stored().unwrap();
            let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
            let audit = stored.audit.as_deref().map(json);
            let parts = serde_json::json!({
                "tracker": json(&stored.tracker), "audit": audit, "alerts": json(&stored.alerts),
            });
            (name.to_owned(), parts)
        });
    Value::Object(parts.into_iter().collect())
}

/// What a value is: its keys and the types of its parts. What is null or empty may be of any type.
#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Unknown,
    Leaf(&'static str),
    List(Box<Shape>),
    Fields(BTreeMap<String, Shape>),
}

impl Shape {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Unknown,
            Value::Bool(_) => Self::Leaf("bool"),
            Value::Number(_) => Self::Leaf("number"),
            Value::String(_) => Self::Leaf("string"),
            Value::Array(all) => Self::List(Box::new(all.iter().map(Self::of).fold(Self::Unknown, Self::or))),
            Value::Object(all) => {
                Self::Fields(all.iter().map(|(key, value)| (key.clone(), Self::of(value))).collect())
            }
        }
    }

    /// The shape of either, where elements of one list differ: all keys that any has.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unknown, shape) | (shape, Self::Unknown) => shape,
            (Self::List(one), Self::List(other)) => Self::List(Box::new(one.or(*other))),
            (Self::Fields(mut one), Self::Fields(other)) => {
                for (key, shape) in other {
                    let known = one.remove(&key).unwrap_or(Self::Unknown);
                    one.insert(key, known.or(shape));
                }
                Self::Fields(one)
            }
            (one, other) if one == other => one,
            _ => Self::Leaf("of several types"),
        }
    }

    /// Where two shapes differ, as paths.
    fn differences(&self, other: &Self, path: &str, all: &mut Vec<String>) {
        match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => {}
            (Self::List(one), Self::List(other)) => one.differences(other, &format!("{path}[]"), all),
            (Self::Fields(one), Self::Fields(other)) => {
                for key in one.keys().chain(other.keys().filter(|key| !one.contains_key(*key))) {
                    let path = format!("{path}.{key}");
                    match (one.get(key), other.get(key)) {
                        (Some(one), Some(other)) => one.differences(other, &path, all),
                        (Some(_), None) => all.push(format!("{path} is gone")),
                        (None, _) => all.push(format!("{path} is new")),
                    }
                }
            }
            (one, other) if one == other => {}
            (one, other) => all.push(format!("{path} was {one:?} and is {other:?}")),
        }
    }
}

fn recorded_path() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/step/tests/states");
    folder.join(format!("{STATE_VERSION}.json"))
}

/// The state that was recorded with this version of its shape. A new version's is written once, by the first run with
/// `TIDEMARK_WRITE_STATES=1`; one that is there is never written again.
#[expect(clippy::disallowed_methods, reason = "whether to record is said to this test alone")]
fn recorded() -> Value {
    let path = recorded_path();
    if !path.exists() && std::env::var_os("TIDEMARK_WRITE_STATES").is_some() {
        std::fs::write(&path, serde_json::to_string(&stored()).unwrap() + "\n").unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap_or_else(|why| {
        panic!(
            "{}: {why}. A run with TIDEMARK_WRITE_STATES=1 records a state of this version",
            path.display()
        )
    });
    serde_json::from_str(&text).unwrap()
}

/// What was added without another version: a program of before passes over it and drops it, and one that does not find it
/// begins it again with the next reading, as for a new account, which reports nothing.
const DISPENSABLE: [&str; 1] = [".alerts.extra_usage is new"];

#[test]
fn another_shape_of_the_stored_state_is_another_version() {
    let mut differences = Vec::new();
    Shape::of(&recorded()).differences(&Shape::of(&stored()), "", &mut differences);
    differences.retain(|one| !DISPENSABLE.iter().any(|known| one.ends_with(known)));
    assert!(differences.is_empty(), "raise STATE_VERSION: {differences:#?}");
}

#[test]
fn a_recorded_state_of_this_version_is_read_in_full_and_stored_as_it_was() {
    for (name, parts) in recorded().as_object().unwrap() {
        let text = |part: &str| parts[part].to_string();
        let stored = StoredState {
            version: Some(STATE_VERSION),
            tracker: text("tracker"),
            audit: Some(text("audit")),
            alerts: text("alerts"),
            usage_cursor: 3,
        };
        let again = whole(AccountState::from_stored(&stored)).to_stored().unwrap();
        for (part, again) in
            [("tracker", again.tracker), ("audit", again.audit.unwrap()), ("alerts", again.alerts)]
        {
            let again: Value = serde_json::from_str(&again).unwrap();
            let mut differences = Vec::new();
            Shape::of(&parts[part]).differences(&Shape::of(&again), "", &mut differences);
            assert!(differences.is_empty(), "raise STATE_VERSION: {name} {part}: {differences:#?}");
        }
    }
}

#[test]
fn a_key_that_is_added_removed_or_of_another_type_is_another_shape() {
    let before = serde_json::json!({ "a": [{ "b": 1 }, { "b": 2, "c": null }], "d": "x" });
    for (after, expected) in [
        (serde_json::json!({ "a": [], "d": "y" }), 0),
        (serde_json::json!({ "a": [{ "b": 1, "c": "now" }], "d": "x" }), 0),
        (serde_json::json!({ "a": [{ "b": "1", "c": null }], "d": "x" }), 1),
        (serde_json::json!({ "a": [{ "c": null }], "d": "x", "e": 1 }), 2),
    ] {
        let mut differences = Vec::new();
        Shape::of(&before).differences(&Shape::of(&after), "", &mut differences);
        assert_eq!(differences.len(), expected, "{differences:?}");
    }
}
