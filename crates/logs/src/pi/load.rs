//! Reads a session log of pi or oh-my-pi.

use std::io;

use tidemark_core::text;

use super::parse::{self, Entry, Usage};
use crate::collect::{Collect, Opened, Reached, Resume};
use crate::fingerprint::Fingerprint;
use crate::format::Format;
use crate::json_lines::{self, Records, Unreadable};
use crate::known::Known;
use crate::lines::Buffer;
use crate::log_file::LogFile;
use crate::model::canonical;
use crate::provider_id::Elsewhere;
use crate::usage_deduper::{MAX_FOLDER_CHARS, PartialRequest, Sighting};

/// Providers at other addresses, some of which pass requests on to Kimi's models elsewhere.
const OTHERS: [&str; 30] = [
    "amazon-bedrock",
    "anthropic",
    "azure-openai-responses",
    "cerebras",
    "cloudflare-ai-gateway",
    "cloudflare-workers-ai",
    "cursor",
    "deepseek",
    "fireworks",
    "github-copilot",
    "google",
    "google-vertex",
    "groq",
    "huggingface",
    "kilo",
    "litellm",
    "lm-studio",
    "minimax",
    "mistral",
    "nvidia",
    "ollama",
    "openai",
    "openai-codex",
    "opencode",
    "opencode-go",
    "openrouter",
    "together",
    "vercel-ai-gateway",
    "xai",
    "zai",
];

/// A request that is said to have taken longer, in milliseconds, was not begun then.
const MAX_REQUEST: i64 = 60 * 60 * 1000;

/// Reads a log from where an earlier reading of it ended.
pub(crate) fn load<C: Collect>(
    format: Format,
    log: &LogFile,
    number: u32,
    opened: &Opened,
    from: &Resume,
    buffer: &mut Buffer,
    collect: &mut C,
) -> io::Result<Reached> {
    let mut session = Session { format, log, number, opened, state: from.clone(), known: Known::default() };
    json_lines::read(&opened.file, buffer, &mut session, collect)
}

/// A session that is being read.
struct Session<'l> {
    format: Format,
    log: &'l LogFile,
    number: u32,
    opened: &'l Opened,
    state: Resume,
    known: Known,
}

impl Records for Session<'_> {
    fn can_matter(line: &[u8]) -> bool {
        parse::can_matter(line)
    }

    fn take(
        &mut self,
        record: &[u8],
        collect: &mut impl Collect,
    ) -> Result<Option<PartialRequest>, Unreadable> {
        let Some(entry) = parse::entry(record)? else { return Ok(None) };
        let state = &mut self.state;
        match entry {
            Entry::Session { id, folder } => {
                state.session = id.as_deref().map(|id| text::name(id).into()).or(state.session.take());
                let folder = folder.as_deref().map(|folder| text::bounded(folder, MAX_FOLDER_CHARS).into());
                state.folder = folder.or(state.folder.take());
                Ok(None)
            }
            Entry::Model { provider, model } => {
                state.asked = Some(text::name(&model));
                state.asked_provider = provider.as_deref().map(text::name);
                Ok(None)
            }
            Entry::Usage(usage) => Ok(self.request(&usage, collect)),
        }
    }

    fn state(&mut self) -> &mut Resume {
        &mut self.state
    }
}

impl Session<'_> {
    fn request(&mut self, usage: &Usage<'_>, collect: &mut impl Collect) -> Option<PartialRequest> {
        let state = &mut self.state;
        state.last_at = usage.at.or(state.last_at);
        if let Some(model) = usage.model.as_deref().filter(|model| !model.is_empty()) {
            state.asked = Some(text::name(model));
            state.asked_provider = usage.provider.as_deref().map(text::name);
        }
        let tokens = usage.tokens;
        if tokens.is_zero() {
            return None;
        }
        let asked = state.asked.as_deref()?;
        let provider = state.asked_provider.as_deref();
        let model =
            self.known.model(&self.log.config, Elsewhere::These(&OTHERS), provider, asked, collect)?;
        let session = state.session.as_deref().unwrap_or(&self.log.session);
        let origin = self.known.origin(self.format, session, state.folder.as_deref(), collect);
        let hash = Fingerprint::of(23);
        let hash = match (&usage.answer, usage.begun.or(usage.at)) {
            (Some(answer), Some(at)) => hash.number(1).number(at as u64).text(answer.as_bytes()),
            (None, Some(at)) => hash.number(2).number(at as u64),
            (_, None) => {
                state.untimed += 1;
                hash.number(3).number(self.opened.head()).number(state.untimed)
            }
        };
        let hash = if usage.answer.is_some() && usage.at.is_some() {
            hash
        } else {
            let hash = hash.text(canonical(asked).as_bytes()).number(tokens.input).number(tokens.cache_read);
            hash.number(tokens.cache_write).number(tokens.output)
        };
        let fingerprint = hash.finish();
        let (at, dated_by_file) = self.opened.dated(state.last_at);
        let begun = usage.begun.filter(|begun| (0..=MAX_REQUEST).contains(&at.saturating_sub(*begun)));
        let sighting = Sighting { at, begun, model, tokens, fingerprint, dated_by_file };
        Some(PartialRequest { sighting, file: self.number, origin, message: fingerprint, named: true })
    }
}
