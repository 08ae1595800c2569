//! The files below a folder, symbolic links left alone.
//!
//! A link below a root is not followed, wherever it points: out of the root it must not lead, and inside
//! of it the target is found on its own. The root itself may be a link; people move such folders to
//! another disk. Folders that vanish while they are walked, or may not be read, are passed over.

use std::fs;
use std::path::{Path, PathBuf};

/// No layout is deeper; it ends a walk through a tree that is none of ours.
const DEEPEST: usize = 8;

/// Regular files below `root` whose name pleases `wanted`, in the order of their paths.
pub(crate) fn files(root: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            // The entry's own type: that of a link is neither file nor folder.
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                if depth < DEEPEST {
                    folders.push((entry.path(), depth + 1));
                }
            } else if kind.is_file() && entry.file_name().to_str().is_some_and(&wanted) {
                found.push(entry.path());
            }
        }
    }
    found.sort_unstable();
    found
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
}
