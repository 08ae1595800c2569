//! A bound that a figure must keep.

/// One bound, and what was measured.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bound {
    pub(crate) what: String,
    pub(crate) value: f64,
    pub(crate) limit: f64,
    /// Whether no more than the bound is good.
    pub(crate) at_most: bool,
}

impl Bound {
    pub(crate) fn holds(&self) -> bool {
        if self.at_most { self.value <= self.limit } else { self.value >= self.limit }
    }
}
