//! Reads a log of Cline, Roo Code or Kilo Code.

use std::io;

use super::models::{Asked, Models};
use super::parse::{self, Said, Usage};
use super::paths::{Kind, Log};
use crate::collect::{Collect, Opened, Reached, Resume};
use crate::config::Config;
use crate::fingerprint::Fingerprint;
use crate::json_elements::{Element, Elements};
use crate::known::Known;
use crate::provider_id::{Elsewhere, whose};
use crate::usage_deduper::{PartialRequest, Sighting};

/// What a model is called whose name is nowhere.
const UNKNOWN: &str = "unknown";

/// How many requests are handed on at once.
const MOST: usize = 4 * 1024;

/// Providers at other addresses, some of which pass requests on to Kimi's models elsewhere.
const OTHERS: [&str; 27] = [
    "anthropic",
    "asksage",
    "bedrock",
    "cerebras",
    "claude-code",
    "cline",
    "deepseek",
    "fireworks",
    "gemini",
    "groq",
    "huawei-cloud-maas",
    "huggingface",
    "kilocode",
    "lmstudio",
    "mistral",
    "nebius",
    "ollama",
    "openai-codex",
    "openai-native",
    "openrouter",
    "qwen",
    "requesty",
    "sambanova",
    "together",
    "vercel-ai-gateway",
    "vertex",
    "xai",
];

/// Reads a log. It is written again as a whole whenever it changes, so it is read as a whole.
pub(crate) fn load<C: Collect>(
    log: &Log,
    number: u32,
    opened: &Opened,
    from: &Resume,
    collect: &mut C,
) -> io::Result<Reached> {
    let mut reading = Reading {
        log,
        number,
        elements: Elements::new(&opened.file),
        known: Known::default(),
        origin: None,
        found: Vec::new(),
        skipped: 0,
    };
    let unseen_to = match log.kind {
        Kind::Task => Some(reading.task(from.unseen_to, collect)?),
        Kind::Session => {
            reading.session(opened, collect)?;
            None
        }
    };
    collect.hold(reading.found.drain(..));
    let (end, skipped) = (reading.elements.bytes(), reading.skipped);
    Ok(Reached::End { resume: Box::new(Resume { unseen_to, ..Resume::default() }), end, skipped })
}

/// A log that is being read.
struct Reading<'l> {
    log: &'l Log,
    number: u32,
    elements: Elements<&'l std::fs::File>,
    known: Known,
    origin: Option<u32>,
    found: Vec<PartialRequest>,
    skipped: u64,
}

impl Reading<'_> {
    /// Reads a task. Gives up to when what was removed later had not been read before: where that is known already, it
    /// stays.
    fn task(&mut self, unseen_to: Option<i64>, collect: &mut impl Collect) -> io::Result<i64> {
        let models = Models::of(self.log);
        let mut last: Option<Usage> = None;
        let mut newest = i64::MIN;
        loop {
            match self.elements.next("messages", parse::is_of_usage)? {
                Element::Wanted(message) => match parse::message(message) {
                    Ok(Some(usage)) => {
                        let at = usage.at;
                        newest = newest.max(at);
                        if usage.said == Said::Removed
                            && unseen_to.is_some_and(|unseen_to| usage.at > unseen_to)
                        {
                            continue;
                        }
                        // What asks for a model is written before the next request begins.
                        if let Some(last) = last.replace(usage) {
                            self.used(&last, models.of_request(last.at, at), &models, collect);
                        }
                    }
                    Ok(None) => {}
                    Err(_) => self.skipped += 1,
                },
                Element::TooLong => self.skipped += 1,
                Element::Torn => {
                    self.skipped += 1;
                    break;
                }
                Element::End => break,
            }
            self.hand_on(collect);
        }
        if let Some(last) = last {
            self.used(&last, models.of_request(last.at, i64::MAX), &models, collect);
        }
        Ok(unseen_to.unwrap_or(newest))
    }

    /// The usage that a message says, if it was of a model that is known to be Kimi's. What may have been is counted as
    /// what cannot be read.
    fn used(&mut self, usage: &Usage, asked: Option<&Asked>, models: &Models, collect: &mut impl Collect) {
        // What was removed, and what subagents used, was not for the model of one time. Questions from before the
        // conversation was condensed are gone, and their models with them.
        let beside = asked.filter(|_| usage.said == Said::Request).or_else(|| models.only());
        let (model, provider) = match (&usage.model, beside) {
            (Some(model), _) => (model.as_str(), usage.provider.as_deref()),
            (None, Some(asked)) => (asked.model.as_str(), asked.provider.as_deref()),
            (None, None) => ("", usage.provider.as_deref()),
        };
        let tokens = usage.tokens(self.log.format, provider);
        if tokens.is_zero() {
            return;
        }
        if model.is_empty() && models.are_others(|asked| self.is_others(asked)) {
            return;
        }
        let Some(model) = self.model(provider, model, collect) else { return };
        let kind = match usage.said {
            Said::Request => 1,
            Said::Subagents => 2,
            Said::Removed => 3,
        };
        let hash = Fingerprint::of(22).text(self.log.file.session.as_bytes());
        let fingerprint = hash.number(kind).number(usage.at as u64).finish();
        let (at, begun) = (usage.at, None);
        let sighting = Sighting { at, begun, model, tokens, fingerprint, dated_by_file: false };
        self.hold(sighting, collect);
    }

    /// Reads a session.
    fn session(&mut self, opened: &Opened, collect: &mut impl Collect) -> io::Result<()> {
        let session = self.log.file.session.clone();
        let begun = begun(&session);
        let folder = self.log.file.path.parent().and_then(std::path::Path::file_name).unwrap_or_default();
        let folder = folder.to_string_lossy().into_owned();
        let mut count = 0_u64;
        let mut last_at = None;
        loop {
            match self.elements.next("messages", parse::is_answer)? {
                Element::Wanted(message) => match parse::answer(message) {
                    Ok(Some(answer)) => {
                        count += 1;
                        last_at = answer.at.or(last_at);
                        if answer.tokens.is_zero() {
                            continue;
                        }
                        let (provider, model) = (answer.provider.as_deref(), answer.model.as_deref());
                        let Some(model) = self.model(provider, model.unwrap_or_default(), collect) else {
                            continue;
                        };
                        let hash = Fingerprint::of(25).text(folder.as_bytes()).text(session.as_bytes());
                        let hash = match &answer.number {
                            Some(number) => hash.number(1).text(number.as_bytes()),
                            None => hash.number(2).number(count),
                        };
                        let (at, dated_by_file) = opened.dated(last_at.or(begun));
                        let (tokens, fingerprint) = (answer.tokens, hash.finish());
                        let sighting =
                            Sighting { at, begun: None, model, tokens, fingerprint, dated_by_file };
                        self.hold(sighting, collect);
                    }
                    Ok(None) => {}
                    Err(_) => self.skipped += 1,
                },
                Element::TooLong => self.skipped += 1,
                Element::Torn => {
                    self.skipped += 1;
                    return Ok(());
                }
                Element::End => return Ok(()),
            }
            self.hand_on(collect);
        }
    }

    /// The number of a model at a provider; `None` where it is not Kimi's. Without a name it is Kimi's where the provider
    /// is; where that says nothing either, it is counted as what cannot be read.
    fn model(&mut self, provider: Option<&str>, model: &str, collect: &mut impl Collect) -> Option<u32> {
        let config = &self.log.file.config;
        let name = if model.is_empty() { UNKNOWN } else { model };
        let found = self.known.model(config, Elsewhere::These(&OTHERS), provider, name, collect);
        if found.is_none() && model.is_empty() && !is_elsewhere(config, provider) {
            self.skipped += 1;
        }
        found
    }

    /// Whether a model is of another provider, and no model of Kimi's.
    fn is_others(&self, asked: &Asked) -> bool {
        let config = &self.log.file.config;
        whose(config, Elsewhere::These(&OTHERS), asked.provider.as_deref(), &asked.model).is_none()
    }

    fn hold(&mut self, sighting: Sighting, collect: &mut impl Collect) {
        let origin = *self.origin.get_or_insert_with(|| {
            let folder = self.log.folder();
            self.known.origin(self.log.format, &self.log.file.session, folder.as_deref(), collect)
        });
        let (file, message) = (self.number, sighting.fingerprint);
        self.found.push(PartialRequest { sighting, file, origin, message, named: true });
    }

    fn hand_on(&mut self, collect: &mut impl Collect) {
        if self.found.len() >= MOST {
            collect.hold(self.found.drain(..));
        }
    }
}

/// Whether requests to a provider are known to go elsewhere than to Kimi.
fn is_elsewhere(config: &Config, provider: Option<&str>) -> bool {
    let Some(provider) = provider.filter(|provider| !provider.is_empty()) else { return false };
    config.provider(provider).is_some() || OTHERS.iter().any(|other| other.eq_ignore_ascii_case(provider))
}

/// When a session began, where its name says so: `1790000000000_…`.
fn begun(session: &str) -> Option<i64> {
    const DIGITS: usize = 13;
    let (digits, _) = session.split_at_checked(DIGITS)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}
