//! Accounts over the interface. Keys come in and never go out.

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::{Extension, Json};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tidemark_core::{AccountId, Region, Source};
use tidemark_monitor::{Engine, EngineError, KeyInput, KeyPlace, KeyRemoval, NewAccount};

use super::context::{Context, PathId};
use super::convert::{account_view, failure_view, preview, region_view, skipped, source_view};
use super::error::ApiResult;
use super::from_browser::FromBrowser;
use super::poll::seconds_until;
use crate::view;

pub(super) async fn list(State(context): State<Context>) -> ApiResult<Vec<view::AccountView>> {
    let snapshot = context.engine.snapshot();
    Ok(Json(snapshot.accounts.iter().map(|a| account_view(&context.engine, &a.account)).collect()))
}

pub(super) async fn add(
    State(context): State<Context>,
    from_browser: Option<Extension<FromBrowser>>,
    body: Result<Json<view::NewAccount>, JsonRejection>,
) -> ApiResult<view::AccountView> {
    let mut new = new_account(body?.0);
    // That a variable may go to another address is said on the command line alone.
    new.base_url_confirmed &= from_browser.is_none();
    let account = context.engine.add_account(new).await?;
    Ok(Json(account_view(&context.engine, &account)))
}

pub(super) async fn test_new(
    State(context): State<Context>,
    body: Result<Json<view::NewAccount>, JsonRejection>,
) -> ApiResult<view::KeyTest> {
    // No account has this address yet by the user's word.
    let new = NewAccount { base_url_confirmed: false, ..new_account(body?.0) };
    let test = context.engine.test_key(&new).await?;
    Ok(Json(key_test(&context.engine, &test, None)))
}

/// What may be said of a test.
#[derive(Debug, Default, Deserialize)]
pub(super) struct TestQuery {
    /// The user is there and may be asked for a password, which a poll of its own accord does not do.
    #[serde(default)]
    prompt: bool,
}

/// Polls the account now, whatever the schedule says: the user asks whether its key works.
pub(super) async fn test(
    State(context): State<Context>,
    id: PathId,
    query: Result<Query<TestQuery>, QueryRejection>,
) -> ApiResult<view::KeyTest> {
    let engine = &context.engine;
    let account = engine.account(AccountId(id?.0))?;
    if query?.0.prompt {
        let key = engine.vault().key_prompting(&account.credential, account.region, engine.now()).await;
        drop(key.map_err(EngineError::from)?);
    }
    let tested = engine.test_account(account.id).await?;
    let test =
        tidemark_monitor::KeyTest { source: account.source, region: account.region, result: tested.result };
    Ok(Json(view::KeyTest {
        left_alone: tested.left_alone.as_ref().map(skipped),
        retry_after_seconds: tested
            .retry_at
            .map(|at| seconds_until(at, engine.now()))
            .filter(|wait| *wait > 0),
        ..key_test(engine, &test, tested.retry_at)
    }))
}

fn key_test(
    engine: &Engine,
    test: &tidemark_monitor::KeyTest,
    retry_at: Option<DateTime<Utc>>,
) -> view::KeyTest {
    let plan = test.result.as_ref().ok().and_then(|reading| reading.plan.clone());
    let suggested_name = engine.free_name(test.source, plan.as_deref());
    view::KeyTest {
        ok: test.result.is_ok(),
        source: source_view(test.source),
        region: region_view(test.region),
        preview: test.result.as_ref().ok().map(|reading| preview(&suggested_name, reading)),
        failure: test
            .result
            .as_ref()
            .err()
            .map(|failure| failure_view(failure, engine.now(), retry_at, None)),
        left_alone: None,
        retry_after_seconds: None,
        suggested_name,
    }
}

pub(super) async fn change(
    State(context): State<Context>,
    id: PathId,
    from_browser: Option<Extension<FromBrowser>>,
    body: Result<Json<view::AccountChange>, JsonRejection>,
) -> ApiResult<view::AccountView> {
    let id = AccountId(id?.0);
    let change = body?.0;
    let confirmed = change.base_url.filter(|_| from_browser.is_none());
    let mut account = context.engine.account(id)?;
    if let Some(name) = change.name {
        account = context.engine.rename_account(id, &name).await?;
    }
    if let Some(key) = change.key {
        account = context.engine.replace_key(id, key_input(key), confirmed.as_deref(), false).await?;
    }
    Ok(Json(account_view(&context.engine, &account)))
}

/// `DELETE /v1/accounts/{id}`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Removal {
    /// Remove the account though its key cannot be removed, and leave the key where it is.
    #[serde(default)]
    keep_key: bool,
}

pub(super) async fn remove(
    State(context): State<Context>,
    id: PathId,
    asked: Result<Query<Removal>, QueryRejection>,
) -> ApiResult<view::Removed> {
    let key = if asked?.0.keep_key { KeyRemoval::IfPossible } else { KeyRemoval::Required };
    let key_removed = context.engine.remove_account(AccountId(id?.0), key).await?;
    Ok(Json(view::Removed { key_removed }))
}

pub(super) async fn reorder(
    State(context): State<Context>,
    body: Result<Json<view::AccountOrder>, JsonRejection>,
) -> ApiResult<()> {
    let ids = body?.0.ids.into_iter().map(AccountId).collect();
    Ok(Json(context.engine.reorder_accounts(ids).await?))
}

fn new_account(new: view::NewAccount) -> NewAccount {
    NewAccount {
        name: new.name,
        source: new.source.map(|source| match source {
            view::SourceWord::KimiCode => Source::KimiCode,
            view::SourceWord::Platform => Source::Platform,
        }),
        region: new.region.map(|region| match region {
            view::RegionWord::China => Region::China,
            view::RegionWord::Global => Region::Global,
        }),
        base_url: new.base_url.filter(|url| !url.trim().is_empty()),
        base_url_confirmed: new.base_url_confirmed,
        key: key_input(new.key),
        untested: new.untested,
    }
}

pub(super) fn key_input(key: view::NewKey) -> KeyInput {
    match key {
        view::NewKey::Keyring { key } => KeyInput::Key { key, place: KeyPlace::Keyring },
        view::NewKey::ThisRun { key } => KeyInput::Key { key, place: KeyPlace::ThisRun },
        view::NewKey::EncryptedFile { key, passphrase } => {
            KeyInput::Key { key, place: KeyPlace::EncryptedFile { passphrase } }
        }
        view::NewKey::Environment { name } => KeyInput::Environment { name },
        view::NewKey::KimiCodeLogin {} => KeyInput::KimiCodeLogin,
        view::NewKey::KimiCodeServer {} => KeyInput::KimiCodeServer,
    }
}
