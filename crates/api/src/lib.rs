//! How the engine is asked: plain HTTP with JSON, and server-sent events, over a Unix socket (a named
//! pipe on Windows) that only its owner can open.
//!
//! [`view`] holds what is shown — the types that all front ends share, generated for TypeScript into
//! `ui/src/api/types.ts`. [`paths`] has the data folder and the interface's address. With the feature
//! `server` there is the router over the engine, with `client` the other end of the line.

#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "server")]
pub mod csv;
#[cfg(feature = "server")]
pub mod export;
#[cfg(feature = "server")]
pub mod import;
pub mod paths;
pub mod report;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "client")]
mod socket;
pub mod transport;
pub mod view;
