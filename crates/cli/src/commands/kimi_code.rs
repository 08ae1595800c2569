//! `tidemark kimi-code`: the status line and the guard in a coding agent's own configuration. Every change is shown; what
//! was entered can be taken out again without a trace.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tidemark_core::pasted_key::mask_keys;

use super::context::Context;
use super::last_known::{Known, last_known, those_of_kimi_code};
use super::store_access;
use crate::arguments::{CodingAgent, KimiCodeAction, KimiCodeInstall, KimiCodeUninstall};
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::file_errors::{Access, file_error};
use crate::output::{Output, Style, clean};
use change::{Change, Inserted, Record, Undone};
use ours::{EditError, is_status_line};
use program::Files;

mod change;
mod format;
mod json_edits;
mod ours;
mod program;
mod toml_edits;

/// The file of the record, in the data folder.
const RECORD: &str = "coding-agents.json";

/// Runs `tidemark kimi-code`.
pub fn run(context: &Context, action: KimiCodeAction) -> Result<Exit, CommandOutcome> {
    match action {
        KimiCodeAction::Install(install) => enter(context, &install),
        KimiCodeAction::Uninstall(uninstall) => take_out(context, &uninstall),
        KimiCodeAction::Status => status(context),
    }
}

/// Texts of files as they are to become, by file: several edits may be of one.
struct Edits(BTreeMap<PathBuf, (Option<String>, Option<String>)>);

impl Edits {
    const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Changes a file's text, beginning with what an earlier edit made of it.
    fn edit(
        &mut self,
        file: &Path,
        edit: impl FnOnce(&str) -> Result<String, EditError>,
    ) -> Result<(), CommandError> {
        if !self.0.contains_key(file) {
            let before = change::read(file).map_err(|error| file_error(Access::Read, file, &error))?;
            self.0.insert(file.to_owned(), (before.clone(), before));
        }
        let Some((_, after)) = self.0.get_mut(file) else { return Ok(()) };
        let text = after.clone().unwrap_or_default();
        let (mark, text) =
            text.strip_prefix('\u{feff}').map_or(("", text.as_str()), |text| ("\u{feff}", text));
        let edited = edit(text).map_err(|error| error.said(file))?;
        if edited != text {
            let edited = with_line_ends_of(text, edited);
            *after = Some(format!("{mark}{edited}"));
        }
        Ok(())
    }

    fn changes(self) -> Vec<Change> {
        let changes = self.0.into_iter().map(|(file, (before, after))| Change { file, before, after });
        changes.filter(|change| !change.is_none()).collect()
    }
}

/// A text with the line ends of the one that it was made from, where that has the same everywhere.
fn with_line_ends_of(before: &str, after: String) -> String {
    let all_windows = before.contains('\n') && before.matches('\n').count() == before.matches("\r\n").count();
    if all_windows { after.replace("\r\n", "\n").replace('\n', "\r\n") } else { after }
}

impl EditError {
    fn said(&self, file: &Path) -> CommandError {
        let file = file.display().to_string();
        match self {
            Self::NotUnderstood => {
                CommandError::said(Exit::Failed, "config", "cli-kimi-code-not-understood", &[("file", &file)])
            }
            Self::OtherShape => {
                CommandError::said(Exit::Failed, "config", "cli-kimi-code-other-shape", &[("file", &file)])
            }
            Self::Taken(command) => CommandError::said(
                Exit::Failed,
                "taken",
                "cli-kimi-code-taken",
                &[("file", &file), ("command", &clean(command))],
            ),
        }
    }
}

fn enter(context: &Context, install: &KimiCodeInstall) -> Result<Exit, CommandOutcome> {
    let store = store_access::open(context)?;
    let settings = store_access::settings(store.as_ref())?.unwrap_or_default();
    let known = store.as_ref().map(last_known).transpose()?.unwrap_or_default();
    drop(store);
    let account = account_of(context, install, known, settings.language.as_deref())?;
    let of = account.map(|name| format!(" --account {}", program::quoted(&name))).unwrap_or_default();
    let own = program::own_command();
    let (line, guard) = (format!("{own} status --format kimi-code{of}"), format!("{own} guard{of}"));
    let (files, format) = (files(install.program)?, format::of(install.program));
    let both = install.status_line == install.guard;
    let mut edits = Edits::new();
    if install.status_line || both {
        edits.edit(&files.status_line, |text| match (format.status_line)(text)? {
            Some(entered) if entered == line => Ok(text.to_owned()),
            Some(entered) if !is_status_line(&entered) => Err(EditError::Taken(entered)),
            _ => (format.with_status_line)(text, &line),
        })?;
    }
    if install.guard || both {
        let events = program::events(install.program);
        edits.edit(&files.hooks, |text| {
            let entered = (format.hooks)(text)?;
            let is_entered =
                |event: &&str| entered.iter().any(|(of, command)| of == event && *command == guard);
            let is_so = entered.len() == events.len() && events.iter().all(is_entered);
            if is_so { Ok(text.to_owned()) } else { (format.with_hooks)(text, events, &guard) }
        })?;
    }
    let output = context.output(settings.language.as_deref(), Some(context.zone(Some(settings.timezone))));
    apply(context, output, &edits.changes(), install.dry_run, |record, change| {
        record.note(&change.file, Inserted::of(change));
    })
}

/// The account that is named in what is entered. `None` where the guard finds it by itself.
fn account_of(
    context: &Context,
    install: &KimiCodeInstall,
    known: Vec<Known>,
    language: Option<&str>,
) -> Result<Option<String>, CommandError> {
    if let Some(name) = &install.account {
        let name = name.trim();
        let is_known = known.iter().any(|known| known.account.name == name);
        return if is_known { Ok(Some(name.to_owned())) } else { Err(store_access::no_such_account(name)) };
    }
    let finds_it = install.program == CodingAgent::KimiCode;
    let candidates = if finds_it { those_of_kimi_code(known) } else { known };
    if candidates.len() > 1 {
        let names: Vec<String> = candidates.iter().map(|known| clean(&known.account.name)).collect();
        let listed = context.words(language).listed(&names);
        let names = [("names", listed.as_str())];
        return Err(CommandError::said(Exit::Usage, "which-account", "cli-kimi-code-which-account", &names));
    }
    // Which account Claude Code uses can only be known as long as there is one.
    let only = candidates.into_iter().next().map(|known| known.account.name);
    Ok(only.filter(|_| !finds_it))
}

fn files(agent: CodingAgent) -> Result<Files, CommandError> {
    program::files(agent)
        .ok_or_else(|| CommandError::said(Exit::Failed, "no-home", "cli-kimi-code-no-home", &[]))
}

fn take_out(context: &Context, uninstall: &KimiCodeUninstall) -> Result<Exit, CommandOutcome> {
    let store = store_access::open(context)?;
    let settings = store_access::settings(store.as_ref())?.unwrap_or_default();
    drop(store);
    let (files, format) = (files(uninstall.program)?, format::of(uninstall.program));
    let record = Record::read(&context.data_dir()?.join(RECORD));
    let mut changes = Vec::new();
    let mut edits = Edits::new();
    for file in [&files.status_line, &files.hooks] {
        let Some(now) = change::read(file).map_err(|error| file_error(Access::Read, file, &error))? else {
            continue;
        };
        // As it was before, to the last byte, where it was not changed since.
        match record.of(file).map_or(Undone::ChangedSince, |inserted| inserted.undo(&now)) {
            Undone::Gone => {
                if !changes.iter().any(|change: &Change| change.file == *file) {
                    changes.push(Change { file: file.clone(), before: Some(now), after: None });
                }
                continue;
            }
            Undone::Text(before) => {
                edits.edit(file, |text| Ok(if text == now { before } else { text.to_owned() }))?;
            }
            Undone::ChangedSince => {}
        }
        // An earlier change may have been of this file too.
        edits.edit(file, |text| (format.without_hooks)(&(format.without_status_line)(text)?))?;
    }
    changes.extend(edits.changes());
    let output = context.output(settings.language.as_deref(), Some(context.zone(Some(settings.timezone))));
    apply(context, output, &changes, uninstall.dry_run, |record, change| record.note(&change.file, None))
}

/// Shows changes, and makes them unless they were only to be shown.
fn apply(
    context: &Context,
    mut output: Output,
    changes: &[Change],
    dry_run: bool,
    note: impl Fn(&mut Record, &Change),
) -> Result<Exit, CommandOutcome> {
    if output.json {
        let shown: Vec<Value> = changes.iter().map(to_json).collect();
        let is_made = !dry_run && !changes.is_empty();
        make(context, changes, dry_run, note)?;
        output.document(&json!({"changes": shown, "made": is_made}))?;
        output.flush()?;
        return Ok(Exit::Done);
    }
    if changes.is_empty() {
        let text = output.words.text("cli-kimi-code-nothing");
        output.line(text)?;
    }
    for change in changes {
        show(&mut output, change)?;
    }
    // What is shown is on the screen before anything is made.
    output.flush()?;
    make(context, changes, dry_run, note)?;
    if !changes.is_empty() {
        let text = output.words.text(if dry_run { "cli-kimi-code-dry-run" } else { "cli-kimi-code-made" });
        output.line(text)?;
    }
    output.flush()?;
    Ok(Exit::Done)
}

fn make(
    context: &Context,
    changes: &[Change],
    dry_run: bool,
    note: impl Fn(&mut Record, &Change),
) -> Result<(), CommandError> {
    if dry_run || changes.is_empty() {
        return Ok(());
    }
    let file = context.data_dir()?.join(RECORD);
    let mut record = Record::read(&file);
    for change in changes {
        let now =
            change::read(&change.file).map_err(|error| file_error(Access::Read, &change.file, &error))?;
        if now != change.before {
            // The program writes its own files too.
            let file = change.file.display().to_string();
            let values = [("file", file.as_str())];
            return Err(CommandError::said(Exit::Failed, "changed", "cli-kimi-code-changed", &values));
        }
        change.make().map_err(|error| file_error(Access::Write, &change.file, &error))?;
        note(&mut record, change);
    }
    record.write(&file).map_err(|error| file_error(Access::Write, &file, &error))
}

fn show(output: &mut Output, change: &Change) -> io::Result<()> {
    output.paragraph(Style::Strong, 0, &clean(&change.file.display().to_string()))?;
    for (sign, line) in change.lines() {
        let style = if sign == '+' { Style::Calm } else { Style::Over };
        let line = output.paint(style, &format!("{sign} {}", mask_keys(&clean(&line))));
        output.line(format!("  {line}"))?;
    }
    Ok(())
}

fn to_json(change: &Change) -> Value {
    let of = |wanted: char| -> Vec<String> {
        change
            .lines()
            .into_iter()
            .filter(|(sign, _)| *sign == wanted)
            .map(|(_, line)| mask_keys(&line).into_owned())
            .collect()
    };
    json!({"file": change.file.display().to_string(), "removed": of('-'), "added": of('+')})
}

fn status(context: &Context) -> Result<Exit, CommandOutcome> {
    let store = store_access::open(context)?;
    let settings = store_access::settings(store.as_ref())?.unwrap_or_default();
    drop(store);
    let mut output =
        context.output(settings.language.as_deref(), Some(context.zone(Some(settings.timezone))));
    let agents = [
        (CodingAgent::KimiCode, "kimi-code", "Kimi Code"),
        (CodingAgent::ClaudeCode, "claude-code", "Claude Code"),
    ];
    let mut documents = Vec::new();
    for (agent, word, name) in agents {
        let (files, format) = (files(agent)?, format::of(agent));
        // What is not there has no entries; of what cannot be read it is not known.
        let text = |file: &Path| change::read(file).ok().map(Option::unwrap_or_default);
        let line = text(&files.status_line).and_then(|text| (format.status_line)(&text).ok());
        let line = line.map(|line| line.is_some_and(|command| is_status_line(&command)));
        let hooks = text(&files.hooks).and_then(|text| (format.hooks)(&text).ok());
        // A part of the hooks guards a part of the work.
        let is_entered = |hooks: &[(String, String)], event: &&str| hooks.iter().any(|(of, _)| of == event);
        let guard = hooks.map(|hooks| match &hooks[..] {
            [] => "off",
            hooks if program::events(agent).iter().all(|event| is_entered(hooks, event)) => "on",
            _ => "partly",
        });
        documents.push(json!({"program": word, "status_line": line, "guard": guard}));
        if !output.json {
            let line = line.map(|is_on| if is_on { "on" } else { "off" });
            let said = |state: Option<&str>| {
                output.words.text(&format!("cli-kimi-code-{}", state.unwrap_or("unknown")))
            };
            let values =
                [("program", name.into()), ("line", said(line).into()), ("guard", said(guard).into())];
            let text = output.words.with("cli-kimi-code-status", values);
            output.line(text)?;
        }
    }
    if output.json {
        output.document(&json!({ "programs": documents }))?;
    }
    output.flush()?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_line_ends_stay() {
        let edited = with_line_ends_of("a\r\nb\r\n", "a\r\nb\r\n[c]\n".to_owned());
        assert_eq!(edited, "a\r\nb\r\n[c]\r\n");
        assert_eq!(with_line_ends_of("a\n", "a\nb\n".to_owned()), "a\nb\n");
        assert_eq!(with_line_ends_of("", "b\n".to_owned()), "b\n");
    }
}
