//! Usage, as a member may see it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use tidemark_core::{Tokens, text};
use tokio_postgres::Row;

use crate::connection::{Hub, within};
use crate::problem::Problem;
use crate::status::label;

/// What usage is grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageBy {
    /// Who used it.
    Member,
    /// On which machine.
    Machine,
    /// With which program.
    Client,
    /// Which model.
    Model,
    /// In which project, where that is shared.
    Project,
    /// On which day of the hub's zone.
    Day,
    /// In which month of the hub's zone.
    Month,
}

impl UsageBy {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Member, Self::Machine, Self::Client, Self::Model, Self::Project, Self::Day, Self::Month];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Machine => "machine",
            Self::Client => "client",
            Self::Model => "model",
            Self::Project => "project",
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// The expressions for what distinguishes groups, and for what they are called.
    const fn columns(self) -> (&'static str, &'static str) {
        match self {
            Self::Member => ("used.member::text", "min(member.name)"),
            Self::Machine => ("used.machine::text", "min(machine.name)"),
            Self::Client => ("used.client", "min(used.client)"),
            Self::Model => ("used.model", "min(used.model)"),
            Self::Project => ("used.project", "nullif(min(used.project), '')"),
            Self::Day => ("to_char(used.day, 'YYYY-MM-DD')", "min(to_char(used.day, 'YYYY-MM-DD'))"),
            Self::Month => ("to_char(used.day, 'YYYY-MM')", "min(to_char(used.day, 'YYYY-MM'))"),
        }
    }

    /// Whether its groups are in the order of time.
    #[must_use]
    pub const fn is_time(self) -> bool {
        matches!(self, Self::Day | Self::Month)
    }
}

impl fmt::Display for UsageBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word by which usage is not grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected member, machine, client, model, project, day or month")]
pub struct NotAGrouping;

impl FromStr for UsageBy {
    type Err = NotAGrouping;

    fn from_str(word: &str) -> Result<Self, NotAGrouping> {
        Self::ALL.into_iter().find(|by| by.as_str() == word).ok_or(NotAGrouping)
    }
}

/// Which usage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageFilter {
    /// The first day, in the hub's zone.
    pub from: Option<NaiveDate>,
    /// The last day.
    pub to: Option<NaiveDate>,
    /// Days on which prices changed: no part spans one.
    pub cuts: Vec<NaiveDate>,
}

/// A part of a group: of one model, between two changes of prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsagePart {
    /// The model.
    pub model: String,
    /// The first day of it.
    pub day: NaiveDate,
    /// How many requests.
    pub requests: u64,
    /// Their tokens.
    pub tokens: Tokens,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRow {
    /// What it is of; `None` where that is unknown or not shared.
    pub key: Option<String>,
    /// Its parts.
    pub parts: Vec<UsagePart>,
}

impl UsageRow {
    fn total(&self) -> u64 {
        self.parts.iter().fold(0, |total, part| total.saturating_add(part.tokens.total()))
    }
}

/// What an account used in all, whoever used it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountUsage {
    /// The hub's number for it.
    pub account: i64,
    /// What it used.
    pub parts: Vec<UsagePart>,
}

impl Hub {
    /// Usage in groups: by time in its order, else those that used most first.
    ///
    /// # Errors
    /// [`Problem`], by kind.
    pub async fn usage(&self, by: UsageBy, filter: &UsageFilter) -> Result<Vec<UsageRow>, Problem> {
        let (key, name) = by.columns();
        // Names are joined only where they are asked for: an id without its row is still a group.
        let join = match by {
            UsageBy::Member => "LEFT JOIN tidemark.member ON member.id = used.member",
            UsageBy::Machine => "LEFT JOIN tidemark.machine ON machine.id = used.machine",
            _ => "",
        };
        let identity = if by == UsageBy::Machine { "min(machine.identity)" } else { "NULL::text" };
        // By days first: where prices changed is asked for each of those, not for each machine's row.
        let sql = format!(
            "SELECT key, min(name), min(identity), model, min(day), sum(requests)::bigint, sum(input)::bigint,
               sum(cache_read)::bigint, sum(cache_write)::bigint, sum(cache_write_1h)::bigint, sum(output)::bigint
             FROM (
               SELECT {key} AS key, {name} AS name, {identity} AS identity, used.model, used.day,
                 sum(used.requests) AS requests, sum(used.input) AS input, sum(used.cache_read) AS cache_read,
                 sum(used.cache_write) AS cache_write, sum(used.cache_write_1h) AS cache_write_1h,
                 sum(used.output) AS output
               FROM tidemark.usage_day AS used {join}
               WHERE used.requests > 0 AND ($1::date IS NULL OR used.day >= $1)
                 AND ($2::date IS NULL OR used.day <= $2)
               GROUP BY key, used.model, used.day
             ) AS days
             GROUP BY key, model, (SELECT count(*) FROM unnest($3::date[]) AS cut WHERE cut <= days.day)
             ORDER BY key, model, min(day)"
        );
        let rows = within(self.client().query(&sql, &[&filter.from, &filter.to, &filter.cuts])).await?;
        let mut groups: Vec<(String, UsageRow)> = Vec::new();
        for row in &rows {
            let key: String = row.try_get(0)?;
            let part = part(row, 3)?;
            match groups.last_mut() {
                Some((last, group)) if *last == key => group.parts.push(part),
                _ => {
                    let name: Option<String> = row.try_get(1)?;
                    let name = match row.try_get::<_, Option<String>>(2)? {
                        Some(identity) => Some(label(name, &text::name(&identity))),
                        None => name.map(|name| text::sentence(&name)),
                    };
                    groups.push((key, UsageRow { key: name, parts: vec![part] }));
                }
            }
        }
        let mut groups: Vec<UsageRow> = groups.into_iter().map(|(_, group)| group).collect();
        if !by.is_time() {
            groups.sort_by_key(|group| std::cmp::Reverse(group.total()));
        }
        Ok(groups)
    }

    /// What the accounts of this member used in all; for an auditor or owner, all accounts.
    ///
    /// # Errors
    /// [`Problem`], by kind.
    pub async fn account_usage(&self, filter: &UsageFilter) -> Result<Vec<AccountUsage>, Problem> {
        let rows = within(self.client().query(
            "SELECT used.account, used.model, min(used.day), sum(used.requests)::bigint, sum(used.input)::bigint,
               sum(used.cache_read)::bigint, sum(used.cache_write)::bigint, sum(used.cache_write_1h)::bigint,
               sum(used.output)::bigint
             FROM tidemark.account_day AS used
             WHERE ($1::date IS NULL OR used.day >= $1) AND ($2::date IS NULL OR used.day <= $2)
             GROUP BY used.account, used.model, (SELECT count(*) FROM unnest($3::date[]) AS cut WHERE cut <= used.day)
             ORDER BY used.account, used.model, min(used.day)",
            &[&filter.from, &filter.to, &filter.cuts],
        ))
        .await?;
        let mut accounts: BTreeMap<i64, Vec<UsagePart>> = BTreeMap::new();
        for row in &rows {
            accounts.entry(row.try_get(0)?).or_default().push(part(row, 1)?);
        }
        Ok(accounts.into_iter().map(|(account, parts)| AccountUsage { account, parts }).collect())
    }
}

/// Reads model, day, number of requests and tokens, from a column on.
fn part(row: &Row, first: usize) -> Result<UsagePart, tokio_postgres::Error> {
    let count =
        |column: usize| row.try_get::<_, i64>(first + column).map(|count| count.max(0).cast_unsigned());
    Ok(UsagePart {
        model: text::name(row.try_get(first)?),
        day: row.try_get(first + 1)?,
        requests: count(2)?,
        tokens: Tokens {
            input: count(3)?,
            cache_read: count(4)?,
            cache_write: count(5)?,
            cache_write_1h: count(6)?,
            output: count(7)?,
        },
    })
}
