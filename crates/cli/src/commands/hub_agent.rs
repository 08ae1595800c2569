//! What `tidemark hub status` says of giving by the background agent.

use chrono::Utc;
use serde_json::{Value, json};
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_hub::AgentState;

use super::hub_problem::problem;
use crate::output::Output;

/// As JSON; `null` where it never tried.
pub(super) fn document(agent: &AgentState) -> Value {
    let Some(tried_at) = agent.tried_at else { return Value::Null };
    let problem = agent.problem().map(|found| {
        let error = problem(found);
        json!({ "kind": error.kind, "message": error.message })
    });
    json!({ "tried_at": format_rfc3339(tried_at), "done_at": agent.done_at.map(format_rfc3339),
        "failures": agent.failures, "problem": problem })
}

/// As a line for people; `None` where it never tried.
pub(super) fn line(output: &Output, agent: &AgentState) -> Option<String> {
    let tried_at = agent.tried_at?;
    let words = &output.words;
    let time = |at| words.moment(at, Utc::now(), output.zone);
    let Some(found) = agent.problem() else {
        return Some(words.with("cli-hub-agent", [("time", time(agent.done_at.unwrap_or(tried_at)).into())]));
    };
    let kind = found.kind.as_str();
    let why = words.failure_title(kind, None).map_or_else(|| kind.to_owned(), |(title, _)| title);
    Some(words.with("cli-hub-agent-failed", [("time", time(tried_at).into()), ("why", why.into())]))
}
