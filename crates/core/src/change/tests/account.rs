//! Another account under the same name.

use super::*;
use crate::money::Currency;
use crate::reading::{Balance, UserIds};

fn of((quota, profile): (Option<&str>, Option<&str>), at: i64, percent: &str) -> Reading {
    let id = |id: Option<&str>| id.map(ToOwned::to_owned);
    Reading {
        meters: vec![meter(Meter::Week, percent, Some(minute(9000)))],
        user: UserIds { quota: id(quota), profile: id(profile), organization: None },
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
