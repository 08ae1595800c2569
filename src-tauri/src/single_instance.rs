//! One window a data folder: a second start shows the first one's window, at what it was asked for.

use std::path::Path;

use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Wry};

#[cfg(target_os = "macos")]
use crate::window_socket::{self, Start};

/// What the first one does with the arguments of a second start.
pub(crate) type SecondStart = fn(&AppHandle, &[String]);

/// The plugin that ends this process where a window of the same data folder is open already.
#[cfg(not(target_os = "macos"))]
pub(crate) fn plugin(data_dir: &Path, started_again: SecondStart) -> TauriPlugin<Wry> {
    let builder = tauri_plugin_single_instance::Builder::new().callback(move |app, arguments, _folder| {
        started_again(app, &arguments);
    });
    #[cfg(target_os = "linux")]
    let builder = builder.dbus_id(bus_name(data_dir));
    #[cfg(not(target_os = "linux"))]
    let _ = data_dir; // there it is one window a user
    builder.build()
}

/// The same on macOS, where Tauri's own plugin has one socket for all users, in a folder that they share.
#[cfg(target_os = "macos")]
pub(crate) fn plugin(data_dir: &Path, started_again: SecondStart) -> TauriPlugin<Wry> {
    let data_dir = data_dir.to_owned();
    tauri::plugin::Builder::new("one-window")
        .setup(move |app, _| {
            let arguments: Vec<String> =
                std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
            if tauri::async_runtime::block_on(begin(app, &data_dir, &arguments, started_again)) {
                std::process::exit(0);
            }
            Ok(())
        })
        .build()
}

/// Whether another window has taken the arguments. Where none is open, later starts are heard from now on.
#[cfg(target_os = "macos")]
async fn begin(app: &AppHandle, data_dir: &Path, arguments: &[String], started_again: SecondStart) -> bool {
    match window_socket::begin(&window_socket::path(data_dir), arguments).await {
        Ok(Start::Later) => true,
        Ok(Start::First(first)) => {
            let app = app.clone();
            tauri::async_runtime::spawn(first.follow(move |arguments| started_again(&app, &arguments)));
            false
        }
        Err(error) => {
            // A second window is better than none.
            tracing::warn!(%error, "it is not known whether a window is open already");
            false
        }
    }
}

/// Answers for another data folder too, that of sample data.
#[cfg(not(target_os = "macos"))]
pub(crate) fn answer_for(app: &AppHandle, data_dir: &Path, started_again: SecondStart) {
    if cfg!(target_os = "linux") {
        // The plugin speaks to the bus and waits for it, which must not happen on this task's thread.
        let (app, plugin) = (app.clone(), plugin(data_dir, started_again));
        std::thread::spawn(move || {
            if let Err(error) = app.plugin(plugin) {
                tracing::warn!(%error, "a second start for the sample data will not find this window");
            }
        });
    }
}

/// Answers for another data folder too, that of sample data.
#[cfg(target_os = "macos")]
pub(crate) fn answer_for(app: &AppHandle, data_dir: &Path, started_again: SecondStart) {
    let (app, data_dir) = (app.clone(), data_dir.to_owned());
    tauri::async_runtime::spawn(async move { begin(&app, &data_dir, &[], started_again).await });
}

/// The name under which the window of a data folder is found on the session bus.
#[cfg(any(target_os = "linux", test))]
fn bus_name(data_dir: &Path) -> String {
    format!("dev.tidemark.Tidemark.of{}", tidemark_api::paths::id(data_dir))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_folder_has_a_name_of_its_own() {
        // A name on the bus may have nothing but letters, digits, `_` and `-` between its dots.
        let name = bus_name(Path::new("/home/a b/ü"));
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '.'), "{name}");
        assert_eq!(name, bus_name(Path::new("/home/a b/ü")));
        assert_ne!(bus_name(Path::new("/home/a")), bus_name(Path::new("/home/b")));
    }
}
