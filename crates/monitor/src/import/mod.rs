//! Import: what an export holds becomes part of the history here.
//!
//! The lines come in a file of the data folder, in the form of JSON Lines, an empty line between the files that they
//! are from. Meanwhile the accounts' tasks stand still: the whole import is one transaction, and they go on with what it
//! has made of their accounts.

mod lines;
mod names;
mod report;

use std::fs::File;

use tidemark_core::Account;
use tokio::sync::oneshot;

use crate::account::AccountTask;
use crate::account::mailbox::Message;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::event::EngineEvent;
use lines::ImportRules;

pub use report::{ImportReport, ImportedAccount, LineCount};

impl Engine {
    /// Makes the lines of a file part of the history; see the [module](self) for its form. Lines that are here already
    /// are passed over. No notifications are sent of what is found.
    ///
    /// # Errors
    /// [`EngineError::StoreHandle`] if what waits of an account cannot be stored first, or the history cannot be
    /// written. Nothing has changed then.
    pub async fn import(&self, lines: File) -> Result<ImportReport, EngineError> {
        // Whoever asked may go away meanwhile. The accounts must not go on from what they knew before.
        let engine = self.clone();
        let importing = tokio::spawn(async move { engine.import_now(lines).await });
        importing.await.map_err(|_| EngineError::Internal)?
    }

    async fn import_now(&self, lines: File) -> Result<ImportReport, EngineError> {
        let shared = &self.shared;
        // No account comes or goes meanwhile.
        let _turn = shared.accounts_turn.write().await;
        let rules = {
            let settings = &shared.state().settings;
            ImportRules { alerts: settings.alert_rules(), max_gap: settings.live_for(), now: shared.now() }
        };
        let held = self.hold_accounts().await?;
        let done = shared.store.ask(move |store| {
            let report = lines::import(store, &lines, &rules)?;
            // It is as long as the import.
            if let Err(error) = store.checkpoint() {
                tracing::debug!(%error, "the log of the history stays long for now");
            }
            Ok(report)
        });
        let done = done.await;
        for go_on in held {
            let _ = go_on.send(done.is_ok());
        }
        let report = done?;
        let new = report.accounts.iter().filter(|account| account.is_new).map(|account| account.id);
        for id in new.collect::<Vec<_>>() {
            let account = shared.store.ask(move |store| store.account(id)).await?;
            self.start_imported(account).await?;
        }
        self.wait_until_idle().await;
        for event in [EngineEvent::Overview, EngineEvent::Findings, EngineEvent::Usage] {
            self.announce(event);
        }
        Ok(report)
    }

    /// Has every account's task conclude from what waits, and stand still until it may go on.
    async fn hold_accounts(&self) -> Result<Vec<oneshot::Sender<bool>>, EngineError> {
        let mut waiting = Vec::new();
        for handle in self.shared.accounts() {
            let (holding, held) = oneshot::channel();
            let (go_on, wait) = oneshot::channel();
            handle.send(Message::Hold { holding, go_on: wait });
            waiting.push((held, go_on));
        }
        let mut all = Vec::with_capacity(waiting.len());
        for (held, go_on) in waiting {
            // A task that is gone holds nothing. Where one cannot conclude, the others go on when this is dropped.
            if let Ok(concluded) = held.await {
                concluded?;
                all.push(go_on);
            }
        }
        Ok(all)
    }

    /// Starts the task of an account that was made by an import: it has a history, and no key.
    async fn start_imported(&self, account: Account) -> Result<(), EngineError> {
        let id = account.id;
        let (handle, inbox) = crate::account::AccountHandle::new(account);
        let mut task = AccountTask::new(id, &self.shared, inbox);
        Box::pin(task.resume(&self.shared)).await?;
        tokio::spawn(task.run());
        self.shared.add(handle);
        Ok(())
    }
}
