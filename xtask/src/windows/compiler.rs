//! Which compiler builds for Windows: rustup's, with the standard library for Windows that it fetches in seconds, else
//! Debian's.
//!
//! Debian packs a newer compiler than its own (`rustc-web`) with the sources of the standard library, which are then
//! built with everything else. The packages conflict with rustup where they are installed, so they are unpacked into a
//! folder below `target`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::wine::in_windows;
use crate::step::{cargo, command, output, root, run, target};
use crate::{clippy, rustup};

/// What is built for.
pub(crate) const TARGET: &str = "x86_64-pc-windows-gnu";

/// A compiler that can build for Windows.
#[derive(Debug)]
pub(crate) enum Compiler {
    /// The one that built this program.
    Rustup,
    /// Debian's, unpacked into this folder.
    Debian(PathBuf),
}

impl Compiler {
    /// The compiler to use. What it lacks is fetched, after a question; Debian's only where it is asked for, or where
    /// rustup's cannot be had.
    pub(crate) fn find(debian: bool, yes: bool) -> Result<Self> {
        let rustup = !debian
            && rustup::ensure(TARGET, yes).inspect_err(|why| eprintln!("not rustup's: {why:#}")).is_ok();
        let compiler = if rustup { Self::Rustup } else { Self::Debian(unpacked(yes)?) };
        match &compiler {
            Self::Rustup => eprintln!("rustup's, which has the target {TARGET}"),
            Self::Debian(folder) => eprintln!("Debian's, in {}", folder.display()),
        }
        Ok(compiler)
    }

    /// Cargo with this subcommand, for Windows.
    pub(crate) fn cargo(&self, subcommand: &[&str]) -> Command {
        let mut cargo = cargo();
        cargo.args(subcommand).args(["--target", TARGET, "--locked"]);
        cargo.env("CC_x86_64_pc_windows_gnu", "x86_64-w64-mingw32-gcc");
        cargo.env("CXX_x86_64_pc_windows_gnu", "x86_64-w64-mingw32-g++");
        // There is no Cargo in Wine to be asked. The tests are compiled with it.
        cargo.env("INSTA_WORKSPACE_ROOT", in_windows(&root()));
        if let Self::Debian(folder) = self {
            cargo.arg("-Zbuild-std=std,panic_abort,panic_unwind");
            cargo.env("RUSTC_BOOTSTRAP", "1"); // for `-Z`
            cargo.env("RUSTC", folder.join("usr/bin/rustc")).env("RUSTDOC", folder.join("usr/bin/rustdoc"));
            cargo.env("LD_LIBRARY_PATH", libraries(folder));
        }
        cargo
    }

    /// As [`Compiler::cargo`]; where this is rustup's compiler, its clippy checks the workspace's own crates.
    pub(crate) fn with_clippy(&self, subcommand: &[&str]) -> Command {
        let cargo = self.cargo(subcommand);
        if matches!(self, Self::Rustup) { clippy::with_clippy(cargo) } else { cargo }
    }
}

fn libraries(folder: &Path) -> String {
    format!("{0}/usr/lib/x86_64-linux-gnu:{0}/usr/lib", folder.display())
}

/// Debian's compiler, fetched and unpacked unless it is there.
fn unpacked(yes: bool) -> Result<PathBuf> {
    let folder = target().join("windows/compiler");
    let done = folder.join("usr/bin/rustc");
    if done.is_file() {
        return Ok(folder);
    }
    crate::packages::agree("Fetch Debian's compiler, about 120 MB, into the folder target?", yes)?;
    let packages = target().join("windows/packages");
    std::fs::create_dir_all(&packages)?;
    // The number of the version is a part of the library's name.
    let search = output(command("apt-cache").args(["search", "--names-only", r"^libstd-rust-web-[0-9.]+$"]))?;
    let Some(library) = newest(&search) else {
        bail!("apt has no rustc-web; try `apt-get update`, or `rustup target add {TARGET}`");
    };
    let depends = output(command("apt-cache").args(["depends", &library]))?;
    let llvm = depends
        .lines()
        .find_map(|line| line.trim().strip_prefix("Depends: ").filter(|name| name.starts_with("libllvm")))
        .context("rustc-web needs no LLVM?")?;
    let names = ["rustc-web", &library, "libstd-rust-web-dev", "rust-web-src", "rust-web-llvm", llvm];
    run(command("apt-get").current_dir(&packages).args(["download", "-q"]).args(names))?;
    let unpacking = target().join("windows/compiler.part");
    if unpacking.exists() {
        std::fs::remove_dir_all(&unpacking)?;
    }
    for package in std::fs::read_dir(&packages)? {
        run(command("dpkg-deb").arg("-x").arg(package?.path()).arg(&unpacking))?;
    }
    std::fs::rename(&unpacking, &folder)?;
    std::fs::remove_dir_all(&packages)?;
    Ok(folder)
}

/// The package of the newest version, of the lines of `apt-cache search`.
fn newest(lines: &str) -> Option<String> {
    let names = lines.lines().filter_map(|line| line.split(' ').next());
    let version = |name: &str| -> Vec<u32> {
        let (_, version) = name.rsplit_once('-').unwrap_or_default();
        version.split('.').filter_map(|part| part.parse().ok()).collect()
    };
    names.max_by_key(|name| version(name)).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_library_is_found_by_number_and_not_by_letters() {
        let lines = "libstd-rust-web-1.85 - Rust standard libraries\n\
            libstd-rust-web-1.100 - Rust standard libraries\nlibstd-rust-web-1.96 - Rust standard libraries\n";
        assert_eq!(newest(lines).as_deref(), Some("libstd-rust-web-1.100"));
        assert_eq!(newest(""), None);
    }
}
