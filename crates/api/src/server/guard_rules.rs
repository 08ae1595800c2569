//! The guard's rules, as the engine has them and as the interface shows them.

use tidemark_core::AccountId;
use tidemark_core::account::ParseEnumError;
use tidemark_monitor::{GuardLimit, GuardRule, GuardRules};

use crate::view;

/// Rules as the interface shows them.
#[must_use]
pub fn guard_rules_view(rules: &GuardRules) -> Vec<view::GuardRule> {
    let limit = |limit| match limit {
        GuardLimit::At(percent) => view::GuardLimit::At(percent),
        GuardLimit::Never => view::GuardLimit::Never,
    };
    let view = |rule: &GuardRule| view::GuardRule {
        account_id: rule.account.map(|id| id.0),
        meter: rule.meter.map(|meter| meter.as_str().to_owned()),
        warn: rule.warn.map(limit),
        stop: rule.stop.map(limit),
    };
    rules.0.iter().map(view).collect()
}

/// Rules that the interface was given. Their limits are not checked yet.
///
/// # Errors
/// Where one names a quota that there is not.
pub fn guard_rules(view: &[view::GuardRule]) -> Result<GuardRules, ParseEnumError> {
    let limit = |limit| match limit {
        view::GuardLimit::At(percent) => GuardLimit::At(percent),
        view::GuardLimit::Never => GuardLimit::Never,
    };
    let rule = |view: &view::GuardRule| {
        Ok(GuardRule {
            account: view.account_id.map(AccountId),
            meter: view.meter.as_deref().map(str::parse).transpose()?,
            warn: view.warn.map(limit),
            stop: view.stop.map(limit),
        })
    };
    view.iter().map(rule).collect::<Result<_, _>>().map(GuardRules)
}

#[cfg(test)]
mod tests {
    use tidemark_core::Meter;

    use super::*;

    #[test]
    fn rules_come_back_as_they_were_shown() {
        let rules = GuardRules(vec![
            GuardRule::default(),
            GuardRule {
                account: Some(AccountId(7)),
                meter: Some(Meter::Week),
                warn: Some(GuardLimit::At(60)),
                stop: Some(GuardLimit::Never),
            },
        ]);
        assert_eq!(guard_rules(&guard_rules_view(&rules)).unwrap(), rules);
        let mut unknown = guard_rules_view(&rules);
        unknown[1].meter = Some("decade".to_owned());
        assert!(guard_rules(&unknown).is_err());
    }
}
