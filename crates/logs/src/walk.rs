//! The files below a folder, without following symbolic links.
//!
//! A link below a root is not followed, wherever it points: it must not lead out of the root, and inside the
//! root its target is found anyway. The root itself may be a link; people move such folders to another disk.
//! A folder of logs directly below it may be a link too, if it stays inside the root. Folders that disappear
//! during the walk, or may not be read, are skipped.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// No layout is deeper; it ends a walk through a tree that is none of ours.
const DEEPEST: usize = 8;
/// Folders side by side that are worth going through at the same time. Almost all of a walk's time is the
/// system's, a few microseconds a folder.
const MANY: usize = 64;
/// More than that many at a time wait for each other.
const MAX_THREADS: usize = 4;

/// Of the folders of these names in `root`, those that are there and inside of it, each once.
pub(crate) fn inside(root: &Path, names: &[&str]) -> Vec<PathBuf> {
    let Ok(real_root) = fs::canonicalize(root) else { return Vec::new() };
    let mut seen = HashSet::new();
    names
        .iter()
        .map(|name| root.join(name))
        .filter(|folder| {
            fs::canonicalize(folder).is_ok_and(|real| real.starts_with(&real_root) && seen.insert(real))
        })
        .collect()
}

/// Regular files below `root` whose name pleases `wanted`, in the order of their paths.
pub(crate) fn files(root: &Path, wanted: impl Fn(&str) -> bool + Sync) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut level = vec![root.to_owned()];
    let mut depth = 0;
    while !level.is_empty() && level.len() < MANY && depth <= DEEPEST {
        let mut next = Vec::new();
        for folder in level {
            look(&folder, &wanted, &mut found, |folder| next.push(folder));
        }
        level = next;
        depth += 1;
    }
    if depth <= DEEPEST && !level.is_empty() {
        found.append(&mut side_by_side(&level, depth, &wanted));
    }
    found.sort_unstable();
    found
}

/// The files below each of many folders, which are at this depth themselves.
fn side_by_side(folders: &[PathBuf], depth: usize, wanted: &(impl Fn(&str) -> bool + Sync)) -> Vec<PathBuf> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Vec::new();
        while let Some(folder) = folders.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut waiting = vec![(folder.clone(), depth)];
            while let Some((folder, depth)) = waiting.pop() {
                look(&folder, wanted, &mut found, |folder| {
                    if depth < DEEPEST {
                        waiting.push((folder, depth + 1));
                    }
                });
            }
        }
        found
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        // Where the system gives no thread, this one goes through what is left.
        let helpers: Vec<_> = (1..cores.min(MAX_THREADS))
            .filter_map(|_| {
                let name = std::thread::Builder::new().name("tidemark-walk".to_owned());
                name.spawn_scoped(scope, work).ok()
            })
            .collect();
        let mut found = work();
        for helper in helpers {
            found.append(&mut helper.join().unwrap_or_default());
        }
        found
    })
}

/// Reads one folder: files that are wanted, and folders below.
fn look(
    folder: &Path,
    wanted: &impl Fn(&str) -> bool,
    found: &mut Vec<PathBuf>,
    mut below: impl FnMut(PathBuf),
) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        // The entry's own type: that of a link is neither file nor folder.
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            below(entry.path());
        } else if kind.is_file() && entry.file_name().to_str().is_some_and(wanted) {
            found.push(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn links_are_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (root, outside) = (dir.path().join("root"), dir.path().join("outside"));
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::create_dir_all(&outside).unwrap();
        for file in [root.join("a/b/wire.jsonl"), root.join("a/other.txt"), outside.join("wire.jsonl")] {
            fs::write(file, "").unwrap();
        }
        let link = |to: &Path, at: PathBuf| std::os::unix::fs::symlink(to, at).unwrap();
        link(&outside, root.join("away"));
        link(&outside.join("wire.jsonl"), root.join("wire.jsonl"));
        link(&root, root.join("a/loop"));
        link(&root, dir.path().join("moved"));
        let wire = |name: &str| name == "wire.jsonl";
        assert_eq!(files(&root, wire), [root.join("a/b/wire.jsonl")]);
        assert_eq!(files(&dir.path().join("moved"), wire), [dir.path().join("moved/a/b/wire.jsonl")]);
        assert!(files(&dir.path().join("none"), wire).is_empty());
    }

    #[test]
    #[cfg(unix)]
    fn a_folder_of_logs_must_be_inside_of_the_root() {
        let dir = tempfile::tempdir().unwrap();
        let (root, outside) = (dir.path().join("root"), dir.path().join("outside"));
        for folder in [root.join("kept"), root.join("projects"), outside.join("sessions")] {
            fs::create_dir_all(folder).unwrap();
        }
        let link = |to: &Path, at: PathBuf| std::os::unix::fs::symlink(to, at).unwrap();
        link(&outside.join("sessions"), root.join("sessions"));
        link(&root.join("kept"), root.join("stays"));
        link(&root, dir.path().join("moved"));
        let names = ["sessions", "projects", "kept", "stays", "none"];
        assert_eq!(inside(&root, &names), [root.join("projects"), root.join("kept")]);
        assert_eq!(inside(&root, &["stays"]), [root.join("stays")]);
        let moved = dir.path().join("moved");
        assert_eq!(inside(&moved, &names), [moved.join("projects"), moved.join("kept")]);
        assert!(inside(&dir.path().join("none"), &names).is_empty());
    }

    #[test]
    fn many_folders_side_by_side_are_all_gone_through() {
        let dir = tempfile::tempdir().unwrap();
        let mut expected = Vec::new();
        for session in 0..3 * MANY {
            let folder = dir.path().join(format!("work/{session:04}/agents/main"));
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("wire.jsonl"), "").unwrap();
            fs::write(folder.join("state.json"), "").unwrap();
            expected.push(folder.join("wire.jsonl"));
        }
        assert_eq!(files(dir.path(), |name| name == "wire.jsonl"), expected);
    }

    #[test]
    fn a_walk_ends_in_the_depth() {
        for beside in [0, 2 * MANY] {
            let dir = tempfile::tempdir().unwrap();
            let mut folder = dir.path().to_owned();
            for depth in 0..=DEEPEST + 1 {
                fs::write(folder.join(format!("{depth}.jsonl")), "").unwrap();
                folder.push("deeper");
                fs::create_dir(&folder).unwrap();
            }
            for beside in 0..beside {
                fs::create_dir(dir.path().join(beside.to_string())).unwrap();
            }
            let found = files(dir.path(), |_| true);
            assert_eq!(found.len(), DEEPEST + 1, "{found:?}");
        }
    }
}
