//! Usage by account, model, machine and program, with a bound on the number of series.

use std::collections::BTreeMap;

use tidemark_core::{AccountId, Tokens};
use tidemark_store::{MachineId, UsageSum};

/// So many combinations have series of their own; the tokens of all others are in one of their account.
const MAX_SERIES: usize = 200;

/// The name of whatever is put together.
pub(super) const OTHER: &str = "other";

/// Whose and what usage is. `None` of a name is [`OTHER`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct UsageKey {
    pub(super) account: Option<AccountId>,
    pub(super) what: Option<(String, String, Option<MachineId>)>,
}

/// Usage of one combination.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Used {
    pub(super) requests: u64,
    pub(super) tokens: Tokens,
}

/// Sums being added up.
#[derive(Debug, Clone, Default)]
pub(super) struct UsageSeries(BTreeMap<UsageKey, Used>);

impl UsageSeries {
    /// Adds usage of Kimi's models; other providers' is not counted.
    pub(super) fn add(&mut self, sum: &UsageSum) {
        if sum.third {
            return;
        }
        let what = Some((sum.model.clone(), sum.format.clone(), sum.machine));
        let used = self.0.entry(UsageKey { account: sum.account, what }).or_default();
        used.requests = used.requests.saturating_add(sum.requests);
        used.tokens += sum.tokens;
    }

    /// What has series of its own, and how many combinations were put together with others.
    pub(super) fn bounded(self) -> (BTreeMap<UsageKey, Used>, usize) {
        if self.0.len() <= MAX_SERIES {
            return (self.0, 0);
        }
        let mut all: Vec<(UsageKey, Used)> = self.0.into_iter().collect();
        // Stable: equals stay in the order of their names, so that a series does not come and go.
        all.sort_by_key(|(_, used)| std::cmp::Reverse(used.tokens.total()));
        let rest = all.split_off(MAX_SERIES);
        let folded = rest.len();
        let mut kept: BTreeMap<UsageKey, Used> = all.into_iter().collect();
        for (key, more) in rest {
            let used = kept.entry(UsageKey { what: None, ..key }).or_default();
            used.requests = used.requests.saturating_add(more.requests);
            used.tokens += more.tokens;
        }
        (kept, folded)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn sum(account: i64, model: usize, output: u64) -> UsageSum {
        UsageSum {
            start: DateTime::UNIX_EPOCH,
            model: format!("kimi-{model}"),
            third: false,
            format: "kimi-code".to_owned(),
            session: None,
            project: None,
            machine: None,
            account: Some(AccountId(account)),
            requests: 1,
            tokens: Tokens { output, ..Tokens::default() },
        }
    }

    #[test]
    fn the_largest_have_series_of_their_own_and_nothing_is_lost() {
        let mut series = UsageSeries::default();
        for model in 0..1_000 {
            series.add(&sum(1, model, model as u64));
            series.add(&sum(2, model, 1));
        }
        series.add(&UsageSum { third: true, ..sum(1, 1, 1_000_000) });
        let (kept, folded) = series.bounded();
        assert_eq!(kept.len(), MAX_SERIES + 2, "one more for each of two accounts");
        assert_eq!(folded, 2_000 - MAX_SERIES);
        assert!(kept.contains_key(&UsageKey {
            account: Some(AccountId(1)),
            what: Some(("kimi-999".to_owned(), "kimi-code".to_owned(), None)),
        }));
        let total: u64 = kept.values().map(|used| used.tokens.total()).sum();
        assert_eq!(total, (0..1_000).sum::<u64>() + 1_000);
        assert_eq!(kept.values().map(|used| used.requests).sum::<u64>(), 2_000);
    }

    #[test]
    fn few_are_not_put_together() {
        let mut series = UsageSeries::default();
        series.add(&sum(1, 1, 5));
        series.add(&sum(1, 1, 6));
        let (kept, folded) = series.bounded();
        assert_eq!((kept.len(), folded), (1, 0));
        assert_eq!(kept.values().next().unwrap().tokens.output, 11);
    }
}
