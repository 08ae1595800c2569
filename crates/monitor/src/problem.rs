//! What is wrong with the engine itself.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use tidemark_core::AccountId;
use tidemark_store::StoreError;

use crate::store_handle::StoreHandleError;

/// Why something could not be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteProblem {
    /// A stable word: `disk-full`, `database-damaged`, `database-read-only`, `database-gone`, `database`;
    /// `amount-too-large` and `analysis-failed` for an input that is on disk and from which nothing is concluded.
    pub code: &'static str,
    /// What the store or the system answered, in English.
    pub detail: String,
    /// What the system said, in its own words.
    pub said: Option<String>,
    /// How many readings were given up meanwhile.
    pub lost: u64,
}

impl From<&StoreHandleError> for WriteProblem {
    fn from(error: &StoreHandleError) -> Self {
        let code = match error {
            StoreHandleError::Store(StoreError::DiskFull) => "disk-full",
            StoreHandleError::Store(StoreError::Damaged(_)) => "database-damaged",
            StoreHandleError::Store(StoreError::ReadOnly) => "database-read-only",
            StoreHandleError::Store(StoreError::Gone(_)) => "database-gone",
            StoreHandleError::Store(StoreError::TooLarge(_)) => "amount-too-large",
            _ => "database",
        };
        let said = match error {
            StoreHandleError::Store(error) => error.said(),
            StoreHandleError::Ended => None,
        };
        Self { code, detail: error.to_string(), said, lost: 0 }
    }
}

impl WriteProblem {
    /// What else the engine could not do with the history.
    pub(crate) fn of_database(error: &impl std::error::Error) -> Self {
        Self { code: "database", detail: error.to_string(), said: None, lost: 0 }
    }

    /// An input could not be analysed, which is a defect of this program.
    pub(crate) fn analysis_failed() -> Self {
        let detail = "a reading is stored, but could not be analysed; please report this as a bug".to_owned();
        Self { code: "analysis-failed", detail, said: None, lost: 0 }
    }
}

/// Something is wrong with the engine itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineProblem {
    /// A stable word: one of [`WriteProblem::code`], `clock-jumped`, or `settings-reset`.
    pub code: &'static str,
    /// The cause, in English.
    pub detail: String,
    /// What the system said, in its own words.
    pub said: Option<String>,
    /// How many readings were given up meanwhile.
    pub lost: u64,
    /// When it began.
    pub since: DateTime<Utc>,
}

/// All that is wrong at the moment. What cannot be stored and a clock that was set back are kept apart, so that
/// one that ends does not take the other with it.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    /// By account: why its inputs wait.
    storage: BTreeMap<AccountId, EngineProblem>,
    /// Why the requests found in session logs cannot be stored.
    usage: Option<EngineProblem>,
    clock: Option<EngineProblem>,
    settings: Option<EngineProblem>,
}

impl Problems {
    /// Notes why an account's inputs cannot be stored, or that they are. Whether what is shown has changed.
    pub(crate) fn storage(
        &mut self,
        account: AccountId,
        problem: Option<&WriteProblem>,
        now: DateTime<Utc>,
    ) -> bool {
        let before = self.shown().map(|trouble| (trouble.code, trouble.detail.clone(), trouble.lost));
        match problem {
            None => {
                self.storage.remove(&account);
            }
            Some(problem) => {
                let since = self
                    .storage
                    .get(&account)
                    .filter(|known| known.code == problem.code)
                    .map_or(now, |known| known.since);
                let WriteProblem { code, detail, said, lost } = problem.clone();
                let trouble = EngineProblem { code, detail, said, lost, since };
                self.storage.insert(account, trouble);
            }
        }
        self.shown().map(|trouble| (trouble.code, trouble.detail.clone(), trouble.lost)) != before
    }

    /// Notes why what was found in session logs cannot be stored, or that it is. Whether what is shown has changed.
    pub(crate) fn usage(&mut self, problem: Option<&WriteProblem>, now: DateTime<Utc>) -> bool {
        let before = self.shown().map(|trouble| (trouble.code, trouble.detail.clone()));
        self.usage = problem.map(|problem| {
            let known = self.usage.as_ref().filter(|known| known.code == problem.code);
            let since = known.map_or(now, |known| known.since);
            let WriteProblem { code, detail, said, lost } = problem.clone();
            EngineProblem { code, detail, said, lost, since }
        });
        self.shown().map(|trouble| (trouble.code, trouble.detail.clone())) != before
    }

    /// Why what was found in session logs cannot be stored, while it cannot.
    pub(crate) const fn of_usage(&self) -> Option<&EngineProblem> {
        self.usage.as_ref()
    }

    /// Notes that the clock was set back, or that it is right again.
    pub(crate) fn clock(&mut self, trouble: Option<EngineProblem>) {
        self.clock = trouble;
    }

    /// Notes which settings had to be reset at the start; none where the user has set them since.
    pub(crate) fn settings(&mut self, reset: &[String], now: DateTime<Utc>) {
        self.settings = (!reset.is_empty()).then(|| {
            let named: Vec<&str> = reset.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
            let detail = if named.is_empty() { "all".to_owned() } else { named.join(", ") };
            tracing::warn!(settings = detail, "settings could not be used and were reset to their defaults");
            EngineProblem { code: "settings-reset", detail, said: None, lost: 0, since: now }
        });
    }

    /// What is shown: what cannot be stored before a clock, the oldest first; settings last.
    pub(crate) fn shown(&self) -> Option<&EngineProblem> {
        let storage = self.storage.values().min_by_key(|trouble| trouble.since);
        storage.or(self.usage.as_ref()).or(self.clock.as_ref()).or(self.settings.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + minute * 60, 0).unwrap_or_default()
    }

    fn problem(code: &'static str) -> WriteProblem {
        WriteProblem { code, detail: code.to_owned(), said: None, lost: 0 }
    }

    #[test]
    fn the_true_cause_is_shown_until_it_ends() {
        let mut problems = Problems::default();
        let (one, two) = (AccountId(1), AccountId(2));
        assert!(problems.storage(one, Some(&problem("database-read-only")), at(0)));
        assert!(!problems.storage(one, Some(&problem("database-read-only")), at(5)), "nothing new");
        assert_eq!(problems.shown().map(|t| (t.code, t.since)), Some(("database-read-only", at(0))));
        problems.storage(two, Some(&problem("disk-full")), at(6));
        assert_eq!(problems.shown().map(|t| t.code), Some("database-read-only"), "the oldest");
        problems.storage(one, None, at(7));
        assert_eq!(problems.shown().map(|t| t.code), Some("disk-full"));
    }

    #[test]
    fn a_clock_that_was_set_back_and_a_full_disk_are_told_apart() {
        let mut problems = Problems::default();
        let (code, detail) = ("clock-jumped", String::new());
        let clock = EngineProblem { code, detail, said: None, lost: 0, since: at(0) };
        problems.clock(Some(clock));
        problems.storage(AccountId(1), Some(&problem("disk-full")), at(1));
        assert_eq!(problems.shown().map(|t| t.code), Some("disk-full"));
        problems.storage(AccountId(1), None, at(2));
        assert_eq!(problems.shown().map(|t| t.code), Some("clock-jumped"));
        problems.clock(None);
        assert_eq!(problems.shown(), None);
    }
}
