//! Windows shows pages by a part of its own, WebView2, which older or trimmed systems lack. Without it the window cannot
//! open, and says so in a box of the system's.

use std::process::ExitCode;

use crate::message_box::{self, Answer};

/// The exit status where it is missing.
const MISSING: u8 = 3;
/// Where Microsoft hands it out: the small installer that fetches the rest.
const PAGE: &str = "https://go.microsoft.com/fwlink/p/?LinkId=2124703";

const ENGLISH: &str = include_str!("../../locales/en.ftl");
const CHINESE: &str = include_str!("../../locales/zh-CN.ftl");

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

/// The texts of the language that the system speaks.
fn catalogue(locale: Option<&str>) -> &'static str {
    if locale.is_some_and(|name| name.starts_with("zh")) { CHINESE } else { ENGLISH }
}

/// A message without values, which is in both catalogues.
fn text(catalogue: &'static str, key: &str) -> &'static str {
    let line = |catalogue: &'static str| {
        catalogue.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "))
    };
    line(catalogue).or_else(|| line(ENGLISH)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_what_to_do() {
        for key in ["no-webview", "no-webview-advice", "no-webview-ask"] {
            let (english, chinese) =
                (text(catalogue(Some("de-DE")), key), text(catalogue(Some("zh-Hans-CN")), key));
            assert!(!english.is_empty() && !chinese.is_empty() && english != chinese, "{key}");
            // A message box shows a text as it is.
            assert!(!english.contains('{') && !chinese.contains('{'), "{key}");
        }
        assert_eq!(catalogue(None), ENGLISH);
    }
}
