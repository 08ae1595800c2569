//! `tidemark serve token`: the token that browsers show. A page that is served takes notice at once.

use std::path::PathBuf;

use serde_json::json;
use tidemark_api::server::{make_token, read_token_file, revoke_token_file, write_token_file};

use super::context::Context;
use super::token_file::{TOKEN_FILE, token_error};
use crate::arguments::{TokenAction, TokenPlace};
use crate::exit::{CommandError, CommandOutcome, Exit};

/// Runs `tidemark serve token`.
pub fn run(context: &Context, action: &TokenAction) -> Result<Exit, CommandOutcome> {
    let mut output = context.output(None, None);
    let (path, token) = match action {
        TokenAction::Show(place) => {
            let path = file(context, place)?;
            let token = read_token_file(&path).map_err(token_error)?;
            (path, token)
        }
        TokenAction::Rotate(place) => {
            let (path, token) = (file(context, place)?, make_token());
            write_token_file(&path, &token).map_err(token_error)?;
            (path, token)
        }
        TokenAction::Revoke(place) => {
            let path = file(context, place)?;
            let was_there = revoke_token_file(&path).map_err(token_error)?;
            if output.json {
                output.document(&json!({"revoked": was_there, "token_file": path}))?;
            } else {
                let key = if was_there { "serve-token-revoked" } else { "serve-token-was-none" };
                output.line(output.words.text(key))?;
            }
            output.flush()?;
            return Ok(Exit::Done);
        }
    };
    if output.json {
        output.document(&json!({"token": token, "token_file": path}))?;
    } else {
        output.line(token)?;
    }
    output.flush()?;
    Ok(Exit::Done)
}

/// The token's file. The data folder is made and closed to others before something is put into it.
fn file(context: &Context, place: &TokenPlace) -> Result<PathBuf, CommandError> {
    if let Some(path) = &place.token_file {
        return Ok(path.clone());
    }
    let data_dir = context.data_dir()?;
    tidemark_files::folder::make_private(&data_dir).map_err(|error| CommandError::from(&error))?;
    Ok(data_dir.join(TOKEN_FILE))
}
