//! Reading the body of an export, whichever form it has.

use super::export::{Body, DecodeError, Export};
use super::{json, protobuf};

impl Export {
    /// Reads a body.
    ///
    /// # Errors
    /// [`DecodeError::NotUnderstood`], and [`DecodeError::TooMany`] beyond the bound.
    pub fn decode(body: Body, bytes: &[u8]) -> Result<Self, DecodeError> {
        match body {
            Body::Json => json::decode(bytes),
            Body::Protobuf => protobuf::decode(bytes),
        }
    }
}
