//! What the programs are made of, as a bill of materials in CycloneDX: crates by what Cargo resolves, and the packages
//! of the window's code by npm's lock file.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::product::Product;
use crate::step::{cargo, output, root};

/// The bill for the programs on these targets.
pub(crate) fn bill(product: &Product, targets: &[&str]) -> Result<Value> {
    let mut metadata = cargo();
    metadata.args(["metadata", "--format-version", "1", "--locked"]);
    for target in targets {
        metadata.args(["--filter-platform", target]);
    }
    let metadata: Value =
        serde_json::from_str(&output(&mut metadata)?).context("what `cargo metadata` says")?;
    let lock = std::fs::read_to_string(root().join("Cargo.lock"))?;
    let npm = std::fs::read_to_string(root().join("ui/package-lock.json"))?;
    of(product, &metadata, &lock, &serde_json::from_str(&npm)?)
}

fn of(product: &Product, metadata: &Value, lock: &str, npm: &Value) -> Result<Value> {
    let packages = metadata["packages"].as_array().context("packages")?;
    let by_id: BTreeMap<&str, &Value> =
        packages.iter().filter_map(|package| Some((package["id"].as_str()?, package))).collect();
    let nodes = metadata["resolve"]["nodes"].as_array().context("resolve")?;
    let links: BTreeMap<&str, Vec<&str>> =
        nodes.iter().filter_map(|node| Some((node["id"].as_str()?, linked(node)))).collect();
    let hashes = checksums(lock);

    let mut waiting: Vec<&str> = by_id
        .iter()
        .filter(|(_, package)| {
            ["tidemark", "tidemark-desktop"].contains(&package["name"].as_str().unwrap_or_default())
        })
        .map(|(id, _)| *id)
        .collect();
    let roots: Vec<String> = waiting.iter().filter_map(|id| reference(by_id.get(id)?)).collect();
    let mut seen = BTreeSet::new();
    let (mut components, mut dependencies) = (Vec::new(), Vec::new());
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        let package = *by_id.get(id).with_context(|| format!("{id} is no package"))?;
        let on = links.get(id).cloned().unwrap_or_default();
        let own = reference(package).context("a package without a name")?;
        let mut names: Vec<String> = on.iter().filter_map(|id| reference(by_id.get(id)?)).collect();
        names.sort();
        dependencies.push((own.clone(), names));
        components.push((own, component(package, &hashes)));
        waiting.extend(on);
    }
    let shipped = shipped_by_npm(npm);
    for (name, version, integrity, license) in &shipped {
        let purl = format!("pkg:npm/{}@{version}", name.replace('@', "%40"));
        let mut component =
            json!({ "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl });
        if let Some(hash) = integrity.as_deref().and_then(sha512) {
            component["hashes"] = json!([{ "alg": "SHA-512", "content": hash }]);
        }
        if let Some(license) = license {
            component["licenses"] = json!([{ "expression": license }]);
        }
        components.push((purl.clone(), component));
        dependencies.push((purl, Vec::new()));
    }
    components.sort_by(|a, b| a.0.cmp(&b.0));
    dependencies.sort();

    let own = format!("pkg:generic/tidemark@{}", product.version);
    let npm_names =
        shipped.iter().map(|(name, version, ..)| format!("pkg:npm/{}@{version}", name.replace('@', "%40")));
    let all: BTreeSet<String> = roots.into_iter().chain(npm_names).collect();
    let mut graph = vec![json!({ "ref": own, "dependsOn": all })];
    graph.extend(dependencies.iter().map(|(name, on)| json!({ "ref": name, "dependsOn": on })));
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": {
            "type": "application",
            "bom-ref": own,
            "name": product.name,
            "version": product.version,
            "purl": own,
            "description": product.summary,
            "licenses": [{ "expression": product.license }],
            "externalReferences": [{ "type": "vcs", "url": product.repository }],
        } },
        "components": components.into_iter().map(|(_, component)| component).collect::<Vec<_>>(),
        "dependencies": graph,
    }))
}

/// What a package is linked with: what only tests need, or only the build, is not in the program.
fn linked(node: &Value) -> Vec<&str> {
    let all = node["deps"].as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter()
        .filter(|dependency| {
            let kinds = dependency["dep_kinds"].as_array().map(Vec::as_slice).unwrap_or_default();
            kinds.iter().any(|kind| kind["kind"].is_null())
        })
        .filter_map(|dependency| dependency["pkg"].as_str())
        .collect()
}

fn reference(package: &Value) -> Option<String> {
    Some(format!("pkg:cargo/{}@{}", package["name"].as_str()?, package["version"].as_str()?))
}

fn component(package: &Value, hashes: &BTreeMap<(String, String), String>) -> Value {
    let (name, version) =
        (package["name"].as_str().unwrap_or_default(), package["version"].as_str().unwrap_or_default());
    let purl = format!("pkg:cargo/{name}@{version}");
    let mut component =
        json!({ "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl });
    // Some crates still write a slash where SPDX has a word.
    if let Some(license) = package["license"].as_str() {
        component["licenses"] = json!([{ "expression": license.replace('/', " OR ") }]);
    }
    if let Some(hash) = hashes.get(&(name.to_owned(), version.to_owned())) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": hash }]);
    }
    if let Some(repository) = package["repository"].as_str().filter(|url| url.starts_with("https://")) {
        component["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
    }
    component
}

/// The SHA-256 of each crate's archive, by name and version.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let value = |entry: &str, name: &str| {
        let line = entry.lines().find_map(|line| line.strip_prefix(&format!("{name} = \"")))?;
        Some(line.trim_end_matches('"').to_owned())
    };
    lock.split("[[package]]")
        .filter_map(|entry| {
            Some(((value(entry, "name")?, value(entry, "version")?), value(entry, "checksum")?))
        })
        .collect()
}

/// Tools to npm, since they are only needed to build the window; their code ends up in it all the same.
const BUNDLED: [&str; 4] = ["@fluent/bundle", "clsx", "esm-env", "svelte"];

type Shipped = (String, String, Option<String>, Option<String>);

/// The packages whose code is in the window: name, version, integrity, licence. Tools are not.
fn shipped_by_npm(lock: &Value) -> Vec<Shipped> {
    let Some(packages) = lock["packages"].as_object() else { return Vec::new() };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    packages
        .iter()
        .filter_map(|(path, package)| {
            let (_, name) = path.rsplit_once("node_modules/")?;
            let is_tool = ["dev", "devOptional", "optional"].iter().any(|kind| package[kind] == true);
            if is_tool && !BUNDLED.contains(&name) {
                return None;
            }
            let facts = (text(&package["integrity"]), text(&package["license"]));
            Some((name.to_owned(), text(&package["version"])?, facts.0, facts.1))
        })
        .collect()
}

/// npm's `sha512-` with Base64, in hexadecimal as CycloneDX has it.
fn sha512(integrity: &str) -> Option<String> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text = integrity.split(' ').find_map(|part| part.strip_prefix("sha512-"))?;
    let (mut bits, mut held) = (0_u32, 0_u32);
    let mut hex = String::new();
    for byte in text.trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|known| *known == byte)?;
        bits = (bits << 6) | u32::try_from(value).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            hex.extend(
                [4, 0].map(|half| char::from_digit((bits >> (held + half)) & 0xf, 16).unwrap_or_default()),
            );
        }
    }
    (hex.len() == 128).then_some(hex)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::tests::example;

    #[test]
    fn what_is_linked_is_listed_and_what_only_builds_or_tests_is_not() {
        let package =
            |name: &str| json!({ "id": name, "name": name, "version": "1.0.0", "license": "MIT/Apache-2.0" });
        let dependency = |name: &str, kind: Value| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        let metadata = json!({
            "packages": [package("tidemark"), package("linked"), package("below"), package("builds"), package("tests")],
            "resolve": { "nodes": [
                { "id": "tidemark", "deps": [
                    dependency("linked", Value::Null), dependency("builds", json!("build")), dependency("tests", json!("dev")),
                ] },
                { "id": "linked", "deps": [dependency("below", Value::Null)] },
                { "id": "below", "deps": [] },
            ] },
        });
        let lock = "[[package]]\nname = \"linked\"\nversion = \"1.0.0\"\nchecksum = \"abc\"\n\n[[package]]\nname = \"below\"\nversion = \"1.0.0\"\n";
        let npm = json!({ "packages": {
            "": { "version": "0.0.0" },
            "node_modules/shown": { "version": "2.0.0", "license": "ISC" },
            "node_modules/tool": { "version": "3.0.0", "dev": true },
            "node_modules/svelte": { "version": "5.0.0", "dev": true },
        } });
        let bill = of(&example(), &metadata, lock, &npm).unwrap();
        let names: Vec<&str> =
            bill["components"].as_array().unwrap().iter().filter_map(|one| one["purl"].as_str()).collect();
        assert_eq!(
            names,
            [
                "pkg:cargo/below@1.0.0",
                "pkg:cargo/linked@1.0.0",
                "pkg:cargo/tidemark@1.0.0",
                "pkg:npm/shown@2.0.0",
                "pkg:npm/svelte@5.0.0"
            ]
        );
        let linked = &bill["components"][1];
        assert_eq!(linked["hashes"][0]["content"], "abc");
        assert_eq!(linked["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(
            bill["dependencies"][0],
            json!({ "ref": "pkg:generic/tidemark@1.2.3", "dependsOn": ["pkg:cargo/tidemark@1.0.0", "pkg:npm/shown@2.0.0", "pkg:npm/svelte@5.0.0"] })
        );
    }

    #[test]
    fn every_package_that_the_window_is_said_to_contain_is_locked() {
        let lock = std::fs::read_to_string(root().join("ui/package-lock.json")).unwrap();
        let shipped = shipped_by_npm(&serde_json::from_str(&lock).unwrap());
        for name in BUNDLED.iter().chain(&["@tauri-apps/api", "d3-array"]) {
            assert!(shipped.iter().any(|(shipped, ..)| shipped == name), "{name}");
        }
    }

    #[test]
    fn npm_s_hashes_become_hexadecimal() {
        // Of the empty text, as `openssl dgst -sha512` gives it.
        let empty =
            "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==";
        let hex = sha512(empty).unwrap();
        assert!(hex.starts_with("cf83e1357eefb8bdf1542850d66d8007"), "{hex}");
        assert!(hex.ends_with("a538327af927da3e"), "{hex}");
        assert_eq!(sha512("sha1-abc"), None);
        assert_eq!(sha512("sha512-a?"), None);
    }
}
