//! `tidemark hub findings`: what the team's audit found, as far as this member may see it.

use std::collections::BTreeMap;

use chrono::Utc;
use serde_json::json;
use tidemark_core::{AccountId, Reading, Region, Source};
use tidemark_hub::{HubAccount, Verdicts};
use tidemark_store::Store;

use super::context::{Context, runtime};
use super::hub_file;
use super::hub_problem::problem;
use super::{findings, store_access};
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::output::{Output, clean};

/// Findings that are shown, the newest.
const MOST: u32 = 500;

/// Runs `tidemark hub findings`.
pub(super) fn run(context: &Context, output: &mut Output) -> Result<Exit, CommandOutcome> {
    let file = hub_file::joined(context)?;
    let store = store_access::open(context)?;
    let here = store.as_ref().map(names).transpose()?.unwrap_or_default();
    let Verdicts { found, accounts, .. } = runtime()?.block_on(async {
        let hub = hub_file::open(context, &file).await?;
        hub.newest_verdicts(MOST).await.map_err(problem)
    })?;
    let names: BTreeMap<i64, String> =
        accounts.iter().map(|(number, account)| (*number, name(*number, account, &here))).collect();
    let now = Utc::now();
    let lines: Vec<_> = found
        .iter()
        .map(|one| findings::line(output, &one.finding, names.get(&one.account).map(String::as_str), now))
        .collect();
    if output.json {
        output.document(&json!({ "findings": lines }))?;
    } else if lines.is_empty() {
        let text = output.words.text("cli-hub-findings-none");
        output.line(text)?;
    } else {
        findings::table(output, &lines, now).write(output)?;
    }
    Ok(Exit::Done)
}

/// The accounts here, with whose they are.
fn names(store: &Store) -> Result<Vec<(String, Reading)>, CommandError> {
    let names: BTreeMap<AccountId, String> =
        store.accounts()?.into_iter().map(|account| (account.id, account.name)).collect();
    let readings = store.last_readings()?.into_iter();
    Ok(readings.filter_map(|(id, _, reading)| Some((names.get(&id)?.clone(), reading))).collect())
}

/// What an account of the hub is called: as here, else by its product and the hub's number.
fn name(number: i64, account: &HubAccount, here: &[(String, Reading)]) -> String {
    let own = here.iter().find(|(_, reading)| account.is_of(reading.source, reading.region, &reading.user));
    own.map_or_else(
        || {
            let words = [account.service.map(Source::as_str), account.region.map(Region::as_str)];
            let words: Vec<&str> = words.into_iter().flatten().collect();
            format!("{} #{number}", words.join(" "))
        },
        |(name, _)| clean(name),
    )
}
