//! Packs `ui/dist` into this crate, if the window's code has been built. Without it the crate is empty, so that the
//! command line can be built without Node.js.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

fn main() -> Result<(), Box<dyn Error>> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).ok_or(format!("{name} is not set"));
    let (out, here) = (variable("OUT_DIR")?, variable("CARGO_MANIFEST_DIR")?);
    let built = here.join("../../ui/dist");
    println!("cargo::rerun-if-changed=build.rs");
    let mut files = Vec::new();
    if built.join("index.html").is_file() {
        println!("cargo::rerun-if-changed={}", built.display());
        collect(&built, &mut files)?;
    } else {
        // A folder that is not there would be looked for at every build; its parent is there in a source tree.
        println!("cargo::rerun-if-changed={}", here.join("../../ui").display());
    }
    files.sort();
    let mut table = String::from("&[\n");
    for (number, file) in files.iter().enumerate() {
        let packed = out.join(format!("{number}.gz"));
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&fs::read(file)?)?;
        fs::write(&packed, encoder.finish()?)?;
        let path = file.strip_prefix(&built)?.to_string_lossy().replace('\\', "/");
        let packed = packed.to_string_lossy();
        writeln!(table, "    ({path:?}, include_bytes!({packed:?})),")?;
    }
    table.push_str("]\n");
    fs::write(out.join("files.rs"), table)?;
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
