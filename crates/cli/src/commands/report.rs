//! `tidemark report`: the evidence report, written or checked.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use chrono::{TimeDelta, Utc};
use serde_json::json;
use tidemark_api::report::{Broken, check};
use tidemark_api::server::{ReportQuery, gather};
use tidemark_core::Account;
use tidemark_store::Store;

use super::{Asked, ledger, stretch};
use crate::arguments::{Report, ReportFormat};
use crate::exit::{CommandError, Ending, Exit};
use crate::i18n::{Language, Words};

/// How long a report goes back where nobody says.
const USUAL: TimeDelta = TimeDelta::days(30);
/// No report is larger: a year of readings every minute stays below.
const LARGEST: u64 = 1 << 30;

/// Runs it.
pub fn run(asked: &Asked, report: &Report) -> Result<Exit, Ending> {
    match &report.check {
        Some(file) => check_file(asked, file),
        None => write(asked, report),
    }
}

fn write(asked: &Asked, report: &Report) -> Result<Exit, Ending> {
    let format = format(asked.common.json, report)?;
    let store = ledger::open(&asked.data_dir()?)?;
    let settings = ledger::settings(store.as_ref())?;
    let zone = asked.zone(settings.as_ref().map(|s| s.timezone));
    let mut output = asked.output(settings.as_ref().and_then(|s| s.language.as_deref()), Some(zone));
    let (from, to) = stretch::bounds(&report.stretch, zone)?;
    let account = account(store.as_ref(), report.account.as_deref())?;
    let Some(store) = store else { return Err(ledger::no_such_account("").into()) };
    let now = Utc::now();
    let to = to.unwrap_or(now).min(now);
    let from = from.unwrap_or(to - USUAL);
    if from >= to {
        return Err(CommandError::said(Exit::Usage, "usage", "cli-report-stretch-empty", &[]).into());
    }
    let language =
        report.language.as_deref().and_then(Language::of_locale).unwrap_or(output.words.language());
    let query = ReportQuery { account, from, to, zone, language: language.tag().to_owned(), now };
    let sealed = gather(&store, &query).map_err(CommandError::from)?;
    let text = match format {
        ReportFormat::Html => sealed.html(&Words::new(language)),
        ReportFormat::Json => sealed.json() + "\n",
    };
    let Some(file) = &report.output else {
        output.raw(text.as_bytes())?;
        output.flush()?;
        return Ok(Exit::Done);
    };
    save(file, &text)?;
    let seal = &sealed.report().seal;
    if output.json {
        output.document(&json!({ "file": file, "seal": seal }))?;
    } else {
        let values = [("file", file.display().to_string().into()), ("seal", seal.as_str().into())];
        let line = output.words.with("cli-report-written", values);
        output.line(line)?;
    }
    output.flush()?;
    Ok(Exit::Done)
}

/// The form of the report: what was asked for, else JSON where it goes to a standard output that is to hold
/// JSON, else a page. A page there is a contradiction; beside a file, `--json` is about what is said of it.
fn format(json: bool, report: &Report) -> Result<ReportFormat, CommandError> {
    let json = json && report.output.is_none();
    match report.format {
        Some(ReportFormat::Html) if json => {
            Err(CommandError::said(Exit::Usage, "usage", "cli-report-page-is-no-json", &[]))
        }
        Some(format) => Ok(format),
        None if json => Ok(ReportFormat::Json),
        None => Ok(ReportFormat::Html),
    }
}

/// The account of a name, or the only one there is.
fn account(store: Option<&Store>, name: Option<&str>) -> Result<Account, CommandError> {
    if let Some(name) = name {
        return ledger::account(store, name);
    }
    let mut accounts = store.map(Store::accounts).transpose()?.unwrap_or_default();
    match (accounts.pop(), accounts.is_empty()) {
        (Some(only), true) => Ok(only),
        _ => Err(CommandError::said(Exit::Usage, "usage", "cli-report-which", &[])),
    }
}

/// Only its owner needs to read it: it tells when somebody worked.
fn save(file: &Path, text: &str) -> Result<(), CommandError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
        .open(file)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| CommandError::new(Exit::Failed, "io", format!("{}: {error}", file.display())))
}

fn check_file(asked: &Asked, file: &Path) -> Result<Exit, Ending> {
    let mut output = asked.output(None, None);
    let failed =
        |error: std::io::Error| CommandError::new(Exit::Failed, "io", format!("{}: {error}", file.display()));
    if std::fs::metadata(file).map_err(failed)?.len() > LARGEST {
        return Err(broken(&Broken::NoReport("it is too large".to_owned())).into());
    }
    let text = std::fs::read_to_string(file).map_err(failed)?;
    let words = |tag: &str| {
        Language::of_locale(tag)
            .map(|language| -> Box<dyn tidemark_core::report::Words> { Box::new(Words::new(language)) })
    };
    let checked = check(&text, env!("CARGO_PKG_VERSION"), words).map_err(|error| broken(&error))?;
    if output.json {
        output
            .document(&json!({ "records": checked.records, "seal": checked.seal, "page": checked.page }))?;
    } else {
        let values = [("records", checked.records.to_string().into()), ("seal", checked.seal.into())];
        let line = output.words.with("cli-report-good", values);
        output.line(line)?;
        if text.contains("<html") && checked.page.is_none() {
            let line = output.words.text("cli-report-page-unknown");
            output.line(line)?;
        }
    }
    output.flush()?;
    Ok(Exit::Done)
}

fn broken(error: &Broken) -> CommandError {
    CommandError::new(Exit::Failed, "report-changed", error)
}
