//! Limits and plans.

use super::*;

fn week(at: i64, used: &str, limit: Option<&str>) -> Reading {
    let mut seen = meter(Meter::Week, used, Some(minute(9000)));
    seen.limit = limit.map(decimal);
    Reading { meters: vec![seen], ..blank(at) }
}

#[test]
fn another_limit_is_another_scale() {
    let all = run(&[
        week(0, "18.31", Some("2048")),
        week(5, "19", Some("100")),
        week(10, "20", None),
        week(15, "21", Some("100.0")),
    ]);
    assert_eq!(findings(&all), ["limit week 2048>100 in 0..5 at 5"]);
    let seen = movements(&all, Series::Meter(Meter::Week));
    assert_eq!(seen[1].from, None);
    assert_eq!(sums(&all, Series::Meter(Meter::Week)), (decimal("2"), Decimal::ZERO, 0));
}

#[test]
fn another_plan_is_told_once_and_its_percent_begin_anew() {
    let plan = |at: i64, plan: Option<&str>, used: &str| Reading {
        plan: plan.map(ToOwned::to_owned),
        ..week(at, used, None)
    };
    let all = run(&[
        plan(0, Some("Plus"), "80"),
        plan(5, None, "80"),
        plan(10, Some("Pro"), "40"),
        plan(15, Some("Pro"), "41"),
    ]);
    assert_eq!(findings(&all), ["plan Plus>Pro in 0..10 at 10"]);
    assert_eq!(sums(&all, Series::Meter(Meter::Week)), (Decimal::ONE, Decimal::ZERO, 0));
}

#[test]
fn a_plan_that_becomes_known_is_no_change() {
    let all = run(&[week(0, "1", None), Reading { plan: Some("Pro".into()), ..week(5, "1", None) }]);
    assert_eq!(findings(&all), Vec::<String>::new());
}

#[test]
fn the_switch_between_generations_of_plans() {
    let unnamed =
        |at: i64| Reading { meters: vec![meter(Meter::Month, "3", Some(minute(40000)))], ..blank(at) };
    let month = |at: i64| Reading { plan: Some("Pro".into()), ..unnamed(at) };
    let old = |at: i64| Reading { plan: Some("Allegretto".into()), ..week(at, "60", None) };
    let all = run(&[old(0), month(5), month(10)]);
    assert_eq!(findings(&all), ["plan Allegretto>Pro in 0..5 at 5"]);
    // Without a plan name the quotas show it, once a second reading agrees.
    let unnamed_week = |at: i64| week(at, "60", None);
    let all = run(&[unnamed_week(0), unnamed(5), unnamed(10), unnamed(15)]);
    assert_eq!(findings(&all), ["plan 5h, week>5h, month in 0..10 at 10"]);
    let all = run(&[unnamed(0), unnamed_week(5), unnamed_week(10)]);
    assert_eq!(findings(&all), ["plan 5h, month>5h, week in 0..10 at 10"]);
    // A name that comes later adds nothing new; another one after it does.
    let named = |at: i64, plan: &str| Reading { plan: Some(plan.into()), ..unnamed(at) };
    let all = run(&[old(0), unnamed(5), unnamed(10), named(20, "Pro"), named(30, "Max")]);
    assert_eq!(findings(&all), ["plan 5h, week>5h, month in 0..10 at 10", "plan Pro>Max in 20..30 at 30"]);
    // One odd answer is no switch, nor is one of which not all was read.
    let unread = |at: i64| Reading { not_understood: vec!["usage".into()], ..unnamed(at) };
    let all = run(&[unnamed_week(0), unnamed(5), unnamed_week(10), unread(15), unread(20)]);
    assert_eq!(findings(&all), Vec::<String>::new());
    // A week that comes back under another plan starts again from zero.
    let all = run(&[old(0), month(5), Reading { plan: Some("Pro".into()), ..week(10, "2", None) }]);
    assert_eq!(movements(&all, Series::Meter(Meter::Week))[1].from, None);
}

#[test]
fn each_rate_limit_that_changes_is_told_by_its_word() {
    let limits = |at: i64, concurrency, requests_per_minute, tokens_per_minute, tokens_per_day| Reading {
        limits: RateLimits { concurrency, requests_per_minute, tokens_per_minute, tokens_per_day },
        ..blank(at)
    };
    let all = run(&[
        limits(0, Some(50), Some(200), Some(2_000_000), Some(1_500_000)),
        limits(5, None, None, None, None),
        limits(10, Some(15), Some(100), Some(2_000_000), None),
        limits(15, Some(15), Some(100), Some(3_000_000), Some(1_000_000)),
    ]);
    assert_eq!(
        findings(&all),
        [
            "limit concurrency 50>15 in 0..10 at 10",
            "limit requests-per-minute 200>100 in 0..10 at 10",
            "limit tokens-per-minute 2000000>3000000 in 10..15 at 15",
            "limit tokens-per-day 1500000>1000000 in 0..15 at 15",
        ]
    );
}
