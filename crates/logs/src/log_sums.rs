//! What logs come to, summed up: as long as they stay as they are, nothing of what was found in them needs to be read.
//!
//! Sums of one log can stand for it only as far as it shares no request with another. So logs are of two kinds: those that
//! share none, each of which has sums of its own, and the rest, which have them together: where one of those is another
//! now, what was found in each is put together again. A request of a log that is not summed up may be one of those that
//! are; for that, prints of all requests stand beside the sums.

use std::collections::HashMap;

use crate::file_cursor::FileStat;
use crate::log::Log;
use crate::model::Party;
use crate::packing::{Reader, Writer};
use crate::usage_deduper::{Counted, Origin, QUARTER, SummedRow, Tally, UsageDeduper};

/// The form of what is written, its first byte.
const FORM: u8 = 1;
/// Bytes of a print, and of the place of its log behind all of them.
pub(crate) const PRINT_LEN: usize = 8;
pub(crate) const PLACE_LEN: usize = 4;

/// Sums of logs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LogSums {
    /// Instants that no sum spans, in milliseconds of the epoch, in order.
    pub(crate) cuts: Vec<i64>,
    pub(crate) models: Vec<(String, Party)>,
    pub(crate) origins: Vec<Origin>,
    pub(crate) logs: Vec<SummedLog>,
    /// Of the logs that share requests.
    pub(crate) together: Vec<SummedRow>,
}

/// A log that is summed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SummedLog {
    pub(crate) path: String,
    /// As [`Log::context`].
    pub(crate) context: u64,
    pub(crate) stat: FileStat,
    /// Lines that could not be read.
    pub(crate) skipped: u64,
    /// Whether it shares requests with others that are summed up.
    pub(crate) is_shared: bool,
    pub(crate) rows: Vec<SummedRow>,
}

/// The sums that can be taken for logs.
pub(crate) struct Kept<'s> {
    sums: &'s LogSums,
    /// Whether each log that is summed up is.
    logs: Vec<bool>,
    /// Whether the sums of those that share requests are.
    together: bool,
}

impl LogSums {
    /// Of logs that are there now, which are as they were when they were summed up, and not summed up across an instant:
    /// for each, whether it is, and the sums.
    pub(crate) fn kept(&self, logs: &[Log], instants: &[i64]) -> (Vec<bool>, Kept<'_>) {
        let places: HashMap<&str, usize> =
            self.logs.iter().enumerate().map(|(at, log)| (log.path.as_str(), at)).collect();
        let spans = |rows: &[SummedRow]| instants.iter().any(|instant| self.spans(rows, *instant));
        let mut kept = vec![false; self.logs.len()];
        let found: Vec<Option<usize>> = logs
            .iter()
            .map(|log| {
                let place = *places.get(log.path().to_str()?)?;
                let known = self.logs.get(place)?;
                let is_same = !kept[place]
                    && log.stat().is_ok_and(|stat| stat == known.stat)
                    && log.context() == known.context
                    && !spans(&known.rows);
                kept[place] = is_same;
                is_same.then_some(place)
            })
            .collect();
        let shared = || self.logs.iter().zip(&kept).filter(|(log, _)| log.is_shared);
        let together = shared().all(|(_, kept)| *kept) && !spans(&self.together);
        for (log, kept) in self.logs.iter().zip(&mut kept) {
            *kept &= together || !log.is_shared;
        }
        let is_kept = found.into_iter().map(|place| place.is_some_and(|place| kept[place])).collect();
        (is_kept, Kept { sums: self, logs: kept, together })
    }

    /// Whether any of these sums has an instant within it.
    fn spans(&self, rows: &[SummedRow], instant: i64) -> bool {
        let quarter = instant - instant.rem_euclid(QUARTER);
        if quarter == instant || self.cuts.binary_search(&instant).is_ok() {
            return false;
        }
        let first = rows.partition_point(|row| row.start < quarter);
        rows[first..].iter().take_while(|row| row.start < instant).next().is_some()
    }

    pub(crate) fn packed(&self) -> Vec<u8> {
        let mut packed = Writer(vec![FORM]);
        let mut before = 0;
        packed.number(self.cuts.len() as u64);
        for cut in &self.cuts {
            packed.signed(cut.wrapping_sub(before));
            before = *cut;
        }
        packed.number(self.models.len() as u64);
        for (name, party) in &self.models {
            packed.number(u64::from(*party == Party::Third));
            packed.text(name);
        }
        packed.number(self.origins.len() as u64);
        for Origin { format, session, project } in &self.origins {
            packed.text(format.as_str());
            packed.text(session);
            packed.optional_text(project.as_deref());
        }
        packed.number(self.logs.len() as u64);
        for log in &self.logs {
            packed.text(&log.path);
            packed.fixed(log.context);
            let FileStat { identity, size, modified, beside } = &log.stat;
            packed.text(identity);
            packed.number(*size);
            packed.signed(*modified);
            packed.fixed(*beside);
            packed.number(log.skipped);
            packed.number(u64::from(log.is_shared));
            rows(&mut packed, &log.rows);
        }
        rows(&mut packed, &self.together);
        packed.0
    }

    /// Sums that were packed. `None` where they are damaged, or of another form.
    pub(crate) fn unpacked(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        if reader.byte()? != FORM {
            return None;
        }
        let mut before = 0_i64;
        let cuts = reader.list(|reader| {
            before = before.wrapping_add(reader.signed()?);
            Some(before)
        })?;
        let models = reader.list(|reader| {
            let party = if reader.number()? == 0 { Party::Kimi } else { Party::Third };
            Some((reader.text()?.to_owned(), party))
        })?;
        let origins = reader.list(|reader| {
            let format = reader.text()?;
            let format = crate::format::Format::ALL.into_iter().find(|known| known.as_str() == format)?;
            let (session, (has_project, project)) = (reader.text()?.to_owned(), reader.optional_text()?);
            Some(Origin { format, session, project: has_project.then(|| project.to_owned()) })
        })?;
        let names = (models.len(), origins.len());
        let logs = reader.list(|reader| {
            Some(SummedLog {
                path: reader.text()?.to_owned(),
                context: reader.fixed()?,
                stat: FileStat {
                    identity: reader.text()?.to_owned(),
                    size: reader.number()?,
                    modified: reader.signed()?,
                    beside: reader.fixed()?,
                },
                skipped: reader.number()?,
                is_shared: reader.number()? != 0,
                rows: unpacked_rows(reader, names)?,
            })
        })?;
        let together = unpacked_rows(&mut reader, names)?;
        reader.0.is_empty().then_some(Self { cuts, models, origins, logs, together })
    }
}

fn rows(packed: &mut Writer, rows: &[SummedRow]) {
    packed.number(rows.len() as u64);
    let mut before = 0;
    for SummedRow { start, model, origin, dated_by_file, tally } in rows {
        packed.signed(start.wrapping_sub(before));
        before = *start;
        packed.number(u64::from(*model) << 1 | u64::from(*dated_by_file));
        packed.number(u64::from(*origin));
        packed.number(tally.requests);
        packed.tokens(&tally.tokens);
    }
}

fn unpacked_rows(reader: &mut Reader<'_>, (models, origins): (usize, usize)) -> Option<Vec<SummedRow>> {
    let mut before = 0_i64;
    reader.list(|reader| {
        before = before.wrapping_add(reader.signed()?);
        let (model, origin) = (reader.number()?, reader.place()?);
        let (model, dated_by_file) = (u32::try_from(model >> 1).ok()?, model & 1 != 0);
        let tally = Tally { requests: reader.number()?, tokens: reader.tokens(u64::MAX)? };
        let is_named = (model as usize) < models && (origin as usize) < origins;
        is_named.then_some(SummedRow { start: before, model, origin, dated_by_file, tally })
    })
}

impl Kept<'_> {
    /// Whether any of these requests is one of a log that is kept, by the prints that stand beside the sums; `None` where
    /// those are damaged.
    pub(crate) fn holds_any(&self, requests: impl Iterator<Item = u64>, prints: &[u8]) -> Option<bool> {
        let count = prints.len() / (PRINT_LEN + PLACE_LEN);
        if count * (PRINT_LEN + PLACE_LEN) != prints.len() {
            return None;
        }
        let (prints, places) = prints.split_at(count * PRINT_LEN);
        let (prints, _) = prints.as_chunks::<PRINT_LEN>();
        let (places, _) = places.as_chunks::<PLACE_LEN>();
        for request in requests {
            let first = prints.partition_point(|print| u64::from_le_bytes(*print) < request);
            let same = prints[first..].iter().zip(&places[first..]);
            let mut same = same.take_while(|(print, _)| u64::from_le_bytes(**print) == request);
            if same.any(|(_, place)| self.logs.get(u32::from_le_bytes(*place) as usize) != Some(&false)) {
                return Some(true);
            }
        }
        Some(false)
    }

    /// Adds what the logs that are kept came to.
    pub(crate) fn add_to(&self, deduper: &mut UsageDeduper) {
        let models: Vec<u32> =
            self.sums.models.iter().map(|(name, party)| deduper.model(name.clone(), *party)).collect();
        let origins: Vec<u32> =
            self.sums.origins.iter().map(|origin| deduper.origin(origin.clone())).collect();
        let logs = self.sums.logs.iter().zip(&self.logs).filter(|(_, kept)| **kept);
        for (log, _) in logs {
            deduper.count(Counted { files: 1, skipped: log.skipped, ..Counted::default() });
            deduper.add_rows(&log.rows, &models, &origins);
        }
        if self.together {
            deduper.add_rows(&self.sums.together, &models, &origins);
        }
    }
}
