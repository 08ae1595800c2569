//! How an answer that is no view is given: errors with a stable code.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tidemark_monitor::{EngineError, LedgerError};
use tidemark_store::StoreError;

use crate::view::ApiError;

/// An answer of a route.
pub(super) type Answer<T> = Result<Json<T>, Refusal>;

/// An error on its way out.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: String,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    pub(super) fn input(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "input", message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(ApiError { code: self.code, message: self.message })).into_response()
    }
}

impl From<EngineError> for Refusal {
    fn from(error: EngineError) -> Self {
        let message = error.to_string();
        match error {
            EngineError::NoSuchAccount => Self::new(StatusCode::NOT_FOUND, "no-such-account", message),
            EngineError::NameTaken(_) => Self::new(StatusCode::CONFLICT, "name-taken", message),
            EngineError::Vault(error) => Self::new(StatusCode::CONFLICT, error.code(), message),
            EngineError::KeyTest(failure) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, failure.kind.word(), failure.message)
            }
            EngineError::JustNow => Self::new(StatusCode::CONFLICT, "just-now", message),
            EngineError::Settings(_) => Self::new(StatusCode::BAD_REQUEST, "settings", message),
            EngineError::BaseUrl(_) => Self::new(StatusCode::BAD_REQUEST, "base-url", message),
            EngineError::Input(_) => Self::new(StatusCode::BAD_REQUEST, "input", message),
            EngineError::Ledger(LedgerError::Store(StoreError::NameTaken(_))) => {
                Self::new(StatusCode::CONFLICT, "name-taken", message)
            }
            EngineError::Ledger(LedgerError::Store(StoreError::DiskFull)) => {
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "disk-full", message)
            }
            EngineError::Ledger(_) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "database", message),
            EngineError::Internal => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message),
        }
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Self {
        // The rejection's own text may repeat a part of the body, and the body may hold a key.
        Self::new(rejection.status(), "input", "the body is not the JSON that this route takes")
    }
}

impl From<QueryRejection> for Refusal {
    fn from(rejection: QueryRejection) -> Self {
        Self::input(rejection.body_text())
    }
}
