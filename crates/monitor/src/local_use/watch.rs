//! The watch: notices that something was written to a log, without a scan.
//!
//! A folder is watched for each of the logs that were written to last, up to a number, with the folders above
//! it, so that new sessions and new projects are noticed too. What is beyond is found by the slow rescan. macOS watches a
//! folder with all that is in it instead.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tidemark_logs::{Format, Roots};

/// Folders that are watched at most. Systems allow some thousands for all programs of a user together, and
/// each costs some memory; no one works in hundreds of sessions on one day.
const MOST: usize = 768;

/// macOS watches a folder with all that is in it as it does one folder, and begins from the start with each that is added.
const WATCHES_TREES: bool = cfg!(target_os = "macos");

/// The folders that are watched.
pub(super) struct Watch {
    watcher: Option<RecommendedWatcher>,
    watched: HashSet<PathBuf>,
}

impl Watch {
    /// A watch that calls when something happened that can concern a log.
    pub(super) fn new(call: impl Fn() + Send + 'static) -> Self {
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // An error is a reason to scan: events may have been lost.
            if event.as_ref().map_or(true, concerns) {
                call();
            }
        });
        if let Err(error) = &watcher {
            tracing::warn!(%error, "session logs cannot be watched; they are checked periodically");
        }
        Self { watcher: watcher.ok(), watched: HashSet::new() }
    }

    /// Whether anything is being watched.
    pub(super) fn watches(&self) -> bool {
        !self.watched.is_empty()
    }

    /// Watches the folders of these logs, newest first, and those above them. Whether any is new among them: what
    /// happened in it just before was not noticed.
    pub(super) fn follow(&mut self, roots: &Roots, folders: &[PathBuf]) -> bool {
        let Some(watcher) = &mut self.watcher else { return false };
        let wanted = wanted(roots, folders, WATCHES_TREES);
        let gone: Vec<PathBuf> = self.watched.difference(&wanted).cloned().collect();
        for folder in gone {
            // A folder that is not there any more is not watched any more.
            let _ = watcher.unwatch(&folder);
            self.watched.remove(&folder);
        }
        let mut is_changed = false;
        for folder in wanted {
            if self.watched.contains(&folder) {
                continue;
            }
            match watcher.watch(&folder, mode(&folder, WATCHES_TREES)) {
                Ok(()) => {
                    is_changed = true;
                    self.watched.insert(folder);
                }
                Err(error) => tracing::debug!(%error, "a folder of session logs is not watched"),
            }
        }
        is_changed
    }

    /// Watches a folder again that disappeared and is back: its watch ended with it.
    pub(super) fn forget(&mut self) {
        if let Some(watcher) = &mut self.watcher {
            for folder in self.watched.drain() {
                let _ = watcher.unwatch(&folder);
            }
        }
    }
}

/// How a folder is watched: with all that is in it only where it has logs and nothing else.
fn mode(folder: &Path, watches_trees: bool) -> RecursiveMode {
    let mut log_folders = Format::ALL.iter().flat_map(|format| format.layout().log_folders);
    let has_logs = log_folders.any(|name| folder.ends_with(name));
    if watches_trees && has_logs { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive }
}

fn wanted(roots: &Roots, folders: &[PathBuf], watches_trees: bool) -> HashSet<PathBuf> {
    let mut wanted = HashSet::new();
    let mut tops: Vec<&Path> = Vec::new();
    for (format, root) in roots.each() {
        tops.push(root);
        wanted.insert(root.to_owned());
        for inner in format.layout().log_folders {
            let inner = root.join(inner);
            if inner.is_dir() {
                wanted.insert(inner);
            }
        }
    }
    if watches_trees {
        return wanted;
    }
    for folder in folders {
        let Some(top) = tops.iter().find(|top| folder.starts_with(top)) else {
            // A program's log can be in the project that it is about.
            if wanted.len() < MOST {
                wanted.insert(folder.clone());
            }
            continue;
        };
        for above in folder.ancestors().take_while(|above| above != top) {
            if wanted.len() >= MOST {
                return wanted;
            }
            if !wanted.insert(above.to_owned()) {
                break;
            }
        }
    }
    wanted
}

/// Whether an event can concern a log.
fn concerns(event: &Event) -> bool {
    let named = || {
        event.paths.iter().any(|path| {
            path.extension().is_some_and(is_logs_end)
                || path.file_name().is_some_and(|name| is_list_of_messages(name) || is_own_file(name))
        })
    };
    match event.kind {
        // Our own reading opens and closes files.
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => named(),
        EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_)) => false,
        EventKind::Create(CreateKind::Folder)
        | EventKind::Remove(_)
        | EventKind::Modify(ModifyKind::Name(_))
        | EventKind::Any
        | EventKind::Other => true,
        EventKind::Create(_) => named() || event.paths.iter().any(|path| path.is_dir()),
        EventKind::Modify(_) => named(),
    }
}

/// Whether a file has the name of a log that is written again as a whole: `ui_messages.json`, `<session>.messages.json`,
/// or a log that was compressed.
fn is_list_of_messages(name: &OsStr) -> bool {
    let ends = ["messages.json", ".jsonl.zst"];
    name.to_str().is_some_and(|name| ends.iter().any(|end| name.ends_with(end)))
}

/// Whether files with this end are logs: of lines, databases, or what databases write ahead.
fn is_logs_end(end: &OsStr) -> bool {
    ["jsonl", "db", "db-wal"].iter().any(|log| end.eq_ignore_ascii_case(log))
}

/// Whether a file has the name of one that says something about logs beside it.
fn is_own_file(name: &OsStr) -> bool {
    let layouts = Format::ALL.iter().map(|format| format.layout());
    let mut names = layouts.flat_map(|layout| layout.configuration.iter().chain(layout.lists));
    names.any(|own| name == *own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: EventKind, path: &str) -> Event {
        Event::new(kind).add_path(PathBuf::from(path))
    }

    #[test]
    fn what_concerns_a_log() {
        use notify::event::{DataChange, MetadataKind, RemoveKind, RenameMode};
        for (kind, path, does) in [
            (EventKind::Modify(ModifyKind::Data(DataChange::Any)), "/k/s/wire.jsonl", true),
            (EventKind::Modify(ModifyKind::Data(DataChange::Any)), "/k/config.toml", true),
            (EventKind::Modify(ModifyKind::Data(DataChange::Any)), "/k/opencode.db", true),
            (EventKind::Modify(ModifyKind::Data(DataChange::Any)), "/k/opencode.db-wal", true),
            // Readers write there too.
            (EventKind::Modify(ModifyKind::Data(DataChange::Any)), "/k/opencode.db-shm", false),
            (EventKind::Modify(ModifyKind::Data(DataChange::Any)), "/k/notes.txt", false),
            (EventKind::Modify(ModifyKind::Data(DataChange::Any)), "/k/tasks/1/ui_messages.json", true),
            (EventKind::Modify(ModifyKind::Data(DataChange::Any)), "/k/sessions/s/s.messages.json", true),
            (EventKind::Modify(ModifyKind::Data(DataChange::Any)), "/k/tasks/1/settings-of-it.json", false),
            (EventKind::Modify(ModifyKind::Data(DataChange::Any)), "/k/archived_sessions/r.jsonl.zst", true),
            (EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)), "/k/s/wire.jsonl", false),
            (EventKind::Access(AccessKind::Open(AccessMode::Any)), "/k/s/wire.jsonl", false),
            (EventKind::Access(AccessKind::Close(AccessMode::Write)), "/k/s/wire.jsonl", true),
            (EventKind::Create(CreateKind::Folder), "/k/sessions/wd_a", true),
            (EventKind::Remove(RemoveKind::Folder), "/k/sessions", true),
            (EventKind::Modify(ModifyKind::Name(RenameMode::To)), "/k/sessions/x", true),
        ] {
            assert_eq!(concerns(&event(kind, path)), does, "{kind:?} {path}");
        }
    }

    #[test]
    fn folders_are_watched_newest_first_up_to_a_number() {
        let home = tempfile::tempdir().unwrap();
        let home = std::fs::canonicalize(home.path()).unwrap();
        std::fs::create_dir_all(home.join(".kimi-code/sessions/wd_a/s/agents/main")).unwrap();
        let roots = Roots::in_home(&home, &[]);
        let sessions = home.join(".kimi-code/sessions");
        let folders: Vec<PathBuf> =
            (0..2 * MOST).map(|n| sessions.join(format!("wd_a/s{n}/agents/main"))).collect();
        let wanted = wanted(&roots, &folders, false);
        assert_eq!(wanted.len(), MOST);
        for folder in [home.join(".kimi-code"), sessions.clone(), sessions.join("wd_a"), folders[0].clone()] {
            assert!(wanted.contains(&folder), "{}", folder.display());
        }
        assert!(!wanted.contains(folders.last().unwrap()));
    }

    #[test]
    fn a_folder_of_logs_outside_of_a_programs_folder_is_watched_itself() {
        let home = tempfile::tempdir().unwrap();
        let home = std::fs::canonicalize(home.path()).unwrap();
        std::fs::create_dir_all(home.join(".kimi-code")).unwrap();
        let folder = home.join("work/boat/.crush");
        let wanted = wanted(&Roots::in_home(&home, &[]), std::slice::from_ref(&folder), false);
        assert_eq!(wanted, HashSet::from([home.join(".kimi-code"), folder]));
    }

    #[test]
    fn where_trees_are_watched_a_folder_of_logs_is_one_watch() {
        let home = tempfile::tempdir().unwrap();
        let home = std::fs::canonicalize(home.path()).unwrap();
        let session = home.join(".kimi-code/sessions/wd_a/s/agents/main");
        std::fs::create_dir_all(&session).unwrap();
        let (root, sessions) = (home.join(".kimi-code"), home.join(".kimi-code/sessions"));
        let wanted = wanted(&Roots::in_home(&home, &[]), &[session], true);
        assert_eq!(wanted, HashSet::from([root.clone(), sessions.clone()]));
        assert_eq!(mode(&sessions, true), RecursiveMode::Recursive);
        assert_eq!(mode(&root, true), RecursiveMode::NonRecursive, "it has more than logs");
        assert_eq!(mode(&sessions, false), RecursiveMode::NonRecursive);
    }
}
