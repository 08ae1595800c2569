//! Starting the agent at login.

use std::path::{Path, PathBuf};

use auto_launch::{AutoLaunch, AutoLaunchBuilder};

/// The entry's name: `~/.config/autostart/Tidemark.desktop` on Linux.
const NAME: &str = "Tidemark";

/// Why the entry could not be made, removed or read.
#[derive(Debug, thiserror::Error)]
pub enum AutostartError {
    /// It is not known where this program is.
    #[error("the path of this program is unknown: {0}")]
    Whereabouts(std::io::Error),
    /// Its place has a name that an entry cannot hold.
    #[error("{} cannot be written into an autostart entry; move the program to a folder with a plain name", .0.display())]
    Name(PathBuf),
    /// The system refused.
    #[error("start at login could not be changed: {0}")]
    System(#[from] auto_launch::Error),
}

/// Makes the entry that starts this program's agent at login, or removes it.
pub fn set(on: bool) -> Result<(), AutostartError> {
    let entry = entry(&own_path()?)?;
    Ok(if on { entry.enable() } else { entry.disable() }?)
}

/// Whether there is an entry.
pub fn is_set() -> Result<bool, AutostartError> {
    Ok(entry(&own_path()?)?.is_enabled()?)
}

fn own_path() -> Result<PathBuf, AutostartError> {
    // In an AppImage the program's own path is gone after the run; the image's is given by its runtime.
    match std::env::var_os("APPIMAGE") {
        Some(image) if !image.is_empty() => Ok(PathBuf::from(image)),
        _ => std::env::current_exe().map_err(AutostartError::Whereabouts),
    }
}

fn entry(program: &Path) -> Result<AutoLaunch, AutostartError> {
    let path = program.to_str().filter(|path| !path.chars().any(char::is_control));
    let path = path.ok_or_else(|| AutostartError::Name(program.to_path_buf()))?;
    Ok(AutoLaunchBuilder::new()
        .set_app_name(NAME)
        .set_app_path(&in_entry(path))
        .set_args(&["agent"])
        .build()?)
}

/// A path as the `Exec` line of a desktop entry takes it: quoted, by the Desktop Entry Specification.
#[cfg(target_os = "linux")]
fn in_entry(path: &str) -> String {
    // A percent sign is a field code there, quoted or not.
    let path = path.replace('%', "%%");
    if path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_.+%".contains(&b)) {
        return path;
    }
    let mut quoted = String::from("\"");
    for c in path.chars() {
        match c {
            // Once for the quoting, and once more because a backslash escapes in every value of such a file.
            '"' | '`' | '$' => quoted.push_str("\\\\"),
            '\\' => quoted.push_str("\\\\\\"),
            _ => {}
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

#[cfg(not(target_os = "linux"))]
fn in_entry(path: &str) -> String {
    path.to_owned()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_as_the_specification_says() {
        assert_eq!(in_entry("/usr/bin/tidemark"), "/usr/bin/tidemark");
        assert_eq!(in_entry("/home/a b/tidemark"), "\"/home/a b/tidemark\"");
        assert_eq!(in_entry("/home/50%/t"), "/home/50%%/t");
        assert_eq!(in_entry("/a$b"), r#""/a\\$b""#);
        assert_eq!(in_entry("/工作/t"), "\"/工作/t\"");
    }
}
