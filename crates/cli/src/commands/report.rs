//! `tidemark report`: the evidence report, written or checked.

use std::io::{self, Write};
use std::path::Path;

use chrono::Utc;
use serde_json::json;
use tidemark_api::report::{Broken, check};
use tidemark_api::server::{DEFAULT_REPORT_SPAN, ReportQuery, gather};
use tidemark_core::Account;
use tidemark_core::audience::PlanLevel;
use tidemark_core::report::ReportError;
use tidemark_store::Store;

use super::context::Context;
use super::{store_access, time_range};
use crate::arguments::{Report, ReportFormat};
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::file_errors::{Access, file_error};
use crate::i18n::{Catalog, Language};

/// No report is larger: a year of readings every minute stays below.
const MAX_FILE_LEN: u64 = 1 << 30;

/// Runs `tidemark report`.
pub fn run(context: &Context, report: &Report) -> Result<Exit, CommandOutcome> {
    match &report.check {
        Some(file) => check_file(context, file),
        None => write(context, report),
    }
}

fn write(context: &Context, report: &Report) -> Result<Exit, CommandOutcome> {
    let format = format(context.common.json, report)?;
    let store = store_access::open(context)?;
    let settings = store_access::settings(store.as_ref())?;
    let zone = context.zone(settings.as_ref().map(|s| s.timezone));
    let mut output = context.output(settings.as_ref().and_then(|s| s.language.as_deref()), Some(zone));
    let (from, to) = time_range::bounds(&report.time_range, zone)?;
    let account = account(store.as_ref(), report.account.as_deref())?;
    let Some(store) = store else { return Err(store_access::no_such_account("").into()) };
    let now = Utc::now();
    let to = to.unwrap_or(now).min(now);
    let from = from.unwrap_or(to - DEFAULT_REPORT_SPAN);
    if from >= to {
        return Err(CommandError::said(Exit::Usage, "usage", "cli-report-time-range-empty", &[]).into());
    }
    let language =
        report.language.as_deref().and_then(Language::of_locale).unwrap_or(output.words.language());
    // The profile is not stored: what is not known of a plan rules no announcement out.
    let plan = PlanLevel::default();
    let query = ReportQuery { account, plan, from, to, zone, language: language.tag().to_owned(), now };
    // The records are read several times: all of them as of one moment.
    let seal = store.at_one_moment(|store| {
        let sealed = gather(store, &query).map_err(CommandError::from)?;
        let write = |out: &mut dyn Write| {
            let written = match format {
                ReportFormat::Html => sealed.write_html(out, &Catalog::new(language)),
                ReportFormat::Json => sealed.write_json(out).and_then(|()| Ok(out.write_all(b"\n")?)),
            };
            written.map_err(|error| match error {
                ReportError::Source(error) => CommandOutcome::from(CommandError::from(error)),
                ReportError::Write(error) => CommandOutcome::from(error),
            })
        };
        match &report.output {
            None => write(output.out())?,
            Some(file) => {
                // Only its owner needs to read it: it shows when its owner worked.
                tidemark_files::private::replace(file, |out| write(out).map_err(Saving::Report)).map_err(
                    |error| match error {
                        Saving::Report(error) => error,
                        Saving::File(error) => file_error(Access::Write, file, &error).into(),
                    },
                )?;
            }
        }
        Ok::<_, CommandOutcome>(sealed.seal().to_owned())
    })?;
    let Some(file) = &report.output else {
        output.flush()?;
        return Ok(Exit::Done);
    };
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
        return store_access::account(store, name);
    }
    let mut accounts = store.map(Store::accounts).transpose()?.unwrap_or_default();
    match (accounts.pop(), accounts.is_empty()) {
        (Some(only), true) => Ok(only),
        _ => Err(CommandError::said(Exit::Usage, "usage", "cli-report-which", &[])),
    }
}

/// Why a report was not saved.
enum Saving {
    /// It could not be made.
    Report(CommandOutcome),
    /// The file could not be made.
    File(io::Error),
}

impl From<io::Error> for Saving {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

fn check_file(context: &Context, file: &Path) -> Result<Exit, CommandOutcome> {
    let mut output = context.output(None, None);
    let failed = |error: std::io::Error| file_error(Access::Read, file, &error);
    let opened = tidemark_files::read::open_named(file).map_err(failed)?;
    let text = match tidemark_files::read::limited(opened, MAX_FILE_LEN) {
        Ok(bytes) => String::from_utf8(bytes)
            .map_err(|error| broken(&Broken::NoReport(error.utf8_error().to_string())))?,
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            return Err(broken(&Broken::NoReport("it is too large".to_owned())).into());
        }
        Err(error) => return Err(failed(error).into()),
    };
    let words = |tag: &str| {
        Language::of_locale(tag)
            .map(|language| -> Box<dyn tidemark_core::report::Words> { Box::new(Catalog::new(language)) })
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

/// Why a file is not the report that was made, by what of it was changed.
fn broken(error: &Broken) -> CommandError {
    let (number, of) = match error {
        Broken::Chain { at, of } => ((at + 1).to_string(), of.to_string()),
        Broken::Version(version) => (version.to_string(), String::new()),
        _ => (String::new(), String::new()),
    };
    let key = match error {
        Broken::NoReport(_) => "cli-report-is-none",
        Broken::Version(_) => "cli-report-newer",
        Broken::Chain { .. } => "cli-report-record-changed",
        Broken::Seal => "cli-report-end-changed",
        Broken::Page => "cli-report-page-changed",
    };
    let said = CommandError::said(Exit::Failed, "report-changed", key, &[("number", &number), ("of", &of)]);
    CommandError { message: error.to_string(), ..said }
}
