//! `cargo xtask release`: what is published beside the packages. Sums and their signature, a bill of materials, the
//! files for other packagers, and notes. Packages for other systems are built by the release workflow.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use crate::arguments::Release;
use crate::install_tree::lay;
use crate::package::{self, Programs};
use crate::packages::Group;
use crate::packaging::{self, LINUX};
use crate::product::Product;
use crate::step::{Steps, command, output, root, run, target};
use crate::{changelog, release_document, sbom};

/// The targets that there are programs for.
const TARGETS: [&str; 4] = [LINUX, "x86_64-pc-windows-msvc", "aarch64-apple-darwin", "x86_64-apple-darwin"];

/// The endings of the files that a release has.
const COMPLETE: [(&str, usize); 7] =
    [(".deb", 1), (".rpm", 1), (".AppImage", 1), (".dmg", 2), (".app.tar.gz", 2), (".exe", 1), (".zip", 1)];

/// The public half of the key that releases are signed with.
const PUBLIC_KEY: &str = "packaging/minisign.pub";

/// What a dry run does not do, whatever machine it is on.
const NEVER_DRY: [&str; 6] = [
    "packages for macOS, and the AppImage: their builds run in the release workflow",
    "packages for Windows: there, too; `cargo xtask windows package` makes them here",
    "Authenticode and notarisation: they need certificates",
    "a signature by the real key",
    "provenance: it is attested by the release workflow",
    "publishing: the release, crates.io, the AUR, Flathub, Homebrew, winget, Scoop",
];

/// Makes a release, or tries it.
pub(crate) fn release(options: &Release) -> Result<()> {
    let mut steps = Steps::default();
    let product = Product::read()?;
    if let Some(folder) = &options.assets {
        let folder = root().join(folder);
        steps.step("what a release must have", || {
            is_complete(&product, &folder)?;
            is_meant(&product, &|name| std::env::var(name).ok())
        })?;
        let left_out = steps.step("the release", || finish(&product, &folder, &Key::of_environment()?))?;
        ensure!(left_out.is_empty(), "left out: {}", left_out.join("; "));
        steps.print();
        return Ok(());
    }
    if !options.dry_run {
        bail!("a release is made by pushing the tag v{}; --dry-run tries it here", product.version);
    }
    steps.step("system packages", || {
        let groups = [Group::Build, Group::Run, Group::Package, Group::Check, Group::Release];
        crate::packages::ensure(&groups, options.yes)
    })?;
    let programs = if options.tested {
        steps.step("the packages", || package::bundle(Programs::Tested))?;
        Programs::Tested
    } else {
        package::package(&mut steps)?;
        Programs::Optimised
    };
    // Not target/release: that is Cargo's.
    let folder = target().join("release-assets");
    steps.step("the archives", || gather(&product, programs, &folder))?;
    let left_out = steps.step("the release", || finish(&product, &folder, &Key::thrown_away()?))?;
    steps.print();
    eprintln!("\nIn {}:", folder.display());
    for name in names(&folder)? {
        eprintln!("  {name}");
    }
    eprintln!("\nLeft out:");
    for what in left_out.iter().map(String::as_str).chain(NEVER_DRY) {
        eprintln!("  {what}");
    }
    Ok(())
}

/// Puts the packages of Linux, and both archives, into a folder, which is emptied before.
pub(crate) fn gather(product: &Product, programs: Programs, folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    for kind in ["deb", "rpm"] {
        let made = programs.made(kind).with_context(|| format!("there is no .{kind}"))?;
        std::fs::copy(&made, folder.join(made.file_name().context("a package's name")?))?;
    }
    let tree = target().join("packages/tree");
    lay(&programs.tree()?, &tree)?;
    let parent = tree.parent().context("the tree's folder")?;
    let name = product.archive_folder(LINUX);
    let time = output(command("git").args(["log", "-1", "--format=%ct"]))?;
    run(command("tar")
        .args(["--create", "--sort=name", "--owner=0", "--group=0", "--numeric-owner"])
        .arg(format!("--mtime=@{}", time.trim()))
        .arg(format!("--transform=s,^tree,{name},"))
        .args(["--use-compress-program=gzip -9n", "--file"])
        .arg(folder.join(packaging::linux_archive(product)))
        .arg("--directory")
        .arg(parent)
        .arg("tree"))?;
    run(command("git")
        .args(["-c", "tar.tar.gz.command=gzip -9cn", "archive", "--format=tar.gz"])
        .arg(format!("--prefix={}/", product.archive_folder("source")))
        .arg("--output")
        .arg(folder.join(packaging::source_archive(product)))
        .arg("HEAD"))
}

/// Adds what belongs to the packages in a folder: the bill of materials, the files for other packagers, sums, and their
/// signature. Writes the notes beside it. What could not be made is returned.
fn finish(product: &Product, folder: &Path, key: &Key) -> Result<Vec<String>> {
    let bill = sbom::bill(product, &TARGETS)?;
    let bill = serde_json::to_string_pretty(&bill)? + "\n";
    std::fs::write(folder.join(format!("tidemark-{}.cdx.json", product.version)), bill)?;

    let known = sums(folder)?;
    let made = target().join("release-packaging");
    if made.exists() {
        std::fs::remove_dir_all(&made)?;
    }
    let left_out = packaging::fill(product, &|name| known.get(name).cloned(), &made)?;
    run(command("tar")
        .args(["--create", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0"])
        .args(["--use-compress-program=gzip -9n", "--file"])
        .arg(folder.join(format!("tidemark-{}-packaging.tar.gz", product.version)))
        .arg("--directory")
        .arg(&made)
        .arg("."))?;

    let date = output(command("date").args(["--utc", "+%Y-%m-%d"]))?;
    let document = release_document::document(product, date.trim(), &sums(folder)?, folder)?;
    std::fs::write(folder.join(release_document::NAME), document)?;
    let lines: Vec<String> = sums(folder)?.iter().map(|(name, hash)| format!("{hash}  {name}")).collect();
    std::fs::write(folder.join(SUMS), lines.join("\n") + "\n")?;
    run(command("sha256sum").current_dir(folder).args(["--check", "--strict", "--quiet", SUMS]))?;
    let comment = format!("{} {}", product.name, product.version);
    for name in [SUMS, release_document::NAME] {
        key.sign(&folder.join(name), &comment)?;
    }
    std::fs::write(target().join("release-notes.md"), notes(product, &changelog::read()?)?)?;
    Ok(left_out)
}

const SUMS: &str = "SHA256SUMS";

/// Whether a file is made last: the sums, and the signatures.
fn is_signature_s(name: &str) -> bool {
    name.starts_with(SUMS) || name.ends_with(".minisig")
}

/// The SHA-256 of each file in a folder, by name; without those of an earlier time.
fn sums(folder: &Path) -> Result<BTreeMap<String, String>> {
    let names: Vec<String> = names(folder)?.into_iter().filter(|name| !is_signature_s(name)).collect();
    ensure!(!names.is_empty(), "there is nothing in {}", folder.display());
    let said = output(command("sha256sum").current_dir(folder).arg("--").args(&names))?;
    let pair = |line: &str| line.split_once("  ").map(|(hash, name)| (name.to_owned(), hash.to_owned()));
    Ok(said.lines().filter_map(pair).collect())
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.path().is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// What changed, and how a download is verified.
fn notes(product: &Product, changes: &str) -> Result<String> {
    let section = changelog::section(changes, &product.version)
        .or_else(|| changelog::section(changes, "Unreleased"))
        .context("CHANGELOG.md has neither this version nor anything unreleased")?;
    Ok(format!(
        "{section}\n## Verify a download\n\n```sh\nminisign -V -p minisign.pub -m {SUMS}\nsha256sum --check --ignore-missing {SUMS}\ngh attestation verify FILE --repo {}\n```\n",
        product.repository.trim_start_matches("https://github.com/")
    ))
}

/// Whether a folder has a package for every system.
fn is_complete(product: &Product, folder: &Path) -> Result<()> {
    let names = names(folder)?;
    let missing: Vec<String> = COMPLETE
        .iter()
        .filter(|(ending, count)| names.iter().filter(|name| name.ends_with(ending)).count() != *count)
        .map(|(ending, count)| format!("{count} {ending}"))
        .collect();
    ensure!(missing.is_empty(), "{} lacks {}; it has {names:?}", folder.display(), missing.join(", "));
    let archives = [packaging::linux_archive(product), packaging::source_archive(product)];
    for archive in archives {
        ensure!(names.contains(&archive), "{} lacks {archive}", folder.display());
    }
    Ok(())
}

/// Whether what the workflow runs for is this version of this project, and the changelog knows of it.
fn is_meant(product: &Product, variable: &dyn Fn(&str) -> Option<String>) -> Result<()> {
    let tag = variable("GITHUB_REF_NAME").unwrap_or_default();
    ensure!(tag == format!("v{}", product.version), "the tag is {tag:?}, the version {}", product.version);
    let repository = variable("GITHUB_REPOSITORY").unwrap_or_default();
    ensure!(
        product.repository == format!("https://github.com/{repository}"),
        "this is {repository}, and Cargo.toml names {} as the repository: packages would point there",
        product.repository
    );
    ensure!(
        changelog::releases(&changelog::read()?).iter().any(|made| made.version == product.version),
        "CHANGELOG.md has no section with a date for {}",
        product.version
    );
    Ok(())
}

/// A key to sign with.
struct Key {
    secret: PathBuf,
    public: PathBuf,
    password: Option<String>,
    /// Removes the secret half with it.
    _folder: tempfile::TempDir,
}

impl Key {
    /// One for this time only.
    fn thrown_away() -> Result<Key> {
        let folder = tempfile::tempdir()?;
        let (secret, public) = (folder.path().join("secret"), folder.path().join("public"));
        output(command("minisign").args(["-G", "-W", "-s"]).arg(&secret).arg("-p").arg(&public))?;
        Ok(Key { secret, public, password: None, _folder: folder })
    }

    /// The one that the workflow is given: its file's text in `MINISIGN_SECRET_KEY`.
    fn of_environment() -> Result<Key> {
        let public = root().join(PUBLIC_KEY);
        ensure!(
            public.is_file(),
            "{PUBLIC_KEY} is missing: no one could verify a signature (docs/releasing.md, \"Before the first one\")"
        );
        let text = std::env::var("MINISIGN_SECRET_KEY").ok().filter(|text| !text.trim().is_empty());
        let text = text.context("MINISIGN_SECRET_KEY is not set: nothing can be signed")?;
        let folder = tempfile::tempdir()?; // open to its owner alone
        let secret = folder.path().join("secret");
        std::fs::write(&secret, text)?;
        let password = std::env::var("MINISIGN_PASSWORD").ok();
        Ok(Key { secret, public, password, _folder: folder })
    }

    /// Signs a file, and verifies the signature with the public half.
    fn sign(&self, file: &Path, comment: &str) -> Result<()> {
        use std::io::Write as _;
        use std::process::Stdio;
        let mut sign = command("minisign");
        sign.args(["-S", "-t", comment, "-s"]).arg(&self.secret).arg("-m").arg(file);
        let mut child =
            sign.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().context("cannot start minisign")?;
        if let Some(mut stdin) = child.stdin.take() {
            writeln!(stdin, "{}", self.password.as_deref().unwrap_or_default())?;
        }
        ensure!(child.wait()?.success(), "minisign did not sign");
        output(command("minisign").args(["-V", "-p"]).arg(&self.public).arg("-m").arg(file))
            .map(|_| ())
            .with_context(|| format!("the signature is not by the key in {}", self.public.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::tests::example;

    #[test]
    fn notes_are_this_version_s_section_or_what_is_unreleased() {
        let changes = "## [Unreleased]\n\n- New.\n\n## [1.2.3] - 2026-01-01\n\n- Mended.\n";
        assert!(notes(&example(), changes).unwrap().starts_with("- Mended.\n"));
        assert!(notes(&example(), "## [Unreleased]\n- New.\n").unwrap().starts_with("- New.\n"));
        assert!(notes(&example(), "# Changelog\n").is_err());
    }

    #[test]
    fn a_release_that_lacks_a_package_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let product = example();
        let mut files = vec!["a.deb", "a.rpm", "a.AppImage", "a_x64.dmg", "a_x64.app.tar.gz", "a.exe"];
        files.extend(["a_aarch64.app.tar.gz", "a.zip"]);
        let archives = [packaging::linux_archive(&product), packaging::source_archive(&product)];
        files.extend(archives.iter().map(String::as_str));
        for name in files {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        let error = is_complete(&product, folder.path()).unwrap_err();
        assert!(error.to_string().contains("lacks 2 .dmg"), "{error}");
        std::fs::write(folder.path().join("a_aarch64.dmg"), "").unwrap();
        is_complete(&product, folder.path()).unwrap();
    }

    #[test]
    fn a_release_of_another_version_or_place_is_refused() {
        let product = example();
        let with = |tag: &'static str, repository: &'static str| {
            move |name: &str| match name {
                "GITHUB_REF_NAME" => Some(tag.to_owned()),
                "GITHUB_REPOSITORY" => Some(repository.to_owned()),
                _ => None,
            }
        };
        let error = is_meant(&product, &with("v1.2.4", "a/b")).unwrap_err();
        assert!(error.to_string().contains("v1.2.4"), "{error}");
        let product = Product { repository: "https://github.com/a/b".to_owned(), ..product };
        let error = is_meant(&product, &with("v1.2.3", "a/c")).unwrap_err();
        assert!(error.to_string().contains("a/c"), "{error}");
        let error = is_meant(&product, &with("v1.2.3", "a/b")).unwrap_err();
        assert!(error.to_string().contains("CHANGELOG"), "{error}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn sums_are_of_every_file_but_themselves() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "").unwrap();
        std::fs::write(folder.path().join(SUMS), "old").unwrap();
        std::fs::create_dir(folder.path().join("below")).unwrap();
        let sums = sums(folder.path()).unwrap();
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sums, BTreeMap::from([("a".to_owned(), empty.to_owned())]));
    }
}
