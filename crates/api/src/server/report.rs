//! The evidence report: gathered from the history, and handed out as a file.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Deserialize;
use tidemark_core::audience::PlanLevel;
use tidemark_core::audit::Breakdown;
use tidemark_core::calendar::Span;
use tidemark_core::message::Message;
use tidemark_core::number::decimal;
use tidemark_core::report::{Head, Marked, RecordSource, ReportError, SealedRecord, Total};
use tidemark_core::step::{AccountState, Restored};
use tidemark_core::wire::{AnnouncementRecord, FindingRecord, Record, TimestampedRecord};
use tidemark_core::{Account, AccountId, Currency, FindingKind, Meter, Money, Region, Series, text};
use tidemark_kimi::{PriceList, redact};
use tidemark_store::{ExportQuery, FindingQuery, HistoryQuery, Store, StoreError, StoredFinding};

use super::context::Context;
use super::download::{self, DownloadError};
use super::error::ApiError;
use super::findings::{is_held_against_service, is_origin};
use super::query::moment_or;
use crate::report::Sealed;

/// How much of the history is read at a time where only its sum counts.
const SLICE: TimeDelta = TimeDelta::days(14);

/// What a report is asked for.
#[derive(Debug, Clone)]
pub struct ReportQuery {
    /// The account that the report is about.
    pub account: Account,
    /// Its plan, as announcements name it.
    pub plan: PlanLevel,
    /// The first instant of the span.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
    /// The zone of the page's times.
    pub zone: Tz,
    /// The language of the page: `en`, `zh-CN`.
    pub language: String,
    /// When the report is made.
    pub now: DateTime<Utc>,
}

/// Gathers a report from the history. Keys are not in the history; account numbers, addresses and the like
/// are taken out of whatever text came from outside. Its records are read again each time they are written, so the
/// store has to stay as it is meanwhile ([`Store::at_one_moment`]).
///
/// # Errors
/// Those of [any read](StoreError#reads-and-writes), and [`StoreError::Unreadable`] if something stored cannot be
/// parsed.
pub fn gather<'a>(store: &'a Store, query: &'a ReportQuery) -> Result<Sealed<StoredRecords<'a>>, StoreError> {
    // Of a year most are resets on time, of which the figures need none.
    let mut findings = Vec::new();
    store.for_each_finding(query.account.id, (query.from, query.to), |found| {
        if !found.is_routine() {
            findings.push(found);
        }
        ControlFlow::Continue(())
    })?;
    let totals = totals(store, query, &findings)?;
    let marks = findings.iter().filter_map(marked).collect();
    // What was given back or withdrawn after the span is said of the anomalies in it.
    let later = store.findings(&FindingQuery {
        account: Some(query.account.id),
        from: Some(query.to),
        ..FindingQuery::default()
    })?;
    let concerns = |later: &StoredFinding| findings.iter().any(|found| is_origin(found, later));
    let returned: Vec<StoredFinding> = later.into_iter().rev().filter(concerns).collect();
    let records = StoredRecords { store, query, returned };
    let head = Head {
        made_at: query.now,
        made_by: env!("CARGO_PKG_VERSION").to_owned(),
        account: redact::text(&query.account.name),
        source: query.account.source.as_str().to_owned(),
        region: query.account.region.as_str().to_owned(),
        plan: records.last_plan()?.map(|plan| redact::text(&plan)),
        from: query.from,
        to: query.to,
        timezone: query.zone.name().to_owned(),
        language: query.language.clone(),
        totals,
        marks,
    };
    Sealed::new(&head, records).map_err(|error| match error {
        ReportError::Source(error) => error,
        ReportError::Write(why) => unwritable(&why),
    })
}

/// The records of a report, as the history has them.
#[derive(Debug)]
pub struct StoredRecords<'a> {
    store: &'a Store,
    query: &'a ReportQuery,
    /// What was given back or withdrawn after the span of anomalies in it, oldest first.
    returned: Vec<StoredFinding>,
}

impl StoredRecords<'_> {
    fn span(&self) -> ExportQuery {
        ExportQuery { account: Some(self.query.account.id), from: self.query.from, to: self.query.to }
    }

    fn concerns(&self, line: &AnnouncementRecord) -> bool {
        let account = &self.query.account;
        line.audience.may_concern(account.source, account.region, self.query.plan)
    }

    /// The announcements that were read before the span and hold in it.
    fn announced_before(&self) -> Result<Vec<AnnouncementRecord>, StoreError> {
        let mut known = self.store.announcements(DateTime::UNIX_EPOCH, self.query.from)?;
        known.retain(|line| line.begins() < self.query.to && line.ends() >= self.query.from);
        Ok(known)
    }

    /// The plan of the last reading.
    fn last_plan(&self) -> Result<Option<String>, StoreError> {
        let mut plan = None;
        self.store.for_each_line(&self.span(), |recorded| {
            if let Record::Reading(line) = recorded.record {
                plan = line.plan;
            }
            ControlFlow::Continue(())
        })?;
        Ok(plan)
    }
}

impl RecordSource for StoredRecords<'_> {
    type Error = StoreError;

    fn for_each(&self, each: &mut dyn FnMut(SealedRecord) -> ControlFlow<()>) -> Result<(), StoreError> {
        let mut last: Option<String> = None;
        let mut broken = Ok(false);
        let mut take = |mut recorded: TimestampedRecord| -> Result<ControlFlow<()>, StoreError> {
            // The service says it to others.
            if let Record::Announcement(line) = &recorded.record
                && !self.concerns(line)
            {
                return Ok(ControlFlow::Continue(()));
            }
            nameless(&mut recorded);
            let mut own = None;
            if let Record::Reading(line) = &recorded.record {
                let evidence = self.store.evidence_at(self.query.account.id, line.at)?;
                // Of an imported reading the service's own words are not here.
                let evidence = evidence.filter(|came| !came.is_empty()).map(body);
                own = evidence.clone().filter(|evidence| last.as_ref() != Some(evidence));
                last = evidence;
            }
            let text = serde_json::to_string(&recorded).map_err(|why| unwritable(&why))?;
            Ok(each(SealedRecord { text, body: own, hash: String::new() }))
        };
        for line in self.announced_before()? {
            if take(Record::Announcement(line).into())?.is_break() {
                return Ok(());
            }
        }
        self.store.for_each_line(&self.span(), |recorded| {
            broken = take(recorded).map(|flow| flow.is_break());
            if matches!(broken, Ok(false)) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        if broken? {
            return Ok(());
        }
        let mut broken = Ok(false);
        let bounds = (self.query.from, self.query.to);
        self.store.for_each_finding(self.query.account.id, bounds, |found| {
            broken = record_of(&found).map(|record| each(record).is_break());
            if matches!(broken, Ok(false)) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        if broken? {
            return Ok(());
        }
        for found in &self.returned {
            if each(record_of(found)?).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// The record of a finding, without what concerns no one else.
fn record_of(found: &StoredFinding) -> Result<SealedRecord, StoreError> {
    let mut line = FindingRecord::new(&found.finding, None);
    // An incident's title is repeated in them.
    line.explanation = redact::text(&line.explanation);
    for fact in &mut line.evidence {
        *fact = redact::text(fact);
    }
    // The page says it in the reader's language.
    line.messages = found.finding.messages.clone();
    for message in line.messages.explanation.iter_mut().chain(&mut line.messages.evidence) {
        match message {
            Message::Incident { title, impact, .. } => {
                for words in [title, impact].into_iter().flatten() {
                    *words = redact::text(words);
                }
            }
            Message::Announcement { text, .. } => *text = redact::text(text),
            _ => {}
        }
    }
    let text = serde_json::to_string(&Record::Finding(line)).map_err(|why| unwritable(&why))?;
    Ok(SealedRecord { text, body: None, hash: String::new() })
}

fn unwritable(why: &impl ToString) -> StoreError {
    StoreError::Unreadable { what: "report", why: why.to_string() }
}

/// What is kept of a body is a list of what may stay. Should anything in it resemble a key or an address
/// nevertheless, it goes; figures alone are left as they came. It is JSON: what hides or turns text is escaped.
fn body(came: String) -> String {
    let suspicious = ["sk-", "ak-", "org-", "proj-", "eyJ", "@"].iter().any(|sign| came.contains(sign));
    let kept = if suspicious { redact::text(&came) } else { came };
    text::escape_json(&kept).into_owned()
}

/// There is only one account, and its name says nothing to others; texts from outside are searched for keys.
fn nameless(recorded: &mut TimestampedRecord) {
    let clean = |text: &mut Option<String>| {
        if let Some(text) = text {
            *text = redact::text(text);
        }
    };
    match &mut recorded.record {
        Record::Reading(line) => {
            line.account = None;
            clean(&mut line.plan);
            for path in &mut line.not_understood {
                *path = redact::text(path);
            }
        }
        Record::Usage(line) => (line.account, line.project, line.machine) = (None, None, None),
        Record::LogCoverage(line) => line.machine = redact::text(&line.machine),
        Record::Failure(line) => line.account = None,
        Record::Finding(line) => line.account = None,
        Record::Announcement(line) => {
            for words in [&mut line.title, &mut line.text, &mut line.detail] {
                clean(words);
            }
        }
        Record::Incident(line) => {
            clean(&mut line.title);
            clean(&mut line.impact);
        }
    }
}

fn marked(found: &StoredFinding) -> Option<Marked> {
    Some(Marked {
        class: found.finding.anomaly()?,
        series: found.finding.series,
        detected_at: found.finding.detected_at,
        mark: found.mark?.0,
    })
}

fn totals(store: &Store, query: &ReportQuery, findings: &[StoredFinding]) -> Result<Vec<Total>, StoreError> {
    let account = query.account.id;
    let state = store.analysis(account)?.state.and_then(|stored| match AccountState::from_stored(&stored) {
        Restored::Whole(state) | Restored::WithoutAlerts(state) => Some(state),
        // Its figures are unknown until the agent has rebuilt it.
        Restored::WithoutAudit(_) | Restored::Lost(_) => None,
    });
    let auditor = state.as_ref().map(AccountState::auditor);
    let mut totals: Vec<Total> = Vec::new();
    let (series, first) = series(store, query)?;
    let anomalies = store.anomalies(Some(account))?;
    for series in series {
        let mut sums = Breakdown::default();
        let mut deducted = -expired(findings, series);
        // Slice by slice, so that a report over years takes no more memory than one over a month.
        for (from, to) in slices(first, query.to) {
            for run in store.runs(account, series, from, to)?.iter().filter(|run| run.at >= from) {
                deducted += run.deducted;
                let parts = run.verdict.map(|verdict| verdict.parts).unwrap_or_default();
                sums += parts;
                sums.cannot_tell += (run.deducted - parts.total()).max(Decimal::ZERO);
            }
        }
        let deducted = deducted.max(Decimal::ZERO);
        let beyond = findings
            .iter()
            .filter(|found| found.finding.series == Some(series))
            .filter(|found| is_held_against_service(&anomalies, found))
            .filter_map(|found| found.finding.excess())
            .reduce(|a, b| (a.0 + b.0, a.1 + b.1));
        // It is part of the month: in a row of its own, what the month's anomalies accuse would be unknown. Where itself is
        // accused, and the month is not, it stands for itself.
        if series == Series::Meter(Meter::MonthCode)
            && beyond.is_none()
            && let Some(month) = totals.iter_mut().find(|total| total.series == Series::Meter(Meter::Month))
        {
            month.code = Some(decimal::to_f64(deducted));
            continue;
        }
        let sums = sums.fitted(deducted);
        let points = auditor.and_then(|auditor| auditor.points_for_a_dollar_at_most(series));
        totals.push(Total {
            series,
            deducted: decimal::to_f64(deducted),
            fully: decimal::to_f64(sums.fully),
            partly: decimal::to_f64(sums.partly),
            elsewhere: decimal::to_f64(sums.elsewhere),
            not: decimal::to_f64(sums.not),
            cannot_tell: decimal::to_f64(sums.cannot_tell),
            beyond,
            worth: beyond.zip(points).and_then(|((low, _), points)| worth(low / points, query)),
            code: None,
            known_use: auditor
                .filter(|_| points.is_some() || series.currency().is_some())
                .and_then(|auditor| auditor.coverage(series)),
        });
    }
    Ok(totals)
}

/// An amount of dollars in the currency of the account's region, at least: both price lists do not differ by one rate.
fn worth(dollars: f64, query: &ReportQuery) -> Option<Money> {
    let currency = match query.account.region {
        Region::China => Currency::CNY,
        Region::Global => Currency::USD,
    };
    let rate = PriceList::public().least_for_a_dollar(query.now, currency)?;
    let amount = Decimal::try_from(dollars).ok()?.checked_mul(rate)?;
    Some(Money::new(amount.round_dp_with_strategy(2, RoundingStrategy::ToZero), currency))
}

/// The span from `from` to `to` in parts of at most [`SLICE`], without gaps or overlaps.
fn slices(from: DateTime<Utc>, to: DateTime<Utc>) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
    let starts = std::iter::successors(Some(from), |start| start.checked_add_signed(SLICE));
    starts.take_while(move |start| *start < to).map(move |start| {
        let end = start.checked_add_signed(SLICE).map_or(to, |end| end.min(to));
        (start, end)
    })
}

/// What of a series expired without use: it was not deducted.
fn expired(findings: &[StoredFinding], series: Series) -> Decimal {
    let of_series = findings.iter().filter(|found| found.finding.series == Some(series));
    of_series
        .filter_map(|found| match &found.finding.kind {
            FindingKind::Expiry { amount } => Some(amount.amount),
            _ => None,
        })
        .sum()
}

/// The series that were seen in the span, in their usual order, and from when on something of it can be known.
fn series(store: &Store, query: &ReportQuery) -> Result<(Vec<Series>, DateTime<Utc>), StoreError> {
    let rows = store.history(&HistoryQuery {
        from: query.from,
        to: query.to,
        now: query.now,
        span: Span::Month,
        account: Some(query.account.id),
        zone: query.zone,
    })?;
    let known = || rows.iter().filter(|row| row.deducted.is_some());
    let first = known().map(|row| row.bucket.start).min().unwrap_or(query.to);
    let seen: BTreeSet<Series> = known().map(|row| row.series).collect();
    Ok((seen.into_iter().collect(), first.max(query.from)))
}

#[derive(Deserialize)]
pub(super) struct Asked {
    from: Option<String>,
    to: Option<String>,
    account: Option<i64>,
    format: Option<String>,
    language: Option<String>,
}

/// How far back a report goes where its beginning is left out.
pub const DEFAULT_REPORT_SPAN: TimeDelta = TimeDelta::days(30);

pub(super) async fn get_report(
    State(context): State<Context>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, ApiError> {
    let asked = asked?.0;
    let settings = context.engine.settings();
    let (zone, now) = (settings.timezone, context.engine.now());
    let to = moment_or(asked.to.as_deref(), zone, now)?;
    let from = moment_or(asked.from.as_deref(), zone, to - DEFAULT_REPORT_SPAN)?;
    if from >= to {
        return Err(ApiError::input("the span must end after it begins"));
    }
    let accounts = context.engine.snapshot().accounts;
    let account = if let Some(id) = asked.account {
        context.engine.account(AccountId(id))?
    } else {
        match (accounts.first(), accounts.len()) {
            (Some(only), 1) => only.account.clone(),
            _ => return Err(ApiError::input("a report is about one account: say which")),
        }
    };
    let plan = accounts
        .iter()
        .find(|known| known.account.id == account.id)
        .map(|known| known.plan_level)
        .unwrap_or_default();
    let words = context.services.words(asked.language.as_deref().or(settings.language.as_deref()));
    let language = words.0;
    let name = format!("tidemark-report-{}", to.with_timezone(&zone).format("%Y-%m-%d"));
    let query = ReportQuery { account, plan, from, to, zone, language, now };
    let (kind, extension) = match asked.format.as_deref() {
        None | Some("html") => ("text/html; charset=utf-8", "html"),
        Some("json") => ("application/json", "json"),
        Some(other) => return Err(ApiError::input(format!("expected html or json, found `{other}`"))),
    };
    let body = download::body(context.engine.clone(), move |store, out| {
        let sealed = gather(store, &query)?;
        let written =
            if extension == "json" { sealed.write_json(out) } else { sealed.write_html(out, &*words.1) };
        written.map_err(|error| match error {
            ReportError::Source(error) => DownloadError::Store(error),
            ReportError::Write(error) => DownloadError::Write(error),
        })
    });
    let disposition = format!("attachment; filename=\"{name}.{extension}\"");
    Ok(([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)], body).into_response())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn slices_of_a_span_are_the_span_without_gaps_or_overlaps(start in 0_i64..4_000_000_000, len in 0_i64..100_000_000) {
            let from = DateTime::from_timestamp(start, 0).unwrap();
            let to = from + TimeDelta::seconds(len);
            let mut expected = from;
            for (start, end) in slices(from, to) {
                prop_assert_eq!(start, expected);
                prop_assert!(start < end && end - start <= SLICE);
                expected = end;
            }
            prop_assert_eq!(expected, to);
        }
    }
}
