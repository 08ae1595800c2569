//! Changing the settings: one at a time.

use chrono::TimeDelta;
use tokio::sync::MutexGuard;

use crate::account::Message;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::event::EngineEvent;
use crate::settings::{self, Settings};
use crate::shared::Shared;

/// The turn to change the settings; see [`Engine::settings_turn`](crate::Engine::settings_turn).
pub struct SettingsTurn<'a> {
    shared: &'a Shared,
    _turn: MutexGuard<'a, ()>,
}

impl<'a> SettingsTurn<'a> {
    pub(crate) async fn of(shared: &'a Shared) -> Self {
        Self { shared, _turn: shared.settings_turn.lock().await }
    }
}

impl SettingsTurn<'_> {
    /// The settings in force. They stay so until they are set or the turn ends.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.shared.state().settings.clone()
    }

    /// Checks, stores and applies settings.
    ///
    /// # Errors
    /// [`EngineError::Settings`] if [`Settings::checked`] refuses them, and [`EngineError::StoreHandle`] if they cannot be
    /// stored.
    pub async fn set(&self, settings: Settings) -> Result<Settings, EngineError> {
        let shared = self.shared;
        let before = self.settings();
        let settings = settings.checked()?;
        let stored = settings.clone();
        let pinned = shared.store.ask(move |store| {
            store.pin_zone(stored.timezone, settings::KEY, &stored)?;
            // The settings are stored: that this is not must not undo them in memory alone.
            if let Err(error) = store.set_setting(settings::RESET_KEY, &Vec::<String>::new()) {
                tracing::warn!(%error, "that the settings were reset is said again at the next start");
            }
            Ok(())
        });
        pinned.await?;
        {
            let mut state = shared.state();
            state.settings = settings.clone();
            // The user has seen to them.
            state.problems.settings(&[], shared.now());
            if settings.check_updates == Some(true) && before.check_updates != Some(true) {
                state.update.check_soon(shared.now());
            }
        }
        if settings.poll_seconds < before.poll_seconds {
            // A faster pace takes effect at once, a slower one after the next poll.
            let calm = shared.now() + TimeDelta::seconds(i64::from(settings.poll_seconds));
            for handle in shared.accounts() {
                handle.change(|view| {
                    if view.poll.last_failure.is_none() {
                        view.next_at = view.next_at.map(|at| at.min(calm));
                    }
                });
            }
        }
        if before.timezone != settings.timezone {
            for handle in shared.accounts() {
                handle.send(Message::ZoneChanged);
            }
        }
        let intake = |settings: &Settings| (settings.intake_otlp, settings.intake_litellm.clone());
        if intake(&before) != intake(&settings) {
            shared.intake_wake.notify_one();
        }
        if before.log_homes != settings.log_homes {
            shared.usage_wake.notify_one();
        }
        shared.announce(EngineEvent::Settings);
        shared.announce(EngineEvent::Overview);
        shared.wake.notify_one();
        Ok(settings)
    }
}

impl Engine {
    /// Replaces the settings; see [`Engine::change_settings`].
    ///
    /// # Errors
    /// As [`Engine::change_settings`].
    pub async fn set_settings(&self, settings: Settings) -> Result<Settings, EngineError> {
        self.change_settings(|_| Ok::<_, EngineError>(settings)).await
    }

    /// Changes the settings. `change` is given the settings as they are then; of two changes at once, the second is
    /// given what the first has made.
    ///
    /// # Errors
    /// What `change` fails with, [`EngineError::Settings`] if [`Settings::checked`] refuses the result, and
    /// [`EngineError::StoreHandle`] if it cannot be stored. Nothing has changed then.
    pub async fn change_settings<E: From<EngineError>>(
        &self,
        change: impl FnOnce(&Settings) -> Result<Settings, E>,
    ) -> Result<Settings, E> {
        let turn = self.settings_turn().await;
        let settings = change(&turn.settings())?;
        turn.set(settings).await.map_err(E::from)
    }

    /// The turn to change the settings. While it is held, no one else changes them: what is asked of the system in
    /// between, such as to start at login, goes with what is stored then.
    pub async fn settings_turn(&self) -> SettingsTurn<'_> {
        SettingsTurn::of(&self.shared).await
    }
}
