//! Windows shows pages by a part of its own, WebView2, which older or trimmed systems lack. Without it the window cannot
//! open, and says so in a box of the system's.

use std::process::ExitCode;

use crate::message_box::{self, Answer};
use crate::system_texts::{catalogue, text};

/// The exit status where it is missing.
const MISSING: u8 = 3;
/// Where Microsoft hands it out: the small installer that fetches the rest.
const PAGE: &str = "https://go.microsoft.com/fwlink/p/?LinkId=2124703";

/// Says what to do where the system has no WebView2, and gives the status to end with. `None` where it has.
pub(crate) fn missing() -> Option<ExitCode> {
    let error = tauri::webview_version().err()?;
    let catalogue = catalogue(sys_locale::get_locale().as_deref());
    // For a terminal, and for whoever looks into it.
    eprintln!("tidemark-desktop: {} ({error})", text(catalogue, "no-webview"));
    let body = [text(catalogue, "no-webview-advice"), PAGE, text(catalogue, "no-webview-ask")].join("\n\n");
    if message_box::ask(text(catalogue, "no-webview"), &body) == Answer::Yes {
        // Not through the shell, to which `&` in an address would mean something.
        let opened =
            std::process::Command::new("rundll32").args(["url.dll,FileProtocolHandler", PAGE]).spawn();
        if let Err(error) = opened {
            eprintln!("tidemark-desktop: {error}");
        }
    }
    Some(ExitCode::from(MISSING))
}
