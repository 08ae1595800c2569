//! What a service answered, and what its status alone says.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::failure::{DeliveryFailure, FailureCode};

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `Retry-After`, as it came.
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The body as text, as far as it is text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).trim().to_owned()
    }

    /// How long `Retry-After` asks to wait, in seconds or until a date.
    pub(crate) fn wait(&self, now: DateTime<Utc>) -> Option<Duration> {
        let text = self.retry_after.as_deref()?.trim();
        if let Ok(seconds) = text.parse::<f64>() {
            return Duration::try_from_secs_f64(seconds).ok();
        }
        let until = DateTime::parse_from_rfc2822(text).ok()?;
        (until.with_timezone(&Utc) - now).to_std().ok()
    }

    /// What the status says where it is no success. `said` is the service's own word for it, where the body has one.
    pub(crate) fn failure(&self, said: Option<&str>, now: DateTime<Utc>) -> Option<DeliveryFailure> {
        let code = match self.status {
            200..=299 => return None,
            300..=399 => FailureCode::Redirected,
            401 | 403 | 404 | 410 => FailureCode::KeyRefused,
            429 => FailureCode::RateLimited,
            408 | 425 | 500..=599 => FailureCode::ServiceTrouble,
            _ => FailureCode::Refused,
        };
        let text = said.map_or_else(|| self.text(), str::to_owned);
        let text = if text.is_empty() { format!("HTTP {}", self.status) } else { text };
        Some(DeliveryFailure::new(code).saying(&text).waiting(self.wait(now)))
    }

    /// An answer of a service that says in its body what became of a message, also with status 200: by the first of
    /// `codes` that is there. `judge` says what a code other than 0 means.
    pub(crate) fn by_code(
        &self,
        codes: &[&str],
        said: &[&str],
        now: DateTime<Utc>,
        judge: impl Fn(i64) -> FailureCode,
    ) -> Result<(), DeliveryFailure> {
        let json = self.json();
        let field = |names: &[&str]| {
            let json = json.as_ref()?;
            names.iter().find_map(|name| json.get(*name)).cloned()
        };
        let words = field(said).and_then(|said| said.as_str().map(str::to_owned));
        let code = field(codes).and_then(|code| code.as_i64());
        match code {
            Some(0) if self.status < 300 => Ok(()),
            Some(code) if code != 0 => {
                let text = words.map_or_else(|| code.to_string(), |words| format!("{code}: {words}"));
                Err(DeliveryFailure::new(judge(code)).saying(&text).waiting(self.wait(now)))
            }
            _ => Err(self
                .failure(words.as_deref(), now)
                .unwrap_or_else(|| DeliveryFailure::new(FailureCode::NotUnderstood).saying(&self.text()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, retry_after: Option<&str>, body: &str) -> Answer {
        Answer { status, retry_after: retry_after.map(str::to_owned), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn a_status_says_whether_it_helps_to_try_again() {
        let now = DateTime::UNIX_EPOCH;
        for (status, code) in [
            (302, FailureCode::Redirected),
            (400, FailureCode::Refused),
            (401, FailureCode::KeyRefused),
            (404, FailureCode::KeyRefused),
            (429, FailureCode::RateLimited),
            (503, FailureCode::ServiceTrouble),
        ] {
            let failure = answer(status, None, "").failure(None, now).unwrap();
            assert_eq!((failure.code, failure.said), (code, Some(format!("HTTP {status}"))));
        }
        assert_eq!(answer(204, None, "").failure(None, now), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = "2026-06-01T08:00:00Z".parse().unwrap();
        for (text, seconds) in [
            ("7", Some(7)),
            ("0.5", Some(0)),
            ("Mon, 01 Jun 2026 08:01:00 GMT", Some(60)),
            ("Mon, 01 Jun 2026 07:00:00 GMT", None),
            ("-1", None),
            ("soon", None),
        ] {
            let wait = answer(429, Some(text), "").wait(now).map(|wait| wait.as_secs());
            assert_eq!(wait, seconds, "{text}");
        }
    }
}
