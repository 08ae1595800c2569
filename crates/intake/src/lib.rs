//! What people's own programs say of their requests: metrics that they export by OTLP, and the spend logs of a LiteLLM
//! proxy. Both are off until the user turns them on.
//!
//! - [`otlp`] reads metrics of the OpenTelemetry protocol, and [`receiver`] takes them over HTTP, on loopback only.
//! - [`litellm`] reads LiteLLM's table `LiteLLM_SpendLogs` from PostgreSQL, and writes nothing there.
//!
//! Both end in [`Record`]s, which the store counts once however often they come. Only tokens of Kimi's models are read:
//! no prompts, no answers, no keys. Whatever comes is bounded in length and number, and names are cleaned.

pub mod address;
mod count;
mod hash;
pub mod litellm;
pub mod otlp;
pub mod receiver;
mod record;

pub use count::MAX_COUNT;
pub use record::{Count, Record, SeenIn};
