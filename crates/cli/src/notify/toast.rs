//! Notifications on Windows: toasts, under a name of the program's own, whose click is reported.
//!
//! Compiled and never seen: Wine has no toasts and says so, by which the alert stays due; on Windows itself it has not
//! been run.

use std::path::PathBuf;
use std::sync::OnceLock;

use tauri_winrt_notification::Toast;
use tokio::sync::mpsc;

/// The name under which Windows lists the program's toasts and what the user allows it.
const APP_ID: &str = "dev.tidemark.Tidemark";
/// Where that name is made known, in the user's own part of the registry.
const REGISTERED_AT: &str = r"Software\Classes\AppUserModelId\dev.tidemark.Tidemark";

/// What stays of a toast that is shown.
#[derive(Debug)]
pub(super) struct Shown {
    clicks: mpsc::UnboundedReceiver<()>,
}

impl Shown {
    /// Waits for a click; `false` where none can come any more.
    pub(super) async fn clicked(mut self) -> bool {
        self.clicks.recv().await.is_some()
    }
}

/// Shows one; waits for the system.
pub(super) fn show(title: &str, body: &str) -> Result<Shown, String> {
    register()?;
    let (click, clicks) = mpsc::unbounded_channel();
    let toast = Toast::new(APP_ID).title(title).text1(body).on_activated(move |_| {
        // No one waits for older ones.
        let _ = click.send(());
        Ok(())
    });
    toast.show().map_err(|error| error.to_string())?;
    Ok(Shown { clicks })
}

/// Makes the name known, once in a run: without, Windows drops what is sent under it.
fn register() -> Result<(), String> {
    static DONE: OnceLock<Result<(), String>> = OnceLock::new();
    DONE.get_or_init(|| {
        let made = windows_registry::CURRENT_USER.create(REGISTERED_AT).and_then(|key| {
            key.set_string("DisplayName", "Tidemark")?;
            match icon() {
                Some(icon) => key.set_string("IconUri", icon.to_string_lossy()),
                None => Ok(()),
            }
        });
        made.map_err(|error| format!("the name for notifications cannot be registered: {error}"))
    })
    .clone()
}

/// The icon, where the program is installed with it.
fn icon() -> Option<PathBuf> {
    let icon = std::env::current_exe().ok()?.with_file_name("tidemark.ico");
    icon.is_file().then_some(icon)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_registered_before_it_is_used() {
        register().unwrap();
        let key = windows_registry::CURRENT_USER.open(REGISTERED_AT).unwrap();
        assert_eq!(key.get_string("DisplayName").unwrap(), "Tidemark");
    }

    #[tokio::test]
    async fn a_click_is_reported_and_a_toast_that_is_gone_waits_for_none() {
        let (click, clicks) = mpsc::unbounded_channel();
        click.send(()).unwrap();
        assert!(Shown { clicks }.clicked().await);
        let (click, clicks) = mpsc::unbounded_channel();
        drop(click);
        assert!(!Shown { clicks }.clicked().await);
    }
}
