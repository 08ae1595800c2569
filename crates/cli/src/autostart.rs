//! Starting the agent at login.

#[cfg(not(target_os = "macos"))]
use std::path::Path;
use std::path::PathBuf;

#[cfg(not(target_os = "macos"))]
use auto_launch::{AutoLaunch, AutoLaunchBuilder, WindowsEnableMode};
use tidemark_update::image_of;

use crate::autostart_error::AutostartError;
use crate::flatpak;
#[cfg(target_os = "macos")]
use crate::launch_agent;

/// The entry's name: `~/.config/autostart/Tidemark.desktop` on Linux.
#[cfg(not(target_os = "macos"))]
const NAME: &str = "Tidemark";

/// Makes the entry that starts this program's agent at login, or removes it.
pub fn set(on: bool) -> Result<(), AutostartError> {
    if on && flatpak::is_inside() {
        return Err(AutostartError::Sandboxed);
    }
    #[cfg(target_os = "macos")]
    launch_agent::set(&own_path()?, on)?;
    #[cfg(not(target_os = "macos"))]
    {
        let entry = entry(&own_path()?)?;
        if on { entry.enable() } else { entry.disable() }?;
    }
    #[cfg(target_os = "linux")]
    if on {
        close_entry()?;
    }
    Ok(())
}

/// Whether there is an entry.
pub fn is_set() -> Result<bool, AutostartError> {
    #[cfg(target_os = "macos")]
    return launch_agent::is_set();
    #[cfg(not(target_os = "macos"))]
    Ok(entry(&own_path()?)?.is_enabled()?)
}

fn own_path() -> Result<PathBuf, AutostartError> {
    let own = tidemark_files::process::own_program().map_err(AutostartError::Whereabouts)?;
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    // In an AppImage the program's own path is gone after the run; the image's is given by its runtime.
    Ok(image_of(&own, variable("APPDIR"), variable("APPIMAGE")).unwrap_or(own))
}

/// Takes the right to write the entry from others: who can write it has a program started at login.
#[cfg(target_os = "linux")]
fn close_entry() -> Result<(), AutostartError> {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(dirs) = directories::BaseDirs::new() else { return Ok(()) };
    let file = dirs.config_dir().join(format!("autostart/{NAME}.desktop"));
    let close = || {
        let mode = std::fs::metadata(&file)?.permissions().mode() & 0o755;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode))
    };
    match close() {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(AutostartError::Closing(error)),
        _ => Ok(()),
    }
}

/// What is started at login, with its arguments. Windows would open a console for this program; for the window's it
/// opens none, and that one starts the agent without one.
#[cfg(not(target_os = "macos"))]
fn starter(program: &Path) -> (PathBuf, &'static str) {
    let window = program.with_file_name("tidemark-desktop.exe");
    if cfg!(windows) && window.is_file() { (window, "--agent") } else { (program.to_owned(), "agent") }
}

#[cfg(not(target_os = "macos"))]
fn entry(program: &Path) -> Result<AutoLaunch, AutostartError> {
    let (program, argument) = starter(program);
    let path = program.to_str().filter(|path| !path.chars().any(char::is_control));
    let path = path.ok_or_else(|| AutostartError::Name(program.clone()))?;
    Ok(AutoLaunchBuilder::new()
        .set_app_name(NAME)
        .set_app_path(&in_entry(path))
        .set_args(&[argument])
        // The other mode starts it for everybody where an administrator asks.
        .set_windows_enable_mode(WindowsEnableMode::CurrentUser)
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

/// A path as Windows's list of programs to start takes it: in quotes, for the sake of spaces in it. No name can have a
/// quote there.
#[cfg(windows)]
fn in_entry(path: &str) -> String {
    format!("\"{path}\"")
}

#[cfg(test)]
#[cfg(windows)]
mod windows_tests {
    use super::*;

    #[test]
    fn what_is_started_at_login_has_no_console_and_its_path_may_have_spaces() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("Tide mark");
        std::fs::create_dir(&folder).unwrap();
        let program = folder.join("tidemark.exe");
        let line = || {
            let entry = entry(&program).unwrap();
            format!("{} {}", entry.get_app_path(), entry.get_args().join(" "))
        };
        assert_eq!(line(), format!("\"{}\" agent", program.display()));
        let window = folder.join("tidemark-desktop.exe");
        std::fs::write(&window, "").unwrap();
        assert_eq!(line(), format!("\"{}\" --agent", window.display()));
    }
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
