//! What Kimi says: HTTP clients, wire formats, errors, status page.
//!
//! - [`Client`] asks: one key, one host, no redirects, a limit on time and size.
//! - [`parse`] reads the bodies into [`tidemark_core`]'s words. It is tolerant: keys in camelCase or
//!   snake_case, numbers as numbers or strings, zeros left out; one bad field never spoils another, and
//!   whatever could not be read is named by its path.
//! - [`explain`](explain()) says what an error means, by tables.
//! - [`redact`] takes keys and account numbers out of what people get to see.
//!
//! The service is undocumented in large parts. Where a fact is not from its documentation, the comment
//! beside it says where it is from.

mod audit_prices;
mod client;
mod explain;
mod generation;
mod html;
mod left_overs;
mod local_server;
pub mod parse;
pub mod plan_price;
mod price;
mod profile;
pub mod redact;
mod repair;
mod target;

pub use audit_prices::PublicPrices;
pub use client::{Client, ClientConfig, ClientError, DEFAULT_USER_AGENT, QuotaResponse};
pub use explain::{advice, advice_word, explain, settle_window};
pub use generation::Generation;
pub use parse::announcements::Announcement;
pub use parse::status::{Component, Incident, Indicator, StatusPage};
pub use plan_price::plan_price;
pub use price::{Price, PriceError, PriceList};
pub use profile::Profile;
pub use target::{Interface, Target};
