//! The store as an exchange asks it: it works on a thread that may wait.

use tidemark_store::{Store, StoreError};

/// Why the store did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreAccessError {
    /// It refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The program is ending.
    #[error("the history did not answer")]
    Ended,
}

/// A store that can be asked, and that whoever asks waits for.
pub trait MachineStore {
    /// Asks the store.
    ///
    /// # Errors
    /// What `question` fails with, or [`StoreAccessError::Ended`] if the store is closed.
    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreAccessError>;
}

impl MachineStore for Store {
    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreAccessError> {
        Ok(question(self)?)
    }
}
