//! A failure as it is kept: its JSON.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidemark_core::failure::{Denied, Limit, LimitScope};
use tidemark_core::{Failure, FailureKind, Meter, text};

use crate::error::StoreError;

/// A failure as JSON: what the store keeps of it. The kind has a column of its own as well.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Details {
    kind: FailureKind,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<Limit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    current: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit_value: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    whose: Option<LimitScope>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    meter: Option<Meter>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    denied: Option<Denied>,
}

/// A failure as it is stored.
pub(crate) fn text_of(failure: &Failure) -> Result<String, StoreError> {
    serde_json::to_string(&Details::from(failure)).map_err(|why| StoreError::unreadable("failure", &why))
}

impl From<&Failure> for Details {
    fn from(failure: &Failure) -> Self {
        Self {
            kind: failure.kind,
            message: failure.message.clone(),
            status: failure.status,
            retry_after_ms: failure
                .retry_after
                .map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            limit: failure.limit,
            current: failure.current,
            limit_value: failure.limit_value,
            whose: failure.whose,
            meter: failure.meter,
            denied: failure.denied,
        }
    }
}

impl From<Details> for Failure {
    fn from(details: Details) -> Self {
        Self {
            kind: details.kind,
            message: text::sentence(&details.message),
            status: details.status,
            retry_after: details.retry_after_ms.map(Duration::from_millis),
            limit: details.limit,
            current: details.current,
            limit_value: details.limit_value,
            whose: details.whose,
            meter: details.meter,
            denied: details.denied,
        }
    }
}
