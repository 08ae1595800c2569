//! The line for Kimi Code’s status line: what is used of each quota and when it is reset, what is likely to become of it,
//! and whether an anomaly is open.

use std::cmp::Reverse;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use tidemark_core::forecast::Forecast;
use tidemark_core::number::decimal::to_f64;
use tidemark_core::{Money, Reading};
use tidemark_monitor::Settings;
use unicode_width::UnicodeWidthStr as _;

use super::last_known::{Known, current_share};
use crate::format;
use crate::i18n::Catalog;
use crate::output::{Style, clean};

/// Columns where nothing else is asked for: beside what Kimi Code itself shows at the end of the line.
pub const DEFAULT_WIDTH: u16 = 120;

/// From this share on it is said what is likely to become of a quota; before, no one needs to know.
const FORECAST_FROM: Decimal = Decimal::from_parts(50, 0, 0, false, 0);

/// Between two facts.
const BETWEEN: &str = " · ";

/// A fact with its colour.
type Fact = (Style, String);

/// An account, and what else is said of it.
pub struct Shown {
    pub known: Known,
    /// How many of its anomalies wait for the user.
    pub anomalies: u64,
    /// The share of its latest input that was read from the cache, from 0 to 1.
    pub cache_hit_share: Option<f64>,
}

/// Whether a forecast of this account's quotas would be shown.
pub fn wants_forecast(known: &Known, now: DateTime<Utc>) -> bool {
    known.tightest(now).is_some_and(|used| used >= FORECAST_FROM)
}

/// The line, in at most `width` columns: facts are left out from the end. The host sets the line's own colour, so only
/// what is near its limit, at its end or old is coloured.
pub fn line(words: &Catalog, shown: &[Shown], settings: &Settings, width: u16, now: DateTime<Utc>) -> String {
    let facts: Vec<Fact> = if shown.is_empty() {
        vec![(Style::Faint, words.text("cli-bar-none"))]
    } else {
        let named = shown.len() > 1;
        shown.iter().flat_map(|shown| facts(words, shown, settings, named, now)).collect()
    };
    fitted(&facts, usize::from(width))
}

fn facts(
    words: &Catalog,
    Shown { known, anomalies, cache_hit_share }: &Shown,
    settings: &Settings,
    named: bool,
    now: DateTime<Utc>,
) -> Vec<Fact> {
    let mut facts = Vec::new();
    let state = known.state(settings, now);
    let is_current = matches!(state, "live" | "polled-through");
    if let Some(reading) = &known.reading {
        facts.extend(quotas(words, reading, known, is_current, now));
        let money = reading.balance.and_then(|balance| Some((balance.available?, balance.currency)));
        facts.extend(money.map(|(amount, currency)| {
            let style = if amount <= Decimal::ZERO { Style::Over } else { Style::Plain };
            (style, format::money(&Money::new(amount, currency)))
        }));
    }
    if !is_current {
        let age =
            known.age(now).map(|age| words.with("cli-status-age", [("length", words.length(age).into())]));
        let text = [Some(words.text(&format!("state-{state}"))), age].into_iter().flatten();
        facts.push((Style::Near, text.collect::<Vec<_>>().join(" ")));
    }
    if *anomalies > 0 {
        let text = words.with("cli-line-anomalies", [("count", (*anomalies).into())]);
        facts.push((Style::Over, text));
    }
    // Last: it is the first to go where there is no room.
    if let Some(share) = cache_hit_share.and_then(|share| Decimal::try_from(share * 100.0).ok()) {
        // Rounded down: the last miss is not to vanish.
        let share = words.percent(share.floor(), 0);
        facts.push((Style::Plain, words.with("cli-line-cache-hits", [("share", share.into())])));
    }
    if named && let Some((_, first)) = facts.first_mut() {
        *first = format!("{} {first}", clean(&known.account.name));
    }
    facts
}

/// The tightest first; what has been reset since it was read is not known.
fn quotas(
    words: &Catalog,
    reading: &Reading,
    known: &Known,
    is_current: bool,
    now: DateTime<Utc>,
) -> Vec<Fact> {
    let mut meters: Vec<_> = reading.meters.iter().filter(|meter| meter.meter.is_allowance()).collect();
    meters.sort_by_key(|meter| Reverse(current_share(reading, meter, now)));
    meters
        .into_iter()
        .map(|meter| {
            let name = words.meter(meter.meter);
            let Some(used) = current_share(reading, meter, now) else {
                return (Style::Faint, format!("{name} {}", words.text("unknown")));
            };
            let mut text = format!("{name} {}", words.percent(used, 0));
            if let Some(at) = meter.resets_at.filter(|at| *at > now) {
                let left = words.length(rounded(at - now));
                text = words.with("cli-line-resets", [("text", text.into()), ("length", left.into())]);
            }
            let forecast =
                known.forecasts.iter().find(|(of, _)| *of == meter.meter).map(|(_, forecast)| forecast);
            if let Some(note) = forecast.and_then(|forecast| runs_out(words, forecast, now)) {
                text = format!("{text} {note}");
            }
            let style = match Style::of_percent(to_f64(used)) {
                // The host's own colour says that all is well.
                Style::Calm if is_current => Style::Plain,
                _ if !is_current => Style::Faint,
                style => style,
            };
            (style, text)
        })
        .collect()
}

/// Whole minutes: seconds would flicker.
fn rounded(length: TimeDelta) -> TimeDelta {
    TimeDelta::minutes((length.num_seconds() + 59) / 60)
}

/// When it is likely to be used up, where it is more likely than not.
fn runs_out(words: &Catalog, forecast: &Forecast, now: DateTime<Utc>) -> Option<String> {
    if forecast.lasts >= 0.5 {
        return None;
    }
    Some(match forecast.empty {
        Some((from, _)) if from > now => {
            words.with("cli-line-runs-out", [("length", words.length(rounded(from - now)).into())])
        }
        _ => words.text("cli-line-runs-out-sometime"),
    })
}

/// The facts that have room, painted.
fn fitted(facts: &[Fact], width: usize) -> String {
    let mut line = String::new();
    let mut columns = 0;
    for (place, (style, text)) in facts.iter().enumerate() {
        let text = clean(text);
        let separator = if place == 0 { "" } else { BETWEEN };
        let needed = separator.width() + text.width();
        if place > 0 && columns + needed > width {
            break;
        }
        let text = crate::output::fit::shortened(&text, width);
        columns += needed;
        line.push_str(separator);
        line.push_str(&painted(*style, &text));
    }
    line
}

/// A text in a colour that ends with the line's own: the host has set one.
fn painted(style: Style, text: &str) -> String {
    let (begin, end) = match style {
        Style::Near => ("\x1b[33m", "\x1b[39m"),
        Style::Over => ("\x1b[31m", "\x1b[39m"),
        Style::Faint => ("\x1b[2m", "\x1b[22m"),
        Style::Plain | Style::Strong | Style::Calm => ("", ""),
    };
    format!("{begin}{text}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_left_out_from_the_end_and_colours_take_no_room() {
        let facts = [
            (Style::Over, "5-hour 91% (40 min)".to_owned()),
            (Style::Plain, "Weekly 13% (4 d)".to_owned()),
            (Style::Over, "1 anomaly".to_owned()),
        ];
        let lines: Vec<String> =
            [200, 47, 46, 37, 19, 10].map(|width| format!("{width:3} {}", fitted(&facts, width))).to_vec();
        insta::assert_snapshot!(lines.join("\n").replace('\x1b', "␛"), @r"
        200 ␛[31m5-hour 91% (40 min)␛[39m · Weekly 13% (4 d) · ␛[31m1 anomaly␛[39m
         47 ␛[31m5-hour 91% (40 min)␛[39m · Weekly 13% (4 d)
         46 ␛[31m5-hour 91% (40 min)␛[39m · Weekly 13% (4 d)
         37 ␛[31m5-hour 91% (40 min)␛[39m
         19 ␛[31m5-hour 91% (40 min)␛[39m
         10 ␛[31m5-hour 91…␛[39m
        ");
    }

    #[test]
    fn a_name_cannot_colour_the_line() {
        let line = fitted(&[(Style::Plain, "a\x1b[31mb".to_owned())], 80);
        assert!(!line.contains('\x1b'), "{line:?}");
    }
}
