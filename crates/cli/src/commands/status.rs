//! `tidemark status`: the last known state, from the store alone — no network, at once.

use std::cmp::Reverse;
use std::io;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use tidemark_api::client::Client;
use tidemark_api::server::open_anomalies;
use tidemark_core::failure::Denied;
use tidemark_core::forecast::Forecast;
use tidemark_core::number::decimal::to_f64;
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_core::{Balance, FailureKind, Meter, Money, Region, Source, Tokens, Wallet};
use tidemark_monitor::Settings;
use tidemark_store::{Store, StoredFinding};

use super::context::{Context, runtime};
use super::last_known::{Known, current_share, last_known, those_of_kimi_code};
use super::status_line::{self, Shown};
use super::store_access;
use crate::arguments::{Status, StatusFormat};
use crate::exit::{CommandOutcome, Exit, seconds};
use crate::format;
use crate::i18n::Catalog;
use crate::output::bar::BarStatus;
use crate::output::fit::{self, Piece};
use crate::output::{Output, Style, clean, reading};

/// Over how long the cache hits of Kimi Code’s status line are counted: as long as its shortest window.
const CACHE_SPAN: TimeDelta = TimeDelta::hours(5);
/// Columns of a line where nothing else is asked for.
const DEFAULT_LINE_WIDTH: u16 = 160;

/// Runs `tidemark status`.
pub fn run(context: &Context, status: &Status) -> Result<Exit, CommandOutcome> {
    print(context, status)?;
    Ok(Exit::Done)
}

/// Prints the last known state once. Everything is read again each time, also the settings: they may change while it is followed.
pub(super) fn print(context: &Context, status: &Status) -> Result<(), CommandOutcome> {
    let store = store_access::open(context)?;
    let settings = store_access::settings(store.as_ref())?.unwrap_or_default();
    let zone = context.zone(store.is_some().then_some(settings.timezone));
    let mut output = context.output(settings.language.as_deref(), Some(zone));
    // A status bar asks every few seconds.
    if !status.line && status.format.is_none() {
        store_access::say_reset_settings(store.as_ref(), &output);
    }
    let now = Utc::now();
    let mut known = store.as_ref().map(last_known).transpose()?.unwrap_or_default();
    if let Some(name) = &status.account {
        known.retain(|known| known.account.name == name.trim());
        if known.is_empty() {
            return Err(store_access::no_such_account(name).into());
        }
    }
    if status.format == Some(StatusFormat::KimiCode) {
        let shown = on_status_line(status, store.as_ref(), known, &settings, now)?;
        let width = status.width.unwrap_or(status_line::DEFAULT_WIDTH);
        let line = status_line::line(&output.words, &shown, &settings, width, now);
        output.raw(format!("{line}\n").as_bytes())?;
        output.flush()?;
        return Ok(());
    }
    // Only where asked: it reads weeks of history, and status bars ask every few seconds.
    if let Some(store) = store.as_ref().filter(|_| status.forecast) {
        for known in &mut known {
            look_ahead(known, store, &settings, now)?;
        }
    }
    if output.json {
        let anomalies = store.as_ref().map(|store| store.anomalies(None)).transpose()?.unwrap_or_default();
        let accounts = known.iter().map(|known| view(known, &anomalies, &settings, now)).collect();
        let agent = Client::for_data_dir(&context.data_dir()?);
        let agent_running = runtime()?.block_on(agent.is_running());
        output.document(&Document { at: format_rfc3339(now), agent_running, accounts })?;
    } else if status.line || status.format == Some(StatusFormat::Line) {
        let line = line_of(&output.words, &mut known, &settings, status.width, now);
        output.line(line)?;
    } else if let Some(bar) = status.format.and_then(StatusFormat::bar) {
        let shown = bar_status(&output.words, &mut known, &settings, status.width, now);
        output.line(shown.text(bar))?;
    } else {
        output.columns = status.width.map(usize::from).or(output.columns);
        write(&mut output, &known, &settings, now)?;
        if !known.is_empty() {
            context.say_zone(&mut output, now)?;
        }
    }
    output.flush()?;
    Ok(())
}

/// What Kimi Code’s status line shows: the account that Kimi Code uses on this machine, or all that it may be.
fn on_status_line(
    status: &Status,
    store: Option<&Store>,
    known: Vec<Known>,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<Vec<Shown>, CommandOutcome> {
    let mut shown = if status.account.is_some() { known } else { those_of_kimi_code(known) };
    let Some(store) = store else { return Ok(Vec::new()) };
    let anomalies = store.anomalies(None)?;
    for known in &mut shown {
        if status_line::wants_forecast(known, now) {
            look_ahead(known, store, settings, now)?;
        }
    }
    // The order among equals is the user's.
    shown.sort_by_key(|known| Reverse(known.tightest(now)));
    let with_anomalies = |known: Known| {
        let anomalies = open_anomalies(&anomalies, known.account.id).count;
        let requests = store.requests_between(Some(known.account.id), now - CACHE_SPAN, now)?;
        let used: Tokens = requests.iter().map(|request| request.tokens).sum();
        Ok(Shown { known, anomalies, cache_hit_share: used.cache_hit_share() })
    };
    shown.into_iter().map(with_anomalies).collect()
}

#[derive(Serialize)]
struct Document {
    at: String,
    /// Whether an agent runs, which keeps all this up to date.
    agent_running: bool,
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
    /// How many anomalies wait for the user.
    open_anomalies: u64,
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

/// Says what is likely to become of each window, where its value is live.
fn look_ahead(
    known: &mut Known,
    store: &Store,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<(), CommandOutcome> {
    let live = known.state(settings, now) == "live";
    let Some(reading) = known.reading.as_ref().filter(|reading| live && !reading.meters.is_empty()) else {
        return Ok(());
    };
    let pasts = tidemark_monitor::usage_history(store, known.account.id, settings.timezone, now)?;
    known.forecasts = reading
        .meters
        .iter()
        .filter_map(|meter| Some((meter.meter, pasts.forecast(meter, now).ok()?)))
        .collect();
    Ok(())
}

fn view(known: &Known, anomalies: &[StoredFinding], settings: &Settings, now: DateTime<Utc>) -> View {
    let age = known.age(now).map(|age| age.num_seconds());
    let aged = age.unwrap_or_default();
    let (mut meters, mut balance, mut wallet, mut plan) = (Vec::new(), None, None, None);
    if let Some(reading) = &known.reading {
        meters = reading
            .meters
            .iter()
            .map(|meter| MeterView {
                meter: meter.meter,
                used_percent: (!reading.is_past_reset(meter, now)).then(|| to_f64(meter.used_percent)),
                was_reset: reading.is_past_reset(meter, now),
                resets_at: meter.resets_at.map(format_rfc3339),
                age_seconds: aged,
                forecast: known
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
        name: known.account.name.clone(),
        source: known.account.source,
        region: known.account.region,
        state: known.state(settings, now),
        read_at: known.reading.as_ref().map(|reading| format_rfc3339(reading.at)),
        age_seconds: age,
        plan,
        meters,
        balance,
        wallet,
        open_anomalies: open_anomalies(anomalies, known.account.id).count,
        failure: known.failure().map(|failure| FailureView {
            kind: failure.kind,
            message: failure.message.clone(),
            status: failure.status,
            meter: failure.meter,
            denied: failure.denied,
            since: known.poll.failing_since.map(format_rfc3339),
            retry_at: known.poll.retry_after_until.filter(|at| *at > now).map(format_rfc3339),
            retry_after_seconds: failure.retry_after.map(seconds),
        }),
    }
}

/// The line of [`short`], in as many columns as there are.
fn line_of(
    words: &Catalog,
    known: &mut [Known],
    settings: &Settings,
    width: Option<u16>,
    now: DateTime<Utc>,
) -> String {
    let pieces = short(words, known, settings, now);
    let more = |count: usize| words.with("cli-status-more", [("count", count.into())]);
    fit::line(&pieces, usize::from(width.unwrap_or(DEFAULT_LINE_WIDTH)), more)
}

/// What a status bar shows: the line, all accounts below it, and how the worst of them stands.
fn bar_status(
    words: &Catalog,
    known: &mut [Known],
    settings: &Settings,
    width: Option<u16>,
    now: DateTime<Utc>,
) -> BarStatus {
    let line = if known.is_empty() {
        words.text("cli-bar-none")
    } else {
        line_of(words, known, settings, width, now)
    };
    let pieces = short(words, known, settings, now);
    let styles: Vec<Style> = known.iter().map(|known| style_of(known, settings, now)).collect();
    let details = pieces.iter().zip(&styles).map(|(piece, style)| {
        let all = fit::line(std::slice::from_ref(piece), usize::MAX, |_| String::new());
        (*style, all)
    });
    let gravity = |style: &Style| match style {
        Style::Over => 3,
        Style::Near => 2,
        Style::Calm => 1,
        Style::Plain | Style::Strong | Style::Faint => 0,
    };
    let current = known.iter().filter(|known| known.state(settings, now) == "live");
    let percent = current.filter_map(|known| known.tightest(now)).max().map(to_f64);
    let mut details: Vec<_> = details.collect();
    if known.is_empty() {
        details.push((Style::Faint, words.text("cli-account-none")));
    }
    BarStatus {
        line,
        details,
        style: styles.iter().copied().max_by_key(gravity).unwrap_or(Style::Faint),
        percent,
    }
}

/// How an account stands: by its tightest quota while that is known, else by why it is not.
fn style_of(known: &Known, settings: &Settings, now: DateTime<Utc>) -> Style {
    match known.state(settings, now) {
        "stale" if known.tightest(now).is_none() => Style::Faint,
        "live" => known.tightest(now).map_or(Style::Faint, |used| Style::of_percent(to_f64(used))),
        state => style_of_state(state),
    }
}

const fn style_of_state(state: &str) -> Style {
    match state.as_bytes() {
        b"live" => Style::Calm,
        b"waiting" | b"polled-through" => Style::Faint,
        b"stale" | b"limited" => Style::Near,
        _ => Style::Over,
    }
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
        let style = style_of_state(state);
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
