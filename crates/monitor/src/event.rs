//! What the engine announces to its front ends.

use tidemark_core::AccountId;

/// What the engine announces to its front ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineEvent {
    /// A card, the pause or the engine's own state changed.
    Overview,
    /// There are new findings or failed polls.
    Findings,
    /// Alerts wait to be delivered.
    Alerts,
    /// The settings changed.
    Settings,
    /// Local usage changed, or a scan of the logs made progress.
    Usage,
    /// Show this account, or the overview.
    Show(Option<AccountId>),
    /// The user quits Tidemark: the engine is about to end, and windows are to close.
    Quit,
}
