//! The watch: notices that something was written to a log, without a scan.
//!
//! A folder is watched for each of the logs that were written to last, up to a number, with the folders above
//! it, so that new sessions and new projects are noticed too. What is beyond is found by the slow rescan.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tidemark_logs::Roots;

/// Folders that are watched at most. Systems allow some thousands for all programs of a user together, and
/// each costs some memory; no one works in hundreds of sessions on one day.
const MOST: usize = 768;

/// Files beside the logs that say something about them.
const BESIDE: [&str; 6] = [
    "config.toml",
    "config.json",
    "settings.json",
    "workspaces.json",
    "kimi.json",
    // Its lines name the folders of sessions; it ends like a log anyway.
    "session_index.jsonl",
];

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
        let wanted = wanted(roots, folders);
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
            match watcher.watch(&folder, RecursiveMode::NonRecursive) {
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

fn wanted(roots: &Roots, folders: &[PathBuf]) -> HashSet<PathBuf> {
    let mut wanted = HashSet::new();
    let mut tops: Vec<&Path> = Vec::new();
    for (_, root) in roots.each() {
        tops.push(root);
        wanted.insert(root.to_owned());
        for inner in ["sessions", "imported_sessions", "projects"] {
            let inner = root.join(inner);
            if inner.is_dir() {
                wanted.insert(inner);
            }
        }
    }
    for folder in folders {
        let Some(top) = tops.iter().find(|top| folder.starts_with(top)) else { continue };
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
            path.extension().is_some_and(|end| end.eq_ignore_ascii_case("jsonl"))
                || path.file_name().is_some_and(|name| BESIDE.iter().any(|beside| name == *beside))
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
            (EventKind::Modify(ModifyKind::Data(DataChange::Any)), "/k/notes.txt", false),
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
        let wanted = wanted(&roots, &folders);
        assert_eq!(wanted.len(), MOST);
        for folder in [home.join(".kimi-code"), sessions.clone(), sessions.join("wd_a"), folders[0].clone()] {
            assert!(wanted.contains(&folder), "{}", folder.display());
        }
        assert!(!wanted.contains(folders.last().unwrap()));
    }
}
