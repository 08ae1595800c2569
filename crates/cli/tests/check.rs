//! `tidemark check`: the exit status says whether enough is left, from what was read last.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use common::{Home, Service, add, home, kind};
use tidemark_core::Meter;

#[test]
fn what_is_not_known_is_neither_enough_nor_less() {
    let home = Home::new();
    let nothing = home.run(&["check"]);
    assert_eq!(nothing.status, 1, "{}", nothing.out);
    let json = home.run(&["check", "--json"]);
    assert_eq!((json.status, json.json()["result"].as_str()), (1, Some("unknown")));
    assert_eq!(kind(&home.run(&["check", "--account", "nobody", "--json"])), "no-such-account");
    assert!(!home.data_dir().exists(), "looking makes no folder");
}

#[test]
fn the_exit_status_says_whether_enough_of_a_quota_is_left() {
    let service = Service::code();
    let home = home(&service, "work");
    assert_eq!(add(&home, &service, "work", "Work").status, 0);
    assert_eq!(home.run(&["check"]).status, 1, "it was never read");
    service.running().spend("work", Meter::FiveHour, 40.into()).unwrap();
    assert_eq!(home.run_ago(&service, 1200, &["poll"]).status, 0);

    let left = |arguments: &[&str]| {
        let ended = home.run(&[&["check", "--max-age", "60"], arguments].concat());
        assert_eq!(ended.err, "", "{arguments:?}");
        (ended.status, ended.out)
    };
    assert_eq!(left(&[]).0, 0, "every quota has more than a tenth");
    assert_eq!(left(&["--meter", "5h", "--left", "55"]).0, 0);
    let (status, said) = left(&["--meter", "5h", "--left", "65%"]);
    assert_eq!(status, 7);
    assert!(said.contains("Work") && said.contains("5-hour") && said.contains("65%"), "{said}");
    assert_eq!(left(&["--left", "65"]).0, 7, "one of all is enough");
    // An account of a membership has no balance.
    assert_eq!(left(&["--meter", "balance"]).0, 1);

    let json = home.run(&["check", "--max-age", "60", "--meter", "5h", "--left", "65", "--json"]);
    let check = &json.json()["checks"][0];
    assert_eq!(
        (json.status, check["meter"].as_str(), check["result"].as_str(), check["unit"].as_str()),
        (7, Some("5h"), Some("less"), Some("percent"))
    );
    let is = check["left"].as_f64().unwrap();
    assert!((59.0..61.0).contains(&is), "{check}");

    // What is too old says nothing, however much was left.
    let old = home.run(&["check", "--max-age", "10"]);
    assert_eq!(old.status, 1, "{}", old.out);
}

#[test]
fn a_balance_is_compared_with_an_amount_of_its_own_currency() {
    let service = Service::platform();
    let home = home(&service, "api");
    assert_eq!(add(&home, &service, "api", "Api").status, 0);
    assert_eq!(home.run(&["poll"]).status, 0);
    let status = home.run(&["status", "--json"]).json();
    let balance = &status["accounts"][0]["balance"];
    let (currency, available) =
        (balance["currency"].as_str().unwrap(), balance["available"].as_str().unwrap());
    let check = |left: &str| home.run(&["check", "--meter", "balance", "--left", left]).status;
    assert_eq!(home.run(&["check", "--meter", "balance"]).status, 0);
    assert_eq!(check(available), 0, "exactly that much is left");
    assert_eq!(check(&format!("{available} {currency}")), 0);
    assert_eq!(check("1000000"), 7);
    assert_eq!(check("1 XYZ"), 1, "what it is worth in another currency is unknown");
    // A quota is asked for in percent, and a balance is not.
    for wrong in [&["--left", "5 CNY"][..], &["--meter", "balance", "--left", "5%"], &["--left", "-1"]] {
        let ended = home.run(&[&["check"], wrong].concat());
        assert_eq!(ended.status, 2, "{wrong:?}");
    }
}
