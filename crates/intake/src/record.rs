//! What is learned of requests, whatever it was read from.

use tidemark_core::intake::InputConvention;
use url::Url;

/// Requests of one program within a span of time, or a single one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Equal where it is the same: of a metric its series and span, of a request its id.
    pub fingerprint: u64,
    /// When the span ended, in milliseconds since 1970.
    pub at: i64,
    /// When it began, in milliseconds since 1970, if known.
    pub begun: Option<i64>,
    /// The model's canonical name.
    pub model: String,
    /// The program's name for its session, or its own name; empty if there is none.
    pub session: String,
    /// The program's own name, such as `claude-code`.
    pub program: Option<String>,
    /// Where the requests went, in a word: the address's host, or what the program calls the provider.
    pub provider: String,
    /// The address that the requests went to, if known.
    pub base_url: Option<Url>,
    /// What is known of each kind of tokens: input, read from the cache, written to it, output.
    pub counts: [Option<Count>; 4],
    /// What the input counts.
    pub convention: InputConvention,
    /// By what a log that has the same requests is known.
    pub seen_in: SeenIn,
}

/// A count as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// What was used within the span.
    Delta(u64),
    /// What was used since the program began to count.
    Cumulative {
        /// The series that is being counted.
        series: u64,
        /// When it began, in nanoseconds since 1970; 0 if the program does not say.
        start: u64,
        /// When this was the count, in nanoseconds since 1970.
        time: u64,
        /// The count.
        value: u64,
    },
}

/// The kinds of tokens, by their places in [`Record::counts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Input,
    CacheRead,
    CacheWrite,
    Output,
}

/// By what a log that has the same requests is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeenIn {
    /// No log has them.
    Nothing,
    /// The log of the same session.
    Session,
    /// Logs of this format, by model and time: the program names no session.
    Format(&'static str),
    /// A request in any log with the same figures at the same time.
    Figures,
}
