//! A team's hub: usage of many people's machines in one PostgreSQL database.
//!
//! What a machine gives away is what other machines are given too (`tidemark_machines::record`): requests by a hash, with
//! time, model, account and tokens, and from when to when its logs are known. No prompts, keys or paths; names of
//! projects and of the machine only where its owner allows it.
//!
//! - [`init`] makes the tables, [`Hub::invite`] hands out an [`Invitation`], [`join`] uses it.
//! - [`sync`] gives what is new. The hub itself remembers up to where a machine has given, in the same transaction as what
//!   was given; the local history is the outbox.
//! - [`HubFile`] is what a machine remembers of its hub, and [`AgentState`] how giving by its background agent goes.
//! - [`audit`] audits the accounts of the hub over the usage of all members, one agent an account at a time.
//! - [`Hub::status`] and [`Hub::usage`] say what this member may see: the database decides that, by row-level security.
//!
//! This is the only crate with SQL of the hub in it.
//!
//! # Examples
//! Joining, and what this member may see:
//!
//! ```no_run
//! use tidemark_hub::{Invitation, UsageBy, UsageFilter, join, new_password};
//!
//! # async fn example(text: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let invitation: Invitation = text.parse()?;
//! // Kept before it is used: the hub knows it as soon as `join` was called.
//! let password = new_password();
//! let hub = join(&invitation, "Ann", &password, "2026-06-01T08:00:00Z".parse()?).await?;
//! for row in hub.usage(UsageBy::Model, &UsageFilter::default()).await? {
//!     println!("{:?}: {} parts", row.key, row.parts.len());
//! }
//! # Ok(())
//! # }
//! ```

mod agent_state;
mod audit;
mod audit_state;
mod batch;
mod connection;
mod facts;
mod file;
mod invitation;
mod keeping;
mod members;
mod membership;
mod password;
mod problem;
mod removing;
mod role;
mod schema;
mod status;
mod sync;
mod usage;
mod verdicts;

pub use agent_state::AgentState;
pub use audit::{AuditPart, Audited, LEASE, SETTLE, audit};
pub use connection::Hub;
pub use file::{HubFile, Membership};
pub use invitation::{Invitation, NotAnInvitation, Tls};
pub use members::{HubMember, OpenInvitation};
pub use membership::{DEFAULT_HOURS, NewHub, init, join};
pub use password::new_password;
pub use problem::{Problem, ProblemKind};
pub use removing::Removed;
pub use role::Role;
pub use status::{HubMachine, HubStatus};
pub use sync::{Given, Giving, outbox, sync};
pub use tidemark_postgres::{DatabaseUrl, DatabaseUrlError};
pub use usage::{AccountUsage, UsageBy, UsageFilter, UsagePart, UsageRow};
pub use verdicts::{HubAccount, HubVerdict, Verdicts};
