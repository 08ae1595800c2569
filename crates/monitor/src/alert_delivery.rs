//! Delivering alerts: which are due, and what became of those that were.

use tidemark_store::{AlertId, DueAlert};

use crate::due_alerts::{Judged, judge};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::event::EngineEvent;
use crate::state::NotificationState;

impl Engine {
    /// Alerts that are to be delivered now. None in quiet hours or while notifications are off.
    ///
    /// # Errors
    /// [`EngineError::StoreHandle`], as [`Store::due_alerts`](tidemark_store::Store::due_alerts) says.
    pub async fn due_alerts(&self) -> Result<Vec<DueAlert>, EngineError> {
        let now = self.now();
        let settings = self.settings();
        if !settings.notifications || settings.is_quiet(now.with_timezone(&settings.timezone).time()) {
            return Ok(Vec::new());
        }
        let due = self.write(move |store| store.due_alerts(now)).await?;
        let Judged { due, obsolete } = judge(&due, &self.snapshot());
        if !obsolete.is_empty() {
            tracing::info!(count = obsolete.len(), "alerts that are no longer true are not delivered");
            self.write(move |store| store.alerts_obsolete(&obsolete)).await?;
        }
        Ok(due)
    }

    /// Remembers that an alert is about to be shown, so that a crash in between does not show it twice.
    /// `false` where it is not due any more.
    ///
    /// # Errors
    /// [`EngineError::StoreHandle`] if the history cannot be written.
    pub async fn alert_delivering(&self, id: AlertId) -> Result<bool, EngineError> {
        self.write(move |store| store.alert_delivering(id)).await
    }

    /// Remembers that an alert was shown.
    ///
    /// # Errors
    /// [`EngineError::StoreHandle`] if the history cannot be written.
    pub async fn alert_delivered(&self, id: AlertId) -> Result<(), EngineError> {
        self.set_notifications(NotificationState::Working);
        self.write(move |store| store.alert_delivered(id)).await
    }

    /// Remembers that an alert could not be shown; it is due again later.
    ///
    /// # Errors
    /// [`EngineError::StoreHandle`] if the history cannot be written.
    pub async fn alert_failed(&self, id: AlertId) -> Result<(), EngineError> {
        self.set_notifications(NotificationState::NoService);
        let now = self.now();
        self.write(move |store| store.alert_failed(id, now)).await
    }

    /// Notes whether notifications can be delivered.
    pub fn set_notifications(&self, notifications: NotificationState) {
        let mut state = self.shared.state();
        if state.notifications != notifications {
            state.notifications = notifications;
            drop(state);
            self.announce(EngineEvent::Overview);
        }
    }
}
