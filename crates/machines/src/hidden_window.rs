//! Other programs, started without a window of their own.

use std::process::Command;

/// Has a program of this one open no window of its own on Windows.
#[cfg_attr(not(windows), allow(clippy::missing_const_for_fn, reason = "it does something on Windows"))]
pub(crate) fn without_window(command: &mut Command) {
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt as _;
        /// `CREATE_NO_WINDOW`
        const NO_WINDOW: u32 = 0x0800_0000;
        command.creation_flags(NO_WINDOW);
    }
    #[cfg(not(windows))]
    let _ = command;
}
