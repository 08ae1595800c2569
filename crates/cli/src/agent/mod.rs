//! The agent: the engine with everything around it — tray, notifications, local interface — until it is
//! told to end.

pub mod log;
