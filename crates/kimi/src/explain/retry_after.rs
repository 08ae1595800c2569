//! `Retry-After`: how long the service asks to wait, in seconds or as a date.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};

/// The reported pause is passed on as it is, up to the largest whole number that every reader of JSON can
/// hold. How long to obey it is decided by whoever waits.
const LONGEST: Duration = Duration::from_secs((1 << 53) - 1);

/// The wait that the headers ask for. A date is counted from the answer's own `Date`: this machine's clock may be
/// wrong, and a wait that it shortens renews the ban. Only an answer without one is counted from `now`.
pub(crate) fn of_headers(headers: &[(String, String)], now: Option<DateTime<Utc>>) -> Option<Duration> {
    let values = |name: &'static str| {
        headers
            .iter()
            .filter(move |(key, _)| key.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    };
    let now = values("date").find_map(http_date).or(now);
    values("retry-after").find_map(|value| {
        of_seconds(value).or_else(|| {
            let ahead = http_date(value)? - now?;
            Some(ahead.to_std().unwrap_or_default())
        })
    })
}

/// Seconds as text, with or without decimals.
pub(super) fn of_seconds(text: &str) -> Option<Duration> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let seconds = if plain { text.parse::<f64>().ok()? } else { return None };
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST).min(LONGEST))
}

/// The three forms of a date in HTTP (RFC 9110, section 5.6.7). The day of the week is not checked.
fn http_date(text: &str) -> Option<DateTime<Utc>> {
    let (_, after_day) = text.split_once([',', ' '])?;
    let text = after_day.trim().trim_end_matches("GMT").trim_end_matches("UTC").trim();
    ["%d %b %Y %H:%M:%S", "%d-%b-%y %H:%M:%S", "%b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(|at| at.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_read() {
        let now: DateTime<Utc> = "2026-11-22T10:00:00Z".parse().unwrap();
        for (value, wait) in [
            ("3", Some(3.0)),
            (" 0 ", Some(0.0)),
            ("1.5", Some(1.5)),
            ("Sun, 22 Nov 2026 10:02:00 GMT", Some(120.0)),
            ("Sunday, 22-Nov-26 10:02:00 GMT", Some(120.0)),
            ("Sun Nov 22 10:02:00 2026", Some(120.0)),
            ("Sun, 22 Nov 2026 09:00:00 GMT", Some(0.0)),
            ("31536000", Some(31_536_000.0)),
            ("99999999999999999999999", Some(9_007_199_254_740_991.0)),
            ("-1", None),
            ("soon", None),
            ("", None),
            (".", None),
            ("inf", None),
            ("1e3", None),
        ] {
            let headers = [("x-other".into(), "1".into()), ("RETRY-After".into(), value.to_owned())];
            assert_eq!(of_headers(&headers, Some(now)), wait.map(Duration::from_secs_f64), "{value}");
        }
    }

    #[test]
    fn a_date_without_a_clock_is_counted_from_the_answers_own() {
        let date = ("Date".to_owned(), "Sun, 22 Nov 2026 10:00:00 GMT".to_owned());
        let retry = ("Retry-After".to_owned(), "Sun, 22 Nov 2026 10:00:30 GMT".to_owned());
        assert_eq!(of_headers(&[date, retry.clone()], None), Some(Duration::from_secs(30)));
        assert_eq!(of_headers(&[retry], None), None);
    }

    #[test]
    fn a_wrong_clock_shortens_no_wait() {
        let date = ("date".to_owned(), "Sun, 22 Nov 2026 10:00:00 GMT".to_owned());
        let retry = ("retry-after".to_owned(), "Sun, 22 Nov 2026 10:10:00 GMT".to_owned());
        for clock in
            ["2026-11-22T09:00:00Z", "2026-11-22T10:09:59Z", "2026-11-22T18:00:00Z", "1999-01-01T00:00:00Z"]
        {
            let headers = [date.clone(), retry.clone()];
            let wait = of_headers(&headers, Some(clock.parse().unwrap()));
            assert_eq!(wait, Some(Duration::from_mins(10)), "{clock}");
        }
        // A date that cannot be read leaves the clock.
        let unread = ("date".to_owned(), "some day".to_owned());
        let wait = of_headers(&[unread, retry], Some("2026-11-22T10:09:00Z".parse().unwrap()));
        assert_eq!(wait, Some(Duration::from_mins(1)));
    }
}
