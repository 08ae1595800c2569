//! A figure that was measured.

use serde::Deserialize;

/// One figure.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) name: String,
    /// How much.
    pub(crate) value: f64,
    /// Of what.
    pub(crate) unit: String,
    /// No more than this, where there is a bound.
    pub(crate) bound: Option<f64>,
}

impl Figure {
    pub(crate) fn new(name: &str, value: f64, unit: &str, bound: f64) -> Figure {
        Figure { name: name.to_owned(), value, unit: unit.to_owned(), bound: Some(bound) }
    }

    /// One that is there to be read beside the others.
    pub(crate) fn beside(name: &str, value: f64, unit: &str) -> Figure {
        Figure { name: name.to_owned(), value, unit: unit.to_owned(), bound: None }
    }

    pub(crate) fn within(&self) -> bool {
        self.bound.is_none_or(|bound| self.value <= bound)
    }
}
