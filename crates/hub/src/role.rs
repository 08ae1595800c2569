//! What a member may do.

use std::fmt;
use std::str::FromStr;

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Sees all, and invites.
    Owner,
    /// Sees all.
    Auditor,
    /// Sees what is its own, and its accounts' totals.
    Member,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Owner, Self::Auditor, Self::Member];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Auditor => "auditor",
            Self::Member => "member",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected owner, auditor or member")]
pub struct NotARole;

impl FromStr for Role {
    type Err = NotARole;

    fn from_str(word: &str) -> Result<Self, NotARole> {
        Self::ALL.into_iter().find(|role| role.as_str() == word).ok_or(NotARole)
    }
}
