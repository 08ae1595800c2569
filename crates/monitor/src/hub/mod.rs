//! The team's hub, while this machine is in one: giving by the agent itself, at its own pace, and what the
//! team's audit found.
//!
//! While this machine is in no hub, all there is of this is one file, checked for twice a minute. A connection lasts as long as
//! there is something to give or to ask.

mod giving;
mod verdicts;
