//! Cline, Roo Code and Kilo Code, in editors and on the command line.
//!
//! **Where their logs are.** In the storage of the extension: `User/globalStorage/<extension>` of VS Code and the
//! editors made of it, on Linux, Windows and macOS, of their servers, and of `$VSCODE_PORTABLE`; extensions
//! `saoudrizwan.claude-dev` (Cline), `rooveterinaryinc.roo-cline` (Roo Code) and `kilocode.kilo-code` (Kilo Code, up
//! to its version 5). Cline elsewhere, and since its version 4.1 everywhere, has `~/.cline/data`, `$CLINE_DIR/data`
//! or `$CLINE_DATA_DIR`, and Roo Code's command line `~/.vscode-mock/global-storage`. In there
//! `tasks/<task>/ui_messages.json`, and `sessions/<session>/<session>.messages.json` with those of subagents beside
//! it.
//!
//! **What it counts.** In a task, each `api_req_started`, whose text says what was used once the answer is there, and
//! `subagent_usage`. `tokensIn` of Cline is input without cache, but for a few providers; of Roo Code since 3.29.5
//! and Kilo Code since 4.119 it is all of the input, before that only where the protocol is OpenAI's. In a session,
//! the `metrics` of each answer, whose `inputTokens` is all of the input.
//!
//! **What it must not.** The files are written again as a whole, so they are read as a whole when they change; a
//! request is known by its task and the time it has there. One that was cut off while it was written is read again
//! later. Where messages were removed, `deleted_api_reqs` says what they had used. That counts where they have never
//! been read; the requests that have stay counted, and the sum would count them twice. (A copy of such a task in
//! another folder, read for the first time after that, cannot be known from one that was never read.) A compacted
//! session loses its older answers: what was read of them stays, what was not is lost.
//!
//! **Which model.** That of the message (`modelInfo`); else Cline's `task_metadata.json`, which lists the models of a
//! task by time, just before the first request for each, or the `<model>` that Roo Code and Kilo Code name in each
//! question, in `api_conversation_history.json`, just after a request began. A request whose model is nowhere counts where
//! its provider is Kimi's; where nothing says whose it was, it is one of the lines that could not be read. Whose it is, the provider's name says, then the model's; addresses and keys are known of Cline outside of
//! editors only (`settings/providers.json`, before its version 4 `globalState.json` and `secrets.json`). Requests for
//! other models are left out.

pub(crate) mod load;
pub(crate) mod models;
pub(crate) mod parse;
pub(crate) mod paths;
