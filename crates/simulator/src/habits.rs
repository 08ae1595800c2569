//! A day in the life of an account's owner: sessions, agents, requests.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};
use serde::{Deserialize, Serialize};
use tidemark_core::Tokens;
use tidemark_core::calendar::midnight;
use tidemark_core::wire::UsageRecord;

use crate::price::Model;
use crate::rng::SeededRng;
use crate::spec::{Beside, Habits};

/// The two machines of every owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Machine {
    /// The one that writes session logs here.
    Logging,
    /// Another machine, whose logs are not read.
    Other,
}

/// One request to a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// When it ended: the time of its log line.
    pub at: DateTime<Utc>,
    /// The model that answered.
    pub model: Model,
    /// The request's tokens, by kind.
    pub tokens: Tokens,
    /// The machine that sent it.
    pub machine: Machine,
    /// In which session; unique in an account.
    pub session: u64,
    /// By which agent of the session; 0 is the main one.
    pub agent: u32,
    /// In which of the owner's projects.
    pub project: u32,
    /// Whether the context was summarised, which is logged with another scope than a turn of the work.
    pub compaction: bool,
}

impl Request {
    /// The request as Kimi Code's log shows it.
    #[must_use]
    pub fn usage_record(&self) -> UsageRecord {
        UsageRecord {
            at: self.at,
            account: None,
            model: Some(self.model.code_name().to_owned()),
            project: None,
            input: self.tokens.input,
            cache_read: self.tokens.cache_read,
            cache_write: self.tokens.cache_write,
            output: self.tokens.output,
            id: None,
            unassigned: false,
        }
    }
}

const PROJECTS: u32 = 4;
const CONTEXT_LIMIT: f64 = 180_000.0;

/// Whether the owner works on a day.
#[must_use]
pub(crate) fn is_working_day(habits: &Habits, day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !is_holiday(habits, day)
}

fn is_holiday(habits: &Habits, day: NaiveDate) -> bool {
    habits.holidays.iter().any(|(first, last)| (*first..=*last).contains(&day))
}

/// All requests of the sessions that begin on a local day, in time order. The same numbers give the same day.
#[must_use]
pub(crate) fn requests_of_day(habits: &Habits, seed: u64, day: NaiveDate) -> Vec<Request> {
    let number = day.num_days_from_ce() as u64;
    let mut chance = SeededRng::of(&[seed, number]);
    let mean = if is_holiday(habits, day) {
        habits.weekend_sessions * 0.3
    } else if is_working_day(habits, day) {
        // Some days are full of meetings, others are deadlines.
        habits.sessions * chance.around(1.0, 0.45).min(2.5)
    } else {
        habits.weekend_sessions
    };
    let begin = midnight(day, habits.zone);
    let mut requests = Vec::new();
    for number_in_day in 0..chance.count(mean) {
        let session = number * 1000 + u64::from(number_in_day);
        let start = begin + seconds(session_start(habits, &mut chance) * 3600.0);
        let minutes = session_minutes(habits.session_minutes, &mut chance);
        let machine = if chance.happens(habits.other_machine) { Machine::Other } else { Machine::Logging };
        one_session(
            habits,
            &mut chance,
            &Session { number: session, start, minutes, machine },
            &mut requests,
        );
    }
    if let Some(beside) = habits.beside.filter(|beside| beside.since <= day && is_working_day(habits, day)) {
        sessions_beside(habits, &beside, (seed, number), begin, &mut requests);
    }
    requests.sort_by_key(|request| (request.at, request.session, request.agent));
    requests
}

/// The hour of the local day at which a session begins.
fn session_start(habits: &Habits, chance: &mut SeededRng) -> f64 {
    if chance.happens(habits.evening) {
        return chance.between(habits.to_hour + 1.0, (habits.to_hour + 4.5).min(23.5));
    }
    // Two humps with a dip at lunch.
    let middle = habits.from_hour + (habits.to_hour - habits.from_hour) * 0.5;
    let centre = if chance.happens(0.48) { middle - 2.0 } else { middle + 2.2 };
    chance.normal().mul_add(1.2, centre).clamp(habits.from_hour, habits.to_hour)
}

/// The sessions of a user who works in the same hours at the other machine, pause after pause.
fn sessions_beside(
    habits: &Habits,
    beside: &Beside,
    (seed, day): (u64, u64),
    begin: DateTime<Utc>,
    out: &mut Vec<Request>,
) {
    // A stream of its own: what the owner does is the same with and without them.
    let mut chance = SeededRng::of(&[seed, day, 4]);
    let theirs = Habits { pace_seconds: beside.pace_seconds, burst: 0.0, ..habits.clone() };
    let pause = beside.session_minutes * (1.0 / beside.busy.clamp(0.05, 1.0) - 1.0);
    let mut minute = habits.from_hour * 60.0 + chance.wait(pause);
    for session in day * 1000 + 500..day * 1000 + 600 {
        if minute >= habits.to_hour * 60.0 {
            break;
        }
        let minutes = session_minutes(beside.session_minutes, &mut chance);
        let start = begin + seconds(minute * 60.0);
        let session = Session { number: session, start, minutes, machine: Machine::Other };
        one_session(&theirs, &mut chance, &session, out);
        minute += minutes + chance.wait(pause);
    }
}

fn session_minutes(median: f64, chance: &mut SeededRng) -> f64 {
    chance.around(median, 0.6).min(median * 6.0)
}

struct Session {
    number: u64,
    start: DateTime<Utc>,
    minutes: f64,
    machine: Machine,
}

fn one_session(habits: &Habits, chance: &mut SeededRng, session: &Session, out: &mut Vec<Request>) {
    let &Session { number: session, start, minutes, machine } = session;
    let model = chance.pick(&habits.models).unwrap_or(Model::K27Code);
    let project = (chance.unit() * chance.unit() * f64::from(PROJECTS)) as u32;
    let agents = if chance.happens(habits.burst) {
        chance.between(3.0, f64::from(habits.burst_agents.max(3)) + 1.0) as u32
    } else if chance.happens(0.2) {
        2
    } else {
        1
    };
    for agent in 0..agents {
        let mut context = chance.around(12_000.0, 0.4);
        let mut at = chance.wait(habits.pace_seconds);
        // Helpers of a burst live shorter than the session.
        let end = minutes * 60.0 * if agent == 0 { 1.0 } else { chance.between(0.15, 0.6) };
        let mut first = true;
        while at < end {
            let input = chance.around(2_200.0, 0.8);
            let output = chance.around(420.0, 0.9).min(16_000.0);
            let compaction = context > CONTEXT_LIMIT;
            let tokens = if compaction {
                Tokens {
                    input: 900,
                    cache_read: context as u64,
                    cache_write: 0,
                    output: 1_800,
                    ..Tokens::default()
                }
            } else if first {
                Tokens {
                    input: (context + input) as u64,
                    cache_read: 0,
                    cache_write: 0,
                    cache_write_1h: 0,
                    output: output as u64,
                }
            } else {
                // Now and then the cache has gone cold.
                let cold = chance.happens(0.03);
                Tokens {
                    input: (input + if cold { context } else { 0.0 }) as u64,
                    cache_read: if cold { 0 } else { context as u64 },
                    cache_write: 0,
                    cache_write_1h: 0,
                    output: output as u64,
                }
            };
            out.push(Request {
                at: start + seconds(at),
                model,
                tokens,
                machine,
                session,
                agent,
                project,
                compaction,
            });
            context = if compaction { 14_000.0 } else { context + input + output };
            first = false;
            at += 2.0 + chance.wait(habits.pace_seconds);
        }
    }
}

/// To the millisecond, as the logs have it.
fn seconds(seconds: f64) -> TimeDelta {
    TimeDelta::milliseconds((seconds * 1000.0) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_repeats_from_its_seed() {
        let habits = Habits::default();
        let one = requests_of_day(&habits, 5, day("2026-09-08"));
        assert_eq!(one, requests_of_day(&habits, 5, day("2026-09-08")));
        let other: Vec<_> = (0..5).map(|seed| requests_of_day(&habits, seed, day("2026-09-08"))).collect();
        assert!(other.windows(2).any(|pair| pair[0] != pair[1]));
        assert!(one.windows(2).all(|pair| pair[0].at <= pair[1].at));
    }

    #[test]
    fn working_days_are_busier_than_weekends_and_holidays() {
        let habits = Habits { holidays: vec![(day("2026-10-01"), day("2026-10-07"))], ..Habits::default() };
        let total = |days: &[&str]| -> usize {
            (0..40)
                .flat_map(|seed| days.iter().map(move |text| (seed, *text)))
                .map(|(seed, text)| requests_of_day(&habits, seed, day(text)).len())
                .sum()
        };
        let work = total(&["2026-09-08", "2026-09-09"]);
        let weekend = total(&["2026-09-12", "2026-09-13"]);
        let holiday = total(&["2026-10-01", "2026-10-02"]);
        assert!(work > 3 * weekend, "{work} {weekend}");
        assert!(weekend > holiday, "{weekend} {holiday}");
    }

    #[test]
    fn somebody_beside_works_in_the_same_hours_and_changes_nothing_for_the_owner() {
        let alone = Habits { other_machine: 0.0, ..Habits::default() };
        let beside =
            Beside { since: day("2026-09-08"), busy: 0.5, session_minutes: 30.0, pace_seconds: 25.0 };
        let both = Habits { beside: Some(beside), ..alone.clone() };
        let of = |habits: &Habits, text: &str, seed| requests_of_day(habits, seed, day(text));
        assert_eq!(of(&both, "2026-09-07", 3), of(&alone, "2026-09-07", 3), "the day before");
        let (mut theirs, mut days) = (0, 0);
        for seed in 0..40 {
            let (own, others): (Vec<_>, Vec<_>) =
                of(&both, "2026-09-08", seed).into_iter().partition(|r| r.machine == Machine::Logging);
            assert_eq!(own, of(&alone, "2026-09-08", seed));
            let mut minutes: Vec<_> = others.iter().map(|r| r.at.timestamp() / 60).collect();
            minutes.dedup();
            theirs += minutes.len();
            days += 1;
        }
        // Half of nine hours, in most minutes of which there is a request or more of several agents.
        assert!((150..330).contains(&(theirs / days)), "{}", theirs / days);
    }

    #[test]
    fn nights_are_idle() {
        use chrono::Timelike;
        let habits = Habits::default();
        let at_night = (0..60)
            .flat_map(|seed| requests_of_day(&habits, seed, day("2026-09-08")))
            .filter(|request| (4..9).contains(&request.at.with_timezone(&habits.zone).hour()))
            .count();
        assert_eq!(at_night, 0);
    }
}
