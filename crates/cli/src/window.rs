//! Opening the window: another program, found beside this one.

use std::path::{Path, PathBuf};
use std::process::Stdio;

#[cfg(target_os = "macos")]
use tidemark_files::bundle;
use tidemark_files::process;
use tokio::process::Command;

/// The window's program.
const PROGRAM: &str = if cfg!(windows) { "tidemark-desktop.exe" } else { "tidemark-desktop" };

/// Why the window could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("the window ({}) did not start: {source}", .program.display())]
pub struct OpenError {
    program: PathBuf,
    source: std::io::Error,
}

/// Opens the window of a data folder's agent, at an account where one is named. Where it is open already
/// the new process shows that one and ends.
pub fn open(data_dir: &Path, account: Option<i64>, token: Option<&str>) -> Result<(), OpenError> {
    #[cfg(target_os = "macos")]
    if let Ok(own) = process::own_program()
        && let Some(application) = bundle::around(&own)
    {
        return open_application(application, data_dir, account);
    }
    let program = find();
    let mut command = Command::new(&program);
    if let Some(account) = account {
        command.arg("--account").arg(account.to_string());
    }
    command.env(tidemark_api::paths::DATA_DIR_VARIABLE, data_dir);
    if let Some(token) = token {
        command.env("XDG_ACTIVATION_TOKEN", token).env("DESKTOP_STARTUP_ID", token);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // A Ctrl-C in the agent's terminal is not meant for the window.
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn().map_err(|source| OpenError { program, source })?;
    // Waited for, so that it does not stay behind as a zombie when it ends.
    tokio::spawn(async move {
        let _ = child.wait().await;
    });
    Ok(())
}

/// Has the system open the window's application: it alone may bring a window to the front. Where it is open already, its
/// arguments are left out; the window then follows the account that the agent shows.
#[cfg(target_os = "macos")]
fn open_application(application: &Path, data_dir: &Path, account: Option<i64>) -> Result<(), OpenError> {
    let program = PathBuf::from("/usr/bin/open");
    let mut command = Command::new(&program);
    command.arg("-a").arg(application).arg("--args").arg("--data-dir").arg(data_dir);
    if let Some(account) = account {
        command.arg("--account").arg(account.to_string());
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn().map_err(|source| OpenError { program, source })?;
    tokio::spawn(async move {
        match child.wait_with_output().await {
            Ok(done) if done.status.success() => {}
            Ok(done) => {
                let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
                tracing::warn!(said, "the window's application does not open");
            }
            Err(error) => tracing::warn!(%error, "the window's application does not open"),
        }
    });
    Ok(())
}

/// Beside this program, where both are installed; else wherever the system finds it.
fn find() -> PathBuf {
    let beside = process::own_program().ok().and_then(|own| Some(own.parent()?.join(PROGRAM)));
    beside.filter(|path| path.is_file()).unwrap_or_else(|| PathBuf::from(PROGRAM))
}
