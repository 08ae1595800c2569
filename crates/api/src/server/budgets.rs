//! Budgets, as the engine has them and as the interface shows them.

use axum::Json;
use axum::extract::State;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;
use tidemark_core::budget::{Budget, BudgetAmount, BudgetState};
use tidemark_core::number::decimal::to_f64;
use tidemark_core::{AccountId, Money};

use super::context::Context;
use super::error::ApiResult;
use super::money_view::money;
use crate::view;

/// `GET /v1/budgets`
pub(super) async fn get_budgets(State(context): State<Context>) -> ApiResult<view::Budgets> {
    let states = context.engine.budgets().await?;
    let accounts = context.engine.snapshot().accounts;
    let name = |id: AccountId| {
        accounts
            .iter()
            .find(|one| one.account.id == id)
            .map(|one| one.account.name.clone())
            .unwrap_or_default()
    };
    let state = |state: &BudgetState| budget_state_view(state, name(state.budget.account));
    Ok(Json(view::Budgets { budgets: states.iter().map(state).collect() }))
}

/// How a budget stands, as the interface shows it.
#[must_use]
pub fn budget_state_view(state: &BudgetState, account: String) -> view::BudgetState {
    view::BudgetState {
        budget: budget_view(&state.budget),
        account,
        from: state.period.start,
        to: state.period.end,
        used: state.used.as_ref().map(amount_view),
        percent: state.percent().map(to_f64),
        is_estimate: state.is_estimate,
        is_part: state.is_part,
    }
}

/// A budget as the interface shows it.
#[must_use]
pub fn budget_view(budget: &Budget) -> view::Budget {
    view::Budget {
        account_id: budget.account.0,
        project: budget.project.clone(),
        period: budget.period.as_str().to_owned(),
        limit: amount_view(&budget.limit),
    }
}

fn amount_view(amount: &BudgetAmount) -> view::BudgetAmount {
    match amount {
        BudgetAmount::Percent { meter, percent } => {
            view::BudgetAmount::Percent { meter: meter.as_str().to_owned(), percent: to_f64(*percent) }
        }
        BudgetAmount::Tokens { tokens } => view::BudgetAmount::Tokens { tokens: *tokens },
        BudgetAmount::Money { money: amount } => view::BudgetAmount::Money { money: money(*amount) },
    }
}

/// A budget that the interface was given. Whether it can be kept is not checked yet.
///
/// # Errors
/// What of it is no word, number or currency, as a text.
pub fn budget(view: &view::Budget) -> Result<Budget, String> {
    let limit = match &view.limit {
        view::BudgetAmount::Percent { meter, percent } => BudgetAmount::Percent {
            meter: meter.parse().map_err(|error| format!("{error}"))?,
            percent: Decimal::from_f64(*percent)
                .ok_or_else(|| format!("expected a percentage, found `{percent}`"))?,
        },
        view::BudgetAmount::Tokens { tokens } => BudgetAmount::Tokens { tokens: *tokens },
        view::BudgetAmount::Money { money } => BudgetAmount::Money {
            money: Money::new(
                money
                    .amount
                    .trim()
                    .parse()
                    .map_err(|_| format!("expected an amount such as 20.00, found `{}`", money.amount))?,
                money.currency.parse().map_err(|error| format!("{error}"))?,
            ),
        },
    };
    let project = view.project.as_deref().map(str::trim).filter(|name| !name.is_empty());
    Ok(Budget {
        account: AccountId(view.account_id),
        project: project.map(str::to_owned),
        period: view.period.parse().map_err(|error| format!("{error}"))?,
        limit,
    })
}

#[cfg(test)]
mod tests {
    use tidemark_core::budget::Period;
    use tidemark_core::{Currency, Meter};

    use super::*;

    #[test]
    fn budgets_come_back_as_they_were_shown() {
        for limit in [
            BudgetAmount::Percent { meter: Meter::FiveHour, percent: Decimal::new(2505, 1) },
            BudgetAmount::Tokens { tokens: 5_000_000 },
            BudgetAmount::Money { money: Money::new(Decimal::from(300), Currency::CNY) },
        ] {
            let known = Budget {
                account: AccountId(7),
                project: Some("boat".to_owned()),
                period: Period::Week,
                limit,
            };
            assert_eq!(budget(&budget_view(&known)).unwrap(), known);
        }
    }

    #[test]
    fn what_is_no_budget_is_refused_with_what_was_expected() {
        let money = |amount: &str, currency: &str| view::BudgetAmount::Money {
            money: view::MoneyView { amount: amount.to_owned(), currency: currency.to_owned() },
        };
        let given = |period: &str, limit| view::Budget {
            account_id: 1,
            project: Some("  ".to_owned()),
            period: period.to_owned(),
            limit,
        };
        assert_eq!(budget(&given("month", money("300", "CNY"))).unwrap().project, None);
        for (view, part) in [
            (given("year", money("300", "CNY")), "day, week or month"),
            (given("month", money("much", "CNY")), "much"),
            (given("month", money("1", "yuan")), "yuan"),
            (
                given("day", view::BudgetAmount::Percent { meter: "decade".to_owned(), percent: 1.0 }),
                "decade",
            ),
            (given("day", view::BudgetAmount::Percent { meter: "5h".to_owned(), percent: f64::NAN }), "NaN"),
        ] {
            let why = budget(&view).unwrap_err();
            assert!(why.contains(part), "{why}");
        }
    }
}
