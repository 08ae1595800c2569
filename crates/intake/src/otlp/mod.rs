//! Metrics of the OpenTelemetry protocol that say how many tokens a program used.
//!
//! | metric | kind of token | input |
//! |---|---|---|
//! | `claude_code.token.usage` (Claude Code) | `type` = `input`, `output`, `cacheRead`, `cacheCreation` | without the cache |
//! | `codex.turn.token_usage` (Codex) | `token_type` = `input`, `cached_input`, `output`; `total` and `reasoning_output` are parts of others | all input |
//! | `gen_ai.client.token.usage` (GenAI conventions) | `gen_ai.token.type` = `input`, `output`, and for the cache `cache_read`, `cached_input`, `input_cached`, `cache_creation`, `cache_write` | all input |
//!
//! Sums and histograms, JSON and protobuf, delta and cumulative. The GenAI conventions know no kind for the cache; some
//! programs add one. Where none comes, the usage is kept under the model's name with
//! [`CACHE_UNKNOWN`](tidemark_core::intake::CACHE_UNKNOWN) behind it, which has no price.
//!
//! What all points of one span and series but for the kind of token say is one [`Record`](crate::Record). A point is
//! known again by its series and span, so an export that is repeated counts once.

mod decode;
mod export;
mod json;
mod protobuf;
mod read;

pub use export::{Body, DecodeError, Export};
pub use protobuf::success;
pub use read::{Reading, read};
