//! Objects of JSON that are put together.

use serde_json::{Map, Value};

/// The object that a value is known to be.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
