//! A window with a line of text in it, and nothing else: what Tidemark's window is measured against. Built
//! from the same toolkit with the same flags, so that what differs is Tidemark.

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        .setup(|app| {
            let page = "data:text/html,<!doctype html><title>Bare</title><p id=first>A bare window.</p>";
            let url = tauri::WebviewUrl::CustomProtocol(page.parse()?);
            tauri::WebviewWindowBuilder::new(app, "main", url)
                .title("Bare")
                .inner_size(1080.0, 760.0)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!())
}
