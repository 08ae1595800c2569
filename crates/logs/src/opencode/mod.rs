//! OpenCode, and Kilo, which grew out of it and keeps the same database.
//!
//! **Where its logs are.** On every system in `~/.local/share/opencode` (`~/.local/share/kilo`) and in
//! `$XDG_DATA_HOME/opencode` and `$OPENCODE_DATA_DIR`: the databases `opencode.db` and, of versions that are tried out, `opencode-<channel>.db`.
//! In earlier versions each message was a file, `storage/message/<session>/<message>.json`, and in the first ones below
//! `project/<project>/storage/session` instead; they stay there when they are taken
//! into the database. Settings are in `opencode.json` or `.jsonc` in `~/.config/opencode`, `$OPENCODE_CONFIG_DIR` and at
//! `$OPENCODE_CONFIG`; keys in `auth.json` beside the databases.
//!
//! **What it counts.** The `tokens` of an assistant's message: input without cache, read from it, written to it, output.
//! A message is one call by now; in earlier versions it could be several, and has the tokens of the last one only. Each call
//! also left a part of the type `step-finish` with its own: where there are such parts they count, and the message only
//! if none of them is its own. `output` is without `reasoning` where `total` says so. Earlier versions wrote no `total`,
//! and their `output` includes it, as the answers of the services do.
//!
//! A call is dated at its end (`completed`) and began when its message was made (`created`).
//!
//! **What it must not.** The sums of a session (`session.tokens_*`) are made of the same calls. A fork copies messages and
//! parts under new ids. Files are copied into the database, and two databases of one home can hold the same sessions. A
//! call is therefore known by when its message was made, by provider, model and tokens, and not by an id. A session that
//! was imported from somebody else's export cannot be distinguished from an own one, and counts.
//!
//! Whose it is, the provider's id says: see [`provider_id`](crate::provider_id). Models of others at others' services are
//! left out; Kimi's models at others' services count as others'.

pub(crate) mod load;
pub(crate) mod parse;
pub(crate) mod paths;
