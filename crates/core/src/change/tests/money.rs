//! Balances and wallets: one row a rule.

use super::*;
use crate::money::{Currency, Money};
use crate::reading::{Balance, Wallet};

const USD: Series = Series::Balance(Currency::USD);

/// Minute, cash, voucher.
type Row = (i64, &'static str, &'static str);

struct Case {
    rule: &'static str,
    looks: &'static [Row],
    deducted: &'static str,
    returned: &'static str,
    findings: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        rule: "use touches cash and voucher alike",
        looks: &[(0, "30", "46"), (5, "29.5", "45.5")],
        deducted: "1",
        returned: "0",
        findings: &[],
    },
    Case {
        rule: "cash that comes in is a top-up",
        looks: &[(0, "3", "46"), (5, "53", "46")],
        deducted: "0",
        returned: "50",
        findings: &["TopUp 50.00 USD in 0..5 at 5"],
    },
    Case {
        rule: "a voucher that comes in",
        looks: &[(0, "3", "0"), (5, "3", "15")],
        deducted: "0",
        returned: "15",
        findings: &["Voucher 15.00 USD in 0..5 at 5"],
    },
    Case {
        rule: "both at once are two credits",
        looks: &[(0, "3", "0"), (5, "13", "5")],
        deducted: "0",
        returned: "15",
        findings: &["TopUp 10.00 USD in 0..5 at 5", "Voucher 5.00 USD in 0..5 at 5"],
    },
    Case {
        rule: "a debt that is paid off is a top-up of the whole amount",
        looks: &[(0, "-4.20", "0"), (5, "45.80", "0")],
        deducted: "0",
        returned: "50",
        findings: &["TopUp 50.00 USD in 0..5 at 5"],
    },
    Case {
        rule: "use on credit is a deduction",
        looks: &[(0, "0.10", "0"), (5, "-0.42", "0")],
        deducted: "0.52",
        returned: "0",
        findings: &[],
    },
    Case {
        rule: "what equals an earlier single deduction is its refund",
        looks: &[(0, "30", "46"), (5, "20", "43.66"), (10, "19.9", "43.66"), (700, "29.9", "46")],
        deducted: "12.44",
        returned: "12.34",
        findings: &["Refund 12.34 USD in 10..700 at 700"],
    },
    Case {
        rule: "a refund gives a deduction back once",
        looks: &[(0, "30", "1"), (5, "20", "1"), (10, "30", "1"), (15, "40", "1")],
        deducted: "10",
        returned: "20",
        findings: &["Refund 10.00 USD in 5..10 at 10", "TopUp 10.00 USD in 10..15 at 15"],
    },
    Case {
        rule: "after two days it is a top-up",
        looks: &[(0, "30", "1"), (5, "20", "1"), (2900, "30", "1")],
        deducted: "10",
        returned: "10",
        findings: &["TopUp 10.00 USD in 5..2900 at 2900"],
    },
    Case {
        rule: "less than a cent is returned without a word",
        looks: &[(0, "30", "1"), (5, "30.004", "1")],
        deducted: "0",
        returned: "0.004",
        findings: &[],
    },
    Case {
        rule: "a voucher that goes at once while the cash stands has expired, when the next look confirms it",
        looks: &[(0, "30", "46"), (5, "30", "0"), (10, "29", "0")],
        deducted: "47",
        returned: "0",
        findings: &["Expiry 46.00 USD in 0..5 at 10"],
    },
    Case {
        rule: "one of two vouchers that ends, nine tenths of them",
        looks: &[(0, "30", "46"), (5, "30", "4"), (10, "30", "4")],
        deducted: "42",
        returned: "0",
        findings: &["Expiry 42.00 USD in 0..5 at 10"],
    },
    Case {
        rule: "the last bit of a voucher that alone pays for use is used up",
        looks: &[
            (0, "30", "4.93"),
            (5, "30", "3.53"),
            (10, "30", "2.03"),
            (15, "30", "0.11"),
            (20, "30", "0"),
            (25, "30", "0"),
        ],
        deducted: "4.93",
        returned: "0",
        findings: &[],
    },
    Case {
        rule: "a voucher that ends while the account is in use has expired: the cash fell as it always does",
        looks: &[
            (0, "31", "12"),
            (5, "30.96", "11.96"),
            (10, "30.9", "11.9"),
            (15, "30.85", "0"),
            (20, "30.75", "0"),
        ],
        deducted: "12.25",
        returned: "0",
        findings: &["Expiry 11.90 USD in 10..15 at 20"],
    },
    Case {
        rule: "a voucher and more cash than use takes have not expired",
        looks: &[
            (0, "31", "12"),
            (5, "30.96", "11.96"),
            (10, "30.9", "11.9"),
            (15, "25", "0"),
            (20, "24.9", "0"),
        ],
        deducted: "18.1",
        returned: "0",
        findings: &[],
    },
    Case {
        rule: "a voucher that is emptied at the pace of use has not expired",
        looks: &[(0, "31", "1.2"), (5, "30", "0.6"), (10, "29.9", "0"), (15, "29.8", "0")],
        deducted: "2.4",
        returned: "0",
        findings: &[],
    },
    Case {
        rule: "a voucher that is used to its end together with cash has not expired",
        looks: &[(0, "30", "0.40"), (5, "29", "0"), (10, "28", "0")],
        deducted: "2.4",
        returned: "0",
        findings: &[],
    },
    Case {
        rule: "a voucher alone that is nearly used up in one step has not expired",
        looks: &[(0, "0", "5"), (5, "0", "0.3"), (10, "0", "0.2")],
        deducted: "4.8",
        returned: "0",
        findings: &[],
    },
    Case {
        rule: "a balance that reads 0 for a poll was neither used up nor topped up",
        looks: &[(0, "30", "46"), (5, "0", "0"), (10, "29.9", "45.9")],
        deducted: "0.2",
        returned: "0",
        findings: &[],
    },
    Case {
        rule: "a balance that loses most of it for a poll was neither used up nor topped up",
        looks: &[(0, "50", "0"), (5, "0.5", "0"), (10, "50", "0"), (15, "2", "0"), (20, "49.9", "0")],
        deducted: "0.1",
        returned: "0",
        findings: &[],
    },
    Case {
        rule: "nor one that shows a debt or half of it, or whose cash and voucher fall together",
        looks: &[
            (0, "30", "20"),
            (5, "-3", "0"),
            (10, "30", "20"),
            (15, "15", "10"),
            (20, "30", "20"),
            (25, "1", "1"),
            (30, "29.5", "20"),
        ],
        deducted: "0.5",
        returned: "0",
        findings: &[],
    },
    Case {
        rule: "nor one that is ten times as much for a poll",
        looks: &[(0, "50", "0"), (5, "500", "0"), (10, "50", "0"), (15, "5000", "0"), (20, "49", "0")],
        deducted: "1",
        returned: "0",
        findings: &[],
    },
    Case {
        rule: "ten times as much that stays was paid in when it was first shown",
        looks: &[(0, "50", "0"), (5, "500", "0"), (6, "499", "0")],
        deducted: "1",
        returned: "450",
        findings: &["TopUp 450.00 USD in 0..5 at 6"],
    },
    Case {
        rule: "a large loss and a large gain one after the other are each held",
        looks: &[(0, "50", "0"), (5, "500", "0"), (6, "0.5", "0"), (7, "50", "0")],
        deducted: "0",
        returned: "0",
        findings: &[],
    },
    Case {
        rule: "a balance that loses most of it and stays there was deducted from, and may be refunded",
        looks: &[(0, "50", "0"), (5, "0.5", "0"), (6, "0.5", "0"), (60, "50", "0")],
        deducted: "49.5",
        returned: "49.5",
        findings: &["Refund 49.50 USD in 6..60 at 60"],
    },
    Case {
        rule: "a balance that stays at 0 was used up",
        looks: &[(0, "3", "0"), (5, "0", "0"), (10, "0", "0")],
        deducted: "3",
        returned: "0",
        findings: &[],
    },
    Case {
        rule: "a balance used up and then filled is both, told in full",
        looks: &[(0, "0.5", "0"), (5, "0", "0"), (10, "50", "0")],
        deducted: "0.5",
        returned: "50",
        findings: &["TopUp 50.00 USD in 5..10 at 10"],
    },
];

fn parts(&(at, cash, voucher): &Row) -> Reading {
    let (cash, voucher) = (decimal(cash), decimal(voucher));
    Reading {
        source: Source::Platform,
        region: Region::Global,
        balance: Some(Balance {
            currency: Currency::USD,
            available: Some(cash.max(Decimal::ZERO) + voucher),
            voucher: Some(voucher),
            cash: Some(cash),
        }),
        ..blank(at)
    }
}

fn available(at: i64, amount: &str) -> Reading {
    Reading {
        balance: Some(Balance {
            currency: Currency::USD,
            available: Some(decimal(amount)),
            voucher: None,
            cash: None,
        }),
        ..blank(at)
    }
}

fn wallet(at: i64, enabled: Option<bool>, amount: &str, currency: Currency) -> Reading {
    Reading {
        wallet: Some(Wallet {
            enabled,
            balance: Some(Money::new(decimal(amount), currency)),
            month_used: None,
            month_cap: None,
            frozen: false,
        }),
        ..blank(at)
    }
}

#[test]
fn rules_of_a_balance() {
    for case in CASES {
        let all = run(&case.looks.iter().map(parts).collect::<Vec<_>>());
        let (deducted, returned, resets) = sums(&all, USD);
        assert_eq!(findings(&all), case.findings, "{}", case.rule);
        assert_eq!(
            (deducted, returned, resets),
            (decimal(case.deducted), decimal(case.returned), 0),
            "{}",
            case.rule
        );
        let value = movements(&all, USD).last().unwrap().value;
        let (_, cash, voucher) = case.looks.last().unwrap();
        assert_eq!(value, decimal(cash) + decimal(voucher), "{}", case.rule);
    }
}

#[test]
fn of_an_available_amount_alone_the_kind_of_credit_is_unknown() {
    let all = run(&[available(0, "5"), available(5, "4"), available(10, "24")]);
    assert_eq!(findings(&all), ["Unknown 20.00 USD in 5..10 at 10"]);
    assert_eq!(sums(&all, USD), (Decimal::ONE, Decimal::from(20), 0));
}

#[test]
fn parts_that_are_missing_for_a_poll_lose_nothing() {
    let all = run(&[parts(&(0, "30", "46")), available(5, "75"), parts(&(10, "29", "45.5"))]);
    assert_eq!(sums(&all, USD), (decimal("1.5"), Decimal::ZERO, 0));
    // Under a debt the two cannot be compared: available does not show it.
    let all = run(&[parts(&(0, "-3", "46")), available(5, "46"), parts(&(10, "-3", "46"))]);
    assert_eq!(findings(&all), Vec::<String>::new());
    assert!(movements(&all, USD).iter().all(|m| m.from.is_none()));
}

#[test]
fn one_part_alone_says_nothing() {
    let mut reading = parts(&(5, "30", "46"));
    reading.balance = Some(Balance { available: None, cash: None, ..reading.balance.unwrap() });
    let all = run(&[parts(&(0, "30", "46")), reading]);
    assert!(all[1].movements.is_empty());
}

#[test]
fn another_currency_begins_anew() {
    let all = run(&[
        wallet(0, Some(true), "20", Currency::CNY),
        wallet(5, Some(true), "3", Currency::USD),
        wallet(10, Some(true), "2", Currency::USD),
    ]);
    assert_eq!(sums(&all, Series::Wallet(Currency::USD)), (Decimal::ONE, Decimal::ZERO, 0));
    assert_eq!(sums(&all, Series::Wallet(Currency::CNY)), (Decimal::ZERO, Decimal::ZERO, 0));
    assert_eq!(findings(&all), Vec::<String>::new());
}

#[test]
fn what_a_disabled_wallet_shows_is_not_money() {
    let all = run(&[
        wallet(0, Some(true), "20", Currency::CNY),
        wallet(5, Some(true), "18", Currency::CNY),
        wallet(10, Some(false), "0", Currency::CNY),
        wallet(15, Some(false), "100", Currency::CNY),
        wallet(20, Some(true), "18", Currency::CNY),
        wallet(25, None, "17", Currency::CNY),
    ]);
    let series = Series::Wallet(Currency::CNY);
    assert_eq!(sums(&all, series), (Decimal::from(3), Decimal::ZERO, 0));
    assert_eq!(movements(&all, series).len(), 4);
    assert_eq!(findings(&all), Vec::<String>::new());
}

#[test]
fn a_wallet_is_filled_by_paying_in() {
    let all = run(&[wallet(0, Some(true), "2", Currency::CNY), wallet(5, Some(true), "27", Currency::CNY)]);
    assert_eq!(findings(&all), ["TopUp 25.00 CNY in 0..5 at 5"]);
    assert_eq!(
        all[1].findings[0].explanation,
        "Between 2026-09-20 00:00:00 UTC and 2026-09-20 00:05:00 UTC, 25.00 CNY was paid in to the wallet."
    );
}

#[test]
fn a_wallet_that_is_nearly_empty_for_a_poll_was_not_used() {
    let rows = ["30", "1", "30", "300", "29.9"];
    let all: Vec<_> =
        (0..).zip(rows).map(|(n, left)| wallet(5 * n, Some(true), left, Currency::CNY)).collect();
    let all = run(&all);
    assert_eq!(findings(&all), Vec::<String>::new());
    assert_eq!(sums(&all, Series::Wallet(Currency::CNY)), (decimal("0.1"), Decimal::ZERO, 0));
    assert_eq!(all[1].unconfirmed, [Series::Wallet(Currency::CNY)]);
}

#[test]
fn deductions_are_remembered_in_constant_space() {
    let mut tracker = Tracker::default();
    let mut longest = 0;
    for step in 0..2000 {
        let cash = (Decimal::from(5000) - Decimal::new(step * 7, 1)).to_string();
        let mut reading = parts(&(0, "0", "1"));
        reading.at = minute(step);
        reading.balance = reading.balance.map(|b| Balance { cash: Some(decimal(&cash)), ..b });
        let _ = tracker.observe(&reading);
        longest = longest.max(serde_json::to_string(&tracker).unwrap().len());
    }
    assert!(longest < 8000, "{longest}");
}
