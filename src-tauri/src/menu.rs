//! The menu bar on macOS: without it, neither copying nor pasting has a key there.

use tauri::menu::{AboutMetadata, Menu, MenuBuilder, SubmenuBuilder, WINDOW_SUBMENU_ID};
use tauri::{AppHandle, Wry};

use crate::system_texts::{catalogue, text};

/// The menu, in the language that the system speaks.
pub(crate) fn make(app: &AppHandle) -> tauri::Result<Menu<Wry>> {
    let catalogue = catalogue(sys_locale::get_locale().as_deref());
    let text = |key| text(catalogue, key);
    let about = AboutMetadata {
        name: Some("Tidemark".to_owned()),
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        license: Some("MIT OR Apache-2.0".to_owned()),
        ..AboutMetadata::default()
    };
    let application = SubmenuBuilder::new(app, "Tidemark")
        .about_with_text(text("menu-about"), Some(about))
        .separator()
        .services_with_text(text("menu-services"))
        .separator()
        .hide_with_text(text("menu-hide"))
        .hide_others_with_text(text("menu-hide-others"))
        .show_all_with_text(text("menu-show-all"))
        .separator()
        .quit_with_text(text("menu-quit"))
        .build()?;
    let edit = SubmenuBuilder::new(app, text("menu-edit"))
        .undo_with_text(text("menu-undo"))
        .redo_with_text(text("menu-redo"))
        .separator()
        .cut_with_text(text("menu-cut"))
        .copy_with_text(text("menu-copy"))
        .paste_with_text(text("menu-paste"))
        .select_all_with_text(text("menu-select-all"))
        .build()?;
    let window = SubmenuBuilder::with_id(app, WINDOW_SUBMENU_ID, text("menu-window"))
        .minimize_with_text(text("menu-minimize"))
        .maximize_with_text(text("menu-zoom"))
        .fullscreen_with_text(text("menu-fullscreen"))
        .separator()
        .close_window_with_text(text("menu-close"))
        .build()?;
    MenuBuilder::new(app).items(&[&application, &edit, &window]).build()
}
