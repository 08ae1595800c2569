//! Whom an announcement of the service concerns.

use serde::{Deserialize, Serialize};

use crate::account::{Region, Source};

/// An account's plan, as the audience of an announcement names it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlanLevel {
    /// The number of the plan's level, where known.
    pub level: Option<u64>,
    /// The generation of plans, 1 or 2, where known.
    pub goods_version: Option<u64>,
}

/// Whom an announcement concerns. What is not said concerns everyone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Audience {
    /// The region of the accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The numbers of the plans' levels, as the profile has them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<u64>,
    /// The generation of plans: 1 or 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goods_version: Option<u64>,
}

impl Audience {
    /// Whether it may concern an account. What is not known of the account rules nothing out.
    #[must_use]
    pub fn may_concern(&self, source: Source, region: Region, plan: PlanLevel) -> bool {
        let fits =
            |wanted: Option<u64>, known: Option<u64>| wanted.is_none() || known.is_none() || wanted == known;
        source == Source::KimiCode
            && self.region.is_none_or(|wanted| wanted == region)
            && (self.levels.is_empty() || plan.level.is_none_or(|level| self.levels.contains(&level)))
            && fits(self.goods_version, plan.goods_version)
    }

    /// Whether it is everyone.
    #[must_use]
    pub fn is_everyone(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_rules_out_only_what_is_known() {
        let code = |audience: &Audience, level, goods_version| {
            audience.may_concern(Source::KimiCode, Region::China, PlanLevel { level, goods_version })
        };
        let everyone = Audience::default();
        assert!(everyone.is_everyone() && code(&everyone, None, None));
        assert!(!everyone.may_concern(Source::Platform, Region::China, PlanLevel::default()));
        for (region, levels, version, level, known_version, expected) in [
            (Some(Region::China), &[][..], None, None, None, true),
            (Some(Region::Global), &[], None, None, None, false),
            (None, &[25, 30], None, None, None, true),
            (None, &[25, 30], None, Some(30), None, true),
            (None, &[25, 30], None, Some(15), None, false),
            (None, &[], Some(2), None, None, true),
            (None, &[], Some(2), None, Some(2), true),
            (None, &[], Some(2), None, Some(1), false),
            (Some(Region::China), &[25], Some(2), Some(25), Some(2), true),
        ] {
            let audience = Audience { region, levels: levels.to_vec(), goods_version: version };
            assert_eq!(code(&audience, level, known_version), expected, "{audience:?}");
        }
    }
}
