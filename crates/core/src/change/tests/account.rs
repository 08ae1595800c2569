//! Another account under the same name.

use super::*;
use crate::money::Currency;
use crate::reading::{Balance, UserIds};

fn of((quota, profile): (Option<&str>, Option<&str>), at: i64, percent: &str) -> Reading {
    let id = |id: Option<&str>| id.map(ToOwned::to_owned);
    Reading {
        meters: vec![meter(Meter::Week, percent, Some(minute(9000)))],
        user: UserIds { quota: id(quota), profile: id(profile), ..UserIds::default() },
        ..blank(at)
    }
}

fn kinds(all: &[Observed]) -> Vec<&str> {
    all.iter().flat_map(|observed| observed.findings.iter().map(|finding| finding.kind.as_str())).collect()
}

#[test]
fn another_user_begins_another_history() {
    for (one, other) in [
        ((Some("one"), None), (Some("other"), None)),
        ((None, Some("one")), (None, Some("other"))),
        ((Some("one"), Some("x")), (Some("other"), None)),
    ] {
        let all = run(&[of(one, 0, "12"), of(one, 5, "13"), of(other, 10, "97"), of(other, 15, "98")]);
        assert_eq!(kinds(&all), ["account-change"], "{one:?}");
        let finding = &all[2].findings[0];
        assert_eq!((finding.from, finding.to), (minute(5), minute(10)));
        assert_eq!(sums(&all, Series::Meter(Meter::Week)), (decimal("2"), Decimal::ZERO, 0));
        assert_eq!(movements(&all, Series::Meter(Meter::Week))[2].from, None);
    }
}

#[test]
fn an_id_that_is_missing_or_comes_from_elsewhere_is_no_other_user() {
    let all = run(&[
        of((None, None), 0, "12"),
        of((Some("one"), None), 5, "12"),
        of((None, None), 10, "12"),
        of((None, Some("two")), 15, "12"),
        of((Some("one"), Some("two")), 20, "12"),
        of((Some("one"), Some("three")), 25, "12"),
    ]);
    assert_eq!(kinds(&all), Vec::<&str>::new());
}

#[test]
fn another_organization_of_the_same_user_begins_another_history() {
    let of = |user: &str, organization: Option<&str>, at: i64, left: &str| Reading {
        user: UserIds {
            quota: None,
            profile: Some(user.to_owned()),
            organization: organization.map(ToOwned::to_owned),
            unknown: false,
        },
        balance: Some(Balance {
            currency: Currency::CNY,
            available: Some(decimal(left)),
            voucher: None,
            cash: None,
        }),
        ..blank(at)
    };
    let (first, second) = (Some("org-1"), Some("org-2"));
    let all = run(&[of("u", first, 0, "96.5"), of("u", first, 5, "96"), of("u", second, 10, "0.4")]);
    assert_eq!(kinds(&all), ["account-change"]);
    let users: Vec<_> = all[2].findings[0].evidence.iter().map(|said| format!("{said:?}")).collect();
    assert!(users[0].contains("org-1") && users[1].contains("org-2"), "{users:?}");
    assert_eq!(sums(&all, Series::Balance(Currency::CNY)).0, decimal("0.5"));
    // A history of before organizations were read, and an answer that leaves it out.
    let all = run(&[
        of("u", None, 0, "9"),
        of("u", first, 5, "9"),
        of("u", None, 10, "9"),
        of("u", first, 15, "9"),
    ]);
    assert_eq!(kinds(&all), Vec::<&str>::new());
    // An organization alone says whose the balance is.
    let nameless =
        |organization: &str| UserIds { organization: Some(organization.to_owned()), ..UserIds::default() };
    assert_eq!(nameless("org-1").is_same(&nameless("org-1")), Some(true));
    assert_eq!(nameless("org-1").is_same(&nameless("org-2")), Some(false));
    assert_eq!(nameless("org-1").is_same(&UserIds::default()), None);
}

/// A reading of the week and the balance that names the profile's user, or may be anyone's.
fn by(user: Option<&str>, at: i64, percent: &str, cash: &str) -> Reading {
    let named = of((None, user), at, percent);
    Reading {
        user: UserIds { unknown: user.is_none(), ..named.user.clone() },
        balance: Some(Balance {
            currency: Currency::CNY,
            available: Some(decimal(cash)),
            voucher: Some(Decimal::ZERO),
            cash: Some(decimal(cash)),
        }),
        ..named
    }
}

const CNY: Series = Series::Balance(Currency::CNY);
const WEEK: Series = Series::Meter(Meter::Week);

#[test]
fn what_jumps_while_the_user_is_unknown_waits_until_the_user_is_named() {
    let one = Some("one");
    let before = [by(one, 0, "10", "100"), by(one, 5, "10", "100")];
    for (percent, cash) in [("96", "3"), ("96", "100"), ("10", "3"), ("10", "900"), ("0", "0")] {
        let after = |user, at| by(user, at, percent, cash);
        let waits = [after(None, 10), after(None, 11)];
        // Another user answered all the while.
        let other = run(&[&before[..], &waits, &[after(Some("other"), 12)]].concat());
        assert_eq!(kinds(&other), ["account-change"], "{percent} {cash}");
        for series in [WEEK, CNY] {
            assert_eq!(sums(&other, series), (Decimal::ZERO, Decimal::ZERO, 0), "{percent} {cash}");
        }
        // Nor is anything concluded where the first user's answers follow.
        let back = run(&[&before[..], &waits, &[by(one, 12, "10", "100")]].concat());
        assert_eq!(kinds(&back), Vec::<&str>::new(), "{percent} {cash}");
        for series in [WEEK, CNY] {
            assert_eq!(sums(&back, series), (Decimal::ZERO, Decimal::ZERO, 0), "{percent} {cash}");
        }
    }
    // It was the first user: it is deducted once that is known, and was first seen before.
    let same = run(&[&before[..], &[by(None, 10, "96", "3"), by(one, 11, "96", "3")]].concat());
    assert_eq!(same[3].first_seen, [(WEEK, minute(10)), (CNY, minute(10))]);
    assert_eq!(sums(&same, WEEK).0, decimal("86"));
    assert_eq!(sums(&same, CNY).0, decimal("97"));
}

#[test]
fn what_lasts_is_deducted_though_the_user_stays_unknown() {
    let mut rows = vec![by(Some("one"), 0, "10", "100")];
    rows.extend([5, 6, 20, 30].map(|at| by(None, at, "96", "3")));
    let all = run(&rows);
    assert_eq!(all[4].unconfirmed, [WEEK, CNY]);
    rows.push(by(None, 36, "97", "2"));
    let all = run(&rows);
    assert_eq!((sums(&all, WEEK).0, sums(&all, CNY).0), (decimal("87"), decimal("98")));
    assert_eq!(all[5].first_seen, [(WEEK, minute(5)), (CNY, minute(5))]);
    // Small steps do not wait, nor does anything of an account whose user was never known, or by a key that was.
    let small = run(&[by(Some("one"), 0, "10", "100"), by(None, 5, "13", "98")]);
    let unknown = run(&[by(None, 0, "10", "100"), by(None, 5, "60", "60")]);
    assert!(small[1].unconfirmed.is_empty() && unknown[1].unconfirmed.is_empty());
    let known = run(&[by(Some("one"), 0, "10", "100"), of((None, None), 5, "96")]);
    assert!(known[1].unconfirmed.is_empty());
}
