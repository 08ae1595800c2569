//! A program of another version: a copy of the built one that says so of itself.

use std::path::Path;

use crate::built;

/// The version of the built programs.
pub const OWN_VERSION: &str = env!("CARGO_PKG_VERSION");

/// A version that is newer than the built one's, and as long.
pub fn newer_version() -> String {
    format!("9{}", &OWN_VERSION[1..])
}

/// Copies the command line, and exchanges its version where it stands in the program.
///
/// # Panics
/// Where that cannot be done.
pub fn copy_of_newer_version(to: &Path) {
    let mut program = std::fs::read(built("tidemark")).expect("the built program");
    let (own, newer) = (OWN_VERSION.as_bytes(), newer_version());
    assert_eq!(own.len(), newer.len());
    let mut at = 0;
    let mut found = 0;
    while let Some(next) = program[at..].windows(own.len()).position(|bytes| bytes == own) {
        program[at + next..][..own.len()].copy_from_slice(newer.as_bytes());
        at += next + own.len();
        found += 1;
    }
    assert!(found > 0, "the program has its version in it");
    std::fs::copy(built("tidemark"), to).expect("a copy that can be started");
    std::fs::write(to, program).expect("a changed copy");
}
