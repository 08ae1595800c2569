//! Where Codex keeps its session logs, and which providers its configuration names.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tidemark_core::text;

use crate::config::{Config, Provider, contents};
use crate::environment::Environment;
use crate::layout::Layout;
use crate::log_file::LogFile;
use crate::walk::{self, Reach};

/// What is in a folder of Codex.
pub(crate) const LAYOUT: Layout =
    Layout { log_folders: &["sessions", "archived_sessions"], configuration: &["config.toml"], lists: &[] };

/// Where folders of Codex can be.
pub(crate) fn places(home: &Path, environment: &Environment) -> Vec<PathBuf> {
    let mut places = vec![home.join(".codex")];
    places.extend(environment.folder("CODEX_HOME"));
    places
}

/// The logs in a folder of Codex.
pub(crate) fn logs(root: &Path, reach: &Reach) -> Vec<LogFile> {
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in walk::inside(root, reach, LAYOUT.log_folders) {
        found.extend(walk::files(&folder, reach, |name| plain_name(name).is_some()));
    }
    if found.is_empty() {
        return Vec::new();
    }
    let config = Arc::new(configuration(root));
    let plain: HashSet<&Path> = found.iter().map(PathBuf::as_path).collect();
    let passed_over = |path: &Path| is_compressed(path) && plain.contains(path.with_extension("").as_path());
    let logs = found.iter().filter(|path| !passed_over(path));
    logs.map(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let session = session(plain_name(&name).unwrap_or_default()).to_owned();
        LogFile { session, project: None, config: config.clone(), path: path.clone() }
    })
    .collect()
}

/// Whether a log is compressed.
pub(crate) fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "zst")
}

/// A log's name without what its endings say.
fn plain_name(name: &str) -> Option<&str> {
    let plain = name.strip_suffix(".zst").unwrap_or(name);
    plain.strip_prefix("rollout-").and_then(|rest| rest.strip_suffix(".jsonl"))
}

/// The session in `2026-05-06T07-08-09-<id>`, where the name has a time in front.
fn session(name: &str) -> &str {
    const TIME: usize = "2026-05-06T07-08-09-".len();
    name.get(TIME..).filter(|id| !id.is_empty()).unwrap_or(name)
}

/// The providers of `config.toml`.
fn configuration(root: &Path) -> Config {
    let text = contents(&root.join("config.toml")).unwrap_or_default();
    let value: Value = toml::from_str(&text).unwrap_or_default();
    let named = value.get("model_providers").and_then(Value::as_object).into_iter().flatten();
    let word = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let providers = named.filter_map(|(name, entry)| {
        let address = word(entry, "base_url").filter(|address| !address.is_empty())?;
        let key = word(entry, "experimental_bearer_token");
        Some((text::name(name), Provider::at(&address, key.as_deref())))
    });
    // The one that needs no entry can be pointed elsewhere.
    let own = word(&value, "openai_base_url").filter(|address| !address.is_empty());
    let own = own.map(|address| ("openai".to_owned(), Provider::at(&address, None)));
    Config::of_providers(providers.chain(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rollouts_in_plain_and_compressed() {
        let root = tempfile::tempdir().unwrap();
        for path in [
            "sessions/2026/05/06/rollout-2026-05-06T07-08-09-01aa.jsonl",
            "sessions/2026/05/06/rollout-2026-05-06T07-08-09-01aa.jsonl.zst",
            "sessions/2026/05/07/rollout-2026-05-07T07-08-09-02bb.jsonl.zst",
            "sessions/2026/05/07/notes.jsonl",
            "archived_sessions/rollout-odd.jsonl",
            "history.jsonl",
        ] {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let logs = logs(root.path(), &Reach::of(None, &[]));
        let sessions: Vec<_> = logs.iter().map(|log| log.session.as_str()).collect();
        assert_eq!(sessions, ["01aa", "02bb", "odd"]);
    }

    #[test]
    fn providers_by_their_addresses() {
        let root = tempfile::tempdir().unwrap();
        let text = r#"
model_provider = "mine"
openai_base_url = "https://eu.api.example.com/v1"
[model_providers.mine]
base_url = "https://api.kimi.com/coding/v1"
env_key = "MY_KEY"
[model_providers.paid]
base_url = "https://api.moonshot.ai/v1"
experimental_bearer_token = "sk-made-up"
[model_providers.none]
name = "no address"
"#;
        std::fs::write(root.path().join("config.toml"), text).unwrap();
        let config = configuration(root.path());
        let of =
            |name: &str| config.provider(name).map(|(_, known)| (known.kimi, known.key_digest.is_some()));
        assert_eq!(of("mine"), Some((true, false)));
        assert_eq!(of("paid"), Some((true, true)));
        assert_eq!(of("openai"), Some((false, false)));
        assert_eq!(of("none"), None);
        std::fs::write(root.path().join("config.toml"), b"\xff = [").unwrap();
        assert_eq!(configuration(root.path()), Config::default());
    }
}
