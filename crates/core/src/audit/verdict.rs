//! How far a deduction is explained.

use chrono::{DateTime, Utc};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::number::decimal;
use crate::series::Series;

/// How far a deduction is explained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// The series that was deducted from.
    pub series: Series,
    /// At the poll of this time.
    pub at: DateTime<Utc>,
    /// The verdict itself.
    pub word: Explained,
    /// What was deducted, in the series' unit.
    pub deducted: f64,
    /// What usage explains of it at least, and at most; `None` where that is unknown.
    pub explained: Option<(f64, f64)>,
}

/// How far a deduction is explained, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Explained {
    /// The logged usage explains it.
    Fully,
    /// The logged usage explains a part of it.
    Partly,
    /// The logged usage explains nothing of it, though the logs usually hold all usage.
    Not,
    /// Without complete logs it is unknown.
    CannotTell,
}

/// A deduction as it was weighed at its poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeighedDeduction {
    /// The time of the poll.
    pub at: DateTime<Utc>,
    /// In one word.
    pub word: Explained,
    /// What was deducted, in the series' unit.
    pub deducted: Decimal,
    /// What usage explains of it at most; `None` where that is unknown.
    pub explained_at_most: Option<Decimal>,
}

/// An anomaly's span, in which usage explains no more than was expected, whatever single polls seemed to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExplanationLimit {
    /// Polls after this time belong to the span.
    pub from: DateTime<Utc>,
    /// The last poll of the span.
    pub to: DateTime<Utc>,
    /// What usage explains at most of all that was deducted in the span.
    pub at_most: Decimal,
}

/// A deduction, or the sum of some, by how far it is explained. The parts add up to what was deducted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Breakdown {
    /// Explained by logged usage.
    pub fully: Decimal,
    /// Of deductions that usage explains in part: that part.
    pub partly: Decimal,
    /// Logged usage does not explain it.
    pub not: Decimal,
    /// Whether usage explains it is unknown.
    pub cannot_tell: Decimal,
}

impl ExplanationLimit {
    /// The limit that a finding sets; `None` for one that accuses no deduction.
    #[must_use]
    pub fn of(finding: &Finding) -> Option<Self> {
        finding.anomaly().filter(|class| class.is_deduction())?;
        let at_most = finding.expected_high.or(finding.expected_low).unwrap_or(0.0).max(0.0);
        let at_most = decimal::from_f64(at_most)?;
        Some(Self { from: finding.from, to: finding.to, at_most })
    }

    /// Whether a poll belongs to the span.
    #[must_use]
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        self.from < at && at <= self.to
    }

    /// The share of what single polls seemed to explain that is left, 0 to 1.
    fn share(&self, all: &[WeighedDeduction]) -> Decimal {
        let of_span = all.iter().filter(|weighed| self.holds(weighed.at));
        let explained: Decimal = of_span.map(WeighedDeduction::explained).sum();
        if explained <= self.at_most {
            return Decimal::ONE;
        }
        let share = self.at_most.checked_div(explained).unwrap_or_default();
        share.round_dp_with_strategy(12, RoundingStrategy::ToZero)
    }
}

impl WeighedDeduction {
    /// What its own poll took for explained.
    fn explained(&self) -> Decimal {
        match self.word {
            // An earlier version took steps within rounding for explained where no log showed any usage.
            Explained::Fully if self.explained_at_most.is_none_or(|at_most| at_most <= Decimal::ZERO) => {
                Decimal::ZERO
            }
            Explained::Fully => self.deducted,
            // Where it is unknown how much, none of it is claimed.
            Explained::Partly => self
                .explained_at_most
                .unwrap_or_default()
                .clamp(Decimal::ZERO, self.deducted.max(Decimal::ZERO)),
            Explained::Not | Explained::CannotTell => Decimal::ZERO,
        }
    }
}

impl Breakdown {
    /// The deductions of one series, in any order, each broken down under the limits that its anomalies set.
    #[must_use]
    pub fn of_each(all: &[WeighedDeduction], limits: &[ExplanationLimit]) -> Vec<Self> {
        let shares: Vec<Decimal> = limits.iter().map(|limit| limit.share(all)).collect();
        let left = |at| {
            let held = limits.iter().zip(&shares).filter(|(limit, _)| limit.holds(at));
            held.map(|(_, share)| *share).min()
        };
        all.iter().map(|weighed| Self::of(weighed, left(weighed.at))).collect()
    }

    /// `share` is what anomalies leave of its explanation; `None` where it is in no anomaly's span.
    fn of(weighed: &WeighedDeduction, share: Option<Decimal>) -> Self {
        let all = weighed.deducted;
        let none = Self::default();
        let is_reduced = share.is_some_and(|share| share < Decimal::ONE);
        match weighed.word {
            Explained::Fully if weighed.explained().is_zero() => Self { cannot_tell: all, ..none },
            Explained::Fully if !is_reduced => Self { fully: all, ..none },
            Explained::Fully | Explained::Partly => {
                let share = share.unwrap_or(Decimal::ONE);
                let partly = fraction(weighed.explained(), share);
                // An anomaly says of the rest that no usage explains it; without one, other devices may.
                if is_reduced {
                    Self { partly, not: all - partly, ..none }
                } else {
                    Self { partly, cannot_tell: all - partly, ..none }
                }
            }
            Explained::Not => Self { not: all, ..none },
            Explained::CannotTell => Self { cannot_tell: all, ..none },
        }
    }

    /// What the parts add up to.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.fully + self.partly + self.not + self.cannot_tell
    }

    /// The same for a sum of another size: what was never weighed is unknown, and what is no deduction after all
    /// is taken off what is least explained.
    #[must_use]
    pub fn fitted(mut self, deducted: Decimal) -> Self {
        let missing = deducted - self.total();
        self.cannot_tell += missing.max(Decimal::ZERO);
        let mut beyond = (-missing).max(Decimal::ZERO);
        for part in [&mut self.cannot_tell, &mut self.not, &mut self.partly, &mut self.fully] {
            let off = beyond.min(*part);
            *part -= off;
            beyond -= off;
        }
        self
    }

    /// The word for it where it is one deduction.
    #[must_use]
    pub fn word(&self) -> Explained {
        if !self.partly.is_zero() {
            Explained::Partly
        } else if !self.not.is_zero() {
            Explained::Not
        } else if !self.cannot_tell.is_zero() {
            Explained::CannotTell
        } else {
            Explained::Fully
        }
    }
}

/// A share, 0 to 1, of an amount, never more than it is.
fn fraction(amount: Decimal, share: Decimal) -> Decimal {
    if share == Decimal::ONE {
        return amount;
    }
    let part = amount.checked_mul(share).unwrap_or_default();
    part.round_dp_with_strategy(8, RoundingStrategy::ToZero)
}

impl std::ops::AddAssign for Breakdown {
    fn add_assign(&mut self, other: Self) {
        self.fully += other.fully;
        self.partly += other.partly;
        self.not += other.not;
        self.cannot_tell += other.cannot_tell;
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;
    use crate::finding::{Anomaly, FindingKind};
    use crate::meter::Meter;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn weighed(minute: i64, word: Explained, deducted: i64, at_most: Option<i64>) -> WeighedDeduction {
        WeighedDeduction {
            at: at(minute),
            word,
            deducted: Decimal::new(deducted, 1),
            explained_at_most: at_most.map(|at_most| Decimal::new(at_most, 1)),
        }
    }

    #[test]
    fn an_acceleration_leaves_as_much_explained_as_was_expected() {
        let all = [
            weighed(5, Explained::Fully, 100, Some(100)),
            weighed(10, Explained::Fully, 60, Some(60)),
            weighed(15, Explained::Partly, 140, Some(140)),
            weighed(20, Explained::CannotTell, 30, None),
        ];
        let finding = Finding {
            observed: Some(20.0),
            expected_low: Some(8.0),
            expected_high: Some(10.0),
            ..Finding::new(
                FindingKind::Anomaly(Anomaly::Accelerated),
                Some(Series::Meter(Meter::Week)),
                (at(5), at(15)),
                at(15),
            )
        };
        let limit = ExplanationLimit::of(&finding).unwrap();
        let parts = Breakdown::of_each(&all, &[limit]);
        assert_eq!(parts[0].word(), Explained::Fully, "the poll at the beginning is of before");
        assert_eq!(parts[1].word(), Explained::Partly);
        let mut sums = Breakdown::default();
        for part in &parts {
            sums += *part;
        }
        assert_eq!(
            (sums.fully, sums.partly, sums.not, sums.cannot_tell),
            (10.into(), 10.into(), 10.into(), 3.into())
        );
        let none = Finding { kind: FindingKind::Anomaly(Anomaly::OverdueReset), ..finding };
        assert_eq!(ExplanationLimit::of(&none), None);
    }

    fn any_word() -> impl Strategy<Value = Explained> {
        prop_oneof![
            Just(Explained::Fully),
            Just(Explained::Partly),
            Just(Explained::Not),
            Just(Explained::CannotTell)
        ]
    }

    proptest! {
        #[test]
        fn the_parts_add_up_and_no_anomaly_is_explained_beyond_its_expectation(
            history in prop::collection::vec((0_i64..200, any_word(), 0_i64..1000, prop::option::of(-50_i64..1500)), 0..40),
            limits in prop::collection::vec((0_i64..200, 0_i64..60, 0_i64..800), 0..5),
        ) {
            let all: Vec<_> = history
                .iter()
                .map(|(minute, word, deducted, at_most)| weighed(*minute, *word, *deducted, *at_most))
                .collect();
            let limits: Vec<_> = limits
                .iter()
                .map(|(from, length, at_most)| ExplanationLimit {
                    from: at(*from),
                    to: at(*from + *length),
                    at_most: Decimal::new(*at_most, 1),
                })
                .collect();
            let parts = Breakdown::of_each(&all, &limits);
            for (weighed, part) in all.iter().zip(&parts) {
                prop_assert_eq!(part.total(), weighed.deducted);
                for amount in [part.fully, part.partly, part.not, part.cannot_tell] {
                    prop_assert!(amount >= Decimal::ZERO);
                }
            }
            for limit in limits {
                let explained: Decimal = all
                    .iter()
                    .zip(&parts)
                    .filter(|(weighed, _)| limit.holds(weighed.at))
                    .map(|(_, part)| part.fully + part.partly)
                    .sum();
                prop_assert!(explained <= limit.at_most, "{explained} > {limit:?}");
            }
        }
    }
}
