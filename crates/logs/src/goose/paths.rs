//! Where Goose keeps its sessions, and where its requests go.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::config::Config;
use crate::configuration::Configuration;
use crate::environment::Environment;
use crate::layout::Layout;
use crate::log_file::LogFile;
use crate::provider_id::{Providers, json};
use crate::walk::{self, Reach};

/// What is in a folder of Goose's data.
pub(crate) const LAYOUT: Layout = Layout { log_folders: &["sessions"], configuration: &[], lists: &[] };

/// More providers of the user's own are not read.
const MAX_PROVIDERS: usize = 256;

/// Where Goose's data can be.
pub(crate) fn places(home: &Path, environment: &Environment) -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> =
        environment.local_data(home).iter().map(|data| data.join("goose")).collect();
    places.extend(environment.application_data(home).iter().map(|data| data.join("Block/goose/data")));
    places.extend(environment.folder("GOOSE_PATH_ROOT").map(|root| root.join("data")));
    places
}

/// The files that say where requests go: a provider each.
pub(crate) fn configuration(elsewhere: &Configuration) -> Vec<PathBuf> {
    let mut folders = elsewhere.folders("goose");
    folders.extend(elsewhere.folders("Block/goose/config"));
    folders.extend(elsewhere.named("GOOSE_PATH_ROOT").map(|root| root.join("config")));
    let providers = |folder: PathBuf| {
        walk::files_in(&folder.join("custom_providers"), &Reach::default(), |name| {
            Path::new(name).extension().is_some_and(|end| end == "json")
        })
    };
    folders.into_iter().flat_map(providers).take(MAX_PROVIDERS).collect()
}

/// The databases in a folder of Goose's data.
pub(crate) fn logs(root: &Path, reach: &Reach, elsewhere: &Configuration) -> Vec<LogFile> {
    let Some(sessions) = walk::inside(root, reach, &["sessions"]).pop() else { return Vec::new() };
    let files = walk::files_in(&sessions, reach, |name| name == "sessions.db");
    if files.is_empty() {
        return Vec::new();
    }
    let config = Arc::new(config(&configuration(elsewhere)));
    let log = |path| LogFile { path, session: String::new(), project: None, config: config.clone() };
    files.into_iter().map(log).collect()
}

fn config(files: &[PathBuf]) -> Config {
    let mut providers = Providers::known();
    for file in files {
        let Some(entry) = json(file) else { continue };
        let word = |name: &str| entry.get(name).and_then(Value::as_str);
        let id = word("name").or_else(|| file.file_stem()?.to_str());
        if let (Some(id), Some(address)) = (id, word("base_url")) {
            providers.configure(id, Some(address), None);
        }
    }
    providers.config()
}
