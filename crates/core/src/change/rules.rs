//! The figures that separate a change from noise.

use chrono::TimeDelta;
use rust_decimal::Decimal;

/// How far a meter may fall within a cycle by rounding alone: whole percents, and a ratio beside them.
pub(super) const ROUNDING: Decimal = Decimal::ONE;

/// How far an announced end wanders without meaning anything. Two figures for one window differ by up to
/// a second; the service has been seen to shift both by a little.
pub(super) const END_JITTER: TimeDelta = TimeDelta::minutes(2);

/// How far this machine's clock may be from the service's when a reset is compared with its due time.
pub(super) const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(2);

/// How long after its due time a reset still counts as on time.
pub(super) const GRACE: TimeDelta = TimeDelta::minutes(10);

/// A meter at or below this many percent is low: emptied, with at most a little used since.
pub(super) const LOW: Decimal = Decimal::TEN;

/// The least fall, in points, that may be a reset while the announced end stands still.
pub(super) const STANDING_RESET: Decimal = Decimal::from_parts(40, 0, 0, false, 0);

/// So many further readings do not yet confirm what must last: a low figure under an end that stands still, an answer
/// of the cycle just left, a jump in an answer of an unknown user.
pub(super) const DOUBT_REPEATED: u32 = 2;

/// Nor does any within this time.
pub(super) const DOUBT_LASTS: TimeDelta = TimeDelta::minutes(30);

/// So many points, in each quota at once and in one step, are more than usage takes: of the longer quota, a point is
/// several of the shorter one.
pub(super) const JUMP: Decimal = Decimal::from_parts(20, 0, 0, false, 0);

/// From this percentage on a quota is used up, as far as rounding shows.
pub(super) const FULL: Decimal = Decimal::from_parts(995, 0, 0, false, 1);

/// So many points at once may be another user's figure, where it is unknown whose answer it is.
pub(super) const UNNAMED_JUMP: Decimal = Decimal::TEN;

/// The least percent used before a reset for the reset to be reported: below, nothing was restored.
pub(super) const WORTH_TELLING: Decimal = Decimal::ONE;

/// How far apart the resets of the month and of the Code share inside it may be seen and be one event.
pub(super) const SAME_EVENT: TimeDelta = TimeDelta::hours(1);

/// The least money that is reported when it comes in, goes back or expires: one hundredth of the unit.
pub(super) const CENT: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// How long after a deduction a rise of the same amount is taken for its refund.
pub(super) const REFUND_WITHIN: TimeDelta = TimeDelta::hours(48);

/// How many single deductions are remembered to recognise a refund; the smallest give way.
pub(super) const SPENDS_KEPT: usize = 64;

/// How many times what use took at most between two readings a voucher must lose at once to have ended, where
/// the cash beside it was in use.
pub(super) const BEYOND_USE: Decimal = Decimal::from_parts(3, 0, 0, false, 0);

/// The same where the cash stands still: use that the voucher alone pays for is as uneven as any.
pub(super) const LAST_STEP: Decimal = Decimal::from_parts(15, 0, 0, false, 1);

/// The least money by whose loss a balance can fall implausibly: half of a few coins is soon used.
pub(super) const LARGE_LOSS: Decimal = Decimal::ONE;

/// From this amount on a balance is seldom topped up to many times as much: one that is nearly used up is.
pub(super) const NOT_LOW: Decimal = Decimal::TEN;

/// So many times as much at once is as likely a figure in another unit as a top-up.
pub(super) const MANY_TIMES: Decimal = Decimal::from_parts(8, 0, 0, false, 0);

/// A balance that moves by more than one part in so many may be another user's, where it is unknown whose answer it is.
pub(super) const UNNAMED_PART: Decimal = Decimal::TEN;

/// The largest figure that is believed, of either sign. Beyond it a figure is taken as not read.
const BELIEVED: Decimal = Decimal::from_parts(0xD4A5_1000, 0xE8, 0, false, 0); // 10^12

/// A figure that can be reckoned with: believable, and with at most eight decimals, so that sums of
/// many are exact.
pub(super) fn sane(figure: Decimal) -> Option<Decimal> {
    // As almost all are: nothing to be rounded, and small whatever the scale.
    if figure.scale() <= 8 && figure.mantissa().unsigned_abs() < 1_000_000_000_000 {
        return Some(figure);
    }
    (figure.abs() <= BELIEVED).then(|| figure.round_dp(8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_beyond_belief_is_not_read() {
        assert_eq!(BELIEVED, Decimal::from(1_000_000_000_000_i64));
        assert_eq!(sane(Decimal::MAX), None);
        assert_eq!(sane(Decimal::MIN), None);
        assert_eq!(sane(Decimal::new(-5, 1)), Some(Decimal::new(-5, 1)));
    }
}
