//! The crates that are published, so that `cargo install tidemark` and `cargo binstall tidemark` work: whether each could be.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::step::{cargo, output, run, target};

/// Packs every crate as `cargo publish` would. It compiles none of them again, and uploads nothing.
pub(crate) fn check() -> Result<()> {
    let metadata = output(cargo().args(["metadata", "--no-deps", "--format-version", "1", "--locked"]))?;
    let names = published(&serde_json::from_str(&metadata)?)?;
    let mut package = cargo();
    package.args(["package", "--quiet", "--locked", "--no-verify", "--allow-dirty", "--target-dir"]);
    package.arg(target().join("crates"));
    for name in &names {
        package.args(["--package", name]);
    }
    run(&mut package)
}

/// The names of the crates that may be published.
///
/// # Errors
/// Where one lacks what crates.io asks for, or depends on a crate that is not published.
fn published(metadata: &Value) -> Result<Vec<String>> {
    let packages = metadata["packages"].as_array().context("packages in `cargo metadata`")?;
    let is_published = |package: &Value| package["publish"].is_null();
    let name = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
    let names: Vec<String> = packages.iter().filter(|package| is_published(package)).map(name).collect();
    for package in packages.iter().filter(|package| is_published(package)) {
        let own = name(package);
        for fact in ["description", "license", "repository"] {
            let is_set = package[fact].as_str().is_some_and(|text| !text.is_empty());
            ensure!(is_set, "{own} has no {fact}");
        }
        let dependencies = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
        // What only tests need is left out of what is published.
        for dependency in dependencies.iter().filter(|dependency| dependency["kind"] != "dev") {
            let on = name(dependency);
            let is_own = packages.iter().any(|package| name(package) == on);
            ensure!(!is_own || names.contains(&on), "{own} is published and {on}, which it needs, is not");
        }
    }
    ensure!(names.iter().any(|name| name == "tidemark"), "the command line is not published: {names:?}");
    Ok(names)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, publish: &Value, on: &[(&str, Value)]) -> Value {
        let dependencies: Vec<Value> =
            on.iter().map(|(name, kind)| json!({ "name": name, "kind": kind })).collect();
        json!({ "name": name, "publish": publish, "dependencies": dependencies,
                "description": "a", "license": "MIT", "repository": "https://example.org" })
    }

    #[test]
    fn a_crate_that_needs_an_unpublished_one_cannot_be_published() {
        let tests = package("tests", &json!([]), &[]);
        let alone = |on: &[(&str, Value)]| {
            published(&json!({ "packages": [package("tidemark", &Value::Null, on), tests.clone()] }))
        };
        assert_eq!(alone(&[("tests", json!("dev")), ("serde", Value::Null)]).unwrap(), ["tidemark"]);
        let error = alone(&[("tests", Value::Null)]).unwrap_err();
        assert!(error.to_string().contains("tests, which it needs"), "{error}");
    }

    #[test]
    fn a_crate_says_what_it_is() {
        let mut crate_ = package("tidemark", &Value::Null, &[]);
        crate_["description"] = Value::Null;
        let error = published(&json!({ "packages": [crate_] })).unwrap_err();
        assert_eq!(error.to_string(), "tidemark has no description");
    }
}
