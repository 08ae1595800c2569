//! `tidemark poll`: one look at every account, remembered, with what it led to.
//!
//! With `--json` it prints JSON Lines: readings, findings and failures; where it ends with another status
//! than 0, the last line is the error document. An account that was looked at a moment ago is told as it was
//! seen then; one whose service asked to wait counts as one that could not be read.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tidemark_api::view;
use tidemark_core::line::{FailureLine, FindingLine, Line, ReadingLine, write_time};
use tidemark_core::{Failure, FailureKind, Reading};

use super::engine::{Way, way};
use super::{Asked, findings, heading, ledger, passphrase, runtime};
use crate::arguments::Poll;
use crate::exit::{CommandError, Ending, Exit, seconds};
use crate::output::{Output, Style, clean, reading};

/// What a poll gave, whoever did it.
#[derive(Default, Deserialize)]
struct Polled {
    lines: Vec<Line>,
    #[serde(default)]
    failures: Vec<Failed>,
    #[serde(default, skip)]
    left_alone: Vec<Left>,
}

/// An account whose poll failed.
#[derive(Deserialize)]
struct Failed {
    account: String,
    kind: FailureKind,
    message: String,
    retry_after_seconds: Option<u64>,
}

impl Failed {
    fn of(account: &str, failure: &Failure) -> Self {
        Self {
            account: account.to_owned(),
            kind: failure.kind,
            message: failure.message.clone(),
            retry_after_seconds: failure.retry_after.map(seconds),
        }
    }
}

fn failure_line(account: &str, at: DateTime<Utc>, kind: FailureKind) -> Line {
    Line::Failure(FailureLine { at, account: Some(account.to_owned()), kind })
}

/// A line of a failure with what is said about it.
#[derive(Serialize)]
struct FailureDocument<'a> {
    #[serde(flatten)]
    line: &'a Line,
    message: &'a str,
    retry_after_seconds: Option<u64>,
}

/// An account that was left alone.
struct Left {
    name: String,
    why: String,
    until: DateTime<Utc>,
}

impl Left {
    /// The service asked to wait: what was asked for was not done.
    fn must_wait(&self) -> bool {
        self.why == "retry-after"
    }
}

/// Runs it.
pub fn run(asked: &Asked, poll: &Poll) -> Result<Exit, Ending> {
    let mut output = asked.output(None, None);
    let mut polled = runtime()?.block_on(async {
        let way = way(asked).await?;
        passphrase::unlock(asked, &way, &poll.passphrase, &output).await?;
        match way {
            Way::Own(engine) => Ok::<_, CommandError>(own(&engine).await),
            Way::Agent(client) => by_agent(&client).await,
        }
    })?;
    tell_what_is_known(asked, &mut polled)?;
    for left in &polled.left_alone {
        output.say_left_alone(&left.name, &left.why, left.until);
    }
    if output.json {
        // The failures stand in the order of their lines.
        let mut failures = polled.failures.iter();
        for line in &polled.lines {
            match line {
                Line::Failure(_) if let Some(failed) = failures.next() => {
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
        exit if output.json => Err(error(asked, &polled, exit).into()),
        exit => Ok(exit),
    }
}

/// Of an account that was looked at a moment ago, what was seen then: it is as new as a look now would be.
fn tell_what_is_known(asked: &Asked, polled: &mut Polled) -> Result<(), CommandError> {
    if polled.left_alone.iter().all(Left::must_wait) {
        return Ok(());
    }
    let Some(store) = ledger::open(&asked.data_dir()?)? else { return Ok(()) };
    let readings = store.last_readings()?;
    let just_now: Vec<&Left> = polled.left_alone.iter().filter(|left| !left.must_wait()).collect();
    let mut lines = Vec::new();
    for left in just_now {
        let Some(account) = store.account_by_name(&left.name)? else { continue };
        if let Some(failed) = store.poll_state(account.id)?.last_failure {
            lines.push(failure_line(&left.name, failed.at, failed.failure.kind));
            polled.failures.push(Failed::of(&left.name, &failed.failure));
        } else if let Some((.., reading)) = readings.iter().find(|(id, ..)| *id == account.id) {
            lines.push(Line::Reading(ReadingLine::new(reading, Some(&left.name))));
        }
    }
    polled.lines.extend(lines);
    Ok(())
}

/// What went wrong, in one document.
fn error(asked: &Asked, polled: &Polled, exit: Exit) -> CommandError {
    let mut kinds = Vec::new();
    let mut told = Vec::new();
    let mut waits = Vec::new();
    for failed in &polled.failures {
        kinds.push(failed.kind);
        told.push(format!("{}: {}", failed.account, failed.message));
        waits.extend(failed.retry_after_seconds.map(Duration::from_secs));
    }
    for left in polled.left_alone.iter().filter(|left| left.must_wait()) {
        // What the service said when it asked to wait is remembered.
        kinds.push(remembered(asked, &left.name).unwrap_or(FailureKind::RateLimited));
        let until = write_time(left.until);
        told.push(format!("{}: skipped until {until}: the service asked to wait", left.name));
        waits.extend((left.until - Utc::now()).to_std());
    }
    let word = match kinds.first() {
        Some(first) if kinds.iter().all(|kind| kind == first) => first.word(),
        _ => "several-failures",
    };
    CommandError { retry_after: waits.into_iter().max(), ..CommandError::new(exit, word, told.join("; ")) }
}

/// The kind of an account's last failure, as the store has it.
fn remembered(asked: &Asked, name: &str) -> Option<FailureKind> {
    let store = ledger::open(&asked.data_dir().ok()?).ok()??;
    let account = store.account_by_name(name).ok()??;
    Some(store.poll_state(account.id).ok()?.last_failure?.failure.kind)
}

async fn own(engine: &tidemark_monitor::Engine) -> Polled {
    let (looks, left) = engine.poll(None).await;
    let mut polled = Polled::default();
    for look in looks {
        let name = look.account.name.as_str();
        match &look.result {
            Ok((reading, found)) => {
                polled.lines.push(Line::Reading(ReadingLine::new(reading, Some(name))));
                polled.lines.extend(found.iter().map(|f| Line::Finding(FindingLine::new(f, Some(name)))));
            }
            Err(failure) => {
                polled.lines.push(failure_line(name, look.at, failure.kind));
                polled.failures.push(Failed::of(name, failure));
            }
        }
    }
    for left in left {
        let why = left.why.word();
        let name = engine.account(left.account).map(|account| account.name).unwrap_or_default();
        polled.left_alone.push(Left { name, why: why.to_owned(), until: left.until });
    }
    polled
}

async fn by_agent(client: &tidemark_api::client::Client) -> Result<Polled, CommandError> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(flatten)]
        polled: Polled,
        #[serde(default)]
        left_alone: Vec<view::LeftAlone>,
    }
    let answer: Answer = client.send_json("POST", "/v1/poll", &json!({})).await?;
    let mut polled = answer.polled;
    if !answer.left_alone.is_empty() {
        let accounts: Vec<view::AccountView> = client.get("/v1/accounts").await?;
        let names: HashMap<i64, String> = accounts.into_iter().map(|a| (a.id, a.name)).collect();
        polled.left_alone = answer
            .left_alone
            .into_iter()
            .map(|left| Left {
                name: names.get(&left.account_id).cloned().unwrap_or_default(),
                why: left.why,
                until: left.until,
            })
            .collect();
    }
    Ok(polled)
}

/// All well; or all failed alike, and how; or some did.
fn exit(polled: &Polled) -> Exit {
    let readings = polled.lines.iter().filter(|line| matches!(line, Line::Reading(_))).count();
    // Those that the service wants to be left alone were not read either.
    let waiting = polled.left_alone.iter().filter(|left| left.must_wait()).map(|_| Exit::Later);
    let mut exits = polled.failures.iter().map(|failed| Exit::of(failed.kind)).chain(waiting);
    match exits.next() {
        Some(first) if readings == 0 && exits.all(|exit| exit == first) => first,
        Some(_) => Exit::Failed,
        None => Exit::Done,
    }
}

fn write(output: &mut Output, polled: &Polled) -> io::Result<()> {
    if polled.lines.is_empty() && polled.left_alone.is_empty() {
        let text = output.words.text("cli-poll-nothing");
        return output.line(text);
    }
    let mut found = Vec::new();
    for line in &polled.lines {
        match line {
            Line::Reading(line) => {
                let seen = Reading::from(line.clone());
                reading::write(output, &seen, line.account.as_deref(), seen.at)?;
            }
            Line::Finding(line) => found.push(line.clone()),
            _ => {}
        }
    }
    for failed in &polled.failures {
        let name = output.paint(Style::Strong, &clean(&failed.account));
        let what = output.paint(Style::Over, &output.words.failure(failed.kind));
        let said = output.words.said(&what, &clean(&failed.message));
        output.line(format!("{name}  {said}"))?;
    }
    if !found.is_empty() {
        let head = heading(output, &output.words.text("cli-poll-found"));
        output.line("")?;
        output.line(head)?;
        findings::table(output, &found).write(output)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_says_how_much_failed() {
        let failed = |kind: &str| Failed {
            account: "a".into(),
            kind: kind.parse().unwrap(),
            message: String::new(),
            retry_after_seconds: None,
        };
        let reading: Line = serde_json::from_str(
            r#"{"type":"reading","at":"2026-10-01T00:00:00Z","source":"kimi-code","region":"china"}"#,
        )
        .unwrap();
        let status = |readings: usize, kinds: &[&str], left: &[&str]| {
            exit(&Polled {
                lines: vec![reading.clone(); readings],
                failures: kinds.iter().map(|kind| failed(kind)).collect(),
                left_alone: left
                    .iter()
                    .map(|why| Left { name: "a".into(), why: (*why).into(), until: Utc::now() })
                    .collect(),
            })
        };
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
}
