//! What is left of each account, and whether it lasts.

use serde_json::{Map, Value, json};
use tidemark_core::forecast::{Forecast, NoForecast};
use tidemark_core::number::decimal::to_f64;
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_core::{Meter, MeterReading, Reading, text};
use tidemark_monitor::usage_history;

use super::asked::Asked;
use super::json::object;
use super::scene::Scene;
use crate::commands::last_known::{Known, current_share};
use crate::exit::{CommandOutcome, seconds};

/// Accounts in an answer.
const MAX_ACCOUNTS: usize = 50;

/// From this probability on a quota is said to last; below the rest of it, not to.
const SURE: f64 = 0.8;

/// `get_quota`: what was last read of each account, and how old it is.
pub(super) fn get_quota(scene: &Scene, asked: &Asked) -> Result<Value, CommandOutcome> {
    let known = scene.known(asked.given("account"))?;
    let shown = &known[..known.len().min(MAX_ACCOUNTS)];
    let accounts: Vec<Value> = shown.iter().map(|known| Value::Object(account(scene, known))).collect();
    let mut notes: Vec<String> = shown.iter().flat_map(|known| notes(scene, known)).collect();
    notes.extend(no_account(scene, &known));
    notes.extend(scene.left_out(known.len() - shown.len()));
    Ok(scene.answer("accounts", &accounts, &notes))
}

/// `will_it_last`: how likely each quota is to last until its reset.
pub(super) fn will_it_last(scene: &Scene, asked: &Asked) -> Result<Value, CommandOutcome> {
    let meter: Option<Meter> = asked.given("quota").and_then(|quota| quota.parse().ok());
    let known = scene.known(asked.given("account"))?;
    let shown = &known[..known.len().min(MAX_ACCOUNTS)];
    let (mut accounts, mut notes) = (Vec::new(), Vec::new());
    let mut estimated = false;
    for known in shown {
        let mut quotas = Vec::new();
        if let (Some(store), Some(reading)) = (&scene.store, &known.reading) {
            let past = usage_history(store, known.account.id, scene.settings.timezone, scene.now)?;
            let wanted = reading.meters.iter().filter(|one| match meter {
                Some(meter) => one.meter == meter,
                None => one.meter.is_allowance(),
            });
            for one in wanted {
                let forecast = if reading.is_past_reset(one, scene.now) {
                    Err(NoForecast::NotSeen)
                } else {
                    past.forecast(one, scene.now)
                };
                estimated |= forecast.is_ok();
                quotas.push(Value::Object(outlook(scene, reading, one, forecast)));
            }
        }
        notes.extend(self::notes(scene, known));
        let mut account = heading(scene, known);
        account.insert("quotas".to_owned(), Value::Array(quotas));
        accounts.push(Value::Object(account));
    }
    if estimated {
        notes.push(scene.words.text("mcp-note-estimated"));
    }
    notes.extend(no_account(scene, &known));
    notes.extend(scene.left_out(known.len() - shown.len()));
    Ok(scene.answer("accounts", &accounts, &notes))
}

/// Whose figures they are, and how old.
fn heading(scene: &Scene, known: &Known) -> Map<String, Value> {
    let state = known.state(&scene.settings, scene.now);
    object(json!({
        "account": known.account.name,
        "source": known.account.source,
        "region": known.account.region,
        "plan": known.reading.as_ref().and_then(|reading| reading.plan.as_deref()).map(text::name),
        "state": state,
        "is_stale": !matches!(state, "live" | "polled-through"),
        "read_at": known.reading.as_ref().map(|reading| format_rfc3339(reading.at)),
        "age_seconds": known.age(scene.now).map(|age| age.num_seconds()),
    }))
}

fn account(scene: &Scene, known: &Known) -> Map<String, Value> {
    let mut account = heading(scene, known);
    let reading = known.reading.as_ref();
    let quotas = reading.map(|reading| {
        let quotas = reading.meters.iter().map(|one| Value::Object(quota(scene, reading, one)));
        quotas.collect::<Vec<_>>()
    });
    let failure = known.failure().map(|failure| {
        json!({
            "kind": failure.kind,
            "quota": failure.meter,
            "message": text::bounded(&scene.words.failure_of(failure, scene.now, scene.zone), 300),
            "since": known.poll.failing_since.map(format_rfc3339),
            "retry_at": known.poll.retry_after_until.filter(|at| *at > scene.now).map(format_rfc3339),
            "retry_after_seconds": failure.retry_after.map(seconds),
        })
    });
    account.extend(object(json!({
        "quotas": quotas,
        "balance": reading.and_then(|reading| reading.balance),
        "extra_usage_wallet": reading.and_then(|reading| reading.wallet),
        "rate_limits": reading.map(|reading| reading.limits),
        "failure": failure,
    })));
    account
}

fn quota(scene: &Scene, reading: &Reading, one: &MeterReading) -> Map<String, Value> {
    let used = current_share(reading, one, scene.now).map(to_f64);
    let mut quota = object(json!({
        "quota": one.meter,
        "used_percent": used,
        "left_percent": used.map(|used| (100.0 - used).max(0.0)),
        "resets_at": one.resets_at.map(format_rfc3339),
        "resets_in_seconds": one.resets_at.map(|at| (at - scene.now).num_seconds().max(0)),
        "was_reset_since": reading.is_past_reset(one, scene.now),
        "figures_disagree": one.conflict,
    }));
    if one.meter == Meter::MonthCode {
        quota.insert("part_of".to_owned(), json!(Meter::Month));
    }
    quota
}

fn outlook(
    scene: &Scene,
    reading: &Reading,
    one: &MeterReading,
    forecast: Result<Forecast, NoForecast>,
) -> Map<String, Value> {
    let mut quota = quota(scene, reading, one);
    let lasts = match forecast {
        Ok(forecast) if forecast.lasts >= SURE => Some("likely"),
        Ok(forecast) if forecast.lasts <= 1.0 - SURE => Some("unlikely"),
        Ok(_) => Some("uncertain"),
        Err(NoForecast::UsedUp) => Some("used-up"),
        Err(_) => None,
    };
    let unknown = forecast.err().filter(|_| lasts.is_none()).map(|why| match why {
        NoForecast::NoEnd => "no-reset-time",
        NoForecast::NotBegun => "not-begun",
        NoForecast::UsedUp => "used-up",
        NoForecast::NotSeen => "no-recent-reading",
        NoForecast::TooLittlePast => "too-little-history",
    });
    let empty = forecast.ok().and_then(|forecast| forecast.empty);
    quota.extend(object(json!({
        "lasts": lasts,
        // No finer than futures are counted.
        "lasts_probability": forecast.ok().map(|forecast| (forecast.lasts * 1000.0).round() / 1000.0),
        "likely_empty_from": empty.map(|(from, _)| format_rfc3339(from)),
        "likely_empty_to": empty.map(|(_, to)| format_rfc3339(to)),
        "is_estimate": forecast.is_ok(),
        "unknown_because": unknown,
    })));
    quota
}

/// What is to be known about an account's figures.
fn notes(scene: &Scene, known: &Known) -> Vec<String> {
    let words = &scene.words;
    let name = || text::name(&known.account.name);
    let mut notes = Vec::new();
    let Some(reading) = &known.reading else {
        return vec![words.with("mcp-note-never-read", [("account", name().into())])];
    };
    let state = known.state(&scene.settings, scene.now);
    if let (false, Some(age)) = (matches!(state, "live" | "polled-through"), known.age(scene.now)) {
        let values = [("account", name().into()), ("length", words.length(age).into())];
        notes.push(words.with("mcp-note-stale", values));
    }
    for one in reading.meters.iter().filter(|one| reading.is_past_reset(one, scene.now)) {
        let meter = words.text(&format!("meter-{}", one.meter));
        notes.push(words.with("mcp-note-reset", [("account", name().into()), ("meter", meter.into())]));
    }
    notes
}

fn no_account(scene: &Scene, known: &[Known]) -> Option<String> {
    known.is_empty().then(|| scene.words.text("cli-account-none"))
}
