//! What cannot be right about an anomaly, in a sentence or two: the first page of a report and the text to the service
//! say the same.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::Words;
use crate::finding::{Anomaly, Finding};
use crate::message::Messages;

/// What these messages say stands beside the reason: when, and how much.
const SAID_ELSEWHERE: [&str; 5] =
    ["lost", "lost-in-new-cycle", "lost-in-steps", "emptied", "emptied-in-new-cycle"];

/// Why an anomaly cannot be right: what its explanation says beyond time and amount, or what its class means.
#[must_use]
pub fn reason(words: &dyn Words, finding: &Finding, class: Anomaly, now: DateTime<Utc>, zone: Tz) -> String {
    let mut rest = finding.messages.explanation.clone();
    rest.retain(|message| !SAID_ELSEWHERE.contains(&message.id().as_str()));
    if rest.is_empty() {
        return words.say(&format!("report-reason-{}", class.as_str()), &[]);
    }
    let said = Finding { messages: Messages { explanation: rest, evidence: Vec::new() }, ..finding.clone() };
    words.finding(&said, now, zone).0
}
