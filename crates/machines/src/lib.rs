//! What was sent from other machines: records of requests, and the ways on which they come.
//!
//! A machine has a random id and a name ([`identity`]). What it gives away are [`record`]s: requests (a hash that
//! identifies it, time, account by the hashed ids of its user, model, tokens) and from when to when all its logs are
//! known. There are no prompts, keys or paths in them; names of projects only if the user allows it.
//!
//! Each record is a fact of its own. Reading it twice, or in another order, gives the same: a request of which a later
//! record says more is put together by `tidemark_core::request::merge`, as records of one machine's logs are.
//!
//! Records come over [`ssh`], which asks the other machine for what is new, or through a shared [`folder`] in which each
//! machine writes its own encrypted files.

pub mod cursor;
mod exported;
pub mod folder;
mod hex;
mod hidden_window;
pub mod identity;
mod intake;
mod place;
mod problem;
mod pull;
pub mod record;
pub mod ssh;
mod store_access;

pub use cursor::{Cursor, NotACursor};
pub use exported::{Export, ExportError, Exported, ShareProjects};
pub use intake::{Intake, IntakeSettings, Taken};
pub use place::{Passphrase, Place};
pub use problem::{Problem, ProblemKind};
pub use pull::pull;
pub use store_access::{MachineStore, StoreAccessError};
