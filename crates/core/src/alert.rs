//! Alerts: what the user is told, and how it is told only once.
//!
//! An [`AlertState`] is a pure machine, one for each account. It is fed what the tracker of changes made
//! of each reading ([`AlertState::on_reading`]) and each failure ([`AlertState::on_failure`]), and gives
//! the alerts that are due. The same inputs from the same state give the same alerts with the same keys,
//! so that an analysis repeated after a crash repeats no notification: the store keeps the keys.
//!
//! # The rules
//! - **First look.** The first reading of an account, and of a meter, tells nothing: what is already past
//!   a threshold counts as told. The window shows it.
//! - **Thresholds.** A meter has a high-water mark in each cycle. A threshold is told when a reading lifts
//!   the mark from below it to it or above. So it is told once a cycle, falling back and rising again
//!   tells nothing, and thresholds set later do not fire for what was passed before. A jump over several
//!   tells the highest alone. The Code share of the month is no allowance of its own and never told.
//! - **Cycles.** A reset sets the mark to zero, and use in the new cycle counts at once. A changed scale
//!   (limit, plan) lowers the mark to the new value at most.
//! - **Balance.** The same with a low-water mark of what is available, per currency: told at or below an
//!   amount; a jump over several tells the lowest. A threshold is armed again once the balance stands a
//!   tenth above it.
//! - **Resets.** Those on time are told where at least half was used or a threshold had been told in that
//!   cycle; others would nag. Early and late ones are always told. Each has its own switch.
//! - **Credits** go with the switch of early resets: both are good news out of schedule.
//! - **Refusals.** A key is told as refused at the second refusal without a success in between, once until
//!   a reading succeeds. A single one may be a gateway's hiccup; failures of other kinds say nothing of the key.
//! - **Anomalies** are told once each, when they are found. What was given back is told too, together with
//!   the reset or credit that gave it back where there is one.
//! - **Unconfirmed.** Nothing is told of a series whose fall waits for the next reading to confirm it.
//! - **Delivery.** What has waited is judged again by [`Alert::is_true`] when it is delivered.
//!
//! Switching a kind of alert off does not store it up: what happened meanwhile counts as told.

mod balance;
mod meter;
mod refusal;
mod relevance;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::change::Observed;
use crate::failure::{Failure, FailureKind};
use crate::finding::{Anomaly, CreditClass, Finding, FindingKind, Schedule};
use crate::meter::Meter;
use crate::money::{Currency, Money};
use crate::number::timestamp::format_rfc3339;
use crate::reading::Reading;
use crate::series::Series;

use balance::BalanceMark;
use meter::MeterMark;
use refusal::Refusals;

/// What the user wants to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AlertRules {
    /// Percent used at which a meter is told, in any order.
    pub meter_thresholds: Vec<Decimal>,
    /// Amounts at or below which a balance is told. Each counts for its own currency alone.
    pub balance_thresholds: Vec<Money>,
    /// Whether resets on time are told.
    pub resets: bool,
    /// Whether early and late resets, and credits, are told.
    pub early_resets: bool,
    /// Whether a refused key is told.
    pub refusals: bool,
    /// Whether anomalies are told, and what of them was given back.
    pub anomalies: bool,
}

impl Default for AlertRules {
    /// 75, 90 and 100 %; no amounts, because none fits everyone; everything else told.
    fn default() -> Self {
        Self {
            meter_thresholds: [75, 90, 100].map(Decimal::from).to_vec(),
            balance_thresholds: Vec::new(),
            resets: true,
            early_resets: true,
            refusals: true,
            anomalies: true,
        }
    }
}

/// Something to tell the user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// What makes a repeat a repeat: unique for an account, for ever.
    pub key: String,
    /// The time of the reading or the failure that led to it.
    pub at: DateTime<Utc>,
    /// What it is.
    #[serde(flatten)]
    pub kind: AlertKind,
}

/// The kinds of alert.
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
    /// A balance has fallen to an amount or below it.
    BalanceLow {
        /// The lowest amount that it has just reached.
        threshold: Money,
        /// What is available now.
        available: Money,
    },
    /// A meter was reset.
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
    /// Money came in.
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
        /// What was to be expected, at least and at most.
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
        /// How much came back, in the series' unit.
        back: Option<f64>,
        /// When the anomaly was found.
        of: DateTime<Utc>,
    },
    /// The key was refused.
    KeyRefused {
        /// The first refusal of this episode.
        since: DateTime<Utc>,
        /// What the service answered last.
        failure: FailureKind,
        /// Its HTTP status, where there was one.
        status: Option<u16>,
    },
}

/// What is remembered between readings so that nothing is told twice. Its JSON is what the store keeps.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AlertState {
    meters: BTreeMap<Meter, MeterMark>,
    balances: BTreeMap<Currency, BalanceMark>,
    refusals: Refusals,
}

impl AlertState {
    /// What is to be told after a reading, given what the tracker of changes made of it and what was found.
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
        }
        let mut alerts = Vec::new();
        // Findings first: whether a reset is worth telling depends on what was told in the cycle it ended.
        for finding in findings {
            alerts.extend(self.on_finding(rules, reading, finding, findings));
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
        alerts
    }

    /// What is to be told after a poll that failed at a time.
    #[must_use]
    pub fn on_failure(&mut self, rules: &AlertRules, at: DateTime<Utc>, failure: &Failure) -> Vec<Alert> {
        if !failure.is_refusal() {
            return Vec::new();
        }
        self.refusals
            .refused(at)
            .filter(|_| rules.refusals)
            .map(|since| Alert {
                key: format!("key-refused:{}", format_rfc3339(since)),
                at,
                kind: AlertKind::KeyRefused { since, failure: failure.kind, status: failure.status },
            })
            .into_iter()
            .collect()
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
        match &finding.kind {
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
                let series = finding.series.map_or_else(|| "account".to_owned(), |s| s.to_string());
                rules.anomalies.then(|| Alert {
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
                // A reset or a credit that is told of itself says that it gives something back.
                let told = rules.early_resets && all.iter().any(|other| gives(other, series));
                (rules.anomalies && !told).then(|| Alert {
                    key: format!("recovered:{series}:{}:{time}", format_rfc3339(*of)),
                    at,
                    kind: AlertKind::Recovered { series, back: finding.observed, of: *of },
                })
            }
            FindingKind::Expiry { .. }
            | FindingKind::LimitChange { .. }
            | FindingKind::PlanChange { .. }
            | FindingKind::AccountChange => None,
        }
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
            key: format!("balance-low:{currency}:{}:{}", threshold.normalize(), format_rfc3339(reading.at)),
            at: reading.at,
            kind: AlertKind::BalanceLow {
                threshold: Money::new(threshold, currency),
                available: Money::new(available, currency),
            },
        })
    }
}

/// Whether a finding is something that came back or in, and is told of itself.
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
