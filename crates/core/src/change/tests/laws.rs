//! What holds over any sequence of readings.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::money::{Currency, Money};
use crate::reading::{Balance, Wallet};

/// Any figure at all, the absurd included.
fn figure() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        6 => (0_i64..12_000).prop_map(|n| Decimal::new(n, 2)),
        2 => Just(Decimal::ZERO),
        1 => (-500_000_000_i64..500_000_000, 0_u32..9).prop_map(|(n, scale)| Decimal::new(n, scale)),
        1 => prop_oneof![Just(Decimal::MAX), Just(Decimal::MIN), Just(Decimal::new(1, 28))],
    ]
}

fn any_time() -> impl Strategy<Value = DateTime<Utc>> {
    prop_oneof![
        12 => (0_i64..40_000).prop_map(minute),
        1 => Just(DateTime::<Utc>::MIN_UTC),
        1 => Just(DateTime::<Utc>::MAX_UTC),
    ]
}

fn any_meters() -> impl Strategy<Value = Vec<MeterReading>> {
    let one = (
        prop::sample::select(Meter::ALL.to_vec()),
        figure(),
        option::of(prop::sample::select(vec![100_i64, 2048])),
        option::of(any_time()),
    );
    // The same meter may come twice, in any order.
    vec(one, 0..5).prop_map(|all| {
        all.into_iter()
            .map(|(meter, used_percent, limit, resets_at)| MeterReading {
                meter,
                used_percent,
                used: None,
                limit: limit.map(Decimal::from),
                resets_at,
                conflict: false,
            })
            .collect()
    })
}

prop_compose! {
    fn any_reading()(
        at in any_time(),
        plan in option::of(prop::sample::select(vec!["Plus", "Pro", ""])),
        meters in any_meters(),
        wallet in option::of((option::of(any::<bool>()), option::of(figure()))),
        balance in option::of((option::of(figure()), option::of(figure()), option::of(figure()))),
        dollars in any::<bool>(),
        concurrency in option::of(1_u64..4),
    ) -> Reading {
        let currency = if dollars { Currency::USD } else { Currency::CNY };
        Reading {
            at,
            plan: plan.map(ToOwned::to_owned),
            meters,
            wallet: wallet.map(|(enabled, amount)| Wallet {
                enabled,
                balance: amount.map(|amount| Money::new(amount, currency)),
                month_used: None,
                month_cap: None, frozen: false }),
            balance: balance.map(|(available, voucher, cash)| Balance { currency, available, voucher, cash }),
            limits: RateLimits { concurrency, ..RateLimits::default() },
            ..blank(0)
        }
    }
}

/// The history of one quota as a service would report it: use, resets on time and early, moved ends.
fn life() -> impl Strategy<Value = Vec<Reading>> {
    let step = (1_i64..90, 0_i64..400, 0_u8..20);
    (0_i64..9_000, vec(step, 2..60)).prop_map(|(begin, steps)| {
        let (mut now, mut used, mut end) = (0_i64, begin, 300_i64);
        let mut readings = Vec::new();
        for (wait, spent, luck) in steps {
            now += wait;
            if now >= end {
                end = now + 300;
                used = 0;
            }
            match luck {
                0 => end += 30,
                1 => {
                    used = 0;
                    end = now + 300;
                }
                2 => used -= used.min(60),
                _ => {}
            }
            used += spent;
            readings.push(Reading {
                meters: vec![MeterReading {
                    used_percent: Decimal::new(used, 2),
                    ..meter(Meter::FiveHour, "0", Some(minute(end)))
                }],
                ..blank(now)
            });
        }
        readings
    })
}

/// An account of two quotas and a balance that is used a little between readings, in the midst of its cycles.
fn used() -> impl Strategy<Value = Vec<Reading>> {
    vec((1_i64..10, 0_i64..3, 0_i64..50), 3..30).prop_map(|steps| {
        let (mut now, mut five, mut cents) = (0, 20, 10_000);
        let mut readings = Vec::new();
        for (wait, points, spent) in steps {
            (now, five, cents) = (now + wait, five + points, cents - spent);
            readings.push(showing(minute(now), five, 30 + five / 5, cents));
        }
        readings
    })
}

fn showing(at: DateTime<Utc>, five: i64, week: i64, cents: i64) -> Reading {
    let cash = Some(Decimal::new(cents, 2));
    let quota = |which, used: i64, end| MeterReading {
        used_percent: used.into(),
        ..meter(which, "0", Some(minute(end)))
    };
    Reading {
        at,
        meters: vec![quota(Meter::FiveHour, five, 400), quota(Meter::Week, week, 9000)],
        balance: Some(Balance {
            currency: Currency::CNY,
            available: cash,
            voucher: Some(Decimal::ZERO),
            cash,
        }),
        ..blank(0)
    }
}

/// What an answer shows that is wrong for a moment.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    /// Nothing used of the quotas, or nearly nothing, so many times.
    Low { quotas: (i64, i64), times: i64 },
    /// Much more used of all quotas.
    High { by: i64 },
    /// So many hundredths of the balance, of it none to less than half, or many times as much.
    Balance { hundredths: i64 },
}

fn wrong() -> impl Strategy<Value = Wrong> {
    prop_oneof![
        ((0_i64..=10, 0_i64..=10), 1_i64..=3).prop_map(|(quotas, times)| Wrong::Low { quotas, times }),
        (20_i64..90).prop_map(|by| Wrong::High { by }),
        prop_oneof![-20_i64..=45, 800_i64..5000].prop_map(|hundredths| Wrong::Balance { hundredths }),
    ]
}

fn check_laws(all: &[Observed]) -> Result<(), TestCaseError> {
    let mut last: std::collections::BTreeMap<Series, Decimal> = std::collections::BTreeMap::new();
    for observed in all {
        for movement in &observed.movements {
            prop_assert!(movement.deducted >= Decimal::ZERO, "{movement:?}");
            prop_assert!(movement.returned >= Decimal::ZERO, "{movement:?}");
            prop_assert!(movement.from.is_none_or(|from| from <= movement.at), "{movement:?}");
            if movement.from.is_some() {
                let before = last[&movement.series];
                let net = movement.deducted - movement.returned;
                let expected = match movement.series {
                    Series::Meter(_) => before + net,
                    Series::Balance(_) | Series::Wallet(_) => before - net,
                };
                prop_assert_eq!(movement.value, expected, "{:?}", movement);
            }
            last.insert(movement.series, movement.value);
        }
        for finding in &observed.findings {
            prop_assert!(finding.from <= finding.to, "{finding:?}");
            prop_assert!((0.0..=1.0).contains(&finding.confidence));
            prop_assert!(!finding.explanation.is_empty() && !finding.evidence.is_empty());
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_readings_in_any_order_obey_the_invariant(readings in vec(any_reading(), 0..40)) {
        check_laws(&run(&readings))?;
    }

    #[test]
    fn writing_the_tracker_down_between_readings_changes_nothing(readings in vec(any_reading(), 0..40)) {
        let mut straight = Tracker::default();
        let all: Vec<_> = readings.iter().map(|reading| straight.observe(reading)).collect();
        prop_assert_eq!(run(&readings), all);
    }

    #[test]
    fn a_reading_taken_twice_counts_once(readings in vec(any_reading(), 1..20)) {
        let mut tracker = Tracker::default();
        for reading in &readings {
            let _ = tracker.observe(reading);
            let before = tracker.clone();
            prop_assert_eq!(tracker.observe(reading), Observed::default());
            prop_assert_eq!(&tracker, &before);
        }
    }

    #[test]
    fn what_a_meter_shows_is_what_was_deducted_less_what_came_back(readings in life()) {
        let all = run(&readings);
        check_laws(&all)?;
        let series = Series::Meter(Meter::FiveHour);
        if all.last().is_some_and(|observed| observed.unconfirmed.is_empty()) {
            let (deducted, returned, _) = sums(&all, series);
            let shown = |reading: &Reading| reading.meters[0].used_percent;
            let (first, last) = (shown(&readings[0]), shown(&readings[readings.len() - 1]));
            prop_assert_eq!(last - first, deducted - returned);
        }
    }

    /// What is wrong for a moment, and right again, was never deducted, returned, reset or paid in.
    #[test]
    fn answers_that_are_wrong_for_a_moment_change_neither_totals_nor_findings(
        readings in used(), place in any::<prop::sample::Index>(), wrong in wrong(),
    ) {
        let plain = run(&readings);
        let place = place.index(readings.len() - 1);
        let good = &readings[place];
        let shown = |which| good.meter(which).unwrap().used_percent.to_string().parse::<i64>().unwrap();
        let (five, week) = (shown(Meter::FiveHour), shown(Meter::Week));
        let cents = good.balance.and_then(|balance| balance.cash).unwrap() * Decimal::ONE_HUNDRED;
        let cents = cents.normalize().to_string().parse::<i64>().unwrap();
        let ((five, week), cents, times) = match wrong {
            Wrong::Low { quotas, times } => (quotas, cents, times),
            Wrong::High { by } => ((five + by, week + by), cents, 1),
            Wrong::Balance { hundredths } => ((five, week), cents * hundredths / 100, 1),
        };
        let mut with = readings.clone();
        for time in 0..times {
            let at = good.at + TimeDelta::seconds(time + 1);
            with.insert(place + 1, showing(at, five, week, cents));
        }
        with.sort_by_key(|reading| reading.at);
        let with = run(&with);
        let series =
            [Series::Meter(Meter::FiveHour), Series::Meter(Meter::Week), Series::Balance(Currency::CNY)];
        for series in series {
            prop_assert_eq!(sums(&plain, series), sums(&with, series), "{}", series);
        }
        prop_assert_eq!(findings(&plain), findings(&with));
        prop_assert!(with.last().unwrap().unconfirmed.is_empty());
        prop_assert!(!with[place + 1].unconfirmed.is_empty());
    }

    #[test]
    fn a_reading_of_zeros_changes_neither_totals_nor_findings(
        readings in life(), place in any::<prop::sample::Index>(),
    ) {
        // Not distinguishable if the quota really falls just then, or is already waiting for confirmation.
        let fallen = |pair: &[Reading]| {
            pair[1].meters[0].used_percent < pair[0].meters[0].used_percent - Decimal::ONE
        };
        let plain = run(&readings);
        let waits = |at: usize| !plain[at].unconfirmed.is_empty();
        let places: Vec<_> = (0..readings.len() - 1)
            .filter(|&at| !waits(at) && !waits(at + 1))
            .filter(|&at| !fallen(&readings[at..]) && (at == 0 || !fallen(&readings[at - 1..])))
            .filter(|&at| readings[at].meters[0].resets_at == readings[at + 1].meters[0].resets_at)
            .collect();
        if places.is_empty() {
            return Ok(());
        }
        let place = places[place.index(places.len())];
        // The faulty answer comes a second after a good one, with its ends.
        let mut zeros = readings[place].clone();
        zeros.at += TimeDelta::seconds(1);
        zeros.meters[0].used_percent = Decimal::ZERO;
        let mut with = readings.clone();
        with.insert(place + 1, zeros);
        let with = run(&with);
        let series = Series::Meter(Meter::FiveHour);
        prop_assert_eq!(sums(&plain, series), sums(&with, series));
        prop_assert_eq!(findings(&plain), findings(&with));
    }
}
