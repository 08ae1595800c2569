//! The Codex command line, pointed at Kimi by a provider in its configuration.
//!
//! **Where its logs are.** `sessions/` and `archived_sessions/` in `~/.codex` (on Windows and macOS too) and in
//! `$CODEX_HOME`; in there files `rollout-*.jsonl`, in folders by day, and `rollout-*.jsonl.zst`, which it compressed.
//! A compressed one beside the same file in plain is an older copy, and is passed over.
//!
//! **What it counts.** `token_count` events: `last_token_usage` is one request, `total_token_usage` all of the session
//! so far. Where an event has only the sum, its difference to the one before is the request; a sum that is smaller than the
//! one before began again. `input_tokens` includes what was read from the cache and written to it, `output_tokens`
//! includes what was thought. `total_tokens` is not used: after a compaction it is an estimate of the context.
//!
//! **What it must not.** The same event is written again when rate limits change, and at the start of a turn. A resumed
//! session goes on in the same file; a fork, and a subagent that was given its parent's history, begins with a copy of
//! another session, with new times. So a request is known by the session that the copies began in, by the sum and by its
//! own counts, not by its time. `token_usage_record` lines, which newer versions write too, repeat the events.
//!
//! **Which model.** That of the `turn_context` before it. Whose it is, the provider of the session says: by its address in
//! `config.toml`, else by its name, else by the model's. Requests for other models are left out.

pub(crate) mod compressed;
pub(crate) mod load;
pub(crate) mod parse;
pub(crate) mod paths;
