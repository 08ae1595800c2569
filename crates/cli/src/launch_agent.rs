//! Start at login on macOS: a launch agent of the user's, a file that the system reads at login.
//!
//! Written from `launchd.plist(5)`; the system itself has not read one yet.

use std::path::Path;

use tidemark_files::bundle;

/// The name of the file in `~/Library/LaunchAgents`. The system wants it to be the label with this ending.
pub fn file_name() -> String {
    format!("{}.plist", bundle::AGENT_ID)
}

/// The application under which the system lists what starts at login.
const LISTED_AS: &str = "dev.tidemark.Tidemark";

/// The file's text: the program is started with this argument in sessions that show windows, once each.
/// `None` where its path is no text.
pub fn text(program: &Path, argument: &str) -> Option<String> {
    let program = program.to_str().filter(|path| !path.chars().any(char::is_control))?;
    Some(format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>{label}</string>
  <key>AssociatedBundleIdentifiers</key>
  <array>
    <string>{LISTED_AS}</string>
  </array>
  <key>ProgramArguments</key>
  <array>
    <string>{program}</string>
    <string>{argument}</string>
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>LimitLoadToSessionType</key>
  <string>Aqua</string>
  <key>ProcessType</key>
  <string>Interactive</string>
</dict>
</plist>
"#,
        label = bundle::AGENT_ID,
        program = escaped(program),
        argument = escaped(argument),
    ))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(target_os = "macos")]
pub use on_disk::{is_set, set};

#[cfg(target_os = "macos")]
mod on_disk {
    use std::fs;
    use std::io;
    use std::path::{Path, PathBuf};

    use crate::autostart_error::AutostartError;

    /// Makes the file, or removes it. What is running goes on running.
    pub fn set(program: &Path, on: bool) -> Result<(), AutostartError> {
        let file = file()?;
        if !on {
            return match fs::remove_file(&file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(AutostartError::File(error)),
                _ => Ok(()),
            };
        }
        if is_on_read_only_disk(program) {
            return Err(AutostartError::Elsewhere(program.to_owned()));
        }
        let text = super::text(program, "agent").ok_or_else(|| AutostartError::Name(program.to_owned()))?;
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(AutostartError::File)?;
        }
        // It is its owner's alone: the system starts nothing that others could have written.
        tidemark_files::private::replace(&file, |out| out.write_all(text.as_bytes()))
            .map_err(AutostartError::File)
    }

    /// Whether there is such a file.
    pub fn is_set() -> Result<bool, AutostartError> {
        Ok(file()?.is_file())
    }

    fn file() -> Result<PathBuf, AutostartError> {
        let home = std::env::home_dir().filter(|home| home.is_absolute());
        let home = home.ok_or_else(|| AutostartError::File(io::ErrorKind::NotFound.into()))?;
        Ok(home.join("Library/LaunchAgents").join(super::file_name()))
    }

    /// Whether a program is on a disk image, or in the place from which macOS runs what was downloaded and not moved since:
    /// neither is there at the next login.
    fn is_on_read_only_disk(program: &Path) -> bool {
        use rustix::fs::StatVfsMountFlags;
        rustix::fs::statvfs(program).is_ok_and(|disk| disk.f_flag.contains(StatVfsMountFlags::RDONLY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_is_started_once_in_a_session_with_windows() {
        let text = text(Path::new("/Applications/A & <B>.app/Contents/MacOS/tidemark"), "agent").unwrap();
        assert!(text.contains("<string>/Applications/A &amp; &lt;B&gt;.app/Contents/MacOS/tidemark</string>\n    <string>agent</string>"));
        assert!(text.contains("<key>RunAtLoad</key>\n  <true/>") && !text.contains("KeepAlive"));
        assert!(text.contains("<string>Aqua</string>"));
        assert_eq!(file_name(), "dev.tidemark.Tidemark.agent.plist", "the label's own name");
        assert!(text.contains("<key>Label</key>\n  <string>dev.tidemark.Tidemark.agent</string>"));
    }

    #[test]
    fn a_path_that_no_file_can_hold_is_refused() {
        assert_eq!(text(Path::new("/a\nb"), "agent"), None);
    }
}
