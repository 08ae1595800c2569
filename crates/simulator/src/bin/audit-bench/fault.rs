//! What is done to an account, once in its month.

use chrono::TimeDelta;
use tidemark_core::finding::Anomaly;

/// A fault, or none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    /// Nothing: whatever is found is a false alarm.
    Nothing,
    /// A window or the balance is emptied.
    WipeOut,
    /// One quota alone loses so many points, or the balance as many hundredths of a usual one.
    Step(f64),
    /// The 5-hour quota loses so many points, and the longer one as much as usage would have taken with them.
    Together(f64),
    /// A window or the balance is emptied while so many hours are not polled.
    Hidden(f64),
    /// As much goes in steps of a point, one every four minutes.
    Drain(f64),
    /// From then on use costs that many times as much.
    Accelerated(f64),
    /// More goes than the rate limits allow.
    Impossible,
    /// From then on the longer window moves that many times as much as the shorter one says.
    Disagreement(f64),
    /// A reset is withheld.
    Overdue,
    /// A reset or a voucher is taken back.
    Clawback,
    /// A window comes back before its time. Good news, and no anomaly.
    Early,
}

/// How far the steps of a drain are apart.
pub(crate) const STEP_EVERY: TimeDelta = TimeDelta::minutes(4);

/// All that is measured, and how many times as many months as usual it gets.
pub(crate) const ALL: [(Fault, u64); 29] = [
    (Fault::Nothing, 8),
    (Fault::WipeOut, 2),
    (Fault::Step(1.0), 1),
    (Fault::Step(2.0), 1),
    (Fault::Step(5.0), 1),
    (Fault::Step(10.0), 1),
    (Fault::Step(20.0), 1),
    (Fault::Step(30.0), 1),
    (Fault::Step(50.0), 1),
    (Fault::Step(100.0), 1),
    (Fault::Accelerated(1.3), 1),
    (Fault::Accelerated(1.5), 1),
    (Fault::Accelerated(2.0), 1),
    (Fault::Accelerated(3.0), 1),
    (Fault::Accelerated(5.0), 1),
    (Fault::Accelerated(10.0), 1),
    (Fault::Impossible, 1),
    (Fault::Disagreement(2.0), 1),
    (Fault::Disagreement(4.0), 1),
    (Fault::Overdue, 1),
    (Fault::Clawback, 1),
    (Fault::Early, 1),
    (Fault::Drain(10.0), 1),
    (Fault::Drain(30.0), 1),
    (Fault::Together(20.0), 1),
    (Fault::Hidden(2.0), 1),
    (Fault::Hidden(5.0), 1),
    (Fault::Hidden(10.0), 1),
    (Fault::Hidden(20.0), 1),
];

impl Fault {
    /// The class's word.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Nothing => "clean",
            Self::WipeOut => "wipe-out",
            Self::Step(_) => "one step",
            Self::Together(_) => "both quotas at once",
            Self::Hidden(_) => "emptied in a gap, hours",
            Self::Drain(_) => "in small steps",
            Self::Accelerated(_) => "accelerated",
            Self::Impossible => "impossible",
            Self::Disagreement(_) => "disagreement",
            Self::Overdue => "overdue-reset",
            Self::Clawback => "clawback",
            Self::Early => "early reset",
        }
    }

    /// Points or factor.
    pub(crate) const fn size(self) -> Option<f64> {
        match self {
            Self::Step(size)
            | Self::Together(size)
            | Self::Hidden(size)
            | Self::Drain(size)
            | Self::Accelerated(size)
            | Self::Disagreement(size) => Some(size),
            _ => None,
        }
    }

    /// The class that its finding has in an account with quotas, or with a balance.
    pub(crate) const fn anomaly(self, has_quotas: bool) -> Option<Anomaly> {
        Some(match self {
            Self::WipeOut | Self::Hidden(_) => Anomaly::WipeOut,
            // One quota alone contradicts the other.
            Self::Step(_) | Self::Drain(_) if has_quotas => Anomaly::Disagreement,
            Self::Step(_) | Self::Drain(_) | Self::Together(_) => Anomaly::Unexplained,
            Self::Accelerated(_) => Anomaly::Accelerated,
            Self::Impossible => Anomaly::Impossible,
            Self::Disagreement(_) => Anomaly::Disagreement,
            Self::Overdue => Anomaly::OverdueReset,
            Self::Clawback => Anomaly::Clawback,
            Self::Nothing | Self::Early => return None,
        })
    }

    /// How long it takes.
    pub(crate) fn length(self) -> TimeDelta {
        match self {
            Self::Drain(size) => STEP_EVERY * size as i32,
            _ => TimeDelta::zero(),
        }
    }

    /// Whether it goes on until the end of the month.
    pub(crate) const fn lasts(self) -> bool {
        matches!(self, Self::Accelerated(_) | Self::Disagreement(_) | Self::Overdue)
    }
}
