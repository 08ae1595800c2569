//! Profiles: what the service says about an account beside its quota.

use tidemark_core::{RateLimits, Reading, Region};

use crate::generation::Generation;
use crate::left_overs::clear_left_overs;

/// Plan and rate limits of an account, from `/me` or `/users/me`. Those bodies hold personal data; none
/// of it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// The plan's name, such as `Pro`.
    pub plan: Option<String>,
    /// The generation of plans that the account is on.
    pub generation: Option<Generation>,
    /// The number of the plan's level, as the service's announcements name it.
    pub level: Option<u64>,
    /// The region that the account belongs to.
    pub region: Option<Region>,
    /// The account's own rate limits.
    pub limits: RateLimits,
    /// The first 16 hexadecimal digits of a SHA-256 over the user's id: enough to see that two keys
    /// belong to one account, and not the id.
    pub identity: Option<String>,
    /// The same of the organization's id, on the open platform.
    pub organization: Option<String>,
    /// Paths of the parts that carried something unreadable.
    pub not_understood: Vec<String>,
}

impl Profile {
    /// Puts plan, limits and whose they are into a reading.
    ///
    /// The plan's name here wins: the level in `/usages` is a coarse bucket, this is the billed tier.
    /// A limit that the reading already has stays. On a plan without a week, the left-over of one goes.
    pub fn fill(&self, reading: &mut Reading) {
        if self.plan.is_some() {
            reading.plan.clone_from(&self.plan);
        }
        if let Some(generation) = self.generation {
            clear_left_overs(generation, reading);
        }
        let (have, more) = (&mut reading.limits, &self.limits);
        have.concurrency = have.concurrency.or(more.concurrency);
        have.requests_per_minute = have.requests_per_minute.or(more.requests_per_minute);
        have.tokens_per_minute = have.tokens_per_minute.or(more.tokens_per_minute);
        have.tokens_per_day = have.tokens_per_day.or(more.tokens_per_day);
        if self.identity.is_some() {
            reading.user.profile.clone_from(&self.identity);
        }
        if self.organization.is_some() {
            reading.user.organization.clone_from(&self.organization);
        }
        for path in &self.not_understood {
            if !reading.not_understood.contains(path) {
                reading.not_understood.push(path.clone());
            }
        }
    }
}
