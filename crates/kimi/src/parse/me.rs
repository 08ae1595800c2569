//! Kimi Code's `GET {base}/me`. It holds name, e-mail address and telephone number; only the plan's name
//! and a hash of the user's id are kept.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use tidemark_core::{Failure, RateLimits, Region, Source};

use super::fields::{Node, ParseWarnings};
use super::{plan, root};
use crate::profile::Profile;

const PROFILE: [&str; 4] = ["user_id", "user_level_name", "user_level", "global_id"];

/// Reads the body of `GET {base}/me`. `at` is when the answer arrived.
///
/// # Errors
/// [`FailureKind::NotUnderstood`](tidemark_core::FailureKind::NotUnderstood) if the body is not a JSON
/// object; for an error of the service in the body, the failure that it means.
pub fn me(body: &[u8], at: DateTime<Utc>) -> Result<Profile, Failure> {
    let parsed = root::Parsed::of(body);
    let root::Body { map, damaged } = root::object(&parsed, "user_level_name")?;
    if let Some(failure) = root::refusal(map, &PROFILE, Source::KimiCode, body, at) {
        return Err(failure);
    }
    let notes = ParseWarnings::of(damaged);
    let user = root::unwrap(Node::root(map, &notes), &PROFILE);
    let generation = plan::generation(&user);
    let plan = user.text(&["user_level_name"]).known().and_then(|level| plan::name_of(level, generation));
    let level = user.positive_count(&["user_level"]);
    let region = user.text(&["region"]).known().and_then(region_of);
    let identity = user.text(&["user_id", "global_id"]).known().map(identity);
    Ok(Profile {
        plan,
        generation,
        level,
        region,
        limits: RateLimits::default(),
        identity,
        organization: None,
        not_understood: notes.into_paths(),
    })
}

/// The region by the service's own words for the two.
pub(super) fn region_of(word: &str) -> Option<Region> {
    match word.trim().to_ascii_uppercase().as_str() {
        "REGION_CN" | "CN" => Some(Region::China),
        "REGION_OVERSEA" | "OVERSEA" => Some(Region::Global),
        _ => None,
    }
}

/// The short hash of a user's id.
pub(super) fn identity(user_id: &str) -> String {
    short_hash("tidemark user ", user_id)
}

/// The short hash of an id of a kind: enough to compare it, and not the id.
pub(super) fn short_hash(kind: &str, id: &str) -> String {
    let digest = Sha256::new().chain_update(kind).chain_update(id).finalize();
    let first = digest.iter().take(8).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    format!("{first:016x}")
}
