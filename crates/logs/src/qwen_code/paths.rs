//! Where Qwen Code keeps its session logs, and which providers its settings name.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tidemark_core::text;

use crate::config::{Config, Provider, contents};
use crate::environment::Environment;
use crate::layout::Layout;
use crate::log_file::LogFile;
use crate::walk::{self, Reach};

/// What is in a folder of Qwen Code.
pub(crate) const LAYOUT: Layout =
    Layout { log_folders: &["projects"], configuration: &["settings.json"], lists: &[] };

/// The provider that is set for all models.
pub(crate) const FOR_ALL: &str = "settings";

/// Where folders of Qwen Code can be.
pub(crate) fn places(home: &Path, environment: &Environment) -> Vec<PathBuf> {
    let mut places = vec![home.join(".qwen")];
    places.extend(environment.folder("QWEN_HOME"));
    places.extend(environment.folder("QWEN_RUNTIME_DIR"));
    places
}

/// The logs in a folder of Qwen Code.
pub(crate) fn logs(root: &Path, reach: &Reach) -> Vec<LogFile> {
    let Some(projects) = walk::inside(root, reach, LAYOUT.log_folders).pop() else { return Vec::new() };
    let files =
        walk::files(&projects, reach, |name| Path::new(name).extension().is_some_and(|end| end == "jsonl"));
    if files.is_empty() {
        return Vec::new();
    }
    let config = Arc::new(configuration(root));
    files
        .into_iter()
        .map(|path| {
            let session = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let project = path.strip_prefix(&projects).ok().and_then(|inner| inner.iter().next());
            let project = project.map(|name| name.to_string_lossy().into_owned());
            LogFile { session, project, config: config.clone(), path }
        })
        .collect()
}

/// The providers of `settings.json`: one for each model that names its address, and one for all others.
fn configuration(root: &Path) -> Config {
    let text = contents(&root.join("settings.json")).unwrap_or_default();
    let settings: Value = serde_json::from_str(&text).unwrap_or_default();
    let variables = settings.get("env");
    let word = |value: Option<&Value>, key: &str| {
        let word = value?.get(key)?.as_str()?.trim();
        (!word.is_empty()).then(|| word.to_owned())
    };
    let mut providers: Vec<(String, Provider)> = Vec::new();
    let mut runs: Vec<(String, String)> = Vec::new();
    let protocols = settings.get("modelProviders").and_then(Value::as_object).into_iter().flatten();
    for (_, entries) in protocols {
        for entry in entries.as_array().into_iter().flatten() {
            let (Some(id), Some(address)) = (word(Some(entry), "id"), word(Some(entry), "baseUrl")) else {
                continue;
            };
            let key = word(Some(entry), "envKey").and_then(|name| word(variables, &name));
            let name = text::name(&address);
            providers.push((name.clone(), Provider::at(&address, key.as_deref())));
            runs.push((id, name));
        }
    }
    let signed_in = settings.pointer("/security/auth");
    let address = word(signed_in, "baseUrl").or_else(|| word(variables, "OPENAI_BASE_URL"));
    if let Some(address) = address {
        let key = word(signed_in, "apiKey").or_else(|| word(variables, "OPENAI_API_KEY"));
        providers.push((FOR_ALL.to_owned(), Provider::at(&address, key.as_deref())));
    }
    let mut config = Config::of_providers(providers);
    // Of one model at several addresses, the log does not say which: the first one is asked by default.
    runs.into_iter().rev().for_each(|(model, provider)| config.runs(&model, &provider));
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_by_model_and_for_all() {
        let root = tempfile::tempdir().unwrap();
        let settings = r#"{"env":{"OPENAI_API_KEY":"sk-all","MY_KEY":"sk-mine","OPENAI_BASE_URL":"https://api.example.com/v1"},
            "modelProviders":{"openai":[{"id":"kimi-k3","baseUrl":"https://api.kimi.com/coding/v1","envKey":"MY_KEY"},
                {"id":"kimi-k3","baseUrl":"https://far.example.org"},{"id":"other"}],"anthropic":7}}"#;
        std::fs::write(root.path().join("settings.json"), settings).unwrap();
        let config = configuration(root.path());
        let at = config.provider_of("kimi-k3").and_then(|name| config.provider(name)).unwrap().1;
        assert!(at.kimi && at.key_digest.is_some());
        assert_eq!(config.provider_of("other"), None);
        assert!(!config.provider(FOR_ALL).unwrap().1.kimi);
        std::fs::write(root.path().join("settings.json"), "{").unwrap();
        assert_eq!(configuration(root.path()), Config::default());
    }
}
