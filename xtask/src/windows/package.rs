//! The packages for Windows: an installer, a portable zip, and the manifests of winget and Scoop, which name the two.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::compiler::TARGET;
use crate::step::{command, output, root, run, target};

/// The version that packages have.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// What the window's program loads when it starts; the build lays it beside the program.
const LOADER: &str = "WebView2Loader.dll";

/// How much time packing may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// As small as can be, for users.
    Small,
    /// Quickly, for a test: without what a debugger needs.
    Quick,
}

/// The installer of a version in the folder that it was packed into.
pub(crate) fn installer(folder: &Path, version: &str) -> PathBuf {
    folder.join(format!("Tidemark-{version}-x64-setup.exe"))
}

/// Where Cargo has put the programs.
pub(crate) fn built(release: bool) -> PathBuf {
    target().join(TARGET).join(if release { "release" } else { "debug" })
}

/// Packs programs that are built into a folder, which is emptied first. `version` is that of the installer; `base` the
/// address below which the files will be offered, without which there are no manifests.
pub(crate) fn pack(
    programs: &Path,
    folder: &Path,
    version: &str,
    pace: Pace,
    base: Option<&str>,
) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    let files = folder.join("Tidemark");
    std::fs::create_dir_all(&files)?;
    let copies = [
        (programs.join("tidemark.exe"), "tidemark.exe"),
        (programs.join("tidemark-desktop.exe"), "tidemark-desktop.exe"),
        (programs.join(LOADER), LOADER),
        (root().join("icons/icon.ico"), "tidemark.ico"),
        (root().join("LICENSE-MIT"), "LICENSE-MIT.txt"),
        (root().join("LICENSE-APACHE"), "LICENSE-APACHE.txt"),
    ];
    for (from, name) in &copies {
        std::fs::copy(from, files.join(name)).with_context(|| format!("cannot pack {}", from.display()))?;
    }
    if pace == Pace::Quick {
        for program in ["tidemark.exe", "tidemark-desktop.exe"] {
            run(command("x86_64-w64-mingw32-strip").arg(files.join(program)))?;
        }
    }
    let mut bytes = 0;
    for (_, name) in &copies {
        bytes += files.join(name).metadata()?.len();
    }

    let installer = installer(folder, version);
    let define = |name: &str, value: &dyn std::fmt::Display| format!("-D{name}={value}");
    let mut makensis = command("makensis");
    if pace == Pace::Quick {
        makensis.arg("-DQUICK");
    }
    run(makensis
        .args(["-V2", "-WX", "-INPUTCHARSET", "UTF8"])
        .arg(define("VERSION", &version))
        .arg(define("FOLDER", &files.display()))
        .arg(define("OUT", &installer.display()))
        .arg(define("KIB", &(bytes / 1024)))
        .arg(root().join("packaging/windows/installer.nsi")))?;

    if pace == Pace::Quick {
        return Ok(());
    }
    let zip = folder.join(format!("Tidemark-{version}-x64-portable.zip"));
    run(command("zip").current_dir(folder).args(["-q", "-X", "-r"]).arg(&zip).arg("Tidemark"))?;
    for file in [&installer, &zip] {
        eprintln!("{}: {:.1} MiB", file.display(), mebibytes(file.metadata()?.len()));
    }
    if let Some(base) = base {
        manifests(folder, version, base.trim_end_matches('/'), &installer, &zip)?;
    } else {
        eprintln!("no manifests for winget and Scoop: name the address of the files with --url");
    }
    Ok(())
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1_u32 << 20)
}

fn manifests(folder: &Path, version: &str, base: &str, installer: &Path, zip: &Path) -> Result<()> {
    let file = |path: &Path| -> Result<Offered> {
        let name = path.file_name().and_then(|name| name.to_str()).context("a package's name")?;
        let sum = output(command("sha256sum").arg(path))?;
        let sha256 = sum.split_whitespace().next().unwrap_or_default().to_owned();
        ensure!(sha256.len() == 64, "sha256sum said {sum:?}");
        Ok(Offered { url: format!("{base}/{name}"), sha256 })
    };
    let (installer, zip) = (file(installer)?, file(zip)?);
    let out = folder.join("manifests");
    std::fs::create_dir_all(&out)?;
    for (name, text) in winget(version, &installer) {
        std::fs::write(out.join(name), text)?;
    }
    std::fs::write(out.join("tidemark.json"), scoop(version, &zip))?;
    eprintln!("{}: manifests for winget and Scoop", out.display());
    Ok(())
}

/// A file as it will be offered.
#[derive(Debug)]
struct Offered {
    url: String,
    sha256: String,
}

/// The three files of a package in winget's repository, each with its name.
fn winget(version: &str, installer: &Offered) -> [(&'static str, String); 3] {
    let head = format!("PackageIdentifier: Tidemark.Tidemark\nPackageVersion: {version}\n");
    let tail = |kind: &str| format!("ManifestType: {kind}\nManifestVersion: 1.6.0\n");
    let (url, sha256) = (&installer.url, installer.sha256.to_uppercase());
    [
        ("Tidemark.Tidemark.yaml", format!("{head}DefaultLocale: en-US\n{}", tail("version"))),
        (
            "Tidemark.Tidemark.installer.yaml",
            format!(
                "{head}InstallerType: nullsoft\nScope: user\nUpgradeBehavior: install\n\
                 MinimumOSVersion: 10.0.17763.0\nInstallers:\n- Architecture: x64\n  InstallerUrl: {url}\n  \
                 InstallerSha256: {sha256}\nDependencies:\n  PackageDependencies:\n  \
                 - PackageIdentifier: Microsoft.EdgeWebView2Runtime\n{}",
                tail("installer")
            ),
        ),
        (
            "Tidemark.Tidemark.locale.en-US.yaml",
            format!(
                "{head}PackageLocale: en-US\nPublisher: The Tidemark authors\nPackageName: Tidemark\n\
                 License: MIT OR Apache-2.0\nShortDescription: {SHORT}\n{}",
                tail("defaultLocale")
            ),
        ),
    ]
}

/// The one file of a package in a Scoop bucket.
fn scoop(version: &str, zip: &Offered) -> String {
    let manifest = json!({
        "version": version,
        "description": SHORT,
        "homepage": zip.url.rsplit_once('/').map_or(zip.url.as_str(), |(base, _)| base),
        "license": "MIT|Apache-2.0",
        "architecture": { "64bit": { "url": zip.url, "hash": zip.sha256 } },
        "extract_dir": "Tidemark",
        "bin": "tidemark.exe",
        "shortcuts": [["tidemark-desktop.exe", "Tidemark"]],
        "pre_uninstall": "& \"$dir\\tidemark.exe\" agent --quit",
    });
    format!("{manifest:#}\n")
}

/// As in `src-tauri/tauri.conf.json`.
const SHORT: &str = "Usage dashboard for Kimi quotas and balances";

#[cfg(test)]
mod tests {
    use super::*;

    fn offered() -> Offered {
        Offered { url: "https://example.org/d/Tidemark.zip".to_owned(), sha256: "ab".repeat(32) }
    }

    #[test]
    fn manifests_name_the_file_its_checksum_and_the_version() {
        let [_, (_, installer), _] = winget("0.2.0", &offered());
        assert!(installer.contains("\n  InstallerUrl: https://example.org/d/Tidemark.zip\n"), "{installer}");
        assert!(installer.contains(&format!("\n  InstallerSha256: {}\n", "AB".repeat(32))), "{installer}");
        for (name, text) in winget("0.2.0", &offered()) {
            assert!(
                text.starts_with("PackageIdentifier: Tidemark.Tidemark\nPackageVersion: 0.2.0\n"),
                "{name}"
            );
            assert!(text.ends_with("ManifestVersion: 1.6.0\n"), "{name}");
        }
        let scoop: serde_json::Value = serde_json::from_str(&scoop("0.2.0", &offered())).unwrap();
        assert_eq!(scoop["architecture"]["64bit"]["hash"], "ab".repeat(32));
        assert_eq!(
            (&scoop["version"], &scoop["homepage"]),
            (&"0.2.0".into(), &"https://example.org/d".into())
        );
    }

    #[test]
    fn the_short_description_is_the_window_s() {
        let window = std::fs::read_to_string(root().join("src-tauri/tauri.conf.json")).unwrap();
        assert!(window.contains(&format!(r#""shortDescription": "{SHORT}""#)));
    }
}
