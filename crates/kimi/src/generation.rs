//! Which generation of plans an account is on, and what follows from it for its quotas.

/// The plans of before September 2026 have a week and names of their own; those since have a month instead. Seen in
/// bodies of October 2026 as `version` (a word) and `goods_version` (a number).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// The plans that were sold until September 2026.
    V1,
    /// The plans sold since.
    V2,
    /// A later one, of which nothing is known.
    Later,
}

impl Generation {
    /// The generation of a number; `None` for what is none.
    pub(crate) fn of_number(number: u64) -> Option<Self> {
        match number {
            0 => None,
            1 => Some(Self::V1),
            2 => Some(Self::V2),
            _ => Some(Self::Later),
        }
    }

    /// The number of a generation that is known.
    #[must_use]
    pub const fn number(self) -> Option<u64> {
        match self {
            Self::V1 => Some(1),
            Self::V2 => Some(2),
            Self::Later => None,
        }
    }
}
