//! What bodies of newer plans still carry of the first ones.

use tidemark_core::{Meter, Reading};

use crate::generation::Generation;
use crate::parse::plan::name_of;

/// Takes out of a reading what is no quota on plans of a generation: the week that bodies of new plans still carry is a
/// left-over that limits nothing (notes of September 2026), so that a full one is no alarm; and the name of a plan that is
/// not sold any more.
pub(crate) fn clear_left_overs(generation: Generation, reading: &mut Reading) {
    if generation != Generation::V1 {
        reading.meters.retain(|seen| seen.meter != Meter::Week);
        reading.plan = reading.plan.take().and_then(|plan| name_of(&plan, Some(generation)));
    }
}
