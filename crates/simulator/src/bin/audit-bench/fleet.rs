//! Several machines of one owner: which of them made a request, and when it becomes known here.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_simulator::{Machine, Request};

use crate::dice::Dice;
use crate::month::{Month, Reports, Sight};

/// The machines of a month. The first is this one.
#[derive(Debug, Clone)]
pub(crate) struct Fleet {
    names: Vec<String>,
    /// Whose reports are late or missing, and how.
    late: usize,
    reports: Reports,
    /// How often that one reports, if it does so late.
    every: TimeDelta,
    /// When it falls silent, if it does.
    silent_from: DateTime<Utc>,
    /// Until when each has reported.
    until: Vec<DateTime<Utc>>,
    /// What is not known yet, by machine.
    waiting: Vec<VecDeque<Request>>,
    seed: u64,
}

/// What became known at a time: requests of a machine, and that there are no others in a span.
#[derive(Debug)]
pub(crate) struct Report {
    /// `None` is this machine.
    pub(crate) machine: Option<String>,
    pub(crate) known_at: DateTime<Utc>,
    pub(crate) span: (DateTime<Utc>, DateTime<Utc>),
    pub(crate) requests: Vec<Request>,
}

impl Fleet {
    /// The machines of a month; `None` where it has but one.
    pub(crate) fn of(month: &Month) -> Option<Self> {
        let Sight::Machines(reports) = month.sight else { return None };
        let mut dice = Dice::new(month.seed ^ 0x00f1_ee70);
        let count = if reports == Reports::OneMachine { 1 } else { 2 + (dice.next() % 4) as usize };
        // Half of the time the one that works in the same hours as all others.
        let late =
            if count <= 2 || dice.happens(0.5) { count - 1 } else { 1 + dice.next() as usize % (count - 2) };
        let every = TimeDelta::minutes(match reports {
            Reports::Minutes => dice.pick(&[10, 20, 30, 60]),
            Reports::Hours => dice.pick(&[120, 240, 480, 720]),
            Reports::Days => dice.pick(&[1440, 2880, 4320]),
            _ => 0,
        });
        Some(Self {
            names: (0..count).map(|n| format!("machine {n}")).collect(),
            late,
            reports,
            every,
            silent_from: month.begin + TimeDelta::minutes((dice.between(4.0, 20.0) * 1440.0) as i64),
            until: vec![month.begin; count],
            waiting: vec![VecDeque::new(); count],
            seed: month.seed,
        })
    }

    /// Takes what was sent since the last call.
    pub(crate) fn take(&mut self, requests: Vec<Request>) {
        for request in requests {
            let machine = self.machine_of(&request);
            self.waiting[machine].push_back(request);
        }
    }

    /// Who works in the same hours as the owner is the last machine; the owner's sessions are on all others.
    fn machine_of(&self, request: &Request) -> usize {
        let last = self.names.len() - 1;
        if request.machine == Machine::Other || last == 0 {
            return last;
        }
        (Dice::new(self.seed ^ request.session).next() % last as u64) as usize
    }

    /// What has become known by `now`, where logs are read `after` usage.
    pub(crate) fn known(&mut self, now: DateTime<Utc>, after: TimeDelta) -> Vec<Report> {
        (0..self.names.len()).filter_map(|machine| self.report(machine, now, after)).collect()
    }

    /// What becomes known once all that report have done so.
    pub(crate) fn rest(&mut self, now: DateTime<Utc>) -> Vec<Report> {
        let never = matches!(self.reports, Reports::Silent | Reports::Never).then_some(self.late);
        let machines = (0..self.names.len()).filter(|machine| Some(*machine) != never);
        machines.collect::<Vec<_>>().into_iter().map(|machine| self.up_to(machine, now, now)).collect()
    }

    fn report(&mut self, machine: usize, now: DateTime<Utc>, after: TimeDelta) -> Option<Report> {
        let in_time = now - after;
        let until = match self.reports {
            _ if machine != self.late => in_time,
            Reports::OneMachine | Reports::InTime => in_time,
            Reports::Silent => in_time.min(self.silent_from),
            Reports::Never => return None,
            Reports::Minutes | Reports::Hours | Reports::Days => {
                let step = self.every.num_seconds().max(1);
                DateTime::from_timestamp(now.timestamp().div_euclid(step) * step, 0)?
            }
        };
        let is_late = machine == self.late && self.every > TimeDelta::zero();
        let known_at = if is_late { until } else { now };
        (until > self.until[machine]).then(|| self.up_to(machine, until, known_at))
    }

    fn up_to(&mut self, machine: usize, until: DateTime<Utc>, known_at: DateTime<Utc>) -> Report {
        let waiting = &mut self.waiting[machine];
        let count = waiting.iter().take_while(|request| request.at <= until).count();
        let from = std::mem::replace(&mut self.until[machine], until);
        Report {
            machine: (machine > 0).then(|| self.names[machine].clone()),
            known_at,
            span: (from, until),
            requests: waiting.drain(..count).collect(),
        }
    }
}
