//! Pages outside: the few hosts that the window may hand to the user's browser.

use std::process::{Command, Stdio};

use tauri::Url;

/// Kimi's own pages for accounts, and the service's status pages.
const HOSTS: [&str; 6] = [
    "www.kimi.com",
    "www.kimi.ai",
    "platform.kimi.com",
    "platform.kimi.ai",
    "status.moonshot.cn",
    "moonshot.statuspage.io",
];

/// Why a page is not opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// Not one of the pages that this program has a reason to open.
    #[error("this window does not open {0}")]
    NotAllowed(String),
    /// The system's opener is missing or failed at once.
    #[error("the browser did not start ({0})")]
    NoOpener(std::io::Error),
}

/// The address, where it is one that may be opened: `https` on the usual port, at one of [`HOSTS`].
fn allowed(address: &str) -> Result<Url, OpenError> {
    let refuse = || OpenError::NotAllowed(address.chars().take(100).collect());
    let url = Url::parse(address).map_err(|_| refuse())?;
    let plain = url.scheme() == "https"
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && url.host_str().is_some_and(|host| HOSTS.contains(&host));
    if plain { Ok(url) } else { Err(refuse()) }
}

/// Opens a page in the user's browser.
pub(crate) fn open(address: &str) -> Result<(), OpenError> {
    let url = allowed(address)?;
    let mut child = opener(url.as_str())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(OpenError::NoOpener)?;
    // The opener may stay as long as the browser does; it is waited for so as to leave no zombie.
    std::thread::spawn(move || child.wait());
    Ok(())
}

#[cfg(target_os = "macos")]
fn opener(url: &str) -> Command {
    let mut command = Command::new("open");
    command.arg(url);
    command
}

#[cfg(windows)]
fn opener(url: &str) -> Command {
    // Not through the shell, to which `&` in an address would mean something.
    let mut command = Command::new("rundll32");
    command.args(["url.dll,FileProtocolHandler", url]);
    command
}

#[cfg(not(any(target_os = "macos", windows)))]
fn opener(url: &str) -> Command {
    let mut command = Command::new("xdg-open");
    command.arg(url);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_pages_are_opened() {
        for address in [
            "https://www.kimi.com/code/console",
            "https://platform.kimi.ai/console?tab=keys#top",
            "https://status.moonshot.cn/",
            "https://WWW.KIMI.COM",
        ] {
            assert!(allowed(address).is_ok(), "{address}");
        }
        for address in [
            "http://www.kimi.com/",
            "https://www.kimi.com.example.org/",
            "https://example.org/?www.kimi.com",
            "https://www.kimi.com@example.org/",
            "https://user@www.kimi.com/",
            "https://www.kimi.com:8443/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "--version",
            "",
        ] {
            assert!(matches!(allowed(address), Err(OpenError::NotAllowed(_))), "{address}");
        }
    }
}
