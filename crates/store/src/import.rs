//! Import: a whole history at once, for demo mode, tests and benchmarks.

use tidemark_core::{AccountId, Reading};

use crate::analysis::{self, AnalysisResult};
use crate::error::StoreError;
use crate::movement_writer::MovementWriter;
use crate::readings;
use crate::store::Store;

/// Readings written in one transaction.
const BATCH_SIZE: usize = 10_000;

/// How many readings an import added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Readings that were added.
    pub new: u64,
    /// Readings of a time that was there already; they were left as they are.
    pub known: u64,
}

impl Store {
    /// Imports a history of an account: readings in the order in which they were taken, each with its
    /// evidence and conclusion. It has the same effect as [`Store::insert_reading`] and [`Store::record_analysis`]
    /// for each, through the same code, in transactions of thousands. The iterator is called while a
    /// transaction is open and must not use another store on the same folder for writing.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`], [`StoreError::TooLarge`] for an amount that does not fit, and those of
    /// [any write](StoreError#reads-and-writes). Whole transactions before it stay.
    pub fn import(
        &self,
        account: AccountId,
        history: impl IntoIterator<Item = (Reading, String, AnalysisResult)>,
    ) -> Result<Imported, StoreError> {
        self.in_bulk(|| {
            let mut imported = Imported::default();
            let mut history = history.into_iter().peekable();
            while history.peek().is_some() {
                let tx = self.begin()?;
                let mut writer = MovementWriter::open(&tx)?;
                let mut last = None;
                for (reading, evidence, conclusion) in history.by_ref().take(BATCH_SIZE) {
                    let (id, new) = readings::insert(&tx, account, &reading, &evidence)?;
                    if new {
                        imported.new += 1;
                    } else {
                        imported.known += 1;
                    }
                    // What this very transaction has concluded is not on record yet, but it is older.
                    if last.as_ref().is_some_and(|(analysed, _)| *analysed >= id)
                        || !analysis::is_due(&tx, account, id.into())?
                    {
                        continue;
                    }
                    analysis::enter(&tx, &mut writer, account, &conclusion)?;
                    last = Some((id, conclusion));
                }
                writer.write()?;
                if let Some((id, conclusion)) = &last {
                    analysis::progress(&tx, account, (*id).into(), conclusion)?;
                }
                tx.commit()?;
            }
            Ok(imported)
        })
    }
}
