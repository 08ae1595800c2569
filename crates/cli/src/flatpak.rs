//! Whether this runs as a Flatpak, where a program sees neither the real autostart folder nor other processes' numbers.

use std::path::Path;

/// What Flatpak puts into each of its sandboxes, by its own documentation.
const INFO: &str = "/.flatpak-info";

/// Whether this process is in one.
pub fn is_inside() -> bool {
    cfg!(target_os = "linux") && Path::new(INFO).is_file()
}
