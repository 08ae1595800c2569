//! What is written of programs that say themselves what they used.

use tidemark_core::intake::InputConvention;

use super::UsageOrigin;

/// What is written at once, of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeBatch {
    /// Where it is from: a stable word such as `otlp`.
    pub source: String,
    /// How far the source was read, in the reader's own words; `None` leaves what is.
    pub mark: Option<String>,
    /// When it became known, in milliseconds since 1970.
    pub known: i64,
    /// Instants that no sum spans, in order, in milliseconds since 1970.
    pub cuts: Vec<i64>,
    /// What was sent.
    pub records: Vec<IntakeRecord>,
}

/// Requests within a span, or a single one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeRecord {
    /// Equal where it is the same.
    pub fingerprint: u64,
    /// When the span ended, in milliseconds since 1970.
    pub at: i64,
    /// When it began, likewise, if known.
    pub begun: Option<i64>,
    /// The model's canonical name.
    pub model: String,
    /// What it is from.
    pub origin: UsageOrigin,
    /// The number of its provider, by [`crate::Store::usage_provider`].
    pub provider: Option<i64>,
    /// Counts of input, read from the cache, written to it, output.
    pub counts: [Option<IntakeCount>; 4],
    /// What the input counts.
    pub convention: InputConvention,
    /// How a log of the same requests is known.
    pub seen_in: IntakeMatch,
}

/// A count as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntakeCount {
    /// What was used within the span.
    Delta(u64),
    /// A running total.
    Cumulative {
        /// The series that is being counted.
        series: u64,
        /// When it began, in nanoseconds since 1970; 0 if not known.
        start: u64,
        /// When this was the count.
        time: u64,
        /// The count.
        value: u64,
    },
}

/// How a log of the same requests is known. Where there is one, the log counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntakeMatch {
    /// No log has them.
    Nothing,
    /// It has the same session.
    Session,
    /// It is of this format, and has a request of the same model at that time.
    Format(String),
    /// It has a request with the same tokens at that time, one for each.
    Figures,
}

/// What a batch came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IntakeOutcome {
    /// Records that added something.
    pub counted: u64,
    /// Those that a log has too, and that are not counted.
    pub in_logs: u64,
    /// Counts of series that are too many.
    pub refused: u64,
}
