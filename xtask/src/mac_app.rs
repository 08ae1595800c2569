//! `cargo xtask package` on a Mac: the agent's application inside the window's, and what is made of both.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::install_tree::values;
use crate::product::Product;
use crate::step::{command, output, root, run};
use crate::template;

/// The agent's application, below `Contents` of the window's; as in `crates/files/src/bundle.rs`.
const AGENT: &str = "Helpers/Tidemark Agent.app";

/// The variable with the name of the certificate to sign with. Without it the signature says only that nothing was changed
/// since: Macs with Apple's processors start nothing that has none.
const IDENTITY: &str = "APPLE_SIGNING_IDENTITY";

/// The languages of the texts, as a Mac names them.
const LANGUAGES: [&str; 2] = ["en", "zh-Hans"];

/// The bundler's configuration beyond `tauri.conf.json`: what it puts into the application, and how it signs. What is
/// put there is laid into `made`, which is emptied before.
pub(crate) fn configuration(product: &Product, built: &Path, made: &Path) -> Result<Value> {
    if made.exists() {
        std::fs::remove_dir_all(made)?;
    }
    let files = lay(product, built, made)?;
    write_help(built, made)?;
    let identity = identity();
    sign(&made.join("agent.app"), &identity)?;
    Ok(json!({ "bundle": { "macOS": { "files": files, "signingIdentity": identity } } }))
}

fn identity() -> String {
    std::env::var(IDENTITY).ok().filter(|name| !name.is_empty()).unwrap_or_else(|| "-".to_owned())
}

/// Lays the agent's application and the other files that belong below `Contents`; by their places there.
fn lay(product: &Product, built: &Path, made: &Path) -> Result<serde_json::Map<String, Value>> {
    let mut files = serde_json::Map::new();
    let mut add = |to: String, from: PathBuf| files.insert(to, from.display().to_string().into());
    let packaging = root().join("packaging/macos");
    let copy = |from: &Path, to: &Path| -> Result<()> {
        std::fs::create_dir_all(to.parent().context("a file's folder")?)?;
        std::fs::copy(from, to).with_context(|| format!("{} to {}", from.display(), to.display()))?;
        Ok(())
    };

    let agent = made.join("agent.app/Contents");
    copy(&built.join("tidemark"), &agent.join("MacOS/tidemark"))?;
    std::fs::write(agent.join("Info.plist"), agent_plist(product)?)?;
    copy(&root().join("icons/icon.icns"), &agent.join("Resources/icon.icns"))?;
    for language in LANGUAGES {
        let names = format!("Resources/{language}.lproj/InfoPlist.strings");
        copy(&packaging.join("agent-names.strings"), &agent.join(&names))?;
        add(names, packaging.join(format!("window-texts.{language}.strings")));
    }
    add(AGENT.to_owned(), made.join("agent.app"));
    add("Resources/man".to_owned(), made.join("man"));
    add("Resources/completions".to_owned(), made.join("completions"));
    Ok(files)
}

/// Writes manual pages and completions beside the agent's application, by the program itself.
fn write_help(built: &Path, made: &Path) -> Result<()> {
    let program = built.join("tidemark");
    for (language, folder) in [("en", "man/man1"), ("zh-CN", "man/zh_CN/man1")] {
        run(command(&program).args(["--lang", language, "man-pages"]).arg(made.join(folder)))?;
    }
    let folder = made.join("completions");
    std::fs::create_dir_all(&folder)?;
    for (shell, name) in [("bash", "tidemark.bash"), ("zsh", "_tidemark"), ("fish", "tidemark.fish")] {
        let script = output(command(&program).args(["--lang", "en", "completions", shell]))?;
        std::fs::write(folder.join(name), script)?;
    }
    Ok(())
}

/// The property list of the agent's application.
pub(crate) fn agent_plist(product: &Product) -> Result<String> {
    let path = root().join("packaging/macos/agent.plist.in");
    let template = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    template::fill(&template, &values(product)).with_context(|| path.display().to_string())
}

/// Signs an application or a program. What is inside another is signed first; the bundler signs the outer one.
fn sign(what: &Path, identity: &str) -> Result<()> {
    let mut codesign = command("codesign");
    codesign.args(["--force", "--options", "runtime", "--sign", identity]);
    if identity != "-" {
        // For Apple's check of what is published.
        codesign.arg("--timestamp");
    }
    run(codesign.arg(what))
}

/// Checks the application that the bundler has made, and puts it and the command line into archives in `out`.
pub(crate) fn finish(product: &Product, application: &Path, made: &Path, out: &Path) -> Result<()> {
    run(command("codesign").args(["--verify", "--deep", "--strict", "--verbose=2"]).arg(application))?;
    let contents = application.join("Contents");
    let agent = contents.join(AGENT).join("Contents");
    for plist in [contents.join("Info.plist"), agent.join("Info.plist")] {
        run(command("plutil").arg("-lint").arg(plist))?;
    }
    for (program, name) in [
        (agent.join("MacOS/tidemark"), "tidemark"),
        (contents.join("MacOS/tidemark-desktop"), "tidemark-desktop"),
    ] {
        let said = output(command(&program).arg("--version"))?;
        let expected = format!("{name} {}", product.version);
        ensure!(said.trim() == expected, "{} says {said:?}, expected {expected}", program.display());
    }

    let host = output(command("rustc").arg("-vV"))?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc's target")?;
    let folder = application.parent().context("the application's folder")?;
    let name = application.file_name().context("the application's name")?;
    pack(folder, name.as_ref(), &out.join(product.application_archive(host)))?;

    // The command line alone, as `cargo binstall` looks for it.
    let tree = made.join("tree").join(product.archive_folder(host));
    std::fs::create_dir_all(tree.join("bin"))?;
    std::fs::create_dir_all(tree.join("share"))?;
    std::fs::copy(agent.join("MacOS/tidemark"), tree.join("bin/tidemark"))?;
    // Its signature was the application's, which it is no longer in.
    sign(&tree.join("bin/tidemark"), &identity())?;
    for part in ["man", "completions"] {
        run(command("cp").arg("-R").arg(made.join(part)).arg(tree.join("share")))?;
    }
    for license in ["LICENSE-MIT", "LICENSE-APACHE"] {
        std::fs::copy(root().join(license), tree.join(license))?;
    }
    let name = product.archive_folder(host);
    pack(&made.join("tree"), name.as_ref(), &out.join(format!("{name}.tar.gz")))
}

/// Packs a folder. Without the variable, tar would put a Mac's own attributes into files beside the files.
fn pack(parent: &Path, name: &Path, archive: &Path) -> Result<()> {
    let mut tar = command("tar");
    tar.env("COPYFILE_DISABLE", "1").args(["-c", "-z", "-f"]).arg(archive).arg("-C").arg(parent).arg(name);
    run(&mut tar)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::tests::example;

    #[test]
    fn the_agent_s_application_is_laid_where_the_programs_look_for_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let (built, made) = (folder.path().join("built"), folder.path().join("made"));
        std::fs::create_dir(&built).unwrap();
        std::fs::write(built.join("tidemark"), "program").unwrap();
        let files = lay(&example(), &built, &made).unwrap();
        let bundle = std::fs::read_to_string(root().join("crates/files/src/bundle.rs")).unwrap();
        assert!(bundle.contains(&format!("\"{AGENT}/Contents/MacOS/tidemark\"")), "the programs look there");
        assert_eq!(files[AGENT], made.join("agent.app").display().to_string());
        let agent = made.join("agent.app/Contents");
        assert_eq!(std::fs::read_to_string(agent.join("MacOS/tidemark")).unwrap(), "program");
        for language in LANGUAGES {
            let strings = format!("Resources/{language}.lproj/InfoPlist.strings");
            assert!(agent.join(&strings).is_file(), "{strings}");
            assert!(Path::new(files[&strings].as_str().unwrap()).is_file(), "{strings}");
        }
        let plist = std::fs::read_to_string(agent.join("Info.plist")).unwrap();
        let id = format!("{}.agent", example().identifier);
        assert!(plist.contains(&format!("<string>{id}</string>")) && bundle.contains(&format!("\"{id}\"")));
        assert!(plist.contains("<key>LSUIElement</key>\n  <true/>"), "{plist}");
    }
}
