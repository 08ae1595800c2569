//! How a request fails: a status, and an error with a stable code.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tidemark_core::failure_cause::FailureCause;
use tidemark_core::text;
use tidemark_kimi::redact;
use tidemark_monitor::{EngineError, EngineProblem, StoreHandleError, TargetError};
use tidemark_vault::VaultError;

use super::message_views::cause_view;
use crate::view;

/// What a route answers with.
pub(super) type ApiResult<T> = Result<Json<T>, ApiError>;

/// An error on its way out.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    body: view::ApiError,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        // What was asked may stand in it, and a key in that: a person pasted it in the wrong place.
        let message = text::sentence(&redact::text(&message.into()));
        Self { status, body: view::ApiError { code: code.to_owned(), message, cause: None, said: None } }
    }

    /// With what is known of it beyond its code.
    fn because(mut self, cause: Option<&FailureCause>) -> Self {
        self.body.cause = cause.map(cause_view).map(Box::new);
        self
    }

    /// With the words of the service or the system.
    fn quoting(mut self, said: Option<String>) -> Self {
        self.body.said =
            said.map(|said| text::sentence(&redact::text(&said))).filter(|said| !said.is_empty());
        self
    }

    /// What is wrong with the engine itself, or the history.
    pub(super) fn of_problem(problem: &EngineProblem) -> Self {
        Self::new(store_status(problem.code), problem.code, problem.detail.clone())
            .quoting(problem.said.clone())
    }

    pub(super) fn input(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "input", message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

impl From<EngineError> for ApiError {
    fn from(error: EngineError) -> Self {
        let message = error.to_string();
        match error {
            EngineError::NoSuchAccount => Self::new(StatusCode::NOT_FOUND, "no-such-account", message),
            EngineError::NameTaken(_) => Self::new(StatusCode::CONFLICT, "name-taken", message),
            EngineError::NameReserved(_) => Self::new(StatusCode::CONFLICT, "name-reserved", message),
            EngineError::Vault(error @ (VaultError::KeyMalformed(_) | VaultError::VariableName)) => {
                Self::new(StatusCode::BAD_REQUEST, error.code(), message).because(Some(&error.cause()))
            }
            EngineError::Vault(error) => {
                Self::new(StatusCode::CONFLICT, error.code(), message).because(Some(&error.cause()))
            }
            EngineError::KeyTest(failure) => {
                let said = failure.cause.is_none().then(|| failure.message.clone());
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, failure.kind.as_str(), failure.message)
                    .because(failure.cause.as_deref())
                    .quoting(said)
            }
            EngineError::JustNow => Self::new(StatusCode::CONFLICT, "just-now", message),
            EngineError::Settings(_) => Self::new(StatusCode::BAD_REQUEST, "settings", message),
            EngineError::ForeignAddress { .. } => {
                Self::new(StatusCode::FORBIDDEN, "foreign-address", message)
            }
            EngineError::Name(_) => Self::new(StatusCode::BAD_REQUEST, "name-not-usable", message),
            EngineError::BaseUrl(_) => Self::new(StatusCode::BAD_REQUEST, "base-url", message),
            EngineError::NoSuchMachine => Self::new(StatusCode::NOT_FOUND, "no-such-machine", message),
            EngineError::Exchange(problem) => {
                let code = format!("machine-{}", problem.kind.as_str());
                Self::new(StatusCode::CONFLICT, &code, message).quoting(problem.said)
            }
            EngineError::Target(TargetError::Host) => {
                Self::new(StatusCode::BAD_REQUEST, "machine-host", message)
            }
            EngineError::Target(TargetError::Command) => {
                Self::new(StatusCode::BAD_REQUEST, "machine-command", message)
            }
            EngineError::Channel(error) => Self::new(StatusCode::BAD_REQUEST, error.code(), message),
            EngineError::NoSuchChannel => Self::new(StatusCode::NOT_FOUND, "no-such-channel", message),
            EngineError::Delivery(failure) => {
                let code = format!("channel-{}", failure.code.as_str());
                Self::new(StatusCode::BAD_GATEWAY, &code, message).quoting(failure.said)
            }
            EngineError::Input(_) => Self::new(StatusCode::BAD_REQUEST, "input", message),
            EngineError::StoreHandle(StoreHandleError::Store(error)) => {
                Self::new(store_status(error.code()), error.code(), message).quoting(error.said())
            }
            EngineError::StoreHandle(StoreHandleError::Ended) => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "store-failed", message)
            }
            EngineError::Internal => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message),
        }
    }
}

/// The status of an error of the history, by its word.
fn store_status(code: &str) -> StatusCode {
    match code {
        "name-taken" => StatusCode::CONFLICT,
        "name-empty" | "order-incomplete" => StatusCode::BAD_REQUEST,
        "no-such-account" => StatusCode::NOT_FOUND,
        "disk-full" => StatusCode::INSUFFICIENT_STORAGE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        // The rejection's own text may repeat a part of the body, and the body may hold a key.
        Self::new(rejection.status(), "input", "the body is not the JSON that this route takes")
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::new(rejection.status(), "input", "a number in the path is none")
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::input(rejection.body_text())
    }
}
