use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc, Weekday};
use chrono_tz::Tz;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;

const BERLIN: Tz = chrono_tz::Europe::Berlin;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn decimal(value: f64) -> Decimal {
    Decimal::from_f64_retain(value).unwrap().round_dp(4)
}

fn movement(
    meter: Meter,
    from: Option<DateTime<Utc>>,
    at: DateTime<Utc>,
    deducted: f64,
    value: f64,
) -> Movement {
    Movement {
        series: Series::Meter(meter),
        from,
        at,
        value: decimal(value),
        deducted: decimal(deducted),
        returned: Decimal::ZERO,
        resets: 0,
    }
}

fn reading(meter: Meter, used: f64, end: Option<DateTime<Utc>>) -> MeterReading {
    MeterReading {
        meter,
        used_percent: decimal(used),
        used: None,
        limit: None,
        resets_at: end,
        conflict: false,
    }
}

/// An account that is polled every ten minutes and used evenly from nine to five on every workday.
fn worker(meter: Meter, from: DateTime<Utc>, to: DateTime<Utc>, points_an_hour: f64) -> UsageHistory {
    used(meter, from, to, |at| {
        let local = at.with_timezone(&BERLIN);
        let works = !matches!(local.weekday(), Weekday::Sat | Weekday::Sun);
        if works && (9..17).contains(&local.hour()) { points_an_hour / 6.0 } else { 0.0 }
    })
}

fn used(
    meter: Meter,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    use_of: impl Fn(DateTime<Utc>) -> f64,
) -> UsageHistory {
    let mut pasts = UsageHistory::new(BERLIN);
    pasts.take(&movement(meter, None, from, 0.0, 0.0));
    let mut last = from;
    while last + TimeDelta::minutes(10) <= to {
        let at = last + TimeDelta::minutes(10);
        pasts.take(&movement(meter, Some(last), at, use_of(last), 50.0));
        last = at;
    }
    pasts
}

/// Tuesday, ten in the morning; four weeks of the past are known.
const NOW: &str = "2026-06-23T08:00:00Z";

fn steady(points_an_hour: f64) -> UsageHistory {
    worker(Meter::Week, utc(NOW) - TimeDelta::days(28), utc(NOW), points_an_hour)
}

#[test]
fn steady_use_is_carried_on() {
    let pasts = steady(2.0);
    // Until Friday, ten in the morning, there are three work days: 48 points.
    let end = Some(utc(NOW) + TimeDelta::days(3));
    let at = |used| pasts.forecast(&reading(Meter::Week, used, end), utc(NOW)).unwrap();
    assert!(at(10.0).lasts > 0.95, "{:?}", at(10.0));
    assert!(at(95.0).lasts < 0.05, "{:?}", at(95.0));
    let (from, to) = at(80.0).empty.unwrap();
    // Twenty points are ten hours of work: tomorrow at noon.
    let noon = utc("2026-06-24T10:00:00Z");
    assert!(from <= noon && noon <= to, "{from} {to}");
    assert!(to - from < TimeDelta::days(2), "{from} {to}");
}

#[test]
fn nights_and_weekends_bring_nothing() {
    // Friday, ten at night.
    let friday = utc("2026-06-26T20:00:00Z");
    let pasts = worker(Meter::Week, friday - TimeDelta::days(28), friday, 6.0);
    let until = |end| pasts.forecast(&reading(Meter::Week, 70.0, Some(utc(end))), friday).unwrap().lasts;
    assert!(
        until("2026-06-29T06:00:00Z") > 0.8,
        "nobody works until Monday: {}",
        until("2026-06-29T06:00:00Z")
    );
    assert!(until("2026-06-30T15:00:00Z") < 0.1, "two days of work: {}", until("2026-06-30T15:00:00Z"));
}

#[test]
fn what_cannot_be_told_is_not_told() {
    let (now, day) = (utc(NOW), TimeDelta::days(1));
    let pasts = steady(2.0);
    let week = |used, end| reading(Meter::Week, used, end);
    let table = [
        ("no end announced", week(50.0, None), now, NoForecast::NoEnd),
        ("the end has passed", week(50.0, Some(now - day)), now, NoForecast::NoEnd),
        ("a cycle of no length", week(50.0, Some(now)), now, NoForecast::NoEnd),
        ("full", week(100.0, Some(now + day)), now, NoForecast::UsedUp),
        ("more than full", week(104.2, Some(now + day)), now, NoForecast::UsedUp),
        ("not begun", reading(Meter::FiveHour, 0.0, Some(now + day)), now, NoForecast::NotBegun),
        ("never seen", reading(Meter::Month, 50.0, Some(now + day)), now, NoForecast::TooLittlePast),
        ("read long ago", week(50.0, Some(now + day * 3)), now + day, NoForecast::NotSeen),
        ("the clock was set back", week(50.0, Some(now + day)), now - day, NoForecast::NotSeen),
    ];
    for (what, meter, now, silence) in table {
        assert_eq!(pasts.forecast(&meter, now), Err(silence), "{what}");
    }
    let young = worker(Meter::Week, now - day * 2, now, 2.0);
    assert_eq!(young.forecast(&week(50.0, Some(now + day)), now), Err(NoForecast::TooLittlePast));
    // What percent were of another plan says nothing of this one's.
    let mut other = steady(2.0);
    other.take(&movement(Meter::Week, None, now + TimeDelta::minutes(5), 0.0, 10.0));
    let soon = now + TimeDelta::minutes(5);
    assert_eq!(other.forecast(&week(10.0, Some(now + day)), soon), Err(NoForecast::TooLittlePast));
}

#[test]
fn a_window_just_come_back_has_all_of_it_to_go() {
    let end = utc(NOW) + TimeDelta::days(7);
    let told = steady(1.0).forecast(&reading(Meter::Week, 0.0, Some(end)), utc(NOW)).unwrap();
    assert!(told.lasts > 0.95, "forty points of a hundred: {told:?}");
    let told = steady(4.0).forecast(&reading(Meter::Week, 0.0, Some(end)), utc(NOW)).unwrap();
    assert!(told.lasts < 0.1, "a hundred and sixty: {told:?}");
}

#[test]
fn where_nothing_was_ever_used_it_lasts() {
    let end = utc(NOW) + TimeDelta::days(7);
    let told = steady(0.0).forecast(&reading(Meter::Week, 99.0, Some(end)), utc(NOW)).unwrap();
    assert!(told.lasts > 0.99 && told.empty.is_none(), "{told:?}");
}

#[test]
fn a_gap_of_days_is_not_taken_for_rest() {
    let now = utc(NOW);
    // No polls for the ten days before the last one.
    let mut pasts = worker(Meter::Week, now - TimeDelta::days(28), now - TimeDelta::days(11), 2.0);
    let (from, to) = (now - TimeDelta::days(11), now - TimeDelta::days(1));
    pasts.take(&movement(Meter::Week, Some(from), to, 90.0, 90.0));
    let mut last = to;
    while last < now {
        let at = last + TimeDelta::minutes(10);
        let works = (7..15).contains(&last.hour());
        pasts.take(&movement(Meter::Week, Some(last), at, if works { 1.0 / 3.0 } else { 0.0 }, 50.0));
        last = at;
    }
    let end = Some(now + TimeDelta::days(3));
    let told = pasts.forecast(&reading(Meter::Week, 80.0, end), now).unwrap();
    assert!(told.lasts < 0.1, "twenty points left of forty-eight: {told:?}");
}

#[test]
fn a_full_window_says_nothing_of_what_would_have_been_used() {
    let now = utc(NOW);
    let pasts = |value: f64| {
        let mut pasts = worker(Meter::Week, now - TimeDelta::days(28), now - TimeDelta::days(7), 2.0);
        let mut last = now - TimeDelta::days(7);
        while last < now {
            let at = last + TimeDelta::minutes(10);
            pasts.take(&movement(Meter::Week, Some(last), at, 0.0, value));
            last = at;
        }
        pasts
    };
    let end = Some(now + TimeDelta::days(3));
    let told = |value| pasts(value).forecast(&reading(Meter::Week, 70.0, end), now).unwrap().lasts;
    assert!(told(100.0) < 0.2, "a week in which nothing could be used: {}", told(100.0));
    assert!(told(40.0) > told(100.0) + 0.1, "a week of rest: {}", told(40.0));
}

#[test]
fn days_follow_the_clock_of_the_zone() {
    // Eight on a Monday morning, before and after summer time ends on 25 October. Counted in UTC, the four
    // weeks before the second would bring the work an hour early.
    let told = |now: &str| {
        let now = utc(now);
        let pasts = worker(Meter::FiveHour, now - TimeDelta::days(28), now, 10.0);
        let meter = reading(Meter::FiveHour, 85.0, Some(now + TimeDelta::hours(2)));
        pasts.forecast(&meter, now).unwrap().lasts
    };
    let (before, after) = (told("2026-10-19T06:00:00Z"), told("2026-10-26T07:00:00Z"));
    assert!((before - after).abs() < 0.05, "{before} {after}");
    let early = told("2026-10-26T06:00:00Z");
    assert!(early > after + 0.05, "an hour earlier there is less to come: {early} {after}");
}

#[test]
fn what_goes_on_now_matters() {
    // An hour of work somewhere in the day, on every third hour of it, on most days.
    let now = utc(NOW);
    let busy = |at: DateTime<Utc>| {
        let number = at.timestamp().div_euclid(3600);
        if number.wrapping_mul(2_654_435_761).rem_euclid(97) < 12 { 5.0 } else { 0.0 }
    };
    let begin = now - TimeDelta::days(28);
    let idle =
        used(Meter::FiveHour, begin, now, |at| if at >= now - TimeDelta::hours(2) { 0.0 } else { busy(at) });
    let working = used(Meter::FiveHour, begin, now, |at| {
        if at >= now - TimeDelta::minutes(40) {
            5.0
        } else if at >= now - TimeDelta::hours(2) {
            0.0
        } else {
            busy(at)
        }
    });
    let meter = reading(Meter::FiveHour, 85.0, Some(now + TimeDelta::hours(1)));
    let told = |pasts: &UsageHistory| pasts.forecast(&meter, now).unwrap().lasts;
    assert!(told(&idle) > told(&working) + 0.1, "{} {}", told(&idle), told(&working));
}

#[test]
fn the_same_past_gives_the_same_forecast_however_it_was_told() {
    let meter = reading(Meter::Week, 60.0, Some(utc(NOW) + TimeDelta::days(3)));
    let told = steady(2.0).forecast(&meter, utc(NOW)).unwrap();
    assert_eq!(steady(2.0).forecast(&meter, utc(NOW)).unwrap(), told);
    let mut twice = steady(2.0);
    let (before, now) = (utc(NOW) - TimeDelta::hours(1), utc(NOW));
    twice.take(&movement(Meter::Week, Some(before), now, 2.0, 50.0));
    assert_eq!(twice.forecast(&meter, now).unwrap(), told);
}

#[test]
fn no_more_than_eight_weeks_are_remembered() {
    let long = worker(Meter::Week, utc(NOW) - TimeDelta::days(200), utc(NOW), 2.0);
    assert!(long.windows[&Meter::Week].days().len() <= 56);
    let mut kept = worker(Meter::Week, utc(NOW) - UsageHistory::REACH, utc(NOW), 2.0);
    kept.take(&movement(Meter::Week, Some(utc(NOW)), utc(NOW), 0.0, 50.0));
    let meter = reading(Meter::Week, 60.0, Some(utc(NOW) + TimeDelta::days(3)));
    let (long, kept) = (long.forecast(&meter, utc(NOW)).unwrap(), kept.forecast(&meter, utc(NOW)).unwrap());
    assert!((long.lasts - kept.lasts).abs() < 0.05, "{long:?} {kept:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_forecast_makes_sense(
        uses in prop::collection::vec(prop_oneof![3 => Just(0.0), 1 => 0.0..30.0_f64], 24 * 6),
        gaps in prop::collection::vec(1_i64..9, 24 * 6),
        used in 0.1..99.0_f64,
        more in 0.0..20.0_f64,
        ahead in 1_i64..40_000,
    ) {
        let now = utc(NOW);
        let mut pasts = UsageHistory::new(BERLIN);
        let total: i64 = gaps.iter().sum();
        let mut last = now - TimeDelta::minutes(total * 30);
        pasts.take(&movement(Meter::Month, None, last, 0.0, 0.0));
        for (gone, gap) in uses.iter().zip(&gaps) {
            let at = last + TimeDelta::minutes(gap * 30);
            pasts.take(&movement(Meter::Month, Some(last), at, *gone, 50.0));
            last = at;
        }
        let end = now + TimeDelta::minutes(ahead);
        let told = |used: f64| pasts.forecast(&reading(Meter::Month, used, Some(end)), now);
        let Ok(one) = told(used) else { return Ok(()) };
        prop_assert!(one.lasts > 0.0 && one.lasts < 1.0);
        if let Some((from, to)) = one.empty {
            prop_assert!(one.lasts < 0.5);
            prop_assert!(now <= from && from <= to && to <= end, "{from} {to}");
        }
        if let Ok(other) = told(used + more) {
            prop_assert!(other.lasts <= one.lasts, "more is used: {} {}", one.lasts, other.lasts);
        }
    }
}
