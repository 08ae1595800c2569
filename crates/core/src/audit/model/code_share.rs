//! Whether Kimi Code's share of the month says what Kimi Code used.
//!
//! The month is used by other products too, and by calls without tokens. The share says how much of it was Kimi
//! Code's; but in some accounts it stands still, and in others it is the whole month, whatever was used.

use serde::{Deserialize, Serialize};

use crate::audit::model::delta::Deltas;
use crate::audit::slot::Slot;

/// Points of the 5-hour quota that move the month by one at most, whatever the plan.
const SHORT_FOR_A_POINT: f64 = 80.0;
/// So many points of the 5-hour quota, at least, must have left it where it was for it to stand still.
const MIN_UNANSWERED: f64 = 20.0;
/// So many points of the share were due by then, at least; and so many steps of its figure.
const MIN_DUE: f64 = 0.25;
const MIN_STEPS: f64 = 3.0;
/// So many polls in a row must show it below the month: a single one may be wrong.
const POLLS_APART: u8 = 2;

/// What was seen of the share.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct CodeShare {
    /// Points of the 5-hour quota since it last moved.
    unanswered: f64,
    /// Polls in a row at which it was less than the month, up to [`POLLS_APART`]; from then on it is known to be.
    apart: u8,
}

impl CodeShare {
    /// Takes what a poll shows.
    pub(crate) fn note(&mut self, all: &Deltas) {
        let (Some(month), Some(code)) = (&all[Slot::Month], &all[Slot::MonthCode]) else { return };
        // Where only one of the two was reset, or one was not shown for a while, they are not of the same time.
        let is_same_time = month.from == code.from && month.resets == code.resets;
        if !self.is_apart() && is_same_time {
            let is_less = month.value - code.value > month.slack.max(code.slack);
            self.apart = if is_less { self.apart + 1 } else { 0 };
        }
        if code.deducted > 0.0 {
            self.unanswered = 0.0;
        } else {
            self.unanswered += all[Slot::FiveHour].map_or(0.0, |short| short.deducted);
        }
    }

    /// Whether it stands still while Kimi Code is used. `rate` is how many points of it a point of the 5-hour quota
    /// is, where that is known, and `step` how fine its figure is.
    pub(crate) fn stands_still(&self, rate: Option<f64>, step: f64) -> bool {
        let due = self.unanswered * rate.map_or(1.0 / SHORT_FOR_A_POINT, |rate| rate / 2.0);
        self.unanswered >= MIN_UNANSWERED && due >= MIN_DUE.max(MIN_STEPS * step)
    }

    /// Whether it is known to be something else than the whole month.
    pub(crate) const fn is_apart(&self) -> bool {
        self.apart >= POLLS_APART
    }
}

/// What other products took of a quota.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum OtherProducts {
    /// Nothing: only Kimi Code moved it.
    Nothing,
    /// Unknown, as much as may be: there is no share, or none that says anything.
    Unknown,
    /// So many points of the month, beyond Kimi Code's share.
    Took(f64),
}

impl OtherProducts {
    /// What they took of a quota at a poll. `still` is whether the share stands still.
    pub(crate) fn of(slot: Slot, all: &Deltas, share: &CodeShare, still: bool) -> Self {
        let known = if !still && share.is_apart() { Self::Nothing } else { Self::Unknown };
        match (slot, &all[Slot::Month], &all[Slot::MonthCode]) {
            (Slot::MonthCode, ..) => known,
            (Slot::Month, Some(month), Some(code)) if !still => {
                let beyond = month.deducted - code.deducted;
                // Where only one of them was reset in between, or one was not shown, nothing can be subtracted.
                let is_same_time = month.from == code.from && month.resets == code.resets;
                if beyond.abs() <= month.slack.max(code.slack) {
                    known
                } else if is_same_time && beyond > 0.0 {
                    Self::Took(beyond)
                } else {
                    Self::Unknown
                }
            }
            (Slot::Month, ..) => Self::Unknown,
            _ => Self::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::audit::model::delta::Delta;
    use crate::meter::Meter;
    use crate::series::Series;

    fn poll(short: f64, month: f64, code: f64, value: f64) -> Deltas {
        let delta = |meter, deducted, value| {
            let at = DateTime::UNIX_EPOCH + TimeDelta::minutes(5);
            Some(Delta { value, ..Delta::of_use(Series::Meter(meter), DateTime::UNIX_EPOCH, at, deducted) })
        };
        let mut all = Deltas::default();
        all[Slot::FiveHour] = delta(Meter::FiveHour, short, 50.0);
        all[Slot::Month] = delta(Meter::Month, month, 40.0);
        all[Slot::MonthCode] = delta(Meter::MonthCode, code, value);
        all
    }

    #[test]
    fn a_share_that_stands_while_kimi_code_is_used_says_nothing() {
        let cases = [
            // 5h, code, the rate, the step of the figure: stands still?
            (5.0, 0.1, None, 0.01, false),
            (5.0, 0.0, None, 0.01, true),
            (0.5, 0.0, None, 0.01, false),
            (5.0, 0.0, None, 1.0, false),
            (30.0, 0.0, None, 1.0, true),
            (5.0, 0.0, Some(0.2), 1.0, true),
        ];
        for (short, code, rate, step, still) in cases {
            let mut share = CodeShare::default();
            for _ in 0..10 {
                share.note(&poll(short, 1.0, code, 10.0));
            }
            assert_eq!(share.stands_still(rate, step), still, "{short} {code} {rate:?} {step}");
        }
    }

    #[test]
    fn a_share_that_is_reset_before_its_month_is_not_less_than_it() {
        let mut share = CodeShare::default();
        for _ in 0..5 {
            let mut reset = poll(1.0, 1.0, 1.0, 0.0);
            reset[Slot::MonthCode].as_mut().unwrap().resets = 1;
            share.note(&reset);
            share.note(&poll(1.0, 1.0, 1.0, 40.0));
            // One false figure in between.
            share.note(&poll(1.0, 1.0, 1.0, 2.0));
            share.note(&poll(1.0, 1.0, 1.0, 40.0));
        }
        assert!(!share.is_apart());
    }

    #[test]
    fn what_the_month_moved_beyond_its_share_is_of_other_products() {
        let (mut apart, mut equal) = (CodeShare::default(), CodeShare::default());
        apart.note(&poll(1.0, 1.0, 1.0, 30.0));
        assert!(!apart.is_apart(), "one figure may be wrong");
        apart.note(&poll(1.0, 1.0, 1.0, 30.0));
        equal.note(&poll(1.0, 1.0, 1.0, 40.0));
        let month =
            |all: &Deltas, share: &CodeShare, still| OtherProducts::of(Slot::Month, all, share, still);
        let beside = poll(0.0, 7.0, 0.5, 30.0);
        assert_eq!(month(&beside, &apart, false), OtherProducts::Took(6.5));
        assert_eq!(month(&beside, &apart, true), OtherProducts::Unknown, "it stands still");
        let together = poll(1.0, 0.5, 0.5, 30.0);
        assert_eq!(month(&together, &apart, false), OtherProducts::Nothing);
        assert_eq!(month(&together, &equal, false), OtherProducts::Unknown, "it may be the whole month");
        let mut alone = beside;
        alone[Slot::MonthCode] = None;
        assert_eq!(month(&alone, &apart, false), OtherProducts::Unknown, "there is no share");
        assert_eq!(OtherProducts::of(Slot::FiveHour, &beside, &equal, false), OtherProducts::Nothing);
    }
}
