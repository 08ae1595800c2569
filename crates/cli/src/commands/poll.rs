//! `tidemark poll`: polls every account, stores what comes of it, and prints it.
//!
//! With `--json` it prints JSON Lines: readings, findings and failures; where it ends with another status
//! than 0, the last line is the error document. For an account that was polled a moment ago, the result of that
//! poll is printed; one whose service asked to wait counts as one that could not be read.

use std::io;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tidemark_api::view::{AccountView, PollFailure, Polled, SkippedPoll};
use tidemark_core::message::Messages;
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_core::wire::{FindingRecord, Record};
use tidemark_core::{FailureKind, Reading};

use super::context::{Context, runtime};
use super::transport::connect;
use super::{findings, passphrase, store_access};
use crate::arguments::Poll;
use crate::causes::Cause;
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

/// The agent ended before the service answered: what was asked for was not done.
fn ended(skipped: &SkippedPoll) -> bool {
    skipped.why == "ended"
}

/// The service asked to wait: what was asked for was not done.
fn must_wait(skipped: &SkippedPoll) -> bool {
    skipped.why == "retry-after"
}

/// Runs `tidemark poll`.
pub fn run(context: &Context, poll: &Poll) -> Result<Exit, CommandOutcome> {
    let store = store_access::open(context)?;
    let settings = store_access::settings(store.as_ref())?;
    let zone = context.zone(settings.as_ref().map(|s| s.timezone));
    let mut output = context.output(settings.as_ref().and_then(|s| s.language.as_deref()), Some(zone));
    store_access::say_reset_settings(store.as_ref(), &output);
    drop(store);
    let (polled, accounts): (Polled, Vec<AccountView>) = runtime()?.block_on(async {
        let client = connect(context).await?;
        let named = poll.passphrase.passphrase_env.is_some();
        if named || passphrase::can_be_had(&poll.passphrase) && passphrase::is_needed(context)? {
            passphrase::unlock(&client, &poll.passphrase, &output).await?;
        }
        let polled = client.poll().await?;
        // An older agent does not tell which accounts are one.
        let accounts = client.get("/v1/accounts").await.unwrap_or_default();
        Ok::<_, CommandError>((polled, accounts))
    })?;
    let mut said: Vec<&String> = Vec::new();
    for account in &accounts {
        if !said.contains(&&account.name) {
            output.say_same_account(&account.name, &account.same_as);
            said.extend(&account.same_as);
        }
    }
    let now = Utc::now();
    for skipped in &polled.skipped {
        output.say_left_alone(&skipped.account, &skipped.why, skipped.until);
    }
    for reading in &polled.not_stored {
        output.say_not_stored(&reading.account, &reading.cause, &reading.message);
    }
    print(&mut output, &polled, now)?;
    output.flush()?;
    match exit(&polled) {
        Exit::Done => Ok(Exit::Done),
        exit if output.json => Err(error(&polled, exit).into()),
        exit => Ok(exit),
    }
}

/// Prints readings, findings and failures.
fn print(output: &mut Output, polled: &Polled, now: DateTime<Utc>) -> io::Result<()> {
    if !output.json {
        return write(output, polled, now);
    }
    // The failures stand in the order of their lines.
    let mut failures = polled.failures.iter();
    for line in &polled.lines {
        match line {
            Record::Failure(_) if let Some(failed) = failures.next() => {
                let (message, retry_after_seconds) = (failed.message.as_str(), failed.retry_after_seconds);
                output.document(&FailureDocument { line, message, retry_after_seconds })?;
            }
            Record::Finding(line) => {
                let line = in_words(output, line, now);
                output.document(&Record::Finding(line))?;
            }
            line => output.document(line)?,
        }
    }
    Ok(())
}

/// The line of a finding, with its explanation in the reader's language.
fn in_words(output: &Output, line: &FindingRecord, now: DateTime<Utc>) -> FindingRecord {
    match line.finding() {
        Some(finding) => findings::line(output, &finding, line.account.as_deref(), now),
        // Of a newer agent's kind: its text is what can be said.
        None => FindingRecord { messages: Messages::default(), ..line.clone() },
    }
}

/// What went wrong, in one document.
fn error(polled: &Polled, exit: Exit) -> CommandError {
    let mut kinds: Vec<&str> = Vec::new();
    let mut messages = Vec::new();
    let mut waits = Vec::new();
    for failed in &polled.failures {
        kinds.push(&failed.kind);
        messages.push(format!("{}: {}", failed.account, failed.message));
        waits.extend(failed.retry_after_seconds);
    }
    for skipped in polled.skipped.iter().filter(|skipped| must_wait(skipped)) {
        // What the service said when it asked to wait is remembered.
        kinds.push(skipped.kind.as_deref().unwrap_or(FailureKind::RateLimited.as_str()));
        let until = format_rfc3339(skipped.until);
        messages.push(format!("{}: skipped until {until}: the service asked to wait", skipped.account));
        waits.push(skipped.retry_after_seconds);
    }
    for skipped in polled.skipped.iter().filter(|skipped| ended(skipped)) {
        kinds.push("agent-ended");
        messages.push(format!("{}: the agent ended before the service answered", skipped.account));
    }
    for reading in &polled.not_stored {
        kinds.push(&reading.cause);
        messages.push(format!("{}: the reading was not stored: {}", reading.account, reading.message));
    }
    let word = match kinds.first() {
        Some(first) if kinds.iter().all(|kind| kind == first) => (*first).to_owned(),
        _ => "several-failures".to_owned(),
    };
    let retry_after = waits.into_iter().max().map(Duration::from_secs);
    CommandError { retry_after, ..CommandError::new(exit, word, messages.join("; ")) }
}

/// Done; the status of the failures, where no account was read and all failed in the same way; failed otherwise, and
/// wherever a reading was not stored, or none came because the agent ended.
fn exit(polled: &Polled) -> Exit {
    if !polled.not_stored.is_empty() || polled.skipped.iter().any(ended) {
        return Exit::Failed;
    }
    let readings = polled.lines.iter().filter(|line| matches!(line, Record::Reading(_))).count();
    // Those whose service asked to wait were not read either.
    let waiting = polled.skipped.iter().filter(|skipped| must_wait(skipped)).map(|_| Exit::Later);
    let failed = polled.failures.iter().map(|failed| {
        let exit = failed.kind.parse().map_or(Exit::Failed, Exit::of);
        if failed.key_is_good && exit == Exit::Refused { Exit::Service } else { exit }
    });
    let mut exits = failed.chain(waiting);
    match exits.next() {
        Some(first) if readings == 0 && exits.all(|exit| exit == first) => first,
        Some(_) => Exit::Failed,
        None => Exit::Done,
    }
}

fn write(output: &mut Output, polled: &Polled, now: DateTime<Utc>) -> io::Result<()> {
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
            Record::Finding(line) => found.push(in_words(output, line, now)),
            _ => {}
        }
    }
    for failed in &polled.failures {
        let said = failed_text(output, failed, now);
        output.pair(0, (Style::Strong, &clean(&failed.account)), (Style::Over, &said))?;
    }
    if !found.is_empty() {
        let head = output.heading(&output.words.text("cli-poll-found"));
        output.line("")?;
        output.line(head)?;
        findings::table(output, &found, now).write(output)?;
    }
    Ok(())
}

/// What failed and why, each said once; for a key, also what can be done about it here.
fn failed_text(output: &Output, failed: &PollFailure, now: DateTime<Utc>) -> String {
    let words = &output.words;
    let cause = failed.says.as_ref().map(Cause::from);
    let said = words.failure_line((&failed.kind, cause.as_ref()), &failed.message, now, output.zone);
    let Some(trouble) = failed.cause.as_deref() else { return said };
    let advice = words.maybe(&format!("cli-advice-{trouble}"));
    match advice.or_else(|| words.maybe(&format!("error-{trouble}.advice"))) {
        Some(advice) => words.with("cli-key-trouble", [("what", said.into()), ("advice", advice.into())]),
        None => said,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use chrono_tz::Tz;
    use tidemark_api::view::{ArgView, MessageView, NotStored};
    use tidemark_core::failure_cause::FailureCause;
    use tidemark_core::finding::CreditClass;
    use tidemark_core::message::{Arg, Message, Span};
    use tidemark_core::{Currency, Finding, FindingKind, Money, Series};

    use super::*;
    use crate::i18n::{Catalog, Language};

    /// What is printed.
    #[derive(Clone, Default)]
    struct Printed(Rc<RefCell<Vec<u8>>>);

    impl io::Write for Printed {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A finding as the engine answers it to a poll.
    fn top_up() -> FindingRecord {
        let (from, to) = ("2026-09-30T01:55:00Z".parse().unwrap(), "2026-09-30T02:00:00Z".parse().unwrap());
        let (series, amount) = (Series::Balance(Currency::CNY), Money::new(50.into(), Currency::CNY));
        let explanation = vec![Message::PaidIn { series, amount, span: Span { from, to } }];
        let messages = Messages { explanation, evidence: Vec::new() };
        let finding = Finding {
            kind: FindingKind::Credit { class: CreditClass::TopUp, amount },
            series: Some(series),
            from,
            to,
            detected_at: to,
            observed: None,
            expected_low: None,
            expected_high: None,
            confidence: 1.0,
            explanation: messages.english(),
            evidence: Vec::new(),
            messages,
        };
        FindingRecord { account: Some("Work".to_owned()), ..FindingRecord::stored(&finding) }
    }

    #[test]
    fn findings_in_both_languages() {
        let polled = Polled { lines: vec![Record::Finding(top_up())], ..Polled::default() };
        let now = "2026-09-30T02:00:00Z".parse().unwrap();
        let mut all = String::new();
        for language in [Language::English, Language::Chinese] {
            for json in [false, true] {
                let printed = Printed::default();
                let out = Box::new(printed.clone());
                let mut output = Output::to(out, Catalog::new(language), Tz::Asia__Shanghai, false);
                output.json = json;
                print(&mut output, &polled, now).unwrap();
                all.push_str(&String::from_utf8(printed.0.take()).unwrap());
            }
        }
        insta::assert_snapshot!(all);
    }

    fn polled(readings: usize, kinds: &[&str], left: &[&str]) -> Polled {
        let reading: Record = serde_json::from_str(
            r#"{"type":"reading","at":"2026-10-01T00:00:00Z","source":"kimi-code","region":"china"}"#,
        )
        .unwrap();
        let failed = |kind: &&str| PollFailure {
            account: "a".into(),
            kind: (*kind).to_owned(),
            message: String::new(),
            says: None,
            retry_after_seconds: None,
            key_is_good: false,
            cause: None,
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
    fn a_failed_account_is_said_once_with_its_cause() {
        let failed =
            |kind: &str, message: &str, cause: Option<FailureCause>, trouble: Option<&str>| PollFailure {
                account: "work".into(),
                kind: kind.to_owned(),
                message: message.to_owned(),
                says: cause.map(|cause| MessageView {
                    id: cause.id(),
                    args: cause
                        .args()
                        .into_iter()
                        .filter_map(|(name, arg)| Some((name, text_arg(arg)?)))
                        .collect(),
                }),
                retry_after_seconds: None,
                key_is_good: false,
                cause: trouble.map(str::to_owned),
            };
        let gone = FailureCause::ServerNotRunning { address: Some("http://127.0.0.1:9".into()) };
        let failures = [
            failed("server-not-running", "not running", Some(gone), None),
            failed(
                "server-not-running",
                "not running",
                Some(FailureCause::ServerNotRunning { address: None }),
                None,
            ),
            failed("key-unavailable", "locked", Some(FailureCause::FileLocked), Some("file-locked")),
            failed("unauthorized", "no", Some(FailureCause::ServerLoginRefused { said: None }), None),
            failed("rate-limited", "too many requests", None, None),
        ];
        let mut all = String::new();
        for language in [Language::English, Language::Chinese] {
            let output = Output::to(Box::new(io::sink()), Catalog::new(language), Tz::UTC, false);
            for failed in &failures {
                all.push_str(&failed_text(&output, failed, DateTime::UNIX_EPOCH));
                all.push('\n');
            }
        }
        insta::assert_snapshot!(all);
    }

    fn text_arg(arg: Arg) -> Option<ArgView> {
        match arg {
            Arg::Text(text) => Some(ArgView::Text(text)),
            _ => None,
        }
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
