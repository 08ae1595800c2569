//! On Windows a program carries its icon, its version and a manifest, which says what it expects of the system.

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_CFG_WINDOWS").is_none() {
        return Ok(());
    }
    let own = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let manifest = own.join("windows/manifest.xml");
    println!("cargo::rerun-if-changed={}", manifest.display());
    let mut script = format!("1 24 {}\n", quoted(&manifest));
    // A crate from crates.io comes without it.
    let icon = own.join("../../icons/icon.ico");
    if icon.is_file() {
        println!("cargo::rerun-if-changed={}", icon.display());
        writeln!(script, "1 ICON {}", quoted(&icon))?;
    }
    script += &version();
    let file = PathBuf::from(std::env::var("OUT_DIR")?).join("tidemark.rc");
    std::fs::write(&file, script)?;
    embed_resource::compile(&file, embed_resource::NONE).manifest_required()?;
    Ok(())
}

/// A path as a resource script takes it.
fn quoted(path: &std::path::Path) -> String {
    format!("\"{}\"", path.display().to_string().replace('\\', "/"))
}

fn version() -> String {
    let number = [
        env!("CARGO_PKG_VERSION_MAJOR"),
        env!("CARGO_PKG_VERSION_MINOR"),
        env!("CARGO_PKG_VERSION_PATCH"),
        "0",
    ]
    .join(",");
    let texts = [
        ("CompanyName", env!("CARGO_PKG_AUTHORS")),
        ("FileDescription", "Tidemark: command line and background agent"),
        ("FileVersion", env!("CARGO_PKG_VERSION")),
        ("InternalName", "tidemark"),
        ("OriginalFilename", "tidemark.exe"),
        ("ProductName", "Tidemark"),
        ("ProductVersion", env!("CARGO_PKG_VERSION")),
    ];
    let mut block = String::new();
    for (name, text) in texts {
        let _ = writeln!(block, "VALUE \"{name}\", \"{text}\""); // a string takes everything
    }
    // American English, in Unicode: what Windows asks for first where a program speaks every language.
    format!(
        "1 VERSIONINFO\nFILEVERSION {number}\nPRODUCTVERSION {number}\nFILEOS 0x40004\nFILETYPE 1\nBEGIN\n\
         BLOCK \"StringFileInfo\"\nBEGIN\nBLOCK \"040904b0\"\nBEGIN\n{block}END\nEND\n\
         BLOCK \"VarFileInfo\"\nBEGIN\nVALUE \"Translation\", 0x409, 1200\nEND\nEND\n"
    )
}
