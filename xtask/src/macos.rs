//! The code for macOS, checked on another system: compiled as far as types and lints go. Nothing is linked or run.

use anyhow::Result;

use crate::plan::LeftOut;
use crate::step::{cargo, root, target};
use crate::{clippy, python_tools, rustup};

/// Macs with Apple's processors.
pub(crate) const APPLE: &str = "aarch64-apple-darwin";
/// Macs with Intel's.
pub(crate) const INTEL: &str = "x86_64-apple-darwin";

/// Fetches what the check needs and this system lacks: Rust's standard libraries, and a C compiler for build scripts. No other
/// source than rustup's has those libraries, so that a machine that cannot reach it leaves macOS out, and says so.
pub(crate) fn prepare(yes: bool) -> Result<()> {
    for target in [APPLE, INTEL] {
        rustup::ensure(target, yes).map_err(|why| {
            LeftOut(format!("macOS cannot be checked without Rust's standard library for {target}: {why:#}"))
        })?;
    }
    zig().map(drop)
}

fn zig() -> Result<std::path::PathBuf> {
    Ok(python_tools::module("ziglang", "xtask/ziglang.txt")?.join("zig"))
}

/// Checks the whole workspace for a target, with clippy; a warning is an error. Tests and examples for Apple's processors alone:
/// they are the same on both.
pub(crate) fn check(triple: &str) -> Result<()> {
    let folder = target().join("macos");
    // Where build scripts look for Apple's own headers, which are not there.
    let sdk = folder.join("sdk");
    std::fs::create_dir_all(&sdk)?;
    let mut check = cargo();
    check.args(["check", "--locked", "--workspace", "--target", triple]);
    if triple == APPLE {
        check.arg("--all-targets");
    }
    let compiler = root().join("xtask/macos/cc");
    check.env(format!("CC_{}", triple.replace('-', "_")), compiler);
    check.env(format!("AR_{}", triple.replace('-', "_")), "ar");
    check.env("SDKROOT", sdk).env("ZIG", zig()?).env("ZIG_GLOBAL_CACHE_DIR", folder.join("zig"));
    clippy::without_warnings(clippy::with_clippy(check))
}
