//! What a scan finds in a log, kept in a few bytes a request: whoever keeps it needs not read the log again.
//!
//! Only what counts for a scan is kept: no keys, no addresses, no text of a conversation. Times are written as differences
//! from the one before.

use crate::collect::Collect;
use crate::count::LARGEST;
use crate::fingerprint::Fingerprint;
use crate::follow::{Claim, ModelName, Named, Portion, Request, states};
use crate::format::Format;
use crate::model::Party;
use crate::packing::{Reader, Writer};
use crate::usage_deduper::{Origin, PartialRequest, Rank, Sighting};

/// The form of what is written, its first byte.
const FORM: u8 = 2;

/// Bits of a state's first byte.
const IS_NAMED: u8 = 1;
const IS_ITS_MESSAGE: u8 = 2;
const HAS_ORIGIN: u8 = 4;
const DATED_BY_FILE: u8 = 8;

/// A print of a mark, as a store keeps it.
#[must_use]
pub fn mark_print(mark: &str) -> u64 {
    Fingerprint::of(34).text(mark.as_bytes()).finish()
}

impl Portion {
    /// What a scan needs to know of it. Several may stand behind each other.
    #[must_use]
    pub fn packed(&self) -> Vec<u8> {
        let mut body = Writer(Vec::with_capacity(64 + 32 * self.records()));
        body.number(self.models.len() as u64);
        for model in &self.models {
            body.number(u64::from(model.party == Party::Third));
            body.text(&model.name);
        }
        body.number(self.origins.len() as u64);
        for origin in &self.origins {
            body.text(&origin.session);
            body.optional_text(origin.project.as_deref());
        }
        let mut at = 0;
        body.number(self.claims.len() as u64);
        for claim in &self.claims {
            body.request(&claim.request, &mut at);
            body.number(u64::from(claim.copies) << 1 | u64::from(claim.request.dated_by_file));
        }
        body.number(self.named.len() as u64);
        for named in &self.named {
            let is_its_message = named.message == named.request.fingerprint;
            let dated_by_file = named.request.dated_by_file;
            let bits =
                [(named.named, IS_NAMED), (is_its_message, IS_ITS_MESSAGE), (dated_by_file, DATED_BY_FILE)];
            let bits = bits.into_iter().filter(|(is, _)| *is).fold(0, |bits, (_, bit)| bits | bit);
            body.0.push(bits | if named.origin.is_some() { HAS_ORIGIN } else { 0 });
            body.request(&named.request, &mut at);
            if !is_its_message {
                body.fixed(named.message);
            }
            if let Some(origin) = named.origin {
                body.number(u64::from(origin));
            }
        }
        let mut packed = Writer(vec![FORM]);
        packed.number(body.0.len() as u64);
        packed.0.extend(body.0);
        packed.0
    }

    /// Portions that were packed, one behind another. `None` where they are damaged, or of another form.
    ///
    /// `format` is that of the log that they were found in.
    #[must_use]
    pub fn unpacked(bytes: &[u8], format: Format) -> Option<Vec<Self>> {
        let mut all = Reader(bytes);
        let mut portions = Vec::new();
        while !all.0.is_empty() {
            if all.byte()? != FORM {
                return None;
            }
            let length = usize::try_from(all.number()?).ok()?;
            let mut body = Reader(all.take(length)?);
            portions.push(body.portion(format)?);
            if !body.0.is_empty() {
                return None;
            }
        }
        Some(portions)
    }

    /// Hands on what is in it, as a reader of the log would: the log's number is `file`, and what its requests are from
    /// where they do not say so is `own`.
    pub(crate) fn replay(self, file: u32, own: &Origin, collect: &mut impl Collect) {
        let models: Vec<u32> =
            self.models.into_iter().map(|model| collect.model(model.name, model.party, None)).collect();
        let origins: Vec<u32> = self.origins.into_iter().map(|origin| collect.origin(origin)).collect();
        let sighting = |request: &Request| {
            let Request { at, begun, model, tokens, fingerprint, dated_by_file } = *request;
            let model = models.get(model as usize).copied()?;
            Some(Sighting { at, begun, model, tokens, fingerprint, dated_by_file })
        };
        let claims = self.claims.iter();
        collect.claim(
            claims.filter_map(|claim| Some((Rank::new(claim.copies, file), sighting(&claim.request)?))),
        );
        if self.named.is_empty() {
            return;
        }
        let own = collect.origin(own.clone());
        collect.hold(self.named.iter().filter_map(|state| {
            let origin = match state.origin {
                Some(place) => *origins.get(place as usize)?,
                None => own,
            };
            let (message, named) = (state.message, state.named);
            Some(PartialRequest { sighting: sighting(&state.request)?, file, origin, message, named })
        }));
    }
}

impl Writer {
    fn request(&mut self, request: &Request, before: &mut i64) {
        self.signed(request.at.wrapping_sub(*before));
        *before = request.at;
        self.fixed(request.fingerprint);
        self.number(u64::from(request.model));
        self.tokens(&request.tokens);
    }
}

impl Reader<'_> {
    fn request(&mut self, before: &mut i64) -> Option<Request> {
        *before = before.wrapping_add(self.signed()?);
        let fingerprint = self.fixed()?;
        let model = self.place()?;
        let tokens = self.tokens(LARGEST)?;
        Some(Request { at: *before, begun: None, model, tokens, fingerprint, dated_by_file: false })
    }

    fn portion(&mut self, format: Format) -> Option<Portion> {
        let models = self.list(|reader| {
            let party = if reader.number()? == 0 { Party::Kimi } else { Party::Third };
            Some(ModelName { party, name: reader.text()?.to_owned(), provider: None })
        })?;
        let origins = self.list(|reader| {
            let (session, (has_project, project)) = (reader.text()?.to_owned(), reader.optional_text()?);
            Some(Origin { format, session, project: has_project.then(|| project.to_owned()) })
        })?;
        let mut at = 0;
        let claims = self.list(|reader| {
            let request = reader.request(&mut at)?;
            let copies = reader.number()?;
            let request = Request { dated_by_file: copies & 1 != 0, ..request };
            Some(Claim { request, copies: u32::try_from(copies >> 1).ok()? })
        })?;
        let states = states(format);
        let named = self.list(|reader| {
            let bits = reader.byte()?;
            let request = reader.request(&mut at)?;
            let request = Request { dated_by_file: bits & DATED_BY_FILE != 0, ..request };
            let message = if bits & IS_ITS_MESSAGE == 0 { reader.fixed()? } else { request.fingerprint };
            let origin = if bits & HAS_ORIGIN == 0 { None } else { Some(reader.place()?) };
            Some(Named { request, message, named: bits & IS_NAMED != 0, states, origin })
        })?;
        Some(Portion { claims, named, models, origins, ..Portion::default() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tidemark_core::Tokens;

    use super::*;
    use crate::follow::States;

    fn requests() -> impl Strategy<Value = Request> {
        let counts = prop::array::uniform5(prop_oneof![0_u64..300, 0..=LARGEST]);
        let request = (any::<i64>(), 0_u32..3, counts, any::<u64>(), any::<bool>());
        request.prop_map(|(at, model, counts, fingerprint, dated_by_file)| {
            let [input, cache_read, cache_write, cache_write_1h, output] = counts;
            let tokens = Tokens { input, cache_read, cache_write, cache_write_1h, output };
            Request { at, begun: None, model, tokens, fingerprint, dated_by_file }
        })
    }

    fn portions() -> impl Strategy<Value = Portion> {
        let models = prop::collection::vec((any::<bool>(), ".{0,20}"), 0..4);
        let origins = prop::collection::vec((".{0,20}", prop::option::of(".{0,20}")), 0..4);
        let claims = prop::collection::vec((requests(), any::<u32>()), 0..6);
        let origin = prop::option::of(0_u32..4);
        let named = (requests(), prop::option::of(any::<u64>()), any::<bool>(), origin);
        let named = prop::collection::vec(named, 0..6);
        (models, origins, claims, named).prop_map(|(models, origins, claims, named)| Portion {
            models: models
                .into_iter()
                .map(|(third, name)| ModelName {
                    name,
                    party: if third { Party::Third } else { Party::Kimi },
                    provider: None,
                })
                .collect(),
            origins: origins
                .into_iter()
                .map(|(session, project)| Origin { format: Format::Pi, session, project })
                .collect(),
            claims: claims.into_iter().map(|(request, copies)| Claim { request, copies }).collect(),
            named: named
                .into_iter()
                .map(|(request, message, named, origin)| Named {
                    request,
                    message: message.unwrap_or(request.fingerprint),
                    named,
                    states: States::Together,
                    origin,
                })
                .collect(),
            ..Portion::default()
        })
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_back(portions in prop::collection::vec(portions(), 0..4)) {
            let packed: Vec<u8> = portions.iter().flat_map(Portion::packed).collect();
            prop_assert_eq!(Portion::unpacked(&packed, Format::Pi), Some(portions));
        }

        #[test]
        fn damage_is_noticed_or_does_no_harm(
            portion in portions(), place in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(),
        ) {
            let mut packed = portion.packed();
            let place = place.index(packed.len());
            if cut {
                packed.truncate(place);
                prop_assert!(place == 0 || Portion::unpacked(&packed, Format::Pi).is_none());
            } else {
                packed[place] = byte;
                let _ = Portion::unpacked(&packed, Format::Pi);
            }
        }
    }

    #[test]
    fn a_request_takes_few_bytes() {
        let claim = |number: u64| Claim {
            request: Request {
                at: 1_790_000_000_000 + 20_000 * number.cast_signed(),
                begun: Some(5),
                model: 0,
                tokens: Tokens { input: 900, cache_read: 120_000, output: 700, ..Tokens::default() },
                fingerprint: Fingerprint::of(1).number(number).finish(),
                dated_by_file: false,
            },
            copies: 0,
        };
        let portion = Portion { claims: (0..100).map(claim).collect(), ..Portion::default() };
        assert!(portion.packed().len() < 25 * 100, "{}", portion.packed().len());
    }
}
