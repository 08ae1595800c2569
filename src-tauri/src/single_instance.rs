//! One window a data folder: a second start shows the first one's window, at what it was asked for.

use std::path::Path;

use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Wry};

/// What the first one does with the arguments of a second start.
pub(crate) type SecondStart = fn(&AppHandle, &[String]);

/// The plugin that ends this process where a window of the same data folder is open already.
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

/// Answers for another data folder too, that of sample data.
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
