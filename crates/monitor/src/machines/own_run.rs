//! The run under which this process writes records: begun with the first of them.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use tidemark_machines::{MachineStore, StoreAccessError, identity};

/// The run of this process; none before it writes anything.
#[derive(Default)]
pub(crate) struct OwnRun(Mutex<Option<String>>);

impl OwnRun {
    /// The run, which is begun where it was not.
    pub(super) fn get_or_try_init(
        &self,
        store: &impl MachineStore,
        now: DateTime<Utc>,
    ) -> Result<String, StoreAccessError> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(run) = &*known {
            return Ok(run.clone());
        }
        let run = store.ask(move |store| identity::begin_run(store, now))?;
        *known = Some(run.clone());
        Ok(run)
    }
}
