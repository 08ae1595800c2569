//! An export of metrics, whichever form it has: only the metrics that are read, and of them what is read.

use std::rc::Rc;

/// Names and values, as texts. What is no text, number or switch has an empty one.
pub(super) type Attributes = Vec<(String, String)>;

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// `application/json`
    Json,
    /// `application/x-protobuf`
    Protobuf,
}

/// Why a body could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It is not what its type says, or is cut off.
    #[error("the export could not be understood")]
    NotUnderstood,
    /// It has more points than one export may have.
    #[error("the export has more than {MAX_POINTS} data points")]
    TooMany,
}

/// The most points of one export.
pub(super) const MAX_POINTS: usize = 20_000;

/// The metrics of an export that say something of tokens.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Export {
    pub(super) metrics: Vec<Metric>,
}

/// One of the metrics that are read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Metric {
    pub(super) resource: Rc<Attributes>,
    pub(super) scope: Rc<str>,
    pub(super) name: Name,
    pub(super) temporality: Option<Temporality>,
    /// Whether it only grows.
    pub(super) is_monotonic: bool,
    pub(super) points: Vec<DataPoint>,
}

/// The metrics that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    ClaudeCode,
    Codex,
    GenAi,
}

impl Name {
    pub(super) fn of(name: &str) -> Option<Self> {
        [Self::ClaudeCode, Self::Codex, Self::GenAi].into_iter().find(|known| known.as_str() == name)
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude_code.token.usage",
            Self::Codex => "codex.turn.token_usage",
            Self::GenAi => "gen_ai.client.token.usage",
        }
    }
}

/// What a point counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Temporality {
    /// What was used since the point before.
    Delta,
    /// What was used since the start.
    Cumulative,
}

impl Temporality {
    /// By its number in the protocol.
    pub(super) const fn of(number: i32) -> Option<Self> {
        match number {
            1 => Some(Self::Delta),
            2 => Some(Self::Cumulative),
            _ => None,
        }
    }
}

/// A point of a metric.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct DataPoint {
    pub(super) attributes: Attributes,
    /// When its span began, in nanoseconds since 1970; 0 if not said.
    pub(super) start: u64,
    /// When it ended.
    pub(super) time: u64,
    /// Of a histogram, the sum.
    pub(super) value: Option<Number>,
}

/// A value of a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Whole(i64),
    Float(f64),
}
