//! The arguments of a message, each with its kind: what a catalogue puts into its text.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Message, MoneyLeft};
use crate::limit::Limit;
use crate::meter::Meter;
use crate::money::Money;
use crate::series::Series;

/// An argument of a message, with all that is needed to write it in any language.
#[derive(Debug, Clone, PartialEq)]
pub enum Arg {
    /// An instant, written in the reader's time zone.
    Time(DateTime<Utc>),
    /// The name of a series.
    Series(Series),
    /// So much of a series: points of a quota, or money.
    Amount(Series, f64),
    /// The level of a series: percent used of a quota, or money left.
    Level(Series, f64),
    /// An exact amount of money.
    Money(Money),
    /// An amount of money that is left, whole or in parts.
    Left(MoneyLeft),
    /// A percentage, 0 to 100.
    Percent(f64),
    /// A plain number: a factor, points.
    Number(f64),
    /// A count, which a language may need for its plural.
    Count(u64),
    /// The name of a rate limit.
    RateLimit(Limit),
    /// Text as the service wrote it: a title, a plan.
    Text(String),
}

/// Less slack than this is shown as none, in points or in money.
pub(super) const MIN_SLACK: f64 = 0.05;

impl Message {
    /// The id of the message, as its JSON has it.
    #[must_use]
    pub fn id(&self) -> String {
        match self.fields().remove("id") {
            Some(Value::String(id)) => id,
            _ => String::new(),
        }
    }

    /// Its arguments by name. One that may be absent and is, is left out.
    #[must_use]
    pub fn args(&self) -> Vec<(String, Arg)> {
        let mut fields = self.fields();
        fields.remove("id");
        // Languages say of a quota that it did not move, not that it moved by nothing, and that nothing was expected, not
        // between nothing and nothing.
        if let Message::OtherQuotaAllows { points, at_most, .. } = self {
            let moved = *points >= MIN_SLACK || *at_most >= MIN_SLACK;
            fields.insert("moved".to_owned(), if moved { "yes" } else { "no" }.into());
        }
        if let Message::DeductedExpected { high, .. } = self {
            let expects = if *high < MIN_SLACK { "nothing" } else { "something" };
            fields.insert("expects".to_owned(), expects.into());
        }
        let series =
            ["series", "meter"].into_iter().find_map(|name| fields.get(name)?.as_str()?.parse().ok());
        fields
            .into_iter()
            // “± 0” says nothing.
            .filter(|(name, value)| name != "slack" || value.as_f64().is_some_and(|slack| slack >= MIN_SLACK))
            .filter_map(|(name, value)| Some((name.clone(), arg(&name, value, series)?)))
            .collect()
    }

    fn fields(&self) -> serde_json::Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            // Its fields are what JSON can hold.
            _ => serde_json::Map::new(),
        }
    }
}

/// What an argument is, by its name: names mean the same in every message.
fn arg(name: &str, value: Value, series: Option<Series>) -> Option<Arg> {
    let number = value.as_f64();
    Some(match name {
        "series" | "meter" | "other" => Arg::Series(value.as_str()?.parse().ok()?),
        "from" | "to" | "at" | "since" | "due" | "of" | "ends" => {
            Arg::Time(serde_json::from_value(value).ok()?)
        }
        "amount" if value.is_object() => Arg::Money(serde_json::from_value(value).ok()?),
        "left" => Arg::Left(serde_json::from_value(value).ok()?),
        "amount" | "at_most" | "lost" | "deducted" | "expected" | "low" | "high" | "slack" => {
            Arg::Amount(series?, number?)
        }
        // A difference of any quota is in points.
        "points" | "points_expected" => Arg::Amount(Series::Meter(Meter::Week), number?),
        "before" | "after" | "level" if number.is_some() && series.is_some() => Arg::Level(series?, number?),
        "used" | "by_count" => Arg::Percent(number?),
        "limit" => match serde_json::from_value::<Limit>(value.clone()) {
            Ok(limit) => Arg::RateLimit(limit),
            Err(_) => Arg::Text(value.as_str()?.to_owned()),
        },
        "count" | "steps" | "sessions" | "value" => Arg::Count(value.as_u64()?),
        _ if number.is_some() => Arg::Number(number?),
        _ if value.is_boolean() => Arg::Text(value.to_string()),
        _ => Arg::Text(value.as_str()?.to_owned()),
    })
}
