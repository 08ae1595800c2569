//! What the environment says about where programs keep their files.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The variables that are read.
const VARIABLES: [&str; 27] = [
    "APPDATA",
    "CLAUDE_CONFIG_DIR",
    "CLINE_DATA_DIR",
    "CLINE_DIR",
    "CLINE_SESSION_DATA_DIR",
    "CODEX_HOME",
    "CRUSH_GLOBAL_CONFIG",
    "CRUSH_GLOBAL_DATA",
    "FLATPAK_XDG_CONFIG_HOME",
    "FLATPAK_XDG_DATA_HOME",
    "GOOSE_PATH_ROOT",
    "KILO_CONFIG",
    "KILO_CONFIG_DIR",
    "KIMI_CODE_HOME",
    "KIMI_SECONDARY_MODEL",
    "KIMI_SHARE_DIR",
    "LOCALAPPDATA",
    "OPENCODE_CONFIG",
    "OPENCODE_CONFIG_DIR",
    "OPENCODE_DATA_DIR",
    "PI_CODING_AGENT_DIR",
    "PI_CODING_AGENT_SESSION_DIR",
    "QWEN_HOME",
    "QWEN_RUNTIME_DIR",
    "VSCODE_PORTABLE",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
];

/// What the environment says, read once by the caller. An empty variable counts as unset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<&'static str, OsString>);

impl Environment {
    /// The variables of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self::of(VARIABLES.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
    }

    /// These variables and no others.
    #[must_use]
    pub fn of(variables: impl IntoIterator<Item = (&'static str, OsString)>) -> Self {
        Self(variables.into_iter().filter(|(_, value)| !value.is_empty()).collect())
    }

    /// A variable's value.
    pub(crate) fn text(&self, name: &str) -> Option<&OsStr> {
        self.0.get(name).map(OsString::as_os_str)
    }

    /// The folder that a variable names.
    pub(crate) fn folder(&self, name: &str) -> Option<PathBuf> {
        self.text(name).map(PathBuf::from)
    }

    /// Where applications keep their settings and data below a home: the places of each system, since a home can be
    /// searched from another one, and where Windows says that it is.
    pub(crate) fn application_data(&self, home: &Path) -> Vec<PathBuf> {
        let below = [".config", "AppData/Roaming", "Library/Application Support"];
        let mut places: Vec<PathBuf> = below.iter().map(|inner| home.join(inner)).collect();
        places.extend(self.folder("APPDATA"));
        places
    }

    /// Where programs keep data that belongs to this machine below a home, as [`application_data`](Self::application_data).
    pub(crate) fn local_data(&self, home: &Path) -> Vec<PathBuf> {
        let below = [".local/share", "AppData/Local", "Library/Application Support"];
        let mut places: Vec<PathBuf> = below.iter().map(|inner| home.join(inner)).collect();
        places.extend(
            ["XDG_DATA_HOME", "FLATPAK_XDG_DATA_HOME", "LOCALAPPDATA"]
                .map(|name| self.folder(name))
                .into_iter()
                .flatten(),
        );
        places
    }

    /// Where programs keep their settings below a home.
    pub(crate) fn settings(&self, home: &Path) -> Vec<PathBuf> {
        let mut places = self.application_data(home);
        places.extend(
            ["XDG_CONFIG_HOME", "FLATPAK_XDG_CONFIG_HOME"]
                .map(|name| self.folder(name))
                .into_iter()
                .flatten(),
        );
        places
    }
}
