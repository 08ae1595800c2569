//! How a budget is said: in a notification, and in the list.

use chrono_tz::Tz;
use tidemark_core::budget::{Budget, BudgetAmount, BudgetState};

use crate::format::{self, meter_word};
use crate::grouping::grouped;
use crate::i18n::Catalog;
use crate::output::clean;

impl Catalog {
    /// Whose budget it is: the account's, or a project's.
    pub fn budget_of(&self, account: &str, budget: &Budget) -> String {
        match &budget.project {
            None => clean(account),
            Some(project) => self.with(
                "budget-project",
                [("account", clean(account).into()), ("project", clean(project).into())],
            ),
        }
    }

    /// A limit, with what it is of.
    pub fn budget_limit(&self, limit: &BudgetAmount) -> String {
        match limit {
            BudgetAmount::Percent { meter, percent } => self.with(
                "budget-percent",
                [("percent", self.percent(*percent, 1).into()), ("meter", meter_word(*meter).into())],
            ),
            BudgetAmount::Tokens { .. } | BudgetAmount::Money { .. } => self.budget_amount(limit),
        }
    }

    /// What was used, without what it is of.
    pub fn budget_amount(&self, used: &BudgetAmount) -> String {
        match used {
            BudgetAmount::Percent { percent, .. } => self.percent(*percent, 1),
            BudgetAmount::Tokens { tokens } => {
                self.with("budget-tokens", [("count", grouped(*tokens).into()), ("number", (*tokens).into())])
            }
            BudgetAmount::Money { money } => format::money(money),
        }
    }

    /// What was used, with whether it is less than all of it, or estimated.
    pub fn budget_used(&self, used: &BudgetAmount, is_estimate: bool, is_part: bool) -> String {
        let mark = match (is_part, is_estimate) {
            (true, _) => "≥ ",
            (false, true) => "≈ ",
            (false, false) => "",
        };
        format!("{mark}{}", self.budget_amount(used))
    }

    /// How a budget stands, in a line.
    pub fn budget_line(&self, state: &BudgetState, account: &str, zone: Tz) -> String {
        let budget = &state.budget;
        let values = [
            ("what", self.budget_of(account, budget).into()),
            ("limit", self.budget_limit(&budget.limit).into()),
            ("period", budget.period.as_str().into()),
            ("until", last_day(state, zone).into()),
        ];
        let Some(used) = &state.used else { return self.with("budget-line-unknown", values) };
        let [what, limit, period, until] = values;
        let percent = state.percent().unwrap_or_default().floor();
        self.with(
            "budget-line",
            [
                what,
                limit,
                period,
                until,
                ("used", self.budget_used(used, state.is_estimate, state.is_part).into()),
                ("percent", self.percent(percent, 0).into()),
            ],
        )
    }
}

/// The last day of the period, as a date.
fn last_day(state: &BudgetState, zone: Tz) -> String {
    let last = state.period.end - chrono::TimeDelta::seconds(1);
    last.with_timezone(&zone).format("%Y-%m-%d").to_string()
}
