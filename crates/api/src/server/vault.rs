//! Where keys are kept: how it stands, and unlocking it.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;

use super::context::Context;
use super::convert::{file_state, keyring_view, region_view};
use super::error::ApiResult;
use crate::view;

/// How the places of keys stand, as far as that is known without asking the keyring.
pub(super) async fn state(State(context): State<Context>) -> ApiResult<view::VaultState> {
    let vault = context.engine.vault();
    Ok(Json(view::VaultState {
        keyring: keyring_view(vault.last_keyring_state()),
        encrypted_file: file_state(vault.file_state()),
    }))
}

/// What a new user can start from.
pub(super) async fn welcome(State(context): State<Context>) -> ApiResult<view::Welcome> {
    let vault = context.engine.vault();
    let keyring = keyring_view(vault.keyring_state().await);
    // File systems can hang; what the agent answers must not wait for them.
    let engine = context.engine.clone();
    let logins = tokio::task::spawn_blocking(move || engine.vault().kimi_code_logins(engine.now()));
    let logins = logins.await.unwrap_or_default();
    // A fresh login before a stale one: that is the one that can be used now.
    let login = logins.iter().find(|login| login.fresh).or(logins.first());
    Ok(Json(view::Welcome {
        keyring,
        kimi_code_login: login.map(|login| view::LoginView {
            region: region_view(login.region),
            fresh: login.fresh,
            expires_at: Some(login.expires_at),
        }),
        kimi_code_server: vault.kimi_code_server().await.is_ok(),
        encrypted_file: file_state(vault.file_state()),
    }))
}

pub(super) async fn unlock_file(
    State(context): State<Context>,
    body: Result<Json<view::Passphrase>, JsonRejection>,
) -> ApiResult<()> {
    Ok(Json(context.engine.unlock_file(body?.0.passphrase).await?))
}

pub(super) async fn unlock_keyring(State(context): State<Context>) -> ApiResult<()> {
    Ok(Json(context.engine.unlock_keyring().await?))
}
