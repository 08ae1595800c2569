//! Asking the service: the key and the calls. The key is kept no longer than the call that it signs.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use tidemark_core::{Account, Credential, Failure, FailureKind, Meter, Reading};
use tidemark_kimi::{Generation, Profile, Target};

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
    pub(super) fn is_due(&mut self, account: &Account, now: DateTime<Utc>) -> bool {
        if self.credential.as_ref().is_some_and(|known| *known != account.credential) {
            *self = Self::default();
        }
        self.credential.get_or_insert_with(|| account.credential.clone());
        self.asked_at.is_none_or(|at| now - at >= PROFILE_INTERVAL || now < at)
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
    let target =
        Target { source: account.source, region: account.region, base_url: shared.base_url_of(account) };
    let key = shared
        .config
        .vault
        .key(&account.credential, account.region, shared.now())
        .await
        .map_err(|error| KeyOrService::Key(error.code(), error.to_string()))?;
    let clock = shared.clock().clone();
    match shared.config.client.quota(&target, &key, &move || clock.now()).await {
        Ok(look) => Ok(Answer { reading: look.reading, evidence: look.evidence, target, key }),
        Err(failure) => Err(KeyOrService::Service(key, failure)),
    }
}

/// Why there is no reading.
pub(super) enum KeyOrService {
    /// The key could not be had: a stable word, and what was said.
    Key(&'static str, String),
    /// The key was had, and the service did not answer with a reading.
    Service(SecretString, Failure),
}

impl KeyOrService {
    pub(super) fn failure(self) -> Failure {
        match self {
            Self::Key(_, message) => Failure::new(FailureKind::KeyUnavailable, message),
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
