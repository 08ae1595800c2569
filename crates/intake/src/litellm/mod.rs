//! LiteLLM's table `LiteLLM_SpendLogs`: one row for each request that a proxy passed on.
//!
//! The table is read from PostgreSQL and never written: every connection sets `default_transaction_read_only`, and every
//! question is asked within a read-only transaction with a time limit. Prompts and answers, which the table can hold too,
//! are not asked for.
//!
//! - [`DatabaseUrl`] is where the table is, without a password.
//! - [`SpendLogs`] reads what is new since a [`Cursor`].
//! - [`record`] says what a row is: `api_base` says whose the request is.

mod connect;
mod fetch;
mod row;

pub use connect::DatabaseError;
pub use fetch::{Cursor, FIRST_READ_DAYS, Page, SpendLogs};
pub use row::{Row, RowReading, record};
pub use tidemark_postgres::{DatabaseUrl, DatabaseUrlError};
