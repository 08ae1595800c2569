//! What is last known of the accounts, from the store alone.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use tidemark_api::view::CardState;
use tidemark_core::forecast::Forecast;
use tidemark_core::{Account, Credential, Failure, Meter, MeterReading, Reading, Source};
use tidemark_monitor::{AccountIdentity, Settings};
use tidemark_store::{PollState, Store};

use crate::exit::CommandOutcome;

/// What the store knows of an account.
pub(super) struct Known {
    pub(super) account: Account,
    pub(super) reading: Option<Reading>,
    pub(super) poll: PollState,
    /// Another account, the same by a key or a login, is read in place of this one.
    pub(super) polled_through: bool,
    /// What is likely to become of its windows.
    pub(super) forecasts: Vec<(Meter, Forecast)>,
}

/// What the store knows of all accounts, in the user's order.
pub(super) fn last_known(store: &Store) -> Result<Vec<Known>, CommandOutcome> {
    let mut readings = store.last_readings()?;
    let mut all = Vec::new();
    for account in store.accounts()? {
        let place = readings.iter().position(|(id, ..)| *id == account.id);
        let reading = place.map(|place| readings.swap_remove(place).2);
        let mut poll = store.poll_state(account.id)?;
        if poll.last_failure.is_some() {
            // As everywhere else: since the first failed poll, also where that was imported or another program's.
            poll.failing_since = store.failing_since(account.id)?.or(poll.failing_since);
        }
        all.push(Known { account, reading, poll, polled_through: false, forecasts: Vec::new() });
    }
    find_twins(&mut all);
    Ok(all)
}

/// Marks the accounts that are read from Kimi Code's server and for which another stands: of the two, only one is polled.
fn find_twins(all: &mut [Known]) {
    let by_server = |known: &Known| matches!(known.account.credential, Credential::KimiCodeServer {});
    let identities: Vec<AccountIdentity> =
        all.iter().map(|known| AccountIdentity::of(&known.account, known.reading.as_ref())).collect();
    for place in 0..all.len() {
        let own = &all[place];
        let stands_for = |(other, identity): (&Known, &AccountIdentity)| {
            !by_server(other)
                && identities[place].is_same(identity)
                && other.failure().is_none()
                && other.reading.as_ref().map(|reading| reading.at)
                    >= own.reading.as_ref().map(|reading| reading.at)
        };
        let through =
            by_server(own) && own.failure().is_none() && all.iter().zip(&identities).any(stands_for);
        all[place].polled_through = through;
    }
}

/// The account that Kimi Code on this machine uses, as far as is known: the one of its login or its server, else the only
/// one of a membership. Several where it could be any of them.
pub(super) fn those_of_kimi_code(mut known: Vec<Known>) -> Vec<Known> {
    known.retain(|known| known.account.source == Source::KimiCode && !known.polled_through);
    let by_login = |known: &Known| {
        matches!(known.account.credential, Credential::KimiCodeLogin { .. } | Credential::KimiCodeServer {})
    };
    if known.iter().any(by_login) {
        known.retain(by_login);
    }
    known
}

/// The same; none where it could be any of several.
pub(super) fn of_kimi_code(known: Vec<Known>) -> Vec<Known> {
    let known = those_of_kimi_code(known);
    if known.len() > 1 { Vec::new() } else { known }
}

impl Known {
    /// How old the last reading is.
    pub(super) fn age(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        // A reading from the future is a clock that was set back; it is not younger than new.
        self.reading.as_ref().map(|reading| (now - reading.at).max(TimeDelta::zero()))
    }

    /// The largest share that is used of a quota; all of it where no money is left.
    pub(super) fn tightest(&self, now: DateTime<Utc>) -> Option<Decimal> {
        let available = self.reading.as_ref().and_then(|reading| reading.balance.as_ref()?.available);
        if available.is_some_and(|available| available <= Decimal::ZERO) {
            return Some(Decimal::ONE_HUNDRED);
        }
        let reading = self.reading.as_ref()?;
        let meters = reading.meters.iter().filter(|meter| meter.meter.is_allowance());
        meters.filter_map(|meter| current_share(reading, meter, now)).max()
    }

    /// Why the last poll failed, where it did.
    pub(super) fn failure(&self) -> Option<&Failure> {
        self.poll.last_failure.as_ref().map(|poll| &poll.failure)
    }

    /// The state's word, as the window has it.
    pub(super) fn state(&self, settings: &Settings, now: DateTime<Utc>) -> &'static str {
        if let Some(failure) = self.failure() {
            return CardState::of_failure(failure, self.poll.failures_in_row).as_str();
        }
        let late = settings.live_for();
        match self.age(now) {
            None => "waiting",
            Some(age) if age > late && self.polled_through => "polled-through",
            Some(age) if age > late => "stale",
            Some(_) => "live",
        }
    }
}

/// The share that is used of a quota. What has been reset since it was read is not known.
pub(super) fn current_share(reading: &Reading, meter: &MeterReading, now: DateTime<Utc>) -> Option<Decimal> {
    (!reading.is_past_reset(meter, now)).then_some(meter.used_percent)
}

/// An account of a membership without a reading, for tests.
#[cfg(test)]
pub(super) fn unread(id: i64, credential: Credential) -> Known {
    Known {
        account: Account {
            id: tidemark_core::AccountId(id),
            name: id.to_string(),
            source: Source::KimiCode,
            region: tidemark_core::Region::Global,
            base_url: None,
            credential,
            position: id,
            created_at: DateTime::UNIX_EPOCH,
        },
        reading: None,
        poll: PollState::default(),
        polled_through: false,
        forecasts: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use tidemark_core::Region;

    use super::*;

    fn keyed() -> Credential {
        Credential::Keyring { handle: "k".to_owned() }
    }

    #[test]
    fn an_account_through_the_server_is_not_stale_while_its_twin_is_read() {
        let now: DateTime<Utc> = "2026-11-22T06:00:00Z".parse().unwrap();
        let known = |id: i64, credential: Credential, hours_ago: i64, user: &str| {
            let mut reading =
                Reading::new(now - TimeDelta::hours(hours_ago), Source::KimiCode, Region::Global);
            reading.user.profile = Some(user.to_owned());
            Known { reading: Some(reading), ..unread(id, credential) }
        };
        let settings = Settings::default();
        for (user, hours_ago, expected) in [("a", 0, "polled-through"), ("b", 0, "stale"), ("a", 9, "stale")]
        {
            let mut all =
                [known(1, Credential::KimiCodeServer {}, 5, "a"), known(2, keyed(), hours_ago, user)];
            find_twins(&mut all);
            assert_eq!(all[0].state(&settings, now), expected, "{user} {hours_ago}");
            assert_ne!(all[1].state(&settings, now), "polled-through");
        }
    }

    #[test]
    fn the_account_of_kimi_code_is_the_one_of_its_login_or_the_only_unread() {
        let login = || Credential::KimiCodeLogin { path: None };
        let ids = |all: Vec<Known>| of_kimi_code(all).iter().map(|one| one.account.id.0).collect::<Vec<_>>();
        assert_eq!(ids(vec![unread(1, keyed())]), [1]);
        assert_eq!(ids(vec![unread(1, keyed()), unread(2, login())]), [2]);
        assert!(ids(vec![unread(1, keyed()), unread(2, keyed())]).is_empty(), "it could be either");
        let mut platform = unread(1, keyed());
        platform.account.source = Source::Platform;
        assert_eq!(ids(vec![platform, unread(2, keyed())]), [2]);
    }
}
