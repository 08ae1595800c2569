//! The lines of the contract: how readings, failures, incidents and findings are written as JSON.
//!
//! The command line prints them, `export` writes them, `replay` reads them. These structs are the edge;
//! the domain types are not serialised by accident. Reading is tolerant of keys it does not know.

use chrono::{DateTime, SecondsFormat, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::account::{Region, Source};
use crate::failure::FailureKind;
use crate::finding::{Anomaly, CreditClass, Finding, FindingKind, Schedule};
use crate::meter::Meter;
use crate::money::{Currency, Money};
use crate::reading::{Balance, MeterReading, RateLimits, Reading, Wallet};
use crate::series::Series;

/// One line of a recorded history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Line {
    /// One look at an account.
    Reading(ReadingLine),
    /// One request seen in a local session log.
    Usage(UsageLine),
    /// Something from the service's status page.
    Incident(IncidentLine),
    /// A poll that failed.
    Failure(FailureLine),
    /// A conclusion.
    Finding(FindingLine),
}

/// A line as it was recorded: with the time at which it became known, where that is later than its own. An
/// incident is often told of late, and so is a request whose log was read late. A history is recorded in the
/// order in which it became known, since that is the order in which conclusions were drawn from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// The line.
    #[serde(flatten)]
    pub line: Line,
    /// When it became known; absent where at once.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_time")]
    pub known_at: Option<DateTime<Utc>>,
}

impl From<Line> for Recorded {
    fn from(line: Line) -> Self {
        Self { line, known_at: None }
    }
}

impl Line {
    /// Its own time; `None` for conclusions.
    #[must_use]
    pub const fn at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Reading(line) => Some(line.at),
            Self::Usage(line) => Some(line.at),
            Self::Incident(line) => Some(line.at),
            Self::Failure(line) => Some(line.at),
            Self::Finding(_) => None,
        }
    }
}

/// A reading, as the contract has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadingLine {
    /// When.
    #[serde(with = "time")]
    pub at: DateTime<Utc>,
    /// The account's name; absent where there is only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Which product.
    pub source: Source,
    /// Which service.
    pub region: Region,
    /// The plan's name.
    #[serde(default)]
    pub plan: Option<String>,
    /// The quota windows.
    #[serde(default)]
    pub meters: Vec<MeterLine>,
    /// The wallet.
    #[serde(default)]
    pub wallet: Option<WalletLine>,
    /// The balance.
    #[serde(default)]
    pub balance: Option<BalanceLine>,
    /// The rate limits.
    #[serde(default)]
    pub limits: LimitsLine,
    /// Paths of unreadable parts.
    #[serde(default)]
    pub not_understood: Vec<String>,
}

/// A quota window in a reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeterLine {
    /// Which.
    pub meter: Meter,
    /// Percent used, not clamped.
    #[serde(with = "number")]
    pub used_percent: Decimal,
    /// The service's own count, a decimal string.
    #[serde(default, with = "text_number")]
    pub used: Option<Decimal>,
    /// The limit of that count.
    #[serde(default, with = "text_number")]
    pub limit: Option<Decimal>,
    /// When the window ends.
    #[serde(default, with = "optional_time")]
    pub resets_at: Option<DateTime<Utc>>,
    /// Two figures disagree.
    #[serde(default)]
    pub conflict: bool,
}

/// A wallet in a reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WalletLine {
    /// Whether it is on.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// What is left.
    #[serde(default)]
    pub balance: Option<Money>,
    /// Spent this month.
    #[serde(default)]
    pub month_used: Option<Money>,
    /// The cap on that.
    #[serde(default)]
    pub month_cap: Option<Money>,
}

/// A balance in a reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BalanceLine {
    /// The currency of all three.
    pub currency: Currency,
    /// What calls can be paid from.
    #[serde(default, with = "amount")]
    pub available: Option<Decimal>,
    /// Granted.
    #[serde(default, with = "amount")]
    pub voucher: Option<Decimal>,
    /// Paid in; negative is a debt.
    #[serde(default, with = "amount")]
    pub cash: Option<Decimal>,
}

/// Rate limits in a reading.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LimitsLine {
    /// Requests at the same time.
    pub concurrency: Option<u64>,
    /// Requests a minute.
    pub requests_per_minute: Option<u64>,
    /// Tokens a minute.
    pub tokens_per_minute: Option<u64>,
    /// Tokens a day.
    pub tokens_per_day: Option<u64>,
}

/// One request in a local session log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UsageLine {
    /// When.
    #[serde(with = "time")]
    pub at: DateTime<Utc>,
    /// The account's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The model.
    #[serde(default)]
    pub model: Option<String>,
    /// The folder that was worked in, where it is told; [`HIDDEN`](crate::hidden::HIDDEN) where the user hides it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Input tokens, cache excluded.
    #[serde(default)]
    pub input: u64,
    /// Tokens read from the cache.
    #[serde(default)]
    pub cache_read: u64,
    /// Tokens written to the cache.
    #[serde(default)]
    pub cache_write: u64,
    /// Output tokens.
    #[serde(default)]
    pub output: u64,
}

/// Something from the service's status page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncidentLine {
    /// When.
    #[serde(with = "time")]
    pub at: DateTime<Utc>,
    /// The page's id of it.
    pub id: String,
    /// Open or resolved.
    pub state: IncidentState,
    /// The page's word for how bad it is.
    #[serde(default)]
    pub impact: Option<String>,
    /// Its title.
    #[serde(default)]
    pub title: Option<String>,
}

/// Whether an incident goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IncidentState {
    /// It goes on.
    Open,
    /// It is over.
    Resolved,
}

/// A poll that failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FailureLine {
    /// When.
    #[serde(with = "time")]
    pub at: DateTime<Utc>,
    /// The account's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The kind.
    pub kind: FailureKind,
}

/// A finding, as the contract has it. Which keys are present depends on `kind`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingLine {
    /// The kind's word.
    pub kind: String,
    /// The class, of an anomaly or a credit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The account's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The meter, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meter: Option<Meter>,
    /// `balance` or `wallet`, where it is about money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_money: Option<String>,
    /// The earliest moment.
    #[serde(with = "time")]
    pub from: DateTime<Utc>,
    /// The latest moment.
    #[serde(with = "time")]
    pub to: DateTime<Utc>,
    /// The reading that settled it.
    #[serde(with = "time")]
    pub detected_at: DateTime<Utc>,
    /// Seen.
    #[serde(default)]
    pub observed: Option<f64>,
    /// Expected at least.
    #[serde(default)]
    pub expected_low: Option<f64>,
    /// Expected at most.
    #[serde(default)]
    pub expected_high: Option<f64>,
    /// The unit of the three: `percent` or a currency code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// One sentence.
    pub explanation: String,
    /// The facts.
    #[serde(default)]
    pub evidence: Vec<String>,
    /// Of a reset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// Of a reset.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_number")]
    pub used_before: Option<Decimal>,
    /// Of a reset.
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
    /// Of a change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Of a change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Of a recovery: the anomaly's `detected_at`.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_time")]
    pub of: Option<DateTime<Utc>>,
}

impl ReadingLine {
    /// The line of a reading of an account.
    #[must_use]
    pub fn new(reading: &Reading, account: Option<&str>) -> Self {
        Self {
            at: reading.at,
            account: account.map(ToOwned::to_owned),
            source: reading.source,
            region: reading.region,
            plan: reading.plan.clone(),
            meters: reading
                .meters
                .iter()
                .map(|m| MeterLine {
                    meter: m.meter,
                    used_percent: m.used_percent,
                    used: m.used,
                    limit: m.limit,
                    resets_at: m.resets_at,
                    conflict: m.conflict,
                })
                .collect(),
            wallet: reading.wallet.map(|w| WalletLine {
                enabled: w.enabled,
                balance: w.balance,
                month_used: w.month_used,
                month_cap: w.month_cap,
            }),
            balance: reading.balance.map(|b| BalanceLine {
                currency: b.currency,
                available: b.available,
                voucher: b.voucher,
                cash: b.cash,
            }),
            limits: LimitsLine {
                concurrency: reading.limits.concurrency,
                requests_per_minute: reading.limits.requests_per_minute,
                tokens_per_minute: reading.limits.tokens_per_minute,
                tokens_per_day: reading.limits.tokens_per_day,
            },
            not_understood: reading.not_understood.clone(),
        }
    }
}

impl From<ReadingLine> for Reading {
    fn from(line: ReadingLine) -> Self {
        Self {
            at: line.at,
            source: line.source,
            region: line.region,
            plan: line.plan,
            meters: line
                .meters
                .into_iter()
                .map(|m| MeterReading {
                    meter: m.meter,
                    used_percent: m.used_percent,
                    used: m.used,
                    limit: m.limit,
                    resets_at: m.resets_at,
                    conflict: m.conflict,
                })
                .collect(),
            wallet: line.wallet.map(|w| Wallet {
                enabled: w.enabled,
                balance: w.balance,
                month_used: w.month_used,
                month_cap: w.month_cap,
            }),
            balance: line.balance.map(|b| Balance {
                currency: b.currency,
                available: b.available,
                voucher: b.voucher,
                cash: b.cash,
            }),
            limits: RateLimits {
                concurrency: line.limits.concurrency,
                requests_per_minute: line.limits.requests_per_minute,
                tokens_per_minute: line.limits.tokens_per_minute,
                tokens_per_day: line.limits.tokens_per_day,
            },
            not_understood: line.not_understood,
        }
    }
}

fn word_of<T: Serialize>(value: T) -> Option<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Some(word),
        _ => None,
    }
}

impl FindingLine {
    /// The line of a finding of an account.
    #[must_use]
    pub fn new(finding: &Finding, account: Option<&str>) -> Self {
        let mut line = Self {
            kind: finding.kind.word().to_owned(),
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
            FindingKind::Recovered { of } => line.of = Some(*of),
        }
        line
    }

    /// The finding that a line tells of; `None` where the line does not hold together.
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
                limit: self.limit.clone()?,
                before: self.before.clone(),
                after: self.after.clone(),
            },
            "plan-change" => {
                FindingKind::PlanChange { before: self.before.clone(), after: self.after.clone() }
            }
            "recovered" => FindingKind::Recovered { of: self.of? },
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
            explanation: self.explanation.clone(),
            evidence: self.evidence.clone(),
        })
    }
}

/// A decimal as the nearest floating-point number, by its shortest decimal text.
#[must_use]
pub fn to_number(value: Decimal) -> f64 {
    let text = value.normalize().to_string();
    text.parse().ok().or_else(|| value.to_f64()).unwrap_or(f64::NAN)
}

/// A floating-point number as the decimal that its shortest text names; `None` where it does not fit.
#[must_use]
pub fn from_number(value: f64) -> Option<Decimal> {
    let text = value.to_string();
    Decimal::from_str_exact(&text).or_else(|_| text.parse()).or_else(|_| Decimal::from_scientific(&text)).ok()
}

/// An instant as the contract writes it: RFC 3339, UTC, no superfluous digits.
#[must_use]
pub fn write_time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Instants in RFC 3339, read with any offset, written in UTC.
pub mod time {
    use super::{DateTime, Deserialize, Deserializer, Serializer, Utc};

    /// Writes it in UTC.
    pub fn serialize<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::write_time(*at))
    }

    /// Reads it with any offset.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text).map(|at| at.with_timezone(&Utc)).map_err(serde::de::Error::custom)
    }
}

/// Instants that may be absent.
pub mod optional_time {
    use super::{DateTime, Deserialize, Deserializer, Serializer, Utc};

    /// Writes it in UTC, or null.
    pub fn serialize<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => super::time::serialize(at, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads it, or null.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<DateTime<Utc>>, D::Error> {
        #[derive(Deserialize)]
        struct Wrapped(#[serde(with = "super::time")] DateTime<Utc>);
        Ok(Option::<Wrapped>::deserialize(deserializer)?.map(|w| w.0))
    }
}

/// Decimals written as JSON numbers.
pub mod number {
    use super::{Decimal, Deserialize, Deserializer, Serializer};

    /// Writes the nearest number; whole ones without a fraction.
    pub fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(super::to_number(*value))
    }

    /// Reads a number.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let value = f64::deserialize(deserializer)?;
        super::from_number(value).ok_or_else(|| serde::de::Error::custom(format!("{value} is out of range")))
    }
}

/// Decimals written as JSON numbers that may be absent.
pub mod optional_number {
    use super::{Decimal, Deserialize, Deserializer, Serializer};

    /// Writes the nearest number, or null.
    pub fn serialize<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::number::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a number, or null.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        Ok(Option::<f64>::deserialize(deserializer)?.and_then(super::from_number))
    }
}

/// Counts written as decimal strings, read from strings or numbers.
pub mod text_number {
    use super::{Decimal, Deserialize, Deserializer, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Number(f64),
    }

    /// Writes the decimal string, or null.
    pub fn serialize<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.serialize_str(&value.normalize().to_string()),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a string, a number, or null.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        Ok(match Option::<Either>::deserialize(deserializer)? {
            None => None,
            Some(Either::Number(value)) => super::from_number(value),
            Some(Either::Text(text)) => Some(text.parse().map_err(serde::de::Error::custom)?),
        })
    }
}

/// Amounts of money without their currency: decimal strings as [`crate::money::plain`] writes them.
pub mod amount {
    use super::{Decimal, Deserializer, Serializer};

    /// Writes the decimal string, or null.
    pub fn serialize<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.serialize_str(&crate::money::plain(*value)),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a string, a number, or null.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        super::text_number::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTRACT: &str = r#"{"type":"reading","at":"2026-09-23T02:00:00Z","account":"work","source":"kimi-code","region":"china","plan":"Pro","meters":[{"meter":"5h","used_percent":43.72,"used":"44","limit":"100","resets_at":"2026-09-23T06:47:09.122865Z","conflict":false},{"meter":"month","used_percent":78.77,"used":null,"limit":null,"resets_at":"2026-10-17T00:00:00Z","conflict":false}],"wallet":{"enabled":true,"balance":{"amount":"3.152507","currency":"CNY"},"month_used":{"amount":"0.00","currency":"CNY"},"month_cap":{"amount":"100.00","currency":"CNY"}},"balance":null,"limits":{"concurrency":20,"requests_per_minute":null,"tokens_per_minute":null,"tokens_per_day":null},"not_understood":[]}"#;

    #[test]
    fn a_reading_survives_its_line() {
        let line: Line = serde_json::from_str(CONTRACT).unwrap();
        assert_eq!(serde_json::to_string(&line).unwrap(), CONTRACT);
        let Line::Reading(line) = line else { panic!("not a reading") };
        let reading = Reading::from(line.clone());
        assert_eq!(ReadingLine::new(&reading, Some("work")), line);
    }

    #[test]
    fn unknown_keys_and_missing_keys_are_tolerated() {
        let line: Line = serde_json::from_str(
            r#"{"type":"reading","at":"2026-09-23T10:00:00+08:00","source":"platform","region":"global","later":1,"balance":{"currency":"USD","available":"49.58894","cash":3}}"#,
        )
        .unwrap();
        let Line::Reading(line) = line else { panic!("not a reading") };
        assert_eq!(line.at, "2026-09-23T02:00:00Z".parse::<DateTime<Utc>>().unwrap());
        let balance = line.balance.unwrap();
        assert_eq!((balance.voucher, balance.cash), (None, Some(Decimal::from(3))));
    }

    #[test]
    fn findings_survive_their_line() {
        let at = "2026-04-22T12:30:00Z".parse::<DateTime<Utc>>().unwrap();
        for kind in [
            FindingKind::Anomaly(Anomaly::WipeOut),
            FindingKind::Reset {
                schedule: Schedule::Early,
                used_before: Decimal::new(785, 1),
                used_after: Decimal::ZERO,
                announced: Some(at),
            },
            FindingKind::LimitChange { limit: "week".into(), before: Some("2048".into()), after: None },
            FindingKind::PlanChange { before: None, after: Some("Pro".into()) },
            FindingKind::Recovered { of: at },
        ] {
            let finding = Finding {
                kind,
                series: Some(Series::Meter(Meter::Week)),
                from: at,
                to: at,
                detected_at: at,
                observed: Some(78.5),
                expected_low: None,
                expected_high: Some(1.5),
                confidence: 0.9,
                explanation: "why".into(),
                evidence: vec!["fact".into()],
            };
            let text = serde_json::to_string(&Line::Finding(FindingLine::new(&finding, None))).unwrap();
            let Line::Finding(back) = serde_json::from_str(&text).unwrap() else { panic!("not a finding") };
            assert_eq!(back.finding(), Some(finding));
        }
        let credit = Finding {
            kind: FindingKind::Credit {
                class: CreditClass::TopUp,
                amount: Money::new(Decimal::TEN, Currency::USD),
            },
            series: Some(Series::Balance(Currency::USD)),
            from: at,
            to: at,
            detected_at: at,
            observed: Some(10.0),
            expected_low: None,
            expected_high: None,
            confidence: 1.0,
            explanation: String::new(),
            evidence: vec![],
        };
        assert_eq!(FindingLine::new(&credit, None).finding(), Some(credit));
    }

    #[test]
    fn numbers_keep_their_shortest_text() {
        for text in ["43.72", "18.310546875", "120", "-5", "0.1"] {
            let decimal: Decimal = text.parse().unwrap();
            assert_eq!(to_number(decimal).to_string(), text);
            assert_eq!(from_number(to_number(decimal)), Some(decimal));
        }
    }

    mod laws {
        use proptest::collection::vec;
        use proptest::option;
        use proptest::prelude::*;

        use super::*;

        fn instant() -> impl Strategy<Value = DateTime<Utc>> {
            (-2_208_988_800_i64..7_258_118_400, 0_u32..1_000_000_000)
                .prop_map(|(seconds, nanos)| DateTime::from_timestamp(seconds, nanos).unwrap())
        }

        /// Percent as a reading promises them: at most eight decimals.
        fn percent() -> impl Strategy<Value = Decimal> {
            (-1_000_000_i64..1_000_000_000, 0_u32..=8).prop_map(|(n, scale)| Decimal::new(n, scale))
        }

        fn any_decimal() -> impl Strategy<Value = Decimal> {
            (any::<i64>(), 0_u32..=12).prop_map(|(n, scale)| Decimal::new(n, scale))
        }

        fn currency() -> impl Strategy<Value = Currency> {
            prop::sample::select(vec![Currency::CNY, Currency::USD, "EUR".parse().unwrap()])
        }

        fn money() -> impl Strategy<Value = Money> {
            (any_decimal(), currency()).prop_map(|(amount, currency)| Money { amount, currency })
        }

        prop_compose! {
            fn meter_reading()(
                meter in prop::sample::select(Meter::ALL.to_vec()),
                used_percent in percent(),
                used in option::of(any_decimal()),
                limit in option::of(any_decimal()),
                resets_at in option::of(instant()),
                conflict in any::<bool>(),
            ) -> MeterReading {
                MeterReading { meter, used_percent, used, limit, resets_at, conflict }
            }
        }

        prop_compose! {
            fn wallet()(
                enabled in option::of(any::<bool>()),
                balance in option::of(money()),
                month_used in option::of(money()),
                month_cap in option::of(money()),
            ) -> Wallet {
                Wallet { enabled, balance, month_used, month_cap }
            }
        }

        prop_compose! {
            fn balance()(
                currency in currency(),
                available in option::of(any_decimal()),
                voucher in option::of(any_decimal()),
                cash in option::of(any_decimal()),
            ) -> Balance {
                Balance { currency, available, voucher, cash }
            }
        }

        prop_compose! {
            fn reading()(
                at in instant(),
                (source, region) in prop::sample::select(vec![
                    (Source::KimiCode, Region::China),
                    (Source::KimiCode, Region::Global),
                    (Source::Platform, Region::China),
                    (Source::Platform, Region::Global),
                ]),
                plan in option::of(any::<String>()),
                meters in vec(meter_reading(), 0..4),
                wallet in option::of(wallet()),
                balance in option::of(balance()),
                limits in vec(option::of(any::<u64>()), 4),
                not_understood in vec(any::<String>(), 0..3),
            ) -> Reading {
                Reading {
                    at, source, region, plan, meters, wallet, balance,
                    limits: RateLimits {
                        concurrency: limits[0],
                        requests_per_minute: limits[1],
                        tokens_per_minute: limits[2],
                        tokens_per_day: limits[3],
                    },
                    not_understood,
                }
            }
        }

        proptest! {
            #[test]
            fn any_reading_survives_its_line(reading in reading(), account in option::of(any::<String>())) {
                let line = Line::Reading(ReadingLine::new(&reading, account.as_deref()));
                let text = serde_json::to_string(&line).unwrap();
                prop_assert!(!text.contains('\n'), "one line: {text}");
                let Line::Reading(back) = serde_json::from_str(&text).unwrap() else { panic!("not a reading") };
                prop_assert_eq!(&back.account, &account);
                prop_assert_eq!(Reading::from(back), reading);
            }

            #[test]
            fn percent_survive_as_numbers(value in percent()) {
                prop_assert_eq!(from_number(to_number(value)), Some(value));
            }

            #[test]
            fn any_number_that_fits_is_read(value in -1e15_f64..1e15) {
                let decimal = from_number(value).unwrap();
                prop_assert!((to_number(decimal) - value).abs() <= value.abs() * 1e-15 + 1e-28);
            }

            #[test]
            fn an_instant_survives_its_text(at in instant()) {
                prop_assert_eq!(write_time(at).parse::<DateTime<Utc>>().unwrap(), at);
            }

            #[test]
            fn reading_a_line_never_panics(text in any::<String>()) {
                let _ = serde_json::from_str::<Line>(&text);
                let _ = serde_json::from_str::<Line>(&format!(
                    r#"{{"type":"reading","at":"2026-01-01T00:00:00Z","source":"platform","region":"china","balance":{{"currency":"CNY","cash":{text:?}}}}}"#
                ));
            }
        }
    }
}
