//! Opening the interface to browsers.

use tidemark_api::server::{Router, Serving, Web, WebOptions, serve_web};

use crate::exit::{CommandError, Exit};

/// Serves browsers until `end` resolves; says what is in the way where that cannot be.
pub async fn open_web(
    web: WebOptions,
    routes: Router,
    end: impl Future<Output = ()> + Send + 'static,
) -> Result<(Web, Serving), CommandError> {
    let address = web.address.to_string();
    serve_web(web, routes, end).await.map_err(|error| {
        CommandError::said(Exit::Failed, "io", "cli-agent-cannot-listen", &[("address", &address)])
            .quoting(error)
    })
}
