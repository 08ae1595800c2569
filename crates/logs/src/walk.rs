//! The files below a folder, and behind the links in it that lead to places of the same user.
//!
//! People move such folders to another disk and leave a link behind: at the root, at the folder of logs in it, at a
//! project. A link is followed where it leads into the user's home, or to a folder of the user's own elsewhere, each
//! place once. One that leads to somebody else's files, around in a circle or nowhere is counted and not followed. Folders
//! that vanish while they are walked, or may not be read, are passed over.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// No layout is deeper; it ends a walk through a tree that is none of ours.
const DEEPEST: usize = 8;
/// Folders side by side that are worth going through at the same time. Almost all of a walk's time is the
/// system's, a few microseconds a folder.
const MANY: usize = 64;
/// More than that many at a time wait for each other.
const MAX_THREADS: usize = 4;

/// Where links may lead, and what became of those that were met.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    /// The user's home, by its real path.
    home: Option<PathBuf>,
    /// Whose places are followed, where they are outside of the home.
    owner: Option<u32>,
    /// The device of the system's own files.
    system: Option<u64>,
    met: Mutex<Met>,
}

#[derive(Debug, Default)]
struct Met {
    /// Folders that are walked, by their real paths, and files behind links.
    walked: Vec<PathBuf>,
    /// Folders of logs that were handed out.
    taken: HashSet<PathBuf>,
    /// How many links were not followed.
    left: u64,
}

/// More links are not followed: so many are no layout of ours.
const MAX_LINKS: usize = 256;

impl Reach {
    /// What can be reached from a home, where these folders are walked in any case.
    pub(crate) fn of(home: Option<&Path>, walked: &[PathBuf]) -> Self {
        let home = home.and_then(|home| fs::canonicalize(home).ok());
        let owner = home.as_deref().and_then(|home| fs::metadata(home).ok()).and_then(|home| owner(&home));
        let system = fs::metadata("/").ok().and_then(|root| device(&root));
        let walked = walked.iter().filter_map(|folder| fs::canonicalize(folder).ok()).collect();
        Self { home, owner, system, met: Mutex::new(Met { walked, ..Met::default() }) }
    }

    /// How many links were met and not followed.
    pub(crate) fn left(&self) -> u64 {
        self.met().left
    }

    fn met(&self) -> MutexGuard<'_, Met> {
        // It holds no half-done work that a panic could leave.
        self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a link that leads nowhere: to a disk that is not there now, or to itself.
    fn unless_gone(&self, link: &Path) {
        self.met().left += u64::from(leads_nowhere(link));
    }

    /// Whether a place is the user's own: in the home, or theirs elsewhere. The system's user owns the whole system,
    /// which is not meant: of theirs, only what is on a disk of its own.
    fn is_own(&self, real: &Path, entry: &fs::Metadata) -> bool {
        /// What is no disk.
        const NO_DISK: [&str; 4] = ["/proc", "/sys", "/dev", "/run/udev"];

        if self.home.as_deref().is_some_and(|home| real.starts_with(home)) {
            return true;
        }
        #[cfg(windows)]
        if self.home.is_some() && tidemark_files::folder::is_users(real) {
            return true;
        }
        let Some(owner) = self.owner.filter(|owner| crate::walk::owner(entry) == Some(*owner)) else {
            return false;
        };
        owner != 0 || device(entry) != self.system && !NO_DISK.iter().any(|folder| real.starts_with(folder))
    }

    /// A file by its real path, where it is the user's own; one that is not is counted. `None` too where nothing is there.
    pub(crate) fn own_file(&self, file: &Path) -> Option<PathBuf> {
        let real = fs::canonicalize(file).ok()?;
        let entry = fs::metadata(&real).ok()?;
        if self.is_own(&real, &entry) {
            return Some(real);
        }
        self.met().left += 1;
        None
    }

    /// Takes note of a place behind a link, and says whether it is to be walked now.
    fn enter(&self, real: &Path, entry: &fs::Metadata) -> bool {
        let own = self.is_own(real, entry);
        let mut met = self.met();
        if met.walked.iter().any(|walked| real.starts_with(walked)) {
            // It is found there.
            return false;
        }
        let circle = met.walked.iter().any(|walked| walked.starts_with(real));
        if circle || !own || met.walked.len() >= MAX_LINKS {
            met.left += 1;
            return false;
        }
        met.walked.push(real.to_owned());
        true
    }
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "other systems do not tell")]
fn owner(entry: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    Some(entry.uid())
}

#[cfg(not(unix))]
fn owner(_: &fs::Metadata) -> Option<u32> {
    None
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "other systems do not tell")]
fn device(entry: &fs::Metadata) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    Some(entry.dev())
}

#[cfg(not(unix))]
fn device(_: &fs::Metadata) -> Option<u64> {
    None
}

/// Whether this is a link behind which nothing is.
pub(crate) fn leads_nowhere(place: &Path) -> bool {
    fs::symlink_metadata(place).is_ok_and(|entry| entry.is_symlink()) && fs::metadata(place).is_err()
}

/// Of the folders of these names in `root`, those that are there and may be walked, each once.
pub(crate) fn inside(root: &Path, reach: &Reach, names: &[&str]) -> Vec<PathBuf> {
    let Ok(real_root) = fs::canonicalize(root) else { return Vec::new() };
    names
        .iter()
        .map(|name| root.join(name))
        .filter(|folder| {
            let Ok(real) = fs::canonicalize(folder) else {
                reach.unless_gone(folder);
                return false;
            };
            // What is no folder is counted as unreadable.
            let Some(entry) = fs::metadata(&real).ok().filter(fs::Metadata::is_dir) else { return false };
            let strays = !real.starts_with(&real_root) && !reach.is_own(&real, &entry);
            let mut met = reach.met();
            if strays || real_root.starts_with(&real) {
                met.left += 1;
                return false;
            }
            let first = met.taken.insert(real.clone());
            if first && !met.walked.contains(&real) {
                met.walked.push(real);
            }
            first
        })
        .collect()
}

/// Files in `root` itself, and what stands in the place of one, whose name pleases `wanted`, in the order of their paths.
pub(crate) fn files_in(root: &Path, reach: &Reach, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut found = Found::default();
    look(root, &wanted, &mut found, |_| ());
    for link in found.links {
        if !link.file_name().and_then(|name| name.to_str()).is_some_and(&wanted) {
            continue;
        }
        reach.unless_gone(&link);
        if reach.own_file(&link).is_some() {
            found.files.push(link);
        }
    }
    found.files.sort_unstable();
    found.files
}

/// Files below `root`, and what stands in the place of one, whose name pleases `wanted`, also behind links, in the order of their paths.
pub(crate) fn files(root: &Path, reach: &Reach, wanted: impl Fn(&str) -> bool + Sync) -> Vec<PathBuf> {
    let mut found = Found::default();
    tree(root, &wanted, &mut found);
    while let Some(link) = found.links.pop() {
        let Ok(real) = fs::canonicalize(&link) else {
            reach.unless_gone(&link);
            continue;
        };
        let Ok(entry) = fs::metadata(&real) else { continue };
        if entry.is_dir() {
            if reach.enter(&real, &entry) {
                tree(&link, &wanted, &mut found);
            }
        } else if link.file_name().and_then(|name| name.to_str()).is_some_and(&wanted)
            && reach.enter(&real, &entry)
        {
            found.files.push(link);
        }
    }
    found.files.sort_unstable();
    found.files
}

/// What a walk meets.
#[derive(Debug, Default)]
struct Found {
    files: Vec<PathBuf>,
    links: Vec<PathBuf>,
}

impl Found {
    fn append(&mut self, mut other: Self) {
        self.files.append(&mut other.files);
        self.links.append(&mut other.links);
    }
}

/// Walks one tree, without its links.
fn tree(root: &Path, wanted: &(impl Fn(&str) -> bool + Sync), found: &mut Found) {
    let mut level = vec![root.to_owned()];
    let mut depth = 0;
    while !level.is_empty() && level.len() < MANY && depth <= DEEPEST {
        let mut next = Vec::new();
        for folder in level {
            look(&folder, wanted, found, |folder| next.push(folder));
        }
        level = next;
        depth += 1;
    }
    if depth <= DEEPEST && !level.is_empty() {
        found.append(side_by_side(&level, depth, wanted));
    }
    // Links are followed in the order of their paths, the first one first.
    found.links.sort_unstable_by(|a, b| b.cmp(a));
}

/// What is below each of many folders, which are at this depth themselves.
fn side_by_side(folders: &[PathBuf], depth: usize, wanted: &(impl Fn(&str) -> bool + Sync)) -> Found {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Found::default();
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
            found.append(helper.join().unwrap_or_default());
        }
        found
    })
}

/// Reads one folder: files that are wanted, links, and folders below.
fn look(folder: &Path, wanted: &impl Fn(&str) -> bool, found: &mut Found, mut below: impl FnMut(PathBuf)) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        // The entry's own type: that of a link is neither file nor folder.
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            below(entry.path());
        } else if kind.is_symlink() {
            found.links.push(entry.path());
        } else if entry.file_name().to_str().is_some_and(wanted) {
            // A pipe or a device too: it cannot be read, and the attempt is counted.
            found.files.push(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    fn link(to: &Path, at: PathBuf) {
        std::os::unix::fs::symlink(to, at).unwrap();
    }

    #[test]
    #[cfg(unix)]
    fn links_within_the_home_are_followed_once() {
        let home = tempfile::tempdir().unwrap();
        let (root, disk) = (home.path().join(".kimi/sessions"), home.path().join("disk"));
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::create_dir_all(disk.join("deep/er")).unwrap();
        for file in ["a/b/wire.jsonl", "a/other.txt"] {
            fs::write(root.join(file), "").unwrap();
        }
        fs::write(disk.join("deep/er/wire.jsonl"), "").unwrap();
        fs::write(home.path().join("single"), "").unwrap();
        link(&disk, root.join("moved"));
        // The same place again, a part of it, a part of the root, and nothing.
        link(&disk, root.join("moved-too"));
        link(&disk.join("deep"), root.join("part"));
        link(&root.join("a"), root.join("again"));
        link(&home.path().join("none"), root.join("dangling"));
        link(&home.path().join("single"), root.join("wire.jsonl"));
        // Circles.
        link(&root, root.join("a/loop"));
        link(&disk, disk.join("loop"));
        link(home.path(), root.join("home"));
        let wire = |name: &str| name == "wire.jsonl";
        let reach = Reach::of(Some(home.path()), std::slice::from_ref(&root));
        let expected =
            [root.join("a/b/wire.jsonl"), root.join("moved/deep/er/wire.jsonl"), root.join("wire.jsonl")];
        assert_eq!(files(&root, &reach, wire), expected);
        // Only the one around all of it and the one to nothing are left out; the others lead to what is found.
        assert_eq!(reach.left(), 2);
        // The root may be reached by a link itself.
        link(&root, home.path().join("by-link"));
        let reach = Reach::of(Some(home.path()), std::slice::from_ref(&root));
        let found = files(&home.path().join("by-link"), &reach, wire);
        assert_eq!(found[0], home.path().join("by-link/a/b/wire.jsonl"));
        assert_eq!(found.len(), 3);
        assert!(files(&home.path().join("none"), &reach, wire).is_empty());
    }

    #[test]
    #[cfg(unix)]
    fn links_to_files_of_others_are_counted_and_not_followed() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("sessions");
        fs::create_dir_all(&root).unwrap();
        for (name, to) in [("etc", "/etc"), ("system", "/"), ("usr", "/usr"), ("passwd.jsonl", "/etc/passwd")]
        {
            link(Path::new(to), root.join(name));
        }
        let reach = Reach::of(Some(home.path()), std::slice::from_ref(&root));
        assert!(files(&root, &reach, |name| Path::new(name).extension().is_some()).is_empty());
        assert_eq!(reach.left(), 4);
        // Without a home nothing outside of what is walked is anybody's own.
        let other = tempfile::tempdir().unwrap();
        link(other.path(), root.join("other"));
        let reach = Reach::of(None, std::slice::from_ref(&root));
        assert!(files(&root, &reach, |_| true).is_empty());
        assert_eq!(reach.left(), 5);
    }

    #[test]
    #[cfg(unix)]
    fn a_folder_of_logs_may_be_a_link_to_a_place_of_the_users_own() {
        let home = tempfile::tempdir().unwrap();
        let (root, outside) = (home.path().join("root"), home.path().join("outside"));
        for folder in [root.join("kept"), root.join("projects"), outside.join("sessions")] {
            fs::create_dir_all(folder).unwrap();
        }
        link(&outside.join("sessions"), root.join("sessions"));
        link(&root.join("kept"), root.join("stays"));
        link(&root, root.join("circle"));
        link(Path::new("/etc"), root.join("etc"));
        link(&root, home.path().join("moved"));
        let names = ["sessions", "projects", "kept", "stays", "none", "circle", "etc"];
        let reach = Reach::of(Some(home.path()), &[]);
        assert_eq!(
            inside(&root, &reach, &names),
            [root.join("sessions"), root.join("projects"), root.join("kept")]
        );
        assert_eq!(reach.left(), 2);
        // What was handed out for another root is not handed out again.
        assert!(inside(&home.path().join("moved"), &reach, &["sessions"]).is_empty());
        let moved = home.path().join("moved");
        let reach = Reach::of(Some(home.path()), &[]);
        assert_eq!(inside(&moved, &reach, &["kept"]), [moved.join("kept")]);
        assert!(inside(&home.path().join("none"), &reach, &names).is_empty());
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
        assert_eq!(files(dir.path(), &Reach::default(), |name| name == "wire.jsonl"), expected);
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
            let found = files(dir.path(), &Reach::default(), |_| true);
            assert_eq!(found.len(), DEEPEST + 1, "{found:?}");
        }
    }
}
