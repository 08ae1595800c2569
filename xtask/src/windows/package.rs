//! The packages for Windows: an installer, a portable zip, and the manifests of winget and Scoop, which name the two.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::compiler::TARGET;
use crate::packaging;
use crate::product::Product;
use crate::step::{command, exists, output, root, run, target};

/// What the window's program loads when it starts, where it is built by mingw: the build lays it beside the program.
/// Microsoft's linker puts it in.
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
    folder.join(packaging::windows_installer(version))
}

/// Where Cargo has put the programs.
pub(crate) fn built(release: bool) -> PathBuf {
    target().join(TARGET).join(if release { "release" } else { "debug" })
}

/// Packs programs that are built into a folder, which is emptied first.
pub(crate) fn pack(product: &Product, programs: &Path, folder: &Path, pace: Pace) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    let files = folder.join("Tidemark");
    std::fs::create_dir_all(&files)?;
    let mut copies = vec![
        (programs.join("tidemark.exe"), "tidemark.exe"),
        (programs.join("tidemark-desktop.exe"), "tidemark-desktop.exe"),
        (root().join("icons/icon.ico"), "tidemark.ico"),
        (root().join("LICENSE-MIT"), "LICENSE-MIT.txt"),
        (root().join("LICENSE-APACHE"), "LICENSE-APACHE.txt"),
    ];
    if programs.join(LOADER).is_file() {
        copies.push((programs.join(LOADER), LOADER));
    }
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

    let installer = installer(folder, &product.version);
    let define = |name: &str, value: &dyn Display| format!("-D{name}={value}");
    let mut makensis = command(makensis()?);
    if pace == Pace::Quick {
        makensis.arg("-DQUICK");
    }
    run(makensis
        .args(["-V2", "-WX", "-INPUTCHARSET", "UTF8"])
        .arg(define("VERSION", &product.version))
        .arg(define("PUBLISHER", &product.publisher))
        .arg(define("FOLDER", &files.display()))
        .arg(define("OUT", &installer.display()))
        .arg(define("KIB", &(bytes / 1024)))
        .arg(root().join("packaging/windows/installer.nsi")))?;

    if pace == Pace::Quick {
        return Ok(());
    }
    let zip = folder.join(packaging::windows_zip(&product.version));
    if cfg!(windows) {
        // Windows's own, which makes a zip where a name ends so.
        run(command("tar").current_dir(folder).args(["-a", "-c", "-f"]).arg(&zip).arg("Tidemark"))?;
    } else {
        run(command("zip").current_dir(folder).args(["-q", "-X", "-r"]).arg(&zip).arg("Tidemark"))?;
    }
    for file in [&installer, &zip] {
        eprintln!("{}: {:.1} MiB", file.display(), mebibytes(file.metadata()?.len()));
    }
    Ok(())
}

/// On Windows itself: packs what `cargo build --release` has built, into a folder that then has the packages alone.
pub(crate) fn pack_here(programs: &Path, folder: &Path) -> Result<()> {
    let product = Product::read()?;
    pack(&product, programs, folder, Pace::Small)?;
    std::fs::remove_dir_all(folder.join("Tidemark"))?;
    Ok(())
}

/// NSIS's compiler; its own installer does not extend the path.
fn makensis() -> Result<PathBuf> {
    let name = "makensis";
    if exists(name, "-VERSION") {
        return Ok(name.into());
    }
    let folders = ["ProgramFiles(x86)", "ProgramFiles"].into_iter().filter_map(std::env::var_os);
    let found =
        folders.map(|folder| Path::new(&folder).join(r"NSIS\makensis.exe")).find(|path| path.is_file());
    match found {
        Some(path) => Ok(path),
        None => bail!("NSIS is missing, which makes the installer: `winget install NSIS.NSIS`"),
    }
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1_u32 << 20)
}

/// Writes the manifests for winget and Scoop beside the packages that they name. `base` is the address below which those
/// will be offered, if it is not the release's.
pub(crate) fn manifests(product: &Product, folder: &Path, base: Option<&str>) -> Result<()> {
    let hash = |name: &str| {
        let sum = output(command("sha256sum").arg(folder.join(name))).ok()?;
        Some(sum.split_whitespace().next()?.to_owned())
    };
    let out = folder.join("manifests");
    packaging::fill_for_windows(product, &hash, base, &out)?;
    eprintln!("{}: manifests for winget and Scoop", out.display());
    Ok(())
}
