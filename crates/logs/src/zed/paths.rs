//! Where Zed keeps its threads, and where its requests go.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::config::Config;
use crate::configuration::Configuration;
use crate::environment::Environment;
use crate::layout::Layout;
use crate::log_file::LogFile;
use crate::provider_id::{Providers, all_json};
use crate::walk::{self, Reach};

/// What is in a folder of Zed's data.
pub(crate) const LAYOUT: Layout = Layout { log_folders: &["threads"], configuration: &[], lists: &[] };

/// Where Zed's data can be. It is called as each system's programs are.
pub(crate) fn places(home: &Path, environment: &Environment) -> Vec<PathBuf> {
    let folders = environment.local_data(home);
    folders.iter().flat_map(|data| ["zed", "Zed"].map(|name| data.join(name))).collect()
}

/// The files that say where requests go.
pub(crate) fn configuration(elsewhere: &Configuration) -> Vec<PathBuf> {
    ["zed", "Zed"].iter().flat_map(|folder| elsewhere.files(folder, &["settings.json"])).collect()
}

/// The databases in a folder of Zed's data.
pub(crate) fn logs(root: &Path, reach: &Reach, elsewhere: &Configuration) -> Vec<LogFile> {
    let Some(threads) = walk::inside(root, reach, &["threads"]).pop() else { return Vec::new() };
    let files = walk::files_in(&threads, reach, |name| name == "threads.db");
    if files.is_empty() {
        return Vec::new();
    }
    let config = Arc::new(config(&configuration(elsewhere)));
    let log = |path| LogFile { path, session: String::new(), project: None, config: config.clone() };
    files.into_iter().map(log).collect()
}

fn config(files: &[PathBuf]) -> Config {
    let mut providers = Providers::known();
    for settings in all_json(files) {
        let models = settings.get("language_models").and_then(Value::as_object).into_iter().flatten();
        for (id, entry) in models {
            // One of Zed's own, or a list of the user's own.
            if let Some(address) = entry.get("api_url").and_then(Value::as_str) {
                providers.configure(id, Some(address), None);
            }
            for (id, entry) in entry.as_object().into_iter().flatten() {
                if let Some(address) = entry.get("api_url").and_then(Value::as_str) {
                    providers.configure(id, Some(address), None);
                }
            }
        }
    }
    providers.config()
}
