//! What the product is called, which version it has and where it is published: the one place that every package takes
//! these from. They stand in `Cargo.toml` and `src-tauri/tauri.conf.json`.

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::step::{cargo, output, root};

/// The program that the window's icon and desktop entry are named for.
pub(crate) const ICON: &str = "tidemark-desktop";

/// The desktop entry's file, as Tauri's bundler names it.
pub(crate) const DESKTOP_ENTRY: &str = "Tidemark.desktop";

/// The facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Product {
    /// For people: `Tidemark`.
    pub name: String,
    /// `0.2.0`.
    pub version: String,
    /// In reverse: `dev.tidemark.Tidemark`.
    pub identifier: String,
    /// A line without a full stop.
    pub summary: String,
    /// A paragraph.
    pub description: String,
    /// Who publishes it.
    pub publisher: String,
    /// By SPDX.
    pub license: String,
    /// The address of the source, without a slash at its end.
    pub repository: String,
    /// The oldest macOS that it runs on: `13.0`. The window's page wants the WebKit of that one.
    pub macos: String,
}

impl Product {
    /// The name of the archive of the application for a Mac with this target.
    pub(crate) fn application_archive(&self, target: &str) -> String {
        let processor = if target.starts_with("aarch64") { "aarch64" } else { "x64" };
        format!("{}_{}_{processor}.app.tar.gz", self.name, self.version)
    }

    /// Reads them.
    pub(crate) fn read() -> Result<Product> {
        let metadata = output(cargo().args(["metadata", "--no-deps", "--format-version", "1", "--locked"]))?;
        let metadata: Value = serde_json::from_str(&metadata).context("what `cargo metadata` says")?;
        let bundle = root().join("src-tauri/tauri.conf.json");
        let bundle = std::fs::read_to_string(&bundle).with_context(|| bundle.display().to_string())?;
        Product::of(&metadata, &serde_json::from_str(&bundle).context("src-tauri/tauri.conf.json")?)
    }

    fn of(metadata: &Value, bundle: &Value) -> Result<Product> {
        let packages = metadata["packages"].as_array().context("packages in `cargo metadata`")?;
        let package = packages.iter().find(|package| package["name"] == "tidemark");
        let package = package.context("the workspace has no package `tidemark`")?;
        let text = |value: &Value, what: &str| {
            value.as_str().map(str::to_owned).with_context(|| format!("{what} is not set"))
        };
        Ok(Product {
            name: text(&bundle["productName"], "productName")?,
            version: text(&package["version"], "version")?,
            identifier: text(&bundle["identifier"], "identifier")?,
            summary: text(&bundle["bundle"]["shortDescription"], "shortDescription")?,
            description: text(&bundle["bundle"]["longDescription"], "longDescription")?,
            publisher: text(&bundle["bundle"]["publisher"], "publisher")?,
            license: text(&package["license"], "license")?,
            repository: text(&package["repository"], "repository")?.trim_end_matches('/').to_owned(),
            macos: text(&bundle["bundle"]["macOS"]["minimumSystemVersion"], "minimumSystemVersion")?,
        })
    }

    /// Where a release's files are downloaded from.
    pub(crate) fn release_url(&self) -> String {
        format!("{}/releases/download/v{}", self.repository, self.version)
    }

    /// The folder in, and with `.tar.gz` the name of, the archive of the programs for a target.
    pub(crate) fn archive_folder(&self, target: &str) -> String {
        format!("tidemark-{}-{target}", self.version)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;

    /// A product for tests.
    pub(crate) fn example() -> Product {
        Product::of(
            &json!({ "packages": [
                { "name": "other", "version": "9.9.9" },
                { "name": "tidemark", "version": "1.2.3", "license": "MIT OR Apache-2.0",
                  "repository": "https://example.org/tidemark/" },
            ] }),
            &json!({ "productName": "Tidemark", "identifier": "dev.tidemark.Tidemark", "bundle": {
                "shortDescription": "Usage & quotas", "longDescription": "A dashboard.", "publisher": "Authors",
                "macOS": { "minimumSystemVersion": "13.0" },
            } }),
        )
        .unwrap()
    }

    #[test]
    fn facts_come_from_the_package_and_the_bundle() {
        let product = example();
        assert_eq!(product.version, "1.2.3");
        assert_eq!(product.release_url(), "https://example.org/tidemark/releases/download/v1.2.3");
        assert_eq!(
            product.archive_folder("x86_64-unknown-linux-gnu"),
            "tidemark-1.2.3-x86_64-unknown-linux-gnu"
        );
    }

    #[test]
    fn a_missing_fact_is_named() {
        let error = Product::of(&json!({ "packages": [{ "name": "tidemark" }] }), &json!({})).unwrap_err();
        assert!(error.to_string().contains("is not set"), "{error}");
        assert!(Product::read().is_ok(), "{:?}", Product::read());
    }
}
