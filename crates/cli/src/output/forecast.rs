//! The forecast of a quota as one line. It is an estimate and says so.

use std::ops::RangeInclusive;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use tidemark_core::forecast::Forecast;

use crate::i18n::Catalog;

/// From these probabilities on it is almost certain, and likely.
const CERTAIN: f64 = 0.95;
const LIKELY: f64 = 0.75;
/// Within these limits neither is likelier.
const EVEN: RangeInclusive<f64> = 0.45..=0.55;

impl Catalog {
    /// The line of a forecast.
    #[must_use]
    pub fn forecast(&self, forecast: &Forecast, now: DateTime<Utc>, zone: Tz) -> String {
        let lasts = forecast.lasts;
        // In tenths: it is not known more finely.
        let tenths = ((lasts.max(1.0 - lasts) * 10.0).round() as i64).min(9);
        let chance = self.percent(Decimal::from(tenths * 10), 0);
        if lasts > *EVEN.start() && lasts < *EVEN.end() {
            return self.text("forecast-even");
        }
        let probability = lasts.max(1.0 - lasts);
        let by_sureness = |rather, likely, certain| match probability {
            p if p >= CERTAIN => certain,
            p if p >= LIKELY => likely,
            _ => rather,
        };
        if lasts > 0.5 {
            let id = by_sureness("forecast-lasts-rather", "forecast-lasts-likely", "forecast-lasts");
            return self.with(id, [("chance", chance.into())]);
        }
        let Some((from, to)) = forecast.empty else {
            let id = by_sureness("forecast-empty-rather", "forecast-empty-likely", "forecast-empty-certain");
            return self.with(id, [("chance", chance.into())]);
        };
        let span = self.empty_span(from, to, now, zone);
        let id = by_sureness("forecast-empty-rather-within", "forecast-empty-within", "forecast-empty-at");
        self.with(id, [("chance", chance.into()), ("span", span.into())])
    }

    /// A span no finer than it is known: `16:40 – 18:10`, `Tue 09:00 – Wed 18:00`, `25 Nov – 29 Nov`.
    fn empty_span(&self, from: DateTime<Utc>, to: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> String {
        let length = to - from;
        let step = if length < TimeDelta::hours(12) { 600 } else { 3600 };
        let rounded = |seconds: i64| DateTime::from_timestamp(seconds * step, 0).unwrap_or(now);
        // Outwards, but what has passed is no forecast.
        let first = rounded(from.timestamp().div_euclid(step)).max(now);
        let last = rounded((to.timestamp() - 1).div_euclid(step) + 1);
        let date = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
        let (from, to) = if length > TimeDelta::hours(72) {
            (self.date(date(first), date(now)), self.date(date(last), date(now)))
        } else if date(first) == date(last) {
            (self.moment(first, now, zone), last.with_timezone(&zone).format("%H:%M").to_string())
        } else {
            (self.moment(first, now, zone), self.moment(last, now, zone))
        };
        self.with("forecast-span", [("from", from.into()), ("to", to.into())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_forecast_is_said_as_sure_as_it_is() {
        let now = utc("2026-11-22T06:23:00Z");
        let zone = chrono_tz::Asia::Shanghai;
        let soon = Some((utc("2026-11-22T08:41:10Z"), utc("2026-11-22T10:05:00Z")));
        let later = Some((utc("2026-11-24T01:20:00Z"), utc("2026-11-25T09:40:00Z")));
        let far = Some((utc("2026-11-25T01:20:00Z"), utc("2026-12-03T09:40:00Z")));
        let at_once = Some((utc("2026-11-22T06:24:00Z"), utc("2026-11-22T06:55:00Z")));
        let table = [
            (0.999, None, "Almost certain to last until the reset (over 90%)"),
            (0.95, None, "Almost certain to last until the reset (over 90%)"),
            (0.949, None, "Likely to last until the reset (about 90%)"),
            (0.83, None, "Likely to last until the reset (about 80%)"),
            (0.55, None, "More likely than not to last until the reset (about 60%)"),
            (0.5, None, "Too close to call whether it lasts until the reset"),
            (0.46, soon, "Too close to call whether it lasts until the reset"),
            (0.3, None, "More likely than not to run out before the reset (about 70%)"),
            (0.2, None, "Likely to run out before the reset (about 80%)"),
            (0.02, None, "Almost certain to run out before the reset (over 90%)"),
            (0.3, soon, "More likely than not to run out 16:40 – 18:10 (about 70%)"),
            (0.2, soon, "Likely to run out 16:40 – 18:10 (about 80%)"),
            (0.05, soon, "Almost certain to run out 16:40 – 18:10 (over 90%)"),
            (0.04, later, "Almost certain to run out Tue 09:00 – Wed 18:00 (over 90%)"),
            (0.04, far, "Almost certain to run out 25 Nov – 3 Dec (over 90%)"),
            (0.04, at_once, "Almost certain to run out 14:23 – 15:00 (over 90%)"),
        ];
        let english = Catalog::new(Language::English);
        for (lasts, empty, said) in table {
            assert_eq!(english.forecast(&Forecast { lasts, empty }, now, zone), said, "{lasts} {empty:?}");
        }
        let chinese = Catalog::new(Language::Chinese);
        let said = |lasts, empty| chinese.forecast(&Forecast { lasts, empty }, now, zone);
        assert_eq!(said(0.83, None), "预计重置前够用（可能性约 80%）");
        assert_eq!(said(0.04, later), "几乎肯定会用完（周二 09:00 – 周三 18:00，可能性超过 90%）");
        assert_eq!(said(0.3, far), "更可能用完（11月25日 – 12月3日，可能性约 70%）");
    }
}
