//! Alerts: which notifications are due, each of them once.
//!
//! An [`AlertState`] is a pure state machine, one per account. Its inputs are what change detection made of
//! each reading ([`AlertState::on_reading`]) and each failed poll ([`AlertState::on_failure`]); its output is
//! the alerts that are due. The same inputs from the same state give the same alerts with the same keys. The
//! store keeps the keys, so an analysis that is repeated after a crash repeats no notification.
//!
//! # The rules
//! - **First reading.** The first reading of an account, or of a quota, gives no alert: thresholds that are
//!   already passed count as reported. The window shows them.
//! - **Thresholds.** A quota has a high-water mark per cycle. A threshold is reported when a reading lifts
//!   the mark from below the threshold to it or above. So it is reported once per cycle: falling back and
//!   rising again gives nothing, and thresholds that are set later do not fire for values that were passed
//!   before. A jump over several thresholds reports the highest only. Kimi Code's share of the month is not
//!   a quota by itself and is never reported.
//! - **Cycles.** A reset sets the mark to zero, and use in the new cycle counts at once. A changed scale
//!   (limit, plan) lowers the mark to the new value at most.
//! - **Balance.** The same with a low-water mark of the available amount, per currency: reported at or below
//!   an amount; a jump over several reports the lowest. A threshold is armed again once the balance is a
//!   tenth above it.
//! - **Resets.** Those on time are reported where at least half was used or a threshold was reported in that
//!   cycle; others would nag. Early and late ones are always reported. Each has its own switch.
//! - **Credits** go with the switch of early resets: both are good news out of schedule.
//! - **Refusals.** A key is reported as refused at the second refusal without a success in between, once until
//!   a reading succeeds. A single one may be a gateway's hiccup; failures of other kinds say nothing of the key, nor
//!   does a model that the plan does not include.
//! - **Memberships** that could not be verified are notified at the third such answer, in the same way.
//! - **Empty before its reset.** A weekly or monthly quota is reported once per cycle when the forecast gives at least the probability that
//!   the user set for it to be empty before its reset, in all readings of ten minutes. It is taken back, once, when
//!   the probability has fallen to half of that for as long; nothing more is said in that cycle then. Where there is no
//!   forecast, nothing is reported or taken back.
//! - **Extra usage.** It is reported once a billing month when it begins to cost money: at the reading whose amount spent in
//!   the month is the first above zero. What was spent before the first reading is no news, and one reading with less
//!   than the one before begins no month: the next one must show less too.
//! - **Budgets** are the user's own limits, and are reported at 80 and at 100 %, each once a period
//!   ([`budget`](crate::budget)). They are not decided here, since a project's use is in no reading.
//! - **Anomalies** are reported once each, when they are found. What was given back is reported too, together with
//!   the reset or credit that gave it back where there is one.
//! - **Withdrawn** anomalies are reported once, if the anomaly itself was: what no one was notified of needs no
//!   correction.
//! - **Unconfirmed.** Nothing is reported of a series whose figure waits for the next reading to confirm it.
//! - **Delivery.** What has waited is judged again by [`Alert::is_true`] when it is delivered.
//!
//! Alerts of a kind that is switched off are not queued for later: what happens meanwhile counts as reported.

mod balance;
mod extra_usage;
mod meter;
mod notified;
mod outlook;
mod refusal;
mod relevance;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::budget::{Budget, BudgetAmount};
use crate::change::{Observed, Tracker};
use crate::failure::{Denied, Failure, FailureKind};
use crate::finding::{Anomaly, CreditClass, Finding, FindingKind, Schedule};
use crate::forecast::Forecast;
use crate::message::Message;
use crate::meter::Meter;
use crate::money::{Currency, Money};
use crate::number::timestamp::format_rfc3339;
use crate::reading::Reading;
use crate::series::Series;

use balance::BalanceMark;
use extra_usage::ExtraUsageMark;
use meter::MeterMark;
use notified::NotifiedAnomalies;
use outlook::{News, OutlookMark};
use refusal::Refusals;

/// What the user wants to be notified of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AlertRules {
    /// Percentages used at which a quota is reported, in any order.
    pub meter_thresholds: Vec<Decimal>,
    /// Amounts at or below which a balance is reported. Each counts for its own currency only.
    pub balance_thresholds: Vec<Money>,
    /// Whether resets on time are reported.
    pub resets: bool,
    /// Whether early and late resets, and credits, are reported.
    pub early_resets: bool,
    /// Whether a refused key is reported.
    pub refusals: bool,
    /// Whether anomalies, and what of them was given back, are reported.
    pub anomalies: bool,
    /// From which probability in percent on it is reported that a quota is likely to be empty before its reset; `None`
    /// reports it never.
    pub likely_empty: Option<u32>,
    /// Whether it is reported that extra usage has begun to cost money.
    pub extra_usage: bool,
}

impl Default for AlertRules {
    /// 75, 90 and 100 %; no amounts, because none fits everyone; a probability of 80 %; every other kind is on.
    fn default() -> Self {
        Self {
            meter_thresholds: [75, 90, 100].map(Decimal::from).to_vec(),
            balance_thresholds: Vec::new(),
            resets: true,
            early_resets: true,
            refusals: true,
            anomalies: true,
            likely_empty: Some(80),
            extra_usage: true,
        }
    }
}

/// A notification for the user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Identifies the alert among all of its account, past and future. An alert with a known key is a repeat.
    pub key: String,
    /// The time of the reading or the failure that led to it.
    pub at: DateTime<Utc>,
    /// What happened, with its figures.
    #[serde(flatten)]
    pub kind: AlertKind,
    /// What the service announced near it, in its words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announcement: Option<String>,
}

/// The kinds of alert, each with what its text needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum AlertKind {
    /// A meter has reached a threshold.
    Threshold {
        /// Which meter.
        meter: Meter,
        /// The highest threshold that it has just reached, in percent.
        threshold: Decimal,
        /// Percent used now.
        used: Decimal,
        /// When the cycle ends, where announced.
        resets_at: Option<DateTime<Utc>>,
    },
    /// A quota is likely to be empty before its reset. An estimate.
    LikelyEmpty {
        /// Which quota.
        meter: Meter,
        /// Percent used now.
        used: Decimal,
        /// The probability that it is empty before its reset, 0 to 1.
        probability: f64,
        /// Between when and when it will be, where that can be said.
        empty: Option<(DateTime<Utc>, DateTime<Utc>)>,
        /// When the cycle ends, where announced.
        resets_at: Option<DateTime<Utc>>,
    },
    /// A quota that was reported to be likely empty before its reset is likely to last after all. It is quiet news.
    LikelyLasts {
        /// Which quota.
        meter: Meter,
        /// Percent used now.
        used: Decimal,
        /// When the cycle ends, where announced.
        resets_at: Option<DateTime<Utc>>,
    },
    /// A balance has fallen to an amount or below it.
    BalanceLow {
        /// The lowest amount that it has just reached.
        threshold: Money,
        /// What is available now.
        available: Money,
    },
    /// Extra usage has begun to cost money in this billing month.
    ExtraUsage {
        /// What it has cost in the month so far.
        spent: Money,
        /// What is left in the wallet, where that is known.
        left: Option<Money>,
        /// The user's own cap on the month, where there is one.
        cap: Option<Money>,
    },
    /// So much of a budget of the user's is used.
    Budget {
        /// The budget.
        budget: Budget,
        /// The step that was reached, in percent of the limit.
        step: u32,
        /// What was used in the period so far, in the unit of the limit.
        used: BudgetAmount,
        /// Whether `used` is worked out from prices and logs.
        #[serde(default)]
        is_estimate: bool,
        /// When the period ends.
        ends: DateTime<Utc>,
    },
    /// A quota was reset.
    Reset {
        /// Which meter.
        meter: Meter,
        /// On time, early or late.
        schedule: Schedule,
        /// Percent used before.
        used_before: Decimal,
        /// Percent used now.
        used_after: Decimal,
        /// When the new cycle ends, where announced.
        resets_at: Option<DateTime<Utc>>,
        /// It gives back what an anomaly had taken.
        #[serde(default)]
        gives_back: bool,
    },
    /// Money was received.
    Credit {
        /// What kind of money.
        class: CreditClass,
        /// How much.
        amount: Money,
        /// Whether it came into the wallet beside a membership, not into the platform's balance.
        wallet: bool,
        /// It gives back what an anomaly had taken.
        #[serde(default)]
        gives_back: bool,
    },
    /// An anomaly was found.
    Anomaly {
        /// Its class.
        class: Anomaly,
        /// Which series; `None` for the account as a whole.
        series: Option<Series>,
        /// What was seen, in the series' unit.
        observed: Option<f64>,
        /// The expected deduction: lower and upper end, in the unit of the series.
        expected: Option<(f64, f64)>,
        /// Of an acceleration: how many times as much use cost, at least and at most.
        factor: Option<(f64, f64)>,
        /// The title of the incident that it falls into.
        incident: Option<String>,
    },
    /// What an anomaly had taken was given back.
    Recovered {
        /// Which series.
        series: Series,
        /// How much was given back, in the series' unit.
        back: Option<f64>,
        /// When the anomaly was found.
        of: DateTime<Utc>,
    },
    /// An anomaly that was notified is none: usage that became known later explains it. It is quiet news.
    Withdrawn {
        /// The anomaly's class.
        class: Anomaly,
        /// Its series; `None` for the account as a whole.
        series: Option<Series>,
        /// When the anomaly was found.
        of: DateTime<Utc>,
    },
    /// The key or its account was refused, or the membership could not be verified again and again.
    KeyRefused {
        /// The first refusal of this episode.
        since: DateTime<Utc>,
        /// What the service answered last.
        failure: FailureKind,
        /// Its HTTP status, where there was one.
        status: Option<u16>,
        /// What is denied, where the service said it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        denied: Option<Denied>,
    },
}

/// What is kept between readings so that nothing is reported twice. The store keeps it as JSON.
///
/// # Examples
/// A quota that passes 90 % gives one alert, however often it is read after that:
///
/// ```
/// use chrono::{DateTime, TimeDelta, Utc};
/// use tidemark_core::alert::{AlertKind, AlertRules, AlertState};
/// use tidemark_core::change::Tracker;
/// use tidemark_core::{Meter, MeterReading, Reading, Region, Source};
///
/// let start: DateTime<Utc> = "2026-06-01T08:00:00Z".parse()?;
/// let (rules, mut tracker, mut alerts) = (AlertRules::default(), Tracker::default(), AlertState::default());
/// let mut due = Vec::new();
/// for (minutes, used) in [(0, 80), (5, 93), (10, 94)] {
///     let meter = MeterReading {
///         meter: Meter::FiveHour,
///         used_percent: used.into(),
///         used: None,
///         limit: None,
///         resets_at: Some(start + TimeDelta::hours(2)),
///         conflict: false,
///     };
///     let at = start + TimeDelta::minutes(minutes);
///     let reading = Reading { meters: vec![meter], ..Reading::new(at, Source::KimiCode, Region::China) };
///     let observed = tracker.observe(&reading);
///     due.extend(alerts.on_reading(&rules, &reading, &observed, &observed.findings));
/// }
/// assert_eq!(due.len(), 1);
/// let AlertKind::Threshold { threshold, used, .. } = &due[0].kind else { panic!("{:?}", due[0]) };
/// assert_eq!((*threshold, *used), (90.into(), 93.into()));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AlertState {
    meters: BTreeMap<Meter, MeterMark>,
    balances: BTreeMap<Currency, BalanceMark>,
    refusals: Refusals,
    notified: NotifiedAnomalies,
    // Left out where there is nothing to remember, as other versions do.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    outlooks: BTreeMap<Meter, OutlookMark>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_usage: Option<ExtraUsageMark>,
}

impl AlertState {
    /// As after a reading that showed what a tracker knows: thresholds that are already passed count as reported.
    #[must_use]
    pub fn resumed(tracker: &Tracker) -> Self {
        let mut state = Self::default();
        for (opening, end) in tracker.accounted_meters() {
            if let Series::Meter(meter) = opening.series
                && meter.is_allowance()
            {
                state.meters.insert(meter, MeterMark::primed(&opening, end));
            }
        }
        if let Some(available) = tracker.available() {
            state.balances.insert(available.currency, BalanceMark::primed(available.amount));
        }
        state
    }

    /// The alerts that are due after a reading, given its movements and the findings made of them.
    #[must_use]
    pub fn on_reading(
        &mut self,
        rules: &AlertRules,
        reading: &Reading,
        observed: &Observed,
        findings: &[Finding],
    ) -> Vec<Alert> {
        self.refusals.succeeded();
        if findings.iter().any(|finding| finding.kind == FindingKind::AccountChange) {
            // What the new account has used or has left when it is first seen is no news of it.
            self.meters.clear();
            self.balances.clear();
            self.outlooks.clear();
            self.extra_usage = None;
        }
        let mut alerts = Vec::new();
        // Findings first: whether a reset is worth reporting depends on what was reported in the cycle that
        // it ended.
        for finding in findings {
            let alert = self.on_finding(rules, reading, finding, findings);
            if alert.is_some() {
                self.notified.note(finding);
            }
            alerts.extend(alert);
        }
        for movement in &observed.movements {
            if observed.unconfirmed.contains(&movement.series) {
                continue;
            }
            let Series::Meter(meter) = movement.series else { continue };
            if !meter.is_allowance() {
                continue;
            }
            let resets_at = reading.meter(meter).and_then(|seen| seen.resets_at);
            match self.meters.get_mut(&meter) {
                Some(mark) => {
                    let reached = mark.moved(&rules.meter_thresholds, movement, resets_at);
                    alerts.extend(reached.map(|(threshold, cycle)| Alert {
                        announcement: None,
                        key: format!("threshold:{meter}:{cycle}:{}", threshold.normalize()),
                        at: reading.at,
                        kind: AlertKind::Threshold { meter, threshold, used: movement.value, resets_at },
                    }));
                }
                None => {
                    self.meters.insert(meter, MeterMark::primed(movement, resets_at));
                }
            }
        }
        alerts.extend(self.on_balance(rules, reading, observed));
        alerts.extend(self.on_extra_usage(rules, reading));
        alerts
    }

    /// The alerts that are due for what is likely to become of the quotas of a reading. To be asked after
    /// [`AlertState::on_reading`] of the same reading; a quota without a forecast is left out.
    #[must_use]
    pub fn on_forecasts(
        &mut self,
        rules: &AlertRules,
        reading: &Reading,
        forecasts: &[(Meter, Forecast)],
    ) -> Vec<Alert> {
        let Some(threshold) = rules.likely_empty.map(|percent| f64::from(percent) / 100.0) else {
            return Vec::new();
        };
        let mut alerts = Vec::new();
        // How long a session goes on cannot be known in advance: of the 5-hour quota, few were foreseen, and those only
        // minutes ahead.
        for (meter, forecast) in forecasts.iter().filter(|(meter, _)| *meter != Meter::FiveHour) {
            let (Some(mark), Some(seen)) = (self.meters.get(meter), reading.meter(*meter)) else { continue };
            let cycle = mark.cycle();
            let outlook = self.outlooks.entry(*meter).or_default();
            let probability = 1.0 - forecast.lasts;
            let Some(news) = outlook.moved(cycle, reading.at, probability, threshold) else { continue };
            let (meter, used, resets_at) = (*meter, seen.used_percent, seen.resets_at);
            let (word, kind) = match news {
                News::Empty => (
                    "likely-empty",
                    AlertKind::LikelyEmpty { meter, used, probability, empty: forecast.empty, resets_at },
                ),
                News::Lasts => ("likely-lasts", AlertKind::LikelyLasts { meter, used, resets_at }),
            };
            alerts.push(Alert {
                announcement: None,
                key: format!("{word}:{meter}:{cycle}"),
                at: reading.at,
                kind,
            });
        }
        alerts
    }

    /// The alerts that are due after a poll that failed at `at`.
    #[must_use]
    pub fn on_failure(&mut self, rules: &AlertRules, at: DateTime<Utc>, failure: &Failure) -> Vec<Alert> {
        let (word, since) = if failure.is_refusal() {
            ("key-refused", self.refusals.refused(at))
        } else if failure.kind == FailureKind::MembershipLapsed {
            ("membership-lapsed", self.refusals.lapsed(at))
        } else {
            return Vec::new();
        };
        since
            .filter(|_| rules.refusals)
            .map(|since| Alert {
                announcement: None,
                key: format!("{word}:{}", format_rfc3339(since)),
                at,
                kind: AlertKind::KeyRefused {
                    since,
                    failure: failure.kind,
                    status: failure.status,
                    denied: failure.denied,
                },
            })
            .into_iter()
            .collect()
    }

    /// The alerts that are due for anomalies that are withdrawn at `at`: of those that were notified.
    #[must_use]
    pub fn on_withdrawn(
        &mut self,
        rules: &AlertRules,
        at: DateTime<Utc>,
        withdrawn: &[Finding],
    ) -> Vec<Alert> {
        let mut alerts = Vec::new();
        for finding in withdrawn {
            let FindingKind::Withdrawn { of } = finding.kind else { continue };
            let Some(class) = self.notified.take(finding.series, of) else { continue };
            if !rules.anomalies {
                continue;
            }
            let series = series_word(finding.series);
            alerts.push(Alert {
                announcement: None,
                key: format!("withdrawn:{}:{series}:{}", class.as_str(), format_rfc3339(of)),
                at,
                kind: AlertKind::Withdrawn { class, series: finding.series, of },
            });
        }
        alerts
    }

    fn on_finding(
        &self,
        rules: &AlertRules,
        reading: &Reading,
        finding: &Finding,
        all: &[Finding],
    ) -> Option<Alert> {
        let at = finding.detected_at;
        let time = format_rfc3339(at);
        let gives_back = all.iter().any(|other| {
            matches!(other.kind, FindingKind::Recovered { .. }) && other.series == finding.series
        });
        let alert = match &finding.kind {
            FindingKind::Reset { schedule, used_before, used_after, .. } => {
                let meter = finding.meter().filter(|meter| meter.is_allowance())?;
                let told = match schedule {
                    Schedule::OnTime => {
                        let was_told = self.meters.get(&meter).is_some_and(MeterMark::was_told);
                        rules.resets && (was_told || *used_before >= meter::HALF)
                    }
                    Schedule::Early | Schedule::Late => rules.early_resets,
                };
                told.then(|| Alert {
                    announcement: None,
                    key: format!("reset:{meter}:{time}"),
                    at,
                    kind: AlertKind::Reset {
                        meter,
                        schedule: *schedule,
                        used_before: *used_before,
                        used_after: *used_after,
                        resets_at: reading.meter(meter).and_then(|seen| seen.resets_at),
                        gives_back,
                    },
                })
            }
            FindingKind::Credit { class, amount } => {
                let series = finding.series?;
                let word = match class {
                    CreditClass::TopUp => "top-up",
                    CreditClass::Voucher => "voucher",
                    CreditClass::Refund => "refund",
                    CreditClass::Unknown => "unknown",
                };
                rules.early_resets.then(|| Alert {
                    announcement: None,
                    key: format!("credit:{series}:{word}:{time}"),
                    at,
                    kind: AlertKind::Credit {
                        class: *class,
                        amount: *amount,
                        wallet: matches!(series, Series::Wallet(_)),
                        gives_back,
                    },
                })
            }
            FindingKind::Anomaly(class) => {
                let series = series_word(finding.series);
                rules.anomalies.then(|| Alert {
                    announcement: None,
                    key: format!("anomaly:{}:{series}:{time}", class.as_str()),
                    at,
                    kind: AlertKind::Anomaly {
                        class: *class,
                        series: finding.series,
                        observed: finding.observed,
                        expected: finding.expected_low.zip(finding.expected_high),
                        factor: finding.factor(),
                        incident: None,
                    },
                })
            }
            FindingKind::Recovered { of } => {
                let series = finding.series?;
                // A reset or a credit that is reported by itself says that it gives something back.
                let told = rules.early_resets && all.iter().any(|other| gives(other, series));
                (rules.anomalies && !told).then(|| Alert {
                    announcement: None,
                    key: format!("recovered:{series}:{}:{time}", format_rfc3339(*of)),
                    at,
                    kind: AlertKind::Recovered { series, back: finding.observed, of: *of },
                })
            }
            FindingKind::Withdrawn { .. }
            | FindingKind::Expiry { .. }
            | FindingKind::LimitChange { .. }
            | FindingKind::PlanChange { .. }
            | FindingKind::AccountChange => None,
        };
        alert.map(|alert| Alert { announcement: announced(finding), ..alert })
    }

    fn on_extra_usage(&mut self, rules: &AlertRules, reading: &Reading) -> Option<Alert> {
        let wallet = reading.wallet?;
        let spent = wallet.month_used?;
        let Some(mark) = &mut self.extra_usage else {
            self.extra_usage = Some(ExtraUsageMark::primed(spent));
            return None;
        };
        let begun = mark.moved(spent, reading.at)?;
        rules.extra_usage.then(|| Alert {
            announcement: None,
            key: format!("extra-usage:{begun}"),
            at: reading.at,
            kind: AlertKind::ExtraUsage { spent, left: wallet.balance, cap: wallet.month_cap },
        })
    }

    fn on_balance(&mut self, rules: &AlertRules, reading: &Reading, observed: &Observed) -> Option<Alert> {
        let balance = reading.balance?;
        let currency = balance.currency;
        let series = Series::Balance(currency);
        // A reading that brought no movement was taken before.
        if observed.unconfirmed.contains(&series) || !observed.movements.iter().any(|m| m.series == series) {
            return None;
        }
        let available = balance.available?;
        let Some(mark) = self.balances.get_mut(&currency) else {
            self.balances.insert(currency, BalanceMark::primed(available));
            return None;
        };
        let thresholds = rules.balance_thresholds.iter().filter(|t| t.currency == currency).map(|t| t.amount);
        let threshold = mark.moved(thresholds, available)?;
        Some(Alert {
            announcement: None,
            key: format!("balance-low:{currency}:{}:{}", threshold.normalize(), format_rfc3339(reading.at)),
            at: reading.at,
            kind: AlertKind::BalanceLow {
                threshold: Money::new(threshold, currency),
                available: Money::new(available, currency),
            },
        })
    }
}

/// How a series is named in a key.
fn series_word(series: Option<Series>) -> String {
    series.map_or_else(|| "account".to_owned(), |series| series.to_string())
}

/// The announcement nearest to a finding, where it names one.
fn announced(finding: &Finding) -> Option<String> {
    finding.messages.explanation.iter().find_map(|message| match message {
        Message::Announcement { text, .. } => Some(text.clone()),
        _ => None,
    })
}

/// Whether a finding restores quota or adds money, and is reported by itself.
fn gives(finding: &Finding, series: Series) -> bool {
    let told = match &finding.kind {
        FindingKind::Reset { schedule, .. } => {
            *schedule != Schedule::OnTime && series.meter().is_some_and(Meter::is_allowance)
        }
        FindingKind::Credit { .. } => true,
        _ => false,
    };
    told && finding.series == Some(series)
}
