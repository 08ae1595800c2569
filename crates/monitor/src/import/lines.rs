//! The lines of an import, on their way into the history.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom};

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_core::alert::AlertRules;
use tidemark_core::step::Rules;
use tidemark_core::wire::{Record, TimestampedRecord, UsageRecord};
use tidemark_core::{AccountId, Failure, Reading, text};
use tidemark_kimi::{PriceList, PublicPrices};
use tidemark_store::{Merge, Merged, NewRequest, SeenRequests, Store, StoreError};

use super::names::{Accounts, FileAccounts};
use super::report::{ImportReport, ImportedAccount, LineCount};
use crate::account::{Standing, conclude};

/// So many requests are added at once.
const REQUESTS: usize = 4096;

/// What the conclusions depend on.
#[derive(Debug, Clone)]
pub(super) struct ImportRules {
    pub(super) alerts: AlertRules,
    pub(super) max_gap: TimeDelta,
    pub(super) now: DateTime<Utc>,
}

/// Imports the lines of a file in one transaction.
pub(super) fn import(store: &Store, lines: &File, rules: &ImportRules) -> Result<ImportReport, StoreError> {
    store.merge(|merge| {
        let mut accounts = Accounts::of(merge, rules.now)?;
        let mut files = whose(lines)?;
        for file in &mut files {
            accounts.resolve(merge, file)?;
        }
        let mut import = Import {
            merge,
            rules,
            accounts,
            counts: BTreeMap::new(),
            report: ImportReport::default(),
            cuts: PriceList::public().turning_points(),
            requests: Vec::new(),
            seen: SeenRequests::default(),
            first_request: BTreeMap::new(),
            first_of_service: None,
        };
        import.take_all(lines, &files)?;
        import.conclude()
    })
}

/// What is known of an account's lines.
#[derive(Debug, Default)]
struct Counts {
    readings: LineCount,
    failures: LineCount,
    requests: LineCount,
    /// Since when raw readings are kept, where older ones were pruned.
    kept_since: Option<DateTime<Utc>>,
    /// Whether the store was asked for that.
    is_kept_since_known: bool,
}

struct Import<'m, 's> {
    merge: &'m Merge<'s>,
    rules: &'m ImportRules,
    accounts: Accounts,
    counts: BTreeMap<AccountId, Counts>,
    report: ImportReport,
    /// Instants that no sum of requests spans.
    cuts: Vec<DateTime<Utc>>,
    requests: Vec<NewRequest>,
    seen: SeenRequests,
    /// When the first new request of an account became known.
    first_request: BTreeMap<Option<AccountId>, DateTime<Utc>>,
    /// When the first new incident or announcement became known.
    first_of_service: Option<DateTime<Utc>>,
}

impl Import<'_, '_> {
    fn take_all(&mut self, lines: &File, files: &[FileAccounts]) -> Result<(), StoreError> {
        let mut failed = Ok(());
        each_line(lines, |file, line| {
            if let (Some(line), Some(accounts)) = (line, files.get(file)) {
                failed = self.take(accounts, line);
            } else {
                // What looks the same in two files is the same.
                failed = self.add_requests();
                self.seen = SeenRequests::default();
            }
            failed.is_ok()
        })?;
        failed?;
        self.add_requests()
    }

    fn take(&mut self, file: &FileAccounts, line: TimestampedRecord) -> Result<(), StoreError> {
        let TimestampedRecord { record, known_at } = line;
        let Some(at) = record.at() else { return Ok(()) };
        if at > self.rules.now {
            self.report.future += 1;
            return Ok(());
        }
        let known_at = known_at.map_or(at, |known| known.clamp(at, self.rules.now));
        match record {
            Record::Reading(mut record) => {
                let place = (record.source, record.region);
                let Some(account) = file.of_reading(&record.account.take(), place) else { return Ok(()) };
                let is_kept = self.is_kept(account, at)?;
                let is_new = is_kept && self.merge.reading(account, &Reading::from(record))?;
                self.count(account).readings.note(is_kept, is_new);
            }
            Record::Failure(record) => {
                let Some(account) = self.of_name(file, record.account.as_ref()) else { return Ok(()) };
                let is_kept = self.is_kept(account, at)?;
                let failure = Failure::new(record.kind, String::new());
                let is_new = is_kept && self.merge.failure(account, at, &failure)?;
                self.count(account).failures.note(is_kept, is_new);
            }
            Record::Incident(mut record) => {
                record.id = text::name(&record.id);
                record.impact = record.impact.as_deref().map(text::name);
                record.title = record.title.as_deref().map(text::sentence);
                let is_new = self.merge.incident(&record, known_at)?;
                self.of_service(is_new, known_at);
            }
            Record::Announcement(mut record) => {
                record.id = text::name(&record.id);
                record.title = record.title.as_deref().map(text::name);
                for text in [&mut record.text, &mut record.detail] {
                    *text = text.as_deref().map(text::sentence);
                }
                let is_new = self.merge.announcement(&record)?;
                self.of_service(is_new, known_at);
            }
            Record::Usage(record) => {
                let account = if record.unassigned {
                    None
                } else {
                    let Some(account) = self.of_name(file, record.account.as_ref()) else { return Ok(()) };
                    Some(account)
                };
                self.requests.push(request(account, &record, known_at));
                if self.requests.len() >= REQUESTS {
                    self.add_requests()?;
                }
            }
            Record::LogCoverage(_) | Record::Finding(_) => {}
        }
        Ok(())
    }

    /// The account of a line that says only its name. One of which it cannot be said is counted.
    fn of_name(&mut self, file: &FileAccounts, name: Option<&String>) -> Option<AccountId> {
        let found =
            file.of_name(&name.cloned()).or_else(|| name.and_then(|name| self.accounts.of_name(name)));
        match found {
            Some(account) => self.accounts.note(account),
            None => self.report.of_no_account += 1,
        }
        found
    }

    fn count(&mut self, account: AccountId) -> &mut Counts {
        self.counts.entry(account).or_default()
    }

    /// Whether raw readings of a time are kept.
    fn is_kept(&mut self, account: AccountId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(self.kept_since(account)?.is_none_or(|since| at >= since))
    }

    /// Since when raw readings of an account are kept; as it was before the import.
    fn kept_since(&mut self, account: AccountId) -> Result<Option<DateTime<Utc>>, StoreError> {
        let merge = self.merge;
        let counts = self.count(account);
        if !counts.is_kept_since_known {
            counts.kept_since = merge.kept_since(account)?;
            counts.is_kept_since_known = true;
        }
        Ok(counts.kept_since)
    }

    fn of_service(&mut self, is_new: bool, known_at: DateTime<Utc>) {
        self.report.service.note(true, is_new);
        if is_new {
            self.first_of_service = self.first_of_service.into_iter().chain([known_at]).min();
        }
    }

    fn add_requests(&mut self) -> Result<(), StoreError> {
        let requests = std::mem::take(&mut self.requests);
        if requests.is_empty() {
            return Ok(());
        }
        let merged = self.merge.requests(&self.cuts, &requests, &mut self.seen)?;
        for (request, merged) in requests.iter().zip(merged) {
            let count = match request.account {
                Some(account) => &mut self.count(account).requests,
                None => &mut self.report.unassigned,
            };
            count.note(merged != Merged::TooOld, merged == Merged::New);
            if merged == Merged::New {
                let first = self.first_request.entry(request.account).or_insert(request.known_at);
                *first = (*first).min(request.known_at);
            }
        }
        Ok(())
    }

    /// Concludes from what is new, account by account.
    fn conclude(mut self) -> Result<ImportReport, StoreError> {
        let ImportRules { alerts, max_gap, .. } = self.rules;
        let rules = Rules { prices: &PublicPrices, alerts: Some(alerts), max_gap: *max_gap };
        if let Some(first) = self.first_request.values().min() {
            self.merge.order_requests(*first)?;
        }
        let imported = std::mem::take(&mut self.accounts.imported);
        for (account, called, is_new) in imported {
            let kept_since = self.kept_since(account.id)?;
            let counts = self.counts.remove(&account.id).unwrap_or_default();
            let standing = Standing::of(self.merge, account.id)?;
            let first_raw = self.merge.settle(account.id)?;
            let first_request = self.first_request.get(&Some(account.id)).copied();
            if let Some(first) = first_raw.into_iter().chain(first_request).min() {
                let first = match kept_since {
                    // What the first reading that is kept led to rests on those that are not.
                    Some(kept) => first.max(kept + TimeDelta::nanoseconds(1)),
                    // What the service said meanwhile bears on the account too.
                    None => self.first_of_service.map_or(first, |of_service| first.min(of_service)),
                };
                conclude(self.merge, account.id, standing, first, &rules)?;
            }
            let is_left_out = [counts.readings, counts.failures].iter().any(|count| count.too_old > 0);
            self.report.accounts.push(ImportedAccount {
                id: account.id,
                other_name: (called != account.name).then_some(called),
                name: account.name,
                source: account.source,
                region: account.region,
                is_new,
                readings: counts.readings,
                failures: counts.failures,
                requests: counts.requests,
                kept_since: kept_since.filter(|_| is_left_out),
            });
        }
        Ok(self.report)
    }
}

fn request(account: Option<AccountId>, record: &UsageRecord, known_at: DateTime<Utc>) -> NewRequest {
    NewRequest {
        machine: record.machine.clone(),
        account,
        at: record.at,
        known_at,
        tokens: record.tokens(),
        model: text::name(record.model.as_deref().unwrap_or_default()),
        project: record.project.as_deref().map(text::sentence),
        id: record.id.as_deref().filter(|id| id.len() == 16).and_then(|id| u64::from_str_radix(id, 16).ok()),
    }
}

/// The accounts that each file names.
fn whose(lines: &File) -> Result<Vec<FileAccounts>, StoreError> {
    let mut files = vec![FileAccounts::default()];
    each_line(lines, |file, line| {
        files.resize_with(files.len().max(file + 1), FileAccounts::default);
        if let Some(Record::Reading(record)) = line.map(|line| line.record) {
            files[file].note(&record.account, (record.source, record.region));
        }
        true
    })?;
    Ok(files)
}

/// Hands on the lines, with the number of their file, until `each` has enough; `None` at the end of a file.
fn each_line(
    lines: &File,
    mut each: impl FnMut(usize, Option<TimestampedRecord>) -> bool,
) -> Result<(), StoreError> {
    let failed = |source: io::Error| StoreError::Io { path: "the lines to import".into(), source };
    let mut lines = lines;
    lines.seek(SeekFrom::Start(0)).map_err(failed)?;
    let mut input = BufReader::with_capacity(1 << 16, lines);
    let (mut file, mut line) = (0, Vec::new());
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(failed)? == 0 {
            return Ok(());
        }
        let text = line.trim_ascii();
        let go_on = if text.is_empty() {
            file += 1;
            each(file - 1, None)
        } else {
            let line = TimestampedRecord::read(text)
                .map_err(|why| StoreError::Unreadable { what: "line to import", why: why.to_string() })?;
            each(file, Some(line))
        };
        if !go_on {
            return Ok(());
        }
    }
}
