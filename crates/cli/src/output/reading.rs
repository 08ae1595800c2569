//! A reading for people.

use std::io;

use chrono::{DateTime, Utc};
use tidemark_core::number::decimal;
use tidemark_core::reading::RateLimits;
use tidemark_core::{Balance, MeterReading, Money, Reading, Wallet};

use super::table::{Cell, Table, bar};
use super::{Output, Style, clean};
use crate::format;
use crate::grouping::grouped;
use crate::i18n::Catalog;

/// Writes a reading as a small report.
pub fn write(
    output: &mut Output,
    reading: &Reading,
    name: Option<&str>,
    now: DateTime<Utc>,
) -> io::Result<()> {
    headline(output, reading, name)?;
    let mut table = Table::indented(2);
    for meter in &reading.meters {
        let row = if reading.is_past_reset(meter, now) {
            past_reset_row(output, reading, meter, now)
        } else {
            meter_row(output, meter, now)
        };
        table.row(row);
    }
    table.write(output)?;
    // A quota that could not be read is no missing one; its part is named below.
    if reading.meters.is_empty() && reading.balance.is_none() && reading.not_understood.is_empty() {
        let text = output.words.text("cli-no-quota");
        output.paragraph(Style::Faint, 2, &text)?;
    }
    let mut facts = Table::indented(2);
    let mut fact = |name: String, text: String| {
        facts.row([Cell::new(name).style(Style::Faint), Cell::new(text)]);
    };
    if let Some(balance) = &reading.balance {
        fact(output.words.text("balance"), balance_text(&output.words, balance));
    }
    if let Some(wallet) = &reading.wallet {
        fact(output.words.text("series-wallet.short"), wallet_text(&output.words, wallet));
    }
    if let Some(limits) = limits_text(&output.words, &reading.limits) {
        fact(output.words.text("limits"), limits);
    }
    if !reading.not_understood.is_empty() {
        fact(output.words.text("cli-not-understood"), output.words.listed(&reading.not_understood));
    }
    facts.write(output)
}

fn headline(output: &mut Output, reading: &Reading, name: Option<&str>) -> io::Result<()> {
    let words = &output.words;
    let mut parts = vec![
        words.text(&format!("source-{}", reading.source)),
        words.text(&format!("region-{}", reading.region)),
    ];
    if let Some(plan) = &reading.plan {
        parts.push(clean(plan));
    }
    let place = parts.join(" · ");
    match name {
        Some(name) => output.pair(0, (Style::Strong, &clean(name)), (Style::Faint, &place)),
        None => output.paragraph(Style::Strong, 0, &place),
    }
}

/// The row of a quota that has been reset since it was read: what is used now is not known.
fn past_reset_row(output: &Output, reading: &Reading, meter: &MeterReading, now: DateTime<Utc>) -> Vec<Cell> {
    let words = &output.words;
    // An end that had passed when it was read, or is still ahead, is not that of the reset.
    let text = match meter.resets_at.filter(|end| reading.at < *end && *end <= now) {
        Some(end) => words.with("reset-since", [("moment", words.moment(end, now, output.zone).into())]),
        None => words.text("cli-reset-unknown"),
    };
    vec![
        Cell::new(words.meter(meter.meter)),
        Cell::new(""),
        Cell::new(words.text("unknown")).right().style(Style::Faint),
        Cell::new(""),
        Cell::new(text).style(Style::Faint),
    ]
}

/// Name, bar, used, left, reset.
fn meter_row(output: &Output, meter: &MeterReading, now: DateTime<Utc>) -> Vec<Cell> {
    let words = &output.words;
    let percent = decimal::to_f64(meter.used_percent);
    let style = Style::of_percent(percent);
    let left = rust_decimal::Decimal::ONE_HUNDRED - meter.used_percent;
    // A share of the month has nothing left and no reset of its own.
    let share = !meter.meter.is_allowance();
    let left = if share {
        String::new()
    } else if left.is_sign_negative() && !left.is_zero() {
        words.with("over", [("percent", words.percent(-left, 2).into())])
    } else {
        words.with("left", [("percent", words.percent(left, 2).into())])
    };
    let mut reset = match meter.resets_at {
        _ if share => String::new(),
        Some(at) if at > now => words.with(
            "cli-resets",
            [
                ("length", words.length(at - now).into()),
                ("moment", words.moment(at, now, output.zone).into()),
            ],
        ),
        Some(_) => words.text("reset-due"),
        None => words.text("cli-reset-unknown"),
    };
    if meter.conflict {
        let separator = if reset.is_empty() { "" } else { " · " };
        reset = format!("{reset}{separator}{}", words.text("cli-conflict"));
    }
    vec![
        Cell::new(words.meter(meter.meter)),
        Cell::new(bar(percent, 20)).style(style),
        Cell::new(words.percent(meter.used_percent, 2)).right().style(style),
        Cell::new(left).right(),
        Cell::new(reset).style(Style::Faint),
    ]
}

/// A balance in one line: what calls can be paid from, and its parts.
#[must_use]
pub fn balance_text(words: &Catalog, balance: &Balance) -> String {
    let money = |available| format::money(&Money::new(available, balance.currency));
    let mut parts = Vec::new();
    parts.push(balance.available.map_or_else(|| words.text("unknown"), money));
    if let Some(voucher) = balance.voucher {
        parts.push(format!("{} {}", words.text("balance-voucher"), money(voucher)));
    }
    if let Some(cash) = balance.cash {
        // A negative cash is a debt, and is called one.
        if cash.is_sign_negative() && !cash.is_zero() {
            parts.push(format!("{} {}", words.text("balance-debt"), money(-cash)));
        } else {
            parts.push(format!("{} {}", words.text("balance-cash"), money(cash)));
        }
    }
    parts.join(" · ")
}

/// A wallet in one line.
#[must_use]
pub fn wallet_text(words: &Catalog, wallet: &Wallet) -> String {
    let mut parts = Vec::new();
    if wallet.frozen {
        parts.push(words.text("wallet-frozen"));
    } else if let Some(enabled) = wallet.enabled {
        parts.push(words.text(if enabled { "wallet-on" } else { "wallet-off" }));
    }
    for (key, money) in [
        ("wallet-balance", &wallet.balance),
        ("wallet-month-used", &wallet.month_used),
        ("wallet-month-cap", &wallet.month_cap),
    ] {
        if let Some(money) = money {
            parts.push(format!("{} {}", words.text(key), format::money(money)));
        }
    }
    if parts.is_empty() { words.text("unknown") } else { parts.join(" · ") }
}

fn limits_text(words: &Catalog, limits: &RateLimits) -> Option<String> {
    let parts: Vec<String> = [
        ("limit-concurrency.short", limits.concurrency),
        ("limit-requests-per-minute.short", limits.requests_per_minute),
        ("limit-tokens-per-minute.short", limits.tokens_per_minute),
        ("limit-tokens-per-day.short", limits.tokens_per_day),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some(format!("{} {}", words.text(key), grouped(value?))))
    .collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use rust_decimal::Decimal;
    use tidemark_core::account::{Region, Source};
    use tidemark_core::{Currency, Meter};

    use super::*;
    use crate::i18n::Language;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn shown(reading: &Reading, language: Language, colour: bool) -> String {
        let paper = Paper::default();
        let mut output =
            Output::to(Box::new(paper.clone()), Catalog::new(language), chrono_tz::Asia::Shanghai, colour);
        write(&mut output, reading, Some("工作\x1b[2J"), reading.at).unwrap();
        let bytes = paper.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    fn membership() -> Reading {
        let at: DateTime<Utc> = "2026-10-05T02:00:00Z".parse().unwrap();
        let meter = |meter, used: &str, resets_at: Option<&str>, conflict| MeterReading {
            meter,
            used_percent: decimal(used),
            used: None,
            limit: None,
            resets_at: resets_at.map(|t| t.parse().unwrap()),
            conflict,
        };
        Reading {
            at,
            source: Source::KimiCode,
            region: Region::China,
            plan: Some("Pro".into()),
            meters: vec![
                meter(Meter::FiveHour, "43.72", Some("2026-10-05T06:47:09Z"), false),
                meter(Meter::Week, "101.5", Some("2026-10-08T01:00:00Z"), true),
                meter(Meter::Month, "78.77", None, false),
                meter(Meter::MonthCode, "12", Some("2026-10-05T01:59:00Z"), false),
            ],
            wallet: Some(Wallet {
                enabled: Some(true),
                balance: Some(Money::new(decimal("3.152507"), Currency::CNY)),
                month_used: Some(Money::new(decimal("0"), Currency::CNY)),
                month_cap: None,
                frozen: false,
            }),
            balance: None,
            limits: RateLimits { concurrency: Some(20), ..RateLimits::default() },
            not_understood: vec!["usage.resetTime".into()],
            user: tidemark_core::reading::UserIds::default(),
        }
    }

    fn prepaid() -> Reading {
        Reading {
            source: Source::Platform,
            region: Region::Global,
            plan: None,
            meters: vec![],
            wallet: None,
            balance: Some(Balance {
                currency: Currency::USD,
                available: Some(decimal("46.5")),
                voucher: Some(decimal("46.5")),
                cash: Some(decimal("-0.42")),
            }),
            limits: RateLimits::default(),
            not_understood: vec![],
            ..membership()
        }
    }

    #[test]
    fn readings_for_people() {
        for (tag, language) in [("en", Language::English), ("zh", Language::Chinese)] {
            insta::assert_snapshot!(format!("membership-{tag}"), shown(&membership(), language, false));
            insta::assert_snapshot!(format!("prepaid-{tag}"), shown(&prepaid(), language, false));
        }
    }

    #[test]
    fn a_quota_that_could_not_be_read_is_no_free_plan() {
        let nothing = Reading { meters: vec![], not_understood: vec![], ..membership() };
        let unread = Reading { not_understood: vec!["usage.used".into()], ..nothing.clone() };
        assert!(shown(&nothing, Language::English, false).contains("No quota is reported"));
        let shown = shown(&unread, Language::English, false);
        assert!(!shown.contains("No quota is reported") && shown.contains("usage.used"), "{shown}");
    }

    #[test]
    fn colours_change_nothing_but_colours() {
        let plain = shown(&membership(), Language::English, false);
        let coloured = shown(&membership(), Language::English, true);
        assert!(coloured.contains("\x1b[31m"), "the week is over: red");
        let mut stripped = String::new();
        let mut rest = coloured.as_str();
        while let Some(start) = rest.find('\x1b') {
            stripped.push_str(&rest[..start]);
            rest = &rest[start + rest[start..].find('m').unwrap() + 1..];
        }
        stripped.push_str(rest);
        assert_eq!(stripped, plain);
    }
}
