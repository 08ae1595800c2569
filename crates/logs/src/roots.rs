//! The folders that are searched for logs.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::configuration::Configuration;
use crate::environment::Environment;
use crate::format::Format;
use crate::walk::leads_nowhere;

/// The folders of each program. Each folder stands in it once, by whatever names it is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roots {
    homes: Vec<(Format, PathBuf)>,
    pub(crate) secondary_model: Option<String>,
    /// Files and folders outside of the programs' folders that say where requests go.
    pub(crate) configuration: Configuration,
    /// The user's home: links into it are followed.
    pub(crate) home: Option<PathBuf>,
    /// How many of the folders are links behind which nothing is.
    pub(crate) dangling: u64,
    /// How many of them are pipes, sockets or devices.
    pub(crate) special: u64,
}

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
        let mut homes: Vec<(Format, PathBuf)> = Vec::new();
        for format in Format::ALL {
            homes.extend(format.places(home, environment).into_iter().map(|place| (format, place)));
        }
        homes.extend(further.iter().map(|place| (Format::KimiCode, place.clone())));
        let secondary_model = environment.text("KIMI_SECONDARY_MODEL");
        Self {
            homes,
            secondary_model: secondary_model.map(|model| model.to_string_lossy().into_owned()),
            configuration: Configuration::of(home, environment),
            home: Some(home.to_owned()),
            ..Self::default()
        }
    }

    /// Of these, what is there now, by real paths.
    #[must_use]
    pub fn there(&self) -> Self {
        let mut ancestors = Ancestors::default();
        let mut homes = self.homes.clone();
        homes.retain(|(_, place)| ancestors.are_there(place, self.home.as_deref()));
        let places: HashSet<&Path> = homes.iter().map(|(_, place)| place.as_path()).collect();
        let count = |is: &dyn Fn(&Path) -> bool| places.iter().filter(|place| is(place)).count() as u64;
        Self {
            homes: each_once(&homes),
            secondary_model: self.secondary_model.clone(),
            configuration: self.configuration.clone(),
            home: self.home.clone(),
            dangling: count(&|place| leads_nowhere(place)),
            special: count(&|place| {
                fs::metadata(place).is_ok_and(|there| !there.is_file() && !there.is_dir())
            }),
        }
    }

    /// The folders in them that hold logs.
    pub(crate) fn log_folders(&self) -> Vec<PathBuf> {
        let folders = |(format, root): (Format, &Path)| {
            let root = root.to_owned();
            format.layout().log_folders.iter().map(move |name| root.join(name))
        };
        self.each().flat_map(folders).collect()
    }

    /// All of them with their formats.
    pub fn each(&self) -> impl Iterator<Item = (Format, &Path)> {
        self.homes.iter().map(|(format, folder)| (*format, folder.as_path()))
    }

    /// Those of a format.
    pub fn of(&self, format: Format) -> impl Iterator<Item = &Path> {
        self.each().filter(move |(other, _)| *other == format).map(|(_, folder)| folder)
    }
}

/// Folders on the way to places, each asked for once: hundreds of places are below a few folders of editors, most of which
/// are not there.
#[derive(Debug, Default)]
struct Ancestors(HashMap<PathBuf, bool>);

impl Ancestors {
    /// Whether something has the name of a place below a home, and of every folder on the way to it.
    fn are_there(&mut self, place: &Path, home: Option<&Path>) -> bool {
        let Some((home, inner)) = home.and_then(|home| Some((home, place.strip_prefix(home).ok()?))) else {
            return fs::symlink_metadata(place).is_ok();
        };
        let mut ancestor = home.to_owned();
        inner.components().all(|name| {
            ancestor.push(name);
            if let Some(is_there) = self.0.get(&ancestor) {
                return *is_there;
            }
            let is_there = fs::symlink_metadata(&ancestor).is_ok();
            self.0.insert(ancestor.clone(), is_there);
            is_there
        })
    }
}

/// The folders that are there, by their real paths; each once for a format.
fn each_once(folders: &[(Format, PathBuf)]) -> Vec<(Format, PathBuf)> {
    let mut seen = HashSet::new();
    folders
        .iter()
        .filter_map(|(format, folder)| Some((*format, fs::canonicalize(folder).ok()?)))
        .filter(|home| home.1.is_dir() && seen.insert(home.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_asked_for_once() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join(".config/Cursor/User")).unwrap();
        let mut ancestors = Ancestors::default();
        let places = Roots::places(home.path(), &[], &Environment::default());
        assert!(places.each().count() > 120);
        assert!(places.each().all(|(_, place)| !ancestors.are_there(place, Some(home.path()))));
        assert!(ancestors.0.len() < 60, "{}", ancestors.0.len());
        let folder = home.path().join(".config/Cursor/User/globalStorage/saoudrizwan.claude-dev");
        fs::create_dir_all(&folder).unwrap();
        assert!(Ancestors::default().are_there(&folder, Some(home.path())));
        assert_eq!(places.there().of(Format::Cline).count(), 1);
    }

    #[test]
    fn each_folder_once() {
        let home = tempfile::tempdir().unwrap();
        let home = fs::canonicalize(home.path()).unwrap();
        for folder in [".kimi-code", ".kimi-code-work", ".kimi", "elsewhere", ".config/claude"] {
            fs::create_dir_all(home.join(folder)).unwrap();
        }
        fs::write(home.join(".kimi-code-note"), "a file").unwrap();
        let of = |roots: &Roots, format| roots.of(format).map(Path::to_owned).collect::<Vec<_>>();
        let roots = Roots::in_home(&home, &[home.join(".kimi-code/../.kimi-code")]);
        assert_eq!(of(&roots, Format::KimiCode), [home.join(".kimi-code"), home.join(".kimi-code-work")]);
        assert_eq!(of(&roots, Format::KimiCli), [home.join(".kimi")]);
        assert_eq!(of(&roots, Format::ClaudeCode), [home.join(".config/claude")]);
        let environment = Environment::of([
            ("KIMI_CODE_HOME", home.join("elsewhere").into()),
            ("KIMI_SHARE_DIR", home.join(".kimi").into()),
            ("CLAUDE_CONFIG_DIR", "".into()),
        ]);
        let roots = Roots::found(&home, &[], &environment);
        assert_eq!(of(&roots, Format::KimiCode).last(), Some(&home.join("elsewhere")));
        assert_eq!(of(&roots, Format::KimiCli), [home.join(".kimi")]);
    }
}
