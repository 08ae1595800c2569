//! Crush.
//!
//! **Where its logs are.** In each project, `.crush/crush.db`. Which projects there are is in `projects.json`, in
//! `~/.local/share/crush`, on Windows in `%LOCALAPPDATA%\crush`, and in `$XDG_DATA_HOME/crush` and `$CRUSH_GLOBAL_DATA`;
//! each entry names the folder of its database too, if it is another. Only places of the user's own are followed.
//!
//! **What it counts.** Crush keeps no tokens of a call. A session has `prompt_tokens` and `completion_tokens`, which
//! are those of its *last* call: each call writes over what the one before left. So a session counts as one request with
//! these tokens, which is the least that it used. What was cached is not apart: it is inside of the input (in
//! earlier versions inside of the output). Its model and provider are those of the last message that
//! has one, which is that call's. It is dated at the session's last change, and spans the session from its beginning.
//!
//! **What it must not.** A session of a sub-agent (`parent_session_id`) has counters of its own: of it, the parent takes
//! over the cost alone, and no tokens. Times are seconds.

pub(crate) mod load;
pub(crate) mod paths;
