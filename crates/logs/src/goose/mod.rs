//! Goose.
//!
//! **Where its logs are.** `sessions/sessions.db` in `~/.local/share/goose` on Linux and macOS, in
//! `%APPDATA%\Block\goose\data` on Windows, in `$XDG_DATA_HOME/goose` and in `data` of `$GOOSE_PATH_ROOT`. Providers of
//! the user's own are in `custom_providers/*.json` beside its `config.yaml`.
//!
//! **What it counts.** In later versions the table `usage_ledger` has a row for each call, with its model and what of its
//! input was read from the cache and written to it; that is inside of `input_tokens`. What a session had used before is
//! one row there, `carried_forward`. Earlier versions, and sessions that were not gone on with since, have sums alone
//! (`accumulated_*`): such a session is one request that grows, dated at its last change, and spans the session from its
//! beginning. Whether the sums include what was cached is not known: all is input.
//!
//! **What it must not.** `input_tokens` and `output_tokens` of a session are those of its last call, which the sums hold
//! too. Which provider a call went to is only kept of the session, as it is now. The older sessions in files
//! (`*.jsonl`) name neither model nor provider: of them, nothing is counted, and neither of rows that were taken over
//! from them.

pub(crate) mod load;
pub(crate) mod paths;
