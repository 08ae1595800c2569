//! `tidemark budget`: how much may be used before it is reported.

use chrono::Utc;
use serde_json::json;
use tidemark_api::server::{budget_state_view, budget_view};
use tidemark_api::view;
use tidemark_core::budget::{self, Budget, BudgetAmount, BudgetState};
use tidemark_core::{AccountId, Currency, Money};
use tidemark_monitor::budget_states;

use super::context::{Context, runtime};
use super::logs::prices;
use super::store_access;
use super::transport::connect;
use crate::arguments::{BudgetAction, BudgetCommand, BudgetRemove, BudgetSet};
use crate::exit::{CommandError, CommandOutcome, Exit};

/// Runs `tidemark budget`.
pub fn run(context: &Context, command: BudgetCommand) -> Result<Exit, CommandOutcome> {
    match command.action {
        BudgetAction::List => list(context),
        BudgetAction::Set(set) => self::set(context, set),
        BudgetAction::Remove(remove) => self::remove(context, &remove),
    }
}

/// Sets one, through the agent where one runs.
fn set(context: &Context, set: BudgetSet) -> Result<Exit, CommandOutcome> {
    let store = store_access::open(context)?;
    let account = store_access::account(store.as_ref(), set.account.trim())?;
    drop(store);
    let own = Currency::of(account.source, account.region);
    let limit = match (set.money, set.tokens, set.percent.zip(set.meter)) {
        (Some((amount, currency)), ..) => {
            BudgetAmount::Money { money: Money::new(amount, currency.unwrap_or(own)) }
        }
        (None, Some(tokens), _) => BudgetAmount::Tokens { tokens },
        (None, None, Some((percent, meter))) => BudgetAmount::Percent { meter: meter.into(), percent },
        (None, None, None) => {
            return Err(CommandError::said(Exit::Usage, "usage", "cli-budget-no-limit", &[]).into());
        }
    };
    let project = set.project.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let new = Budget { account: account.id, project, period: set.per, limit };
    change(context, |known| {
        budget::set(known, new);
        Ok(())
    })?;
    list(context)
}

/// Removes one by its number in the list.
fn remove(context: &Context, remove: &BudgetRemove) -> Result<Exit, CommandOutcome> {
    let place = remove.number.get() - 1;
    let found = stands(context)?.states.get(place).map(|(_, state)| state.budget.clone());
    let Some(found) = found else { return Err(no_such(remove).into()) };
    change(context, |known| {
        let before = known.len();
        known.retain(|one| *one != found);
        if known.len() == before { Err(no_such(remove)) } else { Ok(()) }
    })?;
    list(context)
}

fn no_such(remove: &BudgetRemove) -> CommandError {
    let number = remove.number.to_string();
    CommandError::said(Exit::Failed, "no-such-budget", "cli-budget-no-such", &[("number", &number)])
}

/// Changes the budgets that an agent, or without one this process, has.
fn change(
    context: &Context,
    change: impl FnOnce(&mut Vec<Budget>) -> Result<(), CommandError>,
) -> Result<(), CommandOutcome> {
    runtime()?.block_on(async {
        let client = connect(context).await?;
        let settings: view::Settings = client.get("/v1/settings").await?;
        let known = settings.budgets.iter().map(tidemark_api::server::budget).collect::<Result<Vec<_>, _>>();
        let mut known = known.map_err(|why| CommandError::new(Exit::Failed, "not-understood", why))?;
        change(&mut known)?;
        let budgets: Vec<_> = known.iter().map(budget_view).collect();
        let _: view::Settings =
            client.send_json("PATCH", "/v1/settings", &json!({ "budgets": budgets })).await?;
        Ok(())
    })
}

/// How all of them stand, with the accounts' names.
struct Stands {
    states: Vec<(String, BudgetState)>,
    language: Option<String>,
    zone: Option<chrono_tz::Tz>,
}

fn stands(context: &Context) -> Result<Stands, CommandOutcome> {
    let Some(store) = store_access::open(context)? else {
        return Ok(Stands { states: Vec::new(), language: None, zone: None });
    };
    let settings = store_access::settings(Some(&store))?.unwrap_or_default();
    let prices = prices(Some(&context.data_dir()?))?;
    let states = budget_states(&store, &settings.budgets, &prices, settings.timezone, Utc::now())
        .map_err(CommandError::from)?;
    let accounts = store.accounts().map_err(CommandError::from)?;
    let name = |id: AccountId| {
        accounts.iter().find(|one| one.id == id).map(|one| one.name.clone()).unwrap_or_default()
    };
    let states = states.into_iter().map(|state| (name(state.budget.account), state)).collect();
    Ok(Stands { states, language: settings.language, zone: Some(settings.timezone) })
}

fn list(context: &Context) -> Result<Exit, CommandOutcome> {
    let Stands { states, language, zone } = stands(context)?;
    // Days are those of the settings, by which the budgets are reckoned.
    let zone = zone.unwrap_or_else(|| context.zone(None));
    let mut output = context.output(language.as_deref(), Some(zone));
    if output.json {
        let budgets: Vec<_> =
            states.iter().map(|(name, state)| budget_state_view(state, name.clone())).collect();
        output.document(&view::Budgets { budgets })?;
    } else if states.is_empty() {
        let text = output.words.text("cli-budget-none");
        output.line(text)?;
    } else {
        for (place, (name, state)) in states.iter().enumerate() {
            let line = output.words.budget_line(state, name, zone);
            output.line(format!("{}. {line}", place + 1))?;
        }
    }
    output.flush()?;
    Ok(Exit::Done)
}
