//! Where Cline, Roo Code and Kilo Code keep their logs, and what is known of their providers.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde::Deserialize;
use serde_json::Value;
use tidemark_core::text;
use tidemark_files::read;

use crate::config::{Config, Provider, contents};
use crate::environment::Environment;
use crate::format::Format;
use crate::layout::Layout;
use crate::log_file::LogFile;
use crate::usage_deduper::MAX_FOLDER_CHARS;
use crate::walk::{self, Reach};

/// What is in a folder of these programs.
pub(crate) const LAYOUT: Layout = Layout {
    log_folders: &["tasks", "sessions"],
    configuration: &["globalState.json", "secrets.json", PROVIDERS],
    lists: &[HISTORY],
};

/// Cline's providers since its version 4.
const PROVIDERS: &str = "settings/providers.json";
/// Cline's list of tasks, with the folders that they worked in.
const HISTORY: &str = "state/taskHistory.json";
/// The largest list of tasks that is read, in bytes.
const MAX_HISTORY_LEN: u64 = 16 << 20;

/// The editors, by the names of their folders.
const EDITORS: [&str; 14] = [
    "Antigravity",
    "Code",
    "Code - Insiders",
    "Code - OSS",
    "CodeBuddy",
    "Cursor",
    "Kiro",
    "Positron",
    "Trae",
    "Trae CN",
    "VSCodium",
    "VSCodium - Insiders",
    "Windsurf",
    "Windsurf - Next",
];
/// The data of editors that run on this machine for a window elsewhere, and of some in a box of their own, below a home.
const SERVERS: [&str; 11] = [
    ".cursor-server/data",
    ".kiro-server/data",
    ".local/share/code-server",
    ".trae-server/data",
    ".vscode-server-insiders/data",
    ".vscode-server/data",
    ".vscodium-server/data",
    ".windsurf-server/data",
    ".var/app/com.visualstudio.code/config/Code",
    ".var/app/com.vscodium.codium/config/VSCodium",
    "snap/code/current/.config/Code",
];

/// The name of a program's extension.
const fn extension(format: Format) -> &'static str {
    match format {
        Format::Roo => "rooveterinaryinc.roo-cline",
        Format::Kilo => "kilocode.kilo-code",
        _ => "saoudrizwan.claude-dev",
    }
}

/// Where folders of a program can be.
pub(crate) fn places(format: Format, home: &Path, environment: &Environment) -> Vec<PathBuf> {
    let mut data = environment.application_data(home);
    data.extend(environment.folder("XDG_CONFIG_HOME"));
    let mut users: Vec<PathBuf> =
        data.iter().flat_map(|data| EDITORS.iter().map(|editor| data.join(editor))).collect();
    users.extend(SERVERS.iter().map(|inner| home.join(inner)));
    users.extend(environment.folder("VSCODE_PORTABLE").map(|folder| folder.join("user-data")));
    let mut places: Vec<PathBuf> =
        users.iter().map(|user| user.join("User/globalStorage").join(extension(format))).collect();
    match format {
        Format::Cline => {
            places.push(home.join(".cline/data"));
            places.extend(environment.folder("CLINE_DIR").map(|folder| folder.join("data")));
            places.extend(environment.folder("CLINE_DATA_DIR"));
            let sessions = environment.folder("CLINE_SESSION_DATA_DIR");
            let sessions =
                sessions.filter(|folder| folder.file_name().is_some_and(|name| name == "sessions"));
            places.extend(sessions.and_then(|folder| folder.parent().map(Path::to_owned)));
        }
        Format::Roo => places.push(home.join(".vscode-mock/global-storage")),
        _ => {}
    }
    places
}

/// A log, with what is beside it.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) file: LogFile,
    pub(crate) format: Format,
    pub(crate) kind: Kind,
    folders: Arc<Folders>,
}

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `ui_messages.json` of a task.
    Task,
    /// `<session>.messages.json`.
    Session,
}

impl Log {
    /// The files beside it that say which models its requests were for: they can be written after it.
    pub(crate) fn beside(&self) -> impl Iterator<Item = PathBuf> {
        let names: &[&str] = match (self.kind, self.format) {
            (Kind::Session, _) => &[],
            (Kind::Task, Format::Cline) => &["task_metadata.json"],
            (Kind::Task, _) => &["api_conversation_history.json"],
        };
        names.iter().map(|name| self.file.path.with_file_name(name))
    }

    /// The folder that it worked in, if a list or a file beside it says so.
    pub(crate) fn folder(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Beside {
            workspace: Option<String>,
            cwd: Option<String>,
            workspace_root: Option<String>,
        }

        let beside = match self.kind {
            Kind::Task => self.file.path.with_file_name("history_item.json"),
            Kind::Session => {
                let name = self.file.path.file_name()?.to_str()?.replace(".messages.json", ".json");
                self.file.path.with_file_name(name)
            }
        };
        let beside = contents(&beside).and_then(|text| serde_json::from_str::<Beside>(&text).ok());
        let folder = beside.and_then(|known| known.workspace.or(known.cwd).or(known.workspace_root));
        let folder = folder.filter(|folder| !folder.is_empty());
        folder
            .map(|folder| text::bounded(&folder, MAX_FOLDER_CHARS))
            .or_else(|| self.folders.of(&self.file.session))
    }
}

/// The folders of tasks, from Cline's list; read once it is asked for.
#[derive(Debug, Default)]
struct Folders {
    root: PathBuf,
    known: OnceLock<HashMap<String, String>>,
}

impl Folders {
    fn of(&self, task: &str) -> Option<String> {
        self.known.get_or_init(|| self.read()).get(task).cloned()
    }

    fn read(&self) -> HashMap<String, String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Task {
            id: Option<String>,
            cwd_on_task_initialization: Option<String>,
        }

        let bytes = read::bytes(&self.root.join(HISTORY), MAX_HISTORY_LEN).unwrap_or_default();
        let tasks: Vec<Task> = serde_json::from_slice(&bytes).unwrap_or_default();
        let folder =
            |task: Task| Some((task.id?, text::bounded(&task.cwd_on_task_initialization?, MAX_FOLDER_CHARS)));
        tasks.into_iter().filter_map(folder).collect()
    }
}

/// The logs in a folder of a program.
pub(crate) fn logs(format: Format, root: &Path, reach: &Reach) -> Vec<Log> {
    let mut found: Vec<(Kind, PathBuf)> = Vec::new();
    for folder in walk::inside(root, reach, LAYOUT.log_folders) {
        let files = walk::files(&folder, reach, |name| kind(name).is_some());
        let kinds = files.into_iter().filter_map(|path| Some((kind(path.file_name()?.to_str()?)?, path)));
        found.extend(kinds);
    }
    if found.is_empty() {
        return Vec::new();
    }
    let config = Arc::new(configuration(root));
    let folders = Arc::new(Folders { root: root.to_owned(), known: OnceLock::new() });
    found
        .into_iter()
        .map(|(kind, path)| {
            let name = match kind {
                Kind::Task => path.parent().and_then(Path::file_name),
                Kind::Session => path.file_name(),
            };
            let name = name.unwrap_or_default().to_string_lossy();
            let session = name.strip_suffix(".messages.json").unwrap_or(&name).to_owned();
            let file = LogFile { session, project: None, config: config.clone(), path };
            Log { file, format, kind, folders: folders.clone() }
        })
        .collect()
}

fn kind(name: &str) -> Option<Kind> {
    if name == "ui_messages.json" {
        return Some(Kind::Task);
    }
    name.strip_suffix(".messages.json").filter(|session| !session.is_empty()).map(|_| Kind::Session)
}

/// The address of the open platform, by Cline's word for the region.
fn moonshot(line: Option<&str>) -> String {
    let region = if line == Some("china") { "cn" } else { "ai" };
    format!("https://api.moonshot.{region}/v1")
}

/// What Cline keeps of its providers outside of an editor: in one file since its version 4, in two before.
fn configuration(root: &Path) -> Config {
    let read = |name: &str| {
        let text = contents(&root.join(name)).unwrap_or_default();
        serde_json::from_str::<Value>(&text).unwrap_or_default()
    };
    let (state, secrets) = (read("globalState.json"), read("secrets.json"));
    let word = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_str).map(str::to_owned).filter(|word| !word.is_empty())
    };
    let (line, key) = (word(&state, "moonshotApiLine"), word(&secrets, "moonshotApiKey"));
    let at_moonshot = (line.is_some() || key.is_some()).then(|| (moonshot(line.as_deref()), key));
    let openai = word(&state, "openAiBaseUrl").map(|address| (address, word(&secrets, "openAiApiKey")));
    let anthropic = word(&state, "anthropicBaseUrl").map(|address| (address, word(&secrets, "apiKey")));
    let named = [("moonshot", at_moonshot), ("openai", openai), ("anthropic", anthropic)];
    let before = named.into_iter().filter_map(|(name, known)| {
        let (address, key) = known?;
        Some((name.to_owned(), Provider::at(&address, key.as_deref())))
    });
    let listed = read(PROVIDERS);
    let entries = listed.get("providers").and_then(Value::as_object).into_iter().flatten();
    let now = entries.filter_map(|(name, entry)| {
        let settings = entry.get("settings")?;
        let line = || (name == "moonshot").then(|| moonshot(word(settings, "apiLine").as_deref()));
        let address = word(settings, "baseUrl").or_else(line)?;
        Some((text::name(name), Provider::at(&address, word(settings, "apiKey").as_deref())))
    });
    Config::of_providers(before.chain(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_and_sessions() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("tasks/17/ui_messages.json", "[]");
        write("tasks/18/ui_messages.json", "[]");
        write("tasks/18/history_item.json", r#"{"workspace":"/w/b"}"#);
        write("tasks/18/api_conversation_history.json", "[]");
        write("sessions/s1/s1.messages.json", "{}");
        write("sessions/s1/s1.json", r#"{"cwd":"/w/c","model":"kimi-k3"}"#);
        write("sessions/s1/helper.messages.json", "{}");
        write("state/taskHistory.json", r#"[{"id":"17","cwdOnTaskInitialization":"/w/a"},{"id":"x"}]"#);
        let logs = logs(Format::Cline, root.path(), &Reach::of(None, &[]));
        let known: Vec<_> =
            logs.iter().map(|log| (log.file.session.as_str(), log.kind, log.folder())).collect();
        let folder = |name: &str| Some(name.to_owned());
        assert_eq!(
            known,
            [
                ("17", Kind::Task, folder("/w/a")),
                ("18", Kind::Task, folder("/w/b")),
                ("helper", Kind::Session, None),
                ("s1", Kind::Session, folder("/w/c")),
            ]
        );
    }

    #[test]
    fn editors_of_each_system_and_servers() {
        let home = Path::new("/h");
        let environment = Environment::of([("CLINE_DIR", "/c".into()), ("APPDATA", "/r".into())]);
        let places = places(Format::Cline, home, &environment);
        for place in [
            "/h/.config/Code/User/globalStorage/saoudrizwan.claude-dev",
            "/h/Library/Application Support/Cursor/User/globalStorage/saoudrizwan.claude-dev",
            "/r/Windsurf/User/globalStorage/saoudrizwan.claude-dev",
            "/h/.vscode-server/data/User/globalStorage/saoudrizwan.claude-dev",
            "/h/.cline/data",
            "/c/data",
        ] {
            assert!(places.iter().any(|known| known == Path::new(place)), "{place}");
        }
    }

    #[test]
    fn what_cline_keeps_of_its_providers() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(
            root.path().join("globalState.json"),
            r#"{"moonshotApiLine":"china","openAiBaseUrl":"https://api.kimi.com/coding/v1"}"#,
        )
        .unwrap();
        std::fs::write(root.path().join("secrets.json"), r#"{"moonshotApiKey":"sk-made-up"}"#).unwrap();
        let config = configuration(root.path());
        let of = |name: &str| {
            config.provider(name).map(|(_, one)| {
                (one.base_url.as_deref().unwrap().to_owned(), one.kimi, one.key_digest.is_some())
            })
        };
        assert_eq!(of("moonshot"), Some(("https://api.moonshot.cn/v1".to_owned(), true, true)));
        assert_eq!(of("openai"), Some(("https://api.kimi.com/coding/v1".to_owned(), true, false)));
        assert_eq!(of("anthropic"), None);
        // Since its version 4.
        std::fs::create_dir(root.path().join("settings")).unwrap();
        let providers = r#"{"version":1,"providers":{"moonshot":{"settings":{"provider":"moonshot","apiKey":"sk-other"}},
            "openai-compatible":{"settings":{"baseUrl":"https://api.kimi.com/coding/v1","apiKey":"sk-kimi-x"}},
            "cline":{"settings":{"auth":{}}},"odd":5}}"#;
        std::fs::write(root.path().join(PROVIDERS), providers).unwrap();
        let config = configuration(root.path());
        let of = |name: &str| {
            config.provider(name).map(|(_, one)| {
                (one.base_url.as_deref().unwrap().to_owned(), one.kimi, one.key_digest.is_some())
            })
        };
        assert_eq!(of("moonshot"), Some(("https://api.moonshot.ai/v1".to_owned(), true, true)));
        assert_eq!(of("openai-compatible"), Some(("https://api.kimi.com/coding/v1".to_owned(), true, true)));
        assert_eq!((of("cline"), of("odd")), (None, None));
    }
}
