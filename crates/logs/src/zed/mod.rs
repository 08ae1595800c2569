//! The agent of Zed.
//!
//! **Where its logs are.** `threads/threads.db` in `~/.local/share/zed` (and `$XDG_DATA_HOME/zed`, that of Flatpak too), on
//! macOS in `~/Library/Application Support/Zed`, on Windows in `%LOCALAPPDATA%\Zed`. A row is a thread: JSON that is
//! compressed (`data_type` `zstd`), or not (`json`). Addresses of providers are in `settings.json` under `~/.config/zed`,
//! on Windows `%APPDATA%\Zed`.
//!
//! **What it counts.** `cumulative_token_usage`, which sums up all calls of a thread; what was cached is apart from the
//! input. A thread is one request that grows, dated at its last change, and spans the thread from its beginning where that
//! is kept. Some versions did not keep the sum up. Of those, `request_token_usage` has the *last* call
//! of each message of the user: what these come to is counted where it is more, and is the least that was used.
//!
//! **What it must not.** The two hold the same calls. A thread says one model only, the last one; all of it counts as that
//! model's. A thread that was imported from somebody else has no use. A sub-agent's thread has its own.

mod frame;
pub(crate) mod load;
pub(crate) mod parse;
pub(crate) mod paths;
