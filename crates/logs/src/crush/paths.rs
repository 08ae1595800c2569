//! Where Crush keeps its sessions, and where its requests go.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tidemark_core::text;

use crate::config::Config;
use crate::configuration::Configuration;
use crate::environment::Environment;
use crate::layout::Layout;
use crate::log_file::LogFile;
use crate::provider_id::{Providers, all_json, json};
use crate::usage_deduper::MAX_FOLDER_CHARS;
use crate::walk::Reach;

/// What is in the folder of Crush's own data. The databases are elsewhere.
pub(crate) const LAYOUT: Layout =
    Layout { log_folders: &[], configuration: &["crush.json"], lists: &["projects.json"] };

/// More projects are not followed.
const MAX_PROJECTS: usize = 4096;

/// Where Crush's own data can be.
pub(crate) fn places(home: &Path, environment: &Environment) -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> =
        environment.local_data(home).iter().map(|data| data.join("crush")).collect();
    places.extend(environment.folder("CRUSH_GLOBAL_DATA"));
    places
}

/// The files that say where requests go, besides the one in the folder of its data.
pub(crate) fn configuration(elsewhere: &Configuration) -> Vec<PathBuf> {
    let mut files = elsewhere.files("crush", &["crush.json"]);
    files.extend(elsewhere.named("CRUSH_GLOBAL_CONFIG").map(|folder| folder.join("crush.json")));
    files
}

/// The databases of all projects that a folder of Crush's data lists.
pub(crate) fn logs(root: &Path, reach: &Reach, elsewhere: &Configuration) -> Vec<LogFile> {
    let Some(list) = json(&root.join("projects.json")) else { return Vec::new() };
    let projects = list.get("projects").and_then(Value::as_array).into_iter().flatten();
    let mut found: HashSet<PathBuf> = HashSet::new();
    let mut logs = Vec::new();
    let mut files = configuration(elsewhere);
    files.push(root.join("crush.json"));
    let config = Arc::new(config(&files));
    for project in projects.take(MAX_PROJECTS) {
        let word = |name: &str| project.get(name).and_then(Value::as_str).filter(|word| !word.is_empty());
        let Some(folder) = word("path").filter(|folder| Path::new(folder).is_absolute()) else { continue };
        let data = Path::new(folder).join(word("data_dir").unwrap_or(".crush"));
        let Some(path) = reach.own_file(&data.join("crush.db")) else { continue };
        if found.insert(path.clone()) {
            let project = Some(text::bounded(folder, MAX_FOLDER_CHARS));
            logs.push(LogFile { path, session: String::new(), project, config: config.clone() });
        }
    }
    logs
}

fn config(files: &[PathBuf]) -> Config {
    let mut providers = Providers::known();
    for settings in all_json(files) {
        for (id, entry) in settings.get("providers").and_then(Value::as_object).into_iter().flatten() {
            let word = |name: &str| entry.get(name).and_then(Value::as_str);
            if word("base_url").is_some() || word("api_key").is_some() {
                providers.configure(id, word("base_url"), word("api_key"));
            }
        }
    }
    providers.config()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;

    #[test]
    fn databases_are_found_by_the_list_of_projects_and_only_in_places_of_the_users_own() {
        let home = tempfile::tempdir().unwrap();
        let home = fs::canonicalize(home.path()).unwrap();
        let root = home.join(".local/share/crush");
        for folder in [home.join("a/.crush"), home.join("b"), home.join("elsewhere"), root.clone()] {
            fs::create_dir_all(folder).unwrap();
        }
        for file in ["a/.crush/crush.db", "elsewhere/crush.db"] {
            fs::write(home.join(file), "").unwrap();
        }
        let list = json!({"projects": [
            {"path": home.join("a"), "data_dir": home.join("a/.crush"), "last_accessed": "2026-10-01T00:00:00Z"},
            {"path": home.join("a")},
            {"path": home.join("b"), "data_dir": home.join("elsewhere")},
            {"path": home.join("gone")}, {"path": "relative"}, {"path": ""}, 7, {"path": "/etc"},
        ]});
        fs::write(root.join("projects.json"), list.to_string()).unwrap();
        let reach = Reach::of(Some(&home), &[]);
        let found = logs(&root, &reach, &Configuration::default());
        let found: Vec<_> =
            found.iter().map(|log| (log.path.clone(), log.project.clone().unwrap())).collect();
        let folder = |name: &str| home.join(name).to_str().unwrap().to_owned();
        assert_eq!(
            found,
            [(home.join("a/.crush/crush.db"), folder("a")), (home.join("elsewhere/crush.db"), folder("b"))]
        );
        // People have their projects on other disks.
        #[cfg(windows)]
        {
            let other = tempfile::tempdir().unwrap();
            fs::create_dir(other.path().join(".crush")).unwrap();
            fs::write(other.path().join(".crush/crush.db"), "").unwrap();
            let list = json!({"projects": [{"path": other.path()}]});
            fs::write(root.join("projects.json"), list.to_string()).unwrap();
            assert_eq!(logs(&root, &reach, &Configuration::default()).len(), 1);
            assert!(logs(&root, &Reach::of(None, &[]), &Configuration::default()).is_empty());
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("/etc/passwd", home.join("b/crush.db")).unwrap();
            let list = json!({"projects": [{"path": home.join("b"), "data_dir": "."}]});
            fs::write(root.join("projects.json"), list.to_string()).unwrap();
            assert!(logs(&root, &reach, &Configuration::default()).is_empty());
            assert_eq!(reach.left(), 1);
        }
    }
}
