//! `tidemark poll`: one look at every account, remembered, with what it led to.
//!
//! With `--json` it prints JSON Lines: readings, findings and failures; where it ends with another status
//! than 0, the last line is the error document. An account that was looked at a moment ago is told as it was
//! seen then; one whose service asked to wait counts as one that could not be read.

use std::io;
use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use tidemark_api::view::{Polled, SkippedPoll};
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_core::wire::Record;
use tidemark_core::{FailureKind, Reading};

use super::context::{Context, runtime};
use super::transport::connect;
use super::{findings, passphrase};
use crate::arguments::Poll;
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::output::{Output, Style, clean, reading};

/// A line of a failure with what is said about it.
#[derive(Serialize)]
struct FailureDocument<'a> {
    #[serde(flatten)]
    line: &'a Record,
    message: &'a str,
    retry_after_seconds: Option<u64>,
}

/// The service asked to wait: what was asked for was not done.
fn must_wait(skipped: &SkippedPoll) -> bool {
    skipped.why == "retry-after"
}

/// Runs it.
pub fn run(context: &Context, poll: &Poll) -> Result<Exit, CommandOutcome> {
    let mut output = context.output(None, None);
    let polled: Polled = runtime()?.block_on(async {
        let client = connect(context).await?;
        let named = poll.passphrase.passphrase_env.is_some();
        if named || passphrase::can_be_had(&poll.passphrase) && passphrase::is_needed(context)? {
            passphrase::unlock(&client, &poll.passphrase, &output).await?;
        }
        Ok::<_, CommandError>(client.send_json("POST", "/v1/poll", &json!({})).await?)
    })?;
    for skipped in &polled.skipped {
        output.say_left_alone(&skipped.account, &skipped.why, skipped.until);
    }
    for reading in &polled.not_stored {
        output.say_not_stored(&reading.account, &reading.cause, &reading.message);
    }
    if output.json {
        // The failures stand in the order of their lines.
        let mut failures = polled.failures.iter();
        for line in &polled.lines {
            match line {
                Record::Failure(_) if let Some(failed) = failures.next() => {
                    let (message, retry_after_seconds) =
                        (failed.message.as_str(), failed.retry_after_seconds);
                    output.document(&FailureDocument { line, message, retry_after_seconds })?;
                }
                line => output.document(line)?,
            }
        }
    } else {
        write(&mut output, &polled)?;
    }
    output.flush()?;
    match exit(&polled) {
        Exit::Done => Ok(Exit::Done),
        exit if output.json => Err(error(&polled, exit).into()),
        exit => Ok(exit),
    }
}

/// What went wrong, in one document.
fn error(polled: &Polled, exit: Exit) -> CommandError {
    let mut kinds: Vec<&str> = Vec::new();
    let mut told = Vec::new();
    let mut waits = Vec::new();
    for failed in &polled.failures {
        kinds.push(&failed.kind);
        told.push(format!("{}: {}", failed.account, failed.message));
        waits.extend(failed.retry_after_seconds);
    }
    for skipped in polled.skipped.iter().filter(|skipped| must_wait(skipped)) {
        // What the service said when it asked to wait is remembered.
        kinds.push(skipped.kind.as_deref().unwrap_or(FailureKind::RateLimited.word()));
        let until = format_rfc3339(skipped.until);
        told.push(format!("{}: skipped until {until}: the service asked to wait", skipped.account));
        waits.push(skipped.retry_after_seconds);
    }
    for reading in &polled.not_stored {
        kinds.push(&reading.cause);
        told.push(format!("{}: the reading was not stored: {}", reading.account, reading.message));
    }
    let word = match kinds.first() {
        Some(first) if kinds.iter().all(|kind| kind == first) => (*first).to_owned(),
        _ => "several-failures".to_owned(),
    };
    let retry_after = waits.into_iter().max().map(Duration::from_secs);
    CommandError { retry_after, ..CommandError::new(exit, word, told.join("; ")) }
}

/// All well; or all failed in the same way, and how; or some did. What was not stored was not done.
fn exit(polled: &Polled) -> Exit {
    if !polled.not_stored.is_empty() {
        return Exit::Failed;
    }
    let readings = polled.lines.iter().filter(|line| matches!(line, Record::Reading(_))).count();
    // Those that the service wants to be left alone were not read either.
    let waiting = polled.skipped.iter().filter(|skipped| must_wait(skipped)).map(|_| Exit::Later);
    let failed = polled.failures.iter().map(|failed| failed.kind.parse().map_or(Exit::Failed, Exit::of));
    let mut exits = failed.chain(waiting);
    match exits.next() {
        Some(first) if readings == 0 && exits.all(|exit| exit == first) => first,
        Some(_) => Exit::Failed,
        None => Exit::Done,
    }
}

fn write(output: &mut Output, polled: &Polled) -> io::Result<()> {
    if polled.lines.is_empty() && polled.skipped.is_empty() {
        let text = output.words.text("cli-poll-nothing");
        return output.line(text);
    }
    let mut found = Vec::new();
    for line in &polled.lines {
        match line {
            Record::Reading(line) => {
                let seen = Reading::from(line.clone());
                reading::write(output, &seen, line.account.as_deref(), seen.at)?;
            }
            Record::Finding(line) => found.push(line.clone()),
            _ => {}
        }
    }
    for failed in &polled.failures {
        let name = output.paint(Style::Strong, &clean(&failed.account));
        let what = output.paint(
            Style::Over,
            &failed.kind.parse().map_or_else(|_| failed.kind.clone(), |kind| output.words.failure(kind)),
        );
        let said = output.words.said(&what, &clean(&failed.message));
        output.line(format!("{name}  {said}"))?;
    }
    if !found.is_empty() {
        let head = output.heading(&output.words.text("cli-poll-found"));
        output.line("")?;
        output.line(head)?;
        findings::table(output, &found).write(output)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tidemark_api::view::{NotStored, PollFailure};

    use super::*;

    fn polled(readings: usize, kinds: &[&str], left: &[&str]) -> Polled {
        let reading: Record = serde_json::from_str(
            r#"{"type":"reading","at":"2026-10-01T00:00:00Z","source":"kimi-code","region":"china"}"#,
        )
        .unwrap();
        let failed = |kind: &&str| PollFailure {
            account: "a".into(),
            kind: (*kind).to_owned(),
            message: String::new(),
            retry_after_seconds: None,
        };
        let skipped = |why: &&str| SkippedPoll {
            account: "a".into(),
            why: (*why).to_owned(),
            until: "2026-10-01T00:01:00Z".parse().unwrap(),
            kind: None,
            retry_after_seconds: 60,
        };
        Polled {
            lines: vec![reading; readings],
            failures: kinds.iter().map(failed).collect(),
            skipped: left.iter().map(skipped).collect(),
            not_stored: Vec::new(),
        }
    }

    #[test]
    fn the_status_says_how_much_failed() {
        let status = |readings, kinds: &[&str], left: &[&str]| exit(&polled(readings, kinds, left));
        assert_eq!(status(0, &[], &[]), Exit::Done);
        assert_eq!(status(2, &[], &["retry-after"]), Exit::Failed, "one was not read");
        assert_eq!(status(0, &["overloaded"], &["retry-after"]), Exit::Later);
        assert_eq!(status(0, &["unauthorized"], &["retry-after"]), Exit::Failed);
        assert_eq!(status(1, &["unauthorized"], &[]), Exit::Failed);
        assert_eq!(status(0, &["unauthorized", "forbidden"], &[]), Exit::Refused);
        assert_eq!(status(0, &["unauthorized", "network"], &[]), Exit::Failed);
        assert_eq!(status(0, &["server-error"], &[]), Exit::Service);
        assert_eq!(status(0, &[], &["retry-after"]), Exit::Later);
        assert_eq!(status(0, &[], &["just-now"]), Exit::Done);
    }

    #[test]
    fn a_reading_that_was_not_stored_is_a_failure_with_its_cause() {
        let lost = NotStored {
            account: "work".into(),
            cause: "disk-full".into(),
            message: "the disk is full".into(),
        };
        let polled = Polled { not_stored: vec![lost], ..polled(2, &[], &[]) };
        let exit = exit(&polled);
        assert_eq!(exit, Exit::Failed);
        let error = error(&polled, exit);
        assert_eq!(error.kind, "disk-full");
        assert!(error.message.contains("work") && error.message.contains("not stored"), "{}", error.message);
    }
}
