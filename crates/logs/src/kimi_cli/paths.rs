//! Where the older command line keeps its session logs, and what a path says.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tidemark_files::read;

use crate::config::Config;
use crate::environment::Environment;
use crate::fingerprint::Fingerprint;
use crate::layout::Layout;
use crate::log_file::LogFile;
use crate::md5;
use crate::walk::{self, Reach};

/// The largest list of projects that is read, in bytes.
const MAX_LIST_LEN: u64 = 16 << 20;

/// What is in a folder of the older command line.
pub(crate) const LAYOUT: Layout = Layout {
    log_folders: &["sessions", "imported_sessions"],
    configuration: &["config.toml", "config.json"],
    lists: &["kimi.json"],
};

/// Where folders of the older command line can be.
pub(crate) fn places(home: &Path, environment: &Environment) -> Vec<PathBuf> {
    let mut places = vec![home.join(".kimi")];
    places.extend(environment.folder("KIMI_SHARE_DIR"));
    places
}

/// A log of the older command line, with what its path says.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) file: LogFile,
    /// The log of the session itself: this one, or of a subagent's log that of its parent.
    pub(crate) main: PathBuf,
    /// The subagent whose log this is.
    pub(crate) agent: Option<String>,
    /// The subagents of the session that have logs of their own.
    pub(crate) own_logs: Arc<HashSet<String>>,
}

impl Log {
    /// Adds to a print what is known beside the log itself.
    pub(crate) fn print(&self, print: Fingerprint) -> Fingerprint {
        let mut own_logs: Vec<&str> = self.own_logs.iter().map(String::as_str).collect();
        own_logs.sort_unstable();
        let main = self.main.to_string_lossy();
        let words = [&*main, self.agent.as_deref().unwrap_or("\0")].into_iter().chain(own_logs);
        words.fold(print, |print, word| print.text(word.as_bytes()))
    }
}

/// The logs in a folder of the older command line.
pub(crate) fn logs(root: &Path, reach: &Reach) -> Vec<Log> {
    let mut found = Vec::new();
    for sessions in walk::inside(root, reach, &["sessions", "imported_sessions"]) {
        for path in walk::files(&sessions, reach, |name| name == "wire.jsonl") {
            found.push((sessions.clone(), path));
        }
    }
    if found.is_empty() {
        return Vec::new();
    }
    let config = Arc::new(Config::in_folder(root));
    let folders = Folders::of(root);
    let mut own_logs: HashMap<String, HashSet<String>> = HashMap::new();
    let mut places = Vec::with_capacity(found.len());
    for (sessions, path) in found {
        let inner: Vec<String> = path
            .strip_prefix(&sessions)
            .unwrap_or(&path)
            .parent()
            .into_iter()
            .flat_map(Path::iter)
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        let below = inner.iter().position(|part| part == "subagents");
        let session: Vec<String> = inner[..below.unwrap_or(inner.len())].to_vec();
        let agent = below.and(inner.last().cloned());
        let kind = sessions.file_name().unwrap_or_default().to_string_lossy();
        let place = format!("{kind}/{}", session.join("/"));
        if let Some(agent) = &agent {
            own_logs.entry(place.clone()).or_default().insert(agent.clone());
        }
        let main = session.iter().fold(sessions.clone(), |folder, part| folder.join(part)).join("wire.jsonl");
        places.push((path, main, session, agent, place));
    }
    let own_logs: HashMap<String, Arc<HashSet<String>>> =
        own_logs.into_iter().map(|(place, agents)| (place, Arc::new(agents))).collect();
    places
        .into_iter()
        .map(|(path, main, session, agent, place)| Log {
            file: LogFile {
                path,
                session: session.last().cloned().unwrap_or_default(),
                project: session.first().filter(|_| session.len() > 1).map(|group| folders.of_group(group)),
                config: config.clone(),
            },
            main,
            own_logs: own_logs.get(&place).cloned().unwrap_or_default(),
            agent,
        })
        .collect()
}

/// Which folder a project's MD5 stands for, from the list in `kimi.json`.
#[derive(Debug, Default)]
struct Folders(HashMap<String, String>);

impl Folders {
    fn of(root: &Path) -> Self {
        let Ok(bytes) = read::bytes(&root.join("kimi.json"), MAX_LIST_LEN) else { return Self::default() };
        let known = serde_json::from_slice::<Value>(&bytes).unwrap_or_default();
        let folders = known.get("work_dirs").and_then(Value::as_array).into_iter().flatten();
        Self(
            folders
                .filter_map(|folder| folder.get("path")?.as_str())
                .map(|path| (md5::hex(path.as_bytes()), path.to_owned()))
                .collect(),
        )
    }

    /// A folder on another machine has that machine's kind in front: `ssh_<MD5>`.
    fn of_group(&self, group: &str) -> String {
        let sum = group.rsplit('_').next().unwrap_or(group);
        self.0.get(sum).cloned().unwrap_or_else(|| group.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_and_their_subagents() {
        let root = tempfile::tempdir().unwrap();
        let group = md5::hex(b"/w/boat");
        let write = |path: String| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        write(format!("sessions/{group}/s1/wire.jsonl"));
        write(format!("sessions/{group}/s1/subagents/a1/wire.jsonl"));
        write("imported_sessions/ffff/s2/wire.jsonl".into());
        std::fs::write(root.path().join("kimi.json"), r#"{"work_dirs":[{"path":"/w/boat"},{"path":5},{}]}"#)
            .unwrap();
        let logs = logs(root.path(), &Reach::of(None, &[]));
        let told: Vec<_> = logs
            .iter()
            .map(|l| {
                (l.file.session.as_str(), l.file.project.as_deref(), l.agent.as_deref(), l.own_logs.len())
            })
            .collect();
        assert_eq!(
            told,
            [
                ("s1", Some("/w/boat"), Some("a1"), 1),
                ("s1", Some("/w/boat"), None, 1),
                ("s2", Some("ffff"), None, 0)
            ]
        );
    }
}
