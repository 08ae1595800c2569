//! Digests: what was used in a day or a week, what happened, how the forecasts did, and what will go unused. For the
//! command, and for channels.

mod gather;
mod text;

pub use gather::{DigestData, gather};
pub use text::{lines, title};
