//! The older Kimi command line, before Kimi Code.
//!
//! **Where its logs are.** `sessions/` and `imported_sessions/` in `~/.kimi` and in `$KIMI_SHARE_DIR`; in there
//! files named `wire.jsonl`, as `sessions/<MD5 of the folder>/<session>/wire.jsonl`, those of subagents in
//! `subagents/<agent>/` below.
//!
//! **What it counts.** The `token_usage` of each `StatusUpdate`: one call's own use, not a running sum.
//!
//! **What it must not.** A message's number is its own only within its session and agent; where it comes
//! again there soon, it is the same call; where it comes later, or for another prompt, the program counts from one
//! again. Two sessions of one name are the same one, moved or imported, where they
//! begin at the same time. A parent's log also holds what its subagents reported, as
//! `SubagentEvent`: that counts only where the subagent has no log of its own, as was so before there were
//! any. A null usage, or one of nothing, was no use.
//!
//! **Which model.** The log names none: the configuration's default, else `kimi-for-coding`.

pub(crate) mod load;
pub(crate) mod parse;
pub(crate) mod paths;
