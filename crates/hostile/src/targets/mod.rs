//! The parts of the program that read something from outside, and what must hold of each.

mod bodies;
mod databases;
mod errors;
mod harness;
mod imports;
mod log_databases;
mod log_files;
mod log_homes;
mod otlp;
mod replays;
#[cfg(unix)]
mod requests;
mod settings;

use crate::target::Target;

/// The name of a target, in how many of a hundred inputs it is tried, and how it is set up.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) share: usize,
    pub(crate) open: fn() -> Box<dyn Target>,
}

/// All targets.
pub(crate) const TARGETS: &[Entry] = &[
    Entry { name: "bodies", share: 20, open: || Box::new(bodies::Bodies) },
    Entry { name: "errors", share: 15, open: || Box::new(errors::Errors) },
    Entry { name: "log-files", share: 17, open: || Box::new(log_files::LogFiles::open()) },
    Entry { name: "log-homes", share: 4, open: || Box::new(log_homes::LogHomes::open()) },
    Entry { name: "log-databases", share: 3, open: || Box::new(log_databases::LogDatabases::open()) },
    Entry { name: "otlp", share: 4, open: || Box::new(otlp::Exports) },
    Entry { name: "imports", share: 6, open: || Box::new(imports::Imports) },
    Entry { name: "replays", share: 12, open: || Box::new(replays::Replays) },
    Entry { name: "settings", share: 8, open: || Box::new(settings::StoredSettings) },
    Entry { name: "databases", share: 1, open: || Box::new(databases::Databases::open()) },
    #[cfg(unix)]
    Entry { name: "requests", share: 10, open: || Box::new(requests::Requests::open()) },
];
