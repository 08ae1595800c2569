//! What a release says of itself, for the updater: the files that a program can install by itself, with sizes and hashes.
//! `crates/update` reads it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::product::Product;

/// The file's name, which the updater asks for.
pub(crate) const NAME: &str = "release.json";

/// What a file is, by what its name ends with: kind, system and processor, as the updater knows them.
const FILES: [(&str, &str, &str, &str); 6] = [
    ("amd64.AppImage", "appimage", "linux", "x86_64"),
    ("aarch64.AppImage", "appimage", "linux", "aarch64"),
    ("aarch64.app.tar.gz", "mac-app", "macos", "aarch64"),
    ("x64.app.tar.gz", "mac-app", "macos", "x86_64"),
    ("x64-setup.exe", "windows-installer", "windows", "x86_64"),
    ("arm64-setup.exe", "windows-installer", "windows", "aarch64"),
];

/// The document, in the format that all versions so far read.
pub(crate) fn document(
    product: &Product,
    date: &str,
    sums: &BTreeMap<String, String>,
    folder: &Path,
) -> Result<String> {
    let mut files = Vec::new();
    for (name, sha256) in sums {
        let Some((_, kind, system, processor)) = FILES.iter().find(|(ending, ..)| name.ends_with(ending))
        else {
            // No one would miss an installer or an image that no program can install.
            let known = [".AppImage", ".app.tar.gz", ".exe"].iter().any(|ending| name.ends_with(ending));
            ensure!(!known, "{name}: the updater would not know what it is for");
            continue;
        };
        let size = folder.join(name).metadata().with_context(|| name.clone())?.len();
        files.push(json!({
            "name": name, "kind": kind, "system": system, "processor": processor, "size": size, "sha256": sha256,
        }));
    }
    let document: Value = json!({
        "format": 1, "product": product.name, "version": product.version, "date": date, "files": files,
    });
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::tests::example;

    /// The updater's own test reads the same file.
    #[test]
    fn each_file_that_can_be_installed_is_named_with_what_it_is_for() {
        let folder = tempfile::tempdir().unwrap();
        let mut sums = BTreeMap::new();
        for name in [
            "Tidemark-1.2.3-x64-setup.exe",
            "Tidemark_1.2.3_aarch64.app.tar.gz",
            "Tidemark_1.2.3_amd64.AppImage",
            "Tidemark_1.2.3_amd64.deb",
            "tidemark-1.2.3-source.tar.gz",
        ] {
            std::fs::write(folder.path().join(name), name).unwrap();
            sums.insert(name.to_owned(), "0".repeat(64));
        }
        let text = document(&example(), "2026-12-01", &sums, folder.path()).unwrap();
        assert_eq!(text, include_str!("../../crates/update/tests/release.json"));
    }

    #[test]
    fn a_file_of_an_unknown_name_is_not_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.AppImage"), "x").unwrap();
        let sums = BTreeMap::from([("a.AppImage".to_owned(), "0".repeat(64))]);
        assert!(document(&example(), "2026-12-01", &sums, folder.path()).is_err());
    }
}
