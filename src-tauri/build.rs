//! Names this program's commands, so that each must be allowed by a capability before the page can call it.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let commands = &["request", "save", "save_contents", "subscribe", "agent", "open_external"];
    let manifest = tauri_build::AppManifest::new().commands(commands);
    let windows = tauri_build::WindowsAttributes::new()
        .app_manifest(include_str!("../crates/cli/windows/manifest.xml"));
    tauri_build::try_build(
        tauri_build::Attributes::new().app_manifest(manifest).windows_attributes(windows),
    )?;
    Ok(())
}
