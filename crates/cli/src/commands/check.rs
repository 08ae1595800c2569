//! `tidemark check`: is enough left? For scripts, CI and whoever starts an agent for the night. From the store alone, as
//! `status` is.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Value, json};
use tidemark_core::number::decimal::to_f64;
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_core::{Currency, FailureKind, Meter, Money, Series};
use tidemark_monitor::Settings;

use super::context::Context;
use super::last_known::{Known, current_share, last_known};
use super::store_access;
use crate::arguments::{Check, CheckedMeter};
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::format;
use crate::i18n::Catalog;
use crate::output::{Output, clean};

/// Percent of a quota that has to be left where nothing else is asked for.
const DEFAULT_LEFT: Decimal = Decimal::TEN;

/// Runs `tidemark check`.
pub fn run(context: &Context, check: &Check) -> Result<Exit, CommandOutcome> {
    let asked = Asked::of(check)?;
    let store = store_access::open(context)?;
    let settings = store_access::settings(store.as_ref())?.unwrap_or_default();
    let zone = context.zone(store.is_some().then_some(settings.timezone));
    let mut output = context.output(settings.language.as_deref(), Some(zone));
    let now = Utc::now();
    let mut known = store.as_ref().map(last_known).transpose()?.unwrap_or_default();
    if let Some(name) = &check.account {
        known.retain(|known| known.account.name == name.trim());
        if known.is_empty() {
            return Err(store_access::no_such_account(name).into());
        }
    }
    let max_age =
        check.max_age.map_or_else(|| settings.live_for(), |minutes| TimeDelta::minutes(minutes.into()));
    let results: Vec<Checked> =
        known.iter().flat_map(|known| checked(known, &asked, &settings, max_age, now)).collect();
    let verdict = verdict(&results);
    if output.json {
        let checks: Vec<Value> = results.iter().map(Checked::to_json).collect();
        output.document(&json!({"at": format_rfc3339(now), "result": verdict, "checks": checks}))?;
    } else {
        say(&mut output, &results, verdict)?;
    }
    output.flush()?;
    Ok(match verdict {
        Verdict::Enough => Exit::Done,
        Verdict::Unknown => Exit::Failed,
        Verdict::Less => Exit::PastLimit,
    })
}

/// What was asked for.
struct Asked {
    meter: CheckedMeter,
    left: Option<Left>,
}

/// What has to be left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Left {
    amount: Decimal,
    unit: LeftUnit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LeftUnit {
    /// Not said: percent of a quota, or money in the balance's currency.
    Meters,
    Percent,
    Money(Currency),
}

impl Asked {
    fn of(check: &Check) -> Result<Self, CommandError> {
        let left =
            check.left.as_deref().map(|text| Left::read(text).ok_or_else(|| wrong_left(text))).transpose()?;
        if left.is_some_and(|left| check.meter != CheckedMeter::Balance && left.amount > Decimal::ONE_HUNDRED)
        {
            return Err(wrong_left(check.left.as_deref().unwrap_or_default()));
        }
        let fits = match (check.meter, left.map(|left| left.unit)) {
            (CheckedMeter::Balance, Some(LeftUnit::Percent)) => false,
            (CheckedMeter::Balance, _) | (_, None | Some(LeftUnit::Meters | LeftUnit::Percent)) => true,
            (_, Some(LeftUnit::Money(_))) => false,
        };
        if !fits {
            return Err(wrong_left(check.left.as_deref().unwrap_or_default()));
        }
        Ok(Self { meter: check.meter, left })
    }

    fn percent(&self) -> Decimal {
        self.left.map_or(DEFAULT_LEFT, |left| left.amount)
    }
}

fn wrong_left(text: &str) -> CommandError {
    CommandError::said(Exit::Usage, "usage", "cli-check-wrong-left", &[("found", text)])
}

impl Left {
    /// Reads `10`, `10%`, `5.50`, `5.50 CNY` or `CNY 5.50`. `None` for anything else, and for less than nothing.
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let currency = |word: &str| word.parse::<Currency>().ok();
        let (number, unit) = if let Some(number) = text.strip_suffix('%') {
            (number, LeftUnit::Percent)
        } else if let Some((before, money)) = text
            .split_at_checked(text.len().saturating_sub(3))
            .and_then(|(before, word)| Some((before, currency(word)?)))
        {
            (before, LeftUnit::Money(money))
        } else if let Some((money, behind)) =
            text.split_at_checked(3).and_then(|(word, behind)| Some((currency(word)?, behind)))
        {
            (behind, LeftUnit::Money(money))
        } else {
            (text, LeftUnit::Meters)
        };
        let amount: Decimal = number.trim().parse().ok().filter(|amount| *amount >= Decimal::ZERO)?;
        Some(Self { amount, unit })
    }
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    /// At least that much is left.
    Enough,
    /// It is unknown, or too old to say.
    Unknown,
    /// Less is left.
    Less,
}

/// The answer for a quota or a balance.
struct Checked {
    account: String,
    of: Of,
    result: Verdict,
    /// What is left: percent of a quota, or money. `None` where unknown.
    left: Option<Decimal>,
    /// What was asked for.
    asked: Decimal,
    resets_at: Option<DateTime<Utc>>,
    age: Option<TimeDelta>,
    /// Why it is unknown, where the age is not the reason.
    why: Option<Why>,
}

/// Why what is left is unknown though the reading is new enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// The quota was reset since.
    Reset,
    /// The balance is in another currency than was asked for.
    OtherCurrency(Currency),
}

impl Checked {
    /// As JSON: percent are numbers, money is text.
    fn to_json(&self) -> Value {
        let (meter, unit) = match self.of {
            Of::Quota(meter) => (meter.as_str(), json!("percent")),
            Of::Balance(currency) => ("balance", json!(currency.map(|currency| currency.to_string()))),
        };
        let amount = |amount: Decimal| match self.of {
            Of::Quota(_) => json!(to_f64(amount)),
            Of::Balance(_) => json!(amount.to_string()),
        };
        json!({
            "account": self.account,
            "meter": meter,
            "result": self.result,
            "left": self.left.map(amount),
            "asked": amount(self.asked),
            "unit": unit,
            "resets_at": self.resets_at.map(format_rfc3339),
            "age_seconds": self.age.map(|age| age.num_seconds()),
        })
    }
}

#[derive(Debug, Clone, Copy)]
enum Of {
    Quota(Meter),
    Balance(Option<Currency>),
}

/// The quotas and the balance of an account that are asked for.
fn checked(
    known: &Known,
    asked: &Asked,
    settings: &Settings,
    max_age: TimeDelta,
    now: DateTime<Utc>,
) -> Vec<Checked> {
    let age = known.age(now);
    // An account that is read in place of this one is as new as that one.
    let through = known.state(settings, now) == "polled-through";
    let is_known = age.is_some_and(|age| age <= max_age) || (through && known.reading.is_some());
    let answer = |of: Of, left: Option<Decimal>, asked: Decimal, resets_at: Option<DateTime<Utc>>| {
        let left = left.filter(|_| is_known);
        let result = match left {
            None => Verdict::Unknown,
            Some(left) if left >= asked => Verdict::Enough,
            Some(_) => Verdict::Less,
        };
        Checked { account: known.account.name.clone(), of, result, left, asked, resets_at, age, why: None }
    };
    let reading = known.reading.as_ref();
    if asked.meter == CheckedMeter::Balance {
        let Some(balance) = reading.and_then(|reading| reading.balance) else {
            // An account without a balance has none to ask for.
            let is_without = reading.is_some();
            return if is_without {
                Vec::new()
            } else {
                vec![answer(Of::Balance(None), None, asked_amount(asked), None)]
            };
        };
        let of = Of::Balance(Some(balance.currency));
        let is_other = matches!(asked.left, Some(Left { unit: LeftUnit::Money(money), .. }) if money != balance.currency);
        let left = if says(known, |kind| kind == FailureKind::OutOfBalance) {
            Some(balance.available.unwrap_or_default().min(Decimal::ZERO))
        } else {
            balance.available
        };
        let mut checked = answer(of, left.filter(|_| !is_other), asked_amount(asked), None);
        checked.why = is_other.then_some(Why::OtherCurrency(balance.currency));
        return vec![checked];
    }
    let Some(reading) = reading else {
        let one = |meter| answer(Of::Quota(meter), None, asked.percent(), None);
        return vec![one(asked.meter.quota().unwrap_or(Meter::FiveHour))];
    };
    let wanted = reading.meters.iter().filter(|meter| match asked.meter.quota() {
        Some(quota) => meter.meter == quota,
        None => meter.meter.is_allowance(),
    });
    wanted
        .map(|meter| {
            let is_empty = known.failure().is_some_and(|failure| {
                failure.kind == FailureKind::WindowExhausted && failure.meter == Some(meter.meter)
            });
            let left = current_share(reading, meter, now)
                .map(|used| (Decimal::ONE_HUNDRED - used).max(Decimal::ZERO));
            let left = if is_empty { left.map(|_| Decimal::ZERO) } else { left };
            let mut checked = answer(Of::Quota(meter.meter), left, asked.percent(), meter.resets_at);
            checked.why = (is_known && left.is_none()).then_some(Why::Reset);
            checked
        })
        .collect()
}

fn says(known: &Known, is: impl Fn(FailureKind) -> bool) -> bool {
    known.failure().is_some_and(|failure| is(failure.kind))
}

/// The least balance that is enough: any, where nothing else is asked for.
fn asked_amount(asked: &Asked) -> Decimal {
    asked.left.map_or(Decimal::new(1, 2), |left| left.amount)
}

/// Less anywhere is less; what is unknown anywhere is unknown, and so is what is nowhere.
fn verdict(results: &[Checked]) -> Verdict {
    results.iter().map(|checked| checked.result).max().unwrap_or(Verdict::Unknown)
}

/// A line for each that is not enough, or for the tightest where all are.
fn say(output: &mut Output, results: &[Checked], verdict: Verdict) -> std::io::Result<()> {
    if results.is_empty() {
        let text = output.words.text("cli-check-nothing");
        return output.line(text);
    }
    let tightest = results.iter().min_by_key(|checked| checked.left);
    let shown = results
        .iter()
        .filter(|checked| checked.result != Verdict::Enough)
        .chain(tightest.filter(|_| verdict == Verdict::Enough));
    for checked in shown {
        let line = line(&output.words, checked);
        output.line(line)?;
    }
    Ok(())
}

fn line(words: &Catalog, checked: &Checked) -> String {
    let meter = match checked.of {
        Of::Quota(meter) => words.meter(meter),
        Of::Balance(Some(currency)) => words.series(Series::Balance(currency)),
        Of::Balance(None) => words.text("cli-check-balance"),
    };
    let amount = |amount: Decimal| match checked.of {
        // As exact as it was read: “60% left, less than 60%” says nothing.
        Of::Quota(_) => words.percent(amount, 2),
        Of::Balance(Some(currency)) => format::money(&Money::new(amount, currency)),
        Of::Balance(None) => amount.to_string(),
    };
    let values = |left: String| {
        [
            ("account", clean(&checked.account).into()),
            ("meter", meter.clone().into()),
            ("left", left.into()),
            ("asked", amount(checked.asked).into()),
        ]
    };
    match checked.why {
        Some(Why::Reset) => return words.with("cli-check-reset", values(String::new())),
        Some(Why::OtherCurrency(currency)) => {
            return words.with("cli-check-other-currency", values(currency.to_string()));
        }
        None => {}
    }
    match (checked.result, checked.left, checked.age) {
        (Verdict::Enough, Some(left), _) => words.with("cli-check-enough", values(amount(left))),
        (Verdict::Less, Some(left), _) => words.with("cli-check-less", values(amount(left))),
        (_, _, Some(age)) => words.with("cli-check-old", values(words.length(age))),
        _ => words.with("cli-check-unknown", values(String::new())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_to_be_left_is_read_as_people_write_it() {
        let left = |amount: &str, unit| Some(Left { amount: amount.parse().unwrap(), unit });
        for (text, expected) in [
            ("10", left("10", LeftUnit::Meters)),
            (" 12.5% ", left("12.5", LeftUnit::Percent)),
            ("5 %", left("5", LeftUnit::Percent)),
            ("5.50 CNY", left("5.50", LeftUnit::Money(Currency::CNY))),
            ("CNY5.50", left("5.50", LeftUnit::Money(Currency::CNY))),
            ("USD 0", left("0", LeftUnit::Money(Currency::USD))),
            ("-1", None),
            ("", None),
            ("%", None),
            ("CNY", None),
            ("五", None),
            ("ten", None),
            ("5 CNY 5", None),
        ] {
            assert_eq!(Left::read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn less_goes_before_unknown_and_unknown_before_enough() {
        let one = |result| Checked {
            account: String::new(),
            of: Of::Balance(None),
            result,
            left: None,
            asked: Decimal::ONE,
            resets_at: None,
            age: None,
            why: None,
        };
        for (results, expected) in [
            (&[][..], Verdict::Unknown),
            (&[Verdict::Enough, Verdict::Enough], Verdict::Enough),
            (&[Verdict::Enough, Verdict::Unknown], Verdict::Unknown),
            (&[Verdict::Unknown, Verdict::Less, Verdict::Enough], Verdict::Less),
        ] {
            let results: Vec<Checked> = results.iter().copied().map(one).collect();
            assert_eq!(verdict(&results), expected);
        }
    }
}
