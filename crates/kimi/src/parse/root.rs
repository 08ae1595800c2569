//! The root of a body: is it an object at all, is it an error in disguise, and where is the part we want.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use tidemark_core::failure_cause::FailureCause;
use tidemark_core::{Failure, FailureKind, Source};

use super::fields::{Node, is_named, json_kind};
use super::value::{Field, number};
use crate::explain::explain;
use crate::html::html_title;
use crate::repair::{self, NotJson, Read};

/// The names of wrappers.
const WRAPPERS: [&str; 4] = ["data", "quota", "result", "user_info"];

/// No wrapper seen was deeper than two.
const DEEPEST: usize = 4;

/// A body, and what it was parsed to: once, whatever is read of it.
pub(crate) struct Parsed<'b> {
    body: &'b [u8],
    read: Result<Read, NotJson>,
}

impl<'b> Parsed<'b> {
    pub(crate) fn of(body: &'b [u8]) -> Self {
        Self { body, read: repair::read(body) }
    }

    pub(super) const fn body(&self) -> &'b [u8] {
        self.body
    }

    /// What it holds, if it is JSON.
    pub(super) fn value(&self) -> Option<&Value> {
        self.read.as_ref().ok().map(|read| &read.value)
    }
}

/// The object that a body is.
pub(super) struct Body<'p> {
    pub(super) map: &'p Map<String, Value>,
    /// The paths of what had to be marked for the body to be read.
    pub(super) damaged: Vec<String>,
}

/// The object that a body is, or what was found instead.
pub(super) fn object<'p>(parsed: &'p Parsed<'_>, expected: &str) -> Result<Body<'p>, Failure> {
    let body = parsed.body;
    let page = || {
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}').trim_start();
        text.starts_with('<').then(|| match html_title(text) {
            Some(title) => {
                (format!("an HTML page titled \"{title}\""), FailureCause::AnswerIsPage { said: Some(title) })
            }
            None => ("an HTML page".to_owned(), FailureCause::AnswerIsPage { said: None }),
        })
    };
    let (found, cause) = match &parsed.read {
        Ok(Read { value: Value::Object(map), damaged }) => {
            return Ok(Body { map, damaged: damaged.clone() });
        }
        Ok(read) => {
            let kind = json_kind(&read.value);
            (format!("a JSON {kind}"), FailureCause::AnswerIsOtherJson { kind: kind.replace(' ', "-") })
        }
        Err(NotJson::Empty) => ("an empty body".to_owned(), FailureCause::AnswerEmpty),
        Err(NotJson::NotUtf8(at)) => page().unwrap_or_else(|| {
            let cause = FailureCause::AnswerNotText { byte: *at as u64 };
            (format!("bytes that are not UTF-8 (at byte {at})"), cause)
        }),
        Err(NotJson::Syntax(error)) => page().unwrap_or_else(|| {
            let (line, column) = (error.line() as u64, error.column() as u64);
            if error.is_eof() {
                let cause = FailureCause::AnswerCutOff { bytes: body.len() as u64 };
                (format!("JSON that is cut off after {} bytes", body.len()), cause)
            } else {
                let cause = FailureCause::AnswerNotJson { line, column };
                (format!("text that is not JSON (line {line}, column {column})"), cause)
            }
        }),
    };
    Err(Failure::new(
        FailureKind::NotUnderstood,
        format!("expected a JSON object with {expected}, found {found}"),
    )
    .with_cause(cause))
}

/// The error that a body with status 200 carries instead of what was asked for, if it does.
///
/// `wanted` are the keys of what was asked for: an `error` beside them is only a remark.
pub(super) fn refusal(
    map: &Map<String, Value>,
    wanted: &[&str],
    source: Source,
    body: &[u8],
    at: DateTime<Utc>,
) -> Option<Failure> {
    refuses(map, wanted, 0).then(|| explain(200, &[], Some(source), body, at))
}

/// Members that say by a truth value whether all is well.
const WELL: [&str; 6] = ["success", "ok", "succeeded", "successful", "is_success", "status"];

/// Members that say by a word how it went.
const STATES: [&str; 6] = ["status", "kind", "type", "state", "result", "success"];

/// Members that hold the number or the word of a fault.
const CODES: [&str; 8] =
    ["code", "error_code", "err_code", "errcode", "errno", "ret", "ret_code", "status_code"];

/// Words for what did not go well, between whatever else stands in a state such as `STATUS_ERROR`.
const FAILED: [&str; 20] = [
    "error",
    "errored",
    "err",
    "fail",
    "failed",
    "failure",
    "false",
    "exception",
    "unauthorized",
    "unauthenticated",
    "forbidden",
    "denied",
    "rejected",
    "refused",
    "timeout",
    "unavailable",
    "overloaded",
    "maintenance",
    "ko",
    "nok",
];

/// Whether an object, or the wrapper inside it, says that it is an error.
fn refuses(map: &Map<String, Value>, wanted: &[&str], depth: usize) -> bool {
    let value = |name: &str| {
        map.iter().find(|(key, value)| is_named(key, name) && !value.is_null()).map(|(_, value)| value)
    };
    let is_wanted = |key: &str| wanted.iter().any(|name| is_named(key, name));
    let has_own = map.iter().any(|(key, value)| !value.is_null() && is_wanted(key));
    let gives = gives(map, wanted, 0);
    let says = |names: &'static [&'static str]| {
        // What was asked for may bear the same name, and is no word on how it went.
        names.iter().filter(|name| !is_wanted(name)).filter_map(|name| value(name))
    };

    let code_refuses = says(&CODES).any(|code| (code.is_number() || code.is_string()) && !is_success(code))
        || value("code").is_none()
            && value("scode").is_some_and(|scode| scode.is_string() && !is_success(scode));
    let state_refuses = says(&WELL).any(|well| *well == Value::Bool(false))
        || says(&["success", "ok"]).any(|well| matches!(number(well), Field::Known(well) if well.is_zero()))
        || says(&STATES).any(is_failed);
    let is_well = says(&WELL).any(|well| *well == Value::Bool(true)) || value("code").is_some_and(is_success);
    let error_refuses = !gives
        && ["error", "errors", "exception", "is_error", "has_error"]
            .iter()
            .filter_map(|name| value(name))
            .any(|error| match error {
                Value::Bool(set) => *set,
                Value::String(text) => !text.trim().is_empty(),
                Value::Object(map) => !map.is_empty(),
                Value::Array(list) => !list.is_empty(),
                Value::Number(_) => !is_success(error),
                Value::Null => false,
            });
    // An envelope has a message also where all is well.
    let answers = gives || has_own || is_well && value("data").is_some();
    let message_refuses = !answers
        && ["message", "detail", "msg", "error_description", "error_message", "err_msg", "reason"]
            .iter()
            .any(|name| {
                value(name)
                    .and_then(Value::as_str)
                    .is_some_and(|text| !text.trim().is_empty() && !is_well_word(text))
            });
    let inner = WRAPPERS.iter().find_map(|name| value(name)?.as_object());
    let inner_refuses =
        || !has_own && depth < DEEPEST && inner.is_some_and(|inner| refuses(inner, wanted, depth + 1));

    code_refuses || state_refuses || error_refuses || message_refuses || inner_refuses()
}

/// Whether an object, or the wrapper inside it, holds anything of what was asked for.
fn gives(map: &Map<String, Value>, wanted: &[&str], depth: usize) -> bool {
    let holds = |value: &Value| match value {
        Value::Null => false,
        Value::Object(map) => map.values().any(|value| !value.is_null()),
        Value::Array(list) => !list.is_empty(),
        _ => true,
    };
    map.iter().any(|(key, value)| wanted.iter().any(|name| is_named(key, name)) && holds(value))
        || depth < DEEPEST
            && map.iter().any(|(key, value)| {
                let inner = value.as_object().filter(|_| WRAPPERS.iter().any(|name| is_named(key, name)));
                inner.is_some_and(|inner| gives(inner, wanted, depth + 1))
            })
}

/// Whether a state says that it did not go well: `error`, `STATUS_FAILED`, `"false"`, a status of HTTP from 400 on.
fn is_failed(state: &Value) -> bool {
    match state {
        Value::String(word) => {
            let word = word.trim().to_ascii_lowercase();
            word.len() <= 40 && word.split(['_', '-', ' ', '.']).any(|part| FAILED.contains(&part))
        }
        Value::Number(number) => number.as_u64().is_some_and(|status| (400..600).contains(&status)),
        _ => false,
    }
}

/// Whether a `code` says that all is well: 0, 200, `"0x0"`, `"ok"`, `"success"`, nothing.
fn is_success(code: &Value) -> bool {
    if let Field::Known(number) = number(code) {
        return number.is_zero() || number == Decimal::from(200);
    }
    code.as_str().is_some_and(is_well_word)
}

fn is_well_word(word: &str) -> bool {
    let word = word.trim().to_ascii_lowercase();
    matches!(
        word.as_str(),
        "" | "ok" | "0x0" | "success" | "succeeded" | "successful" | "fine" | "done" | "成功"
    )
}

/// The part of a body that holds one of the keys, searched for in wrappers such as `{"data":{…}}` or
/// `{"code":0,"data":{"quota":{…}}}`; where no wrapper holds them, the innermost.
pub(super) fn unwrap<'a>(root: Node<'a>, keys: &'a [&'a str]) -> Node<'a> {
    unwrap_within(root, keys).inner
}

/// A part of a body and what it was found in.
pub(super) struct Unwrapped<'a> {
    pub(super) inner: Node<'a>,
    /// The wrappers, outermost first, each with the key that leads inwards.
    pub(super) around: Vec<(Node<'a>, &'a str)>,
}

/// [`unwrap`], with the wrappers.
pub(super) fn unwrap_within<'a>(root: Node<'a>, keys: &'a [&'a str]) -> Unwrapped<'a> {
    let mut node = root;
    let mut around = Vec::new();
    for _ in 0..DEEPEST {
        if node.has(keys) {
            break;
        }
        match node.entry_if_any(&WRAPPERS) {
            Some((key, inner)) => around.push((std::mem::replace(&mut node, inner), key)),
            None => break,
        }
    }
    Unwrapped { inner: node, around }
}
