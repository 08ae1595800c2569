//! `tidemark status`: the last known state, from the store alone — no runtime, no network, at once.

use std::cmp::Reverse;
use std::io;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use tidemark_api::view::CardState;
use tidemark_core::failure::Denied;
use tidemark_core::forecast::Forecast;
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_core::{
    Account, Balance, Credential, Failure, FailureKind, Meter, MeterReading, Money, Reading, Region, Source,
    Wallet,
};
use tidemark_monitor::{AccountIdentity, Settings};
use tidemark_store::{PollState, Store};

use super::context::Context;
use super::store_access;
use crate::arguments::{Status, StatusFormat};
use crate::exit::{CommandOutcome, Exit, seconds};
use crate::format;
use crate::i18n::Catalog;
use crate::output::fit::{self, Piece};
use crate::output::{Output, Style, clean, reading};

/// Columns of a line where nothing else is asked for.
const DEFAULT_LINE_WIDTH: u16 = 160;

/// Runs `tidemark status`.
pub fn run(context: &Context, status: &Status) -> Result<Exit, CommandOutcome> {
    let store = store_access::open(context)?;
    let settings = store_access::settings(store.as_ref())?.unwrap_or_default();
    let zone = context.zone(store.is_some().then_some(settings.timezone));
    let mut output = context.output(settings.language.as_deref(), Some(zone));
    // A status bar asks every few seconds.
    if !status.line && status.format.is_none() {
        store_access::say_reset_settings(store.as_ref(), &output);
    }
    let now = Utc::now();
    let mut known = store.as_ref().map(known).transpose()?.unwrap_or_default();
    if let Some(name) = &status.account {
        known.retain(|known| known.account.name == name.trim());
        if known.is_empty() {
            return Err(store_access::no_such_account(name).into());
        }
    }
    // Only where asked: it reads weeks of history, and status bars ask every few seconds.
    if let Some(store) = store.as_ref().filter(|_| status.forecast) {
        for known in &mut known {
            known.look_ahead(store, &settings, now)?;
        }
    }
    if output.json {
        let accounts = known.iter().map(|known| known.view(&settings, now)).collect();
        output.document(&Document { at: format_rfc3339(now), accounts })?;
    } else if status.line || status.format == Some(StatusFormat::Line) {
        let pieces = short(&output.words, &mut known, &settings, now);
        let more = |count: usize| output.words.with("cli-status-more", [("count", count.into())]);
        let line = fit::line(&pieces, usize::from(status.width.unwrap_or(DEFAULT_LINE_WIDTH)), more);
        output.line(line)?;
    } else {
        output.columns = status.width.map(usize::from).or(output.columns);
        write(&mut output, &known, &settings, now)?;
        if !known.is_empty() {
            context.say_zone(&mut output, now)?;
        }
    }
    output.flush()?;
    Ok(Exit::Done)
}

/// What the store knows of an account.
struct Known {
    account: Account,
    reading: Option<Reading>,
    poll: PollState,
    /// Another account, the same by a key or a login, is read in place of this one.
    polled_through: bool,
    /// What is likely to become of its windows.
    forecasts: Vec<(Meter, Forecast)>,
}

fn known(store: &Store) -> Result<Vec<Known>, CommandOutcome> {
    let mut readings = store.last_readings()?;
    let mut all = Vec::new();
    for account in store.accounts()? {
        let place = readings.iter().position(|(id, ..)| *id == account.id);
        let reading = place.map(|place| readings.swap_remove(place).2);
        let poll = store.poll_state(account.id)?;
        all.push(Known { account, reading, poll, polled_through: false, forecasts: Vec::new() });
    }
    find_twins(&mut all);
    Ok(all)
}

/// Marks the accounts that are read from Kimi Code's server and for which another stands: of the two, only one is polled.
fn find_twins(all: &mut [Known]) {
    let by_server = |known: &Known| matches!(known.account.credential, Credential::KimiCodeServer {});
    let identities: Vec<AccountIdentity> =
        all.iter().map(|known| AccountIdentity::of(&known.account, known.reading.as_ref())).collect();
    for place in 0..all.len() {
        let own = &all[place];
        let stands_for = |(other, identity): (&Known, &AccountIdentity)| {
            !by_server(other)
                && identities[place].is_same(identity)
                && other.failure().is_none()
                && other.reading.as_ref().map(|reading| reading.at)
                    >= own.reading.as_ref().map(|reading| reading.at)
        };
        let through =
            by_server(own) && own.failure().is_none() && all.iter().zip(&identities).any(stands_for);
        all[place].polled_through = through;
    }
}

#[derive(Serialize)]
struct Document {
    at: String,
    accounts: Vec<View>,
}

#[derive(Serialize)]
struct View {
    name: String,
    source: Source,
    region: Region,
    state: &'static str,
    read_at: Option<String>,
    age_seconds: Option<i64>,
    plan: Option<String>,
    meters: Vec<MeterView>,
    balance: Option<Aged<Balance>>,
    wallet: Option<Aged<Wallet>>,
    failure: Option<FailureView>,
}

#[derive(Serialize)]
struct MeterView {
    meter: Meter,
    /// Null where the quota has been reset since it was read.
    used_percent: Option<f64>,
    /// Whether it has been.
    was_reset: bool,
    resets_at: Option<String>,
    age_seconds: i64,
    forecast: Option<ForecastView>,
}

/// What is likely to become of a window until its reset.
#[derive(Serialize)]
struct ForecastView {
    estimated: bool,
    /// The probability that something is left.
    lasts: f64,
    empty_from: Option<String>,
    empty_to: Option<String>,
}

/// A value with its age.
#[derive(Serialize)]
struct Aged<T> {
    #[serde(flatten)]
    value: T,
    age_seconds: i64,
}

#[derive(Serialize)]
struct FailureView {
    kind: FailureKind,
    message: String,
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meter: Option<Meter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    denied: Option<Denied>,
    since: Option<String>,
    retry_at: Option<String>,
    retry_after_seconds: Option<u64>,
}

impl From<&Forecast> for ForecastView {
    fn from(forecast: &Forecast) -> Self {
        Self {
            estimated: true,
            // No finer than futures are counted.
            lasts: (forecast.lasts * 1000.0).round() / 1000.0,
            empty_from: forecast.empty.map(|(from, _)| format_rfc3339(from)),
            empty_to: forecast.empty.map(|(_, to)| format_rfc3339(to)),
        }
    }
}

impl Known {
    /// Says what is likely to become of each window, where its value is live.
    fn look_ahead(
        &mut self,
        store: &Store,
        settings: &Settings,
        now: DateTime<Utc>,
    ) -> Result<(), CommandOutcome> {
        let live = self.state(settings, now) == "live";
        let Some(reading) = self.reading.as_ref().filter(|reading| live && !reading.meters.is_empty()) else {
            return Ok(());
        };
        let pasts = tidemark_monitor::usage_history(store, self.account.id, settings.timezone, now)?;
        self.forecasts = reading
            .meters
            .iter()
            .filter_map(|meter| Some((meter.meter, pasts.forecast(meter, now).ok()?)))
            .collect();
        Ok(())
    }

    fn age(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        // A reading from the future is a clock that was set back; it is not younger than new.
        self.reading.as_ref().map(|reading| (now - reading.at).max(TimeDelta::zero()))
    }

    /// The largest share that is used of a quota; all of it where no money is left.
    fn tightest(&self, now: DateTime<Utc>) -> Option<Decimal> {
        let available = self.reading.as_ref().and_then(|reading| reading.balance.as_ref()?.available);
        if available.is_some_and(|available| available <= Decimal::ZERO) {
            return Some(Decimal::ONE_HUNDRED);
        }
        let reading = self.reading.as_ref()?;
        let meters = reading.meters.iter().filter(|meter| meter.meter.is_allowance());
        meters.filter_map(|meter| current_share(reading, meter, now)).max()
    }

    fn failure(&self) -> Option<&Failure> {
        self.poll.last_failure.as_ref().map(|poll| &poll.failure)
    }

    fn state(&self, settings: &Settings, now: DateTime<Utc>) -> &'static str {
        if let Some(failure) = self.failure() {
            return CardState::of_failure(failure, self.poll.failures_in_row).as_str();
        }
        let late = settings.live_for();
        match self.age(now) {
            None => "waiting",
            Some(age) if age > late && self.polled_through => "polled-through",
            Some(age) if age > late => "stale",
            Some(_) => "live",
        }
    }

    fn view(&self, settings: &Settings, now: DateTime<Utc>) -> View {
        let age = self.age(now).map(|age| age.num_seconds());
        let aged = age.unwrap_or_default();
        let (mut meters, mut balance, mut wallet, mut plan) = (Vec::new(), None, None, None);
        if let Some(reading) = &self.reading {
            meters = reading
                .meters
                .iter()
                .map(|meter| MeterView {
                    meter: meter.meter,
                    used_percent: (!reading.is_past_reset(meter, now))
                        .then(|| tidemark_core::number::decimal::to_f64(meter.used_percent)),
                    was_reset: reading.is_past_reset(meter, now),
                    resets_at: meter.resets_at.map(format_rfc3339),
                    age_seconds: aged,
                    forecast: self
                        .forecasts
                        .iter()
                        .find(|(of, _)| *of == meter.meter)
                        .map(|(_, forecast)| forecast.into()),
                })
                .collect();
            balance = reading.balance.map(|value| Aged { value, age_seconds: aged });
            wallet = reading.wallet.map(|value| Aged { value, age_seconds: aged });
            plan.clone_from(&reading.plan);
        }
        View {
            name: self.account.name.clone(),
            source: self.account.source,
            region: self.account.region,
            state: self.state(settings, now),
            read_at: self.reading.as_ref().map(|reading| format_rfc3339(reading.at)),
            age_seconds: age,
            plan,
            meters,
            balance,
            wallet,
            failure: self.failure().map(|failure| FailureView {
                kind: failure.kind,
                message: failure.message.clone(),
                status: failure.status,
                meter: failure.meter,
                denied: failure.denied,
                since: self.poll.failing_since.map(format_rfc3339),
                retry_at: self.poll.retry_after_until.filter(|at| *at > now).map(format_rfc3339),
                retry_after_seconds: failure.retry_after.map(seconds),
            }),
        }
    }
}

/// The share that is used of a quota. What has been reset since it was read is not known.
fn current_share(reading: &Reading, meter: &MeterReading, now: DateTime<Utc>) -> Option<Decimal> {
    (!reading.is_past_reset(meter, now)).then_some(meter.used_percent)
}

/// One line for a status bar: `5-hour 44% · Weekly 13%`; with several accounts, each behind its name. The
/// tightest account comes first, and in each the tightest quota.
fn short(words: &Catalog, known: &mut [Known], settings: &Settings, now: DateTime<Utc>) -> Vec<Piece> {
    let named = known.len() > 1;
    for known in known.iter_mut() {
        if let Some(reading) = &mut known.reading {
            let mut meters = std::mem::take(&mut reading.meters);
            meters.sort_by_key(|meter| Reverse(current_share(reading, meter, now)));
            reading.meters = meters;
        }
    }
    // The order among equals is the user's. What has no share, such as a balance, comes after what has one.
    known.sort_by_key(|known| Reverse(known.tightest(now)));
    known
        .iter()
        .map(|known| {
            let mut parts = Vec::new();
            if let Some(reading) = &known.reading {
                let meters = reading.meters.iter().filter(|meter| meter.meter.is_allowance());
                // What has been reset since it was read is not known.
                parts.extend(meters.map(|meter| {
                    let used = if reading.is_past_reset(meter, now) {
                        words.text("unknown")
                    } else {
                        words.percent(meter.used_percent, 0)
                    };
                    format!("{} {used}", words.meter(meter.meter))
                }));
                let money = reading.balance.and_then(|b| Some((b.available?, b.currency)));
                parts.extend(money.map(|(amount, currency)| format::money(&Money::new(amount, currency))));
            }
            let state = known.state(settings, now);
            if state != "live" {
                parts.push(words.text(&format!("state-{state}")));
            }
            if state != "live"
                && let Some(age) = known.age(now)
            {
                parts.push(words.with("cli-status-age", [("length", words.length(age).into())]));
            }
            let name = if named { clean(&known.account.name) } else { String::new() };
            Piece { name, facts: parts }
        })
        .collect()
}

fn write(output: &mut Output, known: &[Known], settings: &Settings, now: DateTime<Utc>) -> io::Result<()> {
    if known.is_empty() {
        let text = output.words.text("cli-account-none");
        return output.line(text);
    }
    for (place, known) in known.iter().enumerate() {
        if place > 0 {
            output.line("")?;
        }
        let name = Some(known.account.name.as_str());
        if let Some(seen) = &known.reading {
            reading::write(output, seen, name, now)?;
            for (meter, forecast) in &known.forecasts {
                let words = &output.words;
                let text = words.said(&words.meter(*meter), &words.forecast(forecast, now, output.zone));
                output.paragraph(Style::Faint, 2, &text)?;
            }
        } else {
            output.paragraph(Style::Strong, 0, &clean(&known.account.name))?;
        }
        let state = known.state(settings, now);
        let style = match state {
            "live" => Style::Calm,
            "waiting" | "polled-through" => Style::Faint,
            "stale" | "limited" => Style::Near,
            _ => Style::Over,
        };
        let words = &output.words;
        let mut text = words.text(&format!("state-{state}"));
        if let Some(age) = known.age(now) {
            // Beside a failure it would be taken for that one's age.
            let key = if state == "live" { "cli-status-age" } else { "cli-status-last-reading" };
            text = format!("{text} · {}", words.with(key, [("length", words.length(age).into())]));
        }
        match known.failure() {
            Some(failure) => {
                let why = words.failure_of(failure, now, output.zone);
                output.pair(2, (style, &text), (Style::Faint, &why))?;
            }
            None => output.paragraph(style, 2, &text)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_through_the_server_is_not_stale_while_its_twin_is_read() {
        let now: DateTime<Utc> = "2026-11-22T06:00:00Z".parse().unwrap();
        let known = |id: i64, credential: Credential, hours_ago: i64, user: &str| {
            let at = now - TimeDelta::hours(hours_ago);
            let mut reading = Reading::new(at, Source::KimiCode, Region::Global);
            reading.user.profile = Some(user.to_owned());
            Known {
                account: Account {
                    id: tidemark_core::AccountId(id),
                    name: id.to_string(),
                    source: Source::KimiCode,
                    region: Region::Global,
                    base_url: None,
                    credential,
                    position: id,
                    created_at: at,
                },
                reading: Some(reading),
                poll: PollState::default(),
                polled_through: false,
                forecasts: Vec::new(),
            }
        };
        let keyed = || Credential::Keyring { handle: "k".to_owned() };
        let settings = Settings::default();
        for (user, hours_ago, expected) in [("a", 0, "polled-through"), ("b", 0, "stale"), ("a", 9, "stale")]
        {
            let mut all =
                [known(1, Credential::KimiCodeServer {}, 5, "a"), known(2, keyed(), hours_ago, user)];
            find_twins(&mut all);
            assert_eq!(all[0].state(&settings, now), expected, "{user} {hours_ago}");
            assert_ne!(all[1].state(&settings, now), "polled-through");
        }
    }
}
