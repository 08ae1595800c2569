//! A failure as it is kept: its JSON.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use tidemark_core::failure::{Denied, Limit, LimitScope};
use tidemark_core::failure_cause::FailureCause;
use tidemark_core::{Failure, FailureKind, Meter, text};

use crate::error::StoreError;

/// A failure as JSON: what the store keeps of it. The kind has a column of its own as well.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Details {
    kind: FailureKind,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "known_cause")]
    cause: Option<Box<FailureCause>>,
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

/// A cause that a later version wrote and this one does not know is left out: its message says the same.
fn known_cause<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<FailureCause>>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(FailureCause::deserialize(value).ok().map(Box::new))
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
            cause: failure.cause.clone(),
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
        let mut cause = details.cause;
        if let Some(said) = cause.as_mut().and_then(|cause| cause.said_mut()) {
            *said = text::sentence(said);
        }
        Self {
            kind: details.kind,
            message: text::sentence(&details.message),
            cause,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_keeps_its_cause_and_one_of_a_later_version_is_left_out() {
        for cause in FailureCause::examples() {
            let failure = Failure::new(FailureKind::Network, "no connection").with_cause(cause);
            let text = serde_json::to_string(&Details::from(&failure)).unwrap();
            assert_eq!(Failure::from(serde_json::from_str::<Details>(&text).unwrap()), failure, "{text}");
        }
        let later = r#"{"kind":"network","message":"no connection","cause":{"id":"no-luck","moon":"full"}}"#;
        let failure = Failure::from(serde_json::from_str::<Details>(later).unwrap());
        assert_eq!(failure, Failure::new(FailureKind::Network, "no connection"));
    }
}
