//! Where programs keep their configuration, apart from the folders that their logs are in.

use std::path::{Path, PathBuf};

use crate::environment::Environment;

/// The variables that name a file or a folder of a program's configuration.
const VARIABLES: [&str; 6] = [
    "CRUSH_GLOBAL_CONFIG",
    "GOOSE_PATH_ROOT",
    "KILO_CONFIG",
    "KILO_CONFIG_DIR",
    "OPENCODE_CONFIG",
    "OPENCODE_CONFIG_DIR",
];

/// Where configuration can be, whether anything is there or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Configuration {
    /// Folders in which each program has one of its own.
    settings: Vec<PathBuf>,
    /// What variables name.
    named: Vec<(&'static str, PathBuf)>,
}

impl Configuration {
    /// That below a user's home and where the environment points.
    pub(crate) fn of(home: &Path, environment: &Environment) -> Self {
        let named = VARIABLES.into_iter().filter_map(|name| Some((name, environment.folder(name)?)));
        Self { settings: environment.settings(home), named: named.collect() }
    }

    /// Files of these names in a program's folders for settings.
    pub(crate) fn files(&self, folder: &str, names: &[&str]) -> Vec<PathBuf> {
        let folders = self.settings.iter().map(|settings| settings.join(folder));
        folders.flat_map(|folder| names.iter().map(move |name| folder.join(name))).collect()
    }

    /// The folders of this name among the settings.
    pub(crate) fn folders(&self, folder: &str) -> Vec<PathBuf> {
        self.settings.iter().map(|settings| settings.join(folder)).collect()
    }

    /// What a variable names.
    pub(crate) fn named(&self, variable: &str) -> Option<&Path> {
        self.named.iter().find(|(name, _)| *name == variable).map(|(_, path)| path.as_path())
    }
}
