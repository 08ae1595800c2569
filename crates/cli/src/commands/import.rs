//! `tidemark import`: what exports hold becomes part of the history.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write as _};
use std::path::Path;

use chrono::Utc;
use serde_json::json;
use tidemark_api::export::Format;
use tidemark_api::import::{self, FileReport, ImportError, Spool};
use tidemark_api::view::{Imported, ImportedAccount, LineCount};
use tidemark_core::text::JsonWriter;
use tidemark_files::folder;

use super::context::{Context, runtime};
use super::transport::connect;
use crate::arguments::Import;
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::file_errors::{Access, file_error};
use crate::i18n::Catalog;
use crate::output::{Output, clean, say};

/// What is read at a time, in bytes.
const BLOCK_LEN: usize = 1 << 16;

/// Runs `tidemark import`. The files are read here; the engine is given the lines that were understood.
pub fn run(context: &Context, import: &Import) -> Result<Exit, CommandOutcome> {
    let mut output = context.output(None, None);
    let data_dir = context.data_dir()?;
    folder::make_private(&data_dir)
        .map_err(|error| CommandError::new(Exit::Failed, "folder-not-private", error))?;
    let (spool, lines) =
        Spool::create(&data_dir).map_err(|error| file_error(Access::Write, &data_dir, &error))?;
    let mut lines = BufWriter::with_capacity(BLOCK_LEN, lines);
    let mut files = Vec::with_capacity(import.files.len());
    for path in &import.files {
        let name = name_of(path, &output.words);
        let mut input = open(path).map_err(|error| unreadable(path, &name, &error))?;
        let read = import::read(&mut *input, &mut |record| {
            serde_json::to_writer(JsonWriter(&mut lines), &record).map_err(io::Error::from)?;
            lines.write_all(b"\n")
        });
        // An empty line ends the file.
        lines.write_all(b"\n")?;
        files.push((name.clone(), read.map_err(|error| not_read(path, &name, error))?));
    }
    lines.flush()?;
    drop(lines);
    let imported = runtime()?
        .block_on(async { Ok::<_, CommandError>(connect(context).await?.import(&spool.name()).await?) })?;
    drop(spool);
    let damaged = complain(&output.words, &files);
    if output.json {
        let files: Vec<_> = files.iter().map(|(name, report)| file_json(name, report)).collect();
        let mut document = serde_json::to_value(&imported).unwrap_or_default();
        document["files"] = files.into();
        output.document(&document)?;
    } else {
        people(&mut output, &files, &imported)?;
    }
    output.flush()?;
    Ok(if damaged { Exit::Failed } else { Exit::Done })
}

fn name_of(path: &Path, words: &Catalog) -> String {
    if path.as_os_str() == "-" {
        words.text("cli-standard-input")
    } else {
        clean(&path.display().to_string())
    }
}

fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(BufReader::with_capacity(BLOCK_LEN, io::stdin())));
    }
    let file: File = tidemark_files::read::open_named(path)?;
    Ok(Box::new(BufReader::with_capacity(BLOCK_LEN, file)))
}

fn unreadable(path: &Path, name: &str, error: &io::Error) -> CommandError {
    let path = if path.as_os_str() == "-" { Path::new(name) } else { path };
    file_error(Access::Read, path, error)
}

fn not_read(path: &Path, name: &str, error: ImportError) -> CommandError {
    let said = |key| CommandError::said(Exit::Failed, "not-an-export", key, &[("file", name)]);
    match error {
        ImportError::Io(error) => unreadable(path, name, &error),
        ImportError::Utf16 => said("cli-import-utf16"),
        ImportError::NotAnExport => said("cli-import-not-an-export"),
    }
}

/// Names on standard error what could not be read. Whether there was any.
fn complain(words: &Catalog, files: &[(String, FileReport)]) -> bool {
    for (name, report) in files {
        for damage in &report.damage {
            let why = words.with("cli-replay-no-record", [("why", clean(&damage.why).into())]);
            say(&format!("tidemark: {name}:{}: {why}", damage.place));
        }
        let more = report.damaged - report.damage.len() as u64;
        if more > 0 {
            say(&format!("tidemark: {}", words.with("cli-replay-more", [("count", more.into())])));
        }
        for meter in &report.unknown_meters {
            let what = words.with("cli-replay-meter", [("name", clean(meter).into())]);
            say(&format!("tidemark: {name}: {what}"));
        }
    }
    files.iter().any(|(_, report)| report.damaged > 0)
}

fn file_json(name: &str, report: &FileReport) -> serde_json::Value {
    json!({
        "file": name,
        "format": report.format.map(Format::as_str),
        "records": report.records,
        "conclusions": report.conclusions,
        "unknown": report.unknown,
        "unknown_meters": report.unknown_meters,
        "incomplete": report.incomplete,
        "damaged": report.damaged,
    })
}

fn people(output: &mut Output, files: &[(String, FileReport)], imported: &Imported) -> io::Result<()> {
    for account in &imported.accounts {
        say_account(output, account)?;
    }
    let service = imported.service.new + imported.unassigned.new;
    let is_new = |account: &ImportedAccount| counts(account).iter().any(|count| count.new > 0);
    for (name, _) in files.iter().filter(|(_, report)| is_empty(report)) {
        output.line(output.words.with("cli-import-empty", [("file", name.as_str().into())]))?;
    }
    let has_any = files.iter().any(|(_, report)| !is_empty(report));
    if has_any && service == 0 && !imported.accounts.iter().any(is_new) {
        output.line(output.words.text("cli-import-nothing"))?;
    }
    for (count, key) in [
        (imported.service.new, "cli-import-service"),
        (imported.unassigned.new, "cli-import-unassigned"),
        (imported.unassigned.too_old, "cli-import-unassigned-too-old"),
        (imported.future, "cli-import-future"),
        (imported.of_no_account, "cli-import-of-no-account"),
        (files.iter().map(|(_, report)| report.unknown).sum(), "cli-import-unknown"),
    ] {
        if count > 0 {
            output.line(output.words.with(key, [("count", count.into())]))?;
        }
    }
    if files.iter().any(|(_, report)| report.format == Some(Format::Csv)) {
        output.line(output.words.text("cli-import-csv"))?;
    }
    Ok(())
}

/// Whether a file has nothing in it at all.
const fn is_empty(report: &FileReport) -> bool {
    report.format.is_none()
}

const fn counts(account: &ImportedAccount) -> [LineCount; 3] {
    [account.readings, account.failures, account.requests]
}

fn say_account(output: &mut Output, account: &ImportedAccount) -> io::Result<()> {
    let name = || clean(&account.name);
    if let Some(other) = &account.other_name {
        let values = [("other", clean(other).into()), ("name", name().into())];
        output.line(output.words.with("cli-import-renamed", values))?;
    }
    let values = [
        ("name", name().into()),
        ("readings", account.readings.new.into()),
        ("failures", account.failures.new.into()),
        ("requests", account.requests.new.into()),
    ];
    output.line(output.words.with("cli-import-account", values))?;
    let known: u64 = counts(account).iter().map(|count| count.known).sum();
    if known > 0 {
        output.line(
            output.words.with("cli-import-known", [("name", name().into()), ("count", known.into())]),
        )?;
    }
    let too_old: u64 = counts(account).iter().map(|count| count.too_old).sum();
    if too_old > 0 {
        let since = account
            .kept_since
            .map_or_else(String::new, |since| output.words.moment(since, Utc::now(), output.zone));
        let values = [("name", name().into()), ("count", too_old.into()), ("since", since.into())];
        let key =
            if account.kept_since.is_some() { "cli-import-too-old" } else { "cli-import-requests-too-old" };
        output.line(output.words.with(key, values))?;
    }
    if account.is_new {
        output.line(output.words.with("cli-import-new-account", [("name", name().into())]))?;
    }
    Ok(())
}
