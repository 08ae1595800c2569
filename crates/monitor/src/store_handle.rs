//! The store behind a thread: the engine asks and awaits, SQLite works where it blocks no one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc;

use chrono::{DateTime, Utc};
use tidemark_store::{Store, StoreError};
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce(&mut Store) + Send>;

/// A store on a thread of its own. Cloning shares the thread; it ends with the last clone.
#[derive(Clone)]
pub(crate) struct StoreHandle {
    jobs: mpsc::Sender<Job>,
}

impl StoreHandle {
    /// Opens the data folder's store for writing. Fails where it cannot be opened; blocks for that long.
    pub(crate) fn open(dir: &Path, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let store = Store::open(dir, now)?;
        Ok(Self::serve(store, "tidemark-store"))
    }

    /// Opens it a second time for reading, so that a long question does not keep a reading waiting.
    pub(crate) fn open_read_only(dir: &Path) -> Result<Self, StoreError> {
        let store = Store::open_read_only(dir)?;
        Ok(Self::serve(store, "tidemark-read"))
    }

    fn serve(mut store: Store, name: &str) -> Self {
        let (jobs, work) = mpsc::channel::<Job>();
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            for job in work {
                // A question that panics, which is a defect of this program, is answered with `Ended`; its
                // transaction is rolled back, and the others go on.
                if catch_unwind(AssertUnwindSafe(|| job(&mut store))).is_err() {
                    tracing::error!("a question to the history failed; please report this as a bug");
                }
            }
        });
        if let Err(error) = thread {
            // The receiver is gone with the closure, so that every question is answered with `Ended`.
            tracing::error!(%error, "cannot start the store's thread");
        }
        Self { jobs }
    }

    /// Runs a function on the store's own thread and waits for its result.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreHandleError> {
        let (answer, wait) = oneshot::channel();
        let job: Job = Box::new(move |store| {
            // The asker may have gone away; what was asked for has been done anyway.
            let _ = answer.send(store.still_there().and_then(|()| question(store)));
        });
        self.jobs.send(job).map_err(|_| StoreHandleError::Ended)?;
        wait.await.map_err(|_| StoreHandleError::Ended)?.map_err(StoreHandleError::Store)
    }
}

impl StoreHandle {
    /// Asks the store, and waits on a thread that may.
    pub(crate) fn ask_and_wait<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreHandleError> {
        let (answer, wait) = mpsc::sync_channel(1);
        let job: Job = Box::new(move |store| {
            let _ = answer.send(store.still_there().and_then(|()| question(store)));
        });
        self.jobs.send(job).map_err(|_| StoreHandleError::Ended)?;
        wait.recv().map_err(|_| StoreHandleError::Ended)?.map_err(StoreHandleError::Store)
    }
}

/// Why the store did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreHandleError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine is closing, or the question made the store panic, which is a defect of this program.
    #[error("the history did not answer")]
    Ended,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_question_that_panics_costs_only_itself() {
        let folder = tempfile::tempdir().unwrap();
        let store = StoreHandle::open(folder.path(), DateTime::UNIX_EPOCH).unwrap();
        store.ask(|store| store.set_setting("before", &1)).await.unwrap();
        let panicked = store.ask::<()>(|_| panic!("a defect")).await;
        assert!(matches!(panicked, Err(StoreHandleError::Ended)), "{panicked:?}");
        store.ask(|store| store.set_setting("after", &2)).await.unwrap();
        let both = store.ask(|store| Ok((store.setting("before")?, store.setting("after")?))).await.unwrap();
        assert_eq!(both, (Some(1), Some(2)));
    }
}
