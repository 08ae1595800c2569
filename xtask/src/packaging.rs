//! The files by which others get the program: AppStream metadata, Flatpak, AUR, Homebrew, winget, Scoop. They are templates in
//! `packaging`, and are filled with the product's facts and the hashes of a release's files.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use crate::install_tree::{desktop_entry, metainfo, values};
use crate::mac_app;
use crate::product::{DESKTOP_ENTRY, Product};
use crate::step::{command, exists, output, root, run, target};
use crate::template::{self, Values};

/// The target whose archive the packages of others are made from.
pub(crate) const LINUX: &str = "x86_64-unknown-linux-gnu";

/// A file that is made for a release.
struct Made {
    template: &'static str,
    /// Its name, with gaps.
    name: &'static str,
}

const FILES: [Made; 8] = [
    Made { template: "flatpak/flatpak.yml.in", name: "flatpak/@ID@.yml" },
    Made { template: "aur/tidemark/PKGBUILD.in", name: "aur/tidemark/PKGBUILD" },
    Made { template: "aur/tidemark-bin/PKGBUILD.in", name: "aur/tidemark-bin/PKGBUILD" },
    Made { template: "homebrew/tidemark.rb.in", name: "homebrew/tidemark.rb" },
    Made { template: "winget/version.yaml.in", name: "winget/Tidemark.Tidemark.yaml" },
    Made { template: "winget/installer.yaml.in", name: "winget/Tidemark.Tidemark.installer.yaml" },
    Made { template: "winget/locale.en-US.yaml.in", name: "winget/Tidemark.Tidemark.locale.en-US.yaml" },
    Made { template: "scoop/tidemark.json.in", name: "scoop/tidemark.json" },
];

/// The folders of those for Windows.
const FOR_WINDOWS: [&str; 2] = ["winget/", "scoop/"];

/// The name of the archive of the programs for Linux.
pub(crate) fn linux_archive(product: &Product) -> String {
    format!("{}.tar.gz", product.archive_folder(LINUX))
}

/// What Homebrew calls a version of macOS.
fn homebrew_name(macos: &str) -> Result<&'static str> {
    Ok(match macos.split('.').next().unwrap_or_default() {
        "11" => "big_sur",
        "12" => "monterey",
        "13" => "ventura",
        "14" => "sonoma",
        "15" => "sequoia",
        "26" => "tahoe",
        _ => bail!("Homebrew's name for macOS {macos} is not known here"),
    })
}

/// The name of the archive of the sources.
pub(crate) fn source_archive(product: &Product) -> String {
    format!("{}.tar.gz", product.archive_folder("source"))
}

/// The disk image for a Mac with this processor, as Tauri's bundler names it.
fn disk_image(product: &Product, processor: &str) -> String {
    format!("{}_{}_{processor}.dmg", product.name, product.version)
}

/// The name of the installer for Windows.
pub(crate) fn windows_installer(version: &str) -> String {
    format!("Tidemark-{version}-x64-setup.exe")
}

/// The name of the zip for Windows.
pub(crate) fn windows_zip(version: &str) -> String {
    format!("Tidemark-{version}-x64-portable.zip")
}

/// Fills the templates for Windows alone. `base` is the address below which the files are offered, if it is not the
/// release's.
///
/// # Errors
/// One of the files that they name is not there.
pub(crate) fn fill_for_windows(
    product: &Product,
    hash: &dyn Fn(&str) -> Option<String>,
    base: Option<&str>,
    out: &Path,
) -> Result<()> {
    let is_meant = |name: &str| FOR_WINDOWS.iter().any(|folder| name.starts_with(folder));
    let left_out = fill_some(product, hash, base, &is_meant, out)?;
    ensure!(left_out.is_empty(), "{}", left_out.join("; "));
    Ok(())
}

/// Fills every template whose files are all there, into `out`; the names of those that are left out, with what is
/// missing. `hash` gives a file's SHA-256 in hexadecimal.
pub(crate) fn fill(
    product: &Product,
    hash: &dyn Fn(&str) -> Option<String>,
    out: &Path,
) -> Result<Vec<String>> {
    fill_some(product, hash, None, &|_| true, out)
}

fn fill_some(
    product: &Product,
    hash: &dyn Fn(&str) -> Option<String>,
    base: Option<&str>,
    is_meant: &dyn Fn(&str) -> bool,
    out: &Path,
) -> Result<Vec<String>> {
    let mut known = values(product);
    if let Some(base) = base {
        known.insert("RELEASE_URL", base.trim_end_matches('/').to_owned());
    }
    known.insert("ARCHIVE_LINUX", linux_archive(product));
    known.insert("ARCHIVE_SOURCE", source_archive(product));
    known.insert("SETUP", windows_installer(&product.version));
    known.insert("PORTABLE", windows_zip(&product.version));
    known.insert("FOLDER_LINUX", product.archive_folder(LINUX));
    known.insert("FOLDER_SOURCE", product.archive_folder("source"));
    // Homebrew wants its own variable for the version in an address.
    known.insert("RELEASE_URL_CASK", product.release_url().replace(&product.version, "#{version}"));
    known.insert("MACOS_NAME", homebrew_name(&product.macos)?.to_owned());
    let hashed = [
        ("SHA256_LINUX", linux_archive(product)),
        ("SHA256_SOURCE", source_archive(product)),
        ("SHA256_DMG_AARCH64", disk_image(product, "aarch64")),
        ("SHA256_DMG_X64", disk_image(product, "x64")),
        ("SHA256_SETUP", windows_installer(&product.version)),
        ("SHA256_PORTABLE", windows_zip(&product.version)),
    ];
    let mut missing = Values::new();
    for (gap, file) in hashed {
        match hash(&file) {
            Some(hash) => known.insert(gap, hash),
            None => missing.insert(gap, file),
        };
    }
    let mut left_out = Vec::new();
    for file in FILES.iter().filter(|file| is_meant(file.name)) {
        let path = root().join("packaging").join(file.template);
        let template = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let name = template::fill(file.name, &known)?;
        let needs: Vec<&str> = template::gaps(&template)
            .into_iter()
            .filter_map(|gap| missing.get(gap).map(String::as_str))
            .collect();
        if !needs.is_empty() {
            left_out.push(format!("{name}: without {}", needs.join(", ")));
            continue;
        }
        let to = out.join(&name);
        std::fs::create_dir_all(to.parent().context("a file's folder")?)?;
        let text = template::fill(&template, &known).with_context(|| path.display().to_string())?;
        std::fs::write(&to, text)?;
    }
    Ok(left_out)
}

/// Checks everything in `packaging` as far as it can be without a release: templates have no gap that nothing fills and
/// name no version themselves; what is made of them is accepted by the tools that read it.
pub(crate) fn check() -> Result<()> {
    let product = Product::read()?;
    let folder = target().join("packaging-check");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    no_version_by_hand(&product)?;
    one_key(&root())?;
    one_version(&product)?;
    let left_out = fill(&product, &|_| Some("0".repeat(64)), &folder)?;
    ensure!(left_out.is_empty(), "{left_out:?}");

    let entry = folder.join(DESKTOP_ENTRY);
    std::fs::write(&entry, desktop_entry(&product)?)?;
    let about = folder.join(format!("{}.metainfo.xml", product.identifier));
    std::fs::write(&about, metainfo(&product)?)?;
    let mut tools: Vec<(&str, Vec<&str>, PathBuf)> = vec![
        ("desktop-file-validate", vec!["--no-hints"], entry),
        ("appstreamcli", vec!["validate", "--no-net", "--explain"], about),
    ];
    for name in ["tidemark", "tidemark-bin"] {
        tools.push(("bash", vec!["-n"], folder.join("aur").join(name).join("PKGBUILD")));
    }
    let agent = folder.join("agent.plist");
    std::fs::write(&agent, mac_app::agent_plist(&product)?)?;
    // Python reads them as macOS does.
    let read = "import plistlib, sys; plistlib.load(open(sys.argv[1], 'rb'))";
    for plist in [agent, root().join("packaging/macos/window.plist")] {
        tools.push(("python3", vec!["-c", read], plist));
    }
    for (tool, arguments, file) in tools {
        if cfg!(target_os = "linux") || exists(tool, "--version") {
            run(command(tool).args(arguments).arg(file))?;
        } else {
            eprintln!("{}: NOT CHECKED, since there is no {tool} here", file.display());
        }
    }
    unit()
}

/// The user unit is closed as far as an agent can be: the figure of `systemd-analyze security`, from 0 to 10, in tenths. It
/// is 26 by systemd 252; other versions weigh some settings a little differently.
const MOST_EXPOSED: u32 = 30;

fn unit() -> Result<()> {
    if !exists("systemd-analyze", "--version") {
        eprintln!("packaging/linux/tidemark.service: NOT CHECKED, since there is no systemd-analyze here");
        return Ok(());
    }
    let unit = root().join("packaging/linux/tidemark.service");
    let threshold = format!("--threshold={MOST_EXPOSED}");
    let mut security = command("systemd-analyze");
    // It wants to know where a session's files are, though it reads none.
    security.env("XDG_RUNTIME_DIR", target());
    security.args(["security", "--user", "--offline=true", "--no-pager", &threshold]).arg(unit);
    output(&mut security).map(|_| ()).context("the unit is more open than it was")
}

/// A version in a template would be of yesterday tomorrow.
fn no_version_by_hand(product: &Product) -> Result<()> {
    let mut waiting = vec![root().join("packaging"), root().join("flake.nix")];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            for entry in std::fs::read_dir(&path)? {
                waiting.push(entry?.path());
            }
            continue;
        }
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for fact in [&product.version, &product.repository] {
            if let Some(line) = text.lines().position(|line| line.contains(fact.as_str())) {
                bail!(
                    "{}:{}: {fact} stands in Cargo.toml, and is put in from there",
                    path.display(),
                    line + 1
                );
            }
        }
    }
    Ok(())
}

/// The key that verifies releases is also in the crate that has it built in: a published crate has only its own files.
fn one_key(root: &Path) -> Result<()> {
    let key = |path: &str| std::fs::read_to_string(root.join(path)).ok();
    let (packaging, built_in) = ("packaging/minisign.pub", "crates/update/minisign.pub");
    ensure!(key(packaging) == key(built_in), "{built_in} must be a copy of {packaging}");
    Ok(())
}

/// Every file that names the version for its own tool names the same.
fn one_version(product: &Product) -> Result<()> {
    let bundle = std::fs::read_to_string(root().join("src-tauri/tauri.conf.json"))?;
    let bundle: serde_json::Value = serde_json::from_str(&bundle)?;
    ensure!(
        bundle.get("version").is_none(),
        "src-tauri/tauri.conf.json has a version of its own; without it, Cargo.toml's counts"
    );
    let lock = std::fs::read_to_string(root().join("Cargo.lock"))?;
    let own = format!("name = \"tidemark\"\nversion = \"{}\"\n", product.version);
    ensure!(
        lock.replace("\r\n", "\n").contains(&own),
        "Cargo.lock has another version than Cargo.toml: run `cargo check`"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::tests::example;

    #[test]
    fn every_template_is_filled_with_the_version_and_the_hashes() {
        let folder = tempfile::tempdir().unwrap();
        let product = example();
        let hash = |name: &str| Some(format!("hash-of-{name}"));
        assert_eq!(fill(&product, &hash, folder.path()).unwrap(), Vec::<String>::new());
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        let flatpak = read("flatpak/dev.tidemark.Tidemark.yml");
        assert!(
            flatpak.contains("sha256: 'hash-of-tidemark-1.2.3-x86_64-unknown-linux-gnu.tar.gz'"),
            "{flatpak}"
        );
        let source = read("aur/tidemark/PKGBUILD");
        assert!(source.contains("sha256sums=('hash-of-tidemark-1.2.3-source.tar.gz')"), "{source}");
        let cask = read("homebrew/tidemark.rb");
        assert!(cask.contains("/releases/download/v#{version}/Tidemark_#{version}_#{arch}.dmg"), "{cask}");
        assert!(cask.contains("hash-of-Tidemark_1.2.3_aarch64.dmg"), "{cask}");
        assert!(cask.contains("depends_on macos: \">= :ventura\""), "{cask}");
    }

    #[test]
    fn manifests_for_windows_name_the_file_its_checksum_and_the_version() {
        let folder = tempfile::tempdir().unwrap();
        let hash = |_: &str| Some("ab".repeat(32));
        fill_for_windows(&example(), &hash, Some("https://example.org/d/"), folder.path()).unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        let installer = read("winget/Tidemark.Tidemark.installer.yaml");
        for line in [
            "PackageVersion: 1.2.3\n",
            "\n  InstallerUrl: https://example.org/d/Tidemark-1.2.3-x64-setup.exe\n",
            &format!("\n  InstallerSha256: {}\n", "ab".repeat(32)),
        ] {
            assert!(installer.contains(line), "{line}: {installer}");
        }
        assert!(read("winget/Tidemark.Tidemark.locale.en-US.yaml").contains("\nPublisher: Authors\n"));
        let scoop: serde_json::Value = serde_json::from_str(&read("scoop/tidemark.json")).unwrap();
        let file = &scoop["architecture"]["64bit"];
        assert_eq!(file["hash"], "ab".repeat(32));
        assert_eq!(file["url"], "https://example.org/d/Tidemark-1.2.3-x64-portable.zip");
        assert!(!folder.path().join("homebrew").exists());
        let error = fill_for_windows(&example(), &|_| None, None, folder.path()).unwrap_err().to_string();
        assert!(error.contains("Tidemark-1.2.3-x64-setup.exe"), "{error}");
    }

    #[test]
    fn what_a_file_lacks_is_named_and_the_others_are_made() {
        let folder = tempfile::tempdir().unwrap();
        let hash = |name: &str| (!name.starts_with("Tidemark_")).then(|| "0".to_owned());
        let left_out = fill(&example(), &hash, folder.path()).unwrap();
        assert_eq!(
            left_out,
            ["homebrew/tidemark.rb: without Tidemark_1.2.3_aarch64.dmg, Tidemark_1.2.3_x64.dmg"]
        );
        assert!(folder.path().join("aur/tidemark-bin/PKGBUILD").is_file());
        assert!(!folder.path().join("homebrew/tidemark.rb").exists());
    }

    #[test]
    fn the_unit_leaves_the_session_bus_and_the_keyring_in_reach() {
        let unit = std::fs::read_to_string(root().join("packaging/linux/tidemark.service")).unwrap();
        let settings: Vec<&str> = unit.lines().filter(|line| !line.starts_with('#')).collect();
        // Each of them lays an empty /run over the real one under a user's manager.
        for hides in
            ["ProtectProc=", "ProtectControlGroups=", "ProcSubset=", "MountAPIVFS=", "PrivateNetwork="]
        {
            assert!(!settings.iter().any(|line| line.starts_with(hides)), "{hides}");
        }
        // Without it the manager silently leaves the file system open.
        assert!(settings.contains(&"PrivateUsers=yes"), "{settings:?}");
    }

    #[test]
    fn the_crate_has_the_same_key() {
        let folder = tempfile::tempdir().unwrap();
        one_key(folder.path()).unwrap();
        std::fs::create_dir_all(folder.path().join("packaging")).unwrap();
        std::fs::create_dir_all(folder.path().join("crates/update")).unwrap();
        std::fs::write(folder.path().join("packaging/minisign.pub"), "key").unwrap();
        assert!(one_key(folder.path()).is_err());
        std::fs::write(folder.path().join("crates/update/minisign.pub"), "key").unwrap();
        one_key(folder.path()).unwrap();
        one_key(&root()).unwrap();
    }

    #[test]
    fn the_project_s_own_files_name_no_version() {
        let product = Product::read().unwrap();
        no_version_by_hand(&product).unwrap();
        one_version(&product).unwrap();
        // It would be found if it were there.
        let other = Product { version: "rust:1.95".to_owned(), ..product };
        assert!(no_version_by_hand(&other).is_err());
    }
}
