//! Other machines: what is known of them, and the exchanges with them.
//!
//! Each exchange has its own pace: every ten minutes, less often while it fails. One runs at a time, on a thread that
//! may wait, so that polls never do.

mod exchanging;
pub(crate) mod own_run;
mod settings;
mod snapshot;
mod store;
pub(crate) mod underway;

pub(crate) use store::WaitingStore;

pub use exchanging::{ExportBegun, Synced, SyncedCounts};
pub use settings::{MachineKey, MachineWay, NewPassphrase};
pub use snapshot::{ExchangeSnapshot, MachineSnapshot, MachinesSnapshot, ThisMachine};
