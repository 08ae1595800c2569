//! Files and folders that others may have laid or may read: opened, limited and closed in one way.

#[cfg(windows)]
mod access;
pub mod bundle;
pub mod folder;
pub mod identity;
pub mod lock;
pub mod private;
pub mod process;
pub mod read;
#[cfg(windows)]
mod win32;

#[cfg(windows)]
pub use access::{OwnPipe, is_own_pipe};

/// The user that this process acts as.
#[cfg(unix)]
#[must_use]
pub fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}
