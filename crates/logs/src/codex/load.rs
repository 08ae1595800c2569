//! Reads a session log of Codex.

use std::io;

use tidemark_core::text;

use super::compressed::Unpacked;
use super::parse::{self, Counts, Record};
use super::paths::is_compressed;
use crate::collect::{Collect, Opened, Reached, Resume};
use crate::fingerprint::Fingerprint;
use crate::format::Format;
use crate::json_lines::{self, Records, Unreadable};
use crate::known::Known;
use crate::lines::Buffer;
use crate::log_file::LogFile;
use crate::provider_id::Elsewhere;
use crate::usage_deduper::{MAX_FOLDER_CHARS, PartialRequest, Sighting};

/// Providers that need no entry in the configuration.
const OTHERS: [&str; 7] = ["openai", "ollama", "lmstudio", "oss", "azure", "amazon-bedrock", "openrouter"];

/// Reads a log from where an earlier reading of it ended.
pub(crate) fn load<C: Collect>(
    log: &LogFile,
    number: u32,
    opened: &Opened,
    from: &Resume,
    buffer: &mut Buffer,
    collect: &mut C,
) -> io::Result<Reached> {
    let mut rollout = Rollout { log, number, opened, state: from.clone(), known: Known::default() };
    if !is_compressed(&log.path) {
        return json_lines::read(&opened.file, buffer, &mut rollout, collect);
    }
    rollout.state = Resume::default();
    let mut unpacked = Unpacked::of(&opened.file)?;
    let mut reached = json_lines::read_whole(&mut unpacked, buffer, &mut rollout, collect)?;
    if let Reached::End { skipped, .. } = &mut reached
        && unpacked.is_damaged()
    {
        *skipped += 1;
    }
    Ok(reached)
}

/// A rollout that is being read.
struct Rollout<'l> {
    log: &'l LogFile,
    number: u32,
    opened: &'l Opened,
    state: Resume,
    known: Known,
}

impl Records for Rollout<'_> {
    fn can_matter(line: &[u8]) -> bool {
        parse::can_matter(line)
    }

    fn take(
        &mut self,
        record: &[u8],
        collect: &mut impl Collect,
    ) -> Result<Option<PartialRequest>, Unreadable> {
        let Some(record) = parse::record(record)? else { return Ok(None) };
        let state = &mut self.state;
        match record {
            Record::Meta { id, forked_from, provider, folder } => {
                // The first one is the log's own. What follows was copied with the history of other sessions, the one
                // that it began in last.
                if state.session.is_none() {
                    state.session = id.as_deref().map(|id| text::name(id).into());
                    state.asked_provider = provider.as_deref().map(text::name);
                    self.moved_to(folder.as_deref());
                }
                let root = forked_from.or(id);
                self.state.root = root.map(|root| hash(&root)).or(self.state.root);
                Ok(None)
            }
            Record::Context { model, folder } => {
                state.asked = model.as_deref().map(text::name).or(state.asked.take());
                self.moved_to(folder.as_deref());
                Ok(None)
            }
            Record::Usage { at, total, last } => Ok(self.request(at, total, last, collect)),
        }
    }

    fn state(&mut self) -> &mut Resume {
        &mut self.state
    }
}

fn hash(session: &str) -> u64 {
    Fingerprint::of(20).text(session.as_bytes()).finish()
}

impl Rollout<'_> {
    fn moved_to(&mut self, folder: Option<&str>) {
        if let Some(folder) = folder.filter(|folder| self.state.folder.as_deref() != Some(*folder)) {
            self.state.folder = Some(text::bounded(folder, MAX_FOLDER_CHARS).into());
        }
    }

    /// The request that an event is of, if it is not reported again.
    fn request(
        &mut self,
        at: Option<i64>,
        total: Option<Counts>,
        last: Option<Counts>,
        collect: &mut impl Collect,
    ) -> Option<PartialRequest> {
        let state = &mut self.state;
        state.last_at = at.or(state.last_at);
        let before = state.total.map(Counts::of_numbers);
        state.total = total.map(Counts::numbers).or(state.total);
        if total.is_some() && total == before {
            return None;
        }
        let counts = last.or_else(|| Some(total?.since(before.unwrap_or_default())))?;
        let tokens = counts.tokens();
        if tokens.is_zero() {
            return None;
        }
        let model = self.known.model(
            &self.log.config,
            Elsewhere::These(&OTHERS),
            state.asked_provider.as_deref(),
            state.asked.as_deref()?,
            collect,
        )?;
        let session = state.session.as_deref().unwrap_or(&self.log.session);
        let origin = self.known.origin(Format::Codex, session, state.folder.as_deref(), collect);
        // Without the session's own line, copies of a log still have the same sums.
        let hash = Fingerprint::of(21).number(state.root.unwrap_or_default());
        let hash = match total {
            Some(total) => total.numbers().into_iter().fold(hash.number(1), Fingerprint::number),
            None => hash.number(2).number(at.unwrap_or_default() as u64),
        };
        let fingerprint = counts.numbers().into_iter().fold(hash, Fingerprint::number).finish();
        let (at, dated_by_file) = self.opened.dated(state.last_at);
        let sighting = Sighting { at, begun: None, model, tokens, fingerprint, dated_by_file };
        Some(PartialRequest { sighting, file: self.number, origin, message: fingerprint, named: true })
    }
}
