//! A window with a line of text in it, and nothing else: what Tidemark's window is measured against. Built
//! from the same toolkit with the same flags, so that what differs is Tidemark.

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        .setup(|app| {
            let page = tauri::WebviewUrl::App("index.html".into());
            tauri::WebviewWindowBuilder::new(app, "main", page)
                .title("Bare window")
                .inner_size(1080.0, 760.0)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!("examples/bare-window/tauri.conf.json"))
}
