//! What an account shows as a reading: what a careful client makes of the body, without going through HTTP and JSON.
//!
//! A test holds this against the real parser, body by body.

use rust_decimal::Decimal;
use tidemark_core::reading::{Balance, MeterReading, Reading, Wallet};
use tidemark_core::{Currency, Meter, Money, Source};

use crate::amount::money;
use crate::bodies::{map_key, told_money};
use crate::plan::Generation;
use crate::snapshot::{Snapshot, WalletSnapshot, WindowSnapshot};

/// The reading of what an account shows, as if it had been fetched and understood at that moment.
#[must_use]
pub(crate) fn reading_of(shown: &Snapshot) -> Reading {
    let mut reading = Reading::new(shown.at, shown.source, shown.region);
    match shown.source {
        Source::Platform => {
            let (cash, voucher) = told_money(shown);
            reading.balance = Some(Balance {
                currency: Currency::of(shown.source, shown.region),
                available: Some(Decimal::new(cash.max(0) + voucher, 5).normalize()),
                voucher: Some(Decimal::new(voucher, 5).normalize()),
                cash: Some(Decimal::new(cash, 5).normalize()),
            });
            reading.limits = shown.limits.as_rate_limits();
        }
        Source::KimiCode => {
            reading.plan = Some(shown.plan.name().to_owned());
            if shown.generation != Generation::E {
                reading.meters = shown.gauges.iter().filter_map(|gauge| meter(shown, gauge)).collect();
                reading.wallet = wallet(shown);
            }
            if shown.generation == Generation::C && !shown.gauges.is_empty() {
                reading.limits.concurrency = Some(shown.concurrency);
            }
        }
    }
    if let Some(field) = &shown.tricks.unreadable {
        spoil(&mut reading, shown, field);
    }
    reading
}

fn meter(shown: &Snapshot, gauge: &WindowSnapshot) -> Option<MeterReading> {
    let has_row = matches!(gauge.meter, Meter::FiveHour | Meter::Week);
    let has_ratio = shown.generation == Generation::D;
    if !has_row && !has_ratio {
        return None;
    }
    let (used, limit) = shown.count(gauge);
    let by_count = (Decimal::from(used) * Decimal::ONE_HUNDRED / Decimal::from(limit.max(1))).round_dp(8);
    let by_ratio = Decimal::new(shown.ratio(gauge), 2);
    let (used_percent, conflict) = match (has_row, has_ratio) {
        (true, true) if (by_count - by_ratio).abs() <= Decimal::ONE => (by_ratio, false),
        (true, true) => (by_count.max(by_ratio), true),
        (true, false) => (by_count, false),
        (false, _) => (by_ratio, false),
    };
    Some(MeterReading {
        meter: gauge.meter,
        used_percent: used_percent.normalize(),
        used: has_row.then(|| Decimal::from(used)),
        limit: has_row.then(|| Decimal::from(limit)),
        resets_at: Some(if has_row { shown.row_end(gauge) } else { Snapshot::map_end(gauge) }),
        conflict,
    })
}

fn wallet(shown: &Snapshot) -> Option<Wallet> {
    if !matches!(shown.generation, Generation::C | Generation::D) || shown.gauges.is_empty() {
        return None;
    }
    let currency = Currency::of(shown.source, shown.region);
    let cents = |amount: i64| Money::new(Decimal::new(amount / 1_000_000, 2), currency);
    shown.wallet.as_ref().map(|wallet: &WalletSnapshot| Wallet {
        enabled: Some(wallet.enabled),
        balance: Some(Money::new(
            if wallet.enabled { money(wallet.balance) } else { Decimal::ZERO },
            currency,
        )),
        month_used: Some(cents(wallet.month_used)),
        month_cap: wallet.month_cap.filter(|cap| *cap > 0).map(cents),
        frozen: false,
    })
}

/// What is left of a reading when one field of the body cannot be read.
fn spoil(reading: &mut Reading, shown: &Snapshot, field: &str) {
    let target = if field.starts_with("usage.") {
        Some(Meter::Week)
    } else if field.starts_with("limits") {
        Some(Meter::FiveHour)
    } else {
        shown.gauges.iter().map(|gauge| gauge.meter).find(|meter| field.contains(map_key(*meter)))
    };
    let gauge = target.and_then(|meter| shown.gauge(meter)).copied();
    let meter = reading.meters.iter_mut().find(|meter| Some(meter.meter) == target);
    match (meter, gauge, field.rsplit('.').next()) {
        (Some(meter), Some(gauge), Some("resetTime")) => {
            meter.resets_at = (shown.generation == Generation::D).then(|| Snapshot::map_end(&gauge));
        }
        (Some(meter), Some(_), Some("used_ratio")) => match (meter.used, meter.limit) {
            (Some(used), Some(limit)) => {
                meter.used_percent = used * Decimal::ONE_HUNDRED / limit.max(Decimal::ONE);
                meter.conflict = false;
            }
            _ => reading.meters.retain(|meter| Some(meter.meter) != target),
        },
        _ => {}
    }
    if let Some(balance) = &mut reading.balance {
        match field {
            "data.cash_balance" => balance.cash = None,
            "data.voucher_balance" => balance.voucher = None,
            "data.available_balance" => balance.available = None,
            _ => {}
        }
    }
    reading.not_understood.push(field.to_owned());
}
