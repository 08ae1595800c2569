//! One window a data folder: a second start shows the first one's window, at what it was asked for.

use std::ffi::OsString;
use std::path::Path;

use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Manager as _, Wry};

use crate::arguments::Arguments;
use crate::bridge::Bridge;
use crate::window;

/// The plugin that ends this process where a window of the same data folder is open already.
pub(crate) fn plugin(data_dir: &Path) -> TauriPlugin<Wry> {
    let builder = tauri_plugin_single_instance::Builder::new().callback(|app, arguments, _folder| {
        started_again(app, &arguments);
    });
    #[cfg(target_os = "linux")]
    let builder = builder.dbus_id(bus_name(data_dir));
    #[cfg(not(target_os = "linux"))]
    let _ = data_dir; // there it is one window a user
    builder.build()
}

/// Answers for another data folder too, that of sample data.
pub(crate) fn answer_for(app: &AppHandle, data_dir: &Path) {
    if cfg!(target_os = "linux") {
        // The plugin speaks to the bus and waits for it, which must not happen on this task's thread.
        let (app, plugin) = (app.clone(), plugin(data_dir));
        std::thread::spawn(move || {
            if let Err(error) = app.plugin(plugin) {
                tracing::warn!(%error, "a second start for the sample data will not find this window");
            }
        });
    }
}

fn started_again(app: &AppHandle, arguments: &[String]) {
    window::raise(app);
    // The second process has refused wrong arguments already.
    let Ok(arguments) = Arguments::parse(arguments.iter().skip(1).map(OsString::from)) else { return };
    if let Some(page) = arguments.page {
        window::go_to(app, page);
    }
    if let Some(account) = arguments.account {
        app.state::<Bridge>().show_account(account);
    }
}

/// The name under which the window of a data folder is found on the session bus.
#[cfg(any(target_os = "linux", test))]
fn bus_name(data_dir: &Path) -> String {
    // FNV-1a: short, and the same in every build.
    let hash =
        data_dir.as_os_str().as_encoded_bytes().iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("dev.tidemark.Tidemark.of{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_folder_has_a_name_of_its_own() {
        assert_eq!(bus_name(Path::new("")), "dev.tidemark.Tidemark.ofcbf29ce484222325");
        assert_eq!(bus_name(Path::new("a")), "dev.tidemark.Tidemark.ofaf63dc4c8601ec8c");
        assert_ne!(bus_name(Path::new("/home/a")), bus_name(Path::new("/home/b")));
    }
}
