//! Messages in English, with times in UTC: what the contract has where no language is asked for.

use chrono::{DateTime, Utc};

use super::{Message, Messages, MoneyLeft, Span};
use crate::failure::Limit;
use crate::meter::Meter;
use crate::money::plain;
use crate::number::timestamp::format_rfc3339;
use crate::series::Series;

impl Messages {
    /// The explanation as English text with times in UTC, as the contract has it where no language is asked for.
    #[must_use]
    pub fn english(&self) -> String {
        explanation(&self.explanation)
    }

    /// The lines of evidence, likewise.
    #[must_use]
    pub fn english_evidence(&self) -> Vec<String> {
        self.evidence.iter().map(fact).collect()
    }
}

/// The sentences of an explanation, one after the other. What happened and why it is a finding are one sentence.
fn explanation(messages: &[Message]) -> String {
    let mut text = String::new();
    for (place, message) in messages.iter().enumerate() {
        let goes_on = is_what(message) && place + 1 < messages.len();
        text.push_str(&sentence(message));
        text.push_str(match (goes_on, place + 1 < messages.len()) {
            (true, _) => "; ",
            (false, true) => ". ",
            (false, false) => ".",
        });
    }
    text
}

const fn is_what(message: &Message) -> bool {
    matches!(
        message,
        Message::Lost { .. }
            | Message::LostInNewCycle { .. }
            | Message::LostInSteps { .. }
            | Message::Emptied { .. }
            | Message::EmptiedInNewCycle { .. }
    )
}

/// One message, without a full stop at its end.
fn sentence(message: &Message) -> String {
    match message {
        Message::Lost { series, amount: lost, span } => {
            format!("The {} lost {} {}", name(*series), amount(*series, *lost), minutes(*span))
        }
        Message::LostInNewCycle { series, amount: lost, span } => format!(
            "The {} lost {} {}; a new cycle began in that time",
            name(*series),
            amount(*series, *lost),
            minutes(*span)
        ),
        Message::LostInSteps { series, amount: lost, steps, span } => format!(
            "The {} lost {} so far in {steps} small steps {}",
            name(*series),
            amount(*series, *lost),
            minutes(*span)
        ),
        Message::Emptied { series, before, after, span } => {
            let used = if series.currency().is_some() { "" } else { " used" };
            format!(
                "The {} was emptied in one step: from {} to {}{used} {}",
                name(*series),
                level(*series, *before),
                level(*series, *after),
                minutes(*span)
            )
        }
        Message::EmptiedInNewCycle { series, before, after, span } => format!(
            "The {} began a new cycle {}, with {} used before, and was emptied in the same step: {} used",
            name(*series),
            minutes(*span),
            level(*series, *before),
            level(*series, *after)
        ),
        Message::NoUsage => "no use on this machine in that time".to_owned(),
        Message::UsageDeductedBefore => {
            "all use on this machine until then had been deducted before".to_owned()
        }
        Message::UsageExplains { series, at_most } => {
            format!("use on this machine explains {} at most", amount(*series, *at_most))
        }
        Message::OtherQuotaAllows { other, points, series, at_most } => format!(
            "the {} moved by {} points in that time, which allows {} at most",
            meter_name(*other),
            number(*points),
            amount(*series, *at_most)
        ),
        Message::LargestStepSoFar { series, amount: largest } => format!(
            "the largest step of this account so far was {} in as much time",
            amount(*series, *largest)
        ),
        Message::NothingLikeItBefore => "this account has never lost anything like it at once".to_owned(),
        Message::LimitsAllow { series, at_most } => format!(
            "the account's rate limits at the dearest price allow {} at most in that time",
            amount(*series, *at_most)
        ),
        Message::TakenBack { series, at, amount: back } => {
            let way = if series.currency().is_some() { "in" } else { "back" };
            let (at, back) = (minute(*at), amount(*series, *back));
            format!("that is what had come {way} at {at} ({back}), taken away again")
        }
        Message::RestTakenBack { series, at, amount: back } => format!(
            "that is all that was left of what had come in at {} ({}), taken away again",
            minute(*at),
            amount(*series, *back)
        ),
        Message::ResetTakenBack { series, at, amount: back } => format!(
            "the reset that was told of at {} ({}) was taken back, or never was and the service answered wrongly for a while",
            minute(*at),
            amount(*series, *back)
        ),
        Message::VoucherRestEnded { series, amount: left, span } => format!(
            "What was left of a voucher, {}, ended {}: only granted money fell, no use explains it, and a voucher of at least as much may have ended then",
            amount(*series, *left),
            minutes(*span)
        ),
        Message::CostsMore { series, since, times_low: low, times_high: high, deducted, expected } => format!(
            "Since {} the same tokens cost {}–{} times what they did before in the {}: {} were deducted where {} were to be expected",
            minute(*since),
            number(*low),
            number(*high),
            name(*series),
            amount(*series, *deducted),
            amount(*series, *expected)
        ),
        Message::HardlyPaused => "This machine was hardly seen at rest since: another one without logs, at work beside it, would look the same".to_owned(),
        Message::FallsFaster { series, since, times_low: low, times_high: high, sessions } => format!(
            "Since {} the {} falls {}–{} times as fast as before while it is used, in {sessions} stretches of work on several days. No log of this machine tells what it was used for: a dearer model or more agents at once look the same",
            minute(*since),
            name(*series),
            number(*low),
            number(*high)
        ),
        Message::QuotasDisagree { meter, since, points_expected: expected, points: observed } => format!(
            "Since {} the 5-hour quota and the {} contradict each other: by the 5-hour quota the latter should have moved by about {} points, it moved by {}",
            minute(*since),
            meter_name(*meter),
            number(*expected),
            number(*observed)
        ),
        Message::TwoFigures { meter, since, used } => format!(
            "Since {} the service gives two figures for the {} that contradict each other by more than one point; the larger is {} %",
            minute(*since),
            meter_name(*meter),
            number(*used)
        ),
        Message::ResetOverdue { meter, due, used, minutes } => format!(
            "The {} was to be reset at {} and still stands at {} % used, {minutes} minutes later",
            meter_name(*meter),
            minute(*due),
            number(*used)
        ),
        Message::ResetWithheld { meter, span, before, after } => format!(
            "The {} began a new cycle {} without being emptied: {} % used before, {} % after",
            meter_name(*meter),
            minutes(*span),
            number(*before),
            number(*after)
        ),
        Message::GivenBack { series, of, span, amount: back, lost } => format!(
            "What the {} lost by {} was given back {}: {} of about {}",
            name(*series),
            minute(*of),
            minutes(*span),
            amount(*series, *back),
            amount(*series, *lost)
        ),
        Message::Incident { title, impact, since } => {
            let (title, impact) = incident(title.as_deref(), impact.as_deref());
            format!("The status page told of “{title}”{impact} since {}", minute(*since))
        }
        Message::Reset { meter, late, due, before, after, span } => format!(
            "The {} was reset {}, from {before} % to {after} % used: it was due at {} and came {}",
            meter_name(*meter),
            if *late { "late" } else { "on time" },
            second(*due),
            seconds(*span)
        ),
        Message::ResetEarly { meter, due, before, after, span } => format!(
            "The {} was reset early, from {before} % to {after} % used, {}; it was due only at {}",
            meter_name(*meter),
            seconds(*span),
            second(*due)
        ),
        Message::ResetUnscheduled { meter, before, after, span } => format!(
            "The {} was reset, from {before} % to {after} % used, {}; no end had been announced",
            meter_name(*meter),
            seconds(*span)
        ),
        Message::QuotaLimitChanged { meter, before, after, span } => format!(
            "The limit of the {} changed from {before} to {after} {}; its percent are not comparable across that",
            meter_name(*meter),
            seconds(*span)
        ),
        Message::RateLimitChanged { limit, before, after, span } => {
            let what = match limit {
                Limit::Concurrency => "requests at the same time",
                Limit::RequestsPerMinute => "requests a minute",
                Limit::TokensPerMinute => "tokens a minute",
                Limit::TokensPerDay => "tokens a day",
            };
            format!("The account's limit of {what} changed from {before} to {after} {}", seconds(*span))
        }
        Message::PlanChanged { before, after, span } => {
            format!("The plan changed from {before} to {after} {}", seconds(*span))
        }
        Message::AccountChanged { span } => {
            format!(
                "The key belongs to another account since a time {}; its history begins there",
                seconds(*span)
            )
        }
        Message::PaidIn { series, amount, span } => {
            format!("{amount} was paid into the {} {}", name(*series), seconds(*span))
        }
        Message::VoucherGranted { series, amount, span } => {
            format!("A voucher of {amount} was added to the {} {}", name(*series), seconds(*span))
        }
        Message::Refunded { series, amount, span } => {
            format!("{amount} was given back to the {} {}", name(*series), seconds(*span))
        }
        Message::DeductionRefunded { series, amount, of, span } => format!(
            "{amount} came back to the {} {}: as much as the single deduction seen at {}",
            name(*series),
            seconds(*span),
            second(*of)
        ),
        Message::Received { series, amount, span } => format!(
            "{amount} came into the {} {}; whether paid in or granted cannot be told",
            name(*series),
            seconds(*span)
        ),
        Message::UsageTakenOff => "What was used in the same time is taken off it".to_owned(),
        Message::VoucherEnded { amount, span } => format!(
            "A voucher of {amount} ended {}: it went at once while the cash did not fall beyond use",
            seconds(*span)
        ),
        Message::LevelAt { at, series, level: value } => {
            format!("{}: {series} {}", format_rfc3339(*at), level(*series, *value))
        }
        Message::DeductedExpected { series, amount: deducted, slack, low, high } => format!(
            "deducted {} (±{}), expected {} to {}",
            amount(*series, *deducted),
            number(*slack),
            number(*low),
            number(*high)
        ),
        Message::FailedPolls { count } => format!("{count} polls failed in between"),
        Message::SessionsSince { sessions, since, deducted, expected, .. } => format!(
            "{sessions} stretches of use since {}: deducted {}, expected {}",
            format_rfc3339(*since),
            number(*deducted),
            number(*expected)
        ),
        Message::SessionsAtPace { sessions, since, deducted, expected, .. } => format!(
            "{sessions} stretches of work since {}: deducted {}, at the pace of before {}",
            format_rfc3339(*since),
            number(*deducted),
            number(*expected)
        ),
        Message::WhilePaused { minutes, series, amount: deducted } => format!(
            "while this machine rested in between, for {} minutes, {} was deducted",
            number(*minutes),
            amount(*series, *deducted)
        ),
        Message::Factor { factor, times_low: low, times_high: high, log_likelihood } => format!(
            "factor {} ({} to {}), log-likelihood {}",
            number(*factor),
            number(*low),
            number(*high),
            number(*log_likelihood)
        ),
        Message::Pace { factor, times_low: low, times_high: high, log_likelihood } => format!(
            "pace {} times the usual ({} to {}), log-likelihood {}",
            number(*factor),
            number(*low),
            number(*high),
            number(*log_likelihood)
        ),
        Message::NoUsageLogged => "no use was logged on this machine".to_owned(),
        Message::RatioOfQuotas { times_low: low, times_high: high, sessions } => format!(
            "exchange {} to {} times the usual, over {sessions} stretches of use",
            number(*low),
            number(*high)
        ),
        Message::ReadingsInARow { count, used, by_count } => {
            let by_count =
                by_count.map_or_else(String::new, |other| format!(", its count {} %", number(other)));
            format!("{count} readings in a row, the last says {} %{by_count}", number(*used))
        }
        Message::ScheduledEnd { at } => format!("announced end {}", format_rfc3339(*at)),
        Message::UsedAt { at, meter, used } => {
            format!("{}: {meter} {} % used", format_rfc3339(*at), number(*used))
        }
        Message::QuotaAt { at, meter, used, ends } => quota(*at, *meter, *used, *ends),
        Message::QuotaOfLimitAt { at, meter, used, limit, ends } => {
            format!("{}; limit {limit}", quota(*at, *meter, *used, *ends))
        }
        Message::FindingOf { at } => format!("finding of {}", format_rfc3339(*at)),
        Message::ReturnedAt { at, series, amount } => {
            format!("{}: {series} +{}", format_rfc3339(*at), number(*amount))
        }
        Message::RateLimitAt { at, limit, value } => format!("{}: {limit} {value}", format_rfc3339(*at)),
        Message::PlanAt { at, plan } => format!("{}: plan {plan}", format_rfc3339(*at)),
        Message::UserAt { at, user } => format!("{}: user {user} (hash of the id)", format_rfc3339(*at)),
        Message::MoneyAt { at, series, left } => {
            let left = match left {
                MoneyLeft::Split { cash, voucher } => {
                    format!("cash {}, voucher {}", plain(cash.amount), plain(voucher.amount))
                }
                MoneyLeft::Total(money) => plain(money.amount),
            };
            format!("{}: {series} {left}", format_rfc3339(*at))
        }
        Message::DeductionAt { at, series, amount } => {
            format!("{}: {series} deduction of {amount}", format_rfc3339(*at))
        }
    }
}

/// One line of evidence.
fn fact(message: &Message) -> String {
    match message {
        // As evidence it is a fact with its time, as an explanation a sentence.
        Message::Incident { title, impact, since } => {
            let (title, impact) = incident(title.as_deref(), impact.as_deref());
            format!("status page since {}: {title}{impact}", format_rfc3339(*since))
        }
        message => sentence(message),
    }
}

fn quota(at: DateTime<Utc>, meter: Meter, used: f64, ends: Option<DateTime<Utc>>) -> String {
    let ends =
        ends.map_or_else(|| "no end announced".to_owned(), |end| format!("ends {}", format_rfc3339(end)));
    format!("{}: {meter} {used} % used, {ends}", format_rfc3339(at))
}

fn incident<'a>(title: Option<&'a str>, impact: Option<&str>) -> (&'a str, String) {
    (title.unwrap_or("an incident"), impact.map_or_else(String::new, |impact| format!(" ({impact})")))
}

fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn minutes(span: Span) -> String {
    format!("between {} and {}", minute(span.from), minute(span.to))
}

fn second(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn seconds(span: Span) -> String {
    format!("between {} and {}", second(span.from), second(span.to))
}

/// Whole figures without a fraction, others with two digits.
fn number(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    if rounded.fract() == 0.0 { format!("{rounded:.0}") } else { format!("{rounded:.2}") }
}

fn amount(series: Series, value: f64) -> String {
    match series.currency() {
        Some(currency) => format!("{value:.2} {currency}"),
        None => format!("{} points", number(value)),
    }
}

fn level(series: Series, value: f64) -> String {
    match series.currency() {
        Some(currency) => format!("{value:.2} {currency}"),
        None => format!("{} %", number(value)),
    }
}

fn name(series: Series) -> &'static str {
    match series {
        Series::Meter(meter) => meter_name(meter),
        Series::Balance(_) => "balance",
        Series::Wallet(_) => "wallet",
    }
}

const fn meter_name(meter: Meter) -> &'static str {
    match meter {
        Meter::FiveHour => "5-hour quota",
        Meter::Week => "weekly quota",
        Meter::Month => "monthly quota",
        Meter::MonthCode => "Code share of the monthly quota",
    }
}
