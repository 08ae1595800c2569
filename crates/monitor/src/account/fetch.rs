//! Asking the service: the key and the calls. The key is kept no longer than the call that it signs.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use tidemark_core::account::check_base_url;
use tidemark_core::audience::PlanLevel;
use tidemark_core::failure_cause::FailureCause;
use tidemark_core::reading::UserIds;
use tidemark_core::{Account, Credential, Failure, FailureKind, Meter, Reading, Source};
use tidemark_kimi::{Generation, Interface, Profile, Target};
use tidemark_vault::VaultError;

use crate::shared::Shared;

/// The profile is asked for again after this: plan and limits change rarely.
const PROFILE_INTERVAL: TimeDelta = TimeDelta::hours(1);

/// Where that failed and it is unknown whose account it is, it is asked for again after this, and after twice as long
/// each time: until then no reading says whose it is.
const PROFILE_RETRY: TimeDelta = TimeDelta::minutes(5);

/// Plan and limits as last known.
#[derive(Debug, Default)]
pub(super) struct KnownProfile {
    profile: Profile,
    /// When the service was asked last; `None` if the profile is only known from a stored reading.
    asked_at: Option<DateTime<Utc>>,
    /// How often it was asked for in vain since.
    failures: u32,
    /// The key's place then: another key may be another account's.
    credential: Option<Credential>,
}

impl KnownProfile {
    /// As a stored reading shows it, until the service is asked again: a profile that does not answer just now must
    /// not be taken for a change of plan.
    pub(super) fn of(account: &Account, reading: &Reading) -> Self {
        // A plan with a month and no week: a left-over week that its body still carries stays out.
        let without_week = reading.meter(Meter::Month).is_some() && reading.meter(Meter::Week).is_none();
        let profile = Profile {
            plan: reading.plan.clone(),
            generation: without_week.then_some(Generation::V2),
            limits: reading.limits,
            ..Profile::default()
        };
        Self { profile, credential: Some(account.credential.clone()), ..Self::default() }
    }

    /// Whether it is to be asked for; forgets it where the account has another key since.
    pub(super) fn is_due(&mut self, account: &Account, now: DateTime<Utc>) -> bool {
        if self.credential.as_ref().is_some_and(|known| *known != account.credential) {
            *self = Self::default();
        }
        self.credential.get_or_insert_with(|| account.credential.clone());
        self.asked_at.is_none_or(|at| now - at >= self.interval() || now < at)
    }

    /// How long after it was asked for it is asked for again.
    fn interval(&self) -> TimeDelta {
        match self.failures.checked_sub(1) {
            Some(before) if self.profile.identity.is_none() => {
                (PROFILE_RETRY * 2_i32.pow(before.min(8))).min(PROFILE_INTERVAL)
            }
            _ => PROFILE_INTERVAL,
        }
    }

    /// It was asked for in vain.
    const fn failed(&mut self, now: DateTime<Utc>) {
        self.asked_at = Some(now);
        self.failures = self.failures.saturating_add(1);
    }

    /// Takes a profile that the service has just answered.
    pub(super) fn learn(&mut self, profile: Profile, now: DateTime<Utc>) {
        self.profile = profile;
        self.asked_at = Some(now);
        self.failures = 0;
    }

    /// The number of the plan's level and the generation of plans.
    pub(super) fn plan_level(&self) -> PlanLevel {
        PlanLevel {
            level: self.profile.level,
            goods_version: self.profile.generation.and_then(Generation::number),
        }
    }

    /// Adds plan and limits to a reading, and whose it is. Where that was asked for in vain since the key became known
    /// to this program, it may be another user's.
    pub(super) fn fill(&self, reading: &mut Reading) {
        self.profile.fill(reading);
        reading.user.unknown = self.failures > 0 && self.profile.identity.is_none();
    }
}

/// An answer with what is needed to ask further.
pub(super) struct Answer {
    pub(super) reading: Reading,
    /// The quota part of the body.
    pub(super) evidence: String,
    /// Of Kimi Code's own server, the profile that came with it.
    pub(super) profile: Option<Profile>,
    target: Target,
    key: SecretString,
}

/// Asks for an account's quotas or balance. `known` is whose the last reading was.
pub(super) async fn quota(
    shared: &Shared,
    account: &Account,
    known: &UserIds,
) -> Result<Answer, KeyOrService> {
    let (target, key) = destination(shared, account).await?;
    let clock = shared.clock().clone();
    let look = match shared.config.client.quota(&target, &key, &move || clock.now()).await {
        Ok(look) => look,
        Err(failure) => return Err(KeyOrService::Service(key, failure)),
    };
    let mut profile = None;
    if let Credential::KimiCodeServer {} = account.credential {
        let asked = shared.config.client.profile(&target, &key).await;
        profile = match signed_in(account, known, &look.reading.user, asked) {
            Ok(profile) => profile,
            Err(why) => return Err(why.of_service(key)),
        };
    }
    Ok(Answer { reading: look.reading, evidence: look.evidence, profile, target, key })
}

/// Whether an answer of Kimi Code's server may be taken for the account's. Whoever is signed in there may change
/// between two polls, and only the profile says who it is and where: without it, another user's quota could be stored
/// in this account's history. A server that has never said who is signed in is taken at its word.
fn signed_in(
    account: &Account,
    known: &UserIds,
    answered: &UserIds,
    profile: Result<Profile, Failure>,
) -> Result<Option<Profile>, NotSignedIn> {
    let profile = match profile {
        Ok(profile) => profile,
        Err(_) if known.is_empty() => return Ok(None),
        Err(failure) => return Err(NotSignedIn::Unknown(failure)),
    };
    if let Some(found) = profile.region.filter(|found| *found != account.region) {
        return Err(NotSignedIn::Elsewhere(VaultError::LoginOtherRegion { expected: account.region, found }));
    }
    let now = UserIds {
        profile: profile.identity.clone(),
        organization: profile.organization.clone(),
        ..answered.clone()
    };
    if !known.is_empty() && known.is_same(&now).is_none() {
        return Err(NotSignedIn::Unknown(
            Failure::new(
                FailureKind::NotUnderstood,
                "Kimi Code's server does not say who is signed in. The answer is not stored",
            )
            .with_cause(FailureCause::NotSaidWho),
        ));
    }
    Ok(Some(profile))
}

/// Why an answer of Kimi Code's server is not taken for the account's.
enum NotSignedIn {
    /// It does not say who is signed in.
    Unknown(Failure),
    /// It is signed in to the other region.
    Elsewhere(VaultError),
}

impl NotSignedIn {
    fn of_service(self, key: SecretString) -> KeyOrService {
        match self {
            Self::Unknown(failure) => KeyOrService::Service(key, failure),
            Self::Elsewhere(error) => KeyOrService::Key(error),
        }
    }
}

/// Whether Kimi Code's server shows another user than the one known; `None` where it does not say.
pub(super) async fn other_user(shared: &Shared, account: &Account, known: &UserIds) -> Option<bool> {
    let (target, key) = destination(shared, account).await.ok()?;
    // The semaphore is never closed.
    let _permit = shared.permits.acquire().await;
    let profile = shared.config.client.profile(&target, &key).await.ok()?;
    Some(profile.identity? != *known.profile.as_ref()?)
}

/// The hash of the token of Kimi Code's server; `None` while it does not run.
pub(super) async fn token_digest(shared: &Shared, account: &Account) -> Option<[u8; 32]> {
    destination(shared, account).await.ok().map(|(_, token)| crate::key_digest::key_digest(&token))
}

/// Where an account's calls go, and the key that signs them.
async fn destination(shared: &Shared, account: &Account) -> Result<(Target, SecretString), VaultError> {
    let vault = &shared.config.vault;
    if let Credential::KimiCodeServer {} = account.credential {
        let server = vault.kimi_code_server().await?;
        return Ok((Target::local_server(account.region, server.base_url), server.token));
    }
    let base_url = shared.base_url_of(account);
    // Whatever the history says, which another program may have written: a login is its own service's alone.
    if let Credential::KimiCodeLogin { .. } = account.credential
        && !shared.config.hosts.is_service(Source::KimiCode, account.region, &base_url)
    {
        let host = check_base_url(&base_url).ok().and_then(|url| url.host_str().map(ToOwned::to_owned));
        return Err(VaultError::ForeignAddress { host: host.unwrap_or_default() });
    }
    let key = vault.key(&account.credential, account.region, shared.now()).await?;
    let target =
        Target { source: account.source, region: account.region, base_url, interface: Interface::Service };
    Ok((target, key))
}

/// Why there is no reading.
pub(super) enum KeyOrService {
    /// The key could not be had, or nothing takes it.
    Key(VaultError),
    /// The key was had, and the service did not answer with a reading.
    Service(SecretString, Failure),
}

impl From<VaultError> for KeyOrService {
    fn from(error: VaultError) -> Self {
        Self::Key(error)
    }
}

impl KeyOrService {
    /// Why the key could not be had, as a stable word. A server that is not running is no trouble with a key.
    pub(super) fn key_trouble(&self) -> Option<&'static str> {
        match self {
            Self::Key(VaultError::ServerNotRunning) | Self::Service(..) => None,
            Self::Key(error) => Some(error.code()),
        }
    }

    pub(super) fn failure(self) -> Failure {
        match self {
            Self::Key(error) => Failure::from(&error),
            Self::Service(_, failure) => failure,
        }
    }
}

impl Answer {
    /// The key that got this answer.
    pub(super) const fn key(&self) -> &SecretString {
        &self.key
    }

    /// Asks for the profile. That it fails never fails the reading; it is asked for again in an hour, or earlier where
    /// it is unknown whose account it is.
    pub(super) async fn profile(&self, shared: &Shared, known: &mut KnownProfile) {
        // The semaphore is never closed.
        let _permit = shared.permits.acquire().await;
        match shared.config.client.profile(&self.target, &self.key).await {
            Ok(profile) => return known.learn(profile, shared.now()),
            Err(failure) => tracing::debug!(kind = %failure.kind, "no profile"),
        }
        known.failed(shared.now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_that_fails_is_asked_for_again_soon_while_the_user_is_unknown() {
        let start: DateTime<Utc> = "2026-11-20T08:00:00Z".parse().unwrap_or_default();
        let mut known = KnownProfile::default();
        let mut waits = Vec::new();
        for _ in 0..6 {
            known.failed(start);
            waits.push(known.interval().num_minutes());
        }
        assert_eq!(waits, [5, 10, 20, 40, 60, 60]);
        let mut reading = Reading::new(start, tidemark_core::Source::KimiCode, tidemark_core::Region::China);
        known.fill(&mut reading);
        assert!(reading.user.unknown);
        // What is known of the user stays known for the hour.
        known.learn(Profile { identity: Some("one".to_owned()), ..Profile::default() }, start);
        assert_eq!(known.interval(), PROFILE_INTERVAL);
        known.failed(start);
        assert_eq!(known.interval(), PROFILE_INTERVAL);
        known.fill(&mut reading);
        assert!(!reading.user.unknown);
    }
}
