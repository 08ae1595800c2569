//! Where the index of local use is kept, as whoever brings it up to date needs it.

use tidemark_logs::PackedSums;
use tidemark_store::{
    LogSumsState, RecordedFile, RecordedPiece, Recording, Store, UsageBatch, UsageFile, UsageProvider,
};

use crate::store_handle::{StoreHandle, StoreHandleError};

/// Where the index is kept.
pub trait IndexStore {
    /// The log files that are known.
    ///
    /// # Errors
    /// The store cannot be read, or is closed.
    fn files(&mut self) -> Result<Vec<UsageFile>, StoreHandleError>;
    /// The number of a provider, and whether what is known of it changed.
    ///
    /// # Errors
    /// The store cannot be written, or is closed.
    fn provider(&mut self, provider: UsageProvider) -> Result<(i64, bool), StoreHandleError>;
    /// Writes a batch, and what a scan finds in its parts; gives the numbers of its files.
    ///
    /// # Errors
    /// The store cannot be written, or is closed. Nothing of the batch is written then.
    fn write(&mut self, batch: UsageBatch, recordings: Vec<Recording>) -> Result<Vec<i64>, StoreHandleError>;
    /// Prepares for much that is written, or says that it has been.
    ///
    /// # Errors
    /// The store cannot be written, or is closed.
    fn write_much(&mut self, much: bool) -> Result<(), StoreHandleError>;
    /// The log files of which is kept what a scan finds in them.
    ///
    /// # Errors
    /// The store cannot be read, or is closed.
    fn recorded(&mut self) -> Result<Vec<RecordedFile>, StoreHandleError>;
    /// Keeps what a scan finds in files, by their numbers, if they were not read on meanwhile.
    ///
    /// # Errors
    /// The store cannot be written, or is closed. Nothing is written then.
    fn record(&mut self, found: Vec<(i64, String, Vec<RecordedPiece>)>) -> Result<(), StoreHandleError>;
    /// What a scan finds in files, by their numbers.
    ///
    /// # Errors
    /// The store cannot be read, or is closed.
    fn found(&mut self, files: Vec<i64>) -> Result<Vec<Vec<u8>>, StoreHandleError>;
    /// In which states the logs were summed up.
    ///
    /// # Errors
    /// The store cannot be read, or is closed.
    fn log_sums_state(&mut self) -> Result<LogSumsState, StoreHandleError>;
    /// Keeps the sums of the logs, made at a time of the epoch in milliseconds, and in which state.
    ///
    /// # Errors
    /// The store cannot be written, or is closed.
    fn write_log_sums(&mut self, made: i64, state: u64, sums: PackedSums) -> Result<(), StoreHandleError>;
}

impl IndexStore for &Store {
    fn files(&mut self) -> Result<Vec<UsageFile>, StoreHandleError> {
        Ok(self.usage_files()?)
    }

    fn provider(&mut self, provider: UsageProvider) -> Result<(i64, bool), StoreHandleError> {
        Ok(self.usage_provider(&provider)?)
    }

    fn write(&mut self, batch: UsageBatch, recordings: Vec<Recording>) -> Result<Vec<i64>, StoreHandleError> {
        Ok(self.write_usage_recording(&batch, &recordings)?)
    }

    fn write_much(&mut self, much: bool) -> Result<(), StoreHandleError> {
        Ok(Store::write_much(self, much)?)
    }

    fn recorded(&mut self) -> Result<Vec<RecordedFile>, StoreHandleError> {
        Ok(self.recorded_files()?)
    }

    fn record(&mut self, found: Vec<(i64, String, Vec<RecordedPiece>)>) -> Result<(), StoreHandleError> {
        Ok(self.record_logs(&found)?)
    }

    fn found(&mut self, files: Vec<i64>) -> Result<Vec<Vec<u8>>, StoreHandleError> {
        Ok(files.into_iter().map(|file| Store::recorded(self, file)).collect::<Result<_, _>>()?)
    }

    fn log_sums_state(&mut self) -> Result<LogSumsState, StoreHandleError> {
        Ok(Store::log_sums_state(self)?)
    }

    fn write_log_sums(&mut self, made: i64, state: u64, sums: PackedSums) -> Result<(), StoreHandleError> {
        Ok(Store::write_log_sums(self, made, state, &sums.sums, &sums.prints)?)
    }
}

/// The engine's store, asked from a thread that may wait.
impl IndexStore for StoreHandle {
    fn files(&mut self) -> Result<Vec<UsageFile>, StoreHandleError> {
        self.ask_and_wait(|store| store.usage_files())
    }

    fn provider(&mut self, provider: UsageProvider) -> Result<(i64, bool), StoreHandleError> {
        self.ask_and_wait(move |store| store.usage_provider(&provider))
    }

    fn write(&mut self, batch: UsageBatch, recordings: Vec<Recording>) -> Result<Vec<i64>, StoreHandleError> {
        self.ask_and_wait(move |store| store.write_usage_recording(&batch, &recordings))
    }

    fn write_much(&mut self, much: bool) -> Result<(), StoreHandleError> {
        self.ask_and_wait(move |store| store.write_much(much))
    }

    fn recorded(&mut self) -> Result<Vec<RecordedFile>, StoreHandleError> {
        self.ask_and_wait(|store| store.recorded_files())
    }

    fn record(&mut self, found: Vec<(i64, String, Vec<RecordedPiece>)>) -> Result<(), StoreHandleError> {
        self.ask_and_wait(move |store| store.record_logs(&found))
    }

    fn found(&mut self, files: Vec<i64>) -> Result<Vec<Vec<u8>>, StoreHandleError> {
        self.ask_and_wait(move |store| files.into_iter().map(|file| store.recorded(file)).collect())
    }

    fn log_sums_state(&mut self) -> Result<LogSumsState, StoreHandleError> {
        self.ask_and_wait(|store| store.log_sums_state())
    }

    fn write_log_sums(&mut self, made: i64, state: u64, sums: PackedSums) -> Result<(), StoreHandleError> {
        self.ask_and_wait(move |store| store.write_log_sums(made, state, &sums.sums, &sums.prints))
    }
}
