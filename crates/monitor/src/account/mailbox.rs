//! How an account's task is asked, and where its view is read.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use tidemark_core::finding::Triage;
use tidemark_core::{Account, AccountId, Failure, Finding, Reading};
use tidemark_store::{FindingId, StoredFinding};
use tokio::sync::{mpsc, oneshot};

use super::view::AccountView;
use crate::error::EngineError;
use crate::problem::WriteProblem;

/// What one poll of an account gave.
#[derive(Debug, Clone)]
pub struct PollOutcome {
    /// The account as it is stored.
    pub account: Account,
    /// When the poll ended.
    pub at: DateTime<Utc>,
    /// The reading with what was concluded from it, or why there is none.
    pub result: Result<(Reading, Vec<Finding>), Failure>,
    /// Whether it was stored and concluded from; why not, where it was not. It then waits, in order, and is tried
    /// again for as long as the engine runs; what is on disk already also at the next start.
    pub stored: Result<(), WriteProblem>,
}

/// What an account's task is asked for.
pub(crate) enum Message {
    /// Poll the service. Whoever asks while it is answering gets the same answer.
    Poll(oneshot::Sender<PollOutcome>),
    /// Set the status of an anomaly.
    Feedback {
        finding: FindingId,
        triage: Option<Triage>,
        answer: oneshot::Sender<Result<Option<StoredFinding>, EngineError>>,
    },
    /// Try again to store and conclude what waits.
    Retry,
    /// Ask Kimi Code's server whether the same user is signed in, where that was not asked for long.
    ConfirmUser,
    /// Poll the service, unless Kimi Code's server says that the same user is signed in: another account stands for this
    /// one then. `None` where it was not polled.
    PollUnlessSame(oneshot::Sender<Option<PollOutcome>>),
    /// Days are counted in another zone.
    ZoneChanged,
    /// Stand still while the history is changed as a whole.
    Hold {
        /// Is answered when it stands still, or with why what waits of it cannot be stored.
        holding: oneshot::Sender<Result<(), EngineError>>,
        /// With `true` its history is another now.
        go_on: oneshot::Receiver<bool>,
    },
    /// Answer when all that came before is done.
    Settle(oneshot::Sender<()>),
}

/// A view that several hold. It is locked for as long as a value is copied or changed, and no longer.
#[derive(Clone)]
pub(crate) struct SharedView(Arc<Mutex<AccountView>>);

impl SharedView {
    fn new(view: AccountView) -> Self {
        Self(Arc::new(Mutex::new(view)))
    }

    /// Reads from the account's view.
    pub(crate) fn see<T>(&self, read: impl FnOnce(&AccountView) -> T) -> T {
        // Only plain values: one that a panic left behind is as good as any.
        read(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the account's view.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut AccountView) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What others hold of an account.
#[derive(Clone)]
pub(crate) struct AccountHandle {
    pub(crate) id: AccountId,
    view: SharedView,
    mailbox: mpsc::UnboundedSender<Message>,
}

/// What its task holds of it.
pub(crate) struct AccountInbox {
    pub(crate) view: SharedView,
    pub(crate) mailbox: mpsc::UnboundedReceiver<Message>,
}

impl AccountHandle {
    /// Both ends of an account.
    pub(crate) fn new(account: Account) -> (Self, AccountInbox) {
        let id = account.id;
        let (sender, mailbox) = mpsc::unbounded_channel();
        let view = SharedView::new(AccountView::new(account));
        (Self { id, view: view.clone(), mailbox: sender }, AccountInbox { view, mailbox })
    }

    /// Reads something of what is known.
    pub(crate) fn see<T>(&self, read: impl FnOnce(&AccountView) -> T) -> T {
        self.view.see(read)
    }

    /// Changes something of what is known.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut AccountView) -> T) -> T {
        self.view.change(change)
    }

    /// Sends a message. Where the task is gone, the message is lost, and its asker learns that from the channel
    /// for the answer.
    pub(crate) fn send(&self, message: Message) {
        let _ = self.mailbox.send(message);
    }

    /// Polls the account and waits for what comes of it.
    pub(crate) async fn poll(&self) -> Result<PollOutcome, EngineError> {
        let (answer, wait) = oneshot::channel();
        self.send(Message::Poll(answer));
        wait.await.map_err(|_| EngineError::NoSuchAccount)
    }

    /// Polls the account, unless its user is still the one whom another account stands for; `None` then.
    pub(crate) async fn poll_unless_same(&self) -> Result<Option<PollOutcome>, EngineError> {
        let (answer, wait) = oneshot::channel();
        self.send(Message::PollUnlessSame(answer));
        wait.await.map_err(|_| EngineError::NoSuchAccount)
    }

    /// Polls the account; what comes of it is in its view then.
    pub(crate) fn poll_soon(&self) {
        self.send(Message::Poll(oneshot::channel().0));
    }
}
