//! Reading the body of an export, whichever form it has.

use super::export::{Body, DecodeError, Export, MAX_POINTS};
use super::{json, protobuf};

impl Export {
    /// Reads a body.
    ///
    /// # Errors
    /// [`DecodeError::NotUnderstood`], and [`DecodeError::TooMany`] beyond the bound.
    pub fn decode(body: Body, bytes: &[u8]) -> Result<Self, DecodeError> {
        let export = match body {
            Body::Json => json::decode(bytes)?,
            Body::Protobuf => protobuf::decode(bytes)?,
        };
        let points: usize = export.metrics.iter().map(|metric| metric.points.len()).sum();
        if points > MAX_POINTS { Err(DecodeError::TooMany) } else { Ok(export) }
    }
}
