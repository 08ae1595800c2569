//! Movements come back as they were entered.

use chrono::TimeDelta;
use rust_decimal::Decimal;
use tidemark_core::MeterReading;
use tidemark_core::change::Movement;
use tidemark_core::forecast::UsageHistory;

use crate::given::*;

/// Ten days with a point an hour from nine to noon, and a weekend's silence that is longer than any gap.
fn movements() -> Vec<Movement> {
    let begin = now() - TimeDelta::days(10);
    let mut value = Decimal::ZERO;
    let mut all = vec![still(FIVE_HOUR, None, begin, value)];
    for look in 1..=10 * 24 * 2 {
        let at = begin + minutes(look * 30);
        let busy = !(144..288).contains(&look) && (18..24).contains(&(look % 48));
        let deducted = if busy { dec("0.5") } else { Decimal::ZERO };
        value += deducted;
        all.push(Movement { deducted, ..still(FIVE_HOUR, Some(at - minutes(30)), at, value) });
    }
    all
}

#[test]
fn a_forecast_from_the_store_is_the_one_of_whoever_looked_all_the_while() {
    let (_folder, store, account) = with_account();
    let mut looking = UsageHistory::new(chrono_tz::UTC);
    for movement in movements() {
        let id = store.insert_reading(account.id, &reading(movement.at, movement.value, dec("5")), "{}");
        let covered = movement.from.map(|from| (from, movement.at));
        store.record_analysis(account.id, id.unwrap(), &conclusion(vec![movement.clone()], covered)).unwrap();
        looking.take(&movement);
    }
    let given =
        store.movements(account.id, FIVE_HOUR, now() - UsageHistory::REACH, now() + minutes(1)).unwrap();
    let sum = |all: &[Movement]| all.iter().map(|m| m.deducted).sum::<Decimal>();
    assert_eq!(sum(&given), sum(&movements()));
    assert!(given.windows(2).all(|pair| pair[1].from == Some(pair[0].at)), "no gap and no overlap");
    assert!(given.iter().all(|m| m.from.is_none_or(|from| m.at - from <= TimeDelta::hours(1))));
    let mut remembered = UsageHistory::new(chrono_tz::UTC);
    for movement in &given {
        remembered.take(movement);
    }
    let meter = MeterReading {
        resets_at: Some(now() + TimeDelta::hours(12)),
        ..reading(now(), dec("98"), dec("5")).meters.remove(0)
    };
    let told = looking.forecast(&meter, now()).unwrap();
    assert!(told.lasts > 0.02 && told.lasts < 0.98, "something that could differ: {told:?}");
    assert_eq!(remembered.forecast(&meter, now()).unwrap(), told);
}
