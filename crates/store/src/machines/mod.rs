//! Other machines: which ones are known, how their records come here, and what of this machine's they are given.

mod coverage;
mod exchanges;
mod folder_files;
mod intake;
mod known;
mod machine_id;
mod own;
mod own_records;
mod records;

pub use coverage::{CoverageSpan, MachineCoverage, MachineLogs};
pub use exchanges::{Exchange, ExchangeId, ExchangeResult, NewExchange};
pub use known::{ForgottenMachine, Machine, is_reserved_machine_name};
pub use machine_id::MachineId;
pub use own::{OwnMachine, Renewed};
pub use own_records::{OwnRequest, OwnSource};
pub use records::{MachineBatch, MachineRequest, MachineSource, SourceSaid, StoredSource};
