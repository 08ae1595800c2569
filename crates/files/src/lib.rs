//! Files and folders that others may have laid or may read: opened, limited and closed in one way.

pub mod folder;
pub mod private;
pub mod process;
pub mod read;

/// The user that this process acts as.
#[cfg(unix)]
#[must_use]
pub fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}
