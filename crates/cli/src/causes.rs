//! Why a poll failed or a key could not be had, in the reader's language and time zone.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tidemark_api::view::{ArgView, MessageView};
use tidemark_core::Failure;
use tidemark_core::failure_cause::FailureCause;
use tidemark_core::message::Arg;

use crate::i18n::{Catalog, Value};
use crate::messages::Times;
use crate::output::clean;

/// Arguments that may be absent: a text chooses by `none` then.
const OPTIONAL: [&str; 3] = ["said", "host", "address"];

/// A cause: the id of its text, and the arguments of that.
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    id: String,
    args: Vec<(String, Arg)>,
}

impl Cause {
    /// The end of its text's name in the catalogue.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl From<&FailureCause> for Cause {
    fn from(cause: &FailureCause) -> Self {
        Self { id: cause.id(), args: cause.args() }
    }
}

impl From<&MessageView> for Cause {
    fn from(view: &MessageView) -> Self {
        let arg = |arg: &ArgView| match arg {
            ArgView::Time(at) => Some(Arg::Time(*at)),
            ArgView::Number(number) => Some(Arg::Count(*number as u64)),
            ArgView::Text(text) => Some(Arg::Text(text.clone())),
            // No cause has another.
            _ => None,
        };
        let args = view.args.iter().filter_map(|(name, value)| Some((name.clone(), arg(value)?)));
        Self { id: view.id.clone(), args: args.collect() }
    }
}

impl Catalog {
    /// What a cause says, where this version knows it.
    #[must_use]
    pub fn cause(&self, cause: &Cause, now: DateTime<Utc>, zone: Tz) -> Option<String> {
        let key = format!("cause-{}", cause.id);
        self.maybe(&key)?;
        let mut values: Vec<(String, Value<'static>)> =
            OPTIONAL.iter().map(|name| ((*name).to_owned(), "none".into())).collect();
        let args = cause.args.iter().cloned();
        values.extend(args.map(|(name, arg)| (name, self.arg(arg, Times::Near(now, zone)))));
        Some(self.with_named(&key, values))
    }

    /// The title of a failure by its kind, or by its cause where that has one of its own; with its advice. `None` where
    /// the catalogue has neither.
    #[must_use]
    pub fn failure_title(&self, kind: &str, cause: Option<&Cause>) -> Option<(String, Option<String>)> {
        let of = |word: &str| {
            let mut keys = ["failure", "error"].into_iter().map(|group| format!("{group}-{word}"));
            let key = keys.find(|key| self.maybe(key).is_some())?;
            Some((self.text(&key), self.maybe(&format!("{key}.advice"))))
        };
        cause.and_then(|cause| of(&cause.id)).or_else(|| of(kind))
    }

    /// What a cause says beyond the title that it gives a failure.
    #[must_use]
    pub fn cause_beyond_title(&self, cause: &Cause, now: DateTime<Utc>, zone: Tz) -> Option<String> {
        let names_it = ["failure", "error"]
            .iter()
            .any(|group| cause.args.is_empty() && self.maybe(&format!("{group}-{}", cause.id)).is_some());
        if names_it { None } else { self.cause(cause, now, zone) }
    }

    /// A failure in one line: what failed, and why. `message` are the words of the service where there is no cause.
    #[must_use]
    pub fn failure_line(
        &self,
        (kind, cause): (&str, Option<&Cause>),
        message: &str,
        now: DateTime<Utc>,
        zone: Tz,
    ) -> String {
        let title = self.failure_title(kind, cause).map_or_else(|| clean(kind), |(title, _)| title);
        match cause {
            Some(cause) => match self.cause_beyond_title(cause, now, zone) {
                Some(why) => self.said(&title, &why),
                None => title,
            },
            None if message.is_empty() => title,
            None => format!("{title} · {}", self.with("raw-text", [("text", clean(message).into())])),
        }
    }

    /// The same of a failure of the engine.
    #[must_use]
    pub fn failure_of(&self, failure: &Failure, now: DateTime<Utc>, zone: Tz) -> String {
        let cause = failure.cause.as_deref().map(Cause::from);
        self.failure_line((failure.kind.as_str(), cause.as_ref()), &failure.message, now, zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    fn all(language: Language) -> Vec<String> {
        let words = Catalog::new(language);
        let now = "2026-09-30T02:00:00Z".parse().unwrap();
        let said = |cause: &FailureCause| {
            words.cause(&cause.into(), now, chrono_tz::Asia::Shanghai).unwrap_or_else(|| panic!("{cause:?}"))
        };
        FailureCause::examples().iter().map(said).collect()
    }

    #[test]
    fn every_cause_has_its_words_in_both_languages() {
        for language in [Language::English, Language::Chinese] {
            for (text, cause) in all(language).iter().zip(FailureCause::examples()) {
                let whole = !text.contains(['{', '}']) && !text.contains("none");
                assert!(whole, "{cause:?}: {text}");
            }
        }
    }

    #[test]
    fn in_chinese_nothing_is_english_but_names_and_quotes() {
        let known = [
            "No", "such", "file", "api", "kimi", "com", "example", "org", "home", "me", "http", "https",
            "HTTP", "JSON", "relay", "Kimi", "Code", "Tidemark", "WORK", "KEY", "null",
        ];
        for (text, cause) in all(Language::Chinese).iter().zip(FailureCause::examples()) {
            let english: Vec<&str> = text
                .split(|c: char| !c.is_ascii_alphabetic())
                .filter(|word| word.len() > 1 && !known.contains(word))
                .collect();
            assert_eq!(english, Vec::<&str>::new(), "{cause:?}: {text}");
            // What others said stands in quotation marks.
            let quoted = !text.contains("No such file") || text.contains("“No such file”");
            assert!(quoted || text.ends_with("：No such file"), "{text}");
        }
    }

    #[test]
    fn causes_in_both_languages() {
        insta::assert_snapshot!("causes-en", all(Language::English).join("\n"));
        insta::assert_snapshot!("causes-zh", all(Language::Chinese).join("\n"));
    }

    #[test]
    fn a_cause_arrives_by_the_interface_as_it_is_in_the_engine() {
        let words = Catalog::new(Language::English);
        let now = "2026-09-30T02:00:00Z".parse().unwrap();
        for cause in FailureCause::examples() {
            let args = cause.args().into_iter().map(|(name, arg)| {
                let view = match arg {
                    Arg::Time(at) => ArgView::Time(at),
                    Arg::Count(count) => ArgView::Number(count as f64),
                    Arg::Text(text) => ArgView::Text(text),
                    other => panic!("{cause:?}: {other:?}"),
                };
                (name, view)
            });
            let view = MessageView { id: cause.id(), args: args.collect() };
            let said = |cause: Cause| words.cause(&cause, now, Tz::UTC);
            assert_eq!(said(Cause::from(&view)), said(Cause::from(&cause)));
        }
    }
}
