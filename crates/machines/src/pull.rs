//! An exchange over SSH: another machine's records are asked for and taken in.

use tidemark_store::Store;

use crate::cursor::Cursor;
use crate::intake::{Intake, IntakeSettings, Taken};
use crate::problem::{Problem, ProblemKind};
use crate::ssh::{self, Limits, Target};
use crate::store_access::MachineStore;

/// Asks a machine for what is new since the last time, and takes it in. What came before something went wrong stays,
/// and the next time goes on behind it.
///
/// # Errors
/// [`Problem`]: why it could not be asked, did not answer, or could not be taken in;
/// [`ProblemKind::ThisMachine`] if the host is this very machine, [`ProblemKind::Ignored`] if nothing of it is to be
/// taken in.
pub fn pull(
    store: &impl MachineStore,
    target: &Target,
    settings: &IntakeSettings,
    limits: Limits,
    stop: &dyn Fn() -> bool,
) -> Result<Taken, Problem> {
    let exchange = settings.exchange;
    let machines = store.ask(Store::machines)?;
    let known = machines.into_iter().find(|machine| machine.exchange == Some(exchange));
    // One of another version, or damaged: from the beginning.
    let since = known.and_then(|machine| machine.cursor).and_then(|cursor| cursor.parse::<Cursor>().ok());
    let mut intake = Intake::new(store, settings);
    let asked = ssh::ask(target, since.as_ref(), limits, stop, &mut |line| intake.line(line));
    let ended = intake.has_ended();
    let taken = intake.finish(None)?;
    asked?;
    if taken.own {
        return Err(Problem::new(ProblemKind::ThisMachine));
    }
    if taken.ignored {
        return Err(Problem::new(ProblemKind::Ignored));
    }
    if !ended {
        return Err(Problem::new(ProblemKind::NotRecords));
    }
    Ok(taken)
}
