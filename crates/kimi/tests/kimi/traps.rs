//! The traps that other clients fell into, by name.

use crate::{meters, usages};

fn row(detail: &str) -> String {
    format!(
        r#"{{"limits":[{{"window":{{"duration":300,"timeUnit":"TIME_UNIT_MINUTE"}},"detail":{detail}}}]}}"#
    )
}

fn both(detail: &str, ratio: &str) -> String {
    format!(
        r#"{{"limits":[{{"window":{{"duration":300,"timeUnit":"TIME_UNIT_MINUTE"}},"detail":{detail}}}],"usages":{{"limit_5h":{ratio}}}}}"#
    )
}

#[test]
fn an_exhausted_window_omits_remaining() {
    assert_eq!(meters(&row(r#"{"limit":"100","used":"100"}"#)), "5h 100% 100/100 until -");
}

#[test]
fn an_unused_window_omits_used() {
    assert_eq!(meters(&row(r#"{"limit":"100","remaining":"100"}"#)), "5h 0% 0/100 until -");
    assert_eq!(meters(r#"{"usage":{"limit":"200"}}"#), "week 0% 0/200 until -");
}

#[test]
fn nothing_follows_from_an_omitted_remaining_beside_a_used() {
    // Not a second figure of 100 %.
    assert_eq!(meters(&row(r#"{"limit":"100","used":"40"}"#)), "5h 40% 40/100 until -");
}

#[test]
fn a_limit_that_is_missing_is_the_sum() {
    assert_eq!(meters(&row(r#"{"used":"30","remaining":"90"}"#)), "5h 25% 30/120 until -");
    assert_eq!(meters(&row(r#"{"used":"30"}"#)), "");
    assert_eq!(meters(&row(r#"{"resetTime":"2026-10-02T03:00:00Z"}"#)), "");
}

#[test]
fn a_row_of_zeros_is_no_quota_at_all() {
    for detail in [
        r#"{"limit":"0","used":"0","remaining":"0"}"#,
        r#"{"limit":0}"#,
        r#"{"limit":"0","used":"5"}"#,
        r#"{"used":"0","remaining":"0"}"#,
        "{}",
    ] {
        assert_eq!(meters(&row(detail)), "", "{detail}");
        assert_eq!(meters(&format!(r#"{{"usage":{detail}}}"#)), "", "{detail}");
    }
    // Unless the map has the window.
    let body = both(
        r#"{"limit":"0","used":"0","remaining":"0"}"#,
        r#"{"used_ratio":0.3,"reset_time":"2026-10-02T03:00:00Z"}"#,
    );
    assert_eq!(meters(&body), "5h 30% -/- until 2026-10-02T03:00:00Z");
}

#[test]
fn a_meter_that_is_lost_is_named() {
    let most = "79228162514264337593543950335";
    for (body, paths) in [
        (r#"{"usage":{"limit":"-100","used":"7"}}"#.to_owned(), &["usage.limit"][..]),
        (row(r#"{"limit":-1}"#), &["limits[0].detail.limit"]),
        (format!(r#"{{"usage":{{"limit":"1","used":"{most}"}}}}"#), &["usage.used"]),
        (format!(r#"{{"usage":{{"limit":"1","remaining":"-{most}"}}}}"#), &["usage.remaining"]),
        (format!(r#"{{"usage":{{"used":"{most}","remaining":"{most}"}}}}"#), &["usage.used"]),
        (r#"{"usage":{"used":"-5","remaining":"3"}}"#.to_owned(), &["usage.used"]),
        (
            format!(r#"{{"usages":{{"limit_5h":{{"used_ratio":"{most}"}}}}}}"#),
            &["usages.limit_5h.used_ratio"],
        ),
    ] {
        let reading = usages(&body).unwrap();
        assert_eq!(crate::show(&reading), "", "{body}");
        assert_eq!(reading.not_understood, paths, "{body}");
    }
}

#[test]
fn a_year_that_cannot_be_written_is_not_understood() {
    let reading =
        usages(r#"{"usage":{"limit":"100","used":"7","resetTime":"+12345-01-01T00:00:00Z"}}"#).unwrap();
    assert_eq!(crate::show(&reading), "week 7% 7/100 until -");
    assert_eq!(reading.not_understood, ["usage.resetTime"]);
}

#[test]
fn one_unparseable_time_drops_the_time_and_keeps_the_meter() {
    let reading = usages(r#"{"usage":{"limit":"100","used":"7","resetTime":"next Tuesday"}}"#).unwrap();
    assert_eq!(crate::show(&reading), "week 7% 7/100 until -");
    assert_eq!(reading.not_understood, ["usage.resetTime"]);
    // The map's time stands in.
    let reading = usages(&both(
        r#"{"limit":"100","used":"7","resetTime":"?"}"#,
        r#"{"used_ratio":0.07,"reset_time":"2026-10-02T03:00:00Z"}"#,
    ))
    .unwrap();
    assert_eq!(crate::show(&reading), "5h 7% 7/100 until 2026-10-02T03:00:00Z");
    assert_eq!(reading.not_understood, ["limits[0].detail.resetTime"]);
    // And a relative one where the absolute one cannot be read.
    let reading = usages(r#"{"usage":{"limit":"100","resetTime":"?","resetIn":60}}"#).unwrap();
    assert_eq!(crate::show(&reading), "week 0% 0/100 until 2026-11-20T10:01:00Z");
}

#[test]
fn the_union_rule() {
    for (detail, ratio, shown) in [
        // Agreeing within one point: the finer.
        (r#"{"limit":"100","used":"44","remaining":"56"}"#, "0.4372", "5h 43.72% 44/100 until -"),
        (r#"{"limit":"100","used":"44"}"#, "0.43", "5h 43% 44/100 until -"),
        (r#"{"limit":"100","used":"44"}"#, "0.45", "5h 45% 44/100 until -"),
        (r#"{"limit":"100","used":"44"}"#, "0.44", "5h 44% 44/100 until -"),
        // A count that is finer than the ratio.
        (r#"{"limit":"10000000","used":"4372164"}"#, "0.4372", "5h 43.72164% 4372164/10000000 until -"),
        // More than one point apart: the larger, whichever it is.
        (r#"{"limit":"100","used":"44"}"#, "0.4299", "5h 44% 44/100 until -, in conflict"),
        (r#"{"limit":"100","used":"44"}"#, "0.4501", "5h 45.01% 44/100 until -, in conflict"),
        (r#"{"limit":"100","used":"100"}"#, "0", "5h 100% 100/100 until -, in conflict"),
        (r#"{"limit":"100","remaining":"100"}"#, "1", "5h 100% 0/100 until -, in conflict"),
        // Counts that contradict each other.
        (r#"{"limit":"100","used":"44","remaining":"50"}"#, "0.44", "5h 50% 44/100 until -, in conflict"),
        (r#"{"limit":"100","used":"44","remaining":"57"}"#, "0.4372", "5h 43.72% 44/100 until -"),
        // Ratios beyond 0..1 are kept.
        (r#"{"limit":"100","used":"120"}"#, "1.2", "5h 120% 120/100 until -"),
        (r#"{"limit":"100","remaining":"105"}"#, "\"-0.05\"", "5h -5% -5/100 until -"),
    ] {
        assert_eq!(meters(&both(detail, &format!(r#"{{"used_ratio":{ratio}}}"#))), shown, "{detail} {ratio}");
    }
}

#[test]
fn a_ratio_that_is_missing_beside_a_reset_time_is_an_omitted_zero() {
    let time = r#"{"reset_time":"2026-10-02T03:00:00Z"}"#;
    assert_eq!(
        meters(&format!(r#"{{"usages":{{"limit_month_total":{time}}}}}"#)),
        "month 0% -/- until 2026-10-02T03:00:00Z"
    );
    for entry in ["{}", "null"] {
        assert_eq!(meters(&format!(r#"{{"usages":{{"limit_7d":{entry}}}}}"#)), "", "{entry}");
    }
    // Without a readable time nothing shows that the window is there.
    let reading = usages(r#"{"usages":{"limit_7d":{"reset_time":"?"}}}"#).unwrap();
    assert_eq!(
        (reading.meters.len(), &reading.not_understood[..]),
        (0, &["usages.limit_7d.reset_time".to_owned()][..])
    );
}

#[test]
fn unreadable_fields_are_named_and_the_others_used() {
    for (body, shown, path) in [
        (
            row(r#"{"limit":"100","used":"many","remaining":"90"}"#),
            "5h 10% 10/100 until -",
            "limits[0].detail.used",
        ),
        (
            row(r#"{"limit":"100","used":"10","remaining":[]}"#),
            "5h 10% 10/100 until -",
            "limits[0].detail.remaining",
        ),
        (row(r#"{"limit":"100","used":true}"#), "", "limits[0].detail.used"),
        (row(r#"{"limit":"100","remaining":"?"}"#), "", "limits[0].detail.remaining"),
        (
            row(r#"{"limit":"?","used":"10","remaining":"90"}"#),
            "5h 10% 10/100 until -",
            "limits[0].detail.limit",
        ),
        (row(r#"{"limit":"?","used":"10"}"#), "", "limits[0].detail.limit"),
        (row(r#""nothing""#), "", "limits[0].detail"),
        (
            both(r#"{"limit":"100","used":"?"}"#, r#"{"used_ratio":0.25}"#),
            "5h 25% -/100 until -",
            "limits[0].detail.used",
        ),
        (
            both(r#"{"limit":"100","used":"25"}"#, r#"{"used_ratio":"?"}"#),
            "5h 25% 25/100 until -",
            "usages.limit_5h.used_ratio",
        ),
        (r#"{"usages":{"limit_5h":0.5}}"#.to_owned(), "", "usages.limit_5h"),
        (r#"{"usages":"none","usage":{"limit":"5"}}"#.to_owned(), "week 0% 0/5 until -", "usages"),
        (r#"{"usage":7}"#.to_owned(), "", "usage"),
        (r#"{"limits":{"a":1}}"#.to_owned(), "", "limits"),
        (r#"{"data":{"usage":{"limit":"?"}}}"#.to_owned(), "", "data.usage.limit"),
    ] {
        let reading = usages(&body).unwrap();
        assert_eq!(crate::show(&reading), shown, "{body}");
        assert_eq!(reading.not_understood, [path], "{body}");
    }
}

#[test]
fn total_quota_is_never_shown_and_limited_is_no_error() {
    assert_eq!(meters(r#"{"totalQuota":{"limit":"100","remaining":"99"},"limited":true}"#), "");
}

#[test]
fn a_new_plan_has_no_week() {
    let reading =
        usages(r#"{"usages":{"limit_5h":{"used_ratio":0.1},"limit_month_total":{"used_ratio":0.2}}}"#)
            .unwrap();
    assert_eq!(reading.meters.iter().map(|m| m.meter.as_str()).collect::<Vec<_>>(), ["5h", "month"]);
}

#[test]
fn numbers_beyond_all_bounds_do_no_harm() {
    for used in [
        "79228162514264337593543950335",
        "-79228162514264337593543950335",
        "1e28",
        "0.0000000000000000000000000001",
    ] {
        for limit in ["79228162514264337593543950335", "1", "0.0000000000000000000000000001"] {
            let detail = format!(r#"{{"limit":"{limit}","used":"{used}","remaining":"{used}"}}"#);
            let _ = usages(&both(&detail, &format!(r#"{{"used_ratio":"{used}"}}"#))).unwrap();
        }
    }
}
