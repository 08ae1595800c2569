//! Sums of what a scan found: by day, month, model, project, session or client.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use tidemark_core::account::ParseEnumError;
use tidemark_core::calendar::{Bucket, Span};
use tidemark_core::project_filter::HiddenProjects;

use crate::model::Party;
use crate::usage_deduper::{Row, Tally, UsageDeduper};

/// What a row of a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// A calendar day.
    Day,
    /// A calendar month.
    Month,
    /// A model.
    Model,
    /// A folder that was worked in.
    Project,
    /// A session.
    Session,
    /// The program that sent the requests, by the format of its logs.
    Client,
}

impl By {
    /// All groupings.
    pub const ALL: [Self; 6] =
        [Self::Day, Self::Month, Self::Model, Self::Project, Self::Session, Self::Client];

    /// The word for it on the command line and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Model => "model",
            Self::Project => "project",
            Self::Session => "session",
            Self::Client => "client",
        }
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for By {
    type Err = ParseEnumError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|by| by.as_str() == word).ok_or_else(|| ParseEnumError {
            expected: "day, month, model, project, session or client",
            found: word.to_owned(),
        })
    }
}

/// Usage in groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Its rows: days and months in their order, others with the most tokens first. Kimi's models only.
    pub rows: Vec<Group>,
    /// All of its rows together.
    pub totals: Group,
    /// What other people's models used through Kimi's command lines, by model.
    pub third_party: Vec<(String, Tally)>,
    /// Of the totals, what a clock set wrong wrote: it lies before [`EARLIEST`] or more than a day ahead; it is counted
    /// under the day that the log says. And what has no time in the log: it is counted when the log was last written.
    pub doubtful_times: Tally,
}

/// A row of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// The day, the month, the model, the folder, the session, or the word of the program's format. `None` if the
    /// folder is unknown.
    pub key: Option<String>,
    /// Requests and tokens of the row.
    pub tally: Tally,
    /// The same by model and by stretch between two cuts, so that it can be priced.
    pub parts: Vec<Part>,
}

/// What a model used between two cuts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The model's canonical name.
    pub model: String,
    /// When the first quarter of an hour began in which it was used. No cut lies between it and any other
    /// use in this part, within a quarter's precision.
    pub at: DateTime<Utc>,
    /// Requests and tokens of the part.
    pub tally: Tally,
}

/// No Kimi model could be used before: the first was opened to the public in October 2023.
pub const EARLIEST: DateTime<Utc> = match DateTime::from_timestamp(1_696_118_400, 0) {
    Some(at) => at,
    None => DateTime::UNIX_EPOCH,
};

/// Sums up what a scan found. `cuts` are those with which it was made. Projects that are hidden are one row.
#[must_use]
pub fn report(
    deduper: &UsageDeduper,
    by: By,
    zone: Tz,
    cuts: &[DateTime<Utc>],
    hidden: &HiddenProjects,
    now: DateTime<Utc>,
) -> Report {
    let mut groups: BTreeMap<Option<String>, Sum<'_>> = BTreeMap::new();
    let mut totals = Sum::default();
    let mut third: BTreeMap<String, Tally> = BTreeMap::new();
    let mut doubtful_times = Tally::default();
    let mut labels: HashMap<DateTime<Utc>, String> = HashMap::new();
    for row in deduper.rows() {
        if row.party == Party::Third {
            third.entry(row.model.to_owned()).or_default().add(row.tally);
            continue;
        }
        if row.dated_by_file || row.start < EARLIEST || row.start > now + TimeDelta::days(1) {
            doubtful_times.add(row.tally);
        }
        let mut label = |span| {
            labels
                .entry(row.start)
                .or_insert_with(|| Bucket::holding(row.start, span, zone).label(span, zone))
                .clone()
        };
        let key = match by {
            By::Day => Some(label(Span::Day)),
            By::Month => Some(label(Span::Month)),
            By::Model => Some(row.model.to_owned()),
            By::Project => row.project.map(|project| hidden.written(project).to_owned()),
            By::Session => Some(row.session.to_owned()),
            By::Client => Some(row.format.as_str().to_owned()),
        };
        let stretch = cuts.iter().filter(|cut| **cut <= row.start).count();
        groups.entry(key).or_default().add(&row, stretch);
        totals.add(&row, stretch);
    }
    let mut rows: Vec<Group> = groups.into_iter().map(|(key, sum)| sum.group(key)).collect();
    if !matches!(by, By::Day | By::Month) {
        // Stable: equals stay in the order of their keys.
        rows.sort_by_key(|group| std::cmp::Reverse(group.tally.tokens.total()));
    }
    Report { rows, totals: totals.group(None), third_party: third.into_iter().collect(), doubtful_times }
}

#[derive(Default)]
struct Sum<'r> {
    tally: Tally,
    parts: BTreeMap<(&'r str, usize), (DateTime<Utc>, Tally)>,
}

impl<'r> Sum<'r> {
    fn add(&mut self, row: &Row<'r>, stretch: usize) {
        self.tally.add(row.tally);
        let part = self.parts.entry((row.model, stretch)).or_insert((row.start, Tally::default()));
        part.0 = part.0.min(row.start);
        part.1.add(row.tally);
    }

    fn group(self, key: Option<String>) -> Group {
        let parts = self.parts.into_iter().map(|((model, _), (at, tally))| Part {
            model: model.to_owned(),
            at,
            tally,
        });
        Group { key, tally: self.tally, parts: parts.collect() }
    }
}
