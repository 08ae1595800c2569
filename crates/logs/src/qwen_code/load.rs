//! Reads a session log of Qwen Code.

use std::io;

use tidemark_core::text;

use super::parse::{self, Record, Usage};
use super::paths::FOR_ALL;
use crate::collect::{Collect, Opened, Reached, Resume};
use crate::config::is_kimis_address;
use crate::fingerprint::Fingerprint;
use crate::format::Format;
use crate::json_lines::{self, Records, Unreadable};
use crate::known::Known;
use crate::lines::Buffer;
use crate::log_file::LogFile;
use crate::model::is_kimi;
use crate::provider_id::Elsewhere;
use crate::usage_deduper::{MAX_FOLDER_CHARS, PartialRequest, Sighting};

/// What stands for a provider that is not in the settings, by whether its address is one of Kimi's.
const ELSEWHERE: &str = "elsewhere";
const AT_KIMI: &str = "kimi";

/// Reads a log from where an earlier reading of it ended.
pub(crate) fn load<C: Collect>(
    log: &LogFile,
    number: u32,
    opened: &Opened,
    from: &Resume,
    buffer: &mut Buffer,
    collect: &mut C,
) -> io::Result<Reached> {
    let mut chat = Chat { log, number, opened, state: from.clone(), known: Known::default() };
    json_lines::read(&opened.file, buffer, &mut chat, collect)
}

/// A chat that is being read.
struct Chat<'l> {
    log: &'l LogFile,
    number: u32,
    opened: &'l Opened,
    state: Resume,
    known: Known,
}

impl Records for Chat<'_> {
    fn can_matter(line: &[u8]) -> bool {
        parse::can_matter(line)
    }

    fn take(
        &mut self,
        record: &[u8],
        collect: &mut impl Collect,
    ) -> Result<Option<PartialRequest>, Unreadable> {
        match parse::record(record)? {
            Some(Record::Address(address)) => {
                self.state.asked_provider =
                    address.as_deref().filter(|address| !address.is_empty()).map(text::name);
                Ok(None)
            }
            Some(Record::Usage(usage)) => Ok(self.request(&usage, collect)),
            None => Ok(None),
        }
    }

    fn state(&mut self) -> &mut Resume {
        &mut self.state
    }
}

impl Chat<'_> {
    fn request(&mut self, usage: &Usage<'_>, collect: &mut impl Collect) -> Option<PartialRequest> {
        let state = &mut self.state;
        state.last_at = usage.at.or(state.last_at);
        let tokens = usage.tokens;
        if tokens.is_zero() {
            return None;
        }
        let config = &self.log.config;
        let written = usage.model.as_deref()?;
        let provider = match state.asked_provider.as_deref() {
            Some(address) => match config.provider(address) {
                Some((name, _)) => name,
                None if is_kimis_address(address) => AT_KIMI,
                None => ELSEWHERE,
            },
            None => match config.provider_of(written) {
                Some(name) => name,
                None if is_kimi(written) => FOR_ALL,
                // It may be signed in to another service, whatever address is set for all.
                None => return None,
            },
        };
        let model =
            self.known.model(config, Elsewhere::These(&[ELSEWHERE]), Some(provider), written, collect)?;
        if let Some(folder) =
            usage.folder.as_deref().filter(|folder| state.folder.as_deref() != Some(*folder))
        {
            state.folder = Some(text::bounded(folder, MAX_FOLDER_CHARS).into());
        }
        let session = usage.session.as_deref().unwrap_or(&self.log.session);
        let project = state.folder.as_deref().or(self.log.project.as_deref());
        let origin = self.known.origin(Format::QwenCode, session, project, collect);
        let hash = Fingerprint::of(24);
        let hash = match (&usage.number, usage.at) {
            (Some(number), _) => hash.number(1).text(number.as_bytes()),
            (None, Some(at)) => hash.number(2).number(at as u64),
            (None, None) => {
                state.untimed += 1;
                hash.number(3).number(self.opened.head()).number(state.untimed)
            }
        };
        // Two programs that write one file can give their records one number.
        let hash = hash.text(written.as_bytes()).number(tokens.input).number(tokens.cache_read);
        let fingerprint = hash.number(tokens.output).finish();
        let (at, dated_by_file) = self.opened.dated(state.last_at);
        let sighting = Sighting { at, begun: None, model, tokens, fingerprint, dated_by_file };
        Some(PartialRequest { sighting, file: self.number, origin, message: fingerprint, named: true })
    }
}
