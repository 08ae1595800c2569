//! `tidemark guard`: a hook of coding agents. It stops them before a quota is used up, and lets them know what is left.
//!
//! Kimi Code and Claude Code run a hook with a document on standard input. Status 2 stops what was about to happen, with
//! the reason on standard error; anything else lets it through. So whatever goes wrong here ends with 0: a fault of ours
//! must stop no one's work.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tidemark_api::server::{guard_rules, guard_rules_view};
use tidemark_core::number::decimal::to_f64;
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_core::{Meter, Series};
use tidemark_monitor::{GuardRule, GuardRules, Settings};
use tidemark_store::Store;

use super::context::{Context, runtime};
use super::last_known::{Known, last_known, of_kimi_code};
use super::store_access;
use super::transport::connect;
use crate::arguments::{GuardAction, GuardAllow, GuardAsked, GuardCommand, GuardSet};
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::i18n::Catalog;
use crate::output::{Output, clean, say};
use hook::HookInput;
use session::{Session, Sessions, safe_name};
use weighing::{Level, Weighed, weigh};

mod hook;
mod session;
mod weighing;

/// A session that is let go on is so until the quota is reset, or for this long where that is unknown.
const ALLOWED_FOR: TimeDelta = TimeDelta::hours(5);

/// What hosts take for a stop.
const STOP: Exit = Exit::Usage;

/// Runs `tidemark guard`.
pub fn run(context: &Context, guard: GuardCommand) -> Result<Exit, CommandOutcome> {
    match guard.action {
        Some(GuardAction::List) => list(context, None),
        Some(GuardAction::Set(set)) => change(context, &set),
        Some(GuardAction::Allow(allow)) => let_go_on(context, &allow),
        None if guard.asked.check => check(context, &guard.asked),
        None => Ok(answer_hook(context, &guard.asked).unwrap_or_else(|error| {
            // The host shows this where it shows anything; the work goes on.
            say(&error);
            Exit::Done
        })),
    }
}

/// What the guard knows when it is asked.
struct Guarded {
    settings: Settings,
    weighed: Vec<Weighed>,
}

fn guarded(
    asked: &GuardAsked,
    store: Option<&Store>,
    now: DateTime<Utc>,
    choose: impl Fn(Vec<Known>) -> Vec<Known>,
) -> Result<Guarded, CommandOutcome> {
    let settings = store_access::settings(store)?.unwrap_or_default();
    let mut known = store.map(last_known).transpose()?.unwrap_or_default();
    if let Some(name) = &asked.account {
        known.retain(|known| known.account.name == name.trim());
        if known.is_empty() {
            return Err(store_access::no_such_account(name).into());
        }
    } else {
        known = choose(known);
    }
    let weighed = weigh(&known, &settings.guard, TimeDelta::minutes(asked.max_age.into()), now);
    Ok(Guarded { settings, weighed })
}

/// Answers the hook that started this process.
fn answer_hook(context: &Context, asked: &GuardAsked) -> Result<Exit, String> {
    let Some(input) = hook::read() else { return Ok(Exit::Done) };
    // The store is not brought up to date here, nor made: that takes longer than a prompt may wait.
    let data_dir = context.data_dir().map_err(|error| error.message)?;
    let Ok(store) = Store::open_read_only(&data_dir) else { return Ok(Exit::Done) };
    let now = Utc::now();
    let guarded = guarded(asked, Some(&store), now, of_kimi_code).map_err(|outcome| match outcome {
        CommandOutcome::Error(error) => error.message,
        CommandOutcome::BrokenPipe => String::new(),
    })?;
    let sessions = Sessions::of(&data_dir);
    let words = context.words(guarded.settings.language.as_deref());
    let zone = context.zone(Some(guarded.settings.timezone));
    let said = Said { words: &words, now, zone };
    answer(&input, &guarded.weighed, &sessions, &said)
}

/// What a text is said with.
struct Said<'a> {
    words: &'a Catalog,
    now: DateTime<Utc>,
    zone: chrono_tz::Tz,
}

fn answer(
    input: &HookInput,
    weighed: &[Weighed],
    sessions: &Sessions,
    said: &Said<'_>,
) -> Result<Exit, String> {
    let stops = input.is_prompt() || input.is_tool();
    let tells = input.is_prompt() || input.is_start();
    let gravest = weighed.first().filter(|one| one.level == Level::Stop && stops);
    if gravest.is_none() && !tells {
        return Ok(Exit::Done);
    }
    let mut session = sessions.read(&input.session_id);
    if let Some(stopping) = gravest
        && !session.is_allowed(said.now)
    {
        session.stopped_at = Some(said.now);
        session.resets_at = stopping.resets_at;
        // It can still be let go on by its name.
        let _ = sessions.write(&input.session_id, &session);
        say(&said.stop(stopping, input));
        return Ok(STOP);
    }
    if tells && session.is_news(weighed) {
        let_model_know(&said.context(weighed))?;
        session.note_known(weighed);
        sessions.write(&input.session_id, &session).map_err(|error| error.to_string())?;
    }
    Ok(Exit::Done)
}

/// Prints what the model is to know.
fn let_model_know(text: &str) -> Result<(), String> {
    use std::io::Write as _;
    writeln!(std::io::stdout().lock(), "{text}").map_err(|error| error.to_string())
}

impl Said<'_> {
    /// Why it is stopped, until when, and how to go on.
    fn stop(&self, stopping: &Weighed, input: &HookInput) -> String {
        let words = self.words;
        let mut lines = vec![words.with(
            "cli-guard-stop",
            [
                ("account", clean(&stopping.name).into()),
                ("series", words.the_series(Some(Series::Meter(stopping.meter))).into()),
                ("used", words.percent(stopping.used, 0).into()),
                ("limit", words.percent(stopping.limits.stop.unwrap_or(Decimal::ONE_HUNDRED), 0).into()),
            ],
        )];
        if let Some(at) = stopping.resets_at.filter(|at| *at > self.now) {
            lines.push(words.with(
                "cli-guard-stop-until",
                [
                    ("moment", words.moment(at, self.now, self.zone).into()),
                    ("length", words.length(at - self.now).into()),
                ],
            ));
        }
        let command = format!("tidemark guard allow {}", safe_name(&input.session_id));
        lines.push(words.with("cli-guard-stop-go-on", [("command", command.into())]));
        if input.is_tool() {
            lines.push(words.text("cli-guard-stop-tool"));
        }
        lines.join("\n")
    }

    /// What is left, for an agent to plan with.
    fn context(&self, weighed: &[Weighed]) -> String {
        let words = self.words;
        let age = weighed.iter().map(|one| one.age).max().unwrap_or_default();
        let quotas: Vec<String> = weighed.iter().map(|one| self.quota(one)).collect();
        words.with(
            "cli-guard-context",
            [("length", words.length(age).into()), ("quotas", words.listed(&quotas).into())],
        )
    }

    fn quota(&self, one: &Weighed) -> String {
        let words = self.words;
        let meter = words.text(&format!("meter-{}", one.meter));
        let used = words.percent(one.used, 0);
        let text = match one.resets_at.filter(|at| *at > self.now) {
            Some(at) => words.with(
                "cli-guard-quota-until",
                [
                    ("meter", meter.into()),
                    ("used", used.into()),
                    ("moment", words.moment(at, self.now, self.zone).into()),
                ],
            ),
            None => words.with("cli-guard-quota", [("meter", meter.into()), ("used", used.into())]),
        };
        match one.limits.stop {
            Some(stop) if one.level != Level::Pass => words.with(
                "cli-guard-quota-tight",
                [("text", text.into()), ("limit", words.percent(stop, 0).into())],
            ),
            _ => text,
        }
    }
}

/// Answers by the exit status.
fn check(context: &Context, asked: &GuardAsked) -> Result<Exit, CommandOutcome> {
    let store = store_access::open(context)?;
    let now = Utc::now();
    let guarded = guarded(asked, store.as_ref(), now, |known| known)?;
    let zone = context.zone(store.is_some().then_some(guarded.settings.timezone));
    let mut output = context.output(guarded.settings.language.as_deref(), Some(zone));
    let level = guarded.weighed.first().map(|one| one.level);
    if output.json {
        let quotas: Vec<Value> = guarded.weighed.iter().map(quota_json).collect();
        let result = level.map_or_else(|| json!("unknown"), |level| json!(level));
        output.document(&json!({"at": format_rfc3339(now), "result": result, "quotas": quotas}))?;
    } else if guarded.weighed.is_empty() {
        let text = output.words.text("cli-guard-unknown");
        output.line(text)?;
    } else {
        for one in &guarded.weighed {
            let said = Said { words: &output.words, now, zone };
            let text = said.words.said(&clean(&one.name), &said.quota(one));
            output.line(text)?;
        }
    }
    output.flush()?;
    Ok(match level {
        None => Exit::Failed,
        Some(Level::Stop) => Exit::PastLimit,
        Some(Level::Pass | Level::Warn) => Exit::Done,
    })
}

fn quota_json(one: &Weighed) -> Value {
    json!({
        "account": one.name,
        "meter": one.meter,
        "used_percent": to_f64(one.used),
        "level": one.level,
        "warn": one.limits.warn.map(to_f64),
        "stop": one.limits.stop.map(to_f64),
        "resets_at": one.resets_at.map(format_rfc3339),
        "age_seconds": one.age.num_seconds(),
    })
}

/// Sets limits, through the agent where one runs.
fn change(context: &Context, set: &GuardSet) -> Result<Exit, CommandOutcome> {
    let store = store_access::open(context)?;
    let account = match &set.account {
        Some(name) => Some(store_access::account(store.as_ref(), name.trim())?.id),
        None => None,
    };
    drop(store);
    let meter = set.meter.map(Meter::from);
    let rules = runtime()?.block_on(async {
        let client = connect(context).await?;
        let settings: tidemark_api::view::Settings = client.get("/v1/settings").await?;
        let mut rules = shown(&settings)?;
        if set.reset {
            rules.forget(account, meter);
        } else {
            rules.set(GuardRule { account, meter, warn: set.warn, stop: set.stop });
        }
        let change = json!({ "guard": guard_rules_view(&rules) });
        let changed: tidemark_api::view::Settings =
            client.send_json("PATCH", "/v1/settings", &change).await?;
        shown(&changed)
    })?;
    list(context, Some(rules))
}

/// The rules that an agent has.
fn shown(settings: &tidemark_api::view::Settings) -> Result<GuardRules, CommandError> {
    guard_rules(&settings.guard).map_err(|error| CommandError::new(Exit::Failed, "not-understood", error))
}

/// Shows the limits of every quota that is known.
fn list(context: &Context, changed: Option<GuardRules>) -> Result<Exit, CommandOutcome> {
    let store = store_access::open(context)?;
    let settings = store_access::settings(store.as_ref())?.unwrap_or_default();
    let rules = changed.unwrap_or(settings.guard);
    let known = store.as_ref().map(last_known).transpose()?.unwrap_or_default();
    let zone = context.zone(store.is_some().then_some(settings.timezone));
    let mut output = context.output(settings.language.as_deref(), Some(zone));
    let quotas: Vec<(&Known, Meter)> = known.iter().flat_map(quotas).collect();
    if output.json {
        let limits = quotas.iter().map(|(known, meter)| {
            let limits = rules.limits(known.account.id, *meter);
            json!({
                "account": known.account.name,
                "meter": meter,
                "warn": limits.warn.map(to_f64),
                "stop": limits.stop.map(to_f64),
            })
        });
        output.document(&json!({ "limits": limits.collect::<Vec<_>>() }))?;
    } else {
        if quotas.is_empty() {
            let text = output.words.text("cli-guard-no-quota");
            output.line(text)?;
        }
        for (known, meter) in quotas {
            let text = limits_line(&output, known, meter, &rules);
            output.line(text)?;
        }
    }
    output.flush()?;
    Ok(Exit::Done)
}

/// The quotas that an account has: those of its last reading.
fn quotas(known: &Known) -> impl Iterator<Item = (&Known, Meter)> {
    let meters = known.reading.iter().flat_map(|reading| &reading.meters);
    meters.map(|meter| meter.meter).filter(|meter| meter.is_allowance()).map(move |meter| (known, meter))
}

fn limits_line(output: &Output, known: &Known, meter: Meter, rules: &GuardRules) -> String {
    let words = &output.words;
    let limits = rules.limits(known.account.id, meter);
    let limit = |limit: Option<Decimal>| {
        limit.map_or_else(|| words.text("cli-guard-never"), |limit| words.percent(limit, 0))
    };
    words.with(
        "cli-guard-limits",
        [
            ("account", clean(&known.account.name).into()),
            ("meter", words.text(&format!("meter-{meter}")).into()),
            ("warn", limit(limits.warn).into()),
            ("stop", limit(limits.stop).into()),
        ],
    )
}

/// Lets a session go on, whatever the limits say, until the quota that stopped it is reset.
fn let_go_on(context: &Context, allow: &GuardAllow) -> Result<Exit, CommandOutcome> {
    let store = store_access::open(context)?;
    let settings = store_access::settings(store.as_ref())?.unwrap_or_default();
    let zone = context.zone(store.is_some().then_some(settings.timezone));
    let mut output = context.output(settings.language.as_deref(), Some(zone));
    let sessions = Sessions::of(&context.data_dir()?);
    let now = Utc::now();
    let found = match &allow.session {
        Some(name) => {
            let name = safe_name(name);
            sessions.knows(&name).then(|| (name.clone(), sessions.read(&name)))
        }
        None => sessions.last_stopped(),
    };
    let Some((name, session)) = found else {
        return Err(CommandError::said(Exit::Failed, "no-such-session", "cli-guard-no-session", &[]).into());
    };
    let until = session.resets_at.filter(|at| *at > now).unwrap_or(now + ALLOWED_FOR);
    let allowed = Session { allowed_until: Some(until), stopped_at: None, ..session };
    sessions
        .write(&name, &allowed)
        .map_err(|error| CommandError::new(Exit::Failed, "io", &error).quoting(error))?;
    if output.json {
        output.document(&json!({"session": name, "allowed_until": format_rfc3339(until)}))?;
    } else {
        let text = output.words.with(
            "cli-guard-allowed",
            [("session", name.into()), ("moment", output.words.moment(until, now, zone).into())],
        );
        output.line(text)?;
    }
    output.flush()?;
    Ok(Exit::Done)
}
