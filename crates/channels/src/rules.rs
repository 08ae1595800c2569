//! Which messages a channel gets, and when.

use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use tidemark_core::AccountId;

use crate::level::Level;
use crate::message::Message;

/// Which messages a channel gets, when, and in which language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// The kinds of alert, by their words; empty: all, also those of later versions.
    pub kinds: Vec<String>,
    /// The accounts; empty: all, also later ones.
    pub accounts: Vec<AccountId>,
    /// The least level.
    pub min_level: Level,
    /// Hours in which nothing is sent.
    pub quiet: Option<QuietHours>,
    /// The zone of the quiet hours and of times in texts; `None`: that of the settings.
    pub zone: Option<Tz>,
    /// The language of texts; `None`: that of the settings.
    pub language: Option<String>,
    /// How often it gets a digest.
    pub digest: Option<DigestPeriod>,
}

/// Hours of each day in which nothing is sent: from the first to before the second, over midnight if that is earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// When they begin.
    pub from: NaiveTime,
    /// When they end.
    pub to: NaiveTime,
}

/// What a digest is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DigestPeriod {
    /// The day before; sent each day.
    Day,
    /// The seven days before; sent on Mondays.
    Week,
}

impl DigestPeriod {
    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    /// How many days it has.
    #[must_use]
    pub const fn days(self) -> u64 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
        }
    }

    /// The last whole period before a moment, in a zone: its first day, and the day after its last one. Weeks begin on
    /// Mondays.
    #[must_use]
    pub fn before(self, now: DateTime<Utc>, zone: Tz) -> (NaiveDate, NaiveDate) {
        use chrono::Datelike as _;
        let today = now.with_timezone(&zone).date_naive();
        let into = match self {
            Self::Day => 0,
            Self::Week => u64::from(today.weekday().num_days_from_monday()),
        };
        let end = today.checked_sub_days(Days::new(into)).unwrap_or(today);
        (end.checked_sub_days(Days::new(self.days())).unwrap_or(end), end)
    }
}

impl QuietHours {
    /// Whether a time of day is in them.
    #[must_use]
    pub fn contain(&self, time: NaiveTime) -> bool {
        if self.from <= self.to {
            self.from <= time && time < self.to
        } else {
            self.from <= time || time < self.to
        }
    }
}

impl Rules {
    /// Whether a message is one for this channel. Kind and level count for alerts: what the user asked for by itself, and
    /// the news that another channel fails, comes in any case.
    #[must_use]
    pub fn want(&self, message: &Message, account: Option<AccountId>) -> bool {
        if matches!(message.kind.as_str(), "digest" | "test" | "channel-failed") {
            return true;
        }
        let is_kind = self.kinds.is_empty() || self.kinds.contains(&message.kind);
        let is_account =
            self.accounts.is_empty() || account.is_none_or(|account| self.accounts.contains(&account));
        is_kind && is_account && message.level >= self.min_level
    }

    /// Until when nothing is sent; `None` where it is sent now. `zone` is that of the settings.
    #[must_use]
    pub fn quiet_until(&self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let quiet = self.quiet?;
        let zone = self.zone.unwrap_or(zone);
        let local = now.with_timezone(&zone);
        if !quiet.contain(local.time()) {
            return None;
        }
        let mut day = local.date_naive();
        if quiet.to <= local.time() {
            day = day.succ_opt()?;
        }
        let until = match zone.from_local_datetime(&day.and_time(quiet.to)) {
            LocalResult::Single(at) => at,
            LocalResult::Ambiguous(_, later) => later,
            // The clock was put forward over it: an hour later there is a time.
            LocalResult::None => {
                let later = day.and_time(quiet.to) + chrono::TimeDelta::hours(1);
                zone.from_local_datetime(&later).latest()?
            }
        };
        Some(until.with_timezone(&Utc)).filter(|until| *until > now)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::message::sample;

    fn time(text: &str) -> NaiveTime {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_channel_gets_its_kinds_accounts_and_levels() {
        let alert = sample();
        let work = Some(AccountId(1));
        let of = |change: &dyn Fn(&mut Rules)| {
            let mut rules = Rules::default();
            change(&mut rules);
            rules.want(&alert, work)
        };
        assert!(of(&|_| {}));
        assert!(of(&|rules| rules.kinds = vec!["threshold".to_owned()]));
        assert!(!of(&|rules| rules.kinds = vec!["reset".to_owned()]));
        assert!(!of(&|rules| rules.accounts = vec![AccountId(2)]));
        assert!(of(&|rules| rules.accounts = vec![AccountId(2), AccountId(1)]));
        assert!(of(&|rules| rules.min_level = Level::Warning));
        assert!(!of(&|rules| rules.min_level = Level::Urgent));
        // What says that something is wrong with another channel is not sorted out.
        let failed = Message { kind: "channel-failed".to_owned(), level: Level::Info, ..sample() };
        let strict = Rules { min_level: Level::Urgent, kinds: vec!["reset".to_owned()], ..Rules::default() };
        assert!(strict.want(&failed, None));
    }

    #[test]
    fn quiet_hours_are_in_the_channels_zone_and_end_on_time() {
        let night = |zone| Rules {
            quiet: Some(QuietHours { from: time("22:00"), to: time("07:30") }),
            zone,
            ..Rules::default()
        };
        let shanghai = night(Some(chrono_tz::Asia::Shanghai));
        for (now, until) in [
            ("2026-06-01T13:59:59Z", None),
            ("2026-06-01T14:00:00Z", Some("2026-06-01T23:30:00Z")),
            ("2026-06-01T23:29:59Z", Some("2026-06-01T23:30:00Z")),
            ("2026-06-01T23:30:00Z", None),
        ] {
            assert_eq!(shanghai.quiet_until(at(now), Tz::UTC), until.map(at), "{now}");
        }
        // Without a zone of its own, that of the settings counts.
        let settings = night(None).quiet_until(at("2026-06-01T23:00:00Z"), Tz::UTC);
        assert_eq!(settings, Some(at("2026-06-02T07:30:00Z")));
    }

    #[test]
    fn quiet_hours_end_where_the_clock_is_put_forward_over_their_end() {
        let rules = Rules {
            quiet: Some(QuietHours { from: time("22:00"), to: time("02:30") }),
            zone: Some(chrono_tz::Europe::Berlin),
            ..Rules::default()
        };
        // 02:30 does not exist on that day: it is 03:30.
        let until = rules.quiet_until(at("2026-03-29T00:30:00Z"), Tz::UTC);
        assert_eq!(until, Some(at("2026-03-29T01:30:00Z")));
    }

    proptest! {
        #[test]
        fn quiet_hours_end_after_now_within_a_day_and_are_over_then(
            from in 0u32..1440, to in 0u32..1440, seconds in 0i64..40_000_000,
        ) {
            let minutes = |of: u32| NaiveTime::from_hms_opt(of / 60, of % 60, 0).unwrap();
            let zone = chrono_tz::America::New_York;
            let quiet = QuietHours { from: minutes(from), to: minutes(to) };
            let rules = Rules { quiet: Some(quiet), zone: Some(zone), ..Rules::default() };
            let now = at("2026-01-01T00:00:00Z") + chrono::TimeDelta::seconds(seconds);
            if let Some(until) = rules.quiet_until(now, Tz::UTC) {
                prop_assert!(until > now && until - now <= chrono::TimeDelta::hours(26));
            }
        }
    }

    #[test]
    fn a_digest_is_about_the_last_whole_day_or_week() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let now = at("2026-06-03T17:00:00Z"); // A Wednesday; in Shanghai it is Thursday.
        let zone = chrono_tz::Asia::Shanghai;
        assert_eq!(DigestPeriod::Day.before(now, zone), (day("2026-06-03"), day("2026-06-04")));
        assert_eq!(DigestPeriod::Week.before(now, zone), (day("2026-05-25"), day("2026-06-01")));
        let monday = at("2026-06-01T00:00:00Z");
        assert_eq!(DigestPeriod::Week.before(monday, Tz::UTC), (day("2026-05-25"), day("2026-06-01")));
    }
}
