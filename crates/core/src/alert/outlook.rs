//! Whether a quota is likely to be empty before its reset: said once a cycle, and taken back once.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// A forecast has to hold this long before it is reported or taken back: one burst is not a day.
const LASTING: TimeDelta = TimeDelta::minutes(10);

/// What is remembered of a quota's forecasts in its cycle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct OutlookMark {
    /// The name of the cycle in keys.
    cycle: String,
    /// Since which reading the forecast has said the opposite of what was reported.
    since: Option<DateTime<Utc>>,
    /// What was reported of this cycle.
    said: Said,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Said {
    /// Nothing yet.
    #[default]
    Nothing,
    /// That it is likely to be empty before its reset.
    Empty,
    /// That it is likely to last after all. Nothing more is said.
    Lasts,
}

/// What there is to report of a forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// The quota is likely to be empty before its reset.
    Empty,
    /// It is likely to last after all.
    Lasts,
}

impl OutlookMark {
    /// Takes the forecast of a reading: the probability that the quota is empty before its reset. It is reported from
    /// `threshold` on, and taken back from half of it down.
    pub(super) fn moved(
        &mut self,
        cycle: &str,
        at: DateTime<Utc>,
        empty: f64,
        threshold: f64,
    ) -> Option<News> {
        if self.cycle != cycle {
            *self = Self { cycle: cycle.to_owned(), ..Self::default() };
        }
        let (is_other, news, next) = match self.said {
            Said::Nothing => (empty >= threshold, News::Empty, Said::Empty),
            Said::Empty => (empty <= threshold / 2.0, News::Lasts, Said::Lasts),
            Said::Lasts => return None,
        };
        if !is_other {
            self.since = None;
            return None;
        }
        let since = *self.since.get_or_insert(at);
        if at - since < LASTING {
            return None;
        }
        self.said = next;
        self.since = None;
        Some(news)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cycle, minute, probability of being empty, what is reported.
    type Moment = (&'static str, i64, f64, Option<News>);

    #[test]
    fn a_forecast_is_reported_once_and_taken_back_once() {
        use News::{Empty, Lasts};
        let at = |minute| DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        let cases: &[(&str, &[Moment])] = &[
            (
                "a burst",
                &[("a", 0, 0.3, None), ("a", 5, 0.9, None), ("a", 10, 0.4, None), ("a", 15, 0.9, None)],
            ),
            (
                "it lasts",
                &[
                    ("a", 0, 0.8, None),
                    ("a", 5, 0.85, None),
                    ("a", 10, 0.9, Some(Empty)),
                    ("a", 15, 0.99, None),
                ],
            ),
            (
                "it passes",
                &[
                    ("a", 0, 0.9, None),
                    ("a", 10, 0.9, Some(Empty)),
                    ("a", 15, 0.5, None),
                    ("a", 20, 0.4, None),
                    ("a", 30, 0.3, Some(Lasts)),
                    ("a", 60, 0.99, None),
                    ("a", 90, 0.99, None),
                ],
            ),
            (
                "the next cycle",
                &[
                    ("a", 0, 0.9, None),
                    ("a", 10, 0.9, Some(Empty)),
                    ("b", 20, 0.9, None),
                    ("b", 30, 0.9, Some(Empty)),
                ],
            ),
            ("one that goes on is not carried over", &[("a", 0, 0.9, None), ("b", 20, 0.9, None)]),
            ("below", &[("a", 0, 0.79, None), ("a", 30, 0.79, None)]),
        ];
        for (name, readings) in cases {
            let mut mark = OutlookMark::default();
            for (cycle, minute, empty, news) in *readings {
                assert_eq!(mark.moved(cycle, at(*minute), *empty, 0.8), *news, "{name}, minute {minute}");
            }
        }
    }
}
