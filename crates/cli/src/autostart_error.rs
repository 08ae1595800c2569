//! Why starting at login could not be set.

use std::path::PathBuf;

/// Why the entry could not be made, removed or read.
#[derive(Debug, thiserror::Error)]
pub enum AutostartError {
    /// It is not known where this program is.
    #[error("the path of this program is unknown: {0}")]
    Whereabouts(std::io::Error),
    /// Its place has a name that an entry cannot hold.
    #[error("{} cannot be written into an autostart entry; move the program to a folder with a plain name", .0.display())]
    Name(PathBuf),
    /// A Flatpak sees another folder than the one that the desktop reads.
    #[error(
        "a Flatpak cannot start itself at login; add the command `flatpak run --command=tidemark dev.tidemark.Tidemark agent` to your desktop's startup programs"
    )]
    Sandboxed,
    /// The entry stays open to others.
    #[cfg(target_os = "linux")]
    #[error("the entry for start at login could not be closed to others: {0}")]
    Closing(std::io::Error),
    /// The program is where it will not be at the next login.
    #[cfg(target_os = "macos")]
    #[error("{} is not there at the next login; move Tidemark to the folder Applications, open it from there, and try again", .0.display())]
    Elsewhere(PathBuf),
    /// The file that starts the agent could not be written or removed.
    #[cfg(target_os = "macos")]
    #[error("start at login could not be changed: {0}")]
    File(std::io::Error),
    /// The system refused.
    #[cfg(not(target_os = "macos"))]
    #[error("start at login could not be changed: {0}")]
    System(#[from] auto_launch::Error),
}
