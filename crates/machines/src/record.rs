//! The records, one a line of JSON, that one machine gives another.
//!
//! | kind | what it says |
//! |---|---|
//! | `machine` | whose records follow: first line of every answer, and of every part of a file |
//! | `source` | which service and whose account requests went to: hashed ids of the user, never a key |
//! | `coverage` | from when to when all logs of a format are known |
//! | `request` | a request, or the state of it that is known now |
//! | `cursor` | up to here everything was said |
//! | `end` | the same, and that nothing follows |
//!
//! Each is a fact of its own. Kinds and fields of later versions are skipped, and counted where a whole line is. What
//! is read is bounded in length and cleaned.

use std::borrow::Cow;
use std::io::{self, Write};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tidemark_core::reading::UserIds;
use tidemark_core::{Region, Source, Tokens, text};
use tidemark_store::{CoverageSpan, MachineRequest, MachineSource, SourceSaid, UsageStates};

use crate::cursor::{Cursor, MAX_CURSOR_LEN};
use crate::identity;

/// The version of the records that this program writes. A reader of an earlier one skips what it does not know.
pub const VERSION: u32 = 1;
/// The longest line that is read, in bytes.
pub const MAX_LINE_LEN: usize = 16 * 1024;
/// More tokens than any request can have. Whatever claims more is not a count.
const MAX_TOKENS: u64 = 1 << 40;
/// The last millisecond of the year 9999, the last that a calendar can name.
const LAST_MILLIS: i64 = 253_402_300_799_999;
/// The longest hashed id of a user, in characters.
const MAX_HASH_CHARS: usize = 64;

/// Whose records follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The machine's id.
    pub machine: String,
    /// What it calls itself.
    pub name: String,
    /// The run under which it gives them away.
    pub run: String,
    /// Its time.
    pub at: DateTime<Utc>,
    /// The version of its program.
    pub program: String,
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// Whose records follow.
    Machine(Header),
    /// Which service and whose account requests went to.
    Source(MachineSource),
    /// From when to when all logs of a format are known.
    Coverage(CoverageSpan),
    /// A request.
    Request(Box<MachineRequest>),
    /// Up to here everything was said.
    Cursor(Cursor),
    /// Up to here everything was said, and nothing follows.
    End(Cursor),
}

/// Why a line is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotARecord {
    /// A kind that this version does not know.
    #[error("a record of a kind that this version does not know")]
    UnknownKind,
    /// It is no JSON, too long, or its fields make no sense.
    #[error("not a record")]
    Malformed,
}

/// The fields of all kinds.
#[derive(Serialize, Deserialize, Default)]
struct Fields<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    machine: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    program: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    begun: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<UserIds>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    input: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    cache_read: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    cache_write: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    cache_write_1h: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    output: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    named: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    states: Option<UsageStates>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields so")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Record {
    /// Reads a line, without its end.
    ///
    /// # Errors
    /// [`NotARecord`], by case.
    pub fn read(line: &[u8]) -> Result<Self, NotARecord> {
        if line.len() > MAX_LINE_LEN {
            return Err(NotARecord::Malformed);
        }
        let Ok(fields) = serde_json::from_slice::<Fields<'_>>(line) else {
            return Err(unknown_or_malformed(line));
        };
        let read = match &*fields.kind {
            "machine" => fields.header().map(Self::Machine),
            "source" => fields.source().map(Self::Source),
            "coverage" => fields.coverage().map(Self::Coverage),
            "request" => fields.request().map(|request| Self::Request(Box::new(request))),
            "cursor" => fields.cursor().map(Self::Cursor),
            "end" => fields.cursor().map(Self::End),
            _ => return Err(NotARecord::UnknownKind),
        };
        read.ok_or(NotARecord::Malformed)
    }

    /// Writes it as a line.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let kind = |kind: &'static str| Fields { kind: Cow::Borrowed(kind), ..Fields::default() };
        let fields = match self {
            Self::Machine(header) => Fields {
                version: Some(VERSION),
                machine: Some(header.machine.clone()),
                name: Some(header.name.clone()),
                run: Some(header.run.clone()),
                at: Some(header.at.timestamp_millis()),
                program: Some(header.program.clone()),
                ..kind("machine")
            },
            Self::Source(source) => Fields {
                number: Some(source.number),
                service: source.said.service.map(|service| service.as_str().to_owned()),
                region: source.said.region.map(|region| region.as_str().to_owned()),
                user: (!source.said.user.is_empty()).then(|| source.said.user.clone()),
                at: Some(source.as_of.timestamp_millis()),
                ..kind("source")
            },
            Self::Coverage(span) => Fields {
                client: Some(span.format.clone()),
                from: Some(span.from.timestamp_millis()),
                to: Some(span.to.timestamp_millis()),
                ..kind("coverage")
            },
            Self::Request(request) => Fields {
                id: Some(format!("{:016x}", request.fingerprint)),
                at: Some(request.at),
                begun: request.begun,
                model: Some(request.model.clone()),
                source: request.source,
                client: Some(request.client.clone()),
                project: request.project.clone(),
                input: request.tokens.input,
                cache_read: request.tokens.cache_read,
                cache_write: request.tokens.cache_write,
                cache_write_1h: request.tokens.cache_write_1h,
                output: request.tokens.output,
                message: request.message.map(|message| format!("{message:016x}")),
                named: request.message.is_some() && request.named,
                states: request
                    .message
                    .map(|_| request.states)
                    .filter(|states| *states != UsageStates::First),
                ..kind("request")
            },
            Self::Cursor(cursor) => Fields { cursor: Some(cursor.to_string()), ..kind("cursor") },
            Self::End(cursor) => Fields { cursor: Some(cursor.to_string()), ..kind("end") },
        };
        serde_json::to_writer(&mut *out, &fields)?;
        out.write_all(b"\n")
    }
}

/// Whether what could not be read is of a later version: a known field may mean something else in it.
fn unknown_or_malformed(line: &[u8]) -> NotARecord {
    #[derive(Deserialize)]
    struct Kind {
        kind: String,
    }
    let known = ["machine", "source", "coverage", "request", "cursor", "end"];
    match serde_json::from_slice::<Kind>(line) {
        Ok(Kind { kind }) if !known.contains(&kind.as_str()) => NotARecord::UnknownKind,
        _ => NotARecord::Malformed,
    }
}

impl Fields<'_> {
    fn header(self) -> Option<Header> {
        let run =
            self.run.filter(|run| run.len() == 16 && run.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        Some(Header {
            machine: self.machine.filter(|id| identity::is_id(id))?,
            name: identity::tidy(&self.name?),
            run,
            at: instant(self.at?)?,
            program: text::name(&self.program.unwrap_or_default()),
        })
    }

    fn source(self) -> Option<MachineSource> {
        let hash = |id: Option<String>| id.map(|id| text::bounded(&id, MAX_HASH_CHARS));
        let user = self.user.unwrap_or_default();
        Some(MachineSource {
            number: self.number?,
            said: SourceSaid {
                // A service of a later version is none that is known.
                service: self.service.and_then(|word| word.parse::<Source>().ok()),
                region: self.region.and_then(|word| word.parse::<Region>().ok()),
                user: UserIds {
                    quota: hash(user.quota),
                    profile: hash(user.profile),
                    organization: hash(user.organization),
                    unknown: false,
                },
            },
            as_of: instant(self.at?)?,
        })
    }

    fn coverage(self) -> Option<CoverageSpan> {
        let (from, to) = (instant(self.from?)?, instant(self.to?)?);
        (from < to).then_some(CoverageSpan { format: text::name(&self.client?), from, to })
    }

    fn request(self) -> Option<MachineRequest> {
        let tokens = Tokens {
            input: self.input,
            cache_read: self.cache_read,
            cache_write: self.cache_write,
            cache_write_1h: self.cache_write_1h,
            output: self.output,
        };
        let Tokens { input, cache_read, cache_write, cache_write_1h, output } = tokens;
        let counts = [input, cache_read, cache_write, output];
        if counts.iter().any(|count| *count > MAX_TOKENS) || cache_write_1h > cache_write {
            return None;
        }
        let in_calendar = |at: &i64| (0..=LAST_MILLIS).contains(at);
        let message = match self.message {
            None => None,
            Some(message) => Some(hexadecimal(&message)?),
        };
        Some(MachineRequest {
            fingerprint: hexadecimal(&self.id?)?,
            message,
            named: self.named,
            states: self.states.unwrap_or(UsageStates::First),
            at: self.at.filter(in_calendar)?,
            begun: self.begun.filter(in_calendar),
            model: text::name(&self.model?),
            source: self.source,
            client: text::name(&self.client?),
            project: self.project.map(|project| text::sentence(&project)),
            tokens,
        })
    }

    fn cursor(self) -> Option<Cursor> {
        self.cursor.filter(|text| text.len() <= MAX_CURSOR_LEN)?.parse().ok()
    }
}

fn hexadecimal(text: &str) -> Option<u64> {
    let is_hexadecimal = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hexadecimal.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

fn instant(millis: i64) -> Option<DateTime<Utc>> {
    (0..=LAST_MILLIS).contains(&millis).then(|| DateTime::from_timestamp_millis(millis)).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(record: &Record) -> Vec<u8> {
        let mut line = Vec::new();
        record.write(&mut line).unwrap();
        assert_eq!(line.pop(), Some(b'\n'));
        line
    }

    fn states() -> impl Strategy<Value = UsageStates> {
        use UsageStates::{First, Growing, Latest, Together};
        prop::sample::select(vec![First, Together, Growing, Latest])
    }

    fn request() -> impl Strategy<Value = MachineRequest> {
        let counts = (0..=MAX_TOKENS, 0..=MAX_TOKENS, 0..=MAX_TOKENS, 0..=MAX_TOKENS, 0_u64..9);
        let text = "[a-z/ 工]{0,12}";
        (
            any::<u64>(),
            any::<Option<u64>>(),
            (any::<bool>(), states()),
            0..=LAST_MILLIS,
            prop::option::of(0..=LAST_MILLIS),
            (text, text, prop::option::of(text)),
            prop::option::of(any::<i64>()),
            counts,
        )
            .prop_map(
                |(fingerprint, message, state, at, begun, (model, client, project), source, counts)| {
                    let (input, cache_read, cache_write, output, cache_write_1h) = counts;
                    MachineRequest {
                        fingerprint,
                        message,
                        named: message.is_some() && state.0,
                        states: message.map_or(UsageStates::First, |_| state.1),
                        at,
                        begun,
                        model,
                        source,
                        client,
                        project,
                        tokens: Tokens {
                            input,
                            cache_read,
                            cache_write,
                            cache_write_1h: cache_write_1h.min(cache_write),
                            output,
                        },
                    }
                },
            )
    }

    proptest! {
        #[test]
        fn a_request_is_read_as_it_was_written(request in request()) {
            let record = Record::Request(Box::new(request));
            prop_assert_eq!(Record::read(&line(&record)), Ok(record));
        }

        #[test]
        fn whatever_a_line_says_is_bounded_and_clean(
            kind in "machine|source|coverage|request|cursor|end|later",
            name: String,
            id in "[0-9a-f]{16}|[0-9a-f]{32}",
            number: i64,
        ) {
            let json = serde_json::json!({
                "kind": kind, "name": name.repeat(20), "machine": id, "id": id, "run": id, "at": number,
                "number": number, "model": name, "client": name, "project": name, "from": 0, "to": number,
                "user": {"quota": name, "new": 1}, "service": name, "cursor": name, "program": name,
                "message": id, "input": number.unsigned_abs(), "of a later version": [name],
            });
            match Record::read(json.to_string().as_bytes()) {
                Ok(Record::Machine(header)) => {
                    prop_assert!(text::is_clean(&header.name) && text::is_clean(&header.program));
                    prop_assert!(header.name.chars().count() <= identity::MAX_NAME_CHARS);
                }
                Ok(Record::Request(request)) => {
                    let texts = [Some(&request.model), Some(&request.client), request.project.as_ref()];
                    prop_assert!(texts.into_iter().flatten().all(|text| text::is_clean(text)));
                    prop_assert!(request.tokens.input <= MAX_TOKENS);
                }
                Ok(Record::Source(source)) => {
                    let quota = source.said.user.quota.unwrap_or_default();
                    prop_assert!(text::is_clean(&quota) && quota.chars().count() <= MAX_HASH_CHARS);
                }
                Ok(_) | Err(_) => {}
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Record::read(&bytes);
        }
    }

    #[test]
    fn the_other_kinds_are_read_as_they_were_written() {
        let at: DateTime<Utc> = "2026-03-01T10:00:00Z".parse().unwrap();
        let cursor = Cursor { epoch: "ab".to_owned(), place: 9 };
        for record in [
            Record::Machine(Header {
                machine: "0123456789abcdef".repeat(2),
                name: "desk 工作".to_owned(),
                run: "0123456789abcdef".to_owned(),
                at,
                program: "9.9.9".to_owned(),
            }),
            Record::Source(MachineSource {
                number: 3,
                said: SourceSaid {
                    service: Some(Source::Platform),
                    region: Some(Region::Global),
                    user: UserIds { organization: Some("0f".to_owned()), ..UserIds::default() },
                },
                as_of: at,
            }),
            Record::Coverage(CoverageSpan {
                format: "kimi-cli".to_owned(),
                from: at,
                to: at + chrono::TimeDelta::hours(1),
            }),
            Record::Cursor(cursor.clone()),
            Record::End(cursor),
        ] {
            assert_eq!(Record::read(&line(&record)), Ok(record));
        }
    }

    #[test]
    fn lines_that_are_no_records() {
        use NotARecord::{Malformed, UnknownKind};
        for (text, why) in [
            ("", Malformed),
            ("{}", Malformed),
            ("tidemark: command not found", Malformed),
            (r#"{"kind":"weather"}"#, UnknownKind),
            (r#"{"kind":"weather","at":"noon"}"#, UnknownKind),
            (r#"{"kind":"request","at":"noon"}"#, Malformed),
            (r#"{"kind":"request","id":"0000000000000001","client":"a","model":"k","at":-1}"#, Malformed),
            (r#"{"kind":"request","id":"1","client":"a","model":"k","at":1}"#, Malformed),
            (
                r#"{"kind":"request","id":"0000000000000001","client":"a","model":"k","at":1,"input":1e99}"#,
                Malformed,
            ),
            (
                r#"{"kind":"request","id":"0000000000000001","client":"a","model":"k","at":1,"output":9999999999999}"#,
                Malformed,
            ),
            (r#"{"kind":"coverage","client":"a","from":5,"to":5}"#, Malformed),
            (
                r#"{"kind":"machine","machine":"../../etc","name":"a","run":"0123456789abcdef","at":1}"#,
                Malformed,
            ),
            (r#"{"kind":"end","cursor":"1.zz.1"}"#, Malformed),
        ] {
            assert_eq!(Record::read(text.as_bytes()), Err(why), "{text}");
        }
        let long = format!(r#"{{"kind":"weather","of":"{}"}}"#, "a".repeat(MAX_LINE_LEN));
        assert_eq!(Record::read(long.as_bytes()), Err(Malformed));
    }
}
