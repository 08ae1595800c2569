//! The engine's store, as an exchange asks it: on a thread that may wait.

use tidemark_machines::{MachineStore, StoreAccessError};
use tidemark_store::{Store, StoreError};

use crate::store_handle::{StoreHandle, StoreHandleError};

/// The store, for threads that may wait.
pub(crate) struct WaitingStore(pub(crate) StoreHandle);

impl MachineStore for WaitingStore {
    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreAccessError> {
        self.0.ask_and_wait(move |store| question(store)).map_err(|error| match error {
            StoreHandleError::Store(error) => StoreAccessError::Store(error),
            StoreHandleError::Ended => StoreAccessError::Ended,
        })
    }
}
