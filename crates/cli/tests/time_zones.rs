//! The variable `TZ` in its forms, through the built program.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use common::Home;

#[test]
fn days_are_counted_in_the_zone_that_the_variable_spells_out() {
    for (value, zone) in [
        ("Asia/Seoul", "Asia/Seoul"),
        (":Asia/Seoul", "Asia/Seoul"),
        ("/usr/share/zoneinfo/Asia/Seoul", "Asia/Seoul"),
        ("WIB-7", "Etc/GMT-7"),
        ("<+0630>-6:30", "Asia/Yangon"),
        ("MST7MDT,M3.2.0,M11.1.0", "America/Denver"),
    ] {
        let ended = Home::new().with("TZ", value).run(&["logs", "--json"]);
        assert_eq!((ended.json()["timezone"].as_str(), ended.err.as_str()), (Some(zone), ""), "{value}");
    }
}

#[test]
fn a_value_that_is_not_understood_is_said_with_what_is_used_instead() {
    for value in ["MEZ-1MESZ", "Mars/Olympus", "<+0017>-0:17", "/no/such/zone"] {
        let home = Home::new().with("TZ", value);
        let ended = home.run(&["logs", "--json"]);
        let used = ended.json()["timezone"].as_str().unwrap().to_owned();
        assert!(ended.err.contains(value) && ended.err.contains(&used), "{value}: {}", ended.err);
        assert_eq!(ended.err.lines().count(), 1, "said once: {}", ended.err);
        let chinese = home.run(&["logs", "--lang", "zh-CN"]).err;
        assert!(chinese.contains("不是已知的时区"), "{chinese}");
        let asked = home.run(&["logs", "--json", "--timezone", "Asia/Seoul"]);
        assert_eq!(asked.err, "", "a zone that was asked for needs no variable");
    }
}

#[test]
fn beside_a_pinned_zone_a_bad_value_names_the_zone_that_is_used() {
    let home = Home::new().with("TZ", "Mars/Olympus").with("A_KEY", "sk-0123456789abcdef");
    let add = ["account", "add", "a", "--source", "platform", "--region", "china", "--key-env", "A_KEY"];
    // The first start pins a zone.
    assert_eq!(home.run(&[&["--timezone", "Asia/Kathmandu"], &add[..]].concat()).status, 0);
    let ended = home.run(&["status"]);
    assert!(ended.err.contains("Mars/Olympus") && ended.err.contains("Asia/Kathmandu"), "{}", ended.err);
    assert_eq!(ended.err.lines().count(), 1, "said once: {}", ended.err);
}
