//! What all months of one kind come to.

use serde::Serialize;

use crate::baseline::RULES;
use crate::fault::Fault;
use crate::live::Outcome;
use crate::month::Sight;

/// The sums of all months with one fault at one size.
#[derive(Debug, Clone, Default)]
pub(crate) struct Score {
    months: u32,
    counted: u32,
    found: u32,
    noticed: u32,
    delays: Vec<u32>,
    in_time: (u32, u32),
    in_days: u32,
    false_alarms: u32,
    withdrawn: u32,
    wrongly_withdrawn: u32,
    besides: u32,
    rules: [(u32, u32); 4],
    resets: (u32, u32),
    credits: (u32, u32),
}

impl Score {
    pub(crate) fn add(&mut self, outcome: &Outcome) {
        self.months += 1;
        self.false_alarms += outcome.false_alarms;
        self.withdrawn += outcome.withdrawn;
        self.resets.0 += outcome.resets.0;
        self.resets.1 += outcome.resets.1;
        self.credits.0 += outcome.credits.0;
        self.credits.1 += outcome.credits.1;
        for (sum, (found, rang)) in self.rules.iter_mut().zip(outcome.rules) {
            sum.0 += u32::from(found && outcome.counted);
            sum.1 += rang;
        }
        if !outcome.counted {
            return;
        }
        self.counted += 1;
        self.wrongly_withdrawn += u32::from(outcome.wrongly_withdrawn && !outcome.found);
        self.besides += outcome.besides;
        self.noticed += u32::from(outcome.noticed);
        if outcome.found {
            self.found += 1;
            self.in_days += u32::from(outcome.in_days);
            self.delays.push(outcome.delay);
        }
        if let Some(in_time) = outcome.in_time {
            self.in_time.0 += 1;
            self.in_time.1 += u32::from(in_time);
        }
    }

    /// The line of a fault.
    pub(crate) fn row(mut self, fault: Fault, sight: Sight) -> Row {
        self.delays.sort_unstable();
        let within = |polls: u32| self.delays.iter().filter(|delay| **delay < polls).count() as u32;
        Row {
            sight: sight.as_str(),
            class: fault.class(),
            size: fault.size(),
            months: self.months,
            counted: self.counted,
            found: self.found,
            noticed: self.noticed,
            within_one: within(2),
            within_two: within(3),
            delay: self.delays.get(self.delays.len() / 2).copied(),
            quota: self.in_time.0,
            in_time: self.in_time.1,
            in_days: self.in_days,
            false_alarms: self.false_alarms,
            withdrawn: self.withdrawn,
            wrongly_withdrawn: self.wrongly_withdrawn,
            besides: self.besides,
            resets: self.resets.0,
            resets_right: self.resets.1,
            credits: self.credits.0,
            credits_right: self.credits.1,
            rules: RULES
                .into_iter()
                .zip(self.rules)
                .map(|(name, (found, false_alarms))| Rule { name, found, false_alarms })
                .collect(),
        }
    }
}

/// One line of JSON: what `cargo xtask bench audit` reads.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    sight: &'static str,
    class: &'static str,
    size: Option<f64>,
    /// Months lived, and those of them in which the fault could be seen.
    months: u32,
    counted: u32,
    /// Found under the right class, and under any.
    found: u32,
    noticed: u32,
    /// At the first poll that showed it or the next one, and at the one after that at the latest.
    within_one: u32,
    within_two: u32,
    /// The middle delay in polls.
    delay: Option<u32>,
    /// Months of accounts with a quota, and those in which less than a tenth of a week's was lost.
    quota: u32,
    in_time: u32,
    /// Found within three days.
    in_days: u32,
    /// Anomalies that were none and stayed, and those that were withdrawn.
    false_alarms: u32,
    withdrawn: u32,
    /// Months in which the fault was found, withdrawn, and not found again.
    wrongly_withdrawn: u32,
    besides: u32,
    resets: u32,
    resets_right: u32,
    credits: u32,
    credits_right: u32,
    rules: Vec<Rule>,
}

#[derive(Debug, Serialize)]
struct Rule {
    name: &'static str,
    found: u32,
    false_alarms: u32,
}
