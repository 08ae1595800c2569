//! The variable `TZ`: a zone by name, by file, or spelled out as POSIX has it.
//!
//! Tidemark counts days in IANA zones. What `TZ` spells out is mapped to the zone that has the same offsets at
//! all times of the years that matter here; where there is none, the value is not understood, and is not
//! guessed at.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, Offset as _, TimeDelta, TimeZone as _, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

/// What a value of `TZ` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TzVariable {
    /// Nothing: it is empty.
    Unset,
    /// This zone.
    Zone(Tz),
    /// The zone of this file, whose name does not say which.
    File(String),
    /// Something that is no known zone.
    NotUnderstood,
}

impl TzVariable {
    /// Reads a value.
    ///
    /// # Examples
    /// ```
    /// use tidemark_core::tz_variable::TzVariable;
    ///
    /// assert_eq!(TzVariable::of("CST-8"), TzVariable::Zone(chrono_tz::Etc::GMTMinus8));
    /// ```
    #[must_use]
    pub fn of(value: &str) -> Self {
        let value = value.trim();
        let value = value.strip_prefix(':').unwrap_or(value);
        if value.is_empty() {
            return Self::Unset;
        }
        if let Some(zone) = zone_of_path(value) {
            return Self::Zone(zone);
        }
        if value.starts_with('/') {
            return Self::File(value.to_owned());
        }
        PosixRule::parse(value).and_then(|rule| rule.zone()).map_or(Self::NotUnderstood, Self::Zone)
    }
}

/// The zone of a name, or of a path within the zone database.
#[must_use]
pub fn zone_of_path(path: &str) -> Option<Tz> {
    let name = match path.rsplit_once("/zoneinfo/") {
        Some((_, name)) => name,
        None if path.starts_with('/') => return None,
        None => path,
    };
    // The same zones, without and with leap seconds.
    let name = name.strip_prefix("posix/").or_else(|| name.strip_prefix("right/")).unwrap_or(name);
    name.parse().ok()
}

/// The zone that the last line of a compiled zone file spells out: its rule for all times to come.
#[must_use]
pub fn zone_of_file(content: &[u8]) -> Option<Tz> {
    let content = content.strip_prefix(b"TZif")?.strip_suffix(b"\n")?;
    let start = content.iter().rposition(|byte| *byte == b'\n')? + 1;
    PosixRule::parse(std::str::from_utf8(&content[start..]).ok()?)?.zone()
}

/// Zones that are meant where several have the same offsets.
const PREFERRED: [&str; 32] = [
    "UTC",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Halifax",
    "America/St_Johns",
    "America/Adak",
    "America/Santiago",
    "America/Havana",
    "America/Nuuk",
    "Atlantic/Azores",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Helsinki",
    "Europe/Chisinau",
    "Africa/Cairo",
    "Asia/Jerusalem",
    "Asia/Beirut",
    "Asia/Tehran",
    "Asia/Kabul",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Yangon",
    "Australia/Sydney",
    "Australia/Adelaide",
    "Australia/Darwin",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Marquesas",
];

/// The years in which a zone must have a rule's offsets. There is no history before the first.
const YEARS: std::ops::RangeInclusive<i32> = 2025..=2031;

/// A rule as POSIX spells it: `EST5EDT,M3.2.0,M11.1.0`. Offsets are seconds east of UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
struct PosixRule {
    standard: i32,
    summer: Option<Summer>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Summer {
    offset: i32,
    start: Change,
    end: Change,
}

/// A day of every year, and a time of that day in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    day: Day,
    time: i32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Day {
    /// From 1, without 29 February.
    Julian(u32),
    /// From 0, with it.
    OfYear(u32),
    /// The week of the month, 5 for its last, and the day of the week from Sunday.
    OfMonth { month: u32, week: u32, weekday: u32 },
}

impl PosixRule {
    fn parse(text: &str) -> Option<Self> {
        let mut rest = Cursor(text);
        rest.name()?;
        let standard = -rest.time(24)?;
        if rest.0.is_empty() {
            return Some(Self { standard, summer: None });
        }
        rest.name()?;
        let offset = if rest.0.starts_with(',') { standard + 3600 } else { -rest.time(24)? };
        // Without dates each system has its own, mostly those of the United States.
        rest.expect(',')?;
        let start = rest.change()?;
        rest.expect(',')?;
        let end = rest.change()?;
        rest.0.is_empty().then_some(Self { standard, summer: Some(Summer { offset, start, end }) })
    }

    /// The zone that has the same offsets.
    fn zone(&self) -> Option<Tz> {
        if self.summer.is_none() && self.standard != 0 && self.standard % 3600 == 0 {
            // These names count as POSIX does, to the west.
            return format!("Etc/GMT{:+}", -self.standard / 3600).parse().ok();
        }
        let times = self.times();
        let same = |zone: &Tz| times.iter().all(|at| offset_of(*zone, *at) == self.offset(*at));
        let preferred = PREFERRED.iter().filter_map(|name| name.parse().ok());
        preferred.chain(TZ_VARIANTS).find(same)
    }

    /// The times at which a zone is compared: twice a day, and on both sides of each of the rule's changes.
    fn times(&self) -> Vec<DateTime<Utc>> {
        let first = NaiveDate::from_ymd_opt(*YEARS.start(), 1, 1).unwrap_or_default();
        let start = first.and_time(chrono::NaiveTime::MIN).and_utc();
        let halves = 2 * 365 * (YEARS.end() - YEARS.start() + 1);
        let mut times: Vec<_> =
            (0..halves).map(|half| start + TimeDelta::hours(12 * i64::from(half))).collect();
        if let Some(summer) = &self.summer {
            for year in YEARS {
                let changes = [(&summer.start, self.standard), (&summer.end, summer.offset)];
                for at in changes.iter().filter_map(|(change, before)| change.in_year(year, *before)) {
                    times.extend([at - TimeDelta::seconds(1), at]);
                }
            }
        }
        times.retain(|at| YEARS.contains(&at.year()));
        times
    }

    fn offset(&self, at: DateTime<Utc>) -> i32 {
        let Some(summer) = &self.summer else { return self.standard };
        let local = at + TimeDelta::seconds(self.standard.into());
        let year = local.year();
        let start = summer.start.in_year(year, self.standard);
        let end = summer.end.in_year(year, summer.offset);
        let (Some(start), Some(end)) = (start, end) else { return self.standard };
        let is_summer = if start < end { start <= at && at < end } else { !(end <= at && at < start) };
        if is_summer { summer.offset } else { self.standard }
    }
}

fn offset_of(zone: Tz, at: DateTime<Utc>) -> i32 {
    zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()
}

impl Change {
    /// When it is in a year. `before` is the offset until then.
    fn in_year(&self, year: i32, before: i32) -> Option<DateTime<Utc>> {
        let day = match self.day {
            Day::Julian(day) => {
                let leap = NaiveDate::from_ymd_opt(year, 2, 29).is_some() && day >= 60;
                NaiveDate::from_yo_opt(year, day + u32::from(leap))?
            }
            Day::OfYear(day) => NaiveDate::from_yo_opt(year, day + 1)?,
            Day::OfMonth { month, week, weekday } => {
                let first = NaiveDate::from_ymd_opt(year, month, 1)?;
                let to_weekday = (7 + weekday - first.weekday().num_days_from_sunday()) % 7;
                let day = first.checked_add_days(Days::new((to_weekday + 7 * (week - 1)).into()))?;
                if day.month() == month { day } else { day.checked_sub_days(Days::new(7))? }
            }
        };
        let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc();
        Some(midnight + TimeDelta::seconds(i64::from(self.time) - i64::from(before)))
    }
}

/// What is left of the text.
struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    fn expect(&mut self, c: char) -> Option<()> {
        self.0 = self.0.strip_prefix(c)?;
        Some(())
    }

    /// Three letters or more, or anything of letters, digits and signs in angle brackets.
    fn name(&mut self) -> Option<()> {
        if let Some(quoted) = self.0.strip_prefix('<') {
            let (name, rest) = quoted.split_once('>')?;
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-');
            self.0 = rest;
            return (name.len() >= 3 && name.chars().all(fits)).then_some(());
        }
        let end = self.0.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.0.len());
        self.0 = &self.0[end..];
        (end >= 3).then_some(())
    }

    fn number(&mut self, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let end = self.0.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        digits.parse().ok().filter(|number| range.contains(number))
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    fn time(&mut self, max_hours: u32) -> Option<i32> {
        let sign = match self.0.chars().next()? {
            '-' => -1,
            '+' => 1,
            _ => 0,
        };
        self.0 = if sign == 0 { self.0 } else { &self.0[1..] };
        let mut seconds = self.number(0..=max_hours)? * 3600;
        for unit in [60, 1] {
            if self.expect(':').is_none() {
                break;
            }
            seconds += self.number(0..=59)? * unit;
        }
        let seconds = i32::try_from(seconds).ok()?;
        Some(if sign < 0 { -seconds } else { seconds })
    }

    fn change(&mut self) -> Option<Change> {
        let day = if self.expect('M').is_some() {
            let month = self.number(1..=12)?;
            self.expect('.')?;
            let week = self.number(1..=5)?;
            self.expect('.')?;
            Day::OfMonth { month, week, weekday: self.number(0..=6)? }
        } else if self.expect('J').is_some() {
            Day::Julian(self.number(1..=365)?)
        } else {
            Day::OfYear(self.number(0..=365)?)
        };
        let time = if self.expect('/').is_some() { self.time(167)? } else { 7200 };
        Some(Change { day, time })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_form_names_its_zone() {
        for (value, zone) in [
            ("Asia/Shanghai", "Asia/Shanghai"),
            (":Asia/Tokyo", "Asia/Tokyo"),
            ("UTC", "UTC"),
            ("/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
            (":/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"),
            ("/usr/share/zoneinfo/right/Asia/Kolkata", "Asia/Kolkata"),
            ("posix/Asia/Seoul", "Asia/Seoul"),
            ("/nix/store/abc-tzdata/share/zoneinfo/America/Lima", "America/Lima"),
            ("CST-8", "Etc/GMT-8"),
            ("CST-08:00:00", "Etc/GMT-8"),
            ("<+08>-8", "Etc/GMT-8"),
            ("<-03>3", "Etc/GMT+3"),
            ("<+14>-14", "Etc/GMT-14"),
            ("EST+5", "Etc/GMT+5"),
            ("UTC0", "UTC"),
            ("GMT-0", "GMT-0"),
            ("WET-0", "UTC"),
            ("<+0545>-5:45", "Asia/Kathmandu"),
            ("IST-5:30", "Asia/Kolkata"),
            ("<+0430>-4:30", "Asia/Kabul"),
            ("<-0930>9:30", "Pacific/Marquesas"),
            ("ACST-9:30", "Australia/Darwin"),
            ("EST5EDT,M3.2.0,M11.1.0", "America/New_York"),
            ("EST5EDT4,M3.2.0/2,M11.1.0/2:00", "America/New_York"),
            ("EST5EDT", "EST5EDT"),
            ("PST8PDT,M3.2.0,M11.1.0", "America/Los_Angeles"),
            ("NST3:30NDT,M3.2.0,M11.1.0", "America/St_Johns"),
            ("CET-1CEST,M3.5.0,M10.5.0/3", "Europe/Berlin"),
            ("GMT0BST,M3.5.0/1,M10.5.0", "Europe/London"),
            ("EET-2EEST,M3.5.0/3,M10.5.0/4", "Europe/Helsinki"),
            ("AEST-10AEDT,M10.1.0,M4.1.0/3", "Australia/Sydney"),
            ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "Australia/Lord_Howe"),
            ("<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45", "Pacific/Chatham"),
            ("<-04>4<-03>,M9.1.6/24,M4.1.6/24", "America/Santiago"),
            ("IST-2IDT,M3.4.4/26,M10.5.0", "Asia/Jerusalem"),
        ] {
            assert_eq!(TzVariable::of(value), TzVariable::Zone(zone.parse().unwrap()), "{value}");
        }
    }

    #[test]
    fn what_is_no_zone_is_not_guessed_at() {
        for value in ["", " ", ":"] {
            assert_eq!(TzVariable::of(value), TzVariable::Unset, "{value:?}");
        }
        for value in [
            "Europe/Atlantis",
            "CET-1CEST",
            "<+0123>-1:23",
            "CET-1CEST,M4.1.0,M9.1.0",
            "CST-25",
            "CS-8",
            "CST8:61",
            "EST5EDT,M13.1.0,M11.1.0",
            "EST5EDT,M3.2.0",
            "EST5EDT,M3.2.0,M11.1.0,",
            "<+08-8",
            "8",
            "北京-8",
        ] {
            assert_eq!(TzVariable::of(value), TzVariable::NotUnderstood, "{value}");
        }
        for value in ["/etc/localtime", ":/etc/localtime", "/home/me/zone"] {
            assert!(
                matches!(TzVariable::of(value), TzVariable::File(path) if path.starts_with('/')),
                "{value}"
            );
        }
    }

    #[test]
    fn a_zone_file_ends_with_its_rule() {
        assert_eq!(zone_of_file(b"TZif2\0\0\nEST5EDT,M3.2.0,M11.1.0\n"), Some(Tz::America__New_York));
        for broken in [&b""[..], b"TZif", b"TZif2\n\n", b"plain text\nCST-8\n", b"TZif2\n\xff\xff\n"] {
            assert_eq!(zone_of_file(broken), None);
        }
    }

    #[test]
    fn days_count_with_and_without_the_leap_day() {
        let day = |day, year| Change { day, time: 0 }.in_year(year, 0).unwrap().date_naive().to_string();
        assert_eq!(day(Day::Julian(60), 2027), "2027-03-01");
        assert_eq!(day(Day::Julian(60), 2028), "2028-03-01");
        assert_eq!(day(Day::Julian(59), 2028), "2028-02-28");
        assert_eq!(day(Day::OfYear(59), 2028), "2028-02-29");
        assert_eq!(day(Day::OfMonth { month: 2, week: 5, weekday: 0 }, 2026), "2026-02-22");
    }

    proptest! {
        #[test]
        fn any_value_has_an_answer(value in "\\PC{0,30}|[<>A-Z0-9+:,./MJ-]{0,40}") {
            let _ = TzVariable::of(&value);
            let _ = zone_of_file(value.as_bytes());
        }
    }
}
