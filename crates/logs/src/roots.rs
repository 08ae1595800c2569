//! The folders that are searched for logs.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::usage_deduper::Format;
use crate::walk::leads_nowhere;

/// What the environment says, read once by the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// `KIMI_CODE_HOME`: where Kimi Code keeps its files.
    pub kimi_code_home: Option<OsString>,
    /// `KIMI_SHARE_DIR`: where the older command line keeps its files.
    pub kimi_share_dir: Option<OsString>,
    /// `CLAUDE_CONFIG_DIR`: where Claude Code keeps its files; several with commas between.
    pub claude_config_dir: Option<OsString>,
    /// `APPDATA`: where Windows keeps the desktop application's files.
    pub app_data: Option<OsString>,
    /// `KIMI_SECONDARY_MODEL`: the model of Kimi Code's subagents.
    pub secondary_model: Option<OsString>,
}

impl Environment {
    /// The variables of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            kimi_code_home: variable("KIMI_CODE_HOME"),
            kimi_share_dir: variable("KIMI_SHARE_DIR"),
            claude_config_dir: variable("CLAUDE_CONFIG_DIR"),
            app_data: variable("APPDATA"),
            secondary_model: variable("KIMI_SECONDARY_MODEL"),
        }
    }
}

/// The folders of each program. Each folder stands in it once, by whatever names it is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roots {
    /// Home folders of Kimi Code.
    pub kimi_code: Vec<PathBuf>,
    /// Folders of the older command line.
    pub kimi_cli: Vec<PathBuf>,
    /// Home folders of Claude Code.
    pub claude_code: Vec<PathBuf>,
    pub(crate) secondary_model: Option<String>,
    /// The user's home: links into it are followed.
    pub(crate) home: Option<PathBuf>,
    /// How many of the folders are links behind which nothing is.
    pub(crate) dangling: u64,
    /// How many of them are pipes, sockets or devices.
    pub(crate) special: u64,
}

/// The desktop application's runtime, below the folder of applications' data.
const DESKTOP: &str = "kimi-desktop/daimon-share/daimon/runtime/kimi-code/home";

impl Roots {
    /// The folders below a user's home, without the environment, plus additional homes of Kimi Code.
    #[must_use]
    pub fn in_home(home: &Path, further: &[PathBuf]) -> Self {
        Self::found(home, further, &Environment::default())
    }

    /// What is below a user's home and where the environment points. A variable moves where a program
    /// writes from then on; what it wrote before is still use, so both places count.
    #[must_use]
    pub fn found(home: &Path, further: &[PathBuf], environment: &Environment) -> Self {
        Self::places(home, further, environment).there()
    }

    /// Where logs can be, whether anything is there now or not.
    #[must_use]
    pub fn places(home: &Path, further: &[PathBuf], environment: &Environment) -> Self {
        let path = |value: &Option<OsString>| value.as_ref().map(PathBuf::from);
        let mut kimi_code = vec![home.join(".kimi-code")];
        kimi_code.extend(siblings(home, ".kimi-code-"));
        kimi_code.extend(path(&environment.kimi_code_home));
        kimi_code.extend(further.iter().cloned());
        for data in [".config", "AppData/Roaming", "Library/Application Support"] {
            kimi_code.push(home.join(data).join(DESKTOP));
        }
        kimi_code.extend(path(&environment.app_data).map(|data| data.join(DESKTOP)));
        let mut kimi_cli = vec![home.join(".kimi")];
        kimi_cli.extend(path(&environment.kimi_share_dir));
        let mut claude_code = vec![home.join(".claude"), home.join(".config/claude")];
        if let Some(named) = &environment.claude_config_dir {
            let named = named.to_string_lossy();
            claude_code.extend(named.split(',').map(str::trim).filter(|n| !n.is_empty()).map(PathBuf::from));
        }
        Self {
            kimi_code,
            kimi_cli,
            claude_code,
            secondary_model: environment.secondary_model.as_ref().map(|m| m.to_string_lossy().into_owned()),
            home: Some(home.to_owned()),
            ..Self::default()
        }
    }

    /// Of these, what is there now, by real paths.
    #[must_use]
    pub fn there(&self) -> Self {
        let places: HashSet<&Path> = self.each().map(|(_, place)| place).collect();
        let count = |is: &dyn Fn(&Path) -> bool| places.iter().filter(|place| is(place)).count() as u64;
        Self {
            kimi_code: each_once(&self.kimi_code),
            kimi_cli: each_once(&self.kimi_cli),
            claude_code: each_once(&self.claude_code),
            secondary_model: self.secondary_model.clone(),
            home: self.home.clone(),
            dangling: count(&|place| leads_nowhere(place)),
            special: count(&|place| {
                fs::metadata(place).is_ok_and(|there| !there.is_file() && !there.is_dir())
            }),
        }
    }

    /// The folders in them that hold logs.
    pub(crate) fn log_folders(&self) -> Vec<PathBuf> {
        let below = |roots: &[PathBuf], names: &[&str]| -> Vec<PathBuf> {
            roots.iter().flat_map(|root| names.iter().map(|name| root.join(name))).collect()
        };
        let mut folders = below(&self.kimi_code, &["sessions"]);
        folders.extend(below(&self.kimi_cli, &["sessions", "imported_sessions"]));
        folders.extend(below(&self.claude_code, &["projects"]));
        folders
    }

    /// All of them with their formats.
    pub fn each(&self) -> impl Iterator<Item = (Format, &Path)> {
        let kimi_code = self.kimi_code.iter().map(|folder| (Format::KimiCode, folder.as_path()));
        let kimi_cli = self.kimi_cli.iter().map(|folder| (Format::KimiCli, folder.as_path()));
        let claude_code = self.claude_code.iter().map(|folder| (Format::ClaudeCode, folder.as_path()));
        kimi_code.chain(kimi_cli).chain(claude_code)
    }
}

/// Folders in the same folder whose names have this beginning.
fn siblings(home: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(home)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path())
        .collect();
    found.sort_unstable();
    found
}

/// The folders that are there, by their real paths.
fn each_once(folders: &[PathBuf]) -> Vec<PathBuf> {
    let mut seen = HashSet::new();
    folders
        .iter()
        .filter_map(|folder| fs::canonicalize(folder).ok())
        .filter(|folder| folder.is_dir() && seen.insert(folder.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_folder_once() {
        let home = tempfile::tempdir().unwrap();
        let home = fs::canonicalize(home.path()).unwrap();
        for folder in [".kimi-code", ".kimi-code-work", ".kimi", "elsewhere", ".config/claude"] {
            fs::create_dir_all(home.join(folder)).unwrap();
        }
        fs::write(home.join(".kimi-code-note"), "a file").unwrap();
        let roots = Roots::in_home(&home, &[home.join(".kimi-code/../.kimi-code")]);
        assert_eq!(roots.kimi_code, [home.join(".kimi-code"), home.join(".kimi-code-work")]);
        assert_eq!(roots.kimi_cli, [home.join(".kimi")]);
        assert_eq!(roots.claude_code, [home.join(".config/claude")]);
        let environment = Environment {
            kimi_code_home: Some(home.join("elsewhere").into()),
            kimi_share_dir: Some(home.join(".kimi").into()),
            ..Environment::default()
        };
        let roots = Roots::found(&home, &[], &environment);
        assert_eq!(roots.kimi_code.last(), Some(&home.join("elsewhere")));
        assert_eq!(roots.kimi_cli, [home.join(".kimi")]);
    }
}
