//! When a delivery is tried again, and when no more.

use std::time::Duration;

use chrono::TimeDelta;

use crate::failure::DeliveryFailure;

/// The pause after the first failure; it doubles with each further one.
pub const FIRST_PAUSE: Duration = Duration::from_secs(30);

/// The longest pause of our own making, and the longest that a service may ask for.
pub const MAX_PAUSE: Duration = Duration::from_hours(1);

/// How often a message is tried: some five hours with the pauses between.
pub const MAX_ATTEMPTS: u32 = 12;

/// How long to wait before the next attempt, after `attempts` of them (this one counted) have failed. `None`: no more.
///
/// A failure that only the user can repair ends it at once. What a service asks to wait is kept, up to [`MAX_PAUSE`].
#[must_use]
pub fn pause_after(attempts: u32, failure: &DeliveryFailure) -> Option<TimeDelta> {
    if failure.code.is_lasting() || attempts >= MAX_ATTEMPTS {
        return None;
    }
    let doubled = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1).min(16)));
    let pause = doubled.max(failure.wait.unwrap_or_default()).min(MAX_PAUSE);
    TimeDelta::from_std(pause).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::FailureCode;

    #[test]
    fn pauses_grow_to_an_hour_and_end() {
        let failure = DeliveryFailure::new(FailureCode::NoAnswer);
        let pauses: Vec<_> = (1..=MAX_ATTEMPTS).map(|attempts| pause_after(attempts, &failure)).collect();
        let seconds: Vec<_> = pauses.iter().flatten().map(TimeDelta::num_seconds).collect();
        assert_eq!(seconds, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]);
        assert_eq!(pauses.last(), Some(&None));
    }

    #[test]
    fn what_a_service_asks_to_wait_is_kept_within_reason() {
        let limited = |seconds| {
            DeliveryFailure::new(FailureCode::RateLimited).waiting(Some(Duration::from_secs(seconds)))
        };
        let wait = |seconds| pause_after(1, &limited(seconds)).map(|pause| pause.num_seconds());
        assert_eq!(wait(7), Some(30), "never sooner than our own pause");
        assert_eq!(wait(600), Some(600));
        assert_eq!(wait(u64::MAX), Some(3600));
    }

    #[test]
    fn what_only_the_user_can_repair_is_not_tried_again() {
        for code in [FailureCode::KeyRefused, FailureCode::BadAddress, FailureCode::PrivateAddress] {
            assert_eq!(pause_after(1, &code.into()), None, "{code:?}");
        }
    }
}
