//! What the handlers of all routes share.

use std::pin::Pin;
use std::sync::Arc;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use serde::Deserialize;
use tidemark_core::AccountId;
use tidemark_core::report::Words;
use tidemark_monitor::{Engine, UpdateError};

use super::metrics::usage_sums::UsageSums;

/// An installation that goes on.
pub type Installing<'a> = Pin<Box<dyn Future<Output = Result<(), UpdateError>> + Send + 'a>>;

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
    /// Has the downloaded version installed, which usually ends this process; resolves where it does not.
    ///
    /// # Errors
    /// Why it is not installed. By default nothing is.
    fn install_update(&self) -> Installing<'_> {
        Box::pin(async { Err(UpdateError::Managed) })
    }
    /// The words of a language, or of the one it speaks anyway, and the language's tag.
    fn words(&self, language: Option<&str>) -> (String, Box<dyn Words + Send>);
}

/// What a handler works on.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) engine: Engine,
    pub(super) services: Arc<dyn Services>,
    pub(super) usage_sums: UsageSums,
}

impl Context {
    pub(super) fn new(engine: Engine, services: Arc<dyn Services>) -> Self {
        Self { engine, services, usage_sums: UsageSums::default() }
    }
}

/// The number that a path names, or why it is none.
pub(super) type PathId = Result<Path<i64>, PathRejection>;

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
