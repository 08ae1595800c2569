//! What the audit makes of a poll: the tests by which an anomaly is told from what use, rounding, delay and other
//! devices explain.

pub(crate) mod accelerations;
pub(crate) mod changes;
pub(crate) mod classify;
pub(crate) mod deltas;
pub(crate) mod evaluate;
pub(crate) mod feedback;
pub(crate) mod leaks;
pub(crate) mod overdue;
