//! One row a rule, run through the tracker of changes as the engine runs it.

use chrono::TimeDelta;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::account::{Region, Source};
use crate::change::Tracker;
use crate::reading::{Balance, MeterReading, Wallet};

/// What happens to the account, one after the other, five minutes apart unless `At` says when.
#[derive(Debug, Clone)]
enum Step {
    /// The week reads so many percent used, with the announced end at a minute.
    Week(&'static str, i64),
    /// As before, without an announced end.
    WeekOpen(&'static str),
    /// As `Week`, with the limit of the service's own count.
    WeekOf(&'static str, i64, i64),
    /// The Code share reads so many percent.
    Code(&'static str, i64),
    /// Cash, in US dollars.
    Cash(&'static str),
    /// Cash, in renminbi.
    Yuan(&'static str),
    /// The wallet beside a membership.
    Wallet(&'static str),
    /// A reading without values.
    Blank,
    /// A failed poll.
    Fail(FailureKind),
    /// A poll was denied this.
    DeniedTo(Denied),
    /// The next step happens at this minute.
    At(i64),
    /// The thresholds become these.
    Thresholds(&'static [i64]),
    /// The switches of resets, early resets and refusals.
    Switches(bool, bool, bool),
}
use Step::{
    At, Blank, Cash, Code, DeniedTo, Fail, Switches, Thresholds, Wallet as InWallet, Week, WeekOf, WeekOpen,
    Yuan,
};

fn minute(minutes: i64) -> DateTime<Utc> {
    "2026-09-20T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn blank(at: i64) -> Reading {
    Reading::new(minute(at), Source::KimiCode, Region::China)
}

fn with_meter(at: i64, meter: Meter, used: &str, limit: Option<i64>, end: Option<i64>) -> Reading {
    let seen = MeterReading {
        meter,
        used_percent: decimal(used),
        used: None,
        limit: limit.map(Decimal::from),
        resets_at: end.map(minute),
        conflict: false,
    };
    Reading { meters: vec![seen], ..blank(at) }
}

fn with_cash(at: i64, cash: &str, currency: Currency) -> Reading {
    let cash = decimal(cash);
    let balance = Balance {
        currency,
        available: Some(cash.max(Decimal::ZERO)),
        voucher: Some(Decimal::ZERO),
        cash: Some(cash),
    };
    Reading { balance: Some(balance), ..blank(at) }
}

/// An alert in short.
fn short(alert: &Alert) -> String {
    match &alert.kind {
        AlertKind::Threshold { meter, threshold, used, .. } => {
            format!("{meter} at {} reached {}", used.normalize(), threshold.normalize())
        }
        AlertKind::BalanceLow { threshold, available } => format!("{available} left, below {threshold}"),
        AlertKind::Reset { meter, schedule, used_before, used_after, .. } => {
            format!("{meter} {schedule:?} {}>{}", used_before.normalize(), used_after.normalize())
        }
        AlertKind::Credit { class, amount, wallet, .. } => {
            format!("{class:?} {amount}{}", if *wallet { " wallet" } else { "" })
        }
        AlertKind::KeyRefused { failure, denied, .. } => {
            format!("refused: {failure}{}", denied.map_or(String::new(), |denied| format!(" {denied}")))
        }
        AlertKind::LikelyEmpty { meter, .. } => format!("{meter} likely empty"),
        AlertKind::LikelyLasts { meter, .. } => format!("{meter} likely lasts"),
        AlertKind::ExtraUsage { spent, .. } => format!("{spent} of extra usage"),
        AlertKind::Budget { budget, step, .. } => format!("{step} of {}", budget.key()),
        AlertKind::Anomaly { class, .. } => format!("anomaly: {}", class.as_str()),
        AlertKind::Recovered { series, .. } => format!("{series} given back"),
        AlertKind::Withdrawn { class, .. } => format!("withdrawn: {}", class.as_str()),
    }
}

/// Runs the steps, writing both states down and taking them up again between any two.
fn run(steps: &[Step]) -> Vec<Alert> {
    let mut rules = AlertRules {
        balance_thresholds: vec![
            Money::new(Decimal::from(10), Currency::USD),
            Money::new(Decimal::from(2), Currency::USD),
            Money::new(Decimal::from(50), Currency::CNY),
        ],
        ..AlertRules::default()
    };
    let (mut tracker, mut state) = (Tracker::default(), AlertState::default());
    let mut now = 0;
    let mut alerts: Vec<Alert> = Vec::new();
    for step in steps {
        let reading = match step.clone() {
            At(at) => {
                now = at;
                continue;
            }
            Thresholds(thresholds) => {
                rules.meter_thresholds = thresholds.iter().copied().map(Decimal::from).collect();
                continue;
            }
            Switches(resets, early_resets, refusals) => {
                rules = AlertRules { resets, early_resets, refusals, ..rules };
                continue;
            }
            Fail(kind) => {
                alerts.extend(state.on_failure(&rules, minute(now), &Failure::new(kind, "")));
                now += 5;
                continue;
            }
            DeniedTo(denied) => {
                let failure = Failure { denied: Some(denied), ..Failure::new(FailureKind::Forbidden, "") };
                alerts.extend(state.on_failure(&rules, minute(now), &failure));
                now += 5;
                continue;
            }
            Week(used, end) => with_meter(now, Meter::Week, used, None, Some(end)),
            WeekOpen(used) => with_meter(now, Meter::Week, used, None, None),
            WeekOf(used, limit, end) => with_meter(now, Meter::Week, used, Some(limit), Some(end)),
            Code(used, end) => with_meter(now, Meter::MonthCode, used, None, Some(end)),
            Cash(cash) => with_cash(now, cash, Currency::USD),
            Yuan(cash) => with_cash(now, cash, Currency::CNY),
            InWallet(amount) => Reading {
                wallet: Some(Wallet {
                    enabled: Some(true),
                    balance: Some(Money::new(decimal(amount), Currency::CNY)),
                    month_used: None,
                    month_cap: None,
                    frozen: false,
                }),
                ..blank(now)
            },
            Blank => blank(now),
        };
        now += 5;
        let observed = tracker.observe(&reading);
        alerts.extend(state.on_reading(&rules, &reading, &observed, &observed.findings));
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<AlertState>(&text).unwrap(), state);
        state = serde_json::from_str(&text).unwrap();
    }
    let keys: std::collections::BTreeSet<_> = alerts.iter().map(|alert| &alert.key).collect();
    assert_eq!(keys.len(), alerts.len(), "each key once: {alerts:?}");
    alerts
}

const REFUSED: Step = Fail(FailureKind::Unauthorized);
const LAPSED: Step = Fail(FailureKind::MembershipLapsed);

/// The required cases: a rule, what happens, what is reported.
#[rustfmt::skip]
fn table() -> Vec<(&'static str, Vec<Step>, Vec<&'static str>)> {
    vec![
        // Thresholds.
        ("the first reading tells nothing, not even at 100 %",
            vec![Week("100", 9000), Week("100", 9000)], vec![]),
        ("a threshold is told when it is reached",
            vec![Week("60", 9000), Week("74.99", 9000), Week("75", 9000)], vec!["week at 75 reached 75"]),
        ("each threshold once a cycle",
            vec![Week("60", 9000), Week("80", 9000), Week("81", 9000), Week("92", 9000), Week("99.9", 9000), Week("100", 9000), Week("103", 9000)],
            vec!["week at 80 reached 75", "week at 92 reached 90", "week at 100 reached 100"]),
        ("a jump over several tells the highest alone, and the lower are done with",
            vec![Week("60", 9000), Week("95", 9000), Week("94.5", 9000), Week("96", 9000)], vec!["week at 95 reached 90"]),
        ("falling back by rounding and rising again tells nothing",
            vec![Week("60", 9000), Week("75", 9000), Week("74.4", 9000), Week("75.2", 9000)], vec!["week at 75 reached 75"]),
        ("a wandering end is the same cycle",
            vec![Week("60", 9000), Week("80", 9001), Week("80", 8999), Week("81", 9002)], vec!["week at 80 reached 75"]),
        ("an end that moves forward without a reset is the same cycle",
            vec![Week("60", 9000), Week("80", 9000), Week("81", 12000)], vec!["week at 80 reached 75"]),
        ("a reset arms again, and use in the new cycle counts at once",
            vec![Week("60", 100), Week("91", 100), At(105), Week("76", 10000), Week("80", 10000)],
            vec!["week at 91 reached 90", "week OnTime 91>76", "week at 76 reached 75"]),
        ("a meter that reads 0 for a poll and comes back tells nothing twice",
            vec![Week("60", 9000), Week("80", 9000), Week("0", 9000), Week("80", 9000), Week("0", 9000), Week("81", 9000)],
            vec!["week at 80 reached 75"]),
        ("a threshold set below what is used tells nothing",
            vec![Week("60", 9000), Thresholds(&[50, 90]), Week("61", 9000), Week("62", 9000)], vec![]),
        ("a threshold set above what is used tells when reached, and taking one away tells nothing",
            vec![Week("60", 9000), Week("76", 9000), Thresholds(&[80]), Week("79", 9000), Week("81", 9000), Thresholds(&[75, 80]), Week("82", 9000)],
            vec!["week at 76 reached 75", "week at 81 reached 80"]),
        ("two early resets under one standing end are three cycles",
            vec![Week("60", 9000), Week("80", 9000), Week("0", 9000), Week("1", 9000), Week("1", 9000), At(45), Week("1", 9000), Week("80", 9000),
                Week("0", 9000), Week("1", 9000), Week("1", 9000), At(90), Week("1", 9000), Week("80", 9000)],
            vec!["week at 80 reached 75", "week Early 80>1", "week at 80 reached 75", "week Early 80>1", "week at 80 reached 75"]),
        ("cycles whose end is never told",
            vec![WeekOpen("60"), WeekOpen("80"), WeekOpen("0"), WeekOpen("1"), WeekOpen("1"), At(45), WeekOpen("1"), WeekOpen("80")],
            vec!["week at 80 reached 75", "week Early 80>1", "week at 80 reached 75"]),
        ("another scale lowers the mark",
            vec![WeekOf("60", 2048, 9000), WeekOf("80", 2048, 9000), WeekOf("20", 100, 9000), WeekOf("76", 100, 9000)],
            vec!["week at 80 reached 75", "week at 76 reached 75"]),
        ("the Code share is never told",
            vec![Code("10", 100), Code("100", 100), At(105), Code("0", 40000)], vec![]),
        ("an absent meter is neither reset nor armed",
            vec![Week("60", 9000), Week("80", 9000), Blank, Blank, Week("81", 9000)], vec!["week at 80 reached 75"]),
        ("a meter that appears later is primed like the first",
            vec![Blank, Week("95", 9000), Week("96", 9000)], vec![]),
        // Resets.
        ("a reset on time of a meter that was used by half",
            vec![Week("50", 100), At(105), Week("0", 10000)], vec!["week OnTime 50>0"]),
        ("a reset on time of a meter that was little used is not told",
            vec![Week("49", 100), At(105), Week("0", 10000)], vec![]),
        ("a reset on time is told where a threshold had been told",
            vec![Week("10", 100), Thresholds(&[20]), Week("30", 100), At(105), Week("0", 10000)],
            vec!["week at 30 reached 20", "week OnTime 30>0"]),
        ("an early reset is told however little was used",
            vec![Week("12", 9000), Week("0", 10080), Week("0", 10080)], vec!["week Early 12>0"]),
        ("an early reset is told when it is confirmed, not before",
            vec![Week("70", 9000), Week("0", 9000), Week("2", 9000), Week("2", 9000), At(40), Week("3", 9000)], vec!["week Early 70>3"]),
        ("figures near zero for some polls under a standing end tell nothing",
            vec![Week("70", 9000), Week("0", 9000), Week("2", 9000), Week("1", 9000), Week("70", 9000)], vec![]),
        ("a late reset goes with the early ones",
            vec![Switches(false, true, true), Week("70", 100), At(120), Week("70", 100), At(130), Week("0", 10000)], vec!["week Late 70>0"]),
        ("resets on time can be switched off, and still arm",
            vec![Switches(false, true, true), Week("60", 100), Week("80", 100), At(105), Week("0", 10000), Week("75", 10000)],
            vec!["week at 80 reached 75", "week at 75 reached 75"]),
        ("early resets and credits can be switched off",
            vec![Switches(true, false, true), Week("70", 9000), Week("0", 10080), Week("0", 10080), Cash("20"), Cash("70")], vec![]),
        // Money.
        ("a balance at an amount, once",
            vec![Cash("12"), Cash("10"), Cash("9"), Cash("8")], vec!["10.00 USD left, below 10.00 USD"]),
        ("a balance that falls past two amounts tells the lower",
            vec![Cash("12"), Cash("1"), Cash("0.5")], vec!["0.50 USD left, below 2.00 USD"]),
        ("a balance that is nearly gone for a poll, or ten times as much, tells nothing",
            vec![Cash("12"), Cash("1"), Cash("12"), Cash("120"), Cash("11.9")], vec![]),
        ("a first balance that is low already tells nothing of that amount",
            vec![Cash("9"), Cash("8"), Cash("2"), Cash("2")], vec!["2.00 USD left, below 2.00 USD"]),
        ("a balance that hovers about an amount tells once",
            vec![Switches(true, false, true), Cash("12"), Cash("9.9"), Cash("10.4"), Cash("9.8"), Cash("10.9"), Cash("9.9")],
            vec!["9.90 USD left, below 10.00 USD"]),
        ("a balance that was filled is armed again",
            vec![Switches(true, false, true), Cash("12"), Cash("9"), Cash("11.5"), Cash("9.5")],
            vec!["9.00 USD left, below 10.00 USD", "9.50 USD left, below 10.00 USD"]),
        ("a balance that reads 0 for a poll tells nothing",
            vec![Cash("12"), Cash("0"), Cash("11.9")], vec![]),
        ("a balance that stays at 0 is told",
            vec![Cash("12"), Cash("0"), Cash("0")], vec!["0.00 USD left, below 2.00 USD"]),
        ("amounts count for their own currency",
            vec![Yuan("60"), Yuan("49"), Yuan("9"), Yuan("1")], vec!["49.00 CNY left, below 50.00 CNY"]),
        ("money that comes in is told",
            vec![Cash("12"), Cash("62")], vec!["TopUp 50.00 USD"]),
        ("and into the wallet",
            vec![InWallet("2"), InWallet("27")], vec!["TopUp 25.00 CNY wallet"]),
        // Refusals.
        ("one refusal may be a hiccup",
            vec![REFUSED, Blank, REFUSED, Blank], vec![]),
        ("two refusals in a row are told once",
            vec![Blank, REFUSED, REFUSED, REFUSED, Fail(FailureKind::Forbidden)], vec!["refused: unauthorized"]),
        ("a failure of another kind says nothing of the key",
            vec![Fail(FailureKind::Network), Fail(FailureKind::ServerError), REFUSED, Fail(FailureKind::Timeout), REFUSED], vec!["refused: unauthorized"]),
        ("a reading that succeeds ends the episode",
            vec![REFUSED, REFUSED, Blank, REFUSED, REFUSED], vec!["refused: unauthorized", "refused: unauthorized"]),
        ("a membership that once could not be verified may be the service's trouble",
            vec![Blank, LAPSED, LAPSED, Blank, LAPSED, LAPSED, Blank], vec![]),
        ("a membership that could not be verified three times is notified once, whatever failed in between",
            vec![Blank, LAPSED, Fail(FailureKind::ServerError), LAPSED, LAPSED, LAPSED, LAPSED], vec!["refused: membership-lapsed"]),
        ("a membership and a key are counted apart",
            vec![LAPSED, REFUSED, LAPSED, Blank, REFUSED, LAPSED, LAPSED, LAPSED, REFUSED],
            vec!["refused: membership-lapsed", "refused: unauthorized"]),
        ("a model or a program that is denied says nothing of the key",
            vec![Blank, DeniedTo(Denied::Model), DeniedTo(Denied::Model), DeniedTo(Denied::Client), DeniedTo(Denied::Client)], vec![]),
        ("a suspended account is notified",
            vec![Blank, DeniedTo(Denied::Account), DeniedTo(Denied::Account)], vec!["refused: forbidden account"]),
        ("refusals can be switched off, and are not stored up",
            vec![Switches(true, true, false), REFUSED, REFUSED, Switches(true, true, true), REFUSED], vec![]),
    ]
}

#[test]
fn required() {
    for (rule, steps, told) in table() {
        let alerts = run(&steps);
        assert_eq!(alerts.iter().map(short).collect::<Vec<_>>(), told, "{rule}");
    }
}

#[test]
fn keys_say_what_they_stand_for() {
    let keys: Vec<_> = run(&[
        Week("60", 101),
        Week("91.5", 101),
        At(105),
        Week("0", 10181),
        At(110),
        WeekOpen("80"),
        Cash("12"),
        Cash("9"),
        Cash("59"),
        REFUSED,
        REFUSED,
    ])
    .into_iter()
    .map(|alert| alert.key)
    .collect();
    assert_eq!(
        keys,
        [
            "threshold:week:2026-09-20T01:41Z:90",
            "reset:week:2026-09-20T01:45:00Z",
            "threshold:week:2026-09-27T01:41Z:75",
            "balance-low:USD:10:2026-09-20T02:00:00Z",
            "credit:balance:USD:top-up:2026-09-20T02:05:00Z",
            "key-refused:2026-09-20T02:10:00Z",
        ]
    );
}

#[test]
fn an_alert_survives_json() {
    for (_, steps, _) in table() {
        for alert in run(&steps) {
            let text = serde_json::to_string(&alert).unwrap();
            assert_eq!(serde_json::from_str::<Alert>(&text).unwrap(), alert, "{text}");
        }
    }
}

#[test]
fn the_rules_have_defaults_for_what_is_not_set() {
    let rules: AlertRules = serde_json::from_str(r#"{"early_resets":false}"#).unwrap();
    assert_eq!(rules, AlertRules { early_resets: false, ..AlertRules::default() });
}

proptest! {
    /// Whatever a quota does: between two resets no threshold is reported twice, and none that was not
    /// reached.
    #[test]
    fn once_a_cycle(looks in vec((0_i64..1200, 0_i64..3, 1_i64..4000), 1..80)) {
        let (mut tracker, mut state) = (Tracker::default(), AlertState::default());
        let rules = AlertRules::default();
        let (mut now, mut told, mut keys) = (0, Vec::new(), std::collections::BTreeSet::new());
        for (used, end, wait) in looks {
            now += wait;
            let end = (now / 10_000 + 1 + end) * 10_000;
            let reading = with_meter(now, Meter::Week, &Decimal::new(used, 1).to_string(), None, Some(end));
            let observed = tracker.observe(&reading);
            let mut again = state.clone();
            let alerts = state.on_reading(&rules, &reading, &observed, &observed.findings);
            // An analysis that is repeated after a crash gives the same.
            prop_assert_eq!(&again.on_reading(&rules, &reading, &observed, &observed.findings), &alerts);
            prop_assert_eq!(&again, &state);
            if observed.movements.iter().any(|m| m.resets > 0) {
                told.clear();
            }
            for alert in alerts {
                prop_assert!(keys.insert(alert.key.clone()), "{} twice", alert.key);
                if let AlertKind::Threshold { threshold, used, .. } = alert.kind {
                    prop_assert!(used >= threshold);
                    prop_assert!(!told.contains(&threshold));
                    told.push(threshold);
                }
            }
        }
    }
}
