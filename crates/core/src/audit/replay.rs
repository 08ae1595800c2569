//! A recorded history, audited again: lines of several accounts in, findings out, as a running program
//! would have made them.

use crate::finding::Finding;
use crate::reading::Reading;
use crate::wire::Record;

use super::{Auditor, Prices};

/// The audits of all accounts of a history. Accounts are told apart by name; where lines have none, there
/// is only one.
#[derive(Debug, Default)]
pub struct Replay {
    accounts: Vec<Account>,
    /// The account of the last line: lines of one account come in runs.
    last: usize,
    /// Incidents so far, for accounts that appear later.
    incidents: Vec<crate::wire::IncidentRecord>,
    late: u64,
}

#[derive(Debug)]
struct Account {
    name: Option<Box<str>>,
    auditor: Auditor,
    has_reading: bool,
}

/// No account needs to know of more incidents than an auditor keeps.
const INCIDENTS: usize = 12;

impl Replay {
    /// An empty history.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many lines came after later ones of their account and could not be taken any more.
    #[must_use]
    pub const fn late(&self) -> u64 {
        self.late
    }

    /// The auditors so far, with their accounts' names.
    pub fn auditors(&self) -> impl Iterator<Item = (Option<&str>, &Auditor)> {
        self.accounts.iter().map(|account| (account.name.as_deref(), &account.auditor))
    }

    /// Takes the next line in time order; hands each finding on with its account's name. Lines of findings
    /// are conclusions and are left alone. A reading before the last one of its account is counted as late.
    pub fn take(&mut self, line: Record, prices: &dyn Prices, mut on: impl FnMut(Option<&str>, &Finding)) {
        match line {
            Record::Reading(mut line) => {
                let account = self.account(line.account.take().as_deref(), true);
                if account.auditor.at.is_some_and(|at| line.at < at) {
                    self.late += 1;
                    return;
                }
                let audited = account.auditor.reading(&Reading::from(line), prices);
                for finding in &audited.findings {
                    on(account.name.as_deref(), finding);
                }
            }
            Record::Usage(line) => {
                let account = self.account(line.account.as_deref(), false);
                account.auditor.usage_line(&line, prices);
            }
            Record::Failure(line) => {
                let account = self.account(line.account.as_deref(), false);
                account.auditor.failure(line.at);
            }
            Record::Incident(line) => {
                for account in &mut self.accounts {
                    account.auditor.incident(&line);
                }
                if self.incidents.len() >= INCIDENTS {
                    self.incidents.remove(0);
                }
                self.incidents.push(line);
            }
            Record::Finding(_) => {}
        }
    }

    /// The account of a line. One without a name belongs to the only account there is.
    fn account(&mut self, name: Option<&str>, reading: bool) -> &mut Account {
        let place = if self.accounts.get(self.last).is_some_and(|last| last.name.as_deref() == name) {
            self.last
        } else {
            self.find(name, reading)
        };
        self.last = place;
        let account = &mut self.accounts[place];
        account.has_reading |= reading;
        account
    }

    fn find(&mut self, name: Option<&str>, reading: bool) -> usize {
        if let Some(place) = self.accounts.iter().position(|account| account.name.as_deref() == name) {
            return place;
        }
        if self.accounts.len() == 1 {
            // What came without a name before the first reading told of one belongs to it.
            let only = &mut self.accounts[0];
            // Readings without a name beside use that has one are of the one account that there is.
            if name.is_none() || (only.name.is_none() && !reading) {
                return 0;
            }
            if only.name.is_none() && !only.has_reading {
                only.name = name.map(Into::into);
                return 0;
            }
        }
        let mut auditor = Auditor::default();
        for incident in &self.incidents {
            auditor.incident(incident);
        }
        self.accounts.push(Account { name: name.map(Into::into), auditor, has_reading: false });
        self.accounts.len() - 1
    }
}
