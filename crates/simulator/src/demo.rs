//! Sample accounts: what the program shows to people without an account of their own.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use tidemark_core::{Meter, Region};

use crate::event::Event;
use crate::launch::LaunchDay;
use crate::plan::{Generation, Plan};
use crate::price::Model;
use crate::spec::{AccountSpec, Habits, ReachedBy, TopUpHabit, WalletSpec};

/// How many days the sample accounts have behind them.
pub const DEMO_DAYS: i64 = 90;

/// The sample accounts, in use for [`DEMO_DAYS`] before `now`.
///
/// A membership on a new plan with a wallet, one on an old plan with its week nearly used up, a global and a
/// Chinese platform account, the latter low on money, one whose key was revoked, and one that lived through a
/// launch day ([`LaunchDay`]). Their command line has keys of some in its configuration, and others in its
/// environment; it is signed in to the old plan, which cannot be distinguished from the other memberships.
#[must_use]
pub fn demo_accounts(now: DateTime<Utc>) -> Vec<AccountSpec> {
    let begin = now - TimeDelta::days(DEMO_DAYS);
    vec![
        work(now, begin).reached_by(ReachedBy::Key),
        old_plan(now, begin).reached_by(ReachedBy::Login),
        api(now, begin).reached_by(ReachedBy::Environment),
        budget(now, begin).reached_by(ReachedBy::Environment),
        retired(now, begin).reached_by(ReachedBy::Key),
        LaunchDay::before(now).account(begin).reached_by(ReachedBy::Key),
    ]
}

fn days_before(now: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    now - TimeDelta::days(days)
}

fn work(now: DateTime<Utc>, begin: DateTime<Utc>) -> AccountSpec {
    let mut spec =
        AccountSpec::kimi_code("Work", Region::China, Plan::Pro, begin - TimeDelta::minutes(11 * 1440 + 217))
            .alive_from(begin)
            .with_habits(Habits {
                sessions: 2.5,
                burst: 0.05,
                holidays: national_holidays(begin, now),
                other_products: 0.7,
                models: vec![(Model::K27Code, 0.72), (Model::K3, 0.2), (Model::K27CodeHighspeed, 0.08)],
                ..Habits::default()
            })
            .with_wallet(WalletSpec {
                enabled: true,
                balance: Decimal::new(12_840, 2),
                month_cap: Some(Decimal::from(100)),
            })
            .with_seed(3);
    // A gift of the service, and a deduction as Kimi Code's that the 5-hour quota knows nothing of.
    spec = spec.then(days_before(now, 38), Event::EarlyReset { meter: Some(Meter::Month), move_end: false });
    let wrong =
        |meter| Event::WrongDeduction { meter: Some(meter), points: Decimal::from(7), amount: Decimal::ZERO };
    spec.then(days_before(now, 16), wrong(Meter::Month))
        .then(days_before(now, 16), wrong(Meter::MonthCode))
        .then(now - TimeDelta::hours(20), Event::TopUp { amount: Decimal::from(100) })
        // In use right now, whatever the hour.
        .then(
            now - TimeDelta::minutes(95),
            Event::SpendUpTo { meter: Meter::FiveHour, points: Decimal::from(22) },
        )
        .then(
            now - TimeDelta::minutes(24),
            Event::SpendUpTo { meter: Meter::FiveHour, points: Decimal::from(41) },
        )
}

fn old_plan(now: DateTime<Utc>, begin: DateTime<Utc>) -> AccountSpec {
    // Its week began five days ago, so that it is well used and still has a while to go.
    let mut subscribed_at = days_before(now, 5) - TimeDelta::seconds(7741);
    while subscribed_at > begin {
        subscribed_at -= TimeDelta::days(7);
    }
    AccountSpec::kimi_code("Old plan", Region::China, Plan::Allegretto, subscribed_at)
        .alive_from(begin)
        .with_generation(Generation::D)
        .with_habits(Habits {
            sessions: 2.1,
            weekend_sessions: 0.9,
            from_hour: 10.0,
            to_hour: 20.0,
            burst: 0.03,
            other_machine: 0.1,
            ..Habits::default()
        })
        .with_seed(8)
        .then(now - TimeDelta::hours(50), Event::SpendUpTo { meter: Meter::Week, points: Decimal::from(50) })
        .then(now - TimeDelta::hours(28), Event::SpendUpTo { meter: Meter::Week, points: Decimal::from(64) })
        .then(
            now - TimeDelta::minutes(70),
            Event::SpendUpTo { meter: Meter::Week, points: Decimal::from(79) },
        )
}

fn api(now: DateTime<Utc>, begin: DateTime<Utc>) -> AccountSpec {
    let mut spec =
        AccountSpec::platform("API global", Region::Global, Decimal::new(6_250, 2), Decimal::from(5), begin)
            .alive_from(begin)
            .with_habits(Habits {
                zone: chrono_tz::Europe::Berlin,
                sessions: 1.4,
                weekend_sessions: 0.3,
                session_minutes: 16.0,
                burst: 0.05,
                burst_agents: 5,
                other_machine: 0.5,
                ..Habits::default()
            })
            .with_seed(5);
    spec.balance.top_up = Some(TopUpHabit { below: Decimal::from(12), amount: Decimal::from(50) });
    spec.then(
        days_before(now, 2),
        Event::Voucher { amount: Decimal::from(15), ends_after_seconds: Some(30 * 86_400) },
    )
}

fn budget(now: DateTime<Utc>, begin: DateTime<Utc>) -> AccountSpec {
    let spec =
        AccountSpec::platform("API china", Region::China, Decimal::from(330), Decimal::from(40), begin)
            .alive_from(begin)
            .with_habits(Habits {
                sessions: 0.5,
                weekend_sessions: 0.2,
                session_minutes: 12.0,
                burst: 0.0,
                other_machine: 0.4,
                ..Habits::default()
            })
            .with_seed(2);
    // In the last days a batch job uses it up, into a small debt that the owner has not noticed yet.
    spec.then(now - TimeDelta::hours(49), Event::SpendDownTo { left: Decimal::new(1890, 2) })
        .then(now - TimeDelta::hours(26), Event::SpendDownTo { left: Decimal::new(412, 2) })
        .then(now - TimeDelta::hours(3), Event::SpendDownTo { left: Decimal::new(-42, 2) })
}

fn retired(now: DateTime<Utc>, begin: DateTime<Utc>) -> AccountSpec {
    AccountSpec::kimi_code(
        "Retired key",
        Region::Global,
        Plan::Plus,
        begin - TimeDelta::minutes(4 * 1440 + 98),
    )
    .alive_from(begin)
    .with_habits(Habits {
        zone: chrono_tz::America::New_York,
        sessions: 1.5,
        session_minutes: 22.0,
        burst: 0.0,
        ..Habits::default()
    })
    .with_seed(4)
    .then(days_before(now, 2) - TimeDelta::minutes(133), Event::RevokeKey)
}

/// The week of the first of October, in every year that a span touches.
fn national_holidays(from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<(NaiveDate, NaiveDate)> {
    (from.year()..=to.year())
        .filter_map(|year| NaiveDate::from_ymd_opt(year, 10, 1))
        .map(|first| (first, first.checked_add_days(Days::new(6)).unwrap_or(first)))
        .collect()
}
