//! Text and times as they stand in a report's page.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

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

/// A time to the minute: where it is read. The page says once in which zone.
pub(super) fn minute(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}

/// The zone with its offset, or its offsets at both ends of a span: `Asia/Shanghai, UTC+08:00`.
pub(super) fn zone_name(zone: Tz, from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    let offset = |at: DateTime<Utc>| at.with_timezone(&zone).format("%:z").to_string();
    let (first, last) = (offset(from), offset(to));
    if first == last { format!("{zone}, UTC{first}") } else { format!("{zone}, UTC{first} / UTC{last}") }
}

/// Both ends of a span to the minute, the second without its date where that is the same. Within one minute both
/// have seconds, so that a span never reads as if it had no length.
///
/// # Examples
/// ```
/// use tidemark_core::report::moments;
///
/// let (from, to) = ("2026-11-29T02:09:35Z".parse()?, "2026-11-29T02:24:35Z".parse()?);
/// let said = moments(from, to, chrono_tz::Asia::Shanghai);
/// assert_eq!(said, ("2026-11-29 10:09".to_owned(), "10:24".to_owned()));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[must_use]
pub fn moments(from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz) -> (String, String) {
    let (first, last) = (from.with_timezone(&zone), to.with_timezone(&zone));
    let same_day = first.date_naive() == last.date_naive();
    if same_day && from < to && first.format("%H:%M").to_string() == last.format("%H:%M").to_string() {
        return (second_of_day(from, zone), last.format("%H:%M:%S").to_string());
    }
    let to = if same_day { last.format("%H:%M").to_string() } else { minute(to, zone) };
    (minute(from, zone), to)
}

/// A time with seconds, without its offset.
fn second_of_day(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string()
}
