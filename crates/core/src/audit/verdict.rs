//! How far a deduction is explained.

use chrono::{DateTime, Utc};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::finding::{Anomaly, Finding};
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
    /// What of that was used elsewhere: of the month, beyond Kimi Code's share. The word is of the rest, if there
    /// is any.
    pub elsewhere: f64,
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
    /// It was used elsewhere: the month moved beyond Kimi Code's share, which no log of Kimi Code shows.
    Elsewhere,
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
    /// What of that was used elsewhere.
    pub elsewhere: Decimal,
    /// What usage explains of it at most; `None` where that is unknown.
    pub explained_at_most: Option<Decimal>,
}

/// An anomaly's span. In it no more is explained, or used elsewhere, than was expected, whatever single polls
/// seemed to show; and what the anomaly holds to be taken beyond that is unexplained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExplanationLimit {
    /// Polls after this time belong to the span.
    pub from: DateTime<Utc>,
    /// The last poll of the span.
    pub to: DateTime<Utc>,
    /// What is explained at most of all that was deducted in the span.
    pub at_most: Decimal,
    /// What is unexplained of it at least, as far as so much was deducted.
    pub excess: Decimal,
}

/// A deduction, or the sum of some, by how far it is explained. The parts add up to what was deducted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Breakdown {
    /// Explained by logged usage.
    pub fully: Decimal,
    /// Of deductions that usage explains in part: that part.
    pub partly: Decimal,
    /// Used elsewhere: of the month, beyond Kimi Code's share.
    pub elsewhere: Decimal,
    /// Logged usage does not explain it, or an anomaly holds it to be taken wrongly.
    pub not: Decimal,
    /// Whether usage explains it is unknown.
    pub cannot_tell: Decimal,
}

impl ExplanationLimit {
    /// The limit that a finding sets; `None` for one that accuses no deduction.
    #[must_use]
    pub fn of(finding: &Finding) -> Option<Self> {
        if !finding.is_deduction() {
            return None;
        }
        let at_most = finding.expected_high.or(finding.expected_low).unwrap_or(0.0).max(0.0);
        let excess = finding.observed.map_or(0.0, |observed| (observed - at_most).max(0.0));
        let (at_most, excess) = (decimal::from_f64(at_most)?, decimal::from_f64(excess)?);
        // What was gone at once may have been believed, and deducted, only when a later poll confirmed it.
        let at_once = matches!(finding.anomaly(), Some(Anomaly::WipeOut | Anomaly::Impossible));
        let to = if at_once { finding.to.max(finding.detected_at) } else { finding.to };
        Some(Self { from: finding.from, to, at_most, excess })
    }

    /// Whether a poll belongs to the span.
    #[must_use]
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        self.from < at && at <= self.to
    }

    /// The share of what single polls seemed to explain that is left, 0 to 1.
    fn share(&self, all: &[WeighedDeduction]) -> Decimal {
        let of_span = all.iter().filter(|weighed| self.holds(weighed.at));
        let explained: Decimal = of_span.map(|weighed| weighed.explained() + weighed.elsewhere()).sum();
        if explained <= self.at_most {
            return Decimal::ONE;
        }
        share(self.at_most, explained)
    }

    /// Makes unexplained what the anomaly holds to be taken wrongly, in proportion over its span.
    fn accuse(&self, all: &[WeighedDeduction], parts: &mut [Breakdown]) {
        let held: Vec<usize> =
            (0..all.len().min(parts.len())).filter(|place| self.holds(all[*place].at)).collect();
        let sum = |parts: &[Breakdown], of: fn(&mut Breakdown) -> &mut Decimal| -> Decimal {
            held.iter().map(|place| *of(&mut parts[*place].clone())).sum()
        };
        let mut missing = self.excess - sum(parts, |part| &mut part.not);
        // What is least explained first.
        let order: [fn(&mut Breakdown) -> &mut Decimal; 4] = [
            |part| &mut part.cannot_tell,
            |part| &mut part.elsewhere,
            |part| &mut part.partly,
            |part| &mut part.fully,
        ];
        for of in order {
            let there = sum(parts, of);
            if missing <= Decimal::ZERO || there <= Decimal::ZERO {
                continue;
            }
            let in_proportion = if there <= missing { Decimal::ONE } else { share(missing, there) };
            // What rounding leaves of it is taken where there is still some.
            for share in [in_proportion, Decimal::ONE] {
                for place in &held {
                    let part = &mut parts[*place];
                    let moved = fraction(*of(part), share).min(missing);
                    *of(part) -= moved;
                    part.not += moved;
                    missing -= moved;
                }
            }
        }
    }
}

impl WeighedDeduction {
    /// Usage that became known after its poll explains it.
    pub fn explain(&mut self) {
        let own = self.deducted - self.elsewhere();
        if own > Decimal::ZERO {
            (self.word, self.explained_at_most) = (Explained::Fully, Some(own));
        }
    }

    /// What was used elsewhere, never more than was deducted.
    fn elsewhere(&self) -> Decimal {
        self.elsewhere.clamp(Decimal::ZERO, self.deducted.max(Decimal::ZERO))
    }

    /// What its own poll took for explained.
    fn explained(&self) -> Decimal {
        let own = self.deducted - self.elsewhere();
        match self.word {
            // An earlier version took steps within rounding for explained where no log showed any usage.
            Explained::Fully if self.explained_at_most.is_none_or(|at_most| at_most <= Decimal::ZERO) => {
                Decimal::ZERO
            }
            Explained::Fully => own,
            // Where it is unknown how much, none of it is claimed.
            Explained::Partly => {
                self.explained_at_most.unwrap_or_default().clamp(Decimal::ZERO, own.max(Decimal::ZERO))
            }
            Explained::Not | Explained::CannotTell | Explained::Elsewhere => Decimal::ZERO,
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
        let mut parts: Vec<Self> = all.iter().map(|weighed| Self::of(weighed, left(weighed.at))).collect();
        for limit in limits {
            limit.accuse(all, &mut parts);
        }
        parts
    }

    /// `share` is what anomalies leave of its explanation; `None` where it is in no anomaly's span.
    fn of(weighed: &WeighedDeduction, share: Option<Decimal>) -> Self {
        let is_reduced = share.is_some_and(|share| share < Decimal::ONE);
        let share = share.unwrap_or(Decimal::ONE);
        let elsewhere = fraction(weighed.elsewhere(), share);
        let own = weighed.deducted - weighed.elsewhere();
        let none = Self { elsewhere, not: weighed.elsewhere() - elsewhere, ..Self::default() };
        match weighed.word {
            Explained::Fully if weighed.explained().is_zero() => Self { cannot_tell: own, ..none },
            Explained::Fully if !is_reduced => Self { fully: own, ..none },
            Explained::Fully | Explained::Partly => {
                let partly = fraction(weighed.explained(), share);
                // An anomaly says of the rest that no usage explains it; without one, other devices may.
                if is_reduced {
                    Self { partly, not: none.not + own - partly, ..none }
                } else {
                    Self { partly, cannot_tell: own - partly, ..none }
                }
            }
            Explained::Not => Self { not: none.not + own, ..none },
            // Of what was used elsewhere nothing is left to be weighed, or it was never said how much.
            Explained::CannotTell | Explained::Elsewhere => Self { cannot_tell: own, ..none },
        }
    }

    /// What the parts add up to.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.fully + self.partly + self.elsewhere + self.not + self.cannot_tell
    }

    /// The same for a sum of another size: what was never weighed is unknown, and what is no deduction after all
    /// is taken off what is least explained.
    #[must_use]
    pub fn fitted(mut self, deducted: Decimal) -> Self {
        let missing = deducted - self.total();
        self.cannot_tell += missing.max(Decimal::ZERO);
        let mut beyond = (-missing).max(Decimal::ZERO);
        let parts =
            [&mut self.cannot_tell, &mut self.not, &mut self.elsewhere, &mut self.partly, &mut self.fully];
        for part in parts {
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
        } else if self.elsewhere > self.fully {
            Explained::Elsewhere
        } else {
            Explained::Fully
        }
    }
}

/// A part of a whole that is not zero, never rounded up.
fn share(part: Decimal, whole: Decimal) -> Decimal {
    let share = part.checked_div(whole).unwrap_or_default();
    share.round_dp_with_strategy(12, RoundingStrategy::ToZero)
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
        self.elsewhere += other.elsewhere;
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
            elsewhere: Decimal::ZERO,
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
        assert_eq!(limit.excess, 10.into());
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
            Just(Explained::CannotTell),
            Just(Explained::Elsewhere),
        ]
    }

    /// What no log and no other quota speaks of is unknown, until an anomaly holds some of it to be wrong.
    #[test]
    fn what_an_anomaly_accuses_is_unexplained_whatever_its_poll_knew() {
        for (word, elsewhere) in
            [(Explained::CannotTell, 0), (Explained::Elsewhere, 70), (Explained::Fully, 30)]
        {
            let all = [
                WeighedDeduction { elsewhere: Decimal::new(elsewhere, 1), ..weighed(10, word, 70, Some(40)) },
                weighed(15, Explained::CannotTell, 20, None),
            ];
            let limit = ExplanationLimit { from: at(5), to: at(10), at_most: 1.into(), excess: 6.into() };
            let parts = Breakdown::of_each(&all, &[limit]);
            assert_eq!(parts[0].not.round_dp(6), 6.into(), "{word:?}");
            assert_eq!(parts[0].total(), 7.into(), "{word:?}");
            assert_eq!(
                (parts[1].cannot_tell, parts[1].not),
                (2.into(), 0.into()),
                "what came after is not of it"
            );
        }
    }

    #[test]
    fn what_was_used_elsewhere_is_beside_the_word_of_the_rest() {
        let month = WeighedDeduction { elsewhere: 7.into(), ..weighed(5, Explained::Fully, 100, Some(30)) };
        let parts = Breakdown::of_each(&[month], &[]);
        let is = Breakdown { fully: 3.into(), elsewhere: 7.into(), ..Breakdown::default() };
        assert_eq!((parts[0], parts[0].word()), (is, Explained::Elsewhere));
        let nothing_else =
            WeighedDeduction { elsewhere: 10.into(), ..weighed(5, Explained::Elsewhere, 100, None) };
        let parts = Breakdown::of_each(&[nothing_else], &[]);
        assert_eq!((parts[0].elsewhere, parts[0].word()), (10.into(), Explained::Elsewhere));
    }

    proptest! {
        #[test]
        fn the_parts_add_up_and_sums_agree_with_every_anomaly(
            history in prop::collection::vec(
                (0_i64..200, any_word(), 0_i64..1000, 0_i64..1200, prop::option::of(-50_i64..1500)), 0..40),
            limits in prop::collection::vec((0_i64..200, 0_i64..60, 0_i64..800, 0_i64..3000), 0..5),
        ) {
            let all: Vec<_> = history
                .iter()
                .map(|(minute, word, deducted, elsewhere, at_most)| WeighedDeduction {
                    elsewhere: Decimal::new(*elsewhere, 1),
                    ..weighed(*minute, *word, *deducted, *at_most)
                })
                .collect();
            let limits: Vec<_> = limits
                .iter()
                .map(|(from, length, at_most, excess)| ExplanationLimit {
                    from: at(*from),
                    to: at(*from + *length),
                    at_most: Decimal::new(*at_most, 1),
                    excess: Decimal::new(*excess, 1),
                })
                .collect();
            let parts = Breakdown::of_each(&all, &limits);
            for (weighed, part) in all.iter().zip(&parts) {
                prop_assert_eq!(part.total(), weighed.deducted);
                for amount in [part.fully, part.partly, part.elsewhere, part.not, part.cannot_tell] {
                    prop_assert!(amount >= Decimal::ZERO);
                }
            }
            for limit in limits {
                let held = || all.iter().zip(&parts).filter(|(weighed, _)| limit.holds(weighed.at));
                let sum = |of: fn(&Breakdown) -> Decimal| held().map(|(_, part)| of(part)).sum::<Decimal>();
                let explained = sum(|part| part.fully + part.partly + part.elsewhere);
                prop_assert!(explained <= limit.at_most, "{explained} > {limit:?}");
                let (not, deducted) = (sum(|part| part.not), sum(Breakdown::total));
                prop_assert!(not >= limit.excess.min(deducted), "{not} of {deducted} < {limit:?}");
            }
        }
    }
}
