//! The open platform's `GET {base}/users/me`: undocumented, seen by one author in April 2026. It gives the
//! account's real rate limits, which a table of tiers would not: the tiers changed twice in 2026.

use chrono::{DateTime, Utc};
use tidemark_core::{Failure, RateLimits, Source};

use super::fields::{Node, ParseWarnings};
use super::{me, root};
use crate::profile::Profile;

const PROFILE: [&str; 3] = ["organization", "user", "access_key"];

/// Reads the body of `GET {base}/users/me`. `at` is when the answer arrived. A limit of 0 is none.
///
/// # Errors
/// [`FailureKind::NotUnderstood`](tidemark_core::FailureKind::NotUnderstood) if the body is not a JSON
/// object; for an error of the service in the body, the failure that it means.
pub fn users_me(body: &[u8], at: DateTime<Utc>) -> Result<Profile, Failure> {
    let parsed = root::Parsed::of(body);
    let root::Body { map, damaged } = root::object(&parsed, "data.organization")?;
    if let Some(failure) = root::refusal(map, &PROFILE, Source::Platform, body, at) {
        return Err(failure);
    }
    let notes = ParseWarnings::of(damaged);
    let data = root::unwrap(Node::root(map, &notes), &PROFILE);
    let organization = data.object(&["organization"]);
    let limit = |name: &'static [&'static str]| organization.as_ref().and_then(|o| o.positive_count(name));
    let limits = RateLimits {
        concurrency: limit(&["max_concurrency"]),
        requests_per_minute: limit(&["max_request_per_minute", "max_requests_per_minute"]),
        tokens_per_minute: limit(&["max_token_per_minute", "max_tokens_per_minute"]),
        tokens_per_day: limit(&["max_token_quota", "max_token_per_day", "max_tokens_per_day"]),
    };
    let identity = data.object(&["user"]).and_then(|user| user.text(&["id"]).known()).map(me::identity);
    let organization = organization.as_ref().and_then(|organization| organization.text(&["id"]).known());
    let organization = organization.map(|id| me::short_hash("tidemark organization ", id));
    Ok(Profile { limits, identity, organization, not_understood: notes.into_paths(), ..Profile::default() })
}
