//! Accounts over the interface. Keys come in and never go out.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use tidemark_core::{Account, AccountId, Credential, Region, Source};
use tidemark_monitor::{Engine, KeyInput, KeyPlace, KeyRemoval, NewAccount};

use super::answer::Answer;
use super::overview::{failure_view, keyring_view, preview, region_view, source_view};
use super::routes::{InPath, Shared};
use crate::view;

pub(super) async fn list(State(shared): State<Shared>) -> Answer<Vec<view::AccountView>> {
    let snapshot = shared.engine.snapshot();
    Ok(Json(snapshot.accounts.iter().map(|a| account_view(&shared.engine, &a.account)).collect()))
}

pub(super) async fn add(
    State(shared): State<Shared>,
    body: Result<Json<view::NewAccount>, JsonRejection>,
) -> Answer<view::AccountView> {
    let account = shared.engine.add_account(new_account(body?.0)).await?;
    Ok(Json(account_view(&shared.engine, &account)))
}

pub(super) async fn test_new(
    State(shared): State<Shared>,
    body: Result<Json<view::NewAccount>, JsonRejection>,
) -> Answer<view::KeyTest> {
    let new = new_account(body?.0);
    let test = shared.engine.test_key(&new).await?;
    Ok(Json(key_test(&shared.engine, &test, None)))
}

/// Looks at the account now, whatever the schedule says: the user asks whether its key works.
pub(super) async fn test(State(shared): State<Shared>, Path(id): InPath) -> Answer<view::KeyTest> {
    let account = shared.engine.account(AccountId(id))?;
    let tested = shared.engine.test_account(account.id).await?;
    let test =
        tidemark_monitor::KeyTest { source: account.source, region: account.region, result: tested.result };
    Ok(Json(key_test(&shared.engine, &test, tested.retry_at)))
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
        suggested_name,
    }
}

pub(super) async fn change(
    State(shared): State<Shared>,
    Path(id): InPath,
    body: Result<Json<view::AccountChange>, JsonRejection>,
) -> Answer<view::AccountView> {
    let id = AccountId(id);
    let change = body?.0;
    let mut account = shared.engine.account(id)?;
    if let Some(name) = change.name {
        account = shared.engine.rename_account(id, &name).await?;
    }
    if let Some(key) = change.key {
        account = shared.engine.replace_key(id, key_input(key), false).await?;
    }
    Ok(Json(account_view(&shared.engine, &account)))
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
    State(shared): State<Shared>,
    Path(id): InPath,
    asked: Result<Query<Removal>, QueryRejection>,
) -> Answer<view::Removed> {
    let key = if asked?.0.keep_key { KeyRemoval::IfPossible } else { KeyRemoval::Required };
    let key_removed = shared.engine.remove_account(AccountId(id), key).await?;
    Ok(Json(view::Removed { key_removed }))
}

pub(super) async fn reorder(
    State(shared): State<Shared>,
    body: Result<Json<view::AccountOrder>, JsonRejection>,
) -> Answer<()> {
    let ids = body?.0.ids.into_iter().map(AccountId).collect();
    Ok(Json(shared.engine.reorder_accounts(ids).await?))
}

pub(super) async fn welcome(State(shared): State<Shared>) -> Answer<view::Welcome> {
    let vault = shared.engine.vault();
    let keyring = keyring_view(vault.keyring_state().await);
    let logins = vault.kimi_code_logins(shared.engine.now());
    // A fresh login before a stale one: that is the one that can be used now.
    let login = logins.iter().find(|login| login.fresh).or(logins.first());
    Ok(Json(view::Welcome {
        keyring,
        kimi_code_login: login.map(|login| view::LoginView {
            region: region_view(login.region),
            fresh: login.fresh,
            expires_at: Some(login.expires_at),
        }),
        encrypted_file: match vault.file_state() {
            tidemark_vault::FileState::NotThere => view::FileState::None,
            tidemark_vault::FileState::Locked => view::FileState::Locked,
            tidemark_vault::FileState::Open => view::FileState::Unlocked,
        },
    }))
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
        key: key_input(new.key),
        untested: new.untested,
    }
}

fn key_input(key: view::NewKey) -> KeyInput {
    match key {
        view::NewKey::Keyring { key } => {
            KeyInput::Key { key: SecretString::from(key), place: KeyPlace::Keyring }
        }
        view::NewKey::ThisRun { key } => {
            KeyInput::Key { key: SecretString::from(key), place: KeyPlace::ThisRun }
        }
        view::NewKey::EncryptedFile { key, passphrase } => KeyInput::Key {
            key: SecretString::from(key),
            place: KeyPlace::EncryptedFile { passphrase: passphrase.map(SecretString::from) },
        },
        view::NewKey::Environment { name } => KeyInput::Environment { name },
        view::NewKey::KimiCodeLogin {} => KeyInput::KimiCodeLogin,
    }
}

fn account_view(engine: &Engine, account: &Account) -> view::AccountView {
    let (credential, credential_detail) = match &account.credential {
        Credential::Keyring { .. } => ("keyring", None),
        Credential::EncryptedFile { .. } => ("encrypted-file", None),
        Credential::ThisRun { .. } => ("this-run", None),
        Credential::Environment { name } => ("environment", Some(name.clone())),
        Credential::KimiCodeLogin { path } => {
            ("kimi-code-login", path.as_ref().map(|path| path.display().to_string()))
        }
    };
    view::AccountView {
        id: account.id.0,
        name: account.name.clone(),
        source: source_view(account.source),
        region: region_view(account.region),
        base_url: engine.base_url_of(account),
        credential: credential.to_owned(),
        credential_detail,
        created_at: account.created_at,
    }
}
