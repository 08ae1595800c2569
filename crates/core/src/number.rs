//! Numbers and instants as text, exactly. This knows no format of a record.

pub mod decimal;
pub(crate) mod text;
pub mod timestamp;
