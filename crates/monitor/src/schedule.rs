//! When an account is polled next. Pure: every decision takes the time and what is known.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use tidemark_core::{Failure, FailureKind, Reading};

/// How long after an announced reset the extra poll follows: the service needs a moment itself.
const AFTER_RESET: TimeDelta = TimeDelta::seconds(8);
/// A meter above this percentage is watched closely.
const NEAR_LIMIT: Decimal = Decimal::from_parts(80, 0, 0, false, 0);
/// For so long after use was seen, use counts as going on.
pub const USE_GOES_ON: TimeDelta = TimeDelta::minutes(10);
/// After so long without use, the machine counts as idle.
const IDLE: TimeDelta = TimeDelta::minutes(30);
/// On battery and idle, the time between polls is multiplied by this.
const BATTERY_FACTOR: i32 = 3;
/// A reading that contradicts those before it is followed by another after this.
pub(crate) const SECOND_READING: TimeDelta = TimeDelta::minutes(1);
/// A key that was refused is tried again this rarely at most.
const MAX_REFUSED: Duration = Duration::from_mins(30);
/// The first wait after a refusal.
const FIRST_REFUSED: Duration = Duration::from_mins(1);
/// An unavailable key is tried again after this: it costs a read of the keyring, not a call.
const KEY_AGAIN: TimeDelta = TimeDelta::seconds(20);
/// A wait that the service asks for is believed up to this; beyond, the figure is taken for a mistake.
const MAX_RETRY_AFTER: Duration = Duration::from_hours(24);

/// What a failure is a sign of. Failures of one class that follow each other are one run, whatever kind each of them
/// is: a service in trouble answers 502, 504 and nothing at all in turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureClass {
    /// The key could not be had.
    Key,
    /// The service answers, and refuses.
    Refused,
    /// The service answers that the membership cannot be verified. Its own class, so that such answers are counted.
    Membership,
    /// The service answers, and does not know what it was asked.
    Misdirected,
    /// Kimi Code's own server is not there, or not this run's. No service was asked.
    LocalServer,
    /// The service, or the way to it, is in trouble or asks for time.
    Service,
}

impl FailureClass {
    pub(crate) fn of(failure: &Failure) -> FailureClass {
        match failure.kind {
            _ if failure.is_refusal() => FailureClass::Refused,
            FailureKind::KeyUnavailable => FailureClass::Key,
            FailureKind::MembershipLapsed => FailureClass::Membership,
            FailureKind::ServerNotRunning | FailureKind::ServerTokenRefused => FailureClass::LocalServer,
            // A model that is denied says nothing of the key, and polling goes on.
            FailureKind::NotFound | FailureKind::BadRequest | FailureKind::Forbidden => {
                FailureClass::Misdirected
            }
            _ => FailureClass::Service,
        }
    }
}

/// The poll intervals of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Between two polls while the account is not in use.
    pub calm: TimeDelta,
    /// While use is going on or a meter is near its limit.
    pub busy: TimeDelta,
}

/// What is known of the moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// When use was seen last: in this account's meters, or in a local session log.
    pub last_use: Option<DateTime<Utc>>,
    /// The machine runs on battery.
    pub on_battery: bool,
}

/// When to poll next after a reading. `jitter` is a random number from 0 to 1.
#[must_use]
pub fn after_reading(
    now: DateTime<Utc>,
    reading: &Reading,
    pace: Pace,
    circumstances: Circumstances,
    jitter: f64,
) -> DateTime<Utc> {
    let used_lately = |within| circumstances.last_use.is_some_and(|at| now - at < within);
    let near = reading.meters.iter().any(|m| {
        m.meter.is_allowance() && m.used_percent > NEAR_LIMIT && m.used_percent < Decimal::ONE_HUNDRED
    });
    let pause = if near || used_lately(USE_GOES_ON) {
        pace.busy
    } else if circumstances.on_battery && !used_lately(IDLE) {
        pace.calm * BATTERY_FACTOR
    } else {
        pace.calm
    };
    let regular = now + spread(pause, jitter);
    // The extra poll: just after the first announced reset that comes before the regular one.
    let reset = reading.meters.iter().filter_map(|m| m.resets_at).filter(|at| *at > now).min();
    match reset {
        Some(reset) => {
            let extra = reset + AFTER_RESET + scale(TimeDelta::seconds(12), jitter);
            regular.min(extra)
        }
        None => regular,
    }
}

/// How long a region is not asked for its announcements after it failed to give them so many times in a row: as long as
/// it asked for, and twice as long each time, up to a day.
pub(crate) fn announcements_wait(failure: &Failure, failures_in_row: u32) -> TimeDelta {
    const FIRST: Duration = Duration::from_mins(15);
    let doubled = FIRST * 2_u32.pow(failures_in_row.saturating_sub(1).min(7));
    let wait = doubled.max(failure.retry_after.unwrap_or_default()).min(MAX_RETRY_AFTER);
    TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX)
}

/// When to try again after a failure, and whether that is because the service asked to wait.
#[must_use]
pub fn after_failure(
    now: DateTime<Utc>,
    failure: &Failure,
    failures_in_row: u32,
    pace: Pace,
    jitter: f64,
) -> Retry {
    let calm = pace.calm.to_std().unwrap_or(Duration::from_mins(5));
    let wait = match FailureClass::of(failure) {
        FailureClass::Key => return Retry { at: now + KEY_AGAIN, told: None },
        // It comes and goes with a program of the user's: no trouble, and nothing that is over sooner by asking.
        FailureClass::LocalServer => calm,
        FailureClass::Refused | FailureClass::Membership => {
            backoff(FIRST_REFUSED, MAX_REFUSED.max(calm), failures_in_row)
        }
        FailureClass::Misdirected => backoff(FIRST_REFUSED, calm, failures_in_row),
        FailureClass::Service => backoff(Duration::from_secs(1), calm, failures_in_row),
    };
    let wait = TimeDelta::from_std(wait).unwrap_or(pace.calm);
    let own = now + spread(wait, jitter);
    match failure.retry_after.filter(|told| !told.is_zero()) {
        Some(told) => {
            let told = TimeDelta::from_std(told.min(MAX_RETRY_AFTER)).unwrap_or(pace.calm);
            // Asking a moment too early renews the ban, so the spread goes only one way.
            let until = now + told;
            Retry { at: own.max(until + scale(TimeDelta::seconds(3), jitter)), told: Some(until) }
        }
        None => Retry { at: own, told: None },
    }
}

/// When to poll again after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// The time of the next poll.
    pub at: DateTime<Utc>,
    /// The service asked to wait until then.
    pub told: Option<DateTime<Utc>>,
}

/// The wait before the n-th try (1 is the first retry): doubling from `first` up to `longest`.
fn backoff(first: Duration, longest: Duration, n: u32) -> Duration {
    let doublings = 2_u32.saturating_pow(n.saturating_sub(1));
    first.saturating_mul(doublings).min(longest)
}

/// A span, a tenth shorter to a tenth longer, so that many users do not ask in the same second.
fn spread(span: TimeDelta, jitter: f64) -> TimeDelta {
    span + scale(span, (jitter - 0.5) * 0.2)
}

fn scale(span: TimeDelta, factor: f64) -> TimeDelta {
    TimeDelta::milliseconds((span.num_milliseconds() as f64 * factor) as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tidemark_core::failure::Denied;
    use tidemark_core::reading::UserIds;
    use tidemark_core::{Meter, MeterReading, RateLimits, Region, Source};

    use super::*;

    const PACE: Pace = Pace { calm: TimeDelta::minutes(5), busy: TimeDelta::minutes(1) };

    fn now() -> DateTime<Utc> {
        "2026-11-22T10:00:00Z".parse().unwrap()
    }

    fn reading(meters: &[(Meter, i64, TimeDelta)]) -> Reading {
        Reading {
            at: now(),
            source: Source::KimiCode,
            region: Region::China,
            plan: None,
            meters: meters
                .iter()
                .map(|&(meter, used, left)| MeterReading {
                    meter,
                    used_percent: used.into(),
                    used: None,
                    limit: None,
                    resets_at: Some(now() + left),
                    conflict: false,
                })
                .collect(),
            wallet: None,
            balance: None,
            limits: RateLimits::default(),
            not_understood: vec![],
            user: UserIds::default(),
        }
    }

    fn pause(meters: &[(Meter, i64, TimeDelta)], circumstances: Circumstances) -> i64 {
        (after_reading(now(), &reading(meters), PACE, circumstances, 0.5) - now()).num_seconds()
    }

    #[test]
    fn the_pace_follows_what_goes_on() {
        let far = TimeDelta::hours(3);
        let used = |minutes| Some(now() - TimeDelta::minutes(minutes));
        let calm = Circumstances::default();
        assert_eq!(pause(&[(Meter::FiveHour, 20, far)], calm), 300, "nothing hurries");
        assert_eq!(pause(&[(Meter::FiveHour, 81, far)], calm), 60, "near its limit");
        assert_eq!(pause(&[(Meter::FiveHour, 100, far)], calm), 300, "used up: nothing can happen soon");
        assert_eq!(pause(&[(Meter::MonthCode, 90, far)], calm), 300, "the Code share limits nothing");
        let lately = Circumstances { last_use: used(3), on_battery: false };
        assert_eq!(pause(&[(Meter::FiveHour, 20, far)], lately), 60, "use goes on");
        let battery = Circumstances { last_use: used(45), on_battery: true };
        assert_eq!(pause(&[(Meter::FiveHour, 20, far)], battery), 900, "idle on battery");
        let battery = Circumstances { last_use: used(15), on_battery: true };
        assert_eq!(pause(&[(Meter::FiveHour, 20, far)], battery), 300, "on battery, not idle");
    }

    #[test]
    fn an_announced_reset_gets_an_extra_look_just_after() {
        let soon = TimeDelta::minutes(2);
        let wait = pause(
            &[(Meter::FiveHour, 20, soon), (Meter::Week, 5, TimeDelta::days(2))],
            Circumstances::default(),
        );
        assert!((128..=140).contains(&wait), "{wait}");
    }

    #[test]
    fn failures_back_off_from_one_second() {
        let failure = Failure::new(FailureKind::ServerError, "502");
        let waits: Vec<i64> = (1..=11)
            .map(|n| (after_failure(now(), &failure, n, PACE, 0.5).at - now()).num_seconds())
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    }

    #[test]
    fn waits_double_up_to_the_longest_and_never_overflow() {
        let (first, longest) = (Duration::from_secs(1), Duration::from_mins(5));
        let waits: Vec<u64> = (0..=11).map(|n| backoff(first, longest, n).as_secs()).collect();
        assert_eq!(waits, [1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        for n in [33, 64, 65, u32::MAX] {
            assert_eq!(backoff(first, longest, n), longest);
            assert_eq!(backoff(Duration::MAX, Duration::MAX, n), Duration::MAX);
        }
        assert_eq!(backoff(longest, first, 1), first, "no wait is longer than the longest");
    }

    #[test]
    fn a_refused_key_is_tried_rarely() {
        let failure = Failure::new(FailureKind::Unauthorized, "401");
        let waits: Vec<i64> = (1..=7)
            .map(|n| (after_failure(now(), &failure, n, PACE, 0.5).at - now()).num_minutes())
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
    }

    #[test]
    fn a_denied_model_slows_polling_no_more_than_the_usual_pace() {
        for denied in [Denied::Model, Denied::Client] {
            let failure = Failure { denied: Some(denied), ..Failure::new(FailureKind::Forbidden, "no k3") };
            let wait = after_failure(now(), &failure, 50, PACE, 0.5).at - now();
            assert_eq!(wait, PACE.calm, "{denied}");
        }
        let suspended =
            Failure { denied: Some(Denied::Account), ..Failure::new(FailureKind::Forbidden, "over") };
        assert_eq!((after_failure(now(), &suspended, 50, PACE, 0.5).at - now()).num_minutes(), 30);
    }

    #[test]
    fn a_missing_key_is_looked_for_soon_since_that_asks_nobody() {
        let failure = Failure::new(FailureKind::KeyUnavailable, "locked");
        assert_eq!(after_failure(now(), &failure, 50, PACE, 0.9).at - now(), KEY_AGAIN);
    }

    proptest! {
        #[test]
        fn retry_after_is_never_undercut(seconds in 1u64..1_000_000, n in 1u32..100, jitter in 0.0f64..1.0) {
            let mut failure = Failure::new(FailureKind::RateLimited, "429");
            failure.retry_after = Some(Duration::from_secs(seconds));
            let retry = after_failure(now(), &failure, n, PACE, jitter);
            let told = Duration::from_secs(seconds).min(MAX_RETRY_AFTER);
            prop_assert!(retry.at >= now() + TimeDelta::from_std(told).unwrap());
            prop_assert_eq!(retry.told, Some(now() + TimeDelta::from_std(told).unwrap()));
        }

        #[test]
        fn the_next_look_is_always_ahead_and_never_hammers(
            used in 0i64..120, left in -10_000i64..10_000, jitter in 0.0f64..1.0, last in proptest::option::of(0i64..100),
            on_battery: bool,
        ) {
            let reading = reading(&[(Meter::FiveHour, used, TimeDelta::seconds(left))]);
            let last_use = last.map(|m| now() - TimeDelta::minutes(m));
            let next = after_reading(now(), &reading, PACE, Circumstances { last_use, on_battery }, jitter);
            prop_assert!(next - now() >= TimeDelta::seconds(8));
            prop_assert!(next - now() <= TimeDelta::minutes(17));
        }
    }

    #[test]
    fn announcements_that_fail_are_asked_for_ever_more_rarely() {
        let failure = |retry_after| Failure {
            retry_after,
            ..Failure::new(FailureKind::RateLimited, "too many requests")
        };
        for (row, retry_after, minutes) in [
            (1, None, 15),
            (2, None, 30),
            (4, None, 120),
            (u32::MAX, None, 24 * 60),
            (1, Some(Duration::from_mins(50)), 50),
            (1, Some(Duration::MAX), 24 * 60),
        ] {
            let wait = announcements_wait(&failure(retry_after), row);
            assert_eq!(wait, TimeDelta::minutes(minutes), "{row} {retry_after:?}");
        }
    }
}
