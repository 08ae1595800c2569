//! Where Kimi Code keeps its session logs, and what a path says.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tidemark_files::read;

use crate::config::Config;
use crate::environment::Environment;
use crate::layout::Layout;
use crate::lines::{Buffer, Line, Lines};
use crate::log_file::LogFile;
use crate::walk::{self, Reach};

/// How much of the list of sessions is read, in bytes: a line of it has some hundred.
const MAX_INDEX_LEN: u64 = 64 << 20;
/// The largest list of projects that is read, in bytes.
const MAX_LIST_LEN: u64 = 16 << 20;

/// What is in a folder of Kimi Code.
pub(crate) const LAYOUT: Layout = Layout {
    log_folders: &["sessions"],
    configuration: &["config.toml", "config.json"],
    lists: &["session_index.jsonl", "workspaces.json"],
};

/// The desktop application's runtime, below the folder of applications' data.
const DESKTOP: &str = "kimi-desktop/daimon-share/daimon/runtime/kimi-code/home";

/// Where homes of Kimi Code can be.
pub(crate) fn places(home: &Path, environment: &Environment) -> Vec<PathBuf> {
    let mut places = vec![home.join(".kimi-code")];
    places.extend(siblings(home, ".kimi-code-"));
    places.extend(environment.folder("KIMI_CODE_HOME"));
    places.extend(environment.application_data(home).into_iter().map(|data| data.join(DESKTOP)));
    places
}

/// Folders in the same folder whose names have this beginning.
fn siblings(home: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(home)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path())
        .collect();
    found.sort_unstable();
    found
}

/// The logs of a home of Kimi Code.
pub(crate) fn logs(home: &Path, reach: &Reach, secondary_model: Option<&str>) -> Vec<LogFile> {
    let Some(sessions) = walk::inside(home, reach, &["sessions"]).pop() else { return Vec::new() };
    // A log with a damaged line is cut there when it is resumed, and kept as it was beside itself, once. What stood
    // behind the damage is only there.
    let files = walk::files(&sessions, reach, |name| matches!(name, "wire.jsonl" | "wire.jsonl.bak"));
    if files.is_empty() {
        return Vec::new();
    }
    let mut config = Config::in_folder(home);
    if let Some(model) = secondary_model {
        config.secondary_model = Some(model.to_owned());
    }
    let config = Arc::new(config);
    let projects = Projects::of(home);
    files
        .into_iter()
        .map(|path| {
            let (group, session) = place(&sessions, &path);
            let project = projects.of_session(&group, &session);
            LogFile { path, session, project, config: config.clone() }
        })
        .collect()
}

/// The folder of the project and that of the session, of a path such as
/// `<project>/<session>/agents/main/wire.jsonl`. Earlier versions had no `agents`.
fn place(sessions: &Path, path: &Path) -> (String, String) {
    let inner = path.strip_prefix(sessions).unwrap_or(path);
    let mut folders: Vec<String> = inner.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    folders.pop();
    match folders.len() {
        0 => (String::new(), String::new()),
        1 => (String::new(), folders.swap_remove(0)),
        _ => {
            let session = folders.swap_remove(1);
            (folders.swap_remove(0), session)
        }
    }
}

/// Which folder a session worked in.
#[derive(Debug, Default)]
struct Projects {
    by_session: HashMap<String, String>,
    by_hash: HashMap<String, String>,
}

impl Projects {
    fn of(home: &Path) -> Self {
        let mut projects = Self::default();
        projects.read_index(&home.join("session_index.jsonl"));
        projects.read_workspaces(&home.join("workspaces.json"));
        projects
    }

    fn read_index(&mut self, path: &Path) {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Entry {
            #[serde(default)]
            session_id: Option<String>,
            #[serde(default)]
            session_dir: Option<String>,
            work_dir: String,
        }
        let Ok(file) = read::open(path) else { return };
        let mut buffer = Buffer::default();
        let mut lines = Lines::new(file.take(MAX_INDEX_LEN), 0, 0, &mut buffer);
        while let Ok(Some((_, Line::Whole(line) | Line::Open(line) | Line::TooLong { head: line, .. }))) =
            lines.next()
        {
            let Ok(entry) = serde_json::from_slice::<Entry>(line) else { continue };
            self.by_hash.insert(hash(&entry.work_dir), entry.work_dir.clone());
            // The folder's last part; written by whatever system, so both kinds of strokes.
            let folder = entry.session_dir.as_deref().and_then(|dir| dir.rsplit(['/', '\\']).next());
            for name in [entry.session_id.as_deref(), folder].into_iter().flatten() {
                self.by_session.insert(name.to_owned(), entry.work_dir.clone());
            }
        }
    }

    fn read_workspaces(&mut self, path: &Path) {
        let Ok(bytes) = read::bytes(path, MAX_LIST_LEN) else { return };
        let known = serde_json::from_slice::<Value>(&bytes).unwrap_or_default();
        for workspace in known.get("workspaces").and_then(Value::as_object).into_iter().flatten() {
            if let Some(root) = workspace.1.get("root").and_then(Value::as_str) {
                self.by_hash.entry(hash(root)).or_insert_with(|| root.to_owned());
            }
        }
    }

    fn of_session(&self, group: &str, session: &str) -> Option<String> {
        // wd_<slug>_<12 digits>
        let parts = group.strip_prefix("wd_").and_then(|rest| rest.rsplit_once('_'));
        self.by_session
            .get(session)
            .or_else(|| parts.and_then(|(_, hash)| self.by_hash.get(hash)))
            .cloned()
            .or_else(|| parts.map(|(slug, _)| slug.to_owned()))
            .or_else(|| (!group.is_empty()).then(|| group.to_owned()))
    }
}

/// The twelve digits in the name of a project's folder.
fn hash(work_dir: &str) -> String {
    Sha256::digest(work_dir).iter().take(6).fold(String::new(), |mut hex, byte| {
        // Writing into a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_project_and_session() {
        let root = Path::new("/h/sessions");
        for (path, group, session) in [
            (
                "/h/sessions/wd_a_0123456789ab/session_1/agents/main/wire.jsonl",
                "wd_a_0123456789ab",
                "session_1",
            ),
            ("/h/sessions/wd_a_0123456789ab/session_1/wire.jsonl", "wd_a_0123456789ab", "session_1"),
            ("/h/sessions/session_1/wire.jsonl", "", "session_1"),
            ("/h/sessions/wire.jsonl", "", ""),
        ] {
            assert_eq!(place(root, Path::new(path)), (group.to_owned(), session.to_owned()), "{path}");
        }
    }

    #[test]
    fn a_session_is_ascribed_to_its_folder() {
        let home = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(home.path().join(name), text).unwrap();
        write(
            "session_index.jsonl",
            "{\"sessionId\":\"s1\",\"sessionDir\":\"C:\\\\k\\\\session_1\",\"workDir\":\"C:\\\\work\"}\nbroken\n{\"workDir\":5}\n",
        );
        write(
            "workspaces.json",
            r#"{"version":1,"workspaces":{"boat":{"root":"/w/boat","name":"boat"},"x":1}}"#,
        );
        let projects = Projects::of(home.path());
        let group = format!("wd_boat_{}", hash("/w/boat"));
        for (group, session, project) in [
            ("wd_x_000000000000", "s1", Some("C:\\work")),
            ("wd_x_000000000000", "session_1", Some("C:\\work")),
            (group.as_str(), "session_9", Some("/w/boat")),
            ("wd_boat_ffffffffffff", "session_9", Some("boat")),
            ("odd", "session_9", Some("odd")),
            ("", "session_9", None),
        ] {
            assert_eq!(projects.of_session(group, session).as_deref(), project, "{group} {session}");
        }
    }
}
