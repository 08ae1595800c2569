//! The words that people read: one catalogue for window, tray, notifications and command line.

use fluent_bundle::{FluentArgs, FluentValue};
use tidemark_core::text::{clean_lines, is_clean};
use tidemark_locales::{CHINESE, ENGLISH};

use self::texts::Texts;

mod texts;

/// The languages that there is a catalogue for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English; also what is used where nothing else is asked for.
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// Its tag, as `--lang` and the settings name it.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    const fn catalogue(self) -> &'static str {
        match self {
            Self::English => ENGLISH,
            Self::Chinese => CHINESE,
        }
    }

    /// The language that a tag or the name of a locale means: `zh-CN`, `zh_TW.UTF-8`, `en_GB`, `C`.
    /// `None` where there is no catalogue for it.
    #[must_use]
    pub fn of_locale(name: &str) -> Option<Self> {
        let language = name.split(['_', '-', '.', '@']).next().unwrap_or_default();
        match language.to_ascii_lowercase().as_str() {
            "zh" => Some(Self::Chinese),
            "en" | "c" | "posix" => Some(Self::English),
            _ => None,
        }
    }

    /// The language of a session: what was asked for, else what the settings say, else what the
    /// environment says, else English.
    #[must_use]
    pub fn choose(asked: Option<&str>, setting: Option<&str>) -> Self {
        asked
            .and_then(Self::of_locale)
            .or_else(|| setting.and_then(Self::of_locale))
            .or_else(|| Self::of_environment(|name| std::env::var(name).ok()))
            .or_else(Self::of_system)
            .unwrap_or(Self::English)
    }

    /// What the system itself says, where its desktop sets no variables.
    #[cfg(any(windows, target_os = "macos"))]
    fn of_system() -> Option<Self> {
        sys_locale::get_locales().find_map(|name| Self::of_locale(&name))
    }

    #[cfg(not(any(windows, target_os = "macos")))]
    fn of_system() -> Option<Self> {
        None
    }

    /// What the environment says, in the order that gettext gives: `LANGUAGE` is a list of wishes and
    /// counts only where a locale other than `C` is set.
    fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        let locale = set("LC_ALL").or_else(|| set("LC_MESSAGES")).or_else(|| set("LANG"));
        let plain =
            locale.as_deref().is_some_and(|name| matches!(name.split('.').next(), Some("C" | "POSIX")));
        if !plain
            && let Some(actions) = set("LANGUAGE")
            && let Some(language) = actions.split(':').find_map(Self::of_locale)
        {
            return Some(language);
        }
        locale.as_deref().and_then(Self::of_locale)
    }
}

/// A value to put into a text.
pub type Value<'a> = FluentValue<'a>;

/// The texts of one language, with English behind it for whatever it lacks.
pub struct Catalog {
    language: Language,
    texts: Texts,
    behind: Option<Texts>,
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Words").field(&self.language).finish()
    }
}

impl Catalog {
    /// The texts of a language.
    #[must_use]
    pub fn new(language: Language) -> Self {
        let texts = |language: Language| Texts::new(language.tag(), language.catalogue());
        Self {
            language,
            texts: texts(language),
            behind: (language != Language::English).then(|| texts(Language::English)),
        }
    }

    /// The language of the catalogue.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    /// A text: of a message (`resets-in`) or of its attribute (`meter-5h.short`).
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.with(key, [])
    }

    /// A text with its values put in. A key that no catalogue has is returned as it is, so that a reader
    /// sees something to search for.
    #[must_use]
    pub fn with<'a, const N: usize>(&self, key: &str, values: [(&'a str, Value<'a>); N]) -> String {
        let args: FluentArgs<'a> = values.into_iter().collect();
        self.find(key, &args).unwrap_or_else(|| {
            tracing::warn!(key, "no text for this key");
            key.to_owned()
        })
    }

    /// A text with its values put in, whatever their names.
    #[must_use]
    pub fn with_named(&self, key: &str, values: Vec<(String, Value<'_>)>) -> String {
        let args: FluentArgs<'_> = values.into_iter().collect();
        self.find(key, &args).unwrap_or_else(|| {
            tracing::warn!(key, "no text for this key");
            key.to_owned()
        })
    }

    /// A text with texts put in.
    #[must_use]
    pub fn with_all(&self, key: &str, values: &[(&str, &str)]) -> String {
        let args: FluentArgs<'_> =
            values.iter().map(|(name, value)| (*name, FluentValue::from(*value))).collect();
        self.find(key, &args).unwrap_or_else(|| {
            tracing::warn!(key, "no text for this key");
            key.to_owned()
        })
    }

    /// A text, or nothing where no catalogue has the key: for words that come from outside.
    #[must_use]
    pub fn maybe(&self, key: &str) -> Option<String> {
        self.find(key, &FluentArgs::new())
    }

    fn find(&self, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        let cleaned = cleaned(args);
        let args = cleaned.as_ref().unwrap_or(args);
        self.texts.format(key, args).or_else(|| self.behind.as_ref()?.format(key, args))
    }
}

/// The values with their texts clean, where one of them is not: they may come from anywhere.
fn cleaned<'a>(args: &'a FluentArgs<'_>) -> Option<FluentArgs<'a>> {
    let hostile = |value: &FluentValue<'_>| matches!(value, FluentValue::String(text) if !is_clean(text));
    if !args.iter().any(|(_, value)| hostile(value)) {
        return None;
    }
    let clean = |value: &'a FluentValue<'_>| match value {
        FluentValue::String(text) => FluentValue::String(clean_lines(text)),
        other => other.clone(),
    };
    Some(args.iter().map(|(name, value)| (name, clean(value))).collect())
}

#[cfg(test)]
mod tests;
