//! Texts that the window's program shows by the system's own means, in the language that the system speaks.

const ENGLISH: &str = include_str!("../../locales/en.ftl");
const CHINESE: &str = include_str!("../../locales/zh-CN.ftl");

/// The texts of a language, by its locale's name.
pub(crate) fn catalogue(locale: Option<&str>) -> &'static str {
    if locale.is_some_and(|name| name.starts_with("zh")) { CHINESE } else { ENGLISH }
}

/// A message without values, which is in both catalogues.
pub(crate) fn text(catalogue: &'static str, key: &str) -> &'static str {
    let line = |catalogue: &'static str| {
        catalogue.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "))
    };
    line(catalogue).or_else(|| line(ENGLISH)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_what_the_system_shows() {
        let keys = [
            "no-webview",
            "no-webview-advice",
            "no-webview-ask",
            "menu-about",
            "menu-services",
            "menu-hide",
            "menu-hide-others",
            "menu-show-all",
            "menu-quit",
            "menu-edit",
            "menu-undo",
            "menu-redo",
            "menu-cut",
            "menu-copy",
            "menu-paste",
            "menu-select-all",
            "menu-window",
            "menu-minimize",
            "menu-zoom",
            "menu-fullscreen",
            "menu-close",
        ];
        for key in keys {
            let (english, chinese) =
                (text(catalogue(Some("de-DE")), key), text(catalogue(Some("zh-Hans-CN")), key));
            assert!(!english.is_empty() && !chinese.is_empty() && english != chinese, "{key}");
            // It is shown as it is.
            assert!(!english.contains('{') && !chinese.contains('{'), "{key}");
        }
        assert_eq!(catalogue(None), ENGLISH);
    }
}
