//! Processes: what one that holds keys leaves behind when it crashes, and whether another is running.

use std::io;
use std::path::PathBuf;

/// Where this process's program really is. macOS names it as it was called, which may be by a link to it.
///
/// # Errors
/// What the system says.
pub fn own_program() -> io::Result<PathBuf> {
    let own = std::env::current_exe()?;
    #[cfg(target_os = "macos")]
    let own = own.canonicalize()?;
    Ok(own)
}

/// Turns off core dumps for this process and what it starts, and hides its memory from other processes of the user.
/// A system that does not know how to is left as it is.
pub fn keep_memory_private() {
    no_core_files();
    // A limit of 0 alone does not keep a handler that the system pipes dumps to from getting them.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// Turns off core dumps for this process and what it starts. Its memory stays open to what identifies a window by its
/// process, such as the portals of a desktop.
pub fn no_core_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    #[cfg(windows)]
    crate::win32::no_crash_reports();
}

/// Whether a process of this number is running, of whichever user. Where the system does not say, it is.
#[must_use]
pub fn is_running(process: u32) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        use rustix::process::{Pid, test_kill_process};
        let process = i32::try_from(process).ok().and_then(Pid::from_raw);
        process.is_some_and(|process| test_kill_process(process) != Err(Errno::SRCH))
    }
    #[cfg(windows)]
    return crate::win32::is_running(process);
    #[cfg(not(any(unix, windows)))]
    {
        let _ = process;
        true
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_that_holds_keys_leaves_no_core() {
        use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};
        super::keep_memory_private();
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    }

    fn ended() -> std::process::Child {
        let (program, arguments): (&str, &[&str]) =
            if cfg!(windows) { ("cmd", &["/c", "exit"]) } else { ("true", &[]) };
        std::process::Command::new(program).args(arguments).spawn().unwrap()
    }

    #[test]
    fn a_process_that_has_ended_is_not_running() {
        assert!(super::is_running(std::process::id()));
        let mut child = ended();
        child.wait().unwrap();
        assert!(!super::is_running(child.id()));
        assert!(!super::is_running(u32::MAX));
        #[cfg(unix)] // on Windows the idle process has that number
        assert!(!super::is_running(0));
    }
}
