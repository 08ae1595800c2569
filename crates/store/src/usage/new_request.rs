//! A request of another history, and what becomes of it.

use std::collections::HashMap;
use std::hash::{Hash as _, Hasher as _};

use chrono::{DateTime, Utc};
use tidemark_core::{AccountId, Tokens};

/// A request to be merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// The account that it is assigned to; `None` where it is unassigned.
    pub account: Option<AccountId>,
    /// The name of the machine that made it, if it is another one. Where none has that name here, one is made known.
    pub machine: Option<String>,
    /// When it was logged.
    pub at: DateTime<Utc>,
    /// When it became known.
    pub known_at: DateTime<Utc>,
    /// The model's canonical name.
    pub model: String,
    /// The folder that was worked in.
    pub project: Option<String>,
    /// Its tokens, by kind.
    pub tokens: Tokens,
    /// Equal where it is the same request; `None` in older exports.
    pub id: Option<u64>,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merged {
    /// It was added.
    New,
    /// It is there.
    Known,
    /// Single requests of its time are not kept any more, and without an id it cannot be distinguished from those.
    TooOld,
}

/// How many requests without an id a file had of each time, model and tokens.
#[derive(Debug, Default)]
pub struct SeenRequests(HashMap<u64, u32>);

impl SeenRequests {
    /// The number of this one among those that look the same.
    pub(super) fn number(&mut self, request: &NewRequest) -> u32 {
        // Of two that share a hash by chance, one may be taken for known; it is one in many thousand million.
        let mut hasher = std::hash::DefaultHasher::new();
        let Tokens { input, cache_read, cache_write, output, .. } = request.tokens;
        (request.at, &request.model, input, cache_read, cache_write, output).hash(&mut hasher);
        let number = self.0.entry(hasher.finish()).or_default();
        *number += 1;
        *number
    }
}
