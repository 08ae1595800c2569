//! `tidemark machine export`: this machine's records on standard output, for another machine that asks over SSH.
//!
//! The engine reads the logs and says who this machine is; what is printed comes from the history itself, a page at a
//! time, so that years of it take no memory.

use std::io::{self, BufWriter, Write as _};

use chrono::Utc;
use tidemark_machines::{Export, ExportError, StoreAccessError};
use tidemark_store::Store;

use super::context::Context;
use super::own_records;
use crate::arguments::MachineExport;
use crate::exit::{CommandError, CommandOutcome, Exit};

/// Runs `tidemark machine export`.
pub fn run(context: &Context, asked: &MachineExport) -> Result<Exit, CommandOutcome> {
    let begun = own_records::begin(context)?;
    let store = Store::open_read_only(&context.data_dir()?).map_err(CommandError::from)?;
    let export = Export {
        own: own_records::own_machine(&begun),
        projects: own_records::shared_projects(&begun),
        run: begun.run,
        now: Utc::now(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let written = export.write(&store, asked.since.as_ref(), &mut out);
    match written.map(drop).and_then(|()| Ok(out.flush()?)) {
        Ok(()) => Ok(Exit::Done),
        // The other machine has heard enough.
        Err(ExportError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            Err(CommandOutcome::BrokenPipe)
        }
        Err(ExportError::Write(error)) => {
            Err(CommandError::new(Exit::Failed, "io", &error).quoting(error).into())
        }
        Err(ExportError::Store(StoreAccessError::Store(error))) => Err(CommandError::from(error).into()),
        Err(ExportError::Store(error @ StoreAccessError::Ended)) => {
            Err(CommandError::new(Exit::Failed, "store-failed", error).into())
        }
    }
}
