//! What the handlers of all routes share.

use std::sync::Arc;

use axum::extract::Path;
use serde::Deserialize;
use tidemark_core::AccountId;
use tidemark_core::report::Words;
use tidemark_monitor::Engine;
use tokio::sync::Mutex;

/// What the agent does for a route beyond the engine.
pub trait Services: Send + Sync + 'static {
    /// Shows a notification now, as a test; says why it could not.
    ///
    /// # Errors
    /// Why it could not be shown, as text for people.
    fn test_notification(&self) -> Result<(), String>;
    /// Starts, or no longer starts, the agent at login; says why it could not.
    ///
    /// # Errors
    /// Why the system's list of programs could not be changed, as text for people.
    fn start_at_login(&self, on: bool) -> Result<(), String>;
    /// The words of a language, or of the one it speaks anyway, and the language's tag.
    fn words(&self, language: Option<&str>) -> (String, Box<dyn Words + Send>);
}

/// What a handler works on.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) engine: Engine,
    pub(super) services: Arc<dyn Services>,
    /// Held while settings are read, changed and written: of two changes at once the second builds on the first.
    pub(super) settings: Arc<Mutex<()>>,
}

impl Context {
    pub(super) fn new(engine: Engine, services: Arc<dyn Services>) -> Self {
        Self { engine, services, settings: Arc::default() }
    }
}

/// The number that a path names.
pub(super) type PathId = Path<i64>;

/// A body that may name one account; without one, all are meant.
#[derive(Default, Deserialize)]
pub(super) struct OneOrAll {
    pub(super) account_id: Option<i64>,
}

impl OneOrAll {
    pub(super) fn account(&self) -> Option<AccountId> {
        self.account_id.map(AccountId)
    }
}
