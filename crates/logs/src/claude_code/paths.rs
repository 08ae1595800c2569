//! Where Claude Code keeps its session logs.

use std::path::{Path, PathBuf};

use crate::walk;

/// One log to read.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) path: PathBuf,
    /// The session, where the lines do not name it: the file's name.
    pub(crate) session: String,
    /// The project's folder, where the lines do not name it: its path with strokes made hyphens.
    pub(crate) project: Option<String>,
}

/// The logs in a folder of Claude Code.
pub(crate) fn logs(root: &Path) -> Vec<Log> {
    let projects = root.join("projects");
    let ends = |name: &str| Path::new(name).extension().is_some_and(|end| end.eq_ignore_ascii_case("jsonl"));
    walk::files(&projects, ends)
        .into_iter()
        .map(|path| {
            let session = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let mut inner = path.strip_prefix(&projects).unwrap_or(&path).iter();
            let project = inner.next().map(|part| part.to_string_lossy().into_owned());
            Log { session, project: project.filter(|_| inner.next().is_some()), path }
        })
        .collect()
}
