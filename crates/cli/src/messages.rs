//! What findings say, in the reader's language and time zone.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use tidemark_core::finding::Finding;
use tidemark_core::message::{Arg, Message, Messages, MoneyLeft};

use crate::format::money;
use crate::i18n::{Catalog, Language, Value};

/// Arguments that may be absent: a text chooses by `none` then.
const OPTIONAL: [&str; 8] = ["title", "impact", "ends", "by_count", "slack", "machine", "moved", "expects"];

/// How the times of a text are written.
#[derive(Debug, Clone, Copy)]
pub enum Times {
    /// For a person who reads them at a moment, in a time zone: as near as needed.
    Near(DateTime<Utc>, Tz),
    /// For programs, which know neither: with year and zone.
    Full,
}

impl Catalog {
    /// The explanation and the evidence of a finding for programs: with all of each time, in UTC.
    #[must_use]
    pub fn finding_in_full(&self, finding: &Finding) -> (String, Vec<String>) {
        (self.explained(finding, Times::Full), self.facts(finding, Times::Full))
    }

    /// The explanation of a finding. Where only its English text is known, that text, marked as such in another
    /// language.
    #[must_use]
    pub fn explanation(&self, finding: &Finding, now: DateTime<Utc>, zone: Tz) -> String {
        self.explained(finding, Times::Near(now, zone))
    }

    fn explained(&self, finding: &Finding, times: Times) -> String {
        if finding.messages.explanation.is_empty() {
            return self.recorded(&finding.explanation);
        }
        let Messages { explanation, .. } = &finding.messages;
        let said: Vec<String> = explanation.iter().map(|message| self.message_at(message, times)).collect();
        said.join(if self.language() == Language::English { " " } else { "" })
    }

    /// The facts that a finding rests on, likewise.
    #[must_use]
    pub fn evidence(&self, finding: &Finding, now: DateTime<Utc>, zone: Tz) -> Vec<String> {
        self.facts(finding, Times::Near(now, zone))
    }

    fn facts(&self, finding: &Finding, times: Times) -> Vec<String> {
        if finding.messages.evidence.is_empty() {
            return finding.evidence.iter().map(|fact| self.recorded(fact)).collect();
        }
        finding.messages.evidence.iter().map(|message| self.message_at(message, times)).collect()
    }

    /// A message in the catalogue's language, for a reader at `now` in a time zone.
    #[must_use]
    pub fn message(&self, message: &Message, now: DateTime<Utc>, zone: Tz) -> String {
        self.message_at(message, Times::Near(now, zone))
    }

    fn message_at(&self, message: &Message, times: Times) -> String {
        let mut values: Vec<(String, Value<'static>)> =
            OPTIONAL.iter().map(|name| ((*name).to_owned(), "none".into())).collect();
        values.extend(message.args().into_iter().map(|(name, arg)| (name, self.arg(arg, times))));
        self.with_named(&format!("says-{}", message.id()), values)
    }

    fn recorded(&self, text: &str) -> String {
        if self.language() == Language::English || text.is_empty() {
            return text.to_owned();
        }
        self.with("says-recorded-in-english", [("text", text.into())])
    }

    pub(crate) fn arg(&self, arg: Arg, times: Times) -> Value<'static> {
        match arg {
            Arg::Time(at) => match times {
                Times::Near(now, zone) => self.moment(at, now, zone).into(),
                Times::Full => at.format("%Y-%m-%d %H:%M UTC").to_string().into(),
            },
            Arg::Series(series) => self.the_series(Some(series)).into(),
            Arg::Amount(series, value) => self.quantity(series, value).into(),
            Arg::Level(series, value) if series.currency().is_some() => self.quantity(series, value).into(),
            Arg::Level(_, value) => {
                let percent = self.percent(decimal(value), 2);
                self.with("used", [("percent", percent.into())]).into()
            }
            Arg::Percent(value) => self.percent(decimal(value), 2).into(),
            Arg::Left(MoneyLeft::Split { cash, voucher }) => self
                .with(
                    "says-money-split",
                    [("cash", money(&cash).into()), ("voucher", money(&voucher).into())],
                )
                .into(),
            Arg::Money(amount) | Arg::Left(MoneyLeft::Total(amount)) => money(&amount).into(),
            Arg::Number(value) => decimal(value).round_dp(2).normalize().to_string().into(),
            Arg::Count(count) => count.into(),
            Arg::RateLimit(limit) => self.with("says-limit", [("limit", limit.as_str().into())]).into(),
            Arg::Text(text) => text.into(),
        }
    }
}

fn decimal(value: f64) -> Decimal {
    Decimal::try_from(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(language: Language) -> Vec<String> {
        let words = Catalog::new(language);
        let now = "2026-09-30T02:00:00Z".parse().unwrap();
        let zone = chrono_tz::Asia::Shanghai;
        Message::examples().iter().map(|message| words.message(message, now, zone)).collect()
    }

    #[test]
    fn every_message_has_its_words_in_both_languages() {
        for language in [Language::English, Language::Chinese] {
            for (text, message) in all(language).iter().zip(Message::examples()) {
                // A piece that is missing stands in braces; a message that is missing is its own id.
                let whole = !text.contains(['{', '}']) && !text.starts_with("says-") && !text.is_empty();
                assert!(whole, "{}: {text}", message.id());
            }
        }
    }

    #[test]
    fn in_chinese_nothing_is_english_but_names_and_quotes() {
        for (text, message) in all(Language::Chinese).iter().zip(Message::examples()) {
            let english: Vec<&str> = text
                .split(|c: char| !c.is_ascii_alphabetic())
                .filter(|word| word.len() > 1)
                .filter(|word| {
                    !["token", "Elevated", "major", "Moderato", "Pro", "Code", "Kimi", "USD", "laptop"]
                        .contains(word)
                })
                .collect();
            assert_eq!(english, Vec::<&str>::new(), "{}: {text}", message.id());
        }
    }

    #[test]
    fn for_programs_each_time_has_its_year_and_zone() {
        let words = Catalog::new(Language::Chinese);
        let at: DateTime<Utc> = "2026-09-30T02:00:00Z".parse().unwrap();
        let series = tidemark_core::Series::Meter(tidemark_core::Meter::Week);
        let lost =
            Message::Lost { series, amount: 7.0, span: tidemark_core::message::Span { from: at, to: at } };
        let said = words.message_at(&lost, Times::Full);
        assert_eq!(said.matches("2026-09-30 02:00 UTC").count(), 2, "{said}");
    }

    #[test]
    fn messages_in_english() {
        insta::assert_snapshot!(all(Language::English).join("\n"));
    }

    #[test]
    fn messages_in_chinese() {
        insta::assert_snapshot!(all(Language::Chinese).join("\n"));
    }

    #[test]
    fn what_was_recorded_in_english_alone_is_quoted_as_such() {
        let at = "2026-09-30T02:00:00Z".parse().unwrap();
        let finding = Finding {
            kind: tidemark_core::FindingKind::Recovered { of: at },
            series: None,
            from: at,
            to: at,
            detected_at: at,
            observed: None,
            expected_low: None,
            expected_high: None,
            confidence: 1.0,
            explanation: "It was so.".to_owned(),
            evidence: vec!["a fact".to_owned()],
            messages: Messages::default(),
        };
        let (english, chinese) = (Catalog::new(Language::English), Catalog::new(Language::Chinese));
        assert_eq!(english.explanation(&finding, at, Tz::UTC), "It was so.");
        assert_eq!(chinese.explanation(&finding, at, Tz::UTC), "英文记录：“It was so.”");
        assert_eq!(chinese.evidence(&finding, at, Tz::UTC), ["英文记录：“a fact”"]);
    }
}
