//! What is given at once: a page of this machine's requests, and what else is known of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;

use serde_json::{Value, json};
use tidemark_core::reading::UserIds;
use tidemark_core::request::{Dating, MessageKey, RequestState, merge, merge_duplicates};
use tidemark_core::{Region, Source};
use tidemark_machines::{MachineStore, ShareProjects, StoreAccessError};
use tidemark_store::{CoverageSpan, MachineRequest, OwnSource, UsageStates};

/// Requests that are read from the history at once, and as many states of requests: a thousand in all, at most.
pub(crate) const PAGE: u32 = 500;

/// A page.
pub(crate) struct Page {
    /// The requests as they count now, each once.
    pub(crate) requests: Vec<MachineRequest>,
    /// The messages of which the page has all requests.
    pub(crate) messages: BTreeSet<u64>,
    /// Up to where it reaches.
    pub(crate) to: u64,
}

/// Reads the requests after a place.
pub(crate) fn page(
    store: &impl MachineStore,
    after: u64,
    last: u64,
    projects: &ShareProjects,
) -> Result<Page, StoreAccessError> {
    let (found, reached) = store.ask(move |store| store.own_requests(after, last, PAGE))?;
    let messages: BTreeSet<u64> = found.iter().filter_map(|one| one.request.message).collect();
    let asked: Vec<u64> = messages.iter().copied().collect();
    let states =
        if asked.is_empty() { Vec::new() } else { store.ask(move |store| store.own_states(&asked))? };
    // In the order of places: what was said last of a request counts.
    let mut requests: HashMap<u64, MachineRequest> = HashMap::new();
    for one in found {
        if one.request.message.is_none() {
            requests.insert(one.request.fingerprint, one.request);
        }
    }
    for request in requests_of(states) {
        requests.insert(request.fingerprint, request);
    }
    let mut requests: Vec<MachineRequest> = requests.into_values().collect();
    requests.sort_unstable_by_key(|request| request.fingerprint);
    for request in &mut requests {
        request.project = projects.of(request.project.take());
    }
    Ok(Page { requests, messages, to: reached.max(after + 1).min(last) })
}

/// The requests that states of messages are of, as this machine counts them.
fn requests_of(states: Vec<MachineRequest>) -> Vec<MachineRequest> {
    let mut by_message: BTreeMap<u64, Vec<MachineRequest>> = BTreeMap::new();
    for state in states {
        by_message.entry(state.message.unwrap_or_default()).or_default().push(state);
    }
    let key = |state: &MachineRequest| MessageKey {
        message: state.message.unwrap_or_default(),
        named: state.named,
        fingerprint: state.fingerprint,
    };
    let requests = by_message.into_values().flat_map(|states| {
        let joined = merge_duplicates(states, key, |one, other| Ok::<_, Infallible>(joined(one, other)));
        match joined {
            Ok(requests) => requests,
            Err(never) => match never {},
        }
    });
    requests.collect()
}

/// Two states of one request together, as the history puts them together.
fn joined(one: &MachineRequest, other: &MachineRequest) -> MachineRequest {
    let dating = match one.states {
        UsageStates::First => return one.clone(),
        UsageStates::Together => Dating::First,
        UsageStates::Growing => Dating::Growing,
        UsageStates::Latest => Dating::Latest,
    };
    let state = |request: &MachineRequest| RequestState {
        at: request.at,
        begun: request.begun,
        dating,
        tokens: request.tokens,
        model: request.model.clone(),
        source: 0_u8,
    };
    let RequestState { at, begun, tokens, model, .. } = merge(state(one), state(other));
    let says_more = if (tokens, &model) == (one.tokens, &one.model) { one } else { other };
    MachineRequest { at, begun, tokens, model, source: says_more.source, ..one.clone() }
}

/// What is given, as the hub reads it.
pub(crate) fn body(
    page: &Page,
    (epoch, from, again): (&str, u64, bool),
    sources: &[OwnSource],
    coverage: &[CoverageSpan],
) -> String {
    json!({
        "epoch": epoch,
        "from": from,
        "to": page.to,
        "again": again,
        "messages": page.messages.iter().map(|message| message.cast_signed()).collect::<Vec<_>>(),
        "sources": sources.iter().map(source).collect::<Vec<_>>(),
        "coverage": coverage.iter().map(span).collect::<Vec<_>>(),
        "requests": page.requests.iter().map(request).collect::<Vec<_>>(),
    })
    .to_string()
}

fn source(source: &OwnSource) -> Value {
    json!({
        "number": source.number,
        "service": source.said.service.map(Source::as_str),
        "region": source.said.region.map(Region::as_str),
        "user": ids(&source.said.user),
    })
}

/// The hashed ids that an account is known by; none where they may be another's.
pub(crate) fn ids(user: &UserIds) -> BTreeMap<&'static str, &str> {
    let ids = [("quota", &user.quota), ("profile", &user.profile), ("organization", &user.organization)];
    let known = ids.into_iter().filter_map(|(part, id)| Some((part, id.as_deref()?)));
    known.filter(|_| !user.unknown).collect()
}

fn span(span: &CoverageSpan) -> Value {
    json!({
        "client": span.format,
        "from": span.from.timestamp_millis(),
        "to": span.to.timestamp_millis(),
    })
}

fn request(request: &MachineRequest) -> Value {
    json!({
        "fingerprint": request.fingerprint.cast_signed(),
        "message": request.message.map(u64::cast_signed),
        "at": request.at,
        "begun": request.begun,
        "source": request.source,
        "client": request.client,
        "model": request.model,
        "project": request.project,
        "input": request.tokens.input,
        "cache_read": request.tokens.cache_read,
        "cache_write": request.tokens.cache_write,
        "cache_write_1h": request.tokens.cache_write_1h,
        "output": request.tokens.output,
    })
}
