//! The file of the token that browsers show.

use tidemark_api::server::TokenFileError;

use crate::exit::{CommandError, Exit};

/// Its name in the data folder.
pub const TOKEN_FILE: &str = "serve.token";

/// What is said of a token's file that cannot be used.
pub fn token_error(error: TokenFileError) -> CommandError {
    match error {
        TokenFileError::Io { path, source } => {
            let file = path.display().to_string();
            CommandError::said(Exit::Failed, "io", "serve-token-file", &[("file", &file)]).quoting(source)
        }
        TokenFileError::NoToken(path) => {
            let file = path.display().to_string();
            CommandError::said(Exit::Failed, "serve-token", "serve-token-none", &[("file", &file)])
        }
    }
}
