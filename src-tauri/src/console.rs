//! The console that this program was started from, on Windows. A program with windows has none of its own, and does not
//! write into that one unless it asks for it.

#![allow(unsafe_code, reason = "Windows is called directly")]

use windows_sys::Win32::System::Console::{ATTACH_PARENT_PROCESS, AttachConsole};

/// Has what is written from now on appear in the console, unless it is redirected. `false` where there is no console: this
/// program was not started from one.
pub(crate) fn attach() -> bool {
    // SAFETY: it takes no pointer, and changes nothing but where this process writes.
    unsafe { AttachConsole(ATTACH_PARENT_PROCESS) != 0 }
}
