//! Kimi Code, the current command line, and the desktop application, which runs it inside.
//!
//! **Where its logs are.** `sessions/` in `~/.kimi-code`, in every `~/.kimi-code-*`, in `$KIMI_CODE_HOME`, in
//! the desktop application's runtime, and in the homes that a caller names. In there, files named
//! `wire.jsonl`, as `sessions/<project>/<session>/agents/<agent>/wire.jsonl`.
//!
//! **What it counts.** Each `usage.record`, of both scopes: `session` is one call too (a compaction), as
//! the program's own sums show. `inputOther` is input without cache.
//!
//! **What it must not.** `step.end` repeats what a `usage.record` says. A fork begins with a copy of its
//! parent's whole log, ended by a `forked` line: what stands before it counts once, for the parent while
//! that is there. A resumed session goes on in the same file. A record without usage was no
//! call; one of zeros was a call whose provider gave none. Models of other providers are set apart by the program's configuration.
//!
//! **Which model.** The record's own; an alias is looked up in `config.toml`. `__secondary__` is the second
//! model that the configuration names (or `KIMI_SECONDARY_MODEL`); any other stand-in is the model of the
//! `llm.request` before it. Whose it is, the alias and the provider of that request say.

pub(crate) mod load;
pub(crate) mod parse;
pub(crate) mod paths;
