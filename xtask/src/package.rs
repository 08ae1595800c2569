//! `cargo xtask package`: a `.deb` and an `.rpm`; on a Mac, a disk image; on Windows, an installer and a zip.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;

use crate::install_tree::{self, Installed};
use crate::product::Product;
use crate::step::{Steps, cargo, command, exists, output, root, run, target};
use crate::{front_end, mac_app, windows};

/// What each package must hold.
const CONTENTS: [&str; 18] = [
    "usr/bin/tidemark",
    "usr/bin/tidemark-desktop",
    "usr/lib/systemd/user/tidemark.service",
    "usr/share/applications/Tidemark.desktop",
    "usr/share/bash-completion/completions/tidemark",
    "usr/share/fish/vendor_completions.d/tidemark.fish",
    "usr/share/icons/hicolor/32x32/apps/tidemark-desktop.png",
    "usr/share/icons/hicolor/128x128/apps/tidemark-desktop.png",
    "usr/share/icons/hicolor/512x512/apps/tidemark-desktop.png",
    "usr/share/doc/tidemark/LICENSE-APACHE",
    "usr/share/doc/tidemark/LICENSE-MIT",
    "usr/share/doc/tidemark/CHANGELOG.md.gz",
    "usr/share/doc/tidemark/copyright",
    "usr/share/man/man1/tidemark.1.gz",
    "usr/share/man/man1/tidemark-account-add.1.gz",
    "usr/share/man/man1/tidemark-desktop.1.gz",
    "usr/share/man/zh_CN/man1/tidemark.1.gz",
    "usr/share/metainfo/dev.tidemark.Tidemark.metainfo.xml",
];

/// Which programs are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Programs {
    /// Those that users get.
    Optimised,
    /// Those that the checks have built.
    Tested,
}

impl Programs {
    /// Where Cargo has put them.
    fn built(self) -> PathBuf {
        target().join(match self {
            Programs::Optimised => "release",
            Programs::Tested => "debug",
        })
    }

    /// Where their packages end up.
    fn packages(self) -> PathBuf {
        match self {
            Programs::Optimised => target().join("packages"),
            Programs::Tested => target().join("packages/tested"),
        }
    }

    /// Their package of a kind (`deb`), where it has been made.
    pub(crate) fn made(self, kind: &str) -> Option<PathBuf> {
        let made = std::fs::read_dir(self.packages()).into_iter().flatten().flatten();
        made.map(|entry| entry.path()).find(|path| path.extension().is_some_and(|is| is == kind))
    }

    /// The files of an installation of them.
    pub(crate) fn tree(self) -> Result<Vec<Installed>> {
        install_tree::files(&self.built(), &self.packages().join("made"))
    }
}

/// Builds the window's code and the optimised programs, and makes both packages.
pub(crate) fn package(steps: &mut Steps) -> Result<()> {
    steps.step("npm packages", front_end::install)?;
    steps.step("the window's code", front_end::build)?;
    steps.step("the optimised programs", || build(false))?;
    steps.step("the packages", || bundle(Programs::Optimised))?;
    Ok(())
}

/// Builds both programs, and with `bare` the bare window that they are measured against, in one go: what
/// they share is then compiled once.
pub(crate) fn build(bare: bool) -> Result<()> {
    let mut build = cargo();
    build.args(["build", "--release", "--locked", "--package", "tidemark", "--package", "tidemark-desktop"]);
    build.args(["--bins", "--features", "tidemark-desktop/custom-protocol"]);
    if bare {
        build.args(["--example", "bare-window"]);
    }
    if cfg!(target_os = "macos") {
        build.env("MACOSX_DEPLOYMENT_TARGET", Product::read()?.macos);
    }
    run(&mut build)
}

/// Lays the files of an installation of optimised programs out, for packagers who put them into a package themselves.
pub(crate) fn lay_tree(steps: &mut Steps) -> Result<()> {
    steps.step("npm packages", front_end::install)?;
    steps.step("the window's code", front_end::build)?;
    steps.step("the optimised programs", || build(false))?;
    let tree = Programs::Optimised.packages().join("tree");
    steps.step("the files", || install_tree::lay(&Programs::Optimised.tree()?, &tree))
}

/// Makes an AppImage of the optimised programs, with the libraries of the window in it. It has one entry for both:
/// `Tidemark.AppImage status` is the command line.
pub(crate) fn appimage(steps: &mut Steps) -> Result<()> {
    steps.step("the AppImage", || {
        let built = Programs::Optimised.built();
        let files = json!({ "/usr/bin/tidemark": built.join("tidemark") });
        let config = json!({ "bundle": { "linux": { "appimage": { "files": files } } } });
        let mut packer = command(front_end::folder().join("node_modules/.bin/tauri"));
        packer.current_dir(root().join("src-tauri")).args(["bundle", "--ci", "--bundles", "appimage"]);
        run(packer.arg("--config").arg(config.to_string()))?;
        let made = only_file(&built.join("bundle/appimage"), "AppImage")?;
        let to = Programs::Optimised.packages().join(made.file_name().context("a package's name")?);
        std::fs::copy(&made, &to)?;
        eprintln!("{}: {:.1} MiB", to.display(), mebibytes(to.metadata()?.len()));
        Ok(())
    })
}

/// The kinds of packages of Linux, and of a Mac, where the disk image is made of the application.
const LINUX: &[&str] = &["deb", "rpm"];
const MACOS: &[&str] = &["app", "dmg"];

/// Makes all packages of programs that are built.
pub(crate) fn bundle(programs: Programs) -> Result<()> {
    if cfg!(windows) {
        return windows::pack_here(&programs.built(), &programs.packages());
    }
    // The bundler takes files only from where they are; where Cargo puts them is known here.
    let built = programs.built();
    let (product, made) = (Product::read()?, programs.packages().join("made"));
    let (config, kinds) = if cfg!(target_os = "macos") {
        let config = mac_app::configuration(&product, &built, &made)?;
        (config, MACOS)
    } else {
        let files = programs.tree()?;
        let [deb, rpm] = ["deb", "rpm"].map(|kind| install_tree::besides_the_bundlers(&files, kind));
        (json!({ "bundle": { "linux": { "deb": { "files": deb }, "rpm": { "files": rpm } } } }), LINUX)
    };
    let bundles = built.join("bundle");
    if bundles.exists() {
        std::fs::remove_dir_all(&bundles)?; // packages of other versions
    }
    let mut packer = command(front_end::folder().join("node_modules/.bin/tauri"));
    // Both kinds in one command: the bundler writes into the program, which would be built again between.
    packer.current_dir(root().join("src-tauri")).args(["bundle", "--ci", "--bundles", &kinds.join(",")]);
    packer.arg("--config");
    packer.arg(config.to_string());
    if programs == Programs::Tested {
        packer.arg("--debug");
    }
    run(&mut packer)?;

    let out = programs.packages();
    std::fs::create_dir_all(&out)?;
    for old in std::fs::read_dir(&out)? {
        let old = old?.path();
        if old.is_file() {
            std::fs::remove_file(old)?;
        }
    }
    for &kind in kinds.iter().filter(|kind| **kind != "app") {
        let made = only_file(&bundles.join(kind), kind)?;
        let name = made.file_name().context("a package's name")?;
        let to = out.join(name);
        std::fs::copy(&made, &to)?;
        check(&to, kind)?;
        // What the checks have built is ten times as large, and not stripped.
        if kind == "deb" && programs == Programs::Optimised {
            lint(&to)?;
        }
        let size = to.metadata()?.len();
        eprintln!("{}: {:.1} MiB", to.display(), mebibytes(size));
    }
    if cfg!(target_os = "macos") {
        let application = bundles.join("macos").join(format!("{}.app", product.name));
        mac_app::finish(&product, &application, &made, &out)?;
    }
    for program in ["tidemark", "tidemark-desktop"] {
        eprintln!("{program}: {:.1} MiB", mebibytes(built.join(program).metadata()?.len()));
    }
    Ok(())
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1_u32 << 20)
}

fn only_file(folder: &Path, ending: &str) -> Result<PathBuf> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("no package in {}", folder.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|is| is == ending) {
            found.push(path);
        }
    }
    match <[PathBuf; 1]>::try_from(found) {
        Ok([one]) => Ok(one),
        Err(found) => bail!("expected one .{ending} in {}, found {found:?}", folder.display()),
    }
}

/// Has Debian's own checker read a package. Its maintainer has no address to name, and it has no changelog in Debian's form,
/// since it is none of Debian's packages.
fn lint(package: &Path) -> Result<()> {
    if !exists("lintian", "--version") {
        eprintln!("{}: NOT CHECKED by lintian, which is not here", package.display());
        return Ok(());
    }
    let mut lintian = command("lintian");
    lintian.args(["--allow-root", "--fail-on", "error", "--suppress-tags", "malformed-contact,no-changelog"]);
    run(lintian.arg(package))
}

/// Checks a package: everything is in it and can be started.
fn check(package: &Path, kind: &str) -> Result<()> {
    let list = match kind {
        // What is in it is checked where it is made.
        "dmg" => return run(command("hdiutil").arg("verify").arg(package)),
        "deb" => output(command("dpkg-deb").arg("--contents").arg(package))?,
        _ => output(command("rpm").args(["-q", "-l", "-v", "-p"]).arg(package))?,
    };
    for wanted in CONTENTS {
        let line = list
            .lines()
            .find(|line| line.trim_end().ends_with(&format!("/{wanted}")) || line.ends_with(wanted));
        let Some(line) = line else { bail!("{} lacks {wanted}:\n{list}", package.display()) };
        if wanted.starts_with("usr/bin/") {
            ensure!(line.starts_with("-rwxr-xr-x"), "{wanted} cannot be started: {line}");
        }
    }
    let scripts = scripts(package, kind)?;
    ensure!(
        scripts.is_empty(),
        "{} runs scripts, which could touch what is the user's:\n{scripts}",
        package.display()
    );
    Ok(())
}

/// What a package runs when it is installed, upgraded or removed; nothing, so that a user's data stay as they are.
fn scripts(package: &Path, kind: &str) -> Result<String> {
    if kind != "deb" {
        return output(command("rpm").args(["-q", "--scripts", "--triggers", "-p"]).arg(package));
    }
    let said = output(command("dpkg-deb").arg("--info").arg(package))?;
    let names = ["preinst", "postinst", "prerm", "postrm", "config", "triggers"];
    let is_script =
        |line: &&str| line.split_whitespace().any(|word| names.contains(&word)) && line.contains(" lines ");
    Ok(said.lines().filter(is_script).collect::<Vec<_>>().join("\n"))
}
