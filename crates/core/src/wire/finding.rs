//! The line of a finding.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize};

use super::fields::{optional_number, optional_time, time};
use crate::finding::{Anomaly, CreditClass, Finding, FindingKind, Schedule};
use crate::message::Messages;
use crate::meter::Meter;
use crate::money::{Currency, Money};
use crate::series::Series;
use crate::text;

/// A finding, as the contract has it. Which keys are present depends on `kind`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingRecord {
    /// The kind's word, such as `anomaly` or `reset`.
    pub kind: String,
    /// The class, of an anomaly or a credit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The user's name for the account; absent if the history has one account only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The meter, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meter: Option<Meter>,
    /// `balance` or `wallet`, where it is about money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_money: Option<String>,
    /// The earliest moment at which it can have happened.
    #[serde(with = "time")]
    pub from: DateTime<Utc>,
    /// The latest moment at which it can have happened.
    #[serde(with = "time")]
    pub to: DateTime<Utc>,
    /// The reading that settled it.
    #[serde(with = "time")]
    pub detected_at: DateTime<Utc>,
    /// What was observed, in `unit`.
    #[serde(default)]
    pub observed: Option<f64>,
    /// Lower end of what was expected, in `unit`.
    #[serde(default)]
    pub expected_low: Option<f64>,
    /// Upper end of what was expected, in `unit`.
    #[serde(default)]
    pub expected_high: Option<f64>,
    /// The unit of the three: `percent` or a currency code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// What happened, in one sentence for people.
    pub explanation: String,
    /// The facts that it rests on, a line each, for people.
    #[serde(default)]
    pub evidence: Vec<String>,
    /// Explanation and evidence as messages, for any language: in a store, in a report, and in what the engine answers
    /// to a poll. Absent where only the text is known, and in what is printed.
    #[serde(default, skip_serializing_if = "Messages::is_empty", deserialize_with = "known_messages")]
    pub messages: Messages,
    /// Of a reset: whether it was on time, early or late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// Of a reset: percent used before it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_number")]
    pub used_before: Option<Decimal>,
    /// Of a reset: percent used after it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_number")]
    pub used_after: Option<Decimal>,
    /// Of a reset: when it had been announced for.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_time")]
    pub announced: Option<DateTime<Utc>>,
    /// Of a credit or an expiry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// Of a limit change: which limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// Of a change of limit or plan: the old value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Of a change of limit or plan: the new value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Of what was given back or is withdrawn: the anomaly's `detected_at`.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_time")]
    pub of: Option<DateTime<Utc>>,
}

/// Messages that this version knows: where a newer one wrote others, the text is what is left.
fn known_messages<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Messages, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

fn word_of<T: Serialize>(value: T) -> Option<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Some(word),
        _ => None,
    }
}

impl FindingRecord {
    /// The line of a finding of an account.
    #[must_use]
    pub fn new(finding: &Finding, account: Option<&str>) -> Self {
        let mut line = Self {
            kind: finding.kind.as_str().to_owned(),
            class: None,
            account: account.map(ToOwned::to_owned),
            meter: finding.meter(),
            of_money: match finding.series {
                Some(Series::Balance(_)) => Some("balance".to_owned()),
                Some(Series::Wallet(_)) => Some("wallet".to_owned()),
                _ => None,
            },
            from: finding.from,
            to: finding.to,
            detected_at: finding.detected_at,
            observed: finding.observed,
            expected_low: finding.expected_low,
            expected_high: finding.expected_high,
            unit: finding.series.map(|series| series.unit().to_owned()),
            confidence: finding.confidence,
            explanation: finding.explanation.clone(),
            evidence: finding.evidence.clone(),
            messages: Messages::default(),
            schedule: None,
            used_before: None,
            used_after: None,
            announced: None,
            amount: None,
            limit: None,
            before: None,
            after: None,
            of: None,
        };
        match &finding.kind {
            FindingKind::Anomaly(class) => line.class = word_of(class),
            FindingKind::Reset { schedule, used_before, used_after, announced } => {
                line.schedule = Some(*schedule);
                line.used_before = Some(*used_before);
                line.used_after = Some(*used_after);
                line.announced = *announced;
            }
            FindingKind::Credit { class, amount } => {
                line.class = word_of(class);
                line.amount = Some(*amount);
            }
            FindingKind::Expiry { amount } => line.amount = Some(*amount),
            FindingKind::LimitChange { limit, before, after } => {
                line.limit = Some(limit.clone());
                line.before.clone_from(before);
                line.after.clone_from(after);
            }
            FindingKind::PlanChange { before, after } => {
                line.before.clone_from(before);
                line.after.clone_from(after);
            }
            FindingKind::AccountChange => {}
            FindingKind::Recovered { of } | FindingKind::Withdrawn { of } => line.of = Some(*of),
        }
        line
    }

    /// The line that a store keeps: with the messages, so that it can be shown in any language later.
    #[must_use]
    pub fn stored(finding: &Finding) -> Self {
        Self { messages: finding.messages.clone(), ..Self::new(finding, None) }
    }

    /// The finding that a line describes; `None` if its fields contradict each other.
    #[must_use]
    pub fn finding(&self) -> Option<Finding> {
        let class = |text: &Option<String>| text.clone().map(serde_json::Value::String);
        let kind = match self.kind.as_str() {
            "anomaly" => FindingKind::Anomaly(serde_json::from_value::<Anomaly>(class(&self.class)?).ok()?),
            "reset" => FindingKind::Reset {
                schedule: self.schedule?,
                used_before: self.used_before?,
                used_after: self.used_after?,
                announced: self.announced,
            },
            "credit" => FindingKind::Credit {
                class: serde_json::from_value::<CreditClass>(class(&self.class)?).ok()?,
                amount: self.amount?,
            },
            "expiry" => FindingKind::Expiry { amount: self.amount? },
            "limit-change" => FindingKind::LimitChange {
                limit: text::name(self.limit.as_deref()?),
                before: self.before.as_deref().map(text::name),
                after: self.after.as_deref().map(text::name),
            },
            "plan-change" => FindingKind::PlanChange {
                before: self.before.as_deref().map(text::name),
                after: self.after.as_deref().map(text::name),
            },
            "account-change" => FindingKind::AccountChange,
            "recovered" => FindingKind::Recovered { of: self.of? },
            "withdrawn" => FindingKind::Withdrawn { of: self.of? },
            _ => return None,
        };
        let currency = || self.unit.as_deref().and_then(|unit| unit.parse::<Currency>().ok());
        let series = match (self.meter, self.of_money.as_deref()) {
            (Some(meter), _) => Some(Series::Meter(meter)),
            (None, Some("balance")) => currency().map(Series::Balance),
            (None, Some("wallet")) => currency().map(Series::Wallet),
            _ => None,
        };
        Some(Finding {
            kind,
            series,
            from: self.from,
            to: self.to,
            detected_at: self.detected_at,
            observed: self.observed,
            expected_low: self.expected_low,
            expected_high: self.expected_high,
            confidence: self.confidence,
            // Another program may have written the line.
            explanation: text::sentence(&self.explanation),
            evidence: self.evidence.iter().take(text::MAX_LISTED).map(|line| text::sentence(line)).collect(),
            messages: self.messages.clone(),
        })
    }
}
