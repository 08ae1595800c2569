//! Text and times as they stand in a report's page.

use chrono::{DateTime, Datelike, Utc};
use chrono_tz::Tz;

use super::Words;
use crate::text::clean_lines;

/// Text as it stands in a page: no markup, and no character that hides or turns what follows.
pub(super) fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean_lines(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A time with seconds and its offset: where it is compared with the records of someone else.
pub(super) fn second(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S %:z").to_string()
}

/// A day, as the reader's language writes it, with its year.
#[must_use]
pub fn date(at: DateTime<Utc>, zone: Tz, words: &dyn Words) -> String {
    let local = at.with_timezone(&zone);
    let (year, month, day) =
        (local.year().to_string(), format!("m{}", local.month()), local.day().to_string());
    words.say("report-date", &[("year", &year), ("month", &month), ("day", &day)])
}

/// A time to the minute: where it is read. The page says once in which zone.
pub(super) fn minute(at: DateTime<Utc>, zone: Tz, words: &dyn Words) -> String {
    format!("{} {}", date(at, zone, words), at.with_timezone(&zone).format("%H:%M"))
}

/// The zone with its offset, or its offsets at both ends of a span: `Asia/Shanghai, UTC+08:00`.
#[must_use]
pub fn zone_name(zone: Tz, from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    let offset = |at: DateTime<Utc>| at.with_timezone(&zone).format("%:z").to_string();
    let (first, last) = (offset(from), offset(to));
    if first == last { format!("{zone}, UTC{first}") } else { format!("{zone}, UTC{first} / UTC{last}") }
}

/// Both ends of a span as they are read.
pub(super) struct Ends {
    /// The day on which it began.
    pub(super) day: String,
    /// The time of that day.
    pub(super) from: String,
    /// The day on which it ended, where that is another one.
    pub(super) other_day: Option<String>,
    /// The time of that day.
    pub(super) to: String,
}

/// Both ends of a span to the minute. Within one minute both have seconds, so that a span never reads as if it had no
/// length.
pub(super) fn ends(from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz, words: &dyn Words) -> Ends {
    let (first, last) = (from.with_timezone(&zone), to.with_timezone(&zone));
    let same_day = first.date_naive() == last.date_naive();
    let same_minute = same_day && first.format("%H:%M").to_string() == last.format("%H:%M").to_string();
    let format = if same_minute && from < to { "%H:%M:%S" } else { "%H:%M" };
    Ends {
        day: date(from, zone, words),
        from: first.format(format).to_string(),
        other_day: (!same_day).then(|| date(to, zone, words)),
        to: last.format(format).to_string(),
    }
}

/// The span of a case as one text: `14 Nov 2026 20:10 – 21:10`, the second day only where it is another one.
#[must_use]
pub fn span(from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz, words: &dyn Words) -> String {
    let ends = ends(from, to, zone, words);
    let begin = format!("{} {}", ends.day, ends.from);
    let end = ends.other_day.map_or(ends.to.clone(), |day| format!("{day} {}", ends.to));
    if from == to { begin } else { words.say("between", &[("from", &begin), ("to", &end)]) }
}
