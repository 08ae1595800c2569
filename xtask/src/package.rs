//! `cargo xtask package`: a `.deb` and an `.rpm`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;

use crate::front_end;
use crate::step::{Steps, cargo, command, output, root, run, target};

/// What each package must hold.
const CONTENTS: [&str; 7] = [
    "usr/bin/tidemark",
    "usr/bin/tidemark-desktop",
    "usr/share/applications/Tidemark.desktop",
    "usr/share/icons/hicolor/32x32/apps/tidemark-desktop.png",
    "usr/share/icons/hicolor/128x128/apps/tidemark-desktop.png",
    "usr/share/icons/hicolor/512x512/apps/tidemark-desktop.png",
    "usr/share/doc/tidemark/LICENSE-MIT",
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

    /// Their Debian package, where it has been made.
    pub(crate) fn deb(self) -> Option<PathBuf> {
        let made = std::fs::read_dir(self.packages()).into_iter().flatten().flatten();
        made.map(|entry| entry.path()).find(|path| path.extension().is_some_and(|is| is == "deb"))
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
    run(&mut build)
}

/// Makes both packages of programs that are built.
pub(crate) fn bundle(programs: Programs) -> Result<()> {
    // The bundler takes files only from where they are; where Cargo puts them is known here.
    let built = programs.built();
    let files = json!({
        "/usr/bin/tidemark": built.join("tidemark"),
        "/usr/share/doc/tidemark/LICENSE-MIT": root().join("LICENSE-MIT"),
        "/usr/share/doc/tidemark/LICENSE-APACHE": root().join("LICENSE-APACHE"),
    });
    let config = json!({ "bundle": { "linux": { "deb": { "files": files }, "rpm": { "files": files } } } });
    let bundles = built.join("bundle");
    if bundles.exists() {
        std::fs::remove_dir_all(&bundles)?; // packages of other versions
    }
    let mut packer = command(front_end::folder().join("node_modules/.bin/tauri"));
    // Both kinds in one command: the bundler writes into the program, which would be built again between.
    packer.current_dir(root().join("src-tauri")).args(["bundle", "--bundles", "deb,rpm", "--ci", "--config"]);
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
    for kind in ["deb", "rpm"] {
        let made = only_file(&bundles.join(kind), kind)?;
        let name = made.file_name().context("a package's name")?;
        let to = out.join(name);
        std::fs::copy(&made, &to)?;
        check(&to, kind)?;
        let size = to.metadata()?.len();
        eprintln!("{}: {:.1} MiB", to.display(), mebibytes(size));
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

/// Checks a package: everything is in it and can be started.
fn check(package: &Path, kind: &str) -> Result<()> {
    let list = match kind {
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
    Ok(())
}
