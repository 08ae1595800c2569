//! The forecast at work: what is remembered of each account's past, and what is likely to become of its
//! windows.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use tidemark_core::change::Movement;
use tidemark_core::forecast::{Forecast, Pasts};
use tidemark_core::{AccountId, Meter, Reading, Series};
use tidemark_store::{Store, StoreError};

use crate::engine::{Engine, EngineError};
use crate::state::Watched;

/// What the store tells of how an account's windows were used, as far back as it matters.
pub fn remembered(
    store: &Store,
    account: AccountId,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<Pasts, StoreError> {
    let mut pasts = Pasts::new(zone);
    for meter in Meter::ALL.into_iter().filter(|meter| meter.is_allowance()) {
        let to = now + TimeDelta::nanoseconds(1);
        for movement in store.movements(account, Series::Meter(meter), now - Pasts::REACH, to)? {
            pasts.take(&movement);
        }
    }
    Ok(pasts)
}

impl Watched {
    /// Takes what a reading showed, and says what is likely to become of each window now.
    pub(crate) fn look_ahead(&mut self, movements: &[Movement], reading: &Reading, now: DateTime<Utc>) {
        for movement in movements {
            self.pasts.take(movement);
        }
        self.forecasts = self.forecasts_of(reading, now);
    }

    fn forecasts_of(&self, reading: &Reading, now: DateTime<Utc>) -> Vec<(Meter, Forecast)> {
        let unconfirmed = |meter| self.auditor.tracker().pending(meter);
        reading
            .meters
            .iter()
            .filter(|meter| !unconfirmed(meter.meter))
            .filter_map(|meter| Some((meter.meter, self.pasts.forecast(meter, now).ok()?)))
            .collect()
    }
}

impl Engine {
    /// Remembers all accounts' pasts anew: their days are counted in another zone.
    pub(crate) async fn remember_pasts(&self) -> Result<(), EngineError> {
        let ids: Vec<AccountId> = self.state().accounts.keys().copied().collect();
        let (zone, now) = (self.settings().timezone, self.now());
        for id in ids {
            let pasts = self.read(move |store| remembered(store, id, zone, now)).await?;
            if let Some(watched) = self.state().accounts.get_mut(&id) {
                watched.pasts = pasts;
            }
        }
        Ok(())
    }
}
