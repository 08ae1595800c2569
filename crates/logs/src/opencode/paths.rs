//! Where OpenCode and Kilo keep their sessions, and where their requests go.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::config::Config;
use crate::configuration::Configuration;
use crate::environment::Environment;
use crate::layout::Layout;
use crate::log_file::LogFile;
use crate::provider_id::{Providers, all_json, json};
use crate::walk::{self, Reach};

/// What is in a folder of OpenCode.
pub(crate) const LAYOUT: Layout =
    Layout { log_folders: &["storage", "project"], configuration: &["auth.json"], lists: &[] };

/// A database, or one message in a file of its own.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) file: LogFile,
    pub(crate) is_database: bool,
}

/// Where the folder of a program of this name can be.
pub(crate) fn places(name: &str, home: &Path, environment: &Environment) -> Vec<PathBuf> {
    let mut places = vec![home.join(".local/share").join(name)];
    places.extend(environment.folder("XDG_DATA_HOME").map(|data| data.join(name)));
    if name == "opencode" {
        places.extend(environment.folder("OPENCODE_DATA_DIR"));
    }
    places
}

/// The files that say where requests of a program of this name go, later ones before earlier ones.
pub(crate) fn configuration(name: &str, elsewhere: &Configuration) -> Vec<PathBuf> {
    let names = ["config.json".to_owned(), format!("{name}.json"), format!("{name}.jsonc")];
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut files = elsewhere.files(name, &names);
    let (file, folder) = if name == "kilo" {
        ("KILO_CONFIG", "KILO_CONFIG_DIR")
    } else {
        ("OPENCODE_CONFIG", "OPENCODE_CONFIG_DIR")
    };
    files.extend(elsewhere.named(file).map(Path::to_owned));
    let folder = elsewhere.named(folder);
    files.extend(folder.into_iter().flat_map(|folder| names.iter().map(|name| folder.join(name))));
    files
}

/// The logs in a folder of a program of this name.
pub(crate) fn logs(name: &str, root: &Path, reach: &Reach, elsewhere: &Configuration) -> Vec<Log> {
    let is_database = |file: &str| {
        let channel = file.strip_suffix(".db").and_then(|stem| stem.strip_prefix(name));
        channel.is_some_and(|channel| channel.is_empty() || channel.starts_with('-'))
    };
    let databases = walk::files_in(root, reach, is_database);
    let mut messages = Vec::new();
    let is_message =
        |file: &str| file.starts_with("msg_") && Path::new(file).extension().is_some_and(|end| end == "json");
    for storage in walk::inside(root, reach, &["storage"]) {
        messages = walk::files(&storage.join("message"), reach, is_message);
    }
    for projects in walk::inside(root, reach, &["project"]) {
        let is_among_messages = |path: &PathBuf| {
            path.ancestors().nth(2).and_then(Path::file_name).is_some_and(|name| name == "message")
        };
        messages.extend(walk::files(&projects, reach, is_message).into_iter().filter(is_among_messages));
    }
    if databases.is_empty() && messages.is_empty() {
        return Vec::new();
    }
    let config = Arc::new(config(root, &configuration(name, elsewhere)));
    let log = |path: PathBuf, session: String, is_database| Log {
        file: LogFile { path, session, project: None, config: config.clone() },
        is_database,
    };
    let databases = databases.into_iter().map(|path| log(path, String::new(), true));
    let messages = messages.into_iter().map(|path| {
        let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
        let session = folder.to_string_lossy().into_owned();
        log(path, session, false)
    });
    databases.chain(messages).collect()
}

/// The providers: known ones, with what the settings and the file of keys say of them and of others.
fn config(root: &Path, settings: &[PathBuf]) -> Config {
    let mut providers = Providers::known();
    let keys = json(&root.join("auth.json"));
    for (id, entry) in keys.as_ref().and_then(Value::as_object).into_iter().flatten() {
        let key = entry.get("key").and_then(Value::as_str);
        if key.is_some() {
            providers.configure(id, None, key);
        }
    }
    for settings in all_json(settings) {
        for (id, entry) in settings.get("provider").and_then(Value::as_object).into_iter().flatten() {
            let option = |name: &str| entry.pointer(&format!("/options/{name}")).and_then(Value::as_str);
            let address = option("baseURL").or_else(|| entry.get("api").and_then(Value::as_str));
            if address.is_some() || option("apiKey").is_some() {
                providers.configure(id, address, option("apiKey"));
            }
        }
    }
    providers.config()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn databases_of_every_channel_and_messages_in_files_are_found() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join(".local/share/opencode");
        fs::create_dir_all(root.join("storage/message/ses_1")).unwrap();
        fs::create_dir_all(root.join("storage/part/msg_1")).unwrap();
        let first = root.join("project/-work-boat/storage/session");
        for folder in ["message/ses_2", "part/ses_2/msg_2", "info"] {
            fs::create_dir_all(first.join(folder)).unwrap();
        }
        for name in [
            "opencode.db",
            "opencode-dev.db",
            "opencode.db-wal",
            "opencode.db.bak",
            "other.db",
            "opencodex.db",
            "storage/message/ses_1/msg_1.json",
            "storage/message/ses_1/notes.json",
            "storage/part/msg_1/prt_1.json",
            "project/-work-boat/storage/session/message/ses_2/msg_2.json",
            "project/-work-boat/storage/session/part/ses_2/msg_2/prt_2.json",
            "project/-work-boat/storage/session/info/msg_3.json",
        ] {
            fs::write(root.join(name), "").unwrap();
        }
        let reach = Reach::of(Some(home.path()), &[root.join("storage")]);
        let found = logs("opencode", &root, &reach, &Configuration::default());
        let names: Vec<_> = found
            .iter()
            .map(|log| {
                (
                    log.file.path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/"),
                    log.file.session.as_str(),
                    log.is_database,
                )
            })
            .collect();
        assert_eq!(
            names,
            [
                ("opencode-dev.db".to_owned(), "", true),
                ("opencode.db".to_owned(), "", true),
                ("storage/message/ses_1/msg_1.json".to_owned(), "ses_1", false),
                ("project/-work-boat/storage/session/message/ses_2/msg_2.json".to_owned(), "ses_2", false),
            ]
        );
    }

    #[test]
    fn where_requests_go_stands_in_several_files() {
        let home = tempfile::tempdir().unwrap();
        let (root, settings) = (home.path().join("data"), home.path().join(".config/opencode"));
        for folder in [&root, &settings] {
            fs::create_dir_all(folder).unwrap();
        }
        fs::write(
            root.join("auth.json"),
            r#"{"kimi-for-coding":{"type":"api","key":"sk-a"},"mine":{"type":"api","key":"sk-b"},"x":7}"#,
        )
        .unwrap();
        fs::write(settings.join("opencode.jsonc"), r#"{ // own
            "provider": { "mine": { "options": { "baseURL": "https://api.moonshot.cn/v1", "apiKey": "{env:KEY}" }, }, "odd": [] } }"#).unwrap();
        let elsewhere = Configuration::of(home.path(), &Environment::default());
        let config = config(&root, &configuration("opencode", &elsewhere));
        let provider = |id| config.providers().find(|(name, _)| *name == id).unwrap().1.clone();
        let mine = provider("mine");
        assert_eq!((mine.kimi, mine.base_url.as_deref()), (true, Some("https://api.moonshot.cn/v1")));
        assert_eq!(mine.key_digest, Some(Sha256::digest("sk-b").into()));
        assert_eq!(provider("kimi-for-coding").key_digest, Some(Sha256::digest("sk-a").into()));
    }
}
