//! Asking the service: the key and the calls. The key is kept no longer than the call that it signs.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use tidemark_core::audience::PlanLevel;
use tidemark_core::{Account, Credential, Failure, Meter, Reading};
use tidemark_kimi::{Generation, Interface, Profile, Target};
use tidemark_vault::VaultError;

use crate::shared::Shared;

/// The profile is asked for again after this: plan and limits change rarely.
const PROFILE_INTERVAL: TimeDelta = TimeDelta::hours(1);

/// Plan and limits as last known.
#[derive(Debug, Default)]
pub(super) struct KnownProfile {
    profile: Profile,
    /// When the service was asked last; `None` if the profile is only known from a stored reading.
    asked_at: Option<DateTime<Utc>>,
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
        Self { profile, asked_at: None, credential: Some(account.credential.clone()) }
    }

    /// Whether it is to be asked for; forgets it where the account has another key since.
    ///
    /// Of Kimi Code's own server it is due each time: whoever is signed in there may change between two polls, and
    /// only the profile says who it is.
    pub(super) fn is_due(&mut self, account: &Account, now: DateTime<Utc>) -> bool {
        if self.credential.as_ref().is_some_and(|known| *known != account.credential) {
            *self = Self::default();
        }
        self.credential.get_or_insert_with(|| account.credential.clone());
        matches!(account.credential, Credential::KimiCodeServer {})
            || self.asked_at.is_none_or(|at| now - at >= PROFILE_INTERVAL || now < at)
    }

    /// The number of the plan's level and the generation of plans.
    pub(super) fn plan_level(&self) -> PlanLevel {
        PlanLevel {
            level: self.profile.level,
            goods_version: self.profile.generation.and_then(Generation::number),
        }
    }

    /// Adds plan and limits to a reading.
    pub(super) fn fill(&self, reading: &mut Reading) {
        self.profile.fill(reading);
    }
}

/// An answer with what is needed to ask further.
pub(super) struct Answer {
    pub(super) reading: Reading,
    /// The quota part of the body.
    pub(super) evidence: String,
    target: Target,
    key: SecretString,
}

/// Asks for an account's quotas or balance.
pub(super) async fn quota(shared: &Shared, account: &Account) -> Result<Answer, KeyOrService> {
    let (target, key) = destination(shared, account).await?;
    let clock = shared.clock().clone();
    match shared.config.client.quota(&target, &key, &move || clock.now()).await {
        Ok(look) => Ok(Answer { reading: look.reading, evidence: look.evidence, target, key }),
        Err(failure) => Err(KeyOrService::Service(key, failure)),
    }
}

/// Where an account's calls go, and the key that signs them.
async fn destination(shared: &Shared, account: &Account) -> Result<(Target, SecretString), VaultError> {
    let vault = &shared.config.vault;
    if let Credential::KimiCodeServer {} = account.credential {
        let server = vault.kimi_code_server().await?;
        return Ok((Target::local_server(account.region, server.base_url), server.token));
    }
    let key = vault.key(&account.credential, account.region, shared.now()).await?;
    let target = Target {
        source: account.source,
        region: account.region,
        base_url: shared.base_url_of(account),
        interface: Interface::Service,
    };
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

    /// Asks for the profile. That it fails never fails the reading, and it is asked for again in an hour.
    pub(super) async fn profile(&self, shared: &Shared, known: &mut KnownProfile) {
        // The semaphore is never closed.
        let _permit = shared.permits.acquire().await;
        match shared.config.client.profile(&self.target, &self.key).await {
            Ok(profile) => known.profile = profile,
            Err(failure) => tracing::debug!(kind = %failure.kind, "no profile"),
        }
        known.asked_at = Some(shared.now());
    }
}
