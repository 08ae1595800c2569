//! Connections to PostgreSQL: where a database is, and how it is reached so that no one on the way reads along.
//!
//! - [`DatabaseUrl`] is where a database is, without a password.
//! - [`open`] connects: certificates are always verified, except on this machine, where nothing leaves it.

mod open;
mod tls;
mod url;

pub use open::{Connection, OpenError, open, said};
pub use url::{DatabaseUrl, DatabaseUrlError};
