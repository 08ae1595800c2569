//! Parsing: from a body to a reading, a profile or a status page. Pure, and tolerant by tables.
//!
//! Every function takes the bytes of a body that came with status 200. A body that is not a JSON object is
//! [`FailureKind::NotUnderstood`](tidemark_core::FailureKind); an object that only carries an error is
//! classified by [`explain`](crate::explain()); anything else gives what could be read of it, with
//! `not_understood` naming the rest.

pub(crate) mod announcements;
mod balance;
mod components;
mod currency;
mod evidence;
mod fields;
mod me;
pub(crate) mod plan;
mod root;
pub(crate) mod status;
mod stray;
mod usages;
mod users_me;
mod value;
mod wallet;
mod windows;

pub use announcements::announcements;
pub use balance::balance;
pub use evidence::evidence;
pub use me::me;
pub use status::status;
pub use usages::usages;
pub use users_me::users_me;

pub(crate) use balance::balance_of;
pub(crate) use evidence::evidence_of;
pub(crate) use fields::{is_named, json_kind};
pub(crate) use root::Parsed;
pub(crate) use usages::usages_of;
