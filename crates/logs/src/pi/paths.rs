//! Where pi and oh-my-pi keep their session logs, and which providers they know.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tidemark_core::text;

use crate::config::{Config, Provider, contents};
use crate::environment::Environment;
use crate::format::Format;
use crate::layout::Layout;
use crate::log_file::LogFile;
use crate::walk::{self, Reach};

/// What is in a folder of pi.
pub(crate) const LAYOUT: Layout =
    Layout { log_folders: &["sessions"], configuration: &["models.json", "auth.json"], lists: &[] };

/// The services of Kimi that both know, with their addresses.
const KIMIS: [(&str, &str); 6] = [
    ("kimi-coding", "https://api.kimi.com/coding"),
    ("kimi-code", "https://api.kimi.com/coding/v1"),
    ("kimi-for-coding", "https://api.kimi.com/coding/v1"),
    ("moonshot", "https://api.moonshot.ai/v1"),
    ("moonshotai", "https://api.moonshot.ai/v1"),
    ("moonshotai-cn", "https://api.moonshot.cn/v1"),
];

/// Where folders of each can be.
pub(crate) fn places(format: Format, home: &Path, environment: &Environment) -> Vec<PathBuf> {
    if format == Format::Omp {
        return vec![home.join(".omp/agent")];
    }
    let mut places = vec![home.join(".pi/agent")];
    places.extend(environment.folder("PI_CODING_AGENT_DIR"));
    let sessions = environment.folder("PI_CODING_AGENT_SESSION_DIR");
    let sessions = sessions.filter(|folder| folder.file_name().is_some_and(|name| name == "sessions"));
    places.extend(sessions.and_then(|folder| folder.parent().map(Path::to_owned)));
    places
}

/// The logs in a folder of either.
pub(crate) fn logs(root: &Path, reach: &Reach) -> Vec<LogFile> {
    let Some(sessions) = walk::inside(root, reach, LAYOUT.log_folders).pop() else { return Vec::new() };
    let files =
        walk::files(&sessions, reach, |name| Path::new(name).extension().is_some_and(|end| end == "jsonl"));
    if files.is_empty() {
        return Vec::new();
    }
    let config = Arc::new(configuration(root));
    files
        .into_iter()
        .map(|path| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            // A time stands in front of the session's id.
            let session = name.split_once('_').map_or(name.as_str(), |(_, id)| id).to_owned();
            LogFile { session, project: None, config: config.clone(), path }
        })
        .collect()
}

/// The providers that both know, those of `models.json`, and the keys in `auth.json`.
fn configuration(root: &Path) -> Config {
    let read = |name: &str| {
        let text = contents(&root.join(name)).unwrap_or_default();
        serde_json::from_str::<Value>(&text).unwrap_or_default()
    };
    let (models, keys) = (read("models.json"), read("auth.json"));
    let kept = |name: &str| keys.get(name)?.get("key")?.as_str();
    let known = KIMIS.iter().map(|(name, address)| ((*name).to_owned(), Provider::at(address, kept(name))));
    let entries = models.get("providers").and_then(Value::as_object).into_iter().flatten();
    let own = entries.filter_map(|(name, entry)| {
        let word = |key: &str| entry.get(key).and_then(Value::as_str).filter(|word| !word.is_empty());
        let known = || KIMIS.iter().find(|(known, _)| known == name).map(|(_, address)| *address);
        let address = word("baseUrl").or_else(known)?;
        Some((text::name(name), Provider::at(address, word("apiKey").or_else(|| kept(name)))))
    });
    Config::of_providers(known.chain(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_and_providers() {
        let root = tempfile::tempdir().unwrap();
        for path in
            ["sessions/--w--/2026-05-06T07_5c.jsonl", "sessions/--w--/deep/er/one.jsonl", "sessions/a.json"]
        {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let models = r#"{"providers":{"mine":{"baseUrl":"https://api.moonshot.cn/v1","apiKey":"sk-made-up"},
            "far":{"baseUrl":"https://x.example.org"},"moonshotai":{"baseUrl":"http://localhost:9/v1"},
            "kimi-coding":{"apiKey":"MY_KEY"},"none":{}}}"#;
        std::fs::write(root.path().join("models.json"), models).unwrap();
        let keys = r#"{"moonshotai-cn":{"type":"api_key","key":"sk-other"},"kimi-coding":{"type":"oauth"}}"#;
        std::fs::write(root.path().join("auth.json"), keys).unwrap();
        let logs = logs(root.path(), &Reach::of(None, &[]));
        let sessions: Vec<_> = logs.iter().map(|log| log.session.as_str()).collect();
        assert_eq!(sessions, ["5c", "one"]);
        let of = |name: &str| {
            logs[0].config.provider(name).map(|(_, known)| (known.kimi, known.key_digest.is_some()))
        };
        assert_eq!(of("mine"), Some((true, true)));
        assert_eq!(of("far"), Some((false, false)));
        assert_eq!(of("moonshotai"), Some((false, false)), "it was pointed elsewhere");
        assert_eq!(of("moonshotai-cn"), Some((true, true)));
        assert_eq!(of("kimi-coding"), Some((true, false)), "a variable's name is no key");
        assert_eq!(of("none"), None);
    }
}
