//! Answers that are errors, with their status and headers.
//!
//! An input is the status on a line, a header a line, an empty line, and the body.

use tidemark_core::Source;
use tidemark_core::text::{MAX_SENTENCE_CHARS, clean};
use tidemark_kimi::explain;

use super::bodies::at;
use crate::law::{Outcome, are_equal, has_no_key, holds, is_kept};
use crate::random::Random;
use crate::shapes::ERRORS;
use crate::target::Target;
use crate::{bytes, json};

/// Explains errors.
pub(super) struct Errors;

const STATUSES: &[&str] = &[
    "0", "200", "301", "400", "401", "402", "403", "404", "408", "413", "429", "451", "499", "500", "503",
    "504", "529", "999", "65535",
];
const WAITS: &[&str] = &[
    "-1",
    "0",
    "1.5",
    "1e9",
    "18446744073709551616",
    "9223372036854775807",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Fri, 20 Nov 2026 10:05:00 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "soon",
    "NaN",
    "3600, 7",
    "１０",
    "\u{1b}[2J",
];

impl Target for Errors {
    fn input(&self, random: &mut Random) -> Vec<u8> {
        let text = random.pick(ERRORS);
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut body = body.as_bytes().to_vec();
        if !random.one_in(4) {
            json::change(random, &mut body);
        }
        let mut lines: Vec<String> = head.lines().map(str::to_owned).collect();
        if random.one_in(2) {
            random.pick(STATUSES).clone_into(&mut lines[0]);
        }
        if random.one_in(2) {
            let name =
                random.pick(&["Retry-After", "retry-after-ms", "Date", "x-ratelimit-reset", "X-Msh-Trace"]);
            lines.push(format!("{name}: {}", random.pick(WAITS)));
        }
        let mut input = lines.join("\n").into_bytes();
        input.extend_from_slice(b"\n\n");
        input.extend(body);
        if random.one_in(3) {
            bytes::damage(random, &mut input);
        }
        input
    }

    fn check(&mut self, input: &[u8]) -> Outcome {
        let end = input.windows(2).position(|two| two == b"\n\n").unwrap_or(input.len());
        let head = String::from_utf8_lossy(&input[..end]).into_owned();
        let body = input.get(end + 2..).unwrap_or_default();
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.trim().parse().ok()).unwrap_or(500);
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        for source in [None, Some(Source::KimiCode), Some(Source::Platform)] {
            let failure = explain(status, &headers, source, body, at());
            are_equal("an error means one thing", &failure, &explain(status, &headers, source, body, at()))?;
            has_no_key("message", &failure.message)?;
            // It is cleaned where it is shown; there its length counts.
            is_kept("message", &clean(&failure.message), MAX_SENTENCE_CHARS)?;
            if let Some(wait) = failure.retry_after {
                // Up to what any reader of JSON can hold; how long it is obeyed is decided by whoever waits.
                holds("a wait is a number", wait.as_secs() < 1 << 53, || format!("{wait:?}"))?;
            }
        }
        Ok(())
    }
}
