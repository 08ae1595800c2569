//! Builds the public key in that releases are signed with, where the project has one.

use std::path::Path;

/// Where it may be: in the published crate, and in the project.
const PLACES: [&str; 2] = ["minisign.pub", "../../packaging/minisign.pub"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-check-cfg=cfg(has_release_key)");
    // A file that is not there would have this run at each build; its folder's change says that it has come.
    for folder in [".", "../../packaging"].iter().map(Path::new).filter(|folder| folder.is_dir()) {
        println!("cargo:rerun-if-changed={}", folder.display());
    }
    for place in PLACES {
        let Ok(text) = std::fs::read_to_string(place) else { continue };
        // A comment, and the key below it.
        let Some(key) = text.lines().nth(1).map(str::trim).filter(|key| !key.is_empty()) else {
            println!("cargo:error={place} is no public key of minisign");
            return;
        };
        println!("cargo:rustc-env=TIDEMARK_BUILT_IN_RELEASE_KEY={key}");
        return;
    }
}
