//! Small phrases that are the same in every output of the program: a share, a length of time, a moment, an amount.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use rust_decimal::{Decimal, RoundingStrategy};
use tidemark_core::finding::{Anomaly, Finding};
use tidemark_core::report::Figures;
use tidemark_core::{Currency, FailureKind, Meter, Money, Series};

use crate::grouping::grouped_digits;
use crate::i18n::Catalog;

impl Catalog {
    /// A share, with at most `places` decimals: `43.72%`. A little is not nothing, and nearly all is not all.
    #[must_use]
    pub fn percent(&self, percent: Decimal, places: u32) -> String {
        let step = Decimal::new(1, places);
        let rounded = percent.round_dp(places);
        let rounded = if percent > Decimal::ZERO && rounded.is_zero() {
            step
        } else if percent < Decimal::ONE_HUNDRED && rounded >= Decimal::ONE_HUNDRED {
            Decimal::ONE_HUNDRED - step
        } else {
            rounded
        };
        let rounded = rounded.normalize();
        self.with("percent-value", [("value", rounded.to_string().into())])
    }

    /// A length of time in its two largest units: `2 d 4 h`, `1 h 12 min`, `40 s`. Below a second it is `0 s`.
    #[must_use]
    pub fn length(&self, length: TimeDelta) -> String {
        let seconds = length.num_seconds().max(0);
        let parts = [
            ("days-short", seconds / 86_400),
            ("hours-short", seconds / 3_600 % 24),
            ("minutes-short", seconds / 60 % 60),
            ("seconds-short", seconds % 60),
        ];
        let first = parts.iter().position(|(_, count)| *count > 0).unwrap_or(3);
        // Seconds beside minutes only flicker; they are said alone.
        let last = (first + 2).min(if first < 3 { 3 } else { 4 });
        let said: Vec<String> = parts[first..last]
            .iter()
            .enumerate()
            .filter(|(place, (_, count))| *place == 0 || *count > 0)
            .map(|(_, (key, count))| self.with(key, [("count", (*count).into())]))
            .collect();
        said.join(" ")
    }

    /// A moment on the wall clock, as near as it needs to be: `14:47` today, `Mon 03:17` within a week,
    /// `28 Nov 03:17` beyond.
    #[must_use]
    pub fn moment(&self, at: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> String {
        let local = at.with_timezone(&zone);
        let today = now.with_timezone(&zone).date_naive();
        let time = format!("{:02}:{:02}", local.hour(), local.minute());
        let days = (local.date_naive() - today).num_days();
        if days == 0 {
            return time;
        }
        if (1..7).contains(&days) {
            let weekday = local.weekday().to_string().to_lowercase();
            let weekday = self.with("weekday-short", [("day", weekday.into())]);
            return format!("{weekday} {time}");
        }
        format!("{} {time}", self.date(local.date_naive(), today))
    }

    /// A day: `28 Nov`, with the year where it is another: `2027-01-02`.
    #[must_use]
    pub fn date(&self, date: NaiveDate, today: NaiveDate) -> String {
        if date.year() == today.year() {
            self.with("date-short", [("month", date.month().into()), ("day", date.day().into())])
        } else {
            date.to_string()
        }
    }

    /// A meter's short name: `5 h`.
    #[must_use]
    pub fn meter(&self, meter: Meter) -> String {
        self.text(&format!("meter-{meter}.short"))
    }

    /// A series' short name: `5 h`, `Balance`, `Wallet`.
    #[must_use]
    pub fn series(&self, series: Series) -> String {
        match series {
            Series::Meter(meter) => self.meter(meter),
            Series::Balance(_) => self.text("series-balance.short"),
            Series::Wallet(_) => self.text("series-wallet.short"),
        }
    }

    /// A series inside a sentence: `the 5-hour quota`.
    #[must_use]
    pub fn the_series(&self, series: Option<Series>) -> String {
        let variant = match series {
            Some(Series::Meter(Meter::FiveHour)) => "five-hour",
            Some(Series::Meter(Meter::Week)) => "week",
            Some(Series::Meter(Meter::Month)) => "month",
            Some(Series::Meter(Meter::MonthCode)) => "month-code",
            Some(Series::Balance(_)) => "balance",
            Some(Series::Wallet(_)) => "wallet",
            None => "account",
        };
        self.with("the-series", [("series", variant.into())])
    }

    /// So much of a series: `14 points`, `¥3.20`.
    #[must_use]
    pub fn quantity(&self, series: Series, value: f64) -> String {
        let value = Decimal::try_from(value).unwrap_or_default();
        if let Some(currency) = series.currency() {
            return money(&Money::new(value, currency));
        }
        let value = value.round_dp(1).normalize();
        let count = if value == Decimal::ONE { 1 } else { 2 };
        self.with("points", [("count", count.into()), ("value", value.to_string().into())])
    }

    /// What the figures of an anomaly say, in a sentence.
    #[must_use]
    pub fn figures(&self, class: Anomaly, series: Series, figures: &Figures) -> String {
        let times =
            |value: f64| Decimal::try_from(value).unwrap_or_default().round_dp(1).normalize().to_string();
        if let Some((low, high)) = figures.factor {
            return self.with("said-factor", [("low", times(low).into()), ("high", times(high).into())]);
        }
        let Some(observed) = figures.observed else { return String::new() };
        let stands = |key: &str| {
            let percent = Decimal::try_from(observed).unwrap_or_default();
            self.with(key, [("observed", self.percent(percent, 1).into())])
        };
        let went = self.quantity(series, observed);
        match (class, figures.expected) {
            (Anomaly::OverdueReset, _) => stands("said-stands"),
            (Anomaly::Disagreement, None) => stands("said-two-figures"),
            (_, None) => String::new(),
            (_, Some((_, high))) if high < 0.05 => {
                self.with("said-expected-none", [("observed", went.into())])
            }
            (_, Some((low, high))) if low < 0.05 => self.with(
                "said-expected-most",
                [("observed", went.into()), ("high", self.quantity(series, high).into())],
            ),
            (_, Some((low, high))) => self.with(
                "said-expected",
                [
                    ("observed", went.into()),
                    // A range of points names its unit once, at its end.
                    (
                        "low",
                        if series.currency().is_none() { times(low) } else { self.quantity(series, low) }
                            .into(),
                    ),
                    ("high", self.quantity(series, high).into()),
                ],
            ),
        }
    }

    /// What something is called, and what is said about it: `Key refused: …`.
    #[must_use]
    pub fn said(&self, what: &str, message: &str) -> String {
        self.with("cli-said", [("what", what.into()), ("message", message.into())])
    }

    /// Things in a row: `a, b`, in Chinese `a、b`.
    #[must_use]
    pub fn listed(&self, items: &[String]) -> String {
        let mut items = items.iter().cloned();
        let first = items.next().unwrap_or_default();
        items.fold(first, |first, second| {
            self.with("list-two", [("first", first.into()), ("second", second.into())])
        })
    }

    /// What a kind of failure is called.
    #[must_use]
    pub fn failure(&self, kind: FailureKind) -> String {
        self.text(&format!("failure-{kind}"))
    }
}

/// What the evidence report is worded with.
impl tidemark_core::report::Words for Catalog {
    fn say(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.with_all(key, values)
    }

    fn quantity(&self, series: Series, value: f64) -> String {
        Self::quantity(self, series, value)
    }

    fn series(&self, series: Series) -> String {
        Self::series(self, series)
    }

    fn figures(&self, class: Anomaly, series: Series, figures: &Figures) -> String {
        Self::figures(self, class, series, figures)
    }

    fn finding(&self, finding: &Finding, now: DateTime<Utc>, zone: Tz) -> (String, Vec<String>) {
        (self.explanation(finding, now, zone), self.evidence(finding, now, zone))
    }
}

/// An amount with its currency as the window has it, always with two decimals: `$1,218.42`, `-¥3.50`. What rounds to
/// nothing is not nothing: `<$0.01`. A currency without a sign of its own is named by its code.
#[must_use]
pub fn money(money: &Money) -> String {
    let cent = Decimal::new(1, 2);
    let is_negative = money.amount.is_sign_negative() && !money.amount.is_zero();
    let rounded = money.amount.abs().round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let is_tiny = rounded.is_zero() && !money.amount.is_zero();
    let figures = format!("{:.2}", if is_tiny { cent } else { rounded });
    let (whole, decimals) = figures.split_once('.').unwrap_or((&figures, "00"));
    let figures = format!("{}.{decimals}", grouped_digits(whole));
    let mark = match (is_tiny, is_negative) {
        (false, false) => "",
        (false, true) => "-",
        (true, false) => "<",
        (true, true) => ">-",
    };
    match money.currency {
        Currency::CNY => format!("{mark}¥{figures}"),
        Currency::USD => format!("{mark}${figures}"),
        other => format!("{mark}{figures} {other}"),
    }
}

/// The catalogue's names of the variants: a number cannot begin one.
pub const fn meter_word(meter: Meter) -> &'static str {
    match meter {
        Meter::FiveHour => "five-hour",
        Meter::Week => "week",
        Meter::Month => "month",
        Meter::MonthCode => "month-code",
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
    fn lengths_are_said_in_two_units() {
        let english = Catalog::new(Language::English);
        for (seconds, said) in [
            (0, "0 s"),
            (-5, "0 s"),
            (40, "40 s"),
            (60, "1 min"),
            (119, "1 min"),
            (4_320, "1 h 12 min"),
            (3_600, "1 h"),
            (187_200, "2 d 4 h"),
            (172_800 + 59, "2 d"),
        ] {
            assert_eq!(english.length(TimeDelta::seconds(seconds)), said, "{seconds}");
        }
    }

    #[test]
    fn moments_are_as_near_as_needed() {
        let english = Catalog::new(Language::English);
        let chinese = Catalog::new(Language::Chinese);
        let zone = chrono_tz::Asia::Shanghai;
        let now = utc("2026-11-22T01:00:00Z");
        for (at, said, chinese_said) in [
            ("2026-11-22T06:47:00Z", "14:47", "14:47"),
            ("2026-11-22T19:17:00Z", "Mon 03:17", "周一 03:17"),
            ("2026-12-17T00:00:00Z", "17 Dec 08:00", "12月17日 08:00"),
            ("2026-11-20T00:00:00Z", "20 Nov 08:00", "11月20日 08:00"),
            ("2027-01-02T00:00:00Z", "2027-01-02 08:00", "2027-01-02 08:00"),
        ] {
            assert_eq!(english.moment(utc(at), now, zone), said);
            assert_eq!(chinese.moment(utc(at), now, zone), chinese_said);
        }
    }

    #[test]
    fn shares_and_amounts() {
        let english = Catalog::new(Language::English);
        let chinese = Catalog::new(Language::Chinese);
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(english.percent(decimal("43.7200"), 2), "43.72%");
        for (percent, places, shown) in [
            ("99.96", 0, "99%"),
            ("99.62", 1, "99.6%"),
            ("99.996", 2, "99.99%"),
            ("0.004", 2, "0.01%"),
            ("0.2", 0, "1%"),
            ("100", 0, "100%"),
            ("100.2", 0, "100%"),
            ("0", 2, "0%"),
        ] {
            assert_eq!(english.percent(decimal(percent), places), shown, "{percent}");
        }
        assert_eq!(chinese.percent(decimal("120"), 0), "120%");
        let usd = |amount: &str| money(&Money::new(decimal(amount), Currency::USD));
        for (amount, shown) in [
            ("49.58894", "$49.59"),
            ("0.123", "$0.12"),
            ("0.005", "$0.01"),
            ("0.00325", "<$0.01"),
            ("-0.00325", ">-$0.01"),
            ("0", "$0.00"),
            ("-3.5", "-$3.50"),
            ("1234567.891", "$1,234,567.89"),
        ] {
            assert_eq!(usd(amount), shown, "{amount}");
        }
        assert_eq!(money(&Money::new(decimal("74.8"), Currency::CNY)), "¥74.80");
        assert_eq!(money(&Money::new(decimal("-3"), Currency::USD)), "-$3.00");
        assert_eq!(money(&Money::new(decimal("5"), "EUR".parse().unwrap())), "5.00 EUR");
    }
}
