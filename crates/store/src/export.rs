//! Export: a recorded history as the contract's lines, in time order, without holding it in memory.

use std::collections::HashMap;
use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use rusqlite::{Row, Rows};
use tidemark_core::AccountId;
use tidemark_core::line::{FailureLine, FindingLine, IncidentLine, IncidentState, Line, ReadingLine};

use crate::error::StoreError;
use crate::findings::FindingQuery;
use crate::readings::accounts_of;
use crate::store::Store;
use crate::{failures, instant, readings};

/// What to export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportQuery {
    /// Of one account, or of all. Incidents belong to none and are always there.
    pub account: Option<AccountId>,
    /// At or after.
    pub from: DateTime<Utc>,
    /// Before.
    pub to: DateTime<Utc>,
}

/// A line and when it was.
type Dated = (DateTime<Utc>, Line);

/// One source of lines in time order, and the line it is at.
struct Stream<'db, 'f> {
    rows: Rows<'db>,
    read: Box<dyn Fn(&Row<'_>) -> Result<Dated, StoreError> + 'f>,
    next: Option<Dated>,
}

impl Stream<'_, '_> {
    fn advance(&mut self) -> Result<(), StoreError> {
        self.next = self.rows.next()?.map(&self.read).transpose()?;
        Ok(())
    }
}

impl Store {
    /// Hands the readings, failures and incidents of a span to `each` as the contract's lines, in time order
    /// (at the same time: readings, failures, incidents), until it breaks off.
    pub fn for_each_line(
        &self,
        query: &ExportQuery,
        mut each: impl FnMut(Line) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let names: HashMap<i64, String> = self.accounts()?.into_iter().map(|a| (a.id.0, a.name)).collect();
        let tx = self.begin_reading()?;
        let (from, to) = (instant::encode(query.from), instant::encode(query.to));
        let accounts = accounts_of(&tx, query.account)?;
        let mut of_readings = Vec::new();
        let mut of_failures = Vec::new();
        for _ in &accounts {
            of_readings.push(tx.prepare(readings::SELECT_SPAN)?);
            of_failures.push(tx.prepare(failures::SELECT_SPAN)?);
        }
        let mut of_incidents = tx.prepare(
            "SELECT opened_at AS at, id, impact, title, 0 FROM incident WHERE opened_at >= ?1 AND opened_at < ?2
             UNION ALL
             SELECT resolved_at, id, impact, title, 1 FROM incident WHERE resolved_at >= ?1 AND resolved_at < ?2
             ORDER BY at",
        )?;
        let name = |account: AccountId| names.get(&account.0).cloned();
        let mut streams: Vec<Stream<'_, '_>> = Vec::new();
        for (account, statement) in accounts.iter().zip(&mut of_readings) {
            streams.push(Stream {
                rows: statement.query([*account, from, to])?,
                read: Box::new(|row| {
                    let stored = readings::stored(row)?;
                    let line = ReadingLine::new(&stored.reading, name(stored.account).as_deref());
                    Ok((stored.reading.at, Line::Reading(line)))
                }),
                next: None,
            });
        }
        for (account, statement) in accounts.iter().zip(&mut of_failures) {
            streams.push(Stream {
                rows: statement.query([*account, from, to])?,
                read: Box::new(|row| {
                    let stored = failures::stored(row)?;
                    let line = FailureLine {
                        at: stored.at,
                        account: name(stored.account),
                        kind: stored.failure.kind,
                    };
                    Ok((stored.at, Line::Failure(line)))
                }),
                next: None,
            });
        }
        streams.push(Stream {
            rows: of_incidents.query([from, to])?,
            read: Box::new(|row| {
                let at = instant::decode(row.get(0)?);
                let state =
                    if row.get::<_, bool>(4)? { IncidentState::Resolved } else { IncidentState::Open };
                let line =
                    IncidentLine { at, id: row.get(1)?, state, impact: row.get(2)?, title: row.get(3)? };
                Ok((at, Line::Incident(line)))
            }),
            next: None,
        });
        for stream in &mut streams {
            stream.advance()?;
        }
        // As many streams as twice the accounts: a look at all of them is quicker than a heap.
        while let Some(first) = streams
            .iter_mut()
            .filter(|stream| stream.next.is_some())
            .min_by_key(|stream| stream.next.as_ref().map(|(at, _)| *at))
        {
            if let Some((_, line)) = first.next.take()
                && each(line).is_break()
            {
                break;
            }
            first.advance()?;
        }
        Ok(())
    }

    /// The findings of a span as the contract's lines, in the order in which they were made.
    pub fn finding_lines(&self, query: &ExportQuery) -> Result<Vec<FindingLine>, StoreError> {
        let names: HashMap<AccountId, String> =
            self.accounts()?.into_iter().map(|a| (a.id, a.name)).collect();
        let found = self.findings(&FindingQuery {
            account: query.account,
            from: Some(query.from),
            to: Some(query.to),
            ..FindingQuery::default()
        })?;
        Ok(found
            .iter()
            .rev()
            .map(|stored| FindingLine::new(&stored.finding, names.get(&stored.account).map(String::as_str)))
            .collect())
    }
}
