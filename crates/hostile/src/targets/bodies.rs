//! What the service answers: quota, balance, profiles, the status page.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike as _, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use tidemark_core::text::{MAX_LISTED, MAX_NAME_CHARS, MAX_SENTENCE_CHARS};
use tidemark_core::wire::{ReadingRecord, Record, TimestampedRecord};
use tidemark_core::{Failure, Reading, Region};
use tidemark_kimi::{Announcement, Profile, StatusPage, parse};

use crate::law::{Outcome, are_equal, has_no_key, holds, is_kept};
use crate::random::Random;
use crate::shapes::BODIES;
use crate::target::Target;
use crate::{bytes, json};

/// Reads bodies. Every reader gets every body: a proxy may answer anything anywhere.
pub(super) struct Bodies;

/// The most bytes of a body that are kept as evidence.
const MAX_EVIDENCE_LEN: usize = 16 << 10;

pub(super) fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_168_800, 0).unwrap_or_default()
}

impl Target for Bodies {
    fn input(&self, random: &mut Random) -> Vec<u8> {
        let mut body = BODIES[random.below(BODIES.len())].1.as_bytes().to_vec();
        if !random.one_in(6) {
            json::change(random, &mut body);
        }
        if random.one_in(3) {
            bytes::damage(random, &mut body);
        }
        body
    }

    fn check(&mut self, body: &[u8]) -> Outcome {
        for region in [Region::China, Region::Global] {
            for read in [parse::usages, parse::balance] {
                let found = read(body, region, at());
                are_equal("a body means one thing", &found, &read(body, region, at()))?;
                match found {
                    Ok(reading) => reading_is_sound(&reading)?,
                    Err(failure) => failure_is_sound(&failure)?,
                }
            }
        }
        for read in [parse::me, parse::users_me] {
            let found = read(body, at());
            are_equal("a body means one thing", &found, &read(body, at()))?;
            match found {
                Ok(profile) => profile_is_sound(&profile)?,
                Err(failure) => failure_is_sound(&failure)?,
            }
        }
        match parse::status(body) {
            Ok(page) => page_is_sound(&page)?,
            Err(failure) => failure_is_sound(&failure)?,
        }
        let announced = parse::announcements(body);
        are_equal("a body means one thing", &announced, &parse::announcements(body))?;
        match announced {
            Ok(list) => announcements_are_sound(&list)?,
            Err(failure) => failure_is_sound(&failure)?,
        }
        let evidence = parse::evidence(body);
        has_no_key("evidence", &evidence)?;
        holds("evidence is bounded", evidence.len() <= MAX_EVIDENCE_LEN, || evidence.len().to_string())?;
        let is_json = serde_json::from_str::<Value>(&evidence).is_ok();
        holds("evidence is JSON", is_json, || evidence.clone())?;
        missing_is_not_zero(body)
    }
}

fn listed(what: &str, names: &[String]) -> Outcome {
    holds("lists are bounded", names.len() <= MAX_LISTED + 1, || format!("{what}: {}", names.len()))?;
    for name in names {
        is_kept(what, name, MAX_NAME_CHARS)?;
        has_no_key(what, name)?;
    }
    Ok(())
}

fn reading_is_sound(reading: &Reading) -> Outcome {
    if let Some(plan) = &reading.plan {
        is_kept("plan", plan, MAX_NAME_CHARS)?;
        has_no_key("plan", plan)?;
    }
    for user in [&reading.user.quota, &reading.user.profile].into_iter().flatten() {
        is_kept("user", user, MAX_NAME_CHARS)?;
        has_no_key("user", user)?;
    }
    listed("not understood", &reading.not_understood)?;
    let meters: BTreeSet<_> = reading.meters.iter().map(|meter| meter.meter.as_str()).collect();
    holds("a quota is reported once", meters.len() == reading.meters.len(), || {
        format!("{:?}", reading.meters)
    })?;
    // What is exported of it is read again as it was.
    let record = TimestampedRecord::from(Record::Reading(ReadingRecord::new(reading, Some("work"))));
    let line = serde_json::to_string(&record).unwrap_or_else(|error| error.to_string());
    let again = TimestampedRecord::read(line.as_bytes()).map_err(|error| error.to_string());
    are_equal("an exported reading is read as it was", &again, &Ok(record))
}

fn failure_is_sound(failure: &Failure) -> Outcome {
    has_no_key("message", &failure.message)?;
    let length = failure.message.chars().count();
    holds("text is bounded", length <= MAX_SENTENCE_CHARS, || format!("message: {length} characters"))
}

fn profile_is_sound(profile: &Profile) -> Outcome {
    for text in [&profile.plan, &profile.identity].into_iter().flatten() {
        is_kept("profile", text, MAX_NAME_CHARS)?;
        has_no_key("profile", text)?;
    }
    listed("not understood", &profile.not_understood)
}

/// No key is sent to the status page, so that none can come back.
fn page_is_sound(page: &StatusPage) -> Outcome {
    holds("lists are bounded", page.incidents.len() <= 100 && page.components.len() <= 50, || {
        format!("{} incidents, {} components", page.incidents.len(), page.components.len())
    })?;
    is_kept("description", &page.description, MAX_SENTENCE_CHARS)?;
    for incident in &page.incidents {
        for text in [&incident.id, &incident.title, &incident.impact, &incident.status] {
            is_kept("incident", text, MAX_SENTENCE_CHARS)?;
        }
    }
    for component in &page.components {
        for text in [&component.name, &component.status] {
            is_kept("component", text, MAX_NAME_CHARS)?;
        }
    }
    for url in page.url.iter().chain(page.incidents.iter().filter_map(|incident| incident.url.as_ref())) {
        is_kept("address", url, MAX_SENTENCE_CHARS)?;
    }
    listed("not understood", &page.not_understood)
}

/// No key is sent for announcements either.
fn announcements_are_sound(list: &[Announcement]) -> Outcome {
    holds("lists are bounded", list.len() <= 20, || format!("{} announcements", list.len()))?;
    for one in list {
        is_kept("announcement", &one.id, MAX_NAME_CHARS)?;
        for text in [&one.title, &one.text, &one.detail].into_iter().flatten() {
            is_kept("announcement", text, MAX_SENTENCE_CHARS)?;
        }
        for time in [one.from, one.until].into_iter().flatten() {
            let is_written = (1970..=9999).contains(&time.year());
            holds("a time can be written", is_written, || time.to_string())?;
        }
        let levels = one.audience.levels.len();
        holds("lists are bounded", levels <= MAX_LISTED, || format!("{levels} levels"))?;
    }
    Ok(())
}

/// A reader of quota or balance.
type Reader = fn(&[u8], Region, DateTime<Utc>) -> Result<Reading, Failure>;

/// The figures of a reading that are zero.
fn zeros(body: &Value, of: Reader) -> BTreeSet<String> {
    let Ok(reading) = of(body.to_string().as_bytes(), Region::China, at()) else { return BTreeSet::new() };
    let mut zeros = BTreeSet::new();
    let mut note = |name: String, figure: Option<Decimal>| {
        if figure.is_some_and(|figure| figure.is_zero()) {
            zeros.insert(name);
        }
    };
    for meter in &reading.meters {
        note(format!("{} percent", meter.meter), Some(meter.used_percent));
        note(format!("{} used", meter.meter), meter.used);
        note(format!("{} limit", meter.meter), meter.limit);
    }
    if let Some(wallet) = reading.wallet {
        note("wallet".to_owned(), wallet.balance.map(|money| money.amount));
        note("wallet used".to_owned(), wallet.month_used.map(|money| money.amount));
        note("wallet cap".to_owned(), wallet.month_cap.map(|money| money.amount));
    }
    if let Some(balance) = reading.balance {
        note("available".to_owned(), balance.available);
        note("voucher".to_owned(), balance.voucher);
        note("cash".to_owned(), balance.cash);
    }
    zeros
}

/// A figure that cannot be read is unknown; it never makes a zero that was not there.
fn missing_is_not_zero(body: &[u8]) -> Outcome {
    const MOST: usize = 60;
    // Only a body of which all is known: what a damaged one said before the damage is anyone's guess.
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return Ok(()) };
    let mut paths = Vec::new();
    leaves(&value, String::new(), &mut paths);
    if paths.len() > MOST {
        return Ok(());
    }
    for of in [parse::usages as Reader, parse::balance] {
        let before = zeros(&value, of);
        for path in &paths {
            let mut spoilt = value.clone();
            let Some(leaf) = spoilt.pointer_mut(path) else { continue };
            // Its absence may say zero: the service leaves zeros out. Something unreadable says nothing.
            *leaf = Value::from("what it was cannot be read");
            let made: Vec<String> = zeros(&spoilt, of).difference(&before).cloned().collect();
            // Where two figures contradict each other, the other one stands, and it may be zero.
            holds("missing is not zero", made.is_empty() || says_zero(&value), || {
                format!("{made:?} without {path}")
            })?;
        }
    }
    Ok(())
}

/// Whether a body says zero of something: a figure that is, as much left as there is, or a limit of which nothing else
/// is said; or a share too small to be kept.
fn says_zero(value: &Value) -> bool {
    let mut paths = Vec::new();
    leaves(value, String::new(), &mut paths);
    let (mut least, mut most) = (f64::MAX, 0.0_f64);
    let mut wholes = BTreeSet::new();
    for path in &paths {
        let leaf =
            value.pointer(path).map(|leaf| leaf.as_str().map_or_else(|| leaf.to_string(), str::to_owned));
        let Some(figure) = leaf.and_then(|leaf| leaf.trim().parse::<f64>().ok()) else { continue };
        (least, most) = (least.min(figure), most.max(figure));
        let beside = |name: &str| {
            let part = path.rsplit_once('/').map_or("", |(part, _)| part);
            value.pointer(&format!("{part}/{name}")).is_some()
        };
        let (limit, left) = (path.ends_with("/limit"), path.ends_with("/remaining"));
        let is_whole = (limit || left) && !wholes.insert(figure.to_bits());
        if left && is_whole || limit && !beside("used") && !beside("remaining") {
            return true;
        }
    }
    least <= 0.0 || most / least > 1e6
}

fn leaves(value: &Value, path: String, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            leaves(value, format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), out);
        }),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, value)| leaves(value, format!("{path}/{index}"), out));
        }
        _ => out.push(path),
    }
}
