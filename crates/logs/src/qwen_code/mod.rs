//! Qwen Code, pointed at Kimi.
//!
//! **Where its logs are.** `projects/` in `~/.qwen` (on Windows and macOS too), in `$QWEN_HOME` and in
//! `$QWEN_RUNTIME_DIR`; in there every file that ends in `.jsonl`, as `projects/<project>/chats/<session>.jsonl`, and those
//! of subagents beside them.
//!
//! **What it counts.** The `usageMetadata` of answers. `promptTokenCount` includes what was read from the cache.
//! `candidatesTokenCount` includes what was thought where the service speaks OpenAI's or Anthropic's protocol, as Kimi does,
//! and does not in Gemini's: the total says which.
//!
//! **What it must not.** A branch begins with a copy of the records, which keep their numbers and times. `ui_telemetry`
//! records repeat the answers; what they alone have, titles and summaries, is not counted, since they name no answer by
//! which the two could be distinguished.
//!
//! **Which model.** The record's own. Whose it is, the session's own address says, where a `session_model` record has one;
//! else `settings.json`: the provider of the model in `modelProviders`, or the address and key that are set for all; else
//! the model's name. Requests for other models are left out.

pub(crate) mod load;
pub(crate) mod parse;
pub(crate) mod paths;
