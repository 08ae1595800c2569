//! Messages in English, with times in UTC: what the contract has where no language is asked for.

use chrono::{DateTime, Utc};

use super::args::MIN_SLACK;
use super::{Message, Messages, MoneyLeft, Span};
use crate::limit::Limit;
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

/// The sentences of an explanation, one after the other.
fn explanation(messages: &[Message]) -> String {
    messages.iter().map(sentence).collect::<Vec<_>>().join(" ")
}

/// One message: a sentence, or a fact without a full stop.
fn sentence(message: &Message) -> String {
    match message {
        Message::Lost { series, amount: lost, span } => {
            format!("{}, the {} lost {}.", minutes(*span), name(*series), amount(*series, *lost))
        }
        Message::LostInNewCycle { series, amount: lost, span } => format!(
            "{}, the {} lost {}; a new cycle began in that time.",
            minutes(*span),
            name(*series),
            amount(*series, *lost)
        ),
        Message::LostInSteps { series, amount: lost, steps, span } => format!(
            "{}, the {} lost {} in {steps} small steps.",
            minutes(*span),
            name(*series),
            amount(*series, *lost)
        ),
        Message::Emptied { series, before, after, span } => format!(
            "{}, the {} was emptied, or nearly, in one step: {} before, {} after.",
            minutes(*span),
            name(*series),
            level(*series, *before),
            level(*series, *after)
        ),
        Message::EmptiedInNewCycle { series, before, after, span } => format!(
            "{}, the {} began a new cycle and was emptied at once: {} before, {} after.",
            minutes(*span),
            name(*series),
            level(*series, *before),
            level(*series, *after)
        ),
        Message::NoUsage => "There was no usage on this machine in that time.".to_owned(),
        Message::OthersIdle => {
            "Your other machines that reported showed no usage in that time either.".to_owned()
        }
        Message::UsageDeductedBefore => {
            "All usage on this machine until then had already been deducted.".to_owned()
        }
        Message::UsageExplains { series, at_most } => {
            format!("Usage on this machine accounts for {} at most.", amount(*series, *at_most))
        }
        Message::OtherQuotaAllows { other, points, at_most, .. } if points.max(*at_most) < MIN_SLACK => format!(
            "In that time, the {} did not change, so nothing should have been deducted.",
            meter_name(*other)
        ),
        Message::OtherQuotaAllows { other, points, series, at_most } => format!(
            "In that time, the {} moved by {} points, which accounts for {} at most.",
            meter_name(*other),
            number(*points),
            amount(*series, *at_most)
        ),
        Message::LargestStepSoFar { series, amount: largest } => {
            format!("Apart from anomalies, the most this account lost in as much time was {}.", amount(*series, *largest))
        }
        Message::NothingLikeItBefore => "This account has never lost anything like it at once.".to_owned(),
        Message::LimitsAllow { series, at_most } => format!(
            "The account's rate limits allow {} at most in that time, at the highest price.",
            amount(*series, *at_most)
        ),
        Message::TakenBack { series, at, amount: back } => format!(
            "The credit or reset at {} ({}) was reversed.",
            minute(*at),
            amount(*series, *back)
        ),
        Message::RestTakenBack { series, at, amount: back } => format!(
            "All that was left of the {} received at {} was taken away again.",
            amount(*series, *back),
            minute(*at)
        ),
        Message::ResetTakenBack { series, at, amount: back } => format!(
            "The reset at {} ({}) was taken back, or the service showed it by mistake.",
            minute(*at),
            amount(*series, *back)
        ),
        Message::VoucherRestEnded { series, amount: left, span } => format!(
            "{}, the rest of a voucher ({}) probably expired: only the voucher balance fell, no usage explains it, and a voucher of that size could have expired then.",
            minutes(*span),
            amount(*series, *left)
        ),
        Message::CostsMore { series, since, times_low: low, times_high: high, deducted, expected } => format!(
            "Since {}, the same tokens have cost {}–{} times as much of the {}: {} deducted, {} expected.",
            minute(*since),
            number(*low),
            number(*high),
            name(*series),
            amount(*series, *deducted),
            amount(*series, *expected)
        ),
        Message::HardlyPaused => "This machine has hardly been idle since then; another machine without logs, used at the same time, would have the same effect.".to_owned(),
        Message::FallsFaster { series, since, times_low: low, times_high: high, sessions } => format!(
            "Since {}, the {} has drained {}–{} times as fast while in use, in {sessions} sessions on several days. No log on this machine shows what it was used for: a more expensive model or more agents would have the same effect.",
            minute(*since),
            name(*series),
            number(*low),
            number(*high)
        ),
        Message::QuotasDisagree { meter, since, points_expected: expected, points: observed } => format!(
            "Since {}, the {} has not matched the 5-hour quota: it should have moved by about {} points, but moved by {} points.",
            minute(*since),
            meter_name(*meter),
            number(*expected),
            number(*observed)
        ),
        Message::TwoFigures { meter, since, used } => format!(
            "Since {}, the service has given two figures for the {} that differ by more than one point; the larger is {}% used.",
            minute(*since),
            meter_name(*meter),
            number(*used)
        ),
        Message::ResetOverdue { meter, due, used, minutes } => format!(
            "A reset of the {} was scheduled for {}; {minutes} minutes later, {}% was still used.",
            meter_name(*meter),
            minute(*due),
            number(*used)
        ),
        Message::ResetWithheld { meter, span, before, after } => format!(
            "{}, a new cycle of the {} began without a reset: {}% used before, {}% after.",
            minutes(*span),
            meter_name(*meter),
            number(*before),
            number(*after)
        ),
        Message::GivenBack { series, of, span, amount: back, lost } => format!(
            "{}, the {} got back {} out of about {} lost at {}.",
            minutes(*span),
            name(*series),
            amount(*series, *back),
            amount(*series, *lost),
            minute(*of)
        ),
        Message::LateUsageExplains { machine, series, of, amount: lost, at_most } => format!(
            "The anomaly found at {} is withdrawn: logs{} that became known later show usage for up to {} of the {} \
             deducted.",
            minute(*of),
            machine.as_ref().map_or_else(String::new, |machine| format!(" of “{machine}”")),
            amount(*series, *at_most),
            amount(*series, *lost)
        ),
        Message::LogMissing { machine, since } => {
            format!("“{machine}” has not reported its usage since {}.", minute(*since))
        }
        Message::Incident { title, impact, since } => {
            let title = title.as_ref().map_or_else(|| "an incident".to_owned(), |title| format!("“{title}”"));
            let impact = impact.as_ref().map_or_else(String::new, |impact| format!(" (impact: {impact})"));
            format!("The status page has reported {title} since {}{impact}.", minute(*since))
        }
        Message::Announcement { text, since } => {
            format!("Kimi Code’s announcement, in effect from {}: “{text}”.", minute(*since))
        }
        Message::Reset { meter, late, due, before, after, span } => format!(
            "{}, the {} was reset {}, from {before}% to {after}% used; it was scheduled for {}.",
            seconds(*span),
            meter_name(*meter),
            if *late { "late" } else { "on time" },
            second(*due)
        ),
        Message::ResetEarly { meter, due, before, after, span } => format!(
            "{}, the {} was reset early, from {before}% to {after}% used; it was scheduled for {}.",
            seconds(*span),
            meter_name(*meter),
            second(*due)
        ),
        Message::ResetUnscheduled { meter, before, after, span } => format!(
            "{}, the {} was reset, from {before}% to {after}% used; no time had been scheduled.",
            seconds(*span),
            meter_name(*meter)
        ),
        Message::QuotaLimitChanged { meter, before, after, span } => format!(
            "{}, the limit of the {} changed from {before} to {after}. Percentages before and after cannot be compared.",
            seconds(*span),
            meter_name(*meter)
        ),
        Message::RateLimitChanged { limit, before, after, span } => {
            let what = match limit {
                Limit::Concurrency => "concurrent requests",
                Limit::RequestsPerMinute => "requests per minute",
                Limit::TokensPerMinute => "tokens per minute",
                Limit::TokensPerDay => "tokens per day",
            };
            format!("{}, the account's limit of {what} changed from {before} to {after}.", seconds(*span))
        }
        Message::PlanChanged { before, after, span } => {
            format!("{}, the plan changed from {before} to {after}.", seconds(*span))
        }
        Message::AccountChanged { span } => format!(
            "{}, the key or login of this name began to belong to another account. A new history begins here; nothing is compared with the account before.",
            seconds(*span)
        ),
        Message::PaidIn { series, amount, span } => {
            format!("{}, {amount} was paid in to the {}.", seconds(*span), name(*series))
        }
        Message::VoucherGranted { series, amount, span } => {
            format!("{}, a voucher of {amount} was added to the {}.", seconds(*span), name(*series))
        }
        Message::Refunded { series, amount, span } => {
            format!("{}, {amount} was refunded to the {}.", seconds(*span), name(*series))
        }
        Message::DeductionRefunded { series, amount, of, span } => format!(
            "{}, {amount} was refunded to the {}: as much as the deduction at {}.",
            seconds(*span),
            name(*series),
            second(*of)
        ),
        Message::Received { series, amount, span } => format!(
            "{}, the {} received {amount}; whether paid in or granted is unknown.",
            seconds(*span),
            name(*series)
        ),
        Message::UsageTakenOff => "Usage charged in the same time has lowered this amount, by how much is unknown.".to_owned(),
        Message::VoucherEnded { amount, span } => format!(
            "{}, a voucher of {amount} expired: it disappeared at once, while cash fell by no more than usage explains.",
            seconds(*span)
        ),
        Message::LevelAt { at, series, level: value } => {
            format!("{}: {series} {}", format_rfc3339(*at), level(*series, *value))
        }
        Message::DeductedExpected { series, amount: deducted, high, .. } if *high < MIN_SLACK => {
            format!("deducted {}, expected none", amount(*series, *deducted))
        }
        Message::DeductedExpected { series, amount: deducted, slack, low, high } => format!(
            "deducted {}{}, expected between {} and {}",
            amount(*series, *deducted),
            if *slack < MIN_SLACK { String::new() } else { format!(" (±{})", number(*slack)) },
            number(*low),
            number(*high)
        ),
        Message::FailedPolls { count } => format!("failed polls in between: {count}"),
        Message::SessionsSince { sessions, since, deducted, expected, .. } => format!(
            "{sessions} sessions since {}: deducted {}, expected {}",
            format_rfc3339(*since),
            number(*deducted),
            number(*expected)
        ),
        Message::SessionsAtPace { sessions, since, deducted, expected, .. } => format!(
            "{sessions} sessions since {}: deducted {}, expected at the earlier pace {}",
            format_rfc3339(*since),
            number(*deducted),
            number(*expected)
        ),
        Message::WhilePaused { minutes, series, amount: deducted } => format!(
            "while this machine was idle ({} minutes): deducted {}",
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
            "{} times the usual pace ({} to {}), log-likelihood {}",
            number(*factor),
            number(*low),
            number(*high),
            number(*log_likelihood)
        ),
        Message::NoUsageLogged => "no usage was logged on this machine".to_owned(),
        Message::RatioOfQuotas { times_low: low, times_high: high, sessions } => format!(
            "ratio of the quotas {} to {} times the usual, over {sessions} sessions",
            number(*low),
            number(*high)
        ),
        Message::ReadingsInARow { count, used, by_count } => {
            let by_count =
                by_count.map_or_else(String::new, |other| format!(" and {}% by its own count", number(other)));
            format!("{count} readings in a row, the last with {}%{by_count}", number(*used))
        }
        Message::ScheduledEnd { at } => format!("scheduled for {}", format_rfc3339(*at)),
        Message::UsedAt { at, meter, used } => {
            format!("{}: {meter} {}% used", format_rfc3339(*at), number(*used))
        }
        Message::QuotaAt { at, meter, used, ends } => quota(*at, *meter, *used, *ends),
        Message::QuotaOfLimitAt { at, meter, used, limit, ends } => {
            format!("{}; limit {limit}", quota(*at, *meter, *used, *ends))
        }
        Message::FindingOf { at } => format!("event of {}", format_rfc3339(*at)),
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
            let title = title.as_deref().unwrap_or("an incident");
            let impact = impact.as_ref().map_or_else(String::new, |impact| format!(" ({impact})"));
            format!("status page since {}: {title}{impact}", format_rfc3339(*since))
        }
        Message::LogMissing { machine, since } => {
            format!("no usage reported by “{machine}” since {}", format_rfc3339(*since))
        }
        Message::Announcement { text, since } => {
            format!("announcement of Kimi Code in effect from {}: “{text}”", format_rfc3339(*since))
        }
        message => sentence(message),
    }
}

fn quota(at: DateTime<Utc>, meter: Meter, used: f64, ends: Option<DateTime<Utc>>) -> String {
    let ends = ends
        .map_or_else(|| "no reset scheduled".to_owned(), |end| format!("next reset {}", format_rfc3339(end)));
    format!("{}: {meter} {used}% used, {ends}", format_rfc3339(at))
}

fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn minutes(span: Span) -> String {
    format!("Between {} and {}", minute(span.from), minute(span.to))
}

fn second(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn seconds(span: Span) -> String {
    format!("Between {} and {}", second(span.from), second(span.to))
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
        None => format!("{}% used", number(value)),
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
        Meter::MonthCode => "Kimi Code share of the monthly quota",
    }
}
