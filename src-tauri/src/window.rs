//! The one window: how it is made, raised, and sent to a page.

use tauri::webview::NewWindowResponse;
use tauri::window::Color;
use tauri::{App, AppHandle, Manager as _, Theme, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

/// Its label, which the capability names.
const LABEL: &str = "main";

/// The page's ground in both themes, shown until the page has painted itself.
const LIGHT: Color = Color(0xf5, 0xf7, 0xf7, 0xff);
const DARK: Color = Color(0x0f, 0x15, 0x17, 0xff);

/// Makes the window and opens it at `page`.
pub(crate) fn open(app: &App, page: Option<&str>) -> tauri::Result<WebviewWindow> {
    let address = match page {
        Some(page) => format!("index.html#/{page}"),
        None => "index.html".to_owned(),
    };
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App(address.into()))
        .title("Tidemark")
        .inner_size(1080.0, 760.0)
        .min_inner_size(360.0, 480.0)
        .center()
        .visible(false)
        // The page stays where it is: its own code, and nothing that it could be led to.
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    let ground = if window.theme().is_ok_and(|theme| theme == Theme::Dark) { DARK } else { LIGHT };
    // Without it there would only be a white moment.
    let _ = window.set_background_color(Some(ground));
    window.show()?;
    Ok(window)
}

/// Whether an address is one of this program's own pages.
fn is_own_page(url: &Url) -> bool {
    matches!(
        (url.scheme(), url.host_str()),
        ("tauri", Some("localhost")) | ("http" | "https", Some("tauri.localhost"))
    ) || url.as_str() == "about:blank"
}

/// Brings the window to the front.
pub(crate) fn raise(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL) {
        // Each may be refused by the desktop; the window is then where it was.
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
}

/// Asks the page to go to one of its own pages.
pub(crate) fn go_to(app: &AppHandle, page: &'static str) {
    if let Some(window) = app.get_webview_window(LABEL) {
        // `page` is one of the words of `Arguments`, so there is nothing in it to escape.
        let _ = window.eval(format!("location.hash = '#/{page}'"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_cannot_be_led_away() {
        for own in
            ["tauri://localhost/index.html#/history", "http://tauri.localhost/", "https://tauri.localhost/x"]
        {
            assert!(is_own_page(&own.parse().unwrap()), "{own}");
        }
        for other in [
            "https://example.org/",
            "tauri://example.org/",
            "https://localhost/",
            "data:text/html,x",
            "file:///x",
        ] {
            assert!(!is_own_page(&other.parse().unwrap()), "{other}");
        }
    }
}
