//! The low-water mark of a balance.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What is remembered of a balance in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BalanceMark {
    /// Amounts below it are armed; those at or above it are reported and not yet armed again.
    mark: Decimal,
}

impl BalanceMark {
    /// After the first reading: thresholds that are already passed count as reported.
    pub(super) const fn primed(available: Decimal) -> Self {
        Self { mark: available }
    }

    /// Takes what is available now; gives the lowest threshold that it fell to or below.
    pub(super) fn moved(
        &mut self,
        thresholds: impl Iterator<Item = Decimal>,
        available: Decimal,
    ) -> Option<Decimal> {
        let armed = self.mark;
        // A rise arms an amount again once it stands a tenth above it, so that a balance that hovers
        // about an amount is not reported again and again.
        let margin = Decimal::new(11, 1);
        let cleared = available.checked_div(margin).unwrap_or(available);
        self.mark = armed.max(cleared).min(available);
        thresholds.filter(|t| *t < armed && available <= *t).min()
    }
}
