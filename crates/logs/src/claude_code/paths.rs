//! Where Claude Code keeps its session logs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tidemark_files::read;

use crate::config::{Config, Provider, is_kimis_address};
use crate::environment::Environment;
use crate::layout::Layout;
use crate::log_file::LogFile;
use crate::walk::{self, Reach};

/// The largest `settings.json` that is read, in bytes; real ones have some kilobytes.
const MAX_SETTINGS_LEN: u64 = 1 << 20;

/// What is in a folder of Claude Code.
pub(crate) const LAYOUT: Layout =
    Layout { log_folders: &["projects"], configuration: &["settings.json"], lists: &[] };

/// Where folders of Claude Code can be. `CLAUDE_CONFIG_DIR` names several with commas between.
pub(crate) fn places(home: &Path, environment: &Environment) -> Vec<PathBuf> {
    let mut places = vec![home.join(".claude"), home.join(".config/claude")];
    if let Some(named) = environment.text("CLAUDE_CONFIG_DIR") {
        let named = named.to_string_lossy();
        places.extend(named.split(',').map(str::trim).filter(|name| !name.is_empty()).map(PathBuf::from));
    }
    places
}

/// The logs in a folder of Claude Code.
pub(crate) fn logs(root: &Path, reach: &Reach) -> Vec<LogFile> {
    let Some(projects) = walk::inside(root, reach, &["projects"]).pop() else { return Vec::new() };
    let ends = |name: &str| Path::new(name).extension().is_some_and(|end| end.eq_ignore_ascii_case("jsonl"));
    let files = walk::files(&projects, reach, ends);
    if files.is_empty() {
        return Vec::new();
    }
    let config = Arc::new(configuration(root));
    files
        .into_iter()
        .map(|path| {
            let session = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let mut inner = path.strip_prefix(&projects).unwrap_or(&path).iter();
            let project = inner.next().map(|part| part.to_string_lossy().into_owned());
            let project = project.filter(|_| inner.next().is_some());
            LogFile { session, project, config: config.clone(), path }
        })
        .collect()
}

/// The address in `settings.json`, which Claude Code takes over from the environment, and the key beside it.
fn configuration(root: &Path) -> Config {
    let Ok(text) = read::bytes(&root.join("settings.json"), MAX_SETTINGS_LEN) else {
        return Config::default();
    };
    let settings: Value = serde_json::from_slice(&text).unwrap_or_default();
    let variable = |name: &str| {
        let value = settings.pointer(&format!("/env/{name}")).and_then(Value::as_str).map(str::trim);
        value.filter(|value| !value.is_empty())
    };
    let Some(address) = variable("ANTHROPIC_BASE_URL") else { return Config::default() };
    let key = variable("ANTHROPIC_AUTH_TOKEN").or_else(|| variable("ANTHROPIC_API_KEY"));
    let provider = Provider {
        kimi: is_kimis_address(address),
        base_url: Some(address.to_owned()),
        key_digest: key.map(|key| Sha256::digest(key).into()),
        login: false,
    };
    Config::of_one("env", provider)
}
