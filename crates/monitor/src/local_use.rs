//! Whether Kimi is being used on this machine just now, told from the newest session logs' times.
//! Nothing in them is read here.

use std::path::Path;
use std::time::SystemTime;

/// How many folders are looked into at most: a home with years of sessions must not cost a second.
const MOST_FOLDERS: usize = 2_000;

/// When a local session log of a Kimi Code command line below a home folder was last written.
#[must_use]
pub(crate) fn last_written(home: &Path) -> Option<SystemTime> {
    let mut budget = MOST_FOLDERS;
    let mut newest = None;
    for (root, depth) in [(home.join(".kimi-code/sessions"), 5), (home.join(".kimi/sessions"), 3)] {
        newest = newest.max(newest_log(&root, depth, &mut budget));
    }
    newest
}

/// The newest `wire.jsonl` below a folder. Newest folders are looked into first: a running session's
/// folder is among the newest, since its files are made when it starts.
fn newest_log(dir: &Path, depth: u32, budget: &mut usize) -> Option<SystemTime> {
    if depth == 0 || *budget == 0 {
        return None;
    }
    *budget -= 1;
    let mut newest = std::fs::metadata(dir.join("wire.jsonl")).and_then(|m| m.modified()).ok();
    let mut folders: Vec<_> = std::fs::read_dir(dir)
        .ok()?
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    folders.sort_unstable_by(|a, b| b.cmp(a));
    // A session that has gone on for long stands behind newer ones; a few dozen are more than anyone runs at once.
    for (_, folder) in folders.into_iter().take(32) {
        newest = newest.max(newest_log(&folder, depth - 1, budget));
    }
    newest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_log_counts() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(last_written(home.path()), None);
        let session = home.path().join(".kimi-code/sessions/wd_a/session_1/agents/main");
        std::fs::create_dir_all(&session).unwrap();
        let log = session.join("wire.jsonl");
        std::fs::write(&log, "{}\n").unwrap();
        let expected = std::fs::metadata(&log).unwrap().modified().unwrap();
        assert_eq!(last_written(home.path()), Some(expected));
    }
}
