//! Other machines: which ones are known, how their records come here, and what of this machine's they are given.

mod coverage;
mod exchanges;
mod folder_files;
mod intake;
mod known;
mod own;
mod own_records;

pub use coverage::{CoverageSpan, MachineCoverage};
pub use exchanges::{Exchange, ExchangeId, ExchangeResult, NewExchange};
pub use intake::{MachineBatch, MachineRequest, MachineSource, SourceSaid, StoredSource};
pub use known::{Machine, MachineId};
pub use own::{OwnMachine, Renewed};
pub use own_records::{OwnRequest, OwnSource};
