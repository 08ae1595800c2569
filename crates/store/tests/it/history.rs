//! History: whatever happened, in whatever zone, the figures are what a slow and simple count gives.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use rust_decimal::Decimal;
use tempfile::TempDir;
use tidemark_core::calendar::{Bucket, Span};
use tidemark_core::change::Movement;
use tidemark_core::{Account, Series};
use tidemark_store::{AnalysisResult, HistoryQuery, HistoryRow, Store};

use crate::given::*;

const ZONES: [Tz; 4] =
    [Tz::UTC, chrono_tz::Asia::Shanghai, chrono_tz::Europe::Berlin, chrono_tz::Asia::Kolkata];
const SPANS: [Span; 3] = [Span::Hour, Span::Day, Span::Month];

/// One look, compared with the one before.
#[derive(Debug, Clone)]
struct Step {
    /// Time since the reading before.
    after: TimeDelta,
    /// Whether we were looking in between.
    watched: bool,
    /// What the meter did: hundredths of a percent deducted and returned, resets. `None`: not in the reading.
    meter: Option<(i64, i64, u32)>,
    /// What the balance did.
    money: Option<(i64, i64)>,
}

fn step() -> impl Strategy<Value = Step> {
    let after = prop_oneof![
        6 => (1_i64..20).prop_map(TimeDelta::minutes),
        2 => (20_i64..300).prop_map(TimeDelta::minutes),
        1 => (1_i64..40).prop_map(TimeDelta::hours),
        1 => (1_i64..20).prop_map(TimeDelta::days),
        1 => (1_i64..9_000_000_000_000).prop_map(TimeDelta::nanoseconds),
    ];
    let meter = prop_oneof![
        4 => Just(Some((0, 0, 0))),
        4 => (1_i64..3000).prop_map(|deducted| Some((deducted, 0, 0))),
        1 => (0_i64..500, 1_i64..5000).prop_map(|(deducted, returned)| Some((deducted, returned, 1))),
        1 => Just(None),
    ];
    let money = prop_oneof![
        3 => Just(Some((0, 0))),
        2 => (1_i64..100_000).prop_map(|deducted| Some((deducted, 0))),
        1 => (1_i64..100_000).prop_map(|returned| Some((0, returned))),
        2 => Just(None),
    ];
    (after, prop::bool::weighted(0.85), meter, money).prop_map(|(after, watched, meter, money)| Step {
        after,
        watched,
        meter,
        money,
    })
}

/// What happened, look by look, in order.
#[derive(Debug, Default)]
struct Story {
    looks: Vec<(DateTime<Utc>, AnalysisResult)>,
    /// Covered and unchanged from one reading to the next; or a reading by itself.
    values: Vec<(Series, DateTime<Utc>, DateTime<Utc>, Decimal)>,
    covered: Vec<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Story {
    fn of(begin: DateTime<Utc>, steps: &[Step]) -> Self {
        let mut story = Self::default();
        let mut at = begin;
        let mut before: BTreeMap<Series, (DateTime<Utc>, Decimal)> = BTreeMap::new();
        for (number, step) in steps.iter().enumerate() {
            let previous = at;
            at += step.after;
            let covered = (step.watched && number > 0).then_some((previous, at));
            story.covered.extend(covered);
            let mut movements = Vec::new();
            let meter = step.meter.map(|(d, r, n)| (FIVE_HOUR, Decimal::new(d, 2), Decimal::new(r, 2), n));
            let money = step.money.map(|(d, r)| (MONEY, Decimal::new(d, 5), Decimal::new(r, 5), 0));
            for (series, deducted, returned, resets) in meter.into_iter().chain(money) {
                let movement = match before.get(&series) {
                    None => still(series, None, at, Decimal::ONE_HUNDRED),
                    Some((from, value)) => {
                        let gain =
                            if series == FIVE_HOUR { deducted - returned } else { returned - deducted };
                        let value = value + gain;
                        Movement { series, from: Some(*from), at, value, deducted, returned, resets }
                    }
                };
                let watched = movement.from.is_some() && covered.is_some() && movement.from == Some(previous);
                let same = before.get(&series).is_some_and(|(_, value)| *value == movement.value);
                let unmoved =
                    movement.deducted.is_zero() && movement.returned.is_zero() && movement.resets == 0;
                let from = if watched && same && unmoved { previous } else { at };
                story.values.push((series, from, at, movement.value));
                before.insert(series, (at, movement.value));
                movements.push(movement);
            }
            story.looks.push((at, conclusion(movements, covered)));
        }
        story
    }

    fn end(&self) -> DateTime<Utc> {
        self.looks.last().map_or(now(), |(at, _)| *at)
    }

    fn tell(&self, store: &Store, account: &Account) {
        for (at, conclusion) in &self.looks {
            let reading = reading(*at, dec("1"), dec("5"));
            let id = store.insert_reading(account.id, &reading, "{}").unwrap();
            store.record_analysis(account.id, id, conclusion).unwrap();
        }
    }

    /// The slow and simple count.
    fn count(&self, account: &Account, query: &HistoryQuery) -> Vec<HistoryRow> {
        let mut rows = Vec::new();
        for series in [FIVE_HOUR, MONEY] {
            let mut of_series = Vec::new();
            for bucket in Bucket::covering(query.from, query.to, query.span, query.zone) {
                let inside = |at: DateTime<Utc>| bucket.start <= at && at < bucket.end;
                let mut row = HistoryRow {
                    account: account.id,
                    series,
                    bucket,
                    deducted: None,
                    returned: None,
                    credited: None,
                    expired: None,
                    uncertain: Decimal::ZERO,
                    covered: TimeDelta::zero(),
                    last: None,
                    high: None,
                    resets: 0,
                };
                for (from, to) in &self.covered {
                    row.covered += (*to.min(&bucket.end) - *from.max(&bucket.start)).max(TimeDelta::zero());
                }
                for (_, told) in &self.looks {
                    for moved in told.movements.iter().filter(|moved| moved.series == series) {
                        let watched =
                            moved.from.is_some() && moved.from == told.covered.map(|(from, _)| from);
                        if inside(moved.at)
                            || watched
                                && moved
                                    .from
                                    .is_some_and(|from| from < bucket.end && moved.at >= bucket.start)
                        {
                            row.deducted.get_or_insert(Decimal::ZERO);
                            row.returned.get_or_insert(Decimal::ZERO);
                        }
                        if inside(moved.at) {
                            *row.deducted.get_or_insert(Decimal::ZERO) += moved.deducted;
                            *row.returned.get_or_insert(Decimal::ZERO) += moved.returned;
                            row.resets += moved.resets;
                            if !watched && moved.from.is_some_and(|from| from < bucket.start) {
                                row.uncertain += moved.deducted;
                            }
                        }
                    }
                }
                let mut last_at = None;
                for (_, from, to, value) in self.values.iter().filter(|(of, ..)| *of == series) {
                    if *from < bucket.end && *to >= bucket.start {
                        let held_to = (*to).min(bucket.end - TimeDelta::nanoseconds(1));
                        if last_at.is_none_or(|last| held_to >= last) {
                            last_at = Some(held_to);
                            row.last = Some(*value);
                        }
                        row.high = row.high.max(Some(*value));
                    }
                }
                of_series.push(row);
            }
            if of_series.iter().any(|row| row.deducted.is_some()) {
                for row in &mut of_series {
                    // Without data before it and without a change, a reading says nothing of what was used.
                    let moved = [row.deducted, row.returned].iter().flatten().any(|moved| !moved.is_zero());
                    if row.covered.is_zero() && !moved && row.resets == 0 {
                        (row.deducted, row.returned) = (None, None);
                    }
                }
                for row in of_series.iter_mut().filter(|row| row.series == MONEY) {
                    // No credit and no expiry was found.
                    (row.credited, row.expired) =
                        (row.deducted.map(|_| Decimal::ZERO), row.deducted.map(|_| Decimal::ZERO));
                }
                rows.extend(of_series);
            }
        }
        rows
    }
}

fn query(from: DateTime<Utc>, to: DateTime<Utc>, span: Span, zone: Tz) -> HistoryQuery {
    HistoryQuery { from, to, now: to + TimeDelta::days(400), span, account: None, zone }
}

fn told(events: &Story) -> (TempDir, Store, Account) {
    let (folder, store, account) = with_account();
    events.tell(&store, &account);
    (folder, store, account)
}

/// Around both changes of the clock in Berlin.
fn beginnings() -> impl Strategy<Value = DateTime<Utc>> {
    prop_oneof![
        Just(utc("2026-03-28T20:17:03.5Z")),
        Just(utc("2026-10-24T19:00:00Z")),
        Just(utc("2026-12-31T12:30:00Z"))
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn every_zone_and_span_counts_right(begin in beginnings(), steps in prop::collection::vec(step(), 1..40)) {
        let story = Story::of(begin, &steps);
        let (_folder, store, account) = told(&story);
        let (from, to) = (begin - TimeDelta::hours(5), story.end() + TimeDelta::hours(5));
        for pinned in [chrono_tz::Europe::Berlin, Tz::UTC] {
            store.rebuild_rollups_in(pinned).unwrap();
            for zone in ZONES {
                for span in SPANS {
                    // Hours of a whole year are many to count slowly; the first days will do.
                    let to = if span == Span::Hour { to.min(begin + TimeDelta::days(4)) } else { to };
                    let asked = query(from, to, span, zone);
                    prop_assert_eq!(store.history(&asked).unwrap(), story.count(&account, &asked), "{} by {}", zone, span);
                }
            }
        }
    }

    #[test]
    fn hours_days_and_months_sum_to_what_moved(begin in beginnings(), steps in prop::collection::vec(step(), 1..30)) {
        let story = Story::of(begin, &steps);
        let (_folder, store, _) = told(&story);
        let mut moved: BTreeMap<Series, (Decimal, Decimal)> = BTreeMap::new();
        for movement in story.looks.iter().flat_map(|(_, told)| &told.movements) {
            let sums = moved.entry(movement.series).or_default();
            sums.0 += movement.deducted;
            sums.1 += movement.returned;
        }
        let covered: TimeDelta = story.covered.iter().map(|(from, to)| *to - *from).sum();
        for zone in ZONES {
            store.rebuild_rollups_in(zone).unwrap();
            for span in SPANS {
                let rows = store.history(&query(begin, story.end() + minutes(1), span, zone)).unwrap();
                for (series, sums) in &moved {
                    let of_series = || rows.iter().filter(|row| row.series == *series);
                    let deducted: Decimal = of_series().filter_map(|row| row.deducted).sum();
                    let returned: Decimal = of_series().filter_map(|row| row.returned).sum();
                    prop_assert_eq!((deducted, returned), *sums, "{} by {}", zone, span);
                    prop_assert_eq!(of_series().map(|row| row.covered).sum::<TimeDelta>(), covered);
                }
            }
        }
    }

    #[test]
    fn another_zone_and_back_changes_nothing(begin in beginnings(), steps in prop::collection::vec(step(), 1..40), back in prop::collection::vec(0_usize..40, 0..4)) {
        // Here the clock is set back now and then, too.
        let mut steps = steps;
        for index in back {
            if let Some(step) = steps.get_mut(index) {
                step.after = -step.after;
            }
        }
        let story = Story::of(begin, &steps);
        let (folder, store, _) = told(&story);
        store.rebuild_rollups_in(chrono_tz::Europe::Berlin).unwrap();
        let before = added_up(&folder);
        store.rebuild_rollups_in(chrono_tz::Asia::Kolkata).unwrap();
        prop_assert_ne!(store.zone().unwrap(), chrono_tz::Europe::Berlin);
        store.rebuild_rollups_in(chrono_tz::Europe::Berlin).unwrap();
        prop_assert_eq!(added_up(&folder), before);
    }

    #[test]
    fn an_import_is_the_same_as_one_by_one(begin in beginnings(), steps in prop::collection::vec(step(), 1..40), cut in 0_usize..40) {
        let story = Story::of(begin, &steps);
        let (folder, store, account) = told(&story);
        let (other_folder, other, other_account) = with_account();
        other.rebuild_rollups_in(chrono_tz::Europe::Berlin).unwrap();
        store.rebuild_rollups_in(chrono_tz::Europe::Berlin).unwrap();
        let line = |(at, told): &(DateTime<Utc>, AnalysisResult)| (reading(*at, dec("1"), dec("5")), "{}".to_owned(), told.clone());
        let cut = cut.min(story.looks.len());
        other.import(other_account.id, story.looks[..cut].iter().map(line)).unwrap();
        let rest = other.import(other_account.id, story.looks.iter().map(line)).unwrap();
        prop_assert_eq!((rest.known, rest.new), (cut as u64, (story.looks.len() - cut) as u64));
        prop_assert_eq!(added_up(&other_folder), added_up(&folder));
        prop_assert_eq!(other.analysis(other_account.id).unwrap(), store.analysis(account.id).unwrap());
        prop_assert_eq!(other.last_readings().unwrap(), store.last_readings().unwrap());
    }
}

#[test]
fn missing_is_not_zero() {
    let (_folder, store, account) = with_account();
    let zone = Tz::UTC;
    let start = utc("2026-11-22T00:00:00Z");
    let look = |minute: i64, from: Option<i64>, watched: bool, used: i64, deducted: i64| {
        let at = start + minutes(minute);
        let id = store.insert_reading(account.id, &reading(at, dec("1"), dec("5")), "{}").unwrap();
        let from = from.map(|minute| start + minutes(minute));
        let movement =
            Movement { deducted: Decimal::from(deducted), ..still(FIVE_HOUR, from, at, Decimal::from(used)) };
        let covered = from.filter(|_| watched).map(|from| (from, at));
        store.record_analysis(account.id, id, &conclusion(vec![movement], covered)).unwrap();
    };
    look(10, None, false, 5, 0);
    look(20, Some(10), true, 5, 0);
    // Asleep from 00:20 to 02:30, with 7 % used meanwhile; then covered until 05:10 with two readings.
    look(150, Some(20), false, 12, 7);
    look(230, Some(150), true, 12, 0);
    look(310, Some(230), true, 13, 1);
    let asked = HistoryQuery {
        from: start,
        to: start + TimeDelta::hours(24),
        now: start + minutes(315),
        span: Span::Hour,
        account: Some(account.id),
        zone,
    };
    let told: Vec<_> = store
        .history(&asked)
        .unwrap()
        .into_iter()
        .map(|row| {
            let text = |amount: Option<Decimal>| amount.map_or("-".to_owned(), |amount| amount.to_string());
            format!(
                "{} deducted {} uncertain {} covered {} last {} high {}",
                row.bucket.label(Span::Hour, zone),
                text(row.deducted),
                row.uncertain,
                row.covered.num_minutes(),
                text(row.last),
                text(row.high)
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
    // Asked before there was anything, and about the future, there is nothing.
    let before = HistoryQuery { from: start - TimeDelta::days(9), to: start - TimeDelta::days(2), ..asked };
    assert_eq!(store.history(&before).unwrap(), []);
    let future = HistoryQuery { from: start + TimeDelta::days(2), to: start + TimeDelta::days(3), ..asked };
    assert_eq!(store.history(&future).unwrap(), []);
    // From the beginning of time costs no more than there is.
    let ever = HistoryQuery {
        from: DateTime::<Utc>::MIN_UTC,
        to: DateTime::<Utc>::MAX_UTC,
        span: Span::Month,
        ..asked
    };
    let rows = store.history(&ever).unwrap();
    assert_eq!(rows.iter().filter_map(|row| row.deducted).sum::<Decimal>(), Decimal::from(8));
    assert_eq!(store.first_look(None).unwrap(), Some(start + minutes(10)));
}

#[test]
fn the_zone_is_pinned_and_said_in_the_settings() {
    let (folder, store) = empty();
    assert_eq!(store.zone().unwrap(), Tz::UTC);
    store.rebuild_rollups_in(chrono_tz::Asia::Shanghai).unwrap();
    drop(store);
    let store = Store::open(folder.path(), now()).unwrap();
    assert_eq!(store.zone().unwrap(), chrono_tz::Asia::Shanghai);
    assert_eq!(store.setting::<String>("timezone").unwrap().as_deref(), Some("Asia/Shanghai"));
}
