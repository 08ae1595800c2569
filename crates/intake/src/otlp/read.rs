//! What the points of an export say of tokens.

use std::collections::HashMap;

use tidemark_core::intake::InputConvention;
use tidemark_core::text;
use tidemark_logs::Format;
use tidemark_logs::model::{canonical, is_kimi};
use url::Url;

use super::export::{Attributes, DataPoint, Export, Metric, Name, Number, Temporality};
use crate::address::{Destination, by_address, by_provider};
use crate::count::{number, whole};
use crate::hash::Hash;
use crate::record::{Count, Kind, Record, SeenIn};

/// What an export came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// What was used, one record for each series and span.
    pub records: Vec<Record>,
    /// Points that are of other models, or of other providers.
    pub not_kimi: u64,
    /// Points that make no sense: no count, no time, no kind of token that is known, no temporality.
    pub refused: u64,
}

/// How far ahead of this machine's clock a point may be, in nanoseconds: a day.
const MAX_AHEAD: u64 = 24 * 3600 * NANOS;
const NANOS: u64 = 1_000_000_000;
/// Before 2015 there was nothing that could be counted.
const EARLIEST: u64 = 1_420_070_400 * NANOS;

/// Reads an export at an instant, in milliseconds since 1970. `own` are the addresses that the user's accounts have
/// instead of the service's.
#[must_use]
pub fn read(export: &Export, now: i64, own: &[Url]) -> Reading {
    let mut reading = Reading::default();
    let mut places: HashMap<u64, usize> = HashMap::new();
    let now = u64::try_from(now).unwrap_or_default().saturating_mul(NANOS / 1000);
    let latest = now.saturating_add(MAX_AHEAD);
    for metric in &export.metrics {
        for point in &metric.points {
            match of_point(metric, point, latest, own) {
                Said::Used(record, kind) => {
                    let place = *places.entry(record.fingerprint).or_insert_with(|| {
                        reading.records.push(*record.clone());
                        reading.records.len() - 1
                    });
                    let known = &mut reading.records[place].counts[kind as usize];
                    // The same point twice in one export is one point.
                    *known = known.max_by_value(record.counts[kind as usize]);
                }
                Said::Part => {}
                Said::NotKimi => reading.not_kimi += 1,
                Said::Senseless => reading.refused += 1,
            }
        }
    }
    reading
}

trait MaxByValue {
    fn max_by_value(self, other: Self) -> Self;
}

impl MaxByValue for Option<Count> {
    fn max_by_value(self, other: Self) -> Self {
        let value = |count: Self| match count {
            None => None,
            Some(Count::Delta(value) | Count::Cumulative { value, .. }) => Some(value),
        };
        if value(other) > value(self) { other } else { self }
    }
}

/// What a point says.
enum Said {
    Used(Box<Record>, Kind),
    /// It is counted in another one.
    Part,
    NotKimi,
    Senseless,
}

fn of_point(metric: &Metric, point: &DataPoint, latest: u64, own: &[Url]) -> Said {
    let of = |name: &str| attribute(&point.attributes, name);
    let anywhere = |name: &str| of(name).or_else(|| attribute(&metric.resource, name));
    let (kind_name, kind) = match metric.name {
        Name::ClaudeCode => ("type", of("type").and_then(claude_code)),
        Name::Codex => ("token_type", of("token_type").and_then(codex)),
        Name::GenAi => ("gen_ai.token.type", of("gen_ai.token.type").and_then(gen_ai)),
    };
    let kind = match kind {
        Some(TokenType::Kind(kind)) => kind,
        Some(TokenType::Part) => return Said::Part,
        None => return Said::Senseless,
    };
    let model = match metric.name {
        Name::ClaudeCode | Name::Codex => of("model").unwrap_or_default(),
        Name::GenAi => {
            let (response, request) = (of("gen_ai.response.model"), of("gen_ai.request.model"));
            // What a gateway calls a model may be anything; one of the two is Kimi's name for it.
            let named = [response, request].into_iter().flatten().find(|name| is_kimi(name));
            named.or(response).or(request).unwrap_or_default()
        }
    };
    let provider = anywhere("gen_ai.provider.name").or_else(|| anywhere("gen_ai.system")).unwrap_or_default();
    let port = anywhere("server.port").and_then(|port| port.parse().ok());
    let address = anywhere("server.address").unwrap_or_default();
    // An address says more than a name.
    let destination = match by_address(address, port, own) {
        Destination::Unknown => by_provider(provider),
        known => known,
    };
    let base_url = match destination {
        Destination::Other => return Said::NotKimi,
        // A provider that only sounds like Kimi does not make another's model Kimi's.
        Destination::Unknown | Destination::Kimi { base_url: None } if !is_kimi(model) => {
            return Said::NotKimi;
        }
        Destination::Unknown => None,
        Destination::Kimi { base_url } => base_url,
    };
    let value = match point.value {
        Some(Number::Whole(value)) => number(value),
        Some(Number::Float(value)) => whole(value),
        None => None,
    };
    let (Some(value), Some(temporality), true) = (value, metric.temporality, metric.is_monotonic) else {
        return Said::Senseless;
    };
    if !(EARLIEST..=latest).contains(&point.time) {
        return Said::Senseless;
    }
    // A start that is none is not said.
    let start = if (EARLIEST..=point.time).contains(&point.start) { point.start } else { 0 };
    let group = group(metric, point, kind_name);
    let count = match temporality {
        Temporality::Delta => Count::Delta(value),
        Temporality::Cumulative => {
            let series = Hash::of("series").number(group).number(kind as u64).finish();
            Count::Cumulative { series, start, time: point.time, value }
        }
    };
    let program = attribute(&metric.resource, "service.name").map(text::name).filter(|name| !name.is_empty());
    let session = anywhere("session.id").map(text::name).filter(|session| !session.is_empty());
    let mut counts = [None; 4];
    counts[kind as usize] = Some(count);
    let millis = |nanos: u64| i64::try_from(nanos / (NANOS / 1000)).unwrap_or_default();
    let provider = match &base_url {
        Some(url) => text::name(url.host_str().unwrap_or_default()),
        None => text::name(provider),
    };
    let record = Record {
        fingerprint: Hash::of("point").number(group).number(start).number(point.time).finish(),
        at: millis(point.time),
        begun: (start > 0).then(|| millis(start)),
        model: canonical(model),
        seen_in: seen_in(metric.name, session.is_some(), program.as_deref()),
        session: session.or_else(|| program.clone()).unwrap_or_default(),
        program,
        provider,
        base_url,
        counts,
        convention: match metric.name {
            Name::ClaudeCode => InputConvention::Apart,
            Name::Codex | Name::GenAi => InputConvention::Whole,
        },
    };
    Said::Used(Box::new(record), kind)
}

/// What makes points those of one series, but for the kind of token.
fn group(metric: &Metric, point: &DataPoint, kind: &str) -> u64 {
    let all = |hash: Hash, attributes: &Attributes| {
        let mut sorted: Vec<&(String, String)> = attributes.iter().filter(|(name, _)| name != kind).collect();
        sorted.sort_unstable();
        sorted
            .into_iter()
            .fold(hash.number(attributes.len() as u64), |hash, (name, value)| hash.text(name).text(value))
    };
    let hash = Hash::of("group").text(metric.name.as_str()).text(&metric.scope);
    all(all(hash, &metric.resource), &point.attributes).finish()
}

fn attribute<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
}

/// What a word for a kind of token says.
enum TokenType {
    Kind(Kind),
    /// A sum of others, or a part of one.
    Part,
}

fn claude_code(word: &str) -> Option<TokenType> {
    match word {
        "input" => Some(TokenType::Kind(Kind::Input)),
        "output" => Some(TokenType::Kind(Kind::Output)),
        "cacheRead" => Some(TokenType::Kind(Kind::CacheRead)),
        "cacheCreation" => Some(TokenType::Kind(Kind::CacheWrite)),
        _ => None,
    }
}

fn codex(word: &str) -> Option<TokenType> {
    match word {
        "input" => Some(TokenType::Kind(Kind::Input)),
        "cached_input" => Some(TokenType::Kind(Kind::CacheRead)),
        "cache_write_input" => Some(TokenType::Kind(Kind::CacheWrite)),
        "output" => Some(TokenType::Kind(Kind::Output)),
        // The total is the sum of the others, and reasoning is inside of the output.
        "total" | "reasoning_output" | "non_cached_input" => Some(TokenType::Part),
        _ => None,
    }
}

fn gen_ai(word: &str) -> Option<TokenType> {
    match word {
        "input" | "prompt" => Some(TokenType::Kind(Kind::Input)),
        "output" | "completion" => Some(TokenType::Kind(Kind::Output)),
        "cache_read" | "cached_input" | "input_cached" | "cached" => Some(TokenType::Kind(Kind::CacheRead)),
        "cache_creation" | "cache_write" => Some(TokenType::Kind(Kind::CacheWrite)),
        "total" | "reasoning" | "reasoning_output" | "output_reasoning" => Some(TokenType::Part),
        _ => None,
    }
}

/// By what a log of the same requests is known: by the session, else by the time if the program is one whose logs are
/// read.
fn seen_in(name: Name, has_session: bool, program: Option<&str>) -> SeenIn {
    if has_session {
        return SeenIn::Session;
    }
    let program = program.unwrap_or_default();
    match name {
        Name::ClaudeCode => SeenIn::Format("claude-code"),
        Name::Codex => SeenIn::Format("codex"),
        Name::GenAi => Format::ALL
            .into_iter()
            .map(Format::as_str)
            .find(|format| *format == program)
            .map_or(SeenIn::Nothing, SeenIn::Format),
    }
}
