//! A recorded history, analysed again: records of several accounts in, findings out, as a running program would
//! have made them.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use crate::announcement::MAX_ANNOUNCEMENTS;
use crate::audit::{Auditor, MAX_INCIDENTS, Prices};
use crate::failure::Failure;
use crate::finding::Finding;
use crate::reading::Reading;
use crate::step::{AccountState, Input, Rules};
use crate::wire::{AnnouncementRecord, IncidentRecord, LogCoverageRecord, Record, TimestampedRecord};

/// The analyses of all accounts of a history. Accounts are distinguished by name; where records have none, there
/// is only one.
///
/// # Examples
/// A weekly quota that is reset when its time has come:
///
/// ```
/// use chrono::{DateTime, Utc};
/// use tidemark_core::audit::{Price, Prices};
/// use tidemark_core::finding::{FindingKind, Schedule};
/// use tidemark_core::replay::Replay;
/// use tidemark_core::wire::TimestampedRecord;
///
/// /// Without prices, tokens cannot explain a deduction. A reset needs none.
/// struct NoPrices;
/// impl Prices for NoPrices {
///     fn price(&self, _model: Option<&str>, _at: DateTime<Utc>) -> Option<Price> {
///         None
///     }
///     fn dearest(&self, _at: DateTime<Utc>) -> Price {
///         Price { usd: None, cny: None }
///     }
/// }
///
/// let lines = [
///     r#"{"type":"reading","at":"2026-06-01T08:00:00Z","source":"kimi-code","region":"china",
///         "meters":[{"meter":"week","used_percent":62,"resets_at":"2026-06-01T08:02:00Z"}]}"#,
///     r#"{"type":"reading","at":"2026-06-01T08:05:00Z","source":"kimi-code","region":"china",
///         "meters":[{"meter":"week","used_percent":1,"resets_at":"2026-06-08T08:02:00Z"}]}"#,
/// ];
/// let mut replay = Replay::new();
/// let mut findings = Vec::new();
/// for line in lines {
///     let record = TimestampedRecord::read(line.as_bytes())?.record;
///     replay.take(record, &NoPrices, |_account, finding| findings.push(finding.clone()));
/// }
/// assert_eq!(findings.len(), 1);
/// assert!(matches!(findings[0].kind, FindingKind::Reset { schedule: Schedule::OnTime, .. }));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Replay {
    accounts: Vec<Account>,
    /// The account of the last record: records of one account come in runs.
    last: usize,
    /// Incidents so far, for accounts that appear later.
    incidents: Vec<IncidentRecord>,
    /// Announcements so far, likewise.
    announcements: Vec<AnnouncementRecord>,
    /// Spans of which machines' logs are known, for accounts that appear later.
    coverage: VecDeque<(LogCoverageRecord, DateTime<Utc>)>,
    late: u64,
}

#[derive(Debug)]
struct Account {
    name: Option<Box<str>>,
    state: AccountState,
    has_reading: bool,
}

/// So many spans of known logs are kept for accounts that appear later.
const MAX_COVERAGE: usize = 256;

const fn coverage(line: &LogCoverageRecord, known_at: DateTime<Utc>) -> Input<'_> {
    Input::Coverage { machine: line.machine.as_str(), from: line.from, to: line.to, known_at }
}

/// A replay sends no notifications and reports no coverage.
fn rules(prices: &dyn Prices) -> Rules<'_> {
    Rules { prices, alerts: None, max_gap: TimeDelta::zero() }
}

impl Replay {
    /// A replay that has read no record yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many records came after later ones of their account and could not be taken any more.
    #[must_use]
    pub const fn late(&self) -> u64 {
        self.late
    }

    /// The auditors so far, with their accounts' names.
    pub fn auditors(&self) -> impl Iterator<Item = (Option<&str>, &Auditor)> {
        self.accounts.iter().map(|account| (account.name.as_deref(), account.state.auditor()))
    }

    /// Takes the next record in the order in which they became known; hands each finding on with its account's name. Records of findings
    /// are conclusions and are passed over. A reading before the last one of its account is counted as late.
    pub fn take(
        &mut self,
        line: impl Into<TimestampedRecord>,
        prices: &dyn Prices,
        mut on: impl FnMut(Option<&str>, &Finding),
    ) {
        let rules = rules(prices);
        let TimestampedRecord { record, known_at } = line.into();
        match record {
            Record::Reading(mut line) => {
                let account = self.account(line.account.take().as_deref(), true, &rules);
                if account.state.last_reading().is_some_and(|last| line.at < last) {
                    self.late += 1;
                    return;
                }
                let outcome = account.state.apply(Input::Reading(&Reading::from(line)), &rules);
                for finding in &outcome.findings {
                    on(account.name.as_deref(), finding);
                }
            }
            // Some account may have made it; none is known to have.
            Record::Usage(line) if line.unassigned => {}
            Record::Usage(line) => {
                let known_at = known_at.map_or(line.at, |known| known.max(line.at));
                let account = self.account(line.account.as_deref(), false, &rules);
                let outcome = account.state.apply(account.state.usage_input(&line, known_at), &rules);
                for finding in &outcome.withdrawn {
                    on(account.name.as_deref(), finding);
                }
            }
            Record::LogCoverage(line) => {
                let known_at = known_at.unwrap_or(line.to);
                for account in &mut self.accounts {
                    account.state.apply(coverage(&line, known_at), &rules);
                }
                self.coverage.push_back((line, known_at));
                if self.coverage.len() > MAX_COVERAGE {
                    self.coverage.pop_front();
                }
            }
            Record::Failure(line) => {
                let account = self.account(line.account.as_deref(), false, &rules);
                let failure = Failure::new(line.kind, String::new());
                account.state.apply(Input::Failure { at: line.at, failure: &failure }, &rules);
            }
            Record::Incident(line) => {
                for account in &mut self.accounts {
                    account.state.apply(Input::Incident(&line), &rules);
                }
                if self.incidents.len() >= MAX_INCIDENTS {
                    self.incidents.remove(0);
                }
                self.incidents.push(line);
            }
            Record::Announcement(line) => {
                for account in &mut self.accounts {
                    account.state.apply(Input::Announcement(&line), &rules);
                }
                if self.announcements.len() >= MAX_ANNOUNCEMENTS {
                    self.announcements.remove(0);
                }
                self.announcements.push(line);
            }
            Record::Finding(_) => {}
        }
    }

    /// The account of a record. One without a name belongs to the only account there is.
    fn account(&mut self, name: Option<&str>, reading: bool, rules: &Rules<'_>) -> &mut Account {
        let place = if self.accounts.get(self.last).is_some_and(|last| last.name.as_deref() == name) {
            self.last
        } else {
            self.find(name, reading, rules)
        };
        self.last = place;
        let account = &mut self.accounts[place];
        account.has_reading |= reading;
        account
    }

    fn find(&mut self, name: Option<&str>, reading: bool, rules: &Rules<'_>) -> usize {
        if let Some(place) = self.accounts.iter().position(|account| account.name.as_deref() == name) {
            return place;
        }
        if self.accounts.len() == 1 {
            // What came without a name before the first reading that has one belongs to it.
            let only = &mut self.accounts[0];
            // Readings without a name beside usage that has one are of the one account that there is.
            if name.is_none() || (only.name.is_none() && !reading) {
                return 0;
            }
            if only.name.is_none() && !only.has_reading {
                only.name = name.map(Into::into);
                return 0;
            }
        }
        let mut state = AccountState::new();
        for incident in &self.incidents {
            state.apply(Input::Incident(incident), rules);
        }
        for announcement in &self.announcements {
            state.apply(Input::Announcement(announcement), rules);
        }
        for (line, known_at) in &self.coverage {
            state.apply(coverage(line, *known_at), rules);
        }
        self.accounts.push(Account { name: name.map(Into::into), state, has_reading: false });
        self.accounts.len() - 1
    }
}
