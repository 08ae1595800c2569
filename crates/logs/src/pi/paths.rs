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

/// How many profiles are read: people have a few.
const MAX_PROFILES: usize = 64;

/// Where folders of each can be.
pub(crate) fn places(format: Format, home: &Path, environment: &Environment) -> Vec<PathBuf> {
    if format == Format::Omp {
        let mut places = vec![home.join(".omp/agent")];
        places.extend(profiles(&home.join(".omp/profiles")));
        return places;
    }
    let mut places = vec![home.join(".pi/agent")];
    places.extend(environment.folder("PI_CODING_AGENT_DIR"));
    if let Some(sessions) = environment.folder("PI_CODING_AGENT_SESSION_DIR") {
        // Within another place it is found there.
        let is_within = places.iter().any(|place| sessions.starts_with(place));
        let parent = sessions.parent().filter(|_| sessions.ends_with("sessions")).map(Path::to_owned);
        places.extend((!is_within).then(|| parent.unwrap_or(sessions)));
    }
    places
}

/// The folders of oh-my-pi's profiles.
fn profiles(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        entries.take(MAX_PROFILES).map(|entry| entry.path().join("agent")).collect();
    found.sort_unstable();
    found
}

/// Where the sessions are in a folder. One that is named for sessions alone has them in itself.
fn sessions(root: &Path, reach: &Reach) -> Option<PathBuf> {
    const OF_AGENT: [&str; 4] = ["sessions", "auth.json", "models.json", "settings.json"];
    if OF_AGENT.iter().any(|name| root.join(name).exists()) {
        return walk::inside(root, reach, LAYOUT.log_folders).pop();
    }
    Some(root.to_owned())
}

/// The logs in a folder of either.
pub(crate) fn logs(root: &Path, reach: &Reach) -> Vec<LogFile> {
    let Some(sessions) = sessions(root, reach) else { return Vec::new() };
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
    fn folders_that_are_named_elsewhere_and_profiles() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path();
        for path in
            [".omp/profiles/work/agent/sessions/a/one.jsonl", "runs/deep/two.jsonl", ".pi/agent/three.jsonl"]
        {
            let path = home.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        std::fs::write(home.join(".pi/agent/auth.json"), "{}").unwrap();
        let found = |format, environment: &Environment| -> Vec<String> {
            let places = places(format, home, environment);
            let logs = places.iter().flat_map(|place| logs(place, &Reach::of(None, &[])));
            logs.map(|log| log.session).collect()
        };
        let nothing = Environment::default();
        assert_eq!(found(Format::Omp, &nothing), ["one"]);
        assert_eq!(found(Format::Pi, &nothing), Vec::<String>::new(), "it is no session");
        for (folder, sessions) in [("runs", &["two"][..]), (".pi/agent/sessions", &[])] {
            let moved = Environment::of([("PI_CODING_AGENT_SESSION_DIR", home.join(folder).into())]);
            assert_eq!(found(Format::Pi, &moved), sessions, "{folder}");
        }
    }

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
