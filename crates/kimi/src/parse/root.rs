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

/// Whether an object, or the wrapper inside it, says that it is an error.
fn refuses(map: &Map<String, Value>, wanted: &[&str], depth: usize) -> bool {
    let member = |name: &str| map.iter().find(|(key, value)| is_named(key, name) && !value.is_null());
    let value = |name: &str| member(name).map(|(_, value)| value);
    let inner = WRAPPERS.iter().find_map(|name| value(name)?.as_object());
    let has_own =
        map.iter().any(|(key, value)| !value.is_null() && wanted.iter().any(|name| is_named(key, name)));
    let has_wanted = has_own || value("data").is_some();

    let code_refuses = match value("code") {
        Some(code @ (Value::Number(_) | Value::String(_))) => !is_success(code),
        _ => value("scode").is_some_and(|scode| scode.is_string() && !is_success(scode)),
    };
    let status_refuses = value("status") == Some(&Value::Bool(false));
    let error_refuses = !has_wanted
        && value("error").is_some_and(|error| match error {
            Value::Bool(set) => *set,
            Value::String(text) => !text.trim().is_empty(),
            Value::Object(map) => !map.is_empty(),
            _ => false,
        });
    let message_refuses = !has_wanted
        && ["message", "detail", "msg", "error_description"]
            .iter()
            .any(|name| value(name).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty()));
    // The local server of Kimi Code answers its errors with `{"code":0,"data":{"kind":"error",…}}`.
    let kind_refuses = !has_own
        && value("kind").and_then(Value::as_str).is_some_and(|kind| {
            ["error", "failed", "failure"].iter().any(|word| kind.trim().eq_ignore_ascii_case(word))
        });
    let inner_refuses =
        || !has_own && depth < DEEPEST && inner.is_some_and(|inner| refuses(inner, wanted, depth + 1));

    code_refuses || status_refuses || error_refuses || message_refuses || kind_refuses || inner_refuses()
}

/// Whether a `code` says that all is well: 0, 200, `"0x0"`, `"ok"`, `"success"`, nothing.
fn is_success(code: &Value) -> bool {
    if let Field::Known(number) = number(code) {
        return number.is_zero() || number == Decimal::from(200);
    }
    code.as_str().is_some_and(|word| {
        matches!(word.trim().to_ascii_lowercase().as_str(), "" | "ok" | "0x0" | "success" | "succeeded")
    })
}

/// The part of a body that holds one of the keys, searched for in wrappers such as `{"data":{…}}` or
/// `{"code":0,"data":{"quota":{…}}}`; where no wrapper holds them, the innermost.
pub(super) fn unwrap<'a>(root: Node<'a>, keys: &'a [&'a str]) -> Node<'a> {
    let mut node = root;
    for _ in 0..DEEPEST {
        if node.has(keys) {
            break;
        }
        match node.object_if_any(&WRAPPERS) {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}
