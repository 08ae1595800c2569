//! Removing what a member has given, when it leaves or is removed.

use crate::problem::{Problem, ProblemKind};

/// Requests that are removed in one transaction.
pub(crate) const REMOVED_AT_ONCE: i32 = 1000;
/// How often a member that gives at the same moment may come between removing what it gave and letting it go.
const MAX_MOVED: u32 = 5;

/// What became of what a member had given when it left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// It stays, without its member being able to see it.
    No,
    /// It is gone.
    Yes,
}

/// Removes what a member has given, some at a time, then lets it go; again where it gave something meanwhile.
pub(crate) async fn remove_and(
    removes: bool,
    remove_some: impl AsyncFn() -> Result<bool, Problem>,
    let_go: impl AsyncFn() -> Result<u64, Problem>,
) -> Result<(), Problem> {
    let mut moved = 0;
    loop {
        while removes && remove_some().await? {}
        match let_go().await {
            Err(problem) if removes && problem.kind == ProblemKind::Failed && moved < MAX_MOVED => moved += 1,
            gone => return gone.map(drop),
        }
    }
}
