//! The other machines of the account's owner: for which spans their logs are known, and how late they come.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How many machines are known; of more, the one that reported longest ago is forgotten.
const MAX_MACHINES: usize = 16;
/// How many spans are kept of a machine; the oldest goes.
const MAX_SPANS: usize = 8;
/// A machine that has reported nothing for so long is out of use. It is the time after which a log that shows no
/// usage is taken for one that never will.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::days(14);
/// The audit waits no longer for a machine's logs. A laptop that is used every day reports within one.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(24);
/// Usage of so long ago can still be of a poll that waits for a machine's logs.
pub(crate) const WAITED_FOR: TimeDelta = TimeDelta::hours(48);
/// A machine that reports at all does so more often.
const MISSING_AFTER: TimeDelta = TimeDelta::hours(1);
/// How long a machine is waited for, as a multiple of how late its usage became known.
const MARGIN: f64 = 1.25;
/// For how long it is remembered how late a machine's usage became known.
const LAG_KEPT: TimeDelta = TimeDelta::days(14);

/// What is known of the other machines, by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Machines(BTreeMap<String, MachineLogs>);

/// What is known of one machine's logs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct MachineLogs {
    /// Spans of which all logs are known, apart from each other, in order.
    spans: VecDeque<Known>,
    /// When it last reported anything.
    reported: DateTime<Utc>,
    /// How late its usage became known at most, in seconds, and when that was last seen.
    lag: i64,
    lag_at: DateTime<Utc>,
    /// When it last used the account.
    used: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

/// A machine whose logs are not known for a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SilentMachine {
    pub(crate) name: String,
    /// Until when its logs are known.
    pub(crate) since: DateTime<Utc>,
}

impl Machines {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets all but these.
    pub(crate) fn keep(&mut self, names: &[String]) {
        self.0.retain(|name, _| names.contains(name));
    }

    /// All logs of a machine are known for a span, as of `known_at`.
    pub(crate) fn cover(
        &mut self,
        name: &str,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        known_at: DateTime<Utc>,
    ) {
        if to < from {
            return;
        }
        // What lies ahead cannot be known yet.
        let to = to.min(known_at);
        if to >= from {
            self.heard_of(name, known_at).cover(Known { from, to });
        }
    }

    /// A machine's usage of a time became known.
    pub(crate) fn used(&mut self, name: &str, at: DateTime<Utc>, known_at: DateTime<Utc>) {
        let logs = self.heard_of(name, known_at);
        logs.used = logs.used.max(Some(at));
    }

    /// A machine's usage of a time became known after the poll that followed it.
    pub(crate) fn used_late(&mut self, name: &str, at: DateTime<Utc>, known_at: DateTime<Utc>) {
        let logs = self.heard_of(name, known_at);
        let lag = (known_at - at).clamp(TimeDelta::zero(), LONGEST_WAIT).num_seconds();
        if known_at - logs.lag_at > LAG_KEPT || lag >= logs.lag {
            (logs.lag, logs.lag_at) = (lag, known_at);
        }
    }

    /// Up to when nothing is waited for: all machines that are late have reported, or have taken longer than they do.
    pub(crate) fn reported_until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.0.values().map(|logs| logs.reported_until(now)).min().unwrap_or(now).min(now)
    }

    /// Whether the logs of a machine that uses the account have not come for so long that it may have been used again.
    pub(crate) fn any_missing(&self, now: DateTime<Utc>) -> bool {
        self.0.values().any(|logs| {
            let until = logs.spans.back().map(|span| span.to);
            logs.uses(now)
                && until.is_some_and(|until| (MISSING_AFTER..=FORGOTTEN_AFTER).contains(&(now - until)))
        })
    }

    /// Whether there is any such.
    pub(crate) fn any_silent(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        self.0.values().any(|logs| logs.silent_since(from, to).is_some())
    }

    /// Whether the logs of any machine are known for the whole of a span.
    pub(crate) fn any_reported(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        self.0.values().any(|logs| logs.covers(from, to))
    }

    /// The machines whose logs are not known for the whole of a span, though they were for some time before.
    pub(crate) fn silent(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<SilentMachine> {
        self.0
            .iter()
            .filter_map(|(name, logs)| {
                Some(SilentMachine { name: name.clone(), since: logs.silent_since(from, to)? })
            })
            .collect()
    }

    fn heard_of(&mut self, name: &str, at: DateTime<Utc>) -> &mut MachineLogs {
        if !self.0.contains_key(name)
            && self.0.len() >= MAX_MACHINES
            && let Some(oldest) =
                self.0.iter().min_by_key(|(_, logs)| logs.reported).map(|(name, _)| name.clone())
        {
            self.0.remove(&oldest);
        }
        let logs = self.0.entry(name.to_owned()).or_default();
        logs.reported = logs.reported.max(at);
        logs
    }
}

impl MachineLogs {
    fn cover(&mut self, mut new: Known) {
        self.spans.retain(|span| {
            let apart = span.to < new.from || new.to < span.from;
            if !apart {
                new = Known { from: span.from.min(new.from), to: span.to.max(new.to) };
            }
            apart
        });
        let place = self.spans.partition_point(|span| span.from < new.from);
        self.spans.insert(place, new);
        if self.spans.len() > MAX_SPANS {
            self.spans.pop_front();
        }
    }

    fn uses(&self, now: DateTime<Utc>) -> bool {
        self.used.is_some_and(|used| now - used <= FORGOTTEN_AFTER)
    }

    fn reported_until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        if self.lag <= 0 || now - self.lag_at > LAG_KEPT {
            return now;
        }
        let given_up = now - TimeDelta::seconds((self.lag as f64 * MARGIN) as i64).min(LONGEST_WAIT);
        let span = self.spans.iter().find(|span| (span.from..=span.to).contains(&given_up));
        span.map_or(given_up, |span| span.to)
    }

    fn covers(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        self.spans.iter().any(|span| span.from <= from && to <= span.to)
    }

    fn silent_since(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let covered = self.covers(from, to);
        // What was before it first reported was never promised.
        let last = self.spans.iter().rev().map(|span| span.to).find(|until| *until <= to)?;
        (!covered && to - last <= FORGOTTEN_AFTER).then_some(last)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        "2026-09-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
    }

    fn covered(spans: &[(i64, i64)]) -> Machines {
        let mut machines = Machines::default();
        for (from, to) in spans {
            machines.cover("desk", (at(*from), at(*to)), at(*to));
        }
        machines
    }

    #[test]
    fn a_machine_is_silent_where_it_reported_before_and_not_for_the_span() {
        let day = 24 * 60;
        for (name, spans, (from, to), since) in [
            ("all is known", &[(0, 100)][..], (50, 60), None),
            ("the end is not known", &[(0, 100)], (95, 105), Some(100)),
            ("nothing of it is known", &[(0, 100)], (200, 205), Some(100)),
            ("two reports meet", &[(0, 50), (50, 100)], (45, 55), None),
            ("between two reports", &[(0, 50), (80, 100)], (60, 70), Some(50)),
            ("it was not there yet", &[(100, 200)], (50, 60), None),
            ("a report that ends before it begins says nothing", &[(100, 0)], (50, 60), None),
            ("for two weeks", &[(0, 100)], (14 * day, 14 * day + 100), Some(100)),
            ("it is out of use", &[(0, 100)], (14 * day, 14 * day + 101), None),
        ] {
            let silent = covered(spans).silent(at(from), at(to));
            let expected: Vec<_> = since
                .map(|since| SilentMachine { name: "desk".to_owned(), since: at(since) })
                .into_iter()
                .collect();
            assert_eq!(silent, expected, "{name}");
        }
    }

    #[test]
    fn a_machine_is_waited_for_as_long_as_its_usage_has_taken() {
        let mut machines = covered(&[(0, 10)]);
        assert_eq!(machines.reported_until(at(21)), at(21), "it has never been late");
        machines.used_late("desk", at(20), at(140));
        assert_eq!(machines.reported_until(at(350)), at(200), "two hours, and a quarter of them");
        machines.cover("desk", (at(10), at(250)), at(300));
        assert_eq!(machines.reported_until(at(300)), at(250), "it has reported");
        assert_eq!(machines.reported_until(at(600)), at(450), "it is given up");
        machines.used_late("desk", at(300), at(300) + TimeDelta::days(3));
        let now = at(300) + TimeDelta::days(4);
        assert_eq!(machines.reported_until(now), now - TimeDelta::hours(24), "no longer than a day");
        let later = now + TimeDelta::days(15);
        assert_eq!(machines.reported_until(later), later, "it is late no more");
    }

    #[test]
    fn a_machine_of_another_name_or_none_is_not_waited_for() {
        let mut machines = covered(&[(0, 100)]);
        machines.cover("laptop", (at(0), at(100)), at(100));
        machines.keep(&["laptop".to_owned(), "phone".to_owned()]);
        let silent = machines.silent(at(200), at(205));
        assert_eq!(silent, [SilentMachine { name: "laptop".to_owned(), since: at(100) }]);
    }

    #[test]
    fn what_a_machine_says_of_the_future_is_not_known() {
        let mut machines = Machines::default();
        machines.cover("desk", (at(0), at(100)), at(50));
        assert_eq!(machines.silent(at(40), at(60)).len(), 1);
    }

    proptest! {
        #[test]
        fn spans_stay_apart_and_in_order_and_few(
            spans in prop::collection::vec((0_i64..300, 0_i64..30), 0..40),
            machines in prop::collection::vec(0_u8..40, 0..60),
        ) {
            let mut known = Machines::default();
            for (from, length) in &spans {
                known.cover("desk", (at(*from), at(from + length)), at(1000));
            }
            if let Some(logs) = known.0.get("desk") {
                prop_assert!(logs.spans.len() <= MAX_SPANS);
                prop_assert!(logs.spans.iter().zip(logs.spans.iter().skip(1)).all(|(a, b)| a.to < b.from));
            }
            for (now, machine) in (1000..).map(at).zip(&machines) {
                known.cover(&format!("m{machine}"), (at(0), at(1)), now);
            }
            prop_assert!(known.0.len() <= MAX_MACHINES);
        }
    }
}
