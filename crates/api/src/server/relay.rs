//! The routes of an agent that runs, passed on: `tidemark serve` beside it holds neither the history nor a key.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HOST};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::Full;

use super::error::ApiError;
use super::from_browser::{self, FromBrowser};
use super::serve::MAX_BODY_LEN;
use crate::client::{POLL_TIMEOUT, SocketTransport};
use crate::socket::{START_TIMEOUT, within};
use crate::transport::ClientError;

/// What of an answer's head is passed on.
const PASSED_BACK: [HeaderName; 4] = [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_DISPOSITION, CACHE_CONTROL];

/// A router that asks the agent of a data folder whatever it is asked, marked as asked by a browser. Where none runs, it
/// answers so.
pub fn relay(data_dir: &Path) -> Router {
    let agent = Arc::new(SocketTransport::for_data_dir(data_dir));
    Router::new().fallback(move |request: Request| {
        let agent = Arc::clone(&agent);
        async move { pass_on(&agent, request).await.unwrap_or_else(IntoResponse::into_response) }
    })
}

async fn pass_on(agent: &SocketTransport, request: Request) -> Result<Response, ApiError> {
    let (head, body) = request.into_parts();
    // Where it is not known who asks, least is allowed.
    let from = head.extensions.get().copied().unwrap_or(FromBrowser { afar: true });
    let is_question = matches!(head.method, Method::GET | Method::HEAD);
    let body = to_bytes(body, MAX_BODY_LEN).await.map_err(|_| ApiError::input("the body was cut off"))?;
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut asked = hyper::Request::builder()
        .method(head.method)
        .uri(path)
        .header(HOST, "tidemark")
        .header(from_browser::HEADER, from.header());
    for name in [ACCEPT, CONTENT_TYPE] {
        if let Some(value) = head.headers.get(&name) {
            asked = asked.header(name, value);
        }
    }
    let asked = asked.body(Full::new(body)).map_err(|error| ApiError::input(error.to_string()))?;
    // An agent that was stopped still takes connections.
    let timeout = if is_question { START_TIMEOUT } else { POLL_TIMEOUT };
    let answer = within(timeout, agent.pass_on(asked)).await;
    let (head, body) = answer.map_err(|error| unreachable(&error))?.into_parts();
    let mut response = Response::new(Body::new(body));
    *response.status_mut() = head.status;
    for name in PASSED_BACK {
        if let Some(value) = head.headers.get(&name) {
            response.headers_mut().insert(name, HeaderValue::clone(value));
        }
    }
    Ok(response)
}

fn unreachable(error: &ClientError) -> ApiError {
    let status = match error {
        ClientError::NotRunning(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_GATEWAY,
    };
    // Where the data are is nothing that a page has to know.
    tracing::debug!(%error, "the agent was not reached");
    ApiError::new(status, "agent-unreachable", "the agent does not answer")
}
