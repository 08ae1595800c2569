//! How this copy came to this machine, and with that who brings a newer one.

use std::path::{Path, PathBuf};

use crate::install::Place;

/// How this copy came to this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstalledBy {
    /// Debian's package.
    Deb,
    /// An RPM package.
    Rpm,
    /// A package of Arch's, or another package manager's below `/usr`.
    SystemPackage,
    /// Flatpak.
    Flatpak,
    /// Nix.
    Nix,
    /// Homebrew.
    Homebrew,
    /// `cargo install`.
    Cargo,
    /// Scoop.
    Scoop,
    /// winget, as a program without an installer.
    Winget,
    /// An AppImage.
    Appimage,
    /// The installer for Windows.
    WindowsInstaller,
    /// An application of macOS.
    MacApp,
    /// In some other way: unpacked from an archive, or built here.
    Unknown,
}

/// What is known of this copy and this machine.
pub(crate) struct Facts<'a> {
    /// The path of this program.
    pub(crate) program: &'a Path,
    /// The system, as [`std::env::consts::OS`] names it.
    pub(crate) system: &'a str,
    /// The value of a variable.
    pub(crate) variable: &'a dyn Fn(&str) -> Option<PathBuf>,
    /// Whether there is something.
    pub(crate) exists: &'a dyn Fn(&Path) -> bool,
    /// Whether a file belongs to the system.
    pub(crate) is_of_system: &'a dyn Fn(&Path) -> bool,
    /// The user's home.
    pub(crate) home: Option<PathBuf>,
    /// Where the installer for Windows says that it has installed.
    pub(crate) install_dir: Option<PathBuf>,
}

impl InstalledBy {
    /// How this very program came here, and what it can replace by itself, if that is so.
    #[must_use]
    pub fn of_this_program() -> (Self, Option<Place>) {
        let Ok(program) = std::env::current_exe() else { return (Self::Unknown, None) };
        let program = program.canonicalize().unwrap_or(program);
        Self::detect(&Facts {
            program: &program,
            system: std::env::consts::OS,
            variable: &|name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from),
            exists: &|path| path.exists(),
            is_of_system: &is_of_system,
            home: std::env::home_dir(),
            install_dir: install_dir(),
        })
    }

    pub(crate) fn detect(facts: &Facts<'_>) -> (Self, Option<Place>) {
        let by = match facts.system {
            "windows" => return windows(facts),
            "macos" => return macos(facts),
            _ => linux(facts),
        };
        if let Some(image) = by {
            return (Self::Appimage, Some(Place::Appimage { image }));
        }
        (unix_package(facts), None)
    }

    /// A stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deb => "deb",
            Self::Rpm => "rpm",
            Self::SystemPackage => "system-package",
            Self::Flatpak => "flatpak",
            Self::Nix => "nix",
            Self::Homebrew => "homebrew",
            Self::Cargo => "cargo",
            Self::Scoop => "scoop",
            Self::Winget => "winget",
            Self::Appimage => "appimage",
            Self::WindowsInstaller => "windows-installer",
            Self::MacApp => "mac-app",
            Self::Unknown => "unknown",
        }
    }

    /// The command that brings a newer version, where there is one that needs no file to be downloaded by hand.
    #[must_use]
    pub const fn command(self) -> Option<&'static str> {
        match self {
            Self::Flatpak => Some("flatpak update dev.tidemark.Tidemark"),
            Self::Nix => Some("nix profile upgrade tidemark"),
            Self::Homebrew => Some("brew upgrade tidemark"),
            Self::Cargo => Some("cargo install tidemark"),
            Self::Scoop => Some("scoop update tidemark"),
            Self::Winget => Some("winget upgrade Tidemark"),
            // The packages of Debian and RPM are files of the release, and Arch's has as many commands as helpers.
            _ => None,
        }
    }
}

/// The AppImage that this program runs from, if it does.
fn linux(facts: &Facts<'_>) -> Option<PathBuf> {
    if (facts.exists)(Path::new("/.flatpak-info")) {
        return None;
    }
    image_of(facts.program, (facts.variable)("APPDIR"), (facts.variable)("APPIMAGE"))
}

/// The AppImage that a program runs from: its runtime names the image, and the folder where it is mounted. Both are
/// handed down to whatever is started from an AppImage, such as a terminal in an editor, so they count only where the
/// program lies in that folder.
#[must_use]
pub fn image_of(program: &Path, mounted: Option<PathBuf>, image: Option<PathBuf>) -> Option<PathBuf> {
    let mounted = mounted.filter(|folder| folder.is_absolute())?;
    let real = mounted.canonicalize().unwrap_or(mounted);
    let inside = program.starts_with(&real) && real.parent().is_some();
    image.filter(|image| inside && image.is_absolute())
}

fn unix_package(facts: &Facts<'_>) -> InstalledBy {
    let program = facts.program;
    let exists = |path: &str| (facts.exists)(Path::new(path));
    if facts.system == "linux" && exists("/.flatpak-info") {
        return InstalledBy::Flatpak;
    }
    if program.starts_with("/nix/store") {
        return InstalledBy::Nix;
    }
    if has_part(program, "Cellar") || has_part(program, "Caskroom") {
        return InstalledBy::Homebrew;
    }
    if is_cargo_s(facts) {
        return InstalledBy::Cargo;
    }
    let local = program.starts_with("/usr/local");
    if !program.starts_with("/usr") || local || !(facts.is_of_system)(program) {
        return InstalledBy::Unknown;
    }
    if exists("/var/lib/dpkg/info/tidemark.list") {
        InstalledBy::Deb
    } else if ["/usr/lib/sysimage/rpm", "/var/lib/rpm"].into_iter().any(exists)
        && !exists("/var/lib/dpkg/status")
    {
        InstalledBy::Rpm
    } else {
        InstalledBy::SystemPackage
    }
}

fn is_cargo_s(facts: &Facts<'_>) -> bool {
    let usual = facts.home.as_ref().map(|home| home.join(".cargo"));
    let root = (facts.variable)("CARGO_HOME").or(usual);
    root.is_some_and(|root| facts.program.parent() == Some(&root.join("bin")))
}

fn windows(facts: &Facts<'_>) -> (InstalledBy, Option<Place>) {
    let folder = facts.program.parent().unwrap_or(facts.program);
    if has_part(folder, "scoop") && has_part(folder, "apps") {
        return (InstalledBy::Scoop, None);
    }
    if has_part(folder, "WinGet") {
        return (InstalledBy::Winget, None);
    }
    if is_cargo_s(facts) {
        return (InstalledBy::Cargo, None);
    }
    // A portable copy lies elsewhere, also where another one was installed.
    match &facts.install_dir {
        Some(installed) if one_spelling(installed) == one_spelling(folder) => {
            (InstalledBy::WindowsInstaller, Some(Place::WindowsInstaller { folder: installed.clone() }))
        }
        _ => (InstalledBy::Unknown, None),
    }
}

/// Windows makes no difference between capital and small letters, nor between the two slashes; a canonical path begins
/// with a mark.
fn one_spelling(path: &Path) -> String {
    let text = path.to_string_lossy().to_lowercase().replace('/', r"\");
    text.strip_prefix(r"\\?\").unwrap_or(&text).trim_end_matches('\\').to_owned()
}

fn macos(facts: &Facts<'_>) -> (InstalledBy, Option<Place>) {
    let casks = ["/opt/homebrew/Caskroom/tidemark", "/usr/local/Caskroom/tidemark"];
    // The outermost: the agent is in an application of its own inside the window's.
    let bundle =
        facts.program.ancestors().filter(|folder| folder.extension().is_some_and(|is| is == "app")).last();
    let Some(bundle) = bundle else { return (unix_package(facts), None) };
    // Homebrew moves the application to where all applications are.
    if casks.into_iter().any(|cask| (facts.exists)(Path::new(cask))) {
        return (InstalledBy::Homebrew, None);
    }
    // Opened where it was downloaded to, macOS runs a copy from a place that cannot be written.
    let is_moved = has_part(bundle, "AppTranslocation") || bundle.starts_with("/Volumes");
    let place = (!is_moved).then(|| Place::MacApp { bundle: bundle.to_owned() });
    (InstalledBy::MacApp, place)
}

fn has_part(path: &Path, part: &str) -> bool {
    path.components().any(|component| component.as_os_str().eq_ignore_ascii_case(part))
}

/// Whether a file belongs to root.
#[cfg(unix)]
fn is_of_system(path: &Path) -> bool {
    std::os::unix::fs::MetadataExt::uid(&match std::fs::metadata(path) {
        Ok(there) => there,
        Err(_) => return false,
    }) == 0
}

#[cfg(not(unix))]
fn is_of_system(_: &Path) -> bool {
    false
}

/// Where the installer says that it has installed.
#[cfg(windows)]
fn install_dir() -> Option<PathBuf> {
    let key = windows_registry::CURRENT_USER.open(r"Software\Tidemark").ok()?;
    key.get_string("InstallDir").ok().filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

#[cfg(not(windows))]
fn install_dir() -> Option<PathBuf> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How a program was installed, where some paths exist and some variables are set.
    #[cfg(unix)]
    fn found(
        system: &str,
        program: &str,
        there: &[&str],
        variables: &[(&str, &str)],
    ) -> (InstalledBy, Option<Place>) {
        InstalledBy::detect(&Facts {
            program: Path::new(program),
            system,
            variable: &|name| variables.iter().find(|(is, _)| *is == name).map(|(_, value)| value.into()),
            exists: &|path| there.iter().any(|is| Path::new(is) == path),
            is_of_system: &|path| path.starts_with("/usr"),
            home: Some("/home/u".into()),
            install_dir: None,
        })
    }

    #[cfg(unix)] // the paths are those of Unix
    #[test]
    fn each_way_of_installing_is_known_by_its_traces() {
        use InstalledBy as By;
        type Row<'a> = (&'a str, &'a str, &'a [&'a str], &'a [(&'a str, &'a str)], By);
        const DPKG: &[&str] = &["/var/lib/dpkg/info/tidemark.list", "/var/lib/dpkg/status"];
        let table: &[Row<'_>] = &[
            ("linux", "/usr/bin/tidemark", DPKG, &[], By::Deb),
            ("linux", "/usr/bin/tidemark", &["/usr/lib/sysimage/rpm"], &[], By::Rpm),
            // A Debian on which the tool `rpm` is installed, too.
            ("linux", "/usr/bin/tidemark", &["/var/lib/rpm", "/var/lib/dpkg/status"], &[], By::SystemPackage),
            ("linux", "/usr/bin/tidemark", &["/var/lib/pacman/local"], &[], By::SystemPackage),
            ("linux", "/usr/local/bin/tidemark", DPKG, &[], By::Unknown),
            ("linux", "/app/bin/tidemark", &["/.flatpak-info"], &[], By::Flatpak),
            // The editor that opened the terminal is an AppImage; this program is not.
            (
                "linux",
                "/usr/bin/tidemark",
                DPKG,
                &[("APPDIR", "/tmp/.mount_Edit"), ("APPIMAGE", "/opt/Editor.AppImage")],
                By::Deb,
            ),
            ("linux", "/nix/store/abc-tidemark-0.2.0/bin/tidemark", &[], &[], By::Nix),
            (
                "linux",
                "/home/linuxbrew/.linuxbrew/Cellar/tidemark/0.2.0/bin/tidemark",
                &[],
                &[],
                By::Homebrew,
            ),
            ("linux", "/home/u/.cargo/bin/tidemark", &[], &[], By::Cargo),
            ("linux", "/opt/cargo/bin/tidemark", &[], &[("CARGO_HOME", "/opt/cargo")], By::Cargo),
            ("linux", "/home/u/tidemark/target/debug/tidemark", &[], &[], By::Unknown),
            ("macos", "/Users/u/.cargo/bin/tidemark", &[], &[("CARGO_HOME", "/Users/u/.cargo")], By::Cargo),
            ("macos", "/opt/homebrew/Cellar/tidemark/0.2.0/bin/tidemark", &[], &[], By::Homebrew),
            (
                "macos",
                "/Applications/Tidemark.app/Contents/MacOS/tidemark",
                &["/opt/homebrew/Caskroom/tidemark"],
                &[],
                By::Homebrew,
            ),
        ];
        for (system, program, there, variables, expected) in table {
            assert_eq!(found(system, program, there, variables), (*expected, None), "{system} {program}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_replaces_itself_knows_its_place() {
        let variables = [("APPDIR", "/tmp/.mount_Tide"), ("APPIMAGE", "/home/u/Tidemark.AppImage")];
        let image = Place::Appimage { image: "/home/u/Tidemark.AppImage".into() };
        let inside = "/tmp/.mount_Tide/usr/bin/tidemark";
        assert_eq!(found("linux", inside, &[], &variables), (InstalledBy::Appimage, Some(image)));
        let bundle = "/Users/u/Applications/Tidemark.app";
        let program = format!("{bundle}/Contents/Helpers/Tidemark Agent.app/Contents/MacOS/tidemark");
        let place = Some(Place::MacApp { bundle: bundle.into() });
        assert_eq!(found("macos", &program, &[], &[]), (InstalledBy::MacApp, place));
        let copy = "/private/var/folders/x/AppTranslocation/y/d/Tidemark.app/Contents/MacOS/tidemark";
        assert_eq!(found("macos", copy, &[], &[]), (InstalledBy::MacApp, None));
    }

    #[cfg(windows)]
    #[test]
    fn the_installer_s_copy_is_told_from_a_portable_one() {
        let of = |program: &str| {
            InstalledBy::detect(&Facts {
                program: Path::new(program),
                system: "windows",
                variable: &|_| None,
                exists: &|_| false,
                is_of_system: &|_| false,
                home: Some(r"C:\Users\u".into()),
                install_dir: Some(r"C:\Users\u\AppData\Local\Programs\Tidemark".into()),
            })
            .0
        };
        assert_eq!(
            of(r"\\?\C:\users\u\AppData\Local\Programs\Tidemark\tidemark.exe"),
            InstalledBy::WindowsInstaller
        );
        assert_eq!(of(r"D:\portable\tidemark.exe"), InstalledBy::Unknown);
        assert_eq!(of(r"C:\Users\u\scoop\apps\tidemark\0.2.0\tidemark.exe"), InstalledBy::Scoop);
        let winget = r"C:\Users\u\AppData\Local\Microsoft\WinGet\Packages\Tidemark_x\tidemark.exe";
        assert_eq!(of(winget), InstalledBy::Winget);
        assert_eq!(of(r"C:\Users\u\.cargo\bin\tidemark.exe"), InstalledBy::Cargo);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_image_counts_only_where_the_program_runs_from_it() {
        let image = || Some(PathBuf::from("/opt/Editor.AppImage"));
        let of = |program: &str, mounted: Option<&str>| {
            image_of(Path::new(program), mounted.map(PathBuf::from), image())
        };
        assert_eq!(of("/tmp/.mount_TideAb/usr/bin/tidemark", Some("/tmp/.mount_TideAb")), image());
        assert_eq!(of("/usr/bin/tidemark", Some("/tmp/.mount_EditAb")), None);
        assert_eq!(of("/usr/bin/tidemark", Some("/")), None);
        assert_eq!(of("/usr/bin/tidemark", Some("")), None);
        assert_eq!(of("/usr/bin/tidemark", None), None);
        assert_eq!(image_of(Path::new("/m/t"), Some(PathBuf::from("/m")), Some("relative".into())), None);
    }
}
