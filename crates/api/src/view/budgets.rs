//! Budgets: how much may be used before it is reported.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::common::MoneyView;

/// How much of an account may be used in a period before it is reported, at 80 and at 100 %.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Budget {
    /// The account.
    pub account_id: i64,
    /// The project: its folder, or the folder's name; `null` is the whole account.
    #[serde(default)]
    pub project: Option<String>,
    /// `day`, `week` (from Monday) or `month`, by the calendar.
    pub period: String,
    /// How much; of a project in tokens or money.
    pub limit: BudgetAmount,
}

/// An amount of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "unit", rename_all = "kebab-case")]
pub enum BudgetAmount {
    /// Percent of a quota.
    Percent {
        /// The quota: `5h`, `week` or `month`.
        meter: String,
        /// How many; more than 100 of a short quota can be used in a longer period.
        percent: f64,
    },
    /// Tokens of all kinds.
    Tokens {
        /// How many.
        tokens: u64,
    },
    /// Money.
    Money {
        /// How much.
        money: MoneyView,
    },
}

/// How a budget stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct BudgetState {
    /// The budget.
    pub budget: Budget,
    /// The account's name.
    pub account: String,
    /// When the period began that is under way.
    pub from: DateTime<Utc>,
    /// When it ends.
    pub to: DateTime<Utc>,
    /// What was used so far; `null` where nothing is known.
    pub used: Option<BudgetAmount>,
    /// The same in percent of the limit, not clamped.
    pub percent: Option<f64>,
    /// `used` is worked out from prices and logs.
    pub is_estimate: bool,
    /// Not all of the period was seen, or some of it has no price: more may have been used.
    pub is_part: bool,
}

/// How all budgets stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Budgets {
    /// In the order in which they were set.
    pub budgets: Vec<BudgetState>,
}
