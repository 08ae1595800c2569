//! Claude Code, pointed at Kimi with `ANTHROPIC_BASE_URL`.
//!
//! **Where its logs are.** `projects/` in `~/.claude`, `~/.config/claude` and `$CLAUDE_CONFIG_DIR`; in there
//! every file that ends in `.jsonl`, whatever folder it is in.
//!
//! **What it counts.** The `usage` of messages whose `model` is one of Kimi's. `input_tokens` is input
//! without cache. Early in 2026 Kimi's answer had `cached_tokens` instead of `cache_read_input_tokens`; in
//! that style, which is OpenAI's, the input includes what was cached, and is counted without it.
//!
//! **What it must not.** One answer is written as several lines, one a block, each with the answer's use so
//! far, and again by sessions that continue another. They are one request where message and request have
//! the same number. Kimi often sends no request number, and some relays give every message the same one: then a
//! state belongs to the one before it where it can, as [`states`](crate::states) says, and a copy is known by its
//! first state. Of several states the one with most output counts, at the time of the first.
//!
//! Which address Claude Code talked to is in no log. A Kimi model may have been somebody else's; it counts.

pub(crate) mod load;
pub(crate) mod parse;
pub(crate) mod paths;
