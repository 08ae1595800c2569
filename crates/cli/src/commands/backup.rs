//! `tidemark backup`: a copy of the whole history and settings in one file.

use chrono::Utc;
use serde_json::json;
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_store::{BackupError, DatabaseContent, back_up};

use super::context::Context;
use crate::arguments::Backup;
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::file_errors::{Access, file_error};
use crate::output::{Output, clean};

/// Runs `tidemark backup`. It needs no engine: SQLite copies a database that another process writes to.
pub fn run(context: &Context, backup: &Backup) -> Result<Exit, CommandOutcome> {
    let mut output = context.output(None, None);
    let done = back_up(&context.data_dir()?, &backup.file, backup.force)?;
    let path = std::path::absolute(&backup.file).unwrap_or_else(|_| backup.file.clone());
    let path = path.display().to_string();
    if output.json {
        let mut document = content_json(&done.content);
        document["path"] = path.into();
        document["bytes"] = done.bytes.into();
        document["accounts"] = done
            .content
            .accounts
            .map(|accounts| accounts.into_iter().map(|account| account.name).collect::<Vec<_>>())
            .into();
        output.document(&document)?;
    } else {
        let megabytes = format!("{:.1}", done.bytes as f64 / 1e6);
        let values = [("file", clean(&path).into()), ("megabytes", megabytes.into())];
        output.line(output.words.with("cli-backup-written", values))?;
        say_content(&mut output, &done.content)?;
        output.line(output.words.text("cli-backup-no-keys"))?;
    }
    output.flush()?;
    Ok(Exit::Done)
}

/// What a database holds, for programs. The accounts are for each command to add.
pub fn content_json(content: &DatabaseContent) -> serde_json::Value {
    json!({
        "readings": content.readings,
        "from": content.from.map(format_rfc3339),
        "to": content.to.map(format_rfc3339),
        "schema": content.schema,
    })
}

/// What a database holds, for people.
pub fn say_content(output: &mut Output, content: &DatabaseContent) -> std::io::Result<()> {
    let (Some(accounts), Some(readings)) = (&content.accounts, content.readings) else {
        return output.line(output.words.text("cli-backup-content-unknown"));
    };
    let now = Utc::now();
    let moment = |at| output.words.moment(at, now, output.zone);
    let count = [("accounts", accounts.len().into()), ("readings", readings.into())];
    let mut line = output.words.with("cli-backup-content", count);
    if let (Some(from), Some(to)) = (content.from, content.to) {
        let span = [("content", line.into()), ("from", moment(from).into()), ("to", moment(to).into())];
        line = output.words.with("cli-backup-span", span);
    }
    output.line(line)
}

impl From<BackupError> for CommandError {
    fn from(error: BackupError) -> Self {
        let said = |exit, kind, key, path: std::path::PathBuf| {
            Self::said(exit, kind, key, &[("file", &path.display().to_string())])
        };
        match error {
            BackupError::Store(error) => error.into(),
            BackupError::Exists(path) => said(Exit::Failed, "file-exists", "cli-backup-exists", path),
            BackupError::OwnFile(path) => said(Exit::Usage, "own-file", "cli-backup-own-file", path),
            BackupError::DiskFull(path) => said(Exit::Failed, "disk-full", "cli-backup-disk-full", path),
            BackupError::Write { path, source } => file_error(Access::Write, &path, &source),
        }
    }
}
