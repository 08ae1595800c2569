//! The command line pi, and oh-my-pi, which grew from it and writes the same format.
//!
//! **Where its logs are.** `sessions/` in `~/.pi/agent`, `~/.omp/agent` and `~/.omp/profiles/*/agent` (on Windows and
//! macOS too) and in `$PI_CODING_AGENT_DIR`, and `$PI_CODING_AGENT_SESSION_DIR` itself; in there every file that ends in
//! `.jsonl`. oh-my-pi keeps those of subagents in folders beside their parent's.
//!
//! **What it counts.** The `usage` of each answer, and that of a compaction, of a branch's summary and of a `model_usage`
//! entry, which calls beside the conversation leave. `input` is input without cache. An answer that was broken off has been
//! paid for too.
//!
//! **What it must not.** A session is a tree: what follows a branch that was left stays in the file and counts. A fork, a
//! branch that becomes a session and a moved session begin with a copy of the entries; they keep their times and the
//! service's number of the answer, by which they are known. Their own numbers change when an old file is rewritten
//! in the present version. The result of a tool can repeat what a subagent used, which has a log of its own.
//!
//! Older versions of pi added what was thought to the output of the OpenAI protocol, which includes it already; no record
//! says so. oh-my-pi's `models.yml` and the keys in its database are not read.
//!
//! **Which model.** The entry's own, else the one before it. Whose it is, the provider says: by `models.json`, else by the
//! names that pi itself has for Kimi's services. Requests for other models are left out.

pub(crate) mod load;
pub(crate) mod parse;
pub(crate) mod paths;
