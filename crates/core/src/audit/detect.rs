//! What the audit makes of a poll: the tests that separate an anomaly from what usage, rounding, delay and other
//! devices explain.

pub(crate) mod accelerations;
pub(crate) mod changes;
pub(crate) mod classify;
pub(crate) mod confirm;
pub(crate) mod cross_window;
pub(crate) mod deltas;
pub(crate) mod disagreements;
pub(crate) mod evaluate;
pub(crate) mod feedback;
pub(crate) mod late;
pub(crate) mod leaks;
pub(crate) mod overdue;
pub(crate) mod report;
