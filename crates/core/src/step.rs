//! One account, one input: what is known of it next, and what follows.
//!
//! [`AccountState`] holds everything that is remembered of an account between two inputs: the tracker of changes,
//! the audit, the memory of the alert rules, and how its quotas were used (for the forecast). [`step`] takes a
//! state and an [`Input`] and gives the next state with an [`Outcome`]. It reads no clock and does no I/O, so that
//! the caller can write state and outcome in one transaction, and keep the old state where that fails.
//!
//! The running engine, `replay`, the rebuilding of a state from recorded readings, sample data and the benchmark
//! all go through here: nothing else knows in which order tracker, audit, alerts and forecast are fed.
//!
//! # Order of inputs
//! What became known between two readings (requests of session logs, incidents, announcements, failed polls) is
//! given before the reading that follows it, in the order in which it became known. A reading settles what came
//! before it. What another machine's logs show is given when it becomes known, however late, with the spans for which
//! its logs are known.

#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};

use crate::alert::{Alert, AlertKind, AlertRules, AlertState};
use crate::announcement::Announcements;
use crate::audit::{Auditor, Prices, Verdict};
use crate::change::{Movement, Tracker};
use crate::failure::{FailedPoll, Failure};
use crate::finding::{Finding, Triage};
use crate::forecast::{Forecast, UsageHistory};
use crate::meter::Meter;
use crate::reading::Reading;
use crate::series::Series;
use crate::wire::{AnnouncementRecord, IncidentRecord, UsageRecord};

/// The version of what [`AccountState::to_stored`] writes. Where the audit's state changes its shape or its
/// meaning, this number goes up, and a state of another version is rebuilt from the recorded readings. A test compares
/// the shape with a recorded state of this version.
pub const STATE_VERSION: u32 = 3;

/// All that is remembered of one account between two inputs.
#[derive(Debug, Clone, Default)]
pub struct AccountState {
    tracker: Tracker,
    auditor: Auditor,
    alerts: AlertState,
    /// Whether the stored memory of the alert rules could not be read.
    lost_alerts: bool,
    /// What the service announced recently. Not stored: it is given again with each reading.
    announcements: Announcements,
    /// Up to which place in the order of logged requests the audit has been given them; 0 is the beginning.
    usage_cursor: u64,
    /// How the quotas were used. `None` where nothing is forecast: a replay, a benchmark.
    usage_history: Option<UsageHistory>,
}

/// Something that became known of an account.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// The service answered a poll.
    Reading(&'a Reading),
    /// A poll failed.
    Failure {
        /// When.
        at: DateTime<Utc>,
        /// Why.
        failure: &'a Failure,
    },
    /// Requests were seen in session logs.
    Usage {
        /// The requests of this account, in the order in which they became known.
        requests: &'a [UsageRecord],
        /// Up to which place in the order of all logged requests they reach.
        cursor: u64,
    },
    /// Requests became known that another machine's session logs hold, or this machine's long after they were made.
    /// They explain what was found before too: see [`Outcome::withdrawn`].
    LateUsage {
        /// The machine's name or id; `None` is this one.
        machine: Option<&'a str>,
        /// The requests of this account, in any order. A request that several machines' logs hold is given once.
        requests: &'a [UsageRecord],
        /// When they became known.
        known_at: DateTime<Utc>,
    },
    /// The other machines that there are, by the names that usage and coverage come under. Any other one that is
    /// remembered, because it has another name now or was taken off the list, is forgotten.
    Machines {
        /// Their names.
        names: &'a [String],
    },
    /// All session logs of another machine are known for a span.
    Coverage {
        /// The machine's name or id.
        machine: &'a str,
        /// The beginning of the span.
        from: DateTime<Utc>,
        /// Its end.
        to: DateTime<Utc>,
        /// Since when they are known.
        known_at: DateTime<Utc>,
    },
    /// The status page reported an incident, or its end.
    Incident(&'a IncidentRecord),
    /// The service announced something to all its users.
    Announcement(&'a AnnouncementRecord),
    /// The user set the status of an anomaly.
    Feedback {
        /// The anomaly.
        finding: &'a Finding,
        /// Its status before; `None` is open.
        before: Option<Triage>,
        /// Its status now.
        now: Option<Triage>,
    },
}

/// What a step depends on besides the state and the input.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// The prices of models, by which deductions are compared with tokens.
    pub prices: &'a dyn Prices,
    /// What the user wants to be notified of. `None` makes no alerts and remembers none: a replay.
    pub alerts: Option<&'a AlertRules>,
    /// Two readings no further apart than this count as polling all the while; so do readings that come regularly,
    /// no further apart than [`REGULAR_GAP`](crate::audit::REGULAR_GAP).
    pub max_gap: TimeDelta,
}

/// What one input led to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// One for each series that the reading shows, also where nothing moved.
    pub movements: Vec<Movement>,
    /// What was concluded, each once.
    pub findings: Vec<Finding>,
    /// Earlier anomalies that usage explains which became known only now, each once: findings of the kind
    /// [`FindingKind::Withdrawn`](crate::finding::FindingKind::Withdrawn).
    pub withdrawn: Vec<Finding>,
    /// How far each deduction is explained.
    pub verdicts: Vec<Verdict>,
    /// The series whose figure waits for the next reading to confirm it.
    pub unconfirmed: Vec<Series>,
    /// The span up to this reading that was polled all the while; `None` after a gap.
    pub covered: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// What the user is to be notified of.
    pub alerts: Vec<Alert>,
}

/// An account's state after an input, and what the input led to. The state that is given stays as it is.
///
/// # Examples
/// Two readings of a weekly quota, the second above the threshold of 75 %:
///
/// ```
/// use chrono::{DateTime, TimeDelta, Utc};
/// use tidemark_core::alert::{AlertKind, AlertRules};
/// use tidemark_core::audit::{Explained, Price, Prices};
/// use tidemark_core::step::{AccountState, Input, Rules, step};
/// use tidemark_core::{Meter, MeterReading, Reading, Region, Source};
///
/// # struct NoPrices;
/// # impl Prices for NoPrices {
/// #     fn price(&self, _model: Option<&str>, _at: DateTime<Utc>) -> Option<Price> { None }
/// #     fn dearest(&self, _at: DateTime<Utc>) -> Price { Price { usd: None, cny: None } }
/// # }
/// let start: DateTime<Utc> = "2026-06-01T08:00:00Z".parse()?;
/// let week = |minutes, used: i64| Reading {
///     meters: vec![MeterReading {
///         meter: Meter::Week,
///         used_percent: used.into(),
///         used: None,
///         limit: None,
///         resets_at: Some(start + TimeDelta::days(3)),
///         conflict: false,
///     }],
///     ..Reading::new(start + TimeDelta::minutes(minutes), Source::KimiCode, Region::China)
/// };
/// let alert_rules = AlertRules::default();
/// let rules = Rules { prices: &NoPrices, alerts: Some(&alert_rules), max_gap: TimeDelta::minutes(15) };
///
/// // The first reading of an account is only remembered.
/// let (state, outcome) = step(&AccountState::new(), Input::Reading(&week(0, 70)), &rules);
/// assert!(outcome.alerts.is_empty() && outcome.verdicts.is_empty());
///
/// let (_, outcome) = step(&state, Input::Reading(&week(5, 78)), &rules);
/// assert_eq!(outcome.movements[0].deducted, 8.into());
/// assert!(matches!(outcome.alerts[0].kind, AlertKind::Threshold { meter: Meter::Week, .. }));
/// // No log shows what the 8 points were used for.
/// assert_eq!(outcome.verdicts[0].word, Explained::CannotTell);
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[must_use]
pub fn step(state: &AccountState, input: Input<'_>, rules: &Rules<'_>) -> (AccountState, Outcome) {
    let mut next = state.clone();
    let outcome = next.apply(input, rules);
    (next, outcome)
}

/// This machine's own logs that became known longer after the usage than this can only explain what was found before.
const OWN_LOGS_LATE: TimeDelta = TimeDelta::hours(1);

impl AccountState {
    /// The input for a request of session logs that became known at a time: which kind it is depends on whose logs they
    /// are, and on how late it comes.
    #[must_use]
    pub fn usage_input<'a>(&self, request: &'a UsageRecord, known_at: DateTime<Utc>) -> Input<'a> {
        let requests = std::slice::from_ref(request);
        let is_late = self.last_reading().is_some_and(|last| last - request.at > OWN_LOGS_LATE);
        match request.machine.as_deref() {
            None if !is_late => Input::Usage { requests, cursor: 0 },
            machine => Input::LateUsage { machine, requests, known_at: known_at.max(request.at) },
        }
    }

    /// The state of an account of which nothing is known, without a forecast.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, with the forecast's memory, or without.
    #[must_use]
    pub fn with_usage_history(mut self, history: Option<UsageHistory>) -> Self {
        self.usage_history = history;
        self
    }

    /// [`step`] in place, for whoever needs no way back.
    pub fn apply(&mut self, input: Input<'_>, rules: &Rules<'_>) -> Outcome {
        match input {
            Input::Reading(reading) => self.reading(reading, rules),
            Input::Failure { at, failure } => {
                self.auditor.failure();
                let alerts = rules.alerts.map(|rules| self.alerts.on_failure(rules, at, failure));
                Outcome { alerts: alerts.unwrap_or_default(), ..Outcome::default() }
            }
            Input::Usage { requests, cursor } => {
                for request in requests {
                    self.auditor.usage_line(request, rules.prices);
                }
                self.usage_cursor = self.usage_cursor.max(cursor);
                Outcome::default()
            }
            Input::LateUsage { machine, requests, known_at } => {
                let withdrawn = self.auditor.late_usage(machine, requests, known_at, rules.prices);
                let alerts = rules.alerts.map(|rules| self.alerts.on_withdrawn(rules, known_at, &withdrawn));
                Outcome { withdrawn, alerts: alerts.unwrap_or_default(), ..Outcome::default() }
            }
            Input::Machines { names } => {
                self.auditor.machines_known(names);
                Outcome::default()
            }
            Input::Coverage { machine, from, to, known_at } => {
                self.auditor.log_coverage(machine, (from, to), known_at);
                Outcome::default()
            }
            Input::Incident(incident) => {
                self.auditor.incident(incident);
                Outcome::default()
            }
            Input::Announcement(announcement) => {
                self.announcements.note(announcement);
                Outcome::default()
            }
            Input::Feedback { finding, before, now } => {
                // The same answer twice teaches once; the audit remembers those before the last.
                if now == Some(Triage::Mine) && before != now {
                    self.auditor.taught(finding);
                }
                Outcome::default()
            }
        }
    }

    fn reading(&mut self, reading: &Reading, rules: &Rules<'_>) -> Outcome {
        let covered = self.auditor.polled_until(reading.at, rules.max_gap);
        let observed = self.tracker.observe(reading);
        let mut audited = self.auditor.reading(reading, observed, rules.prices);
        for finding in &mut audited.findings {
            self.announcements.name_in(finding, reading.source, reading.region);
        }
        let mut alerts = match rules.alerts {
            Some(rules) => {
                let mut alerts = self.alerts.on_reading(rules, reading, &audited.observed, &audited.findings);
                self.name_incidents(&mut alerts, &audited.findings);
                alerts
            }
            None => Vec::new(),
        };
        if let Some(history) = &mut self.usage_history {
            for movement in &audited.observed.movements {
                history.take(movement);
            }
        }
        if let Some(rules) = rules.alerts.filter(|rules| rules.likely_empty.is_some()) {
            let forecasts = self.forecasts(reading, reading.at);
            alerts.extend(self.alerts.on_forecasts(rules, reading, &forecasts));
        }
        Outcome {
            movements: audited.observed.movements,
            findings: audited.findings,
            withdrawn: Vec::new(),
            verdicts: audited.verdicts,
            unconfirmed: audited.observed.unconfirmed,
            covered,
            alerts,
        }
    }

    /// An anomaly during an incident says so in its notification.
    fn name_incidents(&self, alerts: &mut [Alert], findings: &[Finding]) {
        for alert in alerts {
            let AlertKind::Anomaly { class, series, incident, .. } = &mut alert.kind else { continue };
            let finding = findings.iter().find(|f| f.anomaly() == Some(*class) && f.series == *series);
            *incident = finding
                .and_then(|finding| self.auditor.incident_during(finding.from, finding.to))
                .map(ToOwned::to_owned);
        }
    }

    /// The audit's part, for figures about what it has learned.
    #[must_use]
    pub const fn auditor(&self) -> &Auditor {
        &self.auditor
    }

    /// The tracker of changes: what the quotas and the money were last.
    #[must_use]
    pub const fn tracker(&self) -> &Tracker {
        &self.tracker
    }

    /// When the last reading was taken.
    #[must_use]
    pub const fn last_reading(&self) -> Option<DateTime<Utc>> {
        self.auditor.last_reading()
    }

    /// Up to which place in the order of logged requests the audit has been given them; 0 is the beginning.
    #[must_use]
    pub const fn usage_cursor(&self) -> u64 {
        self.usage_cursor
    }

    /// Requests of before this time explain nothing any more, if the next reading is taken at `next`.
    #[must_use]
    pub fn usage_since(&self, next: DateTime<Utc>) -> DateTime<Utc> {
        self.auditor.listens_since(self.last_reading().unwrap_or(next).min(next))
    }

    /// Whether the last figure of a meter waits for the next reading to confirm it.
    #[must_use]
    pub fn is_unconfirmed(&self, meter: Meter) -> bool {
        self.tracker.pending(meter)
    }

    /// Whether anything of the last reading waits for the next one to confirm it.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        self.tracker.is_doubtful()
    }

    /// The share of each series' deductions that came while the logs show usage, 0 to 1. Empty where no log has
    /// shown any yet.
    #[must_use]
    pub fn logged_share(&self, reading: &Reading) -> Vec<(Series, f64)> {
        if self.usage_cursor == 0 {
            return Vec::new();
        }
        let meters = reading.meters.iter().map(|meter| Series::Meter(meter.meter));
        let balance = reading.balance.map(|balance| Series::Balance(balance.currency));
        let wallet = reading.wallet.and_then(|w| w.balance).map(|money| Series::Wallet(money.currency));
        meters
            .chain(balance)
            .chain(wallet)
            .filter_map(|series| Some((series, self.auditor.coverage(series)?)))
            .collect()
    }

    /// What is likely to become of each quota of a reading, as of `now`. Quotas of which nothing can be said are
    /// left out.
    #[must_use]
    pub fn forecasts(&self, reading: &Reading, now: DateTime<Utc>) -> Vec<(Meter, Forecast)> {
        let Some(history) = &self.usage_history else { return Vec::new() };
        reading
            .meters
            .iter()
            .filter(|meter| !self.is_unconfirmed(meter.meter))
            .filter_map(|meter| Some((meter.meter, history.forecast(meter, now).ok()?)))
            .collect()
    }
}

/// A state as it is stored. Its parts are kept apart, so that one of them can be rebuilt without losing the
/// others: an audit of another version never costs what the tracker knows of the meters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredState {
    /// [`STATE_VERSION`] of the program that wrote it; `None` for the first release, which had no versions.
    pub version: Option<u32>,
    /// The tracker of changes, as JSON. The first release wrote the audit here, with the tracker inside.
    pub tracker: String,
    /// The audit, as JSON without its tracker.
    pub audit: Option<String>,
    /// The memory of the alert rules, as JSON.
    pub alerts: String,
    /// How far the account's usage has been analysed; see [`AccountState::usage_cursor`].
    pub usage_cursor: u64,
}

/// What became of a stored state.
#[derive(Debug, Clone)]
pub enum Restored {
    /// It could be read in full.
    Whole(AccountState),
    /// All but the memory of the alert rules could be read: see [`AccountState::has_lost_alerts`].
    WithoutAlerts(AccountState),
    /// Its audit is of another version or cannot be read, and is to be rebuilt from the recorded readings with
    /// [`AccountState::with_audit_of`]. The tracker is as it was, and the alert rules' memory where it could be read.
    WithoutAudit(AccountState),
    /// Its tracker cannot be read either. The alert rules' memory is kept where it could be read.
    Lost(AccountState),
}

impl AccountState {
    /// The state as it is stored.
    ///
    /// # Errors
    /// Where a part cannot be written as JSON, which is a defect of this program.
    pub fn to_stored(&self) -> serde_json::Result<StoredState> {
        Ok(StoredState {
            version: Some(STATE_VERSION),
            tracker: serde_json::to_string(&self.tracker)?,
            audit: Some(serde_json::to_string(&self.auditor)?),
            alerts: serde_json::to_string(&self.alerts)?,
            usage_cursor: self.usage_cursor,
        })
    }

    /// Restores a state that was stored by this version or another. The forecast's memory is not part of it: it
    /// is made from the recorded movements, see [`AccountState::with_usage_history`].
    #[must_use]
    pub fn from_stored(stored: &StoredState) -> Restored {
        let alerts: Option<AlertState> = serde_json::from_str(&stored.alerts).ok();
        let lost_alerts = alerts.is_none();
        let empty = Self {
            alerts: alerts.unwrap_or_default(),
            lost_alerts,
            usage_cursor: stored.usage_cursor,
            ..Self::default()
        };
        let (tracker, auditor) = match stored.version {
            Some(STATE_VERSION) => (
                serde_json::from_str::<Tracker>(&stored.tracker).ok(),
                stored.audit.as_deref().and_then(|audit| serde_json::from_str::<Auditor>(audit).ok()),
            ),
            Some(_) => (serde_json::from_str::<Tracker>(&stored.tracker).ok(), None),
            None => Auditor::of_version_0_1(&stored.tracker)
                .map_or((None, None), |(tracker, auditor)| (Some(tracker), auditor)),
        };
        match (tracker, auditor) {
            (Some(tracker), Some(auditor)) => {
                let state = Self { tracker, auditor, ..empty };
                if lost_alerts { Restored::WithoutAlerts(state) } else { Restored::Whole(state) }
            }
            (Some(tracker), None) => Restored::WithoutAudit(Self { tracker, ..empty }),
            (None, _) => Restored::Lost(empty),
        }
    }

    /// Whether the memory of the alert rules could not be read, so that [`AccountState::resume_alerts`] has to begin it
    /// again.
    #[must_use]
    pub const fn has_lost_alerts(&self) -> bool {
        self.lost_alerts
    }

    /// Begins the memory of the alert rules again, where it was lost, with what the tracker knows and the polls that
    /// failed since the last reading: what holds already is not notified again, and what comes is.
    pub fn resume_alerts(&mut self, failed: &[FailedPoll]) {
        if !std::mem::take(&mut self.lost_alerts) {
            return;
        }
        self.alerts = AlertState::resumed(&self.tracker);
        for poll in failed {
            let _ = self.alerts.on_failure(&AlertRules::default(), poll.at, &poll.failure);
        }
    }

    /// This state with an audit that was rebuilt. The tracker goes on, since it may reach further back than the
    /// readings that are kept, and so do the alert rules' memory and the usage cursor.
    #[must_use]
    pub fn with_audit_of(self, rebuilt: Self) -> Self {
        Self { auditor: rebuilt.auditor, ..self }
    }

    /// The same, where the tracker was lost, too.
    #[must_use]
    pub fn with_tracker_and_audit_of(self, rebuilt: Self) -> Self {
        Self { tracker: rebuilt.tracker, auditor: rebuilt.auditor, ..self }
    }
}
